//! `changes:` and `insert:` of a layer → operations, each under its own key.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::book::{
    Address, Anchor, Change, DigestWriter, Insert, InsertBody, Language, Links, Operation, OperationKind, Page, PageId,
    PerLanguage, Pin, Reason, Text, Texts, Title, Where, is_id, slug,
};
use crate::diagnostic::{Code, LOWER_CASE, Place, did_you_mean, escaped, nearest};
use crate::load::front_matter::{self, UnknownKeys};
use crate::load::include::Included;
use crate::load::layers::LayerFile;
use crate::load::links::{self, Ground};
use crate::load::markdown::{self, Author, Input, Origin};
use crate::load::page::{self, Manner, PageFile};
use crate::load::reader::Reader;
use crate::load::yaml::{Key, Node, Scalar, Yaml};
use crate::memo::Key as _;

const ANNOTATIONS: [&str; 3] = ["reason", "accepted", "links"];
const SECTION_KEYS: [&str; 9] =
    ["title", "replace", "prepend", "append", "remove", "lock", "reason", "accepted", "links"];
/// What may stand at the address of a page.
pub const PAGE_KEYS: [&str; 11] =
    ["title", "replace", "prepend", "append", "remove", "lock", "description", "move", "reason", "accepted", "links"];
const SIDES: [(&str, Where); 4] =
    [("before", Where::Before), ("after", Where::After), ("first_in", Where::FirstIn), ("last_in", Where::LastIn)];

/// Reads `changes:`.
pub fn changes(node: &Node, file: &LayerFile, language: &Language, reader: &mut Reader<'_>) -> Vec<Change> {
    let map = reader.map(node).unwrap_or_default();
    map.iter().filter_map(|(key, node)| change(key, node, file, language, reader)).collect()
}

fn change(key: &Key, node: &Node, file: &LayerFile, language: &Language, reader: &mut Reader<'_>) -> Option<Change> {
    let address = Address::parse(&key.text);
    let mut change =
        Change { place: key.place.clone(), operations: Vec::new(), reason: None, accepted: None, links: None, address };
    let map = match &node.value {
        // A bare text, or a text per language, is `replace`.
        Yaml::Scalar(_) => {
            let texts = texts(node, &change.address, file, language, reader)?;
            change.operations.push(Operation { kind: OperationKind::Replace(texts), place: key.place.clone() });
            explain(&change, None, file, reader);
            return Some(change);
        }
        Yaml::Map(map) if reader.is_per_language(map) => {
            let texts = texts(node, &change.address, file, language, reader)?;
            change.operations.push(Operation { kind: OperationKind::Replace(texts), place: key.place.clone() });
            explain(&change, None, file, reader);
            return Some(change);
        }
        Yaml::Map(map) => map,
        Yaml::List(_) => {
            reader.wrong_kind(node, "a text or operations");
            return None;
        }
    };
    let allowed: &[&str] = if change.address.section.is_some() { &SECTION_KEYS } else { &PAGE_KEYS };
    for (name, node) in map {
        match &*name.text {
            word if !allowed.contains(&word) => {
                reader.unknown_key(name, allowed.iter().copied());
                if PAGE_KEYS.contains(&word)
                    && let Some(last) = reader.findings.last_mut()
                {
                    last.hints = vec![format!("`{word}` is for pages; this is a section")];
                }
            }
            // Ready lines leave room for a reason: nothing there is no reason, and no fault of its own.
            "reason" if node.is_empty() => {}
            "reason" => change.reason = reason(node, language, reader),
            "accepted" => change.accepted = pin(node, reader),
            "links" => change.links = links(node, reader),
            _ => {
                if let Some(kind) = operation(name, node, &change.address, file, language, reader) {
                    change.operations.push(Operation { kind, place: name.place.clone() });
                }
            }
        }
    }
    let given = node.get("reason");
    useless(&change, reader);
    contradictions(&change, map.iter().all(|(name, _)| ANNOTATIONS.contains(&&*name.text)), reader);
    // A reason that was refused, or is misspelt, is none that is missing.
    let misspelt =
        map.iter().any(|(name, _)| !allowed.contains(&&*name.text) && nearest(&name.text, ["reason"]).is_some());
    if !misspelt && given.is_none_or(|reason| matches!(reason.value, Yaml::Scalar(_))) {
        explain(&change, given, file, reader);
    }
    Some(change)
}

