//! print.html: the whole handbook of an edition on one page, for paper and for PDF.
//!
//! Every page is a chapter whose id is the page's, so that `print.html#praktijk/kanalen` leads to it.
//! The ids of its text get the page before them; links between pages stay in the document.

use std::collections::BTreeSet;
use std::fmt::Write;

use memchr::memchr;

use crate::book::{Edition, OutlineEntry, Page};
use crate::render::assets;
use crate::render::content::{Among, As, Filling};
use crate::render::glossary;
use crate::render::html::{escape, escape_url, escaped, in_url};
use crate::render::sheet::{self, Listed, Sheet};
use crate::render::table::{Room, Table};
use crate::render::tags::{attributes, for_each_tag};
use crate::render::values;
use crate::render::view::View;

/// The id of a term.
pub fn term(id: &str) -> String {
    format!("_glossary:{id}")
}

/// The id of an anchor of a page.
pub fn id(page: &str, anchor: &str) -> String {
    format!("{page}:{anchor}")
}

/// The page of a room.
pub fn page(table: &Table, room: &Room) -> String {
    let view = room.view();
    let strings = &view.small.strings;
    let chapters = chapters(&view);
    let content = |out: &mut String| {
        // Growing by and by would touch twice the memory, and it is the largest file of a site. Where there is no such
        // room, what is really needed may still fit.
        out.try_reserve(length(&chapters)).ok();
        cover(out, &view, &room.up);
        contents(out, &view, &chapters);
        for chapter in &chapters {
            text(out, &view, chapter, &room.up);
        }
        if !view.edition.handbook.declarations.glossary.is_empty() {
            let _ = writeln!(
                out,
                "<section class=\"print-glossary\" aria-labelledby=\"_glossary\"><h2 id=\"_glossary\">{}</h2>",
                escaped(strings.get("glossary"))
            );
            glossary::list(out, &view, term);
            out.push_str("</section>\n");
        }
        signoff(out, &view, &chapters);
    };
    let title = strings.get("print");
    let heading = table.handbook.config.title.get(&room.language).map_or(title, |heading| heading);
    sheet::html(table, room, &Sheet { kind: "print", title, heading, meta: "", content: &content, listed: Listed::No })
}

/// About how long the whole text becomes, rather too much than too little: its ids get longer.
fn length(chapters: &[Chapter<'_>]) -> usize {
    let of_page = |chapter: &Chapter<'_>| match chapter.content {
        Content::Page(page) => page.texts().map(|pieces| pieces.text.len() + 256).sum::<usize>(),
        Content::Part => 0,
    };
    chapters.iter().map(of_page).sum::<usize>() / 2 * 3
}

/// An entry of the outline as print shows it.
struct Chapter<'v> {
    /// `3.1`; empty for a title over chapters.
    number: String,
    /// The name, as HTML.
    name: String,
    depth: usize,
    content: Content<'v>,
}

enum Content<'v> {
    Page(&'v Page),
    Part,
}

fn chapters<'v>(view: &View<'v>) -> Vec<Chapter<'v>> {
    let outline = &view.edition.outline;
    let mut counts: Vec<usize> = Vec::new();
    let mut chapters = Vec::new();
    for (at, node) in outline.nodes.iter().enumerate() {
        let above = outline.ancestors(at);
        let depth = above.iter().filter(|at| outline.nodes[**at].page().is_some()).count();
        match &node.entry {
            OutlineEntry::Page(id) => {
                let Some(page) = view.edition.page_at(id, view.at) else { continue };
                counts.truncate(depth + 1);
                counts.resize(depth + 1, 0);
                counts[depth] += 1;
                let number = counts.iter().map(usize::to_string).collect::<Vec<_>>().join(".");
                // Pages below it come after its own headings, so no number is there twice.
                counts.push(headings(page));
                chapters.push(Chapter { number, name: view.text(&page.name), depth, content: Content::Page(page) });
            }
            OutlineEntry::Part(title) => {
                let name = title.get(view.language).map(|title| escaped(title)).unwrap_or_default();
                chapters.push(Chapter { number: String::new(), name, depth, content: Content::Part });
            }
            OutlineEntry::Announced(_) => {}
        }
    }
    chapters
}

/// How many headings of the highest level a page's text has.
fn headings(page: &Page) -> usize {
    let inner = page.all_parts().flat_map(|(_, part)| &part.fragment.headings).map(|heading| heading.level);
    inner.chain(page.all_sections().map(|section| section.level)).filter(|level| *level == 2).count()
}

