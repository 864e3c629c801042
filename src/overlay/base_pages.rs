//! What is wrong with the pages of the base, judged page by page and kept from round to round.
//!
//! A page is judged anew when it changed, or when something did that the links of every page are judged
//! by: which pages there are, their anchors and outputs, the files. A save that changes none of these
//! costs one page, whatever the size of the handbook.

use std::collections::HashMap;
use std::sync::Arc;

use rayon::prelude::*;

use crate::book::{Digest, DigestWriter, Edition, Page, PageId, SectionId};
use crate::diagnostic::{Code, Diagnostic, Findings};
use crate::memo::{Key, Memo};
use crate::overlay::edition::check_conditions;
use crate::overlay::{links, placeholders};

/// The anchors of every page of the base, by page and index of language.
pub type Anchors = HashMap<(PageId, usize), Arc<PageAnchors>>;

/// Every anchor that a link to a page can name, in order, with a digest of them.
pub struct PageAnchors {
    ids: Vec<SectionId>,
    digest: Digest,
}

impl PageAnchors {
    /// Whether the page has this anchor.
    pub fn has(&self, anchor: &str) -> bool {
        self.ids.binary_search_by(|id| (**id).cmp(anchor)).is_ok()
    }

    /// The anchors as texts.
    pub fn names(&self) -> Vec<String> {
        self.ids.iter().map(ToString::to_string).collect()
    }
}

/// A page whose anchors are asked for.
struct AnchorsOf(Arc<Page>);

impl Key for AnchorsOf {
    type Value = PageAnchors;

    fn digest(&self) -> Digest {
        self.0.digest
    }

    fn compute(&self) -> PageAnchors {
        let ids: Vec<SectionId> = self.0.anchors().into_iter().collect();
        let digest = ids.iter().fold(DigestWriter::new(), |digest, id| digest.with(&**id)).finish();
        PageAnchors { ids, digest }
    }
}

/// A page that is judged, and what it is judged by.
struct Judging {
    page: Arc<Page>,
    at: usize,
    base: Arc<Edition>,
    anchors: Arc<Anchors>,
    /// A digest of everything but the page.
    ground: Digest,
}

impl Key for Judging {
    type Value = Findings;

    fn digest(&self) -> Digest {
        DigestWriter::new().with(self.page.digest).with(self.ground).finish()
    }

    fn compute(&self) -> Findings {
        let mut findings = Findings::new();
        if self.page.fallback {
            self.check_fallback(&mut findings);
            return findings;
        }
        let handbook = &self.base.handbook;
        placeholders::check_page(&self.page, &handbook.declarations, &mut findings);
        check_conditions(&self.page, handbook, &mut findings);
        links::check_base(&self.base, &self.page, self.at, &self.anchors, &mut findings);
        findings
    }
}

impl Judging {
    /// A text that stands in for a translation was judged in its own language; what its links name there may have
    /// another name in this one.
    fn check_fallback(&self, findings: &mut Findings) {
        let judged = |at: usize| {
            let mut findings = Findings::new();
            links::check_base(&self.base, &self.page, at, &self.anchors, &mut findings);
            findings
        };
        let at_home = judged(0);
        let is_lost = |finding: &Diagnostic| {
            finding.code == Code::E202 && at_home.iter().all(|known| known.place != finding.place)
        };
        for mut finding in judged(self.at).into_iter().filter(is_lost) {
            finding.message.push_str(&format!(" in `{}`, where this page is not translated", self.page.language));
            finding.hints = vec!["give that heading an explicit id: `{#id}` is the same in every language".into()];
            findings.push(finding);
        }
    }
}

/// Judges every page of the base in every language.
pub fn check(base: &Arc<Edition>, memo: &Memo, findings: &mut Findings) {
    let handbook = &base.handbook;
    let pages: Vec<(&PageId, usize, &Arc<Page>)> = handbook
        .pages
        .iter()
        .flat_map(|(id, page)| page.languages.iter().enumerate().map(move |(at, page)| (id, at, page)))
        .collect();
    let anchors: Vec<Arc<PageAnchors>> =
        pages.par_iter().map(|(_, _, page)| memo.get(&AnchorsOf(Arc::clone(page)))).collect();
    let ground = ground(base, pages.iter().zip(&anchors).map(|((id, _, page), anchors)| (*id, &***page, &**anchors)));
    let anchors: Anchors =
        pages.iter().zip(anchors).map(|((id, at, _), anchors)| (((*id).clone(), *at), anchors)).collect();
    let anchors = Arc::new(anchors);
    let found: Vec<Arc<Findings>> = pages
        .par_iter()
        .map(|(_, at, page)| {
            let (page, base, anchors) = (Arc::clone(page), Arc::clone(base), Arc::clone(&anchors));
            memo.get(&Judging { page, at: *at, base, anchors, ground })
        })
        .collect();
    findings.extend(found.iter().flat_map(|found| found.iter().cloned()));
}

/// A digest of everything that a page is judged by, itself apart.
fn ground<'b>(base: &Edition, pages: impl Iterator<Item = (&'b PageId, &'b Page, &'b PageAnchors)>) -> Digest {
    let handbook = &base.handbook;
    let mut digest = DigestWriter::new()
        .with(handbook.declarations.digest)
        .with(format!("{:?}", handbook.config))
        .with(format!("{:?} {:?}", handbook.aliases, handbook.unbuilt));
    for (id, page, anchors) in pages {
        digest.add(&**id);
        digest.add(&*page.output);
        digest.add(anchors.digest);
    }
    for (id, page) in &base.pages {
        digest.add(&**id);
        digest.add(if page.is_some() { "shown" } else { "hidden" });
    }
    for path in handbook.files.assets.keys() {
        digest.add(&**path);
    }
    digest.finish()
}
