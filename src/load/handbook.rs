//! [`Sources`] → [`Handbook`]: the general procedure of decoding.
//!
//! 1. book.toml, handbook.yaml and glossary.yaml say what the rest means.
//! 2. Every page is parsed on its own, in parallel.
//! 3. SUMMARY.md or the folders give the order; translations meet their source.
//! 4. Every layer is parsed on its own, in parallel.
//! 5. What only the whole shows is checked: ids, aliases and output paths that collide.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;

use crate::book::{
    BasePage, Config, Content, Declarations, DigestWriter, Handbook, Insert, InsertBody, Language, Layer, LayerId,
    Outline, Page, PageId, Refusal, Source, Sources, Unbuilt,
};
use crate::diagnostic::{Checked, Code, Diagnostic, Findings, Place, any_error, escaped};
use crate::load::collisions;
use crate::load::layers::LayerFile;
use crate::load::order::order;
use crate::load::outline::Ordered;
use crate::load::page::ParsedPage;
use crate::load::pages::{self, ParsedPages};
use crate::load::terms::Terms;
use crate::load::translation::{self, Translated, Translation};
use crate::load::{config, declarations, files, glossary, layer_files, locks, summary, text, theme, unread};
use crate::memo::Memo;

/// Whether drafts are part of the handbook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drafts {
    /// As if they did not exist.
    Left,
    /// Like any page, with a notice.
    Shown,
}

/// The page that is the text of 404.html, and no page of the order (spec §8).
pub(super) const NOT_FOUND: &str = "404";

/// Decodes everything that was read.
pub fn decode(sources: &Sources, drafts: Drafts, memo: &Memo) -> Checked<Handbook> {
    let book = book_toml(sources);
    if book.unsure {
        // Which files are the handbook is an open question: what they would seem to lack is no news.
        let nothing = Sources { files: BTreeMap::new() };
        let Checked { value, .. } = decode_files(&nothing, Arc::new(book.config), drafts, memo);
        return Checked { value, findings: book.findings };
    }
    let mut decoded = decode_files(sources, Arc::new(book.config), drafts, memo);
    decoded.findings.extend(book.findings);
    decoded
}

fn decode_files(sources: &Sources, config: Arc<Config>, drafts: Drafts, memo: &Memo) -> Checked<Handbook> {
    let mut findings = Findings::new();
    files::check_folders(sources, &config, &mut findings);
    let declarations = Arc::new(declared(sources, &config, &mut findings));
    let terms = Arc::new(Terms::new(&declarations.glossary));
    let theme = Arc::new(theme::decode(sources, &config, memo, &mut findings));
    let layers = layer_files::layer_ids(sources, &config, &mut findings);

    let texts = pages::texts(sources, &config, memo, &mut findings);
    let given = Given { sources, config: &config, declarations: &declarations, terms: &terms, drafts, memo };
    let parsed = Arc::new(pages::parse(&texts, given, !layers.is_empty()));
    let Pages { pages, outline, unbuilt, aliases, redirects } = assemble(&parsed, given, &mut findings);
    if declarations.has_parameters {
        summary::check_placeholders(sources, &config, &mut findings);
    }
    let files = Arc::new(files::collect(sources, &config, &mut findings));

    let folder_pages = Arc::new(
        texts
            .iter()
            .filter(|file| files::is_folder_page(&file.path))
            .map(|file| file.id.clone())
            .collect::<BTreeSet<_>>(),
    );
    unread::check(sources, &config, (&texts, &layers), &mut findings);
    let layers = parse_layers(&layers, given, &folder_pages, &mut findings);
    layer_files::check_ids(&layers, &config, &pages, &mut findings);
    let written = |at: usize| {
        let pages =
            pages.iter().filter_map(|(id, page)| Some((page.languages.get(at)?.output.to_lowercase(), id.clone())));
        pages.collect()
    };
    let written = (0..config.languages.len()).map(written).collect();
    let is_other = |path: &str, source: &Source| {
        !path.ends_with(".md") && !matches!(source.content, Content::Refused(Refusal::Name))
    };
    let others = sources.files.iter().filter(|(path, source)| is_other(path, source));
    let others: Vec<Arc<str>> = others.map(|(path, _)| Arc::clone(path)).collect();
    collisions::check_names(&config, &others, &mut findings);
    let (pages, redirects) = (Arc::new(pages), Arc::new(redirects));
    check_declarations(&declarations, &pages, &mut findings);
    locks::check_below(&pages, &outline, &mut findings);

    let mut all = DigestWriter::new();
    for (path, source) in &sources.files {
        all.add(&**path);
        all.add(source.digest);
    }
    let handbook = Handbook {
        config,
        declarations,
        pages,
        outputs: Arc::new(written),
        aliases: Arc::new(aliases),
        redirects,
        unbuilt: Arc::new(unbuilt),
        outline,
        layers,
        files,
        theme,
        source_digest: all.finish(),
    };
    Checked { value: handbook, findings }
}

