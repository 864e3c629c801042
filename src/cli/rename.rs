//! `leidraad rename OLD NEW`: a page or a section, with every link, address and anchor that names it, in
//! every language and every layer. Planned whole, judged as if it were done, then written.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::book::{Address, Config, Handbook, PageId, Sources, is_id};
use crate::cli::Exit;
use crate::cli::args::Rename;
use crate::cli::plan::{Plan, say};
use crate::cli::project::{self, complain};
use crate::cli::repin::repin;
use crate::cli::report::{self, Voice};
use crate::diagnostic::{LOWER_CASE, Place, any_error, did_you_mean};
use crate::load::files::is_folder_page;
use crate::load::handbook::{Drafts, decode};
use crate::load::links::{self, Ground};
use crate::load::relabel;
use crate::load::retarget::{self, Moves, Standing};
use crate::memo::Memo;

/// Renames.
pub fn run(command: &Rename, voice: Voice) -> Exit {
    rename(command, voice).err().unwrap_or(Exit::Done)
}

fn rename(command: &Rename, voice: Voice) -> Result<(), Exit> {
    let snapshot = project::read(&command.dir, &[])?;
    let sources = &snapshot.sources;
    let handbook = Arc::new(decode(sources, Drafts::Shown, &Memo::new()).value);
    let names = Names::read(command, &handbook).map_err(|message| {
        complain(&message);
        Exit::Usage
    })?;
    let mut plan = Plan::new(sources);
    let paths = match &names {
        Names::Page { old, new } => moved_files(sources, &handbook.config, old, new),
        Names::Section { .. } => BTreeMap::new(),
    };
    let moves = names.moves(sources, &handbook, &paths);
    retarget_all(&mut plan, sources, &handbook, (&moves, &paths));
    for (old, new) in &paths {
        plan.rename(&command.dir, old, new)?;
    }
    match &names {
        Names::Page { .. } => keep_old_names(&mut plan, &handbook, &moves, &paths)?,
        Names::Section { page, old, new } => rename_heading(&mut plan, &handbook, page, (old, new))?,
    }
    repin(&mut plan, &handbook, &moves);

    let (old, new) = (names.old(), names.new_name());
    let findings = plan.new_findings(&|message| message.replace(&old, &new));
    let findings = command.judging.reading(Drafts::Shown).weigh(findings);
    let after = plan.after();
    if any_error(&findings) {
        report::write(&findings, &after, command.judging.format, voice)?;
        complain(&format!("`{old}` cannot become `{new}`: that would be wrong; nothing was written"));
        return Err(Exit::Content);
    }
    plan.save(&command.dir)?;
    let written = plan.paths().filter(|(_, stays)| *stays).count();
    let moved = paths.len();
    say(
        voice,
        &format!(
            "`{old}` is `{new}` now: {written} file{} written{}",
            if written == 1 { "" } else { "s" },
            if moved == 0 { String::new() } else { format!(", {moved} of them moved") }
        ),
    );
    say(voice, "the old name is an alias: old links and addresses still lead there");
    report::write(if voice == Voice::Quiet { &[] } else { &findings }, &after, command.judging.format, voice)
}

/// What is to be called what.
enum Names {
    Page { old: PageId, new: PageId },
    Section { page: PageId, old: String, new: String },
}

impl Names {
    fn read(command: &Rename, handbook: &Handbook) -> Result<Names, String> {
        let bare = |text: &str| text.strip_suffix(".md").unwrap_or(text).trim_end_matches('/').to_owned();
        let old = Address::parse(&bare(&command.old));
        // `#new` is on the same page.
        let new = match command.new.strip_prefix('#') {
            Some(id) => Address { page: old.page.clone(), section: Some(id.into()) },
            None => Address::parse(&bare(&command.new)),
        };
        let Some(page) = handbook.pages.get(&old.page).and_then(|page| page.languages.first()) else {
            if let Some(now) = handbook.aliases.get(&*old.page) {
                return Err(format!("`{}` is an old name already: the page is called `{now}`", old.page));
            }
            if let Some(layer) = handbook.layers.values().find(|layer| layer.inserted_pages().any(|id| *id == old.page))
            {
                return Err(format!(
                    "`{}` is a page of the layer `{}` alone: rename it in {}",
                    old.page, layer.id, layer.path
                ));
            }
            let hint = did_you_mean(&old.page, handbook.pages.keys().map(|id| &**id));
            return Err(format!(
                "there is no page `{}`{}",
                old.page,
                hint.map(|hint| format!("; {hint}")).unwrap_or_default()
            ));
        };
        match (old.section, new.section) {
            (None, None) => {
                if &*old.page == "index" || &*new.page == "index" {
                    return Err("`index` is the start page, wherever it lies: its name stays".to_owned());
                }
                if !new.page.split('/').all(is_id) {
                    return Err(format!("`{}` cannot be the id of a page: {LOWER_CASE}", new.page));
                }
                let taken = handbook.pages.contains_key(&new.page) || handbook.unbuilt.contains_key(&new.page);
                if taken {
                    return Err(format!("there is a page `{}` already", new.page));
                }
                Ok(Names::Page { old: old.page, new: new.page })
            }
            (Some(from), Some(to)) if old.page == new.page => {
                let ids: Vec<&str> = page.all_sections().map(|section| &*section.id).collect();
                if !ids.contains(&&*from) {
                    let hint = did_you_mean(&from, ids.iter().copied());
                    let hint = hint.unwrap_or_else(|| format!("sections: {}", ids.join(", ")));
                    return Err(format!("there is no section `{from}` on {}; {hint}", old.page));
                }
                if !is_id(&to) {
                    return Err(format!("`{to}` cannot be an id: {LOWER_CASE}"));
                }
                let inserted = handbook.layers.values().flat_map(|layer| layer.inserted_sections());
                if ids.contains(&&*to) || inserted.into_iter().any(|(page, id)| *page == old.page && *id == to) {
                    return Err(format!("there is a section `{to}` on {} already", old.page));
                }
                Ok(Names::Section { page: old.page, old: from.to_string(), new: to.to_string() })
            }
            (Some(_), Some(_)) => Err("a section keeps its page: move its text by hand".to_owned()),
            (Some(_), None) | (None, Some(_)) => {
                Err("OLD and NEW must both be pages, or both sections: page#old page#new".to_owned())
            }
        }
    }

