//! Output paths: where each page is written, and what else leads there.

use std::collections::BTreeMap;
use std::sync::Arc;

use unicode_normalization::UnicodeNormalization;

use crate::book::{BasePage, Config, Page, PageId, slug};
use crate::diagnostic::{Code, Findings, Place, escaped};
use crate::load::front_matter::FrontMatter;
use crate::load::layout::is_below;
use crate::load::page::ParsedPage;
use crate::load::pages::ParsedPages;
use crate::load::{files, links};

/// Where a page is written, below its language folder.
pub fn output_path(page: &Page, front: &FrontMatter) -> String {
    if let Some((path, _)) = &front.path {
        return format!("{}.html", slug(path));
    }
    let id = &*page.id;
    match files::is_folder_page(&page.source) {
        true if id == "index" => "index.html".to_owned(),
        true => format!("{}/index.html", slug(id)),
        false => format!("{}.html", slug(id)),
    }
}

/// Pages by their old names.
pub type Old = BTreeMap<Arc<str>, PageId>;

/// Old ids of pages, and the output paths that lead to them now; an alias that is taken is E204.
pub fn aliases(parsed: &ParsedPages, pages: &BTreeMap<PageId, BasePage>, findings: &mut Findings) -> (Old, Old) {
    let mut redirects = Old::new();
    let mut aliases: BTreeMap<Arc<str>, (PageId, Place)> = BTreeMap::new();
    let has_aliases = |page: &&Arc<ParsedPage>| !page.front.aliases.is_empty();
    let named =
        parsed.iter().flat_map(|(id, pages)| pages.iter().flatten().filter(has_aliases).map(move |page| (id, page)));
    for (id, page) in named.filter(|(id, _)| pages.contains_key(*id)) {
        for (alias, place) in &page.front.aliases {
            let is_path = links::scheme(alias).is_none() && !alias.starts_with("//") && !alias.trim().is_empty();
            let name = alias.trim_end_matches(".html").trim_end_matches(".md");
            let Some(path) = links::resolved("", name).filter(|_| is_path) else {
                findings.report(Code::E205, place, format!("`{}` is no path", escaped(alias)));
                continue;
            };
            let path: Arc<str> = (*links::page(&path)).into();
            if let Some(taken) = pages.get(&*path) {
                if **id != *path {
                    let source = taken.languages.first().map_or("", |page| &page.source);
                    findings
                        .report(Code::E204, place, format!("`{}` is the page {source} itself", escaped(alias)))
                        .hint("an alias is an address that no page has any more");
                }
                continue;
            }
            match aliases.get(&path) {
                Some((other, first)) if other != id => {
                    findings
                        .report(Code::E204, place, format!("`{}` is an alias of two pages", escaped(alias)))
                        .hint(format!("the other is at {first}"));
                }
                Some(_) | None => {
                    let output = old_output(&path, name);
                    // A name that changed in case alone has its old address still.
                    let is_own = |page: &Arc<Page>| folded(&page.output) == folded(&output);
                    if !pages[id].languages.iter().any(is_own) {
                        redirects.insert(output.into(), id.clone());
                    }
                    aliases.entry(path).or_insert_with(|| (id.clone(), place.clone()));
                }
            }
        }
    }
    (aliases.into_iter().map(|(alias, (page, _))| (alias, page)).collect(), redirects)
}

/// Where a page of an old name was written: `map/` and `map/index` name the page of a folder.
fn old_output(id: &str, name: &str) -> String {
    let is_folder = name.ends_with('/') || matches!(name.rsplit_once('/'), Some((_, "index" | "README")));
    match is_folder && id != "index" {
        true => format!("{}/index.html", slug(id)),
        false => format!("{}.html", slug(id)),
    }
}

/// Notes names of other files than pages that some systems cannot hold.
pub fn check_names(config: &Config, others: &[Arc<str>], findings: &mut Findings) {
    for language in &config.languages {
        let folder = config.language_folder(language);
        for path in others.iter().filter(|path| is_below(path, &folder)) {
            check_name(files::relative(path, &folder), &Place::file(path), findings);
        }
    }
}

/// Notes a path below a language folder that some systems cannot hold.
pub fn check_name(path: &str, place: &Place, findings: &mut Findings) {
    if let Some(part) = not_portable(path) {
        let message = format!("the name `{}` is not portable", escaped(part));
        findings.report(Code::N203, place, message).hint("some systems cannot hold a file of this name");
    }
}

fn folded(output: &str) -> String {
    output.nfc().flat_map(char::to_lowercase).collect()
}

/// The first part of a path that some systems cannot hold.
fn not_portable(path: &str) -> Option<&str> {
    path.split('/').find(|part| {
        let stem = part.split('.').next().unwrap_or_default().to_ascii_lowercase();
        let device = matches!(stem.as_str(), "con" | "prn" | "aux" | "nul")
            || ((stem.starts_with("com") || stem.starts_with("lpt"))
                && stem.len() == 4
                && stem.ends_with(|c: char| c.is_ascii_digit()));
        let name = part.trim_end_matches(".md");
        device || name.ends_with(['.', ' ']) || part.contains([':', '?', '*', '"', '<', '>', '|', '\\'])
    })
}
