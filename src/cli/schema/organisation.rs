//! The schema of a layer: the addresses that there are and may be changed, the parameters with their types
//! and options, the fields of a placement. Locked addresses are absent.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::{COLOR, DATE, ID, PIN, by_id, closed, described, per_language, properties, root, text_value};
use crate::book::{
    Address, Field, Handbook, InsertBody, Kind, Language, Lock, Page, PageId, PersonKind, Scalar, Section, SectionId,
};

/// The schema of organisations/ID.yaml.
pub fn schema(handbook: &Handbook) -> Value {
    let languages = &handbook.config.languages;
    let names: Vec<&str> = languages.iter().map(|language| &**language).collect();
    let parameters: Vec<&str> = handbook.declarations.parameters.iter().map(|field| &*field.name).collect();
    let layers: Vec<&str> = handbook.layers.keys().map(|id| &**id).collect();
    let list = |values: &[&str]| json!({ "type": "array", "items": one_of(values), "uniqueItems": true });
    let text = || per_language(text_value(), languages);
    let mut body = closed(
        properties([
            (
                "extends",
                described(one_of(&layers), "The layer that this one builds on; without it, the handbook itself."),
            ),
            ("name", described(text(), "The name by which readers know the organisation.")),
            ("abstract", described(json!({ "type": "boolean" }), "true: a layer without an edition of its own.")),
            ("languages", described(list(&names), "The languages of its edition; without it, all.")),
            ("params", or_nothing(closed(fields(&handbook.declarations.parameters, handbook), &[]))),
            ("theme", theme(handbook)),
            ("final", described(list(&parameters), "Parameters that no layer below may set again.")),
            (
                "changes",
                described(
                    or_nothing(changes(handbook)),
                    "What is said otherwise, by address: a page, or page#section.",
                ),
            ),
            ("insert", described(inserts(handbook), "What is added, by its new address.")),
            (
                "placements",
                described(placements(handbook), "Single internships: checked, and shown with `publish: true` alone."),
            ),
        ]),
        &["name"],
    );
    body["$defs"] = definitions(handbook);
    root("An organisation's layer", body)
}

/// What stands at many addresses is written once.
fn definitions(handbook: &Handbook) -> Value {
    let languages = &handbook.config.languages;
    let text = || per_language(text_value(), languages);
    let pin = per_language(json!({ "type": "string", "pattern": PIN }), languages);
    let notes = || {
        properties([
            ("reason", described(reason(languages), "Why, in a sentence for your readers.")),
            (
                "accepted",
                described(pin.clone(), "The fingerprint of the text that was accepted; `leidraad accept` writes it."),
            ),
            (
                "links",
                described(
                    json!({ "$ref": "#/$defs/target" }),
                    "Where links to what is removed lead: an address, or `text` to keep the words.",
                ),
            ),
        ])
    };
    let addition = || {
        let mut keys = properties([
            ("prepend", described(text(), "Text before what stands here.")),
            ("append", described(text(), "Text after what stands here.")),
            ("lock", described(json!({ "enum": ["locked"] }), "What layers below may do here.")),
        ]);
        keys.extend(notes());
        keys
    };
    let change = || {
        let mut keys = addition();
        keys.extend(properties([
            ("title", described(text(), "Another title.")),
            ("replace", described(text(), "The text that stands here instead.")),
            ("lock", described(json!({ "enum": ["extend", "locked"] }), "What layers below may do here.")),
        ]));
        keys
    };
    let remove =
        described(json!({ "type": "boolean" }), "true: this, with all below it, is not for us; false: it comes back.");
    let shape = |keys: Map<String, Value>| json!({ "anyOf": [text(), closed(keys, &[])] });
    let page = |keys: Map<String, Value>| {
        let mut keys = keys;
        keys.insert("description".into(), described(text(), "One sentence for search engines."));
        keys
    };
    let pages: Vec<String> = all_pages(handbook).keys().map(|page| page.to_string()).collect();
    let mut moved = closed(
        properties([("before", json!({ "$ref": "#/$defs/page" })), ("after", json!({ "$ref": "#/$defs/page" }))]),
        &[],
    );
    moved["minProperties"] = json!(1);
    moved["maxProperties"] = json!(1);
    let with = |mut keys: Map<String, Value>, more: &[(&str, &Value)]| {
        keys.extend(more.iter().map(|(name, schema)| ((*name).to_owned(), (*schema).clone())));
        keys
    };
    json!({
        "page": { "enum": pages },
        "target": { "enum": targets(handbook) },
        "addition": closed(addition(), &[]),
        "section": shape(with(change(), &[("remove", &remove)])),
        "section-with-lock": shape(change()),
        "page-change": shape(with(page(change()), &[("remove", &remove), ("move", &moved)])),
        "page-with-lock": shape(page(change())),
    })
}

