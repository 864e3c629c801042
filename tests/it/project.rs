//! A project in a folder of its own, as an author would have it, and the program run on it: how the
//! other modules reach leidraad.

#![allow(dead_code, reason = "each module uses what it needs")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use leidraad::book::{Content, Digest, DigestWriter, Source, Sources};
use serde_json::Value;

/// A project on disk, removed when it is dropped.
pub struct Project {
    folder: PathBuf,
}

/// What a run of the program gave.
#[derive(Debug)]
pub struct Run {
    /// The exit code; none when a signal ended it.
    pub code: Option<i32>,
    /// What it printed.
    pub stdout: String,
    /// What it said.
    pub stderr: String,
}

/// One finding as `--format json` gives it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// `error`, `warning` or `note`.
    pub severity: String,
    /// `E103`
    pub code: String,
    /// The file.
    pub path: Option<String>,
    /// From 1.
    pub line: Option<u64>,
    /// From 1, in characters.
    pub column: Option<u64>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
}

impl Project {
    /// An empty project.
    pub fn new() -> Project {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("leidraad-test-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(folder.join("project")).unwrap();
        Project { folder }
    }

    /// A project with the files of a folder.
    pub fn copy_of(folder: &Path) -> Project {
        let project = Project::new();
        for (path, bytes) in tree(folder) {
            project.write(&path, &bytes);
        }
        project
    }

    /// The same project with one more file.
    #[must_use]
    pub fn file(self, path: &str, text: impl AsRef<[u8]>) -> Project {
        self.write(path, text.as_ref());
        self
    }

    /// Writes a file of the project.
    pub fn write(&self, path: &str, bytes: &[u8]) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// Takes a file away.
    pub fn remove(&self, path: &str) {
        fs::remove_file(self.path().join(path)).unwrap();
    }

    /// The project's folder.
    pub fn path(&self) -> PathBuf {
        self.folder.join("project")
    }

    /// The built site's folder.
    pub fn out(&self) -> PathBuf {
        self.folder.join("out")
    }

    /// Runs the program in the project's folder.
    pub fn run(&self, arguments: &[&str]) -> Run {
        let mut command = Command::new(env!("CARGO_BIN_EXE_leidraad"));
        command.current_dir(self.path()).args(arguments).env_remove("SOURCE_DATE_EPOCH");
        Run::of(&command.output().unwrap())
    }

    /// Builds into [`Project::out`].
    pub fn build(&self) -> Run {
        self.build_with(&[])
    }

    /// Builds into [`Project::out`] with further arguments.
    pub fn build_with(&self, arguments: &[&str]) -> Run {
        let out = self.out();
        self.run(&[&["build", "--format", "json", "-d", out.to_str().unwrap()], arguments].concat())
    }

    /// The findings of `check`.
    pub fn check(&self) -> Vec<Finding> {
        let run = self.run(&["check", "--format", "json"]);
        let findings = run.findings();
        let wrong = findings.iter().any(|finding| finding.severity == "error");
        assert_eq!(run.code, Some(i32::from(wrong)), "{run:?}");
        findings
    }

    /// The codes that `check` reports, with their lines.
    pub fn codes(&self) -> Vec<(String, u64)> {
        self.check().into_iter().map(|finding| (finding.code, finding.line.unwrap_or(0))).collect()
    }

    /// A page of the built site.
    pub fn page(&self, path: &str) -> String {
        fs::read_to_string(self.out().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Every file of the built site.
    pub fn site(&self) -> BTreeMap<String, Vec<u8>> {
        tree(&self.out())
    }

    /// The digest of the built site: paths and bytes.
    pub fn hash(&self) -> String {
        hash(&self.site())
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        if std::env::var_os("LEIDRAAD_KEEP").is_none() {
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

impl Run {
    fn of(output: &Output) -> Run {
        Run {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// The findings of a run with `--format json`.
    pub fn findings(&self) -> Vec<Finding> {
        let array: Vec<Value> =
            serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("no findings ({error}): {self:?}"));
        let text = |value: &Value| value.as_str().map(str::to_owned);
        array
            .iter()
            .map(|finding| Finding {
                severity: text(&finding["severity"]).unwrap(),
                code: text(&finding["code"]).unwrap(),
                path: text(&finding["path"]),
                line: finding["line"].as_u64(),
                column: finding["column"].as_u64(),
                message: text(&finding["message"]).unwrap(),
                hint: text(&finding["hint"]),
            })
            .collect()
    }

    /// The same run, which must have gone well.
    #[track_caller]
    pub fn done(self) -> Run {
        assert_eq!(self.code, Some(0), "{}{}", self.stdout, self.stderr);
        self
    }
}

/// Every file below a folder, by its relative path.
pub fn tree(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(at) = waiting.pop() {
        let Ok(entries) = fs::read_dir(&at) else { continue };
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
                files.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    files
}

/// The digest of files: paths and bytes.
pub fn hash(files: &BTreeMap<String, Vec<u8>>) -> String {
    let mut digest = DigestWriter::new();
    for (path, bytes) in files {
        digest.add(path);
        digest.add(bytes);
    }
    digest.finish().short(64)
}

/// Sources that were never on a disk.
pub fn sources(files: &BTreeMap<String, Vec<u8>>) -> Sources {
    let mut sources = Sources::default();
    for (path, bytes) in files {
        let source = Source { content: Content::Bytes(bytes.clone().into()), digest: Digest::of(bytes), size: None };
        sources.files.insert(Arc::from(path.as_str()), source);
    }
    sources
}

/// The repository's own folder.
pub fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
