//! The site as a table: editions share the base's pages, and a path leads to a recipe.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use crate::book::{Body, Digest, Edition, EditionId, Handbook, Language, Output, PageId, Site};
use crate::diagnostic::{Code, Diagnostic, Findings};
use crate::render::content::{Entry, View};
use crate::render::coverage::{Coverage, coverage};
use crate::render::page::{self, Shared};
use crate::render::shell::Small;
use crate::render::stencil::Stencil;

/// An edition in one language, with everything that its pages share.
pub struct Room {
    /// The edition.
    pub edition: Arc<Edition>,
    /// The index of the language among the handbook's.
    pub at: usize,
    /// The language.
    pub language: Language,
    /// Where it lies below the output folder: `gemeente-x/nl/`.
    pub folder: Arc<str>,
    /// From there to the output folder: `../../`.
    pub up: Arc<str>,
    /// Its first page, below `folder`.
    pub home: Arc<str>,
    /// The shells by kind of page.
    pub shells: BTreeMap<&'static str, Stencil>,
    /// The small templates.
    pub small: Arc<Small>,
    /// Per language of the handbook: its folder below the output folder, where the edition has it.
    pub folders: Arc<Vec<Option<String>>>,
    /// The generated pages: name, file, and name for readers.
    pub generated: Vec<(&'static str, &'static str, String)>,
    /// The edition's style sheet, below the output folder.
    pub css: Arc<str>,
    /// What the entries of the outline are called.
    pub entries: OnceLock<Vec<Entry>>,
}

/// An output that is not a page of the outline.
pub struct Extra {
    /// Its path.
    pub path: Arc<str>,
    /// Whose it is.
    pub edition: Option<EditionId>,
    /// How it is made.
    pub recipe: Recipe,
}

/// Makes an output out of the site and one of its rooms.
pub type Maker = fn(&Table, &Room) -> String;

/// How an output is made.
pub enum Recipe {
    /// It is there already.
    Body(Body),
    /// By a function of a room.
    Made(usize, Maker),
    /// The page of this room and id once more, at another path: a start page.
    Page(usize, PageId),
    /// A file of texts of this room, by its number, for whoever searches.
    Texts(usize, usize),
    /// A redirect to a page of this room, from an old address below its language folder.
    Redirect(usize, PageId, Arc<str>),
}

/// The whole site.
pub struct Table {
    /// The handbook.
    pub handbook: Arc<Handbook>,
    /// The address of the site.
    pub site_url: Option<Arc<str>>,
    /// The policy that every page names.
    pub csp: Arc<str>,
    /// Whether one organisation stands at the root.
    pub alone: bool,
    /// The published theme files: every edition needs them.
    pub theme_assets: Vec<Arc<str>>,
    /// The other shared files by edition.
    pub assets: BTreeMap<EditionId, BTreeSet<Arc<str>>>,
    /// Everything but the pages of the outlines.
    pub extras: Vec<Extra>,
    rooms: Vec<Room>,
    /// The pages of each room, shared where the outline is.
    pages: Vec<Arc<Vec<PageId>>>,
    /// The index of the first page of each room.
    starts: Vec<usize>,
    count: usize,
    coverage: OnceLock<Coverage>,
}

