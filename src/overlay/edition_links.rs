//! The links of an edition, looked at only where it differs from the base.
//!
//! What an edition no longer shows is what the base shows and it does not: usually nothing, or the
//! few addresses that a layer removed. Only links to those are looked at again.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use crate::book::{Address, Edition, EditionId, Links, Page, PageId, SectionId, Target};
use crate::diagnostic::{Code, Diagnostic, Findings, Place, did_you_mean, escaped};
use crate::overlay::addresses;
use crate::overlay::links::{BaseLinks, Found, Reference, judge, links_of};
use crate::overlay::state::State;

/// Checks an edition: the links in its own texts, and all links to what it no longer shows.
pub fn check_edition<'l>(
    state: &State<'_>,
    edition: &Edition,
    base: &Edition,
    // Made when an edition hides something, which few do.
    links: impl Fn() -> &'l BaseLinks,
    findings: &mut Findings,
) {
    let mut dangling: BTreeMap<usize, BTreeSet<Place>> = BTreeMap::new();
    // Those of a layer without an edition are judged in the editions that show them.
    if !state.chain.last().is_some_and(|layer| layer.is_abstract) {
        check_own(state, edition, base, &mut dangling, findings);
    }
    check_redirects(state, edition, &mut dangling, findings);
    for (address, reference) in hidden(edition, links) {
        // What the base misses already is said once.
        let at = reference.from.1;
        if hides(base, &address, at) && still_shown(base, reference) && culprit(state, &address).is_none() {
            continue;
        }
        if edition.redirect(&address).is_some() {
            continue;
        }
        match culprit(state, &address) {
            Some(record) => {
                dangling.entry(record).or_default().insert(reference.place.clone());
            }
            None => findings.push(not_shown(edition, &address, &reference.place)),
        }
    }
    for (record, places) in dangling {
        let Some(record) = state.records.get(record) else { continue };
        let listed: Vec<String> = places.iter().map(Place::to_string).collect();
        let message = format!(
            "{} link{} to `{}` would lead nowhere: {}",
            listed.len(),
            if listed.len() == 1 { "" } else { "s" },
            record.address,
            listed.join(", ")
        );
        findings
            .report(Code::E112, &record.place, message)
            .hint("add `links:` with the address where they should lead, or `links: text` to keep the words alone");
    }
}

/// Checks the links that the base edition shows to what its own conditions hide.
pub fn check_hidden<'l>(base: &Edition, links: impl Fn() -> &'l BaseLinks, findings: &mut Findings) {
    findings.extend(hidden(base, links).iter().map(|(address, reference)| not_shown(base, address, &reference.place)));
}

/// The links of the base, shown in an edition, to what it does not show.
fn hidden<'l>(edition: &Edition, links: impl Fn() -> &'l BaseLinks) -> Vec<(Address, &'l Reference)> {
    let mut found = Vec::new();
    for id in edition.pages.keys() {
        let before = edition.handbook.pages.get(id).into_iter().flat_map(|page| page.languages.iter().enumerate());
        for (at, before) in before.filter(|(_, page)| edition.languages.contains(&page.language)) {
            let gone: Option<BTreeSet<SectionId>> =
                edition.page_at(id, at).map(|after| before.anchors().difference(&after.anchors()).cloned().collect());
            if gone.as_ref().is_some_and(BTreeSet::is_empty) {
                continue;
            }
            for reference in links().to.get(id).into_iter().flatten().filter(|reference| reference.from.1 == at) {
                let hit = match (&gone, &reference.anchor) {
                    (None, _) => true,
                    (Some(gone), Some(anchor)) => gone.contains(&**anchor),
                    (Some(_), None) => false,
                };
                if hit && still_shown(edition, reference) {
                    let section = reference.anchor.as_deref().map(SectionId::from);
                    found.push((Address { page: id.clone(), section }, reference));
                }
            }
        }
    }
    found
}

