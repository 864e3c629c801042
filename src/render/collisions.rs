//! One output for one path (E204): also after case folding and NFC, and no file where another needs a folder.
//!
//! A page that leidraad makes gives way to an author's page of its name, with a note; nothing else gives way.
//! Editions times pages are many and the other outputs are few: each of those is looked up among the pages.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use unicode_normalization::UnicodeNormalization;

use crate::book::{Handbook, Language, Page};
use crate::diagnostic::{Code, Diagnostic, Findings, Place, escaped};
use crate::render::table::{Extra, Recipe, Room, Table};

/// The outputs that are left, sorted by path.
pub fn settled(table: &Table, mut extras: Vec<Extra>, findings: &mut Findings) -> Vec<Extra> {
    extras.sort_by(|a, b| a.path.cmp(&b.path));
    let base: Vec<Pages<'_>> =
        table.handbook.config.languages.iter().enumerate().map(|(at, _)| Pages::of(&table.handbook, at)).collect();
    report_pages(&table.handbook.config.languages, &base, findings);
    let mut rooms: BTreeMap<Cow<'_, str>, Vec<&Room>> = BTreeMap::new();
    for room in table.rooms() {
        rooms.entry(folded(&room.folder)).or_default().push(room);
    }
    let mut settling = Settling {
        handbook: &table.handbook,
        base: &base,
        rooms: &rooms,
        taken: BTreeMap::new(),
        said: BTreeSet::new(),
        findings,
    };
    // It lists everything else, and is written last.
    settling.taken.insert("manifest.json".into(), Claim::Ours);
    let mut kept: Vec<Extra> = Vec::new();
    for extra in extras {
        if settling.takes(&extra) {
            kept.push(extra);
        }
    }
    settling.check_folders(&table.handbook, &kept);
    kept
}

/// The pages of the base in a language.
struct Pages<'p> {
    /// By their folded output.
    by_output: BTreeMap<Cow<'p, str>, &'p Page>,
    /// The folded folders that they lie in.
    folders: BTreeMap<String, &'p Page>,
    /// Two that want one path.
    clashes: Vec<(&'p Page, &'p Page)>,
}

impl<'p> Pages<'p> {
    fn of(handbook: &'p Handbook, at: usize) -> Pages<'p> {
        let mut pages = Pages { by_output: BTreeMap::new(), folders: BTreeMap::new(), clashes: Vec::new() };
        let in_order = handbook.pages.iter().filter(|(id, _)| handbook.outline.position(id).is_some());
        for page in in_order.filter_map(|(_, page)| page.languages.get(at)) {
            let key = folded(&page.output);
            for folder in folders_above(&key) {
                pages.folders.entry(folder.to_owned()).or_insert(page);
            }
            match pages.by_output.get(&key) {
                Some(first) => pages.clashes.push((first, page)),
                None => drop(pages.by_output.insert(key, page)),
            }
        }
        pages
    }
}

/// Reports pages of the base that want one path.
fn report_pages(languages: &[Language], base: &[Pages<'_>], findings: &mut Findings) {
    let mut clashed: BTreeSet<&str> = BTreeSet::new();
    let mut outputs: BTreeSet<Cow<'_, str>> = BTreeSet::new();
    for pages in base.iter().take(languages.len()) {
        for (first, page) in &pages.clashes {
            // What clashes in the default language would clash again wherever it stands in for a translation.
            let again = !outputs.insert(folded(&page.output)) && (first.fallback || page.fallback);
            if !again && clashed.insert(&page.source) {
                findings.push(both(&first.source, &page.source, &page.output));
            }
        }
        for (folder, page) in &pages.folders {
            if let Some(file) = pages.by_output.get(folder.as_str()).filter(|_| clashed.insert(&page.source)) {
                findings.push(file_and_folder(&page.source, (&file.source, &file.output)));
            }
        }
    }
}

/// Who has a path.
#[derive(Clone)]
enum Claim {
    /// A file that is copied.
    Copied(Arc<str>),
    /// An old address of a page, by the file of the page and the page.
    Alias(Arc<str>, Arc<str>),
    /// A file whose name holds its digest: two of one name are the same.
    Asset,
    /// The start page, which is the first page once more.
    Start,
    /// A page that leidraad makes.
    Made,
    /// Anything else that leidraad writes.
    Ours,
}

impl Claim {
    /// The author's file behind it.
    fn source(&self) -> Option<&Arc<str>> {
        match self {
            Claim::Copied(source) | Claim::Alias(source, _) => Some(source),
            Claim::Asset | Claim::Start | Claim::Made | Claim::Ours => None,
        }
    }
}

/// A page that is at a path.
struct Found {
    source: Arc<str>,
    output: Arc<str>,
    /// Whether it is the base's, as it is.
    is_base: bool,
}

struct Settling<'s> {
    handbook: &'s Handbook,
    base: &'s [Pages<'s>],
    rooms: &'s BTreeMap<Cow<'s, str>, Vec<&'s Room>>,
    taken: BTreeMap<String, Claim>,
    /// What was reported: every edition has the same.
    said: BTreeSet<String>,
    findings: &'s mut Findings,
}

