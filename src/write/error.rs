//! Why nothing was written, in the words for the person who asked for it.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::diagnostic::escaped;

/// Why an output was not written. The destination is as it was, unless `Environment` says otherwise.
#[derive(Debug)]
pub enum WriteError {
    /// The destination may not be written to, or holds what is not ours.
    Refused {
        /// The destination.
        dest: PathBuf,
        /// Why, as the end of a sentence that begins with the destination.
        reason: String,
    },
    /// Another process is writing there.
    Locked {
        /// Its lock.
        lock: PathBuf,
    },
    /// The system refused something.
    Environment {
        /// What was tried, as in "cannot … `path`".
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// A file of the project is not what it was when the project was read.
    InputChanged {
        /// The file.
        path: PathBuf,
    },
    /// The caller asked to stop.
    Interrupted,
}

impl WriteError {
    /// The exit status that the command ends with (spec §7).
    pub fn exit_code(&self) -> u8 {
        match self {
            WriteError::Refused { .. } => 2,
            WriteError::Locked { .. } | WriteError::Environment { .. } | WriteError::InputChanged { .. } => 3,
            WriteError::Interrupted => 130,
        }
    }
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |path: &Path| escaped(&path.to_string_lossy());
        match self {
            WriteError::Refused { dest, reason } => write!(f, "`{}` is refused: {}", shown(dest), escaped(reason)),
            WriteError::Locked { lock } => {
                write!(f, "another leidraad is writing there: `{}` is locked", shown(lock))
            }
            WriteError::Environment { doing, path, error } => {
                write!(f, "cannot {doing} `{}`: {error}", shown(path))?;
                match error.kind() {
                    // A mount point has no sibling on its own file system, and cannot change places with one.
                    io::ErrorKind::ResourceBusy | io::ErrorKind::CrossesDevices => {
                        f.write_str("; if it is a mount point, use a folder inside it")
                    }
                    _ => Ok(()),
                }
            }
            WriteError::InputChanged { path } => {
                write!(f, "`{}` changed while the site was built; try again", shown(path))
            }
            WriteError::Interrupted => f.write_str("interrupted"),
        }
    }
}

impl std::error::Error for WriteError {}

/// Turns what the system said into what leidraad could not do.
pub(crate) fn failed(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> WriteError {
    move |error| WriteError::Environment { doing, path: path.to_owned(), error }
}
