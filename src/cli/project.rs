//! What every command does first: read the project, decode it, and say why when that fails.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::book::{Config, Sources};
use crate::cli::Exit;
use crate::diagnostic::Findings;
use crate::load::handbook::Drafts;
use crate::load::sources::{self, Snapshot};
use crate::memo::Memo;
use crate::{Composed, compose};

/// A project that was read, with its editions.
pub struct Project {
    /// What was read.
    pub sources: Arc<Sources>,
    /// The handbook and its editions.
    pub composed: Composed,
    /// What is wrong, sorted.
    pub findings: Findings,
}

/// Reads and composes a project; a disk that fails is reported.
pub fn open(dir: &Path, drafts: Drafts, outputs: &[PathBuf]) -> Result<Project, Exit> {
    let snapshot = read(dir, outputs)?;
    let composed = compose(&snapshot.sources, drafts, &Memo::new());
    Ok(Project { sources: snapshot.sources, composed: composed.value, findings: composed.findings })
}

/// Reads a project.
pub fn read(dir: &Path, outputs: &[PathBuf]) -> Result<Snapshot, Exit> {
    sources::read(dir, &Snapshot::default(), outputs).map_err(|error| {
        complain(&error.to_string());
        // A folder that is not there is a slip of the command line.
        if error.error.kind() == std::io::ErrorKind::NotFound && error.path == dir {
            Exit::Usage
        } else {
            Exit::Environment
        }
    })
}

/// Where the site goes.
pub fn destination(dir: &Path, dest: Option<&Path>, config: &Config) -> PathBuf {
    match dest {
        Some(dest) => dest.to_owned(),
        None => dir.join(&*config.build_dir),
    }
}

/// The folders and files that the destination must not touch.
pub fn inputs(dir: &Path, config: &Config) -> Vec<PathBuf> {
    let mut inputs = vec![dir.join(&*config.organisations.src), dir.join("themes"), dir.join("book.toml")];
    inputs.push(if config.src.is_empty() { dir.to_owned() } else { dir.join(&*config.src) });
    inputs.extend(config.html.additional_css.iter().map(|css| dir.join(&**css)));
    inputs
}

/// A message that has no place in the project, on stderr.
pub fn complain(message: &str) {
    use std::io::Write;
    let message = crate::diagnostic::escaped(message);
    let _ = writeln!(anstream::stderr().lock(), "\u{1b}[1;31merror\u{1b}[0m: {message}");
}
