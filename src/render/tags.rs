//! Finished HTML tag by tag.

use memchr::{memchr, memchr3};

/// Every tag of some HTML with its offset; comments are passed over. Gives where it ends: where a tag begins that
/// never does, or at the end of the text.
pub fn for_each_tag<'h>(html: &'h str, mut with: impl FnMut(usize, &'h str)) -> usize {
    let mut at = 0;
    while let Some(found) = memchr(b'<', &html.as_bytes()[at..]) {
        let start = at + found;
        let rest = &html[start..];
        match rest.as_bytes() {
            [_, b'/', first, ..] | [_, first, ..] if first.is_ascii_alphabetic() => {}
            [_, b'!', b'-', b'-', ..] => {
                at = start + rest.find("-->").map_or(rest.len(), |end| end + 3);
                continue;
            }
            _ => {
                at = start + 1;
                continue;
            }
        }
        let Some(end) = end_of_tag(rest.as_bytes()) else { return start };
        with(start, &rest[..end]);
        at = start + end;
    }
    html.len()
}

/// The length of the tag that some HTML begins with: up to the first `>` outside quotes.
fn end_of_tag(html: &[u8]) -> Option<usize> {
    let first = memchr(b'>', html)?;
    let (is_open, single) = html[..first].iter().fold((0u8, 0u8), |(is_open, single), byte| {
        (is_open ^ u8::from(*byte == b'"'), single | u8::from(*byte == b'\''))
    });
    if is_open == 0 && single == 0 {
        // As nearly all are: quotes of one kind come in pairs.
        return Some(first + 1);
    }
    let mut at = 0;
    loop {
        at += memchr3(b'>', b'"', b'\'', &html[at..])?;
        let byte = html[at];
        at += 1;
        if byte == b'>' {
            return Some(at);
        }
        at += memchr(byte, &html[at..])? + 1;
    }
}

/// The quoted attributes of a tag: name and value, as slices of it.
pub fn attributes(tag: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let rest = &tag[at..];
            let equals = rest.find('=')?;
            let name = rest[..equals].trim_end();
            let name = &name[name.rfind(|c: char| c.is_whitespace() || "\"'/".contains(c)).map_or(0, |at| at + 1)..];
            let after = rest[equals + 1..].trim_start();
            let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''));
            let value_at = tag.len() - after.len() + quote.map_or(0, char::len_utf8);
            let value = &tag[value_at..];
            let length = match quote {
                Some(quote) => value.find(quote)?,
                None => value.find(|c: char| c.is_whitespace() || c == '>').unwrap_or(value.len()),
            };
            at = value_at + length + quote.map_or(0, char::len_utf8);
            if !name.is_empty() {
                return Some((name, &value[..length]));
            }
        }
    })
}
