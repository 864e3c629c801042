//! Edits of a source text: new words at known places, and every other byte as it was.
//!
//! Takes a file as it is on disk and places as `load::yaml` and `load::markdown` give them; gives the new
//! text. Nothing is written here, and nothing is formatted anew: an author's comments, quotes and line
//! ends stay.

use std::ops::Range;

use crate::diagnostic::{Findings, Place};
use crate::load::yaml::{self, Node, Yaml};

/// New texts for stretches of a file.
pub struct Edits<'t> {
    raw: &'t str,
    /// Where each line begins, in bytes.
    lines: Vec<usize>,
    edits: Vec<(Range<usize>, String)>,
}

impl<'t> Edits<'t> {
    /// No edits yet of the file `raw`.
    pub fn of(raw: &'t str) -> Edits<'t> {
        let mark = if raw.starts_with('\u{FEFF}') { '\u{FEFF}'.len_utf8() } else { 0 };
        let bytes = raw.as_bytes();
        let ends = bytes.iter().enumerate().filter(|(at, byte)| match byte {
            b'\n' => true,
            b'\r' => bytes.get(at + 1) != Some(&b'\n'),
            _ => false,
        });
        let lines = std::iter::once(mark).chain(ends.map(|(at, _)| at + 1)).collect();
        Edits { raw, lines, edits: Vec::new() }
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }

    /// The byte offset of a line and a column, both from 1; columns count characters.
    pub fn offset(&self, line: u32, column: u32) -> Option<usize> {
        let start = *self.lines.get(usize::try_from(line).ok()?.checked_sub(1)?)?;
        let text = &self.raw[start..self.line_end(start)];
        let columns = usize::try_from(column).ok()?.checked_sub(1)?;
        let within = text.char_indices().map(|(at, _)| at).chain([text.len()]).nth(columns)?;
        Some(start + within)
    }

    /// The bytes that a place underlines.
    pub fn span(&self, place: &Place) -> Option<Range<usize>> {
        let start = self.offset(place.line, place.column)?;
        let end = self.offset(place.line, place.column + place.length)?;
        Some(start..end)
    }

    /// Puts `text` in place of a stretch of bytes.
    pub fn replace(&mut self, range: Range<usize>, text: impl Into<String>) {
        self.edits.push((range, text.into()));
    }

    /// Puts a plain word in place of a scalar, in the quotes that it has; `place` is the whole scalar's.
    pub fn replace_scalar(&mut self, place: &Place, text: &str) -> Option<()> {
        let range = self.span(place)?;
        let quote = self.raw[range.clone()].chars().next().filter(|c| matches!(c, '"' | '\''));
        let text = match quote {
            Some(quote) => format!("{quote}{text}{quote}"),
            None => text.to_owned(),
        };
        self.replace(range, text);
        Some(())
    }

    /// The new text; nothing where two edits contradict each other.
    pub fn apply(mut self) -> Option<String> {
        self.edits.sort_by_key(|(range, _)| (range.start, range.end));
        self.edits.dedup();
        let mut out = String::with_capacity(self.raw.len() + 256);
        let mut from = 0;
        for (range, text) in &self.edits {
            out.push_str(self.raw.get(from..range.start)?);
            out.push_str(text);
            from = range.end;
        }
        out.push_str(self.raw.get(from..)?);
        Some(out)
    }

    /// How the file ends its lines.
    pub fn line_break(&self) -> &'static str {
        if self.raw.contains("\r\n") { "\r\n" } else { "\n" }
    }

    /// The first byte after the line that holds `offset`, its line break included.
    pub fn after_line(&self, offset: usize) -> usize {
        let next = self.lines.partition_point(|start| *start <= offset);
        self.lines.get(next).copied().unwrap_or(self.raw.len())
    }

    fn line_end(&self, offset: usize) -> usize {
        let rest = &self.raw[offset..];
        offset + rest.find(['\n', '\r']).unwrap_or(rest.len())
    }

    /// The line that begins at `offset`, without its break.
    fn line_at(&self, offset: usize) -> &str {
        &self.raw[offset..self.line_end(offset)]
    }

    /// The first byte after an entry of a block map, comments that are indented below it included.
    fn after_entry(&self, end: (u32, u32), indent: usize) -> Option<usize> {
        let mut line = usize::try_from(end.0).ok()?.checked_sub(1)?;
        // A block text may end on a line that holds nothing of it, such as the comment of the next entry.
        let holds_nothing = |line: usize| {
            let before = usize::try_from(end.1).unwrap_or(1).saturating_sub(1);
            let text = self.lines.get(line).map(|start| self.line_at(*start)).unwrap_or_default();
            usize::try_from(end.0).is_ok_and(|end| end == line + 1)
                && text.chars().take(before).all(char::is_whitespace)
        };
        while line > 0
            && (end.1 == 1
                || holds_nothing(line)
                || line >= self.lines.len()
                || self.line_at(self.lines[line]).trim().is_empty())
        {
            let holds = self.lines.get(line).is_some_and(|start| !self.line_at(*start).trim().is_empty());
            if holds && usize::try_from(end.0).ok()? != line + 1 {
                break;
            }
            line -= 1;
        }
        // A comment that is indented below the entry is the entry's, also after an empty line.
        let mut last = line;
        for (number, start) in self.lines.iter().enumerate().skip(line + 1) {
            let next = self.line_at(*start);
            let is_below = next.len() - next.trim_start().len() > indent;
            if is_below && next.trim_start().starts_with('#') {
                last = number;
            } else if !next.trim().is_empty() {
                break;
            }
        }
        Some(self.after_line(self.lines[last]))
    }

