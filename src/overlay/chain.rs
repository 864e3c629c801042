//! `extends`: from a layer to the base.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::book::{Layer, LayerId};
use crate::diagnostic::{Code, Findings, did_you_mean, escaped};

/// The chain of a layer, outermost first. Nothing when it has no beginning (E110).
pub fn chain(layers: &BTreeMap<LayerId, Arc<Layer>>, id: &LayerId, findings: &mut Findings) -> Option<Vec<Arc<Layer>>> {
    let mut chain: Vec<Arc<Layer>> = Vec::new();
    let mut next = layers.get(id);
    while let Some(layer) = next {
        chain.push(Arc::clone(layer));
        let Some((parent, place)) = &layer.extends else {
            chain.reverse();
            return Some(chain);
        };
        if let Some(at) = chain.iter().position(|known| known.id == *parent) {
            let names: Vec<&str> = chain[at..].iter().map(|layer| &*layer.id).chain([&**parent]).collect();
            findings
                .report(Code::E110, place, format!("`extends` goes round: {}", names.join(" → ")))
                .hint("remove one `extends` of the round");
            return None;
        }
        next = layers.get(parent);
        if next.is_none() {
            findings
                .report(Code::E110, place, format!("there is no layer `{}`", escaped(parent)))
                .maybe_hint(did_you_mean(parent, layers.keys().map(|id| &**id)));
        }
    }
    None
}

/// Whether something of a chain could not be read, so that its edition is not what its authors meant.
pub fn is_unsure(chain: &[Arc<Layer>]) -> bool {
    let mut above = chain.iter().rev().skip(1);
    chain.iter().any(|layer| layer.unread) || above.any(|layer| layer.lacks_inserts)
}
