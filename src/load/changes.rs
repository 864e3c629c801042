//! `changes:` of a layer → operations, each under its own key.

use std::sync::Arc;

use crate::book::{Address, Anchor, Change, Language, Links, Operation, OperationKind, PerLanguage, Pin, Where};
use crate::diagnostic::{Code, Place, escaped, nearest};
use crate::load::front_matter;
use crate::load::layer_texts::{Slot, reason, texts, title};
use crate::load::layers::LayerFile;
use crate::load::reader::Reader;
use crate::load::yaml::{Key, Node, Yaml};

const ANNOTATIONS: [&str; 3] = ["reason", "accepted", "links"];
const SECTION_KEYS: [&str; 9] =
    ["title", "replace", "prepend", "append", "remove", "lock", "reason", "accepted", "links"];
/// What may stand at the address of a page.
pub const PAGE_KEYS: [&str; 11] =
    ["title", "replace", "prepend", "append", "remove", "lock", "description", "move", "reason", "accepted", "links"];
/// Where something can go, by the name of the key.
pub const SIDES: [(&str, Where); 4] =
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
        Yaml::Map(map) if !reader.is_per_language(map) => map,
        // A bare text, or a text per language, is `replace`.
        Yaml::Scalar(_) | Yaml::Map(_) => {
            let texts = texts(node, Slot { address: &change.address, word: "replace" }, file, language, reader)?;
            change.operations.push(Operation { kind: OperationKind::Replace(texts), place: key.place.clone() });
            explain(&change, None, file, reader);
            return Some(change);
        }
        Yaml::List(_) => {
            reader.wrong_kind(node, "a text or operations");
            return None;
        }
    };
    let allowed: &[&str] = if change.address.section.is_some() { &SECTION_KEYS } else { &PAGE_KEYS };
    let mut is_refused = false;
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
            "reason" => {
                let before = reader.findings.len();
                change.reason = reason(node, language, reader);
                is_refused = reader.findings.len() > before;
            }
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
    if !misspelt && !is_refused {
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
    let slot = Slot { address, word: &name.text };
    Some(match &*name.text {
        "title" => OperationKind::Title(title(node, file, language, reader)?),
        "description" => OperationKind::Description(title(node, file, language, reader)?),
        "replace" => OperationKind::Replace(texts(node, slot, file, language, reader)?),
        "prepend" => OperationKind::Prepend(texts(node, slot, file, language, reader)?),
        "append" => OperationKind::Append(texts(node, slot, file, language, reader)?),
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

fn links(node: &Node, reader: &mut Reader<'_>) -> Option<(Links, Place)> {
    let text = reader.line(node)?;
    let links = if &*text == "text" { Links::Text } else { Links::To(Address::parse(&text)) };
    Some((links, node.place.clone()))
}

/// The one key of `sides` in a map, and what it names.
pub fn anchor(node: &Node, sides: &[(&str, Where)], place: &Place, reader: &mut Reader<'_>) -> Option<Anchor> {
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
