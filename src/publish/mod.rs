//! 5. A built site → the folder that readers are served from.
//!
//! Takes a site that was proved whole and current; gives the same site at the target, file by file:
//!
//! 1. [`plan`]: what differs, by the bytes that are there; what is not ours is refused, never written over;
//! 2. [`carry_out`]: assets first, so that no page asks for one that is not there; then data, then pages; what is
//!    gone after the pages that asked for it; the manifest last.
//!
//! Until the manifest is there a journal names the files that it does not list: whoever publishes next, this
//! site or another, goes on from there. Every file is on the disk before it takes its name.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::book::Digest;
use crate::write::{Disk, Kind, MANIFEST, Manifest, WriteError, failed, folders_above, is_output_path};

/// Names the files that are there and that the manifest may not list.
const JOURNAL: &str = ".leidraad-publishing";

/// A file on its way.
const DRAFT: &str = ".leidraad-publishing.new";

/// The mode of folders at the target.
const FOLDER_MODE: u32 = 0o755;

/// What publishing would do, in its order.
#[derive(Debug)]
pub struct Plan {
    site: PathBuf,
    target: PathBuf,
    manifest: Vec<u8>,
    /// What is put there, with its digest.
    pub put: Vec<(Arc<str>, Digest)>,
    /// What is deleted.
    pub delete: Vec<Arc<str>>,
    /// What is or will be ours, whatever the manifest at the target says.
    journal: BTreeSet<Arc<str>>,
}

/// Compares a site with what is published. More than a tenth of the pages or more than twenty of them, or the
/// start page, are deleted only where `allowed` says how many files may be.
pub fn plan(disk: &dyn Disk, (site, target): (&Path, &Path), allowed: Option<usize>) -> Result<Plan, WriteError> {
    let refuse = |folder: &Path, reason: String| WriteError::Refused { dest: folder.to_owned(), reason };
    let Some(manifest) = read(disk, &site.join(MANIFEST))?.and_then(|bytes| Manifest::parse(&bytes)) else {
        return Err(refuse(site, "it is no site of leidraad".into()));
    };
    if !manifest.files.contains_key("index.html") {
        return Err(refuse(site, "it has no start page".into()));
    }
    let published = read(disk, &target.join(MANIFEST))?.and_then(|bytes| Manifest::parse(&bytes));
    let journal = read(disk, &target.join(JOURNAL))?.unwrap_or_default();
    let journal = String::from_utf8_lossy(&journal).into_owned();
    let mut ours: BTreeSet<Arc<str>> = journal.lines().filter(|path| is_output_path(path)).map(Arc::from).collect();
    let pages = published.iter().flat_map(|manifest| manifest.files.keys()).filter(|path| is_page(path)).count();
    ours.extend(published.into_iter().flat_map(|manifest| manifest.files.into_keys()));

    let mut put = Vec::new();
    for (path, digest) in &manifest.files {
        let file = target.join(&**path);
        let there = disk.digest(&file).map_err(failed("read", &file))?;
        if there == Some(*digest) {
            continue;
        }
        let is_foreign = match there {
            Some(_) => !ours.contains(path),
            None => !matches!(look(disk, &file)?, None | Some(Kind::Folder)),
        };
        if is_foreign {
            return Err(refuse(
                target,
                format!("it holds `{path}`, which leidraad did not write; move that file first"),
            ));
        }
        put.push((Arc::clone(path), *digest));
    }
    put.sort_by_cached_key(|(path, _)| (rank(path), Arc::clone(path)));
    let mut delete = Vec::new();
    for path in ours.iter().filter(|path| !manifest.files.contains_key(*path)) {
        if look(disk, &target.join(&**path))? == Some(Kind::File) {
            delete.push(Arc::clone(path));
        }
    }
    delete.sort_by_cached_key(|path| (std::cmp::Reverse(rank(path)), Arc::clone(path)));

    let gone = delete.iter().filter(|path| is_page(path)).count();
    let is_shrunken = gone > 20 || gone * 10 > pages || delete.iter().any(|path| **path == *"index.html");
    if allowed.map_or(is_shrunken, |allowed| delete.len() > allowed) {
        let reason = format!(
            "{} of its files would be deleted, {gone} of its {pages} pages among them; if that is meant: --max-deletes {}",
            delete.len(),
            delete.len()
        );
        return Err(refuse(target, reason));
    }
    ours.extend(manifest.files.keys().cloned());
    let manifest = manifest.render();
    Ok(Plan { site: site.to_owned(), target: target.to_owned(), manifest, put, delete, journal: ours })
}

