//! provenance.json: what became of every operation of an organisation's chain (spec §8).

use std::fmt::Write;

use serde_json::json;

use crate::book::{Edition, Reason};

/// What became of every operation (spec §8).
pub fn provenance(edition: &Edition) -> String {
    let mut out = String::from("[");
    for (at, entry) in edition.provenance.iter().enumerate() {
        out.push_str(if at == 0 { "\n" } else { ",\n" });
        let mut fields = vec![("address", json!(entry.address))];
        if let Some(language) = &entry.language {
            fields.push(("lang", json!(&**language)));
        }
        fields.push(("layer", json!(&*entry.layer)));
        fields.push(("file", json!(&*entry.file)));
        fields.push(("line", json!(entry.line)));
        fields.push(("op", json!(entry.op)));
        if let Some(reason) = &entry.reason {
            fields.push(("reason", reason_value(reason)));
        }
        if let Some(accepted) = &entry.accepted {
            fields.push(("accepted", json!(&**accepted)));
        }
        fields.push(("state", json!(entry.state.as_str())));
        let fields: Vec<String> = fields.into_iter().map(|(key, value)| format!("\"{key}\":{value}")).collect();
        let _ = write!(out, "{{{}}}", fields.join(","));
    }
    out.push_str(if edition.provenance.is_empty() { "]\n" } else { "\n]\n" });
    out
}

/// A reason in JSON: a text, or an object where it is in several languages.
pub fn reason_value(reason: &Reason) -> serde_json::Value {
    match reason.texts.as_slice() {
        [(_, text)] => json!(&**text),
        texts => texts.iter().map(|(language, text)| (language.to_string(), json!(&**text))).collect(),
    }
}
