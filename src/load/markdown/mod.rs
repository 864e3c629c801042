//! Markdown → [`Document`]: parsed once, whole, then cut at its headings. The one home of comrak.
//!
//! Takes a text and where it stands; gives fragments of pieces and holes. The parser's tree never
//! leaves this folder. Whether a link leads anywhere is not asked here.

mod alerts;
mod anchors;
mod attributes;
mod canonical;
mod columns;
mod definitions;
mod destinations;
mod html;
mod nesting;
mod placeholders;
mod portable;
mod prepare;
mod raw_html;
mod typography;

use std::sync::Arc;

use comrak::nodes::{AlertType, Node, NodeValue};
use comrak::{Arena, Options};

use crate::book::{Digest, Fragment, Hole, Language, Notes, Pieces, SectionId};
use crate::diagnostic::{Code, Diagnostic, Findings, Place};
use crate::load::links::Ground;
use crate::load::terms::Terms;
use placeholders::Marks;

pub use destinations::destinations;
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
    /// What its links are relative to.
    pub ground: Ground,
    /// The words of the glossary, which become links.
    pub terms: Option<&'a Terms>,
}

/// Where the lines of a text stand in a file.
#[derive(Clone, Debug)]
pub enum Origin {
    /// Line 1 of the text is this line of the file, from this column, both from 1.
    Lines {
        /// The file.
        path: Arc<str>,
        /// The line.
        line: u32,
        /// The column.
        column: u32,
    },
    /// The text is a folded or quoted value: everything in it stands at this place.
    Value(Place),
    /// The text was put together from several files.
    Pieced(Arc<[Stretch]>),
}

/// Lines of a text that stand side by side in a file, up to the next stretch.
#[derive(Clone, Debug, PartialEq)]
pub struct Stretch {
    /// The first of them in the text, from 1.
    pub from: u32,
    /// The file.
    pub path: Arc<str>,
    /// The line of the file that it is, from 1.
    pub line: u32,
    /// The page's line that asked for them, where they were included.
    pub own: Option<u32>,
}

impl Origin {
    /// The place of a position in the text; line and column from 1.
    pub fn place(&self, line: usize, column: usize, length: usize) -> Place {
        match self {
            Origin::Lines { path, line: first, column: indent } => Place::new(
                path,
                first + u32::try_from(line.max(1) - 1).unwrap_or(0),
                indent + u32::try_from(column.max(1) - 1).unwrap_or(0),
                u32::try_from(length).unwrap_or(1),
            ),
            Origin::Value(place) => place.clone(),
            Origin::Pieced(stretches) => {
                let line = u32::try_from(line.max(1)).unwrap_or(u32::MAX);
                let (column, length) = (u32::try_from(column.max(1)).unwrap_or(1), u32::try_from(length).unwrap_or(1));
                match stretch_of(stretches, line) {
                    Some(stretch) => Place::new(&stretch.path, stretch.line + (line - stretch.from), column, length),
                    None => Place::new(&"".into(), line, column, length),
                }
            }
        }
    }

    /// The line of the page itself that a line of the text comes from.
    fn own_line(&self, line: usize) -> u32 {
        let Origin::Pieced(stretches) = self else { return self.place(line, 1, 1).line };
        let line = u32::try_from(line.max(1)).unwrap_or(u32::MAX);
        stretch_of(stretches, line).map_or(line, |stretch| stretch.own.unwrap_or(stretch.line + (line - stretch.from)))
    }
}

