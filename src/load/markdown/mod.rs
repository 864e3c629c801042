//! Markdown → [`Document`]: parsed once, whole, then cut at its headings. The one home of comrak.
//!
//! Takes a text and where it stands; gives fragments of pieces and holes. The parser's tree never
//! leaves this folder. Whether a link leads anywhere is not asked here.

mod addresses;
mod alerts;
mod anchors;
mod attributes;
mod blocks;
mod canonical;
mod columns;
mod definitions;
mod destinations;
mod headings;
mod html;
mod labels;
mod nesting;
mod origin;
mod placeholders;
mod portable;
mod prepare;
mod raw;
mod tags;
mod typography;

use std::sync::Arc;

use comrak::nodes::{AlertType, Node};
use comrak::{Arena, Options};
use memchr::{memchr, memchr_iter};

use crate::book::{Digest, Fragment, Hole, Language, Notes, PageId, Pieces};
use crate::diagnostic::{Findings, Place};
use crate::load::links::Ground;
use crate::load::terms::Terms;
use canonical::Canonical;
use placeholders::{Marks, Piece};

pub use destinations::destinations;
pub use origin::{Origin, Stretch};
pub use portable::portable;

/// A text, and everything that decides what it means.
pub struct Input<'a> {
    /// The Markdown, as `load::text` gives it.
    pub text: &'a str,
    /// Where its lines stand in a file.
    pub origin: Origin,
    /// The language it is written in.
    pub language: &'a Language,
    /// Whether `{{…}}` are placeholders.
    pub placeholders: bool,
    /// Who wrote it, and so what it may hold.
    pub author: Author,
    /// The page that it stands on.
    pub page: &'a PageId,
    /// The name of the part of the page that it is: a section's id, nothing for the page as such.
    pub part: &'a str,
    /// What its links are relative to.
    pub ground: Ground,
    /// The words of the glossary, which become links.
    pub terms: Option<&'a Terms>,
}

/// Who wrote a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Author {
    /// The base: headings, and raw HTML where book.toml allows it.
    Base {
        /// Whether raw HTML is allowed.
        raw_html: bool,
    },
    /// A layer's page in a file: headings, no raw HTML.
    LayerPage,
    /// A layer's text in YAML: neither headings nor raw HTML.
    LayerText,
}

/// A text that was parsed and cut.
#[derive(Debug, Default)]
pub struct Document {
    /// The first h1.
    pub title: Option<ParsedHeading>,
    /// The text before the first h2.
    pub opening: Arc<Fragment>,
    /// Text under headings without id between the opening text and the first section.
    pub unaddressed: Arc<Fragment>,
    /// The headings with an explicit id, each with the text up to the next.
    pub sections: Vec<(ParsedHeading, Arc<Fragment>)>,
    /// What is wrong with the text.
    pub findings: Findings,
}

/// A heading as it was read.
#[derive(Clone, Debug)]
pub struct ParsedHeading {
    /// 1 for the page's title, else 2 to 6.
    pub level: u8,
    /// The explicit id.
    pub id: Option<Arc<str>>,
    /// Its classes.
    pub classes: Vec<Arc<str>>,
    /// Its `key=value` attributes.
    pub pairs: Vec<(Arc<str>, Arc<str>)>,
    /// Its text as HTML.
    pub html: Pieces,
    /// Its text without markup.
    pub text: Pieces,
    /// The digest of its canonical text.
    pub canonical: Digest,
    /// Where it stands.
    pub place: Place,
}

/// Parses a text with everything that spec §3 turns on.
pub fn parse(input: &Input<'_>) -> Document {
    let mut findings = Findings::new();
    let text = nesting::capped(input, &mut findings).into_owned();
    let mut marks = Marks::default();
    let text = if input.placeholders { marks.braces(text) } else { text };
    let marked = marks.references(text);
    let arena = Arena::new();
    let options = shipped_options();
    let root = comrak::parse_document(&arena, &marked, &options);
    columns::in_characters(root, &marked);
    headings::check(root, input, &marked, &mut findings);
    alerts::take(root, input, &mut findings);
    definitions::check_notes(root, input, &mut findings);
    definitions::check_links(root, input, &mut findings);
    labels::check(root, input, &marks, &mut findings);
    let notes = definitions::notes(root, input, &mut findings);
    prepare::prepare(root, &marked, input.language, &marks);
    let groups = headings::cut(root);
    anchors::check(root, input, &mut findings);
    anchors::name(root, groups.title, &marks);
    let canonical = Canonical::new(input, &marks, notes);
    let mut renderer = html::Renderer::new(input, &options, &marks, &mut findings);
    let definitions = canonical.notes();
    let notes = definitions.map(|(name, note)| {
        renderer.begin(&format!("{} [^{name}]", input.part));
        (name.into(), renderer.render(&note.children().collect::<Vec<_>>()))
    });
    let notes = Arc::new(notes.collect());
    let mut document = Parsed { input, notes, canonical };
    let title = groups.title.map(|node| document.heading(&mut renderer, node));
    renderer.begin(input.part);
    let opening = document.fragment(&mut renderer, &groups.opening);
    renderer.begin("#");
    let unaddressed = document.fragment(&mut renderer, &groups.unaddressed);
    let sections = groups
        .sections
        .iter()
        .map(|(node, nodes)| {
            let heading = document.heading(&mut renderer, node);
            renderer.begin(heading.id.as_deref().unwrap_or_default());
            (heading, document.fragment(&mut renderer, nodes))
        })
        .collect();
    Document { title, opening, unaddressed, sections, findings }
}

/// A document as the parser gave it.
struct Parsed<'a, 'd> {
    input: &'d Input<'d>,
    notes: Arc<Notes>,
    canonical: Canonical<'a, 'd>,
}

