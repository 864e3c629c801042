//! The disk as this stage sees it: the few things that it does there, one method each.
//!
//! All disk work of `write` goes through [`Disk`], so that a test can let a process die, or an
//! operation fail, at every single one of them. [`System`] is the real disk. Links are never followed.

use std::ffi::{OsStr, OsString};
use std::fs::{self, DirBuilder, File, Metadata, OpenOptions, Permissions, TryLockError};
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, FileExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, Dir, FileType, OFlags, RenameFlags, renameat_with};
use rustix::io::Errno;

use crate::book::{Digest, DigestWriter};

/// Mode of every file of an output, whatever the umask: a web server has to read it.
const FILE_MODE: u32 = 0o644;

/// How much of a file is in memory while it is streamed.
const CHUNK: u64 = 64 << 10;

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link.
    Link,
    /// A socket, a device, a FIFO.
    Other,
}

/// Everything that is done on disk. The methods that change something leave it undone when they
/// fail, but for a file half written.
pub trait Disk: Sync {
    /// What is at a path; nothing if there is nothing.
    fn look(&self, path: &Path) -> io::Result<Option<Kind>>;

    /// The names in a folder, in no particular order.
    fn list(&self, folder: &Path) -> io::Result<Vec<(OsString, Kind)>>;

    /// The path without links and dots.
    fn canonical(&self, path: &Path) -> io::Result<PathBuf>;

    /// The bytes of a file; nothing if there is no regular file.
    fn read(&self, file: &Path) -> io::Result<Option<Vec<u8>>>;

    /// The digest of a file; nothing if there is no regular file.
    fn digest(&self, file: &Path) -> io::Result<Option<Digest>>;

    /// Whether there is a regular file of exactly these bytes.
    fn matches(&self, file: &Path, bytes: &[u8]) -> io::Result<bool>;

    /// Opens a file for [`Disk::copy`]; nothing if there is no regular file.
    fn open(&self, file: &Path) -> io::Result<Option<File>>;

    /// Makes a folder that is not there, and the folders above it.
    fn make_parents(&self, folder: &Path) -> io::Result<()>;

    /// Makes a folder with this mode, whatever the umask; an error if there is anything.
    fn make_folder(&self, folder: &Path, mode: u32) -> io::Result<()>;

    /// Sets the permissions of a folder.
    fn set_mode(&self, folder: &Path, mode: u32) -> io::Result<()>;

    /// Writes a file; an error if there is anything.
    fn write(&self, file: &Path, bytes: &[u8]) -> io::Result<()>;

    /// Streams a file into a new one; gives the digest of what was copied.
    fn copy(&self, from: &File, to: &Path) -> io::Result<Digest>;

