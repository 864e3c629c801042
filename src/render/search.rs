//! The search data of an edition in a language, as scripts that run from a folder on disk.
//!
//! ```text
//! <folder>search.js                 leidraad.index({…})      which words stand where
//! <folder>search/<page>.js          leidraad.texts(key, […]) the texts of one page, for excerpts
//! ```
//!
//! The unit is the section's own text (spec §1), the page's opening first. The base's texts are there
//! once per language: an organisation's `search.js` names the base's, says which of its units are not
//! shown (`gone`) and holds its own. A value stands in titles and texts as `U+0001 name U+0001`, so
//! that the base's data serve every edition; `values` has the words. What the fields mean:
//!
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

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use serde_json::{Map, Value, json};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::book::{Edition, EditionId, Fragment, Hole, Page, PageId, Pieces, Placeholder};
use crate::render::content::View;
use crate::render::glossary;
use crate::render::stem::{self, Stems};
use crate::render::table::{Room, Table};
use crate::render::values::Shown;

/// The words of an edition and where they stand.
pub fn index(table: &Table, room: &Room) -> String {
    let edition = &*room.edition;
    let base = base_of(table, room);
    let mut data = Map::new();
    data.insert("folder".into(), json!(&*room.folder));
    let mut own = Index::default();
    let mut placeholders: BTreeMap<String, Arc<Placeholder>> = BTreeMap::new();
    match base {
        None => {
            for page in pages(edition, room.at) {
                own.add(page, units(page), &mut placeholders);
            }
            data.insert("terms".into(), own.terms(&room.view()));
        }
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
            for page in pages(edition, room.at) {
                let units = own_units(page, edition, base);
                if !units.is_empty() {
                    own.add(page, units, &mut placeholders);
                }
            }
            data.insert("base".into(), json!(format!("{}search.js", base.folder)));
            data.insert("gone".into(), json!(numbers(gone)));
            data.insert("names".into(), Value::Object(names));
        }
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

/// The texts of a page, as many as the index has units of it.
pub fn texts(table: &Table, room: &Room, id: &PageId) -> String {
    let Some(page) = room.edition.page_at(id, room.at) else { return String::new() };
    let units = match base_of(table, room) {
        None => units(page),
        Some(base) => own_units(page, &room.edition, base),
    };
    let texts: Vec<String> = units.iter().map(Unit::text).collect();
    let key = json!(format!("{}{}", room.folder, page.output));
    format!("leidraad.texts({},{});\n", script(&key), script(&json!(texts)))
}

/// The pages whose texts the edition has for itself, with the path of their file.
pub fn own_pages(table: &Table, room: &Room) -> Vec<(PageId, String)> {
    let base = base_of(table, room);
    pages(&room.edition, room.at)
        .filter(|page| base.is_none_or(|base| !own_units(page, &room.edition, base).is_empty()))
        .map(|page| {
            let name = page.output.strip_suffix(".html").unwrap_or(&page.output);
            (page.id.clone(), format!("{}search/{name}.js", room.folder))
        })
        .collect()
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

/// What is found as one.
struct Unit<'p> {
    anchor: &'p str,
    title: &'p Pieces,
    texts: Vec<&'p Arc<Fragment>>,
}

/// The page itself, then its sections.
fn units(page: &Page) -> Vec<Unit<'_>> {
    let opening = page.opening.parts.iter().chain(&page.unaddressed.parts).map(|part| &part.fragment).collect();
    let mut units = vec![Unit { anchor: "", title: &page.name, texts: opening }];
    units.extend(page.all_sections().into_iter().map(|section| Unit {
        anchor: &section.id,
        title: &section.heading.text,
        texts: section.own.parts.iter().map(|part| &part.fragment).collect(),
    }));
    units
}

