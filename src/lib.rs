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
pub mod write;

use std::collections::BTreeSet;
use std::sync::Arc;

use rayon::prelude::*;

use book::{Edition, Handbook, LayerId, Sources};
use diagnostic::{Checked, Findings, any_error};
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
    let Checked { value: handbook, findings } = load::handbook::decode(sources, drafts, memo);
    let overlay = Overlay::new(Arc::new(handbook));
    let layers_folder = &overlay.handbook().config.organisations.src;
    let (in_layers, in_base): (Findings, Findings) = findings.into_iter().partition(|finding| {
        finding
            .place
            .as_ref()
            .is_some_and(|place| !layers_folder.is_empty() && load::config::is_below(&place.path, layers_folder))
    });
    let base = overlay.base();
    let base_broken = any_error(&in_base) || any_error(&base.findings);
    let ids: Vec<&LayerId> = overlay.handbook().layers.keys().collect();
    let judged: Vec<(&LayerId, Checked<Option<Edition>>)> =
        ids.into_par_iter().map(|id| (id, overlay.edition(id, &base.value))).collect();
    let mut editions = vec![Arc::new(base.value)];
    let mut broken = BTreeSet::new();
    let mut all = in_base;
    all.extend(base.findings);
    for (id, Checked { value, findings }) in judged {
        let wrong = any_error(&findings) || value.as_ref().is_none_or(|edition| has_fault(edition, &in_layers));
        let is_abstract = overlay.handbook().layers.get(id).is_some_and(|layer| layer.is_abstract);
        match value.filter(|_| !wrong && !is_abstract) {
            Some(edition) => editions.push(Arc::new(edition)),
            None if !is_abstract => {
                broken.insert(id.clone());
            }
            None => {}
        }
        all.extend(findings);
    }
    all.extend(in_layers);
    diagnostic::sort(&mut all);
    let composed = Composed { handbook: Arc::clone(overlay.handbook()), editions, broken, base_broken };
    Checked { value: composed, findings: all }
}

/// Whether something is wrong in a file of one of the edition's layers, or in their folders.
fn has_fault(edition: &Edition, findings: &Findings) -> bool {
    findings.iter().filter(|finding| finding.severity == diagnostic::Severity::Error).any(|finding| {
        let Some(place) = &finding.place else { return false };
        edition.chain.iter().any(|layer| {
            let folder = layer.path.trim_end_matches(".yaml");
            *place.path == *layer.path || load::config::is_below(&place.path, folder)
        })
    })
}
