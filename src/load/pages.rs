//! Sources → the pages of the base, each decoded and parsed on its own.
//!
//! What a file gives is kept from round to round: only what changed is looked at again.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use crate::book::{Config, Content, Digest, DigestWriter, Language, PageId, Refusal, Source, Sources};
use crate::diagnostic::{Code, Findings, Place};
use crate::load::front_matter::UnknownKeys;
use crate::load::handbook::Given;
use crate::load::links::{self, Ground};
use crate::load::markdown::Author;
use crate::load::page::{PageFile, ParsedPage};
use crate::load::{files, include, text};
use crate::memo::{Key, Memo};

/// A file of Markdown in a language folder.
pub struct PageText {
    /// The page that it is.
    pub id: PageId,
    /// The language of its folder.
    pub language: Language,
    /// The file.
    pub path: Arc<str>,
    /// Its text.
    pub text: Arc<str>,
    digest: Digest,
}

/// A source that should be text. Looking at every character of a thousand pages takes longer than all
/// else that a round does: only files that changed are looked at.
struct TextFile {
    path: Arc<str>,
    source: Source,
}

impl Key for TextFile {
    type Value = (Option<Arc<str>>, Findings);

    fn digest(&self) -> Digest {
        let kind = match self.source.content {
            Content::Bytes(_) => "bytes",
            Content::OnDisk(_) => "on disk",
            Content::Refused(Refusal::Symlink) => "a link",
            Content::Refused(Refusal::Special) => "special",
            Content::Refused(Refusal::TooLarge) => "too large",
            Content::Refused(Refusal::Name) => "a name",
        };
        DigestWriter::new().with(&*self.path).with(self.source.digest).with(kind).finish()
    }

    fn compute(&self) -> (Option<Arc<str>>, Findings) {
        let mut findings = Findings::new();
        let text = text::salvage(&self.path, &self.source, &mut findings);
        (text, findings)
    }
}

/// The texts of all pages, as far as they can be read.
pub fn texts(sources: &Sources, config: &Config, memo: &Memo, findings: &mut Findings) -> Vec<PageText> {
    let mut texts: Vec<PageText> = Vec::new();
    for language in &config.languages {
        let folder = config.language_folder(language);
        let mut found: BTreeMap<PageId, Arc<str>> = BTreeMap::new();
        for (path, source) in files::below(sources, &folder) {
            if !files::is_page(path, &folder, config) {
                continue;
            }
            let file = TextFile { path: Arc::clone(path), source: source.clone() };
            let decoded = memo.get(&file);
            findings.extend(decoded.1.iter().cloned());
            // A page that cannot be read is there all the same: that it is missing would be no news.
            let unread = decoded.0.is_none();
            let text = decoded.0.clone().unwrap_or_default();
            let relative = files::relative(path, &folder);
            let id = links::page(relative);
            if let Some(first) = found.get(&id) {
                let message = format!("this page and {first} are both the page `{id}`");
                findings.report(Code::E204, &Place::new(path, 1, 1, 1), message).hint("keep one of the two");
                continue;
            }
            found.insert(id.clone(), Arc::clone(path));
            if text.trim().is_empty() && !unread {
                findings.report(Code::N203, &Place::new(path, 1, 1, 1), "this page is empty");
            }
            texts.push(PageText {
                id,
                language: language.clone(),
                path: Arc::clone(path),
                text,
                digest: source.digest,
            });
        }
    }
    texts
}

/// Every page parsed on its own.
pub fn parse(texts: &[PageText], given: Given<'_>, has_layers: bool) -> BTreeMap<(PageId, Language), Arc<ParsedPage>> {
    let Given { sources, config, declarations, terms, memo } = given;
    let src = files::join(&config.src, "handbook.yaml");
    let unknown =
        if has_layers || sources.files.contains_key(src.as_str()) { UnknownKeys::Refused } else { UnknownKeys::Noted };
    let parsed: Vec<Arc<ParsedPage>> = texts
        .par_iter()
        .map(|file| {
            let root = config.language_folder(&file.language);
            let relative = files::relative(&file.path, &root);
            let folder: Arc<str> = relative.rsplit_once('/').map_or("", |(folder, _)| folder).into();
            memo.get(&PageFile {
                path: Arc::clone(&file.path),
                text: Arc::clone(&file.text),
                text_digest: file.digest,
                id: file.id.clone(),
                language: file.language.clone(),
                ground: Ground {
                    page_folder: Arc::clone(&folder),
                    files_root: root.into(),
                    files_folder: folder,
                    layer: false,
                },
                placeholders: declarations.has_parameters,
                author: Author::Base { raw_html: config.html.raw_html },
                unknown,
                included: Arc::new(include::closure(&file.path, &file.text, &|path| included(sources, path))),
                terms: Arc::clone(terms),
            })
        })
        .collect();
    texts.iter().zip(parsed).map(|(file, page)| ((file.id.clone(), file.language.clone()), page)).collect()
}

/// A text that a page includes, or why it cannot: what is wrong with it is said where it is included.
pub(super) fn included(sources: &Sources, path: &str) -> Option<include::Text> {
    if files::refused_on_the_way(sources, path).is_some() {
        return Some(Err(Code::E118));
    }
    let source = sources.files.get(path)?;
    Some(text::decode(&path.into(), source, &mut Findings::new()).ok_or(Code::E210))
}
