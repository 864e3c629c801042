//! Whether an output is whole and current, by its own manifest. Reads every byte of it; changes nothing.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use rayon::prelude::*;

use crate::book::Digest;
use crate::write::disk::{Disk, Kind, System};
use crate::write::earlier::walk;
use crate::write::error::{WriteError, failed};
use crate::write::manifest::{MANIFEST, Manifest};

/// One thing that is wrong with an output.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The file, below the output.
    pub path: Arc<str>,
    /// What is wrong with it.
    pub kind: ProblemKind,
}

/// What can be wrong with a file of an output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProblemKind {
    /// The manifest lists it, and it is not there; of the manifest itself: it cannot be read as one.
    Missing,
    /// It is there, and the manifest does not list it.
    Added,
    /// Its bytes are not those that the manifest lists, or it is no regular file.
    Changed,
    /// Of the manifest: the output was made from other sources.
    Stale,
}

impl ProblemKind {
    /// The word for it in every format (spec §7).
    pub fn as_str(self) -> &'static str {
        match self {
            ProblemKind::Missing => "missing",
            ProblemKind::Added => "added",
            ProblemKind::Changed => "changed",
            ProblemKind::Stale => "stale",
        }
    }
}

/// What is wrong with the output in `dest`, sorted by path; with the digest of the sources, also whether it
/// is theirs.
pub fn verify(dest: &Path, source: Option<Digest>) -> Result<Vec<Problem>, WriteError> {
    let disk = &System;
    let about_manifest = |kind| Problem { path: MANIFEST.into(), kind };
    let path = dest.join(MANIFEST);
    let bytes = disk.read(&path).map_err(failed("read", &path))?.unwrap_or_default();
    let Some(manifest) = Manifest::parse(&bytes) else {
        return Ok(vec![about_manifest(ProblemKind::Missing)]);
    };
    let mut problems = Vec::new();
    // A manifest is rendered in one way, so a change that leaves its meaning alone is seen as well.
    if manifest.render() != bytes {
        problems.push(about_manifest(ProblemKind::Changed));
    }
    if source.is_some_and(|source| source != manifest.source) {
        problems.push(about_manifest(ProblemKind::Stale));
    }
    let there = kinds(disk, dest)?;
    let added =
        there.iter().filter(|(path, kind)| **kind != Kind::Folder && !manifest.files.contains_key(path.as_str()));
    problems.extend(added.map(|(path, _)| Problem { path: path.as_str().into(), kind: ProblemKind::Added }));
    let listed: Vec<(&Arc<str>, &Digest)> = manifest.files.iter().collect();
    let wrong: Vec<Option<Problem>> = listed
        .into_par_iter()
        .map(|(path, digest)| {
            let kind = match there.get(&**path) {
                None => ProblemKind::Missing,
                Some(Kind::File) => {
                    let file = dest.join(&**path);
                    match disk.digest(&file).map_err(failed("read", &file))? {
                        Some(there) if there == *digest => return Ok(None),
                        Some(_) | None => ProblemKind::Changed,
                    }
                }
                Some(Kind::Folder | Kind::Link | Kind::Other) => ProblemKind::Changed,
            };
            Ok(Some(Problem { path: Arc::clone(path), kind }))
        })
        .collect::<Result<_, WriteError>>()?;
    problems.extend(wrong.into_iter().flatten());
    problems.sort();
    Ok(problems)
}

/// Everything in an output but its manifest.
fn kinds(disk: &dyn Disk, dest: &Path) -> Result<BTreeMap<String, Kind>, WriteError> {
    let mut kinds = BTreeMap::new();
    walk(disk, dest, &mut |path, kind| {
        if path != MANIFEST {
            kinds.insert(path.to_owned(), kind);
        }
        Ok(())
    })?;
    Ok(kinds)
}
