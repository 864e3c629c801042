//! What a heading says in braces about itself: whether it can mean what its author meant by it.

use comrak::nodes::Attributes;

use crate::book::is_id;
use crate::diagnostic::{Code, Findings, Place, escaped, nearest};
use crate::load::markdown::placeholders::START;

/// Classes that mean something to leidraad.
const LOCKS: [&str; 2] = ["locked", "extend"];

/// Keys that mean something.
const KEYS: [&str; 3] = ["when", "unless", "alias"];

/// Reports attributes that no heading can have, and those that mean nothing without an id. `list` is how they were
/// written, up to the end of the line.
pub fn check(attributes: &Attributes, list: &str, place: &Place, findings: &mut Findings) {
    let mut values =
        attributes.id.iter().chain(&attributes.classes).chain(attributes.pairs.iter().map(|(_, value)| value));
    if values.any(|value| value.contains(START)) {
        let message = "an attribute list holds no placeholder";
        findings.report(Code::E205, place, message);
        return;
    }
    let ids = list.split(['}', ' ', '\t']).filter(|word| word.starts_with('#')).count();
    let nothing = attributes.id.is_none() && attributes.classes.is_empty() && attributes.pairs.is_empty();
    if ids > 1 || nothing {
        let message = if nothing { "these braces hold nothing" } else { "a heading has one id" };
        findings.report(Code::E205, place, message).hint("write {#id .class when=parameter:option}");
    }
    if let Some(id) = attributes.id.as_deref().filter(|id| !is_id(id)) {
        findings
            .report(Code::E205, place, format!("`{}` is no valid id", escaped(id)))
            .hint("an id has lower-case letters, digits and hyphens: [a-z0-9][a-z0-9-]*");
    }
    for (key, value) in &attributes.pairs {
        if key == "alias" && !is_id(value) {
            findings
                .report(Code::E205, place, format!("`{}` is no valid id", escaped(value)))
                .hint("`alias=` is an id that this heading had; several stand as `alias=a alias=b`");
        }
        if !KEYS.contains(&key.as_str()) {
            let hint = nearest(key, KEYS)
                .map_or("a heading knows `when=`, `unless=` and `alias=`".to_owned(), |near| {
                    format!("did you mean `{near}`?")
                });
            findings.report(Code::E205, place, format!("unknown attribute `{}`", escaped(key))).hint(hint);
        }
    }
    for class in &attributes.classes {
        let lower = class.to_lowercase();
        let meant = if lower == "lock" { Some("locked") } else { LOCKS.into_iter().find(|lock| *lock == lower) };
        if let Some(meant) = meant.filter(|meant| meant != class) {
            findings
                .report(Code::E205, place, format!("`.{}` locks nothing", escaped(class)))
                .hint(format!("did you mean `.{meant}`?"));
        }
    }
    if attributes.id.is_none() {
        let lock = attributes.classes.iter().find(|class| LOCKS.contains(&class.as_str())).map(|_| "a lock");
        let pair = attributes.pairs.iter().find(|(key, _)| KEYS.contains(&key.as_str()));
        let pair = pair.map(|(key, _)| if key == "alias" { "an alias" } else { "a condition" });
        if let Some(what) = lock.or(pair) {
            findings
                .report(Code::E104, place, format!("{what} needs a section, and this heading has no explicit id"))
                .hint("write an id in the braces: {#id …}");
        }
    }
}

/// What may have been meant by braces that are no attribute list: `{toon}` and `{# toon}` are `{#toon}`.
pub fn meant(before: &str, inner: &str) -> String {
    let id = inner.trim().trim_start_matches('#').trim_start();
    if inner.contains(START) {
        "an attribute list holds no placeholder; a `\\` before the brace makes it text".to_owned()
    } else if is_id(id) && inner.starts_with('#') && !before.ends_with(char::is_whitespace) {
        "put a space before the brace; a `\\` before it makes it text".to_owned()
    } else if is_id(id) {
        format!("did you mean `{{#{id}}}`? A `\\` before the brace makes it text")
    } else {
        "write {#id .class when=parameter:option}; a `\\` before the brace makes it text".to_owned()
    }
}