/// What every text of the project is read against.
#[derive(Clone, Copy)]
pub(super) struct Given<'a> {
    pub sources: &'a Sources,
    pub config: &'a Arc<Config>,
    pub declarations: &'a Arc<Declarations>,
    pub terms: &'a Arc<Terms>,
    pub drafts: Drafts,
    pub memo: &'a Memo,
}

fn book_toml(sources: &Sources) -> config::Book {
    let path: Arc<str> = "book.toml".into();
    let mut findings = Findings::new();
    let content = sources.files.get(&path).and_then(|source| text::decode(&path, source, &mut findings));
    let is_folder = |folder: &str| {
        let prefix = format!("{folder}/");
        // A link in its place is refused as such, not as a folder that is not there.
        files::refused_on_the_way(sources, folder).is_some()
            || sources.files.keys().any(|path| path.starts_with(&prefix))
    };
    let mut book = config::decode(&path, content.as_deref().unwrap_or_default(), &is_folder);
    book.unsure |= any_error(&findings);
    book.findings.append(&mut findings);
    book
}

fn declared(sources: &Sources, config: &Config, findings: &mut Findings) -> Declarations {
    let mut digest = DigestWriter::new();
    let mut read = |name: &str, findings: &mut Findings| {
        let path: Arc<str> = files::join(&config.src, name).into();
        let source = sources.files.get(&path)?;
        digest.add(source.digest);
        text::salvage(&path, source, findings).map(|text| (path, text))
    };
    let handbook = read("handbook.yaml", findings);
    let glossary = read("glossary.yaml", findings);
    let mut declarations = match handbook {
        Some((path, text)) => declarations::decode(&path, &text, &config.languages, findings),
        None => Declarations::default(),
    };
    if let Some((path, text)) = glossary {
        declarations.glossary = glossary::decode(&path, &text, &config.languages, findings);
    }
    declarations.digest = digest.finish();
    declarations
}

/// The pages in their order.
struct Pages {
    pages: BTreeMap<PageId, BasePage>,
    outline: Arc<Outline>,
    unbuilt: BTreeMap<PageId, Unbuilt>,
    aliases: BTreeMap<Arc<str>, PageId>,
    redirects: BTreeMap<Arc<str>, PageId>,
}