/// What it is, whose, and from when: by the pages' own dates, never by the clock. The title above it is the page's.
fn cover(out: &mut String, view: &View<'_>, top: &str) {
    let config = &view.edition.handbook.config;
    let strings = &view.small.strings;
    out.push_str("<div class=\"cover\">\n");
    if let Some((path, Some((width, height)))) = assets::logo(view.edition) {
        // Whose it is stands below it in words.
        let _ = write!(out, "<img src=\"{top}{path}\" width=\"{width}\" height=\"{height}\" alt=\"\">");
    }
    if view.edition.id.organisation().is_some() {
        let _ = writeln!(out, "<p class=\"lead\">{}</p>", escaped(view.edition.name(view.language)));
    }
    out.push_str("<div class=\"cover-foot\">\n");
    if let Some(version) = &config.version {
        let _ =
            writeln!(out, "<p class=\"cover-version\">{} {}</p>", escaped(strings.get("version")), escaped(version));
    }
    if let Some(date) = newest(view.edition, view.at) {
        let text = strings.get("print_date").replace("{date}", &date);
        let _ = writeln!(out, "<p class=\"cover-date\">{}</p>", escaped(&text));
    }
    out.push_str("</div>\n</div>\n");
}

/// The day on which a page of an edition was last updated, in words.
pub fn newest(edition: &Edition, at: usize) -> Option<String> {
    let pages = edition.outline.pages().filter_map(|id| edition.page_at(id, at));
    let day = pages.filter_map(|page| page.updated.as_deref()).max()?.parse().ok()?;
    Some(values::date(day, edition.handbook.config.languages.get(at)?))
}

fn contents(out: &mut String, view: &View<'_>, chapters: &[Chapter<'_>]) {
    let title = escaped(view.small.strings.get("print_contents"));
    let _ = write!(
        out,
        "<nav class=\"print-toc\" aria-labelledby=\"_print-contents\"><h2 id=\"_print-contents\">{title}</h2>\n<ol class=\"print-contents\">\n"
    );
    for Chapter { number, name, depth, content } in chapters {
        match content {
            Content::Page(page) => {
                let _ = write!(out, "<li data-depth=\"{depth}\"><a href=\"#");
                escape_url(out, &in_url(&page.id));
                let _ = writeln!(out, "\"><span class=\"number\">{number}</span> {name}</a></li>");
            }
            Content::Part => {
                let _ = writeln!(out, "<li class=\"part\">{name}</li>");
            }
        }
    }
    out.push_str("</ol></nav>\n");
}

/// A page as a chapter.
fn text(out: &mut String, view: &View<'_>, chapter: &Chapter<'_>, top: &str) {
    let Chapter { number, depth, content: Content::Page(page), .. } = chapter else { return };
    let mut filling = Filling::new(view, page, "", top);
    filling.among = Among::All;
    let mut heading = String::new();
    filling.pieces(&mut heading, &page.heading.html, None, As::Html);
    let mut text = String::with_capacity(16 << 10);
    filling.page_text(&mut text);
    let id = escaped(&page.id);
    let _ = write!(out, "<section class=\"chapter\" id=\"{id}\" data-depth=\"{depth}\"");
    if !page.audience.is_empty() {
        // The script takes the words apart at spaces.
        let words: Vec<String> =
            page.audience.iter().map(|word| word.split_whitespace().collect::<Vec<_>>().join("-")).collect();
        let _ = write!(out, " data-audience=\"{}\"", escaped(&words.join(" ")));
    }
    out.push_str(">\n<h2");
    if page.heading.language != *view.language {
        let _ = write!(out, " lang=\"{}\"", page.heading.language);
    }
    if let Some(anchor) = page.title_anchor() {
        let _ = write!(out, " id=\"{}\"", escaped(&self::id(&page.id, anchor)));
    }
    let _ = writeln!(out, "><span class=\"number\">{number}</span> {heading}</h2>");
    numbered(out, &text, page, number);
    out.push_str("</section>\n");
}

/// A sheet to go through together: the chapters of the top level, what is agreed, and room for names.
fn signoff(out: &mut String, view: &View<'_>, chapters: &[Chapter<'_>]) {
    let strings = &view.small.strings;
    let word = |key: &str| escaped(strings.get(key));
    let table = |out: &mut String, heads: &[&str]| {
        out.push_str(
            "<div class=\"table\" role=\"group\" tabindex=\"0\" aria-labelledby=\"_signoff\"><table>\n<thead><tr>",
        );
        for head in heads {
            let _ = write!(out, "<th scope=\"col\">{}</th>", word(head));
        }
        out.push_str("</tr></thead>\n<tbody>\n");
    };
    let end = "</tbody>\n</table></div>\n";
    let _ = writeln!(
        out,
        "<section class=\"signoff\" aria-labelledby=\"_signoff\"><h2 id=\"_signoff\">{}</h2>\n<p>{}</p>",
        word("print_signoff"),
        word("print_signoff_text"),
    );
    table(out, &["print_signoff_read", "print_signoff_date", "print_signoff_initials"]);
    for chapter in chapters.iter().filter(|chapter| chapter.depth == 0 && !chapter.number.is_empty()) {
        let _ = writeln!(out, "<tr><td>{} {}</td><td></td><td></td></tr>", chapter.number, chapter.name);
    }
    out.push_str(end);
    table(out, &["print_signoff_item", "print_signoff_date", "print_signoff_initials"]);
    for (label, value) in agreed(view) {
        let label = escaped(&values::capitalised(&label));
        let _ = writeln!(out, "<tr><td>{label}: {}</td><td></td><td></td></tr>", escaped(&value));
    }
    out.push_str(&"<tr><td></td><td></td><td></td></tr>\n".repeat(2));
    out.push_str(end);
    table(out, &["print_signoff_name", "print_signoff_place", "print_signoff_signature"]);
    out.push_str(&"<tr><td></td><td></td><td></td></tr>\n".repeat(3));
    out.push_str(end);
    out.push_str("</section>\n");
}

