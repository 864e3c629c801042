//! `leidraad watch`

use std::sync::{Arc, Mutex};

use crate::book::{EditionId, LayerId, Site};
use crate::cli::Exit;
use crate::cli::args::Watch;
use crate::cli::build::{self, changed};
use crate::cli::interrupt::Interrupt;
use crate::cli::plan::say;
use crate::cli::project::{self, complain};
use crate::cli::report::Voice;
use crate::cli::serve::{Journal, note};
use crate::memo::Memo;
use crate::render::{self, Options};
use crate::serve::{Author, Bell, Eyes, Key, News, Notices, Round};
use crate::write::{self, Manifest, Request, WriteError, Written};

/// Keeps a built site up to date.
pub fn run(command: &Watch, voice: Voice, interrupt: &Interrupt) -> Result<Exit, Exit> {
    project::request(&command.dir, command.dest.as_deref())?;
    let interrupt = interrupt.hold();
    let bell = Arc::new(Bell::default());
    let notices = if command.poll { Notices::Looking } else { Notices::System };
    let outputs = command.dest.iter().cloned().collect();
    let (mut author, mut round) =
        Author::begin(&command.dir, outputs, (Eyes::Readers, command.judging.warnings()), (notices, bell))
            .map_err(|error| project::unreadable(&command.dir, &error))?;
    let journal = Journal { voice, format: command.judging.format, known: Mutex::default() };
    let mut previous = None;
    loop {
        journal.judged(&round);
        if round.whole().base_broken {
            note("the base is wrong: nothing was written");
        } else {
            let mut request = request(command, &round);
            request.interrupt = Some(interrupt);
            match write(&mut request, &round, previous.as_ref()) {
                Ok(written) => {
                    build::tell_kept(voice, &round.whole().broken, (&request, &written));
                    let dest = request.dest.display();
                    let changed = changed(written.changed);
                    say(voice, &format!("{dest}: {changed}, {} kept, {} removed", written.kept, written.removed));
                    previous = Some(written.manifest);
                }
                Err(error) => {
                    complain(&error.to_string());
                    let exit = Exit::from(&error);
                    // What the first time is a refusal may later be a passing trouble of the disk.
                    if previous.is_none() || exit == Exit::Interrupted {
                        return Err(exit);
                    }
                }
            }
        }
        round = loop {
            match author.next(interrupt) {
                News::Round(next, changed) => {
                    journal.rebuilt(round.handbook(), &next, &changed);
                    break next;
                }
                News::Said(message) => note(&message),
                News::Pressed(Key::Quit) => return Ok(Exit::Done),
                News::Pressed(Key::Open) | News::Quiet => {}
                News::Interrupted => return Err(Exit::Interrupted),
            }
        };
    }
}

fn request<'r>(command: &Watch, round: &Round) -> Request<'r> {
    let config = &round.handbook().config;
    let mut request = Request::new(&command.dir, project::destination(&command.dir, command.dest.as_deref(), config));
    request.inputs = project::inputs(&command.dir, config);
    request
}

/// Writes what of a round is right; an organisation's edition that is wrong stays as it is there.
fn write(request: &mut Request<'_>, round: &Round, previous: Option<&Manifest>) -> Result<Written, WriteError> {
    let whole = round.whole();
    request.carried = whole.broken.iter().cloned().map(EditionId::Organisation).collect();
    request.carried = write::whole(request)?;
    let is_out =
        |id: &LayerId| whole.broken.contains(id) && !request.carried.contains(&EditionId::Organisation(id.clone()));
    let mut editions = round.editions();
    let all = editions.len();
    editions.retain(|edition| !edition.id.organisation().is_some_and(is_out));
    let without;
    let site: &dyn Site = if editions.len() == all {
        &*whole.table
    } else {
        // What is shown of an edition that never was right is not for readers.
        without = render::site(round.handbook(), editions, &Options::default(), &Memo::new()).value;
        &without
    };
    match previous {
        Some(previous) => write::replace(request, site, previous),
        None => write::build(request, site),
    }
}
