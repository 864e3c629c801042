//! handbook.yaml and glossary.yaml → [`Declarations`] (spec §4).

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::book::{
    Check, Declarations, Explain, Field, Kind, Language, PerLanguage, PersonKind, Rule, Scalar, Term, TokenDeclaration,
    is_id, is_parameter_name,
};
use crate::diagnostic::{Code, Findings, Place, did_you_mean, escaped, nearest};
use crate::load::reader::Reader;
use crate::load::values;
use crate::load::yaml::{self, Key, Node};

/// Names that are always there, or that mean something else.
const RESERVED: &[&str] = &["organisation"];

/// Reads handbook.yaml; an absent or empty file declares nothing.
pub fn decode(path: &Arc<str>, text: &str, languages: &[Language], findings: &mut Findings) -> Declarations {
    let mut declarations = Declarations::default();
    let Some(node) = yaml::parse(path, text, 1, yaml::FILE, findings) else { return declarations };
    let mut reader = Reader::new(yaml::FILE, languages);
    if let Some(map) = reader.map(&node) {
        reader.closed(map, &["explain", "params", "placement", "theme", "rules"]);
        if let Some(node) = node.get("explain") {
            declarations.explain = explain(node, &mut reader);
        }
        if let Some(node) = node.get("params") {
            declarations.has_parameters = true;
            declarations.parameters = fields(node, &mut reader);
        }
        if let Some(node) = node.get("placement") {
            declarations.placement = fields(node, &mut reader);
        }
        let named = ["params", "placement"].into_iter().filter_map(|key| node.get(key));
        declarations.refused = named
            .filter_map(|node| match &node.value {
                yaml::Yaml::Map(map) => Some(map),
                yaml::Yaml::Scalar(_) | yaml::Yaml::List(_) => None,
            })
            .flatten()
            .map(|(key, _)| Arc::clone(&key.text))
            .filter(|name| declarations.parameter(name).or_else(|| declarations.placement_field(name)).is_none())
            .collect();
        if let Some(node) = node.get("theme") {
            declarations.tokens = tokens(node, &mut reader);
        }
        if let Some(node) = node.get("rules") {
            declarations.rules = rules(node, &declarations, &mut reader);
        }
    }
    findings.append(&mut reader.findings);
    declarations
}

fn explain(node: &Node, reader: &mut Reader<'_>) -> Explain {
    let mut explain = Explain::default();
    let Some(map) = reader.map(node) else { return explain };
    reader.closed(map, &["remove", "replace"]);
    for (key, value) in map {
        let required = match reader.line(value).as_deref() {
            Some("required") => true,
            Some("optional") | None => false,
            Some(other) => {
                let message = format!("`{}` is not `required`", escaped(other));
                reader.wrong_value(&value.place, message).hints.push("write `required`, or leave the key out".into());
                false
            }
        };
        match &*key.text {
            "remove" => explain.remove = required,
            "replace" => explain.replace = required,
            _ => {}
        }
    }
    explain
}

fn fields(node: &Node, reader: &mut Reader<'_>) -> Vec<Field> {
    if node.is_empty() {
        return Vec::new();
    }
    let Some(map) = reader.map(node) else { return Vec::new() };
    map.iter().filter_map(|(key, node)| field(key, node, reader)).collect()
}

fn field(key: &Key, node: &Node, reader: &mut Reader<'_>) -> Option<Field> {
    if !is_parameter_name(&key.text) || RESERVED.contains(&&*key.text) {
        let message = format!("`{}` cannot be the name of a parameter", escaped(&key.text));
        let hint =
            if RESERVED.contains(&&*key.text) { "it is always there" } else { "use lower-case letters, digits and _" };
        reader.report(Code::E109, &key.place, message).hints.push(hint.into());
        return None;
    }
    let map = reader.map(node)?;
    let Some(type_node) = node.get("type") else {
        // A misspelt `type` is one fault.
        match map.iter().find(|(key, _)| nearest(&key.text, ["type"]).is_some()) {
            Some((misspelt, _)) => reader.unknown_key(misspelt, ["type"]),
            None => {
                reader.report(Code::E115, &key.place, format!("`{}` has no `type`", key.text));
            }
        }
        return None;
    };
    let name = reader.line(type_node)?;
    let mut allowed = vec!["type", "required", "label", "default"];
    let kind = kind(&name, type_node, node, &mut allowed, reader)?;
    reader.closed(map, &allowed);
    let mut field = Field {
        name: Arc::clone(&key.text),
        kind,
        required: node.get("required").and_then(|node| reader.boolean(node)).unwrap_or(false),
        label: node.get("label").map(|node| reader.per_language(node, Reader::line)).unwrap_or_default(),
        default: None,
        place: key.place.clone(),
    };
    field.default = node.get("default").and_then(|node| values::value(&field, node, reader));
    Some(field)
}

