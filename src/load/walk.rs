//! The project's folders → the files that are inputs, each with how it looked.
//!
//! Names and times alone, no contents but book.toml, which says where the inputs lie, and the first bytes of
//! a manifest.json, which say whether a folder is an earlier output.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::fs::{Dir, OFlags};

use crate::book::Refusal;
use crate::load::config::{self, Layout};
use crate::load::sources::{MAX_TEXT, ReadError, is_meaningful};

/// How a manifest.json of ours begins: a folder with one is an output, never an input.
const OUTPUT_MARK: &[u8] = b"{\"tool\":\"leidraad";

/// How a file looked when it was read. Two stamps that are equal and settled mean the same bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    pub(super) inode: u64,
    pub(super) size: u64,
    pub(super) modified: (i64, i64),
    pub(super) changed: (i64, i64),
    /// Whether the file had rested long enough for its times to tell it from a later save.
    pub(super) settled: bool,
}

impl Stamp {
    pub(super) fn of(metadata: &Metadata, now: Duration) -> Stamp {
        let changed = (metadata.ctime(), metadata.ctime_nsec());
        let age = now.as_secs_f64() - (changed.0 as f64 + changed.1 as f64 * 1e-9);
        Stamp {
            inode: metadata.ino(),
            size: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed,
            // The kernel's clock ticks every few milliseconds: two saves within a tick look alike.
            settled: !(-1.0..0.05).contains(&age),
        }
    }

    pub(super) fn same_file(&self, other: &Stamp) -> bool {
        (self.inode, self.size, self.modified, self.changed) == (other.inode, other.size, other.modified, other.changed)
    }
}

/// One input as the walk found it.
pub(super) struct Found {
    pub(super) key: Arc<str>,
    pub(super) path: PathBuf,
    pub(super) stamp: Stamp,
    pub(super) refusal: Option<Refusal>,
    /// Whether its bytes are kept in memory.
    pub(super) is_text: bool,
}

#[allow(
    clippy::disallowed_methods,
    reason = "reading compares the age of files with the clock; nothing of it reaches the sources"
)]
pub(super) fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// Every input file of the project, in no particular order, and the folders they were found in.
pub(super) fn walk(
    project: &Path,
    layout: &Layout,
    outputs: &[PathBuf],
) -> Result<(Vec<Found>, BTreeMap<PathBuf, u64>), ReadError> {
    let mut walker = Walk { now: now(), outputs, found: BTreeMap::new(), folders: BTreeMap::new(), layout };
    walker.visited(project);
    walker.look(&project.join("book.toml"), "book.toml", None)?;
    for root in &layout.roots {
        if walker.leads_to_folder(project, root)? {
            walker.folder(&project.join(root), root)?;
        }
    }
    for file in &layout.files {
        if walker.leads_to_folder(project, file.rsplit_once('/').map_or("", |(folder, _)| folder))? {
            let path = project.join(file);
            walker.visited(path.parent().unwrap_or(project));
            walker.look(&path, file, None)?;
        }
    }
    Ok((walker.found.into_values().collect(), walker.folders))
}

/// One file outside the layout's folders, because a page includes it. Nothing where it is not there or lies in
/// an output; the link, where it lies behind one: no link is ever followed.
pub(super) fn single(
    project: &Path,
    layout: &Layout,
    key: &str,
    outputs: &[PathBuf],
) -> Result<Option<Found>, ReadError> {
    let mut walker = Walk { now: now(), outputs, found: BTreeMap::new(), folders: BTreeMap::new(), layout };
    let folder = key.rsplit_once('/').map_or("", |(folder, _)| folder);
    if !walker.leads_to_folder(project, folder)? {
        return Ok(walker.found.into_values().next());
    }
    let mut folders = key.match_indices('/').map(|(at, _)| &key[..at]);
    if folders.any(|folder| {
        let path = project.join(folder);
        layout.skipped.iter().any(|skipped| skipped == folder) || outputs.contains(&path) || is_output(&path)
    }) {
        return Ok(None);
    }
    walker.look(&project.join(key), key, None)?;
    Ok(walker.found.into_values().next())
}

/// Where the inputs of a project lie; book.toml alone says so.
pub(super) fn layout(project: &Path) -> Result<Layout, ReadError> {
    Ok(config::layout(&book_toml(project)?, |folder| project.join(folder).is_dir()))
}

/// The text of book.toml, which need not be there; the project must.
pub(super) fn book_toml(project: &Path) -> Result<String, ReadError> {
    let path = project.join("book.toml");
    let text = match fs::symlink_metadata(&path) {
        Ok(metadata) if metadata.is_file() && metadata.len() <= MAX_TEXT => {
            fs::read(&path).map_err(|error| ReadError { path: path.clone(), error })?
        }
        Ok(_) => Vec::new(),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            let metadata = fs::metadata(project).map_err(|error| ReadError { path: project.to_owned(), error })?;
            if !metadata.is_dir() {
                let error = io::Error::from(io::ErrorKind::NotADirectory);
                return Err(ReadError { path: project.to_owned(), error });
            }
            Vec::new()
        }
        Err(error) => return Err(ReadError { path, error }),
    };
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// The names in a folder. Not `fs::read_dir`: it panics when the folder cannot be closed.
fn names(folder: &Path) -> io::Result<Vec<OsString>> {
    let flags = OFlags::DIRECTORY.bits() as i32;
    let opened = OpenOptions::new().read(true).custom_flags(flags).open(folder)?;
    let mut names = Vec::new();
    for entry in Dir::new(OwnedFd::from(opened))? {
        let entry = entry?;
        let name = OsStr::from_bytes(entry.file_name().to_bytes());
        if name != "." && name != ".." {
            names.push(name.to_owned());
        }
    }
    Ok(names)
}

