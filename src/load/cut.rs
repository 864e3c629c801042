//! What goes wrong in YAML most: a ` #` that cuts a text short.

use crate::diagnostic::{Code, Diagnostic, Place, escaped};

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
    let rest = within_brackets(rest.trim_end());
    let first = rest.split_whitespace().next().unwrap_or("#");
    // `page #section:` is a key: an address that was torn apart.
    if !text.is_empty() && first.ends_with(':') && is_address(text) && is_address(&first[1..first.len() - 1]) {
        let meant = format!("{text}{first}");
        return Diagnostic::new(code, place, "an address has no space before its `#`")
            .with(format!("write it as {}", escaped(&meant)));
    }
    let whole = match text.is_empty() {
        true => first.trim_end_matches([',', '}', ']']).to_owned(),
        false => format!("{text}{rest}"),
    };
    let (message, hint) = words(&whole);
    Diagnostic::new(code, place, message).with(hint)
}

/// What is wrong with a text that holds a ` #`, and what to do.
pub fn words(whole: &str) -> (String, String) {
    let comment = if whole.starts_with('#') { whole } else { whole.find(" #").map_or(whole, |at| &whole[at..]) };
    let first = comment.split_whitespace().next().unwrap_or("#");
    (
        format!("` {}` would be dropped as a comment", escaped(first)),
        format!("put quotes around it: {}; or write a space after the `#` of a comment", escaped(&quoted(whole))),
    )
}

/// A text as a quoted one.
pub fn quoted(text: &str) -> String {
    if text.contains(['"', '\\']) { format!("'{}'", text.replace('\'', "''")) } else { format!("\"{text}\"") }
}

/// The rest of a text: what closes a bracket that was opened before it is no part of it.
fn within_brackets(rest: &str) -> &str {
    let mut open = 0_i32;
    let closes = rest.chars().any(|c| {
        open += match c {
            '{' | '[' => 1,
            '}' | ']' => -1,
            _ => 0,
        };
        open < 0
    });
    let end = if closes { rest.find([',', '}', ']']) } else { None };
    end.map_or(rest, |end| rest[..end].trim_end())
}

fn is_address(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-/_.".contains(c))
}
