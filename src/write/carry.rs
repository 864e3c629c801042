//! Editions that are taken over from the earlier output: exactly and whole, or not at all.

use std::sync::Arc;

use rayon::prelude::*;

use crate::book::{Digest, EditionId};
use crate::write::build::Request;
use crate::write::disk::{Disk, System};
use crate::write::earlier::manifest_in;
use crate::write::error::{WriteError, failed};
use crate::write::manifest::{EditionFiles, Manifest};
use crate::write::place::Place;
use crate::write::stage::{Item, Staging, Work};
use crate::write::writer::Writer;

/// The editions among the request's [`carried`](Request::carried) that the destination holds whole: those
/// that the new site may name.
pub fn whole(request: &Request<'_>) -> Result<Vec<EditionId>, WriteError> {
    let disk = &System;
    let place = Place::of(disk, request)?;
    let Some(manifest) = manifest_in(disk, &place.dest)? else { return Ok(Vec::new()) };
    let mut whole = Vec::new();
    for id in &request.carried {
        if let Some(edition) = earlier(&manifest, id)
            && is_whole(disk, &place, (&manifest, edition))?
        {
            whole.push(id.clone());
        }
    }
    Ok(whole)
}

/// Takes an edition over.
pub(super) fn carry(staging: &Staging<'_>, writer: &mut Writer<'_>, id: &EditionId) -> Result<bool, WriteError> {
    let Some(manifest) = staging.earlier else { return Ok(false) };
    let Some(edition) = earlier(manifest, id) else { return Ok(false) };
    staging.go_on()?;
    let is_other =
        |(path, digest): (&Arc<str>, &Digest)| writer.manifest.files.get(path).is_some_and(|other| other != digest);
    if files(manifest, edition).any(is_other) || !is_whole(staging.disk, staging.place, (manifest, edition))? {
        return Ok(false);
    }
    for (path, digest) in files(manifest, edition) {
        if !writer.manifest.files.contains_key(path) {
            let item = Item { path: Arc::clone(path), edition: None, digest: *digest, work: Work::Keep };
            writer.write(item)?;
        }
    }
    writer.manifest.editions.insert(id.to_string(), edition.clone());
    Ok(true)
}

/// An organisation's edition in an earlier output, in a folder of its own name: one that stood alone at the
/// root has no place in this one.
fn earlier<'m>(manifest: &'m Manifest, id: &EditionId) -> Option<&'m EditionFiles> {
    let edition = manifest.editions.get(&id.to_string())?;
    let folder = format!("{id}/");
    let is_in_place = |path: &Arc<str>| path.starts_with(&folder) || path.starts_with("assets/");
    edition.files.iter().all(is_in_place).then_some(edition)
}

fn files<'m>(manifest: &'m Manifest, edition: &'m EditionFiles) -> impl Iterator<Item = (&'m Arc<str>, &'m Digest)> {
    edition.files.iter().chain(&edition.assets).filter_map(|path| manifest.files.get_key_value(path))
}

fn is_whole(
    disk: &dyn Disk,
    place: &Place,
    (manifest, edition): (&Manifest, &EditionFiles),
) -> Result<bool, WriteError> {
    files(manifest, edition)
        .collect::<Vec<_>>()
        .into_par_iter()
        .map(|(path, digest)| {
            let file = place.dest.join(&**path);
            Ok(disk.digest(&file).map_err(failed("read", &file))? == Some(*digest))
        })
        .try_reduce(|| true, |one, other| Ok(one && other))
}
