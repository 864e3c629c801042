//! The one writer of a staged folder: makes the folders, links and creates the files, and keeps the manifest.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::io::Errno;

use crate::book::Digest;
use crate::write::disk::Disk;
use crate::write::error::{WriteError, failed};
use crate::write::manifest::{MANIFEST, Manifest, folders_above, is_output_path};
use crate::write::place::new_digits;
use crate::write::stage::{Item, Keeping, Staging, Work};

/// Nobody else may look into a folder that is being filled; everybody may once it is an output.
const STAGING_MODE: u32 = 0o700;

/// The mode of every folder of an output, whatever the umask.
pub(super) const FOLDER_MODE: u32 = 0o755;

/// Writes the files of a staged folder, and what they are in a manifest.
pub(super) struct Writer<'a> {
    staging: &'a Staging<'a>,
    /// The folder; absent until a file has changed.
    pub(super) folder: Option<Folder>,
    pub(super) manifest: Manifest,
    pub(super) changed: Vec<Arc<str>>,
    pub(super) kept: usize,
    /// Kept files that are linked once there is a folder.
    waiting: Vec<Arc<str>>,
    /// How many outputs came, and how many there are.
    progress: (usize, usize),
}

/// A folder that is being filled.
pub(super) struct Folder {
    /// What its name ends in.
    pub(super) digits: String,
    /// Where it is.
    pub(super) path: PathBuf,
    made: HashSet<String>,
}

impl<'a> Writer<'a> {
    pub(super) fn new(staging: &'a Staging<'a>) -> Writer<'a> {
        Writer {
            staging,
            folder: None,
            manifest: Manifest::new(staging.site.source()),
            changed: Vec::new(),
            kept: 0,
            waiting: Vec::new(),
            progress: (0, staging.site.count()),
        }
    }

    /// Takes the next output of the site.
    pub(super) fn accept(&mut self, item: Option<Item>) -> Result<(), WriteError> {
        if let Some(item) = item {
            self.write(item)?;
        }
        self.progress.0 += 1;
        if let Some(progress) = self.staging.request.progress {
            progress(self.progress.0, self.progress.1);
        }
        Ok(())
    }

    /// Writes one file.
    pub(super) fn write(&mut self, item: Item) -> Result<(), WriteError> {
        self.staging.go_on()?;
        let Item { path, edition, digest, work } = item;
        if !is_output_path(&path) || self.manifest.files.insert(Arc::clone(&path), digest).is_some() {
            // The site is made so that neither happens; should it, a page must not vanish under another.
            let error = io::Error::new(io::ErrorKind::InvalidInput, "not a path of an output, or one of two outputs");
            return Err(failed("write", Path::new(&*path))(error));
        }
        if let Some(edition) = edition {
            self.manifest.editions.entry(edition.to_string()).or_default().files.push(Arc::clone(&path));
        }
        match work {
            Work::Keep => return self.keep(path),
            Work::Write(bytes) => {
                let file = self.room_for(&path)?;
                self.staging.disk.write(&file, &bytes).map_err(failed("write", &file))?;
            }
            Work::Copy(key) => {
                let from = self.staging.request.project.join(&*key);
                let file = self.room_for(&path)?;
                if !copy(self.staging.disk, &from, (&file, digest))? {
                    return Err(WriteError::InputChanged { path: from });
                }
            }
        }
        self.changed.push(path);
        Ok(())
    }

    /// Completes the folder, if there has to be one, with the rest of the links and the manifest.
    pub(super) fn finish(&mut self) -> Result<(), WriteError> {
        if self.changed.is_empty() && self.staging.earlier == Some(&self.manifest) {
            return Ok(());
        }
        let bytes = self.manifest.render();
        let file = self.room_for(MANIFEST)?;
        self.staging.disk.write(&file, &bytes).map_err(failed("write", &file))?;
        match (&self.folder, self.staging.keeping) {
            (Some(folder), Keeping::Link) => {
                self.staging.disk.set_mode(&folder.path, FOLDER_MODE).map_err(failed("open up", &folder.path))
            }
            (None, _) | (_, Keeping::Leave) => Ok(()),
        }
    }

    fn keep(&mut self, path: Arc<str>) -> Result<(), WriteError> {
        self.kept += 1;
        match (self.staging.keeping, &self.folder) {
            (Keeping::Leave, _) => Ok(()),
            (Keeping::Link, None) => {
                self.waiting.push(path);
                Ok(())
            }
            (Keeping::Link, Some(_)) => self.link(&path),
        }
    }

    fn link(&mut self, path: &str) -> Result<(), WriteError> {
        let (disk, from) = (self.staging.disk, self.staging.place.dest.join(path));
        let file = self.room_for(path)?;
        match disk.link(&from, &file) {
            Ok(()) => return Ok(()),
            Err(error) if is_unlinkable(&error) => {}
            Err(error) => return Err(failed("link", &file)(error)),
        }
        match self.manifest.files.get(path) {
            Some(digest) if copy(disk, &from, (&file, *digest))? => Ok(()),
            Some(_) | None => {
                Err(failed("read", &from)(io::Error::other("it was changed by another program during the build")))
            }
        }
    }

    /// Where the file at `path` is written, with the folders above it made.
    fn room_for(&mut self, path: &str) -> Result<PathBuf, WriteError> {
        let disk = self.staging.disk;
        if self.folder.is_none() {
            let digits = new_digits();
            let folder = self.staging.place.staged(&digits);
            disk.make_folder(&folder, STAGING_MODE).map_err(failed("make", &folder))?;
            self.folder = Some(Folder { digits, path: folder, made: HashSet::new() });
            for path in std::mem::take(&mut self.waiting) {
                self.staging.go_on()?;
                self.link(&path)?;
            }
        }
        match &mut self.folder {
            Some(folder) => folder.room_for(disk, path),
            None => Ok(self.staging.place.dest.join(path)),
        }
    }
}

impl Folder {
    fn room_for(&mut self, disk: &dyn Disk, path: &str) -> Result<PathBuf, WriteError> {
        let missing: Vec<&str> = folders_above(path).take_while(|folder| !self.made.contains(*folder)).collect();
        for folder in missing.into_iter().rev() {
            let full = self.path.join(folder);
            disk.make_folder(&full, FOLDER_MODE).map_err(failed("make", &full))?;
            self.made.insert(folder.to_owned());
        }
        Ok(self.path.join(path))
    }
}

/// Copies a file; false if it is not there or not what its digest says.
fn copy(disk: &dyn Disk, from: &Path, (to, digest): (&Path, Digest)) -> Result<bool, WriteError> {
    let Some(file) = disk.open(from).map_err(failed("read", from))? else { return Ok(false) };
    Ok(disk.copy(&file, to).map_err(failed("write", to))? == digest)
}

/// Whether the file system cannot link this file, though it may be able to write it.
fn is_unlinkable(error: &io::Error) -> bool {
    use Errno as E;
    let errno = Errno::from_io_error(error);
    errno.is_some_and(|errno| matches!(errno, E::MLINK | E::PERM | E::XDEV | E::NOSYS | E::OPNOTSUPP | E::NOENT))
}
