//! YAML tree → values: the small steps that every declared file shares, each with its finding.

use std::sync::Arc;

use crate::book::{Language, PerLanguage};
use crate::diagnostic::{Code, Diagnostic, Findings, Place, escaped, meant_or_known};
use crate::load::yaml::{Dialect, Key, Map, Node, Scalar, Yaml};

/// How many characters a text of one line may have.
pub const MAX_LINE: usize = 1000;

/// Reads values out of a tree and reports what does not fit; it never stops at the first fault.
pub struct Reader<'a> {
    /// The codes of this kind of file.
    pub dialect: Dialect,
    /// The languages of the handbook, the default one first.
    pub languages: &'a [Language],
    /// The findings so far.
    pub findings: Findings,
}

impl<'a> Reader<'a> {
    /// A reader for one file.
    pub fn new(dialect: Dialect, languages: &'a [Language]) -> Reader<'a> {
        Reader { dialect, languages, findings: Findings::new() }
    }

    /// Reports a value of the wrong kind.
    pub fn wrong_kind(&mut self, node: &Node, wanted: &str) {
        let message = format!("{wanted} is expected here, and this is {}", node.kind());
        self.findings.report(self.dialect.syntax, &node.place, message);
    }

    /// Reports a value that is not of its declared type or within its bounds.
    pub fn wrong_value(&mut self, place: &Place, message: impl Into<String>) -> &mut Diagnostic {
        self.findings.report(self.dialect.value, place, message)
    }

    /// A map, and an empty one where nothing is written; anything else is reported.
    pub fn map<'n>(&mut self, node: &'n Node) -> Option<&'n Map> {
        match &node.value {
            Yaml::Map(map) => Some(map),
            Yaml::Scalar(_) if node.is_empty() => Some(&[]),
            Yaml::Scalar(_) | Yaml::List(_) => {
                self.wrong_kind(node, "a map");
                None
            }
        }
    }

    /// A list; anything else is reported.
    pub fn list<'n>(&mut self, node: &'n Node) -> Option<&'n [Node]> {
        match &node.value {
            Yaml::List(items) => Some(items),
            Yaml::Scalar(_) | Yaml::Map(_) => {
                self.wrong_kind(node, "a list");
                None
            }
        }
    }

    /// A scalar; anything else, and nothing at all, is reported.
    pub fn scalar<'n>(&mut self, node: &'n Node) -> Option<&'n Scalar> {
        match &node.value {
            Yaml::Scalar(scalar) if !node.is_empty() => Some(scalar),
            Yaml::Scalar(_) | Yaml::List(_) | Yaml::Map(_) => {
                self.wrong_kind(node, "a text");
                None
            }
        }
    }

    /// A text, letter for letter what was typed.
    pub fn text(&mut self, node: &Node) -> Option<Arc<str>> {
        self.scalar(node).map(|scalar| Arc::clone(&scalar.text))
    }

    /// A text of one line.
    pub fn line(&mut self, node: &Node) -> Option<Arc<str>> {
        let text = self.text(node)?;
        let line = text.trim_end_matches('\n');
        if line.contains('\n') {
            self.wrong_value(&node.place, "this must be one line");
            return None;
        }
        let length = line.chars().count();
        if length > MAX_LINE {
            let message = format!("this has {length} characters; a text of one line has at most {MAX_LINE}");
            self.wrong_value(&node.place, message);
            return None;
        }
        Some(if line.len() == text.len() { text } else { line.into() })
    }

    /// A text of one line that says something.
    pub fn filled(&mut self, node: &Node) -> Option<Arc<str>> {
        let line = self.line(node)?;
        if line.trim().is_empty() {
            self.wrong_value(&node.place, "this is empty").hint("write it here, or leave the key out");
            return None;
        }
        Some(line)
    }

    /// `true` or `false`, and nothing that only looks like it.
    pub fn boolean(&mut self, node: &Node) -> Option<bool> {
        let scalar = self.scalar(node)?;
        match (&*scalar.text, scalar.plain) {
            ("true", true) => Some(true),
            ("false", true) => Some(false),
            (other, _) => {
                let message = format!("`{}` is neither true nor false", escaped(other));
                let hint = "write `true` or `false`, without quotes".to_owned();
                self.wrong_value(&node.place, message).hint(hint);
                None
            }
        }
    }

    /// A whole number.
    pub fn integer(&mut self, node: &Node) -> Option<i64> {
        let scalar = self.scalar(node)?;
        let plain_digits = {
            let digits = scalar.text.strip_prefix('-').unwrap_or(&scalar.text);
            !digits.is_empty()
                && digits.bytes().all(|b| b.is_ascii_digit())
                && (digits == "0" || !digits.starts_with('0'))
        };
        match scalar.text.parse::<i64>() {
            Ok(number) if plain_digits => Some(number),
            Err(_) if plain_digits => {
                self.wrong_value(&node.place, "this number is too large");
                None
            }
            Ok(_) | Err(_) => {
                let message = format!("`{}` is not a whole number", escaped(&scalar.text));
                self.wrong_value(&node.place, message);
                None
            }
        }
    }

    /// A list of one-line texts.
    pub fn lines(&mut self, node: &Node) -> Option<Vec<Arc<str>>> {
        let items = self.list(node)?;
        Some(items.iter().filter_map(|item| self.line(item)).collect())
    }

    /// Reports a name that nothing here has, with the nearest one that is known, or with those that are.
    pub fn unknown_name<'k>(
        &mut self,
        (code, place): (Code, &Place),
        message: impl Into<String>,
        (name, known): (&str, impl IntoIterator<Item = &'k str> + Clone),
    ) {
        let hint = meant_or_known(name, known);
        self.findings.report(code, place, message).hint(hint);
    }

    /// Reports every key of `map` that is not `allowed`, with the nearest one that is.
    pub fn closed(&mut self, map: &Map, allowed: &[&str]) {
        for (key, _) in map {
            if !allowed.contains(&&*key.text) {
                self.unknown_key(key, allowed.iter().copied());
            }
        }
    }

    /// Reports one unknown key.
    pub fn unknown_key<'k>(&mut self, key: &Key, allowed: impl IntoIterator<Item = &'k str> + Clone) {
        let message = format!("unknown key `{}`", escaped(&key.text));
        let hint = meant_or_known(&key.text, allowed);
        self.findings.report(self.dialect.key, &key.place, message).hint(hint);
    }

    /// Whether a map is a map per language: all its keys are languages of the handbook.
    pub fn is_per_language(&self, map: &Map) -> bool {
        !map.is_empty() && map.iter().all(|(key, _)| self.languages.iter().any(|language| **language == *key.text))
    }

    /// One value, or a map per language; `read` reads one value. Languages come out in the
    /// handbook's order, whatever the order of the keys.
    pub fn per_language<T>(
        &mut self,
        node: &Node,
        mut read: impl FnMut(&mut Self, &Node) -> Option<T>,
    ) -> PerLanguage<T> {
        match &node.value {
            Yaml::Map(map) if self.is_per_language(map) => {
                let mut named = Vec::new();
                for language in self.languages {
                    if let Some((_, node)) = map.iter().find(|(key, _)| *key.text == **language)
                        && let Some(value) = read(self, node)
                    {
                        named.push((language.clone(), value));
                    }
                }
                PerLanguage { any: None, named }
            }
            Yaml::Map(map) if map.iter().any(|(key, _)| self.languages.iter().any(|l| **l == *key.text)) => {
                let languages = self.languages;
                for (key, _) in map {
                    if !languages.iter().any(|language| **language == *key.text) {
                        self.unknown_key(key, languages.iter().map(|l| &**l));
                    }
                }
                PerLanguage::none()
            }
            Yaml::Scalar(_) | Yaml::List(_) | Yaml::Map(_) => PerLanguage { any: read(self, node), named: Vec::new() },
        }
    }
}
