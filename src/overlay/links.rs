//! Links per edition: the base's are checked once, and an edition only where it differs.
//!
//! What an edition no longer shows is what the base shows and it does not: usually nothing, or the
//! few addresses that a layer removed. Only links to those are looked at again.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use crate::book::{
    Address, Edition, EditionId, Fragment, Handbook, Hole, LayerId, Link, Links, Page, PageId, Pieces, SectionId,
    Target, Unbuilt,
};
use crate::diagnostic::{Code, Diagnostic, Findings, Place, did_you_mean, escaped};
use crate::overlay::addresses;
use crate::overlay::state::State;

/// Who links to each page of the base.
pub struct BaseLinks {
    to: HashMap<PageId, Vec<Reference>>,
}

/// One link of the base to a page.
struct Reference {
    /// The page on which it stands, and the index of its language.
    from: (PageId, usize),
    /// The text in which it stands; absent for a heading.
    fragment: Option<Arc<Fragment>>,
    /// The section in whose heading it stands.
    heading_of: Option<SectionId>,
    /// The anchor that it names.
    anchor: Option<Arc<str>>,
    /// Where it stands.
    place: Place,
}

impl BaseLinks {
    /// The links of every page, whatever its conditions.
    pub fn of(handbook: &Handbook) -> BaseLinks {
        let mut to: HashMap<PageId, Vec<Reference>> = HashMap::new();
        for (id, page) in handbook.pages.iter() {
            for (at, page) in page.languages.iter().enumerate() {
                for found in links_of(page) {
                    let (target, anchor) = match &*handbook.target(&found.link.target, at) {
                        Target::Page { path, anchor } => match named(handbook, path) {
                            Some(target) => (target, anchor.clone()),
                            None => continue,
                        },
                        Target::Here(anchor) => (page.id.clone(), Some(Arc::clone(anchor))),
                        Target::File { .. } | Target::External(_) | Target::Term(_) => continue,
                    };
                    to.entry(target).or_default().push(Reference {
                        from: (id.clone(), at),
                        fragment: found.fragment.cloned(),
                        heading_of: found.heading_of.cloned(),
                        anchor: anchor.filter(|anchor| !anchor.is_empty()),
                        place: found.link.place.clone(),
                    });
                }
            }
        }
        BaseLinks { to }
    }
}

/// The page of the base that a path names, after aliases, shown or not.
fn named(handbook: &Handbook, path: &str) -> Option<PageId> {
    let page = handbook.pages.get_key_value(path).map(|(id, _)| id);
    page.or_else(|| handbook.aliases.get(path)).cloned()
}

/// A link and the text that it stands in.
struct Found<'p> {
    link: &'p Arc<Link>,
    fragment: Option<&'p Arc<Fragment>>,
    heading_of: Option<&'p SectionId>,
    layer: Option<&'p LayerId>,
}

/// Every link of a page, those in footnotes that it shows included.
fn links_of(page: &Page) -> Vec<Found<'_>> {
    let mut found: Vec<Found<'_>> = Vec::new();
    let bare = |link, heading_of| Found { link, fragment: None, heading_of, layer: None };
    found.extend(page.heading.html.links().map(|link| bare(link, None)));
    for section in page.all_sections() {
        found.extend(section.heading.html.links().map(|link| bare(link, Some(&section.id))));
    }
    for (_, part) in page.all_parts() {
        let fragment = &part.fragment;
        let in_text = |link| Found { link, fragment: Some(fragment), heading_of: None, layer: part.layer.as_ref() };
        found.extend(fragment.html.links().map(in_text));
        for note in notes_of(fragment) {
            found.extend(note.links().map(in_text));
        }
    }
    found
}

/// The footnotes that a text uses, those that they use themselves included.
pub fn notes_of(fragment: &Fragment) -> Vec<&Pieces> {
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let mut notes = Vec::new();
    let mut waiting: Vec<&Pieces> = vec![&fragment.html];
    while let Some(pieces) = waiting.pop() {
        for (_, hole) in &pieces.holes {
            if let Hole::Note(name) = hole
                && seen.insert(name)
                && let Some(note) = fragment.notes.get(name)
            {
                notes.push(note);
                waiting.push(note);
            }
        }
    }
    notes
}

/// Checks every link of a page of the base in the language at `at` (E201, E202, E203, W203).
pub fn check_base(base: &Edition, page: &Page, at: usize, findings: &mut Findings) {
    let anchors = |target: &PageId| base.handbook.pages.get(target).and_then(|page| page.anchors.get(at));
    let has = |target: &PageId, anchor: &str| anchors(target).is_some_and(|anchors| anchors.has(anchor));
    let names = |target: &PageId| anchors(target).map(|anchors| anchors.names()).unwrap_or_default();
    findings.extend(links_of(page).into_iter().filter_map(|found| judge(base, page, found.link, &has, &names)));
}

