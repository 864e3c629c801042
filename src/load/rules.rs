//! `rules:` of handbook.yaml → [`Rule`]s (spec §4).

use std::sync::Arc;

use crate::book::{Check, Declarations, Kind, Rule, Scalar};
use crate::diagnostic::{Code, Place, did_you_mean, escaped, nearest};
use crate::load::reader::Reader;
use crate::load::yaml::{self, Key, Node};

/// Reads `rules:`, by name.
pub fn decode(node: &Node, declarations: &Declarations, reader: &mut Reader<'_>) -> Vec<Rule> {
    let Some(map) = reader.map(node) else { return Vec::new() };
    let mut rules: Vec<Rule> = map.iter().filter_map(|(key, node)| rule(key, node, declarations, reader)).collect();
    rules.sort_by(|a, b| a.name.cmp(&b.name));
    rules
}

/// The keys that every rule may have.
const KEYS: [&str; 3] = ["check", "level", "see"];

/// The checks, each with the keys of its own.
const CHECKS: [(&str, &[&str]); 4] = [
    ("order", &["of"]),
    ("count", &["of", "min", "max"]),
    ("within", &["each", "after", "before", "min"]),
    ("gap", &["from", "to", "min_days", "max_days"]),
];

fn rule(key: &Key, node: &Node, declarations: &Declarations, reader: &mut Reader<'_>) -> Option<Rule> {
    let map = reader.map(node)?;
    let name = node.get("check").and_then(|node| reader.line(node));
    let named = CHECKS.iter().find(|(check, _)| name.as_deref() == Some(check));
    let keys = CHECKS.iter().filter(|check| named.is_none_or(|named| named.0 == check.0));
    let allowed: Vec<&str> = KEYS.into_iter().chain(keys.flat_map(|(_, keys)| keys.iter().copied())).collect();
    reader.closed(map, &allowed);
    if node.get("check").is_none() {
        // A misspelt `check` is one fault.
        if !map.iter().any(|(key, _)| nearest(&key.text, allowed.iter().copied()) == Some("check")) {
            reader.findings.report(Code::E115, &key.place, format!("the rule `{}` has no `check`", key.text));
        }
        return None;
    }
    let check = check(&name?, (key, node), declarations, reader);
    let warning = match node.get("level").map(|node| (reader.line(node), node)) {
        Some((Some(level), node)) => match &*level {
            "warning" => true,
            "error" => false,
            other => {
                let message = format!("`{}` is no level", escaped(other));
                reader.wrong_value(&node.place, message).hint("write `error` or `warning`");
                false
            }
        },
        _ => false,
    };
    let see = node.get("see").and_then(|node| Some((reader.line(node)?.as_ref().into(), node.place.clone())));
    Some(Rule { name: Arc::clone(&key.text), check: check?, warning, see, place: key.place.clone() })
}

/// What a rule demands; `name` is the value of its `check`.
fn check(name: &str, rule: (&Key, &Node), declarations: &Declarations, reader: &mut Reader<'_>) -> Option<Check> {
    let (key, node) = rule;
    let operand = |name: &str, wanted: Operand, reader: &mut Reader<'_>| {
        let Some(operand) = node.get(name) else {
            reader.findings.report(Code::E115, &key.place, format!("the rule `{}` lacks `{name}`", key.text));
            return None;
        };
        let field = reader.line(operand)?;
        known(&field, wanted, &operand.place, declarations, reader).then_some(field)
    };
    let integer = |name: &str, reader: &mut Reader<'_>| node.get(name).and_then(|node| reader.integer(node));
    let bounds = |names: [&str; 2], reader: &mut Reader<'_>| {
        if names.iter().all(|name| node.get(name).is_none()) {
            let message = format!("the rule `{}` has no bound", key.text);
            reader.findings.report(Code::E115, &key.place, message).hint(format!("add {} or {}", names[0], names[1]));
        }
        (integer(names[0], reader), bound(node, (names[0], names[1]), reader))
    };
    match name {
        "order" => order(rule, declarations, reader),
        "count" => {
            let of = operand("of", Operand::List, reader);
            let (min, max) = bounds(["min", "max"], reader);
            Some(Check::Count { of: of?, min, max })
        }
        "within" => {
            let each = operand("each", Operand::Dates, reader);
            let after = operand("after", Operand::Date, reader);
            let before = operand("before", Operand::Date, reader);
            let min = integer("min", reader);
            Some(Check::Within { each: each?, after: after?, before: before?, min })
        }
        "gap" => {
            let from = operand("from", Operand::Date, reader);
            let to = operand("to", Operand::Date, reader);
            let (min_days, max_days) = bounds(["min_days", "max_days"], reader);
            Some(Check::Gap { from: from?, to: to?, min_days, max_days })
        }
        other => {
            let checks = CHECKS.map(|(check, _)| check);
            let hint = did_you_mean(other, checks).unwrap_or_else(|| format!("checks: {}", checks.join(", ")));
            let place = node.get("check").map_or(&key.place, |node| &node.place);
            reader.wrong_value(place, format!("`{}` is no check", escaped(other))).hint(hint);
            None
        }
    }
}

