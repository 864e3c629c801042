//! Outputs that no page of the handbook is behind: start pages, 404, redirects, and what hosts and
//! search engines read.

use std::fmt::Write;
use std::sync::Arc;

use serde_json::json;

use crate::book::{Body, Edition, EditionId, Language, PageId, Reason};
use crate::diagnostic::Findings;
use crate::render::content::Filling;
use crate::render::html::{escape_url, escaped};
use crate::render::page::{self, Parts};
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
            let recipe = Recipe::Made(first, |_, room| provenance(&room.edition));
            table.extras.push(Extra { path: path.into(), edition: Some(edition.id.clone()), recipe });
        }
    }
    if table.rooms().is_empty() {
        return;
    }
    coverage_page::add(table);
    table.extras.push(Extra { path: "404.html".into(), edition: None, recipe: Recipe::Made(0, not_found) });
    add_text(table, ".nojekyll".into(), None, String::new());
    let text = robots(table);
    add_text(table, "robots.txt".into(), None, text);
    let text = headers(table);
    add_text(table, "_headers".into(), None, text);
    let text = redirects(table);
    add_text(table, "_redirects".into(), None, text);
    if let Some(url) = table.site_url.clone().filter(|url| !url.starts_with('/')) {
        let text = sitemap(table, &url);
        add_text(table, "sitemap.xml".into(), None, text);
        let text = feed(table, &url);
        add_text(table, "feed.xml".into(), None, text);
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
    if handbook.config.single_language {
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
    let shell = templates.stencil(&handbook.theme, "page", &data, findings);
    let is_base = edition.id == EditionId::Base;
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
    let mut heading = String::new();
    view.small.title.fill(&mut heading, |gap| if gap == Gap::Text { title.as_str() } else { "" });
    Parts {
        root: &root,
        top,
        page: "",
        head: &head,
        title: &heading,
        nav: "",
        meta: "",
        contents: "",
        content: &text,
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
    let name = room.view().text(&page.name);
    let words = escaped(room.small.strings.get("redirect"));
    format!(
        "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n<title>{name}</title>\n<meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n<meta http-equiv=\"refresh\" content=\"0; url={href}\">\n<link rel=\"canonical\" href=\"{href}\">\n<meta name=\"robots\" content=\"noindex\">\n</head>\n<body data-edition=\"{}\">\n<main id=\"content\"><p>{words} <a href=\"{href}\">{name}</a></p></main>\n</body>\n</html>\n",
        room.language, table.csp, room.edition.id
    )
}

/// 404.html: its addresses are absolute, since it answers for any path.
fn not_found(table: &Table, room: &Room) -> String {
    let top = match table.site_url.as_deref() {
        Some(url) if url.starts_with('/') => url.to_owned(),
        Some(url) => url.splitn(4, '/').nth(3).map_or_else(|| "/".to_owned(), |path| format!("/{path}")),
        None => "/".to_owned(),
    };
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
    let mut heading = String::new();
    view.small.title.fill(&mut heading, |gap| if gap == Gap::Text { title.as_str() } else { "" });
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
        content: &content,
        neighbours: "",
        languages: &languages,
    }
    .put_together(shell)
}

/// What became of every operation (spec §8).
pub fn provenance(edition: &Edition) -> String {
    let mut out = String::from("[");
    for (at, entry) in edition.provenance.iter().enumerate() {
        out.push_str(if at == 0 { "\n" } else { ",\n" });
        let mut fields = vec![("address", json!(entry.address))];
        if let Some(language) = &entry.language {
            fields.push(("lang", json!(&**language)));
        }
        fields.push(("layer", json!(&*entry.layer)));
        fields.push(("file", json!(&*entry.file)));
        fields.push(("line", json!(entry.line)));
        fields.push(("op", json!(entry.op)));
        if let Some(reason) = &entry.reason {
            fields.push(("reason", reason_value(reason)));
        }
        if let Some(accepted) = &entry.accepted {
            fields.push(("accepted", json!(&**accepted)));
        }
        fields.push(("state", json!(entry.state.as_str())));
        let fields: Vec<String> = fields.into_iter().map(|(key, value)| format!("\"{key}\":{value}")).collect();
        let _ = write!(out, "{{{}}}", fields.join(","));
    }
    out.push_str(if edition.provenance.is_empty() { "]\n" } else { "\n]\n" });
    out
}

/// A reason in JSON: a text, or an object where it is in several languages.
pub fn reason_value(reason: &Reason) -> serde_json::Value {
    match reason.texts.as_slice() {
        [(_, text)] => json!(&**text),
        texts => texts.iter().map(|(language, text)| (language.to_string(), json!(&**text))).collect(),
    }
}

fn robots(table: &Table) -> String {
    let sitemap = table.site_url.as_deref().filter(|url| !url.starts_with('/'));
    let sitemap = sitemap.map(|url| format!("Sitemap: {url}sitemap.xml\n")).unwrap_or_default();
    format!("User-agent: *\nAllow: /\n{sitemap}")
}

fn headers(table: &Table) -> String {
    format!(
        "/*\n  Content-Security-Policy: {}; frame-ancestors 'none'\n  X-Content-Type-Options: nosniff\n  Referrer-Policy: no-referrer\n/assets/*\n  Cache-Control: public, max-age=31536000, immutable\n",
        table.csp
    )
}

fn redirects(table: &Table) -> String {
    let base = match table.site_url.as_deref() {
        Some(url) if url.starts_with('/') => url.to_owned(),
        Some(url) => url.splitn(4, '/').nth(3).map_or_else(|| "/".to_owned(), |path| format!("/{path}")),
        None => "/".to_owned(),
    };
    let mut lines: Vec<String> = table
        .extras
        .iter()
        .filter_map(|extra| match &extra.recipe {
            Recipe::Redirect(room, id, _) => {
                let room = &table.rooms()[*room];
                let page = room.edition.page_at(id, room.at)?;
                Some(format!("{base}{} {base}{}{} 301\n", extra.path, room.folder, page.output))
            }
            _ => None,
        })
        .collect();
    lines.sort();
    lines.concat()
}

/// The pages of the base and of listed editions, each with its other languages.
fn sitemap(table: &Table, url: &str) -> String {
    let mut out = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\" xmlns:xhtml=\"http://www.w3.org/1999/xhtml\">\n",
    );
    let config = &table.handbook.config;
    for (at, room) in table.rooms().iter().enumerate() {
        if room.edition.id != EditionId::Base && !config.organisations.directory && !table.alone {
            continue;
        }
        for id in table.pages_of(at) {
            let Some(page) = room.edition.page_at(id, room.at) else { continue };
            let _ = write!(out, "<url><loc>{}{}{}</loc>", escaped(url), room.folder, page.output);
            if let Some(updated) = &page.updated {
                let _ = write!(out, "<lastmod>{updated}</lastmod>");
            }
            let others: Vec<(&Language, String)> = room
                .folders
                .iter()
                .enumerate()
                .filter_map(|(at, folder)| {
                    Some((
                        &config.languages[at],
                        format!("{}{}", folder.as_ref()?, room.edition.page_at(id, at)?.output),
                    ))
                })
                .collect();
            if others.len() > 1 {
                for (language, path) in others {
                    let _ = write!(
                        out,
                        "<xhtml:link rel=\"alternate\" hreflang=\"{language}\" href=\"{}{path}\"/>",
                        escaped(url)
                    );
                }
            }
            out.push_str("</url>\n");
        }
    }
    out.push_str("</urlset>\n");
    out
}

