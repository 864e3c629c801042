//! `leidraad build`

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use crate::book::{EditionId, Language, LayerId};
use crate::cli::Exit;
use crate::cli::args::Build;
use crate::cli::interrupt::Interrupt;
use crate::cli::plan::say;
use crate::cli::project::{self, Project, complain, failed};
use crate::cli::report::{self, Clock, Voice, count, or_mean};
use crate::diagnostic::any_error;
use crate::load::config::site_url;
use crate::load::handbook::Drafts;
use crate::render::{Options, Table};
use crate::write::{self, LeftBehind, Request, Written};

/// Builds the site.
pub fn run(command: &Build, voice: Voice, interrupt: &Interrupt) -> Result<Exit, Exit> {
    if let Some(jobs) = command.jobs {
        // The pool is there already only if something ran before, which nothing did.
        let _ = rayon::ThreadPoolBuilder::new().num_threads(usize::from(jobs)).build_global();
    }
    let began = Instant::now();
    let mut clock = Clock::new(if command.timings { Voice::More } else { voice });
    let mut request = project::request(&command.dir, command.dest.as_deref())?;
    let drafts = if command.drafts { Drafts::Shown } else { Drafts::Left };
    let outputs: Vec<_> = command.dest.iter().cloned().collect();
    let mut project = project::open(&command.dir, command.judging.reading(drafts), &outputs)?;
    clock.lap("read and compose");
    let mut options = options(command, &project)?;
    let broken = broken(&project, &options);
    if command.keep_going {
        request.carried = broken.iter().cloned().map(EditionId::Organisation).collect();
        request.carried = write::whole(&request).map_err(|error| failed(&error))?;
        options.carried = request.carried.iter().filter_map(|id| id.organisation().cloned()).collect();
    }
    let site = project.site(&options);
    clock.lap("shells");
    report::write(&project.findings, &project.sources, command.judging.format, voice)?;
    let wrong = any_error(&project.findings);
    // Where one organisation alone was asked for, nothing remains to go on with.
    let none_is_right = broken == options.organisations && !broken.is_empty();
    if wrong && (!command.keep_going || project.composed.base_broken || none_is_right) {
        say(voice, &format!("{}; nothing was written", report::summary(&project.findings)));
        return Ok(Exit::Content);
    }

    request.interrupt = Some(interrupt.hold());
    let progress = progress(began);
    request.progress = if voice == Voice::Quiet { None } else { Some(&progress) };
    let written = write::build(&request, &site).map_err(|error| failed(&error))?;
    clock.lap("render and write");
    tell_kept(voice, &broken, (&request, &written));
    let shown = summary(&project, &options, &site);
    let findings = report::summary(&project.findings);
    say(
        voice,
        &format!(
            "{shown} → {}: {}, {} kept, {} removed in {:.2} s{}{findings}",
            request.dest.display(),
            changed(written.changed),
            written.kept,
            written.removed,
            began.elapsed().as_secs_f64(),
            if findings.is_empty() { "" } else { "; " },
        ),
    );
    if command.open {
        open(&request.dest.join("index.html").display().to_string());
    }
    Ok(if wrong { Exit::Content } else { Exit::Done })
}

/// `3 files changed`
pub fn changed(number: usize) -> String {
    format!("{} changed", count(number, "file"))
}