fn order((key, node): (&Key, &Node), declarations: &Declarations, reader: &mut Reader<'_>) -> Option<Check> {
    let items = match node.get("of") {
        Some(node) => reader.list(node)?,
        None => &[],
    };
    if items.len() < 2 {
        let place = node.get("of").map_or(&key.place, |node| &node.place);
        reader.findings.report(Code::E115, place, "`order` needs `of:` with two dates or more");
        return None;
    }
    let mut fields: Vec<Arc<str>> = Vec::new();
    for item in items {
        let Some(field) = reader.line(item) else { continue };
        if fields.contains(&field) {
            reader.wrong_value(&item.place, format!("`{field}` stands here twice: nothing is earlier than itself"));
        } else if known(&field, Operand::Date, &item.place, declarations, reader) {
            fields.push(field);
        }
    }
    (fields.len() >= 2).then_some(Check::Order { of: fields })
}

/// The upper of two bounds; one below the lower bound lets nothing pass.
pub fn bound(node: &Node, (low, high): (&str, &str), reader: &mut Reader<'_>) -> Option<i64> {
    let upper = node.get(high)?;
    let max = reader.integer(upper)?;
    let min = node.get(low).and_then(|node| match &node.value {
        yaml::Yaml::Scalar(scalar) => scalar.text.parse::<i64>().ok(),
        yaml::Yaml::List(_) | yaml::Yaml::Map(_) => None,
    });
    if min.is_some_and(|min| min > max) {
        let message = format!("`{high}` is smaller than `{low}`: no value can be right");
        reader.wrong_value(&upper.place, message).hint("exchange the two");
        return None;
    }
    Some(max)
}

/// What a rule wants of a field.
#[derive(Clone, Copy)]
enum Operand {
    Date,
    Dates,
    List,
}

fn known(name: &str, wanted: Operand, place: &Place, declarations: &Declarations, reader: &mut Reader<'_>) -> bool {
    let Some(field) = declarations.placement_field(name).or_else(|| declarations.parameter(name)) else {
        // A declaration that was refused is there all the same.
        if declarations.refused.iter().any(|refused| **refused == *name) {
            return false;
        }
        let names = declarations.placement.iter().chain(&declarations.parameters).map(|field| &*field.name);
        let message = format!("`{}` is neither a parameter nor a placement field", escaped(name));
        reader.unknown_name((Code::E114, place), message, (name, names));
        return false;
    };
    let (fits, want) = match wanted {
        Operand::Date => (matches!(field.kind, Kind::Scalar(Scalar::Date)), "a date"),
        Operand::Dates => (matches!(field.kind, Kind::List(Scalar::Date)), "a list of dates"),
        Operand::List => (matches!(field.kind, Kind::List(_)), "a list"),
    };
    if !fits {
        reader.wrong_value(place, format!("`{name}` is no {}", want.trim_start_matches("a ")));
    }
    fits
}
