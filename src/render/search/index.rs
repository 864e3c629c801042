//! Which words stand in which units, and how that is written down.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use rustc_hash::FxHashMap;
use serde_json::{Map, Value, json};
use unicode_normalization::char::{decompose_canonical, is_combining_mark};

use crate::book::Page;
use crate::render::glossary;
use crate::render::search::units::{Unit, name, raw};
use crate::render::stem::{self, Stems};
use crate::render::view::View;

/// Words and where they stand.
#[derive(Default)]
pub(super) struct Index {
    pages: Vec<Value>,
    /// Per word its units.
    words: FxHashMap<String, Postings>,
    titles: BTreeSet<String>,
    /// Per value its units.
    holes: BTreeMap<String, Postings>,
    sizes: String,
    count: usize,
}

/// The units that have a word, ascending: kept as they are written, so that joining two is no work.
#[derive(Default)]
struct Postings {
    count: usize,
    first: usize,
    last: usize,
    /// From the first to the last.
    steps: String,
}

impl Postings {
    fn add(&mut self, unit: usize) {
        if self.count == 0 {
            self.first = unit;
        } else if self.last == unit {
            return;
        } else {
            vlq(&mut self.steps, unit - self.last);
        }
        self.last = unit;
        self.count += 1;
    }

    /// These and the `next`, whose units count on from `after`.
    fn join(&mut self, next: &Postings, after: usize) {
        if next.count > 0 {
            self.add(after + next.first);
            self.steps.push_str(&next.steps);
            self.last = after + next.last;
            self.count += next.count - 1;
        }
    }

    /// How many, then the steps to each.
    fn put(&self, out: &mut String) {
        vlq(out, self.count);
        if self.count > 0 {
            vlq(out, self.first);
            out.push_str(&self.steps);
        }
    }
}

/// How many pages are read in one go: enough that joining what was read is little work.
const TOGETHER: usize = 32;

impl Index {
    /// The index of pages, each with those of its units that are to be found.
    pub(super) fn of(pages: &[(&Page, Vec<Unit<'_>>)]) -> Index {
        let read: Vec<Index> = pages.par_chunks(TOGETHER).map(Index::read).collect();
        read.into_iter().fold(Index::default(), Index::joined)
    }

    fn read(pages: &[(&Page, Vec<Unit<'_>>)]) -> Index {
        let mut index = Index::default();
        for (page, units) in pages {
            let name = raw(&page.name);
            index.title(&name);
            let mut listed = Vec::new();
            for unit in units {
                let title = raw(unit.title);
                index.title(&title);
                index.unit(unit);
                // The page's own name stands before the list.
                listed.push(json!(unit.anchor));
                listed.push(json!(if unit.anchor.is_empty() { "" } else { title.as_str() }));
            }
            index.pages.push(json!([&*page.output, name, listed]));
        }
        index
    }

    fn title(&mut self, text: &str) {
        each_word(text, |word| {
            self.titles.insert(word.to_owned());
        });
    }

    fn unit(&mut self, unit: &Unit<'_>) {
        let number = self.count;
        let mut size = 0usize;
        each_word(&unit.spaced(), |word| {
            size += 1;
            match self.words.get_mut(word) {
                Some(units) => units.add(number),
                None => self.words.entry(word.to_owned()).or_default().add(number),
            }
        });
        for placeholder in unit.texts.iter().flat_map(|fragment| fragment.html.placeholders()) {
            self.holes.entry(name(placeholder)).or_default().add(number);
        }
        vlq(&mut self.sizes, size.div_ceil(10));
        self.count += 1;
    }

    /// The terms of the glossary, which are found by all their words: what the glossary is called, then
    /// anchor, term, other words and definition of each.
    pub(super) fn terms(&mut self, view: &View<'_>) -> Value {
        let mut terms = vec![json!(view.small.strings.get("glossary"))];
        for (anchor, term) in glossary::explained(view) {
            let also = term.also.join(", ");
            self.title(&format!("{} {also}", term.term));
            terms.push(json!([anchor, &*term.term, also, &*term.text]));
        }
        Value::Array(terms)
    }

    /// One index after another: its units count on.
    #[allow(clippy::iter_over_hash_type, reason = "each word is joined on its own, in whatever order")]
    fn joined(mut self, next: Index) -> Index {
        let after = self.count;
        for (word, units) in next.words {
            self.words.entry(word).or_default().join(&units, after);
        }
        for (hole, units) in next.holes {
            self.holes.entry(hole).or_default().join(&units, after);
        }
        self.pages.extend(next.pages);
        self.titles.extend(next.titles);
        self.sizes.push_str(&next.sizes);
        self.count += next.count;
        self
    }

    pub(super) fn put(self, data: &mut Map<String, Value>, language: &str) {
        let stems = Stems::of(language);
        let common: BTreeSet<&str> = stem::common(language).split(' ').collect();
        // What stands in every third text finds nothing.
        let most = if self.count > 40 { self.count / 3 } else { usize::MAX };
        let nowhere = Postings::default();
        let found = self.words.iter().filter(|(word, units)| units.count <= most && !common.contains(word.as_str()));
        let mut vocabulary: BTreeMap<&str, &Postings> = found.map(|(word, units)| (word.as_str(), units)).collect();
        for word in &self.titles {
            vocabulary.entry(word).or_insert(&nowhere);
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
            units.put(&mut docs);
        }
        let holes = self.holes.into_iter().map(|(name, units)| {
            let mut text = String::new();
            units.put(&mut text);
            (name, Value::String(text))
        });
        let holes: Map<String, Value> = holes.collect();
        data.insert("pages".into(), Value::Array(self.pages));
        data.insert("words".into(), json!(front.join(" ")));
        data.insert("groups".into(), json!(groups));
        data.insert("docs".into(), json!(docs));
        data.insert("holes".into(), Value::Object(holes));
        data.insert("sizes".into(), json!(self.sizes));
        data.insert("common".into(), json!(stem::common(language)));
    }
}

/// The words of a text as they are looked up: two letters or more, in lower case and without accents,
/// as the client folds a query. The names of values are no words.
fn each_word(text: &str, mut with: impl FnMut(&str)) {
    let mut word = String::new();
    let mut end = |word: &mut String| {
        if word.chars().nth(1).is_some() {
            with(word);
        }
        word.clear();
    };
    let mut in_name = false;
    for c in text.chars() {
        match c {
            '\u{1}' => {
                end(&mut word);
                in_name = !in_name;
            }
            _ if in_name => {}
            'a'..='z' | '0'..='9' => word.push(c),
            'A'..='Z' => word.push(c.to_ascii_lowercase()),
            '\0'..='\x7f' => end(&mut word),
            other => {
                for lower in other.to_lowercase() {
                    decompose_canonical(lower, |c| match c {
                        // Greek writes one letter otherwise at the end of a word.
                        'ς' => word.push('σ'),
                        mark if is_combining_mark(mark) => {}
                        letter if letter.is_alphanumeric() => word.push(letter),
                        _ => end(&mut word),
                    });
                }
            }
        }
    }
    end(&mut word);
}

/// Ascending numbers: how many, then the steps.
pub(super) fn numbers(sorted: impl IntoIterator<Item = usize>) -> String {
    let mut numbers = Postings::default();
    sorted.into_iter().for_each(|number| numbers.add(number));
    let mut out = String::new();
    numbers.put(&mut out);
    out
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
