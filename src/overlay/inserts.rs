//! `insert:` — new sections and pages, each anchored to something that is there, or to another insert.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use crate::book::{Address, Anchor, Insert, Layer, Lock, OperationKind, Page, PageId, SectionId, Where, is_reserved};
use crate::diagnostic::{Code, Diagnostic, Findings, Place, escaped};
use crate::overlay::addresses::{self, anchor_removed, check_anchor, no_page, no_section, page_of, resolve};
use crate::overlay::locks;
use crate::overlay::state::{Around, Effect, Origin, PageState, Record, SectionState, Slot, State};

/// Applies the inserts of the layer at `at`, each once what it is anchored to is there.
pub fn apply<'h>(state: &mut State<'h>, at: usize, findings: &mut Findings) {
    let chain: &'h [Arc<Layer>] = state.chain;
    let mut inserts: Vec<&'h Insert> = chain[at].inserts.iter().collect();
    inserts.sort_by(|a, b| b.address.cmp(&a.address));
    one_per_anchor(state, &chain[at], findings);
    inserts.retain(|insert| is_new(state, at, insert, findings));
    let mut waiting: BTreeMap<Address, Vec<&'h Insert>> = BTreeMap::new();
    let mut ready = inserts;
    while let Some(insert) = ready.pop() {
        match addresses::anchor(state, insert) {
            Some(target) => {
                check_anchor(&insert.anchor, &target, findings);
                let page = page_of(state, insert);
                place(state, at, insert, &target, findings);
                let placed = Address { page, section: insert.address.section.clone() };
                ready.extend(waiting.remove(&placed).into_iter().flatten());
            }
            None => waiting.entry(awaited(state, insert)).or_default().push(insert),
        }
    }
    let waiting: Vec<&Insert> = waiting.into_values().flatten().collect();
    for insert in &waiting {
        unanchored(state, at, insert, &waiting, findings);
    }
}

/// What must be there before an insert has a place: its page, or what its anchor names.
fn awaited(state: &State<'_>, insert: &Insert) -> Address {
    let target = &*insert.anchor.target;
    let page = page_of(state, insert);
    match &insert.address.section {
        None => Address::page(&target.into()),
        Some(_) if state.has_page(&page) => Address::section(&page, &target.into()),
        Some(_) => Address::page(&page),
    }
}

/// Two inserts or moves at one anchor, same word and same target, have no order (E107).
fn one_per_anchor(state: &mut State<'_>, layer: &Layer, findings: &mut Findings) {
    let mut all: Vec<(&Anchor, &Place, bool, Address)> = Vec::new();
    for insert in &layer.inserts {
        let target = addresses::anchor(state, insert).unwrap_or_else(|| awaited(state, insert));
        all.push((&insert.anchor, &insert.place, insert.address.section.is_some(), target));
    }
    for operation in layer.changes.iter().flat_map(|change| &change.operations) {
        if let OperationKind::Move(anchor) = &operation.kind {
            let target = addresses::page(state, &anchor.target).unwrap_or_else(|| (&*anchor.target).into());
            all.push((anchor, &operation.place, false, Address::page(&target)));
        }
    }
    all.sort_by_key(|(_, place, ..)| (*place).clone());
    let mut first: BTreeMap<(Where, bool, Address), &Place> = BTreeMap::new();
    for (anchor, place, is_section, target) in all {
        match first.entry((anchor.side, is_section, target)) {
            Entry::Occupied(earlier) => {
                let message = format!(
                    "two things stand `{}: {}`, the other on line {}",
                    anchor.side.as_str(),
                    escaped(&anchor.target),
                    earlier.get().line
                );
                findings.report(Code::E107, place, message).hint("chain them: anchor the second to the first");
            }
            Entry::Vacant(free) => {
                free.insert(place);
            }
        }
    }
}

