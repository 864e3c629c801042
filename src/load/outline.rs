//! The order of the pages: from SUMMARY.md, else from folders and weights (spec §1).

use std::collections::{BTreeMap, BTreeSet};

use crate::book::{Language, Outline, OutlineEntry, OutlineNode, PageId, PerLanguage};
use crate::diagnostic::{Code, Diagnostic, Findings, Place, did_you_mean, escaped};
use crate::load::links;
use crate::load::summary::Entry;

/// An outline, and the names that SUMMARY.md gives to pages.
#[derive(Debug, Default)]
pub struct Ordered {
    /// The order.
    pub outline: Outline,
    /// The titles of entries, by page and language.
    pub titles: BTreeMap<(PageId, Language), String>,
}

/// The order that SUMMARY.md of the default language gives; a translation's gives titles only.
pub fn from_summaries(
    summaries: &[(Language, Vec<Entry>)],
    pages: &BTreeSet<PageId>,
    has: &dyn Fn(&PageId, &Language) -> bool,
    findings: &mut Findings,
) -> Ordered {
    let mut ordered = Ordered::default();
    let Some((default, entries)) = summaries.first() else { return ordered };
    let mut nodes = Vec::new();
    let mut seen: BTreeMap<PageId, u32> = BTreeMap::new();
    let mut parts = 0;
    for entry in entries {
        match entry {
            Entry::Page { path, title, depth, place } => {
                let id = PageId::from(links::page_id(path.trim_end_matches(".md")));
                if !pages.contains(&id) {
                    findings.push(no_file(path, &id, place, pages));
                    continue;
                }
                if let Some(first) = seen.insert(id.clone(), place.line) {
                    findings.push(
                        Diagnostic::new(
                            Code::E207,
                            place.clone(),
                            format!("this page stands here twice, first on line {first}"),
                        )
                        .hint("a page has one place in the order"),
                    );
                    continue;
                }
                ordered.titles.insert((id.clone(), default.clone()), title.clone());
                nodes.push(OutlineNode { entry: OutlineEntry::Page(id), depth: *depth });
            }
            Entry::Announced { title, depth } => {
                nodes.push(OutlineNode {
                    entry: OutlineEntry::Announced(PerLanguage::one(title.clone())),
                    depth: *depth,
                });
            }
            Entry::Part(title) => {
                let mut titles = PerLanguage::one(title.clone());
                for (language, entries) in &summaries[1..] {
                    let mut translated = entries.iter().filter_map(|entry| match entry {
                        Entry::Part(title) => Some(title),
                        Entry::Page { .. } | Entry::Announced { .. } => None,
                    });
                    if let Some(title) = translated.nth(parts) {
                        titles.named.push((language.clone(), title.clone()));
                    }
                }
                parts += 1;
                nodes.push(OutlineNode { entry: OutlineEntry::Part(titles), depth: 0 });
            }
        }
    }
    for (language, entries) in &summaries[1..] {
        for entry in entries {
            if let Entry::Page { path, title, place, .. } = entry {
                let id = PageId::from(links::page_id(path.trim_end_matches(".md")));
                // What the translation alone has is reported at its own file.
                if !pages.contains(&id) && !has(&id, language) {
                    findings.push(no_file(path, &id, place, pages));
                    continue;
                }
                ordered.titles.insert((id, language.clone()), title.clone());
            }
        }
    }
    ordered.outline = Outline::new(nodes);
    ordered
}

fn no_file(path: &str, id: &PageId, place: &Place, pages: &BTreeSet<PageId>) -> Diagnostic {
    let near = did_you_mean(id, pages.iter().map(|id| &**id)).map(|hint| hint.replace("`?", ".md`?"));
    Diagnostic::new(Code::E207, place.clone(), format!("there is no file `{}`", escaped(path))).maybe_hint(near)
}

/// Folder order: `weight` first, then path; a folder's own page is its chapter.
pub fn from_folders(pages: &BTreeMap<PageId, Option<i64>>) -> Outline {
    let mut children: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for page in pages.keys().filter(|page| &***page != "index") {
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
    if pages.contains_key("index") {
        nodes.push(OutlineNode { entry: OutlineEntry::Page("index".into()), depth: 0 });
    }
    let ordered = |folder: &str| {
        let mut paths: Vec<&str> = children.get(folder).into_iter().flatten().copied().collect();
        paths.sort_by_key(|path| (pages.get(*path).copied().flatten().map_or((1, 0), |weight| (0, weight)), *path));
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
