//! Outputs that no page of the handbook is behind: start pages, 404, redirects, and what hosts and
//! search engines read.

use std::fmt::Write;
use std::sync::Arc;

use serde_json::json;

use crate::book::{Body, Edition, EditionId, PageId};
use crate::diagnostic::Findings;
use crate::render::content::Filling;
use crate::render::hosts;
use crate::render::html::{escape_url, escaped};
use crate::render::hyphens::label;
use crate::render::page::{self, Parts};
use crate::render::provenance;
use crate::render::shell::{self, Frame};
use crate::render::site::{self, Context, edition_folder};
use crate::render::stencil::{Gap, Stencil};
use crate::render::table::{Extra, Recipe, Room, Table};
use crate::render::template::Templates;
use crate::render::{assets, coverage_page, made};

/// The kinds of pages, each with a shell of its own.
pub const KINDS: [&str; 9] =
    ["page", "start", "404", "register", "glossary", "print", "changes", "placements", "coverage"];

/// Adds everything that is generated to the table.
pub fn add(
    table: &mut Table,
    editions: &[Arc<Edition>],
    templates: &Templates,
    context: &Context<'_>,
    findings: &mut Findings,
) {
    for edition in editions {
        let rooms: Vec<usize> =
            (0..table.rooms().len()).filter(|at| table.rooms()[*at].edition.id == edition.id).collect();
        let Some(&first) = rooms.first() else { continue };
        start(table, edition, first, &rooms, templates, context, findings);
        made::add(table, edition, &rooms);
        aliases(table, edition, &rooms);
        if let EditionId::Organisation(_) = &edition.id {
            let folder = edition_folder(&edition.id, context.alone);
            let path = format!("{folder}provenance.json");
            let recipe = Recipe::Made(first, |_, room| provenance::provenance(&room.edition));
            table.extras.push(Extra { path: path.into(), edition: Some(edition.id.clone()), recipe });
        }
    }
    if table.rooms().is_empty() {
        return;
    }
    coverage_page::add(table);
    table.extras.push(Extra { path: "404.html".into(), edition: None, recipe: Recipe::Made(0, not_found) });
    for (name, make) in hosts::files(table) {
        table.extras.push(Extra { path: name.into(), edition: None, recipe: Recipe::Made(0, make) });
    }
}

fn add_text(table: &mut Table, path: String, edition: Option<EditionId>, text: String) {
    table.extras.push(Extra {
        path: path.into(),
        edition,
        recipe: Recipe::Body(Body::Bytes(text.into_bytes().into())),
    });
}

/// The start page of an edition: the choice of languages, or in one language its first page.
fn start(
    table: &mut Table,
    edition: &Arc<Edition>,
    first: usize,
    rooms: &[usize],
    templates: &Templates,
    context: &Context<'_>,
    findings: &mut Findings,
) {
    let handbook = Arc::clone(&edition.handbook);
    let folder = edition_folder(&edition.id, context.alone);
    for &at in rooms {
        let room = &table.rooms()[at];
        if edition.page_at("index", room.at).is_none()
            && let Some(id) = edition.outline.pages().next().cloned()
        {
            let path = format!("{}index.html", room.folder).into();
            table.extras.push(Extra { path, edition: Some(edition.id.clone()), recipe: Recipe::Page(at, id) });
        }
    }
    let is_base = edition.id == EditionId::Base;
    if handbook.config.single_language && (!is_base || context.directory.is_empty()) {
        return;
    }
    let room = &table.rooms()[first];
    let languages: Vec<serde_json::Value> = rooms
        .iter()
        .map(|&at| {
            let room = &table.rooms()[at];
            json!({ "code": &*room.language, "name": shell::own_name(&room.language), "href": format!("{}{}{}", Gap::Top.mark(), room.folder, room.home) })
        })
        .collect();
    let home = format!("{}{}{}", Gap::Top.mark(), room.folder, room.home);
    let logo = assets::logo(edition);
    let frame = Frame {
        edition,
        language: &room.language,
        edition_css: &room.css.clone(),
        logo: logo.as_ref().map(|(path, size)| (path.as_str(), *size)),
        generated: &[],
        home: &home,
        start: "",
        languages: &[],
    };
    let mut data = shell::data(&handbook.theme, &frame);
    data["kind"] = json!("start");
    if handbook.config.single_language {
        data["organisations"] = json!(context.directory);
        table.directory = Some(templates.stencil(&handbook.theme, "directory", &data, findings));
        return;
    }
    let shell = templates.stencil(&handbook.theme, "page", &data, findings);
    data["languages"] = json!(languages);
    data["chapters"] = json!(site::chapters(room));
    data["organisations"] = json!(if is_base { context.directory.clone() } else { Vec::new() });
    let content = templates.stencil(&handbook.theme, "organisations", &data, findings);
    let top = "../".repeat(folder.matches('/').count());
    let title = if is_base {
        handbook.config.title.get(&room.language).map(|title| title.to_string()).unwrap_or_default()
    } else {
        edition.name(&room.language).to_owned()
    };
    let page = bare(table, room, &shell, &content, &top, &title);
    add_text(table, format!("{folder}index.html"), Some(edition.id.clone()), page);
}