fn operation(
    name: &Key,
    node: &Node,
    address: &Address,
    file: &LayerFile,
    language: &Language,
    reader: &mut Reader<'_>,
) -> Option<OperationKind> {
    Some(match &*name.text {
        "title" => OperationKind::Title(title(node, file, language, reader)?),
        "description" => OperationKind::Description(title(node, file, language, reader)?),
        "replace" => OperationKind::Replace(texts(node, address, file, language, reader)?),
        "prepend" => OperationKind::Prepend(texts(node, address, file, language, reader)?),
        "append" => OperationKind::Append(texts(node, address, file, language, reader)?),
        "remove" => OperationKind::Remove(reader.boolean(node)?),
        "lock" => OperationKind::Lock(front_matter::lock(node, reader)?),
        "move" => {
            let map = reader.map(node)?;
            let before = reader.findings.len();
            reader.closed(map, &["before", "after"]);
            // A key that is wrong was meant to be the anchor.
            if reader.findings.len() > before && map.len() == 1 {
                return None;
            }
            OperationKind::Move(anchor(node, &SIDES[..2], &name.place, reader)?)
        }
        _ => return None,
    })
}

/// Notes to an operation that has no use for them (W204).
fn useless(change: &Change, reader: &mut Reader<'_>) {
    if change.operations.is_empty() {
        return;
    }
    let hides = |operation: &Operation| match &operation.kind {
        OperationKind::Replace(_) | OperationKind::Remove(true) | OperationKind::Title(_) => true,
        OperationKind::Prepend(_)
        | OperationKind::Append(_)
        | OperationKind::Remove(false)
        | OperationKind::Lock(_)
        | OperationKind::Description(_)
        | OperationKind::Move(_) => false,
    };
    if let Some(pin) = change.accepted.as_ref().filter(|_| !change.operations.iter().any(hides)) {
        reader
            .findings
            .report(Code::W204, &pin.place, "`accepted` changes nothing: no text of the base is hidden here")
            .hint("remove it");
    }
    let takes = |kind: &OperationKind| matches!(kind, OperationKind::Remove(true) | OperationKind::Replace(_));
    let takes = change.operations.iter().any(|operation| takes(&operation.kind));
    if let Some((_, place)) = change.links.as_ref().filter(|_| !takes) {
        let message = "`links` changes nothing: it goes with `remove: true` or `replace`";
        let finding = reader.findings.report(Code::W204, place, message);
        finding.hint("remove it");
    }
}

/// What cannot stand together at one address (E107).
fn contradictions(change: &Change, only_annotations: bool, reader: &mut Reader<'_>) {
    let has = |name: &str| change.operations.iter().find(|operation| operation.kind.as_str() == name);
    if only_annotations {
        reader
            .findings
            .report(Code::E107, &change.place, format!("nothing is done at `{}`", escaped(&change.address.to_string())))
            .hint("add replace, prepend, append, title, remove or lock");
    }
    if has("replace").is_some() {
        for name in ["prepend", "append"] {
            if let Some(operation) = has(name) {
                let message = format!("`replace` and `{name}` at one address contradict each other");
                reader.findings.report(Code::E107, &operation.place, message).hint("write all of it in `replace`");
            }
        }
    }
    let removes = |operation: &&Operation| matches!(operation.kind, OperationKind::Remove(true));
    if change.operations.iter().any(|operation| removes(&operation)) {
        // Said at each of the others: none of them vanishes.
        for operation in change.operations.iter().filter(|operation| !removes(operation)) {
            reader
                .findings
                .report(Code::E107, &operation.place, "what is removed cannot be changed at once")
                .hint("keep `remove`, or the other operations");
        }
    }
}

