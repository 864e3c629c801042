//! One page of an edition: the shell's gaps filled.

use std::fmt::Write;

use crate::book::{Config, Page};
use crate::render::content::Filling;
use crate::render::glossary;
use crate::render::html::{escape, escaped};
use crate::render::hyphens::label;
use crate::render::navigation;
use crate::render::stencil::{Gap, Stencil};
use crate::render::view::View;

/// What all pages of an edition and language share.
pub struct Shared<'s> {
    /// The view.
    pub view: View<'s>,
    /// The shell.
    pub shell: &'s Stencil,
    /// The first page's output, below the language folder.
    pub home: &'s str,
    /// From the language folder to the output folder: `../../`.
    pub up: &'s str,
    /// Per language of the handbook: the folder of that language below the output folder, where
    /// the edition has it.
    pub folders: &'s [Option<String>],
    /// The policy that the page names.
    pub csp: &'s str,
    /// What follows the text of a start page.
    pub directory: Option<&'s Stencil>,
    /// The address of the site, where it is a full one.
    pub site_url: Option<&'s str>,
}

/// The HTML of a page as it is written to `path`, below the language folder: its own, or that of a start page.
pub fn html(shared: &Shared<'_>, page: &Page, path: &str) -> String {
    let view = &shared.view;
    let root = "../".repeat(path.matches('/').count());
    let top = format!("{root}{}", shared.up);
    let mut filling = Filling::new(view, page, &root, &top);
    let mut content = String::with_capacity(16 << 10);
    filling.page_text(&mut content);
    glossary::on_page(&mut content, &filling);
    if let Some(directory) = shared.directory {
        directory.fill(&mut content, |gap| if gap == Gap::Top { top.as_str() } else { "" });
    }
    let mut title = String::new();
    let mut heading = String::new();
    filling.pieces(&mut heading, &page.heading.html, None, crate::render::content::As::Html);
    heading = label(&heading, &page.heading.language);
    if page.heading.language != *view.language {
        heading = format!("<span lang=\"{}\">{heading}</span>", page.heading.language);
    }
    let id = page.title_anchor().map(|id| format!(" id=\"{}\"", escaped(id))).unwrap_or_default();
    view.small.title.fill(&mut title, |gap| match gap {
        Gap::Text => &heading,
        Gap::Id => &id,
        _ => "",
    });
    let nav_items = navigation::branch(view, page, &root);
    let mut nav = String::with_capacity(nav_items.len() + 1024);
    view.small.nav.fill(&mut nav, |gap| if gap == Gap::Items { nav_items.as_str() } else { "" });
    nav.push_str(&navigation::crumbs(view, page, shared.home, &root));
    let parts = Parts {
        root: &root,
        top: &top,
        page: &escaped(&page.id),
        head: &head(shared, page),
        title: &title,
        nav: &nav,
        meta: &meta(view, page),
        contents: &navigation::contents(view, page),
        content: &|out| out.push_str(&content),
        neighbours: &navigation::neighbours(view, page, &root),
        languages: &languages(shared, &page.id, &top),
    };
    parts.put_together(shared.shell)
}

/// What fills the gaps of a shell.
pub struct Parts<'p> {
    /// From the page to the language folder.
    pub root: &'p str,
    /// From the page to the output folder.
    pub top: &'p str,
    /// The page's id.
    pub page: &'p str,
    /// The inside of `<head>`.
    pub head: &'p str,
    /// The h1.
    pub title: &'p str,
    /// The navigation and the path to the page.
    pub nav: &'p str,
    /// What is known about the page.
    pub meta: &'p str,
    /// Its contents.
    pub contents: &'p str,
    /// Writes its text.
    pub content: &'p dyn Fn(&mut String),
    /// The pages before and after.
    pub neighbours: &'p str,
    /// The address of the same page per language of the edition.
    pub languages: &'p [String],
}

impl Parts<'_> {
    /// The whole document.
    pub fn put_together(&self, shell: &Stencil) -> String {
        let mut out = String::with_capacity(self.nav.len() + (24 << 10));
        shell.fill_by(&mut out, |out, gap| match gap {
            Gap::Root => out.push_str(self.root),
            Gap::Top => out.push_str(self.top),
            Gap::Page => out.push_str(self.page),
            Gap::Head => out.push_str(self.head),
            Gap::Title => out.push_str(self.title),
            Gap::Nav => out.push_str(self.nav),
            Gap::Meta => out.push_str(self.meta),
            Gap::Contents => out.push_str(self.contents),
            Gap::Content => (self.content)(out),
            Gap::Neighbours => out.push_str(self.neighbours),
            Gap::Language(at) => out.push_str(self.languages.get(usize::from(at)).map_or("", String::as_str)),
            _ => {}
        });
        out
    }
}