    /// Inserts whole lines at the start of a line.
    fn insert_lines(&mut self, at: usize, lines: &str) {
        let eol = self.line_break();
        let lines = if eol == "\n" { lines.to_owned() } else { lines.replace('\n', eol) };
        let lead = if at == self.raw.len() && at > 0 && !self.raw.ends_with(['\n', '\r']) { eol } else { "" };
        self.replace(at..at, format!("{lead}{lines}"));
    }
}

/// Adds an entry, its lines without indentation, to the map under a top-level `key` of a layer's file:
/// after the last entry that `near` picks, else after all; in a map in braces, at its end. `order` are the
/// file's keys in their usual order. Nothing where the file is written in a way that leaves no room for it.
pub fn add_entry(
    raw: &str,
    root: Option<&Node>,
    (key, order): (&str, &[&str]),
    entry: &str,
    near: impl Fn(&str) -> bool,
) -> Option<String> {
    let mut edits = Edits::of(raw);
    let top: &[_] = match root.map(|root| &root.value) {
        Some(Yaml::Map(map)) => map,
        Some(Yaml::Scalar(_) | Yaml::List(_)) => return None,
        None => &[],
    };
    let is_flow = |edits: &Edits<'_>, node: &Node| {
        edits.offset(node.place.line, node.place.column).is_some_and(|at| raw[at..].starts_with('{'))
    };
    if root.is_some_and(|root| is_flow(&edits, root)) {
        return None;
    }
    let Some((name, node)) = top.iter().find(|(name, _)| &*name.text == key) else {
        let rank = |name: &str| order.iter().position(|known| *known == name);
        let before = top.iter().filter(|(name, _)| rank(&name.text) < rank(key));
        let last = before.max_by_key(|(name, _)| name.place.line);
        let at = match last {
            Some((_, node)) => edits.after_entry(node.end, 0)?,
            None => raw.len(),
        };
        edits.insert_lines(at, &format!("\n{key}:\n{}", indented(entry, 2)));
        return edits.apply();
    };
    match &node.value {
        _ if node.is_null() => {
            if !node.is_empty() {
                let null = edits.span(&node.place)?;
                edits.replace(raw[..null.start].trim_end_matches(' ').len()..null.end, "");
            }
            let at = edits.after_line(edits.offset(name.place.line, name.place.column)?);
            edits.insert_lines(at, &indented(entry, 2));
        }
        Yaml::Map(map) if is_flow(&edits, node) => {
            let end = edits.offset(node.end.0, node.end.1)?;
            if !map.is_empty() {
                let last = raw[..end].strip_suffix('}')?.trim_end();
                let comma = if last.ends_with(',') { " " } else { ", " };
                let entry = yaml::parse(&"".into(), entry, 1, yaml::FILE, &mut Findings::new())?;
                let entry = flow(&entry);
                let entry = entry.strip_prefix('{')?.strip_suffix('}')?;
                edits.replace(last.len()..last.len(), format!("{comma}{entry}"));
                return edits.apply();
            }
            let start = edits.offset(node.place.line, node.place.column)?;
            edits.replace(raw[..start].trim_end_matches(' ').len()..end, "");
            edits.insert_lines(edits.after_line(end), &indented(entry, 2));
        }
        Yaml::Map(map) => {
            let (first, _) = map.first()?;
            let indent = usize::try_from(first.place.column).ok()?.checked_sub(1)?;
            let (_, node) = map.iter().rev().find(|(name, _)| near(&name.text)).or(map.last())?;
            let at = edits.after_entry(node.end, indent)?;
            edits.insert_lines(at, &indented(entry, indent));
        }
        Yaml::Scalar(_) | Yaml::List(_) => return None,
    }
    edits.apply()
}

/// A value in braces and quotes, on one line.
fn flow(node: &Node) -> String {
    match &node.value {
        Yaml::Scalar(scalar) if scalar.plain && !scalar.text.contains([',', '[', ']', '{', '}', '\n']) => {
            scalar.text.to_string()
        }
        Yaml::Scalar(scalar) => serde_json::Value::from(&*scalar.text).to_string(),
        Yaml::List(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Yaml::Map(map) => {
            let entries = map.iter().map(|(key, node)| format!("{}: {}", scalar(&key.text), flow(node)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
    }
}

fn indented(lines: &str, indent: usize) -> String {
    let indent = " ".repeat(indent);
    lines
        .split_inclusive('\n')
        .map(|line| if line.trim().is_empty() { line.to_owned() } else { format!("{indent}{line}") })
        .collect()
}

/// A line of text as a scalar that may stand anywhere, also between braces.
pub fn scalar(text: &str) -> String {
    let is_plain = text.starts_with(char::is_alphanumeric)
        && !text.ends_with(char::is_whitespace)
        && text
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_' | '.' | '/' | '(' | ')' | '\'' | '€' | '%'));
    if is_plain { text.to_owned() } else { format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")) }
}
