//! `insert:` — new sections and pages, each anchored to something that is there, or to another insert.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::book::{Address, Anchor, Insert, Layer, Lock, Page, PageId, SectionId, Where, is_reserved};
use crate::diagnostic::{Code, Diagnostic, Findings, Place, did_you_mean, escaped};
use crate::overlay::apply::resolve;
use crate::overlay::locks;
use crate::overlay::state::{Around, Effect, Origin, PageState, Record, SectionState, Slot, State};

/// Applies the inserts of the layer at `at`: in rounds, so that each finds the one it is chained to.
pub fn apply<'h>(state: &mut State<'h>, at: usize, findings: &mut Findings) {
    let chain: &'h [Arc<Layer>] = state.chain;
    let mut waiting: Vec<&'h Insert> = chain[at].inserts.iter().collect();
    waiting.sort_by(|a, b| a.address.cmp(&b.address));
    one_per_anchor(&chain[at], findings);
    waiting.retain(|insert| is_new(state, at, insert, findings));
    loop {
        let before = waiting.len();
        waiting.retain(|insert| match is_anchored(state, insert) {
            true => {
                place(state, at, insert, findings);
                false
            }
            false => true,
        });
        if waiting.is_empty() || waiting.len() == before {
            break;
        }
    }
    for insert in &waiting {
        unanchored(state, at, insert, &waiting, findings);
    }
}

