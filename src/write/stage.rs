//! Every output on its way into a folder beside the destination: rendered on all threads, written by one.
//!
//! Creating a file costs several times more when two threads create files at once, so the renderers only
//! digest and compare; a bounded queue leads to the one writer, and memory does not grow with the site. What
//! has not changed since the earlier output is linked, not written: a tree that is written anew and deleted
//! on every build makes creating files slower and slower. The folder is made when the first file has changed.

use std::io;
use std::panic::resume_unwind;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use rayon::prelude::*;

use crate::book::{Body, Digest, EditionId, Site};
use crate::write::build::Request;
use crate::write::carry::carry;
use crate::write::disk::{Disk, Kind};
use crate::write::earlier::remove;
use crate::write::error::{WriteError, failed};
use crate::write::manifest::Manifest;
use crate::write::place::Place;
use crate::write::writer::Writer;

/// How many outputs a thread takes and hands over at once: few, since one of them can take as long as a hundred others.
const TOGETHER: usize = 4;

/// How many times that many may wait for the writer.
const QUEUE: usize = 16;

/// What the staging of a site works with.
pub(super) struct Staging<'a> {
    pub(super) disk: &'a dyn Disk,
    pub(super) request: &'a Request<'a>,
    pub(super) site: &'a dyn Site,
    pub(super) place: &'a Place,
    /// What the destination holds.
    pub(super) earlier: Option<&'a Manifest>,
    pub(super) keeping: Keeping,
}

/// What is done with a file that has not changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keeping {
    /// The staged folder becomes the destination: compare the earlier file itself, and link it.
    Link,
    /// Single files are replaced: believe the manifest of a file that is there, and leave it where it is.
    Leave,
}

/// A staged site.
pub(super) struct Staged {
    /// The digits of its folder; absent if the destination is this site already.
    pub(super) digits: Option<String>,
    /// What the site is made of.
    pub(super) manifest: Manifest,
    /// The files that were written.
    pub(super) changed: Vec<Arc<str>>,
    /// How many were not.
    pub(super) kept: usize,
    /// The editions that could not be carried over.
    pub(super) left_out: Vec<EditionId>,
}

impl Staging<'_> {
    /// An error once the caller has asked to stop.
    pub(super) fn go_on(&self) -> Result<(), WriteError> {
        match self.request.interrupt {
            Some(flag) if flag.load(Ordering::Relaxed) => Err(WriteError::Interrupted),
            Some(_) | None => Ok(()),
        }
    }
}

/// Stages a site; on failure nothing is left of it.
pub(super) fn stage(staging: &Staging<'_>) -> Result<Staged, WriteError> {
    let mut writer = Writer::new(staging);
    let staged = render(staging, &mut writer).and_then(|()| finish(staging, &mut writer));
    match staged {
        Ok(left_out) => Ok(Staged {
            digits: writer.folder.map(|folder| folder.digits),
            manifest: writer.manifest,
            changed: writer.changed,
            kept: writer.kept,
            left_out,
        }),
        Err(error) => {
            if let Some(folder) = writer.folder {
                // What cannot be removed now, the next build removes; the first failure is the one to tell.
                remove(staging.disk, &folder.path).ok();
            }
            Err(error)
        }
    }
}

/// One output that was rendered and compared.
pub(super) struct Item {
    pub(super) path: Arc<str>,
    pub(super) edition: Option<EditionId>,
    pub(super) digest: Digest,
    pub(super) work: Work,
}

/// What the writer does with it.
pub(super) enum Work {
    /// The earlier output has it.
    Keep,
    /// These bytes are written.
    Write(Arc<Vec<u8>>),
    /// This file of the project is copied.
    Copy(Arc<str>),
}

