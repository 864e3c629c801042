//! The lines that a layer needs to change an address: today's text, its pin, and room for a reason.
//!
//! `override ORG ADDR` writes them into the layer; the panel of `serve` shows them to be copied. Nothing
//! is written here.

use std::fmt::Write;
use std::sync::Arc;

use crate::book::fingerprint::{self, fingerprint};
use crate::book::{
    Address, Edition, Language, Layer, LayerId, Lock, OperationKind, Own, Page, PageId, Part, Section, SectionId,
    Sources,
};
use crate::diagnostic::Place;
use crate::overlay::drift::{Hidden, Pinned};
use crate::overlay::edition::Overlay;

/// What stands between an author and a text of their own.
#[derive(Clone, Debug, PartialEq)]
pub enum Ready {
    /// Nothing: these lines go below `changes:`, indented by two spaces, with a line end each.
    Lines(String),
    /// The layer speaks of the address already, here.
    There(Place),
    /// The address is locked, by the base or by this layer.
    Locked(Option<LayerId>),
    /// The edition does not show the address.
    Missing,
}

/// What texts are read from.
pub struct Reading<'r> {
    /// The edition.
    pub edition: &'r Edition,
    /// The sources.
    pub sources: &'r Sources,
    /// A part of the own text of a page or of its section, as it was typed and as a layer can hold it.
    pub typed: &'r dyn Fn(&Page, Option<&SectionId>, &Part) -> String,
}

/// How far the ready lines are indented.
pub const INDENT: usize = 2;

/// The lines for the nearest layer of an edition at an address.
pub fn ready_lines(reading: &Reading<'_>, address: &Address) -> Ready {
    let edition = reading.edition;
    let Some(layer) = edition.chain.last() else { return Ready::Missing };
    if let Some(place) = spoken_of(layer, address) {
        return Ready::There(place);
    }
    let config = &edition.handbook.config;
    let texts: Vec<(&Language, Own, Lock)> = edition
        .languages
        .iter()
        .filter_map(|language| {
            let page = edition.page_at(&address.page, config.at(language)?)?;
            let (own, lock) = find(page, address)?;
            // What is shown for want of a translation is another language's text.
            own.parts.iter().all(|part| part.language == *language).then(|| (language, own.clone(), lock))
        })
        .collect();
    let Some(lock) = texts.iter().map(|(_, _, lock)| *lock).max() else { return Ready::Missing };
    let lock = lock.max(above(edition, &address.page));
    if lock == Lock::Locked {
        return Ready::Locked(locker(edition, address));
    }
    let mut out = format!("  {}:\n", key(&address.to_string()));
    let several = edition.languages.len() > 1;
    let op = if lock == Lock::Extend { "append" } else { "replace" };
    let text = |language: &Language, own: &Own| match lock {
        Lock::Extend => "…".to_owned(),
        _ => typed(reading, address, (language, own)),
    };
    if let ([(language, own, _)], false) = (texts.as_slice(), several) {
        let _ = write!(out, "    {op}: {}", block(&text(language, own), 6));
        if lock == Lock::Open {
            let _ = writeln!(out, "    accepted: {}", fingerprint(fingerprint::own(own)));
        }
    } else {
        let _ = writeln!(out, "    {op}:");
        for (language, own, _) in &texts {
            let _ = write!(out, "      {language}: {}", block(&text(language, own), 8));
        }
        if lock == Lock::Open {
            out.push_str("    accepted:\n");
            for (language, own, _) in &texts {
                let _ = writeln!(out, "      {language}: {}", fingerprint(fingerprint::own(own)));
            }
        }
    }
    out.push_str("    reason:\n");
    Ready::Lines(out)
}

/// What a stale operation hides: the text that was accepted, and today's.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HiddenText {
    /// As it was stored when it was accepted.
    pub accepted: Option<String>,
    /// Today's, where it is an own text.
    pub now: Option<String>,
}

/// What a layer's operation at an address hides, in the language at `at` among the handbook's.
pub fn hidden_text(reading: &Reading<'_>, layer: &LayerId, address: &Address, at: usize) -> HiddenText {
    let Reading { edition, sources, .. } = reading;
    let config = &edition.handbook.config;
    let Some(language) = config.languages.get(at) else { return HiddenText::default() };
    let pinned = Overlay::new(Arc::clone(&edition.handbook)).pinned(layer);
    let mut here: Vec<Pinned> = pinned.into_iter().filter(|pinned| pinned.address == *address).collect();
    // The default language decides for all, unless each has a pin of its own.
    here.sort_by_key(|pinned| pinned.language != *language);
    let Some(pinned) = here.into_iter().next() else { return HiddenText::default() };
    let stored = pinned.accepted.and_then(|accepted| {
        let bytes = sources.bytes(&format!("{}/accepted/{accepted}.md", config.organisations.src))?;
        Some(String::from_utf8_lossy(bytes).into_owned())
    });
    let now = match &pinned.hidden {
        Some(Hidden::Own(own)) => Some(typed(reading, address, (&pinned.language, own))),
        Some(Hidden::Title(heading)) => Some(heading.text.to_string()),
        Some(Hidden::Section(_) | Hidden::Page(_)) | None => None,
    };
    HiddenText { accepted: stored, now }
}

