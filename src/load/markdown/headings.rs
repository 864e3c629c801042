//! The headings of a text: where it is cut, what each is called in links, and what is wrong with them.

use comrak::nodes::{Node, NodeValue};

use crate::book::SectionId;
use crate::diagnostic::{Code, Findings};
use crate::load::markdown::origin::place_of;
use crate::load::markdown::{Author, Input, attributes};

/// The top-level nodes of a document, cut at its headings.
pub struct Groups<'a> {
    pub title: Option<Node<'a>>,
    pub opening: Vec<Node<'a>>,
    pub unaddressed: Vec<Node<'a>>,
    pub sections: Vec<(Node<'a>, Vec<Node<'a>>)>,
}

/// Cuts a document.
pub fn cut<'a>(root: Node<'a>) -> Groups<'a> {
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
pub fn level(node: Node<'_>) -> u8 {
    match node.data().value {
        NodeValue::Heading(heading) => heading.level.max(1),
        _ => 2,
    }
}

fn has_id(node: Node<'_>) -> bool {
    node.data().attrs.as_ref().is_some_and(|attributes| attributes.id.is_some())
}

/// Reports headings where none may be, and attributes that are not what they look like. `marked` is the
/// text as it was parsed.
pub fn check<'a>(root: Node<'a>, input: &Input<'_>, marked: &str, findings: &mut Findings) {
    let lines: Vec<&str> = marked.split('\n').collect();
    for node in root.descendants().filter(|node| matches!(node.data().value, NodeValue::Heading(_))) {
        let data = node.data();
        let place = place_of(node, &input.origin);
        if input.author == Author::LayerText {
            findings
                .report(Code::E106, &place, "an override text has no headings")
                .hint("add a section of its own under `insert:`");
            continue;
        }
        match data.attrs.as_deref() {
            None => {
                let line = lines.get(data.sourcepos.start.line - 1).copied().unwrap_or_default();
                if let Some((before, inner)) = braces(line).filter(|(_, inner)| !is_text(inner, input)) {
                    let message = "what stands in braces at the end of this heading is no attribute list";
                    let hint = attributes::meant(before, inner);
                    findings.report(Code::E205, &place, message).hint(hint);
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

/// The last braces of a heading's line that ends in them, with what stands before them; escaped ones are text.
fn braces(line: &str) -> Option<(&str, &str)> {
    let line = line.trim_end().trim_end_matches('#').trim_end();
    let inner = line.strip_suffix('}').filter(|inner| !inner.ends_with('\\'))?;
    let mut depth = 1;
    let opening = inner.char_indices().rev().find(|(_, c)| {
        depth += match c {
            '}' => 1,
            '{' => -1,
            _ => 0,
        };
        depth == 0
    });
    let at = opening.map(|(at, _)| at).or_else(|| inner.rfind('{'))?;
    let (before, inner) = (&inner[..at], &inner[at + 1..]);
    (!before.ends_with('\\')).then_some((before, inner))
}

/// Whether what stands in braces is text after all: `{{x}}` where there are no placeholders.
fn is_text(inner: &str, input: &Input<'_>) -> bool {
    !input.placeholders && inner.starts_with('{') && inner.ends_with('}')
}

/// The anchor of a heading without an explicit id.
pub fn anchor_of(node: Node<'_>) -> SectionId {
    node.data().attrs.as_ref().and_then(|attributes| attributes.id.as_deref()).unwrap_or_default().into()
}
