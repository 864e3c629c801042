//! The order of the pages: from SUMMARY.md, else from folders and weights (spec §1).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::book::{Language, Outline, OutlineEntry, OutlineNode, PageId, PerLanguage};
use crate::diagnostic::{Code, Diagnostic, Findings, Place, did_you_mean, escaped};
use crate::load::handbook::NOT_FOUND;
use crate::load::links;
use crate::load::summary::Entry;

/// An outline, and the names that SUMMARY.md gives to pages.
#[derive(Debug, Default)]
pub struct Ordered {
    /// The order.
    pub outline: Arc<Outline>,
    /// The pages of the default language that have no place in it.
    pub outside: BTreeSet<PageId>,
    /// The titles of entries, by page and language.
    pub titles: BTreeMap<(PageId, Language), String>,
}

/// The pages that there are.
pub struct Known<'k> {
    /// Those of the default language, each with its `weight`.
    pub pages: &'k BTreeMap<PageId, Option<i64>>,
    /// Those of every language.
    pub there: &'k BTreeSet<(PageId, Language)>,
}

/// The order that SUMMARY.md of the default language gives, else the folders; a translation's gives titles only.
pub fn ordered(
    default: Option<&(Language, Vec<Entry>)>,
    translations: &[(Language, Vec<Entry>)],
    known: &Known<'_>,
    findings: &mut Findings,
) -> Ordered {
    let mut ordered = match default {
        Some((language, entries)) => from_summary(language, entries, translations, known, findings),
        None => Ordered { outline: Arc::new(from_folders(known.pages)), ..Ordered::default() },
    };
    let outline = &ordered.outline;
    ordered.outside = known.pages.keys().filter(|id| outline.position(id).is_none()).cloned().collect();
    for (language, entries) in translations {
        for entry in entries {
            if let Entry::Page { path, title, place, .. } = entry {
                let id = links::page(path);
                // What the translation alone has is reported at its own file.
                if *id == *NOT_FOUND
                    || known.pages.contains_key(&id)
                    || known.there.contains(&(id.clone(), language.clone()))
                {
                    ordered.titles.insert((id, language.clone()), title.clone());
                } else {
                    findings.push(no_file(path, &id, place, known));
                }
            }
        }
    }
    ordered
}

fn from_summary(
    language: &Language,
    entries: &[Entry],
    translations: &[(Language, Vec<Entry>)],
    known: &Known<'_>,
    findings: &mut Findings,
) -> Ordered {
    let mut titles = BTreeMap::new();
    let mut nodes = Vec::new();
    let mut seen: BTreeMap<PageId, u32> = BTreeMap::new();
    let mut parts = 0;
    for entry in entries {
        let (entry, depth) = match entry {
            Entry::Page { path, title, depth, place } => {
                let id = links::page(path);
                if *id == *NOT_FOUND {
                    let message = "404.md is the text of 404.html, and has no place in the order";
                    findings.report(Code::N203, place, message);
                    continue;
                }
                if !known.pages.contains_key(&id) {
                    findings.push(no_file(path, &id, place, known));
                    continue;
                }
                if let Some(first) = seen.insert(id.clone(), place.line) {
                    let message = format!("this page stands here twice, first on line {first}");
                    findings.report(Code::E207, place, message).hint("a page has one place in the order");
                    continue;
                }
                titles.insert((id.clone(), language.clone()), title.clone());
                (OutlineEntry::Page(id), *depth)
            }
            Entry::Announced { title, depth } => (OutlineEntry::Announced(PerLanguage::one(title.clone())), *depth),
            Entry::Part(title) => {
                let mut titles = PerLanguage::one(title.clone());
                for (language, entries) in translations {
                    if let Some(title) = entries.iter().filter_map(part).nth(parts) {
                        titles.named.push((language.clone(), title.clone()));
                    }
                }
                parts += 1;
                (OutlineEntry::Part(titles), 0)
            }
        };
        nodes.push(OutlineNode { entry, depth });
    }
    Ordered { outline: Arc::new(Outline::new(nodes)), titles, ..Ordered::default() }
}

fn part(entry: &Entry) -> Option<&String> {
    match entry {
        Entry::Part(title) => Some(title),
        Entry::Page { .. } | Entry::Announced { .. } => None,
    }
}

fn no_file(path: &str, id: &PageId, place: &Place, known: &Known<'_>) -> Diagnostic {
    let near = did_you_mean(id, known.pages.keys().map(|id| &**id)).map(|hint| hint.replace("`?", ".md`?"));
    Diagnostic::new(Code::E207, place.clone(), format!("there is no file `{}`", escaped(path))).maybe_with(near)
}

/// Folder order: `weight` first, then path; a folder's own page is its chapter.
fn from_folders(pages: &BTreeMap<PageId, Option<i64>>) -> Outline {
    let mut children: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for page in pages.keys() {
        let mut path: &str = page;
        loop {
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            children.entry(folder).or_default().insert(path);
            if folder.is_empty() {
                break;
            }
            path = folder;
        }
    }
    let mut nodes = Vec::new();
    let ordered = |folder: &str| {
        let mut paths: Vec<&str> = children.get(folder).into_iter().flatten().copied().collect();
        let weight = |path: &str| pages.get(path).copied().flatten().map_or((1, 0), |weight| (0, weight));
        // The start page is the first, whatever it weighs.
        paths.sort_by_key(|path| (*path != "index", weight(path), *path));
        paths
    };
    let mut waiting: Vec<(&str, u16)> = ordered("").into_iter().rev().map(|path| (path, 0)).collect();
    while let Some((path, depth)) = waiting.pop() {
        let entry = match pages.get_key_value(path) {
            Some((page, _)) => OutlineEntry::Page(page.clone()),
            None => OutlineEntry::Announced(PerLanguage::one(title_of(path))),
        };
        nodes.push(OutlineNode { entry, depth });
        waiting.extend(ordered(path).into_iter().rev().map(|path| (path, depth + 1)));
    }
    Outline::new(nodes)
}

/// A readable name for a path: `eerste-dag` is `Eerste dag`.
pub fn title_of(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or(path).replace(['-', '_'], " ");
    let mut letters = name.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
