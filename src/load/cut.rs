//! What goes wrong in YAML most, in an author's words: a ` #` that cuts a text short, a tab, a colon.

use crate::diagnostic::{Code, Diagnostic, Place, escaped};

/// The reader's message in an author's words.
pub fn explain(info: &str, line: &str) -> (String, Option<&'static str>) {
    if line.starts_with("<<<<<<<") || line.starts_with("=======") || line.starts_with(">>>>>>>") {
        return (
            "a conflict of a merge is still in this file".to_owned(),
            Some("choose one side and remove the marks"),
        );
    }
    if line.trim_start_matches(' ').starts_with('\t') || info.contains("tab") {
        return ("a tab where YAML wants spaces".to_owned(), Some("indent with spaces"));
    }
    if info.contains("mapping values are not allowed") {
        let message = "a `: ` inside a text without quotes".to_owned();
        return (message, Some("put quotes around it: \"Let op: bel 112\""));
    }
    let message = info.lines().next().unwrap_or("this is no YAML").trim_end_matches('.');
    (format!("this YAML cannot be read: {}", escaped(message)), None)
}

/// What a ` #` without a space behind it makes of the rest of a line: to YAML a comment, hardly to its author.
pub fn comment(rest: &str) -> Option<&str> {
    let comment = rest.trim_start_matches([' ', '\t']);
    let cut = rest.len() > comment.len()
        && comment.starts_with('#')
        && comment.chars().nth(1).is_some_and(|c| !c.is_whitespace() && c != '#');
    cut.then_some(comment)
}

/// The finding for a text that its ` #` cuts short; `rest` is what follows the text on its line.
pub fn finding(code: Code, place: Place, text: &str, rest: &str) -> Diagnostic {
    let comment = rest.trim();
    let first = comment.split_whitespace().next().unwrap_or("#");
    // `page #section:` is a key: an address that was torn apart.
    if !text.is_empty() && first.ends_with(':') && is_address(text) && is_address(&first[1..first.len() - 1]) {
        let meant = format!("{text}{first}");
        return Diagnostic::new(code, place, "an address has no space before its `#`")
            .hint(format!("write it as {}", escaped(&meant)));
    }
    let whole = if text.is_empty() {
        first.trim_end_matches([',', '}', ']']).to_owned()
    } else {
        format!("{text}{}", rest.trim_end())
    };
    Diagnostic::new(code, place, format!("` {}` would be dropped as a comment", escaped(first)))
        .hint(format!("put quotes around it: \"{}\"; or write a space after the `#` of a comment", escaped(&whole)))
}

fn is_address(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-/_.".contains(c))
}

/// Between brackets a ` #` takes the bracket with it, so that the reader stumbles lines later: gives the line
/// (from 1), the column (from 0) and the text of the ` #` that it must have been.
pub fn in_flow(lines: &[&str], stumbled: usize, info: &str) -> Option<(usize, usize, String)> {
    if !info.contains("flow") {
        return None;
    }
    let last = stumbled.min(lines.len());
    for number in (last.saturating_sub(20)..last).rev() {
        let line = lines[number];
        let mut quote = None;
        for (at, c) in line.char_indices() {
            match quote {
                Some(open) if c == open => quote = None,
                Some(_) => {}
                None if matches!(c, '"' | '\'') => quote = Some(c),
                None if c == '#' => {
                    let before = line[..at].trim_end();
                    if before.len() < at && before.contains(['{', '[']) && comment(&line[before.len()..]).is_some() {
                        return Some((number + 1, line[..at].chars().count(), line[at..].to_owned()));
                    }
                    break;
                }
                None => {}
            }
        }
    }
    None
}
