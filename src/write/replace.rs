//! Single files of an output, for `watch`: what did not change is not touched, so that a server or a
//! browser that looks at the folder sees no more than happened.
//!
//! The changed files are staged beside the destination, then renamed into it: assets first, so that no page
//! asks for one that is not there; deletions after the pages that no longer ask; the manifest last. A file is
//! always whole, the site between two files is not. The journal names the files that the manifest does not
//! list yet; whoever finds it removes them and builds whole.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::book::Site;
use crate::write::build::{Request, Written, build_locked, locked};
use crate::write::disk::{Disk, System};
use crate::write::earlier::remove;
use crate::write::error::{WriteError, failed};
use crate::write::exchange::{remove_below, rename_new};
use crate::write::lock::{Journal, Lock};
use crate::write::manifest::{MANIFEST, Manifest, folders_above};
use crate::write::place::Place;
use crate::write::stage::{Keeping, Staged, Staging, stage};
use crate::write::writer::FOLDER_MODE;

/// Brings the destination from `previous`, which is what it holds since the last call, to `site`. If it holds
/// something else, or a call was cut short, the site is built whole.
pub fn replace(request: &Request<'_>, site: &dyn Site, previous: &Manifest) -> Result<Written, WriteError> {
    replace_on(&System, request, site, previous)
}

/// [`replace`] on a given disk.
pub fn replace_on(
    disk: &dyn Disk,
    request: &Request<'_>,
    site: &dyn Site,
    previous: &Manifest,
) -> Result<Written, WriteError> {
    let place = Place::ready(disk, request)?;
    let manifest = place.dest.join(MANIFEST);
    let (mut written, left_behind) = locked(disk, &place, |lock, was_unfinished| {
        let is_previous = disk.matches(&manifest, &previous.render()).map_err(failed("read", &manifest))?;
        if was_unfinished || !is_previous {
            return build_locked(disk, request, (&place, lock), site);
        }
        let staging = Staging { disk, request, site, place: &place, earlier: Some(previous), keeping: Keeping::Leave };
        let staged = stage(&staging)?;
        let Some(digits) = &staged.digits else { return Ok(Written::of(staged, Some(previous))) };
        let folder = place.staged(digits);
        let change = Change::between(previous, &staged);
        let fits = change.fits(disk, &place, (previous, &staged.manifest));
        let applied = match fits {
            Ok(true) => change.apply(disk, &folder, (&place, lock)),
            Ok(false) | Err(_) => Ok(()),
        };
        let left_behind = remove(disk, &folder).err();
        applied?;
        if !fits? {
            return build_locked(disk, request, (&place, lock), site);
        }
        let mut written = Written::of(staged, Some(previous));
        written.left_behind.extend(left_behind);
        Ok(written)
    })?;
    written.left_behind.extend(left_behind);
    Ok(written)
}

/// What becomes of the files of a destination.
struct Change {
    /// What is put there, in this order.
    put: Vec<(Arc<str>, Put)>,
    removed: Vec<Arc<str>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Put {
    New,
    Over,
}

impl Change {
    fn between(previous: &Manifest, staged: &Staged) -> Change {
        let how = |path: &Arc<str>| if previous.files.contains_key(path) { Put::Over } else { Put::New };
        let mut put: Vec<(Arc<str>, Put)> = staged.changed.iter().map(|path| (Arc::clone(path), how(path))).collect();
        put.sort_by_cached_key(|(path, _)| (!path.starts_with("assets/"), Arc::clone(path)));
        let removed = previous.files.keys().filter(|path| !staged.manifest.files.contains_key(*path));
        Change { put, removed: removed.cloned().collect() }
    }

    fn added(&self) -> impl Iterator<Item = &Arc<str>> {
        self.put.iter().filter(|(_, how)| *how == Put::New).map(|(path, _)| path)
    }

    /// Whether the files can go one by one: not where one becomes a folder, or a folder one, nor where
    /// something stands that is not ours.
    fn fits(&self, disk: &dyn Disk, place: &Place, (old, new): (&Manifest, &Manifest)) -> Result<bool, WriteError> {
        let is_below_file =
            |path: &Arc<str>, files: &Manifest| folders_above(path).any(|folder| files.files.contains_key(folder));
        if self.added().any(|path| is_below_file(path, old)) || self.removed.iter().any(|path| is_below_file(path, new))
        {
            return Ok(false);
        }
        for path in self.added() {
            let file = place.dest.join(&**path);
            if disk.look(&file).map_err(failed("look at", &file))?.is_some() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Does it. On failure the journal stays, and the next call starts from it.
    fn apply(&self, disk: &dyn Disk, folder: &Path, (place, lock): (&Place, &Lock<'_>)) -> Result<(), WriteError> {
        lock.record(&Journal::Replace { added: self.added().cloned().collect() })?;
        let mut made = BTreeSet::new();
        for (path, how) in &self.put {
            let (from, to) = (folder.join(&**path), place.dest.join(&**path));
            make_folders(disk, place, (path, &mut made))?;
            match how {
                Put::New => rename_new(disk, &from, &to),
                Put::Over => disk.rename(&from, &to),
            }
            .map_err(failed("write", &to))?;
        }
        for path in &self.removed {
            remove_below(disk, &place.dest, path)?;
        }
        let to = place.dest.join(MANIFEST);
        disk.rename(&folder.join(MANIFEST), &to).map_err(failed("write", &to))?;
        lock.settle();
        Ok(())
    }
}

/// Makes the folders above a new file that are not there yet.
fn make_folders<'a>(
    disk: &dyn Disk,
    place: &Place,
    (path, made): (&'a str, &mut BTreeSet<&'a str>),
) -> Result<(), WriteError> {
    let missing: Vec<&str> = folders_above(path).take_while(|folder| made.insert(folder)).collect();
    for folder in missing.into_iter().rev() {
        let full = place.dest.join(folder);
        match disk.make_folder(&full, FOLDER_MODE) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            result => result.map_err(failed("make", &full))?,
        }
    }
    Ok(())
}
