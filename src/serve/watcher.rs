//! The system's notices of changes → the bell. The one home of `notify`.
//!
//! Folders are watched, never files: an editor that saves by renaming replaces the file that was watched.
//! An event only wakes; which paths it names and what it says happened is believed as far as it saves time.
//! When the system refuses, this is said and the loop looks for itself. A watch can also end in silence: a
//! folder that was deleted and made again may have its old inode, and the notice of its end may come after
//! it was watched anew; `notify` then ends the watches of all that is below it too. So every folder that is told
//! to be gone is watched anew with what is in it, and all of them are when a change was found of which nothing
//! was told.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use notify::event::{AccessKind, AccessMode, EventKind, ModifyKind, RenameMode};
use notify::{Config, ErrorKind, Event, RecommendedWatcher, RecursiveMode, Watcher};
use rustix::io::Errno;

use crate::load::walk::is_litter;
use crate::serve::bell::{Bell, Written};

/// After so many changes in a row of which nothing was told there are no notices here.
const UNTOLD_MOST: u8 = 3;

/// Watches folders and rings a bell.
pub struct Watching {
    /// Nothing where the loop looks for itself.
    watcher: Option<RecommendedWatcher>,
    watched: BTreeMap<PathBuf, u64>,
    bell: Arc<Bell>,
    ended: Arc<Mutex<Ended>>,
    /// How many changes in a row were found of which nothing was told.
    untold: u8,
}

/// Watches that may have ended.
enum Ended {
    /// Those of what these are, and of all that is below.
    Of(BTreeSet<PathBuf>),
    /// Any of them: notices were lost.
    Any,
}

impl Default for Ended {
    fn default() -> Ended {
        Ended::Of(BTreeSet::new())
    }
}

impl Watching {
    /// By the system's notices of a project, or by looking when it has none.
    pub fn by_notices(project: &Path, bell: Arc<Bell>) -> Watching {
        let ended = Arc::<Mutex<Ended>>::default();
        let named = Named { absolute: std::path::absolute(project).ok(), project: project.to_owned() };
        let (ringing, ending) = (Arc::clone(&bell), Arc::clone(&ended));
        let made = RecommendedWatcher::new(
            move |event: notify::Result<Event>| match event {
                Ok(event) => heard(&ringing, &ending, named.named(event)),
                Err(error) => {
                    ringing.say(format!("a notice of a change was lost ({error}); looking at everything"));
                    *lock(&ending) = Ended::Any;
                    ringing.sweep();
                }
            },
            Config::default().with_follow_symlinks(false),
        );
        let watcher = match made {
            Ok(watcher) => Some(watcher),
            Err(error) => {
                bell.say(refusal(&reason(&error)));
                None
            }
        };
        Watching { watcher, watched: BTreeMap::new(), bell, ended, untold: 0 }
    }

    /// By looking for itself.
    pub fn by_looking(bell: Arc<Bell>) -> Watching {
        Watching { watcher: None, watched: BTreeMap::new(), bell, ended: Arc::default(), untold: 0 }
    }

    /// Whether changes are found only by looking.
    pub fn is_blind(&self) -> bool {
        self.watcher.is_none()
    }

