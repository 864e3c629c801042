//! The glossary's terms in a text: the first use of each becomes a link (spec §4).
//!
//! Takes the pieces of a text that was parsed, and gives them with holes for the links; so a text
//! is parsed once, whatever the glossary holds. Headings, links and code are passed over. Which of
//! several texts of one section has the first use is decided where they are put together.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use crate::book::{Digest, Hole, Language, Link, Pieces, Target, Term};
use crate::diagnostic::Place;

/// The words of a glossary, by language.
#[derive(Debug, Default)]
pub struct Terms {
    languages: BTreeMap<Language, Words>,
    /// A digest of the glossary.
    pub digest: Digest,
}

/// The words of one language by their first letters and digits, in lower case.
type Words = HashMap<String, Vec<Word>>;

/// A term, or another word for it.
#[derive(Debug)]
struct Word {
    id: Arc<str>,
    letters: Vec<char>,
    /// Whether capitals count: an abbreviation is not the word of the same letters.
    exact: bool,
}

impl Terms {
    /// The words of a glossary.
    pub fn new(glossary: &BTreeMap<Arc<str>, Vec<(Language, Term)>>) -> Terms {
        let mut languages: BTreeMap<Language, Words> = BTreeMap::new();
        for (id, terms) in glossary {
            for (language, term) in terms {
                let words = languages.entry(language.clone()).or_default();
                for text in std::iter::once(&term.term).chain(&term.also) {
                    let letters: Vec<char> = text.split_whitespace().collect::<Vec<_>>().join(" ").chars().collect();
                    let exact = letters.iter().filter(|c| c.is_uppercase()).count() > 1
                        && !letters.iter().any(|c| c.is_lowercase());
                    let first: String = letters.iter().take_while(|c| c.is_alphanumeric()).collect();
                    if !first.is_empty() {
                        let word = Word { id: Arc::clone(id), letters, exact };
                        words.entry(first.to_lowercase()).or_default().push(word);
                    }
                }
            }
        }
        for words in languages.values_mut().flat_map(HashMap::values_mut) {
            // The longest first: `tussentijdse evaluatie` is not a use of `tussentijdse`.
            words.sort_by(|a, b| b.letters.len().cmp(&a.letters.len()).then_with(|| a.id.cmp(&b.id)));
        }
        let digest = Digest::of(format!("{glossary:?}").as_bytes());
        Terms { languages, digest }
    }

    /// The pieces with a link around the first use of each term.
    pub fn link(&self, pieces: Pieces, language: &Language, place: &Place) -> Pieces {
        let Some(words) = self.languages.get(language) else { return pieces };
        let found = find(&pieces, words);
        if found.is_empty() {
            return pieces;
        }
        let mut holes = Vec::with_capacity(pieces.holes.len() + 2 * found.len());
        let mut old = pieces.holes.into_iter().peekable();
        for (start, end, id) in found {
            let target = Target::Term(id);
            let link = Arc::new(Link { target, title: Pieces::default(), place: place.clone() });
            // What stands at the very place of the link was there before it; nothing stands inside.
            while let Some(hole) = old.next_if(|(at, _)| *at as usize <= start) {
                holes.push(hole);
            }
            holes.push((u32::try_from(start).unwrap_or(u32::MAX), Hole::LinkStart(Arc::clone(&link))));
            holes.push((u32::try_from(end).unwrap_or(u32::MAX), Hole::LinkEnd(link)));
        }
        holes.extend(old);
        Pieces { text: pieces.text, holes }
    }
}

/// Elements whose text is no prose, or cannot hold a link.
const PASSED: [&str; 22] = [
    "a", "button", "code", "h1", "h2", "h3", "h4", "h5", "h6", "iframe", "kbd", "math", "object", "option", "pre",
    "samp", "script", "select", "style", "svg", "textarea", "title",
];

