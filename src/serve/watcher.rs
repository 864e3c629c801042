//! The system's notices of changes → the bell. The one home of `notify`.
//!
//! Folders are watched, never files: an editor that saves by renaming replaces the file that was watched.
//! An event only wakes; which paths it names and what it says happened is believed as far as it saves time.
//! When the system refuses, this is said and the loop looks for itself.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use notify::event::{AccessKind, AccessMode, EventKind, ModifyKind, RenameMode};
use notify::{Config, ErrorKind, Event, RecommendedWatcher, RecursiveMode, Watcher};

use crate::load::walk::is_litter;
use crate::serve::bell::{Bell, Written};

/// Watches folders and rings a bell.
pub struct Watching {
    /// Nothing where the loop looks for itself.
    watcher: Option<RecommendedWatcher>,
    watched: BTreeMap<PathBuf, u64>,
    bell: Arc<Bell>,
    lost: Arc<AtomicBool>,
}

impl Watching {
    /// By the system's notices, or by looking when it has none.
    pub fn by_notices(bell: Arc<Bell>) -> Watching {
        let lost = Arc::new(AtomicBool::new(false));
        let (ringing, losing) = (Arc::clone(&bell), Arc::clone(&lost));
        let made = RecommendedWatcher::new(
            move |event: notify::Result<Event>| match event {
                Ok(event) => heard(&ringing, &losing, event),
                Err(error) => {
                    ringing.say(format!("a notice of a change was lost ({error}); looking at everything"));
                    losing.store(true, Ordering::Relaxed);
                    ringing.sweep();
                }
            },
            Config::default().with_follow_symlinks(false),
        );
        let watcher = match made {
            Ok(watcher) => Some(watcher),
            Err(error) => {
                bell.say(refusal(&error));
                None
            }
        };
        Watching { watcher, watched: BTreeMap::new(), bell, lost }
    }

    /// By looking for itself.
    pub fn by_looking(bell: Arc<Bell>) -> Watching {
        Watching { watcher: None, watched: BTreeMap::new(), bell, lost: Arc::default() }
    }

    /// Whether changes are found only by looking.
    pub fn is_blind(&self) -> bool {
        self.watcher.is_none()
    }

    /// Watches exactly these folders, given with their inodes; gives whether something could have
    /// changed in one of them before it was watched.
    pub fn follow(&mut self, folders: &BTreeMap<PathBuf, u64>) -> bool {
        let Some(watcher) = &mut self.watcher else { return false };
        if self.lost.swap(false, Ordering::Relaxed) {
            // After an overflow it is not known which folders went: all are watched anew.
            for folder in std::mem::take(&mut self.watched).keys() {
                let _ = watcher.unwatch(folder);
            }
        }
        // A folder that was deleted and made again, or took another's place, is another folder.
        self.watched.retain(|folder, inode| {
            let stays = folders.get(folder) == Some(inode);
            if !stays {
                let _ = watcher.unwatch(folder);
            }
            stays
        });
        let mut is_new = false;
        for (folder, inode) in folders {
            if self.watched.contains_key(folder) {
                continue;
            }
            match watcher.watch(folder, RecursiveMode::NonRecursive) {
                Ok(()) => {
                    self.watched.insert(folder.clone(), *inode);
                    is_new = true;
                }
                // Gone again: the next look sees it.
                Err(error) if is_gone(&error, folder) => is_new = true,
                Err(error) => {
                    self.bell.say(refusal(&error));
                    self.watcher = None;
                    self.watched.clear();
                    return true;
                }
            }
        }
        is_new
    }
}

fn heard(bell: &Bell, lost: &AtomicBool, event: Event) {
    if event.need_rescan() {
        bell.say("more changed at once than the system could tell; looking at everything".to_owned());
        lost.store(true, Ordering::Relaxed);
        bell.sweep();
        return;
    }
    let written = match event.kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => Written::Wholly,
        EventKind::Access(_) => return,
        EventKind::Modify(ModifyKind::Name(RenameMode::To | RenameMode::Both)) => Written::Wholly,
        _ => Written::Perhaps,
    };
    for path in event.paths {
        if !path.file_name().is_some_and(|name| is_litter(&name.to_string_lossy())) {
            bell.changed(path, written);
        }
    }
}

fn is_gone(error: &notify::Error, folder: &Path) -> bool {
    matches!(error.kind, ErrorKind::PathNotFound) || !folder.is_dir()
}

/// Why there will be no notices, and what follows from it.
fn refusal(error: &notify::Error) -> String {
    let why = match &error.kind {
        ErrorKind::MaxFilesWatch => "the limit of watched folders is reached; `sysctl fs.inotify.max_user_watches` \
             shows it"
            .to_owned(),
        ErrorKind::Io(error) => match error.raw_os_error() {
            // ENOSPC and EMFILE, which inotify uses for its own limits.
            Some(28) => {
                "the limit of watched folders is reached; `sysctl fs.inotify.max_user_watches` shows it".to_owned()
            }
            Some(24) => "the limit of watchers is reached; `sysctl fs.inotify.max_user_instances` shows it".to_owned(),
            _ => error.to_string(),
        },
        _ => error.to_string(),
    };
    format!("the system gives no notice of changes ({why}); looking for them instead, as with --poll")
}
