//! A change of one value in a YAML file: the text is spliced at the value's place, and every other
//! byte stays, so comments, order, quotes and line endings are the author's.
//!
//! Takes a file's text and a path of keys; gives the new text, or nothing where the change cannot be
//! made safely: the result is read again, and must mean what was there before plus the change.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use serde_yaml::granit_parser::{Event, Parser, ScalarStyle, Span};

use crate::diagnostic::{Findings, any_error};
use crate::load::yaml::{self, Node, Yaml};

/// A value to write.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// One line, quoted only where YAML needs it.
    Word(String),
    /// A text: several lines become a `|` block, or one quoted line inside `{…}`.
    Text(String),
    /// A map, in this order.
    Map(Vec<(String, Value)>),
}

impl Value {
    /// A word.
    pub fn word(text: &str) -> Value {
        Value::Word(text.to_owned())
    }
}

/// Sets the value at a path; keys that are missing are added below the last entry of their map.
pub fn set(text: &str, path: &[&str], value: &Value) -> Option<String> {
    let tree = Tree::read(text)?;
    let splice = tree.set(path, value)?;
    let after = apply(text, splice);
    let elsewhere = |text: &str| -> Option<Leaves> {
        let mut leaves = leaves(text)?;
        leaves.retain(|at, leaf| !starts_with(at, path) && !(leaf.is_none() && starts_with_keys(path, at)));
        Some(leaves)
    };
    (elsewhere(text)? == elsewhere(&after)? && has(&after, path)).then_some(after)
}

/// Makes the value at a path the value of a new key there: `a: text` becomes `a: {replace: text}`.
pub fn wrap(text: &str, path: &[&str], key: &str) -> Option<String> {
    let tree = Tree::read(text)?;
    let after = apply(text, tree.wrap(path, key)?);
    let moved: Leaves = leaves(text)?
        .into_iter()
        .map(|(mut at, leaf)| {
            if starts_with(&at, path) {
                at.insert(path.len(), key.to_owned());
            }
            (at, leaf)
        })
        .collect();
    (moved == leaves(&after)?).then_some(after)
}

/// Gives the last key of a path another name.
pub fn rename(text: &str, path: &[&str], name: &str) -> Option<String> {
    let tree = Tree::read(text)?;
    let (parent, last) = (tree.find(&path[..path.len().checked_sub(1)?])?, *path.last()?);
    let (key, _) = parent.entries()?.iter().find(|(key, _)| key.text == last)?;
    let flow = tree.is_flow(parent);
    let after = apply(text, Splice { at: key.span.clone(), text: plain_or_quoted(name, flow) });
    let renamed: Leaves = leaves(text)?
        .into_iter()
        .map(|(mut at, leaf)| {
            if starts_with(&at, path) {
                name.clone_into(&mut at[path.len() - 1]);
            }
            (at, leaf)
        })
        .collect();
    (renamed == leaves(&after)?).then_some(after)
}

/// Bytes that take the place of others.
struct Splice {
    at: Range<usize>,
    text: String,
}

fn apply(text: &str, splice: Splice) -> String {
    let mut after = text.to_owned();
    after.replace_range(splice.at, &splice.text);
    after
}

/// What a file says: every scalar by its path; nothing for an empty value.
type Leaves = BTreeMap<Vec<String>, Option<(Arc<str>, bool)>>;

fn leaves(text: &str) -> Option<Leaves> {
    let mut findings = Findings::new();
    let node = yaml::parse(&"".into(), text, 1, yaml::FILE, &mut findings);
    if any_error(&findings) {
        return None;
    }
    let mut leaves = Leaves::new();
    let mut waiting: Vec<(Vec<String>, Node)> = node.into_iter().map(|node| (Vec::new(), node)).collect();
    while let Some((at, node)) = waiting.pop() {
        let below = |key: String| at.iter().cloned().chain([key]).collect::<Vec<_>>();
        match node.value {
            Yaml::Scalar(scalar) if scalar.plain && scalar.text.is_empty() => {
                leaves.insert(at, None);
            }
            Yaml::Scalar(scalar) => {
                leaves.insert(at, Some((scalar.text, scalar.plain)));
            }
            Yaml::Map(map) if map.is_empty() => {
                leaves.insert(at, None);
            }
            Yaml::Map(map) => waiting.extend(map.into_iter().map(|(key, node)| (below(key.text.to_string()), node))),
            Yaml::List(items) => {
                waiting.extend(items.into_iter().enumerate().map(|(number, node)| (below(format!("[{number}]")), node)));
            }
        }
    }
    Some(leaves)
}

