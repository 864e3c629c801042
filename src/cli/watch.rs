//! `leidraad watch`

use std::io::{self, Write};
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};

use crate::book::EditionId;
use crate::cli::Exit;
use crate::cli::args::Watch;
use crate::cli::build;
use crate::cli::project::{self, complain};
use crate::cli::report::Voice;
use crate::cli::serve::{Journal, note};
use crate::diagnostic::escaped;
use crate::serve::{Author, Bell, Eyes, Key, News, Notices, Round};
use crate::write::{self, Manifest, Request, WriteError, Written};

/// Keeps a built site up to date.
pub fn run(command: &Watch, voice: Voice) -> Exit {
    let interrupt = build::interrupt();
    let bell = Arc::new(Bell::default());
    let notices = if command.poll { Notices::Looking } else { Notices::System };
    let outputs = command.dest.iter().cloned().collect();
    let (mut author, mut round) = match Author::begin(&command.dir, outputs, Eyes::Readers, (notices, bell)) {
        Ok(begun) => begun,
        Err(error) => {
            complain(&error.to_string());
            let is_typed = error.error.kind() == io::ErrorKind::NotFound && error.path == command.dir;
            return if is_typed { Exit::Usage } else { Exit::Environment };
        }
    };
    let journal = Journal { voice, strict: command.judging.strict, known: Mutex::default() };
    let mut previous = None;
    loop {
        journal.judged(&round);
        match write(command, &round, previous.as_ref(), &interrupt) {
            Some(Ok(written)) => {
                if voice != Voice::Quiet {
                    tell(command, &round, &written);
                }
                previous = Some(written.manifest);
            }
            Some(Err(error)) => {
                // What the first time is a refusal may later be a passing trouble of the disk.
                complain(&error.to_string());
                match error.exit_code() {
                    130 => return Exit::Interrupted,
                    2 if previous.is_none() => return Exit::Usage,
                    _ if previous.is_none() => return Exit::Environment,
                    _ => {}
                }
            }
            None => note("the base is wrong: nothing was written"),
        }
        round = loop {
            match author.next(&interrupt) {
                News::Round(next, changed) => {
                    journal.rebuilt(round.handbook(), &next, &changed);
                    break next;
                }
                News::Said(message) => note(&message),
                News::Pressed(Key::Quit) => return Exit::Done,
                News::Pressed(Key::Open) | News::Quiet => {}
                News::Interrupted => return Exit::Interrupted,
            }
        };
    }
}

/// Writes what of a round is right; an organisation's edition that is wrong stays as it is there.
fn write(
    command: &Watch,
    round: &Round,
    previous: Option<&Manifest>,
    interrupt: &AtomicBool,
) -> Option<Result<Written, WriteError>> {
    let whole = round.whole();
    if whole.base_broken {
        return None;
    }
    let config = &round.handbook().config;
    let dest = project::destination(&command.dir, command.dest.as_deref(), config);
    let mut request = Request::new(&command.dir, &dest);
    request.inputs = project::inputs(&command.dir, config);
    request.carried = whole.broken.iter().map(|id| EditionId::Organisation(id.clone())).collect();
    request.interrupt = Some(interrupt);
    Some(match previous {
        Some(previous) => write::replace(&request, &*whole.table, previous),
        None => write::build(&request, &*whole.table),
    })
}

fn tell(command: &Watch, round: &Round, written: &Written) {
    let dest = project::destination(&command.dir, command.dest.as_deref(), &round.handbook().config);
    for id in &written.left_out {
        complain(&format!("the edition `{id}` is wrong, and there is no whole earlier one to keep: it is left out"));
    }
    let line = format!(
        "{}: {} files changed, {} kept, {} removed",
        escaped(&Path::new(&dest).display().to_string()),
        written.changed,
        written.kept,
        written.removed
    );
    let _ = writeln!(anstream::stderr().lock(), "{line}");
}
