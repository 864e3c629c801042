//! A generated page of an edition: a title and a text in the shell of its kind.

use std::fmt::Write;

use crate::render::html::{escape, escaped};
use crate::render::hyphens::{label, softened};
use crate::render::navigation;
use crate::render::page::{self, Parts};
use crate::render::stencil::Gap;
use crate::render::table::{Room, Table};

/// What stands on a generated page. It lies in the language folder of its edition.
pub struct Sheet<'s> {
    /// The kind, which is also the name of the file without `.html`.
    pub kind: &'static str,
    /// Its name, as plain text.
    pub title: &'s str,
    /// The h1, as plain text; empty: the name.
    pub heading: &'s str,
    /// Lines below the title, as HTML.
    pub meta: &'s str,
    /// Writes the text, as HTML.
    pub content: &'s dyn Fn(&mut String),
    /// Whether search engines may list it.
    pub listed: Listed,
}

/// Whether search engines may list a page.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Listed {
    /// They may.
    Yes,
    /// It repeats what stands elsewhere.
    No,
}

/// The HTML of a generated page.
pub fn html(table: &Table, room: &Room, sheet: &Sheet<'_>) -> String {
    let Some(shell) = room.shells.get(sheet.kind) else { return String::new() };
    let view = room.view();
    let top = &*room.up;
    let title = escaped(sheet.title);
    let mut head = String::new();
    page::title(&mut head, &title, &view, &table.handbook.config);
    page::policy(&mut head, &table.csp);
    if sheet.listed == Listed::No {
        head.push_str("<meta name=\"robots\" content=\"noindex\">\n");
    }
    if let Some(url) = table.site_url.as_deref().filter(|url| !url.starts_with('/')) {
        head.push_str("<link rel=\"canonical\" href=\"");
        escape(&mut head, url);
        let _ = writeln!(head, "{}{}.html\">", room.folder, sheet.kind);
    }
    let h1 = if sheet.heading.is_empty() { title } else { escaped(sheet.heading) };
    let is_soft = sheet.kind != "print";
    let heading = page::h1(&view, &if is_soft { label(&h1, view.language) } else { h1 });
    let items = navigation::top_level(&view, "");
    let mut nav = String::new();
    view.small.nav.fill(&mut nav, |gap| if gap == Gap::Items { items.as_str() } else { "" });
    let languages: Vec<String> = room
        .folders
        .iter()
        .map(|folder| folder.as_ref().map_or(String::new(), |folder| format!("{top}{folder}{}.html", sheet.kind)))
        .collect();
    Parts {
        root: "",
        top,
        page: sheet.kind,
        head: &head,
        title: &heading,
        nav: &nav,
        meta: sheet.meta,
        contents: "",
        content: &|out| match is_soft {
            true => {
                let mut content = String::new();
                (sheet.content)(&mut content);
                out.push_str(&softened(&content, view.language));
            }
            false => (sheet.content)(out),
        },
        neighbours: "",
        languages: &languages,
    }
    .put_together(shell)
}

/// The key by which readers look something up: without case, accents and opening marks.
pub fn sort_key(text: &str) -> String {
    let plain = deunicode::deunicode(text).to_lowercase();
    plain.trim_start_matches(|c: char| !c.is_alphanumeric()).to_owned()
}
