//! One layer onto the state: every operation takes effect, or there is an error for it.
//!
//! Key order means nothing, so the operations of a layer are taken by kind: first what restores,
//! then what removes, then inserts and moves, then texts and titles; locks hold for the layers
//! below and so come last.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::book::{Address, Change, Layer, Lock, OperationKind};
use crate::diagnostic::{Code, Findings};
use crate::overlay::addresses::{self, resolve};
use crate::overlay::state::{Effect, Removal, State};
use crate::overlay::step::Step;
use crate::overlay::{drift, inserts, locks, moves, order};

/// Applies the layer at `at` in the chain.
pub fn layer<'h>(state: &mut State<'h>, at: usize, findings: &mut Findings) {
    let chain: &'h [Arc<Layer>] = state.chain;
    let layer: &'h Layer = &chain[at];
    let inserted: BTreeSet<Address> = layer.inserts.iter().map(|insert| meant(state, &insert.address)).collect();
    let is_own = |address: &Address| inserted.contains(address) || inserted.contains(&Address::page(&address.page));
    // What this layer inserts itself is there once the inserts have been applied.
    let (own, others): (Vec<&'h Change>, Vec<&'h Change>) =
        layer.changes.iter().partition(|change| is_own(&meant(state, &change.address)));
    let mut changes: Vec<(Address, &'h Change)> = Vec::new();
    for change in others {
        changes.extend(resolve(state, &change.address, &change.place, findings).map(|address| (address, change)));
    }
    changes.sort_by(|(a, _), (b, _)| a.cmp(b));
    twice(&changes, findings);
    state.held = changes.iter().map(|(address, _)| (address.clone(), locks::effective(state, address))).collect();

    for step in steps(at, &changes, |kind| matches!(kind, OperationKind::Remove(false))) {
        restore(state, step, findings);
    }
    for step in steps(at, &changes, is_removal) {
        remove(state, step, findings);
    }
    inserts::apply(state, at, findings);
    for change in own {
        let Some(address) = resolve(state, &change.address, &change.place, findings) else { continue };
        changes.push((address, change));
        for step in steps(at, changes.last(), |kind| matches!(kind, OperationKind::Remove(_))) {
            if !is_removal(step.kind()) {
                restore(state, step, findings);
                continue;
            }
            let message = format!("`{}` is inserted in this layer, and removed at once", step.address);
            findings.report(Code::E107, step.place(), message).hint("leave it out of `insert:`");
        }
    }
    // What goes with a removal was reported when the file was read.
    changes.retain(|(_, change)| !change.operations.iter().any(|operation| is_removal(&operation.kind)));
    moves::apply(state, steps(at, &changes, |kind| matches!(kind, OperationKind::Move(_))), findings);
    let is_text = |kind: &OperationKind| {
        !matches!(kind, OperationKind::Remove(_) | OperationKind::Move(_) | OperationKind::Lock(_))
    };
    for step in steps(at, &changes, is_text) {
        text(state, step, findings);
    }
    for step in steps(at, &changes, |kind| matches!(kind, OperationKind::Lock(_))) {
        lock(state, step, findings);
    }
}

fn is_removal(kind: &OperationKind) -> bool {
    matches!(kind, OperationKind::Remove(true))
}

/// The operations of a kind, in the order of the changes.
fn steps<'s, 'h: 's>(
    layer: usize,
    changes: impl IntoIterator<Item = &'s (Address, &'h Change)>,
    wanted: fn(&OperationKind) -> bool,
) -> impl Iterator<Item = Step<'s, 'h>> {
    changes.into_iter().flat_map(move |(address, change)| {
        let change: &'h Change = change;
        let operations = change.operations.iter().filter(move |operation| wanted(&operation.kind));
        operations.map(move |operation| Step { layer, address, change, operation })
    })
}

/// An address with the name that its page has now.
fn meant(state: &State<'_>, address: &Address) -> Address {
    let page = addresses::page(state, &address.page).unwrap_or_else(|| address.page.clone());
    Address { page, section: address.section.clone() }
}

/// The same page or section named twice in one layer, once by an old address.
fn twice(changes: &[(Address, &Change)], findings: &mut Findings) {
    for pair in changes.windows(2) {
        if let [(first, one), (second, two)] = pair
            && first == second
        {
            let (earlier, later) = if one.place <= two.place { (one, two) } else { (two, one) };
            let message = format!("`{first}` stands here twice, first on line {}", earlier.place.line);
            findings.report(Code::E107, &later.place, message).hint("put all operations under one address");
        }
    }
}

/// Reports an operation at something that is gone; gives whether it may go on.
fn is_there(state: &mut State<'_>, step: Step<'_, '_>, findings: &mut Findings) -> bool {
    let address = step.address;
    let Some(removal) = state.removal(address) else { return true };
    if removal.layer == step.layer {
        findings
            .report(Code::E107, step.place(), format!("`{address}` is removed in this layer, or what it stands in is"))
            .hint("keep `remove`, or the other operations");
    } else {
        let by = &state.chain[removal.layer].id;
        findings
            .report(Code::E108, step.place(), format!("`{address}` was removed by the layer `{by}`"))
            .hint(format!("it was removed at {}", state.records[removal.record].place))
            .hint("`remove: false` brings it back");
    }
    false
}

