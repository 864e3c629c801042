//! glossary.html: the terms with what they mean, and the links to them in prose (spec §4).

use std::fmt::Write;
use std::sync::Arc;

use crate::book::{Declarations, Language, Term};
use crate::render::content::{Among, Filling};
use crate::render::html::{escape, escape_url, escaped};
use crate::render::hyphens::label;
use crate::render::print;
use crate::render::sheet::{self, Listed, Sheet, sort_key};
use crate::render::stem::Stems;
use crate::render::table::{Room, Table};
use crate::render::view::View;

/// From this many terms on the list has links to its letters.
const LONG: usize = 30;

/// The page of a room.
pub fn page(table: &Table, room: &Room) -> String {
    let view = room.view();
    let mut content = String::new();
    letters(&mut content, &view);
    list(&mut content, &view, |id| anchor(id).to_owned());
    let sheet = Sheet {
        kind: "glossary",
        title: view.small.strings.get("glossary"),
        heading: "",
        meta: "",
        content: &|out| out.push_str(&content),
        listed: Listed::Yes,
    };
    sheet::html(table, room, &sheet)
}

/// The terms of a handbook in a language, else as the first language has them; sorted as readers look them up.
pub fn terms<'v>(view: &View<'v>) -> Vec<(&'v Arc<str>, &'v Term, &'v Language)> {
    let declarations: &'v Declarations = &view.edition.handbook.declarations;
    let mut terms: Vec<_> = declarations
        .glossary
        .keys()
        .filter_map(|id| term(declarations, id, view.language).map(|(language, term)| (id, term, language)))
        .collect();
    terms.sort_by_cached_key(|(id, term, _)| (sort_key(&term.term), Arc::clone(&term.term), Arc::clone(id)));
    terms
}

/// A term in a language, else as the first language has it.
pub fn term<'d>(declarations: &'d Declarations, id: &str, language: &str) -> Option<(&'d Language, &'d Term)> {
    let languages = declarations.glossary.get(id)?;
    let own = languages.iter().find(|(known, _)| **known == *language);
    own.or_else(|| languages.first()).map(|(language, term)| (language, term))
}

/// Where a term is explained, seen from a page whose language folder is at `root`. Where the author's own page
/// stands in the place of the glossary, a term that it does not name leads nowhere.
pub fn address(view: &View<'_>, id: &str, root: &str, among: Among) -> Option<String> {
    if among == Among::All {
        return Some(format!("#{}", print::term(id)));
    }
    match view.edition.page_at("glossary", view.at) {
        Some(page) if &*page.output == "glossary.html" && !page.has_anchor(id) => None,
        Some(page) if &*page.output == "glossary.html" => Some(format!("{root}glossary.html#{id}")),
        _ => Some(format!("{root}glossary.html#{}", anchor(id))),
    }
}

/// The terms that a page of their own explains, with their anchors on it.
pub fn explained<'v>(view: &View<'v>) -> Vec<(String, &'v Term)> {
    let anchor =
        |id: &str| address(view, id, "", Among::Alone).and_then(|address| Some(address.split_once('#')?.1.to_owned()));
    terms(view).into_iter().filter_map(|(id, term, _)| Some((anchor(id)?, term))).collect()
}

/// The id of a term on the generated page: its own, unless the shell has that id.
pub fn anchor(id: &str) -> &str {
    if id == "content" { "term-content" } else { id }
}

/// The list of terms; `named` gives the id of each.
pub fn list(out: &mut String, view: &View<'_>, named: fn(&str) -> String) {
    let strings = &view.small.strings;
    out.push_str("<dl>\n");
    for (id, term, language) in terms(view) {
        let foreign = if language == view.language { String::new() } else { format!(" lang=\"{language}\"") };
        let _ = write!(out, "<dt id=\"{}\"{foreign}>{}", escaped(&named(id)), escaped(&term.term));
        let also = synonyms(term, view.language);
        if !also.is_empty() {
            let _ = write!(
                out,
                " <span class=\"also\">({}: {})</span>",
                escaped(strings.get("glossary_also")),
                also.join(", ")
            );
        }
        let _ = write!(out, "</dt>\n<dd{foreign}>");
        escape(out, &term.text);
        out.push_str("</dd>\n");
    }
    out.push_str("</dl>\n");
}

/// What the terms that a page links mean, below its text.
pub fn on_page(out: &mut String, filling: &Filling<'_>) {
    let view = filling.view;
    if filling.linked.is_empty() {
        return;
    }
    let linked: Vec<_> = terms(view).into_iter().filter(|(id, ..)| filling.linked.contains(&***id)).collect();
    let _ = write!(
        out,
        "<section class=\"page-terms\" aria-labelledby=\"_terms\"><h2 id=\"_terms\">{}</h2>\n<dl>\n",
        label(&escaped(view.small.strings.get("terms")), view.language)
    );
    for (id, term, language) in linked {
        let Some(href) = address(view, id, filling.root, Among::Alone) else { continue };
        let foreign = if language == view.language { String::new() } else { format!(" lang=\"{language}\"") };
        let _ = write!(out, "<dt{foreign}><a href=\"");
        escape_url(out, &href);
        let _ = writeln!(out, "\">{}</a></dt>\n<dd{foreign}>{}</dd>", escaped(&term.term), escaped(&term.text));
    }
    out.push_str("</dl></section>\n");
}

/// The other words for a term; forms by which only the text is searched are none.
fn synonyms(term: &Term, language: &str) -> Vec<String> {
    let stems = Stems::of(language);
    let stem = |text: &str| -> Vec<String> { text.split_whitespace().map(|w| stems.stem(&w.to_lowercase())).collect() };
    let own = stem(&term.term);
    term.also.iter().filter(|word| stem(word) != own).map(|word| escaped(word)).collect()
}

/// Links to the first term of each letter, in a list that is long.
fn letters(out: &mut String, view: &View<'_>) {
    let terms = terms(view);
    if terms.len() < LONG {
        return;
    }
    let label = escaped(view.small.strings.get("register_letters"));
    let _ = write!(out, "<nav class=\"register-letters\" aria-label=\"{label}\"><ul>");
    let mut last = None;
    for (id, term, _) in terms {
        let letter = sort_key(&term.term).chars().next().map(|letter| letter.to_ascii_uppercase());
        if let Some(letter) = letter.filter(|_| letter != last) {
            let _ = write!(out, "<li><a href=\"#{}\">{letter}</a></li>", escaped(anchor(id)));
        }
        last = letter;
    }
    out.push_str("</ul></nav>\n");
}