fn has(text: &str, path: &[&str]) -> bool {
    leaves(text).is_some_and(|leaves| leaves.keys().any(|at| starts_with(at, path)))
}

fn starts_with(at: &[String], path: &[&str]) -> bool {
    at.len() >= path.len() && at.iter().zip(path).all(|(a, b)| a == b)
}

fn starts_with_keys(path: &[&str], at: &[String]) -> bool {
    path.len() >= at.len() && at.iter().zip(path).all(|(a, b)| a == b)
}

/// A file's values with the bytes that they take.
struct Tree<'t> {
    text: &'t str,
    newline: &'static str,
    root: Option<Spanned>,
}

/// A value and its bytes, from its first to its last; a block map's end at its last value.
#[derive(Debug)]
struct Spanned {
    what: What,
    span: Range<usize>,
}

#[derive(Debug)]
enum What {
    Scalar(ScalarStyle),
    List(Vec<Spanned>),
    Map(Vec<(SpannedKey, Spanned)>),
}

#[derive(Debug)]
struct SpannedKey {
    text: String,
    span: Range<usize>,
}

impl Spanned {
    fn entries(&self) -> Option<&Vec<(SpannedKey, Spanned)>> {
        match &self.what {
            What::Map(entries) => Some(entries),
            What::Scalar(_) | What::List(_) => None,
        }
    }
}

