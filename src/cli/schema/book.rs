//! The schema of book.toml.

use serde_json::{Value, json};

use super::{closed, described, per_language, properties, root};
use crate::book::Handbook;

/// The schema of book.toml.
pub fn schema(handbook: &Handbook) -> Value {
    let text = || json!({ "type": "string" });
    let language = || json!({ "type": "string", "pattern": "^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$" });
    let list = |items: Value| json!({ "type": "array", "items": items });
    let switch = || {
        json!({ "anyOf": [
            { "type": "boolean" },
            closed(properties([("enable", json!({ "type": "boolean" }))]), &[]),
        ] })
    };
    let named = || per_language(text(), &handbook.config.languages);
    let book = closed(
        properties([
            ("title", described(named(), "The handbook's title, or one per language.")),
            ("description", described(named(), "One sentence about it.")),
            ("authors", list(text())),
            ("version", text()),
            ("language", described(language(), "The default language.")),
            ("languages", described(list(language()), "All languages; without it, the default one.")),
            ("src", described(text(), "The folder of the content.")),
        ]),
        &[],
    );
    let html = closed(
        properties([
            ("site-url", described(text(), "https://example.org/handbook/, or a path.")),
            ("theme", text()),
            ("edit-url-template", described(text(), "Where a reader can mend a page; {path} is its file.")),
            ("git-repository-url", text()),
            ("additional-css", list(text())),
            ("raw-html", switch()),
            ("search", switch()),
            ("print", switch()),
        ]),
        &[],
    );
    let organisations = closed(
        properties([
            ("src", described(text(), "The folder of the layers.")),
            ("directory", described(switch(), "Whether the start page lists the organisations.")),
        ]),
        &[],
    );
    let body = closed(
        properties([
            ("book", book),
            ("build", closed(properties([("build-dir", text())]), &[])),
            ("output", closed(properties([("html", html)]), &[])),
            ("organisations", organisations),
        ]),
        &[],
    );
    root("How the handbook is built", body)
}
