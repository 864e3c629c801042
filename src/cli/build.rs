//! `leidraad build`

use std::io::{IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use crate::book::{EditionId, Language, LayerId};
use crate::cli::Exit;
use crate::cli::args::{Build, Format};
use crate::cli::project::{self, Project, complain};
use crate::cli::report::{self, Clock, Style, Voice};
use crate::diagnostic::{any_error, did_you_mean, escaped};
use crate::load::handbook::Drafts;
use crate::memo::Memo;
use crate::render::{self, Options};
use crate::write::{self, Request};

/// Builds the site.
pub fn run(command: &Build, voice: Voice) -> Exit {
    if let Some(jobs) = command.jobs {
        // The pool is there already only if something ran before, which nothing did.
        let _ = rayon::ThreadPoolBuilder::new().num_threads(usize::from(jobs)).build_global();
    }
    let began = Instant::now();
    let mut clock = Clock::new(if command.timings { Voice::More } else { voice });
    let drafts = if command.drafts { Drafts::Shown } else { Drafts::Left };
    let outputs: Vec<_> = command.dest.iter().cloned().collect();
    let mut project = match project::open(&command.dir, drafts, &outputs) {
        Ok(project) => project,
        Err(exit) => return exit,
    };
    clock.lap("read and compose");
    let options = match options(command, &project) {
        Ok(options) => options,
        Err(exit) => return exit,
    };
    let editions = project.composed.editions.clone();
    let site = render::site(&project.composed.handbook, editions, &options, &Memo::new());
    project.findings.extend(site.findings.iter().cloned());
    crate::diagnostic::sort(&mut project.findings);
    if command.judging.strict {
        report::strict(&mut project.findings);
    }
    clock.lap("shells");
    let style = match command.format {
        Format::Text => Style::Text,
        Format::Json => Style::Json,
    };
    report::write(&project.findings, &project.sources, style, voice);
    let wrong = any_error(&project.findings);
    let base_wrong = project.composed.base_broken || any_error(&site.findings) || (command.judging.strict && wrong);
    if wrong && (!command.keep_going || base_wrong) {
        if voice != Voice::Quiet {
            let _ = writeln!(anstream::stderr().lock(), "{}; nothing was written", report::summary(&project.findings));
        }
        return Exit::Content;
    }

    let config = &project.composed.handbook.config;
    let dest = project::destination(&command.dir, command.dest.as_deref(), config);
    let mut request = Request::new(&command.dir, &dest);
    request.inputs = project::inputs(&command.dir, config);
    request.carried = project
        .composed
        .broken
        .iter()
        .filter(|id| options.organisations.is_empty() || options.organisations.contains(id))
        .map(|id| EditionId::Organisation(id.clone()))
        .collect();
    let interrupt = interrupt();
    request.interrupt = Some(&interrupt);
    let progress = progress(began);
    request.progress = if voice == Voice::Quiet { None } else { Some(&progress) };
    let written = match write::build(&request, &site.value) {
        Ok(written) => written,
        Err(error) => {
            complain(&error.to_string());
            return match error.exit_code() {
                2 => Exit::Usage,
                130 => Exit::Interrupted,
                _ => Exit::Environment,
            };
        }
    };
    clock.lap("render and write");
    for id in &written.left_out {
        complain(&format!("the edition `{id}` is wrong, and there is no whole earlier one to keep: it is left out"));
    }
    if voice != Voice::Quiet {
        let organisations = site_organisations(&project, &options);
        let pages = site.value.rooms().iter().enumerate().map(|(at, _)| site.value.pages_of(at).len()).sum::<usize>();
        let findings = report::summary(&project.findings);
        let line = format!(
            "{pages} pages, {organisations} organisation{}, {} language{} → {}: {} files changed, {} kept, {} removed in {:.2} s{}{findings}",
            if organisations == 1 { "" } else { "s" },
            config.languages.len(),
            if config.languages.len() == 1 { "" } else { "s" },
            escaped(&dest.display().to_string()),
            written.changed,
            written.kept,
            written.removed,
            began.elapsed().as_secs_f64(),
            if findings.is_empty() { "" } else { "; " },
        );
        let _ = writeln!(anstream::stderr().lock(), "{line}");
    }
    if command.open {
        open(&dest.join("index.html").display().to_string());
    }
    if wrong { Exit::Content } else { Exit::Done }
}

fn options(command: &Build, project: &Project) -> Result<Options, Exit> {
    let handbook = &project.composed.handbook;
    let mut options = Options { site_url: command.site_url.clone(), ..Options::default() };
    for id in &command.organisation {
        match handbook.layers.get(id.as_str()) {
            Some(layer) if !layer.is_abstract => options.organisations.push(LayerId::from(id.as_str())),
            found => {
                let hint = did_you_mean(id, handbook.layers.keys().map(|id| &**id))
                    .map(|hint| format!("; {hint}"))
                    .unwrap_or_default();
                complain(&match found {
                    Some(_) => format!("the layer `{id}` is abstract: it has no edition"),
                    None => format!("there is no organisation `{id}`{hint}"),
                });
                return Err(Exit::Usage);
            }
        }
    }
    options.organisations.sort();
    options.organisations.dedup();
    for language in &command.lang {
        if !handbook.config.languages.iter().any(|known| **known == **language) {
            let known: Vec<&str> = handbook.config.languages.iter().map(|known| &**known).collect();
            complain(&format!("`{language}` is no language of this handbook; its languages are {}", known.join(", ")));
            return Err(Exit::Usage);
        }
        options.languages.push(Language::from(language.as_str()));
    }
    if let Some(url) = &options.site_url {
        let full = url.starts_with("https://") || url.starts_with("http://");
        if !(full || url.starts_with('/')) || url.contains(['"', '<', '>', ' ', '?', '#']) {
            complain(&format!("`{url}` is no address of a site: write https://example.org/handbook/ or /handbook/"));
            return Err(Exit::Usage);
        }
        if !url.ends_with('/') {
            options.site_url = Some(Arc::from(format!("{url}/")));
        }
    }
    Ok(options)
}

fn site_organisations(project: &Project, options: &Options) -> usize {
    let built = project.composed.editions.iter().filter_map(|edition| edition.id.organisation());
    built.filter(|id| options.organisations.is_empty() || options.organisations.contains(id)).count()
}

/// A flag that SIGINT and SIGTERM raise: the stage is taken away, and the old site stays.
pub fn interrupt() -> Arc<AtomicBool> {
    let flag = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        let _ = signal_hook::flag::register(signal, Arc::clone(&flag));
    }
    flag
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
