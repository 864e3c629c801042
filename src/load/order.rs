//! What decides the order of the pages, read and kept from round to round.

use std::sync::Arc;

use crate::book::{Config, Digest, DigestWriter, Language, Sources};
use crate::diagnostic::{Code, Findings, Place};
use crate::load::handbook::NOT_FOUND;
use crate::load::outline::{self, Ordered};
use crate::load::page::ParsedPage;
use crate::load::pages::ParsedPages;
use crate::load::{files, summary, text};
use crate::memo::{Key, Memo};

/// What decides the order of the pages: SUMMARY.md per language, else folders and weights.
struct Order {
    config: Arc<Config>,
    summaries: Vec<(Language, Arc<str>, Arc<str>)>,
    pages: Arc<ParsedPages>,
}

impl Key for Order {
    type Value = (Ordered, Findings);

    fn digest(&self) -> Digest {
        // The pages below are told apart by the index of their language.
        let languages = self.config.languages.iter();
        let mut digest = languages.fold(DigestWriter::new(), |digest, language| digest.with(&**language));
        for (language, path, text) in &self.summaries {
            digest.add(&**language);
            digest.add(&**path);
            digest.add(&**text);
        }
        for (id, pages) in self.pages.iter() {
            digest.add(&**id);
            let mut page: Vec<u8> = pages.iter().map(|page| u8::from(page.is_some())).collect();
            page.extend(weight(pages).into_iter().flat_map(i64::to_le_bytes));
            digest.add(page);
        }
        digest.finish()
    }

    fn compute(&self) -> (Ordered, Findings) {
        let mut findings = Findings::new();
        let summaries: Vec<(Language, Vec<summary::Entry>)> = self
            .summaries
            .iter()
            .map(|(language, path, text)| (language.clone(), summary::decode(path, text, &mut findings)))
            .collect();
        let has_default = summaries.first().is_some_and(|(language, _)| language == self.config.default_language());
        let (default, translations) = summaries.split_at(usize::from(has_default));
        let weights = self.pages.iter().filter(|(id, pages)| ***id != *NOT_FOUND && pages[0].is_some());
        let weights = weights.map(|(id, pages)| (id.clone(), weight(pages))).collect();
        let languages = || self.config.languages.iter();
        let there = self.pages.iter().flat_map(|(id, pages)| {
            languages()
                .zip(pages)
                .filter(|(_, page)| page.is_some())
                .map(|(language, _)| (id.clone(), language.clone()))
        });
        let known = outline::Known { pages: &weights, there: &there.collect() };
        let ordered = outline::ordered(default.first(), translations, &known, &mut findings);
        if let Some((_, path, _)) = self.summaries.first().filter(|_| has_default)
            && ordered.outline.pages().next().is_none()
            && findings.is_empty()
            && !weights.is_empty()
        {
            findings
                .report(Code::E207, &Place::file(path), "no page stands in this summary, so none would be built")
                .hint("write a list of links: - [Title](page.md)");
        }
        (ordered, findings)
    }
}

/// The weight of a page, which that in the default language gives.
fn weight(pages: &[Option<Arc<ParsedPage>>]) -> Option<i64> {
    pages.first()?.as_ref()?.weight
}

/// The order of the pages, and what SUMMARY.md calls them.
pub fn order(
    pages: &Arc<ParsedPages>,
    (sources, config): (&Sources, &Arc<Config>),
    memo: &Memo,
    findings: &mut Findings,
) -> Arc<(Ordered, Findings)> {
    let summaries = config
        .languages
        .iter()
        .filter_map(|language| {
            let path: Arc<str> = files::join(&config.language_folder(language), "SUMMARY.md").into();
            let text = text::salvage(&path, sources.files.get(&path)?, findings)?;
            Some((language.clone(), path, text))
        })
        .collect();
    let ordered = memo.get(&Order { config: Arc::clone(config), summaries, pages: Arc::clone(pages) });
    findings.extend(ordered.1.iter().cloned());
    ordered
}