impl Settling<'_> {
    /// Gives an output its path, unless it gives way or clashes.
    fn takes(&mut self, extra: &Extra) -> bool {
        let key = folded(&extra.path).into_owned();
        let claim = self.claim(extra);
        if let Some(page) = self.page(&key, extra) {
            match &claim {
                Claim::Made => {
                    let name = extra.path.rsplit('/').next().unwrap_or(&extra.path);
                    let message = format!("this page stands in the place of the generated `{name}`");
                    self.say(name.to_owned(), Diagnostic::new(Code::N203, Place::new(&page.source, 1, 1, 1), message));
                }
                // Where an edition has a page of its own, nothing needs to lead there.
                Claim::Alias(..) if !page.is_base => {}
                Claim::Start | Claim::Ours | Claim::Asset => {
                    self.say(page.source.to_string(), ours(&page.source, &extra.path))
                }
                Claim::Copied(source) | Claim::Alias(source, _) => {
                    self.say(source.to_string(), both(&page.source, source, &page.output));
                }
            }
            return false;
        }
        let Some(first) = self.taken.get(&key).cloned() else {
            self.taken.insert(key, claim);
            return true;
        };
        match (first, claim) {
            (Claim::Asset, Claim::Asset) => {}
            (Claim::Alias(_, one), Claim::Alias(_, other)) if one == other => {}
            (first, second) => match (first.source(), second.source()) {
                (Some(first), Some(second)) => self.say(second.to_string(), both(first, second, &extra.path)),
                (Some(source), None) | (None, Some(source)) => self.say(source.to_string(), ours(source, &extra.path)),
                (None, None) => {
                    let message = format!("two outputs would both be written to `{}`", extra.path);
                    self.say(extra.path.to_string(), Diagnostic::global(Code::E204, message));
                }
            },
        }
        false
    }

    fn claim(&self, extra: &Extra) -> Claim {
        match &extra.recipe {
            Recipe::Copied(source, _) => Claim::Copied(Arc::clone(source)),
            Recipe::Redirect(_, id, alias) => {
                let page = self.handbook.pages.get(id).and_then(|page| page.languages.first());
                Claim::Alias(page.map_or_else(|| Arc::clone(alias), |page| Arc::clone(&page.source)), (**id).into())
            }
            Recipe::Page(..) => Claim::Start,
            Recipe::Made(..) if extra.path.ends_with(".html") => Claim::Made,
            Recipe::Made(..) | Recipe::Texts(..) => Claim::Ours,
            Recipe::Body(_) if extra.path.starts_with("assets/") => Claim::Asset,
            Recipe::Body(_) => Claim::Ours,
        }
    }

    /// The page at a folded path.
    fn page(&self, key: &str, extra: &Extra) -> Option<Found> {
        let ends = key.match_indices('/').map(|(at, _)| at + 1);
        [0].into_iter().chain(ends).find_map(|end| {
            let (folder, output) = key.split_at(end);
            let rooms = self.rooms.get(folder).into_iter().flatten();
            let own = |room: &&&Room| extra.edition.as_ref().is_none_or(|edition| *edition == room.edition.id);
            rooms.filter(own).find_map(|room| {
                let found = |page: &Page, is_base| {
                    let (source, output) = (Arc::clone(&page.source), Arc::clone(&page.output));
                    Found { source, output, is_base }
                };
                if let Some(base) = self.base[room.at].by_output.get(output)
                    && let Some(page) = room.edition.page_at(&base.id, room.at)
                    && folded(&page.output) == output
                {
                    return Some(found(page, room.edition.shares(&base.id)));
                }
                let mut own = room.edition.pages.values().flatten().filter_map(|page| page.get(room.at));
                own.find(|page| folded(&page.output) == output).map(|page| found(page, false))
            })
        })
    }

    /// No author's file where a folder is needed, and none in the folder of an organisation.
    fn check_folders(&mut self, handbook: &Handbook, kept: &[Extra]) {
        let claims: Vec<(String, Arc<str>, &Extra)> = kept
            .iter()
            .filter_map(|extra| Some((folded(&extra.path).into_owned(), self.claim(extra).source()?.clone(), extra)))
            .collect();
        for (key, source, extra) in claims {
            let layer = key.split_once('/').and_then(|(first, _)| handbook.layers.get(first));
            if let Some(layer) =
                layer.filter(|_| extra.edition.as_ref().is_none_or(|edition| edition.organisation().is_none()))
            {
                let message = format!("{} would be written into the folder of `{}`", escaped(&source), layer.id);
                let finding = Diagnostic::new(Code::E204, Place::new(&source, 1, 1, 1), message);
                self.say(source.to_string(), finding.with("rename the folder"));
                continue;
            }
            let below = format!("{key}/");
            let is_folder = self.taken.range(below.clone()..).next().is_some_and(|(path, _)| path.starts_with(&below));
            let is_page_folder = self.rooms.iter().any(|(folder, rooms)| {
                let inner = key.strip_prefix(&**folder);
                rooms.iter().any(|room| inner.is_some_and(|inner| self.base[room.at].folders.contains_key(inner)))
            });
            let above = folders_above(&key).find_map(|folder| {
                if self.taken.contains_key(folder) {
                    return Some(folder.to_owned());
                }
                self.page(folder, extra).map(|page| page.source.to_string())
            });
            if is_folder || is_page_folder || above.is_some() {
                let file = above.unwrap_or_else(|| format!("a folder `{key}`"));
                let message = format!("{} and {} cannot both be written", escaped(&source), escaped(&file));
                let finding = Diagnostic::new(Code::E204, Place::new(&source, 1, 1, 1), message);
                self.say(source.to_string(), finding.with("one is a file where the other needs a folder: rename it"));
            }
        }
        for (at, room) in self.rooms.iter().flat_map(|(folder, rooms)| rooms.iter().map(move |room| (folder, room))) {
            for (folder, page) in &self.base[room.at].folders {
                let key = format!("{at}{folder}");
                if self.taken.contains_key(&key) {
                    let finding = file_and_folder(&page.source, (&key.as_str().into(), &key));
                    if self.said.insert(page.source.to_string()) {
                        self.findings.push(finding);
                    }
                }
            }
        }
    }

    fn say(&mut self, what: String, finding: Diagnostic) {
        if self.said.insert(what) {
            self.findings.push(finding);
        }
    }
}

