//! Drift: whether the text that an operation hides is still the one that was accepted (spec §5).

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::book::{
    Address, Change, Digest, DigestWriter, Heading, Language, Operation, OperationKind, Own, Page, Section,
};
use crate::diagnostic::{Code, Diagnostic, Findings};
use crate::overlay::realise::{Realiser, in_language};
use crate::overlay::state::{PinState, State};

/// A digest as `accepted` writes it: `v1-<12 hex>`.
pub fn fingerprint(digest: Digest) -> String {
    format!("v1-{}", digest.short(12))
}

/// Judges the pin of an operation that is about to be applied; reports what is stale (W201), and a
/// `replace` without a pin (N202).
pub fn judge(
    state: &mut State<'_>,
    address: &Address,
    operation: &Operation,
    change: &Change,
    findings: &mut Findings,
) -> Vec<PinState> {
    if !is_pinned_by(operation, change) {
        return Vec::new();
    }
    let Some(pin) = &change.accepted else {
        if matches!(operation.kind, OperationKind::Replace(_)) {
            findings.push(
                Diagnostic::new(
                    Code::N202,
                    operation.place.clone(),
                    format!("this text of `{address}` is not pinned to what it replaces"),
                )
                .hint("`leidraad accept` pins it, so that a change of the base text is noticed"),
            );
        }
        return Vec::new();
    };
    let default = state.handbook.config.default_language().clone();
    let pins: Vec<(Language, Arc<str>)> = match &pin.fingerprints.any {
        Some(fingerprint) => vec![(default, Arc::clone(fingerprint))],
        None => pin.fingerprints.named.clone(),
    };
    let layer = layer_name(state, change);
    pins.into_iter()
        .map(|(language, accepted)| {
            let now = hidden(state, address, &operation.kind, &language).map(fingerprint);
            let stale = now.as_deref() != Some(&*accepted);
            if stale {
                let now = now.unwrap_or_else(|| "nothing".to_owned());
                findings.push(
                    Diagnostic::new(
                        Code::W201,
                        change.place.clone(),
                        format!("what this {} hides has changed since it was accepted ({language}: accepted {accepted}, now {now})", operation.kind.as_str()),
                    )
                    .hint(format!("compare: leidraad diff {layer} {address}"))
                    .hint(format!("still right? leidraad accept {layer} {address}")),
                );
            }
            PinState { language, accepted, stale }
        })
        .collect()
}

/// Whether the change's pin is about this operation: the text if it replaces one, else the
/// removal, else the title.
fn is_pinned_by(operation: &Operation, change: &Change) -> bool {
    let has = |wanted: fn(&OperationKind) -> bool| change.operations.iter().any(|operation| wanted(&operation.kind));
    match operation.kind {
        OperationKind::Replace(_) | OperationKind::Remove(true) => true,
        OperationKind::Title(_) => !has(|kind| matches!(kind, OperationKind::Replace(_) | OperationKind::Remove(_))),
        _ => false,
    }
}

fn layer_name(state: &State<'_>, change: &Change) -> String {
    state
        .chain
        .iter()
        .find(|layer| layer.path == change.place.path)
        .map_or_else(String::new, |layer| layer.id.to_string())
}

/// The digest of what an operation hides: the text it meets, not the text it brings.
pub fn hidden(state: &mut State<'_>, address: &Address, kind: &OperationKind, language: &Language) -> Option<Digest> {
    let page = inherited(state, address, language)?;
    let section = match &address.section {
        Some(id) => Some(page.all_sections().into_iter().find(|section| section.id == *id).cloned()?),
        None => None,
    };
    match (kind, section) {
        (OperationKind::Replace(_), Some(section)) => Some(own(&section.own)),
        (OperationKind::Replace(_), None) => Some(own(&page.opening)),
        (OperationKind::Remove(_), Some(section)) => Some(subtree(&section)),
        (OperationKind::Remove(_), None) => Some(whole(&page)),
        (_, Some(section)) => Some(section.heading.canonical),
        (_, None) => Some(page.heading.canonical),
    }
}

/// The page of an address as the layers so far leave it, whatever its conditions.
fn inherited(state: &mut State<'_>, address: &Address, language: &Language) -> Option<Arc<Page>> {
    state.page(&address.page)?;
    let at = state.handbook.config.languages.iter().position(|known| known == language)?;
    Realiser { state, language, at, shows: &|_| true }.page(&address.page)
}

/// The digest of an own text.
pub fn own(own: &Own) -> Digest {
    let digests: Vec<Digest> = own.parts.iter().filter_map(|part| part.fragment.canonical).collect();
    match digests.as_slice() {
        [one] => *one,
        many => many.iter().fold(DigestWriter::new(), |writer, digest| writer.with(digest)).finish(),
    }
}

/// The digest of a section with all below it.
pub fn subtree(section: &Section) -> Digest {
    let mut writer = DigestWriter::new();
    add_section(&mut writer, section);
    writer.finish()
}

fn add_section(writer: &mut DigestWriter, section: &Section) {
    writer.add([section.level]);
    writer.add(section.heading.canonical);
    writer.add(own(&section.own));
    // Six levels of headings at the most: this recursion is bounded.
    section.sections.iter().for_each(|child| add_section(writer, child));
}

/// The digest of a page.
pub fn whole(page: &Page) -> Digest {
    let mut writer =
        DigestWriter::new().with(page.heading.canonical).with(own(&page.opening)).with(own(&page.unaddressed));
    page.sections.iter().for_each(|section| add_section(&mut writer, section));
    writer.finish()
}

/// Whether an operation brings, in every language it gives, what stands there already.
pub fn is_same(state: &mut State<'_>, address: &Address, operation: &Operation) -> bool {
    let languages: BTreeMap<Language, Digest> = match &operation.kind {
        OperationKind::Replace(texts) => {
            texts.texts.iter().filter_map(|text| Some((text.language.clone(), text.fragment.canonical?))).collect()
        }
        OperationKind::Title(title) => {
            title.iter().map(|(language, text)| (language.clone(), Heading::plain(text, language).canonical)).collect()
        }
        OperationKind::Description(_)
        | OperationKind::Prepend(_)
        | OperationKind::Append(_)
        | OperationKind::Remove(_)
        | OperationKind::Lock(_)
        | OperationKind::Move(_) => return false,
    };
    !languages.is_empty()
        && languages.iter().all(|(language, brought)| match &operation.kind {
            OperationKind::Replace(_) => hidden(state, address, &operation.kind, language) == Some(*brought),
            _ => {
                // A plain title and a heading of Markdown have the same text, not the same markup.
                let Some(page) = inherited(state, address, language) else { return false };
                let heading = match &address.section {
                    Some(id) => page
                        .all_sections()
                        .into_iter()
                        .find(|section| section.id == *id)
                        .map(|section| section.heading.clone()),
                    None => Some(page.heading.clone()),
                };
                let OperationKind::Title(title) = &operation.kind else { return false };
                heading.zip(in_language(title, language)).is_some_and(|(heading, (_, text))| {
                    heading.text == *text && heading.language == *language && address.section.is_some()
                })
            }
        })
}
