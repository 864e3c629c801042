//! coverage.html, coverage.json and coverage.csv at the root of the output (spec §8).

use std::fmt::Write;

use crate::book::{Edition, EditionId};
use crate::render::content::change_id;
use crate::render::coverage::{Coverage, State, States};
use crate::render::html::{escape_url, escaped};
use crate::render::hyphens::{label, softened};
use crate::render::page::{self, Parts};
use crate::render::stencil::Gap;
use crate::render::table::{Extra, Maker, Recipe, Room, Table};
use crate::render::view::View;
use crate::render::{navigation, site};

/// Above this number of cells the page shows only those that deviate.
const MANY: usize = 40_000;

/// Whether a site with this edition has a coverage: the base's, when its start page lists organisations.
pub fn is_made(edition: &Edition) -> bool {
    let handbook = &edition.handbook;
    edition.id == EditionId::Base
        && handbook.config.organisations.directory
        && handbook.layers.values().any(|layer| !layer.is_abstract)
}

/// Adds the three files; what they say is worked out when the first is asked for.
pub fn add(table: &mut Table) {
    let made = table.rooms().first().is_some_and(|room| is_made(&room.edition));
    if !made || table.alone {
        return;
    }
    let files: [(&str, Maker); 3] = [
        ("coverage.json", |table, _| table.coverage().json()),
        ("coverage.csv", |table, _| table.coverage().csv()),
        ("coverage.html", |table, room| html(table, room, table.coverage())),
    ];
    for (path, make) in files {
        table.extras.push(Extra { path: path.into(), edition: None, recipe: Recipe::Made(0, make) });
    }
}

fn html(table: &Table, room: &Room, coverage: &Coverage) -> String {
    let Some(shell) = room.shells.get("coverage") else { return String::new() };
    let view = room.view();
    let strings = &view.small.strings;
    let title = escaped(strings.get("coverage"));
    let mut head = String::new();
    page::title(&mut head, &title, &view, &table.handbook.config);
    page::policy(&mut head, &table.csp);
    head.push_str("<meta name=\"robots\" content=\"noindex\">\n");
    let heading = page::h1(&view, &label(&title, view.language));
    let root = &*room.folder;
    let items = navigation::top_level(&view, root);
    let mut nav = String::new();
    view.small.nav.fill(&mut nav, |gap| if gap == Gap::Items { items.as_str() } else { "" });
    let folders = room.folders.iter();
    let languages: Vec<String> =
        folders.map(|folder| folder.as_ref().map_or(String::new(), |folder| format!("{folder}index.html"))).collect();
    let content = content(&view, table, coverage);
    Parts {
        root,
        top: "",
        page: "coverage",
        head: &head,
        title: &heading,
        nav: &nav,
        meta: "",
        contents: "",
        content: &|out| out.push_str(&softened(&content, view.language)),
        neighbours: "",
        languages: &languages,
    }
    .put_together(shell)
}

fn content(view: &View<'_>, table: &Table, coverage: &Coverage) -> String {
    let strings = &view.small.strings;
    let word = |key: &str| escaped(strings.get(key));
    let mut out = format!("<p class=\"lead\">{}</p>\n", word("coverage_text"));
    let _ =
        writeln!(out, "<p><a href=\"coverage.csv\">coverage.csv</a> · <a href=\"coverage.json\">coverage.json</a></p>");
    let _ = writeln!(out, "<h2 id=\"_organisations\">{}</h2>", word("start_organisations"));
    let organisations = coverage.rows.iter().map(|(edition, states)| {
        let href = format!("{}changes.html", folder(edition, view, table));
        (link(&href, edition.name(first_language(edition))), states.to_vec())
    });
    totals(&mut out, view, "coverage_organisation", organisations);
    let _ = writeln!(out, "<h2 id=\"_pages\">{}</h2>", word("register_pages"));
    let pages = coverage.pages.iter().enumerate().map(|(at, id)| {
        let states = coverage.rows.iter().filter_map(|(_, states)| states.get(at).copied()).collect();
        (page_link(view, id), states)
    });
    totals(&mut out, view, "coverage_page", pages);
    let _ = writeln!(out, "<h2 id=\"_cells\">{}</h2>", word("coverage_cells"));
    if coverage.rows.len() * coverage.pages.len() > MANY {
        let _ = writeln!(out, "<p>{}</p>", word("coverage_deviating"));
        list(&mut out, view, table, coverage);
    } else {
        matrix(&mut out, view, table, coverage);
    }
    out
}

