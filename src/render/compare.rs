//! Two texts side by side, as HTML: words that one of them lacks stand in `<del>` and `<ins>`.
//!
//! Tags pass through where they stand, apart from ids, which the page the texts come from has
//! already; so what was well-formed stays so, whatever the words do.

use crate::render::words::{Side, compared};

/// The base text and the own text, each with what the other lacks marked. Links to an anchor of
/// their own page lead to `page`.
pub fn side_by_side(base: &str, own: &str, page: &str) -> (String, String) {
    let (base, own) = (tokens(base), tokens(own));
    let (old, new) = (words(&base), words(&own));
    let (mut removed, mut added) = (vec![false; old.len()], vec![false; new.len()]);
    for (side, range) in compared(&old, &new) {
        match side {
            Side::Both => {}
            Side::Old => removed[range].fill(true),
            Side::New => added[range].fill(true),
        }
    }
    (marked(&base, &removed, "del", page), marked(&own, &added, "ins", page))
}

/// A text as it stands, without the ids.
pub fn alone(text: &str, page: &str) -> String {
    marked(&tokens(text), &[], "ins", page)
}

#[derive(Debug, PartialEq)]
enum Token<'t> {
    Tag(&'t str),
    Word(&'t str),
    Space(&'t str),
    /// The inside of an element in which nothing can be marked.
    Raw(&'t str),
}

/// Elements whose inside is no markup.
const RAW: [&str; 6] = ["script", "style", "textarea", "title", "option", "svg"];

fn tokens(html: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = html;
    while !rest.is_empty() {
        let end = if rest.starts_with('<') {
            let end = tag_end(rest);
            tokens.push(Token::Tag(&rest[..end]));
            let raw = RAW.iter().find(|name| is_start_of(&rest[..end], name));
            if let Some(close) = raw.and_then(|name| find_close(&rest[end..], name)) {
                tokens.push(Token::Raw(&rest[end..end + close]));
                rest = &rest[end + close..];
                continue;
            }
            end
        } else {
            let space = rest.starts_with(char::is_whitespace);
            let end = rest.find(|c: char| c == '<' || c.is_whitespace() != space).unwrap_or(rest.len());
            tokens.push(if space { Token::Space(&rest[..end]) } else { Token::Word(&rest[..end]) });
            end
        };
        rest = &rest[end..];
    }
    tokens
}

/// Where a tag or a comment ends; `>` in a quoted attribute does not end it.
fn tag_end(text: &str) -> usize {
    if text.starts_with("<!--") {
        return text.find("-->").map_or(text.len(), |at| at + 3);
    }
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (None, '>') => return at + 1,
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            _ => {}
        }
    }
    text.len()
}

fn is_start_of(tag: &str, name: &str) -> bool {
    let rest = tag.get(1..=name.len()).filter(|start| start.eq_ignore_ascii_case(name));
    rest.is_some()
        && !tag.ends_with("/>")
        && tag[1 + name.len()..].starts_with(|c: char| !c.is_ascii_alphanumeric() && c != '-')
}

fn find_close(text: &str, name: &str) -> Option<usize> {
    let is_close = |at: &usize| {
        text.as_bytes()[at + 2..].get(..name.len()).is_some_and(|end| end.eq_ignore_ascii_case(name.as_bytes()))
    };
    text.match_indices("</").map(|(at, _)| at).find(is_close)
}

fn words<'t>(tokens: &[Token<'t>]) -> Vec<&'t str> {
    tokens.iter().filter_map(|token| if let Token::Word(word) = token { Some(*word) } else { None }).collect()
}

