//! Editions → [`Table`]: the shells are run, the assets named, and every output gets its place.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;
use serde_json::json;

use crate::book::{Edition, EditionId, Handbook, Language, LayerId};
use crate::diagnostic::{Checked, Findings, any_error};
use crate::memo::Memo;
use crate::render::assets;
use crate::render::generated;
use crate::render::kept::{Compiling, SmallOnes, policy};
use crate::render::made;
use crate::render::published;
use crate::render::sheets;
use crate::render::shell::{self, Frame, Small};
use crate::render::stencil::Gap;
use crate::render::table::{Extra, Recipe, Room, Table};
use crate::render::template::Templates;

/// What is built, and for which address.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The organisations to build; none: all, and the base.
    pub organisations: Vec<LayerId>,
    /// The languages to build; none: all.
    pub languages: Vec<Language>,
    /// Organisations that are listed like all others, while the files of their editions come from elsewhere.
    pub carried: Vec<LayerId>,
    /// The address of the site, where it is not book.toml's.
    pub site_url: Option<Arc<str>>,
}

/// The site of a handbook's editions, the base first.
pub fn site(handbook: &Arc<Handbook>, editions: Vec<Arc<Edition>>, options: &Options, memo: &Memo) -> Checked<Table> {
    made(handbook, editions, options, (Extent::Everything, memo))
}

/// The pages of some editions, each the same bytes as in the whole site: what a server that is asked
/// for one page makes first.
pub fn pages(handbook: &Arc<Handbook>, editions: Vec<Arc<Edition>>, memo: &Memo) -> Checked<Table> {
    made(handbook, editions, &Options::default(), (Extent::Pages, memo))
}

/// How much of a site is made.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Extent {
    Everything,
    /// The pages of the outlines, without what needs all editions.
    Pages,
}

fn made(
    handbook: &Arc<Handbook>,
    editions: Vec<Arc<Edition>>,
    options: &Options,
    (extent, memo): (Extent, &Memo),
) -> Checked<Table> {
    let mut findings = Findings::new();
    let config = &handbook.config;
    let theme = &handbook.theme;
    let files = Arc::clone(&handbook.files);
    let sheets = memo.get(&sheets::Sources { theme: Arc::clone(theme), config: Arc::clone(config), files });
    let (theme_assets, found) = &*sheets;
    findings.extend(found.iter().cloned());
    let names: BTreeMap<String, String> =
        theme_assets.iter().map(|(name, (path, _))| (name.clone(), path.clone())).collect();
    let compiled = memo.get(&Compiling { theme: Arc::clone(theme), names: names.clone() });
    findings.extend(compiled.findings.iter().cloned());
    let templates = &compiled.value;
    let languages: Vec<(usize, Language)> = config
        .languages
        .iter()
        .enumerate()
        .filter(|(_, language)| options.languages.is_empty() || options.languages.contains(language))
        .map(|(at, language)| (at, language.clone()))
        .collect();
    let mut small: BTreeMap<Language, Arc<Small>> = BTreeMap::new();
    for (_, language) in &languages {
        let (compiled, handbook, language) = (Arc::clone(&compiled), Arc::clone(handbook), language.clone());
        let made = memo.get(&SmallOnes { compiled, names: names.clone(), handbook, language: language.clone() });
        findings.extend(made.findings.iter().cloned());
        small.insert(language, Arc::clone(&made.value));
    }
    if any_error(&findings) {
        return Checked { value: Table::empty(Arc::clone(handbook)), findings };
    }

    // Exactly one organisation stands at the root, without a trace of the others.
    let alone = options.organisations.len() == 1;
    let placed: Vec<Arc<Edition>> = editions
        .into_iter()
        .filter(|edition| match &edition.id {
            EditionId::Base => !alone,
            EditionId::Organisation(id) => options.organisations.is_empty() || options.organisations.contains(id),
        })
        .collect();
    let site_url = options.site_url.clone().or_else(|| config.html.site_url.clone());
    let policy = policy(handbook);
    let context = Context {
        templates,
        small: &small,
        languages: &languages,
        kinds: if extent == Extent::Pages { &["page"] } else { &generated::KINDS },
        alone,
        directory: if config.organisations.directory && !alone { directory(&placed, &languages) } else { Vec::new() },
    };
    let made: Vec<(Vec<Room>, Vec<Extra>, Findings)> = match placed.as_slice() {
        // No wait for the pool, which may be busy with what nobody waits for.
        [edition] => vec![rooms(edition, &context)],
        many => many.par_iter().map(|edition| rooms(edition, &context)).collect(),
    };
    let mut table = Table::empty(Arc::clone(handbook));
    table.site_url = site_url;
    table.csp = policy.into();
    table.alone = alone;
    for (rooms, extras, found) in made {
        for room in rooms {
            table.add_room(room);
        }
        table.extras.extend(extras);
        findings.extend(found);
    }
    if extent == Extent::Pages {
        table.extras.clear();
        table.is_partial = true;
        return Checked { value: table, findings };
    }
    for (path, body) in theme_assets.values() {
        table.theme_assets.push(path.as_str().into());
        table.extras.push(Extra { path: path.as_str().into(), edition: None, recipe: Recipe::Body(body.clone()) });
    }
    let is_carried = |edition: &Edition| edition.id.organisation().is_some_and(|id| options.carried.contains(id));
    let fresh: Vec<Arc<Edition>> = placed.iter().filter(|edition| !is_carried(edition)).cloned().collect();
    published::add(&mut table, &fresh, &languages);
    generated::add(&mut table, &placed, templates, &context, &mut findings);
    table.finish(&mut findings);
    Checked { value: table, findings }
}

