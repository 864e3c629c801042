//! What hosts, search engines and feed readers ask for: robots.txt, _headers, _redirects, sitemap.xml, feed.xml.

use std::fmt::Write;

use crate::book::{EditionId, Language};
use crate::render::html::escaped;
use crate::render::site::edition_folder;
use crate::render::table::{Maker, Recipe, Room, Table};

/// The files by name, and how each is made, from the base's first room.
pub fn files(table: &Table) -> Vec<(&'static str, Maker)> {
    let mut files: Vec<(&'static str, Maker)> = vec![
        (".nojekyll", |_, _| String::new()),
        ("robots.txt", robots),
        ("_headers", headers),
        ("_redirects", redirects),
    ];
    if table.full_url().is_some() {
        files.extend([("sitemap.xml", sitemap as Maker), ("feed.xml", feed)]);
    }
    files
}

/// Whether an edition is told of together with the others.
fn is_listed(table: &Table, room: &Room) -> bool {
    room.edition.id == EditionId::Base || table.handbook.config.organisations.directory || table.alone
}

fn robots(table: &Table, _: &Room) -> String {
    let sitemap = table.full_url().map(|url| format!("Sitemap: {url}sitemap.xml\n")).unwrap_or_default();
    format!("User-agent: *\nAllow: /\n{sitemap}")
}

fn headers(table: &Table, _: &Room) -> String {
    format!(
        "/*\n  Content-Security-Policy: {}; frame-ancestors 'none'\n  X-Content-Type-Options: nosniff\n  Referrer-Policy: no-referrer\n{}assets/*\n  Cache-Control: public, max-age=31536000, immutable\n",
        table.csp,
        table.base_path()
    )
}

fn redirects(table: &Table, _: &Room) -> String {
    let base = table.base_path();
    let mut lines: Vec<String> = table
        .extras
        .iter()
        .filter_map(|extra| match &extra.recipe {
            Recipe::Redirect(room, id, _) => {
                let room = Some(&table.rooms()[*room]).filter(|room| is_listed(table, room))?;
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
fn sitemap(table: &Table, _: &Room) -> String {
    let url = table.full_url().unwrap_or_default();
    let mut out = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\" xmlns:xhtml=\"http://www.w3.org/1999/xhtml\">\n",
    );
    let config = &table.handbook.config;
    let mut starts: Vec<String> = Vec::new();
    if !config.single_language {
        let listed = table.rooms().iter().filter(|room| is_listed(table, room));
        starts.extend(listed.map(|room| format!("{}index.html", edition_folder(&room.edition.id, table.alone))));
        starts.dedup();
    }
    for path in starts {
        let _ = writeln!(out, "<url><loc>{}{path}</loc></url>", escaped(url));
    }
    for (at, room) in table.rooms().iter().enumerate().filter(|(_, room)| is_listed(table, room)) {
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
fn feed(table: &Table, room: &Room) -> String {
    let url = table.full_url().unwrap_or_default();
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