/// Says which editions were kept or left out, and what could not be removed.
pub fn tell_kept(voice: Voice, broken: &[LayerId], (request, written): (&Request<'_>, &Written)) {
    for id in broken {
        let edition = EditionId::Organisation(id.clone());
        if request.carried.contains(&edition) && !written.left_out.contains(&edition) {
            say(voice, &format!("edition `{id}`: carried over from the earlier build"));
        } else {
            complain(&format!("edition `{id}`: left out, since it is wrong and no whole earlier one is there"));
        }
    }
    tell_left(&written.left_behind);
}

/// Says what of our own could not be removed.
pub fn tell_left(left: &[LeftBehind]) {
    for LeftBehind { path, reason } in left {
        complain(&format!("`{}` could not be removed: {reason}", path.display()));
    }
}

/// The organisations that were asked for and are wrong.
fn broken(project: &Project, options: &Options) -> Vec<LayerId> {
    let is_asked = |id: &&LayerId| options.organisations.is_empty() || options.organisations.contains(id);
    project.composed.broken.keys().filter(is_asked).cloned().collect()
}

/// `12 pages, 2 organisations, 1 language`
fn summary(project: &Project, options: &Options, site: &Table) -> String {
    let pages = (0..site.rooms().len()).map(|at| site.pages_of(at).len()).sum();
    let mut organisations: Vec<_> = site.rooms().iter().filter_map(|room| room.edition.id.organisation()).collect();
    organisations.dedup();
    let languages = match options.languages.len() {
        0 => project.composed.handbook.config.languages.len(),
        asked => asked,
    };
    format!(
        "{}, {}, {}",
        count(pages, "page"),
        count(organisations.len(), "organisation"),
        count(languages, "language")
    )
}

fn options(command: &Build, project: &Project) -> Result<Options, Exit> {
    let handbook = &project.composed.handbook;
    let refuse = |message: &str| {
        complain(message);
        Err(Exit::Usage)
    };
    let mut options = Options::default();
    for language in &command.lang {
        if !handbook.config.languages.iter().any(|known| **known == **language) {
            let known: Vec<&str> = handbook.config.languages.iter().map(|known| &**known).collect();
            return refuse(&format!(
                "`{language}` is no language of this handbook; its languages are {}",
                known.join(", ")
            ));
        }
        options.languages.push(Language::from(language.as_str()));
    }
    options.languages.sort();
    options.languages.dedup();
    for id in &command.organisation {
        match handbook.layers.get(id.as_str()) {
            Some(layer) if !layer.is_abstract => options.organisations.push(LayerId::from(id.as_str())),
            Some(_) => return refuse(&format!("the layer `{id}` is abstract: it has no edition")),
            None => {
                let known = handbook.layers.keys().map(|id| &**id);
                return refuse(&or_mean(&format!("there is no organisation `{id}`"), id, known));
            }
        }
    }
    options.organisations.sort();
    options.organisations.dedup();
    for id in &options.organisations {
        let is_it = |edition: &&std::sync::Arc<crate::book::Edition>| edition.id.organisation() == Some(id);
        let edition = project.composed.editions.iter().find(is_it);
        let speaks = |edition: &std::sync::Arc<crate::book::Edition>| {
            options.languages.iter().any(|language| edition.languages.contains(language))
        };
        if !options.languages.is_empty() && edition.is_some_and(|edition| !speaks(edition)) {
            return refuse(&format!("the edition `{id}` is not in {}", command.lang.join(", ")));
        }
    }
    if let Some(url) = &command.site_url {
        options.site_url = site_url(url);
        if options.site_url.is_none() {
            return refuse(&format!(
                "`{url}` is no address of a site: write https://example.org/handbook/ or /handbook/"
            ));
        }
    }
    Ok(options)
}

/// How far the writing is, on a terminal, once it has taken 200 ms.
fn progress(began: Instant) -> impl Fn(usize, usize) + Sync {
    let terminal = std::io::stderr().is_terminal();
    let shown = std::sync::Mutex::new(began);
    move |done, all| {
        if !terminal || began.elapsed() < Duration::from_millis(200) {
            return;
        }
        let Ok(mut last) = shown.lock() else { return };
        if done == all {
            let _ = write!(std::io::stderr(), "\r\u{1b}[K");
        } else if last.elapsed() > Duration::from_millis(50) {
            *last = Instant::now();
            let _ = write!(std::io::stderr(), "\r{done} of {all} files\u{1b}[K");
        }
    }
}

/// Opens an address in the reader's browser; a system without one is told the address.
pub fn open(address: &str) {
    let opener = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let started = std::process::Command::new(opener)
        .arg(address)
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn();
    if started.is_err() {
        let _ = writeln!(anstream::stderr().lock(), "open {address}");
    }
}
