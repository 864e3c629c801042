//! The pages and data that are made for an edition from its own pages, each by its maker.

use std::sync::Arc;

use crate::book::{Edition, Strings};
use crate::render::table::{Extra, Recipe, Room, Table};
use crate::render::{glossary, placements, print, register, search};

/// The generated pages of an edition in one language: name, file, and name for readers. A page of
/// the author's own by that name takes its place.
pub fn pages(edition: &Edition, at: usize, strings: &Strings) -> Vec<(&'static str, &'static str, String)> {
    let handbook = &edition.handbook;
    let _ = at;
    let mut pages = vec![("register", "register.html")];
    if !handbook.declarations.glossary.is_empty() {
        pages.push(("glossary", "glossary.html"));
    }
    if handbook.config.html.print {
        pages.push(("print", "print.html"));
    }
    if placements::has_any(edition) {
        pages.push(("placements", "placements.html"));
    }
    pages.into_iter().map(|(name, file)| (name, file, strings.get(name).to_owned())).collect()
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
fn maker(name: &str) -> Option<fn(&Table, &Room) -> String> {
    Some(match name {
        "register" => register::page,
        "glossary" => glossary::page,
        "print" => print::page,
        "placements" => placements::page,
        _ => return None,
    })
}

/// The words of the edition, and the texts that are its own.
fn search_data(table: &mut Table, edition: &Arc<Edition>, rooms: &[usize]) {
    for &at in rooms {
        let room = &table.rooms()[at];
        let path = format!("{}search.js", room.folder).into();
        let mut made = vec![Extra { path, edition: Some(edition.id.clone()), recipe: Recipe::Made(at, search::index) }];
        made.extend(search::own_pages(table, room).into_iter().map(|(id, path)| Extra {
            path: path.into(),
            edition: Some(edition.id.clone()),
            recipe: Recipe::Texts(at, id),
        }));
        table.extras.extend(made);
    }
}
