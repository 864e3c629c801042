//! Own texts as they were typed: in a layer's YAML, or in a page's file with what it includes.

use std::sync::Arc;

use crate::book::{Handbook, InsertBody, OperationKind, Page, Part, SectionId, Sources};
use crate::diagnostic::Findings;
use crate::load::include::{self, Backslash};
use crate::load::{markdown, pages, retarget, text};

/// A part of an own text of a page in a form that a layer can hold.
pub fn portable(
    handbook: &Handbook,
    sources: &Sources,
    (page, section): (&Page, Option<&SectionId>),
    part: &Part,
) -> String {
    if let Some(text) = of_layer(handbook, part) {
        return text.to_string();
    }
    let path = &page.source;
    let decode = |path: &Arc<str>| Some(text::decode(path, sources.files.get(path)?, &mut Findings::new()));
    let Some(Some(whole)) = decode(path) else { return String::new() };
    let has_placeholders = handbook.declarations.has_parameters;
    let backslash = if has_placeholders { Backslash::Kept } else { Backslash::Dropped };
    let body = retarget::body(&whole);
    let expanded = match part.layer {
        None => {
            let included = include::closure(&include::targets(path, body), &|path| pages::included(sources, path));
            include::expand(body, (path, 1), &included, backslash, &mut Findings::new())
        }
        Some(_) => None,
    };
    let text = expanded.as_ref().map_or(body, |expanded| &expanded.text);
    markdown::portable(text, section.map(|id| &**id), has_placeholders)
}

/// A text that stands in a layer's file.
pub fn of_layer<'h>(handbook: &'h Handbook, part: &Part) -> Option<&'h Arc<str>> {
    let layer = handbook.layers.get(part.layer.as_ref()?)?;
    let operations = layer.changes.iter().flat_map(|change| &change.operations);
    let changed = operations.filter_map(|operation| match &operation.kind {
        OperationKind::Replace(texts) | OperationKind::Prepend(texts) | OperationKind::Append(texts) => Some(texts),
        OperationKind::Title(_)
        | OperationKind::Remove(_)
        | OperationKind::Lock(_)
        | OperationKind::Description(_)
        | OperationKind::Move(_) => None,
    });
    let inserted = layer.inserts.iter().filter_map(|insert| match &insert.body {
        InsertBody::Text(texts) => Some(texts),
        InsertBody::Pages(_) => None,
    });
    let mut texts = changed.chain(inserted).flat_map(|texts| &texts.texts);
    texts.find(|text| Arc::ptr_eq(&text.fragment, &part.fragment)).map(|text| &text.source)
}
