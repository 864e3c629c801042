//! `leidraad explain ORG ADDR`

use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::Arc;

use serde_json::json;

use crate::book::{Address, Edition, Section};
use crate::cli::args::{Explain, Format};
use crate::cli::project::{self, complain};
use crate::cli::{Exit, overriding};
use crate::diagnostic::escaped;
use crate::load::handbook::Drafts;
use crate::load::typed;
use crate::overlay::Overlay;

/// Says which layers touched an address, and what stands there in the end.
pub fn run(command: &Explain) -> Exit {
    let project = match project::open(&command.dir, command.judging.reading(Drafts::Shown), &[]) {
        Ok(project) => project,
        Err(exit) => return exit,
    };
    let editions = &project.composed.editions;
    let found = editions.iter().find(|edition| edition.id.to_string() == command.organisation);
    let edition = match found {
        Some(edition) => Arc::clone(edition),
        // An abstract layer, or one that still lacks something: what it does to a text can be said all the same.
        None => {
            let overlay = Overlay::new(Arc::clone(&project.composed.handbook));
            match overriding::edition(&overlay, &command.organisation) {
                Ok(edition) => Arc::new(edition),
                Err(exit) => return exit,
            }
        }
    };
    let edition = &*edition;
    let mut address = Address::parse(command.address.strip_suffix(".md").unwrap_or(&command.address));
    if let Some(page) = edition.handbook.aliases.get(&*address.page) {
        address.page = page.clone();
    }
    let name = address.to_string();
    let above = above(edition, &address);
    let operations: Vec<&crate::book::ProvenanceEntry> = edition
        .provenance
        .iter()
        .filter(|entry| {
            entry.address == name || (matches!(entry.op, "remove" | "lock" | "move") && above.contains(&entry.address))
        })
        .collect();
    let text = text_at(edition, &address, &project.sources);
    // What happened to what it stands in is said of a section too, if there is such a section.
    let is_known = |id: &crate::book::SectionId| {
        let page = edition.handbook.pages.get(&address.page).and_then(|page| page.languages.first());
        page.is_some_and(|page| page.section(id).is_some()) || operations.iter().any(|entry| entry.address == name)
    };
    if text.is_none() && (operations.is_empty() || !address.section.as_ref().is_none_or(is_known)) {
        complain(&overriding::missing(edition, &address));
        return Exit::Usage;
    }
    let out = match command.judging.format {
        Format::Json => {
            let operations: Vec<serde_json::Value> = operations
                .iter()
                .map(|entry| {
                    let mut object = json!({
                        "address": entry.address, "layer": &*entry.layer, "file": &*entry.file, "line": entry.line,
                        "op": entry.op, "state": entry.state.as_str(),
                    });
                    if let Some(language) = &entry.language {
                        object["lang"] = json!(&**language);
                    }
                    if let Some(reason) = &entry.reason {
                        object["reason"] = crate::render::reason_value(reason);
                    }
                    if let Some(accepted) = &entry.accepted {
                        object["accepted"] = json!(&**accepted);
                    }
                    object
                })
                .collect();
            format!("{}\n", json!({ "address": name, "operations": operations, "text": text }))
        }
        Format::Text | Format::Github => {
            let mut out = format!("{name} in the edition {}\n\n", edition.id);
            if operations.is_empty() {
                let what = if address.section.is_none() { "its opening text" } else { "it" };
                let _ = writeln!(out, "No layer touches {what}: it is the base's text.");
                for section in below(edition, &name) {
                    let _ = writeln!(out, "  touched: {section}");
                }
            }
            for entry in operations {
                let _ = write!(
                    out,
                    "  {:<9} {:<10} {}:{}  ({})",
                    entry.op,
                    entry.state.as_str(),
                    entry.file,
                    entry.line,
                    entry.layer
                );
                if let Some(reason) = &entry.reason {
                    let _ = write!(out, "\n            {}", escaped(reason.any()));
                }
                out.push('\n');
            }
            let _ = write!(out, "\n{}\n", text.unwrap_or_else(|| absent(&name)));
            out
        }
    };
    super::print(out.as_bytes())
}

/// The addresses that an address stands in: sections, its page, and the pages above that.
fn above(edition: &Edition, address: &Address) -> BTreeSet<String> {
    let outline = &edition.handbook.outline;
    let at = outline.position(&address.page);
    let pages = at.into_iter().flat_map(|at| outline.ancestors(at)).filter_map(|at| outline.nodes[at].page());
    let mut above: BTreeSet<String> = pages.map(ToString::to_string).collect();
    let Some(id) = &address.section else { return above };
    above.insert(address.page.to_string());
    let base = edition.handbook.pages.get(&address.page).and_then(|page| page.languages.first());
    // Each section that is met ends those at its level or deeper.
    let mut open: Vec<&Section> = Vec::new();
    for section in base.into_iter().flat_map(|page| page.all_sections()) {
        open.retain(|outer| outer.level < section.level);
        if section.id == *id {
            above.extend(open.iter().map(|outer| Address::section(&address.page, &outer.id).to_string()));
        }
        open.push(section);
    }
    above
}

/// What stands in the place of a text that is not there: values have none.
fn absent(address: &str) -> String {
    let is_value = ["params.", "theme.", "placements."].iter().any(|kind| address.starts_with(kind));
    if is_value { "A value: no text stands there.".to_owned() } else { "It is not shown in this edition.".to_owned() }
}

/// The sections of a page that a layer touches.
fn below<'e>(edition: &'e Edition, page: &str) -> BTreeSet<&'e str> {
    let addresses = edition.provenance.iter().map(|entry| entry.address.as_str());
    addresses.filter(|address| address.split_once('#').is_some_and(|(of, _)| of == page)).collect()
}

/// The text that an edition shows at an address, as it was typed, part by part.
fn text_at(edition: &Edition, address: &Address, sources: &crate::book::Sources) -> Option<String> {
    let page = edition.page_at(&address.page, 0)?;
    let own = match &address.section {
        None => &page.opening,
        Some(id) => &page.section(id)?.own,
    };
    let mut texts = Vec::new();
    for part in &own.parts {
        let typed = typed::of_layer(&edition.handbook, part).map(ToString::to_string);
        let text = typed.unwrap_or_else(|| {
            let (first, last) = part.fragment.lines;
            (first..=last)
                .filter(|line| *line > 0)
                .filter_map(|line| sources.line(&page.source, line))
                .collect::<Vec<_>>()
                .join("\n")
        });
        texts.push(text.trim().to_owned());
    }
    Some(texts.join("\n\n"))
}
