//! Scalars and maps → values of a declared type: the declared type reads, YAML does not (spec §4).

use std::sync::Arc;

use jiff::civil::Date;

use crate::book::{Field, Kind, PerLanguage, Person, PersonKind, Scalar, Value};
use crate::diagnostic::{Code, Place, did_you_mean, escaped, nearest};
use crate::load::reader::Reader;
use crate::load::yaml::{Node, Yaml};

/// Reads the value of a parameter or a placement field: one value, or a map per language.
pub fn value(field: &Field, node: &Node, reader: &mut Reader<'_>) -> Option<PerLanguage<Value>> {
    // A text is expected inside these types, so what is missing there is no E124 but a wrong value.
    let before = reader.findings.len();
    let value = reader.per_language(node, |reader, node| one(&field.kind, node, reader));
    for finding in &mut reader.findings[before..] {
        if finding.code == reader.dialect.syntax {
            finding.code = reader.dialect.value;
            finding.severity = reader.dialect.value.severity();
        }
    }
    (reader.findings.len() == before).then_some(value)
}

fn one(kind: &Kind, node: &Node, reader: &mut Reader<'_>) -> Option<Value> {
    match kind {
        Kind::Scalar(scalar) => self::scalar(scalar, node, reader),
        Kind::List(of) => {
            let items = reader.list(node)?;
            items
                .iter()
                .map(|item| self::scalar(of, item, reader))
                .collect::<Vec<_>>()
                .into_iter()
                .collect::<Option<_>>()
                .map(Value::List)
        }
        Kind::Person { kinds } => person(kinds, node, reader),
        Kind::Term { forms } => term(forms, node, reader),
    }
}

fn scalar(scalar: &Scalar, node: &Node, reader: &mut Reader<'_>) -> Option<Value> {
    let place = &node.place;
    match scalar {
        Scalar::Text => reader.filled(node).map(Value::Text),
        Scalar::Integer { min, max } => {
            let number = reader.integer(node)?;
            let too_small = min.is_some_and(|min| number < min);
            let too_large = max.is_some_and(|max| number > max);
            if too_small || too_large {
                let bounds = match (min, max) {
                    (Some(min), Some(max)) => format!("from {min} to {max}"),
                    (Some(min), None) => format!("{min} or more"),
                    (None, Some(max)) => format!("{max} or less"),
                    (None, None) => String::new(),
                };
                reader.wrong_value(place, format!("{number} is out of bounds")).hint(format!("allowed: {bounds}"));
                return None;
            }
            Some(Value::Integer(number))
        }
        Scalar::Boolean => reader.boolean(node).map(Value::Boolean),
        Scalar::Date => {
            let text = reader.line(node)?;
            date(&text, place, reader).map(Value::Date)
        }
        Scalar::Choice { options } => {
            let text = reader.line(node)?;
            if options.iter().any(|(id, _)| *id == text) {
                return Some(Value::Choice(text));
            }
            let ids: Vec<&str> = options.iter().map(|(id, _)| &**id).collect();
            let hint =
                did_you_mean(&text, ids.iter().copied()).unwrap_or_else(|| format!("options: {}", ids.join(", ")));
            reader.wrong_value(place, format!("`{}` is not an option", escaped(&text))).hint(hint);
            None
        }
        Scalar::Url => {
            let text = reader.line(node)?;
            if !is_url(&text) {
                let message = format!("`{}` is no address", escaped(&text));
                reader.wrong_value(place, message).hint("write https://…, http://…, mailto:… or tel:…");
                return None;
            }
            Some(Value::Text(text))
        }
        Scalar::Email => {
            let text = reader.line(node)?;
            if !is_email(&text) {
                reader.wrong_value(place, format!("`{}` is no e-mail address", escaped(&text)));
                return None;
            }
            Some(Value::Text(text))
        }
        Scalar::Color => {
            // What was typed stays: only tokens are read as a colour.
            let text = reader.line(node)?;
            color(&text, place, reader).map(|_| Value::Text(text))
        }
    }
}

/// `#rgb` or `#rrggbb`, as `#rrggbb` in lower case.
pub fn color(text: &str, place: &Place, reader: &mut Reader<'_>) -> Option<Arc<str>> {
    let hex = text.strip_prefix('#').filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()));
    match hex.map(|hex| (hex.len(), hex.to_ascii_lowercase())) {
        Some((6, hex)) => Some(format!("#{hex}").into()),
        Some((3, hex)) => Some(hex.chars().fold(String::from("#"), |out, c| format!("{out}{c}{c}")).into()),
        _ => {
            let message = format!("`{}` is no colour", escaped(text));
            reader.wrong_value(place, message).hint("write it as \"#154273\", with quotes");
            None
        }
    }
}

/// A day as `2027-02-01`.
pub fn date(text: &str, place: &Place, reader: &mut Reader<'_>) -> Option<Date> {
    let shape = text.len() == 10
        && text.bytes().enumerate().all(|(at, b)| if at == 4 || at == 7 { b == b'-' } else { b.is_ascii_digit() });
    let date = if shape { text.parse().ok() } else { None };
    if date.is_none() {
        let message = format!("`{}` is no date", escaped(text));
        reader.wrong_value(place, message).hint("write year-month-day: 2027-02-01");
    }
    date
}

