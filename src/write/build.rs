//! A whole site to a whole folder: staged beside the destination, then exchanged with it in one step.

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use crate::book::{EditionId, Site};
use crate::write::disk::{Disk, System};
use crate::write::earlier::{examine, remove, sweep};
use crate::write::error::WriteError;
use crate::write::exchange::{exchange, recover};
use crate::write::lock::Lock;
use crate::write::manifest::Manifest;
use crate::write::place::Place;
use crate::write::stage::{Keeping, Staged, Staging, stage};

/// Where a site goes, and what it was made from.
pub struct Request<'a> {
    /// The project folder: what copied files are relative to. It is never the destination or below it.
    pub project: PathBuf,
    /// The output folder; need not exist.
    pub dest: PathBuf,
    /// The files and folders that the site was made from. The destination is none of them, holds none and
    /// lies in none; but in the project folder itself it may lie.
    pub inputs: Vec<PathBuf>,
    /// Editions that are taken over from the earlier output, whatever the site has of them.
    pub carried: Vec<EditionId>,
    /// Set from elsewhere to stop before anything is replaced.
    pub interrupt: Option<&'a AtomicBool>,
    /// Told how many outputs are done, and of how many.
    pub progress: Option<&'a (dyn Fn(usize, usize) + Sync)>,
}

impl Request<'_> {
    /// A request for all of a site.
    pub fn new(project: impl Into<PathBuf>, dest: impl Into<PathBuf>) -> Self {
        Request {
            project: project.into(),
            dest: dest.into(),
            inputs: Vec::new(),
            carried: Vec::new(),
            interrupt: None,
            progress: None,
        }
    }
}

/// What was done.
#[derive(Debug)]
pub struct Written {
    /// How many files were written.
    pub changed: usize,
    /// How many are as they were.
    pub kept: usize,
    /// How many are gone.
    pub removed: usize,
    /// How many there are now, without the manifest.
    pub files: usize,
    /// Editions that were to be carried over and are not whole in the earlier output: the site lacks them.
    pub left_out: Vec<EditionId>,
    /// What could not be deleted. The site stands; the next build tries again.
    pub left_behind: Vec<LeftBehind>,
    /// What the destination now holds.
    pub manifest: Manifest,
}

/// A file or folder of ours beside the destination that is no longer of use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftBehind {
    /// Where.
    pub path: PathBuf,
    /// Why it is still there.
    pub reason: String,
}

/// Writes a site; the destination is the whole earlier site until it is the whole new one.
pub fn build(request: &Request<'_>, site: &dyn Site) -> Result<Written, WriteError> {
    build_on(&System, request, site)
}

/// [`build`] on a given disk.
pub fn build_on(disk: &dyn Disk, request: &Request<'_>, site: &dyn Site) -> Result<Written, WriteError> {
    let place = Place::ready(disk, request)?;
    let (mut written, left_behind) = locked(disk, &place, |lock, _| build_locked(disk, request, (&place, lock), site))?;
    written.left_behind.extend(left_behind);
    Ok(written)
}

/// [`build`] where the lock is held already.
pub(super) fn build_locked(
    disk: &dyn Disk,
    request: &Request<'_>,
    (place, lock): (&Place, &Lock<'_>),
    site: &dyn Site,
) -> Result<Written, WriteError> {
    let earlier = examine(disk, place)?;
    let staging = Staging { disk, request, site, place, earlier: earlier.manifest.as_ref(), keeping: Keeping::Link };
    let staged = stage(&staging)?;
    let Some(digits) = staged.digits.clone() else {
        return Ok(Written::of(staged, earlier.manifest.as_ref()));
    };
    let moved = staging.go_on().and_then(|()| exchange(disk, place, lock, (&digits, &earlier)));
    match moved {
        Ok(aside) => {
            let left_behind = aside.and_then(|aside| remove(disk, &aside).err());
            let mut written = Written::of(staged, earlier.manifest.as_ref());
            written.left_behind.extend(left_behind);
            Ok(written)
        }
        Err(error) => {
            // A journal that waits for the next writer may need the staged folder.
            if !lock.is_pending() {
                remove(disk, &place.staged(&digits)).ok();
            }
            Err(error)
        }
    }
}

/// Does some work under the lock of a destination, with what killed builds left there put right before; the
/// work is told whether there was something unfinished. Gives also what could not be cleaned up.
pub(super) fn locked<T>(
    disk: &dyn Disk,
    place: &Place,
    work: impl FnOnce(&Lock<'_>, bool) -> Result<T, WriteError>,
) -> Result<(T, Vec<LeftBehind>), WriteError> {
    let (lock, journal) = Lock::take(disk, place).or_else(|error| match error {
        // Where no lock can be made there may be no site of ours either: then that is what to say.
        WriteError::Environment { .. } => examine(disk, place).and(Err(error)),
        WriteError::Refused { .. }
        | WriteError::Locked { .. }
        | WriteError::InputChanged { .. }
        | WriteError::Interrupted => Err(error),
    })?;
    let was_unfinished = journal.is_some();
    let result = recover(disk, place, &lock, journal).and_then(|()| {
        let left_behind = sweep(disk, place)?;
        Ok((work(&lock, was_unfinished)?, left_behind))
    });
    let path = place.lock_file();
    match (result, lock.release()) {
        (Ok((value, mut left_behind)), released) => {
            left_behind.extend(released.err().map(|error| LeftBehind { path, reason: error.to_string() }));
            Ok((value, left_behind))
        }
        (Err(error), _) => Err(error),
    }
}

impl Written {
    /// What staging found, compared with what was there.
    pub(super) fn of(staged: Staged, earlier: Option<&Manifest>) -> Written {
        let earlier = earlier.map(|earlier| earlier.files.keys()).into_iter().flatten();
        Written {
            changed: staged.changed.len(),
            kept: staged.kept,
            removed: earlier.filter(|path| !staged.manifest.files.contains_key(*path)).count(),
            files: staged.manifest.files.len(),
            left_out: staged.left_out,
            left_behind: Vec::new(),
            manifest: staged.manifest,
        }
    }
}