/// Does what was planned. Cut short, it leaves every page with all that it asks for, and another run goes on.
pub fn carry_out(disk: &dyn Disk, plan: &Plan, interrupt: Option<&AtomicBool>) -> Result<(), WriteError> {
    let go_on = || match interrupt {
        Some(flag) if flag.load(Ordering::Relaxed) => Err(WriteError::Interrupted),
        Some(_) | None => Ok(()),
    };
    let target = &plan.target;
    disk.make_parents(target).map_err(failed("make", target))?;
    let manifest = target.join(MANIFEST);
    if plan.put.is_empty()
        && plan.delete.is_empty()
        && disk.matches(&manifest, &plan.manifest).map_err(failed("read", &manifest))?
    {
        return remove(disk, &target.join(JOURNAL));
    }
    let journal: String = plan.journal.iter().map(|path| format!("{path}\n")).collect();
    write(disk, target, (JOURNAL, journal.as_bytes()))?;
    // A file where a folder is needed, and what lies in a folder where a file comes, is in the way of both.
    let puts: BTreeSet<&str> = plan.put.iter().map(|(path, _)| &**path).collect();
    let above: BTreeSet<&str> = puts.iter().flat_map(|path| folders_above(path)).collect();
    let is_in_the_way = |path: &str| above.contains(path) || folders_above(path).any(|folder| puts.contains(folder));
    let (first, last): (Vec<&Arc<str>>, Vec<_>) = plan.delete.iter().partition(|path| is_in_the_way(path));
    let mut touched = BTreeSet::from([target.clone()]);
    for path in first {
        go_on()?;
        delete(disk, target, path)?;
    }
    for (path, digest) in &plan.put {
        go_on()?;
        put(disk, plan, (path, *digest), &mut touched)?;
    }
    sync(disk, &touched)?;
    for path in last {
        go_on()?;
        delete(disk, target, path)?;
    }
    write(disk, target, (MANIFEST, &plan.manifest))?;
    remove(disk, &target.join(JOURNAL))?;
    sync(disk, &BTreeSet::from([target.clone()]))
}

/// Assets, then data, then pages.
fn rank(path: &str) -> u8 {
    if path.starts_with("assets/") { 0 } else { 1 + u8::from(is_page(path)) }
}

fn is_page(path: &str) -> bool {
    path.ends_with(".html")
}

fn look(disk: &dyn Disk, path: &Path) -> Result<Option<Kind>, WriteError> {
    match disk.look(path) {
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => Ok(None),
        found => found.map_err(failed("look at", path)),
    }
}

fn read(disk: &dyn Disk, path: &Path) -> Result<Option<Vec<u8>>, WriteError> {
    disk.read(path).map_err(failed("read", path))
}

/// Puts a file of the site in its place.
fn put(
    disk: &dyn Disk,
    plan: &Plan,
    (path, digest): (&str, Digest),
    touched: &mut BTreeSet<PathBuf>,
) -> Result<(), WriteError> {
    let folders: Vec<&str> = folders_above(path).collect();
    for folder in folders.into_iter().rev() {
        let full = plan.target.join(folder);
        if touched.insert(full.clone()) && look(disk, &full)? != Some(Kind::Folder) {
            disk.make_folder(&full, FOLDER_MODE).map_err(failed("make", &full))?;
        }
    }
    let (from, draft, to) = (plan.site.join(path), plan.target.join(DRAFT), plan.target.join(path));
    let changed = || WriteError::InputChanged { path: from.clone() };
    let file = disk.open(&from).map_err(failed("read", &from))?.ok_or_else(changed)?;
    remove(disk, &draft)?;
    if disk.copy(&file, &draft).map_err(failed("write", &draft))? != digest {
        return Err(changed());
    }
    disk.sync(&draft).map_err(failed("write", &draft))?;
    disk.rename(&draft, &to).map_err(failed("write", &to))
}

/// Writes a file of our own.
fn write(disk: &dyn Disk, target: &Path, (name, bytes): (&str, &[u8])) -> Result<(), WriteError> {
    let (draft, to) = (target.join(DRAFT), target.join(name));
    remove(disk, &draft)?;
    disk.write(&draft, bytes).map_err(failed("write", &draft))?;
    disk.sync(&draft).map_err(failed("write", &draft))?;
    disk.rename(&draft, &to).map_err(failed("write", &to))?;
    disk.sync(target).map_err(failed("write", target))
}

/// Deletes a file, and the folders that are empty then.
fn delete(disk: &dyn Disk, target: &Path, path: &str) -> Result<(), WriteError> {
    remove(disk, &target.join(path))?;
    for folder in folders_above(path) {
        let full = target.join(folder);
        if !disk.list(&full).map_err(failed("list", &full))?.is_empty() {
            break;
        }
        disk.remove_folder(&full).map_err(failed("remove", &full))?;
    }
    Ok(())
}

fn remove(disk: &dyn Disk, path: &Path) -> Result<(), WriteError> {
    match disk.remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed.map_err(failed("remove", path)),
    }
}

fn sync(disk: &dyn Disk, folders: &BTreeSet<PathBuf>) -> Result<(), WriteError> {
    folders.iter().try_for_each(|folder| disk.sync(folder).map_err(failed("write", folder)))
}