impl Unit<'_> {
    /// Whether two units are of the same text under the same heading. A page's name is not part of its
    /// opening.
    fn same(&self, other: &Unit<'_>) -> bool {
        self.anchor == other.anchor
            && (self.anchor.is_empty() || self.title == other.title)
            && self.texts.len() == other.texts.len()
            && self.texts.iter().zip(&other.texts).all(|(a, b)| Arc::ptr_eq(a, b))
    }

    fn text(&self) -> String {
        let mut out = String::new();
        for fragment in &self.texts {
            plain(&mut out, &fragment.html, Some(fragment));
            out.push(' ');
        }
        out.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn placeholders(&self, into: &mut BTreeMap<String, Arc<Placeholder>>) {
        let texts = self.texts.iter().flat_map(|fragment| fragment.html.placeholders());
        for placeholder in texts.chain(self.title.placeholders()) {
            into.entry(name(placeholder)).or_insert_with(|| Arc::clone(placeholder));
        }
    }
}

/// How a value is called in the data.
fn name(placeholder: &Placeholder) -> String {
    placeholder.to_string().trim_matches(['{', '}']).to_owned()
}

/// Plain text with its values by name.
fn raw(pieces: &Pieces) -> String {
    let mut out = String::new();
    for (text, hole) in pieces.iter() {
        out.push_str(text);
        value(&mut out, hole);
    }
    out
}

fn value(out: &mut String, hole: Option<&Hole>) {
    if let Some(Hole::Value(placeholder)) = hole {
        out.push('\u{1}');
        out.push_str(&name(placeholder));
        out.push('\u{1}');
    }
}

/// Elements within a word or a line: their tags are no space.
const INLINE: [&str; 17] = [
    "a", "abbr", "b", "code", "del", "em", "i", "ins", "kbd", "mark", "s", "small", "span", "strong", "sub", "sup", "u",
];

/// What stands between the tags of a text, its notes after it.
fn plain(out: &mut String, pieces: &Pieces, notes: Option<&Fragment>) {
    let mut in_tag = false;
    let mut html = String::new();
    let mut notes_used = Vec::new();
    for (text, hole) in pieces.iter() {
        let mut rest = text;
        while !rest.is_empty() {
            if in_tag {
                let end = rest.find('>');
                in_tag = end.is_none();
                rest = end.map_or("", |end| &rest[end + 1..]);
                continue;
            }
            let start = rest.find('<').unwrap_or(rest.len());
            html.push_str(&rest[..start]);
            rest = &rest[start..];
            if let Some(tag) = rest.strip_prefix('<') {
                let mut words = tag.trim_start_matches('/').split(|c: char| !c.is_ascii_alphanumeric());
                if !words.next().is_some_and(|name| INLINE.contains(&name)) {
                    html.push(' ');
                }
                in_tag = true;
            }
        }
        if !in_tag {
            value(&mut html, hole);
            if let Some(Hole::Note(name)) = hole {
                notes_used.push(name);
            }
        }
    }
    let text = html.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'");
    out.push_str(&text.replace("&amp;", "&"));
    for name in notes_used {
        if let Some(note) = notes.and_then(|fragment| fragment.notes.get(name)) {
            out.push(' ');
            plain(out, note, None);
        }
    }
}

/// Words and where they stand, while they are collected.
#[derive(Default)]
struct Index {
    pages: Vec<Value>,
    words: HashMap<String, BTreeSet<usize>>,
    titles: BTreeSet<String>,
    holes: BTreeMap<String, BTreeSet<usize>>,
    sizes: String,
    count: usize,
}

impl Index {
    fn add(&mut self, page: &Page, units: Vec<Unit<'_>>, placeholders: &mut BTreeMap<String, Arc<Placeholder>>) {
        let mut listed = Vec::new();
        let name = raw(&page.name);
        self.title(&name);
        for unit in units {
            let number = self.count;
            self.count += 1;
            let title = raw(unit.title);
            self.title(&title);
            let mut size = 0usize;
            words(&unit.text(), |word| {
                self.words.entry(word).or_default().insert(number);
                size += 1;
            });
            vlq(&mut self.sizes, size.div_ceil(10));
            unit.placeholders(placeholders);
            for placeholder in unit.texts.iter().flat_map(|fragment| fragment.html.placeholders()) {
                self.holes.entry(self::name(placeholder)).or_default().insert(number);
            }
            listed.push(json!(unit.anchor));
            // The page's own name stands before the list.
            listed.push(json!(if unit.anchor.is_empty() { "" } else { title.as_str() }));
        }
        self.pages.push(json!([&*page.output, name, listed]));
    }

