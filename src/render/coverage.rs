//! Organisations × pages: how each organisation's edition of each base page relates to the base (spec §8).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::Arc;

use serde_json::json;

use crate::book::{Address, Edition, EditionId, OperationState, Page, PageId, Rule};

/// How an edition's page relates to the base's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// As in the base, word for word.
    Same,
    /// With values of the organisation in it.
    Filled,
    /// With more text.
    Extended,
    /// With another text or title.
    Replaced,
    /// Without the page, or a section of it.
    Removed,
    /// With an own text under which the base has changed since.
    Stale,
    /// With a rule about it that is not met.
    Finding,
}

impl State {
    /// Every state, in order.
    pub const ALL: [State; 7] =
        [State::Same, State::Filled, State::Extended, State::Replaced, State::Removed, State::Stale, State::Finding];

    /// The word in coverage.json.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Same => "same",
            State::Filled => "filled",
            State::Extended => "extended",
            State::Replaced => "replaced",
            State::Removed => "removed",
            State::Stale => "stale",
            State::Finding => "finding",
        }
    }
}

/// The states of one page; `same` when there is no other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct States(u8);

impl States {
    fn add(&mut self, state: State) {
        self.0 |= 1 << state as u8;
    }

    /// The states, in order.
    pub fn iter(self) -> impl Iterator<Item = State> {
        let bits = if self.0 == 0 { 1 << State::Same as u8 } else { self.0 };
        State::ALL.into_iter().filter(move |state| bits & (1 << *state as u8) != 0)
    }

    /// Whether nothing differs.
    pub fn is_same(self) -> bool {
        self.0 == 0
    }

    /// The states as words between spaces.
    pub fn words(self) -> String {
        let mut out = String::new();
        self.put(&mut out, "", " ");
        out
    }

    /// Writes the states as words, each in the same quotes, with something between them.
    pub fn put(self, out: &mut String, quote: &str, between: &str) {
        for (at, state) in self.iter().enumerate() {
            if at > 0 {
                out.push_str(between);
            }
            out.push_str(quote);
            out.push_str(state.as_str());
            out.push_str(quote);
        }
    }
}

/// The states of all base pages in all editions of organisations.
pub struct Coverage {
    /// The base pages, in reading order.
    pub pages: Vec<PageId>,
    /// The organisations with the states of their pages, in the order of `pages`.
    pub rows: Vec<(Arc<Edition>, Vec<States>)>,
}

/// Compares every edition with the base.
pub fn coverage(editions: &[Arc<Edition>]) -> Coverage {
    let Some(first) = editions.first() else { return Coverage { pages: Vec::new(), rows: Vec::new() } };
    let pages: Vec<PageId> = first.handbook.outline.pages().cloned().collect();
    let used: Vec<BTreeSet<&str>> = pages
        .iter()
        .map(|id| {
            first
                .handbook
                .pages
                .get(id)
                .into_iter()
                .flat_map(|page| &page.languages)
                .flat_map(|page| used(page))
                .collect()
        })
        .collect();
    let base = editions.iter().find(|edition| edition.id == EditionId::Base);
    let rows = editions
        .iter()
        .filter(|edition| edition.id.organisation().is_some())
        .map(|edition| (Arc::clone(edition), row(edition, base.map(|base| &**base), &pages, &used)))
        .collect();
    Coverage { pages, rows }
}

impl Coverage {
    /// coverage.json
    pub fn json(&self) -> String {
        let mut out = String::from("[");
        let pages: Vec<String> = self.pages.iter().map(|page| json!(&**page).to_string()).collect();
        for (edition, states) in &self.rows {
            let organisation = json!(edition.id.to_string());
            for (page, states) in pages.iter().zip(states) {
                out.push_str(if out.len() == 1 { "\n" } else { ",\n" });
                let _ = write!(out, "{{\"organisation\":{organisation},\"page\":{page},\"states\":[");
                states.put(&mut out, "\"", ",");
                out.push_str("]}");
            }
        }
        out.push_str(if out.len() == 1 { "]\n" } else { "\n]\n" });
        out
    }

