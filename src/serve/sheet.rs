//! What the preview's scripts show around a page, as JSON: the error sheet, the author bar, the panel.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::book::{Address, Edition, OperationState, Page, Part, ProvenanceEntry, SectionId};
use crate::diagnostic::{Code, Diagnostic, Severity, escaped};
use crate::load::typed;
use crate::overlay::{INDENT, Reading, Ready, changes_place, hidden_text, ready_lines};
use crate::serve::preview::Preview;
use crate::serve::rounds::{Here, Round};

/// The state of the preview for whoever looks at a page.
pub fn state(preview: &Preview, path: &str) -> Value {
    let number = preview.number();
    let round = preview.round();
    let whole = round.whole();
    // A value that is missing is a blank where its edition is shown, and an error where it keeps one from being shown.
    let shown: Vec<Arc<Edition>> = round.editions();
    let is_broken = |edition: &Edition| edition.id.organisation().is_some_and(|id| whole.broken.contains(id));
    let is_blank = |finding: &Diagnostic| {
        finding.code == Code::E115 && shown.iter().any(|edition| !is_broken(edition) && is_about(edition, finding))
    };
    let is_error = |finding: &&Diagnostic| finding.severity == Severity::Error && !is_blank(finding);
    let errors: Vec<&Diagnostic> = whole.findings.iter().filter(is_error).collect();
    let here = round.locate(path);
    let edition = here.as_ref().map(|here| &*here.edition);
    // What is wrong with the page in view comes first.
    let page = here.as_ref().and_then(|here| here.edition.page_at(here.page.as_ref()?, here.at));
    let is_own = |finding: &&&Diagnostic| {
        page.zip(finding.place.as_ref()).is_some_and(|(page, place)| page.source == place.path)
    };
    let first = errors.iter().find(is_own).or(errors.first());
    let blanks: Vec<Value> = whole
        .findings
        .iter()
        .filter(|finding| finding.code == Code::E115)
        .filter(|finding| edition.is_some_and(|edition| is_about(edition, finding)))
        .map(|finding| finding_json(preview, &round, finding))
        .collect();
    json!({
        "number": number,
        "error": first.map(|finding| finding_json(preview, &round, finding)),
        "errors": errors.len(),
        "last_good": whole.base_broken,
        "blanks": blanks,
        "behind": here.as_ref().map(|here| behind(preview, here)).unwrap_or_default(),
        "edition": edition.map(|edition| edition.id.to_string()),
        "broken": edition.is_some_and(is_broken),
        "organisations": organisations(&round, here.as_ref(), path),
        "languages": languages(&round, here.as_ref(), path),
    })
}

