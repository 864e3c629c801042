//! The search data of an edition in a language, as scripts that run from a folder on disk.
//!
//! ```text
//! <folder>search.js                 leidraad.index({…})      which words stand where
//! <folder>search-<number>.js        leidraad.texts(key, […]) the texts of some pages, for excerpts
//! ```
//!
//! The unit is the section's own text (spec §1), the page's opening first. The base's texts are there
//! once per language: an organisation's `search.js` names the base's, says which of its units are not
//! shown (`gone`) and holds its own. A value stands in titles and texts as `U+0001 name U+0001`, so
//! that the base's data serve every edition; `values` has the words. What the fields mean:
//!
//! - `each`: the texts of so many pages stand in one file; the first is `search-1.js`
//! - `folder`: below the output folder; `base`: the base's `search.js`, from there
//! - `pages`: `[output, name, [anchor, title, …]]`; `names`: other names of base pages, by index
//! - `words`: the vocabulary, sorted; per word how much it shares with the one before (base 36), and the rest
//! - `groups`: per word how far back the last word of the same stem is, 0 without one
//! - `docs`: per word how many units have it, then the steps from each to the next
//! - `terms`: `[name, [anchor, term, other words, definition], …]`, the glossary of the base's language
//! - `holes`: the units per value, as in `docs`; `sizes`: per unit, how many words it has, in tens
//! - `common`: words that are passed over where a query has others; the index has them in titles alone
//!
//! Numbers are base64 VLQ: five bits a letter, the lowest first, 32 added where more follow.

mod index;
mod units;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::book::{Edition, EditionId, Page, PageId, Placeholder};
use crate::render::search::index::{Index, numbers};
use crate::render::search::units::{Unit, raw, units};
use crate::render::table::{Room, Table};
use crate::render::values::Shown;

/// How many pages share a file of texts: a file for each would double the files of a site, and a reader
/// of one excerpt should not load the whole handbook.
const EACH: usize = 8;

/// The words of an edition and where they stand.
pub fn index(table: &Table, room: &Room) -> String {
    let edition = &*room.edition;
    let base = base_of(table, room);
    let mut data = Map::new();
    data.insert("folder".into(), json!(&*room.folder));
    data.insert("each".into(), json!(EACH));
    let mut placeholders: BTreeMap<String, Arc<Placeholder>> = BTreeMap::new();
    match base {
        None => {}
        Some(base) => {
            let mut gone = Vec::new();
            let mut names = Map::new();
            let mut count = 0;
            for (at, before) in pages(&base.edition, room.at).enumerate() {
                let units_before = units(before);
                let first = count;
                count += units_before.len();
                for unit in &units_before {
                    unit.placeholders(&mut placeholders);
                }
                if edition.shares(&before.id) && base.edition.shares(&before.id) {
                    continue;
                }
                let now = edition.page_at(&before.id, room.at);
                let shown = now.map(|page| units(page)).unwrap_or_default();
                let missing = |unit: &Unit<'_>| !shown.iter().any(|other| other.same(unit));
                gone.extend((first..).zip(&units_before).filter(|(_, unit)| missing(unit)).map(|(number, _)| number));
                if let Some(now) = now.filter(|now| now.name != before.name) {
                    names.insert(at.to_string(), json!(raw(&now.name)));
                }
            }
            data.insert("base".into(), json!(format!("{}search.js", base.folder)));
            data.insert("gone".into(), json!(numbers(gone)));
            data.insert("names".into(), Value::Object(names));
        }
    }
    let found: Vec<_> = found(room, base).into_iter().map(|page| (page, found_units(page, room, base))).collect();
    found.iter().flat_map(|(_, units)| units).for_each(|unit| unit.placeholders(&mut placeholders));
    let mut own = Index::of(&found);
    if base.is_none() {
        data.insert("terms".into(), own.terms(&room.view()));
    }
    own.put(&mut data, &room.language);
    let view = room.view();
    let values: Map<String, Value> = placeholders
        .iter()
        .map(|(name, placeholder)| {
            let text = match view.shown(placeholder) {
                Shown::Text(text) => text.into_owned(),
                Shown::Blank(label) => format!("[{label}]"),
            };
            (name.clone(), json!(text))
        })
        .collect();
    data.insert("values".into(), Value::Object(values));
    format!("leidraad.index({});\n", script(&Value::Object(data)))
}

