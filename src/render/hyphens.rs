//! Soft hyphens in long words where there is little room: headings, lists of links, and tables. Browsers break words of
//! running text themselves where they know the language, and not all do; a word that is wider than its column is torn.
//!
//! It is done where a page is put together and between its tags, so neither ids nor what is searched ever has them.
//! Paper has room, and a PDF is searched: the chapters of print.html have none.

use std::ops::Range;

use memchr::memmem;

use crate::render::tags::{attributes, for_each_tag};

/// From this many letters on a word may be wider than what it stands in.
const LONG: usize = 14;
/// At the least this many letters stay together, before a hyphen and after.
const SHORT: usize = 4;

/// Some HTML in a language with soft hyphens in its narrow places.
pub fn softened(html: &str, language: &str) -> String {
    Reader::new(language).soften(html)
}

/// The HTML of a name in a language, which stands in a narrow place.
pub fn label(html: &str, language: &str) -> String {
    let mut reader = Reader::new(language);
    reader.narrow = 1;
    reader.soften(html)
}

/// What is open where a document has been read up to.
struct Reader<'h> {
    /// How many narrow elements.
    narrow: usize,
    /// How many elements of code.
    code: usize,
    /// The elements that say their language.
    speaking: Vec<Spoken<'h>>,
}

/// An element that says its language.
struct Spoken<'h> {
    element: &'h str,
    /// How many elements of that name are open within it.
    within: usize,
    patterns: Option<hypher::Lang>,
}

impl<'h> Reader<'h> {
    fn new(language: &str) -> Reader<'h> {
        // No end tag has no name: this language holds to the end.
        let outermost = Spoken { element: "", within: 0, patterns: patterns(language) };
        Reader { narrow: 0, code: 0, speaking: vec![outermost] }
    }

    fn soften(&mut self, html: &'h str) -> String {
        let mut out = String::with_capacity(html.len() + html.len() / 64);
        // What stands before `copied` is in `out`.
        let mut copied = 0;
        let mut put = |reader: &Reader<'_>, between: Range<usize>| {
            let is_narrow = reader.narrow > 0 && reader.code == 0 && between.len() >= LONG;
            if let Some(patterns) = reader.speaking.last().and_then(|spoken| spoken.patterns).filter(|_| is_narrow) {
                out.push_str(&html[copied..between.start]);
                copied = between.end;
                text(&mut out, &html[between], patterns);
            }
        };
        // Few tags say a language, and looking at the attributes of all of them would take longer than all else here.
        let mut languages = memmem::find_iter(html.as_bytes(), "lang").peekable();
        let mut from = 0;
        let end = for_each_tag(html, |at, tag| {
            put(self, from..at);
            from = at + tag.len();
            while languages.next_if(|language| *language < at).is_some() {}
            let says_language = languages.peek().is_some_and(|language| *language < from);
            self.pass(tag, says_language.then(|| language_of(tag)).flatten());
        });
        put(self, from..end);
        out.push_str(&html[copied..]);
        out
    }

    fn pass(&mut self, tag: &'h str, language: Option<&str>) {
        let (closes, name) = match tag.strip_prefix("</") {
            Some(name) => (true, name),
            None => (false, &tag[1..]),
        };
        let name = &name[..name.bytes().position(|byte| !byte.is_ascii_alphanumeric()).unwrap_or(name.len())];
        let count = match name.as_bytes() {
            [b'h', b'1'..=b'6'] | b"th" | b"td" | b"nav" => Some(&mut self.narrow),
            b"code" | b"kbd" => Some(&mut self.code),
            _ => None,
        };
        match (count, closes) {
            (Some(count), true) => *count = count.saturating_sub(1),
            (Some(count), false) => *count += 1,
            (None, _) => {}
        }
        match closes {
            true => self.leave(name),
            false => self.enter(name, language),
        }
    }

    fn enter(&mut self, element: &'h str, language: Option<&str>) {
        if let Some(language) = language {
            self.speaking.push(Spoken { element, within: 0, patterns: patterns(language) });
        } else if let Some(spoken) = self.speaking.last_mut().filter(|spoken| spoken.element == element) {
            spoken.within += 1;
        }
    }

    fn leave(&mut self, element: &str) {
        match self.speaking.last_mut().filter(|spoken| spoken.element == element) {
            Some(spoken) if spoken.within > 0 => spoken.within -= 1,
            Some(_) => drop(self.speaking.pop()),
            None => {}
        }
    }
}

/// What a tag says of its language.
fn language_of(tag: &str) -> Option<&str> {
    attributes(tag).find(|(name, _)| *name == "lang").map(|(_, language)| language)
}

/// How words of a language are broken, where that is known.
fn patterns(language: &str) -> Option<hypher::Lang> {
    match language.split('-').next() {
        Some("nl") => Some(hypher::Lang::Dutch),
        Some("en") => Some(hypher::Lang::English),
        _ => None,
    }
}

fn text(out: &mut String, text: &str, patterns: hypher::Lang) {
    for word in text.split_inclusive(|c: char| !c.is_alphabetic()) {
        let letters = word.trim_end_matches(|c: char| !c.is_alphabetic());
        if letters.len() < LONG || letters.chars().count() < LONG {
            out.push_str(word);
            continue;
        }
        let mut lone = true;
        for part in hypher::hyphenate_bounded(letters, patterns, SHORT, SHORT) {
            // The patterns know single words best: in a long compound they may leave a letter alone.
            out.push_str(if lone { "" } else { "\u{AD}" });
            out.push_str(part);
            lone = part.chars().count() < 2;
        }
        out.push_str(&word[letters.len()..]);
    }
}

#[cfg(test)]
mod tests {
    use super::{label, softened};

    #[test]
    fn long_words_of_narrow_places_can_break() {
        let html = "<html lang=\"nl\"><p>verantwoordelijkheid</p><h2 id=\"verantwoordelijkheid\">Verantwoordelijkheid</h2>\
             <td><code>verantwoordelijkheid</code><span lang=\"fr\">verantwoordelijkheid</span></td></html>";
        let expected = "<html lang=\"nl\"><p>verantwoordelijkheid</p><h2 id=\"verantwoordelijkheid\">Verant\u{AD}woor\u{AD}de\u{AD}lijk\u{AD}heid</h2>\
             <td><code>verantwoordelijkheid</code><span lang=\"fr\">verantwoordelijkheid</span></td></html>";
        assert_eq!(softened(html, "en"), expected);
    }

    #[test]
    fn a_tag_that_never_ends_stays_as_it_is() {
        let html = "<table><tr><td>a <span title=auto's>x</span></td></tr></table>\n<a href=\"verantwoordelijkheid.html\">Zie</a>";
        assert_eq!(softened(html, "nl"), html);
    }

    #[test]
    fn a_label_is_narrow_as_a_whole() {
        let soft = "verant\u{AD}woor\u{AD}de\u{AD}lijk\u{AD}heid";
        assert_eq!(label("verantwoordelijkheid", "nl"), soft);
        assert_eq!(
            label("<small>verantwoordelijkheid</small> verantwoordelijkheid", "nl-BE"),
            format!("<small>{soft}</small> {soft}")
        );
        assert_eq!(label("verantwoordelijkheid", "de"), "verantwoordelijkheid");
    }
}
