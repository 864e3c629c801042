//! A disk on which the process dies, or an operation fails, at a chosen call.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use leidraad::book::Digest;
use leidraad::write::{Disk, Held, Kind, System};

/// What happens at the chosen call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The process is killed: nothing after it has an effect.
    Death,
    /// No space is left; what follows works again.
    Full,
    /// Nothing works any more, but the process goes on.
    FullForGood,
}

#[derive(Default)]
pub(crate) struct Faulty {
    fault: Option<(usize, Fault)>,
    lacks_exchange: bool,
    lacks_links: bool,
    renames_once: bool,
    renames: AtomicUsize,
    calls: AtomicUsize,
    dead: AtomicBool,
    /// The calls that change something.
    pub(crate) log: Mutex<Vec<String>>,
}

impl Faulty {
    pub(crate) fn at(call: usize, fault: Fault) -> Faulty {
        Faulty { fault: Some((call, fault)), ..Faulty::default() }
    }

    pub(crate) fn without_links() -> Faulty {
        Faulty { lacks_links: true, ..Faulty::default() }
    }

    pub(crate) fn without_exchange(mut self) -> Faulty {
        self.lacks_exchange = true;
        self
    }

    /// On which two folders cannot be exchanged, and only one of two renames works.
    pub(crate) fn with_one_rename() -> Faulty {
        Faulty { lacks_exchange: true, renames_once: true, ..Faulty::default() }
    }

    /// Whether the chosen call was made.
    pub(crate) fn struck(&self) -> bool {
        self.fault.is_some_and(|(call, _)| self.calls.load(Ordering::SeqCst) > call)
    }

    fn call(&self, name: &str, path: &Path) -> io::Result<()> {
        if self.dead.load(Ordering::SeqCst) {
            return Err(io::Error::other("dead"));
        }
        let call = self.calls.fetch_add(1, Ordering::SeqCst);
        self.log.lock().unwrap().push(format!("{name} {}", path.display()));
        match self.fault {
            Some((at, Fault::Death)) if at == call => {
                self.dead.store(true, Ordering::SeqCst);
                Err(io::Error::other("dead"))
            }
            Some((at, Fault::Full)) if at == call => Err(io::ErrorKind::StorageFull.into()),
            Some((at, Fault::FullForGood)) if at <= call => Err(io::ErrorKind::StorageFull.into()),
            Some(_) | None => Ok(()),
        }
    }
}

impl Disk for Faulty {
    fn look(&self, path: &Path) -> io::Result<Option<Kind>> {
        self.call("look", path)?;
        System.look(path)
    }
    fn list(&self, folder: &Path) -> io::Result<Vec<(OsString, Kind)>> {
        self.call("list", folder)?;
        System.list(folder)
    }
    fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
        self.call("canonical", path)?;
        System.canonical(path)
    }
    fn read(&self, file: &Path) -> io::Result<Option<Vec<u8>>> {
        self.call("read", file)?;
        System.read(file)
    }
    fn digest(&self, file: &Path) -> io::Result<Option<Digest>> {
        self.call("digest", file)?;
        System.digest(file)
    }
    fn matches(&self, file: &Path, bytes: &[u8]) -> io::Result<bool> {
        self.call("matches", file)?;
        System.matches(file, bytes)
    }
    fn open(&self, file: &Path) -> io::Result<Option<File>> {
        self.call("open", file)?;
        System.open(file)
    }
    fn make_parents(&self, folder: &Path) -> io::Result<()> {
        self.call("make_parents", folder)?;
        System.make_parents(folder)
    }
    fn make_folder(&self, folder: &Path, mode: u32) -> io::Result<()> {
        self.call("make_folder", folder)?;
        System.make_folder(folder, mode)
    }
    fn set_mode(&self, folder: &Path, mode: u32) -> io::Result<()> {
        self.call("set_mode", folder)?;
        System.set_mode(folder, mode)
    }
    fn write(&self, file: &Path, bytes: &[u8]) -> io::Result<()> {
        let was_alive = !self.dead.load(Ordering::SeqCst);
        let result = self.call("write", file);
        if result.is_err() && was_alive {
            System.write(file, &bytes[..bytes.len() / 2])?;
        }
        result?;
        System.write(file, bytes)
    }
    fn copy(&self, from: &File, to: &Path) -> io::Result<Digest> {
        let was_alive = !self.dead.load(Ordering::SeqCst);
        let result = self.call("copy", to);
        if result.is_err() && was_alive {
            System.write(to, b"a")?;
        }
        result?;
        System.copy(from, to)
    }
    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.call("link", to)?;
        if self.lacks_links { Err(rustix::io::Errno::PERM.into()) } else { System.link(from, to) }
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.call("rename", to)?;
        if self.renames_once && self.renames.fetch_add(1, Ordering::SeqCst) > 0 {
            return Err(rustix::io::Errno::IO.into());
        }
        System.rename(from, to)
    }
    fn rename_new(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.call("rename_new", to)?;
        if self.lacks_exchange { Err(rustix::io::Errno::INVAL.into()) } else { System.rename_new(from, to) }
    }
    fn exchange(&self, one: &Path, other: &Path) -> io::Result<()> {
        self.call("exchange", other)?;
        if self.lacks_exchange { Err(rustix::io::Errno::INVAL.into()) } else { System.exchange(one, other) }
    }
    fn sync(&self, path: &Path) -> io::Result<()> {
        self.call("sync", path)?;
        System.sync(path)
    }

    fn remove_file(&self, file: &Path) -> io::Result<()> {
        self.call("remove_file", file)?;
        System.remove_file(file)
    }
    fn remove_folder(&self, folder: &Path) -> io::Result<()> {
        self.call("remove_folder", folder)?;
        System.remove_folder(folder)
    }
    fn lock(&self, path: &Path) -> io::Result<Option<Held>> {
        self.call("lock", path)?;
        System.lock(path)
    }
    fn record(&self, lock: &Held, text: &[u8]) -> io::Result<()> {
        let was_alive = !self.dead.load(Ordering::SeqCst);
        let result = self.call("record", Path::new(""));
        if result.is_err() && was_alive {
            System.record(lock, &text[..text.len() / 2])?;
        }
        result?;
        System.record(lock, text)
    }
}
