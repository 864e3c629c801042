//! What a command is about to do to the files of the project: everything is planned on what was read,
//! judged as if it were done, and only then written.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::Path;
use std::sync::Arc;

use crate::book::{Content, Digest, Source, Sources};
use crate::cli::Exit;
use crate::cli::project::complain;
use crate::cli::report::Voice;
use crate::diagnostic::{Diagnostic, Findings, Severity, escaped};
use crate::load::handbook::Drafts;
use crate::load::sources;
use crate::memo::Memo;
use crate::render::Options;
use crate::write::{self, Revision};
use crate::{compose, site};

/// New texts of files, by path; nothing for a file that goes.
#[derive(Clone)]
pub struct Plan {
    sources: Arc<Sources>,
    files: BTreeMap<Arc<str>, Option<Vec<u8>>>,
}

impl Plan {
    /// Nothing is planned yet.
    pub fn new(sources: &Arc<Sources>) -> Plan {
        Plan { sources: Arc::clone(sources), files: BTreeMap::new() }
    }

    /// Whether a file is there, or will be.
    pub fn has(&self, path: &str) -> bool {
        self.files.get(path).map_or_else(|| self.sources.files.contains_key(path), Option::is_some)
    }

    /// The text of a file as it will be.
    pub fn text(&self, path: &str) -> Option<String> {
        let bytes = match self.files.get(path) {
            Some(planned) => planned.as_deref()?,
            None => self.sources.bytes(path)?,
        };
        std::str::from_utf8(bytes).ok().map(str::to_owned)
    }

    /// Gives a file a new text.
    pub fn write(&mut self, path: &str, text: impl Into<Vec<u8>>) {
        self.files.insert(path.into(), Some(text.into()));
    }

    /// Puts a file at another path.
    pub fn rename(&mut self, dir: &Path, from: &str, to: &str) -> Result<(), Exit> {
        let bytes = match self.files.get(from) {
            Some(planned) => planned.clone(),
            None => self.bytes(dir, from)?,
        };
        self.files.insert(from.into(), None);
        self.files.insert(to.into(), bytes);
        Ok(())
    }

    /// The files that change, in order.
    pub fn paths(&self) -> impl Iterator<Item = (&str, bool)> {
        self.files.iter().map(|(path, after)| (&**path, after.is_some()))
    }

    /// The sources as they will be.
    pub fn after(&self) -> Sources {
        let mut after = Sources::clone(&self.sources);
        for (path, bytes) in &self.files {
            match bytes {
                Some(bytes) => {
                    let content = Content::Bytes(bytes.clone().into());
                    let source = Source { content, digest: Digest::of(bytes), size: None };
                    after.files.insert(Arc::clone(path), source);
                }
                None => {
                    after.files.remove(path);
                }
            }
        }
        after
    }

    /// What would be wrong afterwards, and is not wrong now: errors and warnings. `called` gives a message
    /// the names that things will have.
    pub fn new_findings(&self, called: &dyn Fn(&str) -> String) -> Findings {
        let key = |finding: &Diagnostic| (finding.code, called(&finding.message));
        let before: Vec<_> = findings(&self.sources).iter().map(key).collect();
        let mut after = findings(&self.after());
        after.retain(|finding| finding.severity != Severity::Note && !before.contains(&key(finding)));
        after
    }

    /// Writes it all; a disk that fails is reported.
    pub fn save(&self, dir: &Path) -> Result<(), Exit> {
        let mut revisions = Vec::new();
        for (path, after) in &self.files {
            let before = if self.sources.files.contains_key(path) { self.bytes(dir, path)? } else { None };
            if before != *after {
                revisions.push(Revision { path: path.to_string(), before, after: after.clone() });
            }
        }
        save(dir, &revisions)
    }

    fn bytes(&self, dir: &Path, path: &str) -> Result<Option<Vec<u8>>, Exit> {
        if let Some(bytes) = self.sources.bytes(path) {
            return Ok(Some(bytes.to_vec()));
        }
        let mut bytes = Vec::new();
        match sources::open(dir, path).and_then(|mut file| file.read_to_end(&mut bytes)) {
            Ok(_) => Ok(Some(bytes)),
            Err(error) => {
                complain(&format!("cannot read {path}: {error}"));
                Err(Exit::Environment)
            }
        }
    }
}

/// Writes files of the project; a disk that fails is reported.
pub fn save(dir: &Path, revisions: &[Revision]) -> Result<(), Exit> {
    write::revise(dir, revisions).map_err(|error| failed(&error))
}

/// What a file of the project holds now; nothing where there is none.
pub fn current(dir: &Path, path: &str) -> Result<Option<Vec<u8>>, Exit> {
    write::current(&dir.join(path)).map_err(|error| failed(&error))
}

fn failed(error: &write::WriteError) -> Exit {
    complain(&error.to_string());
    Exit::Environment
}

/// Says something on stderr that is no fault.
pub fn say(voice: Voice, line: &str) {
    if voice != Voice::Quiet {
        let _ = writeln!(anstream::stderr().lock(), "{}", escaped(line));
    }
}

/// Everything that `check` would find.
fn findings(sources: &Sources) -> Findings {
    let composed = compose(sources, Drafts::Shown, &Memo::new());
    let mut findings = composed.findings;
    findings.extend(site(&composed.value, &Options::default(), &Memo::new()).findings);
    crate::diagnostic::sort(&mut findings);
    findings
}
