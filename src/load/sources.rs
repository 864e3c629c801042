//! Disk → [`Sources`]: the only place that reads the project.
//!
//! Takes a project folder and what was read before; gives every input with its digest. A file
//! whose inode, size and times are as before is not read again. What a file *means* is not asked
//! here. Symbolic links are never followed: a link or a special file is an input that was refused.

use std::cmp::Ordering::{Equal, Greater, Less};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use crate::book::{Config, Content, Digest, DigestWriter, Refusal, Source, Sources};
use crate::load::config;
use crate::load::include::targets;
use crate::load::layout::Layout;
use crate::load::walk::{Found, Stamp, book_toml, layout, now, single, walk};

/// The largest text that is read (spec §6, E206).
pub const MAX_TEXT: u64 = 8 << 20;

/// What was read, and how each file looked then.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// The inputs.
    pub sources: Arc<Sources>,
    /// The folders that were listed, with their inodes: what a watcher watches.
    pub folders: BTreeMap<PathBuf, u64>,
    stamps: BTreeMap<Arc<str>, Stamp>,
    /// Inputs that no folder of the layout holds: pages include them.
    included: BTreeSet<Arc<str>>,
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

/// What book.toml says of a project of which nothing else was read; what is wrong with it is not told.
pub fn config(project: &Path) -> Result<Config, ReadError> {
    let text = book_toml(project)?;
    Ok(config::decode(&"book.toml".into(), &text, &|folder| project.join(folder).is_dir()).config)
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
        let Some(known) = previous.sources.files.get(&key) else {
            // A file that many programs write first and rename to the one that is meant: it came and went.
            match fs::symlink_metadata(path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Ok(_) | Err(_) => return None,
            }
        };
        // Where the inputs lie may be another matter now.
        if &*key == "book.toml" || matches!(known.content, Content::Refused(_)) {
            return None;
        }
        let metadata = fs::symlink_metadata(path).ok().filter(|metadata| metadata.is_file())?;
        let is_text = matches!(known.content, Content::Bytes(_));
        if is_text && metadata.len() > MAX_TEXT {
            return None;
        }
        found.push(Found { key, path: path.to_owned(), stamp: Stamp::of(&metadata, now), refusal: None, is_text });
    }
    let mut files = previous.sources.files.clone();
    let mut stamps = previous.stamps.clone();
    for file in found {
        let source = match read_file(&file) {
            Ok(source) => source,
            Err(error) => return Some(Err(error)),
        };
        // A file that is included from now on has to be looked for.
        if asked(&file.key, &source).iter().any(|target| !files.contains_key(target.as_str())) {
            return None;
        }
        files.insert(Arc::clone(&file.key), source);
        stamps.insert(file.key, file.stamp);
    }
    let (folders, included) = (previous.folders.clone(), previous.included.clone());
    Some(Ok(Snapshot { sources: Arc::new(Sources { files }), folders, stamps, included }))
}

/// The files in which two states of the project differ, in order.
pub fn changed(before: &Sources, after: &Sources) -> Vec<Arc<str>> {
    let refused = |content: &Content| match content {
        Content::Refused(refusal) => Some(*refusal),
        Content::Bytes(_) | Content::OnDisk(_) => None,
    };
    let is_same =
        |one: &Source, other: &Source| one.digest == other.digest && refused(&one.content) == refused(&other.content);
    let mut changed = Vec::new();
    let (mut old, mut new) = (before.files.iter().peekable(), after.files.iter().peekable());
    loop {
        let order = match (old.peek(), new.peek()) {
            (None, None) => return changed,
            (Some(_), None) => Less,
            (None, Some(_)) => Greater,
            (Some((one, _)), Some((other, _))) if Arc::ptr_eq(one, other) => Equal,
            (Some((one, _)), Some((other, _))) => one.cmp(other),
        };
        let gone = old.next_if(|_| order != Greater);
        let come = new.next_if(|_| order != Less);
        if !gone.zip(come).is_some_and(|((_, one), (_, other))| is_same(one, other)) {
            changed.extend(come.or(gone).map(|(path, _)| Arc::clone(path)));
        }
    }
}

/// Whether every input is as it was when `snapshot` was taken.
pub fn is_current(project: &Path, snapshot: &Snapshot, outputs: &[PathBuf]) -> Result<bool, ReadError> {
    let layout = layout(project)?;
    let (mut found, _) = walk(project, &layout, outputs)?;
    let known: BTreeSet<Arc<str>> = found.iter().map(|file| Arc::clone(&file.key)).collect();
    for key in snapshot.included.iter().filter(|key| !known.contains(*key)) {
        found.extend(single(project, &layout, key, outputs)?);
    }
    Ok(found.len() == snapshot.stamps.len()
        && found.iter().all(|file| snapshot.stamps.get(&file.key).is_some_and(|stamp| stamp.same_file(&file.stamp))))
}

