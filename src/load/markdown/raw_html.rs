//! The attributes of raw HTML that point somewhere, or can be pointed at.
//!
//! Not a parser of HTML: it walks over tags the way CommonMark recognises them, and leaves every
//! other byte alone.

use std::ops::Range;

/// An attribute with a quoted or bare value.
#[derive(Debug, PartialEq)]
pub struct Attribute<'h> {
    /// Its name, as written.
    pub name: &'h str,
    /// Where its value stands in the HTML, without quotes.
    pub value: Range<usize>,
}

/// The attributes of all start tags in `html`, in order.
pub fn attributes(html: &str) -> Vec<Attribute<'_>> {
    let bytes = html.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(open) = html.get(at..).and_then(|rest| rest.find('<')) {
        at += open + 1;
        if html[at..].starts_with("!--") {
            at += html[at..].find("-->").map_or(html.len() - at, |end| end + 3);
            continue;
        }
        if !bytes.get(at).is_some_and(u8::is_ascii_alphabetic) {
            continue;
        }
        at = skip(bytes, at, |b| !b.is_ascii_whitespace() && b != b'>' && b != b'/');
        at = tag(html, at, &mut found);
    }
    found
}

/// What in some HTML the content security policy of every page stops (spec §8): scripts, and inline styles.
pub fn stopped(html: &str) -> Option<String> {
    let lower = html.to_ascii_lowercase();
    let element = ["script", "style", "iframe", "object", "embed"].into_iter().find(|name| {
        lower.match_indices(&format!("<{name}")).any(|(at, found)| {
            let tag = lower[at..].split('>').next().unwrap_or_default();
            // A script of one's own in a file runs, and data is no script.
            let allowed = *name == "script" && (tag.contains("src=") || tag.contains("application/ld+json"));
            ends_name(&lower, at + found.len()) && !allowed
        })
    });
    let attribute = || {
        let found = attributes(html).into_iter().map(|attribute| attribute.name.to_ascii_lowercase());
        found.into_iter().find(|name| name == "style" || (name.starts_with("on") && name.len() > 2))
    };
    element.map(|name| format!("`<{name}>`")).or_else(|| attribute().map(|name| format!("`{name}=`")))
}

fn ends_name(html: &str, at: usize) -> bool {
    html.as_bytes().get(at).is_none_or(|b| b.is_ascii_whitespace() || matches!(b, b'>' | b'/'))
}

/// Reads attributes up to the end of the tag; gives the position after it.
fn tag<'h>(html: &'h str, mut at: usize, found: &mut Vec<Attribute<'h>>) -> usize {
    let bytes = html.as_bytes();
    loop {
        at = skip(bytes, at, |b| b.is_ascii_whitespace() || b == b'/');
        if matches!(bytes.get(at), None | Some(b'>')) {
            return at;
        }
        let name_start = at;
        at = skip(bytes, at, |b| !b.is_ascii_whitespace() && !matches!(b, b'=' | b'>' | b'/'));
        let name = &html[name_start..at];
        let equals = skip(bytes, at, |b| b.is_ascii_whitespace());
        if bytes.get(equals) != Some(&b'=') {
            at = at.max(name_start + 1);
            continue;
        }
        at = skip(bytes, equals + 1, |b| b.is_ascii_whitespace());
        let value = match bytes.get(at) {
            Some(&quote @ (b'"' | b'\'')) => {
                let start = at + 1;
                let end = skip(bytes, start, |b| b != quote);
                at = (end + 1).min(bytes.len());
                start..end
            }
            _ => {
                let start = at;
                at = skip(bytes, at, |b| !b.is_ascii_whitespace() && b != b'>');
                start..at
            }
        };
        found.push(Attribute { name, value });
    }
}

fn skip(bytes: &[u8], from: usize, while_true: impl Fn(u8) -> bool) -> usize {
    bytes
        .get(from..)
        .and_then(|rest| rest.iter().position(|b| !while_true(*b)))
        .map_or(bytes.len(), |count| from + count)
}