    fn old(&self) -> String {
        match self {
            Names::Page { old, .. } => old.to_string(),
            Names::Section { page, old, .. } => format!("{page}#{old}"),
        }
    }

    fn new_name(&self) -> String {
        match self {
            Names::Page { new, .. } => new.to_string(),
            Names::Section { page, new, .. } => format!("{page}#{new}"),
        }
    }

    /// What moves, page by page: a folder's own page takes its folder with it.
    fn moves(&self, sources: &Sources, handbook: &Handbook, paths: &BTreeMap<Arc<str>, String>) -> Moves {
        let config = &handbook.config;
        let mut moves = Moves::default();
        if let Names::Section { page, old, new } = self {
            moves.sections.insert((page.clone(), old.as_str().into()), new.as_str().into());
        }
        for (id, page) in handbook.pages.iter() {
            let outputs = page.languages.iter().map(|page| Arc::clone(&page.output));
            moves.outputs.extend(outputs.map(|output| (output, id.clone())));
        }
        for (old, new) in paths {
            match config.languages.iter().find_map(|language| page_of(old, &config.language_folder(language))) {
                Some(id) => {
                    let folder = config.languages.iter().map(|language| config.language_folder(language));
                    if let Some(new) = folder.filter_map(|folder| page_of(new, &folder)).next() {
                        moves.pages.insert(id, new);
                    }
                }
                None => {
                    moves.files.insert(Arc::clone(old), new.as_str().into());
                }
            }
        }
        let folder = config.language_folder(config.default_language());
        for path in sources.files.keys() {
            let path = paths.get(path).map_or(&**path, String::as_str);
            if let Some(id) = page_of(path, &folder) {
                moves.page_files.insert(id, below(path, &folder).unwrap_or(path).to_owned());
            }
        }
        moves
    }
}

/// A path below a folder.
fn below<'p>(path: &'p str, folder: &str) -> Option<&'p str> {
    if folder.is_empty() { Some(path) } else { path.strip_prefix(folder)?.strip_prefix('/') }
}

/// The page that a file below a language folder is.
fn page_of(path: &str, folder: &str) -> Option<PageId> {
    let path = below(path, folder)?.strip_suffix(".md").filter(|path| *path != "SUMMARY")?;
    Some(PageId::from(links::page_id(path)))
}

fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Where each file of a page goes, in every language; with a folder's own page all that lies below.
fn moved_files(sources: &Sources, config: &Config, old: &str, new: &str) -> BTreeMap<Arc<str>, String> {
    let mut paths = BTreeMap::new();
    for language in &config.languages {
        let folder = config.language_folder(language);
        let at = |id: &str| if folder.is_empty() { id.to_owned() } else { format!("{folder}/{id}") };
        let (from, to) = (at(old), at(new));
        let own = format!("{from}.md");
        if sources.files.contains_key(own.as_str()) {
            paths.insert(own.into(), format!("{to}.md"));
            continue;
        }
        for path in sources.files.keys() {
            if let Some(rest) = below(path, &from) {
                paths.insert(Arc::clone(path), format!("{to}/{rest}"));
            }
        }
    }
    paths
}

