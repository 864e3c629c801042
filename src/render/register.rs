//! register.html: all pages in their order, and every heading and term from A to Z (spec §8).
//!
//! It is also where the search form leads without scripts, so the letters stand before all else. The
//! tree comes first since it says the order: who reads the links of the page reads it.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use crate::book::{Language, OutlineEntry};
use crate::render::glossary;
use crate::render::html::{escape, escape_url, escaped};
use crate::render::sheet::{self, Listed, Sheet, sort_key};
use crate::render::table::{Room, Table};
use crate::render::view::View;

/// The page of a room.
pub fn page(table: &Table, room: &Room) -> String {
    let view = room.view();
    let strings = &view.small.strings;
    let mut content = String::new();
    let groups = letters(entries(&view));
    let names: Vec<char> = groups.keys().map(|(_, letter)| *letter).collect();
    let _ = write!(
        content,
        "<nav class=\"register-letters\" aria-label=\"{}\"><ul>",
        escaped(strings.get("register_letters"))
    );
    for letter in names {
        let _ = write!(content, "<li><a href=\"#letter-{letter}\">{}</a></li>", name(letter));
    }
    content.push_str("</ul></nav>\n");
    let _ = writeln!(content, "<h2 id=\"_pages\">{}</h2>", escaped(strings.get("register_pages")));
    tree(&mut content, &view, None);
    let _ = writeln!(content, "<h2 id=\"_topics\">{}</h2>", escaped(strings.get("register_topics")));
    for ((_, letter), entries) in &groups {
        section(&mut content, *letter, entries);
    }
    let sheet = Sheet {
        kind: "register",
        title: strings.get("register"),
        heading: "",
        meta: "",
        content: &|out| out.push_str(&content),
        listed: Listed::Yes,
    };
    sheet::html(table, room, &sheet)
}

/// Something that readers look up. The order of the fields is the order of the register.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Entry<'e> {
    key: String,
    lower: String,
    language: Option<&'e Language>,
    /// The page that it stands on; empty for a page itself.
    place: Arc<str>,
    text: String,
    /// Where it leads: an output, and an anchor in it.
    output: &'e str,
    anchor: &'e str,
}

/// Names of pages, headings and terms, sorted.
fn entries<'e>(view: &View<'e>) -> Vec<Entry<'e>> {
    let mut entries = Vec::new();
    let mut add = |text: String, (output, anchor): (&'e str, &'e str), place: &Arc<str>, language: &'e Language| {
        if !text.is_empty() {
            let language = (language != view.language).then_some(language);
            let (key, lower) = (sort_key(&text), text.to_lowercase());
            entries.push(Entry { key, lower, language, place: Arc::clone(place), text, output, anchor });
        }
    };
    let nowhere: Arc<str> = "".into();
    for id in view.edition.outline.pages() {
        let Some(page) = view.edition.page_at(id, view.at) else { continue };
        let name = view.plain(&page.name);
        let place: Arc<str> = name.as_str().into();
        add(name, (&page.output, ""), &nowhere, &page.heading.language);
        for section in page.all_sections() {
            let heading = &section.heading;
            add(view.plain(&heading.text), (&page.output, &*section.id), &place, &heading.language);
        }
        for (_, part) in page.all_parts() {
            for heading in &part.fragment.headings {
                add(view.plain(&heading.text), (&page.output, &*heading.anchor), &place, &part.language);
            }
        }
    }
    let place = view.small.strings.get("glossary").into();
    for (id, term, language) in glossary::terms(view) {
        add(term.term.to_string(), ("glossary.html", glossary::anchor(id)), &place, language);
    }
    // Entries that are alike in all are one entry for whoever reads them.
    entries.sort_unstable();
    entries
}

/// The entries by letter; what starts with none of the alphabet comes last.
fn letters(entries: Vec<Entry<'_>>) -> BTreeMap<(bool, char), Vec<Entry<'_>>> {
    let mut groups: BTreeMap<(bool, char), Vec<Entry<'_>>> = BTreeMap::new();
    for entry in entries {
        let letter = entry.key.chars().next().filter(char::is_ascii_lowercase);
        groups.entry((letter.is_none(), letter.unwrap_or('0'))).or_default().push(entry);
    }
    groups
}

fn name(letter: char) -> String {
    if letter == '0' { "0–9".to_owned() } else { letter.to_ascii_uppercase().to_string() }
}

/// The entries of a letter: one for each wording, with every place where it stands.
fn section(out: &mut String, letter: char, entries: &[Entry<'_>]) {
    let _ = write!(out, "<section class=\"section\" id=\"letter-{letter}\"><h3>{}</h3>\n<ul>\n", name(letter));
    for same in entries.chunk_by(|a, b| a.lower == b.lower && a.language == b.language) {
        out.push_str("<li>");
        match same {
            [entry] => {
                link(out, entry, &entry.text);
                if !entry.place.is_empty() {
                    let _ = write!(out, " <span class=\"where\">{}</span>", escaped(&entry.place));
                }
            }
            [first, ..] => {
                escape(out, &first.text);
                for (at, entry) in same.iter().enumerate() {
                    out.push_str(if at == 0 { ": " } else { " · " });
                    link(out, entry, if entry.place.is_empty() { &entry.text } else { &entry.place });
                }
            }
            [] => {}
        }
        out.push_str("</li>\n");
    }
    out.push_str("</ul></section>\n");
}

fn link(out: &mut String, entry: &Entry<'_>, text: &str) {
    out.push_str("<a href=\"");
    escape_url(out, entry.output);
    if !entry.anchor.is_empty() {
        out.push('#');
        escape_url(out, entry.anchor);
    }
    out.push('"');
    if let Some(language) = &entry.language {
        let _ = write!(out, " lang=\"{language}\"");
    }
    out.push('>');
    escape(out, text);
    out.push_str("</a>");
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
