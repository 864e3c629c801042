//! leidraad: a static site generator for a handbook that has to hold in more than one organisation.
//!
//! ```text
//! disk ──load::read──▶ Sources ──load::decode──▶ Handbook ──overlay──▶ [Edition] ──render──▶ Site ──write──▶ disk
//!        (reads)               └────────────── pure: no IO, clock, env, globals ───────────┘      (writes)
//! ```
//!
//! `build` is [`read`](load::sources::read) → [`compose`] → [`site`] → [`write::build`]. `check` is the
//! same without the last step; `watch` and `serve` are the same in a loop with a kept [`Memo`](memo::Memo).

pub mod book;
pub mod cli;
pub mod diagnostic;
pub mod load;
pub mod memo;
pub mod overlay;
pub mod render;
pub mod serve;
pub mod write;

use std::collections::BTreeSet;
use std::sync::Arc;

use rayon::prelude::*;

use book::{Edition, Handbook, LayerId, Sources};
use diagnostic::{Checked, Code, Diagnostic, Findings, Severity, any_error};
use load::handbook::Drafts;
use memo::Memo;
use overlay::Overlay;

/// A handbook with every edition that could be made.
pub struct Composed {
    /// The handbook.
    pub handbook: Arc<Handbook>,
    /// The base first, then the organisations by id; those that are wrong are missing.
    pub editions: Vec<Arc<Edition>>,
    /// The organisations whose edition is wrong.
    pub broken: BTreeSet<LayerId>,
    /// Whether the base itself is wrong, so that nothing can be built.
    pub base_broken: bool,
}

/// Sources → editions: everything between reading and rendering.
pub fn compose(sources: &Sources, drafts: Drafts, memo: &Memo) -> Checked<Composed> {
    let prepared = Prepared::new(sources, drafts, memo);
    let ids: Vec<&LayerId> = prepared.handbook().layers.keys().collect();
    let judged: Vec<(&LayerId, Judged)> = ids.into_par_iter().map(|id| (id, prepared.edition(id, &[]))).collect();
    let mut editions = vec![Arc::clone(&prepared.base)];
    let mut broken = BTreeSet::new();
    for (id, judged) in &judged {
        let is_abstract = prepared.handbook().layers.get(*id).is_some_and(|layer| layer.is_abstract);
        match &judged.edition {
            _ if is_abstract => {}
            Some(edition) if !judged.wrong => editions.push(Arc::clone(edition)),
            Some(_) | None => {
                broken.insert((*id).clone());
            }
        }
    }
    let findings = prepared.findings(judged.iter().map(|(_, judged)| judged));
    let handbook = Arc::clone(prepared.handbook());
    Checked { value: Composed { handbook, editions, broken, base_broken: prepared.base_broken }, findings }
}

/// A handbook with its base edition; an organisation's edition is made when it is asked for.
pub struct Prepared {
    /// The base.
    pub base: Arc<Edition>,
    /// Whether the base itself is wrong.
    pub base_broken: bool,
    overlay: Overlay,
    in_base: Findings,
    in_layers: Findings,
}

/// An organisation's edition, as good as it could be made, and what is wrong with it.
pub struct Judged {
    /// The edition; nothing where its layer could not be read.
    pub edition: Option<Arc<Edition>>,
    /// Whether it must not be published.
    pub wrong: bool,
    /// What is wrong, faults of the layers' files apart.
    pub findings: Findings,
}

impl Prepared {
    /// Decodes the sources and makes the base edition.
    pub fn new(sources: &Sources, drafts: Drafts, memo: &Memo) -> Prepared {
        let Checked { value: handbook, findings } = load::handbook::decode(sources, drafts, memo);
        let overlay = Overlay::new(Arc::new(handbook));
        let layers_folder = &overlay.handbook().config.organisations.src;
        let (in_layers, mut in_base): (Findings, Findings) = findings.into_iter().partition(|finding| {
            finding
                .place
                .as_ref()
                .is_some_and(|place| !layers_folder.is_empty() && load::config::is_below(&place.path, layers_folder))
        });
        let base = overlay.base(memo);
        in_base.extend(base.findings);
        Prepared { base: base.value, base_broken: any_error(&in_base), overlay, in_base, in_layers }
    }

    /// The handbook.
    pub fn handbook(&self) -> &Arc<Handbook> {
        self.overlay.handbook()
    }

    /// The edition of a layer; errors of a `tolerated` code do not make it wrong.
    pub fn edition(&self, id: &LayerId, tolerated: &[Code]) -> Judged {
        let Checked { value, findings } = self.overlay.edition(id, &self.base);
        let is_fault = |finding: &Diagnostic| finding.severity == Severity::Error && !tolerated.contains(&finding.code);
        let wrong = findings.iter().any(is_fault)
            || value.as_ref().is_none_or(|edition| {
                self.in_layers.iter().filter(|finding| is_fault(finding)).any(|finding| is_in(edition, finding))
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
        *place.path == *layer.path || load::config::is_below(&place.path, folder)
    })
}
