//! One layer onto the state: every operation takes effect, or there is an error for it.
//!
//! Key order means nothing, so the operations of a layer are taken by kind: first what restores,
//! then what removes, then inserts and moves, then texts and titles; locks hold for the layers
//! below and so come last.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::book::{Address, Change, Layer, Lock, Operation, OperationKind, PageId};
use crate::diagnostic::{Code, Diagnostic, Findings, Place};
use crate::overlay::addresses::{self, resolve};
use crate::overlay::state::{Effect, Given, Record, Removal, State};
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

    for (address, change) in &changes {
        for operation in of_kind(change, |kind| matches!(kind, OperationKind::Remove(false))) {
            restore(state, at, address, change, operation, findings);
        }
    }
    for (address, change) in &changes {
        for operation in of_kind(change, |kind| matches!(kind, OperationKind::Remove(true))) {
            remove(state, at, address, change, operation, findings);
        }
    }
    inserts::apply(state, at, findings);
    for change in own {
        let Some(address) = resolve(state, &change.address, &change.place, findings) else { continue };
        for operation in of_kind(change, |kind| matches!(kind, OperationKind::Remove(_))) {
            match operation.kind {
                OperationKind::Remove(false) => restore(state, at, &address, change, operation, findings),
                _ => {
                    let message = format!("`{address}` is inserted in this layer, and removed at once");
                    findings.report(Code::E107, &operation.place, message).hint("leave it out of `insert:`");
                }
            }
        }
        changes.push((address, change));
    }
    // What goes with a removal was reported when the file was read.
    changes.retain(|(_, change)| of_kind(change, |kind| matches!(kind, OperationKind::Remove(true))).next().is_none());
    let moved: Vec<(PageId, &'h Change, &'h Operation)> = changes
        .iter()
        .flat_map(|(address, change)| {
            of_kind(change, |kind| matches!(kind, OperationKind::Move(_)))
                .map(|operation| (address.page.clone(), *change, operation))
        })
        .collect();
    moves::apply(state, at, &moved, findings);
    for (address, change) in &changes {
        for operation in of_kind(change, |kind| {
            !matches!(kind, OperationKind::Remove(_) | OperationKind::Move(_) | OperationKind::Lock(_))
        }) {
            text(state, at, address, change, operation, findings);
        }
    }
    for (address, change) in &changes {
        for operation in of_kind(change, |kind| matches!(kind, OperationKind::Lock(_))) {
            lock(state, at, address, change, operation, findings);
        }
    }
}

/// An address with the name that its page has now.
fn meant(state: &State<'_>, address: &Address) -> Address {
    let page = addresses::page(state, &address.page).unwrap_or_else(|| address.page.clone());
    Address { page, section: address.section.clone() }
}