/// What is wrong with one link, if anything is. `has` says whether a page has an anchor.
fn judge(
    edition: &Edition,
    page: &Page,
    link: &Link,
    has: &dyn Fn(&PageId, &str) -> bool,
    anchors: &dyn Fn(&PageId) -> Vec<String>,
) -> Option<Diagnostic> {
    let handbook = &edition.handbook;
    let at = handbook.config.at(&page.language).unwrap_or(0);
    match &*edition.target(&link.target, at) {
        Target::Here(anchor) => (!anchor.is_empty() && !has(&page.id, anchor))
            .then(|| no_anchor(&page.id, anchor, &link.place, anchors(&page.id))),
        Target::Page { path, anchor } => {
            let page = match edition.id {
                // What a condition hides in the base is there: whether it is missed is judged apart.
                EditionId::Base => named(handbook, path),
                EditionId::Organisation(_) => edition.canonical(path),
            };
            let Some(id) = page else { return Some(no_page(edition, path, &link.place)) };
            if let Some(anchor) = anchor.as_deref().filter(|anchor| !anchor.is_empty())
                && !has(&id, anchor)
            {
                return Some(no_anchor(&id, anchor, &link.place, anchors(&id)));
            }
            let renamed = |old: &str, new: &str| {
                Diagnostic::new(Code::W203, link.place.clone(), format!("`{old}` is called `{new}` now"))
                    .with("use the new address")
            };
            if *id != **path {
                return Some(renamed(path, &id));
            }
            let anchor = anchor.as_deref()?;
            let target = edition.page_at(&id, at)?;
            let section = target.all_sections().find(|section| section.was_called(anchor))?;
            Some(renamed(&format!("{id}#{anchor}"), &format!("{id}#{}", section.id)))
        }
        Target::File { path, output, .. } => {
            let generated = output.as_ref().is_some_and(|output| GENERATED.contains(&&*output.path));
            if generated || edition.file(path).is_some() {
                return None;
            }
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            let names = handbook.files.assets.keys().filter(|known| known.starts_with(folder)).map(|known| &**known);
            let hint = did_you_mean(path, names)
                .unwrap_or_else(|| "put the file there; a page is linked with `.md`".to_owned());
            Some(
                Diagnostic::new(Code::E203, link.place.clone(), format!("there is no file {}", escaped(path)))
                    .with(hint),
            )
        }
        Target::Term(_) | Target::External(_) => None,
    }
}

/// Pages that leidraad makes itself, which an author may link to by their names in the output.
pub const GENERATED: [&str; 6] =
    ["print.html", "register.html", "glossary.html", "changes.html", "placements.html", "index.html"];

fn no_page(edition: &Edition, path: &str, place: &Place) -> Diagnostic {
    let handbook = &edition.handbook;
    let finding = Diagnostic::new(Code::E201, place.clone(), format!("there is no page `{}`", escaped(path)));
    match handbook.unbuilt.get(path) {
        Some(Unbuilt::NotInSummary) => finding.with("SUMMARY.md does not name it, so it is not built"),
        Some(Unbuilt::Draft) => finding.with("it is a draft, and is not built"),
        None => {
            let known = handbook.pages.keys().chain(edition.pages.keys()).map(|id| &**id).filter(|id| *id != path);
            let hint = did_you_mean(path, known).or_else(|| {
                // A page that was moved to another folder keeps its name.
                let name = path.rsplit('/').next()?;
                let moved = handbook.pages.keys().find(|id| ***id != *path && id.rsplit('/').next() == Some(name))?;
                Some(format!("did you mean `{moved}`?"))
            });
            finding.maybe_with(hint)
        }
    }
}

fn no_anchor(page: &PageId, anchor: &str, place: &Place, anchors: Vec<String>) -> Diagnostic {
    Diagnostic::new(Code::E202, place.clone(), format!("{page} has no heading `#{}`", escaped(anchor)))
        .maybe_with(did_you_mean(anchor, anchors.iter().map(String::as_str)).map(|hint| hint.replacen('`', "`#", 1)))
}

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
    check_own(state, edition, base, &mut dangling, findings);
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
    check_redirects(state, edition, findings);
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
        for (at, before) in before {
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
    let origin = page.origin.page()?;
    let holder = origin.all_parts().find(|(_, part)| {
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

/// `links:` must lead to something that the edition shows.
fn check_redirects(state: &State<'_>, edition: &Edition, findings: &mut Findings) {
    let EditionId::Organisation(own) = &edition.id else { return };
    let own = state.chain.iter().find(|layer| layer.id == *own);
    for (links, place) in own.into_iter().flat_map(|layer| &layer.changes).filter_map(|change| change.links.as_ref()) {
        let Links::To(address) = links else { continue };
        let Some(id) = edition.canonical(&address.page) else {
            findings
                .report(Code::E102, place, format!("there is no page `{}`", escaped(&address.page)))
                .maybe_hint(did_you_mean(&address.page, edition.outline.pages().map(|id| &**id)));
            continue;
        };
        let Some(section) = &address.section else { continue };
        let anchors = edition.page_at(&id, 0).map(|page| page.anchors()).unwrap_or_default();
        if !anchors.contains(section) {
            findings
                .report(Code::E103, place, format!("there is no section `{}` on {id}", escaped(section)))
                .maybe_hint(did_you_mean(section, anchors.iter().map(|id| &**id)));
        }
    }
}
