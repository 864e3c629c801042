//! What wakes the loop, and whoever waits for what it makes: changed paths, keys, and the wish to end. However
//! much happens, what waits is small.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// More changed paths than this are not told apart: everything is looked at.
const MOST_PATHS: usize = 64;

/// Rung by watchers and keys, waited for by the loop.
#[derive(Default)]
pub struct Bell {
    rung: Mutex<Rung>,
    waiting: Condvar,
    /// Whether a round is being made of what changed.
    making: Mutex<bool>,
    made: Condvar,
}

/// What happened since the last time.
#[derive(Debug, Default)]
pub struct Rung {
    /// Files that changed, and whether whoever wrote them was done.
    pub paths: BTreeMap<PathBuf, Written>,
    /// Whether something changed that only a look at everything can tell.
    pub sweep: bool,
    /// What was said by the watcher: each is shown once.
    pub messages: Vec<String>,
    /// Keys that were pressed.
    pub keys: Vec<Key>,
}

/// Whether a writer was done with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// Closed, or put there whole.
    Wholly,
    /// Perhaps only begun.
    Perhaps,
}

/// What an author asks for by a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// `o`
    Open,
    /// `q`
    Quit,
}

impl Rung {
    /// Whether something of the project may have changed.
    pub fn is_change(&self) -> bool {
        self.sweep || !self.paths.is_empty()
    }

    /// Takes in what happened later.
    pub fn add(&mut self, later: Rung) {
        self.paths.extend(later.paths);
        self.sweep |= later.sweep;
        self.messages.extend(later.messages);
        self.keys.extend(later.keys);
    }
}

impl Bell {
    /// Tells of a changed file.
    pub fn changed(&self, path: PathBuf, written: Written) {
        self.ring(|rung| {
            if rung.paths.len() >= MOST_PATHS {
                rung.paths.clear();
                rung.sweep = true;
            }
            if !rung.sweep {
                rung.paths.insert(path, written);
            }
        });
    }

    /// Asks for a look at everything.
    pub fn sweep(&self) {
        self.ring(|rung| rung.sweep = true);
    }

    /// Says something to the author; a message that waits already is not said twice.
    pub fn say(&self, message: String) {
        self.ring(|rung| {
            if !rung.messages.contains(&message) {
                rung.messages.push(message);
            }
        });
    }

    /// Passes on a key.
    pub fn press(&self, key: Key) {
        self.ring(|rung| {
            if rung.keys.len() < 8 {
                rung.keys.push(key);
            }
        });
    }

    /// What happened, at once if something has, else as soon as something does, at most after `timeout`.
    pub fn wait(&self, timeout: Duration) -> Rung {
        let end = Instant::now() + timeout;
        let mut rung = self.lock();
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if !is_quiet(&rung) || left.is_zero() {
                return std::mem::take(&mut rung);
            }
            rung = self.waiting.wait_timeout(rung, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Says that a round is being made.
    pub fn make(&self) {
        *self.making.lock().unwrap_or_else(PoisonError::into_inner) = true;
    }

    /// Says that it is there.
    pub fn made(&self) {
        *self.making.lock().unwrap_or_else(PoisonError::into_inner) = false;
        self.made.notify_all();
    }

    /// Waits for the round that is being made, if one is, at most for `patience`.
    pub fn wait_until_made(&self, patience: Duration) {
        let making = self.making.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.made.wait_timeout_while(making, patience, |making| *making));
    }

    fn ring(&self, change: impl FnOnce(&mut Rung)) {
        change(&mut self.lock());
        self.waiting.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Rung> {
        self.rung.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_quiet(rung: &Rung) -> bool {
    !rung.is_change() && rung.messages.is_empty() && rung.keys.is_empty()
}