/// Whether the path is the folder, or lies below it.
pub fn is_below(path: &str, folder: &str) -> bool {
    folder.is_empty() || path == folder || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

impl Table {
    /// A site without any output.
    pub fn empty(handbook: Arc<Handbook>) -> Table {
        Table {
            handbook,
            site_url: None,
            csp: "".into(),
            alone: false,
            theme_assets: Vec::new(),
            assets: BTreeMap::new(),
            extras: Vec::new(),
            rooms: Vec::new(),
            pages: Vec::new(),
            starts: Vec::new(),
            count: 0,
            coverage: OnceLock::new(),
        }
    }

    /// Adds an edition in one language with the pages of its outline.
    pub fn add_room(&mut self, room: Room) {
        let outline = &room.edition.outline;
        let shared = self.rooms.iter().position(|other| Arc::ptr_eq(&other.edition.outline, outline));
        let pages = match shared {
            Some(at) => Arc::clone(&self.pages[at]),
            None => Arc::new(outline.pages().cloned().collect::<Vec<_>>()),
        };
        self.starts.push(self.count);
        self.count += pages.len();
        self.pages.push(pages);
        self.rooms.push(room);
    }

    /// Orders the extras and reports paths that two of them want: an author's page wins, with a note.
    pub fn finish(&mut self, findings: &mut Findings) {
        self.extras.sort_by(|a, b| a.path.cmp(&b.path));
        let mut kept: Vec<Extra> = Vec::new();
        for extra in std::mem::take(&mut self.extras) {
            match kept.last() {
                Some(last) if last.path == extra.path => {}
                _ => kept.push(extra),
            }
        }
        self.extras = kept;
        let pages = self.extras_where_pages_are();
        if !pages.is_empty() {
            self.extras.retain(|extra| !pages.contains(&*extra.path));
            let mut names: Vec<&str> = pages.iter().map(|path| path.rsplit('/').next().unwrap_or(path)).collect();
            names.sort_unstable();
            names.dedup();
            for name in names.into_iter().filter(|name| *name != "index.html") {
                findings.push(Diagnostic::global(
                    Code::N203,
                    format!("the page of your own stands in the place of the generated `{name}`"),
                ));
            }
        }
    }

    /// The paths of extras that are also those of pages.
    ///
    /// Editions times pages are many and extras are few: each extra is looked up among the pages.
    fn extras_where_pages_are(&self) -> BTreeSet<String> {
        let shared: Vec<BTreeSet<&str>> = (0..self.handbook.config.languages.len())
            .map(|at| {
                let pages = self.handbook.pages.values();
                pages.filter_map(|page| page.languages.get(at)).map(|page| &*page.output).collect()
            })
            .collect();
        let mut folders: BTreeMap<&str, Vec<&Room>> = BTreeMap::new();
        for room in &self.rooms {
            folders.entry(&room.folder).or_default().push(room);
        }
        let is_page = |path: &&str| {
            let ends = path.match_indices('/').map(|(at, _)| at + 1);
            [0].into_iter().chain(ends).any(|end| {
                let (folder, output) = path.split_at(end);
                folders.get(folder).into_iter().flatten().any(|room| {
                    let own = room.edition.pages.values().flatten().filter_map(|page| page.get(room.at));
                    let mut own = own.map(|page| &*page.output);
                    (shared[room.at].contains(output) || own.any(|own| own == output)) && self.locate(path).is_some()
                })
            })
        };
        self.extras.iter().map(|extra| &*extra.path).filter(is_page).map(str::to_owned).collect()
    }

    /// The states of all pages in all editions, worked out once.
    pub fn coverage(&self) -> &Coverage {
        self.coverage.get_or_init(|| {
            let mut editions: Vec<Arc<Edition>> = self.rooms.iter().map(|room| Arc::clone(&room.edition)).collect();
            editions.dedup_by(|a, b| a.id == b.id);
            coverage(&editions)
        })
    }

    /// The rooms, the base's first.
    pub fn rooms(&self) -> &[Room] {
        &self.rooms
    }

    /// The room and the index in its outline of the page that is written to a path.
    pub fn locate(&self, path: &str) -> Option<(usize, usize)> {
        self.rooms.iter().enumerate().find_map(|(at, room)| {
            let output = path.strip_prefix(&*room.folder)?;
            let is_there = |id: &PageId| room.edition.page_at(id, room.at).is_some_and(|page| *page.output == *output);
            Some((at, self.pages[at].iter().position(is_there)?))
        })
    }

    /// Whether something is written to a path.
    pub fn holds(&self, path: &str) -> bool {
        self.extras.binary_search_by(|extra| (*extra.path).cmp(path)).is_ok() || self.locate(path).is_some()
    }

    /// The index of a page that was located.
    pub fn index(&self, room: usize, page: usize) -> usize {
        self.starts[room] + page
    }

    /// The pages of a room, in order.
    pub fn pages_of(&self, room: usize) -> &[PageId] {
        self.pages.get(room).map_or(&[], |pages| pages)
    }

    fn page_path(&self, room: usize, id: &PageId) -> Option<String> {
        let room = &self.rooms[room];
        Some(format!("{}{}", room.folder, room.edition.page_at(id, room.at)?.output))
    }

    /// What the pages of a room share.
    pub fn shared<'s>(&'s self, room: &'s Room, kind: &str) -> Option<Shared<'s>> {
        Some(Shared {
            view: room.view(),
            shell: room.shells.get(kind)?,
            home: &room.home,
            up: &room.up,
            folders: &room.folders,
            csp: &self.csp,
            site_url: self.site_url.as_deref().filter(|url| !url.starts_with('/')),
        })
    }

    fn page(&self, room: &Room, id: &PageId, path: &str) -> Body {
        let page = room.edition.page_at(id, room.at);
        let path = path.strip_prefix(&*room.folder).unwrap_or(path);
        let html = match (self.shared(room, "page"), page) {
            (Some(shared), Some(page)) => page::html(&shared, page, path),
            _ => String::new(),
        };
        Body::Bytes(html.into_bytes().into())
    }
}

impl Room {
    /// The edition in its language.
    pub fn view(&self) -> View<'_> {
        View {
            edition: &self.edition,
            language: &self.language,
            at: self.at,
            small: &self.small,
            folder: &self.folder,
            entries: &self.entries,
        }
    }
}