const TYPES: [&str; 10] = ["text", "integer", "boolean", "date", "choice", "list", "url", "email", "color", "person"];

fn kind(name: &str, type_node: &Node, node: &Node, allowed: &mut Vec<&str>, reader: &mut Reader<'_>) -> Option<Kind> {
    match name {
        "list" => {
            allowed.push("of");
            let Some(of) = node.get("of") else {
                reader.report(Code::E115, &type_node.place, "a list needs `of:`, the type of its items");
                return None;
            };
            let name = reader.line(of)?;
            scalar(&name, of, node, allowed, reader).map(Kind::List)
        }
        "person" => {
            allowed.push("kinds");
            let mut kinds = Vec::new();
            for item in node.get("kinds").and_then(|node| reader.list(node)).unwrap_or_default() {
                let Some(text) = reader.line(item) else { continue };
                match PersonKind::ALL.into_iter().find(|kind| kind.as_str() == &*text) {
                    Some(kind) => kinds.push(kind),
                    None => {
                        let names = PersonKind::ALL.map(PersonKind::as_str);
                        let hint = did_you_mean(&text, names).unwrap_or_else(|| format!("kinds: {}", names.join(", ")));
                        reader
                            .wrong_value(&item.place, format!("`{}` is no kind of person", escaped(&text)))
                            .hints
                            .push(hint);
                    }
                }
            }
            Some(Kind::Person { kinds })
        }
        "term" => {
            allowed.push("forms");
            let forms = node.get("forms").and_then(|node| reader.lines(node)).unwrap_or_default();
            if forms.is_empty() {
                reader.report(Code::E115, &type_node.place, "a term needs `forms:`, the names of its forms");
                return None;
            }
            for form in &forms {
                if !is_parameter_name(form) {
                    reader.wrong_value(&type_node.place, format!("`{}` cannot be the name of a form", escaped(form)));
                }
            }
            Some(Kind::Term { forms })
        }
        _ => scalar(name, type_node, node, allowed, reader).map(Kind::Scalar),
    }
}

fn scalar(
    name: &str,
    type_node: &Node,
    node: &Node,
    allowed: &mut Vec<&str>,
    reader: &mut Reader<'_>,
) -> Option<Scalar> {
    Some(match name {
        "text" => Scalar::Text,
        "boolean" => Scalar::Boolean,
        "date" => Scalar::Date,
        "url" => Scalar::Url,
        "email" => Scalar::Email,
        "color" => Scalar::Color,
        "integer" => {
            allowed.extend(["min", "max"]);
            Scalar::Integer {
                min: node.get("min").and_then(|node| reader.integer(node)),
                max: bound(node, ("min", "max"), reader),
            }
        }
        "choice" => {
            allowed.push("options");
            let Some(options) = node.get("options") else {
                reader.report(Code::E115, &type_node.place, "a choice needs `options:`");
                return None;
            };
            Scalar::Choice { options: self::options(options, reader) }
        }
        other => {
            let hint = did_you_mean(other, TYPES.into_iter().chain(["term"]))
                .unwrap_or_else(|| format!("types: {}, term", TYPES.join(", ")));
            reader.wrong_value(&type_node.place, format!("`{}` is no type", escaped(other))).hints.push(hint);
            return None;
        }
    })
}

/// The upper of two bounds; one below the lower bound lets nothing pass.
fn bound(node: &Node, (low, high): (&str, &str), reader: &mut Reader<'_>) -> Option<i64> {
    let upper = node.get(high)?;
    let max = reader.integer(upper)?;
    let min = node.get(low).and_then(|node| match &node.value {
        yaml::Yaml::Scalar(scalar) => scalar.text.parse::<i64>().ok(),
        yaml::Yaml::List(_) | yaml::Yaml::Map(_) => None,
    });
    if min.is_some_and(|min| min > max) {
        let message = format!("`{high}` is smaller than `{low}`: no value can be right");
        reader.wrong_value(&upper.place, message).hints.push("exchange the two".into());
        return None;
    }
    Some(max)
}

