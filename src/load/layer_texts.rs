//! What a layer says in its own words: titles, texts and reasons, one for all languages or one per language.

use std::sync::Arc;

use crate::book::{Address, Language, PageId, Reason, Text, Texts, Title};
use crate::diagnostic::{Code, Place, nearest};
use crate::load::layers::LayerFile;
use crate::load::links::Ground;
use crate::load::markdown::{self, Author, Input, Origin};
use crate::load::reader::Reader;
use crate::load::yaml::{Node, Scalar, Yaml};

/// A one-line text with placeholders: one for all languages is in the layer's first language.
pub fn title(node: &Node, file: &LayerFile, language: &Language, reader: &mut Reader<'_>) -> Option<Title> {
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

/// Where a layer's text goes.
#[derive(Clone, Copy)]
pub struct Slot<'a> {
    /// What it changes, or is.
    pub address: &'a Address,
    /// The key that it stands under: `replace`, `prepend`, `append` or `text`.
    pub word: &'a str,
}

/// A text per language, or one in the layer's first language.
pub fn texts(
    node: &Node,
    slot: Slot<'_>,
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
        if let Some(text) = text(scalar, &node.place, language, slot, file, reader) {
            texts.push(text);
        }
    }
    (!texts.is_empty()).then_some(Texts { texts })
}

fn text(
    scalar: &Scalar,
    place: &Place,
    language: Language,
    slot: Slot<'_>,
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
        page: &slot.address.page,
        part: &part(slot, file),
        ground: ground(&slot.address.page, file),
        terms: Some(&file.terms),
    });
    if document.opening.is_empty() && document.findings.is_empty() {
        reader.findings.report(Code::E107, place, "a text without a word that is shown");
        return None;
    }
    reader.findings.extend(document.findings);
    Some(Text { language, fragment: document.opening, source: Arc::clone(&scalar.text), place: place.clone() })
}

/// The name of the part of a page that a text is: what is added to a text stands beside it, and is not the same part.
fn part(slot: Slot<'_>, file: &LayerFile) -> String {
    let section = slot.address.section.as_deref().unwrap_or_default();
    match slot.word {
        "prepend" | "append" => format!("{section} {} {}", slot.word, file.id),
        _ => section.to_owned(),
    }
}

/// Page links resolve as if written on the page that the text lands on; files lie in the layer's folder.
pub fn ground(page: &PageId, file: &LayerFile) -> Ground {
    let folder = if file.folder_pages.contains(page) {
        if &**page == "index" { "" } else { page }
    } else {
        page.rsplit_once('/').map_or("", |(folder, _)| folder)
    };
    Ground { page_folder: folder.into(), files_root: Arc::clone(&file.folder), files_folder: "".into(), layer: true }
}

/// A reason, or one per language.
pub fn reason(node: &Node, language: &Language, reader: &mut Reader<'_>) -> Option<Arc<Reason>> {
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