/// What the editions of one build share.
pub struct Context<'c> {
    /// The compiled templates.
    pub templates: &'c Templates,
    /// The small templates by language.
    pub small: &'c BTreeMap<Language, Arc<Small>>,
    /// The languages that are built, with their indexes.
    pub languages: &'c [(usize, Language)],
    /// The kinds of pages that are made.
    pub kinds: &'c [&'static str],
    /// Whether one organisation stands at the root.
    pub alone: bool,
    /// The organisations that the start page lists: id, name and languages.
    pub directory: Vec<serde_json::Value>,
}

/// Where an edition lies below the output folder: `gemeente-x/`, or at its root.
pub fn edition_folder(id: &EditionId, alone: bool) -> String {
    match id {
        EditionId::Organisation(id) if !alone => format!("{id}/"),
        EditionId::Organisation(_) | EditionId::Base => String::new(),
    }
}

/// The languages of an edition that are built.
pub fn languages_of<'c>(edition: &Edition, languages: &'c [(usize, Language)]) -> Vec<&'c (usize, Language)> {
    languages.iter().filter(|(_, language)| edition.languages.contains(language)).collect()
}

fn directory(editions: &[Arc<Edition>], languages: &[(usize, Language)]) -> Vec<serde_json::Value> {
    let mut listed: Vec<(String, serde_json::Value)> = editions
        .iter()
        .filter(|edition| edition.id.organisation().is_some())
        .filter_map(|edition| {
            let own = languages_of(edition, languages);
            let (_, first) = own.first()?;
            let single = edition.handbook.config.single_language;
            let links: Vec<serde_json::Value> = own
                .iter()
                .map(|(at, language)| {
                    let folder = if single { String::new() } else { format!("{language}/") };
                    let home = home(edition, *at);
                    json!({ "code": &**language, "name": shell::own_name(language), "href": format!("{}{}/{folder}{home}", Gap::Top.mark(), edition.id) })
                })
                .collect();
            // Of a layer that cannot be read not even the name is known.
            let name = Some(edition.name(first)).filter(|name| !name.is_empty()).map_or_else(|| edition.id.to_string(), str::to_owned);
            let href = links.first().map(|link| link["href"].clone()).unwrap_or_default();
            let key = deunicode::deunicode(&name).to_lowercase();
            Some((key, json!({ "id": edition.id.to_string(), "name": name, "languages": links, "href": href })))
        })
        .collect();
    listed.sort_by(|a, b| (&a.0, a.1["id"].as_str()).cmp(&(&b.0, b.1["id"].as_str())));
    listed.into_iter().map(|(_, entry)| entry).collect()
}

