//! `leidraad check --fix`: what can be mended without asking. The id of a heading that a layer names, old
//! addresses, colours that are not readable; each is judged as if it were done before it is written.

use std::path::Path;
use std::sync::Arc;

use crate::book::{
    Address, Appearance, Config, Handbook, InnerHeading, Links, Page, SectionId, TEXT_CONTRAST, nearest_readable, ratio,
};
use crate::cli::Exit;
use crate::cli::plan::{Plan, say};
use crate::cli::project::{self, complain};
use crate::cli::rename::retarget_layers;
use crate::cli::repin::repin;
use crate::cli::report::Voice;
use crate::diagnostic::{Place, any_error};
use crate::load::handbook::{Drafts, decode};
use crate::load::links::Ground;
use crate::load::relabel;
use crate::load::retarget::{self, Moves, Standing};
use crate::load::splice::Edits;
use crate::memo::Memo;

/// Mends what is safe, and says what it did.
pub fn fix(dir: &Path, voice: Voice) -> Result<(), Exit> {
    let snapshot = project::read(dir, &[])?;
    let mut fixed = Plan::new(&snapshot.sources);
    let mut told = Vec::new();
    for kind in [ids, addresses, colors] {
        let handbook = Arc::new(decode(&fixed.after(), Drafts::Shown, &Memo::new()).value);
        let mut plan = fixed.clone();
        let lines = kind(&mut plan, &handbook);
        if lines.is_empty() {
            continue;
        }
        if any_error(&plan.new_findings(&str::to_owned)) {
            complain(&format!("{} — not mended: something else would be wrong then", lines.join("; ")));
            continue;
        }
        fixed = plan;
        told.extend(lines);
    }
    fixed.save(dir)?;
    told.iter().for_each(|line| say(voice, &format!("fixed: {line}")));
    Ok(())
}

/// Explicit ids for headings that layers name by their automatic anchor (E104).
fn ids(plan: &mut Plan, handbook: &Arc<Handbook>) -> Vec<String> {
    let mut told = Vec::new();
    for layer in handbook.layers.values() {
        let changed = layer.changes.iter().flat_map(|change| {
            let links = change.links.iter().filter_map(|(links, _)| match links {
                Links::To(address) => Some(address.clone()),
                Links::Text => None,
            });
            links.chain([change.address.clone()])
        });
        let anchors = layer.inserts.iter().filter(|insert| insert.address.section.is_some());
        let anchors = anchors.map(|insert| Address::section(&insert.address.page, &(&*insert.anchor.target).into()));
        for address in changed.chain(anchors) {
            let Some(section) = &address.section else { continue };
            let page = handbook.aliases.get(&*address.page).unwrap_or(&address.page);
            let Some(base) = handbook.pages.get(page) else { continue };
            let Some(page) = base.languages.first() else { continue };
            let Some((part, number)) = inner_heading(page, section) else { continue };
            for translation in base.languages.iter().filter(|page| !page.fallback) {
                let Some(place) = nth_heading(translation, part.as_ref(), number, page) else { continue };
                let text = plan.text(&place.path).unwrap_or_default();
                if text.contains(&format!("{{#{section}}}")) {
                    continue;
                }
                if let Some(after) = relabel::heading_id(&text, place.line, None, section) {
                    plan.write(&place.path, after);
                    told.push(format!("{place}: {{#{section}}} behind the heading that {} names", layer.path));
                }
            }
        }
    }
    told
}

/// The part of the page in which a heading without id stands (none: before the first section), and its number.
fn inner_heading(page: &Page, anchor: &SectionId) -> Option<(Option<SectionId>, usize)> {
    if page.section(anchor).is_some() {
        return None;
    }
    page.all_parts().find_map(|(section, part)| {
        let is_meant = |heading: &InnerHeading| heading.anchor == *anchor && !heading.nested;
        let number = part.fragment.headings.iter().position(is_meant)?;
        // Two parts stand before the first section: the opening text, and what has no address.
        let before = match section {
            None if part.fragment.lines != page.opening.parts.first().map_or((0, 0), |part| part.fragment.lines) => {
                page.opening.parts.iter().map(|part| part.fragment.headings.len()).sum()
            }
            _ => 0,
        };
        Some((section.map(|section| section.id.clone()), before + number))
    })
}