fn render(staging: &Staging<'_>, writer: &mut Writer<'_>) -> Result<(), WriteError> {
    let count = staging.site.count();
    if rayon::current_num_threads() == 1 {
        // With `--jobs 1` every call on the disk comes from one thread, in one order.
        return (0..count).try_for_each(|index| writer.accept(item(staging, index)?));
    }
    let (sender, receiver) = sync_channel(QUEUE);
    thread::scope(|scope| {
        let writing = scope.spawn(|| accept_all(writer, receiver));
        let groups = (0..count.div_ceil(TOGETHER)).into_par_iter().with_max_len(1);
        let rendered = groups.try_for_each_with(sender, |sender: &mut SyncSender<_>, group| {
            let outputs = group * TOGETHER..count.min((group + 1) * TOGETHER);
            let items: Vec<_> = outputs.map(|index| item(staging, index)).collect::<Result<_, _>>().map_err(Some)?;
            // That nobody receives any more means that the writer failed, and it tells why.
            sender.send(items).map_err(|_| None)
        });
        writing.join().unwrap_or_else(|panic| resume_unwind(panic))?;
        rendered.map_err(|error| error.unwrap_or(WriteError::Interrupted))
    })
}

fn accept_all(writer: &mut Writer<'_>, groups: Receiver<Vec<Option<Item>>>) -> Result<(), WriteError> {
    groups.into_iter().flatten().try_for_each(|item| writer.accept(item))
}

/// Renders the output at `index` and compares it; nothing if it is of an edition that is carried over.
fn item(staging: &Staging<'_>, index: usize) -> Result<Option<Item>, WriteError> {
    staging.go_on()?;
    let output = staging.site.output(index);
    if output.edition.as_ref().is_some_and(|edition| staging.request.carried.contains(edition)) {
        return Ok(None);
    }
    let digest = match &output.body {
        Body::Bytes(bytes) => Digest::of(bytes),
        Body::File(_, digest) => *digest,
    };
    let work = if is_kept(staging, &output.path, (digest, &output.body))? {
        Work::Keep
    } else {
        match output.body {
            Body::Bytes(bytes) => Work::Write(bytes),
            Body::File(key, _) => Work::Copy(key),
        }
    };
    Ok(Some(Item { path: output.path, edition: output.edition, digest, work }))
}

/// Whether the earlier output has this file.
fn is_kept(staging: &Staging<'_>, path: &str, (digest, body): (Digest, &Body)) -> Result<bool, WriteError> {
    if staging.earlier.and_then(|earlier| earlier.files.get(path)) != Some(&digest) {
        return Ok(false);
    }
    let file = staging.place.dest.join(path);
    match (staging.keeping, body) {
        // What somebody deleted comes back.
        (Keeping::Leave, _) => staging.disk.look(&file).map(|kind| kind == Some(Kind::File)),
        (Keeping::Link, Body::Bytes(bytes)) => staging.disk.matches(&file, bytes),
        (Keeping::Link, Body::File(..)) => staging.disk.digest(&file).map(|there| there == Some(digest)),
    }
    .map_err(failed("read", &file))
}

/// What follows the last output: the editions that are carried over, and the manifest.
fn finish(staging: &Staging<'_>, writer: &mut Writer<'_>) -> Result<Vec<EditionId>, WriteError> {
    for id in staging.site.editions().into_iter().filter(|id| !staging.request.carried.contains(id)) {
        let mut assets = staging.site.assets(&id);
        assets.sort();
        if let Some(asset) = assets.iter().find(|asset| !writer.manifest.files.contains_key(*asset)) {
            // Better no site than one whose pages ask for what is not there.
            let error =
                io::Error::new(io::ErrorKind::InvalidData, "an edition needs it, and the site has no such file");
            return Err(failed("list", Path::new(&**asset))(error));
        }
        writer.manifest.editions.entry(id.to_string()).or_default().assets = assets;
    }
    for edition in writer.manifest.editions.values_mut() {
        edition.files.sort();
    }
    let mut left_out = Vec::new();
    for id in &staging.request.carried {
        if !carry(staging, writer, id)? {
            left_out.push(id.clone());
        }
    }
    writer.finish()?;
    Ok(left_out)
}