/// Two inserts or moves at one anchor, same word and same target, have no order (E107).
fn one_per_anchor(layer: &Layer, findings: &mut Findings) {
    let mut first: BTreeMap<(Option<PageId>, Where, Arc<str>), Place> = BTreeMap::new();
    let inserts = layer.inserts.iter().map(|insert| {
        let scope = insert.address.section.as_ref().map(|_| insert.address.page.clone());
        (scope, &insert.anchor, &insert.place)
    });
    let moves = layer.changes.iter().flat_map(|change| {
        change.operations.iter().filter_map(|operation| match &operation.kind {
            crate::book::OperationKind::Move(anchor) => Some((None, anchor, &operation.place)),
            _ => None,
        })
    });
    let mut all: Vec<(Option<PageId>, &Anchor, &Place)> = inserts.chain(moves).collect();
    all.sort_by_key(|(_, _, place)| (*place).clone());
    for (scope, anchor, place) in all {
        let key = (scope, anchor.side, Arc::clone(&anchor.target));
        match first.get(&key) {
            Some(earlier) => findings.push(
                Diagnostic::new(
                    Code::E107,
                    place.clone(),
                    format!(
                        "two things stand `{}: {}`, the other on line {}",
                        anchor.side.as_str(),
                        escaped(&anchor.target),
                        earlier.line
                    ),
                )
                .hint("chain them: anchor the second to the first"),
            ),
            None => {
                first.insert(key, place.clone());
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
            findings.push(
                Diagnostic::new(
                    Code::E109,
                    insert.place.clone(),
                    format!("there is a page `{}` already", escaped(&address.page)),
                )
                .hint("choose another address"),
            );
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
    findings.push(Diagnostic::new(Code::E109, insert.place.clone(), message).hint("choose another id"));
    false
}

/// The page that an insert's address names, after aliases.
fn page_of(state: &State<'_>, insert: &Insert) -> PageId {
    let page = &insert.address.page;
    if state.has_page(page) { page.clone() } else { state.handbook.aliases.get(&**page).unwrap_or(page).clone() }
}

/// What a section's anchor names: a section of its page, or the page.
fn section_anchor(page: &PageState<'_>, id: &PageId, anchor: &Anchor) -> Option<Option<SectionId>> {
    let section = SectionId::from(&*anchor.target);
    if page.sections.contains_key(&section) {
        return Some(Some(section));
    }
    let names_page = *anchor.target == **id && matches!(anchor.side, Where::FirstIn | Where::LastIn);
    names_page.then_some(None)
}

/// The page that a page's anchor names, after aliases.
pub fn page_anchor(state: &State<'_>, anchor: &Anchor) -> Option<PageId> {
    let target = PageId::from(&*anchor.target);
    if state.has_page(&target) { Some(target) } else { state.handbook.aliases.get(&*anchor.target).cloned() }
}

fn is_anchored(state: &mut State<'_>, insert: &Insert) -> bool {
    if insert.address.section.is_none() {
        return page_anchor(state, &insert.anchor).is_some();
    }
    let id = page_of(state, insert);
    state.page(&id).is_some_and(|page| section_anchor(page, &id, &insert.anchor).is_some())
}

fn place<'h>(state: &mut State<'h>, at: usize, insert: &'h Insert, findings: &mut Findings) {
    let record = Record {
        layer: at,
        address: insert.address.to_string(),
        op: "insert",
        place: insert.place.clone(),
        reason: insert.reason.clone(),
        effect: Effect::Some,
        pins: Vec::new(),
    };
    match &insert.address.section {
        None => place_page(state, at, insert, record, findings),
        Some(section) => place_section(state, at, insert, section, record, findings),
    }
}

fn place_page<'h>(state: &mut State<'h>, at: usize, insert: &'h Insert, record: Record, findings: &mut Findings) {
    let Some(target) = page_anchor(state, &insert.anchor) else { return };
    let inside = matches!(insert.anchor.side, Where::FirstIn | Where::LastIn);
    let parent = if inside { Some(target.clone()) } else { state.parent(&target) };
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
        state.pages.get(&target).and_then(|page| page.removed).is_some_and(|removal| removal.layer != at);
    if removed_above {
        anchor_removed(state, at, &Address::page(&target), &insert.anchor, findings);
        return;
    }
    state.record(record);
    state.pages.insert(insert.address.page.clone(), PageState::new(Origin::Insert(at, insert)));
    if let Some(page) = state.page(&target) {
        side(&mut page.around, insert.anchor.side).push(insert.address.page.clone());
    }
}

fn place_section<'h>(
    state: &mut State<'h>,
    at: usize,
    insert: &'h Insert,
    id: &SectionId,
    record: Record,
    findings: &mut Findings,
) {
    let page_id = page_of(state, insert);
    let Some(page) = state.page(&page_id) else { return };
    if page.sections.contains_key(id) {
        findings.push(Diagnostic::new(
            Code::E109,
            insert.place.clone(),
            format!("{page_id} has a section `{id}` already"),
        ));
        return;
    }
    let Some(target) = section_anchor(page, &page_id, &insert.anchor) else { return };
    let inside = matches!(insert.anchor.side, Where::FirstIn | Where::LastIn);
    let parent = match &target {
        Some(target) if !inside => page.sections.get(target).and_then(|section| section.parent.clone()),
        Some(target) => Some(target.clone()),
        None => None,
    };
    let level = match &target {
        Some(target) => page.sections.get(target).map_or(2, |section| section.level + u8::from(inside)).min(6),
        None => 2,
    };
    if inside && target.as_ref().and_then(|target| page.sections.get(target)).is_some_and(|section| section.level == 6)
    {
        findings.push(
            Diagnostic::new(
                Code::E107,
                insert.anchor.place.clone(),
                "below a heading of level 6 there is no room for a section",
            )
            .hint("use before or after"),
        );
        return;
    }
    let above = Address { page: page_id.clone(), section: parent.clone() };
    if locks::effective(state, &above) == Lock::Locked {
        findings.push(locks::refused(&insert.anchor.place, Lock::Locked, &format!("`{above}`")));
        return;
    }
    let gone = |section: &SectionId| Address::section(&page_id, section);
    let parent_address = parent.as_ref().map_or(Address::page(&page_id), gone);
    if state.removal(&parent_address).is_some() {
        anchor_removed(state, at, &parent_address, &insert.anchor, findings);
        return;
    }
    if let Some(target) = &target
        && state.removal(&gone(target)).is_some_and(|removal| removal.layer != at)
    {
        anchor_removed(state, at, &gone(target), &insert.anchor, findings);
        return;
    }
    state.record(record);
    let Some(page) = state.page(&page_id) else { return };
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
    let around = match &target {
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

/// An anchor at something that is gone: E107 where this layer removed it, else E108.
pub fn anchor_removed(state: &mut State<'_>, at: usize, address: &Address, anchor: &Anchor, findings: &mut Findings) {
    let Some(removal) = state.removal(address) else { return };
    let by = &state.chain[removal.layer];
    findings.push(if removal.layer == at {
        Diagnostic::new(Code::E107, anchor.place.clone(), format!("`{address}` is removed in this layer"))
            .hint("anchor it to something that stays")
    } else {
        Diagnostic::new(Code::E108, anchor.place.clone(), format!("`{address}` was removed by the layer `{}`", by.id))
            .hint("anchor it to something that is there")
    });
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
        findings.push(
            Diagnostic::new(
                Code::E111,
                anchor.place.clone(),
                format!("the anchors go round: `{}` never gets a place", escaped(&insert.address.to_string())),
            )
            .hint("anchor one of them to something that is there"),
        );
        return;
    }
    if is_page {
        let hint = did_you_mean(&anchor.target, state.page_ids());
        findings.push(
            Diagnostic::new(
                Code::E102,
                anchor.place.clone(),
                format!("there is no page `{}`", escaped(&anchor.target)),
            )
            .maybe_hint(hint),
        );
        return;
    }
    let id = page_of(state, insert);
    if state.removal(&Address::page(&id)).is_some() {
        anchor_removed(state, at, &Address::page(&id), anchor, findings);
        return;
    }
    let Some(page) = state.page(&id) else { return };
    let at_page = *anchor.target == *id;
    let finding = Diagnostic::new(
        Code::E103,
        anchor.place.clone(),
        format!("there is no section `{}` on {id}", escaped(&anchor.target)),
    );
    findings.push(if at_page {
        finding.hint("with a page, use first_in or last_in")
    } else {
        finding.maybe_hint(did_you_mean(&anchor.target, page.sections.keys().map(|id| &**id)))
    });
}