/// The first use of each term: from, to (bytes), and the term; in order.
fn find(pieces: &Pieces, words: &Words) -> Vec<(usize, usize, Arc<str>)> {
    let text = &*pieces.text;
    let mut found = Vec::new();
    let mut seen: BTreeSet<Arc<str>> = BTreeSet::new();
    let mut holes = pieces.holes.iter().map(|(at, hole)| (*at as usize, hole)).peekable();
    let mut links = 0usize;
    let mut passed: Option<(&str, usize)> = None;
    let mut inside_word = false;
    let mut at = 0;
    while at < text.len() {
        // A value is a word of its own: what it touches is no whole word.
        while let Some((_, hole)) = holes.next_if(|(hole, _)| *hole <= at) {
            inside_word = matches!(hole, Hole::Value(_));
            match hole {
                Hole::LinkStart(_) => links += 1,
                Hole::LinkEnd(_) => links = links.saturating_sub(1),
                _ => {}
            }
        }
        let rest = &text[at..];
        if rest.starts_with('<') {
            let (name, kind, length) = tag(rest);
            match (kind, passed) {
                (Tag::Opens, None) if PASSED.iter().any(|known| name.eq_ignore_ascii_case(known)) => {
                    passed = Some((name, 1));
                }
                (Tag::Opens, Some((open, depth))) if open.eq_ignore_ascii_case(name) => {
                    passed = Some((open, depth + 1))
                }
                (Tag::Closes, Some((open, depth))) if open.eq_ignore_ascii_case(name) => {
                    passed = (depth > 1).then_some((open, depth - 1));
                }
                _ => {}
            }
            // Holes in a tag are addresses and sizes.
            while holes.next_if(|(hole, _)| *hole > at && *hole < at + length).is_some() {}
            inside_word = false;
            at += length;
            continue;
        }
        let Some(c) = rest.chars().next() else { break };
        if !c.is_alphanumeric() {
            inside_word = c == '-' && rest[1..].starts_with(char::is_alphanumeric) && inside_word;
            at += if c == '&' { entity(rest).map_or(1, |(_, length)| length) } else { c.len_utf8() };
            continue;
        }
        let next_hole = holes.peek().map(|(hole, _)| *hole).filter(|hole| *hole > at).unwrap_or(text.len());
        let end = rest.find(|c: char| !c.is_alphanumeric()).map_or(text.len(), |length| at + length).min(next_hole);
        if !inside_word && links == 0 && passed.is_none() {
            let first = text[at..end].to_lowercase();
            let free = words.get(&first).into_iter().flatten().filter(|word| !seen.contains(&word.id));
            let mut used =
                free.filter_map(|word| Some((word, matches(&text[at..next_hole], &word.letters, word.exact)?)));
            let glued = holes.peek().is_some_and(|(_, hole)| matches!(hole, Hole::Value(_)));
            let used = used.find(|(_, length)| !(glued && at + length == next_hole));
            if let Some((word, length)) = used {
                seen.insert(Arc::clone(&word.id));
                found.push((at, at + length, Arc::clone(&word.id)));
                at += length;
                inside_word = true;
                continue;
            }
        }
        inside_word = true;
        at = end;
    }
    found
}

/// What a tag does.
#[derive(Clone, Copy)]
enum Tag {
    Opens,
    Closes,
    Neither,
}

/// The name of the tag or comment that `html` starts with, what it does, and its length in bytes.
fn tag(html: &str) -> (&str, Tag, usize) {
    if let Some(comment) = html.strip_prefix("<!--") {
        return ("", Tag::Neither, comment.find("-->").map_or(html.len(), |end| end + 7));
    }
    let inner = &html[1..];
    let (kind, inner) = match inner.strip_prefix('/') {
        Some(inner) => (Tag::Closes, inner),
        None => (Tag::Opens, inner),
    };
    let name = &inner[..inner.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(inner.len())];
    let mut quote = None;
    for (at, c) in html.char_indices() {
        match (quote, c) {
            (None, '>') => {
                let closed = html[..at].ends_with('/');
                return (name, if closed { Tag::Neither } else { kind }, at + 1);
            }
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            _ => {}
        }
    }
    (name, Tag::Neither, html.len())
}

/// The character that a reference at the start of `html` stands for, and the reference's length.
fn entity(html: &str) -> Option<(char, usize)> {
    [("&amp;", '&'), ("&lt;", '<'), ("&gt;", '>'), ("&quot;", '"'), ("&#39;", '\'')]
        .into_iter()
        .find(|(reference, _)| html.starts_with(reference))
        .map(|(reference, c)| (c, reference.len()))
}

/// The length in bytes of a whole-word use of `letters` at the start of `html`.
fn matches(html: &str, letters: &[char], exact: bool) -> Option<usize> {
    let mut at = 0;
    for wanted in letters {
        let rest = &html[at..];
        if *wanted == ' ' {
            let spaces = rest.len() - rest.trim_start_matches(char::is_whitespace).len();
            at += (spaces > 0).then_some(spaces)?;
            continue;
        }
        let (c, length) = match entity(rest) {
            Some(found) => found,
            None => rest.chars().next().map(|c| (c, c.len_utf8()))?,
        };
        let same = c == *wanted
            || (!exact && c.to_lowercase().eq(wanted.to_lowercase()))
            || (*wanted == '\'' && c == '’')
            || (*wanted == '’' && c == '\'');
        at += same.then_some(length)?;
    }
    let mut after = html[at..].chars();
    match after.next() {
        Some(c) if c.is_alphanumeric() || c == '_' => None,
        Some('-') if after.next().is_some_and(char::is_alphanumeric) => None,
        _ => Some(at),
    }
}
