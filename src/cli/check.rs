//! `leidraad check`

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::book::{Edition, LayerId, OperationState};
use crate::cli::args::{Check, Format};
use crate::cli::plan::say;
use crate::cli::project::{self, complain};
use crate::cli::report::{self, Clock, Voice, count, or_mean};
use crate::cli::{Exit, fix};
use crate::diagnostic::{Code, Severity, any_error};
use crate::load::handbook::Drafts;
use crate::render::Options;

/// Does everything but write.
pub fn run(command: &Check, voice: Voice) -> Result<Exit, Exit> {
    let mut denied = Vec::new();
    for name in &command.deny {
        let Some(code) = Code::ALL.iter().find(|code| code.as_str() == name) else {
            let known = Code::ALL.iter().map(|code| code.as_str());
            complain(&or_mean(&format!("`{name}` is no code"), name, known));
            return Err(Exit::Usage);
        };
        denied.push(*code);
    }
    if command.fix {
        fix::fix(&command.dir, voice)?;
    }
    let drafts = if command.drafts { Drafts::Shown } else { Drafts::Left };
    let mut clock = Clock::new(voice);
    let mut project = project::open(&command.dir, command.judging.reading(drafts), &[])?;
    clock.lap("read and compose");
    project.site(&Options::default());
    clock.lap("shells");
    for finding in project.findings.iter_mut().filter(|finding| denied.contains(&finding.code)) {
        finding.severity = Severity::Error;
    }
    report::write(&project.findings, &project.sources, command.judging.format, voice)?;
    if command.judging.format == Format::Text {
        let handbook = &project.composed.handbook;
        let what = format!("{}, {}", count(handbook.pages.len(), "page"), count(handbook.layers.len(), "layer"));
        let summary = report::summary(&project.findings);
        say(voice, &format!("{what}: {}", if summary.is_empty() { "nothing found" } else { &summary }));
        if let Some(line) = drifted(&project.composed.editions) {
            say(voice, &line);
        }
    }
    Ok(if any_error(&project.findings) { Exit::Content } else { Exit::Done })
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