/// Whether the address is free (E109), and its page is there (E102).
fn is_new(state: &mut State<'_>, at: usize, insert: &Insert, findings: &mut Findings) -> bool {
    let address = &insert.address;
    let Some(section) = &address.section else {
        let taken = state.has_page(&address.page)
            || state.handbook.unbuilt.contains_key(&address.page)
            || state.handbook.aliases.contains_key(&*address.page);
        if taken {
            findings
                .report(Code::E109, &insert.place, format!("there is a page `{}` already", escaped(&address.page)))
                .hint("choose another address");
        }
        return !taken;
    };
    let on_own_page = state.chain[at].inserted_pages().any(|page| *page == address.page);
    if !state.has_page(&address.page) && on_own_page {
        // The page comes in this layer too: whether the section is new shows when it is there.
        return true;
    }
    let page_address = Address::page(&address.page);
    let Some(page_address) = resolve(state, &page_address, &insert.place, findings) else { return false };
    let Some(page) = state.page(&page_address.page) else { return false };
    let has_anchor = |page: &Page| page.title_id.as_ref() != Some(section) && page.has_anchor(section);
    let taken = page.sections.contains_key(section) || page.origin.page().is_some_and(|page| has_anchor(page));
    let message = match (taken, is_reserved(section)) {
        (false, false) => return true,
        (true, _) => format!("{} has a section or an anchor `{section}` already", address.page),
        (false, true) => format!("the id `{section}` is leidraad's own on every page"),
    };
    findings.report(Code::E109, &insert.place, message).hint("choose another id");
    false
}

fn place<'h>(state: &mut State<'h>, at: usize, insert: &'h Insert, target: &Address, findings: &mut Findings) {
    let record = Record {
        layer: at,
        address: Address { page: page_of(state, insert), section: insert.address.section.clone() }.to_string(),
        op: "insert",
        place: insert.place.clone(),
        reason: insert.reason.clone(),
        effect: Effect::Some,
        pins: Vec::new(),
    };
    match &insert.address.section {
        None => place_page(state, (at, insert), &target.page, record, findings),
        Some(section) => place_section(state, (at, insert, section), target, record, findings),
    }
}

fn place_page<'h>(
    state: &mut State<'h>,
    (at, insert): (usize, &'h Insert),
    target: &PageId,
    record: Record,
    findings: &mut Findings,
) {
    let inside = matches!(insert.anchor.side, Where::FirstIn | Where::LastIn);
    let parent = if inside { Some(target.clone()) } else { state.parent(target) };
    if let Some(above) = parent.as_ref().map(Address::page)
        && locks::effective(state, &above) == Lock::Locked
    {
        findings.push(locks::refused(&insert.anchor.place, Lock::Locked, &format!("`{above}`")));
        return;
    }
    if let Some(parent) = parent.filter(|parent| state.pages.get(parent).is_some_and(|page| page.removed.is_some())) {
        anchor_removed(state, at, &Address::page(&parent), &insert.anchor, findings);
        return;
    }
    let removed_above =
        state.pages.get(target).and_then(|page| page.removed).is_some_and(|removal| removal.layer != at);
    if removed_above {
        anchor_removed(state, at, &Address::page(target), &insert.anchor, findings);
        return;
    }
    state.record(record);
    state.pages.insert(insert.address.page.clone(), PageState::new(Origin::Insert(at, insert)));
    if let Some(page) = state.page(target) {
        side(&mut page.around, insert.anchor.side).push(insert.address.page.clone());
    }
}

