//! `leidraad verify DEST` and `leidraad clean`

use std::fmt::Write;

use serde_json::json;

use crate::cli::Exit;
use crate::cli::args::{Clean, Format, Verify};
use crate::cli::project::{self, complain};
use crate::diagnostic::escaped;
use crate::load::handbook::Drafts;
use crate::write::{self, Request, WriteError};

/// Proves that a built site is whole.
pub fn verify(command: &Verify) -> Exit {
    let source = match &command.source {
        None => None,
        Some(dir) => match project::open(dir, Drafts::Left, std::slice::from_ref(&command.dest)) {
            Ok(project) => Some(project.composed.handbook.source_digest),
            Err(exit) => return exit,
        },
    };
    let problems = match write::verify(&command.dest, source) {
        Ok(problems) => problems,
        Err(error) => return failed(&error),
    };
    let out = match command.format {
        Format::Json => {
            let list: Vec<serde_json::Value> = problems
                .iter()
                .map(|problem| json!({ "path": &*problem.path, "problem": problem.kind.as_str() }))
                .collect();
            format!("{}\n", serde_json::Value::Array(list))
        }
        Format::Text if problems.is_empty() => format!("{}: whole\n", escaped(&command.dest.display().to_string())),
        Format::Text => problems.iter().fold(String::new(), |mut out, problem| {
            let _ = writeln!(out, "{:<8} {}", problem.kind.as_str(), escaped(&problem.path));
            out
        }),
    };
    match super::print(out.as_bytes()) {
        Exit::Done if !problems.is_empty() => Exit::Content,
        exit => exit,
    }
}

/// Removes a built site.
pub fn clean(command: &Clean) -> Exit {
    let project = match project::open(&command.dir, Drafts::Left, &[]) {
        Ok(project) => project,
        Err(exit) => return exit,
    };
    let config = &project.composed.handbook.config;
    let dest = project::destination(&command.dir, command.dest.as_deref(), config);
    let mut request = Request::new(&command.dir, &dest);
    request.inputs = project::inputs(&command.dir, config);
    match write::clean(&request) {
        Ok(_) => Exit::Done,
        Err(error) => failed(&error),
    }
}

fn failed(error: &WriteError) -> Exit {
    complain(&error.to_string());
    if error.exit_code() == 2 { Exit::Usage } else { Exit::Environment }
}