/// Comply or explain (E120).
fn explain(change: &Change, given: Option<&Node>, file: &LayerFile, reader: &mut Reader<'_>) {
    if change.reason.is_some() {
        return;
    }
    for operation in &change.operations {
        let required = match &operation.kind {
            OperationKind::Remove(true) => file.declarations.explain.remove,
            OperationKind::Replace(_) => file.declarations.explain.replace,
            _ => false,
        };
        if required {
            let name = operation.kind.as_str();
            let (place, message, hint) = match given {
                Some(empty) => (
                    &empty.place,
                    format!("`reason` is empty, and `{name}` needs one in this handbook"),
                    "write it here, in one sentence for your readers",
                ),
                None => (
                    &operation.place,
                    format!("`{name}` needs a reason in this handbook"),
                    "add `reason:`, in one sentence for your readers",
                ),
            };
            reader.findings.report(Code::E120, place, message).hint(hint);
        }
    }
}

fn pin(node: &Node, reader: &mut Reader<'_>) -> Option<Pin> {
    let fingerprints: PerLanguage<Arc<str>> = reader.per_language(node, |reader, node| {
        let text = reader.line(node)?;
        front_matter::is_fingerprint(&text, &node.place, reader).then_some(text)
    });
    // One that was refused is none that is missing.
    Some(Pin { fingerprints, place: node.place.clone() })
}

/// A reason, or one per language.
fn reason(node: &Node, language: &Language, reader: &mut Reader<'_>) -> Option<Arc<Reason>> {
    let said = |reader: &mut Reader<'_>, node: &Node| if node.is_null() { None } else { reader.text(node) };
    let words = reader.per_language(node, said);
    let texts: Vec<(Language, Arc<str>)> = words
        .any
        .map(|text| (language.clone(), text))
        .into_iter()
        .chain(words.named)
        .filter(|(_, text)| !text.trim().is_empty())
        .collect();
    (!texts.is_empty()).then(|| Arc::new(Reason { texts }))
}

fn links(node: &Node, reader: &mut Reader<'_>) -> Option<(Links, Place)> {
    let text = reader.line(node)?;
    let links = if &*text == "text" { Links::Text } else { Links::To(Address::parse(&text)) };
    Some((links, node.place.clone()))
}

/// The one key of `sides` in a map, and what it names.
fn anchor(node: &Node, sides: &[(&str, Where)], place: &Place, reader: &mut Reader<'_>) -> Option<Anchor> {
    let mut found = None;
    for (name, side) in sides {
        let Some(node) = node.get(name) else { continue };
        let Some(target) = reader.line(node) else { continue };
        if found.is_some() {
            reader.findings.report(Code::E107, &node.place, "two anchors contradict each other").hint("keep one");
            continue;
        }
        found = Some(Anchor { side: *side, target, place: node.place.clone() });
    }
    if found.is_none() && reader.findings.last().is_none_or(|last| last.place.as_ref() != Some(&node.place)) {
        let names: Vec<&str> = sides.iter().map(|(name, _)| *name).collect();
        reader
            .findings
            .report(Code::E115, place, "this needs a place to go to")
            .hint(format!("add one of {}", names.join(", ")));
    }
    found
}

/// A one-line text with placeholders: one for all languages is in the layer's first language.
fn title(node: &Node, file: &LayerFile, language: &Language, reader: &mut Reader<'_>) -> Option<Title> {
    let placeholders = file.declarations.has_parameters;
    let lines = reader.per_language(node, |reader, node| {
        let text = reader.line(node)?;
        if text.trim().is_empty() {
            reader.findings.report(Code::E107, &node.place, "an empty title");
            return None;
        }
        Some(markdown::line(&text, placeholders, &Origin::Value(node.place.clone()), &mut reader.findings))
    });
    let titles: Title = lines.any.map(|line| (language.clone(), line)).into_iter().chain(lines.named).collect();
    (!titles.is_empty()).then_some(titles)
}

