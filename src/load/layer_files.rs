//! Which files are layers, and which ids a layer may have (spec §1).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::book::{BasePage, Config, Layer, LayerId, Page, PageId, Sources};
use crate::diagnostic::{Code, Findings, Place, escaped};
use crate::load::files;

/// The files of the layers, by id. One that is almost a layer's is reported: an operation never vanishes.
pub fn layer_ids(sources: &Sources, config: &Config, findings: &mut Findings) -> Vec<(LayerId, Arc<str>)> {
    let folder = &config.organisations.src;
    let mut layers = Vec::new();
    for (path, _) in files::below(sources, folder) {
        let name = files::relative(path, folder);
        let lower = name.to_ascii_lowercase();
        let Some(stem) = [".yaml", ".yml"].iter().find_map(|end| Some(&name[..lower.strip_suffix(end)?.len()])) else {
            continue;
        };
        if !stem.contains('/') && name.ends_with(".yaml") {
            layers.push((LayerId::from(stem), Arc::clone(path)));
            continue;
        }
        let wanted = format!("{}.yaml", stem.rsplit('/').next().unwrap_or(stem));
        let message = "this file is not read: a layer is <id>.yaml in the organisations' folder itself";
        findings.report(Code::E109, &Place::file(path), message).hint(match stem.contains('/') {
            true => format!("move it to {}", escaped(&files::join(folder, &wanted))),
            false => format!("rename it to {}", escaped(&wanted)),
        });
    }
    layers
}

/// A layer's id is a folder of the output and a word in URLs: it must not be anything else (E109).
pub fn check_ids(
    layers: &BTreeMap<LayerId, Arc<Layer>>,
    config: &Config,
    pages: &BTreeMap<PageId, BasePage>,
    findings: &mut Findings,
) {
    if layers.is_empty() {
        return;
    }
    let mut folders: BTreeSet<&str> = BTreeSet::new();
    let mut outputs: BTreeMap<&str, &Page> = BTreeMap::new();
    for (id, page) in pages {
        folders.extend(id.split_once('/').map(|(folder, _)| folder));
        for page in &page.languages {
            if let Some((folder, _)) = page.output.split_once('/') {
                outputs.entry(folder).or_insert(page);
            }
        }
    }
    for (id, layer) in layers {
        let clash = if !crate::book::is_id(id) {
            Some("an id has lower-case letters, digits and hyphens".to_owned())
        } else if config.languages.iter().any(|language| **language == **id) {
            Some("this is a language of the handbook".to_owned())
        } else if matches!(&**id, "base" | "assets" | "accepted") {
            Some("this word is reserved".to_owned())
        } else {
            // With several languages every page lies below its language.
            let clashing = outputs.get(&**id).filter(|_| config.single_language);
            clashing
                .map(|page| format!("pages of the handbook lie there: {}", page.source))
                .or_else(|| folders.contains(&**id).then(|| format!("a folder of pages has this name: {id}/")))
        };
        if let Some(clash) = clash {
            let message = format!("a layer cannot be called `{}`", escaped(id));
            findings.report(Code::E109, &Place::new(&layer.path, 1, 1, 1), message).hint(clash).hint("rename the file");
        }
    }
}
