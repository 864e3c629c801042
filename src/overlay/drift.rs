//! Drift: whether the text that an operation hides is still the one that was accepted (spec §5).

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::book::fingerprint::{fingerprint, own, subtree, whole};
use crate::book::{
    Address, Change, Digest, Heading, Language, LayerId, Operation, OperationKind, Own, Page, PerLanguage, Section,
};
use crate::diagnostic::{Code, Findings, Place};
use crate::overlay::realise::{Realiser, in_language};
use crate::overlay::state::{PinState, State};
use crate::overlay::step::Step;

/// An operation that hides something, and what it hides, in one language.
#[derive(Clone, Debug)]
pub struct Pinned {
    /// The address, as the layer's file writes it.
    pub key: String,
    /// The address that is meant.
    pub address: Address,
    /// The layer.
    pub layer: LayerId,
    /// The key's place.
    pub place: Place,
    /// `replace`, `remove` or `title`.
    pub op: &'static str,
    /// The language.
    pub language: Language,
    /// The fingerprint in the file.
    pub accepted: Option<Arc<str>>,
    /// Whether the file pins, or is to pin, each language on its own.
    pub per_language: bool,
    /// What is hidden; nothing where the inherited page has no such address in this language.
    pub hidden: Option<Hidden>,
    /// The text that the layer brings instead, as it was typed.
    pub own: Option<String>,
}

/// What an operation hides.
#[derive(Clone, Debug)]
pub enum Hidden {
    /// An own text.
    Own(Own),
    /// A section with all below it.
    Section(Arc<Section>),
    /// A page.
    Page(Arc<Page>),
    /// A title.
    Title(Heading),
}

impl Hidden {
    /// Its digest.
    pub fn digest(&self) -> Digest {
        match self {
            Hidden::Own(text) => own(text),
            Hidden::Section(section) => subtree(section),
            Hidden::Page(page) => whole(page),
            Hidden::Title(heading) => heading.canonical,
        }
    }
}

/// Judges the pin of an operation that is about to be applied; reports what is stale (W201), and a
/// `replace` without a pin (N202).
pub fn judge(state: &mut State<'_>, step: Step<'_, '_>, findings: &mut Findings) -> Vec<PinState> {
    let Step { layer, address, change, operation } = step;
    if !is_pinned_by(operation, change) {
        return Vec::new();
    }
    collect(state, step);
    let layer = &state.chain[layer].id;
    let Some(pin) = &change.accepted else {
        if matches!(operation.kind, OperationKind::Replace(_)) {
            let message = format!("this text of `{address}` is not pinned to what it replaces");
            findings.report(Code::N202, &operation.place, message).hint(format!(
                "`leidraad accept {layer} {address}` pins it, so that a change of the base text is noticed"
            ));
        }
        return Vec::new();
    };
    languages(state, &pin.fingerprints)
        .into_iter()
        .filter_map(|(language, accepted)| Some((language, accepted?)))
        .map(|(language, accepted)| {
            let now = hidden(state, address, &operation.kind, &language).map(|hidden| fingerprint(hidden.digest()));
            let stale = now.as_deref() != Some(&*accepted);
            if stale {
                let now = now.unwrap_or_else(|| "nothing".to_owned());
                let kind = operation.kind.as_str();
                let since = format!("({language}: accepted {accepted}, now {now})");
                let message = format!("what this {kind} hides has changed since it was accepted {since}");
                findings
                    .report(Code::W201, &change.place, message)
                    .hint(format!("compare: leidraad diff {layer} {address}"))
                    .hint(format!("still right? leidraad accept {layer} {address}"));
            }
            PinState { language, accepted, stale }
        })
        .collect()
}

