//! What a change came to, as one line for the terminal.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::book::{Handbook, LayerId, PageId};
use crate::diagnostic::escaped;
use crate::load::layout::is_below;
use crate::serve::rounds::Round;

/// `content/nl/praktijk/kanalen.md → 1 page × 3 editions`
pub fn line(before: &Handbook, round: &Round, changed: &[Arc<str>]) -> String {
    let what = match changed {
        [one] => escaped(one),
        many => format!("{} files", many.len()),
    };
    let handbook = round.handbook();
    let all = handbook.layers.values().filter(|layer| !layer.is_abstract).count() + 1;
    let layers = &handbook.config.organisations.src;
    let is_of_layer = |path: &Arc<str>| !layers.is_empty() && is_below(path, layers);
    if !changed.is_empty() && changed.iter().all(is_of_layer) {
        let touched: BTreeSet<&str> = changed
            .iter()
            .filter_map(|path| path.strip_prefix(&**layers)?.strip_prefix('/')?.split(['/', '.']).next())
            .collect();
        let editions =
            handbook.layers.iter().filter(|(id, layer)| !layer.is_abstract && stands_on(handbook, id, &touched));
        return format!("{what} → {}", count(editions.count(), "edition"));
    }
    let pages = changed_pages(before, handbook);
    let is_page = |path: &Arc<str>| path.ends_with(".md") && !path.ends_with("/SUMMARY.md");
    if changed.iter().all(is_page) && before.pages.len() == handbook.pages.len() {
        return format!("{what} → {} × {}", count(pages, "page"), count(all, "edition"));
    }
    format!("{what} → {} × {}", count(handbook.pages.len(), "page"), count(all, "edition"))
}

fn changed_pages(before: &Handbook, after: &Handbook) -> usize {
    let differs = |id: &PageId| match (before.pages.get(id), after.pages.get(id)) {
        (Some(one), Some(other)) => {
            one.languages.len() != other.languages.len()
                || one.languages.iter().zip(&other.languages).any(|(one, other)| !Arc::ptr_eq(one, other))
        }
        _ => true,
    };
    after.pages.keys().filter(|id| differs(id)).count()
}

/// Whether a layer is one of these, or extends one.
fn stands_on(handbook: &Handbook, id: &LayerId, touched: &BTreeSet<&str>) -> bool {
    let mut next = Some(id.clone());
    // A chain that runs in a circle is no longer than the number of layers.
    for _ in 0..=handbook.layers.len() {
        let Some(id) = next else { return false };
        if touched.contains(&*id) {
            return true;
        }
        next = handbook.layers.get(&id).and_then(|layer| layer.extends.as_ref()).map(|(parent, _)| parent.clone());
    }
    false
}

fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
