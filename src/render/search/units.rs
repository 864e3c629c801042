//! What is found as one: the own text of a section, or the opening of a page, under its title.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::book::{Fragment, Hole, Page, Pieces, Placeholder};

/// What is found as one.
pub(super) struct Unit<'p> {
    pub(super) anchor: &'p str,
    pub(super) title: &'p Pieces,
    pub(super) texts: Vec<&'p Arc<Fragment>>,
}

/// The page itself, then its sections.
pub(super) fn units(page: &Page) -> Vec<Unit<'_>> {
    let opening = page.opening.parts.iter().chain(&page.unaddressed.parts).map(|part| &part.fragment).collect();
    let mut units = vec![Unit { anchor: "", title: &page.name, texts: opening }];
    units.extend(page.all_sections().map(|section| Unit {
        anchor: &section.id,
        title: &section.heading.text,
        texts: section.own.parts.iter().map(|part| &part.fragment).collect(),
    }));
    units
}

impl Unit<'_> {
    /// Whether two units are of the same text under the same heading. A page's name is not part of its
    /// opening.
    pub(super) fn same(&self, other: &Unit<'_>) -> bool {
        self.anchor == other.anchor
            && (self.anchor.is_empty() || self.title == other.title)
            && self.texts.len() == other.texts.len()
            && self.texts.iter().zip(&other.texts).all(|(a, b)| Arc::ptr_eq(a, b))
    }

    /// What it says, with white space as it comes.
    pub(super) fn spaced(&self) -> String {
        let mut text = String::new();
        for fragment in &self.texts {
            plain(&mut text, &fragment.html, Some(fragment));
            text.push(' ');
        }
        text
    }

    /// What it says, with one space between words.
    pub(super) fn text(&self) -> String {
        let text = self.spaced();
        let mut out = String::with_capacity(text.len());
        let mut put = |word: &str| {
            out.push_str(if out.is_empty() { "" } else { " " });
            out.push_str(word);
        };
        match text.is_ascii() {
            // Bytes are told apart faster.
            true => text.split_ascii_whitespace().for_each(&mut put),
            false => text.split_whitespace().for_each(&mut put),
        }
        out
    }

    pub(super) fn placeholders(&self, into: &mut BTreeMap<String, Arc<Placeholder>>) {
        let texts = self.texts.iter().flat_map(|fragment| fragment.html.placeholders());
        for placeholder in texts.chain(self.title.placeholders()) {
            into.entry(name(placeholder)).or_insert_with(|| Arc::clone(placeholder));
        }
    }
}

/// How a value is called in the data.
pub(super) fn name(placeholder: &Placeholder) -> String {
    placeholder.to_string().trim_matches(['{', '}']).to_owned()
}

/// Plain text with its values by name.
pub(super) fn raw(pieces: &Pieces) -> String {
    let mut out = String::new();
    for (text, hole) in pieces.iter() {
        out.push_str(text);
        value(&mut out, hole);
    }
    out
}

fn value(out: &mut String, hole: Option<&Hole>) {
    if let Some(Hole::Value(placeholder)) = hole {
        out.push('\u{1}');
        out.push_str(&name(placeholder));
        out.push('\u{1}');
    }
}

/// Elements within a word or a line: their tags are no space.
const INLINE: [&str; 17] = [
    "a", "abbr", "b", "code", "del", "em", "i", "ins", "kbd", "mark", "s", "small", "span", "strong", "sub", "sup", "u",
];

/// What stands between the tags of a text, its notes after it.
fn plain(out: &mut String, pieces: &Pieces, notes: Option<&Fragment>) {
    let mut in_tag = false;
    let mut html = String::new();
    let mut notes_used = Vec::new();
    for (text, hole) in pieces.iter() {
        let mut rest = text;
        while !rest.is_empty() {
            if in_tag {
                let end = rest.find('>');
                in_tag = end.is_none();
                rest = end.map_or("", |end| &rest[end + 1..]);
                continue;
            }
            let start = rest.find('<').unwrap_or(rest.len());
            html.push_str(&rest[..start]);
            rest = &rest[start..];
            if let Some(tag) = rest.strip_prefix('<') {
                let mut words = tag.trim_start_matches('/').split(|c: char| !c.is_ascii_alphanumeric());
                if !words.next().is_some_and(|name| INLINE.contains(&name)) {
                    html.push(' ');
                }
                in_tag = true;
            }
        }
        if !in_tag {
            value(&mut html, hole);
            if let Some(Hole::Note(name)) = hole {
                notes_used.push(name);
            }
        }
    }
    if html.contains('&') {
        let text = html.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'");
        out.push_str(&text.replace("&amp;", "&"));
    } else {
        out.push_str(&html);
    }
    for name in notes_used {
        if let Some(note) = notes.and_then(|fragment| fragment.notes.get(name)) {
            out.push(' ');
            plain(out, note, None);
        }
    }
}
