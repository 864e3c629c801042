//! The origins of the images that a page shows from elsewhere: the policy of the site allows them and no others.

use std::collections::BTreeSet;

use crate::book::{Hole, Page, Pieces, Target};

/// The origins, as `https://host`.
pub fn origins(page: &Page) -> BTreeSet<String> {
    page.texts().flat_map(|pieces| remote_images(pieces).chain(raw_images(&pieces.text))).collect()
}

/// The origins of the images that a text shows from elsewhere.
fn remote_images(pieces: &Pieces) -> impl Iterator<Item = String> {
    pieces.holes.iter().filter_map(|(_, hole)| {
        let Hole::Image(link) = hole else { return None };
        let Target::External(url) = &link.target else { return None };
        origin(&url.text)
    })
}

/// The same of raw HTML: what `img`, `source` and `video` name in `src`, `srcset` and `poster`.
fn raw_images(html: &str) -> impl Iterator<Item = String> {
    // Few texts name an address in full at all.
    let html = if html.contains("//") { html } else { "" };
    let tags = html.split('<').skip(1).filter(|tag| {
        let name = tag.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        ["img", "source", "video", "input", "image"].iter().any(|known| name.eq_ignore_ascii_case(known))
    });
    tags.flat_map(|tag| {
        let tag = tag.split('>').next().unwrap_or_default();
        let values = tag.split(['"', '\'', ' ', ',', '=', '\n', '\t']).filter(|value| value.contains("//"));
        values.filter_map(origin)
    })
}

/// `https://host` of an address; what names no scheme is fetched as the page is, safely.
fn origin(url: &str) -> Option<String> {
    let (scheme, rest) = match url.strip_prefix("//") {
        Some(rest) => ("https", rest),
        None => url.split_once("://")?,
    };
    let host = rest.split(['/', '?', '#', '\\']).next()?.to_ascii_lowercase();
    let scheme = scheme.to_ascii_lowercase();
    let plain = host.chars().all(|c| c.is_ascii_alphanumeric() || ".-:[]".contains(c)) && !host.is_empty();
    (plain && matches!(&*scheme, "http" | "https")).then(|| format!("{scheme}://{host}"))
}
