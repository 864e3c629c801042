//! What the preview's scripts show around a page, as JSON: the error sheet, the author bar, the panel.

use serde_json::{Value, json};

use crate::book::{Address, Edition, EditionId, OperationState, ProvenanceEntry};
use crate::diagnostic::{Code, Diagnostic, Severity, escaped};
use crate::overlay::{Ready, changes_line, hidden_text, ready_lines};
use crate::serve::preview::Preview;
use crate::serve::rounds::Round;

/// The state of the preview for whoever looks at a page.
pub fn state(preview: &Preview, path: &str) -> Value {
    let number = preview.number();
    let round = preview.round();
    let whole = round.whole();
    let is_error = |finding: &&Diagnostic| finding.severity == Severity::Error && finding.code != Code::E115;
    let errors: Vec<&Diagnostic> = whole.findings.iter().filter(is_error).collect();
    let here = round.locate(path);
    // What is wrong with the page in view comes first.
    let own = here.as_ref().and_then(|(edition, at, id)| edition.page_at(id, *at)).map(|page| page.source.clone());
    let is_own = |finding: &&&Diagnostic| finding.place.as_ref().map(|place| &place.path) == own.as_ref();
    let first = errors.iter().find(is_own).or(errors.first());
    let blanks: Vec<Value> = whole
        .findings
        .iter()
        .filter(|finding| finding.code == Code::E115)
        .filter(|finding| here.as_ref().is_some_and(|(edition, ..)| is_about(edition, finding)))
        .map(|finding| finding_json(preview, &round, finding))
        .collect();
    json!({
        "number": number,
        "error": first.map(|finding| finding_json(preview, &round, finding)),
        "errors": errors.len(),
        "last_good": whole.base_broken,
        "blanks": blanks,
        "behind": here.as_ref().map(|(edition, at, id)| behind(preview, edition, *at, id)).unwrap_or_default(),
        "edition": here.as_ref().map(|(edition, ..)| edition.id.to_string()),
        "broken": here.as_ref().and_then(|(edition, ..)| edition.id.organisation()).is_some_and(|id| whole.broken.contains(id)),
        "organisations": organisations(&round, here.as_ref().map(|(edition, at, id)| (&**edition, *at, &**id))),
        "languages": languages(&round, here.as_ref().map(|(edition, at, id)| (&**edition, *at, &**id))),
    })
}

/// The lines with which the organisation of a page changes an address, and where they go.
pub fn ready(preview: &Preview, path: &str, address: &str) -> Value {
    let round = preview.round();
    let Some((edition, at, _)) = round.locate(path) else { return json!({ "kind": "missing" }) };
    let Some(layer) = edition.chain.last() else { return json!({ "kind": "base" }) };
    let layer_text = round.sources.bytes(&layer.path).map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    let below = layer_text.as_deref().and_then(changes_line);
    let address = Address::parse(address);
    let place =
        |line: u32| json!({ "path": &*layer.path, "line": line, "editor": editor(preview, &layer.path, line, 1) });
    match ready_lines(&edition, &round.sources, &address) {
        Ready::Lines(lines) => {
            let end = layer_text.as_deref().map_or(1, |text| text.lines().count() + 1);
            let line = below.unwrap_or(u32::try_from(end).unwrap_or(1));
            // Where nothing was changed yet, the key that the lines go below comes with them.
            let lines = if below.is_some() { lines } else { format!("changes:\n{lines}") };
            json!({ "kind": "lines", "lines": lines, "place": place(line) })
        }
        Ready::There(there) => json!({
            "kind": "there",
            "place": { "path": &*there.path, "line": there.line, "editor": editor(preview, &there.path, there.line, there.column) },
            "stale": stale(&edition, at, &round, &address),
        }),
        Ready::Locked(by) => json!({ "kind": "locked", "by": by.map(|id| id.to_string()) }),
        Ready::Missing => json!({ "kind": "missing" }),
    }
}

/// The accepted text that the operation at an address hides, and today's, where they differ.
fn stale(edition: &Edition, at: usize, round: &Round, address: &Address) -> Option<Value> {
    let key = address.to_string();
    let is_stale = |entry: &&ProvenanceEntry| entry.address == key && entry.state == OperationState::Stale;
    let entry = edition.provenance.iter().find(is_stale)?;
    let hidden = hidden_text(edition, &round.sources, &entry.layer, address, at);
    Some(json!({
        "accepted": hidden.accepted,
        "now": hidden.now,
        "diff": format!("leidraad diff {} {key}", entry.layer),
    }))
}