/// Whether an edition does not show an address in the language at `at`.
fn hides(edition: &Edition, address: &Address, at: usize) -> bool {
    match (edition.page_at(&address.page, at), &address.section) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(page), Some(section)) => !edition.shares(&address.page) && !page.has_anchor(section),
    }
}

/// The finding for a link to what a condition hides.
fn not_shown(edition: &Edition, address: &Address, place: &Place) -> Diagnostic {
    let code = if address.section.is_some() { Code::E202 } else { Code::E201 };
    let edition = match &edition.id {
        EditionId::Base => "the base edition".to_owned(),
        EditionId::Organisation(id) => format!("the edition `{id}`"),
    };
    Diagnostic::new(code, place.clone(), format!("`{}` is not shown in {edition}", escaped(&address.to_string())))
        .with("its condition does not hold there: link to something that every edition shows")
}

/// Whether the text that a reference stands in is still part of the edition.
fn still_shown(edition: &Edition, reference: &Reference) -> bool {
    let (page, at) = &reference.from;
    if edition.shares(page) {
        return true;
    }
    let Some(page) = edition.page_at(page, *at) else { return false };
    match (&reference.fragment, &reference.heading_of) {
        (Some(fragment), _) => page.all_parts().any(|(_, part)| Arc::ptr_eq(&part.fragment, fragment)),
        (None, Some(section)) => page.section(section).is_some_and(|shown| shown.heading.html.links().next().is_some()),
        (None, None) => page.heading.html.links().next().is_some(),
    }
}

/// The record of the operation that took an address away.
fn culprit(state: &State<'_>, address: &Address) -> Option<usize> {
    let page = state.pages.get(&address.page)?;
    if let Some(removal) = page.removed {
        return Some(removal.record);
    }
    let section = address.section.as_ref()?;
    if let Some(section) = addresses::section(page, section).and_then(|id| page.sections.get(&id)) {
        return section.removed.map(|removal| removal.record);
    }
    // An automatic anchor goes with the text that it stands in, or with a section around it.
    let pages = page.origin.pages(state.handbook);
    let holder = pages.into_iter().flat_map(|page| page.all_parts()).find(|(_, part)| {
        part.fragment.headings.iter().any(|heading| heading.anchor == *section)
            || part.fragment.anchors.contains(section)
    })?;
    match holder.0 {
        Some(holder) => {
            let holder = page.sections.get(&holder.id)?;
            holder.removed.map(|removal| removal.record).or(holder.slot.text.map(|given| given.record))
        }
        None => page.slot.text.map(|given| given.record),
    }
}

/// The links in the edition's own texts.
fn check_own(
    state: &State<'_>,
    edition: &Edition,
    base: &Edition,
    dangling: &mut BTreeMap<usize, BTreeSet<Place>>,
    findings: &mut Findings,
) {
    let mut anchors: HashMap<(PageId, usize), BTreeSet<SectionId>> = HashMap::new();
    for (id, page) in &edition.pages {
        let Some(languages) = page else { continue };
        for (at, page) in languages.iter().enumerate() {
            if !edition.languages.contains(&page.language) {
                continue;
            }
            for found in links_of(page).into_iter().filter(|found| found.layer.is_some()) {
                let target = match &*edition.target(&found.link.target, at) {
                    Target::Here(_) => Some(id.clone()),
                    Target::Page { path, .. } => edition.canonical(path),
                    Target::File { .. } | Target::External(_) | Target::Term(_) => None,
                };
                if let Some(target) = target
                    && let Some(page) = edition.page_at(&target, at)
                {
                    anchors.entry((target, at)).or_insert_with(|| page.anchors());
                }
                let has = |target: &PageId, anchor: &str| {
                    anchors.get(&(target.clone(), at)).is_some_and(|anchors| anchors.contains(anchor))
                };
                let names = |target: &PageId| {
                    anchors
                        .get(&(target.clone(), at))
                        .map(|anchors| anchors.iter().map(|a| a.to_string()).collect())
                        .unwrap_or_default()
                };
                let Some(finding) = judge(edition, page, found.link, &has, &names) else { continue };
                match by_another_layer(state, edition, base, (page, at), &found) {
                    Some(Lost::Redirected) => {}
                    Some(Lost::By(record)) => {
                        dangling.entry(record).or_default().insert(found.link.place.clone());
                    }
                    Some(Lost::Hidden(address)) => findings.push(not_shown(edition, &address, &found.link.place)),
                    None => findings.push(finding),
                }
            }
        }
    }
}

