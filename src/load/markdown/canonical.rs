//! The canonical text of some Markdown: what stays the same when it is wrapped, marked or spaced
//! otherwise, and changes with any word (spec §5, Drift).
//!
//! Fingerprints outlive releases: a change here is a new version of them, `v2`.

use std::collections::BTreeMap;

use comrak::arena_tree::NodeEdge;
use comrak::nodes::{ListType, Node, NodeValue, TableAlignment};
use unicode_normalization::UnicodeNormalization;

use crate::book::Digest;
use crate::load::links;
use crate::load::markdown::placeholders::{Marks, Piece};
use crate::load::markdown::{Input, definitions};

/// A document, for reading its canonical texts.
pub struct Canonical<'a, 'd> {
    input: &'d Input<'d>,
    marks: &'d Marks,
    notes: BTreeMap<String, Node<'a>>,
    /// What texts are written into, kept for its room.
    out: String,
}

/// A canonical text.
pub struct Read<'a> {
    /// Its digest.
    pub digest: Digest,
    /// The definitions of the notes that it uses, each once, in the order of their first use.
    pub notes: Vec<Node<'a>>,
}

impl<'a, 'd> Canonical<'a, 'd> {
    /// Of a document with these definitions of notes, by label.
    pub fn new(input: &'d Input<'d>, marks: &'d Marks, notes: BTreeMap<String, Node<'a>>) -> Self {
        Canonical { input, marks, notes, out: String::new() }
    }

    /// The definitions of notes, by label.
    pub fn notes(&self) -> impl Iterator<Item = (&str, Node<'a>)> {
        self.notes.iter().map(|(name, note)| (name.as_str(), *note))
    }

    /// The canonical text of nodes that stand side by side, and of the notes that they use.
    pub fn read(&mut self, nodes: &[Node<'a>]) -> Read<'a> {
        let mut out = std::mem::take(&mut self.out);
        out.clear();
        let mut writer = Writer { out, text: String::new(), used: Vec::new(), document: self };
        nodes.iter().for_each(|node| writer.node(node));
        let mut notes = Vec::new();
        while let Some(name) = writer.used.get(notes.len()) {
            let Some(note) = self.notes.get(name) else { break };
            writer.node(note);
            notes.push(*note);
        }
        writer.flush();
        self.out = writer.out;
        Read { digest: Digest::of(self.out.as_bytes()), notes }
    }
}

struct Writer<'w, 'a, 'd> {
    out: String,
    /// Running text, not yet folded.
    text: String,
    /// The names of the notes that were met, in the order of their first use.
    used: Vec<String>,
    document: &'w Canonical<'a, 'd>,
}

impl Writer<'_, '_, '_> {
    fn node(&mut self, node: Node<'_>) {
        for edge in node.traverse() {
            match edge {
                NodeEdge::Start(node) => self.enter(node),
                NodeEdge::End(node) => self.leave(node),
            }
        }
    }

    fn enter(&mut self, node: Node<'_>) {
        match &node.data().value {
            NodeValue::Text(text) => self.running(text),
            NodeValue::SoftBreak => self.text.push(' '),
            NodeValue::Code(code) => self.token("code", &self.restored(&code.literal)),
            NodeValue::CodeBlock(block) => {
                self.token("pre", &self.restored(&block.info));
                self.token("", &self.restored(&block.literal));
            }
            NodeValue::HtmlBlock(block) => self.token("html", &folded(&self.restored(&block.literal))),
            NodeValue::HtmlInline(html) => self.token("html", &folded(&self.restored(html))),
            NodeValue::Link(link) => {
                self.token("link", &self.address(&link.url, false));
                self.token("", &folded(&self.restored(&link.title)));
            }
            NodeValue::Image(image) => {
                self.token("image", &self.address(&image.url, true));
                self.token("", &folded(&self.restored(&image.title)));
            }
            NodeValue::FootnoteReference(note) => {
                let number = self.number(&note.name);
                self.token("note", &number);
            }
            NodeValue::FootnoteDefinition(note) => {
                let number = self.number(&note.name);
                self.token("definition", &number);
            }
            NodeValue::Heading(heading) => {
                let attributes = node.data().attrs.as_ref().and_then(|attributes| attributes.id.clone());
                self.token("h", &heading.level.to_string());
                self.token("", &attributes.unwrap_or_default());
            }
            NodeValue::List(list) => match list.list_type {
                ListType::Bullet => self.token("ul", ""),
                ListType::Ordered => self.token("ol", &list.start.to_string()),
            },
            NodeValue::TaskItem(task) => self.token("task", if task.symbol.is_some() { "x" } else { "" }),
            NodeValue::Table(table) => {
                let alignments: String = table
                    .alignments
                    .iter()
                    .map(|alignment| match alignment {
                        TableAlignment::None => 'n',
                        TableAlignment::Left => 'l',
                        TableAlignment::Center => 'c',
                        TableAlignment::Right => 'r',
                    })
                    .collect();
                self.token("table", &alignments);
            }
            NodeValue::Alert(alert) => {
                self.token("alert", super::alert_name(alert.alert_type));
                self.token("", &folded(&self.restored(alert.title.as_deref().unwrap_or_default())));
            }
            other => self.token(other.xml_node_name(), ""),
        }
    }