/// What of a page in view is behind its source: texts of its layers (W201), and its translation (W211).
fn behind(preview: &Preview, edition: &Edition, at: usize, id: &str) -> Vec<Value> {
    let stale = edition.provenance.iter().filter(|entry| entry.state == OperationState::Stale);
    let here = stale.filter(|entry| *Address::parse(&entry.address).page == *id);
    let mut behind: Vec<Value> = here
        .map(|entry| {
            let message = format!("{} replaces a text that has changed since it was accepted.", entry.address);
            let place = json!({ "editor": editor(preview, &entry.file, entry.line, 1) });
            json!({ "message": escaped(&message), "place": place })
        })
        .collect();
    if let Some(page) = edition.page_at(id, at).filter(|page| page.behind) {
        let line = page.accepted.as_ref().map_or(1, |(_, place)| place.line);
        let message = "This translation is behind: its source has changed since it was accepted.";
        behind.push(json!({ "message": message, "place": { "editor": editor(preview, &page.source, line, 1) } }));
    }
    behind
}

fn is_about(edition: &Edition, finding: &Diagnostic) -> bool {
    let path = finding.place.as_ref().map(|place| &place.path);
    edition.chain.iter().any(|layer| Some(&layer.path) == path)
}

fn finding_json(preview: &Preview, round: &Round, finding: &Diagnostic) -> Value {
    let place = finding.place.as_ref().map(|place| {
        let line = (place.line > 0).then(|| round.sources.line(&place.path, place.line)).flatten();
        json!({
            "path": escaped(&place.path),
            "line": place.line,
            "column": place.column,
            "length": place.length,
            "text": line.map(|line| escaped(&line)),
            "editor": editor(preview, &place.path, place.line.max(1), place.column.max(1)),
        })
    });
    json!({
        "severity": finding.severity.as_str(),
        "code": finding.code.as_str(),
        "message": escaped(&finding.message),
        "hints": finding.hints.iter().map(|hint| escaped(hint)).collect::<Vec<_>>(),
        "place": place,
    })
}

/// A link that opens a file in the editor.
fn editor(preview: &Preview, path: &str, line: u32, column: u32) -> String {
    let file = preview.absolute.join(path);
    let mut link = String::from("vscode://file");
    for byte in file.to_string_lossy().bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            link.push(char::from(byte));
        } else {
            link.push_str(&format!("%{byte:02X}"));
        }
    }
    format!("{link}:{line}:{column}")
}

/// The same page in every edition.
fn organisations(round: &Round, here: Option<(&Edition, usize, &str)>) -> Vec<Value> {
    let single = round.handbook().config.single_language;
    let entry = |edition: &Edition| {
        let folder = match &edition.id {
            EditionId::Base => String::new(),
            EditionId::Organisation(id) => format!("{id}/"),
        };
        let languages = &edition.handbook.config.languages;
        let at = here.map_or(0, |(_, at, _)| at);
        // An edition may lack the language in view.
        let at = languages.get(at).filter(|language| edition.languages.contains(language)).map_or_else(
            || languages.iter().position(|language| edition.languages.first() == Some(language)).unwrap_or(0),
            |_| at,
        );
        let page = here.and_then(|(_, _, id)| edition.page_at(id, at));
        let page = page.or_else(|| edition.outline.pages().find_map(|id| edition.page_at(id, at)));
        let language = if single { String::new() } else { format!("{}/", languages[at]) };
        json!({
            "id": edition.id.to_string(),
            "name": edition.name(&languages[at]),
            "href": format!("/{folder}{language}{}", page.map_or("index.html", |page| &page.output)),
            "current": here.is_some_and(|(current, ..)| current.id == edition.id),
        })
    };
    round.editions().iter().map(|edition| entry(edition)).collect()
}

/// The same page in every language of its edition.
fn languages(round: &Round, here: Option<(&Edition, usize, &str)>) -> Vec<Value> {
    let Some((edition, current, id)) = here.filter(|_| !round.handbook().config.single_language) else {
        return Vec::new();
    };
    let folder = edition.id.organisation().map(|id| format!("{id}/")).unwrap_or_default();
    let languages = edition.handbook.config.languages.iter().enumerate();
    languages
        .filter(|(_, language)| edition.languages.contains(language))
        .filter_map(|(at, language)| {
            let href = format!("/{folder}{language}/{}", edition.page_at(id, at)?.output);
            Some(json!({ "code": &**language, "href": href, "current": at == current }))
        })
        .collect()
}
