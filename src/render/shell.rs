//! The frame around every page: run once per edition, language and page kind, small templates once
//! per language.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::book::{Config, Edition, Language, Strings, Theme};
use crate::diagnostic::Findings;
use crate::render::sheets;
use crate::render::stencil::{Gap, Stencil};
use crate::render::template::Templates;

/// The small templates of one language.
pub struct Small {
    /// The wrapper of the navigation.
    pub nav: Stencil,
    /// An entry of the navigation.
    pub nav_item: Stencil,
    /// The entry of the page itself.
    pub nav_current: Stencil,
    /// A title over entries.
    pub nav_part: Stencil,
    /// The entry that leads to all pages.
    pub nav_more: Stencil,
    /// The wrapper of the path to the page.
    pub crumbs: Stencil,
    /// A step of that path.
    pub crumb: Stencil,
    /// The h1.
    pub title: Stencil,
    /// The wrapper of what is known about the page.
    pub meta: Stencil,
    /// One thing that is known, by name.
    pub meta_items: BTreeMap<&'static str, Stencil>,
    /// A notice, by kind.
    pub notices: BTreeMap<&'static str, Stencil>,
    /// The wrapper of the page's contents.
    pub contents: Stencil,
    /// The wrapper of the pages before and after.
    pub neighbours: Stencil,
    /// The page before.
    pub previous: Stencil,
    /// The page after.
    pub next: Stencil,
    /// Whose text it is, by the value of `data-change`.
    pub marks: BTreeMap<&'static str, Stencil>,
    /// The theme's words.
    pub strings: Arc<Strings>,
}

/// What a page shows about itself.
pub const META: [&str; 4] = ["audience", "time", "updated", "edit"];
/// The kinds of notices.
pub const NOTICES: [&str; 3] = ["draft", "fallback", "behind"];

/// Runs the small templates of one language.
pub fn small(
    templates: &Templates,
    theme: &Theme,
    config: &Config,
    language: &Language,
    findings: &mut Findings,
) -> Small {
    let strings = theme.strings.get(language).cloned().unwrap_or_default();
    let common = json!({
        "lang": &**language,
        "strings": words(&strings),
        "book": book(config, language),
        "href": Gap::Href.mark(), "title": Gap::Text.mark(), "number": "", "children": Gap::Children.mark(),
        "items": Gap::Items.mark(), "label": Gap::Label.mark(), "text": Gap::Text.mark(), "id": Gap::Id.mark(),
        "reason": Gap::Reason.mark(), "root": Gap::Root.mark(), "top": Gap::Top.mark(),
    });
    let mut run = |name: &str, extra: &[(&str, &str)]| {
        let mut data = common.clone();
        for (key, value) in extra {
            data[*key] = json!(value);
        }
        templates.stencil(theme, name, &data, findings)
    };
    let gap_name = Gap::Name.mark();
    Small {
        nav: run("nav", &[]),
        nav_item: run("nav-item", &[]),
        nav_current: run("nav-current", &[]),
        nav_part: run("nav-part", &[]),
        nav_more: run("nav-more", &[]),
        crumbs: run("crumbs", &[]),
        crumb: run("crumb", &[]),
        title: run("title", &[]),
        meta: run("meta", &[]),
        meta_items: META.into_iter().map(|name| (name, run("meta-item", &[("name", name)]))).collect(),
        notices: NOTICES.into_iter().map(|kind| (kind, run("notice", &[("kind", kind)]))).collect(),
        contents: run("contents", &[]),
        neighbours: run("neighbours", &[]),
        previous: run("neighbour", &[("direction", "previous")]),
        next: run("neighbour", &[("direction", "next")]),
        marks: ["replace", "extend", "insert"]
            .into_iter()
            .map(|change| (change, run("mark", &[("change", change), ("name", &gap_name)])))
            .collect(),
        strings,
    }
}

