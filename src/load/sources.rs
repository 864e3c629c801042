//! Disk → [`Sources`]: the only place that reads the project.
//!
//! Takes a project folder and what was read before; gives every input with its digest. A file
//! whose inode, size and times are as before is not read again. What a file *means* is not asked
//! here. Symbolic links are never followed: a link or a special file is an input that was refused.

use std::collections::BTreeMap;
use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rayon::prelude::*;

use crate::book::{Content, Digest, DigestWriter, Refusal, Source, Sources};
use crate::load::config::{self, Layout};

/// The largest text that is read (spec §6, E206).
pub const MAX_TEXT: u64 = 8 << 20;

/// How a manifest.json of ours begins: a folder with one is an output, never an input.
const OUTPUT_MARK: &[u8] = b"{\"tool\":\"leidraad";

/// What was read, and how each file looked then.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// The inputs.
    pub sources: Arc<Sources>,
    /// The folders that were listed, with their inodes: what a watcher watches.
    pub folders: BTreeMap<PathBuf, u64>,
    stamps: BTreeMap<Arc<str>, Stamp>,
}

/// Why the project could not be read: an environment failure (exit 3).
#[derive(Debug)]
pub struct ReadError {
    /// The file or folder.
    pub path: PathBuf,
    /// What the system said.
    pub error: io::Error,
}

impl std::fmt::Display for ReadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "cannot read {}: {}", self.path.display(), self.error)
    }
}

impl std::error::Error for ReadError {}

/// How a file looked when it was read. Two stamps that are equal and settled mean the same bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    inode: u64,
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
    /// Whether the file had rested long enough for its times to tell it from a later save.
    settled: bool,
}

impl Stamp {
    fn of(metadata: &Metadata, now: Duration) -> Stamp {
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

    fn same_file(&self, other: &Stamp) -> bool {
        (self.inode, self.size, self.modified, self.changed) == (other.inode, other.size, other.modified, other.changed)
    }
}

/// One input as the walk found it.
struct Found {
    key: Arc<str>,
    path: PathBuf,
    stamp: Stamp,
    refusal: Option<Refusal>,
}

/// Reads the project again; what did not change since `previous` is shared with it. `outputs` are
/// folders that are never inputs, such as the destination of this build.
///
/// A build is of one state: if an input changed while the others were read, all is read once more,
/// and if that happens again it is an error.
pub fn read(project: &Path, previous: &Snapshot, outputs: &[PathBuf]) -> Result<Snapshot, ReadError> {
    let first = read_once(project, previous, outputs)?;
    if is_current(project, &first, outputs)? {
        return Ok(first);
    }
    let second = read_once(project, &first, outputs)?;
    if is_current(project, &second, outputs)? {
        return Ok(second);
    }
    let error = io::Error::other("the project kept changing while it was read; try again");
    Err(ReadError { path: project.to_owned(), error })
}

/// Looks at the project once, for whoever looks again soon: unlike [`read`], what changes meanwhile may
/// be there in part.
pub fn sweep(project: &Path, previous: &Snapshot, outputs: &[PathBuf]) -> Result<Snapshot, ReadError> {
    read_once(project, previous, outputs)
}

/// Reads these files again, and no others. Nothing when one of them is more than a file that was read
/// before and is still one: then only a sweep can tell what happened.
pub fn reread<'p>(
    project: &Path,
    previous: &Snapshot,
    paths: impl IntoIterator<Item = &'p Path>,
) -> Option<io::Result<Snapshot>> {
    let now = now();
    let mut found = Vec::new();
    for path in paths {
        let key: Arc<str> = path.strip_prefix(project).ok()?.to_str()?.into();
        let known = previous.sources.files.get(&key)?;
        // Where the inputs lie may be another matter now.
        if &*key == "book.toml" || matches!(known.content, Content::Refused(_)) {
            return None;
        }
        let metadata = fs::symlink_metadata(path).ok().filter(|metadata| metadata.is_file())?;
        if is_meaningful(&key) && metadata.len() > MAX_TEXT {
            return None;
        }
        found.push(Found { key, path: path.to_owned(), stamp: Stamp::of(&metadata, now), refusal: None });
    }
    let mut files = previous.sources.files.clone();
    let mut stamps = previous.stamps.clone();
    for file in found {
        match read_file(&file) {
            Ok(source) => files.insert(Arc::clone(&file.key), source),
            Err(error) => return Some(Err(error)),
        };
        stamps.insert(file.key, file.stamp);
    }
    Some(Ok(Snapshot { sources: Arc::new(Sources { files }), folders: previous.folders.clone(), stamps }))
}

