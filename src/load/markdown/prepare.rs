//! The parser's tree made ready for rendering: quotes as the language sets them, and placeholders
//! in code turned back into text.

use comrak::nodes::{Node, NodeValue};
use memchr::memchr3;

use crate::book::Language;
use crate::load::markdown::placeholders::Marks;
use crate::load::markdown::typography;

/// Changes the tree of a text in place.
pub fn prepare<'a>(root: Node<'a>, text: &str, language: &Language, marks: &Marks) {
    // A reference (`&lsquo;`) can be a quote too.
    let may_quote = !text.is_ascii() || memchr3(b'"', b'\'', b'&', text.as_bytes()).is_some();
    if marks.all().is_empty() && !may_quote {
        return;
    }
    for node in root.descendants() {
        if !marks.all().is_empty() {
            restore_code(node, marks);
        }
        if may_quote && node.data().value.contains_inlines() {
            set_quotes(node, language);
        }
    }
}

fn restore_code(node: Node<'_>, marks: &Marks) {
    match &mut node.data_mut().value {
        NodeValue::Code(code) => code.literal = marks.restore(&code.literal),
        NodeValue::CodeBlock(block) => {
            block.literal = marks.restore(&block.literal);
            block.info = marks.restore(&block.info);
        }
        _ => {}
    }
}

/// Sees the text of one block as a whole, whatever markup cuts it into runs.
fn set_quotes<'a>(block: Node<'a>, language: &Language) {
    let texts: Vec<Node<'a>> =
        block.descendants().filter(|node| matches!(node.data().value, NodeValue::Text(_))).collect();
    let is_quoted = |node: &Node<'_>| {
        let data = node.data();
        data.value.text().is_some_and(|text| !text.is_ascii() && text.contains(['‘', '’', '“', '”']))
    };
    if !texts.iter().any(is_quoted) {
        return;
    }
    let mut runs: Vec<String> =
        texts.iter().map(|node| node.data().value.text().map(|text| text.to_owned()).unwrap_or_default()).collect();
    typography::set(language, &mut runs);
    for (node, run) in texts.iter().zip(runs) {
        if let Some(text) = node.data_mut().value.text_mut() {
            *text = run.into();
        }
    }
}
