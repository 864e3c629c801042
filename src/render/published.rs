//! The files of the project that a site needs: images that pages show, logos, and what is copied to its place.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;

use crate::book::{BasePage, Edition, Hole, Language, Page, PageId, Target};
use crate::render::assets;
use crate::render::table::{Extra, Recipe, Table, is_below};

/// Adds the files that these editions need in these languages.
pub fn add(table: &mut Table, editions: &[Arc<Edition>], languages: &[(usize, Language)]) {
    let handbook = Arc::clone(&table.handbook);
    let config = &handbook.config;
    let mut shown: BTreeSet<String> = BTreeSet::new();
    let mut copied: BTreeMap<String, String> = BTreeMap::new();
    let built = |path: &str| languages.iter().any(|(_, language)| is_below(path, &config.language_folder(language)));
    for path in handbook.files.assets.keys().filter(|path| built(path)) {
        if let Some(output) = assets::copied(path, config) {
            copied.insert(path.to_string(), output);
        }
    }
    let of_page = |mut base: BTreeSet<_>, (_, page): (&PageId, &BasePage)| {
        languages.iter().filter_map(|(at, _)| page.languages.get(*at)).for_each(|page| needed(page, &mut base));
        base
    };
    let joined = |mut one: BTreeSet<_>, mut other: BTreeSet<_>| {
        one.append(&mut other);
        one
    };
    let base = handbook.pages.par_iter().fold(BTreeSet::new, of_page).reduce(BTreeSet::new, joined);
    for edition in editions {
        let mut own = BTreeSet::new();
        for page in edition.pages.values().flatten() {
            languages.iter().filter_map(|(at, _)| page.get(*at)).for_each(|page| needed(page, &mut own));
        }
        let logo = edition.logo.iter().map(|logo| (Way::Shown, logo.path.to_string()));
        let all = base.iter().chain(&own).cloned().chain(logo);
        for (way, path) in all {
            let Some(path) = edition.file(&path) else { continue };
            let Some(asset) = handbook.files.assets.get(path.as_str()) else { continue };
            let output = match assets::copied(&path, config).filter(|_| way == Way::Linked) {
                Some(output) => {
                    // A translation that is built alone may share a file of one that is not.
                    copied.insert(path, output.clone());
                    output
                }
                None => {
                    shown.insert(path);
                    assets::published_asset(asset)
                }
            };
            table.assets.entry(edition.id.clone()).or_default().insert(output.into());
        }
    }
    let asset = |path: &str| handbook.files.assets.get(path);
    let shown = shown.iter().filter_map(|path| asset(path)).map(|asset| {
        let recipe = Recipe::Body(assets::body(asset));
        Extra { path: assets::published_asset(asset).into(), edition: None, recipe }
    });
    let copied = copied.iter().filter_map(|(path, output)| Some((asset(path)?, output))).map(|(asset, output)| {
        let recipe = Recipe::Copied(Arc::clone(&asset.path), assets::body(asset));
        Extra { path: output.as_str().into(), edition: None, recipe }
    });
    table.extras.extend(shown.chain(copied));
}

/// How a page needs a file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    /// As an image, under a name with its digest.
    Shown,
    /// By a link.
    Linked,
}

/// The files that a page shows and links to.
fn needed(page: &Page, needed: &mut BTreeSet<(Way, String)>) {
    for (_, hole) in page.texts().flat_map(|pieces| &pieces.holes) {
        let (way, link) = match hole {
            Hole::Image(link) => (Way::Shown, link),
            Hole::LinkStart(link) | Hole::Reference(link) => (Way::Linked, link),
            Hole::Value(_) | Hole::Plain(_) | Hole::LinkEnd(_) | Hole::Note(_) | Hole::Word(_) => continue,
        };
        if let Target::File { path, .. } = &link.target {
            needed.insert((way, path.to_string()));
        }
    }
}
