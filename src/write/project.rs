//! Files of the project itself, for the few commands that write into it: file by file, each whole.
//!
//! Takes what is to become of each file and what it was; gives nothing, or the first thing that went wrong.
//! All new texts are on the disk before the first file changes, so that a full disk changes nothing.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::write::error::{WriteError, failed};
use crate::write::place::new_digits;

/// What is to become of a file of the project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    /// The file, relative to the project.
    pub path: String,
    /// What it held when it was read; nothing where it must not be there yet.
    pub before: Option<Vec<u8>>,
    /// What it holds from now on; nothing where it goes.
    pub after: Option<Vec<u8>>,
}

/// Makes all revisions, new texts first and deletions last.
pub fn revise(project: &Path, revisions: &[Revision]) -> Result<(), WriteError> {
    for revision in revisions {
        is_as_read(project, revision)?;
    }
    let mut staged: Vec<(PathBuf, PathBuf)> = Vec::new();
    let result = stage(project, revisions, &mut staged).and_then(|()| {
        for (from, to) in &staged {
            fs::rename(from, to).map_err(failed("write", to))?;
        }
        Ok(())
    });
    if result.is_err() {
        for (from, _) in &staged {
            // Those that were renamed are gone already.
            let _ = fs::remove_file(from);
        }
        return result;
    }
    for revision in revisions.iter().filter(|revision| revision.after.is_none()) {
        let path = project.join(&revision.path);
        fs::remove_file(&path).map_err(failed("remove", &path))?;
        remove_empty_folders(project, &path);
    }
    Ok(())
}

/// What a file holds; nothing where there is none. A link or a special file is an error.
pub fn current(path: &Path) -> Result<Option<Vec<u8>>, WriteError> {
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_file() => fs::read(path).map(Some).map_err(failed("read", path)),
        Ok(_) => Err(failed("write", path)(io::Error::other("it is no ordinary file"))),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(failed("read", path)(error)),
    }
}

fn stage(project: &Path, revisions: &[Revision], staged: &mut Vec<(PathBuf, PathBuf)>) -> Result<(), WriteError> {
    for revision in revisions {
        let Some(after) = &revision.after else { continue };
        let path = project.join(&revision.path);
        let folder = path.parent().unwrap_or(project);
        fs::create_dir_all(folder).map_err(failed("make", folder))?;
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        // Hidden, so that neither `watch` nor `serve` takes it for an input.
        let draft = folder.join(format!(".{name}.{}", new_digits()));
        let mut file = OpenOptions::new().write(true).create_new(true).open(&draft).map_err(failed("write", &draft))?;
        staged.push((draft.clone(), path.clone()));
        file.write_all(after).map_err(failed("write", &draft))?;
        if let Ok(metadata) = fs::symlink_metadata(&path) {
            fs::set_permissions(&draft, metadata.permissions()).map_err(failed("write", &draft))?;
        }
    }
    Ok(())
}

/// Somebody may have saved the file since it was read; their words are never lost.
fn is_as_read(project: &Path, revision: &Revision) -> Result<(), WriteError> {
    let path = project.join(&revision.path);
    if current(&path)? == revision.before {
        return Ok(());
    }
    Err(failed("write", &path)(io::Error::other("it changed while this command ran; run it again")))
}

/// A folder whose last page moved away is of no use.
fn remove_empty_folders(project: &Path, path: &Path) {
    let mut folder = path.parent();
    while let Some(empty) = folder.filter(|folder| *folder != project) {
        if fs::remove_dir(empty).is_err() {
            return;
        }
        folder = empty.parent();
    }
}