/// Why a link of a layer's own text leads nowhere, when another layer is the reason.
enum Lost {
    /// There is a redirect for it.
    Redirected,
    /// This record removed its target.
    By(usize),
    /// A condition hides it.
    Hidden(Address),
}

fn by_another_layer(
    state: &State<'_>,
    edition: &Edition,
    base: &Edition,
    (page, at): (&Page, usize),
    found: &Found<'_>,
) -> Option<Lost> {
    let (target, anchor) = match &*edition.target(&found.link.target, at) {
        Target::Here(anchor) => (page.id.clone(), Some(anchor.clone())),
        Target::Page { path, anchor } => {
            let id = base.handbook.aliases.get(path).cloned().unwrap_or_else(|| PageId::from(&**path));
            (id, anchor.clone())
        }
        Target::File { .. } | Target::External(_) | Target::Term(_) => return None,
    };
    let address = Address {
        page: target,
        section: anchor.filter(|anchor| !anchor.is_empty()).map(|anchor| SectionId::from(&*anchor)),
    };
    if edition.redirect(&address).is_some() {
        return Some(Lost::Redirected);
    }
    let Some(record) = culprit(state, &address) else {
        let languages = &base.handbook.pages.get(&address.page)?.languages;
        let page = languages.iter().find(|other| other.language == page.language)?;
        let is_there = address.section.as_ref().is_none_or(|section| page.has_anchor(section));
        return is_there.then_some(Lost::Hidden(address));
    };
    let remover = &state.chain[state.records.get(record)?.layer].id;
    (found.layer != Some(remover)).then_some(Lost::By(record))
}

/// `links:` must lead to something that the edition shows, in this layer and in those that it builds on.
fn check_redirects(
    state: &State<'_>,
    edition: &Edition,
    dangling: &mut BTreeMap<usize, BTreeSet<Place>>,
    findings: &mut Findings,
) {
    let EditionId::Organisation(own) = &edition.id else { return };
    for layer in state.chain {
        for (links, place) in layer.changes.iter().filter_map(|change| change.links.as_ref()) {
            let Links::To(address) = links else { continue };
            let address = match edition.redirect(address).filter(|_| layer.id != *own) {
                Some(Links::To(further)) => further,
                Some(Links::Text) => continue,
                None => address,
            };
            let Some(missing) = missing(edition, address, place) else { continue };
            if layer.id == *own {
                findings.push(missing);
            } else if let Some(record) = culprit(state, address) {
                dangling.entry(record).or_default().insert(place.clone());
            } else if state.handbook.pages.contains_key(&address.page) {
                findings.push(not_shown(edition, address, place));
            }
        }
    }
}

/// The finding for an address that an edition does not show.
fn missing(edition: &Edition, address: &Address, place: &Place) -> Option<Diagnostic> {
    let Some(id) = edition.canonical(&address.page) else {
        let message = format!("there is no page `{}`", escaped(&address.page));
        let hint = did_you_mean(&address.page, edition.outline.pages().map(|id| &**id));
        return Some(Diagnostic::new(Code::E102, place.clone(), message).maybe_with(hint));
    };
    let section = address.section.as_ref()?;
    let anchors = edition.page_at(&id, 0).map(|page| page.anchors()).unwrap_or_default();
    let message = format!("there is no section `{}` on {id}", escaped(section));
    let hint = did_you_mean(section, anchors.iter().map(|id| &**id));
    (!anchors.contains(section)).then(|| Diagnostic::new(Code::E103, place.clone(), message).maybe_with(hint))
}
