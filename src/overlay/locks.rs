//! Locks: what may be done where (spec §4). They only tighten down a chain.

use crate::book::{Address, Lock, OperationKind, PageId, SectionId};
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::overlay::order;
use crate::overlay::state::{PageState, State};
use crate::overlay::step::Step;

/// What binds the present layer at an address: what the layers before it locked.
pub fn held(state: &State<'_>, address: &Address) -> Lock {
    state.held.get(address).copied().unwrap_or_else(|| effective(state, address))
}

/// The lock on a section or a page: its own, or a stricter one above it. What locks a page locks
/// the pages below it too.
pub fn effective(state: &State<'_>, address: &Address) -> Lock {
    let mut lock = Lock::Open;
    let mut next = Some(address.page.clone());
    while let Some(page) = next {
        lock = lock.max(of_page(state, &page));
        next = state.parent(&page);
    }
    let page = state.pages.get(&address.page);
    let (Some(page), Some(section)) = (page, &address.section) else { return lock };
    let above = page.section_path(section);
    above.iter().filter_map(|id| page.sections.get(id)).map(|section| section.lock).fold(lock, Lock::max)
}

/// The lock of a page itself.
fn of_page(state: &State<'_>, id: &PageId) -> Lock {
    let base = || state.handbook.pages.get(id).and_then(|page| page.languages.first()).map(|page| page.lock);
    state.pages.get(id).map(|page| page.lock).or_else(base).unwrap_or_default()
}

/// Whether a lock lets an operation through.
fn permits(lock: Lock, operation: &OperationKind) -> bool {
    match lock {
        Lock::Open => true,
        Lock::Extend => match operation {
            OperationKind::Prepend(_) | OperationKind::Append(_) | OperationKind::Lock(Lock::Locked) => true,
            OperationKind::Title(_)
            | OperationKind::Replace(_)
            | OperationKind::Remove(_)
            | OperationKind::Lock(_)
            | OperationKind::Description(_)
            | OperationKind::Move(_) => false,
        },
        Lock::Locked => false,
    }
}

/// The finding for an operation that a lock does not let through.
pub fn refusal(state: &State<'_>, step: Step<'_, '_>) -> Option<Diagnostic> {
    let lock = held(state, step.address);
    (!permits(lock, step.kind())).then(|| refused(step.place(), lock, &format!("`{}`", step.address)))
}

/// Something locked in what is to be removed or moved: a section of the page, or the page itself.
pub fn inside(page: &PageState<'_>, section: Option<&SectionId>) -> Option<String> {
    if section.is_none() && page.lock != Lock::Open {
        return Some("the page itself".to_owned());
    }
    page.below(section)
        .into_iter()
        .find(|id| page.sections.get(id).is_some_and(|section| section.lock != Lock::Open && section.removed.is_none()))
        .map(|id| format!("`#{id}`"))
}

/// The same for a page with all pages below it.
pub fn inside_subtree(state: &mut State<'_>, page: &PageId) -> Option<String> {
    order::subtree(state, page).into_iter().find_map(|id| {
        let found = inside(state.page(&id)?, None)?;
        Some(if id == *page { found } else { format!("{found} on {id}") })
    })
}

/// The finding for an operation that a lock stops.
pub fn refused(place: &Place, lock: Lock, what: &str) -> Diagnostic {
    let finding = Diagnostic::new(
        Code::E105,
        place.clone(),
        match lock {
            Lock::Extend => format!("{what} may be added to, and not changed otherwise"),
            Lock::Open | Lock::Locked => format!("{what} is locked"),
        },
    );
    match lock {
        Lock::Extend => finding.with("use prepend, append, or an insert"),
        Lock::Open | Lock::Locked => finding.with("remove this operation; the text holds for every organisation"),
    }
}

/// The finding for a lock on what a condition may hide, around it or inside it: what is locked is always shown.
pub fn conditional(state: &State<'_>, address: &Address, place: &Place) -> Option<Diagnostic> {
    let of_page = |id: &PageId| match state.pages.get(id) {
        Some(page) => page.origin.page(),
        None => state.handbook.pages.get(id).and_then(|page| page.languages.first()),
    };
    let all = |id: &PageId| {
        let page = of_page(id)?;
        page.shown.as_ref().or_else(|| page.all_sections().find_map(|section| section.shown.as_ref()))
    };
    let condition = match &address.section {
        None => order::subtree(state, &address.page).iter().find_map(all),
        Some(section) => {
            let page = state.pages.get(&address.page)?;
            let sections = page.section_path(section).into_iter().chain(page.below(Some(section)));
            let shown = sections.filter_map(|id| page.sections.get(&id)?.base.as_ref()?.shown.as_ref()).next();
            of_page(&address.page).and_then(|page| page.shown.as_ref()).or(shown)
        }
    }?;
    let message =
        format!("`{address}` cannot be locked: what is locked is always shown, and this depends on a condition");
    Some(
        Diagnostic::new(Code::E107, place.clone(), message)
            .with(format!("the condition stands at {}; lock what every edition shows", condition.place)),
    )
}