impl<'t> Tree<'t> {
    /// Reads a text; nothing where it is refused as YAML.
    fn read(text: &'t str) -> Option<Tree<'t>> {
        let mut findings = Findings::new();
        yaml::parse(&"".into(), text, 1, yaml::FILE, &mut findings);
        if any_error(&findings) {
            return None;
        }
        let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
        let mut open: Vec<(Spanned, Option<SpannedKey>)> = Vec::new();
        let mut root = None;
        for event in Parser::new_from_str(text) {
            let (event, span) = event.ok()?;
            let closed = match event {
                Event::Scalar(value, style, ..) => {
                    let span = scalar_span(text, style, &span)?;
                    if let Some((Spanned { what: What::Map(_), .. }, key @ None)) = open.last_mut() {
                        *key = Some(SpannedKey { text: value.into_owned(), span });
                        continue;
                    }
                    Spanned { what: What::Scalar(style), span }
                }
                Event::SequenceStart(..) => {
                    open.push((Spanned { what: What::List(Vec::new()), span: span.byte_range()? }, None));
                    continue;
                }
                Event::MappingStart(..) => {
                    open.push((Spanned { what: What::Map(Vec::new()), span: span.byte_range()? }, None));
                    continue;
                }
                Event::SequenceEnd | Event::MappingEnd => {
                    let (mut node, _) = open.pop()?;
                    let flow = text[node.span.start..].starts_with(['{', '[']);
                    node.span.end = if flow { span.byte_range()?.end } else { last_end(&node) };
                    node
                }
                _ => continue,
            };
            match open.last_mut() {
                None => root = Some(closed),
                Some((Spanned { what: What::List(items), .. }, _)) => items.push(closed),
                Some((Spanned { what: What::Map(entries), .. }, key)) => entries.push((key.take()?, closed)),
                Some((Spanned { what: What::Scalar(_), .. }, _)) => return None,
            }
        }
        Some(Tree { text, newline, root })
    }

    fn find(&self, path: &[&str]) -> Option<&Spanned> {
        path.iter().try_fold(self.root.as_ref()?, |node, name| {
            node.entries()?.iter().find(|(key, _)| key.text == **name).map(|(_, node)| node)
        })
    }

    fn is_flow(&self, node: &Spanned) -> bool {
        self.text[node.span.start..].starts_with(['{', '['])
    }

    fn is_nothing(&self, node: &Spanned) -> bool {
        matches!(node.what, What::Scalar(ScalarStyle::Plain)) && self.text[node.span.clone()].is_empty()
    }

    fn set(&self, path: &[&str], value: &Value) -> Option<Splice> {
        let known = (0..=path.len()).rev().find(|count| self.find(&path[..*count]).is_some());
        let Some(known) = known else {
            // An empty file, or one with comments alone.
            let mut out = String::new();
            if !self.text.is_empty() && !self.text.ends_with('\n') {
                out.push_str(self.newline);
            }
            let (first, rest) = path.split_first()?;
            self.entry(&mut out, first, &nested(rest, value), 0);
            return Some(Splice { at: self.text.len()..self.text.len(), text: out });
        };
        let node = self.find(&path[..known])?;
        let Some((key, rest)) = path[known..].split_first() else { return self.replace(path, node, value) };
        let value = nested(rest, value);
        match &node.what {
            What::Map(entries) if self.is_flow(node) => Some(self.add_in_flow(node, entries, key, &value)),
            What::Map(entries) => {
                let (first, _) = entries.first()?;
                Some(self.add_line(node.span.end, key, &value, self.column(first.span.start)))
            }
            What::Scalar(_) if self.is_nothing(node) && known > 0 => {
                let (name, parent) = (path[known - 1], self.find(&path[..known - 1])?);
                if self.is_flow(parent) {
                    return None;
                }
                let (name, _) = parent.entries()?.iter().find(|(key, _)| key.text == name)?;
                let colon = name.span.end + self.text[name.span.end..].find(':')? + 1;
                Some(self.add_line(colon, key, &value, self.column(name.span.start) + 2))
            }
            What::Scalar(_) | What::List(_) => None,
        }
    }

    /// Another value in the place of one that is there.
    fn replace(&self, path: &[&str], node: &Spanned, value: &Value) -> Option<Splice> {
        let parent = self.find(&path[..path.len().checked_sub(1)?])?;
        let (key, _) = parent.entries()?.iter().find(|(key, _)| key.text == *path[path.len() - 1])?;
        let colon = key.span.end + self.text[key.span.end..].find(':')? + 1;
        if self.is_flow(parent) || matches!((&node.what, value), (What::Scalar(_), Value::Word(_))) {
            let text = inline(value, self.is_flow(parent));
            return Some(if self.is_nothing(node) {
                Splice { at: colon..colon, text: format!(" {text}") }
            } else {
                Splice { at: node.span.clone(), text }
            });
        }
        let mut out = String::new();
        self.entry(&mut out, &key.text, value, self.column(key.span.start));
        // The entry repeats its key and ends its line; both are there already.
        let indent = self.column(key.span.start);
        let written = out.trim_end_matches(['\r', '\n']);
        let after = written.get(indent + plain_or_quoted(&key.text, false).len() + 1..)?;
        Some(Splice { at: colon..node.span.end.max(colon), text: after.to_owned() })
    }

    fn wrap(&self, path: &[&str], key: &str) -> Option<Splice> {
        let node = self.find(path)?;
        let parent = self.find(&path[..path.len().checked_sub(1)?])?;
        let (name, _) = parent.entries()?.iter().find(|(known, _)| known.text == *path[path.len() - 1])?;
        let bytes = &self.text[node.span.clone()];
        let key = plain_or_quoted(key, true);
        let one_line = !bytes.contains('\n');
        let fits_in_flow = match &node.what {
            What::Scalar(ScalarStyle::Plain) => plain_or_quoted(bytes, true) == bytes,
            What::Scalar(ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted) => true,
            What::Scalar(_) => false,
            What::List(_) | What::Map(_) => self.is_flow(node),
        };
        if self.is_flow(parent) || (one_line && fits_in_flow) {
            return Some(Splice { at: node.span.clone(), text: format!("{{{key}: {bytes}}}") });
        }
        // Two more spaces for every line, and the new key between the name and the value.
        let colon = name.span.end + self.text[name.span.end..].find(':')? + 1;
        let below = " ".repeat(self.column(name.span.start) + 2);
        let value = self.text[colon..node.span.end].replace('\n', "\n  ");
        let value: Vec<&str> =
            value.split('\n').map(|line| if line.trim().is_empty() { line.trim_start_matches(' ') } else { line }).collect();
        let value = value.join("\n");
        let value = if value.trim_start_matches(' ').starts_with(['\r', '\n', '#']) { value } else { format!(" {}", value.trim_start()) };
        Some(Splice { at: colon..node.span.end, text: format!("{}{below}{key}:{value}", self.newline) })
    }

    /// `, key: value` after the last entry, or the first one.
    fn add_in_flow(&self, node: &Spanned, entries: &[(SpannedKey, Spanned)], key: &str, value: &Value) -> Splice {
        let entry = format!("{}: {}", plain_or_quoted(key, true), inline(value, true));
        let Some((name, last)) = entries.last() else {
            return Splice { at: node.span.start + 1..node.span.start + 1, text: entry };
        };
        let mut end = last.span.end;
        if self.is_nothing(last) {
            let colon = self.text[name.span.end..].find(':').map_or(name.span.end, |at| name.span.end + at + 1);
            end = end.max(colon);
        }
        let rest = &self.text[end..];
        match rest.trim_start().strip_prefix(',') {
            Some(after) => {
                let at = self.text.len() - after.len();
                Splice { at: at..at, text: format!(" {entry}") }
            }
            None => Splice { at: end..end, text: format!(", {entry}") },
        }
    }

    /// A new line for an entry, after the line on which `end` lies.
    fn add_line(&self, end: usize, key: &str, value: &Value, indent: usize) -> Splice {
        let mut out = String::new();
        let at = match self.text[end..].find('\n') {
            Some(newline) => end + newline + 1,
            None => self.text.len(),
        };
        let ends_line = at == 0 || self.text[..at].ends_with('\n');
        if !ends_line {
            out.push_str(self.newline);
        }
        self.entry(&mut out, key, value, indent);
        if !ends_line {
            out.truncate(out.trim_end_matches(['\r', '\n']).len());
        }
        Splice { at: at..at, text: out }
    }

    fn column(&self, at: usize) -> usize {
        let line = self.text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        self.text[line..at].chars().count()
    }

    /// An entry of a block map, with its line's end.
    fn entry(&self, out: &mut String, key: &str, value: &Value, indent: usize) {
        let margin = " ".repeat(indent);
        out.push_str(&margin);
        out.push_str(&plain_or_quoted(key, false));
        out.push(':');
        match value {
            Value::Text(text) if is_block(text) => {
                out.push_str(if text.ends_with('\n') { " |" } else { " |-" });
                for line in text.trim_end_matches('\n').split('\n') {
                    out.push_str(self.newline);
                    if !line.is_empty() {
                        out.push_str(&margin);
                        out.push_str("  ");
                        out.push_str(line);
                    }
                }
                out.push_str(self.newline);
            }
            Value::Word(_) | Value::Text(_) => {
                out.push(' ');
                out.push_str(&inline(value, false));
                out.push_str(self.newline);
            }
            Value::Map(entries) if entries.is_empty() => {
                out.push_str(" {}");
                out.push_str(self.newline);
            }
            Value::Map(entries) => {
                out.push_str(self.newline);
                // As deep as the caller's own literal: this recursion is bounded.
                entries.iter().for_each(|(key, value)| self.entry(out, key, value, indent + 2));
            }
        }
    }
}

/// The bytes of a scalar: a block's blank lines at the end belong to what follows, unless it keeps them.
fn scalar_span(text: &str, style: ScalarStyle, span: &Span) -> Option<Range<usize>> {
    let span = span.byte_range()?;
    let bytes = text.get(span.clone())?;
    let is_block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
    let keeps = bytes.lines().next().is_some_and(|header| header.starts_with(['|', '>']) && header.contains('+'));
    let end = if !is_block || keeps { bytes.trim_end_matches(['\n', '\r']).len() } else { bytes.trim_end().len() };
    Some(span.start..span.start + if is_block && keeps { bytes.len().saturating_sub(1) } else { end })
}

fn last_end(node: &Spanned) -> usize {
    match &node.what {
        What::Scalar(_) => node.span.end,
        What::List(items) => items.last().map_or(node.span.end, |item| item.span.end),
        What::Map(entries) => entries.last().map_or(node.span.end, |(key, node)| node.span.end.max(key.span.end)),
    }
}

fn nested(path: &[&str], value: &Value) -> Value {
    path.iter().rev().fold(value.clone(), |value, key| Value::Map(vec![((*key).to_owned(), value)]))
}

/// A value on one line.
fn inline(value: &Value, flow: bool) -> String {
    match value {
        Value::Word(text) | Value::Text(text) => plain_or_quoted(text, flow),
        Value::Map(entries) => {
            let entries: Vec<String> = entries
                .iter()
                .map(|(key, value)| format!("{}: {}", plain_or_quoted(key, true), inline(value, true)))
                .collect();
            format!("{{{}}}", entries.join(", "))
        }
    }
}

/// Whether a text can stand as a `|` block, letter for letter.
fn is_block(text: &str) -> bool {
    let body = text.strip_suffix('\n').unwrap_or(text);
    body.contains('\n')
        && !body.ends_with('\n')
        && !body.starts_with([' ', '\n', '\t'])
        && !text.chars().any(|c| (c.is_control() && c != '\n') || matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}'))
}

/// A text of one line as YAML: plain where that means the same, else in double quotes.
fn plain_or_quoted(text: &str, flow: bool) -> String {
    let starts_plain = text.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '/' | '(' | '.' | '+'));
    let plain = starts_plain
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.starts_with("...")
        && !(flow && text.contains([',', '[', ']', '{', '}']))
        && !text.chars().any(|c| c.is_control() || matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}'))
        && !matches!(text, "null" | "Null" | "NULL");
    if plain {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                out.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