fn stretch_of(stretches: &[Stretch], line: u32) -> Option<&Stretch> {
    stretches.iter().rev().find(|stretch| stretch.from <= line)
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
    let text = nesting::capped(input, &mut findings);
    let (marked, marks) =
        if input.placeholders { placeholders::mark(&text) } else { (text.into_owned(), Marks::default()) };
    let arena = Arena::new();
    let options = shipped_options();
    let root = comrak::parse_document(&arena, &marked, &options);
    columns::in_characters(root, &marked);
    let lines: Vec<&str> = input.text.split('\n').collect();
    check_headings(root, input, &lines, &mut findings);
    alerts::take(root, input, &mut findings);
    definitions::check_notes(root, input, &lines, &mut findings);
    definitions::check_links(root, input, &lines, &mut findings);
    let definitions = definitions::notes(root, input, &mut findings);
    prepare::prepare(root, input.language, &marks);
    let groups = cut(root);
    anchors::check(root, input, &mut findings);
    anchors::name(root, groups.title, &marks);

    let mut renderer = html::Renderer::new(input, &options, &marks, &mut findings);
    let notes: Notes = definitions
        .into_iter()
        .map(|(name, note)| (name.into(), renderer.render(&note.children().collect::<Vec<_>>())))
        .collect();
    let notes = Arc::new(notes);
    let fragment = |renderer: &mut html::Renderer<'_, '_>, nodes: &[Node<'_>]| {
        let html = renderer.render(nodes);
        let html = match input.terms {
            Some(terms) => terms.link(html, input.language, &input.origin.place(1, 1, 1)),
            None => html,
        };
        let (headings, anchors) = renderer.take_anchors();
        Arc::new(Fragment {
            words: words(&html.text),
            html,
            headings,
            anchors,
            notes: Arc::clone(&notes),
            canonical: (!nodes.is_empty()).then(|| canonical::digest(nodes, &marks, &input.ground)),
            lines: lines_of(nodes, &input.origin),
        })
    };
    let heading = |renderer: &mut html::Renderer<'_, '_>, node: Node<'_>| {
        let children: Vec<Node<'_>> = node.children().collect();
        let html = renderer.render(&children);
        let text = renderer.plain(node);
        let data = node.data();
        let attributes = data.attrs.as_deref();
        ParsedHeading {
            level: level(node),
            id: attributes.and_then(|a| a.id.as_deref()).map(Into::into),
            classes: attributes.map(|a| a.classes.iter().map(|c| c.as_str().into()).collect()).unwrap_or_default(),
            pairs: attributes
                .map(|a| a.pairs.iter().map(|(k, v)| (k.as_str().into(), v.as_str().into())).collect())
                .unwrap_or_default(),
            html,
            text,
            canonical: canonical::digest(&children, &marks, &input.ground),
            place: place_of(node, &input.origin),
        }
    };
    let title = groups.title.map(|node| heading(&mut renderer, node));
    let opening = fragment(&mut renderer, &groups.opening);
    let unaddressed = fragment(&mut renderer, &groups.unaddressed);
    let sections = groups
        .sections
        .iter()
        .map(|(node, nodes)| (heading(&mut renderer, node), fragment(&mut renderer, nodes)))
        .collect();
    Document { title, opening, unaddressed, sections, findings }
}

/// A line of plain text with placeholders, such as a title in front matter: no Markdown, not escaped.
pub fn line(text: &str, placeholders: bool, origin: &Origin, findings: &mut Findings) -> Pieces {
    if !placeholders {
        return Pieces::fixed(text);
    }
    let (marked, marks) = placeholders::mark(text);
    let mut line = (Pieces::default(), findings, origin);
    marks.split(
        &marked,
        &mut line,
        |(pieces, ..), text| pieces.text.push_str(text),
        |(pieces, findings, origin), mark| match placeholders::read(mark, origin.place(1, 1, 1)) {
            Ok(placeholder) => {
                let at = u32::try_from(pieces.text.len()).unwrap_or(u32::MAX);
                pieces.holes.push((at, Hole::Value(Arc::new(placeholder))));
            }
            Err(finding) => {
                findings.push(*finding);
                pieces.text.push_str(&mark.text);
            }
        },
    );
    line.0
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

/// The top-level nodes of a document, cut at its headings.
struct Groups<'a> {
    title: Option<Node<'a>>,
    opening: Vec<Node<'a>>,
    unaddressed: Vec<Node<'a>>,
    sections: Vec<(Node<'a>, Vec<Node<'a>>)>,
}

fn cut<'a>(root: Node<'a>) -> Groups<'a> {
    let mut groups = Groups { title: None, opening: Vec::new(), unaddressed: Vec::new(), sections: Vec::new() };
    // A heading inside an element that is still open is part of the text around it.
    let mut unclosed = 0;
    for node in root.children() {
        match node.data().value {
            NodeValue::FootnoteDefinition(_) => continue,
            NodeValue::HtmlBlock(ref block) => unclosed += opened(&block.literal),
            NodeValue::Heading(heading) if heading.level == 1 && groups.title.is_none() => {
                groups.title = Some(node);
                continue;
            }
            NodeValue::Heading(_) if has_id(node) => {
                groups.sections.push((node, Vec::new()));
                continue;
            }
            _ => {}
        }
        let starts_unaddressed = matches!(node.data().value, NodeValue::Heading(heading) if heading.level <= 2 && unclosed <= 0)
            || !groups.unaddressed.is_empty();
        match groups.sections.last_mut() {
            Some((_, nodes)) => nodes.push(node),
            None if starts_unaddressed => groups.unaddressed.push(node),
            None => groups.opening.push(node),
        }
    }
    groups
}