impl<'a> Parsed<'a, '_> {
    fn fragment(&mut self, renderer: &mut html::Renderer<'_, '_>, nodes: &[Node<'a>]) -> Arc<Fragment> {
        let Input { terms, language, origin, .. } = self.input;
        let html = renderer.render(nodes);
        let html = match terms {
            Some(terms) => terms.link(html, language, &origin.place(1, 1, 1)),
            None => html,
        };
        let (headings, anchors) = renderer.take_anchors();
        let read = self.canonical.read(nodes);
        Arc::new(Fragment {
            words: words(&html.text),
            narrow: is_narrow(&html.text),
            html,
            headings,
            anchors,
            notes: Arc::clone(&self.notes),
            canonical: (!nodes.is_empty()).then_some(read.digest),
            lines: origin::lines_of(nodes, origin),
            note_lines: read.notes.iter().map(|note| origin::lines_of(&[note], origin)).collect(),
        })
    }

    fn heading(&mut self, renderer: &mut html::Renderer<'_, '_>, node: Node<'a>) -> ParsedHeading {
        let children: Vec<Node<'a>> = node.children().collect();
        let html = renderer.render(&children);
        let text = renderer.plain(node);
        let data = node.data();
        let attributes = data.attrs.as_deref();
        ParsedHeading {
            level: headings::level(node),
            id: attributes.and_then(|a| a.id.as_deref()).map(Into::into),
            classes: attributes.map(|a| a.classes.iter().map(|c| c.as_str().into()).collect()).unwrap_or_default(),
            pairs: attributes
                .into_iter()
                .flat_map(|attributes| &attributes.pairs)
                // One with a placeholder was reported.
                .filter(|(_, value)| !value.contains(placeholders::START))
                .map(|(key, value)| (key.as_str().into(), value.as_str().into()))
                .collect(),
            html,
            text,
            canonical: self.canonical.read(&children).digest,
            place: origin::place_of(node, &self.input.origin),
        }
    }
}

/// A line of plain text with placeholders, such as a title in front matter: no Markdown, not escaped.
pub fn line(text: &str, placeholders: bool, origin: &Origin, findings: &mut Findings) -> Pieces {
    if !placeholders {
        return Pieces::fixed(text);
    }
    let mut marks = Marks::default();
    let marked = marks.braces(text.to_owned());
    let mut line = Pieces::default();
    for piece in marks.pieces(&marked) {
        let mark = match piece {
            Piece::Text(text) => {
                line.text.push_str(text);
                continue;
            }
            Piece::Mark(mark) => mark,
        };
        match placeholders::read(mark, origin.place(1, 1, 1)) {
            Ok(placeholder) => {
                let at = u32::try_from(line.text.len()).unwrap_or(u32::MAX);
                line.holes.push((at, Hole::Value(Arc::new(placeholder))));
            }
            Err(finding) => {
                findings.push(*finding);
                line.text.push_str(&mark.text);
            }
        }
    }
    line
}

/// The HTML of a text through the same parse and render functions, with everything off that
/// CommonMark does not have: how conformance is tested (spec §3).
pub fn commonmark(text: &str) -> String {
    let arena = Arena::new();
    let mut options = Options::default();
    options.render.r#unsafe = true;
    let root = comrak::parse_document(&arena, text, &options);
    html::plain_commonmark(&root.children().collect::<Vec<_>>(), &options)
}

fn shipped_options() -> Options<'static> {
    let mut options = Options::default();
    options.extension.table = true;
    options.extension.tasklist = true;
    options.extension.strikethrough = true;
    options.extension.autolink = true;
    options.extension.footnotes = true;
    options.extension.alerts = true;
    options.extension.description_lists = true;
    options.extension.header_attributes = true;
    options.parse.smart = true;
    // Every raw node has an arm of our own; the default arms never see one.
    options.render.r#unsafe = false;
    options
}

/// Whether a tag of some HTML may be of a table, a heading or a list of links.
fn is_narrow(html: &str) -> bool {
    let html = html.as_bytes();
    memchr_iter(b'<', html).any(|at| matches!(html.get(at + 1), Some(b't' | b'T' | b'h' | b'H' | b'n' | b'N')))
}

/// How many words stand between the tags of some HTML.
fn words(html: &str) -> u32 {
    let is_word = |byte: &u8| *byte > b' ';
    // Every byte of a handbook passes here: whole stretches are counted without a branch in between, and what a
    // byte can hold is the length of a stretch.
    let starts = |before: &[u8], text: &[u8]| {
        before.iter().zip(text).fold(0u8, |starts, (before, byte)| starts + u8::from(!is_word(before) & is_word(byte)))
    };
    let in_text = |text: &[u8]| {
        let Some((first, after)) = text.split_first() else { return 0 };
        let stretches = text.chunks(255).zip(after.chunks(255));
        usize::from(is_word(first)) + stretches.map(|(before, text)| usize::from(starts(before, text))).sum::<usize>()
    };
    let mut words = 0;
    let mut rest = html.as_bytes();
    while let Some(start) = memchr(b'<', rest) {
        words += in_text(&rest[..start]);
        rest = memchr(b'>', &rest[start..]).map_or(&[], |end| &rest[start + end + 1..]);
    }
    u32::try_from(words + in_text(rest)).unwrap_or(u32::MAX)
}

/// The stable name of an alert's kind.
fn alert_name(alert: AlertType) -> &'static str {
    match alert {
        AlertType::Note => "note",
        AlertType::Tip => "tip",
        AlertType::Important => "important",
        AlertType::Warning => "warning",
        AlertType::Caution => "caution",
    }
}
