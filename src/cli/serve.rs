//! `leidraad serve`

use std::io::{self, Write};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use crate::book::Handbook;
use crate::cli::Exit;
use crate::cli::args::{Format, Serve};
use crate::cli::interrupt::Interrupt;
use crate::cli::project::{self, complain};
use crate::cli::report::Voice;
use crate::cli::{build, report};
use crate::diagnostic::{Findings, escaped};
use crate::serve::{self, Author, Bell, Eyes, Hosts, Key, News, Notices, Preview, Round};

/// The port that is used unless another is asked for.
const PORT: u16 = 3000;

/// Shows the site while it is written.
pub fn run(command: &Serve, voice: Voice, interrupt: &Interrupt) -> Result<Exit, Exit> {
    let interrupt = interrupt.hold();
    let bell = Arc::new(Bell::default());
    let notices = if command.poll { Notices::Looking } else { Notices::System };
    let eyes = (Eyes::Author, command.judging.warnings());
    let begun = Author::begin(&command.dir, Vec::new(), eyes, (notices, Arc::clone(&bell)));
    let (mut author, round) = begun.map_err(|error| project::unreadable(&command.dir, &error))?;
    let (preview, address) = open(command, &bell, round)?;
    let telling = Arc::clone(&preview);
    let journal = Arc::new(Journal { voice, format: command.judging.format, known: Mutex::default() });
    let judged = Arc::clone(&journal);
    let judge = serve::judge(move |round| {
        judged.judged(round);
        telling.tell();
    });
    let Ok(judge) = judge else {
        complain("no thread can be started");
        return Err(Exit::Environment);
    };
    let _ = judge.send(preview.round());
    let keys = serve::listen_to_keys(bell);
    let hint = if keys.is_some() { "     o: open · q: quit" } else { "" };
    let _ = writeln!(io::stdout(), "{address}{hint}");
    let _ = io::stdout().flush();
    if command.open {
        build::open(&address);
    }
    loop {
        match author.next(interrupt) {
            News::Round(round, changed) => {
                let before = Arc::clone(preview.round().handbook());
                preview.show(Arc::clone(&round));
                journal.rebuilt(&before, &round, &changed);
                let _ = judge.send(round);
            }
            News::Pressed(Key::Open) => build::open(&address),
            News::Pressed(Key::Quit) => return Ok(Exit::Done),
            News::Said(message) => note(&message),
            News::Quiet => preview.ping(),
            News::Interrupted => return Err(Exit::Interrupted),
        }
    }
}

/// Listens, and answers from the first round on.
fn open(command: &Serve, bell: &Arc<Bell>, round: Arc<Round>) -> Result<(Arc<Preview>, String), Exit> {
    let server = serve::bind(&command.host, command.port, PORT).map_err(|error| {
        let at = format!("{}:{}", command.host, command.port.unwrap_or(PORT));
        if error.kind() == io::ErrorKind::AddrInUse {
            let free =
                serve::bind(&command.host, None, command.port.unwrap_or(PORT)).and_then(|server| server.address());
            let free = free.map(|address| format!("; {} is free", address.port())).unwrap_or_default();
            complain(&format!("{at} is in use{free}"));
        } else {
            complain(&format!("cannot listen at {at}: {error}"));
        }
        Exit::Environment
    })?;
    let failed = |error: io::Error| {
        complain(&error.to_string());
        Exit::Environment
    };
    let local = server.address().map_err(failed)?;
    let address = serve::reachable(local, &command.host);
    if command.port.is_none() && local.port() != PORT {
        note(&format!("port {PORT} is in use: this is {}", local.port()));
    }
    if !is_loopback(local.ip()) {
        warn(&format!("everyone on the network can read this preview at {address}"));
    }
    let preview =
        Preview::new(command.dir.clone(), Hosts::new(&command.host), (Arc::clone(bell), round)).map_err(failed)?;
    let preview = Arc::new(preview);
    server.start(Arc::clone(&preview)).map_err(failed)?;
    Ok((preview, address))
}

fn is_loopback(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}

/// Something that is no fault of the handbook.
pub fn note(message: &str) {
    let _ = writeln!(anstream::stderr().lock(), "\u{1b}[1;36mnote\u{1b}[0m: {}", escaped(message));
}

/// Something that the author should think about.
fn warn(message: &str) {
    let _ = writeln!(anstream::stderr().lock(), "\u{1b}[1;33mwarning\u{1b}[0m: {}", escaped(message));
}

/// What the terminal shows of the rounds.
pub struct Journal {
    /// Whether only errors are shown.
    pub voice: Voice,
    /// How findings are reported.
    pub format: Format,
    /// What was found last time: a finding is shown when it is new.
    pub known: Mutex<Findings>,
}

impl Journal {
    /// One line for a change.
    pub fn rebuilt(&self, before: &Handbook, round: &Round, changed: &[Arc<str>]) {
        if self.voice == Voice::Quiet {
            return;
        }
        let what = serve::line(before, round, changed);
        let took = round.took.as_secs_f64() * 1e3;
        let _ = writeln!(anstream::stderr().lock(), "{}  {what}   {took:.0} ms", time());
    }

    /// What is wrong now and was not before.
    pub fn judged(&self, round: &Round) {
        let findings = round.whole().findings.clone();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        // A set, as it may be large on either side.
        let before: std::collections::HashSet<&crate::diagnostic::Diagnostic> = known.iter().collect();
        let new: Findings = findings.iter().filter(|finding| !before.contains(finding)).cloned().collect();
        // A reader of the findings who went away is no reason to stop.
        let _ = report::write(&new, &round.sources, self.format, self.voice);
        let (now, then) = (report::summary(&findings), report::summary(&known));
        if self.voice != Voice::Quiet && now != then {
            let line = if now.is_empty() { "nothing wrong".to_owned() } else { now };
            let _ = writeln!(anstream::stderr().lock(), "{}  {line}", time());
        }
        *known = findings;
    }
}

/// The time of day, for whoever looks at the terminal.
fn time() -> String {
    jiff::ZonedDateTime::now().strftime("%H:%M:%S").to_string()
}