/// Changes every link, address and anchor. The files keep their paths for now.
fn retarget_all(
    plan: &mut Plan,
    sources: &Sources,
    handbook: &Handbook,
    (moves, paths): (&Moves, &BTreeMap<Arc<str>, String>),
) {
    let config = &handbook.config;
    let layers = &config.organisations.src;
    for language in &config.languages {
        let root = config.language_folder(language);
        let ground = |path: &str| Ground {
            page_folder: folder_of(path).into(),
            files_root: root.as_str().into(),
            files_folder: folder_of(path).into(),
            layer: false,
        };
        for path in sources.files.keys().filter(|path| path.ends_with(".md")) {
            let Some(relative) = below(path, &root).filter(|_| below(path, layers).is_none()) else { continue };
            let new = paths.get(path).and_then(|path| below(path, &root)).unwrap_or(relative);
            let page = page_of(path, &root).unwrap_or_else(|| "index".into());
            let standing = Standing { before: &ground(relative), after: &ground(new), page: &page };
            if let Some(text) = plan.text(path)
                && let Some(after) = retarget::markdown_file(&text, &standing, moves)
            {
                plan.write(path, after);
            }
        }
    }
    retarget_layers(plan, handbook, moves, &BTreeMap::new());
    let declarations =
        if config.src.is_empty() { "handbook.yaml".to_owned() } else { format!("{}/handbook.yaml", config.src) };
    if let Some(text) = plan.text(&declarations)
        && let Some(after) = retarget::declarations(&text, moves)
    {
        plan.write(&declarations, after);
    }
}

/// Changes the layers and the pages in their folders.
pub fn retarget_layers(plan: &mut Plan, handbook: &Handbook, moves: &Moves, pins: &BTreeMap<String, String>) {
    let folder_pages: BTreeSet<&PageId> = handbook
        .pages
        .iter()
        .filter(|(_, page)| {
            page.languages.iter().any(|page| matches!(page.source.rsplit('/').next(), Some("index.md" | "README.md")))
        })
        .map(|(id, _)| id)
        .collect();
    for layer in handbook.layers.values() {
        let files = layer.path.trim_end_matches(".yaml").to_owned();
        let ground = |page: &str| {
            let at = |name: &str| Ground {
                page_folder: match folder_pages.contains(&PageId::from(page)) {
                    true if name == "index" => "".into(),
                    true => name.into(),
                    false => folder_of(name).into(),
                },
                files_root: files.as_str().into(),
                files_folder: "".into(),
                layer: true,
            };
            (at(page), at(moves.page(page)))
        };
        let Some(text) = plan.text(&layer.path) else { continue };
        for (page, file) in retarget::page_files(&text) {
            let path = format!("{files}/{file}");
            let (before, after) = ground(&page);
            let standing = Standing { before: &before, after: &after, page: &page };
            if let Some(text) = plan.text(&path)
                && let Some(after) = retarget::markdown_file(&text, &standing, moves)
            {
                plan.write(&path, after);
            }
        }
        if let Some(after) = retarget::layer(&text, moves, &ground, pins) {
            plan.write(&layer.path, after);
        }
    }
}

/// Adds the old names to `aliases`.
fn keep_old_names(
    plan: &mut Plan,
    handbook: &Handbook,
    moves: &Moves,
    paths: &BTreeMap<Arc<str>, String>,
) -> Result<(), Exit> {
    for (old, new) in &moves.pages {
        let Some(page) = handbook.pages.get(old).and_then(|page| page.languages.first()) else { continue };
        let path = paths.get(&page.source).map_or(&*page.source, String::as_str);
        let text = plan.text(path).unwrap_or_default();
        // The page of a folder was written into it.
        let slash = if is_folder_page(&page.source) { "/" } else { "" };
        let Some(after) = relabel::add_alias(&text, &format!("{old}{slash}"), new) else {
            complain(&format!("{}: its `aliases` cannot be read", page.source));
            return Err(Exit::Content);
        };
        plan.write(path, after);
    }
    Ok(())
}

/// Gives the heading its new id, in every language; the default language keeps the old one.
fn rename_heading(plan: &mut Plan, handbook: &Handbook, page: &PageId, (old, new): (&str, &str)) -> Result<(), Exit> {
    let pages = handbook.pages.get(page).into_iter().flat_map(|page| &page.languages);
    // A translation that lacks the section shows the default language's.
    let mut places: Vec<&Place> = Vec::new();
    for page in pages {
        let section = page.section(old);
        places.extend(section.map(|section| &section.place).filter(|place| !places.contains(place)));
    }
    for (number, place) in places.into_iter().enumerate() {
        let text = plan.text(&place.path).unwrap_or_default();
        let named = relabel::heading_id(&text, place.line, Some(old), new);
        let after = match number {
            0 => named.and_then(|text| relabel::add_old_id(&text, place.line, (old, new))),
            _ => named,
        };
        let Some(after) = after else {
            complain(&format!("{place}: the id `{old}` is not where it should be"));
            return Err(Exit::Content);
        };
        plan.write(&place.path, after);
    }
    Ok(())
}
