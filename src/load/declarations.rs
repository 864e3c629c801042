//! handbook.yaml → [`Declarations`] (spec §4). The order of its keys means nothing: everything comes out by name.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::book::{
    Declarations, Explain, Field, Kind, Language, PerLanguage, PersonKind, Scalar, TokenDeclaration, is_id,
    is_parameter_name,
};
use crate::diagnostic::{Code, Findings, LOWER_CASE, Place, did_you_mean, escaped, nearest};
use crate::load::reader::Reader;
use crate::load::rules::{self, bound};
use crate::load::values;
use crate::load::yaml::{self, Key, Node};

/// A name that cannot be declared, and why.
type Reserved = (&'static str, &'static str);

const ORGANISATION: Reserved = ("organisation", "it is always there");
const PUBLISH: Reserved = ("publish", "it says whether a placement is published");

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
            declarations.has_parameters = matches!(&node.value, yaml::Yaml::Map(map) if !map.is_empty());
            declarations.parameters = fields(node, &[ORGANISATION], &mut reader);
        }
        if let Some(node) = node.get("placement") {
            declarations.placement = fields(node, &[ORGANISATION, PUBLISH], &mut reader);
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
            declarations.rules = rules::decode(node, &declarations, &mut reader);
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
                reader.wrong_value(&value.place, message).hint("write `required`, or leave the key out");
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

fn fields(node: &Node, reserved: &[Reserved], reader: &mut Reader<'_>) -> Vec<Field> {
    let Some(map) = reader.map(node) else { return Vec::new() };
    let mut fields: Vec<Field> = map.iter().filter_map(|(key, node)| field(key, node, reserved, reader)).collect();
    fields.sort_by(|a, b| a.name.cmp(&b.name));
    fields
}

fn field(key: &Key, node: &Node, reserved: &[Reserved], reader: &mut Reader<'_>) -> Option<Field> {
    let taken = reserved.iter().find(|(name, _)| *name == &*key.text);
    if !is_parameter_name(&key.text) || taken.is_some() {
        let message = format!("`{}` cannot be the name of a parameter", escaped(&key.text));
        let hint = taken.map_or("use lower-case letters, digits and _", |(_, why)| why);
        reader.findings.report(Code::E109, &key.place, message).hint(hint);
        return None;
    }
    let map = reader.map(node)?;
    let Some(type_node) = node.get("type") else {
        // A misspelt `type` is one fault.
        match map.iter().find(|(key, _)| nearest(&key.text, ["type"]).is_some()) {
            Some((misspelt, _)) => reader.unknown_key(misspelt, ["type"]),
            None => {
                reader.findings.report(Code::E115, &key.place, format!("`{}` has no `type`", key.text));
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
        label: node.get("label").map(|node| label(node, reader)).unwrap_or_default(),
        default: None,
        place: key.place.clone(),
    };
    field.default = node.get("default").and_then(|node| {
        let value = values::value(&field, node, reader)?;
        untranslated(Code::W206, (&value, &node.place), reader);
        Some(value)
    });
    Some(field)
}

/// What readers call something.
fn label(node: &Node, reader: &mut Reader<'_>) -> PerLanguage<Arc<str>> {
    let label = reader.per_language(node, Reader::filled);
    untranslated(Code::N203, (&label, &node.place), reader);
    label
}

/// A map per language lacks one of the handbook's: readers see another one's words there.
fn untranslated<T>(code: Code, (value, place): (&PerLanguage<T>, &Place), reader: &mut Reader<'_>) {
    let Some((given, _)) = value.named.first() else { return };
    let languages = reader.languages;
    for language in languages.iter().filter(|language| !value.named.iter().any(|(named, _)| named == *language)) {
        reader
            .findings
            .report(code, place, format!("this is in `{given}` and is not translated into `{language}`"))
            .hint(format!("add {language}: …"));
    }
}

const TYPES: [&str; 10] = ["text", "integer", "boolean", "date", "choice", "list", "url", "email", "color", "person"];

fn kind(name: &str, type_node: &Node, node: &Node, allowed: &mut Vec<&str>, reader: &mut Reader<'_>) -> Option<Kind> {
    match name {
        "list" => {
            allowed.push("of");
            let Some(of) = node.get("of") else {
                reader.findings.report(Code::E115, &type_node.place, "a list needs `of:`, the type of its items");
                return None;
            };
            let name = reader.line(of)?;
            if matches!(&*name, "list" | "person" | "term") {
                let finding = reader.wrong_value(&of.place, format!("a list cannot hold items of type {name}"));
                finding.hint("its items are scalars: text, integer, date, choice, …");
                return None;
            }
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
                            .hint(hint);
                    }
                }
            }
            Some(Kind::Person { kinds })
        }
        "term" => {
            allowed.push("forms");
            let Some(node) = node.get("forms").filter(|node| !holds_nothing(node)) else {
                reader.findings.report(Code::E115, &type_node.place, "a term needs `forms:`, the names of its forms");
                return None;
            };
            let forms = reader.lines(node)?;
            let mut seen = BTreeSet::new();
            for form in &forms {
                if !is_parameter_name(form) {
                    reader.wrong_value(&node.place, format!("`{}` cannot be the name of a form", escaped(form)));
                } else if !seen.insert(form) {
                    reader.wrong_value(&node.place, format!("the form `{form}` stands here twice"));
                }
            }
            Some(Kind::Term { forms })
        }
        _ => scalar(name, type_node, node, allowed, reader).map(Kind::Scalar),
    }
}

fn holds_nothing(node: &Node) -> bool {
    match &node.value {
        yaml::Yaml::List(items) => items.is_empty(),
        yaml::Yaml::Map(map) => map.is_empty(),
        yaml::Yaml::Scalar(_) => node.is_empty(),
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
            let Some(options) = node.get("options").filter(|node| !holds_nothing(node)) else {
                reader.findings.report(Code::E115, &type_node.place, "a choice needs `options:`");
                return None;
            };
            Scalar::Choice { options: self::options(options, reader) }
        }
        other => {
            let hint = did_you_mean(other, TYPES.into_iter().chain(["term"]))
                .unwrap_or_else(|| format!("types: {}, term", TYPES.join(", ")));
            reader.wrong_value(&type_node.place, format!("`{}` is no type", escaped(other))).hint(hint);
            return None;
        }
    })
}

/// Options as a map from id to label, or as a list of ids that label themselves.
fn options(node: &Node, reader: &mut Reader<'_>) -> Vec<(Arc<str>, PerLanguage<Arc<str>>)> {
    let mut found: Vec<(Arc<str>, PerLanguage<Arc<str>>)> = Vec::new();
    let mut add = |id: Arc<str>, place: &Place, label: PerLanguage<Arc<str>>, reader: &mut Reader<'_>| {
        if !is_id(&id) {
            let message = format!("`{}` is no valid id of an option", escaped(&id));
            reader.wrong_value(place, message).hint(LOWER_CASE);
        } else if found.iter().any(|(known, _)| *known == id) {
            reader.wrong_value(place, format!("the option `{id}` stands here twice"));
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
                let label =
                    if node.is_empty() { PerLanguage::one(Arc::clone(&key.text)) } else { self::label(node, reader) };
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
        if !is_id(&key.text) {
            let message = format!("`{}` cannot be the name of a token", escaped(&key.text));
            reader.wrong_value(&key.place, message).hint(LOWER_CASE);
            continue;
        }
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
