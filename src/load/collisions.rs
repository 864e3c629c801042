//! Output paths: where each page is written, and that no two sources write one path (E204).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use unicode_normalization::UnicodeNormalization;

use crate::book::{BasePage, Config, Digest, DigestWriter, Language, Page, PageId, slug};
use crate::diagnostic::{Code, Diagnostic, Findings, Place, escaped};
use crate::load::config::is_below;
use crate::load::files;
use crate::load::links;
use crate::load::page::ParsedPage;
use crate::memo::Key;

/// Where a page is written, below its language folder.
pub fn output_path(page: &ParsedPage) -> String {
    if let Some((path, _)) = &page.front.path {
        return format!("{}.html", slug(path));
    }
    let id = &*page.page.id;
    match files::is_folder_page(&page.page.source) {
        true if id == "index" => "index.html".to_owned(),
        true => format!("{}/index.html", slug(id)),
        false => format!("{}.html", slug(id)),
    }
}

/// Pages by their old names.
pub type Old = BTreeMap<Arc<str>, PageId>;

/// Old ids of pages, and the output paths that lead to them now; an alias that is taken is E204.
pub fn aliases(
    parsed: &BTreeMap<(PageId, Language), Arc<ParsedPage>>,
    pages: &BTreeMap<PageId, BasePage>,
    findings: &mut Findings,
) -> (Old, Old) {
    let mut redirects = Old::new();
    let mut aliases: BTreeMap<Arc<str>, (PageId, Place)> = BTreeMap::new();
    for ((id, _), page) in parsed {
        if !pages.contains_key(id) {
            continue;
        }
        for (alias, place) in &page.front.aliases {
            let is_path = links::scheme(alias).is_none() && !alias.starts_with("//") && !alias.trim().is_empty();
            let name = alias.trim_end_matches(".html").trim_end_matches(".md");
            let Some(path) = links::resolved("", name).filter(|_| is_path) else {
                findings.push(Diagnostic::new(Code::E205, place.clone(), format!("`{}` is no path", escaped(alias))));
                continue;
            };
            let path: Arc<str> = (*links::page(&path)).into();
            if let Some(taken) = pages.get(&*path) {
                if **id != *path {
                    let source = taken.languages.first().map_or("", |page| &page.source);
                    findings.push(
                        Diagnostic::new(
                            Code::E204,
                            place.clone(),
                            format!("`{}` is the page {source} itself", escaped(alias)),
                        )
                        .hint("an alias is an address that no page has any more"),
                    );
                }
                continue;
            }
            match aliases.get(&path) {
                Some((other, first)) if other != id => {
                    findings.push(
                        Diagnostic::new(
                            Code::E204,
                            place.clone(),
                            format!("`{}` is an alias of two pages", escaped(alias)),
                        )
                        .hint(format!("the other is at {first}")),
                    );
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

/// Everything that wants a path in the output.
pub struct Outputs {
    /// Where things lie.
    pub config: Arc<Config>,
    /// The pages of the base.
    pub pages: Arc<BTreeMap<PageId, BasePage>>,
    /// Their old addresses.
    pub redirects: Arc<Old>,
    /// All sources but Markdown.
    pub others: Vec<Arc<str>>,
}

impl Key for Outputs {
    type Value = Findings;

    fn digest(&self) -> Digest {
        let mut digest = DigestWriter::new().with(format!("{:?} {:?}", self.config, self.redirects));
        for (id, page) in self.pages.iter() {
            digest.add(&**id);
            for page in &page.languages {
                digest.add(&*page.output);
                digest.add(&*page.source);
            }
        }
        self.others.iter().for_each(|path| digest.add(&**path));
        digest.finish()
    }

    fn compute(&self) -> Findings {
        let mut findings = Findings::new();
        check(self, &mut findings);
        findings
    }
}

/// Checks that pages, copied files and aliases of the base all have paths of their own.
fn check(outputs: &Outputs, findings: &mut Findings) {
    let Outputs { config, pages, redirects, others } = outputs;
    let mut clashed: BTreeSet<String> = BTreeSet::new();
    for (at, language) in config.languages.iter().enumerate() {
        let mut taken: BTreeMap<String, Arc<str>> = BTreeMap::new();
        let folder = config.language_folder(language);
        for page in pages.values().filter_map(|page| page.languages.get(at)) {
            // What clashes in the default language would clash again wherever it stands in for a translation.
            let before = findings.len();
            if !(page.fallback && clashed.contains(&page.output.to_lowercase())) {
                claim(&page.output, &page.source, &mut taken, findings);
            }
            if findings.len() > before {
                clashed.insert(page.output.to_lowercase());
            }
            for path in [files::relative(&page.source, &folder), &page.output] {
                portable(path, &Place::new(&page.source, 1, 1, 1), findings);
            }
        }
        for path in others.iter().filter(|path| is_below(path, &folder)) {
            let output = files::relative(path, &folder);
            if RESERVED.contains(&output) && (config.single_language || output == "manifest.json") {
                findings.push(
                    Diagnostic::new(Code::E204, Place::file(path), format!("leidraad itself writes `{output}`"))
                        .hint("rename the file"),
                );
            }
            portable(output, &Place::file(path), findings);
            claim(output, path, &mut taken, findings);
        }
        for (old, id) in redirects.iter() {
            if let Some(page) = pages.get(id).and_then(|page| page.languages.get(at)) {
                claim(old, &page.source, &mut taken, findings);
            }
        }
        let is_landing = |output: &str| !config.single_language || output.eq_ignore_ascii_case("index.html");
        if !pages.contains_key("index")
            && let Some(source) = taken.get("index.html")
            && is_landing("index.html")
        {
            findings.push(
                Diagnostic::new(
                    Code::E204,
                    Place::file(source),
                    format!("{source} and the start page would both be index.html"),
                )
                .hint("call it index.md to make it the start page"),
            );
        }
    }
}

/// Files that leidraad writes at the root of the output.
const RESERVED: [&str; 10] = [
    "manifest.json",
    "_headers",
    "_redirects",
    ".nojekyll",
    "robots.txt",
    "sitemap.xml",
    "feed.xml",
    "coverage.html",
    "coverage.json",
    "coverage.csv",
];

/// Takes an output path; E204 where it is taken, also after case folding and NFC.
fn claim(output: &str, source: &Arc<str>, taken: &mut BTreeMap<String, Arc<str>>, findings: &mut Findings) {
    let key = folded(output);
    if let Some(first) = taken.get(&key) {
        findings.push(
            Diagnostic::new(
                Code::E204,
                Place::new(source, 1, 1, 1),
                format!("{} and {} would both be written to `{}`", escaped(first), escaped(source), escaped(output)),
            )
            .hint("rename one of the two, or give it a `path:`"),
        );
        return;
    }
    taken.insert(key, Arc::clone(source));
}

fn folded(output: &str) -> String {
    output.nfc().flat_map(char::to_lowercase).collect()
}

/// Notes a name that some systems cannot hold.
fn portable(path: &str, place: &Place, findings: &mut Findings) {
    if let Some(part) = not_portable(path) {
        let message = format!("the name `{}` is not portable", escaped(part));
        let finding = Diagnostic::new(Code::N203, place.clone(), message);
        findings.push(finding.hint("some systems cannot hold a file of this name"));
    }
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
