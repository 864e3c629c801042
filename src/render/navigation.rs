//! The navigation of a page: the top level, and its own branch (spec §8); so its size does not
//! depend on how many pages there are elsewhere.

use std::sync::{Arc, OnceLock};

use crate::book::{OutlineEntry, Page, Pieces};
use crate::render::html::escaped;
use crate::render::hyphens::label;
use crate::render::stencil::{Gap, Stencil};
use crate::render::view::{Entry, View};

/// A level with more entries shows those nearest to the page, and a link to the register.
const LONG: usize = 100;
const SHOWN: usize = 50;

/// The branch of a page as nested lists.
pub fn branch(view: &View<'_>, page: &Page, root: &str) -> String {
    let outline = &view.edition.outline;
    let here = outline.position(&page.id);
    let mut path = here.map(|at| outline.ancestors(at)).unwrap_or_default();
    path.extend(here);
    let mut out = String::new();
    level(&mut out, view, &path, None, here, root);
    out
}

/// The top level, for a page that stands outside the outline.
pub fn top_level(view: &View<'_>, root: &str) -> String {
    let mut out = String::new();
    level(&mut out, view, &[], None, None, root);
    out
}

fn level(out: &mut String, view: &View<'_>, path: &[usize], parent: Option<usize>, here: Option<usize>, root: &str) {
    let outline = &view.edition.outline;
    let entries = outline.children(parent);
    if entries.is_empty() {
        return;
    }
    let (next, rest) = match path.split_first() {
        Some((next, rest)) => (Some(*next), rest),
        None => (None, path),
    };
    let cut = entries.len() > LONG;
    let shown = if cut {
        let near = next.and_then(|next| entries.binary_search(&next).ok()).unwrap_or(0);
        let from = near.saturating_sub(SHOWN / 2).min(entries.len() - SHOWN);
        &entries[from..from + SHOWN]
    } else {
        entries
    };
    out.push_str("<ul>");
    for &at in shown {
        // The depth of the path bounds this recursion, and a path is as deep as its author nests.
        let mut children = String::new();
        if Some(at) == next {
            level(&mut children, view, rest, Some(at), here, root);
        }
        entry(out, view, at, here, &children, root);
    }
    if cut {
        let href = format!("{root}register.html");
        fill(&view.small.nav_more, out, &href, "", "");
    }
    out.push_str("</ul>");
}

fn entry(out: &mut String, view: &View<'_>, at: usize, here: Option<usize>, children: &str, root: &str) {
    let small = view.small;
    let Some(Entry { output, name, item }) = named(view, at) else { return };
    if children.is_empty() && Some(at) != here {
        return item.fill(out, |gap| if gap == Gap::Root { root } else { "" });
    }
    match (&view.edition.outline.nodes[at].entry, output) {
        (OutlineEntry::Page(_), None) => {}
        (_, Some(output)) => {
            let stencil = if Some(at) == here { &small.nav_current } else { &small.nav_item };
            fill(stencil, out, &[root, output].concat(), name, children);
        }
        (OutlineEntry::Part(_) | OutlineEntry::Announced(_), None) => {
            fill(&small.nav_part, out, "", name, children);
            if !children.is_empty() {
                out.push_str("<li>");
                out.push_str(children);
                out.push_str("</li>");
            }
        }
    }
}

/// What an entry is called: the same on every page, so worked out once, and only for those that a page shows.
fn named<'v>(view: &View<'v>, at: usize) -> Option<&'v Entry> {
    let outline = &view.edition.outline;
    let entries = view.entries.get_or_init(|| outline.nodes.iter().map(|_| OnceLock::new()).collect());
    let entry = || {
        let (output, name) = match &outline.nodes[at].entry {
            OutlineEntry::Page(id) => {
                let page = view.edition.page_at(id, view.at);
                (page.map(|page| Arc::clone(&page.output)), page.map(|page| entry_name(view, page)).unwrap_or_default())
            }
            entry @ (OutlineEntry::Part(title) | OutlineEntry::Announced(title)) => {
                // A chapter without a page of its own leads to the first one below it.
                let below = outline.nodes[outline.subtree(at)].iter().filter_map(|node| node.page());
                let mut shown = below.filter_map(|id| Some(Arc::clone(&view.edition.page_at(id, view.at)?.output)));
                let output = matches!(entry, OutlineEntry::Announced(_)).then(|| shown.next()).flatten();
                (
                    output,
                    title.get(view.language).map(|title| label(&escaped(title), view.language)).unwrap_or_default(),
                )
            }
        };
        let mut item = String::new();
        match (&outline.nodes[at].entry, &output) {
            (OutlineEntry::Page(_), None) => {}
            (_, Some(output)) => {
                fill(&view.small.nav_item, &mut item, &format!("{}{output}", Gap::Root.mark()), &name, "");
            }
            (_, None) => fill(&view.small.nav_part, &mut item, "", &name, ""),
        }
        Entry { output, name, item: Stencil::cut(&item) }
    };
    Some(entries.get(at)?.get_or_init(entry))
}

