//! A change of one value in a YAML file: the text is spliced at the value's place, and every other
//! byte stays, so comments, order, quotes and line endings are the author's.
//!
//! Takes a file's text, a path of keys and words that need no quotes; gives the new text, or nothing
//! where the change cannot be made safely: the result is read again, and must mean what was there
//! before plus the change.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use serde_yaml::granit_parser::{Event, Parser, ScalarStyle, Span};

use crate::diagnostic::{Findings, any_error};
use crate::load::yaml::{self, Node, Yaml};

/// Sets the word at a path of keys; where the last key or the last two are missing, they are added
/// after their map's last entry.
pub fn set(text: &str, path: &[&str], word: &str) -> Option<String> {
    let tree = Tree::read(text)?;
    let after = apply(text, tree.set(path, word)?);
    let path: Vec<String> = path.iter().map(|key| (*key).to_owned()).collect();
    let mut expected = leaves(text)?;
    // A map that was empty is no leaf once it has an entry.
    expected.retain(|at, leaf| leaf.is_some() || !path.starts_with(at));
    expected.insert(path, Some(word.into()));
    (expected == leaves(&after)?).then_some(after)
}

/// The keys of the map at a path; `Some(None)` where a text or a list stands there.
pub fn keys(text: &str, path: &[&str]) -> Option<Option<Vec<String>>> {
    let tree = Tree::read(text)?;
    let entries = tree.find(path)?.entries();
    Some(entries.map(|entries| entries.iter().map(|(key, _)| key.text.clone()).collect()))
}

