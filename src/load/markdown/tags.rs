//! Raw HTML cut into tags and what stands between them, as a browser would cut it.
//!
//! Not a parser of HTML: it says where a tag ends and where text is code, and leaves every byte as it is.

use std::ops::Range;

/// A stretch of raw HTML.
#[derive(Debug, PartialEq)]
pub enum Part<'h> {
    /// Character data.
    Text(&'h str),
    /// Comments, and what stands in scripts, styles, code and the like.
    Verbatim(&'h str),
    /// A start tag or an end tag.
    Tag(Tag<'h>),
}

/// A tag.
#[derive(Debug, PartialEq)]
pub struct Tag<'h> {
    /// All of it.
    pub html: &'h str,
    /// Its attributes that have a value, in order.
    pub attributes: Vec<Attribute<'h>>,
}

/// An attribute with a quoted or bare value.
#[derive(Debug, PartialEq)]
pub struct Attribute<'h> {
    /// Its name, as written.
    pub name: &'h str,
    /// Where its value stands in the tag, without quotes.
    pub value: Range<usize>,
    /// Whether it has quotes.
    pub is_quoted: bool,
}

/// The elements that are open and whose text is no prose, outermost first.
pub type Open = Vec<String>;

/// Elements in which no tag but their own end is one.
const RAW: [&str; 4] = ["script", "style", "textarea", "title"];
/// Further elements whose text is no prose.
const CODE: [&str; 2] = ["code", "pre"];

/// The stretches of `html`, which begins inside of what is open.
pub fn parts<'h>(html: &'h str, open: &mut Open) -> Vec<Part<'h>> {
    let mut parts = Vec::new();
    let mut rest = html;
    while !rest.is_empty() {
        let (part, after) = next(rest, open);
        parts.push(part);
        rest = after;
    }
    parts
}

/// The tags of `html` alone.
pub fn tags(html: &str) -> impl Iterator<Item = Tag<'_>> {
    parts(html, &mut Open::new()).into_iter().filter_map(|part| match part {
        Part::Tag(tag) => Some(tag),
        Part::Text(_) | Part::Verbatim(_) => None,
    })
}

fn next<'h>(html: &'h str, open: &mut Open) -> (Part<'h>, &'h str) {
    let raw = open.last().filter(|name| RAW.contains(&name.as_str())).map(|name| raw_end(html, name));
    if let Some(length) = raw.filter(|length| *length > 0) {
        let (text, after) = html.split_at(length);
        return (Part::Verbatim(text), after);
    }
    let is_name = |text: &str| text.starts_with(|c: char| c.is_ascii_alphabetic());
    if let Some(inner) = html.strip_prefix('<') {
        if is_name(inner.strip_prefix('/').unwrap_or(inner)) {
            let tag = tag(html, open);
            let after = &html[tag.html.len()..];
            return (Part::Tag(tag), after);
        }
        if inner.starts_with(['!', '?', '/']) {
            let (comment, after) = html.split_at(comment(html));
            return (Part::Verbatim(comment), after);
        }
    }
    // A `<` of its own is text.
    let first = html.chars().next().map_or(0, char::len_utf8);
    let length = html[first..].find('<').map_or(html.len(), |at| first + at);
    let (text, after) = html.split_at(length);
    (if open.is_empty() { Part::Text(text) } else { Part::Verbatim(text) }, after)
}

/// Where the end tag of an element of raw text starts.
fn raw_end(html: &str, name: &str) -> usize {
    let ends = |at: usize| {
        let found = html.get(at + 2..at + 2 + name.len());
        found.is_some_and(|found| found.eq_ignore_ascii_case(name)) && ends_name(html, at + 2 + name.len())
    };
    html.match_indices("</").map(|(at, _)| at).find(|at| ends(*at)).unwrap_or(html.len())
}

/// The length of a comment, or of what browsers take for one.
fn comment(html: &str) -> usize {
    let Some(inner) = html.strip_prefix("<!--") else { return html.find('>').map_or(html.len(), |at| at + 1) };
    for empty in [">", "->"] {
        if inner.starts_with(empty) {
            return 4 + empty.len();
        }
    }
    let ends = ["-->", "--!>"].into_iter().filter_map(|end| Some(inner.find(end)? + 4 + end.len()));
    ends.min().unwrap_or(html.len())
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
        let mut names = tags(html).flat_map(|tag| tag.attributes).map(|attribute| attribute.name.to_ascii_lowercase());
        names.find(|name| name == "style" || (name.starts_with("on") && name.len() > 2))
    };
    element.map(|name| format!("`<{name}>`")).or_else(|| attribute().map(|name| format!("`{name}=`")))
}

fn ends_name(html: &str, at: usize) -> bool {
    html.as_bytes().get(at).is_none_or(|b| b.is_ascii_whitespace() || matches!(b, b'>' | b'/'))
}

/// Reads the tag that `html` begins with, and notes what it opens or closes.
fn tag<'h>(html: &'h str, open: &mut Open) -> Tag<'h> {
    let bytes = html.as_bytes();
    let closes = bytes.get(1) == Some(&b'/');
    let start = if closes { 2 } else { 1 };
    let mut at = skip(bytes, start, |b| !b.is_ascii_whitespace() && b != b'>' && b != b'/');
    let name = html[start..at].to_ascii_lowercase();
    if closes {
        open.truncate(open.iter().rposition(|known| *known == name).unwrap_or(open.len()));
    } else if RAW.contains(&name.as_str()) || CODE.contains(&name.as_str()) {
        open.push(name);
    }
    let mut attributes = Vec::new();
    loop {
        at = skip(bytes, at, |b| b.is_ascii_whitespace() || b == b'/');
        if matches!(bytes.get(at), None | Some(b'>')) {
            return Tag { html: &html[..(at + 1).min(html.len())], attributes };
        }
        let name_start = at;
        at = skip(bytes, at + 1, |b| !b.is_ascii_whitespace() && !matches!(b, b'=' | b'>' | b'/'));
        let name = &html[name_start..at];
        let equals = skip(bytes, at, |b| b.is_ascii_whitespace());
        if bytes.get(equals) != Some(&b'=') {
            continue;
        }
        at = skip(bytes, equals + 1, |b| b.is_ascii_whitespace());
        let (value, is_quoted) = match bytes.get(at) {
            Some(&quote @ (b'"' | b'\'')) => {
                let start = at + 1;
                let end = skip(bytes, start, |b| b != quote);
                at = (end + 1).min(bytes.len());
                (start..end, true)
            }
            _ => {
                let start = at;
                at = skip(bytes, at, |b| !b.is_ascii_whitespace() && b != b'>');
                (start..at, false)
            }
        };
        attributes.push(Attribute { name, value, is_quoted });
    }
}

fn skip(bytes: &[u8], from: usize, while_true: impl Fn(u8) -> bool) -> usize {
    bytes
        .get(from..)
        .and_then(|rest| rest.iter().position(|b| !while_true(*b)))
        .map_or(bytes.len(), |count| from + count)
}
