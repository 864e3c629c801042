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

use rayon::prelude::*;
use rustix::fs::{Dir, OFlags};

use crate::book::Refusal;
use crate::load::layout::{self, Layout};
use crate::load::sources::{MAX_TEXT, ReadError, is_meaningful};
use crate::load::text::is_refused;

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
    let walk = Walk { now: now(), outputs, layout };
    let mut listed = Listed::default();
    listed.folders.extend(visited(project));
    listed.found.extend(walk.look(&project.join("book.toml"), "book.toml", None)?);
    for root in &layout.roots {
        if walk.leads_to_folder(project, root, &mut listed.found)? {
            walk.folder(&project.join(root), root, &mut listed)?;
        }
    }
    for file in &layout.files {
        let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
        if walk.leads_to_folder(project, folder, &mut listed.found)? {
            let path = project.join(file);
            listed.folders.extend(visited(path.parent().unwrap_or(project)));
            listed.found.extend(walk.look(&path, file, None)?);
        }
    }
    // Folders of the layout may lie in each other.
    let found: BTreeMap<Arc<str>, Found> =
        listed.found.into_iter().map(|found| (Arc::clone(&found.key), found)).collect();
    Ok((found.into_values().collect(), listed.folders))
}

/// One file outside the layout's folders, because a page includes it. Nothing where it is not there or lies in
/// an output; the link, where it lies behind one: no link is ever followed.
pub(super) fn single(
    project: &Path,
    layout: &Layout,
    key: &str,
    outputs: &[PathBuf],
) -> Result<Option<Found>, ReadError> {
    let walk = Walk { now: now(), outputs, layout };
    let folder = key.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut links = Vec::new();
    if !walk.leads_to_folder(project, folder, &mut links)? {
        return Ok(links.pop());
    }
    let mut folders = key.match_indices('/').map(|(at, _)| &key[..at]);
    if folders.any(|folder| {
        let path = project.join(folder);
        layout.skipped.iter().any(|skipped| skipped == folder) || outputs.contains(&path) || is_output(&path)
    }) {
        return Ok(None);
    }
    walk.look(&project.join(key), key, None)
}

/// Where the inputs of a project lie; book.toml alone says so.
pub(super) fn layout(project: &Path) -> Result<Layout, ReadError> {
    Ok(layout::layout(&book_toml(project)?, |folder| project.join(folder).is_dir()))
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
}

/// What was found, and the folders that it was found in, with their inodes.
#[derive(Default)]
struct Listed {
    found: Vec<Found>,
    folders: BTreeMap<PathBuf, u64>,
    /// Those that lie in them, to be listed next, each with its key.
    next: Vec<(PathBuf, String)>,
}

fn visited(folder: &Path) -> Option<(PathBuf, u64)> {
    fs::metadata(folder).ok().map(|metadata| (folder.to_owned(), metadata.ino()))
}

impl Walk<'_> {
    /// Whether every part of the path is a folder; a link on the way is an input of its own, to be refused.
    fn leads_to_folder(&self, project: &Path, key: &str, links: &mut Vec<Found>) -> Result<bool, ReadError> {
        let ends = key.match_indices('/').map(|(at, _)| at).chain([key.len()]);
        for part in ends.map(|end| &key[..end]).filter(|part| !part.is_empty() && !part.ends_with("..")) {
            let path = project.join(part);
            match fs::symlink_metadata(&path) {
                Ok(metadata) if metadata.is_dir() => {}
                Ok(metadata) if metadata.is_symlink() => {
                    links.push(self.found(path, part, &metadata, None));
                    return Ok(false);
                }
                Ok(_) => return Ok(false),
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
                Err(error) => return Err(ReadError { path, error }),
            }
        }
        Ok(true)
    }

    /// Everything in a folder and below it; the folders of one depth are listed side by side.
    fn folder(&self, path: &Path, key: &str, into: &mut Listed) -> Result<(), ReadError> {
        let mut level = vec![(path.to_owned(), key.to_owned())];
        while !level.is_empty() {
            level.sort_unstable();
            let listed: Vec<Result<Listed, ReadError>> =
                level.par_iter().map(|(folder, key)| self.list(folder, key)).collect();
            level.clear();
            for one in listed {
                // Of several that cannot be read it is always the same that is told.
                let one = one?;
                into.found.extend(one.found);
                into.folders.extend(one.folders);
                level.extend(one.next);
            }
        }
        Ok(())
    }

    fn list(&self, folder: &Path, key: &str) -> Result<Listed, ReadError> {
        let mut listed = Listed::default();
        let names = match names(folder) {
            Ok(names) => names,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(listed),
            Err(error) => return Err(ReadError { path: folder.to_owned(), error }),
        };
        // Two folders of one project may overlap: an output folder inside is skipped wherever it is met.
        if key != self.layout.src && names.iter().any(|name| name == "manifest.json") && is_output(folder) {
            return Ok(listed);
        }
        listed.folders.extend(visited(folder));
        for name in names {
            let path = folder.join(&name);
            let Some(name) = name.to_str().filter(|name| !name.contains(|c| c == '\t' || is_refused(c))) else {
                let shown = printable(&name);
                if !is_litter(&shown) {
                    listed.found.extend(self.look(&path, &join(key, &shown), Some(Refusal::Name))?);
                }
                continue;
            };
            if is_litter(name) || self.outputs.contains(&path) {
                continue;
            }
            let key = join(key, name);
            if self.layout.skipped.contains(&key) {
                continue;
            }
            match fs::symlink_metadata(&path) {
                Ok(metadata) if metadata.is_dir() => listed.next.push((path, key)),
                Ok(metadata) => listed.found.push(self.found(path, &key, &metadata, None)),
                // Gone between listing and looking: the check after reading sees it.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(ReadError { path, error }),
            }
        }
        Ok(listed)
    }

    /// What lies at a path, if that is no folder.
    fn look(&self, path: &Path, key: &str, refusal: Option<Refusal>) -> Result<Option<Found>, ReadError> {
        match fs::symlink_metadata(path) {
            Ok(metadata) if metadata.is_dir() && refusal.is_none() => Ok(None),
            Ok(metadata) => Ok(Some(self.found(path.to_owned(), key, &metadata, refusal))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(ReadError { path: path.to_owned(), error }),
        }
    }

    fn found(&self, path: PathBuf, key: &str, metadata: &Metadata, refusal: Option<Refusal>) -> Found {
        let is_text = is_meaningful(key);
        let refusal = refusal.or(if metadata.is_symlink() {
            Some(Refusal::Symlink)
        } else if !metadata.is_file() {
            Some(Refusal::Special)
        } else if is_text && metadata.len() > MAX_TEXT {
            Some(Refusal::TooLarge)
        } else {
            None
        });
        Found { key: key.into(), path, stamp: Stamp::of(metadata, self.now), refusal, is_text }
    }
}

/// A name with escapes for what is no text, or steers the terminal or the page that it is shown on.
fn printable(name: &OsStr) -> String {
    let mut shown = String::new();
    for chunk in name.as_bytes().utf8_chunks() {
        for c in chunk.valid().chars() {
            if c == '\t' || is_refused(c) { shown.extend(c.escape_unicode()) } else { shown.push(c) }
        }
        shown.extend(chunk.invalid().iter().map(|byte| format!("\\x{byte:02x}")));
    }
    shown
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
