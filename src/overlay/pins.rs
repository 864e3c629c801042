//! Every fingerprint that an operation on an edition could be pinned to: how a rename knows which pins say
//! the same with other words.

use std::collections::BTreeMap;

use crate::book::fingerprint::{fingerprint, own, subtree, whole};
use crate::book::{Address, Edition, PageId};

/// Fingerprints by address, by what is hidden (`own`, `all`, `title`) and by the index of the language.
pub type Fingerprints = BTreeMap<(Address, &'static str, usize), String>;

/// The fingerprints of an edition: of all pages for the base, else of those that differ from the base's.
pub fn fingerprints(edition: &Edition) -> Fingerprints {
    let mut found = Fingerprints::new();
    let changed = edition.pages.keys();
    let pages: Vec<&PageId> =
        if edition.chain.is_empty() { edition.handbook.pages.keys().collect() } else { changed.collect() };
    for id in pages {
        for at in 0..edition.handbook.config.languages.len() {
            let Some(page) = edition.page_at(id, at) else { continue };
            let mut add = |address: Address, what, digest| found.insert((address, what, at), fingerprint(digest));
            add(Address::page(id), "own", own(&page.opening));
            add(Address::page(id), "all", whole(page));
            add(Address::page(id), "title", page.heading.canonical);
            for section in page.all_sections() {
                let address = Address::section(id, &section.id);
                add(address.clone(), "own", own(&section.own));
                add(address.clone(), "all", subtree(section));
                add(address, "title", section.heading.canonical);
            }
        }
    }
    found
}
