//! Which source is what: pages, files that are copied, and what lies in a layer's folder.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::Arc;

use crate::book::{Asset, Config, Content, Files, Refusal, Source, Sources};
use crate::diagnostic::{Code, Findings, Place};
use crate::load::drawing;
use crate::load::layout::is_below;
use crate::load::text;

/// The sources below a folder, in order; all for the project itself.
pub fn below<'s>(sources: &'s Sources, folder: &str) -> impl Iterator<Item = (&'s Arc<str>, &'s Source)> + use<'s> {
    let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    let range = (Bound::Included(prefix.clone()), Bound::Unbounded::<String>);
    sources
        .files
        .range::<str, _>((range.0.as_ref().map(|s| s.as_str()), Bound::Unbounded))
        .take_while(move |(path, _)| path.starts_with(&prefix))
}

/// `folder/name`, or the name alone below the project itself.
pub fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// A path as seen from a folder that it lies below.
pub fn relative<'p>(path: &'p str, folder: &str) -> &'p str {
    path.strip_prefix(folder).map_or(path, |rest| rest.trim_start_matches('/'))
}

/// Whether a source below the language folder is a page.
pub fn is_page(path: &str, language_folder: &str, config: &Config) -> bool {
    path.ends_with(".md") && relative(path, language_folder) != "SUMMARY.md" && !is_elsewhere(path, config)
}

/// Whether the file is the page of its folder.
pub fn is_folder_page(path: &str) -> bool {
    matches!(path.rsplit('/').next(), Some("index.md" | "README.md"))
}

/// Whether a source below a language folder belongs to something else: layers, themes, declarations.
fn is_elsewhere(path: &str, config: &Config) -> bool {
    is_below(path, &config.organisations.src)
        || is_below(path, "themes")
        || path == "book.toml"
        || (matches!(path.rsplit('/').next(), Some("handbook.yaml" | "glossary.yaml"))
            && ["handbook.yaml", "glossary.yaml"].iter().any(|name| path == join(&config.src, name)))
        || config.html.additional_css.iter().any(|css| **css == *path)
}

/// The path itself, or a folder that it leads through, where that is refused: a link, or what is no file.
pub fn refused_on_the_way<'s>(sources: &'s Sources, path: &str) -> Option<(&'s Arc<str>, Refusal)> {
    let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
    ends.filter_map(|end| sources.files.get_key_value(&path[..end])).find_map(|(path, source)| match source.content {
        Content::Refused(refusal @ (Refusal::Symlink | Refusal::Special)) => Some((path, refusal)),
        Content::Refused(Refusal::TooLarge | Refusal::Name) | Content::Bytes(_) | Content::OnDisk(_) => None,
    })
}

/// Reports folders with a meaning that are links, and accepted texts that are: nothing in them is read (E118).
pub fn check_folders(sources: &Sources, config: &Config, findings: &mut Findings) {
    let languages = config.languages.iter().map(|language| config.language_folder(language));
    let accepted = join(&config.organisations.src, "accepted");
    let folders = [config.src.to_string(), config.organisations.src.to_string(), "themes".to_owned()];
    for folder in folders.into_iter().chain(languages).chain([format!("themes/{}", config.html.theme)]) {
        findings.extend(refused_on_the_way(sources, &folder).map(|(path, refusal)| text::refused(path, refusal)));
    }
    let texts = below(sources, &accepted).map(|(path, _)| &**path);
    for path in std::iter::once(&*accepted).chain(texts).filter(|path| sources.files.contains_key(*path)) {
        findings.extend(refused_on_the_way(sources, path).map(|(path, refusal)| text::refused(path, refusal)));
    }
}

