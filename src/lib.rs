//! leidraad: a static site generator for a handbook that has to hold in more than one organisation.
//!
//! ```text
//! disk ──load::read──▶ Sources ──load::decode──▶ Handbook ──overlay──▶ [Edition] ──render──▶ Site ──write──▶ disk
//!        (reads)               └────────────── pure: no IO, clock, env, globals ───────────┘      (writes)
//! ```
//!
//! `build` is [`read`](load::sources::read) → [`compose`] → [`site`] → [`write::build`]. `check` is the
//! same without the last step; `watch` and `serve` are the same in a loop with a kept [`Memo`](memo::Memo);
//! `publish` takes what was built to where readers are.

pub mod book;
pub mod cli;
pub mod diagnostic;
pub mod load;
pub mod memo;
pub mod overlay;
pub mod publish;
pub mod render;
pub mod serve;
pub mod write;

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use book::{Edition, Handbook, LayerId, Sources};
use diagnostic::{Checked, Code, Diagnostic, Findings, Severity, any_error};
use load::handbook::Drafts;
use memo::Memo;
use overlay::Overlay;
use render::{Options, Table};

/// How sources are read: what is part of the handbook, and what a warning weighs.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    /// Whether drafts are part of it.
    pub drafts: Drafts,
    /// The severity of warnings: errors under `--strict`.
    pub warnings: Severity,
}

impl From<Drafts> for Reading {
    fn from(drafts: Drafts) -> Reading {
        Reading { drafts, warnings: Severity::Warning }
    }
}

impl Reading {
    /// Findings with warnings of their weight.
    pub fn weigh(self, mut findings: Findings) -> Findings {
        for finding in findings.iter_mut().filter(|finding| finding.severity == Severity::Warning) {
            finding.severity = self.warnings;
        }
        findings
    }
}

/// A handbook with every edition that could be made.
pub struct Composed {
    /// The handbook.
    pub handbook: Arc<Handbook>,
    /// The base first, then the organisations by id; those that are wrong are missing.
    pub editions: Vec<Arc<Edition>>,
    /// The organisations whose edition is wrong, with the edition as good as it could be made.
    pub broken: BTreeMap<LayerId, Option<Arc<Edition>>>,
    /// Whether the base itself is wrong, so that nothing can be built.
    pub base_broken: bool,
}

/// Sources → editions: everything between reading and rendering.
pub fn compose(sources: &Sources, reading: impl Into<Reading>, memo: &Memo) -> Checked<Composed> {
    let prepared = Prepared::new(sources, reading, memo);
    let ids: Vec<&LayerId> = prepared.handbook().layers.keys().collect();
    let judged: Vec<(&LayerId, Judged)> = ids.into_par_iter().map(|id| (id, prepared.edition(id, &[]))).collect();
    let mut editions = vec![Arc::clone(&prepared.base)];
    let mut broken = BTreeMap::new();
    for (id, judged) in &judged {
        let is_abstract = prepared.handbook().layers.get(*id).is_some_and(|layer| layer.is_abstract);
        match &judged.edition {
            _ if is_abstract => {}
            Some(edition) if !judged.wrong => editions.push(Arc::clone(edition)),
            edition => {
                broken.insert((*id).clone(), edition.clone());
            }
        }
    }
    let findings = prepared.findings(judged.iter().map(|(_, judged)| judged));
    let handbook = Arc::clone(prepared.handbook());
    Checked { value: Composed { handbook, editions, broken, base_broken: prepared.base_broken }, findings }
}

/// Editions → site: those that are right, and in what all share also those that are carried over.
pub fn site(composed: &Composed, options: &Options, memo: &Memo) -> Checked<Table> {
    let carried = options.carried.iter().filter_map(|id| composed.broken.get(id)?.clone());
    let mut editions: Vec<Arc<Edition>> = composed.editions.iter().cloned().chain(carried).collect();
    editions.sort_by(|one, other| one.id.cmp(&other.id));
    render::site(&composed.handbook, editions, options, memo)
}

/// A handbook with its base edition; an organisation's edition is made when it is asked for.
pub struct Prepared {
    /// The base.
    pub base: Arc<Edition>,
    /// Whether the base itself is wrong.
    pub base_broken: bool,
    reading: Reading,
    overlay: Overlay,
    in_base: Findings,
    in_layers: Findings,
}

/// An organisation's edition, as good as it could be made, and what is wrong with it.
pub struct Judged {
    /// The edition; nothing where its chain has no beginning.
    pub edition: Option<Arc<Edition>>,
    /// Whether it must not be published.
    pub wrong: bool,
    /// What is wrong, faults of the layers' files apart.
    pub findings: Findings,
}

impl Prepared {
    /// Decodes the sources and makes the base edition.
    pub fn new(sources: &Sources, reading: impl Into<Reading>, memo: &Memo) -> Prepared {
        let reading = reading.into();
        let Checked { value: handbook, findings } = load::handbook::decode(sources, reading.drafts, memo);
        let overlay = Overlay::new(Arc::new(handbook));
        let layers_folder = &overlay.handbook().config.organisations.src;
        let (in_layers, mut in_base): (Findings, Findings) = reading.weigh(findings).into_iter().partition(|finding| {
            finding
                .place
                .as_ref()
                .is_some_and(|place| !layers_folder.is_empty() && load::layout::is_below(&place.path, layers_folder))
        });
        let base = overlay.base(memo);
        in_base.extend(reading.weigh(base.findings));
        Prepared { base: base.value, base_broken: any_error(&in_base), reading, overlay, in_base, in_layers }
    }

    /// The handbook.
    pub fn handbook(&self) -> &Arc<Handbook> {
        self.overlay.handbook()
    }

    /// The edition of a layer; errors of a `tolerated` code do not make it wrong.
    pub fn edition(&self, id: &LayerId, tolerated: &[Code]) -> Judged {
        let Checked { value, findings } = self.overlay.edition(id, &self.base);
        let findings = self.reading.weigh(findings);
        let is_fault = |finding: &Diagnostic| finding.severity == Severity::Error && !tolerated.contains(&finding.code);
        let wrong = findings.iter().any(is_fault)
            || value.as_ref().is_none_or(|edition| {
                edition.chain.iter().any(|layer| layer.broken)
                    || self.in_layers.iter().filter(|finding| is_fault(finding)).any(|finding| is_in(edition, finding))
            });
        Judged { edition: value.map(Arc::new), wrong, findings }
    }

    /// Everything that is wrong, sorted: with the base, in the layers' files, and with these editions.
    pub fn findings<'j>(&self, judged: impl IntoIterator<Item = &'j Judged>) -> Findings {
        let mut all = self.in_base.clone();
        all.extend(judged.into_iter().flat_map(|judged| judged.findings.iter().cloned()));
        all.extend(self.in_layers.iter().cloned());
        diagnostic::sort(&mut all);
        all
    }
}

/// Whether a finding is in a file of one of the edition's layers, or in their folders.
fn is_in(edition: &Edition, finding: &Diagnostic) -> bool {
    let Some(place) = &finding.place else { return false };
    edition.chain.iter().any(|layer| {
        let folder = layer.path.trim_end_matches(".yaml");
        *place.path == *layer.path || load::layout::is_below(&place.path, folder)
    })
}