/// Options as a map from id to label, or as a list of ids that label themselves.
fn options(node: &Node, reader: &mut Reader<'_>) -> Vec<(Arc<str>, PerLanguage<Arc<str>>)> {
    let mut found: Vec<(Arc<str>, PerLanguage<Arc<str>>)> = Vec::new();
    let mut add = |id: Arc<str>, place: &Place, label: PerLanguage<Arc<str>>, reader: &mut Reader<'_>| {
        if !is_id(&id) {
            let message = format!("`{}` is no valid id of an option", escaped(&id));
            reader.wrong_value(place, message).hints.push("use lower-case letters, digits and hyphens".into());
        } else {
            found.push((id, label));
        }
    };
    match &node.value {
        yaml::Yaml::List(items) => {
            for item in items {
                if let Some(id) = reader.line(item) {
                    add(Arc::clone(&id), &item.place, PerLanguage::one(id), reader);
                }
            }
        }
        yaml::Yaml::Map(map) => {
            for (key, node) in map {
                let label = if node.is_empty() {
                    PerLanguage::one(Arc::clone(&key.text))
                } else {
                    reader.per_language(node, Reader::line)
                };
                add(Arc::clone(&key.text), &key.place, label, reader);
            }
        }
        yaml::Yaml::Scalar(_) => reader.wrong_kind(node, "a map of options"),
    }
    found
}

fn tokens(node: &Node, reader: &mut Reader<'_>) -> Vec<TokenDeclaration> {
    let Some(map) = reader.map(node) else { return Vec::new() };
    reader.closed(map, &["tokens"]);
    let Some(map) = node.get("tokens").and_then(|node| reader.map(node)) else { return Vec::new() };
    let mut tokens = Vec::new();
    for (key, node) in map {
        let Some(map) = reader.map(node) else { continue };
        reader.closed(map, &["type", "default"]);
        if let Some(kind) = node.get("type")
            && let Some(text) = reader.line(kind)
            && &*text != "color"
        {
            reader.wrong_value(&kind.place, format!("a token is a `color`, not `{}`", escaped(&text)));
        }
        let default = node.get("default").and_then(|node| {
            let text = reader.line(node)?;
            values::color(&text, &node.place, reader)
        });
        tokens.push(TokenDeclaration { name: Arc::clone(&key.text), default, place: key.place.clone() });
    }
    tokens
}

fn rules(node: &Node, declarations: &Declarations, reader: &mut Reader<'_>) -> Vec<Rule> {
    if node.is_empty() {
        return Vec::new();
    }
    let Some(map) = reader.map(node) else { return Vec::new() };
    map.iter().filter_map(|(key, node)| rule(key, node, declarations, reader)).collect()
}

