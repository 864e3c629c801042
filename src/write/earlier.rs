//! What stands at the destination and beside it: ours file by file, or not to be touched.
//!
//! Reads folders and their manifest; removes only what a manifest of ours lists, and folders that we staged.

use std::path::{Path, PathBuf};

use crate::write::build::LeftBehind;
use crate::write::disk::{Disk, Kind};
use crate::write::error::{WriteError, failed};
use crate::write::manifest::{MANIFEST, Manifest};
use crate::write::place::Place;

/// What stands at the destination.
#[derive(Debug)]
pub(super) struct Earlier {
    /// Whether there is a folder at all.
    pub(super) exists: bool,
    /// The site in it; absent where there are no files.
    pub(super) manifest: Option<Manifest>,
}

/// Looks at every name in the destination; refuses it when one is not the manifest's.
pub(super) fn examine(disk: &dyn Disk, place: &Place) -> Result<Earlier, WriteError> {
    let refuse = |reason: String| WriteError::Refused { dest: place.dest.clone(), reason };
    match disk.look(&place.dest).map_err(failed("look at", &place.dest))? {
        None => return Ok(Earlier { exists: false, manifest: None }),
        Some(Kind::Folder) => {}
        Some(Kind::File | Kind::Link | Kind::Other) => return Err(refuse("it is not a folder".into())),
    }
    let manifest = manifest_in(disk, &place.dest)?;
    walk(disk, &place.dest, &mut |path, kind| {
        let is_ours = match &manifest {
            Some(manifest) => kind == Kind::File && (path == MANIFEST || manifest.files.contains_key(path)),
            None => false,
        };
        if kind == Kind::Folder || is_ours {
            return Ok(());
        }
        Err(refuse(match (&manifest, kind) {
            (None, _) => format!("it holds `{path}` and no manifest.json of leidraad; choose another folder"),
            (Some(_), Kind::File | Kind::Folder) => {
                format!("it holds `{path}`, which its manifest.json does not list; move that file first")
            }
            (Some(_), Kind::Link | Kind::Other) => {
                format!("it holds `{path}`, which is not a regular file; move it first")
            }
        }))
    })?;
    Ok(Earlier { exists: true, manifest })
}

/// The manifest in an output folder; nothing if there is none of ours.
pub(super) fn manifest_in(disk: &dyn Disk, folder: &Path) -> Result<Option<Manifest>, WriteError> {
    let path = folder.join(MANIFEST);
    Ok(disk.read(&path).map_err(failed("read", &path))?.and_then(|bytes| Manifest::parse(&bytes)))
}

/// Removes what killed builds left beside the destination. What cannot be removed stops no build.
pub(super) fn sweep(disk: &dyn Disk, place: &Place) -> Result<Vec<LeftBehind>, WriteError> {
    let names = disk.list(&place.parent).map_err(failed("list", &place.parent))?;
    Ok(names
        .iter()
        .filter(|(_, kind)| *kind == Kind::Folder)
        .filter_map(|(name, _)| place.digits(name))
        .filter_map(|digits| remove(disk, &place.staged(digits)).err())
        .collect())
}

/// Removes a folder that we staged, or an earlier site that was moved there. Of a site, only what its manifest lists:
/// somebody may have saved a file into it since it was examined. A folder without one was being staged, so all is ours.
pub(super) fn remove(disk: &dyn Disk, folder: &Path) -> Result<(), LeftBehind> {
    let left = |error: WriteError| LeftBehind { path: folder.to_owned(), reason: error.to_string() };
    let manifest = manifest_in(disk, folder).map_err(left)?;
    let mut folders: Vec<PathBuf> = Vec::new();
    let mut foreign = None;
    walk(disk, folder, &mut |path, kind| {
        let full = folder.join(path);
        match &manifest {
            _ if kind == Kind::Folder => folders.push(full),
            // Last, so that a removal that is cut short goes on as it began.
            Some(_) if path == MANIFEST => {}
            Some(manifest) if kind != Kind::File || !manifest.files.contains_key(path) => {
                foreign.get_or_insert_with(|| path.to_owned());
            }
            Some(_) | None => disk.remove_file(&full).map_err(failed("remove", &full))?,
        }
        Ok(())
    })
    .map_err(left)?;
    if let Some(path) = foreign {
        let reason = format!("it holds `{path}`, which leidraad did not write");
        return Err(LeftBehind { path: folder.to_owned(), reason });
    }
    for inner in folders.iter().rev() {
        disk.remove_folder(inner).map_err(failed("remove", inner)).map_err(left)?;
    }
    if manifest.is_some() {
        let path = folder.join(MANIFEST);
        disk.remove_file(&path).map_err(failed("remove", &path)).map_err(left)?;
    }
    disk.remove_folder(folder).map_err(failed("remove", folder)).map_err(left)
}

/// Visits everything below a folder by its path below it, folders before what is in them. A name that is
/// not UTF-8 is shown as text and told to be of the kind that is nobody's.
pub(super) fn walk(
    disk: &dyn Disk,
    root: &Path,
    visit: &mut dyn FnMut(&str, Kind) -> Result<(), WriteError>,
) -> Result<(), WriteError> {
    let mut waiting = vec![String::new()];
    while let Some(folder) = waiting.pop() {
        let full = root.join(&folder);
        for (name, kind) in disk.list(&full).map_err(failed("list", &full))? {
            let shown = name.to_string_lossy();
            let path = if folder.is_empty() { shown.into_owned() } else { format!("{folder}/{shown}") };
            let kind = if name.to_str().is_some() { kind } else { Kind::Other };
            visit(&path, kind)?;
            if kind == Kind::Folder {
                waiting.push(path);
            }
        }
    }
    Ok(())
}