    /// Gives a file a second name; an error if there is anything under it.
    fn link(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Renames, in place of a file that is there.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Renames; an error if there is anything.
    fn rename_new(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Lets two folders change places in one step.
    fn exchange(&self, one: &Path, other: &Path) -> io::Result<()>;

    /// Waits until the bytes of a file, or the names in a folder, are on the disk itself.
    fn sync(&self, path: &Path) -> io::Result<()>;

    /// Removes a file or a link.
    fn remove_file(&self, file: &Path) -> io::Result<()>;

    /// Removes an empty folder.
    fn remove_folder(&self, folder: &Path) -> io::Result<()>;

    /// Makes and locks a lock file; nothing if another process holds it.
    fn lock(&self, path: &Path) -> io::Result<Option<Held>>;

    /// Replaces the text of a lock file.
    fn record(&self, lock: &Held, text: &[u8]) -> io::Result<()>;
}

/// A lock file that is held until this is dropped.
#[derive(Debug)]
pub struct Held {
    file: File,
    /// What was in it: the journal of a process that died.
    pub(super) left: Vec<u8>,
}

/// The real disk.
#[derive(Clone, Copy, Debug, Default)]
pub struct System;

impl Disk for System {
    fn look(&self, path: &Path) -> io::Result<Option<Kind>> {
        match fs::symlink_metadata(path) {
            Ok(metadata) => Ok(Some(kind(&metadata))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<(OsString, Kind)>> {
        // Not `fs::read_dir`: it panics when the folder cannot be closed.
        let folder_flags = (OFlags::DIRECTORY | OFlags::NOFOLLOW).bits() as i32;
        let opened = OpenOptions::new().read(true).custom_flags(folder_flags).open(folder)?;
        let mut entries = Vec::new();
        for entry in Dir::new(OwnedFd::from(opened))? {
            let entry = entry?;
            let name = OsStr::from_bytes(entry.file_name().to_bytes());
            if name == "." || name == ".." {
                continue;
            }
            let kind = match entry.file_type() {
                FileType::RegularFile => Kind::File,
                FileType::Directory => Kind::Folder,
                FileType::Symlink => Kind::Link,
                // Some file systems tell only when asked about each.
                FileType::Unknown => self.look(&folder.join(name))?.unwrap_or(Kind::Other),
                FileType::Fifo | FileType::Socket | FileType::CharacterDevice | FileType::BlockDevice => Kind::Other,
            };
            entries.push((name.to_owned(), kind));
        }
        Ok(entries)
    }

    fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
        fs::canonicalize(path)
    }

    fn read(&self, file: &Path) -> io::Result<Option<Vec<u8>>> {
        let Some(mut file) = self.open(file)? else { return Ok(None) };
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(Some(bytes))
    }

    fn digest(&self, file: &Path) -> io::Result<Option<Digest>> {
        let Some(file) = self.open(file)? else { return Ok(None) };
        stream(&file, &mut io::sink()).map(Some)
    }

    fn matches(&self, file: &Path, bytes: &[u8]) -> io::Result<bool> {
        let Some(file) = self.open(file)? else { return Ok(false) };
        if file.metadata()?.len() != bytes.len() as u64 {
            return Ok(false);
        }
        let mut there = Vec::with_capacity(bytes.len() + 1);
        file.take(bytes.len() as u64 + 1).read_to_end(&mut there)?;
        Ok(there == bytes)
    }

    fn open(&self, file: &Path) -> io::Result<Option<File>> {
        match OpenOptions::new().read(true).custom_flags(NOFOLLOW_NONBLOCK).open(file) {
            Ok(file) if file.metadata()?.is_file() => Ok(Some(file)),
            Ok(_) => Ok(None),
            Err(error) if is_no_file(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn make_parents(&self, folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder)
    }

    fn make_folder(&self, folder: &Path, mode: u32) -> io::Result<()> {
        DirBuilder::new().mode(mode).create(folder)?;
        self.set_mode(folder, mode)
    }

    fn set_mode(&self, folder: &Path, mode: u32) -> io::Result<()> {
        let is = fs::symlink_metadata(folder)?.permissions().mode();
        if is & 0o777 == mode {
            return Ok(());
        }
        // A folder may have inherited its group from above; that stays.
        fs::set_permissions(folder, Permissions::from_mode((is & 0o7000) | mode))
    }

    fn write(&self, file: &Path, bytes: &[u8]) -> io::Result<()> {
        create(file)?.write_all(bytes)
    }

    fn copy(&self, from: &File, to: &Path) -> io::Result<Digest> {
        stream(from, &mut create(to)?)
    }

    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::hard_link(from, to)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn rename_new(&self, from: &Path, to: &Path) -> io::Result<()> {
        Ok(renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE)?)
    }

    fn exchange(&self, one: &Path, other: &Path) -> io::Result<()> {
        Ok(renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE)?)
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }

    fn remove_file(&self, file: &Path) -> io::Result<()> {
        fs::remove_file(file)
    }

    fn remove_folder(&self, folder: &Path) -> io::Result<()> {
        fs::remove_dir(folder)
    }

    fn lock(&self, path: &Path) -> io::Result<Option<Held>> {
        loop {
            let mut file = OpenOptions::new()
                .read(true)
                .write(true)
                .create(true)
                .truncate(false)
                .mode(0o600)
                .custom_flags(NOFOLLOW_NONBLOCK)
                .open(path)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(error)) => return Err(error),
            }
            let locked = file.metadata()?;
            match fs::symlink_metadata(path) {
                Ok(there) if (there.dev(), there.ino()) == (locked.dev(), locked.ino()) => {
                    let mut left = Vec::new();
                    file.read_to_end(&mut left)?;
                    return Ok(Some(Held { file, left }));
                }
                // Its last holder removed it after we had opened it: what we hold keeps nobody out.
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn record(&self, lock: &Held, text: &[u8]) -> io::Result<()> {
        lock.file.set_len(0)?;
        lock.file.write_all_at(text, 0)
    }
}

/// `O_NOFOLLOW | O_NONBLOCK`: neither a link nor a FIFO in a file's place can mislead or hang us.
const NOFOLLOW_NONBLOCK: i32 = (OFlags::NOFOLLOW.bits() | OFlags::NONBLOCK.bits()) as i32;

fn kind(metadata: &Metadata) -> Kind {
    if metadata.is_file() {
        Kind::File
    } else if metadata.is_dir() {
        Kind::Folder
    } else if metadata.is_symlink() {
        Kind::Link
    } else {
        Kind::Other
    }
}

/// Whether opening failed because there is nothing, a link, or a file where a folder should be.
fn is_no_file(error: &io::Error) -> bool {
    let errno = Errno::from_io_error(error);
    errno.is_some_and(|errno| matches!(errno, Errno::NOENT | Errno::NOTDIR | Errno::ISDIR | Errno::LOOP))
}

fn create(file: &Path) -> io::Result<File> {
    let file = OpenOptions::new().write(true).create_new(true).mode(FILE_MODE).open(file)?;
    // Looking is far cheaper than setting, and a umask that hides files is rare.
    if file.metadata()?.permissions().mode() & 0o777 != FILE_MODE {
        file.set_permissions(Permissions::from_mode(FILE_MODE))?;
    }
    Ok(file)
}

fn stream(from: &File, to: &mut dyn Write) -> io::Result<Digest> {
    let mut digest = DigestWriter::new();
    let mut buffer = Vec::new();
    while from.take(CHUNK).read_to_end(&mut buffer)? > 0 {
        digest.continue_part(&buffer);
        to.write_all(&buffer)?;
        buffer.clear();
    }
    Ok(digest.finish())
}
