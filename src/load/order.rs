//! What decides the order of the pages, read and kept from round to round.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::book::{Config, Digest, DigestWriter, Language, PageId, Sources};
use crate::diagnostic::{Code, Findings, Place};
use crate::load::handbook::NOT_FOUND;
use crate::load::outline::{self, Ordered};
use crate::load::page::ParsedPage;
use crate::load::{files, summary, text};
use crate::memo::{Key, Memo};

/// What decides the order of the pages: SUMMARY.md per language, else folders and weights.
struct Order {
    config: Arc<Config>,
    summaries: Vec<(Language, Arc<str>, Arc<str>)>,
    weights: BTreeMap<PageId, Option<i64>>,
    /// The pages that there are, in each language.
    there: BTreeSet<(PageId, Language)>,
}

impl Key for Order {
    type Value = (Ordered, Findings);

    fn digest(&self) -> Digest {
        let mut digest = DigestWriter::new().with(self.config.default_language().as_bytes());
        for (language, path, text) in &self.summaries {
            digest.add(&**language);
            digest.add(&**path);
            digest.add(&**text);
        }
        for (id, weight) in &self.weights {
            digest.add(&**id);
            digest.add(weight.map_or([0; 9], |weight| {
                let mut bytes = [1; 9];
                bytes[1..].copy_from_slice(&weight.to_le_bytes());
                bytes
            }));
        }
        for (id, language) in &self.there {
            digest.add(&**id);
            digest.add(&**language);
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
        let known = outline::Known { pages: &self.weights, there: &self.there };
        let ordered = outline::ordered(default.first(), translations, &known, &mut findings);
        if let Some((_, path, _)) = self.summaries.first().filter(|_| has_default)
            && ordered.outline.pages().next().is_none()
            && findings.is_empty()
            && !self.weights.is_empty()
        {
            findings
                .report(Code::E207, &Place::file(path), "no page stands in this summary, so none would be built")
                .hint("write a list of links: - [Title](page.md)");
        }
        (ordered, findings)
    }
}

/// The order of the pages, and what SUMMARY.md calls them.
pub fn order(
    ids: &BTreeSet<PageId>,
    parsed: &BTreeMap<(PageId, Language), Arc<ParsedPage>>,
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
    let default = config.default_language();
    let weight = |id: &PageId| parsed.get(&(id.clone(), default.clone())).and_then(|page| page.front.weight);
    let weights = ids.iter().filter(|id| ***id != *NOT_FOUND).map(|id| (id.clone(), weight(id))).collect();
    let there = parsed.keys().cloned().collect();
    let ordered = memo.get(&Order { config: Arc::clone(config), summaries, weights, there });
    findings.extend(ordered.1.iter().cloned());
    ordered
}