/// Everything that the shell of an edition shows.
pub struct Frame<'f> {
    /// The edition.
    pub edition: &'f Edition,
    /// The language.
    pub language: &'f Language,
    /// The edition's own style sheet, below the output folder.
    pub edition_css: &'f str,
    /// The logo, below the output folder, with its size.
    pub logo: Option<(&'f str, Option<(u32, u32)>)>,
    /// The generated pages: name, address seen from the language folder, and name for readers.
    pub generated: &'f [(&'static str, String, String)],
    /// The first page, seen from the language folder.
    pub home: &'f str,
    /// The site's start page, seen from the output folder; empty where there is none.
    pub start: &'f str,
    /// The languages of the edition, with the address of the same page in each.
    pub languages: &'f [(Language, String)],
}

/// What `page.hbs` and the templates of generated pages get, the kind of page apart.
pub fn data(theme: &Theme, frame: &Frame<'_>) -> Value {
    let Frame { edition, language, .. } = frame;
    let config = &edition.handbook.config;
    let strings = theme.strings.get(*language).cloned().unwrap_or_default();
    let top = Gap::Top.mark();
    let root = Gap::Root.mark();
    let logo = frame.logo.map(|(path, size)| {
        let (width, height) = size.unwrap_or((160, 48));
        let alt = edition
            .logo
            .as_ref()
            .and_then(|logo| logo.alt.get(language))
            .map(|alt| alt.to_string())
            .unwrap_or_default();
        json!({ "src": format!("{top}{path}"), "width": width, "height": height, "alt": alt })
    });
    let languages: Vec<Value> = frame
        .languages
        .iter()
        .map(|(code, href)| json!({ "code": &**code, "name": own_name(code), "current": code == *language, "href": href }))
        .collect();
    let generated: Vec<Value> = frame
        .generated
        .iter()
        .map(|(name, href, label)| json!({ "name": name, "href": href, "label": label }))
        .collect();
    let has = |name: &str| frame.generated.iter().any(|(known, ..)| *known == name);
    json!({
        "lang": &***language,
        "edition": edition.id.to_string(),
        "book": book(config, language),
        "organisation": {
            "name": edition.name(language),
            "is_base": edition.id.organisation().is_none(),
            "logo": logo,
        },
        "root": root, "top": top, "page": Gap::Page.mark(),
        "languages": if languages.len() > 1 { languages } else { Vec::new() },
        "generated": generated,
        "features": {
            "search": config.html.search && has("register"),
            "print": config.html.print && has("print"),
            "marks": has("changes"),
        },
        "strings": words(&strings),
        "home": frame.home,
        "start": frame.start,
        "edition_css": format!("{top}{}", frame.edition_css),
        "additional_css": config.html.additional_css.iter().map(|css| sheets::own(css)).collect::<Vec<_>>(),
        "slot": {
            "head": Gap::Head.mark(), "title": Gap::Title.mark(), "nav": Gap::Nav.mark(), "meta": Gap::Meta.mark(),
            "contents": Gap::Contents.mark(), "content": Gap::Content.mark(), "neighbours": Gap::Neighbours.mark(),
        },
    })
}

fn words(strings: &Strings) -> Value {
    Value::Object(strings.words.iter().map(|(key, text)| (key.to_string(), Value::String(text.to_string()))).collect())
}

fn book(config: &Config, language: &Language) -> Value {
    json!({
        "title": config.title.get(language).map(|title| title.to_string()).unwrap_or_default(),
        "description": config.description.get(language).map(|text| text.to_string()),
        "version": config.version.as_deref(),
        "repository": config.html.git_repository_url.as_deref(),
        "authors": config.authors.iter().map(|author| author.to_string()).collect::<Vec<_>>(),
    })
}

/// A language's name in itself.
pub fn own_name(code: &str) -> &str {
    match code.split('-').next().unwrap_or(code) {
        "nl" => "Nederlands",
        "en" => "English",
        "de" => "Deutsch",
        "fr" => "Français",
        "fy" => "Frysk",
        "es" => "Español",
        "it" => "Italiano",
        "pl" => "Polski",
        "tr" => "Türkçe",
        "da" => "Dansk",
        "sv" => "Svenska",
        "pt" => "Português",
        _ => code,
    }
}
