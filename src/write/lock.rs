//! One writer at a time, and what a killed writer left half done.
//!
//! The lock is a file beside the destination, held by `flock`: it goes with the process, so the lock of
//! a dead one is simply taken over. Before the two steps that are more than one system call (the exchange
//! by two renames, the replacing of single files) a journal is written into it; the next writer reads it.

use std::cell::Cell;
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::write::disk::{Disk, Held};
use crate::write::error::{WriteError, failed};
use crate::write::manifest::is_output_path;
use crate::write::place::{Place, are_digits};

/// How every journal begins. A lock file that holds something else is not ours.
const MARK: &[u8] = b"{\"leidraad\":";

/// The lock of a destination; released by [`Lock::release`].
pub(super) struct Lock<'a> {
    disk: &'a dyn Disk,
    path: PathBuf,
    held: Held,
    /// Whether the lock file holds a journal of what is not done yet.
    pending: Cell<bool>,
}

/// What is about to be done in several steps.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Journal {
    /// The destination becomes the staged folder `old`, then the staged folder `new` becomes the destination.
    Exchange {
        /// Digits of the new site.
        new: String,
        /// Digits that the old one gets.
        old: String,
    },
    /// These files are put where there were none, before the manifest lists them.
    Replace {
        /// Their paths.
        added: Vec<Arc<str>>,
    },
}

impl<'a> Lock<'a> {
    /// Takes the lock, with the journal of a writer that died.
    pub(super) fn take(disk: &'a dyn Disk, place: &Place) -> Result<(Lock<'a>, Option<Journal>), WriteError> {
        let path = place.lock_file();
        let Some(held) = disk.lock(&path).map_err(failed("lock", &path))? else {
            return Err(WriteError::Locked { lock: path });
        };
        if !held.left.starts_with(MARK) && !MARK.starts_with(&held.left) {
            let reason = format!("`{}` is in the way and not a lock of leidraad", path.display());
            return Err(WriteError::Refused { dest: place.dest.clone(), reason });
        }
        let journal = Journal::parse(&held.left);
        Ok((Lock { disk, path, held, pending: Cell::new(journal.is_some()) }, journal))
    }

    /// Writes down what is about to be done.
    pub(super) fn record(&self, journal: &Journal) -> Result<(), WriteError> {
        self.disk.record(&self.held, &journal.render()).map_err(failed("write", &self.path))?;
        self.pending.set(true);
        Ok(())
    }

    /// Whether the next writer has something to complete.
    pub(super) fn is_pending(&self) -> bool {
        self.pending.get()
    }

    /// What was written down is done or undone, and the lock is about to be released.
    pub(super) fn settle(&self) {
        self.pending.set(false);
    }

    /// What was written down is done or undone, and more is to come.
    pub(super) fn clear(&self) -> Result<(), WriteError> {
        self.disk.record(&self.held, b"").map_err(failed("write", &self.path))?;
        self.settle();
        Ok(())
    }

    /// Removes the lock file and gives up the lock, in this order: nobody may lock a file that we then
    /// remove. A lock file with work for the next writer stays.
    pub(super) fn release(self) -> Result<(), WriteError> {
        if self.pending.get() {
            return Ok(());
        }
        self.disk.remove_file(&self.path).map_err(failed("remove", &self.path))
    }
}

impl Journal {
    fn render(&self) -> Vec<u8> {
        let value = match self {
            Journal::Exchange { new, old } => json!({"exchange": {"new": new, "old": old}}),
            Journal::Replace { added } => {
                json!({"replace": added.iter().map(|path| Value::from(&**path)).collect::<Vec<_>>()})
            }
        };
        json!({"leidraad": value}).to_string().into_bytes()
    }

    /// A journal that was cut short is none: what it announces is begun only after it is whole.
    fn parse(bytes: &[u8]) -> Option<Journal> {
        let value: Value = serde_json::from_slice(bytes).ok()?;
        let value = value.get("leidraad")?;
        if let Some(exchange) = value.get("exchange") {
            let digits = |key| exchange.get(key)?.as_str().filter(|text| are_digits(text)).map(str::to_owned);
            return Some(Journal::Exchange { new: digits("new")?, old: digits("old")? });
        }
        let added = value.get("replace")?.as_array()?.iter();
        let added = added.map(|path| path.as_str().filter(|path| is_output_path(path)).map(Arc::from));
        Some(Journal::Replace { added: added.collect::<Option<_>>()? })
    }
}
