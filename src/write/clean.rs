//! Removes an output that is ours, and nothing else.

use crate::write::build::{LeftBehind, Request, locked};
use crate::write::disk::{Disk, System};
use crate::write::earlier::{examine, remove};
use crate::write::error::{WriteError, failed};
use crate::write::place::{Place, new_digits};

/// Removes the output at the destination of `request`, refused for the same reasons as writing it. Gives
/// what could not be removed. An empty folder is nobody's output, and stays.
pub fn clean(request: &Request<'_>) -> Result<Vec<LeftBehind>, WriteError> {
    clean_on(&System, request)
}

/// [`clean`] on a given disk.
pub fn clean_on(disk: &dyn Disk, request: &Request<'_>) -> Result<Vec<LeftBehind>, WriteError> {
    let place = Place::of(disk, request)?;
    if disk.look(&place.parent).map_err(failed("look at", &place.parent))?.is_none() {
        return Ok(Vec::new());
    }
    let (removed, mut left_behind) = locked(disk, &place, |_, _| {
        if examine(disk, &place)?.manifest.is_none() {
            return Ok(None);
        }
        // Out of the way first: a site that is half removed must not be taken for one.
        let aside = place.staged(&new_digits());
        disk.rename(&place.dest, &aside).map_err(failed("remove", &place.dest))?;
        Ok(remove(disk, &aside).err())
    })?;
    left_behind.extend(removed);
    Ok(left_behind)
}
