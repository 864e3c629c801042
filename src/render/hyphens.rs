//! Soft hyphens in long words where there is little room: headings, lists of links, and tables. Browsers break words of
//! running text themselves where they know the language, and not all do; a word that is wider than its column is torn.
//!
//! It is done on the finished page, so neither ids nor what is searched ever has them. Paper has room, and a PDF is
//! searched: print.html has none.

use crate::render::tags::{attributes, for_each_tag};

/// From this many letters on a word may be wider than what it stands in.
const LONG: usize = 14;
/// At the least this many letters stay together, before a hyphen and after.
const SHORT: usize = 4;

/// A document with soft hyphens in its narrow places.
pub fn softened(html: &str) -> String {
    let mut out = String::with_capacity(html.len() + 1024);
    // What stands before `copied` is in `out`.
    let mut copied = 0;
    let (mut narrow, mut code) = (0usize, 0usize);
    let mut languages: Vec<Spoken<'_>> = Vec::new();
    let mut from = 0;
    for_each_tag(html, |at, tag| {
        let is_narrow = narrow > 0 && code == 0 && at - from >= LONG;
        if let Some(patterns) = languages.last().and_then(|spoken| spoken.patterns).filter(|_| is_narrow) {
            out.push_str(&html[copied..from]);
            text(&mut out, &html[from..at], patterns);
            copied = at;
        }
        from = at + tag.len();
        let closes = tag.starts_with("</");
        let name = tag.trim_start_matches(['<', '/']);
        let name = &name[..name.bytes().position(|byte| !byte.is_ascii_alphanumeric()).unwrap_or(name.len())];
        let count = match name {
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "th" | "td" | "nav" => Some(&mut narrow),
            "code" | "kbd" => Some(&mut code),
            _ => None,
        };
        if let Some(count) = count {
            *count = if closes { count.saturating_sub(1) } else { *count + 1 };
        }
        speak(&mut languages, name, tag);
    });
    out.push_str(&html[copied..]);
    out
}

/// An element that says its language.
struct Spoken<'h> {
    element: &'h str,
    /// How many elements of that name are open within it.
    within: usize,
    patterns: Option<hypher::Lang>,
}

fn speak<'h>(languages: &mut Vec<Spoken<'h>>, element: &'h str, tag: &'h str) {
    let same = languages.last_mut().filter(|spoken| spoken.element == element);
    if tag.starts_with("</") {
        match same {
            Some(spoken) if spoken.within > 0 => spoken.within -= 1,
            Some(_) => {
                languages.pop();
            }
            None => {}
        }
    } else if let Some(language) = language_of(tag) {
        let patterns = match language.split('-').next() {
            Some("nl") => Some(hypher::Lang::Dutch),
            Some("en") => Some(hypher::Lang::English),
            _ => None,
        };
        languages.push(Spoken { element, within: 0, patterns });
    } else if let Some(spoken) = same {
        spoken.within += 1;
    }
}

/// What a tag says of its language.
fn language_of(tag: &str) -> Option<&str> {
    // Few tags do, and looking at the attributes of all of them would take longer than all else here.
    if !tag.contains("lang") {
        return None;
    }
    attributes(tag).find(|(name, _)| *name == "lang").map(|(_, language)| language)
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
    use super::softened;

    #[test]
    fn long_words_of_narrow_places_can_break() {
        let html = softened(
            "<html lang=\"nl\"><p>verantwoordelijkheid</p><h2 id=\"verantwoordelijkheid\">Verantwoordelijkheid</h2>\
             <td><code>verantwoordelijkheid</code><span lang=\"fr\">verantwoordelijkheid</span></td></html>",
        );
        let expected = "<html lang=\"nl\"><p>verantwoordelijkheid</p><h2 id=\"verantwoordelijkheid\">Verant\u{AD}woor\u{AD}de\u{AD}lijk\u{AD}heid</h2>\
             <td><code>verantwoordelijkheid</code><span lang=\"fr\">verantwoordelijkheid</span></td></html>";
        assert_eq!(html, expected);
    }
}
