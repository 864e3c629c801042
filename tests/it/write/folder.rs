//! A folder on disk for one test, and a whole tree as a value.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use leidraad::write::Manifest;

/// A folder that goes with this value.
pub(crate) struct Folder(PathBuf);

/// Everything in a folder: path → kind, mode and content.
#[derive(Default, PartialEq, Eq)]
pub(crate) struct Tree(pub(crate) BTreeMap<String, Entry>);

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    Folder(u32),
    File(u32, Vec<u8>),
    Link(PathBuf),
    /// A manifest of ours: its source, and its files whose digests are those on disk.
    Manifest(String, Vec<String>),
}

impl Folder {
    pub(crate) fn new() -> Folder {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("write-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::SeqCst));
        // In memory where that is possible: the sweeps make and delete many thousands of files.
        let above = ["/dev/shm", env!("CARGO_TARGET_TMPDIR")].map(|above| Path::new(above).join(&name));
        let path = above.iter().find(|path| fs::create_dir_all(path).is_ok()).unwrap();
        Folder(path.canonicalize().unwrap())
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        if path.is_empty() { self.0.clone() } else { self.0.join(path) }
    }

    pub(crate) fn file(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        // A new file, not the old one with other bytes: an output may share it with another one.
        fs::remove_file(&path).ok();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn folder(&self, path: &str) {
        fs::create_dir_all(self.path(path)).unwrap();
    }

    pub(crate) fn names(&self, path: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(path)).unwrap();
        let mut names: Vec<String> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

/// The tree below `root`; empty if there is nothing.
pub(crate) fn tree(root: &Path) -> Tree {
    let mut tree = BTreeMap::new();
    if root.symlink_metadata().is_ok() {
        add(root, "", &mut tree);
    }
    Tree(tree)
}

fn add(root: &Path, path: &str, tree: &mut BTreeMap<String, Entry>) {
    let full = if path.is_empty() { root.to_owned() } else { root.join(path) };
    let metadata = full.symlink_metadata().unwrap();
    let mode = metadata.permissions().mode() & 0o777;
    if metadata.is_symlink() {
        tree.insert(path.to_owned(), Entry::Link(fs::read_link(&full).unwrap()));
    } else if metadata.is_dir() {
        tree.insert(path.to_owned(), Entry::Folder(mode));
        for entry in fs::read_dir(&full).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            add(root, &if path.is_empty() { name } else { format!("{path}/{name}") }, tree);
        }
    } else {
        let bytes = fs::read(&full).unwrap();
        let entry = match Manifest::parse(&bytes).filter(|_| path == "manifest.json" && mode == 0o644) {
            Some(manifest) => Entry::Manifest(
                manifest.source.to_string(),
                manifest
                    .files
                    .iter()
                    .filter(|(path, digest)| {
                        fs::read(root.join(&***path)).is_ok_and(|b| leidraad::book::Digest::of(&b) == **digest)
                    })
                    .map(|(path, _)| path.to_string())
                    .collect(),
            ),
            None => Entry::File(mode, bytes),
        };
        tree.insert(path.to_owned(), entry);
    }
}

impl std::fmt::Debug for Tree {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (path, entry) in &self.0 {
            match entry {
                Entry::File(mode, bytes) => writeln!(f, "{mode:o} {path}: {}", String::from_utf8_lossy(bytes))?,
                Entry::Folder(_) | Entry::Link(_) | Entry::Manifest(..) => writeln!(f, "{path}: {entry:?}")?,
            }
        }
        Ok(())
    }
}
