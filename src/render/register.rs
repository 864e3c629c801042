//! register.html: every heading and term from A to Z, then all pages in their order (spec §8).
//!
//! It is also where the search form leads without scripts.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::book::{Language, OutlineEntry, Pieces};
use crate::render::content::View;
use crate::render::glossary;
use crate::render::html::{escape, escape_url, escaped};
use crate::render::sheet::{self, Listed, Sheet, sort_key};
use crate::render::table::{Room, Table};

/// The page of a room.
pub fn page(table: &Table, room: &Room) -> String {
    let view = room.view();
    let strings = &view.small.strings;
    let mut content = String::new();
    letters(&mut content, &view, &entries(&view));
    let _ = writeln!(content, "<h2 id=\"_pages\">{}</h2>", escaped(strings.get("register_pages")));
    tree(&mut content, &view, None);
    let sheet = Sheet {
        kind: "register",
        title: strings.get("register"),
        heading: "",
        meta: "",
        content: &content,
        listed: Listed::Yes,
    };
    sheet::html(table, room, &sheet)
}

/// Something that readers look up. The order of the fields is the order of the register.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    key: String,
    text: String,
    href: String,
    place: String,
    language: Option<Language>,
}

/// Names of pages, headings and terms, sorted.
fn entries(view: &View<'_>) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut add = |text: &Pieces, href: String, place: &str, language: &Language| {
        let text = view.plain(text);
        if !text.is_empty() {
            let language = (language != view.language).then(|| language.clone());
            entries.push(Entry { key: sort_key(&text), text, href, place: place.to_owned(), language });
        }
    };
    for id in view.edition.outline.pages() {
        let Some(page) = view.edition.page_at(id, view.at) else { continue };
        let name = view.text(&page.name);
        add(&page.name, page.output.to_string(), "", &page.heading.language);
        for section in page.all_sections() {
            add(&section.heading.text, format!("{}#{}", page.output, section.id), &name, &section.heading.language);
        }
        for (_, part) in page.all_parts() {
            for heading in &part.fragment.headings {
                add(&heading.text, format!("{}#{}", page.output, heading.anchor), &name, &part.language);
            }
        }
    }
    let place = escaped(view.small.strings.get("glossary"));
    for (id, term, language) in glossary::terms(view) {
        add(&Pieces::fixed(&*term.term), format!("glossary.html#{}", glossary::anchor(id)), &place, language);
    }
    entries.sort();
    entries
}

/// The sections from A to Z, with a list of the letters before them. What starts with no letter
/// of the alphabet comes last.
fn letters(out: &mut String, view: &View<'_>, entries: &[Entry]) {
    let strings = &view.small.strings;
    let mut groups: BTreeMap<(bool, char), Vec<&Entry>> = BTreeMap::new();
    for entry in entries {
        let letter = entry.key.chars().next().filter(char::is_ascii_lowercase);
        groups.entry((letter.is_none(), letter.unwrap_or('0'))).or_default().push(entry);
    }
    let _ = write!(
        out,
        "<h2 id=\"_topics\">{}</h2>\n<nav class=\"register-letters\" aria-label=\"{}\"><ul>",
        escaped(strings.get("register_topics")),
        escaped(strings.get("register_letters"))
    );
    let name = |letter: char| if letter == '0' { "0–9".to_owned() } else { letter.to_ascii_uppercase().to_string() };
    for (_, letter) in groups.keys() {
        let _ = write!(out, "<li><a href=\"#letter-{letter}\">{}</a></li>", name(*letter));
    }
    out.push_str("</ul></nav>\n");
    for ((_, letter), entries) in &groups {
        let _ = write!(out, "<section class=\"section\" id=\"letter-{letter}\"><h3>{}</h3>\n<ul>\n", name(*letter));
        for entry in entries {
            out.push_str("<li><a href=\"");
            escape_url(out, &entry.href);
            out.push('"');
            if let Some(language) = &entry.language {
                let _ = write!(out, " lang=\"{language}\"");
            }
            out.push('>');
            escape(out, &entry.text);
            out.push_str("</a>");
            if !entry.place.is_empty() {
                let _ = write!(out, " <span class=\"where\">{}</span>", entry.place);
            }
            out.push_str("</li>\n");
        }
        out.push_str("</ul></section>\n");
    }
}

/// All pages as nested lists.
fn tree(out: &mut String, view: &View<'_>, parent: Option<usize>) {
    let outline = &view.edition.outline;
    let entries = outline.children(parent);
    if entries.is_empty() {
        return;
    }
    out.push_str(if parent.is_none() { "<ul class=\"tree\">\n" } else { "\n<ul>\n" });
    for &at in entries {
        match &outline.nodes[at].entry {
            OutlineEntry::Page(id) => {
                let Some(page) = view.edition.page_at(id, view.at) else { continue };
                out.push_str("<li><a href=\"");
                escape_url(out, &page.output);
                out.push('"');
                if page.heading.language != *view.language {
                    let _ = write!(out, " lang=\"{}\"", page.heading.language);
                }
                let _ = write!(out, ">{}</a>", view.text(&page.name));
            }
            OutlineEntry::Part(title) | OutlineEntry::Announced(title) => {
                out.push_str("<li class=\"part\">");
                escape(out, title.get(view.language).map_or("", |title| title));
            }
        }
        // As deep as the author nests pages.
        tree(out, view, Some(at));
        out.push_str("</li>\n");
    }
    out.push_str("</ul>\n");
}
