//! SUMMARY.md → the order of the pages, in mdBook's format.

use std::sync::Arc;

use comrak::nodes::{Node, NodeValue};
use comrak::{Arena, Options};

use crate::book::{Config, Sources};
use crate::diagnostic::{Code, Findings, Place, escaped};
use crate::load::reader::MAX_LINE;
use crate::load::{files, links, text};

/// One line of SUMMARY.md.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    /// A link to a page.
    Page {
        /// The path below the language folder, with `.md`.
        path: String,
        /// The link's text.
        title: String,
        /// How deep it is nested, from 0.
        depth: u16,
        /// Where it stands.
        place: Place,
    },
    /// A link without a target: announced, not written.
    Announced {
        /// The link's text.
        title: String,
        /// How deep it is nested, from 0.
        depth: u16,
    },
    /// A heading over the chapters that follow.
    Part(String),
}

/// Reads SUMMARY.md.
pub fn decode(path: &Arc<str>, text: &str, findings: &mut Findings) -> Vec<Entry> {
    let front = front_matter(text);
    if front > 0 {
        let place = Place::new(path, 1, 1, 3);
        findings.report(Code::E207, &place, "SUMMARY.md has no front matter").hint("remove these lines");
    }
    // As many empty lines in its place: what follows stands where it stood.
    let rest = text.split_inclusive('\n').skip(front).collect::<String>();
    let text = "\n".repeat(front) + &rest;
    let arena = Arena::new();
    let mut options = Options::default();
    options.parse.sourcepos_chars = true;
    options.extension.header_attributes = true;
    let root = comrak::parse_document(&arena, &text, &options);
    let mut summary = Summary { path, entries: Vec::new(), findings };
    let mut first_heading = true;
    for node in root.children() {
        match &node.data().value {
            NodeValue::Heading(heading) => {
                // The first h1 is the title of the list itself.
                if !(first_heading && heading.level == 1 && summary.entries.is_empty()) {
                    let title = node.collect_text();
                    summary.too_long(&title, node);
                    summary.entries.push(Entry::Part(title));
                }
                first_heading = false;
            }
            NodeValue::Paragraph => summary.links(node, 0),
            NodeValue::List(_) => summary.list(node),
            NodeValue::ThematicBreak | NodeValue::HtmlBlock(_) => {}
            _ => summary.unexpected(node),
        }
    }
    summary.entries
}

/// How many lines of front matter a text starts with.
fn front_matter(text: &str) -> usize {
    let mut lines = text.lines();
    if lines.next().map(str::trim_end) != Some("---") {
        return 0;
    }
    let is_key =
        |line: &str| line.split_once(':').is_some_and(|(key, _)| key.bytes().all(|b| b.is_ascii_alphanumeric()));
    match lines.clone().position(|line| line.trim_end() == "---") {
        Some(end) if lines.next().is_some_and(is_key) => end + 2,
        Some(_) | None => 0,
    }
}

/// Reports the placeholders in SUMMARY.md, whose names are shown as they were typed (E117).
pub fn check_placeholders(sources: &Sources, config: &Config, findings: &mut Findings) {
    for language in &config.languages {
        let path: Arc<str> = files::join(&config.language_folder(language), "SUMMARY.md").into();
        // What is wrong with the file itself is said where it is read.
        let source = sources.files.get(&path);
        let Some(text) = source.and_then(|source| text::decode(&path, source, &mut Findings::new())) else { continue };
        for (line, number) in text.lines().zip(1..) {
            let Some((before, after)) = line.split_once("{{").filter(|(before, _)| !before.ends_with('\\')) else {
                continue;
            };
            let Some(length) = after.find("}}") else { continue };
            let length = after[..length].chars().count() as u32 + 4;
            let place = Place::new(&path, number, before.chars().count() as u32 + 1, length);
            findings
                .report(Code::E117, &place, "a placeholder cannot stand in SUMMARY.md")
                .hint("give the page a `title` in its front matter");
        }
    }
}

struct Summary<'a> {
    path: &'a Arc<str>,
    entries: Vec<Entry>,
    findings: &'a mut Findings,
}

impl Summary<'_> {
    /// Walks a nested list without recursion: nesting comes from the author.
    fn list<'a>(&mut self, list: Node<'a>) {
        let mut waiting: Vec<(Node<'a>, u16)> = list.reverse_children().map(|item| (item, 0)).collect();
        while let Some((item, depth)) = waiting.pop() {
            let mut nested = Vec::new();
            let mut has_link = false;
            for child in item.children() {
                match &child.data().value {
                    NodeValue::Paragraph => {
                        self.links(child, depth);
                        has_link = true;
                    }
                    NodeValue::List(_) => nested.extend(child.children().map(|item| (item, depth.saturating_add(1)))),
                    _ => self.unexpected(child),
                }
            }
            if !has_link && nested.is_empty() {
                self.unexpected(item);
            }
            waiting.extend(nested.into_iter().rev());
        }
    }

    /// The links of a paragraph; a paragraph without one is not an entry.
    fn links<'a>(&mut self, paragraph: Node<'a>, depth: u16) {
        let mut found = false;
        for node in paragraph.children() {
            match &node.data().value {
                NodeValue::Link(link) => {
                    found = true;
                    self.link(node, &link.url, depth);
                }
                NodeValue::SoftBreak | NodeValue::LineBreak => {}
                NodeValue::Text(text) if text.trim().is_empty() => {}
                _ => {
                    if !found {
                        self.unexpected(node);
                        return;
                    }
                }
            }
        }
    }

    fn link(&mut self, node: Node<'_>, url: &str, depth: u16) {
        let place = self.place(node);
        let title = node.collect_text();
        self.too_long(&title, node);
        if url.is_empty() {
            self.entries.push(Entry::Announced { title, depth });
            return;
        }
        let file = links::decoded(url.split('#').next().unwrap_or_default());
        if links::scheme(url).is_some() || !file.ends_with(".md") {
            self.findings
                .report(Code::E207, &place, format!("`{}` is no page of the handbook", escaped(url)))
                .hint("an entry links to a `.md` file below this folder");
            return;
        }
        match links::resolved("", &file) {
            Some(path) => self.entries.push(Entry::Page { path, title, depth, place }),
            None => {
                self.findings.report(Code::E207, &place, format!("`{}` leads out of the folder", escaped(url)));
            }
        }
    }

    fn too_long(&mut self, title: &str, node: Node<'_>) {
        let length = title.chars().count();
        if length > MAX_LINE {
            let message = format!("this title has {length} characters; it may have {MAX_LINE}");
            let place = self.place(node);
            self.findings.report(Code::E207, &place, message);
        }
    }

    fn unexpected(&mut self, node: Node<'_>) {
        let place = self.place(node);
        self.findings
            .report(Code::E207, &place, "this is no entry of a summary")
            .hint("write a list of links: - [Title](page.md)");
    }

    fn place(&self, node: Node<'_>) -> Place {
        let position = node.data().sourcepos;
        let length = if position.start.line == position.end.line {
            position.end.column + 1 - position.start.column.min(position.end.column)
        } else {
            1
        };
        Place::new(self.path, position.start.line as u32, position.start.column as u32, length as u32)
    }
}
