//! The own text of a section or a page in a form that a layer can hold: word for word as it was typed, but
//! for what only a whole page may have.
//!
//! Headings without an id become bold lines, comments go, and the definitions and notes that the text uses
//! come with it, wherever on the page they stand.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use comrak::nodes::{Node, NodeValue};
use comrak::{Arena, Options};

use crate::load::markdown::headings::cut;
use crate::load::markdown::placeholders::Marks;
use crate::load::markdown::shipped_options;

/// The own text of a section, or the opening text, of a page's Markdown.
pub fn portable(text: &str, section: Option<&str>, has_placeholders: bool) -> String {
    let marked = if has_placeholders { Marks::default().braces(text.to_owned()) } else { text.to_owned() };
    let arena = Arena::new();
    let options = shipped_options();
    let root = comrak::parse_document(&arena, &marked, &options);
    let groups = cut(root);
    let is_named = |node: Node<'_>| node.data().attrs.as_ref().and_then(|list| list.id.clone()).as_deref() == section;
    let nodes: &[Node<'_>] = match section {
        None => &groups.opening,
        Some(_) => groups.sections.iter().find(|(node, _)| is_named(node)).map_or(&[], |(_, nodes)| nodes),
    };
    let (Some(first), Some(last)) = (nodes.first(), nodes.last()) else { return String::new() };
    let lines: Vec<&str> = text.split('\n').collect();
    let range = first.data().sourcepos.start.line..=last.data().sourcepos.end.line;
    let mut blocks = vec![own_lines(nodes, &lines, range.clone())];
    let all: Vec<Node<'_>> = root.children().collect();
    for note in notes(nodes, &all) {
        let at = note.data().sourcepos;
        if !range.contains(&at.start.line) {
            blocks.push(joined(&lines, at.start.line..=at.end.line));
        }
    }
    let whole = folded(&blocks.join("\n"));
    let definitions: Vec<String> = definitions(root, &lines, &options)
        .into_iter()
        .filter(|(label, at)| !range.contains(at.start()) && whole.contains(&format!("[{label}]")))
        .map(|(_, at)| joined(&lines, at))
        .collect();
    blocks.push(definitions.join("\n"));
    blocks.retain(|block| !block.trim().is_empty());
    blocks.join("\n\n")
}

/// The lines, from 1, without the blank ones at their end.
fn joined(lines: &[&str], range: RangeInclusive<usize>) -> String {
    let end = (*range.end()).min(lines.len());
    lines.get(range.start() - 1..end).unwrap_or_default().join("\n").trim_end().to_owned()
}