/// The languages that a pin speaks of, each with its fingerprint: without a map the default
/// language, or those of an edition that lacks it.
fn languages(state: &State<'_>, pins: &PerLanguage<Arc<str>>) -> Vec<(Language, Option<Arc<str>>)> {
    let default = state.handbook.config.default_language();
    if !pins.named.is_empty() {
        return pins.named.iter().map(|(language, pin)| (language.clone(), Some(Arc::clone(pin)))).collect();
    }
    if pins.any.is_none()
        && let Some(own) = state.chain.iter().rev().find_map(|layer| layer.languages.as_ref())
        && !own.contains(default)
    {
        return own.iter().map(|language| (language.clone(), None)).collect();
    }
    vec![(default.clone(), pins.any.clone())]
}

/// Keeps what an operation hides, for whoever wants to see or to accept it.
fn collect(state: &mut State<'_>, Step { layer, address, change, operation }: Step<'_, '_>) {
    if state.pinned.is_none() {
        return;
    }
    let none = PerLanguage::none();
    let pins = change.accepted.as_ref().map_or(&none, |pin| &pin.fingerprints);
    let languages = languages(state, pins);
    let per_language = pins.any.is_none()
        && languages
            .iter()
            .any(|(language, pin)| pin.is_some() || language != state.handbook.config.default_language());
    let layer = &state.chain[layer].id;
    for (language, accepted) in languages {
        let own = match &operation.kind {
            OperationKind::Replace(texts) => texts.get(&language).map(|text| text.source.to_string()),
            OperationKind::Title(title) => in_language(title, &language).map(|(_, text)| text.to_string()),
            _ => None,
        };
        let hidden = hidden(state, address, &operation.kind, &language);
        let Some(pinned) = &mut state.pinned else { return };
        pinned.push(Pinned {
            key: change.address.to_string(),
            address: address.clone(),
            layer: layer.clone(),
            place: change.place.clone(),
            op: operation.kind.as_str(),
            language,
            accepted,
            per_language,
            hidden,
            own,
        });
    }
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

/// What an operation hides: the text it meets, not the text it brings.
pub fn hidden(state: &mut State<'_>, address: &Address, kind: &OperationKind, language: &Language) -> Option<Hidden> {
    Some(match (kind, inherited(state, address, language)?) {
        (OperationKind::Replace(_), Inherited::Section(section)) => Hidden::Own(section.own.clone()),
        (OperationKind::Replace(_), Inherited::Page(page)) => Hidden::Own(page.opening.clone()),
        (OperationKind::Remove(_), Inherited::Section(section)) => Hidden::Section(section),
        (OperationKind::Remove(_), Inherited::Page(page)) => Hidden::Page(page),
        (_, Inherited::Section(section)) => Hidden::Title(section.heading.clone()),
        (_, Inherited::Page(page)) => Hidden::Title(page.heading.clone()),
    })
}

/// What stands at an address.
enum Inherited {
    Page(Arc<Page>),
    Section(Arc<Section>),
}

/// What the layers so far leave at an address, whatever its conditions.
fn inherited(state: &mut State<'_>, address: &Address, language: &Language) -> Option<Inherited> {
    state.page(&address.page)?;
    let at = state.handbook.config.at(language)?;
    let realiser = Realiser { state, language, at, shows: &|_| true };
    match &address.section {
        Some(section) => realiser.section_of(&address.page, section).map(Inherited::Section),
        None => realiser.page(&address.page).map(Inherited::Page),
    }
}

/// Whether an operation brings, in every language it gives, what stands there already.
pub fn is_same(state: &mut State<'_>, Step { address, operation, .. }: Step<'_, '_>) -> bool {
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
            OperationKind::Replace(_) => {
                hidden(state, address, &operation.kind, language).is_some_and(|hidden| hidden.digest() == *brought)
            }
            _ => {
                // A plain title and a heading of Markdown have the same text, not the same markup.
                let Some(Inherited::Section(section)) = inherited(state, address, language) else { return false };
                let OperationKind::Title(title) = &operation.kind else { return false };
                let heading = &section.heading;
                in_language(title, language)
                    .is_some_and(|(_, text)| heading.text == *text && heading.language == *language)
            }
        })
}