/// A text per language, or one in the layer's first language.
fn texts(
    node: &Node,
    address: &Address,
    file: &LayerFile,
    language: &Language,
    reader: &mut Reader<'_>,
) -> Option<Texts> {
    let parts: Vec<(Language, &Node)> = match &node.value {
        Yaml::Map(map) if reader.is_per_language(map) => file
            .languages
            .iter()
            .filter_map(|language| {
                map.iter().find(|(key, _)| *key.text == **language).map(|(_, node)| (language.clone(), node))
            })
            .collect(),
        Yaml::Map(map) if !map.is_empty() => {
            let names: Vec<&str> = file.languages.iter().map(|language| &**language).collect();
            if map.iter().any(|(key, _)| nearest(&key.text, names.iter().copied()).is_some()) {
                reader.closed(map, &names);
            } else {
                reader.wrong_kind(node, "a text or a text per language");
            }
            return None;
        }
        Yaml::Scalar(_) | Yaml::List(_) | Yaml::Map(_) => vec![(language.clone(), node)],
    };
    let mut texts = Vec::new();
    for (language, node) in parts {
        if node.is_empty() || matches!(&node.value, Yaml::Map(map) if map.is_empty()) {
            reader
                .findings
                .report(Code::E107, &node.place, "an empty text")
                .hint("`remove: true` takes a section away");
            continue;
        }
        let Some(scalar) = reader.scalar(node) else { continue };
        if let Some(text) = text(scalar, &node.place, language, address, file, reader) {
            texts.push(text);
        }
    }
    (!texts.is_empty()).then_some(Texts { texts })
}

fn text(
    scalar: &Scalar,
    place: &Place,
    language: Language,
    address: &Address,
    file: &LayerFile,
    reader: &mut Reader<'_>,
) -> Option<Text> {
    if scalar.text.trim().is_empty() {
        reader.findings.report(Code::E107, place, "an empty text").hint("`remove: true` takes a section away");
        return None;
    }
    if scalar.text.trim() == "…" {
        let finding = reader.findings.report(Code::E107, place, "this text is still to be written");
        finding.hint("write it in the place of the `…`");
        return None;
    }
    let origin = match scalar.block {
        Some((line, column)) => Origin::Lines { path: Arc::clone(&file.path), line, column },
        None => Origin::Value(place.clone()),
    };
    let document = markdown::parse(&Input {
        text: &scalar.text,
        origin,
        language: &language,
        placeholders: file.declarations.has_parameters,
        author: Author::LayerText,
        page: &address.page,
        ground: ground(&address.page, file),
        terms: Some(&file.terms),
    });
    if document.opening.is_empty() && document.findings.is_empty() {
        reader.findings.report(Code::E107, place, "a text without a word that is shown");
        return None;
    }
    reader.findings.extend(document.findings);
    Some(Text { language, fragment: document.opening, source: Arc::clone(&scalar.text), place: place.clone() })
}

/// Page links resolve as if written on the page that the text lands on; files lie in the layer's folder.
fn ground(page: &PageId, file: &LayerFile) -> Ground {
    let folder = if file.folder_pages.contains(page) {
        if &**page == "index" { "" } else { page }
    } else {
        page.rsplit_once('/').map_or("", |(folder, _)| folder)
    };
    Ground { page_folder: folder.into(), files_root: Arc::clone(&file.folder), files_folder: "".into(), layer: true }
}

/// Reads `insert:`.
pub fn inserts(node: &Node, file: &LayerFile, language: &Language, reader: &mut Reader<'_>) -> Vec<Insert> {
    let map = reader.map(node).unwrap_or_default();
    map.iter().filter_map(|(key, node)| insert(key, node, file, language, reader)).collect()
}