/// Whether two states of the project hold the same bytes.
pub fn is_same(one: &Sources, other: &Sources) -> bool {
    let refused = |content: &Content| match content {
        Content::Refused(refusal) => Some(*refusal),
        Content::Bytes(_) | Content::OnDisk(_) => None,
    };
    one.files.len() == other.files.len()
        && one.files.iter().zip(&other.files).all(|((path, source), (other_path, other))| {
            path == other_path && source.digest == other.digest && refused(&source.content) == refused(&other.content)
        })
}

/// Whether every input is as it was when `snapshot` was taken.
pub fn is_current(project: &Path, snapshot: &Snapshot, outputs: &[PathBuf]) -> Result<bool, ReadError> {
    let (found, _) = walk(project, outputs)?;
    Ok(found.len() == snapshot.stamps.len()
        && found.iter().all(|file| snapshot.stamps.get(&file.key).is_some_and(|stamp| stamp.same_file(&file.stamp))))
}

fn read_once(project: &Path, previous: &Snapshot, outputs: &[PathBuf]) -> Result<Snapshot, ReadError> {
    let (found, folders) = walk(project, outputs)?;
    let read: Vec<(Arc<str>, Source, Stamp)> = found
        .into_par_iter()
        .map(|mut file| {
            let kept = previous.stamps.get(&file.key).filter(|old| old.settled && old.same_file(&file.stamp));
            let source = match kept.and_then(|_| previous.sources.files.get(&file.key)) {
                Some(source) => {
                    file.stamp.settled = true;
                    source.clone()
                }
                None => read_file(&file).map_err(|error| ReadError { path: file.path.clone(), error })?,
            };
            Ok((file.key, source, file.stamp))
        })
        .collect::<Result<_, ReadError>>()?;
    let stamps = read.iter().map(|(key, _, stamp)| (Arc::clone(key), *stamp)).collect();
    let files = read.into_iter().map(|(key, source, _)| (key, source)).collect();
    Ok(Snapshot { sources: Arc::new(Sources { files }), folders, stamps })
}

/// Reads one file, refusing to follow a link that took its place since the walk.
fn read_file(file: &Found) -> io::Result<Source> {
    if let Some(refusal) = file.refusal {
        return Ok(Source { content: Content::Refused(refusal), digest: Digest::of(b""), size: None });
    }
    let mut handle = fs::OpenOptions::new().read(true).custom_flags(NOFOLLOW_NONBLOCK).open(&file.path)?;
    if is_meaningful(&file.key) {
        let mut bytes = Vec::with_capacity(usize::try_from(file.stamp.size).unwrap_or(0));
        handle.take(MAX_TEXT + 1).read_to_end(&mut bytes)?;
        let digest = Digest::of(&bytes);
        return Ok(Source { content: Content::Bytes(bytes.into()), digest, size: None });
    }
    let mut digest = DigestWriter::new();
    let mut buffer = vec![0; 64 << 10];
    let mut length = 0;
    loop {
        match handle.read(&mut buffer)? {
            0 => break,
            count => {
                digest.continue_part(&buffer[..count]);
                length += count as u64;
            }
        }
    }
    let size = is_image(&file.key).then(|| imagesize::size(&file.path).ok()).flatten();
    let size = size.and_then(|size| Some((u32::try_from(size.width).ok()?, u32::try_from(size.height).ok()?)));
    Ok(Source { content: Content::OnDisk(length), digest: digest.finish(), size })
}

/// Opens a copied file for streaming; a link in its place is an error, never followed.
pub fn open(project: &Path, key: &str) -> io::Result<File> {
    fs::OpenOptions::new().read(true).custom_flags(NOFOLLOW_NONBLOCK).open(project.join(key))
}

/// `O_NOFOLLOW | O_NONBLOCK`: neither a link nor a FIFO put in a file's place can mislead or hang us.
const NOFOLLOW_NONBLOCK: i32 = (rustix::fs::OFlags::NOFOLLOW.bits() | rustix::fs::OFlags::NONBLOCK.bits()) as i32;