impl Site for Table {
    fn count(&self) -> usize {
        self.count + self.extras.len()
    }

    fn output(&self, index: usize) -> Output {
        if let Some(extra) = index.checked_sub(self.count).and_then(|at| self.extras.get(at)) {
            let body = match &extra.recipe {
                Recipe::Body(body) => body.clone(),
                Recipe::Made(room, make) => Body::Bytes(make(self, &self.rooms[*room]).into_bytes().into()),
                Recipe::Page(room, id) => self.page(&self.rooms[*room], id, &extra.path),
                Recipe::Texts(room, file) => {
                    let text = crate::render::search::texts(self, &self.rooms[*room], *file);
                    Body::Bytes(text.into_bytes().into())
                }
                Recipe::Redirect(room, id, old) => Body::Bytes(
                    crate::render::generated::redirect(self, &self.rooms[*room], id, old).into_bytes().into(),
                ),
            };
            return Output { path: Arc::clone(&extra.path), edition: extra.edition.clone(), body };
        }
        let at = self.starts.partition_point(|start| *start <= index).saturating_sub(1);
        let room = &self.rooms[at];
        let id = &self.pages[at][index - self.starts[at]];
        let path = self.page_path(at, id).unwrap_or_default();
        let body = self.page(room, id, &path);
        Output { path: path.into(), edition: Some(room.edition.id.clone()), body }
    }

    fn find(&self, path: &str) -> Option<Output> {
        if let Ok(at) = self.extras.binary_search_by(|extra| (*extra.path).cmp(path)) {
            return Some(self.output(self.count + at));
        }
        let (room, page) = self.locate(path)?;
        Some(self.output(self.index(room, page)))
    }

    fn editions(&self) -> Vec<EditionId> {
        let mut editions: Vec<EditionId> = self.rooms.iter().map(|room| room.edition.id.clone()).collect();
        editions.dedup();
        editions
    }

    fn assets(&self, edition: &EditionId) -> Vec<Arc<str>> {
        let css = self.rooms.iter().filter(|room| room.edition.id == *edition).map(|room| Arc::clone(&room.css));
        let mut assets: BTreeSet<Arc<str>> = self.theme_assets.iter().cloned().chain(css).collect();
        assets.extend(self.assets.get(edition).into_iter().flatten().cloned());
        assets.into_iter().collect()
    }

    fn source(&self) -> Digest {
        self.handbook.source_digest
    }
}
