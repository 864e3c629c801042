//! Placeholders that an organisation's edition shows and cannot fill (E117): only the base has blanks.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::book::{Edition, EditionId, Handbook, Kind, Page, PageId, Placeholder, Scalar};
use crate::diagnostic::{Code, Findings, Place};
use crate::overlay::links::notes_of;
use crate::overlay::parameters::is_tried;
use crate::overlay::placeholders::each;

/// A parameter, and the field or form of it that is asked for.
type Asked = (Arc<str>, Option<Arc<str>>);

/// The pages of the base that ask for each value.
pub struct Uses(BTreeMap<Asked, BTreeSet<PageId>>);

impl Uses {
    /// The uses of every page, whatever its conditions.
    pub fn of(handbook: &Handbook) -> Uses {
        let mut uses: BTreeMap<Asked, BTreeSet<PageId>> = BTreeMap::new();
        for (id, page) in handbook.pages.iter() {
            for page in &page.languages {
                each_of(page, &mut |placeholder| {
                    uses.entry(asked(placeholder)).or_default().insert(id.clone());
                });
            }
        }
        Uses(uses)
    }
}

/// Checks an edition: one finding for each value that it lacks, where it is asked for first.
pub fn check<'u>(edition: &Edition, uses: impl Fn() -> &'u Uses, findings: &mut Findings) {
    let EditionId::Organisation(id) = &edition.id else { return };
    if !edition.handbook.declarations.parameters.iter().any(|field| may_lack(edition, &field.name)) {
        return;
    }
    let languages = || (0..).zip(&edition.handbook.config.languages).filter(|(_, l)| edition.languages.contains(l));
    let asking =
        uses().0.iter().filter(|(asked, _)| languages().any(|(_, language)| is_blank(edition, asked, language)));
    let mut pages: BTreeSet<&PageId> = asking.flat_map(|(_, pages)| pages).collect();
    pages.extend(edition.pages.keys());
    let mut blanks: BTreeMap<Asked, Place> = BTreeMap::new();
    for page in pages {
        for (at, language) in languages() {
            let Some(page) = edition.page_at(page, at) else { continue };
            each_of(page, &mut |placeholder| {
                let asked = asked(placeholder);
                if is_blank(edition, &asked, language) {
                    let first = blanks.entry(asked).or_insert_with(|| placeholder.place.clone());
                    if placeholder.place < *first {
                        *first = placeholder.place.clone();
                    }
                }
            });
        }
    }
    for ((name, field), place) in blanks {
        let (what, hint) = match field.filter(|_| edition.values.contains_key(&name)) {
            Some(field) => (format!("{name}.{field}"), format!("give `{name}` a `{field}`")),
            None => (name.to_string(), format!("give it a value or a default, or put the text under `when={name}`")),
        };
        let message = format!("`{what}` has no value in the edition `{id}`");
        findings.report(Code::E117, &place, message).hint(hint);
    }
}

fn asked(placeholder: &Placeholder) -> Asked {
    (Arc::clone(&placeholder.name), placeholder.field.clone())
}

/// Whether anything that could be asked of a parameter is missing.
fn may_lack(edition: &Edition, name: &str) -> bool {
    let fields = [None, Some("kind")];
    edition.values.get(name).is_none_or(|value| {
        value.values().any(|value| !value.is_given() || fields.iter().any(|field| !value.is_shown(*field)))
    })
}

/// Whether a placeholder would be a blank. That a required value is missing is said of the value itself.
fn is_blank(edition: &Edition, (name, part): &Asked, language: &str) -> bool {
    let Some(field) = edition.handbook.declarations.parameter(name) else { return false };
    // What cannot be asked of it is wrong in every edition.
    let can_be_asked = match (&field.kind, part.as_deref()) {
        (Kind::Person { .. }, part) => part.is_none_or(|part| ["role", "name", "kind"].contains(&part)),
        (Kind::Term { forms }, part) => forms.iter().any(|form| part == Some(&**form)),
        (Kind::Scalar(Scalar::Boolean), _) => false,
        (Kind::Scalar(_) | Kind::List(_), part) => part.is_none(),
    };
    if !can_be_asked {
        return false;
    }
    match edition.values.get(name).and_then(|value| value.get(language)) {
        None => !field.required && !is_tried(&edition.chain, name),
        Some(value) if !value.is_given() => !field.required,
        Some(value) => !value.is_shown(part.as_deref()),
    }
}

/// Takes every placeholder that a page shows.
fn each_of<'p>(page: &'p Page, take: &mut dyn FnMut(&'p Placeholder)) {
    let mut take = |pieces| each(pieces, &mut |placeholder, _| take(placeholder));
    take(&page.heading.html);
    take(&page.name);
    page.description.iter().for_each(&mut take);
    for section in page.all_sections() {
        take(&section.heading.html);
    }
    for (_, part) in page.all_parts() {
        take(&part.fragment.html);
        notes_of(&part.fragment).into_iter().for_each(&mut take);
    }
}
