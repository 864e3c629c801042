//! Sources → the pages of the base, each decoded and parsed on its own.
//!
//! What a file gives is kept from round to round: only what changed is looked at again, and what is asked of
//! every page in every round is worked out here, once.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use rayon::prelude::*;

use crate::book::{Config, Content, Digest, DigestWriter, Language, PageId, Refusal, Source, Sources};
use crate::diagnostic::{Code, Findings, Place};
use crate::load::front_matter::UnknownKeys;
use crate::load::handbook::Given;
use crate::load::links::{self, Ground};
use crate::load::markdown::Author;
use crate::load::page::{self, Manner, PageFile, ParsedPage};
use crate::load::{files, include, text};
use crate::memo::{Key, Memo};

/// A file of Markdown in a language folder, as far as it can be read.
pub struct PageText {
    /// The page that it is.
    pub id: PageId,
    /// The language of its folder.
    pub language: Language,
    /// The file.
    pub path: Arc<str>,
    /// Its text; nothing where it cannot be read. That the page is missing would be no news then.
    pub text: Arc<str>,
    /// The files that the text includes, as paths in the project.
    pub includes: Vec<String>,
    /// The folder that it lies in, below the language folder.
    folder: Arc<str>,
    /// The digest of everything that decides what this is.
    digest: Digest,
    findings: Findings,
}

/// A source that should be text. Looking at every character of a thousand pages takes longer than all
/// else that a round does: only files that changed are looked at.
struct TextFile {
    path: Arc<str>,
    source: Source,
    language: Language,
    /// The language folder.
    root: Arc<str>,
}

impl Key for TextFile {
    type Value = PageText;

    fn digest(&self) -> Digest {
        text_digest(&self.path, &self.source, &self.language, &self.root)
    }

    fn compute(&self) -> PageText {
        let mut findings = Findings::new();
        let text = text::salvage(&self.path, &self.source, &mut findings);
        let said = text.as_deref().and_then(|text| match text.trim() {
            "" => Some("this page is empty"),
            text if is_bare(text) => Some("this page has front matter and no text"),
            _ => None,
        });
        if let Some(said) = said {
            findings.report(Code::N203, &Place::new(&self.path, 1, 1, 1), said);
        }
        let text = text.unwrap_or_default();
        let relative = files::relative(&self.path, &self.root);
        PageText {
            id: links::page(relative),
            language: self.language.clone(),
            path: Arc::clone(&self.path),
            includes: include::targets(&self.path, &text),
            text,
            folder: relative.rsplit_once('/').map_or("", |(folder, _)| folder).into(),
            digest: self.digest(),
            findings,
        }
    }
}

/// Whether nothing follows the front matter of a page.
fn is_bare(text: &str) -> bool {
    let end = text.strip_prefix("---\n").and_then(|rest| rest.strip_suffix("\n---"));
    end.is_some_and(|front| !front.lines().any(|line| line.trim_end() == "---"))
}

/// The digest of a [`TextFile`], which need not be made for it.
fn text_digest(path: &str, source: &Source, language: &Language, root: &str) -> Digest {
    let kind = match source.content {
        Content::Bytes(_) => "bytes",
        Content::OnDisk(_) => "on disk",
        Content::Refused(Refusal::Symlink) => "a link",
        Content::Refused(Refusal::Special) => "special",
        Content::Refused(Refusal::TooLarge) => "too large",
        Content::Refused(Refusal::Name) => "a name",
    };
    DigestWriter::new().with(path).with(source.digest).with(kind).with(&**language).with(root).finish()
}