/// The text with runs of marked words in an element; a run ends at a tag.
fn marked(tokens: &[Token<'_>], marks: &[bool], element: &str, page: &str) -> String {
    let mut out = String::new();
    let mut at = 0;
    let mut open = false;
    for (number, token) in tokens.iter().enumerate() {
        let stays = match token {
            Token::Word(_) => {
                let mark = marks.get(at).copied().unwrap_or(false);
                at += 1;
                mark
            }
            // A space belongs to the run when the run goes on behind it.
            Token::Space(_) => {
                open && matches!(tokens.get(number + 1), Some(Token::Word(_)))
                    && marks.get(at).copied().unwrap_or(false)
            }
            Token::Tag(_) | Token::Raw(_) => false,
        };
        if open != stays {
            out.push_str(if stays { "<" } else { "</" });
            out.push_str(element);
            out.push('>');
            open = stays;
        }
        match token {
            Token::Tag(tag) => push_tag(&mut out, tag, page),
            Token::Word(text) | Token::Space(text) | Token::Raw(text) => out.push_str(text),
        }
    }
    if open {
        out.push_str("</");
        out.push_str(element);
        out.push('>');
    }
    out
}

/// A tag without its id, its anchors on the page where the text stands.
fn push_tag(out: &mut String, tag: &str, page: &str) {
    let mut rest = tag;
    while let Some(found) = rest.find([' ', '\n', '\t']) {
        let (before, after) = rest.split_at(found);
        out.push_str(before);
        let attribute = after.trim_start();
        let space = after.len() - attribute.len();
        let end = attribute_end(attribute);
        let (name, value) = attribute[..end].split_once('=').unwrap_or((&attribute[..end], ""));
        match name.to_ascii_lowercase().as_str() {
            "id" | "name" | "popovertarget" | "for" => {}
            "href" if value.starts_with("\"#") => {
                // Without such a page the words stand alone.
                if !page.is_empty() {
                    out.push_str(" href=\"");
                    out.push_str(page);
                    out.push_str(&value[1..]);
                }
            }
            _ => {
                out.push_str(&after[..space]);
                out.push_str(&attribute[..end]);
            }
        }
        rest = &attribute[end..];
    }
    out.push_str(rest);
}

/// Where an attribute ends: after its quoted value, or before white space or the tag's end.
fn attribute_end(text: &str) -> usize {
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if open == c => return at + 1,
            (None, '>' | ' ' | '\n' | '\t') if at > 0 || c == '>' => return at,
            (None, '/') if text[at..].starts_with("/>") => return at,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::{alone, side_by_side};

    #[test]
    fn words_that_differ_are_marked_between_the_tags() {
        let (base, own) = side_by_side(
            "<p>Wij zeggen <strong>u</strong> altijd.</p>",
            "<p>Wij zeggen <strong>je</strong> nooit meer.</p>",
            "",
        );
        assert_eq!(base, "<p>Wij zeggen <strong><del>u</del></strong> <del>altijd.</del></p>");
        assert_eq!(own, "<p>Wij zeggen <strong><ins>je</ins></strong> <ins>nooit meer.</ins></p>");
    }

    #[test]
    fn markup_alone_is_no_difference() {
        let (base, own) = side_by_side("<p>Een twee</p>", "<ul>\n<li>Een</li>\n<li><em>twee</em></li>\n</ul>", "");
        assert!(!base.contains("<del>") && !own.contains("<ins>"), "{base}{own}");
    }

    #[test]
    fn ids_go_and_anchors_lead_to_the_page() {
        let html =
            "<h3 id=\"x\" class=\"y\">A > b</h3><a href=\"#x\" title=\"a > b\">c</a><img src=\"a.png\" alt=\"d e\" />";
        let out = alone(html, "p/q.html");
        assert_eq!(
            out,
            "<h3 class=\"y\">A > b</h3><a href=\"p/q.html#x\" title=\"a > b\">c</a><img src=\"a.png\" alt=\"d e\" />"
        );
    }

    #[test]
    fn nothing_is_marked_where_markup_is_no_markup() {
        let (base, own) = side_by_side("<script>let a = 1;</script>", "<svg><text>b</text></svg>", "");
        assert_eq!((base.as_str(), own.as_str()), ("<script>let a = 1;</script>", "<svg><text>b</text></svg>"));
    }
}