/// Whether a text is an address that a page can link to: it names a host, somebody, or a number.
fn is_url(text: &str) -> bool {
    if text.contains(char::is_whitespace) && !text.starts_with("tel:") {
        return false;
    }
    let (scheme, rest) = text.split_once(':').unwrap_or_default();
    match scheme.to_ascii_lowercase().as_str() {
        "https" | "http" => rest.strip_prefix("//").is_some_and(|rest| {
            let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
            let host = authority.rsplit('@').next().unwrap_or_default();
            host.starts_with(|c: char| c.is_alphanumeric() || c == '[')
        }),
        "mailto" => is_email(rest),
        "tel" => {
            rest.bytes().any(|b| b.is_ascii_digit())
                && rest.bytes().all(|b| b.is_ascii_digit() || b"+-.() ".contains(&b))
        }
        _ => false,
    }
}

/// Whether a text is an e-mail address. `%` and `#` are refused, which mean something else in a link.
fn is_email(text: &str) -> bool {
    let dotted = |part: &str, allowed: fn(char) -> bool| {
        part.split('.').all(|label| !label.is_empty() && label.chars().all(allowed))
    };
    text.split_once('@').is_some_and(|(name, host)| {
        dotted(name, |c| c.is_alphanumeric() || "_+-'!$&*/=^`{|}~".contains(c))
            && host.contains('.')
            && dotted(host, |c| c.is_alphanumeric() || c == '-')
            && host.split('.').all(|label| !label.starts_with('-') && !label.ends_with('-'))
    })
}

fn person(kinds: &[PersonKind], node: &Node, reader: &mut Reader<'_>) -> Option<Value> {
    let map = match &node.value {
        // A person may be written as the role alone.
        Yaml::Scalar(_) => {
            let role = reader.filled(node)?;
            return kind_allowed(kinds, None, &node.place, reader).then_some(Value::Person(Person {
                role,
                name: None,
                kind: None,
                private: false,
            }));
        }
        Yaml::Map(map) => map,
        Yaml::List(_) => {
            reader.wrong_kind(node, "a person, {role: …, kind: …},");
            return None;
        }
    };
    reader.closed(map, &["role", "name", "kind", "private"]);
    let role = node.get("role").map(|role| reader.filled(role));
    let name = node.get("name").map(|name| reader.filled(name));
    let private = node.get("private").map(|private| reader.boolean(private));
    let kind = match node.get("kind") {
        None => None,
        Some(node) => {
            let text = reader.line(node)?;
            match PersonKind::ALL.into_iter().find(|kind| kind.as_str() == &*text) {
                Some(kind) => Some(kind),
                None => {
                    let names = PersonKind::ALL.map(PersonKind::as_str);
                    let hint = did_you_mean(&text, names).unwrap_or_else(|| format!("kinds: {}", names.join(", ")));
                    reader.wrong_value(&node.place, format!("`{}` is no kind of person", escaped(&text))).hint(hint);
                    return None;
                }
            }
        }
    };
    let Some(role) = role else {
        // A misspelt `role` is one fault.
        if !map.iter().any(|(key, _)| &*key.text != "name" && nearest(&key.text, ["role"]).is_some()) {
            reader.wrong_value(&node.place, "a person needs a `role`").hint("add role: …");
        }
        return None;
    };
    let place = node.get("kind").map_or(&node.place, |kind| &kind.place);
    if !kind_allowed(kinds, kind, place, reader) {
        return None;
    }
    Some(Value::Person(Person { role: role?, name: flat(name)?, kind, private: flat(private)?.unwrap_or(false) }))
}

/// Absent stays absent; present but wrong fails.
fn flat<T>(value: Option<Option<T>>) -> Option<Option<T>> {
    match value {
        None => Some(None),
        Some(None) => None,
        Some(value) => Some(value),
    }
}

fn kind_allowed(kinds: &[PersonKind], kind: Option<PersonKind>, place: &Place, reader: &mut Reader<'_>) -> bool {
    if kinds.is_empty() || kind.is_some_and(|kind| kinds.contains(&kind)) {
        return true;
    }
    let names: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
    let message = match kind {
        Some(kind) => format!("somebody of kind `{}` cannot be this person", kind.as_str()),
        None => "the `kind` of this person is missing".to_owned(),
    };
    reader.wrong_value(place, message).hint(format!("possible: kind: {}", names.join(" | ")));
    false
}

fn term(forms: &[Arc<str>], node: &Node, reader: &mut Reader<'_>) -> Option<Value> {
    let map = reader.map(node)?;
    let names: Vec<&str> = forms.iter().map(|form| &**form).collect();
    for (key, _) in map {
        if !names.contains(&&*key.text) {
            reader.unknown_key(key, names.iter().copied());
        }
    }
    // A misspelt form is one fault.
    let misspelt =
        |form: &str| map.iter().any(|(key, _)| !names.contains(&&*key.text) && nearest(&key.text, [form]).is_some());
    let missing: Vec<&str> = names.iter().copied().filter(|form| node.get(form).is_none() && !misspelt(form)).collect();
    if !missing.is_empty() {
        let message =
            format!("this term lacks the form{} {}", if missing.len() == 1 { "" } else { "s" }, missing.join(", "));
        reader.findings.report(Code::E116, &node.place, message).hint(format!("all are needed: {}", names.join(", ")));
        return None;
    }
    let mut values = Vec::new();
    for form in forms {
        values.push((Arc::clone(form), reader.filled(node.get(form)?)?));
    }
    Some(Value::Term(values))
}