fn insert(key: &Key, node: &Node, file: &LayerFile, language: &Language, reader: &mut Reader<'_>) -> Option<Insert> {
    let address = Address::parse(&key.text);
    let is_page = address.section.is_none();
    let valid = match &address.section {
        Some(section) => is_id(section),
        None => address.page.split('/').all(is_id),
    };
    if !valid {
        let message = format!("`{}` is no valid address for something new", escaped(&key.text));
        reader.findings.report(Code::E109, &key.place, message).hint(LOWER_CASE);
        return None;
    }
    let map = reader.map(node)?;
    let mut allowed = vec!["before", "after", "first_in", "last_in", "title", "text", "reason"];
    if is_page {
        allowed.push("file");
    }
    reader.closed(map, &allowed);
    let anchor = anchor(node, &SIDES, &key.place, reader);
    let reason = node.get("reason").and_then(|node| reason(node, language, reader));
    let title = match node.get("title") {
        Some(node) => self::title(node, file, language, reader)?,
        None => Title::new(),
    };
    let body = match (node.get("text"), node.get("file").filter(|_| is_page)) {
        (Some(_), Some(file)) => {
            reader.findings.report(Code::E107, &file.place, "`text` and `file` contradict each other").hint("keep one");
            return None;
        }
        (Some(node), None) => InsertBody::Text(texts(node, &address, file, language, reader)?),
        (None, Some(node)) => InsertBody::Pages(pages(node, &address, file, language, reader)?),
        // That a section takes no file was said already.
        (None, None) if node.get("file").is_some() => return None,
        (None, None) => {
            let message = format!("`{}` has no `text`", escaped(&key.text));
            reader.findings.report(Code::E107, &key.place, message).hint("what is inserted needs a text");
            return None;
        }
    };
    let is_named = match &body {
        InsertBody::Pages(pages) => pages.values().all(|page| !page.name.is_empty()),
        InsertBody::Text(_) => false,
    };
    if title.is_empty() && !is_named {
        reader
            .findings
            .report(Code::E115, &key.place, format!("`{}` has no `title`", escaped(&key.text)))
            .hint("title: …");
        return None;
    }
    Some(Insert { address, anchor: anchor?, title, body, reason, place: key.place.clone() })
}

/// `file: x.md`, or a file per language, in the layer's folder.
fn pages(
    node: &Node,
    address: &Address,
    file: &LayerFile,
    language: &Language,
    reader: &mut Reader<'_>,
) -> Option<BTreeMap<Language, Arc<Page>>> {
    let names = reader.per_language(node, |reader, node| Some((reader.line(node)?, node.place.clone())));
    let mut pages = BTreeMap::new();
    for (language, (name, place)) in names.any.map(|name| (language.clone(), name)).into_iter().chain(names.named) {
        let Some(path) = links::resolved("", &name).filter(|_| !name.starts_with('/')) else {
            reader.findings.report(Code::E118, &place, format!("`{}` leads out of the layer's folder", escaped(&name)));
            continue;
        };
        let Some(text) = file.pages.get(path.as_str()) else {
            let hint = did_you_mean(&path, file.pages.keys().map(|name| &**name))
                .unwrap_or_else(|| format!("write it as {}/{path}", file.folder));
            reader.findings.report(Code::E203, &place, format!("there is no file `{}`", escaped(&name))).hint(hint);
            continue;
        };
        let ground = ground(&address.page, file);
        let manner = Manner {
            placeholders: file.declarations.has_parameters,
            author: Author::LayerPage,
            unknown: UnknownKeys::Refused,
            terms: Arc::clone(&file.terms),
        };
        let path: Arc<str> = format!("{}/{path}", file.folder).into();
        let this = DigestWriter::new().with(&**text).with(&*path).with(&*address.page).with(&*language);
        let this = this.with(&*ground.page_folder).with(&*ground.files_root).finish();
        let included = Arc::<Included>::default();
        let parsed = PageFile {
            digest: page::digest(this, manner.digest(), &included),
            path,
            text: Arc::clone(text),
            id: address.page.clone(),
            language: language.clone(),
            ground,
            manner,
            included,
        }
        .compute();
        reader.findings.extend(parsed.findings);
        let output = match &parsed.front.path {
            Some((path, _)) => format!("{}.html", slug(path)),
            None => format!("{}.html", address.page),
        };
        pages.insert(language, Arc::new(Page { output: output.into(), ..Page::clone(&parsed.page) }));
    }
    (!pages.is_empty()).then_some(pages)
}
