//! Where the destinations of a text's links stand: what a rename puts other words in place of.
//!
//! The parser says where code is; the destinations themselves are found by their signs, since the parser
//! forgets where it read them. What is found and is no link after all leads nowhere and is left alone.

use std::ops::Range;

use comrak::Arena;
use comrak::nodes::NodeValue;

/// The bytes of every destination: of links and images, of reference definitions, and of `href` and `src`
/// in raw HTML. Ascending.
pub fn destinations(text: &str) -> Vec<Range<usize>> {
    let code = code(text);
    let mut found = Vec::new();
    for (at, _) in text.match_indices("](") {
        found.extend(destination(text, at + 2, Some(')')));
    }
    let mut line_start = 0;
    for line in text.split_inclusive('\n') {
        let indent = line.len() - line.trim_start_matches(' ').len();
        let label = line[indent..].strip_prefix('[').filter(|rest| indent < 4 && !rest.starts_with('^'));
        if let Some(end) = label.and_then(|rest| rest.find("]:")) {
            found.extend(destination(text, line_start + indent + 1 + end + 2, None));
        }
        line_start += line.len();
    }
    for name in ["href=", "src="] {
        for (at, _) in text.match_indices(name) {
            let start = at + name.len();
            let Some(quote) = text[start..].chars().next().filter(|c| matches!(c, '"' | '\'')) else { continue };
            if let Some(length) = text[start + 1..].find(quote) {
                found.push(start + 1..start + 1 + length);
            }
        }
    }
    found
        .retain(|range| !range.is_empty() && !code.iter().any(|code| code.start < range.end && range.start < code.end));
    found.sort_by_key(|range| (range.start, range.end));
    found.dedup();
    found
}

/// A destination that starts at `from`, after white space with one line break at the most.
fn destination(text: &str, from: usize, closing: Option<char>) -> Option<Range<usize>> {
    let rest = text.get(from..)?;
    let blank = rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
    if rest[..blank].matches('\n').count() > 1 {
        return None;
    }
    let start = from + blank;
    let rest = &text[start..];
    if let Some(inner) = rest.strip_prefix('<') {
        let length = inner.find(['>', '\n'])?;
        return inner[length..].starts_with('>').then_some(start + 1..start + 1 + length);
    }
    let mut depth = 0;
    let mut escaped = false;
    for (at, c) in rest.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c.is_whitespace() => return Some(start..start + at),
            '(' => depth += 1,
            ')' if depth > 0 => depth -= 1,
            c if Some(c) == closing => return Some(start..start + at),
            _ => {}
        }
    }
    closing.is_none().then_some(start..text.len())
}

/// The bytes that are code.
fn code(text: &str) -> Vec<Range<usize>> {
    let lines: Vec<usize> = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
    let mut options = super::shipped_options();
    options.parse.sourcepos_chars = false;
    let arena = Arena::new();
    let root = comrak::parse_document(&arena, text, &options);
    let offset = |line: usize, column: usize| lines.get(line.saturating_sub(1)).map(|start| start + column);
    root.descendants()
        .filter(|node| matches!(node.data().value, NodeValue::Code(_) | NodeValue::CodeBlock(_)))
        .filter_map(|node| {
            let position = node.data().sourcepos;
            let start = offset(position.start.line, position.start.column.saturating_sub(1))?;
            Some(start..offset(position.end.line, position.end.column)?.max(start))
        })
        .collect()
}