fn assemble(parsed: &Arc<ParsedPages>, given: Given<'_>, findings: &mut Findings) -> Pages {
    let Given { sources, config, drafts, memo, .. } = given;
    let default = config.default_language();
    let mut unbuilt = BTreeMap::new();
    let ordered = order(parsed, (sources, config), memo, findings);
    let Ordered { outline, outside, titles } = &ordered.0;
    let mut built = Vec::new();
    for (id, pages) in parsed.iter() {
        let Some(page) = pages.first().and_then(Option::as_ref) else {
            findings.extend(pages.iter().flatten().map(|page| without_default(&page.page, default)));
            continue;
        };
        if outside.contains(id) {
            unbuilt.insert(id.clone(), Unbuilt::NotInSummary);
        } else if page.page.draft && drafts == Drafts::Left && **id != *NOT_FOUND {
            unbuilt.insert(id.clone(), Unbuilt::Draft);
        } else {
            built.push((id, page, pages));
        }
    }
    let outline = match unbuilt.is_empty() {
        true => Arc::clone(outline),
        false => Arc::new(outline.without(|page| unbuilt.contains_key(page))),
    };
    if outline.pages().next().is_none() && !any_error(findings) {
        findings.push(no_pages(config, !unbuilt.is_empty()));
    }
    let made: Vec<(PageId, BasePage, Findings)> = built
        .par_iter()
        .map(|&(id, default_page, pages)| {
            let (base, mut found) = base_page(default_page, pages, titles, given);
            if **id == *NOT_FOUND {
                // 404.html is in the default language alone.
                found.retain(|finding| finding.code != Code::W206);
            }
            (id.clone(), base, found)
        })
        .collect();
    let pages = made.into_iter().map(|(id, page, found)| {
        findings.extend(found);
        (id, page)
    });
    let pages = pages.collect();
    let (aliases, redirects) = collisions::aliases(parsed, &pages, findings);
    Pages { pages, outline, unbuilt, aliases, redirects }
}

/// A page in every language of the handbook, and what is wrong with it.
fn base_page(
    default_page: &Arc<ParsedPage>,
    pages: &[Option<Arc<ParsedPage>>],
    titles: &BTreeMap<(PageId, Language), String>,
    Given { config, drafts, memo, .. }: Given<'_>,
) -> (BasePage, Findings) {
    let default = config.default_language();
    let mut findings = Findings::new();
    let mut base = BasePage::default();
    let mut languages = Vec::new();
    for (language, own) in config.languages.iter().zip(pages) {
        findings.extend(own.iter().flat_map(|own| own.findings.iter().cloned()));
        let (page, facts) = match own {
            // The page itself, whose name no SUMMARY.md has to give.
            Some(own) if language == default && own.page.is_named() => (Arc::clone(&own.page), Arc::clone(&own.facts)),
            Some(_) | None => {
                // A draft of a translation is none yet.
                let is_left = |own: &&Arc<ParsedPage>| own.page.draft && drafts == Drafts::Left && language != default;
                let own = own.as_ref().filter(|own| !is_left(own));
                let translated = translated(default_page, own, (language, default), titles, memo);
                findings.extend(translated.findings.iter().cloned());
                (Arc::clone(&translated.page), Arc::clone(&translated.facts))
            }
        };
        base.conditional |= facts.conditional;
        base.anchors.push(Arc::clone(&facts.anchors));
        base.origins.extend(facts.origins.iter().cloned());
        languages.push(page);
    }
    base.languages = translation::judged(languages, &mut findings);
    (base, findings)
}

/// A page in another language than the default, or one that is named elsewhere.
fn translated(
    default_page: &ParsedPage,
    own: Option<&Arc<ParsedPage>>,
    (language, default): (&Language, &Language),
    titles: &BTreeMap<(PageId, Language), String>,
    memo: &Memo,
) -> Arc<Translated> {
    let title = |language: &Language| titles.get(&(default_page.page.id.clone(), language.clone()));
    let title = match default_page.page.is_named() {
        true => title(language),
        false => title(language).or_else(|| title(default)),
    };
    let title = title.map(String::as_str);
    let digest = translation::digest(default_page.digest, own.map(|own| own.digest), language, title);
    memo.get_or_make(digest, || Translation {
        default: Arc::clone(&default_page.page),
        own: own.map(|own| Arc::clone(&own.page)),
        language: language.clone(),
        title: title.map(Into::into),
    })
}

/// The finding for a page that the default language does not have.
fn without_default(page: &Page, default: &Language) -> Diagnostic {
    let message = format!("the default language `{default}` has no page `{}`", escaped(&page.id));
    Diagnostic::new(Code::E102, Place::new(&page.source, 1, 1, 1), message)
        .with("the default language decides which pages there are")
}

