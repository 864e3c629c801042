//! `move:` — a page, with all below it, to another place in the order.

use crate::book::{Address, Anchor, Lock, OperationKind, PageId, Where};
use crate::diagnostic::{Code, Findings};
use crate::overlay::addresses::{self, anchor_removed, check_anchor};
use crate::overlay::inserts::side;
use crate::overlay::state::{Around, Left, Origin, PageState, State};
use crate::overlay::step::Step;
use crate::overlay::{locks, order};

/// Applies the moves of a layer, in the order of the pages.
pub fn apply<'s, 'h: 's>(state: &mut State<'h>, moves: impl Iterator<Item = Step<'s, 'h>>, findings: &mut Findings) {
    let mut ordered: Vec<Step<'_, '_>> = moves.collect();
    ordered.sort_by_key(|step| &step.address.page);
    for step in ordered {
        if let OperationKind::Move(anchor) = step.kind() {
            one(state, step, anchor, findings);
        }
    }
}

fn one<'h>(state: &mut State<'h>, step: Step<'_, 'h>, anchor: &'h Anchor, findings: &mut Findings) {
    let page = &step.address.page;
    if state.removal(step.address).is_some() {
        anchor_removed(state, step.layer, step.address, anchor, findings);
        return;
    }
    if let Some(refused) = locks::refusal(state, step) {
        findings.push(refused);
        return;
    }
    if let Some(locked) = locks::inside_subtree(state, page) {
        findings
            .report(Code::E105, step.place(), format!("`{page}` holds something locked: {locked}"))
            .hint("what holds something locked is neither removed nor moved");
        return;
    }
    let Some(target) = addresses::page(state, &anchor.target) else {
        findings.push(addresses::no_page(state, &anchor.target, &anchor.place));
        return;
    };
    if order::subtree(state, page).contains(&target) {
        let message = format!("`{page}` cannot stand beside `{target}`, which is it or stands below it");
        findings
            .report(Code::E111, &anchor.place, message)
            .hint("move it to a page outside it; two moves may not point at each other");
        return;
    }
    let target_address = Address::page(&target);
    check_anchor(anchor, &target_address, findings);
    if state.removal(&target_address).is_some_and(|removal| removal.layer != step.layer) {
        anchor_removed(state, step.layer, &target_address, anchor, findings);
        return;
    }
    let inside = matches!(anchor.side, Where::FirstIn | Where::LastIn);
    let above = if inside { Some(target.clone()) } else { state.parent(&target) };
    if let Some(above) = above.as_ref().map(Address::page)
        && locks::effective(state, &above) == Lock::Locked
    {
        findings.push(locks::refused(&anchor.place, Lock::Locked, &format!("`{above}`")));
        return;
    }
    let record = state.record(step.record());
    leave(state, step.layer, page);
    if let Some(state) = state.page(page) {
        state.left = None;
        state.moved = Some(step.given(record, anchor));
    }
    if cycle(state, page) {
        findings
            .report(Code::E111, &anchor.place, format!("the moves go round: `{page}` never gets a place"))
            .hint("two moves may not point at each other");
        if let Some(page) = state.page(page) {
            page.moved = None;
        }
        return;
    }
    if let Some(state) = state.page(&target) {
        side(&mut state.around, anchor.side).push(page.clone());
    }
}

/// Takes a page away from where it stands. Its sub-pages go with it; what outer layers put before
/// or after it stays, in its stead.
fn leave(state: &mut State<'_>, at: usize, page: &PageId) {
    let Some(leaving) = state.page(page) else { return };
    let place = match (&leaving.left, leaving.anchor()) {
        (Some(left), _) => left.clone(),
        (None, Some(anchor)) => Left::Anchor(anchor),
        (None, None) => Left::Base(page.clone()),
    };
    let around = std::mem::take(&mut leaving.around);
    let is_outer = |id: &PageId| {
        state.pages.get(id).is_some_and(|page| page.left.is_some() || placed_by(page).is_some_and(|layer| layer < at))
    };
    let (outer_before, before): (Vec<PageId>, _) = around.before.into_iter().partition(is_outer);
    let (outer_after, after): (Vec<PageId>, _) = around.after.into_iter().partition(is_outer);
    let stay: Vec<PageId> = outer_before.into_iter().chain(outer_after).collect();
    for id in &stay {
        if let Some(page) = state.page(id) {
            page.left = Some(place.clone());
        }
    }
    if let Some(leaving) = state.page(page) {
        leaving.around = Around { before, after, ..around };
    }
    let row = match &place {
        Left::Base(base) => state.page(base).map(|base| &mut base.stayed),
        Left::Anchor(anchor) => match addresses::page(state, &anchor.target) {
            Some(target) => state.page(&target).map(|target| side(&mut target.around, anchor.side)),
            None => None,
        },
    };
    let Some(row) = row else { return };
    match row.iter().position(|id| id == page) {
        Some(position) => drop(row.splice(position..=position, stay)),
        None => row.extend(stay),
    }
}

/// The index of the layer that decided where a page stands.
fn placed_by(page: &PageState<'_>) -> Option<usize> {
    match (page.moved, page.origin) {
        (Some(moved), _) => Some(moved.layer),
        (None, Origin::Insert(layer, _)) => Some(layer),
        (None, Origin::Base(_)) => None,
    }
}

/// Whether following the anchors from a page leads back to it.
fn cycle(state: &State<'_>, page: &PageId) -> bool {
    let mut seen = vec![page.clone()];
    let mut next = state.pages.get(page).and_then(|page| page.anchor());
    while let Some(anchor) = next {
        let Some(target) = addresses::page(state, &anchor.target) else { return false };
        if seen.contains(&target) {
            return target == *page;
        }
        next = state.pages.get(&target).and_then(|page| page.anchor());
        seen.push(target);
    }
    false
}
