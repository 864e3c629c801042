//! Alerts that the parser takes for quotes: `>[!NOTE]` without a space is one, `> [!DANGER]` is none and says so.

use comrak::nodes::{AlertType, Node, NodeAlert, NodeValue};

use crate::diagnostic::{Code, Findings, did_you_mean, escaped};
use crate::load::markdown::Input;
use crate::load::markdown::origin::place_of;

const KINDS: [(&str, AlertType); 5] = [
    ("NOTE", AlertType::Note),
    ("TIP", AlertType::Tip),
    ("IMPORTANT", AlertType::Important),
    ("WARNING", AlertType::Warning),
    ("CAUTION", AlertType::Caution),
];

/// Makes alerts of such quotes.
pub fn take<'a>(root: Node<'a>, input: &Input<'_>, findings: &mut Findings) {
    let quotes = root.descendants().filter(|node| matches!(node.data().value, NodeValue::BlockQuote));
    for quote in quotes.collect::<Vec<_>>() {
        let Some((text, name, title)) = start(quote) else { continue };
        let Some((_, alert_type)) = KINDS.into_iter().find(|(kind, _)| kind.eq_ignore_ascii_case(&name)) else {
            let message = format!("`[!{}]` is no alert, so this is an ordinary quote", escaped(&name));
            let near = did_you_mean(&name.to_uppercase(), KINDS.map(|(kind, _)| kind));
            let hint = near.unwrap_or_else(|| "an alert is a NOTE, TIP, IMPORTANT, WARNING or CAUTION".to_owned());
            findings.report(Code::N203, &place_of(quote, &input.origin), message).hint(hint);
            continue;
        };
        let paragraph = text.parent();
        if let Some(rest) = text.next_sibling() {
            rest.detach();
        }
        text.detach();
        if let Some(paragraph) = paragraph.filter(|paragraph| paragraph.first_child().is_none()) {
            paragraph.detach();
        }
        let title = Some(title).filter(|title| !title.is_empty());
        let alert = NodeAlert { alert_type, title, multiline: false, fence_length: 0, fence_offset: 0 };
        quote.data_mut().value = NodeValue::Alert(Box::new(alert));
    }
}

/// The text of a quote's first line where it is `[!NAME]`, perhaps with a title, and nothing else.
fn start<'a>(quote: Node<'a>) -> Option<(Node<'a>, String, String)> {
    let text = quote.first_child()?.first_child()?;
    let ends = text.next_sibling().is_none_or(|next| matches!(next.data().value, NodeValue::SoftBreak));
    let data = text.data();
    let (name, title) = data.value.text().filter(|_| ends)?.strip_prefix("[!")?.split_once(']')?;
    name.bytes().all(|byte| byte.is_ascii_alphabetic()).then(|| (text, name.to_owned(), title.trim().to_owned()))
}
