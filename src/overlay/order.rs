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
    // A stack and no recursion: inserts may be chained, and folders nested, without end.
    let mut waiting: Vec<Step> = base.children(None).iter().rev().map(|&at| Step::Node(at, 0)).collect();
    while let Some(step) = waiting.pop() {
        match step {
            Step::Node(at, depth) => match base.nodes[at].page() {
                Some(page) if state.pages.get(page).is_some_and(|page| page.moved.is_some()) => {
                    let stayed = state.pages.get(page).map(|page| page.stayed.as_slice()).unwrap_or_default();
                    waiting.extend(stayed.iter().rev().map(|id| Step::Around(id.clone(), depth)));
                }
                Some(page) => waiting.push(Step::Around(page.clone(), depth)),
                None => {
                    nodes.push(OutlineNode { entry: base.nodes[at].entry.clone(), depth });
                    waiting.extend(base.children(Some(at)).iter().rev().map(|&child| Step::Node(child, depth + 1)));
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
                let gone = state.pages.get(&page).is_some_and(|page| page.removed.is_some()) || hidden.contains(&page);
                // What is left below something that is gone takes its level.
                let below = if gone { depth } else { depth + 1 };
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
                if !gone {
                    nodes.push(OutlineNode { entry: OutlineEntry::Page(page), depth });
                }
            }
        }
    }
    Arc::new(Outline::new(nodes))
}

/// What is still to be put into the outline.
enum Step {
    /// An entry of the base's outline.
    Node(usize, u16),
    /// A page with what is anchored before and after it.
    Around(PageId, u16),
    /// A page with what is below it.
    Page(PageId, u16),
}
