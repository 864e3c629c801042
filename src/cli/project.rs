//! What every command does first: read the project, decode it, and say why when that fails.

use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::book::{Config, Sources};
use crate::cli::Exit;
use crate::diagnostic::{Checked, Findings, any_error, escaped, sort};
use crate::load::sources::{self, ReadError, Snapshot};
use crate::memo::Memo;
use crate::render::{Options, Table};
use crate::write::{self, Request, WriteError};
use crate::{Composed, Reading, compose, site};

/// A project that was read, with its editions.
pub struct Project {
    /// What was read.
    pub sources: Arc<Sources>,
    /// The handbook and its editions.
    pub composed: Composed,
    /// What is wrong, sorted.
    pub findings: Findings,
    memo: Memo,
}

impl Project {
    /// The site; what is wrong with it joins the rest.
    pub fn site(&mut self, options: &Options) -> Table {
        let site = site(&self.composed, options, &self.memo);
        self.composed.base_broken |= any_error(&site.findings);
        self.findings.extend(site.findings);
        sort(&mut self.findings);
        site.value
    }
}

/// Reads and composes a project; a disk that fails is reported. The process ends when its project does: giving all
/// memory back piece by piece would only make it last longer.
pub fn open(dir: &Path, reading: impl Into<Reading>, outputs: &[PathBuf]) -> Result<ManuallyDrop<Project>, Exit> {
    let snapshot = ManuallyDrop::new(read(dir, outputs)?);
    let memo = Memo::new();
    let Checked { value: composed, findings } = compose(&snapshot.sources, reading, &memo);
    Ok(ManuallyDrop::new(Project { sources: Arc::clone(&snapshot.sources), composed, findings, memo }))
}

/// Reads a project.
pub fn read(dir: &Path, outputs: &[PathBuf]) -> Result<Snapshot, Exit> {
    sources::read(dir, &Snapshot::default(), outputs).map_err(|error| unreadable(dir, &error))
}

/// Says why a project cannot be read. A folder that is not there is a slip of the command line.
pub fn unreadable(dir: &Path, error: &ReadError) -> Exit {
    use std::io::ErrorKind::{NotADirectory, NotFound};
    let is_typed = error.path == dir && matches!(error.error.kind(), NotFound | NotADirectory);
    complain(&error.to_string());
    if is_typed { Exit::Usage } else { Exit::Environment }
}

/// What is asked of the disk for a project, before anything else of it is read: a destination that was typed is
/// judged first, since what lies in it is no input.
pub fn request<'r>(dir: &Path, dest: Option<&Path>) -> Result<Request<'r>, Exit> {
    let config = sources::config(dir).map_err(|error| unreadable(dir, &error))?;
    let mut request = Request::new(dir, destination(dir, dest, &config));
    request.inputs = inputs(dir, &config);
    if dest.is_some() {
        write::judge(&request).map_err(|error| failed(&error))?;
    }
    Ok(request)
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

/// Says why nothing was written.
pub fn failed(error: &WriteError) -> Exit {
    complain(&error.to_string());
    Exit::from(error)
}

/// A message that has no place in the project, on stderr.
pub fn complain(message: &str) {
    use std::io::Write;
    let _ = writeln!(anstream::stderr().lock(), "\u{1b}[1;31merror\u{1b}[0m: {}", escaped(message));
}
