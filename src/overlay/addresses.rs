//! What the addresses and anchors of a layer name: a page or a section that is there. An old name leads to
//! the new one (W203); one that names nothing is an error with what may have been meant.

use std::collections::BTreeSet;

use crate::book::{Address, Anchor, Insert, PageId, SectionId, Unbuilt, Where};
use crate::diagnostic::{Code, Diagnostic, Findings, Place, did_you_mean, escaped};
use crate::overlay::state::{Origin, PageState, State};

/// The address that is meant; reported where there is none.
pub fn resolve(state: &mut State<'_>, address: &Address, place: &Place, findings: &mut Findings) -> Option<Address> {
    let Some(page) = page(state, &address.page) else {
        findings.push(no_page(state, &address.page, place));
        return None;
    };
    let section = match &address.section {
        None => None,
        Some(name) => match state.page(&page).and_then(|page| section(page, name)) {
            Some(section) => Some(section),
            None => {
                findings.push(no_section(state, &page, name, place));
                return None;
            }
        },
    };
    let meant = Address { page, section };
    if meant.section != address.section {
        renamed(&address.to_string(), &meant.to_string(), &meant, place, findings);
    } else if meant.page != address.page {
        renamed(&address.page, &meant.page, &meant, place, findings);
    }
    Some(meant)
}

/// The page that a name means: the one that has it, or the one that had it.
pub fn page(state: &State<'_>, name: &str) -> Option<PageId> {
    if state.has_page(name) { Some(name.into()) } else { state.handbook.aliases.get(name).cloned() }
}

/// The page that an insert's address names.
pub fn page_of(state: &State<'_>, insert: &Insert) -> PageId {
    page(state, &insert.address.page).unwrap_or_else(|| insert.address.page.clone())
}

/// The section that a name means: the one that has it, or the one that had it.
pub fn section(page: &PageState<'_>, name: &str) -> Option<SectionId> {
    let had = |id: &&SectionId| page.sections[*id].base.as_ref().is_some_and(|section| section.was_called(name));
    page.sections.get_key_value(name).map(|(id, _)| id).or_else(|| page.sections.keys().find(had)).cloned()
}

/// What an insert's anchor names, if it is there: for a section, a section of its page or the page itself.
pub fn anchor(state: &mut State<'_>, insert: &Insert) -> Option<Address> {
    let target = &*insert.anchor.target;
    if insert.address.section.is_none() {
        return Some(Address::page(&page(state, target)?));
    }
    let id = page_of(state, insert);
    let names_page = matches!(insert.anchor.side, Where::FirstIn | Where::LastIn)
        && page(state, target).is_some_and(|page| page == id);
    let on = state.page(&id)?;
    match section(on, target) {
        Some(section) => Some(Address::section(&id, &section)),
        None => names_page.then(|| Address::page(&id)),
    }
}

/// Reports an anchor by an old name (W203).
pub fn check_anchor(anchor: &Anchor, meant: &Address, findings: &mut Findings) {
    let name = meant.section.as_deref().unwrap_or(&meant.page);
    if *anchor.target != *name {
        let new = Address::page(&name.into());
        renamed(&anchor.target, name, &new, &anchor.place, findings);
    }
}

fn renamed(old: &str, new: &str, meant: &Address, place: &Place, findings: &mut Findings) {
    findings
        .report(Code::W203, place, format!("`{}` is called `{new}` now", escaped(old)))
        .hint(format!("write `{meant}`"));
}

/// E102: why there is no such page.
pub fn no_page(state: &State<'_>, name: &str, place: &Place) -> Diagnostic {
    let finding = Diagnostic::new(Code::E102, place.clone(), format!("there is no page `{}`", escaped(name)));
    match state.handbook.unbuilt.get(name) {
        Some(Unbuilt::Draft) => return finding.with("it is a draft"),
        Some(Unbuilt::NotInSummary) => return finding.with("SUMMARY.md does not name it, so it is not built"),
        None if name.is_empty() => return finding.with("an address begins with its page: page#section"),
        None => {}
    }
    // A path is no id.
    let bare = name.trim_start_matches('/').trim_end_matches(".md").trim_end_matches(".html").trim_end_matches('/');
    if state.has_page(bare) {
        return finding.with(format!("write `{bare}`"));
    }
    finding.with(did_you_mean(name, state.page_ids()).unwrap_or_else(|| {
        let pages: BTreeSet<&str> = state.page_ids().collect();
        let pages: Vec<&str> = pages.into_iter().take(12).collect();
        format!("pages: {}", pages.join(", "))
    }))
}

/// E103: why there is no such section; E104 where a heading has this as its automatic anchor.
pub fn no_section(state: &mut State<'_>, id: &PageId, name: &str, place: &Place) -> Diagnostic {
    let no_section =
        || Diagnostic::new(Code::E103, place.clone(), format!("there is no section `{}` on {id}", escaped(name)));
    let Some(page) = state.page(id) else { return no_section() };
    let origin = page.origin.page();
    let mut headings = origin.iter().flat_map(|page| page.all_parts()).flat_map(|(_, part)| &part.fragment.headings);
    if let Some(heading) = headings.find(|heading| *heading.anchor == *name) {
        if heading.nested {
            let text = escaped(&heading.text.text);
            let message = format!("the heading `{text}` stands inside a quote or a list, so it is no section");
            return Diagnostic::new(Code::E104, place.clone(), message)
                .with(format!("take it out of there, at {}", heading.place));
        }
        let finding = Diagnostic::new(
            Code::E104,
            place.clone(),
            format!("the heading `{}` has no explicit id, so it has no address", escaped(&heading.text.text)),
        )
        .with(format!("write {{#{name}}} behind it, at {}", heading.place));
        // What was included stands on other pages too, and a layer's own page is the layer's.
        let mends = matches!(page.origin, Origin::Base(base) if heading.place.path == base.source);
        return if mends { finding.with("`leidraad check --fix` does it") } else { finding };
    }
    no_section().with(did_you_mean(name, page.sections.keys().map(|id| &**id)).unwrap_or_else(|| {
        let names: Vec<&str> = page.sections.keys().map(|id| &**id).take(16).collect();
        match names.is_empty() {
            true => "no heading of this page has an id".to_owned(),
            false => format!("sections of this page: {}", names.join(", ")),
        }
    }))
}

/// An anchor at something that is gone: E107 where this layer removed it, else E108.
pub fn anchor_removed(state: &mut State<'_>, at: usize, address: &Address, anchor: &Anchor, findings: &mut Findings) {
    let Some(removal) = state.removal(address) else { return };
    let by = &state.chain[removal.layer];
    findings.push(if removal.layer == at {
        Diagnostic::new(Code::E107, anchor.place.clone(), format!("`{address}` is removed in this layer"))
            .with("anchor it to something that stays")
    } else {
        Diagnostic::new(Code::E108, anchor.place.clone(), format!("`{address}` was removed by the layer `{}`", by.id))
            .with("anchor it to something that is there")
    });
}
