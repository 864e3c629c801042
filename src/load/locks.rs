//! What is locked is always shown: it takes no condition, and stands under none (spec §4).

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::book::{BasePage, Lock, Outline, Page, PageId, Section};
use crate::diagnostic::{Code, Diagnostic, Findings, Place};

/// Checks the pages that stand below a locked one: what locks a page locks those too.
pub fn check_below(pages: &BTreeMap<PageId, BasePage>, outline: &Outline, findings: &mut Findings) {
    for (id, page) in pages {
        let above = outline.position(id).map(|at| outline.ancestors(at)).unwrap_or_default();
        let locks = above.into_iter().filter_map(|at| pages.get(outline.nodes[at].page()?)?.languages.first());
        let lock = locks.map(|page| page.lock).fold(Lock::Open, Lock::max);
        if let Some(page) = page.languages.first().filter(|_| lock != Lock::Open) {
            check(page, lock, findings);
        }
    }
}

/// Checks a page; `above` is what locks the pages above it.
pub fn check(page: &Page, above: Lock, findings: &mut Findings) {
    let lock = above.max(page.lock);
    if let Some(shown) = page.shown.as_ref().filter(|_| lock != Lock::Open) {
        findings.push(refused(&shown.place, "it takes no"));
    }
    let is_conditional = page.shown.is_some();
    let mut waiting: Vec<(&Arc<Section>, Lock, bool)> =
        page.sections.iter().map(|section| (section, lock, is_conditional)).collect();
    while let Some((section, above, is_conditional)) = waiting.pop() {
        let lock = above.max(section.lock);
        match &section.shown {
            Some(shown) if lock != Lock::Open => findings.push(refused(&shown.place, "it takes no")),
            None if is_conditional && section.lock != Lock::Open => {
                findings.push(refused(&section.place, "it stands under no"));
            }
            Some(_) | None => {}
        }
        let is_conditional = is_conditional || section.shown.is_some();
        waiting.extend(section.sections.iter().map(|below| (below, lock, is_conditional)));
    }
}

fn refused(place: &Place, why: &str) -> Diagnostic {
    Diagnostic::new(Code::E205, place.clone(), format!("what is locked is always shown: {why} `when` or `unless`"))
        .with("remove the lock or the condition")
}