    /// Watches exactly these folders, given with their inodes; gives whether something could have
    /// changed in one of them before it was watched.
    pub fn follow(&mut self, folders: &BTreeMap<PathBuf, u64>) -> bool {
        let Some(watcher) = &mut self.watcher else { return false };
        let ended = std::mem::take(&mut *lock(&self.ended));
        let may_have_ended = |folder: &Path| match &ended {
            Ended::Of(gone) => folder.ancestors().any(|folder| gone.contains(folder)),
            Ended::Any => true,
        };
        // A folder that was deleted and made again, or took another's place, is another folder.
        self.watched.retain(|folder, inode| {
            let stays = folders.get(folder) == Some(inode) && !may_have_ended(folder);
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
                    self.bell.say(refusal(&reason(&error)));
                    self.watcher = None;
                    self.watched.clear();
                    return true;
                }
            }
        }
        is_new
    }

    /// A change was told, so notices come.
    pub fn told(&mut self) {
        self.untold = 0;
    }

    /// A change was found of which nothing was told: all folders are watched anew, and where that does not
    /// help either (a shared or mounted file system may know nothing of changes) the loop looks for itself.
    pub fn untold(&mut self) {
        if self.watcher.is_none() {
            return;
        }
        self.untold += 1;
        if self.untold < UNTOLD_MOST {
            self.bell.say("the system told nothing of a change; watching all folders anew".to_owned());
            *lock(&self.ended) = Ended::Any;
        } else {
            self.bell.say(refusal("it told nothing of the last changes"));
            self.watcher = None;
            self.watched.clear();
        }
    }
}

/// Notices name files from the root on; everything here names them as the project was named, which may be `.`.
struct Named {
    /// The project from the root on; nothing where that cannot be known.
    absolute: Option<PathBuf>,
    project: PathBuf,
}

impl Named {
    fn named(&self, mut event: Event) -> Event {
        for path in &mut event.paths {
            if let Some(rest) = self.absolute.as_ref().and_then(|project| path.strip_prefix(project).ok()) {
                *path = self.project.join(rest);
            }
        }
        event
    }
}

fn heard(bell: &Bell, ended: &Mutex<Ended>, event: Event) {
    if event.need_rescan() {
        bell.say("more changed at once than the system could tell; looking at everything".to_owned());
        *lock(ended) = Ended::Any;
        bell.sweep();
        return;
    }
    if let EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(RenameMode::From | RenameMode::Both)) = event.kind
        && let Ended::Of(gone) = &mut *lock(ended)
    {
        gone.extend(event.paths.iter().cloned());
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

fn lock(ended: &Mutex<Ended>) -> std::sync::MutexGuard<'_, Ended> {
    ended.lock().unwrap_or_else(PoisonError::into_inner)
}

fn is_gone(error: &notify::Error, folder: &Path) -> bool {
    matches!(error.kind, ErrorKind::PathNotFound) || !folder.is_dir()
}

/// Why the system gives no notices.
fn reason(error: &notify::Error) -> String {
    let folders = "the limit of watched folders is reached; `sysctl fs.inotify.max_user_watches` shows it";
    let watchers = "the limit of watchers is reached; `sysctl fs.inotify.max_user_instances` shows it";
    match &error.kind {
        ErrorKind::MaxFilesWatch => folders.to_owned(),
        ErrorKind::Io(error) => match error.raw_os_error().map(Errno::from_raw_os_error) {
            // What inotify says of its own limits.
            Some(Errno::NOSPC) => folders.to_owned(),
            Some(Errno::MFILE) => watchers.to_owned(),
            _ => error.to_string(),
        },
        _ => error.to_string(),
    }
}

/// What follows from there being no notices.
fn refusal(why: &str) -> String {
    format!("the system gives no notice of changes ({why}); looking for them instead, as with --poll")
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use notify::event::{Event, EventKind};

    use super::Named;

    #[test]
    fn files_are_named_as_the_project_is() {
        let path = |absolute: &str, project: &str, told: &str| {
            let named = Named { absolute: Some(PathBuf::from(absolute)), project: PathBuf::from(project) };
            named.named(Event::new(EventKind::Any).add_path(PathBuf::from(told))).paths.remove(0)
        };
        assert_eq!(path("/home/a/book", ".", "/home/a/book/./content/x.md"), Path::new("./content/x.md"));
        assert_eq!(path("/home/a/book", "book", "/home/a/book/content/x.md"), Path::new("book/content/x.md"));
        assert_eq!(path("/home/a/book", "/home/a/book", "/home/a/book/x.md"), Path::new("/home/a/book/x.md"));
        assert_eq!(path("/home/a/book", ".", "/elsewhere/x.md"), Path::new("/elsewhere/x.md"));
    }
}