fn of_kind(change: &Change, wanted: fn(&OperationKind) -> bool) -> impl Iterator<Item = &Operation> {
    change.operations.iter().filter(move |operation| wanted(&operation.kind))
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
fn is_there(state: &mut State<'_>, at: usize, address: &Address, place: &Place, findings: &mut Findings) -> bool {
    let Some(removal) = state.removal(address) else { return true };
    let by = &state.chain[removal.layer];
    findings.push(if removal.layer == at {
        Diagnostic::new(
            Code::E107,
            place.clone(),
            format!("`{address}` is removed in this layer, or what it stands in is"),
        )
        .with("keep `remove`, or the other operations")
    } else {
        let removed_at = &state.records[removal.record].place;
        Diagnostic::new(Code::E108, place.clone(), format!("`{address}` was removed by the layer `{}`", by.id))
            .with(format!("it was removed at {removed_at}"))
            .with("`remove: false` brings it back")
    });
    false
}

fn restore<'h>(
    state: &mut State<'h>,
    at: usize,
    address: &Address,
    change: &'h Change,
    operation: &'h Operation,
    findings: &mut Findings,
) {
    let own = match (state.page(&address.page), &address.section) {
        (None, _) => return,
        (Some(page), None) => page.removed,
        (Some(page), Some(section)) => page.sections.get(section).and_then(|section| section.removed),
    };
    let mut record = record(at, address, change, operation);
    let Some(removal) = own else {
        record.effect = Effect::None;
        findings.push(without_effect(operation, &format!("`{address}` is not removed")));
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
        if above.is_some() && !is_there(state, at, address, &operation.place, findings) {
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

fn remove<'h>(
    state: &mut State<'h>,
    at: usize,
    address: &Address,
    change: &'h Change,
    operation: &'h Operation,
    findings: &mut Findings,
) {
    let removed_elsewhere = state.removal(address).is_some_and(|removal| removal.layer != at);
    if removed_elsewhere && !is_there(state, at, address, &operation.place, findings) {
        return;
    }
    let lock = locks::held(state, address);
    if !locks::permits(lock, &operation.kind) {
        findings.push(locks::refused(&operation.place, lock, &format!("`{address}`")));
        return;
    }
    let Some(page) = state.page(&address.page) else { return };
    let locked = match &address.section {
        Some(section) => locks::inside(page, Some(section)),
        None => locks::inside_subtree(state, &address.page),
    };
    if let Some(locked) = locked {
        findings
            .report(Code::E105, &operation.place, format!("`{address}` holds something locked: {locked}"))
            .hint("what holds something locked is neither removed nor moved");
        return;
    }
    let mut record = record(at, address, change, operation);
    record.pins = drift::judge(state, address, operation, change, findings);
    let record = state.record(record);
    let removal = Removal { layer: at, record, links: change.links.as_ref().map(|(links, _)| links) };
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
fn text<'h>(
    state: &mut State<'h>,
    at: usize,
    address: &Address,
    change: &'h Change,
    operation: &'h Operation,
    findings: &mut Findings,
) {
    if !is_there(state, at, address, &operation.place, findings) {
        return;
    }
    let lock = locks::held(state, address);
    if !locks::permits(lock, &operation.kind) {
        findings.push(locks::refused(&operation.place, lock, &format!("`{address}`")));
        return;
    }
    let mut record = record(at, address, change, operation);
    record.pins = drift::judge(state, address, operation, change, findings);
    if drift::is_same(state, address, operation) {
        record.effect = Effect::None;
        findings.push(without_effect(operation, "it is what stands there already"));
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
    match &operation.kind {
        OperationKind::Title(value) => *title = Some(Given { layer: at, record, value }),
        OperationKind::Description(value) => page.description = Some(Given { layer: at, record, value }),
        OperationKind::Replace(value) => {
            // A nearer text discards what outer layers did to it.
            slot.prepended.clear();
            slot.appended.clear();
            slot.text = Some(Given { layer: at, record, value });
            slot.links = change.links.as_ref().map(|(links, _)| links);
        }
        OperationKind::Prepend(value) => slot.prepended.push(Given { layer: at, record, value }),
        OperationKind::Append(value) => slot.appended.push(Given { layer: at, record, value }),
        OperationKind::Remove(_) | OperationKind::Lock(_) | OperationKind::Move(_) => {}
    }
}

fn lock<'h>(
    state: &mut State<'h>,
    at: usize,
    address: &Address,
    change: &'h Change,
    operation: &'h Operation,
    findings: &mut Findings,
) {
    let OperationKind::Lock(wanted) = operation.kind else { return };
    if !is_there(state, at, address, &operation.place, findings) {
        return;
    }
    let before = locks::held(state, address);
    let mut record = record(at, address, change, operation);
    let refused = (before == Lock::Locked || before > wanted)
        .then(|| locks::refused(&operation.place, before, &format!("`{address}`")).with("locks only tighten"))
        .or_else(|| locks::conditional(state, address, &operation.place));
    if let Some(refused) = refused {
        findings.push(refused);
        return;
    }
    if before == wanted {
        record.effect = Effect::None;
        findings.push(without_effect(operation, "it is locked so already"));
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

/// The record of an operation at an address.
pub fn record(at: usize, address: &Address, change: &Change, operation: &Operation) -> Record {
    Record {
        layer: at,
        address: address.to_string(),
        op: operation.kind.as_str(),
        place: operation.place.clone(),
        reason: change.reason.clone(),
        effect: Effect::Some,
        pins: Vec::new(),
    }
}

/// W204.
pub fn without_effect(operation: &Operation, why: &str) -> Diagnostic {
    Diagnostic::new(
        Code::W204,
        operation.place.clone(),
        format!("`{}` changes nothing: {why}", operation.kind.as_str()),
    )
    .with("remove it")
}
