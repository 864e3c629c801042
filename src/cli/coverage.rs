//! `leidraad coverage [ORG]`

use std::fmt::Write;

use crate::book::Edition;
use crate::cli::Exit;
use crate::cli::args::{Coverage, Format};
use crate::cli::project::{self, complain};
use crate::diagnostic::{did_you_mean, escaped};
use crate::load::handbook::Drafts;
use crate::render;
use crate::render::coverage::{self, State};

/// Says how organisations differ from the base: all of them page by page, or one operation by operation.
pub fn run(command: &Coverage) -> Exit {
    let project = match project::open(&command.dir, command.judging.reading(Drafts::Left), &[]) {
        Ok(project) => project,
        Err(exit) => return exit,
    };
    let editions = &project.composed.editions;
    let out = match &command.organisation {
        None => {
            let coverage = coverage::coverage(editions);
            match command.judging.format {
                Format::Json => coverage.json(),
                Format::Text | Format::Github => table(&coverage),
            }
        }
        Some(name) => {
            let Some(edition) = editions.iter().find(|edition| edition.id.to_string() == *name) else {
                if project.composed.broken.contains_key(name.as_str()) {
                    complain(&format!("the layer `{name}` has errors; `leidraad check` shows them"));
                    return Exit::Content;
                }
                if project.composed.handbook.layers.contains_key(name.as_str()) {
                    complain(&format!("the layer `{name}` is abstract: it has no edition"));
                    return Exit::Usage;
                }
                let names: Vec<String> = editions.iter().map(|edition| edition.id.to_string()).collect();
                let hint = did_you_mean(name, names.iter().map(String::as_str)).map(|hint| format!("; {hint}"));
                complain(&format!("there is no organisation `{name}`{}", hint.unwrap_or_default()));
                return Exit::Usage;
            };
            match command.judging.format {
                Format::Json => render::provenance(edition),
                Format::Text | Format::Github => operations(edition),
            }
        }
    };
    let printed = super::print(out.as_bytes());
    let broken = &project.composed.broken;
    if command.organisation.is_none() && !broken.is_empty() {
        let names: Vec<String> = broken.keys().map(|id| format!("`{id}`")).collect();
        complain(&format!(
            "left out, since their layers have errors: {}; `leidraad check` shows them",
            names.join(", ")
        ));
        return if printed == Exit::Done { Exit::Content } else { printed };
    }
    printed
}

/// How many pages of each organisation are in each state.
fn table(coverage: &coverage::Coverage) -> String {
    let names = coverage.rows.iter().map(|(edition, _)| edition.id.to_string().chars().count());
    let width = names.max().unwrap_or(0).max("organisation".len());
    let mut out = format!("{:width$}", "organisation");
    State::ALL.iter().for_each(|state| {
        let _ = write!(out, "  {:>8}", state.as_str());
    });
    out.push('\n');
    for (edition, states) in &coverage.rows {
        let _ = write!(out, "{:width$}", edition.id.to_string());
        for state in State::ALL {
            let count = states.iter().filter(|states| states.iter().any(|known| known == state)).count();
            let _ = write!(out, "  {count:>8}");
        }
        out.push('\n');
    }
    out
}

fn operations(edition: &Edition) -> String {
    let mut out = String::new();
    for entry in &edition.provenance {
        let _ = write!(
            out,
            "{:<11} {:<11} {}  {}:{}",
            entry.state.as_str(),
            entry.op,
            entry.address,
            entry.file,
            entry.line
        );
        if let Some(reason) = &entry.reason {
            let _ = write!(out, "  {}", escaped(reason.any()));
        }
        out.push('\n');
    }
    out
}
