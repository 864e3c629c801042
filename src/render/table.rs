//! The site as a table: editions share the base's pages, and a path leads to a recipe.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use crate::book::{Body, Digest, Edition, EditionId, Handbook, Language, Output, PageId, Site};
use crate::diagnostic::Findings;
use crate::render::collisions;
use crate::render::coverage::{Coverage, coverage};
use crate::render::page::{self, Shared};
use crate::render::shell::Small;
use crate::render::stencil::Stencil;
use crate::render::view::{Entries, View};

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
    pub entries: Entries,
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
    /// This file of the project, as it is.
    Copied(Arc<str>, Body),
    /// By a function of a room.
    Made(usize, Maker),
    /// The page of this room and id once more, at another path: a start page.
    Page(usize, PageId),
    /// The texts of these pages of this room, for whoever searches.
    Texts(usize, Vec<PageId>),
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
    /// What the start page of a handbook in one language shows below its text: the organisations.
    pub directory: Option<Stencil>,
    /// Whether `directory` cannot be known, since not all editions are there.
    pub is_partial: bool,
    /// The published theme files: every edition needs them.
    pub theme_assets: Vec<Arc<str>>,
    /// The other shared files by edition.
    pub assets: BTreeMap<EditionId, BTreeSet<Arc<str>>>,
    /// Everything but the pages of the outlines.
    pub extras: Vec<Extra>,
    rooms: Vec<Room>,
    /// The pages of each room, shared where the outline is.
    pages: Vec<Arc<Vec<PageId>>>,
    /// The index among all pages of the first of each room.
    starts: Vec<usize>,
    count: usize,
    coverage: OnceLock<Coverage>,
}

/// Where a page stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// At its place in the order.
    InOrder,
    /// It is the start page.
    Start,
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
            directory: None,
            is_partial: false,
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

    /// The address of the site, where it is a full one.
    pub fn full_url(&self) -> Option<&str> {
        self.site_url.as_deref().filter(|url| !url.starts_with('/'))
    }

    /// The path from the root of its host to the site, with a slash at both ends.
    pub fn base_path(&self) -> String {
        match self.site_url.as_deref() {
            Some(url) if url.starts_with('/') => url.to_owned(),
            Some(url) => url.splitn(4, '/').nth(3).map_or_else(|| "/".to_owned(), |path| format!("/{path}")),
            None => "/".to_owned(),
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

    /// Gives every extra its path; what clashes is reported.
    pub fn finish(&mut self, findings: &mut Findings) {
        let extras = std::mem::take(&mut self.extras);
        self.extras = collisions::settled(self, extras, findings);
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
        let config = &self.handbook.config;
        if path == "index.html" && self.is_partial && config.single_language && config.organisations.directory {
            return None;
        }
        self.rooms.iter().enumerate().find_map(|(at, room)| {
            let output = path.strip_prefix(&*room.folder)?;
            let is_there = |id: &PageId| room.edition.page_at(id, room.at).is_some_and(|page| *page.output == *output);
            // Where the base writes a page an edition writes it too, if it shows it and does not move it.
            let in_base = self.handbook.outputs.get(room.at).and_then(|pages| pages.get(&output.to_lowercase()));
            let index = match in_base.filter(|id| is_there(id)) {
                Some(page) => self.pages[at].iter().position(|id| id == page),
                None => self.pages[at].iter().position(is_there),
            };
            Some((at, index?))
        })
    }

    /// Whether something is written to a path.
    pub fn holds(&self, path: &str) -> bool {
        self.extras.binary_search_by(|extra| (*extra.path).cmp(path)).is_ok() || self.locate(path).is_some()
    }

    /// The index of a page that was located: the pages come after all else, since some of what comes before is
    /// made of all of them, takes longer than any page, and must not be what a build waits for in the end.
    pub fn index(&self, room: usize, page: usize) -> usize {
        self.extras.len() + self.starts[room] + page
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
            directory: None,
            site_url: self.full_url(),
        })
    }

    fn page(&self, room: &Room, id: &PageId, (path, standing): (&str, Standing)) -> Body {
        let page = room.edition.page_at(id, room.at);
        let path = path.strip_prefix(&*room.folder).unwrap_or(path);
        let html = match (self.shared(room, "page"), page) {
            (Some(mut shared), Some(page)) => {
                if standing == Standing::Start && room.edition.id == EditionId::Base {
                    shared.directory = self.directory.as_ref();
                }
                page::html(&shared, page, path)
            }
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
        if let Some(extra) = self.extras.get(index) {
            let body = match &extra.recipe {
                Recipe::Body(body) | Recipe::Copied(_, body) => body.clone(),
                Recipe::Made(room, make) => Body::Bytes(make(self, &self.rooms[*room]).into_bytes().into()),
                Recipe::Page(room, id) => self.page(&self.rooms[*room], id, (&extra.path, Standing::Start)),
                Recipe::Texts(room, pages) => {
                    let text = crate::render::search::texts(self, &self.rooms[*room], pages);
                    Body::Bytes(text.into_bytes().into())
                }
                Recipe::Redirect(room, id, old) => Body::Bytes(
                    crate::render::generated::redirect(self, &self.rooms[*room], id, old).into_bytes().into(),
                ),
            };
            return Output { path: Arc::clone(&extra.path), edition: extra.edition.clone(), body };
        }
        let index = index - self.extras.len();
        let at = self.starts.partition_point(|start| *start <= index).saturating_sub(1);
        let room = &self.rooms[at];
        let id = &self.pages[at][index - self.starts[at]];
        let path = self.page_path(at, id).unwrap_or_default();
        let standing = if **id == *"index" { Standing::Start } else { Standing::InOrder };
        let body = self.page(room, id, (&path, standing));
        Output { path: path.into(), edition: Some(room.edition.id.clone()), body }
    }

    fn find(&self, path: &str) -> Option<Output> {
        if let Ok(at) = self.extras.binary_search_by(|extra| (*extra.path).cmp(path)) {
            return Some(self.output(at));
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
