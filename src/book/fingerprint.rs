//! Fingerprints of texts (spec §5, Drift): equal for texts that differ in wrapping and marker style only.
//!
//! They outlive releases: a change here is a new version of them, `v2`.

use crate::book::{Digest, DigestWriter, Own, Page, Section};

/// A digest as `accepted` writes it: `v1-<12 hex>`.
pub fn fingerprint(digest: Digest) -> String {
    format!("v1-{}", digest.short(12))
}

/// The digest of an own text.
pub fn own(own: &Own) -> Digest {
    let digests: Vec<Digest> = own.parts.iter().filter_map(|part| part.fragment.canonical).collect();
    match digests.as_slice() {
        [one] => *one,
        many => many.iter().fold(DigestWriter::new(), |writer, digest| writer.with(digest)).finish(),
    }
}

/// The digest of a section with all below it.
pub fn subtree(section: &Section) -> Digest {
    let mut writer = DigestWriter::new();
    add_section(&mut writer, section);
    writer.finish()
}

fn add_section(writer: &mut DigestWriter, section: &Section) {
    writer.add([section.level]);
    writer.add(section.heading.canonical);
    writer.add(own(&section.own));
    // Six levels of headings at the most: this recursion is bounded.
    section.sections.iter().for_each(|child| add_section(writer, child));
}

/// The digest of a page.
pub fn whole(page: &Page) -> Digest {
    let mut writer =
        DigestWriter::new().with(page.heading.canonical).with(own(&page.opening)).with(own(&page.unaddressed));
    page.sections.iter().for_each(|section| add_section(&mut writer, section));
    writer.finish()
}