/// An Atom feed of the pages last updated, by their own dates.
fn feed(table: &Table, url: &str) -> String {
    let Some(room) = table.rooms().first() else { return String::new() };
    let view = room.view();
    let mut pages: Vec<_> = table
        .pages_of(0)
        .iter()
        .filter_map(|id| room.edition.page_at(id, room.at))
        .filter(|page| page.updated.is_some())
        .collect();
    pages.sort_by(|a, b| b.updated.cmp(&a.updated).then_with(|| a.id.cmp(&b.id)));
    let title = table.handbook.config.title.get(&room.language).map(|title| escaped(title)).unwrap_or_default();
    let newest = pages.first().and_then(|page| page.updated.as_deref()).unwrap_or("2000-01-01");
    let url = escaped(url);
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"{}\">\n<id>{url}</id>\n<title>{title}</title>\n<updated>{newest}T00:00:00Z</updated>\n<link rel=\"self\" href=\"{url}feed.xml\"/>\n<author><name>{}</name></author>\n",
        room.language,
        table.handbook.config.authors.first().map(|author| escaped(author)).unwrap_or(title.clone()),
    );
    for page in pages.iter().take(20) {
        let day = page.updated.as_deref().unwrap_or_default();
        let _ = writeln!(
            out,
            "<entry><id>{url}{folder}{output}</id><title>{}</title><updated>{day}T00:00:00Z</updated><link href=\"{url}{folder}{output}\"/><summary>{}</summary></entry>",
            view.text(&page.name),
            page.description.as_ref().map(|text| view.text(text)).unwrap_or_default(),
            folder = room.folder,
            output = page.output,
        );
    }
    out.push_str("</feed>\n");
    out
}
