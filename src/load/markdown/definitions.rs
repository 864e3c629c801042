//! Names that a text defines twice: the first definition counts, and the author hears of the second.

use std::collections::BTreeMap;

use comrak::nodes::{Node, NodeValue};

use crate::diagnostic::{Code, Findings, escaped};
use crate::load::markdown::Input;
use crate::load::markdown::origin::place_of;

/// What both kinds of names are compared by: case and the width of white space mean nothing.
pub fn label(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// The footnote definitions of a text by label, the first of each (`[^1]: …`).
pub fn notes<'a>(root: Node<'a>, input: &Input<'_>, findings: &mut Findings) -> BTreeMap<String, Node<'a>> {
    let mut definitions: Vec<(String, Node<'a>)> = root
        .descendants()
        .filter_map(|node| match &node.data().value {
            NodeValue::FootnoteDefinition(note) => Some((label(&note.name), node)),
            _ => None,
        })
        .collect();
    // The parser puts the last of a name at the end.
    definitions.sort_by_key(|(_, node)| node.data().sourcepos.start.line);
    let mut notes: BTreeMap<String, Node<'a>> = BTreeMap::new();
    for (name, node) in definitions {
        match notes.get(&name) {
            None => drop(notes.insert(name, node)),
            Some(first) => {
                let first = place_of(first, &input.origin).line;
                let message = format!("the footnote `{}` is defined twice: line {first} counts", escaped(&name));
                let place = place_of(node, &input.origin);
                findings.report(Code::N203, &place, message).hint("give one of the two another name");
            }
        }
    }
    notes
}

/// Reports link definitions of a name that has one already (`[x]: a.md`, `[X]: b.md`).
///
/// The parser forgets definitions, so they are the lines that look like one and are part of nothing else.
pub fn check_links<'a>(root: Node<'a>, input: &Input<'_>, findings: &mut Findings) {
    if !input.text.contains("]:") {
        return;
    }
    let lines: Vec<&str> = input.text.split('\n').collect();
    let definitions: Vec<(usize, String)> =
        lines.iter().zip(1..).filter_map(|(line, number)| Some((number, defined(line)?))).collect();
    if definitions.len() < 2 {
        return;
    }
    let mut text = vec![false; lines.len() + 1];
    for node in root.descendants() {
        let data = node.data();
        let is_leaf = matches!(data.value, NodeValue::CodeBlock(_) | NodeValue::HtmlBlock(_) | NodeValue::Text(_));
        if is_leaf {
            let last = data.sourcepos.end.line.min(lines.len());
            text.get_mut(data.sourcepos.start.line..=last).into_iter().flatten().for_each(|line| *line = true);
        }
    }
    let mut first: BTreeMap<String, usize> = BTreeMap::new();
    for (line, name) in definitions.into_iter().filter(|(line, _)| !text[*line]) {
        match first.get(&name) {
            None => drop(first.insert(name, line)),
            Some(first) => {
                let first = input.origin.place(*first, 1, 1).line;
                let message = format!("`[{}]` is defined twice: line {first} counts", escaped(&name));
                let place = input.origin.place(line, 1, lines[line - 1].chars().count());
                findings.report(Code::N203, &place, message).hint("give one of the two another name");
            }
        }
    }
}

/// Notes references to footnotes that are not defined: `[^x]` is published as text.
pub fn check_notes<'a>(root: Node<'a>, input: &Input<'_>, findings: &mut Findings) {
    if !input.text.contains("[^") {
        return;
    }
    let lines: Vec<&str> = input.text.split('\n').collect();
    for node in root.descendants() {
        let data = node.data();
        let Some(text) = data.value.text().filter(|text| text.contains("[^")) else { continue };
        for (at, _) in text.match_indices("[^") {
            let name = text[at + 2..].split(']').next().unwrap_or_default();
            let reference = format!("[^{name}]");
            let line = lines.get(data.sourcepos.start.line.saturating_sub(1)).copied().unwrap_or_default();
            let is_meant = text[at..].starts_with(&reference) && line.contains(&reference);
            if is_meant
                && !name.is_empty()
                && !name.contains(char::is_whitespace)
                && !line.contains(&format!("\\{reference}"))
            {
                let message = format!("there is no footnote `{}`: this is published as text", escaped(name));
                let place = place_of(node, &input.origin);
                findings.report(Code::N203, &place, message).hint("define it: `[^name]: The note.`");
            }
        }
    }
}

/// The label of a line that is a link definition, if it is one.
fn defined(line: &str) -> Option<String> {
    let line = line.trim_start_matches([' ', '>']).strip_prefix('[')?;
    let (name, target) = line.split_once("]:")?;
    let name = label(name);
    (!name.is_empty() && !name.starts_with('^') && !name.contains(['[', ']']) && !target.trim().is_empty())
        .then_some(name)
}
