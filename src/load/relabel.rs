//! What a page says about itself, edited in place: its old names, its pin, the ids of its headings.

use std::collections::BTreeMap;

use crate::diagnostic::Findings;
use crate::load::splice::Edits;
use crate::load::yaml::{self, Node, Yaml};

/// A page with one more old name, and without the one that is its name again.
pub fn add_alias(raw: &str, old: &str, now: &str) -> Option<String> {
    let mut edits = Edits::of(raw);
    let eol = edits.line_break();
    let Some((root, last)) = front_matter(raw) else {
        let start = edits.offset(1, 1)?;
        edits.replace(start..start, format!("---{eol}aliases: [{old}]{eol}---{eol}{eol}"));
        return edits.apply();
    };
    let Some(list) = root.as_ref().and_then(|root| root.get("aliases")).filter(|node| !node.is_empty()) else {
        let end = edits.offset(last, 1)?;
        edits.replace(end..end, format!("aliases: [{old}]{eol}"));
        return edits.apply();
    };
    let Yaml::List(items) = &list.value else { return None };
    let name = |node: &Node| match &node.value {
        Yaml::Scalar(scalar) => scalar.text.to_string(),
        Yaml::List(_) | Yaml::Map(_) => String::new(),
    };
    let is_now = |alias: &str| alias.trim_end_matches('/') == now;
    if items.iter().any(|item| is_now(&name(item))) || items.is_empty() {
        // A name that returns leaves the list: the list is written anew.
        let kept: Vec<String> = items.iter().map(name).filter(|alias| !is_now(alias)).chain([old.to_owned()]).collect();
        let start = edits.offset(list.place.line, list.place.column)?;
        let end = edits.offset(list.end.0, list.end.1)?;
        // A block list starts on a line of its own, or after the key's colon at the least.
        let start = raw[..start].rfind(':').map_or(start, |colon| colon + 1);
        edits.replace(start..end, format!(" [{}]", kept.join(", ")));
        return edits.apply();
    }
    let last = items.last()?;
    let end = edits.offset(last.end.0, last.end.1)?;
    let is_flow = raw[edits.offset(list.place.line, list.place.column)?..].starts_with('[');
    if is_flow {
        edits.replace(end..end, format!(", {old}"));
    } else {
        let start = edits.offset(last.place.line, 1)?;
        let lead: String = raw[start..].chars().take_while(|c| matches!(c, ' ' | '-')).collect();
        let at = edits.after_line(end);
        edits.replace(at..at, format!("{lead}{old}{eol}"));
    }
    edits.apply()
}

/// A translation whose fingerprint changed with the links of its source.
pub fn repin(raw: &str, pins: &BTreeMap<String, String>) -> Option<String> {
    let (root, _) = front_matter(raw)?;
    let root = root?;
    let node = root.get("accepted")?;
    let Yaml::Scalar(scalar) = &node.value else { return None };
    let mut edits = Edits::of(raw);
    edits.replace_scalar(&node.place, pins.get(&*scalar.text)?)?;
    edits.apply()
}

/// The front matter, and the line of the `---` that ends it; nothing where there is none.
fn front_matter(raw: &str) -> Option<(Option<Node>, u32)> {
    let text = raw.strip_prefix('\u{FEFF}').unwrap_or(raw).replace("\r\n", "\n").replace('\r', "\n");
    let block = text.strip_prefix("---")?;
    let (rest, block) = block.split_once('\n')?;
    if !rest.trim().is_empty() {
        return None;
    }
    let lines = block.split('\n').position(|line| line.trim_end() == "---")?;
    let block: String = block.split_inclusive('\n').take(lines).collect();
    let root = yaml::parse(&"".into(), &block, 2, yaml::FRONT_MATTER, &mut Findings::new());
    Some((root, u32::try_from(lines).ok()? + 2))
}

/// A heading with another id, or with its first; `line` is the line of its text.
pub fn heading_id(raw: &str, line: u32, old: Option<&str>, new: &str) -> Option<String> {
    let mut edits = Edits::of(raw);
    let start = edits.offset(line, 1)?;
    if let Some(old) = old {
        let (at, list) = attributes(raw, start, old)?;
        edits.replace(at..at + list.len(), list.replacen(&format!("#{old}"), &format!("#{new}"), 1));
        return edits.apply();
    }
    let text = raw[start..].lines().next()?.trim_end();
    let words = if text.trim_start().starts_with('#') { text.trim_end_matches('#').trim_end() } else { text };
    match words.rfind('{').filter(|open| words.ends_with('}') && !words[..*open].ends_with(['{', '\\'])) {
        Some(open) => edits.replace(start + open + 1..start + open + 1, format!("#{new} ")),
        None => edits.replace(start + words.len()..start + text.len(), format!(" {{#{new}}}")),
    }
    edits.apply()
}

/// A heading with one more id that it had, and without the one that is its id again.
pub fn add_old_id(raw: &str, line: u32, (old, now): (&str, &str)) -> Option<String> {
    let mut edits = Edits::of(raw);
    let (at, list) = attributes(raw, edits.offset(line, 1)?, now)?;
    let again = format!("alias={now}");
    let kept: String = list.split_inclusive(char::is_whitespace).filter(|word| word.trim_end() != again).collect();
    edits.replace(at..at + list.len(), format!("{} alias={old}", kept.trim_end()));
    edits.apply()
}

/// What stands in the braces of the heading from `start` on that has this id, and where.
fn attributes<'r>(raw: &'r str, start: usize, id: &str) -> Option<(usize, &'r str)> {
    // A heading of several lines has its attributes on the last.
    raw[start..].lines().take(8).find_map(|text| {
        let open = text.rfind('{')? + 1;
        let list = &text[open..open + text[open..].find('}')?];
        let has = list.split_whitespace().any(|word| word.strip_prefix('#') == Some(id));
        has.then(|| (text.as_ptr() as usize - raw.as_ptr() as usize + open, list))
    })
}