/// The pages of the top level, with what they are about.
pub fn chapters(room: &Room) -> Vec<serde_json::Value> {
    let view = room.view();
    let outline = &room.edition.outline;
    let pages = outline.children(None).iter().filter_map(|at| outline.nodes[*at].page());
    let pages = pages.filter_map(|id| room.edition.page_at(id, room.at));
    pages
        .map(|page| {
            json!({
                "href": format!("{}{}{}", Gap::Top.mark(), room.folder, page.output),
                "title": view.plain(&page.name),
                "description": page.description.as_ref().map(|text| view.plain(text)),
            })
        })
        .collect()
}

/// The first page of an edition, below its language folder.
pub fn home(edition: &Edition, at: usize) -> String {
    let index = edition.page_at("index", at);
    let first = || edition.outline.pages().find_map(|id| edition.page_at(id, at));
    index.or_else(first).map_or_else(|| "index.html".to_owned(), |page| page.output.to_string())
}

/// One room per language: what all its pages share.
fn rooms(edition: &Arc<Edition>, context: &Context<'_>) -> (Vec<Room>, Vec<Extra>, Findings) {
    let mut findings = Findings::new();
    let handbook = &edition.handbook;
    let config = &handbook.config;
    let own = languages_of(edition, context.languages);
    let edition_folder = edition_folder(&edition.id, context.alone);
    let css = assets::edition_css(edition);
    let css_path = assets::published("edition.css", &crate::book::Digest::of(css.as_bytes()));
    let logo = assets::logo(edition);
    let folder_of = |language: &Language| {
        if config.single_language { edition_folder.clone() } else { format!("{edition_folder}{language}/") }
    };
    let folders: Arc<Vec<Option<String>>> = Arc::new(
        config
            .languages
            .iter()
            .map(|language| own.iter().any(|(_, known)| known == language).then(|| folder_of(language)))
            .collect(),
    );
    let mut rooms = Vec::new();
    for (at, language) in own {
        let folder = folder_of(language);
        let up = "../".repeat(folder.matches('/').count());
        let home = home(edition, *at);
        let strings = handbook.theme.strings.get(language).cloned().unwrap_or_default();
        let generated_pages = made::pages(edition, &strings);
        let hrefs: Vec<(Language, String)> = config
            .languages
            .iter()
            .enumerate()
            .filter(|(at, _)| folders[*at].is_some())
            .map(|(at, language)| (language.clone(), Gap::Language(at as u8).mark()))
            .collect();
        let start = if context.alone { String::new() } else { format!("{}index.html", Gap::Top.mark()) };
        let generated: Vec<(&'static str, String, String)> = generated_pages
            .iter()
            .map(|(name, file, label)| (*name, format!("{}{file}", Gap::Root.mark()), label.clone()))
            .chain(
                (!context.alone && (!config.single_language || edition.id.organisation().is_some()))
                    .then(|| ("start", start.clone(), strings.get("start").to_owned())),
            )
            .collect();
        let home_href = format!("{}{home}", Gap::Root.mark());
        let frame = Frame {
            edition,
            language,
            edition_css: &css_path,
            logo: logo.as_ref().map(|(path, size)| (path.as_str(), *size)),
            generated: &generated,
            home: &home_href,
            start: &start,
            languages: &hrefs,
        };
        let is_wanted = |kind: &&str| {
            matches!(*kind, "page" | "404" | "start") || generated_pages.iter().any(|(name, ..)| name == kind)
        };
        let kinds = context.kinds.iter().copied().filter(is_wanted);
        let data = shell::data(&handbook.theme, &frame);
        let shells = context.templates.shells(&handbook.theme, data, kinds, &mut findings);
        let Some(small) = context.small.get(language) else { continue };
        rooms.push(Room {
            edition: Arc::clone(edition),
            at: *at,
            language: language.clone(),
            folder: folder.into(),
            up: up.into(),
            home: home.into(),
            shells,
            small: Arc::clone(small),
            folders: Arc::clone(&folders),
            generated: generated_pages,
            css: css_path.as_str().into(),
            entries: OnceLock::new(),
        });
    }
    let css = Extra {
        path: css_path.as_str().into(),
        edition: Some(edition.id.clone()),
        recipe: Recipe::Body(crate::book::Body::Bytes(css.into_bytes().into())),
    };
    (rooms, vec![css], findings)
}