    fn leave(&mut self, node: Node<'_>) {
        match node.data().value {
            NodeValue::Text(_)
            | NodeValue::SoftBreak
            | NodeValue::Code(_)
            | NodeValue::HtmlInline(_)
            | NodeValue::LineBreak => {}
            _ => self.token("/", ""),
        }
    }

    /// What a note is called: its label is no part of the text, its place in the order is.
    fn number(&mut self, name: &str) -> String {
        let name = definitions::label(name);
        let known = self.used.iter().position(|used| *used == name).unwrap_or(self.used.len());
        if known == self.used.len() {
            self.used.push(name);
        }
        (known + 1).to_string()
    }

    /// Braces that are text are told from those of a placeholder.
    fn running(&mut self, text: &str) {
        let Canonical { marks, input, .. } = self.document;
        if marks.all().is_empty() && !text.contains('{') {
            return self.text.push_str(text);
        }
        for piece in marks.pieces(text) {
            match piece {
                Piece::Text(text) if input.placeholders && text.contains("{{") => {
                    self.text.push_str(&text.replace("{{", "\u{4}{{"));
                }
                Piece::Text(text) => self.text.push_str(text),
                Piece::Mark(mark) => self.text.push_str(&mark.text),
            }
        }
    }

    fn restored(&self, text: &str) -> String {
        self.document.marks.restore(text)
    }

    fn token(&mut self, name: &str, value: &str) {
        self.flush();
        self.out.push('\u{1}');
        self.out.push_str(name);
        self.out.push('\u{2}');
        self.out.push_str(value);
    }

    fn flush(&mut self) {
        if !self.text.is_empty() {
            self.out.push('\u{3}');
            // A space at either end separates this text from what stands beside it.
            if self.text.starts_with(char::is_whitespace) {
                self.out.push(' ');
            }
            fold(&mut self.out, &self.text);
            if self.text.ends_with(char::is_whitespace) {
                self.out.push(' ');
            }
            self.text.clear();
        }
    }

    fn address(&self, url: &str, image: bool) -> String {
        let url = self.restored(url);
        let ground = &self.document.input.ground;
        match links::target(ground, &url, image) {
            // One address, with the name of the page that it stands on and without.
            Ok(crate::book::Target::Page { path, anchor: Some(anchor) }) if *path == **self.document.input.page => {
                format!("#{anchor}")
            }
            Ok(crate::book::Target::Page { path, anchor }) => {
                format!("page:{path}#{}", anchor.as_deref().unwrap_or_default())
            }
            Ok(crate::book::Target::File { path, suffix, .. }) => {
                // Where the files lie is not the text's meaning: only the path below that folder is.
                format!("file:{}{suffix}", path.strip_prefix(&*ground.files_root).unwrap_or(&path))
            }
            _ => url,
        }
    }
}

/// NFC, with every run of white space as one space.
fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    fold(&mut out, text);
    out
}

/// Appends a text, [`folded`].
fn fold(out: &mut String, text: &str) {
    if text.is_ascii() && is_spaced_plainly(text) {
        // Most text is as it should be but for its ends.
        return out.push_str(text.trim_matches(' '));
    }
    for (at, word) in text.split_whitespace().enumerate() {
        if at > 0 {
            out.push(' ');
        }
        if word.is_ascii() {
            out.push_str(word);
        } else {
            out.extend(word.nfc());
        }
    }
}

/// Whether all white space of a text is single spaces.
fn is_spaced_plainly(text: &str) -> bool {
    !text.contains("  ") && text.bytes().fold(true, |plain, byte| plain & !matches!(byte, b'\t'..=b'\r'))
}
