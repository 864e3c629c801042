//! YAML → a tree in which every key and value knows its place. The one home of the YAML reader.
//!
//! Scalars stay the text that was typed: what `no`, `012` or `1.10` mean is for the declared type
//! to say (spec §4). Refused outright, so that one file has one meaning: anchors, aliases, tags,
//! merge keys, several documents, duplicate keys, and a plain scalar that a ` #` cuts short.

use std::collections::HashMap;
use std::sync::Arc;

use serde_yaml::granit_parser::{Event, Parser, ScalarStyle, Span};

use crate::diagnostic::{Code, Findings, Place, escaped};
use crate::load::{cut, stumble, text};

const MAX_BYTES: usize = 1 << 20;
const MAX_DEPTH: usize = 64;
const MAX_NODES: usize = 50_000;

/// A value with its place.
#[derive(Clone, Debug)]
pub struct Node {
    /// The value.
    pub value: Yaml,
    /// Where it starts.
    pub place: Place,
    /// The line and the column just after its last character, both from 1. A block text ends where its
    /// last line does, or on a line after it that holds nothing of it.
    pub end: (u32, u32),
}

/// A value.
#[derive(Clone, Debug)]
pub enum Yaml {
    /// A scalar, as it was typed.
    Scalar(Scalar),
    /// A list.
    List(Vec<Node>),
    /// A map, in the order of the file.
    Map(Vec<(Key, Node)>),
}

/// A scalar, as it was typed.
#[derive(Clone, Debug)]
pub struct Scalar {
    /// Its text, after quotes and folding.
    pub text: Arc<str>,
    /// Whether it stands without quotes.
    pub plain: bool,
    /// Where line `n` of the text stands, for text in which line breaks are kept (`|`): the line of
    /// the file and the column of the first character. Absent for every other style.
    pub block: Option<(u32, u32)>,
}

/// A key of a map.
#[derive(Clone, Debug)]
pub struct Key {
    /// Its text.
    pub text: Arc<str>,
    /// Where it stands.
    pub place: Place,
}

/// A map, in the order of the file.
pub type Map = [(Key, Node)];

impl Node {
    /// Whether the value is left out: nothing, `~` or `null`, without quotes.
    pub fn is_null(&self) -> bool {
        matches!(&self.value, Yaml::Scalar(scalar) if scalar.plain && matches!(&*scalar.text, "" | "~" | "null" | "Null" | "NULL"))
    }

    /// Whether nothing at all is written.
    pub fn is_empty(&self) -> bool {
        matches!(&self.value, Yaml::Scalar(scalar) if scalar.plain && scalar.text.is_empty())
    }

    /// What the value is, for messages.
    pub fn kind(&self) -> &'static str {
        match &self.value {
            Yaml::Scalar(scalar) if scalar.plain && scalar.text.is_empty() => "nothing",
            Yaml::Scalar(_) => "a text",
            Yaml::List(_) => "a list",
            Yaml::Map(_) => "a map",
        }
    }

    /// The map's value for a key.
    pub fn get(&self, key: &str) -> Option<&Node> {
        match &self.value {
            Yaml::Map(map) => map.iter().find(|(name, _)| &*name.text == key).map(|(_, node)| node),
            Yaml::Scalar(_) | Yaml::List(_) => None,
        }
    }
}

/// Which codes a kind of file uses: front matter has one code for everything (spec §6, E205).
#[derive(Clone, Copy, Debug)]
pub struct Dialect {
    /// YAML that is refused.
    pub syntax: Code,
    /// An unknown key.
    pub key: Code,
    /// A value of the wrong type.
    pub value: Code,
}

/// Layers, handbook.yaml, glossary.yaml and strings.
pub const FILE: Dialect = Dialect { syntax: Code::E124, key: Code::E101, value: Code::E113 };

/// Front matter.
pub const FRONT_MATTER: Dialect = Dialect { syntax: Code::E205, key: Code::E205, value: Code::E205 };

/// Reads one YAML document. Gives nothing when it is refused, or when it is empty; the findings
/// say which. `first_line` is the line of the file on which `text` starts, from 1.
pub fn parse(path: &Arc<str>, text: &str, first_line: u32, dialect: Dialect, findings: &mut Findings) -> Option<Node> {
    if text.len() > MAX_BYTES {
        findings.report(dialect.syntax, &Place::new(path, first_line, 1, 1), "more than 1 MiB of YAML");
        return None;
    }
    let mut builder = Builder {
        path,
        text,
        lines: text.split('\n').collect(),
        first_line,
        code: dialect.syntax,
        findings,
        open: Vec::new(),
        root: None,
        nodes: 0,
        key_end: 0,
        refused: false,
    };
    let mut documents = 0;
    for event in Parser::new_from_str(text) {
        match event {
            Ok((Event::DocumentStart(..), span)) => {
                documents += 1;
                if documents > 1 {
                    builder.refuse::<()>(&span, "a second YAML document", "keep one document a file");
                    return None;
                }
            }
            Ok((event, span)) => {
                builder.event(&event, &span)?;
            }
            // What a ` #` cut short was reported; that the rest makes no sense then is no news.
            Err(_) if builder.refused => return None,
            Err(error) => {
                let marker = error.marker();
                let stumble = stumble::explain(&builder.lines, marker.line(), marker.col(), &error.info());
                let place = builder.place_at(stumble.line, stumble.column, stumble.length);
                builder.findings.report(dialect.syntax, &place, stumble.message).maybe_hint(stumble.hint);
                return None;
            }
        }
    }
    if builder.refused { None } else { builder.root }
}