    fn terms(&mut self, view: &View<'_>) -> Value {
        let mut terms = vec![json!(view.small.strings.get("glossary"))];
        for (anchor, term) in glossary::explained(view) {
            let also = term.also.join(", ");
            self.title(&format!("{} {also}", term.term));
            terms.push(json!([anchor, &*term.term, also, &*term.text]));
        }
        Value::Array(terms)
    }

    fn title(&mut self, text: &str) {
        words(text, |word| {
            self.titles.insert(word);
        });
    }

    fn put(self, data: &mut Map<String, Value>, language: &str) {
        let stems = Stems::of(language);
        let common: BTreeSet<&str> = stem::common(language).split(' ').collect();
        // What stands in every third text finds nothing.
        let most = if self.count > 40 { self.count / 3 } else { usize::MAX };
        let mut vocabulary: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (word, units) in self.words.iter().collect::<BTreeMap<_, _>>() {
            if units.len() <= most && !common.contains(word.as_str()) {
                vocabulary.insert(word, units.iter().copied().collect());
            }
        }
        for word in &self.titles {
            vocabulary.entry(word).or_default();
        }
        let mut front = Vec::new();
        let mut groups = String::new();
        let mut docs = String::new();
        let mut before = "";
        let mut last: BTreeMap<String, usize> = BTreeMap::new();
        for (at, (word, units)) in vocabulary.iter().enumerate() {
            let shared = word.char_indices().zip(before.chars()).take_while(|((_, a), b)| a == b).count().min(35);
            let rest = word.char_indices().nth(shared).map_or("", |(at, _)| &word[at..]);
            let digit = char::from_digit(u32::try_from(shared).unwrap_or(0), 36).unwrap_or('0');
            front.push(format!("{digit}{rest}"));
            before = word;
            let previous = last.insert(stems.stem(word), at);
            vlq(&mut groups, previous.map_or(0, |previous| at - previous));
            docs.push_str(&numbers(units.iter().copied()));
        }
        let holes: Map<String, Value> =
            self.holes.into_iter().map(|(name, units)| (name, json!(numbers(units)))).collect();
        data.insert("pages".into(), Value::Array(self.pages));
        data.insert("words".into(), json!(front.join(" ")));
        data.insert("groups".into(), json!(groups));
        data.insert("docs".into(), json!(docs));
        data.insert("holes".into(), Value::Object(holes));
        data.insert("sizes".into(), json!(self.sizes));
        data.insert("common".into(), json!(stem::common(language)));
    }
}

/// The words of a text as they are looked up: lower case, without accents, two letters or more. The
/// names of values are no words.
fn words(text: &str, mut with: impl FnMut(String)) {
    for (at, part) in text.split('\u{1}').enumerate() {
        if at % 2 == 1 {
            continue;
        }
        let folded: String = part.to_lowercase().nfd().filter(|c| !is_combining_mark(*c)).collect();
        for word in folded.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().nth(1).is_some()) {
            with(word.to_owned());
        }
    }
}

/// Ascending numbers: how many, then the steps.
fn numbers(sorted: impl IntoIterator<Item = usize>) -> String {
    let mut steps = String::new();
    let (mut count, mut before) = (0, 0);
    for number in sorted {
        vlq(&mut steps, number - before);
        before = number;
        count += 1;
    }
    let mut out = String::new();
    vlq(&mut out, count);
    out + &steps
}

fn vlq(out: &mut String, mut number: usize) {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    loop {
        let more = if number >= 32 { 32 } else { 0 };
        out.push(char::from(DIGITS[(number & 31) + more]));
        number >>= 5;
        if more == 0 {
            return;
        }
    }
}

/// JSON that is also a script: no tag, and no line separator of old.
fn script(value: &Value) -> String {
    value.to_string().replace('<', "\\u003c").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029")
}
