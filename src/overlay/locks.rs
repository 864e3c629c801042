//! Locks: what may be done where (spec §4). They only tighten down a chain.

use crate::book::{Address, Lock, OperationKind, PageId, SectionId};
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::overlay::state::{PageState, State};

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
        lock = lock.max(state.page_lock(&page));
        next = state.parent(&page);
    }
    let page = state.pages.get(&address.page);
    let (Some(page), Some(section)) = (page, &address.section) else { return lock };
    let above = page.section_path(section);
    above.iter().filter_map(|id| page.sections.get(id)).map(|section| section.lock).fold(lock, Lock::max)
}

/// Whether a lock lets an operation through.
pub fn permits(lock: Lock, operation: &OperationKind) -> bool {
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
    state.subtree(page).into_iter().find_map(|id| {
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
        Lock::Extend => finding.hint("use prepend, append, or an insert"),
        Lock::Open | Lock::Locked => finding.hint("remove this operation; the text holds for every organisation"),
    }
}