struct Builder<'a> {
    path: &'a Arc<str>,
    text: &'a str,
    lines: Vec<&'a str>,
    first_line: u32,
    code: Code,
    findings: &'a mut Findings,
    open: Vec<Open>,
    root: Option<Node>,
    nodes: usize,
    /// Where the last key ends, in bytes.
    key_end: usize,
    refused: bool,
}

/// A list or map whose end has not been met.
enum Open {
    List(Vec<Node>, Place),
    Map { entries: Vec<(Key, Node)>, seen: HashMap<Arc<str>, Place>, key: Option<Key>, place: Place },
}

impl<'a> Builder<'a> {
    /// Takes one event; nothing means that reading must stop.
    fn event(&mut self, event: &Event<'_>, span: &Span) -> Option<()> {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return self.refuse(span, "more than 50,000 values in one file", "split the file");
        }
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.refuse_properties(span, *anchor, tag.is_some())?;
                self.scalar(text, *style, span)
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.refuse_properties(span, *anchor, tag.is_some())?;
                let place = self.place(span);
                self.open(span, Open::List(Vec::new(), place))
            }
            Event::MappingStart(_, anchor, tag) => {
                self.refuse_properties(span, *anchor, tag.is_some())?;
                let place = self.place(span);
                self.open(span, Open::Map { entries: Vec::new(), seen: HashMap::new(), key: None, place })
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span),
            Event::Alias(_) | Event::UnresolvedAlias(_) | Event::Anchor(..) => self.refuse(
                span,
                "anchors and aliases are not allowed",
                "write the value out, or put quotes around a text that starts with `*` or `&`",
            ),
            _ => Some(()),
        }
    }

    fn open(&mut self, span: &Span, open: Open) -> Option<()> {
        if let Some(Open::Map { key: None, .. }) = self.open.last() {
            return self.refuse(
                span,
                "a list or map cannot be a key",
                "put quotes around a text that starts with `[` or `{`",
            );
        }
        if self.open.len() >= MAX_DEPTH {
            return self.refuse(span, "more than 64 levels of nesting", "flatten it");
        }
        self.open.push(open);
        Some(())
    }

    fn close(&mut self, span: &Span) -> Option<()> {
        // What has no closing bracket ends with its last item: the reader itself knows only what comes next.
        let closes = self.after(span.start.byte_offset()).starts_with([']', '}']) && span.end.col() > span.start.col();
        let bracket = closes.then(|| (self.file_line(span.start.line()), span.start.col() as u32 + 2));
        let end = |last: Option<(u32, u32)>, place: &Place| bracket.or(last).unwrap_or((place.line, place.column));
        let node = match self.open.pop()? {
            Open::List(items, place) => {
                let end = end(items.last().map(|item| item.end), &place);
                Node { value: Yaml::List(items), place, end }
            }
            Open::Map { entries, place, .. } => {
                // A block map has no sign of its own: its place is its first key's.
                let end = end(entries.last().map(|(_, node)| node.end), &place);
                Node { value: Yaml::Map(entries), place, end }
            }
        };
        self.put(node);
        Some(())
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, span: &Span) -> Option<()> {
        let plain = style == ScalarStyle::Plain;
        let place = self.place(span);
        // The reader says `~` where nothing is written; an author who wrote `~` has a sign of their own.
        let text =
            if plain && span.start.line() == span.end.line() && span.start.col() == span.end.col() { "" } else { text };
        if plain {
            self.refuse_cut(text, span);
        }
        let text = &*text::purged(text, &place, self.findings);
        if let Some(Open::Map { seen, key: key @ None, .. }) = self.open.last_mut() {
            let text: Arc<str> = text.into();
            if plain && &*text == "<<" {
                return self.refuse(span, "merge keys are not allowed", "write the values out");
            }
            if let Some(first) = seen.insert(Arc::clone(&text), place.clone()) {
                self.refused = true;
                let message = format!("`{}` stands here twice, first on line {}", escaped(&text), first.line);
                self.findings.report(self.code, &place, message).hint("keep one of the two");
            }
            *key = Some(Key { text, place });
            self.key_end = span.end.byte_offset().unwrap_or_default();
            return Some(());
        }
        let block = match style {
            ScalarStyle::Literal => Some(self.block_start(span)),
            ScalarStyle::Folded | ScalarStyle::Plain | ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => None,
        };
        let end = (self.file_line(span.end.line()), u32::try_from(span.end.col()).unwrap_or(0) + 1);
        self.put(Node { value: Yaml::Scalar(Scalar { text: text.into(), plain, block }), place, end });
        Some(())
    }

    fn put(&mut self, node: Node) {
        match self.open.last_mut() {
            Some(Open::List(items, _)) => items.push(node),
            Some(Open::Map { entries, key, .. }) => {
                if let Some(key) = key.take() {
                    entries.push((key, node));
                }
            }
            None => self.root = Some(node),
        }
    }

    /// `Bel #112` means `Bel` to YAML: what follows the `#` would vanish silently.
    fn refuse_cut(&mut self, text: &str, span: &Span) {
        // Where nothing is written the reader gives the place of what comes next: what counts follows the key.
        let rest = match self.open.last() {
            Some(Open::Map { key: Some(_), .. }) if text.is_empty() => {
                let after = self.after(Some(self.key_end));
                let colon = after.find([':', '\n']).unwrap_or(after.len());
                after[colon..].strip_prefix(':').unwrap_or_default()
            }
            Some(_) | None if text.is_empty() => return,
            Some(_) | None => self.after(span.end.byte_offset()),
        };
        if !rest.trim_start_matches([' ', '\t']).starts_with('#') {
            return;
        }
        let line = rest.split('\n').next().unwrap_or_default();
        let Some(comment) = cut::comment(line) else { return };
        self.refused = true;
        let place = if text.is_empty() {
            let offset = self.text.len() - rest.len() + line.len() - comment.len();
            let (line, column) = text::position(self.text, offset);
            Place::new(self.path, self.first_line + line - 1, column, 1)
        } else {
            self.place(span)
        };
        self.findings.push(cut::finding(self.code, place, text, line));
    }

    /// The text from an offset in bytes.
    fn after(&self, offset: Option<usize>) -> &'a str {
        offset.and_then(|offset| self.text.get(offset..)).unwrap_or_default()
    }

    fn refuse_properties(&mut self, span: &Span, anchor: usize, tagged: bool) -> Option<()> {
        let (sign, message, hint) = match (anchor, tagged) {
            (0, false) => return Some(()),
            (0, true) => ('!', "tags are not allowed", "remove it, or put quotes around a text that starts with `!`"),
            _ => ('&', "anchors and aliases are not allowed", "write the value out where it is needed"),
        };
        self.refuse_sign(sign, span, message, hint)
    }

    /// Refuses what stands before a value on its line; the reader gives the place of the value alone.
    fn refuse_sign<T>(&mut self, sign: char, span: &Span, message: &str, hint: &str) -> Option<T> {
        let before: Vec<char> = self.line(span.start.line()).chars().take(span.start.col()).collect();
        let starts = |at: usize| at == 0 || before[at - 1].is_whitespace() || "[{,".contains(before[at - 1]);
        let found = (0..before.len()).rev().find(|at| before[*at] == sign && starts(*at));
        let place = match found {
            Some(at) => {
                let length = before[at..].iter().take_while(|c| !c.is_whitespace()).count();
                self.place_at(span.start.line(), at, length)
            }
            None => self.place(span),
        };
        self.findings.report(self.code, &place, message).hint(hint);
        None
    }

    fn refuse<T>(&mut self, span: &Span, message: &str, hint: &str) -> Option<T> {
        let place = self.place(span);
        self.findings.report(self.code, &place, message).hint(hint);
        None
    }

    /// Where the first line of a `|` text stands: the first line that is not blank decides the indentation.
    fn block_start(&self, span: &Span) -> (u32, u32) {
        let header = span.start.line();
        let header_holds_content =
            !self.line(header).trim_end().ends_with(['|', '+', '-']) && !self.line(header).contains('|');
        let first = if header_holds_content { header } else { header + 1 };
        let indent = (first..=self.lines.len())
            .map(|number| self.line(number))
            .find(|line| !line.trim().is_empty())
            .map_or(0, |line| line.len() - line.trim_start_matches(' ').len());
        (self.file_line(first), indent as u32 + 1)
    }

    fn line(&self, number: usize) -> &str {
        self.lines.get(number.saturating_sub(1)).copied().unwrap_or_default()
    }

    fn file_line(&self, number: usize) -> u32 {
        self.first_line + u32::try_from(number.max(1) - 1).unwrap_or(0)
    }

    fn place(&self, span: &Span) -> Place {
        let length =
            if span.start.line() == span.end.line() { span.end.col().saturating_sub(span.start.col()) } else { 1 };
        self.place_at(span.start.line(), span.start.col(), length)
    }

    fn place_at(&self, line: usize, column: usize, length: usize) -> Place {
        let column = u32::try_from(column).unwrap_or(0) + 1;
        Place::new(self.path, self.file_line(line), column, u32::try_from(length).unwrap_or(1))
    }
}