/// Makes the value at a path the value of a new key there: `a: text` becomes `a: {replace: text}`.
pub fn wrap(text: &str, path: &[&str], key: &str) -> Option<String> {
    let tree = Tree::read(text)?;
    let after = apply(text, tree.wrap(path, key)?);
    let moved: Leaves = leaves(text)?
        .into_iter()
        .map(|(mut at, leaf)| {
            if at.len() >= path.len() && at.iter().zip(path).all(|(a, b)| a == b) {
                at.insert(path.len(), key.to_owned());
            }
            (at, leaf)
        })
        .collect();
    (moved == leaves(&after)?).then_some(after)
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
type Leaves = BTreeMap<Vec<String>, Option<Arc<str>>>;

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
                leaves.insert(at, Some(scalar.text));
            }
            Yaml::Map(map) if map.is_empty() => {
                leaves.insert(at, None);
            }
            Yaml::Map(map) => waiting.extend(map.into_iter().map(|(key, node)| (below(key.text.to_string()), node))),
            Yaml::List(items) => {
                waiting
                    .extend(items.into_iter().enumerate().map(|(number, node)| (below(format!("[{number}]")), node)));
            }
        }
    }
    Some(leaves)
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

    fn set(&self, path: &[&str], word: &str) -> Option<Splice> {
        let (key, above) = path.split_last()?;
        if self.root.is_none() && above.is_empty() {
            // An empty file, or one with comments alone.
            return Some(self.add_line(self.text.len(), key, word, 0));
        }
        let Some(parent) = self.find(above) else {
            let (name, above) = above.split_last()?;
            return self
                .find(above)?
                .entries()
                .and_then(|_| self.set(&[above, &[*name]].concat(), &format!("{{{key}: {word}}}")));
        };
        let entries = parent.entries()?;
        match entries.iter().find(|(known, _)| known.text == *key) {
            Some((name, node)) if self.is_nothing(node) => {
                let colon = self.colon(name)?;
                Some(Splice { at: colon..colon, text: format!(" {word}") })
            }
            Some((_, node)) => {
                let text = match node.what {
                    What::Scalar(ScalarStyle::SingleQuoted) => format!("'{word}'"),
                    What::Scalar(ScalarStyle::DoubleQuoted) => format!("\"{word}\""),
                    What::Scalar(_) | What::List(_) | What::Map(_) => word.to_owned(),
                };
                Some(Splice { at: node.span.clone(), text })
            }
            None if self.is_flow(parent) => self.add_in_flow(parent, entries, key, word),
            None => Some(self.add_line(parent.span.end, key, word, self.column(entries.first()?.0.span.start))),
        }
    }

    /// The first byte after the colon of a key.
    fn colon(&self, key: &SpannedKey) -> Option<usize> {
        Some(key.span.end + self.text[key.span.end..].find(':')? + 1)
    }

    fn wrap(&self, path: &[&str], key: &str) -> Option<Splice> {
        let node = self.find(path)?;
        let parent = self.find(&path[..path.len().checked_sub(1)?])?;
        let (name, _) = parent.entries()?.iter().find(|(known, _)| known.text == *path[path.len() - 1])?;
        let bytes = &self.text[node.span.clone()];
        let one_line = !bytes.contains('\n');
        let fits_in_flow = match &node.what {
            What::Scalar(ScalarStyle::Plain) => !bytes.contains([',', '[', ']', '{', '}']),
            What::Scalar(ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted) => true,
            What::Scalar(_) => false,
            What::List(_) | What::Map(_) => self.is_flow(node),
        };
        if self.is_flow(parent) || (one_line && fits_in_flow) {
            return Some(Splice { at: node.span.clone(), text: format!("{{{key}: {bytes}}}") });
        }
        // Two more spaces for every line, and the new key between the name and the value.
        let colon = self.colon(name)?;
        let below = " ".repeat(self.column(name.span.start) + 2);
        let value = self.text[colon..node.span.end].replace('\n', "\n  ");
        let value: Vec<&str> = value
            .split('\n')
            .map(|line| if line.trim().is_empty() { line.trim_start_matches(' ') } else { line })
            .collect();
        let value = value.join("\n");
        let value = if value.trim_start_matches(' ').starts_with(['\r', '\n', '#']) {
            value
        } else {
            format!(" {}", value.trim_start())
        };
        Some(Splice { at: colon..node.span.end, text: format!("{}{below}{key}:{value}", self.newline) })
    }

    /// `, key: word` after the last entry, or the first one.
    fn add_in_flow(&self, node: &Spanned, entries: &[(SpannedKey, Spanned)], key: &str, word: &str) -> Option<Splice> {
        let entry = format!("{key}: {word}");
        let Some((name, last)) = entries.last() else {
            return Some(Splice { at: node.span.start + 1..node.span.start + 1, text: entry });
        };
        let end = if self.is_nothing(last) { self.colon(name)? } else { last.span.end };
        Some(match self.text[end..].trim_start().strip_prefix(',') {
            Some(after) => {
                let at = self.text.len() - after.len();
                Splice { at: at..at, text: format!(" {entry}") }
            }
            None => Splice { at: end..end, text: format!(", {entry}") },
        })
    }

    /// A line of its own for an entry, after the line on which `end` lies.
    fn add_line(&self, end: usize, key: &str, word: &str, indent: usize) -> Splice {
        let at = self.text[end..].find('\n').map_or(self.text.len(), |newline| end + newline + 1);
        let entry = format!("{}{key}: {word}", " ".repeat(indent));
        let text = if at == 0 || self.text[..at].ends_with('\n') {
            format!("{entry}{}", self.newline)
        } else {
            format!("{}{entry}", self.newline)
        };
        Splice { at: at..at, text }
    }

    fn column(&self, at: usize) -> usize {
        let line = self.text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        self.text[line..at].chars().count()
    }
}

/// The bytes of a scalar: a block's blank lines at the end belong to what follows, unless it keeps them.
fn scalar_span(text: &str, style: ScalarStyle, span: &Span) -> Option<Range<usize>> {
    let span = span.byte_range()?;
    let bytes = text.get(span.clone())?;
    let is_block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
    // The header stands on the line of the key, before the text or as its first line.
    let before = text[..span.start].trim_end().rsplit('\n').next().unwrap_or_default();
    let keeps = [before, bytes.lines().next().unwrap_or_default()].into_iter().any(|line| {
        line.rsplit([' ', ':']).next().is_some_and(|header| header.starts_with(['|', '>']) && header.contains('+'))
    });
    let end = span.start + bytes.trim_end().len();
    if is_block && keeps {
        let blank = text[end..].len() - text[end..].trim_start().len();
        let last = text[end..end + blank].rfind('\n').unwrap_or(0);
        return Some(span.start..end + last);
    }
    Some(span.start..if is_block { end } else { span.end })
}

fn last_end(node: &Spanned) -> usize {
    match &node.what {
        What::Scalar(_) => node.span.end,
        What::List(items) => items.last().map_or(node.span.end, |item| item.span.end),
        What::Map(entries) => entries.last().map_or(node.span.end, |(key, node)| node.span.end.max(key.span.end)),
    }
}