/// The texts of pages that share a file, as many per page as the index has units of it.
pub fn texts(table: &Table, room: &Room, pages: &[PageId]) -> String {
    let base = base_of(table, room);
    let mut out = String::new();
    for page in pages.iter().filter_map(|id| room.edition.page_at(id, room.at)) {
        let units = found_units(page, room, base);
        let texts: Vec<String> = units.iter().map(Unit::text).collect();
        let key = format!("{}{}", room.folder, page.output);
        let _ = writeln!(out, "leidraad.texts({},{});", script(&key), script(&texts));
    }
    out
}

/// The pages of each file of texts that the edition has for itself.
pub fn together(table: &Table, room: &Room) -> Vec<Vec<PageId>> {
    let found = found(room, base_of(table, room));
    found.chunks(EACH).map(|pages| pages.iter().map(|page| page.id.clone()).collect()).collect()
}

/// Where the file of that number lies, from 0.
pub fn path(room: &Room, file: usize) -> String {
    format!("{}search-{}.js", room.folder, file + 1)
}

/// The pages that an edition has something of its own on: all, where there is no base.
fn found<'r>(room: &'r Room, base: Option<&'r Room>) -> Vec<&'r Page> {
    let edition = &room.edition;
    let Some(base) = base else { return pages(edition, room.at).map(|page| &**page).collect() };
    let touched: BTreeSet<&PageId> = edition.pages.keys().chain(base.edition.pages.keys()).collect();
    let mut pages: Vec<(usize, &Page)> = touched
        .into_iter()
        .filter_map(|id| Some((edition.outline.position(id)?, &**edition.page_at(id, room.at)?)))
        .filter(|(_, page)| !own_units(page, edition, base).is_empty())
        .collect();
    pages.sort_by_key(|(at, _)| *at);
    pages.into_iter().map(|(_, page)| page).collect()
}

/// The units of a page that the edition has for itself.
fn found_units<'r>(page: &'r Page, room: &Room, base: Option<&Room>) -> Vec<Unit<'r>> {
    match base {
        None => units(page),
        Some(base) => own_units(page, &room.edition, base),
    }
}

/// The base in the language of an organisation's room, where it is built.
fn base_of<'t>(table: &'t Table, room: &Room) -> Option<&'t Room> {
    room.edition.id.organisation()?;
    table.rooms().iter().find(|other| other.edition.id == EditionId::Base && other.at == room.at)
}

fn pages(edition: &Edition, at: usize) -> impl Iterator<Item = &Arc<Page>> {
    edition.outline.pages().filter_map(move |id| edition.page_at(id, at))
}

/// The units of a page that the base's index does not have.
fn own_units<'p>(page: &'p Page, edition: &Edition, base: &Room) -> Vec<Unit<'p>> {
    if edition.shares(&page.id) && base.edition.shares(&page.id) {
        return Vec::new();
    }
    let before = base.edition.page_at(&page.id, base.at).filter(|_| base.edition.outline.position(&page.id).is_some());
    let before = before.map(|page| units(page)).unwrap_or_default();
    units(page).into_iter().filter(|unit| !before.iter().any(|other| other.same(unit))).collect()
}

/// JSON that is also a script: no tag, and no line separator of old.
fn script(value: &impl Serialize) -> String {
    // Texts and numbers under names: there is nothing that JSON cannot say.
    let json = serde_json::to_string(value).unwrap_or_default();
    if !json.contains(['<', '\u{2028}', '\u{2029}']) {
        return json;
    }
    json.replace('<', "\\u003c").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029")
}
