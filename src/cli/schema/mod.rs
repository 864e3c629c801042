//! `leidraad schema FILE`: JSON Schema (draft 2020-12) of the project's own files, made from the handbook
//! itself, so that an editor offers the addresses, values and options that there really are.

mod book;
mod handbook;
mod organisation;

use std::path::Path;

use serde_json::{Map, Value, json};

use crate::book::{Handbook, Language};
use crate::cli::Exit;
use crate::cli::args::{Schema, SchemaFile};
use crate::cli::plan::{current, save, say};
use crate::cli::project;
use crate::cli::report::Voice;
use crate::load::handbook::{Drafts, decode};
use crate::memo::Memo;
use crate::write::Revision;

/// Prints a schema, or writes it where editors look for it.
pub fn run(command: &Schema, voice: Voice) -> Result<Exit, Exit> {
    let snapshot = project::read(&command.dir, &[])?;
    let handbook = decode(&snapshot.sources, Drafts::Shown, &Memo::new()).value;
    if !command.write {
        let text = command.file.map(|file| text(file, &handbook)).unwrap_or_default();
        return Ok(super::print(text.as_bytes()));
    }
    let files = command.file.map_or_else(|| ALL.to_vec(), |file| vec![file]);
    let written = write(&command.dir, &handbook, &files)?;
    for path in files.into_iter().map(path) {
        say(voice, &format!("{path} {}", if written.contains(&path) { "is written" } else { "was up to date" }));
    }
    Ok(Exit::Done)
}

/// Every kind of file that has a schema.
pub const ALL: [SchemaFile; 3] = [SchemaFile::Organisation, SchemaFile::Handbook, SchemaFile::Book];

/// Writes schemas to `.leidraad/`; gives the paths of those that were not as they should be.
fn write(dir: &Path, handbook: &Handbook, files: &[SchemaFile]) -> Result<Vec<&'static str>, Exit> {
    let mut revisions = Vec::new();
    let mut written = Vec::new();
    for file in files {
        let path = path(*file);
        let before = current(dir, path)?;
        let after = text(*file, handbook).into_bytes();
        if before.as_ref() != Some(&after) {
            written.push(path);
            revisions.push(Revision { path: path.to_owned(), before, after: Some(after) });
        }
    }
    save(dir, &revisions)?;
    Ok(written)
}

/// A schema as it is written.
pub fn text(file: SchemaFile, handbook: &Handbook) -> String {
    let schema = match file {
        SchemaFile::Organisation => organisation::schema(handbook),
        SchemaFile::Handbook => handbook::schema(handbook),
        SchemaFile::Book => book::schema(handbook),
    };
    let mut text = serde_json::to_string_pretty(&schema).unwrap_or_default();
    text.push('\n');
    text
}

/// Where a schema is written.
pub fn path(file: SchemaFile) -> &'static str {
    match file {
        SchemaFile::Organisation => ".leidraad/organisation.schema.json",
        SchemaFile::Handbook => ".leidraad/handbook.schema.json",
        SchemaFile::Book => ".leidraad/book.schema.json",
    }
}

/// A schema with its head.
fn root(title: &str, body: Value) -> Value {
    let mut schema = Map::new();
    schema.insert("$schema".into(), "https://json-schema.org/draft/2020-12/schema".into());
    schema.insert("title".into(), title.into());
    if let Value::Object(body) = body {
        schema.extend(body);
    }
    Value::Object(schema)
}

/// A map with these keys and no others.
fn closed(properties: Map<String, Value>, required: &[&str]) -> Value {
    let mut schema = json!({ "type": "object", "properties": properties, "additionalProperties": false });
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}

/// Properties by name.
fn properties<const N: usize>(pairs: [(&str, Value); N]) -> Map<String, Value> {
    pairs.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect()
}

/// A map from ids that match a pattern.
fn by_id(pattern: &str, entry: Value) -> Value {
    let entries: Map<String, Value> = [(pattern.to_owned(), entry)].into_iter().collect();
    json!({ "type": "object", "patternProperties": entries, "additionalProperties": false })
}

/// One value, or one per language.
fn per_language(value: Value, languages: &[Language]) -> Value {
    let named: Map<String, Value> = languages.iter().map(|language| (language.to_string(), value.clone())).collect();
    let mut map = closed(named, &[]);
    map["minProperties"] = json!(1);
    json!({ "anyOf": [value, map] })
}

/// What editors take for a number or a truth value is a text all the same: `1.10`, `true`.
fn text_value() -> Value {
    json!({ "type": ["string", "number", "boolean"] })
}

/// The same schema with words for whoever points at it.
fn described(mut schema: Value, text: &str) -> Value {
    if !text.is_empty() {
        schema["description"] = text.into();
    }
    schema
}

const ID: &str = "^[a-z0-9][a-z0-9-]*$";
const PARAMETER: &str = "^[a-z][a-z0-9_]*$";
const DATE: &str = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$";
const COLOR: &str = "^#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$";
const PIN: &str = "^v1-[0-9a-f]{12}$";
