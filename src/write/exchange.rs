//! The step in which the new site takes the place of the earlier one, and its completion after a kill.

use std::io;
use std::path::{Path, PathBuf};

use rustix::io::Errno;

use crate::write::disk::{Disk, Kind};
use crate::write::earlier::{Earlier, manifest_in};
use crate::write::error::{WriteError, failed};
use crate::write::lock::{Journal, Lock};
use crate::write::manifest::folders_above;
use crate::write::place::{Place, new_digits};

/// Puts a staged site at the destination; gives the folder in which the earlier one is now, if there was one.
pub(super) fn exchange(
    disk: &dyn Disk,
    place: &Place,
    lock: &Lock<'_>,
    (digits, earlier): (&str, &Earlier),
) -> Result<Option<PathBuf>, WriteError> {
    let staged = place.staged(digits);
    if !earlier.exists {
        rename_new(disk, &staged, &place.dest).map_err(failed("make", &place.dest))?;
        return Ok(None);
    }
    match disk.exchange(&staged, &place.dest) {
        Ok(()) => Ok(Some(staged)),
        Err(error) if is_unsupported(&error) => two_renames(disk, place, lock, digits).map(Some),
        Err(error) => Err(failed("replace", &place.dest)(error)),
    }
}

/// Brings to an end, or back to the beginning, what a killed writer had announced.
pub(super) fn recover(
    disk: &dyn Disk,
    place: &Place,
    lock: &Lock<'_>,
    journal: Option<Journal>,
) -> Result<(), WriteError> {
    match journal {
        None => return Ok(()),
        Some(Journal::Exchange { new, old }) => complete(disk, place, &[new, old])?,
        Some(Journal::Replace { added }) => {
            // Without a manifest nothing tells what is ours; then nothing is removed.
            if let Some(manifest) = manifest_in(disk, &place.dest)? {
                for path in added.iter().filter(|path| !manifest.files.contains_key(*path)) {
                    remove_below(disk, &place.dest, path)?;
                }
            }
        }
    }
    lock.clear()
}

/// Removes a file of the destination, if it is there, and the folders that it leaves empty.
pub(super) fn remove_below(disk: &dyn Disk, dest: &Path, path: &str) -> Result<(), WriteError> {
    let file = dest.join(path);
    match disk.remove_file(&file) {
        Ok(()) => {}
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {}
        Err(error) => return Err(failed("remove", &file)(error)),
    }
    for folder in folders_above(path) {
        let folder = dest.join(folder);
        match disk.remove_folder(&folder) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => break,
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {}
            Err(error) => return Err(failed("remove", &folder)(error)),
        }
    }
    Ok(())
}

/// Renames to where nothing is, also on a file system that cannot promise it.
pub(super) fn rename_new(disk: &dyn Disk, from: &Path, to: &Path) -> io::Result<()> {
    match disk.rename_new(from, to) {
        Err(error) if is_unsupported(&error) => match disk.look(to)? {
            None => disk.rename(from, to),
            Some(_) => Err(io::ErrorKind::AlreadyExists.into()),
        },
        result => result,
    }
}

/// For file systems without an exchange. In between there is nothing at the destination.
fn two_renames(disk: &dyn Disk, place: &Place, lock: &Lock<'_>, digits: &str) -> Result<PathBuf, WriteError> {
    let old = new_digits();
    let (staged, aside) = (place.staged(digits), place.staged(&old));
    lock.record(&Journal::Exchange { new: digits.to_owned(), old })?;
    let moved = disk.rename(&place.dest, &aside).and_then(|()| {
        disk.rename(&staged, &place.dest).inspect_err(|_| {
            // Should this fail too, the journal stays and the next writer completes the exchange.
            disk.rename(&aside, &place.dest).ok();
        })
    });
    if moved.is_ok() || disk.look(&place.dest).is_ok_and(|kind| kind.is_some()) {
        lock.settle();
    }
    moved.map(|()| aside).map_err(failed("replace", &place.dest))
}

fn complete(disk: &dyn Disk, place: &Place, candidates: &[String]) -> Result<(), WriteError> {
    if disk.look(&place.dest).map_err(failed("look at", &place.dest))?.is_some() {
        return Ok(());
    }
    for staged in candidates.iter().map(|digits| place.staged(digits)) {
        if disk.look(&staged).map_err(failed("look at", &staged))? == Some(Kind::Folder) {
            return disk.rename(&staged, &place.dest).map_err(failed("replace", &place.dest));
        }
    }
    Ok(())
}

/// Whether the system does not know a kind of rename.
fn is_unsupported(error: &io::Error) -> bool {
    Errno::from_io_error(error).is_some_and(|errno| matches!(errno, Errno::NOSYS | Errno::INVAL | Errno::OPNOTSUPP))
}
