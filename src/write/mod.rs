//! 4. Site → disk: the only place that writes an output.
//!
//! Takes a [`Site`](crate::book::Site) and a destination; gives the same site as files, and says what
//! changed. A build goes like this:
//!
//! 1. `place`: where the destination really is, and whether it may be one at all;
//! 2. `lock`: one writer at a time, and a journal for the few steps that a killed process could leave half done;
//! 3. `earlier`: what stands there, which is ours file by file or is refused; leftovers of killed builds go;
//! 4. `stage`: every output rendered, compared with the earlier one, then linked or written into a folder beside it;
//! 5. `exchange`: the two folders change places in one step, and the earlier one is deleted.
//!
//! A file that the destination's own manifest.json does not list is never deleted or written over. Until
//! step 5 the destination is not touched, and step 5 is one system call: whatever kills the process, the
//! old site stands there whole, or the new one. Nothing is promised about power loss.

mod build;
mod carry;
mod clean;
mod disk;
mod earlier;
mod error;
mod exchange;
mod lock;
mod manifest;
mod place;
mod project;
mod replace;
mod stage;
mod verify;
mod writer;

pub use build::{LeftBehind, Request, Written, build, build_on};
pub use carry::whole;
pub use clean::{clean, clean_on};
pub use disk::{Disk, Held, Kind, System};
pub use error::WriteError;
pub(crate) use error::failed;
pub use manifest::{EditionFiles, MANIFEST, Manifest};
pub(crate) use manifest::{folders_above, is_output_path};
pub use place::judge;
pub use project::{Revision, current, revise};
pub use replace::{replace, replace_on};
pub use verify::{Problem, ProblemKind, verify};
