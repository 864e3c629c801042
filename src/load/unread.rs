//! Files that lie where pages could and are none: an author who put one there wants to know (a note each).

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::book::{Config, LayerId, Sources};
use crate::diagnostic::{Code, Findings, Place, escaped};
use crate::load::files;
use crate::load::layout::is_below;
use crate::load::pages::PageText;

/// Layers with their files.
type LayerFiles = [(LayerId, Arc<str>)];

/// Notes what is beside the language folders, among the layers, and below a folder with the name of the language.
pub fn check(
    sources: &Sources,
    config: &Config,
    (texts, layers): (&[Arc<PageText>], &LayerFiles),
    findings: &mut Findings,
) {
    beside_languages(sources, config, texts, findings);
    among_layers(sources, config, layers, findings);
    for name in ["handbook", "glossary"] {
        let path: Arc<str> = files::join(&config.src, &format!("{name}.yml")).into();
        if sources.files.contains_key(&path) {
            let message = format!("`{name}.yml` is not read");
            findings.report(Code::N203, &Place::file(&path), message).hint(format!("rename it to {name}.yaml"));
        }
    }
    let default = config.default_language();
    let folder = files::join(&config.src, default);
    if config.single_language && texts.iter().any(|text| is_below(&text.path, &folder)) {
        let message =
            format!("with one language its pages lie in the folder itself: `{default}/` is part of their ids");
        findings.report(Code::N203, &Place::file(&folder.into()), message);
    }
}

fn beside_languages(sources: &Sources, config: &Config, texts: &[Arc<PageText>], findings: &mut Findings) {
    // The project's own folder holds much else.
    if config.single_language || config.src.is_empty() {
        return;
    }
    let src = &*config.src;
    let has_meaning = |path: &str| {
        config.languages.iter().any(|language| is_below(path, &config.language_folder(language)))
            || is_below(path, &config.organisations.src)
            || ["handbook.yaml", "glossary.yaml"].iter().any(|name| path == files::join(src, name))
            || config.html.additional_css.iter().any(|css| **css == *path)
    };
    let unread: BTreeSet<String> = files::below(sources, src)
        .filter(|(path, _)| !has_meaning(path))
        .filter_map(|(path, _)| files::relative(path, src).split('/').next())
        .map(|name| files::join(src, name))
        .collect();
    let included = |entry: &str| texts.iter().flat_map(|text| &text.includes).any(|target| is_below(target, entry));
    for entry in unread.into_iter().filter(|entry| !included(entry)) {
        let message = format!("`{}` is not read: it lies in no language's folder", escaped(&entry));
        findings.report(Code::N203, &Place::file(&entry.into()), message);
    }
}

fn among_layers(sources: &Sources, config: &Config, layers: &LayerFiles, findings: &mut Findings) {
    let folder = &*config.organisations.src;
    for (path, _) in files::below(sources, folder).filter(|(path, _)| path.ends_with(".md")) {
        let name = files::relative(path, folder);
        let (id, is_known) = match name.split_once('/') {
            Some((id, _)) => (id, id == "accepted" || layers.iter().any(|(layer, _)| **layer == *id)),
            None => (name, name == "README.md"),
        };
        if !is_known {
            let message = format!("`{}` is not read: this folder holds layers, not pages", escaped(id));
            findings.report(Code::N203, &Place::file(path), message);
        }
    }
}
