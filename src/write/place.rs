//! Where the destination really is, whether it may be one at all, and the names beside it that are ours.
//!
//! Looks at paths only; what stands at the destination is `earlier`'s question. Changes nothing.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Component, Path, PathBuf};

use crate::write::build::Request;
use crate::write::disk::{Disk, Kind, System};
use crate::write::error::{WriteError, failed};

/// How many random digits end the name of a staged folder.
const DIGITS: usize = 12;

/// A destination that may be written to, without links and dots.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// The output folder.
    pub(super) dest: PathBuf,
    /// The folder that it is in.
    pub(super) parent: PathBuf,
    name: OsString,
}

/// Whether the destination of a request may be one at all: it neither is, nor holds, nor lies in what the
/// site is made from.
pub fn judge(request: &Request<'_>) -> Result<(), WriteError> {
    Place::of(&System, request).map(|_| ())
}

impl Place {
    /// The place of a destination that neither is, nor holds, nor lies in what the site is made from.
    pub(super) fn of(disk: &dyn Disk, request: &Request<'_>) -> Result<Place, WriteError> {
        let refuse = |reason: String| WriteError::Refused { dest: request.dest.clone(), reason };
        let (dest, kind) = resolve(disk, &request.dest)?;
        match kind {
            None | Some(Kind::Folder) => {}
            Some(Kind::Link) => return Err(refuse("it is a symbolic link".into())),
            Some(Kind::File | Kind::Other) => return Err(refuse("it is not a folder".into())),
        }
        let project = followed(disk, &request.project)?;
        if project.starts_with(&dest) {
            return Err(refuse("it is or holds the project folder".into()));
        }
        for input in &request.inputs {
            let root = followed(disk, input)?;
            // Where the whole project is the input, its output has to lie somewhere in it.
            if root != project && (root.starts_with(&dest) || dest.starts_with(&root)) {
                return Err(refuse(format!("it is, holds or lies in the input `{}`", input.display())));
            }
        }
        match (dest.parent(), dest.file_name()) {
            (Some(parent), Some(name)) => {
                Ok(Place { parent: parent.to_owned(), name: name.to_owned(), dest: dest.clone() })
            }
            _ => Err(refuse("it is the root of the file system".into())),
        }
    }

    /// The place of a destination, with the folder that it is to be in.
    pub(super) fn ready(disk: &dyn Disk, request: &Request<'_>) -> Result<Place, WriteError> {
        let place = Place::of(disk, request)?;
        if disk.look(&place.parent).map_err(failed("look at", &place.parent))?.is_none() {
            disk.make_parents(&place.parent).map_err(failed("make", &place.parent))?;
        }
        Ok(place)
    }

    /// The lock file.
    pub(super) fn lock_file(&self) -> PathBuf {
        self.beside("lock")
    }

    /// The folder beside the destination that ends in these digits.
    pub(super) fn staged(&self, digits: &str) -> PathBuf {
        self.beside(digits)
    }

    /// The digits of a staged folder's name; nothing if the name is not one that we give.
    pub(super) fn digits<'a>(&self, name: &'a OsStr) -> Option<&'a str> {
        let name = name.as_encoded_bytes().strip_prefix(b".")?.strip_prefix(self.name.as_encoded_bytes())?;
        std::str::from_utf8(name.strip_prefix(b".")?).ok().filter(|digits| are_digits(digits))
    }

    fn beside(&self, end: &str) -> PathBuf {
        let mut name = OsString::from(".");
        name.push(&self.name);
        name.push(".");
        name.push(end);
        self.parent.join(name)
    }
}

/// Whether `text` can end the name of a staged folder.
pub(super) fn are_digits(text: &str) -> bool {
    text.len() == DIGITS && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// Digits that nobody can foresee.
pub(super) fn new_digits() -> String {
    use std::hash::{BuildHasher, RandomState};
    let mut digits = format!("{:016x}", RandomState::new().hash_one(std::process::id()));
    digits.truncate(DIGITS);
    digits
}

/// A path without dots and without links but the last, and what is there. Need not exist.
fn resolve(disk: &dyn Disk, path: &Path) -> Result<(PathBuf, Option<Kind>), WriteError> {
    let absolute = std::path::absolute(path).map_err(failed("find", path))?;
    let mut resolved = PathBuf::new();
    let mut kind = None;
    for component in absolute.components() {
        if kind == Some(Kind::Link) {
            resolved = disk.canonical(&resolved).map_err(failed("follow", &resolved))?;
        }
        match component {
            Component::CurDir => continue,
            Component::ParentDir => drop(resolved.pop()),
            Component::Normal(_) | Component::RootDir | Component::Prefix(_) => resolved.push(component),
        }
        kind = match disk.look(&resolved) {
            Ok(kind) => kind,
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
                let reason = "it lies below a file".to_owned();
                return Err(WriteError::Refused { dest: path.to_owned(), reason });
            }
            Err(error) => return Err(failed("look at", &resolved)(error)),
        };
    }
    Ok((resolved, kind))
}

/// A path without dots and links, as far as it exists.
fn followed(disk: &dyn Disk, path: &Path) -> Result<PathBuf, WriteError> {
    match resolve(disk, path)? {
        (link, Some(Kind::Link)) => Ok(disk.canonical(&link).unwrap_or(link)),
        (resolved, _) => Ok(resolved),
    }
}
