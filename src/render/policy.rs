//! What a page may load: the policy that every page names, and the images from elsewhere that join it.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::book::{Digest, Handbook, Hole, Page, Pieces, Target};
use crate::diagnostic::Place;
use crate::memo::{Key, Memo};

/// The policy of every page; remote images of base pages join `img-src`.
pub fn policy(handbook: &Handbook, memo: &Memo) -> String {
    let mut hosts: BTreeSet<String> = BTreeSet::new();
    for page in handbook.pages.values().flat_map(|page| &page.languages) {
        hosts.extend(memo.get(&Origins(Arc::clone(page))).iter().cloned());
    }
    let images: String = hosts.iter().map(|host| format!(" {host}")).collect();
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'{images}; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; require-trusted-types-for 'script'"
    )
}

/// The origins of the images that a text shows from elsewhere.
fn remote_images(pieces: &Pieces) -> impl Iterator<Item = (String, &Place)> {
    pieces.holes.iter().filter_map(|(_, hole)| {
        let Hole::Image(link) = hole else { return None };
        let Target::External(url) = &link.target else { return None };
        let (scheme, rest) = url.text.split_once("://")?;
        let host = rest.split(['/', '?', '#']).next()?;
        let plain = host.chars().all(|c| c.is_ascii_alphanumeric() || ".-:[]".contains(c)) && !host.is_empty();
        plain.then(|| (format!("{scheme}://{host}"), &link.place))
    })
}

/// The origins of the images that a page shows from elsewhere.
struct Origins(Arc<Page>);

impl Key for Origins {
    type Value = BTreeSet<String>;

    fn digest(&self) -> Digest {
        self.0.digest
    }

    fn compute(&self) -> BTreeSet<String> {
        let parts = self.0.all_parts();
        parts.flat_map(|(_, part)| remote_images(&part.fragment.html).map(|(origin, _)| origin)).collect()
    }
}