/// A page without navigation: its title and its content.
fn bare(table: &Table, room: &Room, shell: &Stencil, content: &Stencil, top: &str, title: &str) -> String {
    let view = room.view();
    let root = format!("{top}{}", room.folder);
    let fill = |gap: Gap| match gap {
        Gap::Top => top,
        Gap::Root => root.as_str(),
        _ => "",
    };
    let mut text = String::new();
    content.fill(&mut text, fill);
    let mut head = String::new();
    let title = escaped(title);
    page::title(&mut head, &title, &view, &table.handbook.config);
    page::policy(&mut head, &table.csp);
    if let Some(url) = table.full_url() {
        let folder = edition_folder(&room.edition.id, table.alone);
        let _ = writeln!(head, "<link rel=\"canonical\" href=\"{}{folder}index.html\">", escaped(url));
    }
    let heading = page::h1(&view, &label(&title, view.language));
    Parts {
        root: &root,
        top,
        page: "",
        head: &head,
        title: &heading,
        nav: "",
        meta: "",
        contents: "",
        content: &|out| out.push_str(&text),
        neighbours: "",
        languages: &[],
    }
    .put_together(shell)
}

/// A stub at every old address of an edition's pages.
fn aliases(table: &mut Table, edition: &Arc<Edition>, rooms: &[usize]) {
    let handbook = Arc::clone(&edition.handbook);
    for &at in rooms {
        for (old, id) in handbook.redirects.iter() {
            let room = &table.rooms()[at];
            if edition.page_at(id, room.at).is_some() {
                let path = format!("{}{old}", room.folder).into();
                let recipe = Recipe::Redirect(at, id.clone(), Arc::clone(old));
                table.extras.push(Extra { path, edition: Some(edition.id.clone()), recipe });
            }
        }
    }
}

/// The stub at an old address.
pub fn redirect(table: &Table, room: &Room, id: &PageId, old: &str) -> String {
    let Some(page) = room.edition.page_at(id, room.at) else { return String::new() };
    let mut href = String::new();
    escape_url(&mut href, &format!("{}{}", "../".repeat(old.matches('/').count()), page.output));
    let canonical = match table.full_url() {
        Some(url) => format!("{}{}{}", escaped(url), room.folder, page.output),
        None => href.clone(),
    };
    let name = room.view().text(&page.name);
    let words = escaped(room.small.strings.get("redirect"));
    format!(
        "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n<title>{name}</title>\n<meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n<meta http-equiv=\"refresh\" content=\"0; url={href}\">\n<link rel=\"canonical\" href=\"{canonical}\">\n<meta name=\"robots\" content=\"noindex\">\n</head>\n<body data-edition=\"{}\" data-page=\"{}\">\n<main id=\"content\"><p>{words} <a href=\"{href}\">{name}</a></p></main>\n</body>\n</html>\n",
        room.language,
        table.csp,
        room.edition.id,
        escaped(id)
    )
}

/// 404.html: its addresses are absolute, since it answers for any path.
fn not_found(table: &Table, room: &Room) -> String {
    let top = table.base_path();
    let view = room.view();
    let root = format!("{top}{}", room.folder);
    let strings = &room.small.strings;
    let mut content = String::new();
    let mut title = escaped(strings.get("missing_title"));
    match room.edition.page_at("404", room.at) {
        Some(page) => {
            title = view.text(&page.name);
            Filling::new(&view, page, &root, &top).page_text(&mut content);
        }
        None => {
            let _ = write!(
                content,
                "<p class=\"lead\">{}</p>\n<p><a href=\"{root}{}\">{}</a></p>\n",
                escaped(strings.get("missing_text")),
                room.home,
                escaped(strings.get("missing_home"))
            );
        }
    }
    let mut head = String::new();
    page::title(&mut head, &title, &view, &table.handbook.config);
    page::policy(&mut head, &table.csp);
    head.push_str("<meta name=\"robots\" content=\"noindex\">\n");
    let heading = page::h1(&view, &label(&title, view.language));
    let languages: Vec<String> = room
        .folders
        .iter()
        .map(|folder| folder.as_ref().map_or(String::new(), |folder| format!("{top}{folder}index.html")))
        .collect();
    let Some(shell) = room.shells.get("404") else { return String::new() };
    Parts {
        root: &root,
        top: &top,
        page: "404",
        head: &head,
        title: &heading,
        nav: "",
        meta: "",
        contents: "",
        content: &|out| out.push_str(&content),
        neighbours: "",
        languages: &languages,
    }
    .put_together(shell)
}