fn rule(key: &Key, node: &Node, declarations: &Declarations, reader: &mut Reader<'_>) -> Option<Rule> {
    let map = reader.map(node)?;
    let Some(check_node) = node.get("check") else {
        reader.report(Code::E115, &key.place, format!("the rule `{}` has no `check`", key.text));
        return None;
    };
    let name = reader.line(check_node)?;
    let operand = |name: &str, wanted: Operand, reader: &mut Reader<'_>| {
        let Some(operand) = node.get(name) else {
            reader.report(Code::E115, &key.place, format!("the rule `{}` lacks `{name}`", key.text));
            return None;
        };
        let field = reader.line(operand)?;
        known(&field, wanted, &operand.place, declarations, reader).then_some(field)
    };
    let (check, keys): (Option<Check>, &[&str]) = match &*name {
        "order" => {
            let of = node.get("of").and_then(|node| reader.list(node)).unwrap_or_default();
            let mut fields = Vec::new();
            for item in of {
                if let Some(field) = reader.line(item)
                    && known(&field, Operand::Date, &item.place, declarations, reader)
                {
                    fields.push(field);
                }
            }
            if fields.len() < 2 && of.len() < 2 {
                reader.report(Code::E115, &check_node.place, "`order` needs `of:` with two dates or more");
            }
            ((fields.len() >= 2).then_some(Check::Order { of: fields }), &["of"])
        }
        "count" => {
            let of = operand("of", Operand::List, reader);
            let min = node.get("min").and_then(|node| reader.integer(node));
            let max = bound(node, ("min", "max"), reader);
            (of.map(|of| Check::Count { of, min, max }), &["of", "min", "max"])
        }
        "within" => {
            let each = operand("each", Operand::Dates, reader);
            let after = operand("after", Operand::Date, reader);
            let before = operand("before", Operand::Date, reader);
            let min = node.get("min").and_then(|node| reader.integer(node));
            let check =
                each.zip(after).zip(before).map(|((each, after), before)| Check::Within { each, after, before, min });
            (check, &["each", "after", "before", "min"])
        }
        "gap" => {
            let from = operand("from", Operand::Date, reader);
            let to = operand("to", Operand::Date, reader);
            let min_days = node.get("min_days").and_then(|node| reader.integer(node));
            let max_days = bound(node, ("min_days", "max_days"), reader);
            (
                from.zip(to).map(|(from, to)| Check::Gap { from, to, min_days, max_days }),
                &["from", "to", "min_days", "max_days"],
            )
        }
        other => {
            let checks = ["order", "count", "within", "gap"];
            let hint = did_you_mean(other, checks).unwrap_or_else(|| format!("checks: {}", checks.join(", ")));
            reader.wrong_value(&check_node.place, format!("`{}` is no check", escaped(other))).hints.push(hint);
            return None;
        }
    };
    let allowed: Vec<&str> = ["check", "level", "see"].into_iter().chain(keys.iter().copied()).collect();
    reader.closed(map, &allowed);
    let warning = match node.get("level").map(|node| (reader.line(node), node)) {
        Some((Some(level), node)) => match &*level {
            "warning" => true,
            "error" => false,
            other => {
                let message = format!("`{}` is no level", escaped(other));
                reader.wrong_value(&node.place, message).hints.push("write `error` or `warning`".into());
                false
            }
        },
        _ => false,
    };
    let see = node.get("see").and_then(|node| Some((reader.line(node)?.as_ref().into(), node.place.clone())));
    Some(Rule { name: Arc::clone(&key.text), check: check?, warning, see, place: key.place.clone() })
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
        let hint = did_you_mean(name, names);
        reader
            .report(Code::E114, place, format!("`{}` is neither a parameter nor a placement field", escaped(name)))
            .hints
            .extend(hint);
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

/// Reads glossary.yaml; an absent or empty file has no terms.
pub fn glossary(
    path: &Arc<str>,
    text: &str,
    languages: &[Language],
    findings: &mut Findings,
) -> BTreeMap<Arc<str>, Vec<(Language, Term)>> {
    let mut glossary = BTreeMap::new();
    let Some(node) = yaml::parse(path, text, 1, yaml::FILE, findings) else { return glossary };
    let mut reader = Reader::new(yaml::FILE, languages);
    if let Some(map) = reader.map(&node) {
        reader.closed(map, &["terms"]);
    }
    let terms = node.get("terms").filter(|node| !node.is_empty()).and_then(|node| reader.map(node)).unwrap_or_default();
    for (key, node) in terms {
        if !is_id(&key.text) {
            reader.wrong_value(&key.place, format!("`{}` is no valid id of a term", escaped(&key.text)));
            continue;
        }
        let Some(map) = reader.map(node) else { continue };
        let mut by_language = Vec::new();
        for (language, node) in map {
            let Some(known) = languages.iter().find(|known| ***known == *language.text) else {
                // A glossary may serve more languages than this handbook is built in.
                continue;
            };
            let Some(map) = reader.map(node) else { continue };
            reader.closed(map, &["term", "also", "text"]);
            let line = |name: &str, reader: &mut Reader<'_>| match node.get(name) {
                Some(node) => {
                    reader.text(node).map(|text| text.split_whitespace().collect::<Vec<_>>().join(" ").into())
                }
                None => {
                    reader.report(Code::E115, &language.place, format!("the term `{}` lacks `{name}`", key.text));
                    None
                }
            };
            let term: Option<Arc<str>> = line("term", &mut reader);
            let text: Option<Arc<str>> = line("text", &mut reader);
            let also = node.get("also").and_then(|node| reader.lines(node)).unwrap_or_default();
            if let (Some(term), Some(text)) = (term, text) {
                by_language.push((known.clone(), Term { term, also, text }));
            }
        }
        glossary.insert(Arc::clone(&key.text), by_language);
    }
    findings.append(&mut reader.findings);
    glossary
}