struct Walk<'a> {
    now: Duration,
    outputs: &'a [PathBuf],
    layout: &'a Layout,
    found: BTreeMap<Arc<str>, Found>,
    folders: BTreeMap<PathBuf, u64>,
}

impl Walk<'_> {
    fn visited(&mut self, folder: &Path) {
        if let Ok(metadata) = fs::metadata(folder) {
            self.folders.insert(folder.to_owned(), metadata.ino());
        }
    }

    /// Whether every part of the path is a folder; a link on the way is an input of its own, to be refused.
    fn leads_to_folder(&mut self, project: &Path, key: &str) -> Result<bool, ReadError> {
        let ends = key.match_indices('/').map(|(at, _)| at).chain([key.len()]);
        for part in ends.map(|end| &key[..end]).filter(|part| !part.is_empty() && !part.ends_with("..")) {
            let path = project.join(part);
            match fs::symlink_metadata(&path) {
                Ok(metadata) if metadata.is_dir() => {}
                Ok(metadata) if metadata.is_symlink() => {
                    self.add(&path, part, &metadata, None);
                    return Ok(false);
                }
                Ok(_) => return Ok(false),
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
                Err(error) => return Err(ReadError { path, error }),
            }
        }
        Ok(true)
    }

    fn folder(&mut self, path: &Path, key: &str) -> Result<(), ReadError> {
        let mut waiting = vec![(path.to_owned(), key.to_owned())];
        while let Some((folder, key)) = waiting.pop() {
            let names = match names(&folder) {
                Ok(names) => names,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(ReadError { path: folder, error }),
            };
            // Two folders of one project may overlap: an output folder inside is skipped wherever it is met.
            if key != self.layout.src && names.iter().any(|name| name == "manifest.json") && is_output(&folder) {
                continue;
            }
            self.visited(&folder);
            for name in names {
                let path = folder.join(&name);
                let Some(name) = name.to_str() else {
                    let lossy = name.to_string_lossy();
                    if !is_litter(&lossy) {
                        self.look(&path, &join(&key, &lossy), Some(Refusal::Name))?;
                    }
                    continue;
                };
                if is_litter(name) || self.outputs.contains(&path) {
                    continue;
                }
                let key = join(&key, name);
                if self.layout.skipped.contains(&key) {
                    continue;
                }
                let metadata = match fs::symlink_metadata(&path) {
                    Ok(metadata) => metadata,
                    // Gone between listing and looking: the check after reading sees it.
                    Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                    Err(error) => return Err(ReadError { path, error }),
                };
                if metadata.is_dir() {
                    waiting.push((path, key));
                } else {
                    self.add(&path, &key, &metadata, None);
                }
            }
        }
        Ok(())
    }

    /// Adds what lies at a path, if that is no folder.
    fn look(&mut self, path: &Path, key: &str, refusal: Option<Refusal>) -> Result<(), ReadError> {
        match fs::symlink_metadata(path) {
            Ok(metadata) if metadata.is_dir() && refusal.is_none() => Ok(()),
            Ok(metadata) => {
                self.add(path, key, &metadata, refusal);
                Ok(())
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(ReadError { path: path.to_owned(), error }),
        }
    }

    fn add(&mut self, path: &Path, key: &str, metadata: &Metadata, refusal: Option<Refusal>) {
        let refusal = refusal.or(if metadata.is_symlink() {
            Some(Refusal::Symlink)
        } else if !metadata.is_file() {
            Some(Refusal::Special)
        } else if is_meaningful(key) && metadata.len() > MAX_TEXT {
            Some(Refusal::TooLarge)
        } else {
            None
        });
        let key: Arc<str> = key.into();
        let stamp = Stamp::of(metadata, self.now);
        let is_text = is_meaningful(&key);
        self.found.insert(Arc::clone(&key), Found { key, path: path.to_owned(), stamp, refusal, is_text });
    }
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// What editors and systems leave behind, and everything hidden: never an input (spec §1).
pub fn is_litter(name: &str) -> bool {
    name.starts_with('.')
        || name.ends_with('~')
        || name == "4913"
        || name.contains("___jb_")
        || (name.starts_with('#') && name.ends_with('#'))
        || [".swp", ".swo", ".swx", ".tmp", ".orig", ".rej", ".crdownload", ".part"]
            .iter()
            .any(|end| name.ends_with(end))
        || matches!(name, "Thumbs.db" | "desktop.ini" | "Desktop.ini")
}

/// Whether the folder is an earlier output of leidraad, by the first bytes of its manifest.
fn is_output(folder: &Path) -> bool {
    let mut start = [0; OUTPUT_MARK.len()];
    File::open(folder.join("manifest.json")).and_then(|mut file| file.read_exact(&mut start)).is_ok()
        && start == *OUTPUT_MARK
}