/// The values that the organisation gave, with what they are called.
fn agreed(view: &View<'_>) -> Vec<(String, String)> {
    let edition = view.edition;
    let declarations = &edition.handbook.declarations;
    declarations
        .parameters
        .iter()
        .filter_map(|field| {
            let label = field.label.get(view.language)?;
            let value = edition.values.get(&field.name)?.get(view.language)?;
            let text = values::text(value, None, Some(&field.kind), view.language, &view.small.strings)?;
            Some((label.to_string(), text.into_owned()))
        })
        .collect()
}

/// Attributes that name ids of the same document.
const NAMING: [&str; 7] =
    ["id", "for", "aria-labelledby", "aria-describedby", "aria-controls", "popovertarget", "headers"];

/// A page's text as part of a larger document: ids get the page before them, headings are one level
/// lower, and numbered down to the third.
fn numbered(out: &mut String, html: &str, page: &Page, number: &str) {
    let mut own: BTreeSet<&str> = page.title_anchor().into_iter().map(|anchor| &**anchor).collect();
    let page = &*page.id;
    // Most tags stay as they are, with the text around them.
    let mut tags = Vec::new();
    for_each_tag(html, |at, tag| {
        let level = heading_level(tag);
        let has_attributes = memchr(b'=', tag.as_bytes()).is_some();
        if has_attributes {
            own.extend(attributes(tag).filter(|(name, _)| name.eq_ignore_ascii_case("id")).map(|(_, id)| id));
        }
        if has_attributes || level.is_some() {
            tags.push((at, tag, level));
        }
    });
    let mut counts = [0usize; 7];
    let mut from = 0;
    for (at, tag, level) in tags {
        out.push_str(&html[from..at]);
        from = at + tag.len();
        match level {
            Some((level, _)) => {
                let lower = (level + 1).min(6);
                let rest = if tag.starts_with("</") { &tag[4..] } else { &tag[3..] };
                let _ = write!(out, "{}h{lower}", if tag.starts_with("</") { "</" } else { "<" });
                rewritten(out, rest, page, &own);
            }
            None => rewritten(out, tag, page, &own),
        }
        if let Some((level, true)) = level {
            counts[level] += 1;
            counts[level + 1..].fill(0);
            if level > 3 {
                continue;
            }
            let below: String =
                counts[2..=level].iter().filter(|count| **count > 0).map(|count| format!(".{count}")).collect();
            let _ = write!(out, "<span class=\"number\">{number}{below}</span> ");
        }
    }
    out.push_str(&html[from..]);
}

/// The level of a heading's tag, and whether it opens.
fn heading_level(tag: &str) -> Option<(usize, bool)> {
    let (name, opens) = match tag.strip_prefix("</") {
        Some(name) => (name, false),
        None => (tag.strip_prefix('<')?, true),
    };
    let mut letters = name.chars();
    let level = letters.next().filter(|c| c.eq_ignore_ascii_case(&'h')).and_then(|_| letters.next()?.to_digit(10))?;
    let ends = letters.next().is_some_and(|c| c == '>' || c.is_whitespace());
    (ends && (1..=6).contains(&level)).then_some((level.max(2) as usize, opens))
}

/// A tag with the ids that it has or names made the page's own.
fn rewritten(out: &mut String, tag: &str, page: &str, own: &BTreeSet<&str>) {
    let start = tag.as_ptr() as usize;
    let mut from = 0;
    for (name, value) in attributes(tag) {
        let at = value.as_ptr() as usize - start;
        let naming = NAMING.iter().any(|known| name.eq_ignore_ascii_case(known));
        if naming && !value.is_empty() {
            out.push_str(&tag[from..at]);
            for (number, word) in value.split_ascii_whitespace().enumerate() {
                out.push_str(if number > 0 { " " } else { "" });
                escape(out, page);
                out.push(':');
                out.push_str(word);
            }
            from = at + value.len();
        } else if let Some(anchor) = value.strip_prefix('#').filter(|_| name.eq_ignore_ascii_case("href")) {
            let decoded = decoded(anchor);
            if own.contains(anchor) || own.contains(decoded.as_str()) {
                out.push_str(&tag[from..at]);
                out.push('#');
                escape_url(out, &in_url(page));
                out.push(':');
                out.push_str(anchor);
                from = at + value.len();
            }
        }
    }
    out.push_str(&tag[from..]);
}

/// An address's `%C3%A9` as text.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = (*first == b'%').then(|| after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok())).flatten();
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