/// The same heading in a translation: by its number, where both have as many.
fn nth_heading(page: &Page, part: Option<&SectionId>, number: usize, default: &Page) -> Option<Place> {
    let headings = |page: &Page| -> Vec<(u8, Place)> {
        page.all_parts()
            .filter(|(section, _)| section.map(|section| &section.id) == part)
            .flat_map(|(_, part)| part.fragment.headings.iter().map(|heading| (heading.level, heading.place.clone())))
            .filter(|(_, place)| *place.path == *page.source)
            .collect()
    };
    let (own, base) = (headings(page), headings(default));
    let same = own.len() == base.len() && own.iter().zip(&base).all(|(own, base)| own.0 == base.0);
    same.then(|| own.get(number).map(|(_, place)| place.clone())).flatten()
}

/// New names in place of old ones (W203): in layers, in links and in the rules.
fn addresses(plan: &mut Plan, handbook: &Arc<Handbook>) -> Vec<String> {
    let config: &Config = &handbook.config;
    let inserted = |id: &str| handbook.layers.values().any(|layer| layer.inserted_pages().any(|page| **page == *id));
    let mut moves = Moves::default();
    for (old, page) in handbook.aliases.iter() {
        if !handbook.pages.contains_key(&**old) && !inserted(old) {
            moves.pages.insert((&**old).into(), page.clone());
        }
    }
    for (id, page) in handbook.pages.iter() {
        for section in page.languages.first().into_iter().flat_map(|page| page.all_sections()) {
            let old = section.aliases.iter().map(|alias| ((id.clone(), alias.clone()), section.id.clone()));
            moves.sections.extend(old);
        }
    }
    if moves.pages.is_empty() && moves.sections.is_empty() {
        return Vec::new();
    }
    let default = config.language_folder(config.default_language());
    let below = |path: &str, folder: &str| -> Option<String> {
        if folder.is_empty() {
            Some(path.to_owned())
        } else {
            Some(path.strip_prefix(folder)?.strip_prefix('/')?.to_owned())
        }
    };
    for (id, page) in handbook.pages.iter() {
        if let Some(file) = page.languages.first().and_then(|page| below(&page.source, &default)) {
            moves.page_files.insert(id.clone(), file);
        }
    }
    let before: Vec<(String, Option<String>)> = handbook
        .layers
        .values()
        .map(|layer| layer.path.to_string())
        .chain(handbook.pages.values().flat_map(|page| &page.languages).map(|page| page.source.to_string()))
        .map(|path| (path.clone(), plan.text(&path)))
        .collect();
    retarget_layers(plan, handbook, &moves, &std::collections::BTreeMap::new());
    for page in handbook.pages.values().flat_map(|page| &page.languages).filter(|page| !page.fallback) {
        let root = config.language_folder(&page.language);
        let Some(relative) = below(&page.source, &root) else { continue };
        let folder: Arc<str> = relative.rsplit_once('/').map_or("", |(folder, _)| folder).into();
        let ground = Ground {
            page_folder: Arc::clone(&folder),
            files_root: root.as_str().into(),
            files_folder: folder,
            layer: false,
        };
        let standing = Standing { before: &ground, after: &ground, page: &page.id };
        if let Some(text) = plan.text(&page.source)
            && let Some(after) = retarget::markdown_file(&text, &standing, &moves)
        {
            plan.write(&page.source, after);
        }
    }
    // The same text with new names in it is what was accepted.
    repin(plan, handbook, &Moves::default());
    let changed = before.into_iter().filter(|(path, text)| plan.text(path) != *text);
    changed.map(|(path, _)| format!("{path}: old addresses are the new ones now")).collect()
}

/// The nearest readable colour in place of one that is not (E121).
fn colors(plan: &mut Plan, handbook: &Arc<Handbook>) -> Vec<String> {
    let mut told = Vec::new();
    for layer in handbook.layers.values() {
        let Some(text) = plan.text(&layer.path) else { continue };
        let mut edits = Edits::of(&text);
        for token in &layer.tokens {
            let appearance = match &*token.name {
                "accent" => Appearance::Light,
                "accent-dark" => Appearance::Dark,
                _ => continue,
            };
            if appearance.grounds().iter().all(|ground| ratio(&token.color, ground) >= TEXT_CONTRAST) {
                continue;
            }
            let nearest = nearest_readable(&token.color, appearance);
            if edits.replace_scalar(&token.value_place, &nearest).is_some() {
                told.push(format!("{}: `{}` is {nearest} instead of {}", token.value_place, token.name, token.color));
            }
        }
        if !edits.is_empty()
            && let Some(after) = edits.apply()
        {
            plan.write(&layer.path, after);
        }
    }
    told
}
