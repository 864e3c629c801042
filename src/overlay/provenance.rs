//! What became of every operation of a chain: one entry each, or there was an error for it.

use std::collections::BTreeSet;

use crate::book::{Address, Condition, OperationState, ProvenanceEntry};
use crate::overlay::state::{Effect, Record, State};

/// The entries of a chain, outermost layer first; within a layer by address and operation, so that
/// the order of the keys in a file means nothing.
pub fn entries(state: &State<'_>, shows: &dyn Fn(&Condition) -> bool) -> Vec<ProvenanceEntry> {
    let live = live(state);
    let mut records: Vec<(usize, &Record)> = state.records.iter().enumerate().collect();
    records.sort_by(|(_, a), (_, b)| (a.layer, &a.address, a.op).cmp(&(b.layer, &b.address, b.op)));
    records.into_iter().flat_map(|(at, record)| entry(state, record, live.contains(&at), shows)).collect()
}

fn entry(state: &State<'_>, record: &Record, live: bool, shows: &dyn Fn(&Condition) -> bool) -> Vec<ProvenanceEntry> {
    let hidden = is_hidden(state, record, shows);
    let outcome = |stale: bool| match record.effect {
        Effect::None => OperationState::Noop,
        Effect::Some if !live => OperationState::Overridden,
        // Where a condition hides what it is about, nothing of it shows.
        Effect::Some | Effect::Lasting if hidden => OperationState::Noop,
        Effect::Some | Effect::Lasting if stale => OperationState::Stale,
        Effect::Some | Effect::Lasting => OperationState::Applied,
    };
    let layer = &state.chain[record.layer];
    let entry = |language, accepted, stale| ProvenanceEntry {
        address: record.address.clone(),
        language,
        layer: layer.id.clone(),
        file: layer.path.clone(),
        line: record.place.line,
        op: record.op,
        reason: record.reason.clone(),
        accepted,
        state: outcome(stale),
    };
    let differ = record.pins.windows(2).any(|pair| pair[0].stale != pair[1].stale);
    if differ {
        return record
            .pins
            .iter()
            .map(|pin| entry(Some(pin.language.clone()), Some(pin.accepted.clone()), pin.stale))
            .collect();
    }
    let first = record.pins.first();
    vec![entry(None, first.map(|pin| pin.accepted.clone()), first.is_some_and(|pin| pin.stale))]
}

/// Whether a condition hides what an operation is about, or something that it stands in.
fn is_hidden(state: &State<'_>, record: &Record, shows: &dyn Fn(&Condition) -> bool) -> bool {
    if record.op == "set" {
        return false;
    }
    let address = Address::parse(&record.address);
    let hides = |condition: Option<&Condition>| condition.is_some_and(|condition| !shows(condition));
    let mut next = Some(address.page.clone());
    while let Some(id) = next {
        let page = match state.pages.get(&id) {
            Some(page) => page.origin.page(),
            None => state.handbook.pages.get(&id).and_then(|page| page.languages.first()),
        };
        if hides(page.and_then(|page| page.shown.as_ref())) {
            return true;
        }
        next = state.parent(&id);
    }
    let (Some(page), Some(section)) = (state.pages.get(&address.page), &address.section) else { return false };
    let path = page.section_path(section);
    path.iter().filter_map(|id| page.sections.get(id)?.base.as_ref()).any(|section| hides(section.shown.as_ref()))
}

/// The records of operations that still show in the edition: no nearer layer decided otherwise.
fn live(state: &State<'_>) -> BTreeSet<usize> {
    let mut live = BTreeSet::new();
    for page in state.pages.values() {
        if let Some(removal) = page.removed {
            live.insert(removal.record);
            continue;
        }
        live.extend(page.title.iter().map(|given| given.record));
        live.extend(page.description.iter().map(|given| given.record));
        live.extend(page.moved.iter().map(|given| given.record));
        live.extend(texts(&page.slot));
        for section in page.sections.values() {
            if let Some(removal) = section.removed {
                live.insert(removal.record);
                continue;
            }
            live.extend(section.title.iter().map(|given| given.record));
            live.extend(texts(&section.slot));
        }
    }
    for (at, record) in state.records.iter().enumerate() {
        let shows = match record.op {
            "insert" => is_shown(state, &record.address),
            // A restored address shows again, unless a still nearer layer removed it.
            "remove" => !live.contains(&at) && is_shown(state, &record.address) && is_restore(state, at),
            _ => false,
        };
        if shows {
            live.insert(at);
        }
    }
    live
}

fn texts(slot: &crate::overlay::state::Slot<'_>) -> impl Iterator<Item = usize> {
    slot.text.iter().chain(&slot.prepended).chain(&slot.appended).map(|given| given.record)
}

fn is_shown(state: &State<'_>, address: &str) -> bool {
    let address = Address::parse(address);
    let Some(page) = state.pages.get(&address.page) else { return false };
    let section =
        address.section.as_ref().map(|id| page.sections.get(id).is_some_and(|section| section.removed.is_none()));
    page.removed.is_none() && section.unwrap_or(true)
}

/// Whether a `remove` was `remove: false`: the last one at its address, which shows.
fn is_restore(state: &State<'_>, at: usize) -> bool {
    let record = &state.records[at];
    let later = state.records.iter().skip(at + 1).any(|other| other.op == "remove" && other.address == record.address);
    let wanted = state.chain[record.layer]
        .changes
        .iter()
        .flat_map(|change| &change.operations)
        .find(|operation| operation.place == record.place);
    !later && wanted.is_some_and(|operation| matches!(operation.kind, crate::book::OperationKind::Remove(false)))
}
