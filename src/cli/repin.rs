//! Pins that follow a rename: a text whose links alone have new names says the same, and was accepted.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::book::{Address, Handbook, LayerId};
use crate::cli::plan::Plan;
use crate::cli::rename::retarget_layers;
use crate::load::handbook::{Drafts, decode};
use crate::load::relabel;
use crate::load::retarget::Moves;
use crate::memo::Memo;
use crate::overlay::{self, Fingerprints, Overlay};

/// A text whose links have new names has a new fingerprint and says the same: its pins follow.
pub fn repin(plan: &mut Plan, handbook: &Arc<Handbook>, moves: &Moves) {
    let after = Arc::new(decode(&plan.after(), Drafts::Shown, &Memo::new()).value);
    let (old, new) = (all_fingerprints(handbook), all_fingerprints(&after));
    let mut pins: BTreeMap<String, String> = BTreeMap::new();
    for (edition, known) in &old {
        for ((address, what, at), pin) in known {
            let address =
                moves.address(&address.to_string()).map_or_else(|| address.clone(), |text| Address::parse(&text));
            if let Some(now) = new.get(edition).and_then(|known| known.get(&(address, what, *at)))
                && now != pin
            {
                pins.insert(pin.clone(), now.clone());
            }
        }
    }
    if pins.is_empty() {
        return;
    }
    retarget_layers(plan, &after, &Moves::default(), &pins);
    for page in after.pages.values().flat_map(|page| &page.languages) {
        if page.accepted.is_some()
            && let Some(text) = plan.text(&page.source)
            && let Some(text) = relabel::repin(&text, &pins)
        {
            plan.write(&page.source, text);
        }
    }
    for (old, new) in &pins {
        let path = |pin: &str| format!("{}/accepted/{pin}.md", handbook.config.organisations.src);
        if let Some(text) = plan.text(&path(old)).filter(|_| !plan.has(&path(new))) {
            plan.write(&path(new), text);
        }
    }
}

fn all_fingerprints(handbook: &Arc<Handbook>) -> BTreeMap<Option<LayerId>, Fingerprints> {
    let overlay = Overlay::new(Arc::clone(handbook));
    let base = overlay.base(&Memo::new()).value;
    let mut all: BTreeMap<Option<LayerId>, Fingerprints> = BTreeMap::new();
    for id in handbook.layers.keys() {
        if let Some(edition) = overlay.edition(id, &base).value {
            all.insert(Some(id.clone()), overlay::fingerprints(&edition));
        }
    }
    all.insert(None, overlay::fingerprints(&base));
    all
}