fn both(first: &Arc<str>, second: &Arc<str>, output: &str) -> Diagnostic {
    let message = format!("{} and {} would both be written to `{}`", escaped(first), escaped(second), escaped(output));
    Diagnostic::new(Code::E204, Place::new(second, 1, 1, 1), message)
        .with("rename one of the two, or give it a `path:`")
}

fn ours(source: &Arc<str>, output: &str) -> Diagnostic {
    let finding = Diagnostic::new(
        Code::E204,
        Place::new(source, 1, 1, 1),
        format!("leidraad itself writes `{}`", escaped(output)),
    );
    match output.rsplit('/').next() {
        Some("index.html") => finding.with("call it index.md to make it the start page"),
        Some("404.html") => finding.with("write 404.md: its text is that of 404.html"),
        _ => finding.with("choose another name"),
    }
}

fn file_and_folder(source: &Arc<str>, (file, output): (&Arc<str>, &str)) -> Diagnostic {
    let message =
        format!("{} needs a folder `{}`, and {} is a file there", escaped(source), escaped(output), escaped(file));
    Diagnostic::new(Code::E204, Place::new(source, 1, 1, 1), message).with("rename one of the two")
}

/// A path as a file system may compare it.
fn folded(path: &str) -> Cow<'_, str> {
    if path.bytes().all(|b| b.is_ascii() && !b.is_ascii_uppercase()) {
        return Cow::Borrowed(path);
    }
    path.nfc().flat_map(char::to_lowercase).collect::<String>().into()
}

fn folders_above(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(at, _)| &path[..at])
}
