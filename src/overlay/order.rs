//! The order of an edition's pages: the base's, with what layers removed, inserted and moved.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::book::{Outline, OutlineEntry, OutlineNode, PageId};
use crate::overlay::state::{Origin, State};

/// The outline of an edition; the base's own where nothing touches the order. `hidden` are pages
/// whose condition does not hold.
pub fn outline(state: &State<'_>, hidden: &BTreeSet<PageId>) -> Arc<Outline> {
    let base = &state.handbook.outline;
    let touched = !hidden.is_empty()
        || state.pages.values().any(|page| {
            page.removed.is_some()
                || page.moved.is_some()
                || !page.around.is_empty()
                || matches!(page.origin, Origin::Insert(..))
        });
    if !touched {
        return Arc::clone(base);
    }
    let mut nodes = Vec::new();
    let top = base.children(None).iter().rev().map(|&at| Step::Node(at, 0)).collect();
    walk(state, top, |entry, depth| {
        if let OutlineEntry::Page(page) = &entry
            && (state.pages.get(page).is_some_and(|page| page.removed.is_some()) || hidden.contains(page))
        {
            // What is left below something that is gone takes its level.
            return depth;
        }
        nodes.push(OutlineNode { entry, depth });
        depth + 1
    });
    Arc::new(Outline::new(nodes))
}

/// A page and all pages below it, removed ones among them.
pub fn subtree(state: &State<'_>, id: &PageId) -> Vec<PageId> {
    let mut found = Vec::new();
    walk(state, vec![Step::Page(id.clone(), 0)], |entry, depth| {
        if let OutlineEntry::Page(page) = entry {
            found.push(page);
        }
        depth + 1
    });
    found
}

/// Meets every entry from the steps on, in reading order; `visit` gives the depth of what is below it.
fn walk(state: &State<'_>, mut waiting: Vec<Step>, mut visit: impl FnMut(OutlineEntry, u16) -> u16) {
    let base = &state.handbook.outline;
    // A stack and no recursion: inserts may be chained, and folders nested, without end.
    while let Some(step) = waiting.pop() {
        match step {
            Step::Node(at, depth) => match base.nodes[at].page() {
                Some(page) if state.pages.get(page).is_some_and(|page| page.moved.is_some()) => {
                    let stayed = state.pages.get(page).map(|page| page.stayed.as_slice()).unwrap_or_default();
                    waiting.extend(stayed.iter().rev().map(|id| Step::Around(id.clone(), depth)));
                }
                Some(page) => waiting.push(Step::Around(page.clone(), depth)),
                None => {
                    let below = visit(base.nodes[at].entry.clone(), depth);
                    waiting.extend(base.children(Some(at)).iter().rev().map(|&child| Step::Node(child, below)));
                }
            },
            Step::Around(page, depth) => {
                let around = state.pages.get(&page).map(|page| &page.around);
                if let Some(around) = around {
                    waiting.extend(around.after.iter().rev().map(|id| Step::Around(id.clone(), depth)));
                }
                waiting.push(Step::Page(page, depth));
                if let Some(around) = around {
                    waiting.extend(around.before.iter().rev().map(|id| Step::Around(id.clone(), depth)));
                }
            }
            Step::Page(page, depth) => {
                let below = visit(OutlineEntry::Page(page.clone()), depth);
                let around = state.pages.get(&page).map(|page| &page.around);
                if let Some(around) = around {
                    waiting.extend(around.last.iter().rev().map(|id| Step::Around(id.clone(), below)));
                }
                if let Some(at) = base.position(&page) {
                    waiting.extend(base.children(Some(at)).iter().rev().map(|&child| Step::Node(child, below)));
                }
                if let Some(around) = around {
                    waiting.extend(around.first.iter().rev().map(|id| Step::Around(id.clone(), below)));
                }
            }
        }
    }
}

/// What is still to be met.
enum Step {
    /// An entry of the base's outline.
    Node(usize, u16),
    /// A page with what is anchored before and after it.
    Around(PageId, u16),
    /// A page with what is below it.
    Page(PageId, u16),
}