fn own_lines(nodes: &[Node<'_>], lines: &[&str], range: RangeInclusive<usize>) -> String {
    let mut changes: Vec<(RangeInclusive<usize>, Vec<String>)> = Vec::new();
    let mut comments = Vec::new();
    for node in nodes.iter().flat_map(|node| node.descendants()) {
        let at = node.data().sourcepos;
        match &node.data().value {
            NodeValue::Heading(heading) => {
                let mut end = at.end.line;
                // The line below its words belongs to the heading.
                let is_rule = |line: &&str| line.trim_end().ends_with(['=', '-']);
                if heading.setext && !(end > at.start.line && lines.get(end - 1).is_some_and(is_rule)) {
                    end += 1;
                }
                let has_list = node.data().attrs.is_some();
                let words = if heading.setext { at.start.line..=end - 1 } else { at.start.line..=at.start.line };
                let bold = bold(lines, words, (at.start.column, has_list));
                changes.push((at.start.line..=end, apart(lines, at.start.line..=end, &range, bold)));
            }
            NodeValue::HtmlBlock(block) if is_comment(&block.literal) => {
                changes
                    .push((at.start.line..=at.start.line + block.literal.trim_end().matches('\n').count(), Vec::new()));
            }
            NodeValue::HtmlInline(html) if is_comment(html) => comments.push(html.clone()),
            _ => {}
        }
    }
    let mut own: Vec<String> = lines[range.start() - 1..*range.end()].iter().map(|line| (*line).to_owned()).collect();
    changes.sort_by_key(|(at, _)| *at.start());
    for (at, new) in changes.into_iter().rev() {
        let (from, to) = (at.start() - range.start(), (at.end() + 1 - range.start()).min(own.len()));
        own.splice(from..to, new);
    }
    let own = own.join("\n");
    comments.iter().fold(own, |own, comment| own.replacen(comment.as_str(), "", 1))
}

fn is_comment(html: &str) -> bool {
    html.trim().starts_with("<!--") && html.trim().ends_with("-->")
}

/// The words of a heading as a bold line, with what stands before them; `column` is where the heading begins.
fn bold(lines: &[&str], words: RangeInclusive<usize>, (column, has_list): (usize, bool)) -> (String, String) {
    let first = lines.get(words.start() - 1).copied().unwrap_or_default();
    let (lead, first) = first.split_at_checked(column - 1).unwrap_or(("", first));
    let more = words.skip(1).filter_map(|line| lines.get(line - 1)).map(|line| line.trim_start_matches(['>', ' ']));
    let text = [first].into_iter().chain(more).collect::<Vec<_>>().join("\n");
    let text = text.trim();
    let text = if text.starts_with('#') { text.trim_start_matches('#').trim() } else { text };
    let text = closed(text);
    let text = match text.rfind('{').filter(|_| has_list) {
        Some(open) => closed(text[..open].trim_end()),
        None => text,
    };
    let text = text.replace("**", "").replace("__", "");
    let bold = if text.is_empty() { String::new() } else { format!("**{text}**") };
    (lead.to_owned(), bold)
}

/// A heading without the `#` that close it: only after a space they do.
fn closed(text: &str) -> &str {
    let bare = text.trim_end_matches('#');
    if bare.is_empty() || bare.ends_with([' ', '\t']) { bare.trim_end() } else { text }
}

/// A line that was a heading, with an empty line between it and its neighbours: a heading needs none.
fn apart(
    lines: &[&str],
    at: RangeInclusive<usize>,
    range: &RangeInclusive<usize>,
    (lead, bold): (String, String),
) -> Vec<String> {
    let is_quote = |text: &str| text.chars().all(|c| matches!(c, '>' | ' '));
    let blank = if is_quote(&lead) { lead.trim_end().to_owned() } else { String::new() };
    let is_full = |line: usize| range.contains(&line) && lines.get(line - 1).is_some_and(|line| !is_quote(line.trim()));
    let mut new = Vec::new();
    if is_full(at.start() - 1) && is_quote(&lead) {
        new.push(blank.clone());
    }
    new.push(format!("{lead}{bold}").trim_end().to_owned());
    if is_full(at.end() + 1) {
        new.push(blank);
    }
    new
}

/// The notes that some nodes use, those that the notes use among them.
fn notes<'a>(nodes: &[Node<'a>], all: &[Node<'a>]) -> Vec<Node<'a>> {
    let used = |nodes: &[Node<'a>]| -> Vec<String> {
        let names = nodes.iter().flat_map(|node| node.descendants()).filter_map(|node| match &node.data().value {
            NodeValue::FootnoteReference(note) => Some(note.name.clone()),
            _ => None,
        });
        names.collect()
    };
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    let mut waiting = used(nodes);
    while let Some(name) = waiting.pop() {
        if !seen.insert(name.clone()) {
            continue;
        }
        let is_it =
            |node: &&Node<'a>| matches!(&node.data().value, NodeValue::FootnoteDefinition(note) if note.name == name);
        if let Some(note) = all.iter().find(is_it) {
            found.push(*note);
            waiting.extend(used(&[*note]));
        }
    }
    found.sort_by_key(|note| note.data().sourcepos.start.line);
    found
}

/// The reference definitions of a text with their lines, the first of each label. The parser takes them out
/// of its tree: they are the lines that, alone, leave nothing of a text.
fn definitions(root: Node<'_>, lines: &[&str], options: &Options<'_>) -> Vec<(String, RangeInclusive<usize>)> {
    let mut code = BTreeSet::new();
    for node in root.descendants().filter(|node| matches!(node.data().value, NodeValue::CodeBlock(_))) {
        let at = node.data().sourcepos;
        code.extend(at.start.line..=at.end.line);
    }
    let is_definition = |text: &str| {
        let arena = Arena::new();
        comrak::parse_document(&arena, text, options).first_child().is_none()
    };
    let mut found: Vec<(String, RangeInclusive<usize>)> = Vec::new();
    for (line, start) in (1..).zip(lines).filter(|(line, _)| !code.contains(line)) {
        let Some((label, _)) = start.trim_start().strip_prefix('[').and_then(|rest| rest.split_once("]:")) else {
            continue;
        };
        let label = folded(label);
        if label.starts_with('^') || found.iter().any(|(known, _)| *known == label) {
            continue;
        }
        // The destination and the title may stand on lines of their own.
        let fits = |end: &usize| {
            let more = &lines[line..*end];
            let is_one = more.iter().all(|more| !more.trim().is_empty() && !more.trim_start().starts_with('['));
            is_one && is_definition(&lines[line - 1..*end].join("\n"))
        };
        let ends = line..=(line + 2).min(lines.len());
        found.extend(ends.rev().find(fits).map(|end| (label, line..=end)));
    }
    found
}

/// A label as Markdown compares them.
fn folded(label: &str) -> String {
    label.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}
