//! The files of the project that a site needs: images that pages show, logos, and what is copied to its place.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::book::{Edition, EditionId, Hole, Pieces, Target};
use crate::render::assets;
use crate::render::table::{Extra, Recipe, Table, is_below};

/// Adds the files that these editions need.
pub fn add(table: &mut Table, editions: &[Arc<Edition>]) {
    let handbook = Arc::clone(&table.handbook);
    let config = &handbook.config;
    let mut shown: BTreeMap<Arc<str>, BTreeSet<EditionId>> = BTreeMap::new();
    let base: BTreeSet<String> = handbook
        .pages
        .values()
        .flat_map(|page| &page.languages)
        .flat_map(|page| page.all_parts().flat_map(|(_, part)| images(&part.fragment.html)).collect::<Vec<_>>())
        .collect();
    for edition in editions {
        let mut own: BTreeSet<String> = edition.logo.iter().map(|logo| logo.path.to_string()).collect();
        for page in edition.pages.values().flatten().flatten() {
            for (_, part) in page.all_parts() {
                own.extend(images(&part.fragment.html));
                own.extend(layer_files(&part.fragment.html, &config.organisations.src));
            }
        }
        for path in own.iter().chain(&base) {
            if let Some(path) = edition.file(path) {
                shown.entry(path.into()).or_default().insert(edition.id.clone());
            }
        }
    }
    for (path, by) in shown {
        let Some(asset) = handbook.files.assets.get(&path) else { continue };
        let published: Arc<str> = assets::published_asset(asset).into();
        for edition in &by {
            table.assets.entry(edition.clone()).or_default().insert(Arc::clone(&published));
        }
        table.extras.push(Extra { path: published, edition: None, recipe: Recipe::Body(assets::body(asset)) });
    }
    for language in &config.languages {
        let folder = config.language_folder(language);
        let prefix = if config.single_language { String::new() } else { format!("{language}/") };
        for (path, asset) in &handbook.files.assets {
            let below = if folder.is_empty() {
                Some(&**path)
            } else {
                path.strip_prefix(&*folder).and_then(|rest| rest.strip_prefix('/'))
            };
            let elsewhere =
                is_below(path, &config.organisations.src) || config.html.additional_css.iter().any(|css| css == path);
            if let Some(relative) = below.filter(|_| !elsewhere) {
                table.extras.push(Extra {
                    path: format!("{prefix}{relative}").into(),
                    edition: None,
                    recipe: Recipe::Body(assets::body(asset)),
                });
            }
        }
    }
}

fn images(pieces: &Pieces) -> impl Iterator<Item = String> {
    pieces.holes.iter().filter_map(|(_, hole)| {
        let Hole::Image(link) = hole else { return None };
        match &link.target {
            Target::File { path, .. } => Some(path.to_string()),
            _ => None,
        }
    })
}

/// Downloads that a layer's text links to.
fn layer_files<'p>(pieces: &'p Pieces, folder: &'p str) -> impl Iterator<Item = String> + use<'p> {
    pieces.links().filter_map(move |link| match &link.target {
        Target::File { path, .. } if is_below(path, folder) => Some(path.to_string()),
        _ => None,
    })
}
