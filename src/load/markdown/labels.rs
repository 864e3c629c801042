//! Placeholders in the label of a reference: no use of such a label is the same as its definition, so both
//! would vanish.

use std::collections::BTreeSet;

use comrak::nodes::{Node, NodeValue};

use crate::diagnostic::Findings;
use crate::load::markdown::Input;
use crate::load::markdown::origin::place_of_mark;
use crate::load::markdown::placeholders::{Mark, Marks, misplaced};

/// Reports definitions that have vanished from the parsed text (E117).
pub fn check<'a>(root: Node<'a>, input: &Input<'_>, marks: &Marks, findings: &mut Findings) {
    if !input.text.contains("]:") {
        return;
    }
    let spans: Vec<Vec<(u32, u32)>> = input.text.split('\n').map(label_spans).collect();
    let labels: Vec<&Mark> = marks.all().iter().filter(|mark| is_within(mark, &spans)).collect();
    if labels.is_empty() {
        return;
    }
    let mut there: BTreeSet<(u32, u32)> = BTreeSet::new();
    for node in root.descendants() {
        let mut see = |text: &str| there.extend(marks.of(text).map(|mark| mark.position));
        match &node.data().value {
            NodeValue::Text(text) => see(text),
            NodeValue::Code(code) => see(&code.literal),
            NodeValue::CodeBlock(block) => see(&block.literal),
            NodeValue::HtmlBlock(block) => see(&block.literal),
            NodeValue::HtmlInline(html) => see(html),
            _ => {}
        }
    }
    for mark in labels.into_iter().filter(|mark| !there.contains(&mark.position)) {
        let place = place_of_mark(mark, &input.origin);
        let message = "a placeholder cannot stand in the label of a reference";
        findings
            .push(misplaced(mark, place, message).with("give the reference a name in plain words: `[words]: address`"));
    }
}

/// The columns of what may be labels of definitions in a line, from 0: `[words]: …`.
fn label_spans(line: &str) -> Vec<(u32, u32)> {
    let mut spans = Vec::new();
    let mut open = None;
    for ((column, c), next) in (0..).zip(line.chars()).zip(line.chars().skip(1)) {
        match c {
            '[' => open = Some(column),
            ']' => spans.extend(open.take().filter(|_| next == ':').map(|open| (open, column))),
            _ => {}
        }
    }
    spans
}

fn is_within(mark: &Mark, spans: &[Vec<(u32, u32)>]) -> bool {
    let (line, column) = mark.position;
    let spans = spans.get(line as usize).map(Vec::as_slice).unwrap_or_default();
    let next = spans.partition_point(|(_, end)| *end <= column);
    spans.get(next).is_some_and(|(start, _)| *start < column)
}
