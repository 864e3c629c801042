//! `leidraad verify DEST` and `leidraad clean`

use std::fmt::Write;
use std::path::Path;

use serde_json::json;

use crate::cli::args::{Clean, Format, Verify};
use crate::cli::interrupt::Interrupt;
use crate::cli::project::{self, complain, failed};
use crate::cli::{Exit, build};
use crate::diagnostic::escaped;
use crate::load::handbook::Drafts;
use crate::write;

/// Proves that a built site is whole.
pub fn verify(command: &Verify) -> Result<Exit, Exit> {
    is_there(&command.dest)?;
    let source = match &command.source {
        None => None,
        Some(dir) => {
            let reading = command.judging.reading(Drafts::Left);
            let project = project::open(dir, reading, std::slice::from_ref(&command.dest))?;
            Some(project.composed.handbook.source_digest)
        }
    };
    let problems = write::verify(&command.dest, source).map_err(|error| failed(&error))?;
    let out = match command.judging.format {
        Format::Json => {
            let list: Vec<serde_json::Value> = problems
                .iter()
                .map(|problem| json!({ "path": &*problem.path, "problem": problem.kind.as_str() }))
                .collect();
            format!("{}\n", serde_json::Value::Array(list))
        }
        Format::Text | Format::Github if problems.is_empty() => {
            format!("{}: whole\n", escaped(&command.dest.display().to_string()))
        }
        Format::Text | Format::Github => problems.iter().fold(String::new(), |mut out, problem| {
            let _ = writeln!(out, "{:<8} {}", problem.kind.as_str(), escaped(&problem.path));
            out
        }),
    };
    match super::print(out.as_bytes()) {
        Exit::Done if !problems.is_empty() => Ok(Exit::Content),
        exit => Ok(exit),
    }
}

/// A folder that was typed and is not there is no site that is wrong.
pub fn is_there(dest: &Path) -> Result<(), Exit> {
    if dest.is_dir() {
        return Ok(());
    }
    complain(&format!("there is no folder `{}`", dest.display()));
    Err(Exit::Usage)
}

/// Removes a built site.
pub fn clean(command: &Clean, interrupt: &Interrupt) -> Result<Exit, Exit> {
    let request = project::request(&command.dir, command.dest.as_deref())?;
    interrupt.hold();
    let left = write::clean(&request).map_err(|error| failed(&error))?;
    build::tell_left(&left);
    Ok(Exit::Done)
}
