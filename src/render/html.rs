//! Escaping, and the words that every page needs.

use std::fmt::Write;

use crate::book::Reason;

/// Appends text so that it is text in an element and in a quoted attribute.
pub fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
}

/// The escaped text.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    escape(&mut out, text);
    out
}

/// Appends an address for `href` or `src`: percent-encoded where a URL needs it, then escaped.
pub fn escape_url(out: &mut String, url: &str) {
    for c in url.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '\'' => out.push_str("&#39;"),
            c if c.is_ascii_alphanumeric() || "-_.~!*();:@=+$,/?#[]%".contains(c) => out.push(c),
            c => {
                let mut bytes = [0; 4];
                for byte in c.encode_utf8(&mut bytes).bytes() {
                    // Writing into a string does not fail.
                    let _ = write!(out, "%{byte:02X}");
                }
            }
        }
    }
}

/// Line and column, from 1, of a byte offset.
pub fn position(text: &str, offset: usize) -> (u32, u32) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.bytes().filter(|b| *b == b'\n').count() + 1;
    let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
    (u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(column).unwrap_or(u32::MAX))
}

/// A reason in a language, or in another with its `lang`.
pub fn reason_html(reason: &Reason, language: &str) -> String {
    match reason.get(language) {
        Some((own, text)) if **own == *language => escaped(text),
        Some((own, text)) => format!("<span lang=\"{}\">{}</span>", escaped(own), escaped(text)),
        None => String::new(),
    }
}
