//! The schema of handbook.yaml: the types, and in its rules the parameters, fields and pages that there are.

use serde_json::{Map, Value, json};

use super::{COLOR, ID, PARAMETER, by_id, closed, described, per_language, properties, root, text_value};
use crate::book::{Handbook, PersonKind};

/// The schema of handbook.yaml.
pub fn schema(handbook: &Handbook) -> Value {
    let declarations = &handbook.declarations;
    let required = || json!({ "enum": ["required", "optional"] });
    let explain = closed(properties([("remove", required()), ("replace", required())]), &[]);
    let token = closed(
        properties([
            ("type", json!({ "enum": ["color"] })),
            ("default", json!({ "type": "string", "pattern": COLOR })),
        ]),
        &[],
    );
    let names: Vec<&str> =
        declarations.parameters.iter().chain(&declarations.placement).map(|field| &*field.name).collect();
    let body = closed(
        properties([
            ("explain", described(explain, "Comply or explain: which changes need a reason.")),
            ("params", described(by_id(PARAMETER, field(handbook)), "What organisations fill in.")),
            ("placement", described(by_id(PARAMETER, field(handbook)), "The fields of one internship.")),
            ("theme", closed(properties([("tokens", by_id("^[a-z][a-z0-9-]*$", token))]), &[])),
            ("rules", described(by_id(ID, rule(handbook, &names)), "Checks on declared data.")),
        ]),
        &[],
    );
    root("What may vary in the handbook", body)
}

/// A parameter or field: each type has keys of its own.
fn field(handbook: &Handbook) -> Value {
    let languages = &handbook.config.languages;
    let text = || per_language(text_value(), languages);
    let options = json!({ "anyOf": [
        { "type": "array", "items": { "type": "string", "pattern": ID } },
        by_id(ID, json!({ "anyOf": [text(), { "type": "null" }] })),
    ] });
    let kinds: Vec<&str> = PersonKind::ALL.into_iter().map(PersonKind::as_str).collect();
    let common = || {
        properties([
            ("required", described(json!({ "type": "boolean" }), "Every edition must give it.")),
            ("label", described(text(), "What it is called in prose.")),
        ])
    };
    let shape = |kind: Value, more: Map<String, Value>, default: Value, required: &[&str]| {
        let mut keys = common();
        keys.insert("type".into(), kind);
        keys.insert("default".into(), per_language(default, languages));
        keys.extend(more);
        closed(keys, &[&["type"], required].concat())
    };
    let bounds = || properties([("min", json!({ "type": "integer" })), ("max", json!({ "type": "integer" }))]);
    let choice = || properties([("options", options.clone())]);
    let list = |of: Value, more: Map<String, Value>, required: &[&str]| {
        let mut keys = more;
        keys.insert("of".into(), of);
        shape(json!({ "const": "list" }), keys, json!({ "type": "array", "items": text_value() }), required)
    };
    let simple = || json!({ "enum": ["text", "boolean", "date", "url", "email", "color"] });
    let person = closed(
        properties([
            ("role", text_value()),
            ("name", text_value()),
            ("kind", json!({ "enum": kinds })),
            ("private", json!({ "type": "boolean" })),
        ]),
        &[],
    );
    json!({ "oneOf": [
        shape(simple(), Map::new(), text_value(), &[]),
        shape(json!({ "const": "integer" }), bounds(), json!({ "type": "integer" }), &[]),
        shape(json!({ "const": "choice" }), choice(), text_value(), &["options"]),
        list(simple(), Map::new(), &["of"]),
        list(json!({ "const": "integer" }), bounds(), &["of"]),
        list(json!({ "const": "choice" }), choice(), &["of", "options"]),
        shape(
            json!({ "const": "person" }),
            properties([("kinds", json!({ "type": "array", "items": { "enum": kinds } }))]),
            json!({ "anyOf": [text_value(), person] }),
            &[],
        ),
        shape(
            json!({ "const": "term" }),
            properties([("forms", json!({ "type": "array", "items": { "type": "string", "pattern": PARAMETER } }))]),
            by_id(PARAMETER, text_value()),
            &["forms"],
        ),
    ] })
}

fn rule(handbook: &Handbook, names: &[&str]) -> Value {
    let pages: Vec<&str> = handbook.pages.keys().map(|page| &**page).collect();
    let name = || if names.is_empty() { json!({ "not": {} }) } else { json!({ "enum": names }) };
    let number = || json!({ "type": "integer" });
    let shape = |check: &str, more: Map<String, Value>, required: &[&str]| {
        let mut keys = properties([
            ("check", json!({ "const": check })),
            ("level", json!({ "enum": ["error", "warning"] })),
            ("see", described(json!({ "enum": pages }), "The page that explains it.")),
        ]);
        keys.extend(more);
        closed(keys, &[&["check"], required].concat())
    };
    json!({ "oneOf": [
        shape("order", properties([("of", json!({ "type": "array", "items": name(), "minItems": 2 }))]), &["of"]),
        shape("count", properties([("of", name()), ("min", number()), ("max", number())]), &["of"]),
        shape(
            "within",
            properties([("each", name()), ("after", name()), ("before", name()), ("min", number())]),
            &["each", "after", "before"],
        ),
        shape(
            "gap",
            properties([("from", name()), ("to", name()), ("min_days", number()), ("max_days", number())]),
            &["from", "to"],
        ),
    ] })
}