/// A line per organisation or page: how often it is in each state.
fn totals(out: &mut String, view: &View<'_>, label: &str, lines: impl Iterator<Item = (String, Vec<States>)>) {
    let word = |key: &str| escaped(view.small.strings.get(key));
    let _ = write!(
        out,
        "<div class=\"table\" role=\"group\" tabindex=\"0\" aria-label=\"{}\"><table class=\"coverage-totals\" data-sortable>\n<thead><tr><th scope=\"col\">{}</th>",
        word("table"),
        word(label)
    );
    for state in State::ALL {
        let _ = write!(out, "<th scope=\"col\">{}</th>", word(&format!("state_{}", state.as_str())));
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    let mut sums = [0; State::ALL.len()];
    for (name, states) in lines {
        let _ = write!(out, "<tr><th scope=\"row\">{name}</th>");
        for (state, sum) in State::ALL.into_iter().zip(&mut sums) {
            let count = states.iter().filter(|states| states.iter().any(|known| known == state)).count();
            *sum += count;
            out.push_str(&number(count));
        }
        out.push_str("</tr>\n");
    }
    let _ = write!(out, "</tbody>\n<tfoot><tr><th scope=\"row\">{}</th>", word("coverage_total"));
    for sum in sums {
        out.push_str(&number(sum));
    }
    out.push_str("</tr></tfoot>\n</table></div>\n");
}

/// A count, where nothing stands back.
fn number(count: usize) -> String {
    if count == 0 { "<td class=\"muted\">–</td>".to_owned() } else { format!("<td>{count}</td>") }
}

/// Pages down, organisations across.
fn matrix(out: &mut String, view: &View<'_>, table: &Table, coverage: &Coverage) {
    let word = |key: &str| escaped(view.small.strings.get(key));
    let _ = write!(
        out,
        "<div class=\"table\" role=\"group\" tabindex=\"0\" aria-label=\"{}\"><table class=\"coverage-cells\">\n<thead><tr><th scope=\"col\">{}</th>",
        word("coverage_cells"),
        word("coverage_page")
    );
    let folders: Vec<String> = coverage.rows.iter().map(|(edition, _)| folder(edition, view, table)).collect();
    for (edition, _) in &coverage.rows {
        let _ = write!(out, "<th scope=\"col\">{}</th>", escaped(edition.name(first_language(edition))));
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for (at, id) in coverage.pages.iter().enumerate() {
        let _ = write!(out, "<tr><th scope=\"row\">{}</th>", page_link(view, id));
        for ((edition, states), folder) in coverage.rows.iter().zip(&folders) {
            let Some(states) = states.get(at) else { continue };
            let _ =
                write!(out, "<td data-state=\"{}\">{}</td>", states.words(), cell(view, edition, id, *states, folder));
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody>\n</table></div>\n");
}

/// The cells that deviate, by organisation.
fn list(out: &mut String, view: &View<'_>, table: &Table, coverage: &Coverage) {
    for (edition, states) in &coverage.rows {
        let folder = folder(edition, view, table);
        let deviating: Vec<_> = coverage.pages.iter().zip(states).filter(|(_, states)| !states.is_same()).collect();
        let _ = writeln!(
            out,
            "<details><summary>{} ({})</summary>\n<ul>",
            escaped(edition.name(first_language(edition))),
            deviating.len()
        );
        for (id, states) in deviating {
            let cell = cell(view, edition, id, *states, &folder);
            let _ = writeln!(out, "<li data-state=\"{}\">{}: {cell}</li>", states.words(), page_link(view, id));
        }
        out.push_str("</ul>\n</details>\n");
    }
}

/// The states in words, with a link to what they mean in this edition.
fn cell(view: &View<'_>, edition: &Edition, id: &str, states: States, folder: &str) -> String {
    let words: Vec<&str> = states.iter().map(|state| view.small.strings.get(STRINGS[state as usize])).collect();
    let words = words.join(", ");
    let changed =
        states.iter().any(|state| matches!(state, State::Extended | State::Replaced | State::Removed | State::Stale));
    let page = edition.page_at(id, edition.first_at());
    match (changed, page) {
        (true, Some(_)) => link(&format!("{folder}changes.html#_page-{}", change_id(id, None)), &words),
        (true, None) => link(&format!("{folder}changes.html#_removed"), &words),
        (false, Some(page)) if !states.is_same() => link(&format!("{folder}{}", page.output), &words),
        (false, _) => escaped(&words),
    }
}

/// The words for the states, in their order.
const STRINGS: [&str; 7] =
    ["state_same", "state_filled", "state_extended", "state_replaced", "state_removed", "state_stale", "state_finding"];

fn link(href: &str, text: &str) -> String {
    let mut out = String::from("<a href=\"");
    escape_url(&mut out, href);
    out.push_str("\">");
    out.push_str(&escaped(text));
    out.push_str("</a>");
    out
}

/// A base page by its name, as a link.
fn page_link(view: &View<'_>, id: &str) -> String {
    match view.edition.page_at(id, view.at) {
        Some(page) => link(&format!("{}{}", view.folder, page.output), &view.plain(&page.name)),
        None => escaped(id),
    }
}

fn first_language(edition: &Edition) -> &str {
    edition.languages.first().map_or("", |language| language)
}

/// Where the edition lies in the language of this page, or in its own first one.
fn folder(edition: &Edition, view: &View<'_>, table: &Table) -> String {
    let own = table.rooms().iter().filter(|room| room.edition.id == edition.id);
    let same = own.clone().find(|room| room.language == *view.language);
    let room = same.or_else(|| own.clone().next());
    room.map_or_else(|| site::edition_folder(&edition.id, false), |room| room.folder.to_string())
}
