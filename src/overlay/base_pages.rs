//! What is wrong with the pages of the base, judged page by page and kept from round to round.
//!
//! A page is judged anew when it changed, or when something did that the links of every page are judged
//! by: which pages there are, their anchors and outputs, the files. A save that changes none of these
//! costs one page, whatever the size of the handbook.

use std::sync::Arc;

use rayon::prelude::*;

use crate::book::{Digest, DigestWriter, Edition, Page};
use crate::diagnostic::{Code, Diagnostic, Findings};
use crate::memo::{Key, Memo};
use crate::overlay::conditions;
use crate::overlay::{links, placeholders};

/// A page that is judged, and what it is judged by.
struct Judging {
    page: Arc<Page>,
    at: usize,
    base: Arc<Edition>,
    /// A digest of everything but the page.
    ground: Digest,
}

impl Key for Judging {
    type Value = Findings;

    fn digest(&self) -> Digest {
        judging_digest(&self.page, self.ground)
    }

    fn compute(&self) -> Findings {
        let mut findings = Findings::new();
        if self.page.fallback {
            self.check_fallback(&mut findings);
            return findings;
        }
        let handbook = &self.base.handbook;
        placeholders::check_page(&self.page, &handbook.declarations, &mut findings);
        conditions::check(&self.page, &handbook.declarations, &mut findings);
        links::check_base(&self.base, &self.page, self.at, &mut findings);
        findings
    }
}

impl Judging {
    /// A text that stands in for a translation was judged in its own language; what its links name there may have
    /// another name in this one.
    fn check_fallback(&self, findings: &mut Findings) {
        let judged = |at: usize| {
            let mut findings = Findings::new();
            links::check_base(&self.base, &self.page, at, &mut findings);
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

/// The digest of a [`Judging`], which need not be made for it.
fn judging_digest(page: &Page, ground: Digest) -> Digest {
    DigestWriter::new().with(page.digest).with(ground).finish()
}

/// Judges every page of the base in every language.
pub fn check(base: &Arc<Edition>, memo: &Memo, findings: &mut Findings) {
    let pages = base.handbook.pages.values().flat_map(|page| page.languages.iter().enumerate());
    let pages: Vec<(usize, &Arc<Page>)> = pages.collect();
    let ground = ground(base);
    let found: Vec<Arc<Findings>> = pages
        .par_iter()
        .map(|(at, page)| {
            memo.get_or_make(judging_digest(page, ground), || Judging {
                page: Arc::clone(page),
                at: *at,
                base: Arc::clone(base),
                ground,
            })
        })
        .collect();
    findings.extend(found.iter().flat_map(|found| found.iter().cloned()));
}

/// A digest of everything that a page is judged by, itself apart.
fn ground(base: &Edition) -> Digest {
    let handbook = &base.handbook;
    let mut digest = DigestWriter::new()
        .with(handbook.declarations.digest)
        .with(format!("{:?}", handbook.config))
        .with(format!("{:?} {:?}", handbook.aliases, handbook.unbuilt));
    for anchors in handbook.pages.values().flat_map(|page| &page.anchors) {
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
