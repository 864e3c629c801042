//! Text and addresses as HTML.

use std::fmt::Write;

use crate::book::Reason;

/// Appends text so that it is text in an element and in a quoted attribute.
pub fn escape(out: &mut String, text: &str) {
    let mut rest = text;
    // Most text has none of the five: it is copied in one go.
    while let Some(at) = rest.bytes().position(|byte| matches!(byte, b'&' | b'<' | b'>' | b'"' | b'\'')) {
        out.push_str(&rest[..at]);
        out.push_str(match rest.as_bytes()[at] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            _ => "&#39;",
        });
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
}

/// The escaped text.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    escape(&mut out, text);
    out
}

/// Appends an address for `href` or `src`: percent-encoded where a URL needs it, then escaped.
pub fn escape_url(out: &mut String, url: &str) {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~!*();:@=+$,/?#[]%".contains(&byte);
    let mut rest = url;
    // Most addresses are copied in one go.
    while let Some(at) = rest.bytes().position(|byte| !is_plain(byte)) {
        out.push_str(&rest[..at]);
        let Some(c) = rest[at..].chars().next() else { return };
        match c {
            '&' => out.push_str("&amp;"),
            '\'' => out.push_str("&#39;"),
            c => {
                for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                    // Writing into a string does not fail.
                    let _ = write!(out, "%{byte:02X}");
                }
            }
        }
        rest = &rest[at + c.len_utf8()..];
    }
    out.push_str(rest);
}

/// A path or an id as a part of an address: what would end that part, or begin an escape, is encoded.
pub fn in_url(text: &str) -> String {
    text.replace('%', "%25").replace('#', "%23").replace('?', "%3F")
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
