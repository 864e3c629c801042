//! The canonical text of some Markdown: what stays the same when it is wrapped, marked or spaced
//! otherwise, and changes with any word (spec §5, Drift).
//!
//! Fingerprints outlive releases: a change here is a new version of them, `v2`.

use comrak::arena_tree::NodeEdge;
use comrak::nodes::{ListType, Node, NodeValue, TableAlignment};
use unicode_normalization::UnicodeNormalization;

use crate::book::Digest;
use crate::load::links::{self, Ground};
use crate::load::markdown::placeholders::Marks;

/// The digest of the canonical text of these nodes.
pub fn digest<'a>(nodes: &[Node<'a>], marks: &Marks, ground: &Ground) -> Digest {
    let mut canonical = Canonical { out: String::new(), text: String::new(), marks, ground };
    for node in nodes {
        for edge in node.traverse() {
            match edge {
                NodeEdge::Start(node) => canonical.enter(node),
                NodeEdge::End(node) => canonical.leave(node),
            }
        }
    }
    canonical.flush();
    Digest::of(canonical.out.as_bytes())
}

struct Canonical<'m> {
    out: String,
    /// Running text, not yet folded.
    text: String,
    marks: &'m Marks,
    ground: &'m Ground,
}

impl Canonical<'_> {
    fn enter(&mut self, node: Node<'_>) {
        match &node.data().value {
            NodeValue::Text(text) => self.text.push_str(&self.marks.restore(text)),
            NodeValue::SoftBreak => self.text.push(' '),
            NodeValue::Code(code) => self.token("code", &self.marks.restore(&code.literal)),
            NodeValue::CodeBlock(block) => {
                self.token("pre", &self.marks.restore(&block.info));
                self.token("", &self.marks.restore(&block.literal));
            }
            NodeValue::HtmlBlock(block) => self.token("html", &folded(&self.marks.restore(&block.literal))),
            NodeValue::HtmlInline(html) => self.token("html", &folded(&self.marks.restore(html))),
            NodeValue::Link(link) => {
                self.token("link", &self.address(&link.url, false));
                self.token("", &folded(&link.title));
            }
            NodeValue::Image(image) => {
                self.token("image", &self.address(&image.url, true));
                self.token("", &folded(&image.title));
            }
            NodeValue::FootnoteReference(note) => self.token("note", &note.name),
            NodeValue::FootnoteDefinition(note) => self.token("definition", &note.name),
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
                self.token("", &folded(alert.title.as_deref().unwrap_or_default()));
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

    fn token(&mut self, name: &str, value: &str) {
        self.flush();
        self.out.push('\u{1}');
        self.out.push_str(name);
        self.out.push('\u{2}');
        self.out.push_str(value);
    }

    fn flush(&mut self) {
        if !self.text.is_empty() {
            let text = std::mem::take(&mut self.text);
            self.out.push('\u{3}');
            // A space at either end separates this text from what stands beside it.
            if text.starts_with(char::is_whitespace) {
                self.out.push(' ');
            }
            self.out.push_str(&folded(&text));
            if text.ends_with(char::is_whitespace) {
                self.out.push(' ');
            }
        }
    }

    fn address(&self, url: &str, image: bool) -> String {
        let url = self.marks.restore(url);
        match links::target(self.ground, &url, image) {
            Ok(crate::book::Target::Page { path, anchor }) => {
                format!("page:{path}#{}", anchor.as_deref().unwrap_or_default())
            }
            Ok(crate::book::Target::File { path, suffix, .. }) => {
                // Where the files lie is not the text's meaning: only the path below that folder is.
                format!("file:{}{suffix}", path.strip_prefix(&*self.ground.files_root).unwrap_or(&path))
            }
            _ => url,
        }
    }
}

/// NFC, with every run of white space as one space.
fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    if text.is_ascii() {
        // Most text: no normal form to look up, and white space is a matter of bytes.
        for word in text.split(|c: char| matches!(c, '\t'..='\r' | ' ')).filter(|word| !word.is_empty()) {
            join(&mut out, word);
        }
        return out;
    }
    for word in text.split_whitespace() {
        if word.is_ascii() {
            join(&mut out, word);
        } else {
            join(&mut out, "");
            out.extend(word.nfc());
        }
    }
    out
}

fn join(out: &mut String, word: &str) {
    if !out.is_empty() {
        out.push(' ');
    }
    out.push_str(word);
}