/// Every address that a layer may change, with what may be done there.
fn changes(handbook: &Handbook) -> Value {
    let mut known = Map::new();
    let mut add = |address: &Address, kind: &str, what: &str| {
        let mut schema = json!({ "$ref": format!("#/$defs/{kind}") });
        schema["description"] = what.into();
        known.insert(address.to_string(), schema);
    };
    for (id, page) in all_pages(handbook) {
        let Some(page) = page else {
            add(&Address::page(id), "page-change", "");
            continue;
        };
        let kind = match page.lock {
            Lock::Locked => None,
            Lock::Extend => Some("addition"),
            Lock::Open if page.all_sections().any(|section| section.lock != Lock::Open) => Some("page-with-lock"),
            Lock::Open => Some("page-change"),
        };
        if let Some(kind) = kind {
            add(&Address::page(id), kind, &page.name.text);
        }
        let mut waiting: Vec<(Lock, &Section)> =
            page.sections.iter().rev().map(|section| (page.lock, &**section)).collect();
        while let Some((above, section)) = waiting.pop() {
            let lock = above.max(section.lock);
            waiting.extend(section.sections.iter().rev().map(|child| (lock, &**child)));
            let kind = match lock {
                Lock::Locked => continue,
                Lock::Extend => "addition",
                Lock::Open if holds_lock(section) => "section-with-lock",
                Lock::Open => "section",
            };
            add(&Address::section(id, &section.id), kind, &section.heading.text.text);
        }
    }
    for (page, section) in handbook.layers.values().flat_map(|layer| layer.inserted_sections()) {
        add(&Address::section(page, section), "section", "");
    }
    closed(known, &[])
}

fn holds_lock(section: &Section) -> bool {
    // Six levels of headings at the most: this recursion is bounded.
    section.sections.iter().any(|child| child.lock != Lock::Open || holds_lock(child))
}

/// The pages of the base and those that layers add, which may have sections of their own.
fn all_pages(handbook: &Handbook) -> BTreeMap<&PageId, Option<&Page>> {
    let base = handbook.pages.iter().map(|(id, page)| (id, page.languages.first().map(|page| &**page)));
    let inserted = handbook.layers.values().flat_map(|layer| &layer.inserts).filter_map(|insert| {
        let page = match &insert.body {
            InsertBody::Pages(pages) => pages.values().next().map(|page| &**page),
            InsertBody::Text(_) => None,
        };
        insert.address.section.is_none().then_some((&insert.address.page, page))
    });
    let mut pages: BTreeMap<&PageId, Option<&Page>> = inserted.collect();
    pages.extend(base);
    pages
}

/// New sections by page, and new pages.
fn inserts(handbook: &Handbook) -> Value {
    let languages = &handbook.config.languages;
    let mut patterns = Map::new();
    for (id, page) in all_pages(handbook) {
        if page.is_some_and(|page| page.lock == Lock::Locked) {
            continue;
        }
        let own = page.into_iter().flat_map(|page| page.all_sections()).map(|section| &section.id);
        let added = handbook.layers.values().flat_map(|layer| layer.inserted_sections());
        let added = added.filter(|(page, _)| *page == id).map(|(_, section)| section);
        let sections: BTreeSet<&SectionId> = own.chain(added).collect();
        let sections: Vec<&str> = sections.into_iter().map(|id| &**id).collect();
        let (beside, inside) = (one_of(&sections), one_of(&[&sections[..], &[&**id]].concat()));
        let pattern = format!("^{}#[a-z0-9][a-z0-9-]*$", escaped(id));
        patterns.insert(pattern, insert(languages, &beside, &inside, Map::new(), &["title", "text"]));
    }
    let page = json!({ "$ref": "#/$defs/page" });
    let file = properties([(
        "file",
        described(per_language(json!({ "type": "string" }), languages), "A page in this layer's folder."),
    )]);
    patterns.insert(NEW_PAGE.into(), insert(languages, &page, &page, file, &[]));
    json!({ "type": "object", "patternProperties": patterns, "additionalProperties": false })
}

/// Where a link can lead: every address, and `text` for none.
fn targets(handbook: &Handbook) -> Vec<String> {
    let mut targets = vec!["text".to_owned()];
    for (id, page) in all_pages(handbook) {
        targets.push(id.to_string());
        let sections = page.into_iter().flat_map(|page| page.all_sections());
        targets.extend(sections.map(|section| Address::section(id, &section.id).to_string()));
    }
    let added = handbook.layers.values().flat_map(|layer| layer.inserted_sections());
    targets.extend(added.map(|(page, section)| Address::section(page, section).to_string()));
    targets.sort();
    targets.dedup();
    targets
}

/// A map that may still be empty: `leidraad new organisation` leaves room to write.
fn or_nothing(mut schema: Value) -> Value {
    schema["type"] = json!(["object", "null"]);
    schema
}

const NEW_PAGE: &str = "^[a-z0-9][a-z0-9-]*(/[a-z0-9][a-z0-9-]*)*$";