/// The line of `changes:` in a layer's text, from 1, and how far its entries are indented: the ready lines go below
/// it, as far to the right.
pub fn changes_place(layer_text: &str) -> Option<(u32, usize)> {
    let is_changes = |line: &str| {
        let rest = ["changes:", "\"changes\":", "'changes':"].iter().find_map(|key| line.strip_prefix(key));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace))
    };
    let at = layer_text.lines().position(is_changes)?;
    let mut entries = layer_text.lines().skip(at + 1).filter(|line| !line.trim_start().starts_with('#'));
    let first = entries.find(|line| !line.trim().is_empty()).unwrap_or_default();
    let indent = first.len() - first.trim_start_matches(' ').len();
    Some((u32::try_from(at + 1).ok()?, if indent == 0 { INDENT } else { indent }))
}

/// Where the layer itself changes or inserts an address.
fn spoken_of(layer: &Layer, address: &Address) -> Option<Place> {
    let changed = layer.changes.iter().find(|change| change.address == *address).map(|change| &change.place);
    let inserted = || layer.inserts.iter().find(|insert| insert.address == *address).map(|insert| &insert.place);
    changed.or_else(inserted).cloned()
}

/// The own text at an address, and the strictest lock on it or on what it stands in.
fn find<'p>(page: &'p Page, address: &Address) -> Option<(&'p Own, Lock)> {
    let Some(id) = &address.section else { return Some((&page.opening, page.lock)) };
    fn within<'p>(sections: &'p [Arc<Section>], id: &str, lock: Lock) -> Option<(&'p Own, Lock)> {
        // Six levels of headings at the most: this recursion is bounded.
        sections.iter().find_map(|section| {
            let lock = lock.max(section.lock);
            if *section.id == *id { Some((&section.own, lock)) } else { within(&section.sections, id, lock) }
        })
    }
    within(&page.sections, id, page.lock)
}

/// The layer that locked an address, or something around it, if it was not the base.
fn locker(edition: &Edition, address: &Address) -> Option<LayerId> {
    let outline = &edition.outline;
    let at = outline.position(&address.page);
    let above = at.into_iter().flat_map(|at| outline.ancestors(at)).filter_map(|at| outline.nodes[at].page());
    let base = |id: &PageId| edition.handbook.pages.get(id).and_then(|page| page.languages.first());
    let in_base =
        base(&address.page).and_then(|page| find(page, address)).is_some_and(|(_, lock)| lock == Lock::Locked)
            || above.clone().any(|id| base(id).is_some_and(|page| page.lock == Lock::Locked));
    if in_base {
        return None;
    }
    let around: Vec<&PageId> = above.chain([&address.page]).collect();
    let locks = |layer: &&Arc<Layer>| {
        let changes = layer.changes.iter().filter(|change| around.contains(&&change.address.page));
        let mut operations = changes.flat_map(|change| &change.operations);
        operations.any(|operation| matches!(operation.kind, OperationKind::Lock(Lock::Locked)))
    };
    edition.chain.iter().find(locks).map(|layer| layer.id.clone())
}

/// The strictest lock on the pages that a page stands below.
fn above(edition: &Edition, page: &PageId) -> Lock {
    let outline = &edition.outline;
    let above = outline.position(page).map(|at| outline.ancestors(at)).unwrap_or_default();
    let pages = above.into_iter().filter_map(|at| edition.page_at(outline.nodes[at].page()?, 0));
    pages.map(|page| page.lock).max().unwrap_or_default()
}

/// An own text as it was typed, part by part.
fn typed(reading: &Reading<'_>, address: &Address, (language, own): (&Language, &Own)) -> String {
    let Some(page) = reading.edition.page(&address.page, language) else { return String::new() };
    let parts = own.parts.iter().map(|part| (reading.typed)(page, address.section.as_ref(), part));
    let parts: Vec<String> = parts.map(|text| text.trim_end().trim_start_matches('\n').to_owned()).collect();
    parts.join("\n\n")
}

/// A literal block scalar, its indicator first, indented by `indent` spaces.
fn block(text: &str, indent: usize) -> String {
    if text.trim().is_empty() {
        return "\"\"\n".to_owned();
    }
    // A text that begins with a space must say how far the block is indented.
    let mut out = if text.starts_with(' ') { "|2\n".to_owned() } else { "|\n".to_owned() };
    for line in text.lines() {
        if line.trim().is_empty() {
            out.push('\n');
        } else {
            let _ = writeln!(out, "{:indent$}{line}", "");
        }
    }
    out
}

/// An address as a YAML key.
fn key(address: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '/' | '-' | '_' | '.' | '#');
    let starts = address.chars().next().is_some_and(char::is_alphanumeric);
    if starts && address.chars().all(plain) && address.parse::<f64>().is_err() && !is_word(address) {
        address.to_owned()
    } else {
        serde_json::Value::String(address.to_owned()).to_string()
    }
}

/// Words that YAML readers take for something else than text.
fn is_word(text: &str) -> bool {
    matches!(text, "null" | "true" | "false" | "yes" | "no" | "on" | "off" | "y" | "n")
}