/// A handbook without a page is a slip: a wrong folder, or a start that was forgotten.
fn no_pages(config: &Config, are_unbuilt: bool) -> Diagnostic {
    let folder = config.language_folder(config.default_language());
    let place = if folder.is_empty() { "this folder" } else { &folder };
    match are_unbuilt {
        true => Diagnostic::global(Code::E207, format!("none of the pages in {} is built", escaped(place)))
            .with("SUMMARY.md names none of them, or all are drafts"),
        false => Diagnostic::global(Code::E207, format!("there is no page in {}", escaped(place)))
            .with("`leidraad init` starts a handbook, `leidraad new page` a page"),
    }
}

fn parse_layers(
    ids: &[(LayerId, Arc<str>)],
    given: Given<'_>,
    folder_pages: &Arc<BTreeSet<PageId>>,
    findings: &mut Findings,
) -> BTreeMap<LayerId, Arc<Layer>> {
    let Given { sources, config, declarations, terms, drafts, memo } = given;
    let languages = Arc::new(config.languages.clone());
    let parsed: Vec<_> = ids
        .par_iter()
        .map(|(id, path)| {
            let mut findings = Findings::new();
            let text = sources.files.get(path).and_then(|source| text::decode(path, source, &mut findings));
            let folder: Arc<str> = files::join(&config.organisations.src, id).into();
            let (pages, files) = files::layer_folder(sources, &folder, &mut findings);
            let broken = crate::diagnostic::any_error(&findings);
            let unread = text.is_none();
            let parsed = memo.get(&LayerFile {
                id: id.clone(),
                path: Arc::clone(path),
                text: text.unwrap_or_default(),
                folder,
                pages: Arc::new(pages),
                files: Arc::new(files),
                languages: Arc::clone(&languages),
                declarations: Arc::clone(declarations),
                folder_pages: Arc::clone(folder_pages),
                terms: Arc::clone(terms),
            });
            // A file that is no text says so once; that it lacks a name is no news then.
            if !unread {
                findings.extend(parsed.findings.iter().cloned());
            }
            let mut layer = Arc::clone(&parsed.layer);
            if (broken && !layer.broken) || unread {
                let layer = Arc::make_mut(&mut layer);
                (layer.broken, layer.unread) = (true, unread || layer.unread);
            }
            if drafts == Drafts::Left {
                leave_drafts(&mut layer);
            }
            (layer, findings)
        })
        .collect();
    let mut layers = BTreeMap::new();
    for (layer, found) in parsed {
        findings.extend(found);
        layers.insert(layer.id.clone(), layer);
    }
    layers
}

/// Takes the drafts among its inserted pages out of a layer.
fn leave_drafts(layer: &mut Arc<Layer>) {
    let has_draft = |insert: &Insert| match &insert.body {
        InsertBody::Pages(pages) => pages.values().any(|page| page.draft),
        InsertBody::Text(_) => false,
    };
    if !layer.inserts.iter().any(has_draft) {
        return;
    }
    Arc::make_mut(layer).inserts.retain_mut(|insert| match &mut insert.body {
        InsertBody::Pages(pages) => {
            pages.retain(|_, page| !page.draft);
            !pages.is_empty()
        }
        InsertBody::Text(_) => true,
    });
}

/// What handbook.yaml says about pages: the `see` of rules.
fn check_declarations(declarations: &Declarations, pages: &BTreeMap<PageId, BasePage>, findings: &mut Findings) {
    for rule in &declarations.rules {
        if let Some((page, place)) = &rule.see
            && !pages.contains_key(page)
        {
            let hint = crate::diagnostic::did_you_mean(page, pages.keys().map(|page| &**page));
            findings.report(Code::E102, place, format!("there is no page `{}`", escaped(page))).maybe_hint(hint);
        }
    }
}