fn insert(
    languages: &[Language],
    beside: &Value,
    inside: &Value,
    more: Map<String, Value>,
    required: &[&str],
) -> Value {
    let text = || per_language(text_value(), languages);
    let mut keys = properties([
        ("before", beside.clone()),
        ("after", beside.clone()),
        ("first_in", inside.clone()),
        ("last_in", inside.clone()),
        ("title", text()),
        ("text", text()),
        ("reason", reason(languages)),
    ]);
    keys.extend(more);
    let mut schema = closed(keys, required);
    schema["oneOf"] =
        ["before", "after", "first_in", "last_in"].iter().map(|side| json!({ "required": [side] })).collect();
    schema
}

/// Ready lines leave room for a reason: nothing is allowed too.
fn reason(languages: &[Language]) -> Value {
    per_language(json!({ "type": ["string", "number", "boolean", "null"] }), languages)
}

fn escaped(id: &str) -> String {
    id.chars()
        .flat_map(|c| {
            (!c.is_alphanumeric() && !matches!(c, '/' | '-' | '_' | ' ')).then_some('\\').into_iter().chain([c])
        })
        .collect()
}

fn theme(handbook: &Handbook) -> Value {
    let declared = handbook.declarations.tokens.iter().map(|token| &*token.name);
    let color = || json!({ "type": "string", "pattern": COLOR });
    let tokens: Map<String, Value> =
        declared.chain(["accent", "accent-dark"]).map(|name| (name.to_owned(), color())).collect();
    closed(
        properties([
            ("logo", described(json!({ "type": "string" }), "A file in this layer's folder.")),
            ("logo_alt", described(per_language(text_value(), &handbook.config.languages), "What the logo shows.")),
            ("tokens", closed(tokens, &[])),
        ]),
        &[],
    )
}

fn placements(handbook: &Handbook) -> Value {
    let mut keys = fields(&handbook.declarations.placement, handbook);
    keys.insert("publish".into(), described(json!({ "type": "boolean" }), "true: shown on placements.html."));
    let required: Vec<&str> =
        handbook.declarations.placement.iter().filter(|field| field.required).map(|field| &*field.name).collect();
    by_id(ID, closed(keys, &required))
}

/// Parameters or placement fields, by name.
fn fields(fields: &[Field], handbook: &Handbook) -> Map<String, Value> {
    let languages = &handbook.config.languages;
    let label =
        |field: &Field| field.label.get(handbook.config.default_language()).map_or("", |label| label).to_owned();
    fields
        .iter()
        .map(|field| {
            (field.name.to_string(), described(per_language(kind(&field.kind, handbook), languages), &label(field)))
        })
        .collect()
}

fn kind(kind: &Kind, handbook: &Handbook) -> Value {
    match kind {
        Kind::Scalar(scalar) => self::scalar(scalar, handbook),
        Kind::List(of) => json!({ "type": "array", "items": scalar(of, handbook) }),
        Kind::Person { kinds } => {
            let possible: Vec<&str> = PersonKind::ALL
                .into_iter()
                .filter(|kind| kinds.is_empty() || kinds.contains(kind))
                .map(PersonKind::as_str)
                .collect();
            let keys = properties([
                ("role", text_value()),
                ("name", text_value()),
                ("kind", one_of(&possible)),
                (
                    "private",
                    described(json!({ "type": "boolean" }), "true: the name is checked, and written to no page."),
                ),
            ]);
            let mut person = closed(keys, if kinds.is_empty() { &[] } else { &["kind"] });
            person["anyOf"] = json!([{ "required": ["role"] }, { "required": ["name"] }]);
            // Where any kind will do, the role alone is a person.
            if kinds.is_empty() { json!({ "anyOf": [text_value(), person] }) } else { person }
        }
        Kind::Term { forms } => {
            let names: Vec<&str> = forms.iter().map(|form| &**form).collect();
            closed(names.iter().map(|form| ((*form).to_owned(), text_value())).collect(), &names)
        }
    }
}

fn scalar(scalar: &Scalar, handbook: &Handbook) -> Value {
    match scalar {
        Scalar::Text => text_value(),
        Scalar::Integer { min, max } => {
            let mut schema = json!({ "type": "integer" });
            if let Some(min) = min {
                schema["minimum"] = json!(min);
            }
            if let Some(max) = max {
                schema["maximum"] = json!(max);
            }
            schema
        }
        Scalar::Boolean => json!({ "type": "boolean" }),
        Scalar::Date => json!({ "type": "string", "pattern": DATE }),
        Scalar::Choice { options } => {
            let language = handbook.config.default_language();
            let labels: Vec<String> = options
                .iter()
                .map(|(id, label)| format!("{id}: {}", label.get(language).map_or("", |label| label)))
                .collect();
            let ids: Vec<&str> = options.iter().map(|(id, _)| &**id).collect();
            described(one_of(&ids), &labels.join("; "))
        }
        Scalar::Url => json!({ "type": "string", "pattern": "^(https?|mailto|tel):" }),
        Scalar::Email => json!({ "type": "string", "pattern": "^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$" }),
        Scalar::Color => json!({ "type": "string", "pattern": COLOR }),
    }
}

/// One of these words; nothing at all where there are none, since an empty `enum` is no schema.
fn one_of(words: &[&str]) -> Value {
    if words.is_empty() { json!({ "not": {} }) } else { json!({ "enum": words }) }
}
