//! `leidraad check`

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::Arc;

use crate::book::{Edition, LayerId, OperationState};
use crate::cli::args::{Check, CheckFormat};
use crate::cli::project::{self, complain};
use crate::cli::report::{self, Clock, Style, Voice};
use crate::cli::{Exit, fix};
use crate::diagnostic::{Code, Severity, any_error, did_you_mean};
use crate::load::handbook::Drafts;
use crate::memo::Memo;
use crate::render::{self, Options};

/// Does everything but write.
pub fn run(command: &Check, voice: Voice) -> Exit {
    let mut denied = Vec::new();
    for name in &command.deny {
        match Code::ALL.iter().find(|code| code.as_str() == name) {
            Some(code) => denied.push(*code),
            None => {
                let hint =
                    did_you_mean(name, Code::ALL.iter().map(|code| code.as_str())).map(|hint| format!("; {hint}"));
                complain(&format!("`{name}` is no code{}", hint.unwrap_or_default()));
                return Exit::Usage;
            }
        }
    }
    if command.fix
        && let Err(exit) = fix::fix(&command.dir, voice)
    {
        return exit;
    }
    let drafts = if command.drafts { Drafts::Shown } else { Drafts::Left };
    let mut clock = Clock::new(voice);
    let mut project = match project::open(&command.dir, drafts, &[]) {
        Ok(project) => project,
        Err(exit) => return exit,
    };
    clock.lap("read and compose");
    let site =
        render::site(&project.composed.handbook, project.composed.editions.clone(), &Options::default(), &Memo::new());
    clock.lap("shells");
    project.findings.extend(site.findings);
    crate::diagnostic::sort(&mut project.findings);
    if command.judging.strict {
        report::strict(&mut project.findings);
    }
    for finding in project.findings.iter_mut().filter(|finding| denied.contains(&finding.code)) {
        finding.severity = Severity::Error;
    }
    let style = match command.format {
        CheckFormat::Text => Style::Text,
        CheckFormat::Json => Style::Json,
        CheckFormat::Github => Style::Github,
    };
    report::write(&project.findings, &project.sources, style, voice);
    if style == Style::Text && voice != Voice::Quiet {
        let handbook = &project.composed.handbook;
        let summary = report::summary(&project.findings);
        let count = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
        let what = format!("{}, {}", count(handbook.pages.len(), "page"), count(handbook.layers.len(), "layer"));
        let line = if summary.is_empty() { format!("{what}: nothing found") } else { format!("{what}: {summary}") };
        let _ = writeln!(anstream::stderr().lock(), "{line}");
        if let Some(line) = drifted(&project.composed.editions) {
            let _ = writeln!(anstream::stderr().lock(), "{line}");
        }
    }
    if any_error(&project.findings) { Exit::Content } else { Exit::Done }
}

/// How much of the base changed below texts that were accepted, in one line.
fn drifted(editions: &[Arc<Edition>]) -> Option<String> {
    let entries = editions.iter().flat_map(|edition| &edition.provenance);
    let stale: BTreeSet<(&LayerId, &str)> = entries
        .filter(|entry| entry.state == OperationState::Stale)
        .map(|entry| (&entry.layer, entry.address.as_str()))
        .collect();
    let addresses: BTreeSet<&str> = stale.iter().map(|(_, address)| *address).collect();
    let (layer, _) = stale.first()?;
    let base = match addresses.len() {
        1 => "1 accepted base text changed".to_owned(),
        many => format!("{many} accepted base texts changed"),
    };
    let own = match stale.len() {
        1 => "1 text lies on it".to_owned(),
        many => format!("{many} texts lie on {}", if addresses.len() == 1 { "it" } else { "them" }),
    };
    Some(format!("{base}, {own}; compare: leidraad diff {layer}"))
}