/// How many elements that hold text some HTML opens and leaves open, less those that it closes.
fn opened(html: &str) -> isize {
    let html = html.to_ascii_lowercase();
    let count = |tag: &str| html.matches(tag).count() as isize;
    let tags = [("<details", "</details"), ("<div", "</div"), ("<section", "</section"), ("<aside", "</aside")];
    tags.iter().map(|(start, end)| count(start) - count(end)).sum()
}

/// The heading's level in its page: a later h1 counts as h2.
fn level(node: Node<'_>) -> u8 {
    match node.data().value {
        NodeValue::Heading(heading) => heading.level.max(1),
        _ => 2,
    }
}

fn has_id(node: Node<'_>) -> bool {
    node.data().attrs.as_ref().is_some_and(|attributes| attributes.id.is_some())
}

/// Reports headings where none may be, and attributes that are not what they look like.
fn check_headings<'a>(root: Node<'a>, input: &Input<'_>, lines: &[&str], findings: &mut Findings) {
    for node in root.descendants().filter(|node| matches!(node.data().value, NodeValue::Heading(_))) {
        let data = node.data();
        let place = place_of(node, &input.origin);
        if input.author == Author::LayerText {
            findings.push(
                Diagnostic::new(Code::E106, place.clone(), "an override text has no headings")
                    .hint("add a section of its own under `insert:`"),
            );
            continue;
        }
        match data.attrs.as_deref() {
            None => {
                let line = lines.get(data.sourcepos.start.line - 1).copied().unwrap_or_default();
                if looks_like_attributes(line, input.placeholders) {
                    findings.push(
                        Diagnostic::new(
                            Code::E205,
                            place,
                            "what stands in braces at the end of this heading is no attribute list",
                        )
                        .hint(attributes::meant(line)),
                    );
                }
            }
            Some(attributes) => {
                let (first, last) = (data.sourcepos.start.line, data.sourcepos.end.line);
                let mut written = lines.get(first - 1..last).unwrap_or_default().iter().rev();
                let list = written.find_map(|line| line.rsplit_once('{')).map_or("", |(_, list)| list);
                attributes::check(attributes, list, &place, findings);
            }
        }
    }
}

/// Whether a heading's line ends in `{…}` that the parser did not take: braces of a placeholder,
/// and escaped ones, are text.
fn looks_like_attributes(line: &str, placeholders: bool) -> bool {
    let line = line.trim_end().trim_end_matches('#').trim_end();
    let Some(before_end) = line.strip_suffix('}') else { return false };
    if before_end.ends_with('\\') {
        return false;
    }
    let Some(start) = before_end.rfind('{') else { return false };
    let before = &before_end[..start];
    let doubled = before.ends_with('{') && before_end.ends_with('}');
    !before.ends_with('\\') && !(doubled && (placeholders || !before.trim_end_matches('{').ends_with('\\')))
}

/// How many words stand between the tags of some HTML.
fn words(html: &str) -> u32 {
    let mut words = 0;
    let mut in_tag = false;
    let mut in_word = false;
    for byte in html.bytes() {
        match byte {
            b'<' => (in_tag, in_word) = (true, false),
            b'>' => in_tag = false,
            byte if in_tag || byte.is_ascii_whitespace() => in_word = false,
            _ if !in_word => {
                in_word = true;
                words += 1;
            }
            _ => {}
        }
    }
    words
}

/// The lines of the file that some nodes come from, both inclusive.
fn lines_of(nodes: &[Node<'_>], origin: &Origin) -> (u32, u32) {
    let (Some(first), Some(last)) = (nodes.first(), nodes.last()) else { return (0, 0) };
    let start = origin.own_line(first.data().sourcepos.start.line);
    let end = origin.own_line(last.data().sourcepos.end.line);
    (start, end.max(start))
}

/// The place of a node: inline positions are hints, so they are kept within reason.
fn place_of(node: Node<'_>, origin: &Origin) -> Place {
    let position = node.data().sourcepos;
    let length = if position.end.line == position.start.line {
        (position.end.column + 1).saturating_sub(position.start.column)
    } else {
        1
    };
    origin.place(position.start.line, position.start.column, length)
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

/// The anchor of a heading without an explicit id.
fn anchor_of(node: Node<'_>) -> SectionId {
    node.data().attrs.as_ref().and_then(|attributes| attributes.id.as_deref()).unwrap_or_default().into()
}