/// Whether leidraad reads a meaning out of the file, so that its bytes are kept in memory.
fn is_meaningful(key: &str) -> bool {
    matches!(extension(key).as_str(), "md" | "yaml" | "toml" | "hbs" | "css" | "js" | "svg" | "html" | "htm")
}

fn is_image(key: &str) -> bool {
    matches!(extension(key).as_str(), "png" | "jpg" | "jpeg" | "gif" | "webp" | "avif")
}

fn extension(key: &str) -> String {
    Path::new(key).extension().map(|e| e.to_string_lossy().to_ascii_lowercase()).unwrap_or_default()
}

#[allow(
    clippy::disallowed_methods,
    reason = "reading compares the age of files with the clock; nothing of it reaches the sources"
)]
fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// Every input file of the project, in no particular order, and the folders they were found in.
fn walk(project: &Path, outputs: &[PathBuf]) -> Result<(Vec<Found>, BTreeMap<PathBuf, u64>), ReadError> {
    let layout = layout(project)?;
    let folders = BTreeMap::new();
    let mut walker = Walk { now: now(), outputs, found: BTreeMap::new(), folders, layout: &layout };
    walker.visited(project);
    walker.file_if_there(&project.join("book.toml"), "book.toml")?;
    for root in &layout.roots {
        walker.folder(&project.join(root), root)?;
    }
    for file in &layout.files {
        let path = project.join(file);
        walker.visited(path.parent().unwrap_or(project));
        walker.file_if_there(&path, file)?;
    }
    Ok((walker.found.into_values().collect(), walker.folders))
}

/// Where the inputs of a project lie; book.toml alone says so.
fn layout(project: &Path) -> Result<Layout, ReadError> {
    let path = project.join("book.toml");
    let text = match fs::symlink_metadata(&path) {
        Ok(metadata) if metadata.is_file() && metadata.len() <= MAX_TEXT => {
            fs::read(&path).map_err(|error| ReadError { path: path.clone(), error })?
        }
        Ok(_) => Vec::new(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let metadata = fs::metadata(project).map_err(|error| ReadError { path: project.to_owned(), error })?;
            if !metadata.is_dir() {
                let error = io::Error::from(io::ErrorKind::NotADirectory);
                return Err(ReadError { path: project.to_owned(), error });
            }
            Vec::new()
        }
        Err(error) => return Err(ReadError { path, error }),
    };
    Ok(config::layout(&String::from_utf8_lossy(&text), |folder| project.join(folder).is_dir()))
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

    fn folder(&mut self, path: &Path, key: &str) -> Result<(), ReadError> {
        let mut waiting = vec![(path.to_owned(), key.to_owned())];
        while let Some((folder, key)) = waiting.pop() {
            let entries = match fs::read_dir(&folder) {
                Ok(entries) => entries,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(ReadError { path: folder, error }),
            };
            let mut names = Vec::new();
            for entry in entries {
                let entry = entry.map_err(|error| ReadError { path: folder.clone(), error })?;
                names.push(entry.file_name());
            }
            // Two folders of one project may overlap: an output folder inside is skipped wherever it is met.
            if key != self.layout.src && names.iter().any(|name| name == "manifest.json") && is_output(&folder) {
                continue;
            }
            self.visited(&folder);
            for name in names {
                let path = folder.join(&name);
                let Some(name) = name.to_str() else {
                    let lossy = name.to_string_lossy();
                    self.add(&path, &join(&key, &lossy), Some(Refusal::Name))?;
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
                    self.add(&path, &key, None)?;
                }
            }
        }
        Ok(())
    }

    fn file_if_there(&mut self, path: &Path, key: &str) -> Result<(), ReadError> {
        match fs::symlink_metadata(path) {
            Ok(metadata) if !metadata.is_dir() => self.add(path, key, None),
            Ok(_) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(ReadError { path: path.to_owned(), error }),
        }
    }

    fn add(&mut self, path: &Path, key: &str, refusal: Option<Refusal>) -> Result<(), ReadError> {
        let metadata = match fs::symlink_metadata(path) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(ReadError { path: path.to_owned(), error }),
        };
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
        let stamp = Stamp::of(&metadata, self.now);
        self.found.insert(Arc::clone(&key), Found { key, path: path.to_owned(), stamp, refusal });
        Ok(())
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