    /// coverage.csv
    pub fn csv(&self) -> String {
        let mut out = String::from("organisation,page,states\n");
        let pages: Vec<String> = self.pages.iter().map(|page| field(page)).collect();
        for (edition, states) in &self.rows {
            for (page, states) in pages.iter().zip(states) {
                let _ = write!(out, "{},{page},", edition.id);
                states.put(&mut out, "", " ");
                out.push('\n');
            }
        }
        out
    }
}

/// A field of CSV (RFC 4180), which a spreadsheet takes for no formula.
fn field(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@']);
    let text = if formula { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

/// The parameters that decide what a page shows.
fn used(page: &Page) -> impl Iterator<Item = &str> {
    let headings = page.all_sections().map(|section| &section.heading.html);
    let parts = page.all_parts().map(|(_, part)| &part.fragment.html);
    let texts = headings.chain(parts).chain([&page.heading.html]).collect::<Vec<_>>();
    let holes = texts.into_iter().flat_map(|pieces| pieces.placeholders().map(|placeholder| &*placeholder.name));
    let conditions = page.all_sections().filter_map(|section| section.shown.as_ref()).chain(&page.shown);
    holes.chain(conditions.map(|condition| &*condition.parameter).collect::<Vec<_>>())
}

fn row(edition: &Edition, base: Option<&Edition>, pages: &[PageId], used: &[BTreeSet<&str>]) -> Vec<States> {
    let mut given: BTreeSet<&str> =
        edition.chain.iter().flat_map(|layer| &layer.settings).map(|setting| &*setting.name).collect();
    // The organisation's own name is a value too.
    given.insert("organisation");
    let mut operations: BTreeMap<PageId, States> = BTreeMap::new();
    for entry in &edition.provenance {
        if !matches!(entry.state, OperationState::Applied | OperationState::Stale) {
            continue;
        }
        let address = Address::parse(&entry.address);
        let state = match entry.op {
            "replace" | "title" | "description" => State::Replaced,
            "prepend" | "append" => State::Extended,
            "insert" if address.section.is_some() => State::Extended,
            "remove" if !is_shown(edition, &address) => State::Removed,
            _ => continue,
        };
        let states = operations.entry(address.page).or_default();
        states.add(state);
        if entry.state == OperationState::Stale {
            states.add(State::Stale);
        }
    }
    let unmet = unmet(edition);
    pages
        .iter()
        .zip(used)
        .map(|(id, used)| {
            let mut states = operations.get(id).copied().unwrap_or_default();
            let page = edition.page_at(id, 0);
            let in_base = base.is_none_or(|base| base.page_at(id, 0).is_some());
            if page.is_none() && in_base {
                states.add(State::Removed);
            }
            let own = edition.pages.get(id).and_then(|page| page.as_ref()).into_iter().flatten();
            if page.is_some()
                && (used.iter().any(|name| given.contains(name))
                    || own.flat_map(|page| self::used(page)).any(|name| given.contains(name)))
            {
                states.add(State::Filled);
            }
            if unmet.contains(id) {
                states.add(State::Finding);
            }
            states
        })
        .collect()
}

fn is_shown(edition: &Edition, address: &Address) -> bool {
    edition
        .page_at(&address.page, 0)
        .is_some_and(|page| address.section.as_ref().is_none_or(|id| page.section(id).is_some()))
}

/// The pages that rules point to which this edition's data does not meet.
fn unmet(edition: &Edition) -> BTreeSet<&PageId> {
    let declarations = &edition.handbook.declarations;
    let Some(layer) = edition.chain.last() else { return BTreeSet::new() };
    let is_unmet = |rule: &&Rule| {
        if rule.is_over_placements(declarations) {
            layer.placements.iter().any(|placement| {
                !rule.breaches(declarations, &|name| placement.value(declarations, &edition.values, name)).is_empty()
            })
        } else {
            let value = |name: &str| edition.values.get(name).and_then(|value| value.values().next());
            !rule.breaches(declarations, &value).is_empty()
        }
    };
    declarations.rules.iter().filter(is_unmet).filter_map(|rule| rule.see.as_ref().map(|(page, _)| page)).collect()
}