/// The texts of all pages.
pub fn texts(sources: &Sources, config: &Config, memo: &Memo, findings: &mut Findings) -> Vec<Arc<PageText>> {
    let mut texts = Vec::new();
    for language in &config.languages {
        let root: Arc<str> = config.language_folder(language).into();
        let mut sources: Vec<(&Arc<str>, &Source)> =
            files::below(sources, &root).filter(|(path, _)| files::is_page(path, &root, config)).collect();
        // What has no proper name has no id: it is no page.
        sources.retain(|(path, source)| {
            let is_named = !matches!(source.content, Content::Refused(Refusal::Name));
            if !is_named {
                findings.push(text::refused(path, Refusal::Name));
            }
            is_named
        });
        let read: Vec<Arc<PageText>> = sources
            .into_par_iter()
            .map(|(path, source)| {
                memo.get_or_make(text_digest(path, source, language, &root), || {
                    let (path, source) = (Arc::clone(path), source.clone());
                    TextFile { path, source, language: language.clone(), root: Arc::clone(&root) }
                })
            })
            .collect();
        let mut found: HashMap<&PageId, &Arc<str>> = HashMap::new();
        for file in &read {
            findings.extend(file.findings.iter().cloned());
            if let Some(first) = found.get(&file.id) {
                let message = format!("this page and {first} are both the page `{}`", file.id);
                findings.report(Code::E204, &Place::new(&file.path, 1, 1, 1), message).hint("keep one of the two");
                continue;
            }
            found.insert(&file.id, &file.path);
            texts.push(Arc::clone(file));
        }
    }
    texts
}

/// The pages as they were parsed, each on its own: by id, and by the index of the language, where it has a file in
/// that language.
#[derive(Clone, Default)]
pub struct ParsedPages(BTreeMap<PageId, Vec<Option<Arc<ParsedPage>>>>);

impl ParsedPages {
    /// All pages, each in the languages that it has.
    pub fn iter(&self) -> impl Iterator<Item = (&PageId, &[Option<Arc<ParsedPage>>])> {
        self.0.iter().map(|(id, pages)| (id, pages.as_slice()))
    }
}

/// Every page parsed on its own.
pub fn parse(texts: &[Arc<PageText>], given: Given<'_>, has_layers: bool) -> ParsedPages {
    let Given { sources, config, declarations, terms, memo, .. } = given;
    let src = files::join(&config.src, "handbook.yaml");
    let unknown =
        if has_layers || sources.files.contains_key(src.as_str()) { UnknownKeys::Refused } else { UnknownKeys::Noted };
    let author = Author::Base { raw_html: config.html.raw_html };
    let manner = Manner { placeholders: declarations.has_parameters, author, unknown, terms: Arc::clone(terms) };
    let manner_digest = manner.digest();
    let parsed: Vec<(usize, Arc<ParsedPage>)> = texts
        .par_iter()
        .map(|file| {
            let at = config.at(&file.language).unwrap_or_default();
            let included = include::closure(&file.includes, &|path| included(sources, path));
            let digest = page::digest(file.digest, manner_digest, &included);
            let page = memo.get_or_make(digest, || PageFile {
                path: Arc::clone(&file.path),
                text: Arc::clone(&file.text),
                id: file.id.clone(),
                language: file.language.clone(),
                ground: Ground {
                    page_folder: Arc::clone(&file.folder),
                    files_root: config.language_folder(&file.language).into(),
                    files_folder: Arc::clone(&file.folder),
                    layer: false,
                },
                manner: manner.clone(),
                included: Arc::new(included),
                digest,
            });
            (at, page)
        })
        .collect();
    let mut parsed: Vec<(&PageId, usize, Arc<ParsedPage>)> =
        texts.iter().zip(parsed).map(|(file, (at, page))| (&file.id, at, page)).collect();
    parsed.sort_by_key(|(id, ..)| *id);
    let pages = parsed.chunk_by(|(one, ..), (other, ..)| one == other).map(|same| {
        let mut languages = vec![None; config.languages.len()];
        same.iter().for_each(|(_, at, page)| languages[*at] = Some(Arc::clone(page)));
        (same[0].0.clone(), languages)
    });
    ParsedPages(pages.collect())
}

/// A text that a page includes, or why it cannot: what is wrong with it is said where it is included.
pub(super) fn included(sources: &Sources, path: &str) -> Option<include::Text> {
    if files::refused_on_the_way(sources, path).is_some() {
        return Some(Err(Code::E118));
    }
    let source = sources.files.get(path)?;
    Some(text::decode(&path.into(), source, &mut Findings::new()).ok_or(Code::E210))
}
