//! glossary.yaml → the terms of the handbook, by id (spec §4).

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::book::{Language, Term, is_id};
use crate::diagnostic::{Code, Findings, did_you_mean, escaped, nearest};
use crate::load::reader::Reader;
use crate::load::yaml::{self, Key, Map, Node};

/// The terms by id, each in the languages of the handbook that it has.
pub type Glossary = BTreeMap<Arc<str>, Vec<(Language, Term)>>;

/// Reads glossary.yaml; an absent or empty file has no terms.
pub fn decode(path: &Arc<str>, text: &str, languages: &[Language], findings: &mut Findings) -> Glossary {
    let mut glossary = Glossary::new();
    let Some(node) = yaml::parse(path, text, 1, yaml::FILE, findings) else { return glossary };
    let mut reader = Reader::new(yaml::FILE, languages);
    if let Some(map) = reader.map(&node) {
        reader.closed(map, &["terms"]);
    }
    let terms = node.get("terms").and_then(|node| reader.map(node)).unwrap_or_default();
    let mut words: BTreeMap<(Language, String), &Key> = BTreeMap::new();
    for (key, node) in terms {
        if !is_id(&key.text) {
            reader.wrong_value(&key.place, format!("`{}` is no valid id of a term", escaped(&key.text)));
            continue;
        }
        let Some(map) = reader.map(node) else { continue };
        let term = by_language(key, map, &mut reader);
        for (language, term) in &term {
            if let Some(first) = words.insert((language.clone(), term.term.to_lowercase()), key) {
                let message = format!("`{}` is the term of `{}` too", escaped(&term.term), first.text);
                reader.wrong_value(&key.place, message).hint("keep one of the two");
            }
        }
        glossary.insert(Arc::clone(&key.text), term);
    }
    findings.append(&mut reader.findings);
    glossary
}

/// A term in the languages of the handbook.
fn by_language(key: &Key, map: &Map, reader: &mut Reader<'_>) -> Vec<(Language, Term)> {
    let languages = reader.languages;
    let known = |name: &str| languages.iter().find(|language| ***language == *name);
    let none = !map.iter().any(|(name, _)| known(&name.text).is_some());
    let before = reader.findings.len();
    let mut found = Vec::new();
    for (name, node) in map {
        match known(&name.text) {
            Some(language) => found.extend(term(key, name, node, reader).map(|term| (language.clone(), term))),
            None => {
                let names = || languages.iter().map(|language| &**language);
                // A glossary may serve more languages than this handbook is built in.
                if !is_language(&name.text) || (none && nearest(&name.text, names()).is_some()) {
                    let hint = did_you_mean(&name.text, names())
                        .unwrap_or_else(|| format!("first the language: {}: {{term: …, text: …}}", languages[0]));
                    let message = format!("unknown key `{}`", escaped(&name.text));
                    reader.findings.report(Code::E101, &name.place, message).hint(hint);
                    if none {
                        break;
                    }
                }
            }
        }
    }
    if reader.findings.len() == before && !found.iter().any(|(language, _)| *language == languages[0]) {
        let message = format!("the term `{}` is not there in `{}`", key.text, languages[0]);
        let hint = format!("add {}: {{term: …, text: …}}", languages[0]);
        reader.findings.report(Code::N203, &key.place, message).hint(hint);
    }
    found
}

/// Whether a key has the shape of a language: `fr`, `pt-BR`.
fn is_language(text: &str) -> bool {
    let (language, region) = text.split_once('-').unwrap_or((text, "XX"));
    (2..=3).contains(&language.len())
        && language.bytes().all(|b| b.is_ascii_lowercase())
        && !region.is_empty()
        && region.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// A term in one language.
fn term(key: &Key, language: &Key, node: &Node, reader: &mut Reader<'_>) -> Option<Term> {
    const KEYS: [&str; 3] = ["term", "also", "text"];
    let map = reader.map(node)?;
    reader.closed(map, &KEYS);
    let mut line = |name: &str| -> Option<Arc<str>> {
        let Some(node) = node.get(name) else {
            // A misspelt key is one fault.
            if !map.iter().any(|(key, _)| !KEYS.contains(&&*key.text) && nearest(&key.text, [name]).is_some()) {
                reader.findings.report(Code::E115, &language.place, format!("the term `{}` lacks `{name}`", key.text));
            }
            return None;
        };
        let text = reader.text(node)?.split_whitespace().collect::<Vec<_>>().join(" ");
        if text.is_empty() {
            reader.wrong_value(&node.place, format!("the `{name}` of this term is empty"));
            return None;
        }
        Some(text.into())
    };
    let (term, text) = (line("term"), line("text"));
    let also = node.get("also").and_then(|node| reader.lines(node)).unwrap_or_default();
    let starts = |word: &&Arc<str>| !word.starts_with(char::is_alphanumeric);
    if let Some(word) = term.iter().chain(&also).find(starts) {
        let message = format!("`{}` is never linked: it does not start with a letter or a digit", escaped(word));
        reader.findings.report(Code::N203, &node.place, message).hint("write it as it stands in the text");
    }
    Some(Term { term: term?, also, text: text? })
}
