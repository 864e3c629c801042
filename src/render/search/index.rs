//! Which words stand in which units, and how that is written down.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rayon::prelude::*;
use serde_json::{Map, Value, json};
use unicode_normalization::char::{decompose_canonical, is_combining_mark};

use crate::book::Page;
use crate::render::search::units::{Unit, name, raw};
use crate::render::stem::{self, Stems};

/// Words and where they stand, while they are collected.
#[derive(Default)]
pub(super) struct Index {
    pages: Vec<Value>,
    /// Per word its units, ascending.
    words: HashMap<String, Vec<usize>>,
    titles: BTreeSet<String>,
    holes: BTreeMap<String, BTreeSet<usize>>,
    sizes: String,
    count: usize,
}

/// A unit, read on its own.
struct Read {
    title: String,
    /// Each word once.
    words: Vec<String>,
    size: usize,
    holes: Vec<String>,
}

impl Index {
    /// Adds pages, each with those of its units that are to be found.
    pub(super) fn add(&mut self, pages: &[(&Page, Vec<Unit<'_>>)]) {
        // Reading is most of the work, and each unit is read on its own.
        let read: Vec<Vec<Read>> =
            pages.par_iter().map(|(_, units)| units.iter().map(Read::of).collect()).collect();
        for ((page, units), read) in pages.iter().zip(read) {
            let name = raw(&page.name);
            words(&name, |word| self.title(word));
            let mut listed = Vec::new();
            for (unit, read) in units.iter().zip(read) {
                words(&read.title, |word| self.title(word));
                for word in read.words {
                    self.words.entry(word).or_default().push(self.count);
                }
                for hole in read.holes {
                    self.holes.entry(hole).or_default().insert(self.count);
                }
                vlq(&mut self.sizes, read.size.div_ceil(10));
                self.count += 1;
                // The page's own name stands before the list.
                listed.push(json!(unit.anchor));
                listed.push(json!(if unit.anchor.is_empty() { "" } else { read.title.as_str() }));
            }
            self.pages.push(json!([&*page.output, name, listed]));
        }
    }

    fn title(&mut self, word: &str) {
        if !self.titles.contains(word) {
            self.titles.insert(word.to_owned());
        }
    }

    pub(super) fn put(self, data: &mut Map<String, Value>, language: &str) {
        let stems = Stems::of(language);
        let common: BTreeSet<&str> = stem::common(language).split(' ').collect();
        // What stands in every third text finds nothing.
        let most = if self.count > 40 { self.count / 3 } else { usize::MAX };
        let found = self.words.iter().filter(|(word, units)| units.len() <= most && !common.contains(word.as_str()));
        let mut vocabulary: BTreeMap<&str, &[usize]> =
            found.map(|(word, units)| (word.as_str(), units.as_slice())).collect();
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

impl Read {
    fn of(unit: &Unit<'_>) -> Read {
        let text = unit.text();
        let folded = folded(&text);
        let mut all: Vec<&str> = Vec::new();
        each_word(&folded, |word| all.push(word));
        let size = all.len();
        all.sort_unstable();
        all.dedup();
        let holes = unit.texts.iter().flat_map(|fragment| fragment.html.placeholders()).map(|hole| name(hole)).collect();
        Read { title: raw(unit.title), words: all.into_iter().map(str::to_owned).collect(), size, holes }
    }
}

/// The words of a text as they are looked up.
fn words(text: &str, with: impl FnMut(&str)) {
    each_word(&folded(text), with);
}

/// A text in lower case and without accents; the client folds a query in the same way.
fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii() {
            out.push(c.to_ascii_lowercase());
        } else {
            for lower in c.to_lowercase() {
                decompose_canonical(lower, |c| match c {
                    // Greek writes one letter otherwise at the end of a word.
                    'ς' => out.push('σ'),
                    mark if is_combining_mark(mark) => {}
                    letter => out.push(letter),
                });
            }
        }
    }
    out
}

/// Words have two letters or more. The names of values are no words.
fn each_word<'t>(folded: &'t str, mut with: impl FnMut(&'t str)) {
    for part in folded.split('\u{1}').step_by(2) {
        for word in part.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().nth(1).is_some()) {
            with(word);
        }
    }
}

/// Ascending numbers: how many, then the steps.
pub(super) fn numbers(sorted: impl IntoIterator<Item = usize>) -> String {
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