fn read_once(project: &Path, previous: &Snapshot, outputs: &[PathBuf]) -> Result<Snapshot, ReadError> {
    let layout = layout(project)?;
    let (found, folders) = walk(project, &layout, outputs)?;
    let read: Vec<Result<_, ReadError>> = found
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
        .collect();
    // Of several that cannot be read it is always the same that is told.
    let read: Vec<(Arc<str>, Source, Stamp)> = read.into_iter().collect::<Result<_, _>>()?;
    let mut stamps: BTreeMap<_, _> = read.iter().map(|(key, _, stamp)| (Arc::clone(key), *stamp)).collect();
    let mut files = read.into_iter().map(|(key, source, _)| (key, source)).collect();
    let mut folders = folders;
    let mut included = BTreeSet::new();
    for (file, source) in read_included((project, &layout), previous, &files, outputs)? {
        if let Some(folder) = file.path.parent()
            && let Ok(metadata) = fs::metadata(folder)
        {
            folders.insert(folder.to_owned(), metadata.ino());
        }
        if stamps.insert(Arc::clone(&file.key), file.stamp).is_none() {
            included.insert(Arc::clone(&file.key));
        }
        files.insert(file.key, source);
    }
    Ok(Snapshot { sources: Arc::new(Sources { files }), folders, stamps, included })
}

/// The files that pages include and that were not read yet, or not as text, and those that they include.
fn read_included(
    (project, layout): (&Path, &Layout),
    previous: &Snapshot,
    files: &BTreeMap<Arc<str>, Source>,
    outputs: &[PathBuf],
) -> Result<Vec<(Found, Source)>, ReadError> {
    let mut waiting: Vec<String> = files
        .par_iter()
        .filter(|(key, _)| key.ends_with(".md"))
        .flat_map_iter(|(key, source)| asked(key, source))
        .collect();
    let mut seen = BTreeSet::new();
    let mut read = Vec::new();
    while let Some(key) = waiting.pop() {
        if !seen.insert(key.clone()) {
            continue;
        }
        if let Some(source) = files.get(key.as_str()).filter(|source| !matches!(source.content, Content::OnDisk(_))) {
            waiting.extend(asked(&key, source));
            continue;
        }
        let Some(mut file) = single(project, layout, &key, outputs)? else { continue };
        file.is_text = true;
        if file.stamp.size > MAX_TEXT {
            file.refusal = file.refusal.or(Some(Refusal::TooLarge));
        }
        let kept = previous.stamps.get(&file.key).filter(|old| old.settled && old.same_file(&file.stamp));
        let kept = kept.and_then(|_| previous.sources.files.get(&file.key));
        let source = match kept.filter(|source| matches!(source.content, Content::Bytes(_))) {
            Some(source) => {
                file.stamp.settled = true;
                source.clone()
            }
            None => read_file(&file).map_err(|error| ReadError { path: file.path.clone(), error })?,
        };
        waiting.extend(asked(&key, &source));
        read.push((file, source));
    }
    Ok(read)
}

/// The files that a text asks for.
fn asked(key: &str, source: &Source) -> Vec<String> {
    match &source.content {
        // Few ask for any, and every file is asked at every look.
        Content::Bytes(bytes) if memchr::memmem::find(bytes, b"{{").is_none() => Vec::new(),
        Content::Bytes(bytes) => std::str::from_utf8(bytes).map(|text| targets(key, text)).unwrap_or_default(),
        Content::OnDisk(_) | Content::Refused(_) => Vec::new(),
    }
}

/// Reads one file, refusing to follow a link that took its place since the walk.
fn read_file(file: &Found) -> io::Result<Source> {
    if let Some(refusal) = file.refusal {
        return Ok(Source { content: Content::Refused(refusal), digest: Digest::of(b""), size: None });
    }
    let mut handle = fs::OpenOptions::new().read(true).custom_flags(NOFOLLOW_NONBLOCK).open(&file.path)?;
    if file.is_text {
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
pub(super) fn is_meaningful(key: &str) -> bool {
    matches!(extension(key).as_str(), "md" | "yaml" | "toml" | "hbs" | "css" | "js" | "svg" | "html" | "htm")
}

fn is_image(key: &str) -> bool {
    matches!(extension(key).as_str(), "png" | "jpg" | "jpeg" | "gif" | "webp" | "avif")
}

fn extension(key: &str) -> String {
    Path::new(key).extension().map(|e| e.to_string_lossy().to_ascii_lowercase()).unwrap_or_default()
}