/// The address of a page in each language of the edition, seen from the page.
pub fn languages(shared: &Shared<'_>, id: &str, top: &str) -> Vec<String> {
    shared
        .folders
        .iter()
        .enumerate()
        .map(|(at, folder)| match (folder, shared.view.edition.page_at(id, at)) {
            (Some(folder), Some(page)) => format!("{top}{folder}{}", page.output),
            (Some(folder), None) => format!("{top}{folder}index.html"),
            (None, _) => String::new(),
        })
        .collect()
}

/// Title, policy, description, and where the page is known elsewhere.
fn head(shared: &Shared<'_>, page: &Page) -> String {
    let view = &shared.view;
    let config = &view.edition.handbook.config;
    let mut out = String::new();
    let name = view.text(&page.name);
    title(&mut out, &name, view, config);
    policy(&mut out, shared.csp);
    if let Some(description) = &page.description {
        let _ = writeln!(out, "<meta name=\"description\" content=\"{}\">", view.text(description));
    }
    if let Some(url) = shared.site_url {
        let _ = writeln!(out, "<link rel=\"canonical\" href=\"{}{}{}\">", escaped(url), view.folder, page.output);
        let known = shared.folders.iter().enumerate().filter_map(|(at, folder)| {
            Some((folder.as_ref()?, &config.languages[at], view.edition.page_at(&page.id, at)?))
        });
        let known: Vec<_> = known.collect();
        if known.len() > 1 {
            for (folder, language, page) in known {
                let _ = writeln!(
                    out,
                    "<link rel=\"alternate\" hreflang=\"{language}\" href=\"{}{folder}{}\">",
                    escaped(url),
                    page.output
                );
            }
        }
        let _ = writeln!(out, "<meta property=\"og:title\" content=\"{name}\">");
    }
    out
}

/// The h1 of a page that leidraad makes.
pub fn h1(view: &View<'_>, text: &str) -> String {
    let mut out = String::new();
    view.small.title.fill(&mut out, |gap| if gap == Gap::Text { text } else { "" });
    out
}

/// `<title>`: the page, the handbook, the organisation.
pub fn title(out: &mut String, name: &str, view: &View<'_>, config: &Config) {
    out.push_str("<title>");
    out.push_str(name);
    for part in [config.title.get(view.language).map(|title| &**title), Some(view.edition.name(view.language))] {
        if let Some(part) = part.filter(|part| !part.is_empty() && escaped(part) != name) {
            out.push_str(" · ");
            escape(out, part);
        }
    }
    out.push_str("</title>\n");
}

/// The Content-Security-Policy as a meta tag.
pub fn policy(out: &mut String, csp: &str) {
    let _ = writeln!(out, "<meta http-equiv=\"Content-Security-Policy\" content=\"{csp}\">");
}

/// For whom, how long, how old, and what to know before reading.
fn meta(view: &View<'_>, page: &Page) -> String {
    let strings = &view.small.strings;
    let mut items = String::new();
    let mut item = |name: &str, label: &str, text: &str| {
        if let Some(stencil) = view.small.meta_items.get(name) {
            stencil.fill(&mut items, |gap| match gap {
                Gap::Label => label,
                Gap::Text => text,
                _ => "",
            });
        }
    };
    if !page.audience.is_empty() {
        let words: Vec<String> = page.audience.iter().map(|word| escaped(word)).collect();
        item("audience", &escaped(strings.get("audience")), &words.join(", "));
    }
    let words: u32 = page.all_parts().map(|(_, part)| part.fragment.words).sum();
    if words > 0 {
        // 200 words a minute, never less than one.
        let minutes = (words as usize).div_ceil(200);
        item("time", &escaped(strings.get("minutes")), &escaped(&strings.plural("minutes", minutes)));
    }
    if let Some(day) = page.updated.as_deref().and_then(|day| day.parse().ok()) {
        let date = crate::render::values::date(day, view.language);
        let time = format!("<time datetime=\"{day}\">{}</time>", escaped(&date));
        item("updated", &escaped(strings.get("updated")), &time);
    }
    if let Some(template) = &view.edition.handbook.config.html.edit_url_template {
        let mut href = String::new();
        crate::render::html::escape_url(&mut href, &template.replace("{path}", &page.source));
        item("edit", "", &format!("<a href=\"{href}\">{}</a>", escaped(strings.get("edit"))));
    }
    let mut out = String::new();
    if !items.is_empty() {
        view.small.meta.fill(&mut out, |gap| if gap == Gap::Items { items.as_str() } else { "" });
    }
    for (kind, holds) in [("draft", page.draft), ("fallback", page.fallback), ("behind", page.behind)] {
        if let Some(stencil) = view.small.notices.get(kind).filter(|_| holds) {
            let text = escaped(strings.get(&format!("notice_{kind}")));
            stencil.fill(&mut out, |gap| if gap == Gap::Text { text.as_str() } else { "" });
        }
    }
    out
}
