//! What the headings of a text are called in links: each id once, on the whole page.

use std::collections::{BTreeMap, BTreeSet};

use comrak::Anchorizer;
use comrak::nodes::{Node, NodeValue};

use crate::book::is_reserved;
use crate::diagnostic::{Code, Findings, Place};
use crate::load::markdown::origin::place_of;
use crate::load::markdown::placeholders::Marks;
use crate::load::markdown::{Input, tags};

/// Gives every heading that has no explicit id its automatic one: fixed here on the whole page, so that no insert
/// ever renumbers one. The title's comes last: it never takes the name of a heading.
pub fn name<'a>(root: Node<'a>, title: Option<Node<'a>>, marks: &Marks) {
    let is_title = |node: &Node<'a>| title.is_some_and(|title| title.same_node(node));
    let mut taken: BTreeSet<String> = headings(root).filter_map(id_of).chain(raw_ids(root)).collect();
    let mut anchorizer = Anchorizer::new();
    let others = headings(root).filter(|node| !is_title(node));
    for node in others.chain(title).filter(|node| id_of(node).is_none()).collect::<Vec<_>>() {
        let mut text = marks.restore(&node.collect_text());
        let anchor = loop {
            let anchor = anchorizer.anchorize(&text);
            let anchor = if anchor.is_empty() { anchorizer.anchorize("kop") } else { anchor };
            if is_reserved(&anchor) {
                text.push_str("-1");
            } else if !taken.contains(&anchor) {
                break anchor;
            }
        };
        taken.insert(anchor.clone());
        node.data_mut().attrs.get_or_insert_default().id = Some(anchor);
    }
}

/// Reports explicit ids that stand twice on the page, or that every page has (E109).
pub fn check<'a>(root: Node<'a>, input: &Input<'_>, findings: &mut Findings) {
    let mut first_lines: BTreeMap<String, Place> = BTreeMap::new();
    for (id, node) in headings(root).filter_map(|node| Some((id_of(node)?, node))) {
        let place = place_of(node, &input.origin);
        if is_reserved(&id) {
            findings
                .report(Code::E109, &place, format!("the id `{id}` is leidraad's own on every page"))
                .hint("give the heading another id");
        } else if let Some(first) = first_lines.get(&id) {
            let message = format!("the id `{id}` stands on this page twice, first on line {}", first.line);
            findings.report(Code::E109, &place, message).hint("give one of the two headings another id");
        } else {
            first_lines.insert(id, place);
        }
    }
}

fn headings<'a>(root: Node<'a>) -> impl Iterator<Item = Node<'a>> {
    root.descendants().filter(|node| matches!(node.data().value, NodeValue::Heading(_)))
}

fn id_of(node: Node<'_>) -> Option<String> {
    node.data().attrs.as_ref().and_then(|attributes| attributes.id.clone())
}

fn raw_ids<'a>(root: Node<'a>) -> impl Iterator<Item = String> {
    let ids = |html: &str| -> Vec<String> {
        let values = tags::tags(html).flat_map(|tag| {
            let ids = tag.attributes.iter().filter(|attribute| attribute.name.eq_ignore_ascii_case("id"));
            ids.map(|attribute| tag.html[attribute.value.clone()].to_owned()).collect::<Vec<_>>()
        });
        values.collect()
    };
    root.descendants().flat_map(move |node| match &node.data().value {
        NodeValue::HtmlBlock(block) => ids(&block.literal),
        NodeValue::HtmlInline(html) => ids(html),
        _ => Vec::new(),
    })
}
