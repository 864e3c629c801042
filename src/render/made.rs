//! The pages and data that are made for an edition from its own pages, each by its maker.

use std::sync::Arc;

use crate::book::{Edition, Strings};
use crate::render::table::{Extra, Maker, Recipe, Table};
use crate::render::{changes, coverage_page, glossary, placements, print, register, search};

/// The generated pages of an edition in one language: name, file, and name for readers. A page of
/// the author's own by that name takes its place.
pub fn pages(edition: &Edition, strings: &Strings) -> Vec<(&'static str, &'static str, String)> {
    let handbook = &edition.handbook;
    // Coverage lies at the root of the output, above the languages.
    let coverage = if handbook.config.single_language { "coverage.html" } else { "../coverage.html" };
    let pages = [
        ("register", "register.html", true),
        ("glossary", "glossary.html", !handbook.declarations.glossary.is_empty()),
        ("print", "print.html", handbook.config.html.print),
        ("changes", "changes.html", edition.id.organisation().is_some()),
        ("placements", "placements.html", placements::has_any(edition)),
        ("coverage", coverage, coverage_page::is_made(edition)),
    ];
    let made = pages.into_iter().filter(|(_, _, is_made)| *is_made);
    made.map(|(name, file, _)| (name, file, strings.get(name).to_owned())).collect()
}

/// Adds the generated pages of an edition, and what its search needs.
pub fn add(table: &mut Table, edition: &Arc<Edition>, rooms: &[usize]) {
    for &at in rooms {
        let room = &table.rooms()[at];
        let made: Vec<Extra> = room
            .generated
            .iter()
            .filter_map(|(name, file, _)| {
                let path = format!("{}{file}", room.folder).into();
                Some(Extra { path, edition: Some(edition.id.clone()), recipe: Recipe::Made(at, maker(name)?) })
            })
            .collect();
        table.extras.extend(made);
    }
    if edition.handbook.config.html.search {
        search_data(table, edition, rooms);
    }
}

/// What makes a generated page, by its name.
fn maker(name: &str) -> Option<Maker> {
    Some(match name {
        "register" => register::page,
        "glossary" => glossary::page,
        "print" => print::page,
        "changes" => changes::page,
        "placements" => placements::page,
        _ => return None,
    })
}

/// The words of the edition, and the texts that are its own.
fn search_data(table: &mut Table, edition: &Arc<Edition>, rooms: &[usize]) {
    for &at in rooms {
        let room = &table.rooms()[at];
        let extra = |path: String, recipe| Extra { path: path.into(), edition: Some(edition.id.clone()), recipe };
        let mut made = vec![extra(format!("{}search.js", room.folder), Recipe::Made(at, search::index))];
        let texts = search::together(table, room).into_iter().enumerate();
        made.extend(texts.map(|(file, pages)| extra(search::path(room, file), Recipe::Texts(at, pages))));
        table.extras.extend(made);
    }
}