/// Every file that a page can show or link to: those below a language folder, and those of layers.
pub fn collect(sources: &Sources, config: &Config, findings: &mut Findings) -> Files {
    let mut files = Files::default();
    let mut add = |path: &Arc<str>, source: &Source| {
        let bytes = match &source.content {
            Content::Bytes(bytes) => Some(Arc::clone(bytes)),
            Content::OnDisk(_) => None,
            Content::Refused(_) => return,
        };
        let size = source
            .size
            .or_else(|| bytes.as_ref().filter(|_| path.ends_with(".svg")).and_then(|bytes| drawing::size(bytes)));
        let asset = Asset { path: Arc::clone(path), digest: source.digest, size, bytes };
        files.assets.insert(Arc::clone(path), Arc::new(asset));
    };
    for language in &config.languages {
        let folder = config.language_folder(language);
        for (path, source) in below(sources, &folder) {
            if path.ends_with(".md") || is_elsewhere(path, config) {
                continue;
            }
            if let Content::Refused(refusal) = source.content {
                findings.push(text::refused(path, refusal));
            }
            add(path, source);
        }
    }
    for (path, source) in below(sources, &config.organisations.src) {
        if !path.ends_with(".md") && !path.ends_with(".yaml") {
            add(path, source);
        }
    }
    for css in &config.html.additional_css {
        match (sources.files.get(css), refused_on_the_way(sources, css)) {
            (_, Some((path, refusal))) => findings.push(text::refused(path, refusal)),
            (Some(source), None) => add(css, source),
            (None, None) => {
                let message = format!("there is no file `{css}` (additional-css)");
                findings.report(Code::E203, &named(sources, "additional-css", css), message);
            }
        }
    }
    files
}

/// Where book.toml gives a key this value.
pub fn named(sources: &Sources, key: &str, value: &str) -> Place {
    let path: Arc<str> = "book.toml".into();
    let bytes = match sources.files.get(&path).map(|source| &source.content) {
        Some(Content::Bytes(bytes)) => bytes,
        _ => return Place::file(&path),
    };
    let text = String::from_utf8_lossy(bytes);
    match text.find(key).and_then(|key| Some(key + text[key..].find(value)?)) {
        Some(at) => {
            let (line, column) = text::position(&text, at);
            Place::new(&path, line, column, value.chars().count() as u32)
        }
        None => Place::file(&path),
    }
}

/// Kinds of files that no browser and no server takes for something to run; a layer's folder holds these alone.
const INERT: [&str; 33] = [
    "png", "jpg", "jpeg", "gif", "webp", "avif", "ico", "svg", "pdf", "txt", "csv", "ics", "rtf", "doc", "docx", "odt",
    "xls", "xlsx", "ods", "ppt", "pptx", "odp", "epub", "zip", "mp3", "m4a", "ogg", "wav", "mp4", "webm", "mov", "vtt",
    "json",
];

/// The Markdown texts in a layer's folder, by path in it.
pub type LayerPages = BTreeMap<Arc<str>, Arc<str>>;

/// Markdown texts and names of other files in a layer's folder; what may not be there is reported.
pub fn layer_folder(sources: &Sources, folder: &str, findings: &mut Findings) -> (LayerPages, BTreeSet<Arc<str>>) {
    let mut pages = BTreeMap::new();
    let mut files = BTreeSet::new();
    for (path, source) in below(sources, folder) {
        let name: Arc<str> = relative(path, folder).into();
        if let Content::Refused(refusal) = source.content {
            findings.push(text::refused(path, refusal));
            // What is refused is there all the same: that it is missing would be no news.
            files.insert(name);
            continue;
        }
        if name.ends_with(".md") {
            if let Some(text) = text::decode(path, source, findings) {
                pages.insert(name, text);
            }
            continue;
        }
        let place = Place::file(path);
        let lower = name.to_ascii_lowercase();
        let kind = lower.rsplit('/').next().and_then(|name| Some(name.rsplit_once('.')?.1)).unwrap_or_default();
        if !INERT.contains(&kind) {
            findings
                .report(
                    Code::E119,
                    &place,
                    "a layer's folder holds pages, images and documents, and nothing that could run",
                )
                .hint("remove the file; what organisations share lies beside the pages");
            continue;
        }
        if let ("svg", Content::Bytes(bytes)) = (kind, &source.content)
            && let Some(active) = drawing::active(bytes)
        {
            findings
                .report(Code::E119, &place, format!("this drawing is not only a drawing: it holds {active}"))
                .hint("export it as plain SVG in UTF-8, without scripts and outside references");
        }
        files.insert(name);
    }
    (pages, files)
}