/// A page's name, which says whether the page is still in another language.
fn entry_name(view: &View<'_>, page: &Page) -> String {
    let name = view.text(&page.name);
    if !page.fallback {
        return label(&name, view.language);
    }
    format!(
        "<span lang=\"{}\">{}</span> <small>({})</small>",
        page.heading.language,
        label(&name, &page.heading.language),
        escaped(view.small.strings.get("not_translated"))
    )
}

fn fill(stencil: &Stencil, out: &mut String, href: &str, title: &str, children: &str) {
    stencil.fill(out, |gap| match gap {
        Gap::Href => href,
        Gap::Text => title,
        Gap::Children => children,
        _ => "",
    });
}

/// The path to a page: the home page, and the pages above it.
pub fn crumbs(view: &View<'_>, page: &Page, home: &str, root: &str) -> String {
    let outline = &view.edition.outline;
    let config = &view.edition.handbook.config;
    let mut items = String::new();
    let mut step = |href: &str, title: &str| {
        let title = label(title, view.language);
        view.small.crumb.fill(&mut items, |gap| match gap {
            Gap::Href => href,
            Gap::Text => &title,
            _ => "",
        });
    };
    if *page.output == *home {
        return String::new();
    }
    let title = config.title.get(view.language).map(|title| escaped(title)).unwrap_or_default();
    step(&format!("{root}{home}"), if title.is_empty() { home } else { &title });
    for at in outline.position(&page.id).map(|at| outline.ancestors(at)).unwrap_or_default() {
        if let Some(above) = outline.nodes[at].page().and_then(|id| view.edition.page_at(id, view.at))
            && *above.output != *home
        {
            step(&format!("{root}{}", above.output), &view.text(&above.name));
        }
    }
    let mut out = String::new();
    view.small.crumbs.fill(&mut out, |gap| if gap == Gap::Items { items.as_str() } else { "" });
    out
}

/// The pages before and after.
pub fn neighbours(view: &View<'_>, page: &Page, root: &str) -> String {
    let (before, after) = view.edition.outline.neighbours(&page.id);
    let mut items = String::new();
    for (id, stencil) in [(before, &view.small.previous), (after, &view.small.next)] {
        if let Some(other) = id.and_then(|id| view.edition.page_at(id, view.at)) {
            let name = label(&view.text(&other.name), view.language);
            fill(stencil, &mut items, &format!("{root}{}", other.output), &name, "");
        }
    }
    if items.is_empty() {
        return items;
    }
    let mut out = String::new();
    view.small.neighbours.fill(&mut out, |gap| if gap == Gap::Items { items.as_str() } else { "" });
    out
}

/// The page's own contents: sections and headings of level 2 and 3, in order.
pub fn contents(view: &View<'_>, page: &Page) -> String {
    let mut entries: Vec<(u8, String, String)> = Vec::new();
    let text = |text: &Pieces| label(&view.text(text), view.language);
    let inner = |own: &crate::book::Own, entries: &mut Vec<(u8, String, String)>| {
        for heading in own.parts.iter().flat_map(|part| &part.fragment.headings).filter(|heading| heading.level <= 3) {
            entries.push((heading.level, escaped(&heading.anchor), text(&heading.text)));
        }
    };
    inner(&page.opening, &mut entries);
    inner(&page.unaddressed, &mut entries);
    for section in page.all_sections() {
        if section.level <= 3 {
            entries.push((section.level, escaped(&section.id), text(&section.heading.text)));
        }
        inner(&section.own, &mut entries);
    }
    if entries.len() < 2 || !page.contents {
        return String::new();
    }
    let mut items = String::new();
    let mut nested = false;
    for (at, (level, id, text)) in entries.iter().enumerate() {
        let below = *level > 2 && at > 0;
        match (below, nested) {
            (true, false) => items.push_str("<ol>"),
            (false, true) => items.push_str("</li></ol></li>"),
            (true, true) => items.push_str("</li>"),
            (false, false) if at > 0 => items.push_str("</li>"),
            (false, false) => {}
        }
        nested = below;
        items.push_str(&format!("<li><a href=\"#{id}\">{text}</a>"));
    }
    items.push_str(if nested { "</li></ol></li>" } else { "</li>" });
    let mut out = String::new();
    view.small.contents.fill(&mut out, |gap| if gap == Gap::Items { items.as_str() } else { "" });
    out
}