fn place_section<'h>(
    state: &mut State<'h>,
    (at, insert, id): (usize, &'h Insert, &SectionId),
    target: &Address,
    record: Record,
    findings: &mut Findings,
) {
    let Address { page: page_id, section: target } = target;
    let Some(page) = state.page(page_id) else { return };
    if page.sections.contains_key(id) {
        findings.report(Code::E109, &insert.place, format!("{page_id} has a section `{id}` already"));
        return;
    }
    let inside = matches!(insert.anchor.side, Where::FirstIn | Where::LastIn);
    let parent = match target {
        Some(target) if !inside => page.sections.get(target).and_then(|section| section.parent.clone()),
        Some(target) => Some(target.clone()),
        None => None,
    };
    let level = match target {
        Some(target) => page.sections.get(target).map_or(2, |section| section.level + u8::from(inside)).min(6),
        None => 2,
    };
    if inside && target.as_ref().and_then(|target| page.sections.get(target)).is_some_and(|section| section.level == 6)
    {
        findings
            .report(Code::E107, &insert.anchor.place, "below a heading of level 6 there is no room for a section")
            .hint("use before or after");
        return;
    }
    let above = Address { page: page_id.clone(), section: parent.clone() };
    if locks::effective(state, &above) == Lock::Locked {
        findings.push(locks::refused(&insert.anchor.place, Lock::Locked, &format!("`{above}`")));
        return;
    }
    let gone = |section: &SectionId| Address::section(page_id, section);
    let parent_address = parent.as_ref().map_or(Address::page(page_id), gone);
    if state.removal(&parent_address).is_some() {
        anchor_removed(state, at, &parent_address, &insert.anchor, findings);
        return;
    }
    if let Some(target) = target
        && state.removal(&gone(target)).is_some_and(|removal| removal.layer != at)
    {
        anchor_removed(state, at, &gone(target), &insert.anchor, findings);
        return;
    }
    state.record(record);
    let Some(page) = state.page(page_id) else { return };
    page.sections.insert(
        id.clone(),
        SectionState {
            parent,
            level,
            base: None,
            insert: Some((at, insert)),
            title: None,
            slot: Slot::default(),
            removed: None,
            lock: Lock::Open,
            around: Around::default(),
        },
    );
    let around = match target {
        Some(target) => page.sections.get_mut(target).map(|section| &mut section.around),
        None => Some(&mut page.inside),
    };
    if let Some(around) = around {
        side(around, insert.anchor.side).push(id.clone());
    }
}

/// The list of what is anchored on one side.
pub fn side<T>(around: &mut Around<T>, side: Where) -> &mut Vec<T> {
    match side {
        Where::Before => &mut around.before,
        Where::After => &mut around.after,
        Where::FirstIn => &mut around.first,
        Where::LastIn => &mut around.last,
    }
}

/// Why an insert found no place: its anchor does not exist, or the anchors go round.
fn unanchored(state: &mut State<'_>, at: usize, insert: &Insert, waiting: &[&Insert], findings: &mut Findings) {
    let anchor = &insert.anchor;
    let is_page = insert.address.section.is_none();
    let chained = waiting.iter().any(|other| match (&other.address.section, is_page) {
        (None, true) => *other.address.page == *anchor.target,
        (Some(section), false) => other.address.page == insert.address.page && **section == *anchor.target,
        _ => false,
    });
    if chained {
        // Only those in the round are at fault; what hangs on them is not there because of them.
        let message = format!("the anchors go round: `{}` never gets a place", escaped(&insert.address.to_string()));
        findings.report(Code::E111, &anchor.place, message).hint("anchor one of them to something that is there");
        return;
    }
    if is_page {
        findings.push(no_page(state, &anchor.target, &anchor.place));
        return;
    }
    let id = page_of(state, insert);
    if !state.has_page(&id) {
        // Its page was to come in this layer and did not: what keeps the page away is reported there.
        return;
    }
    if state.removal(&Address::page(&id)).is_some() {
        anchor_removed(state, at, &Address::page(&id), anchor, findings);
        return;
    }
    let finding = no_section(state, &id, &anchor.target, &anchor.place);
    findings.push(match addresses::page(state, &anchor.target) {
        Some(page) if page == id => {
            Diagnostic { hints: Vec::new(), ..finding }.with("with a page, use first_in or last_in")
        }
        _ => finding,
    });
}