fn restore<'h>(state: &mut State<'h>, step: Step<'_, 'h>, findings: &mut Findings) {
    let address = step.address;
    let own = match (state.page(&address.page), &address.section) {
        (None, _) => return,
        (Some(page), None) => page.removed,
        (Some(page), Some(section)) => page.sections.get(section).and_then(|section| section.removed),
    };
    let mut record = step.record();
    let Some(removal) = own else {
        record.effect = Effect::None;
        findings.push(step.without_effect(&format!("`{address}` is not removed")));
        state.record(record);
        return;
    };
    if let (Some(section), Some(page)) = (&address.section, state.page(&address.page)) {
        let above = page.removed.or_else(|| {
            page.section_path(section)
                .iter()
                .skip(1)
                .find_map(|id| page.sections.get(id).and_then(|section| section.removed))
        });
        if above.is_some() && !is_there(state, step, findings) {
            return;
        }
    }
    record.effect = Effect::Some;
    state.record(record);
    let same = |other: Option<Removal<'h>>| other.is_some_and(|other| other.record == removal.record);
    match &address.section {
        Some(section) => {
            let Some(page) = state.page(&address.page) else { return };
            for id in page.below(Some(section)).into_iter().chain([section.clone()]) {
                if let Some(section) = page.sections.get_mut(&id).filter(|section| same(section.removed)) {
                    section.removed = None;
                }
            }
        }
        None => {
            for id in order::subtree(state, &address.page) {
                if let Some(page) = state.page(&id).filter(|page| same(page.removed)) {
                    page.removed = None;
                }
            }
        }
    }
}

fn remove<'h>(state: &mut State<'h>, step: Step<'_, 'h>, findings: &mut Findings) {
    let address = step.address;
    let removed_elsewhere = state.removal(address).is_some_and(|removal| removal.layer != step.layer);
    if removed_elsewhere && !is_there(state, step, findings) {
        return;
    }
    if let Some(refused) = locks::refusal(state, step) {
        findings.push(refused);
        return;
    }
    let Some(page) = state.page(&address.page) else { return };
    let locked = match &address.section {
        Some(section) => locks::inside(page, Some(section)),
        None => locks::inside_subtree(state, &address.page),
    };
    if let Some(locked) = locked {
        findings
            .report(Code::E105, step.place(), format!("`{address}` holds something locked: {locked}"))
            .hint("what holds something locked is neither removed nor moved");
        return;
    }
    let mut record = step.record();
    record.pins = drift::judge(state, step, findings);
    let record = state.record(record);
    let removal = Removal { layer: step.layer, record, links: step.change.links.as_ref().map(|(links, _)| links) };
    match &address.section {
        Some(section) => {
            let Some(page) = state.page(&address.page) else { return };
            for id in page.below(Some(section)).into_iter().chain([section.clone()]) {
                if let Some(section) = page.sections.get_mut(&id) {
                    section.removed.get_or_insert(removal);
                }
            }
        }
        None => {
            for id in order::subtree(state, &address.page) {
                if let Some(page) = state.page(&id) {
                    page.removed.get_or_insert(removal);
                }
            }
        }
    }
}

/// Title, description, replace, prepend and append.
fn text<'h>(state: &mut State<'h>, step: Step<'_, 'h>, findings: &mut Findings) {
    let address = step.address;
    if !is_there(state, step, findings) {
        return;
    }
    if let Some(refused) = locks::refusal(state, step) {
        findings.push(refused);
        return;
    }
    let mut record = step.record();
    record.pins = drift::judge(state, step, findings);
    if drift::is_same(state, step) {
        record.effect = Effect::None;
        findings.push(step.without_effect("it is what stands there already"));
    }
    let record = state.record(record);
    let Some(page) = state.page(&address.page) else { return };
    let section = match &address.section {
        Some(section) => page.sections.get_mut(section),
        None => None,
    };
    let (title, slot) = match section {
        Some(section) => (&mut section.title, &mut section.slot),
        None => (&mut page.title, &mut page.slot),
    };
    match step.kind() {
        OperationKind::Title(value) => *title = Some(step.given(record, value)),
        OperationKind::Description(value) => page.description = Some(step.given(record, value)),
        OperationKind::Replace(value) => {
            // A nearer text discards what outer layers did to it.
            slot.prepended.clear();
            slot.appended.clear();
            slot.text = Some(step.given(record, value));
            slot.links = step.change.links.as_ref().map(|(links, _)| links);
        }
        OperationKind::Prepend(value) => slot.prepended.push(step.given(record, value)),
        OperationKind::Append(value) => slot.appended.push(step.given(record, value)),
        OperationKind::Remove(_) | OperationKind::Lock(_) | OperationKind::Move(_) => {}
    }
}

fn lock<'h>(state: &mut State<'h>, step: Step<'_, 'h>, findings: &mut Findings) {
    let address = step.address;
    let OperationKind::Lock(wanted) = *step.kind() else { return };
    if !is_there(state, step, findings) {
        return;
    }
    let before = locks::held(state, address);
    let mut record = step.record();
    let refused = (before == Lock::Locked || before > wanted)
        .then(|| locks::refused(step.place(), before, &format!("`{address}`")).with("locks only tighten"))
        .or_else(|| locks::conditional(state, address, step.place()));
    if let Some(refused) = refused {
        findings.push(refused);
        return;
    }
    if before == wanted {
        record.effect = Effect::None;
        findings.push(step.without_effect("it is locked so already"));
    }
    state.record(record);
    let Some(page) = state.page(&address.page) else { return };
    match &address.section {
        Some(section) => set_lock(page.sections.get_mut(section).map(|section| &mut section.lock), wanted),
        None => set_lock(Some(&mut page.lock), wanted),
    }
}

fn set_lock(lock: Option<&mut Lock>, wanted: Lock) {
    if let Some(lock) = lock {
        *lock = (*lock).max(wanted);
    }
}