/// The lines with which the organisation of a page changes an address, and where they go.
pub fn ready(preview: &Preview, path: &str, address: &str) -> Value {
    let round = preview.round();
    let Some(Here { edition, at, .. }) = round.locate(path) else { return json!({ "kind": "missing" }) };
    let Some(layer) = edition.chain.last() else { return json!({ "kind": "base" }) };
    let layer_text = round.sources.bytes(&layer.path).map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    let below = layer_text.as_deref().and_then(changes_place);
    let address = Address::parse(address);
    let place =
        |line: u32| json!({ "path": &*layer.path, "line": line, "editor": editor(preview, &layer.path, line, 1) });
    let typed = typed(&edition, &round);
    match ready_lines(&Reading { edition: &edition, sources: &round.sources, typed: &typed }, &address) {
        Ready::Lines(lines) => {
            let end = layer_text.as_deref().map_or(1, |text| text.lines().count() + 1);
            let line = below.map_or(u32::try_from(end).unwrap_or(1), |(line, _)| line);
            let lines = match below {
                Some((_, indent)) => indented(&lines, indent.saturating_sub(INDENT)),
                // Where nothing was changed yet, the key that the lines go below comes with them.
                None => format!("changes:\n{lines}"),
            };
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

/// Lines, each further to the right.
fn indented(lines: &str, more: usize) -> String {
    let lines = lines.split_inclusive('\n');
    lines.map(|line| if line.trim().is_empty() { line.to_owned() } else { format!("{:more$}{line}", "") }).collect()
}

/// How a text was typed, as a layer can hold it.
fn typed<'r>(edition: &'r Edition, round: &'r Round) -> impl Fn(&Page, Option<&SectionId>, &Part) -> String + 'r {
    |page, section, part| typed::portable(&edition.handbook, &round.sources, (page, section), part)
}

/// The accepted text that the operation at an address hides, and today's, where they differ.
fn stale(edition: &Edition, at: usize, round: &Round, address: &Address) -> Option<Value> {
    let key = address.to_string();
    let is_stale = |entry: &&ProvenanceEntry| entry.address == key && entry.state == OperationState::Stale;
    let entry = edition.provenance.iter().find(is_stale)?;
    let typed = typed(edition, round);
    let reading = Reading { edition, sources: &round.sources, typed: &typed };
    let hidden = hidden_text(&reading, &entry.layer, address, at);
    Some(json!({
        "accepted": hidden.accepted,
        "now": hidden.now,
        "diff": format!("leidraad diff {} {key}", entry.layer),
    }))
}

/// What of a page in view is behind its source: texts of its layers (W201), and its translation (W211).
fn behind(preview: &Preview, here: &Here) -> Vec<Value> {
    let (edition, Some(id)) = (&here.edition, &here.page) else { return Vec::new() };
    let stale = edition.provenance.iter().filter(|entry| entry.state == OperationState::Stale);
    let mut behind: Vec<Value> = stale
        .filter(|entry| *Address::parse(&entry.address).page == **id)
        .map(|entry| {
            let message = format!("{} replaces a text that has changed since it was accepted.", entry.address);
            let place = json!({ "editor": editor(preview, &entry.file, entry.line, 1) });
            json!({ "message": escaped(&message), "place": place })
        })
        .collect();
    if let Some(page) = edition.page_at(id, here.at).filter(|page| page.behind) {
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
fn organisations(round: &Round, here: Option<&Here>, path: &str) -> Vec<Value> {
    let config = &round.handbook().config;
    let entry = |edition: &Arc<Edition>| {
        let at = here.map_or(0, |here| here.at);
        // An edition may lack the language in view.
        let is_there = config.languages.get(at).is_some_and(|language| edition.languages.contains(language));
        let at = if is_there { at } else { edition.first_at() };
        json!({
            "id": edition.id.to_string(),
            "name": edition.name(&config.languages[at]),
            "href": format!("/{}", same_page(round, here, path, (edition, at))),
            "current": here.is_some_and(|here| here.edition.id == edition.id),
        })
    };
    round.editions().iter().map(entry).collect()
}

/// The same page in every language of its edition.
fn languages(round: &Round, here: Option<&Here>, path: &str) -> Vec<Value> {
    let config = &round.handbook().config;
    let Some(here) = here.filter(|_| !config.single_language) else { return Vec::new() };
    let languages = config.languages.iter().enumerate();
    languages
        .filter(|(_, language)| here.edition.languages.contains(language))
        .map(|(at, language)| {
            let href = format!("/{}", same_page(round, Some(here), path, (&here.edition, at)));
            json!({ "code": &**language, "href": href, "current": at == here.at })
        })
        .collect()
}

/// Where the page in view stands in another edition or language: else its first page.
fn same_page(round: &Round, here: Option<&Here>, path: &str, (edition, at): (&Edition, usize)) -> String {
    let folder = round.folder(edition, at).unwrap_or_default();
    let page = here.and_then(|here| edition.page_at(here.page.as_ref()?, at));
    if let Some(page) = page {
        return format!("{folder}{}", page.output);
    }
    // A generated page has the same name everywhere.
    let own = here.filter(|here| here.page.is_none()).and_then(|here| round.folder(&here.edition, here.at));
    let twin = own.and_then(|own| path.strip_prefix(&*own)).map(|name| format!("{folder}{name}"));
    if let Some(twin) = twin.filter(|twin| round.holds(twin)) {
        return twin;
    }
    let first = edition.outline.pages().find_map(|id| edition.page_at(id, at));
    format!("{folder}{}", first.map_or("index.html", |page| &page.output))
}
