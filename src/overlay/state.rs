//! What a chain of layers has made of the base so far: slots at the addresses it touched.
//!
//! A page enters the state when an operation names it, and not before. Nothing is taken out:
//! what is removed stays as a tombstone, so that it can be restored, and so that what was anchored
//! to it keeps its place.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::book::{
    Address, Anchor, Handbook, Insert, InsertBody, Language, Layer, Links, Lock, Page, PageId, Reason, Section,
    SectionId, Texts, Title, Where,
};
use crate::diagnostic::Place;
use crate::overlay::drift::Pinned;

/// The base, and what the layers so far did to it.
pub struct State<'h> {
    /// The base.
    pub handbook: &'h Handbook,
    /// The layers, outermost first.
    pub chain: &'h [Arc<Layer>],
    /// The pages that were touched.
    pub pages: BTreeMap<PageId, PageState<'h>>,
    /// What became of each operation.
    pub records: Vec<Record>,
    /// What each operation hides, for whoever asked for it.
    pub pinned: Option<Vec<Pinned>>,
    /// What the layers before the present one lock, at the addresses that it changes: a layer's own
    /// locks, moves and inserts do not bind it.
    pub held: BTreeMap<Address, Lock>,
}

/// A page that was touched.
pub struct PageState<'h> {
    /// Where it comes from.
    pub origin: Origin<'h>,
    /// Another title.
    pub title: Option<Given<&'h Title>>,
    /// Another description.
    pub description: Option<Given<&'h Title>>,
    /// What was done to its opening text.
    pub slot: Slot<'h>,
    /// Whether and by whom it was removed.
    pub removed: Option<Removal<'h>>,
    /// What layers may do to it.
    pub lock: Lock,
    /// Its sections.
    pub sections: BTreeMap<SectionId, SectionState<'h>>,
    /// Where it was moved to.
    pub moved: Option<Given<&'h Anchor>>,
    /// Where it stays although what it was anchored to has moved away.
    pub left: Option<Left<'h>>,
    /// The pages that stay where it stood in the base, once it has moved away.
    pub stayed: Vec<PageId>,
    /// What stands around it.
    pub around: Around<PageId>,
    /// What was put at the start and the end of its sections.
    pub inside: Around<SectionId>,
}

/// The place of a page whose anchor has moved away: the place that the anchor had.
#[derive(Clone)]
pub enum Left<'h> {
    /// Where a page stands in the base.
    Base(PageId),
    /// Where a layer had put the anchor.
    Anchor(&'h Anchor),
}

/// Where a page comes from.
#[derive(Clone, Copy)]
pub enum Origin<'h> {
    /// The base; the page in the default language, which decides the sections.
    Base(&'h Arc<Page>),
    /// A layer's insert, by the layer's index in the chain.
    Insert(usize, &'h Insert),
}

/// A section of a page that was touched.
pub struct SectionState<'h> {
    /// The section that it is directly below.
    pub parent: Option<SectionId>,
    /// Its level.
    pub level: u8,
    /// The section in the default language; absent for an insert.
    pub base: Option<Arc<Section>>,
    /// The insert it comes from, by the layer's index in the chain.
    pub insert: Option<(usize, &'h Insert)>,
    /// Another title.
    pub title: Option<Given<&'h Title>>,
    /// What was done to its own text.
    pub slot: Slot<'h>,
    /// Whether and by whom it was removed.
    pub removed: Option<Removal<'h>>,
    /// What layers may do to it, apart from what is above it.
    pub lock: Lock,
    /// What stands around it.
    pub around: Around<SectionId>,
}

/// What was anchored to something, the outermost layer's first.
#[derive(Clone, Debug)]
pub struct Around<T> {
    /// Just before it.
    pub before: Vec<T>,
    /// Just after it.
    pub after: Vec<T>,
    /// First below it.
    pub first: Vec<T>,
    /// Last below it.
    pub last: Vec<T>,
}

impl<T> Default for Around<T> {
    fn default() -> Self {
        Around { before: Vec::new(), after: Vec::new(), first: Vec::new(), last: Vec::new() }
    }
}

impl<T> Around<T> {
    /// Whether nothing is anchored here.
    pub fn is_empty(&self) -> bool {
        self.before.is_empty() && self.after.is_empty() && self.first.is_empty() && self.last.is_empty()
    }
}

/// What was done to an own text.
#[derive(Default)]
pub struct Slot<'h> {
    /// The nearest text that replaces it.
    pub text: Option<Given<&'h Texts>>,
    /// Where links to the headings that went with the text lead.
    pub links: Option<&'h Links>,
    /// Texts before it, outermost layer's first.
    pub prepended: Vec<Given<&'h Texts>>,
    /// Texts after it, outermost layer's first.
    pub appended: Vec<Given<&'h Texts>>,
}

impl Slot<'_> {
    /// Whether the own text is as it was.
    pub fn is_empty(&self) -> bool {
        self.text.is_none() && self.prepended.is_empty() && self.appended.is_empty()
    }
}

/// Something that a layer gave.
#[derive(Clone, Copy)]
pub struct Given<T> {
    /// The layer's index in the chain.
    pub layer: usize,
    /// The record of the operation.
    pub record: usize,
    /// What it gave.
    pub value: T,
}

/// A removal.
#[derive(Clone, Copy)]
pub struct Removal<'h> {
    /// The layer's index in the chain.
    pub layer: usize,
    /// The record of the operation.
    pub record: usize,
    /// Where links to it lead.
    pub links: Option<&'h Links>,
}

/// An operation and what it does, as far as its own layer can tell.
#[derive(Clone, Debug)]
pub struct Record {
    /// The layer's index in the chain.
    pub layer: usize,
    /// The address, or `params.x`.
    pub address: String,
    /// The key's name.
    pub op: &'static str,
    /// Its place.
    pub place: Place,
    /// Why.
    pub reason: Option<Arc<Reason>>,
    /// Whether it changes anything at all.
    pub effect: Effect,
    /// The fingerprints it is pinned to, and whether what they stand for has changed since.
    pub pins: Vec<PinState>,
}

/// Whether an operation changes anything at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It does, unless a nearer layer decides otherwise.
    Some,
    /// It does, whatever nearer layers decide.
    Lasting,
    /// It does not.
    None,
}

/// A pin of an operation in one language.
#[derive(Clone, Debug)]
pub struct PinState {
    /// The language.
    pub language: Language,
    /// The fingerprint in the file.
    pub accepted: Arc<str>,
    /// Whether the text has another fingerprint now.
    pub stale: bool,
}

impl<'h> State<'h> {
    /// The base, untouched.
    pub fn new(handbook: &'h Handbook, chain: &'h [Arc<Layer>]) -> State<'h> {
        State { handbook, chain, pages: BTreeMap::new(), records: Vec::new(), pinned: None, held: BTreeMap::new() }
    }

    /// Whether a page exists, removed or not.
    pub fn has_page(&self, id: &str) -> bool {
        self.pages.contains_key(id) || self.handbook.pages.contains_key(id)
    }

    /// The state of a page, entered now if need be; nothing when there is no such page.
    pub fn page(&mut self, id: &str) -> Option<&mut PageState<'h>> {
        if !self.pages.contains_key(id) {
            let (id, base) = self.handbook.pages.get_key_value(id)?;
            let page = base.languages.first()?;
            self.pages.insert(id.clone(), PageState::new(Origin::Base(page)));
        }
        self.pages.get_mut(id)
    }

    /// Ids of all pages, those of layers included: candidates for a misspelt one.
    pub fn page_ids(&self) -> impl Iterator<Item = &str> {
        self.handbook.pages.keys().chain(self.pages.keys()).map(|id| &**id)
    }

    /// Notes an operation; gives its record.
    pub fn record(&mut self, record: Record) -> usize {
        self.records.push(record);
        self.records.len() - 1
    }

    /// Who removed an address, or something that it stands in.
    pub fn removal(&mut self, address: &Address) -> Option<Removal<'h>> {
        let page = self.page(&address.page)?;
        if page.removed.is_some() {
            return page.removed;
        }
        let section = address.section.as_ref()?;
        page.section_path(section).into_iter().find_map(|id| page.sections.get(&id).and_then(|section| section.removed))
    }

    /// The page that a page stands below.
    pub fn parent(&self, id: &str) -> Option<PageId> {
        let mut id = id;
        while let Some(anchor) = self.pages.get(id).and_then(PageState::anchor) {
            let target = self.handbook.aliases.get(&anchor.target).filter(|_| !self.has_page(&anchor.target));
            let target = target.map_or(&*anchor.target, |page| page);
            match anchor.side {
                Where::FirstIn | Where::LastIn => return Some(target.into()),
                Where::Before | Where::After => id = target,
            }
        }
        let outline = &self.handbook.outline;
        let place = match self.pages.get(id).and_then(|page| page.left.as_ref()) {
            Some(Left::Base(page)) => page,
            Some(Left::Anchor(_)) | None => id,
        };
        let mut at = outline.parent(outline.position(place)?)?;
        loop {
            if let Some(page) = outline.nodes[at].page() {
                return Some(page.clone());
            }
            at = outline.parent(at)?;
        }
    }
}

impl<'h> PageState<'h> {
    /// A page as its origin has it.
    pub fn new(origin: Origin<'h>) -> PageState<'h> {
        let page = origin.page();
        let mut state = PageState {
            origin,
            title: None,
            description: None,
            slot: Slot::default(),
            removed: None,
            lock: page.map_or(Lock::Open, |page| page.lock),
            sections: BTreeMap::new(),
            moved: None,
            left: None,
            stayed: Vec::new(),
            around: Around::default(),
            inside: Around::default(),
        };
        if let Some(page) = page {
            let mut waiting: Vec<(Option<SectionId>, &Arc<Section>)> =
                page.sections.iter().map(|section| (None, section)).collect();
            while let Some((parent, section)) = waiting.pop() {
                waiting.extend(section.sections.iter().map(|child| (Some(section.id.clone()), child)));
                state.sections.insert(
                    section.id.clone(),
                    SectionState {
                        parent,
                        level: section.level,
                        base: Some(Arc::clone(section)),
                        insert: None,
                        title: None,
                        slot: Slot::default(),
                        removed: None,
                        lock: section.lock,
                        around: Around::default(),
                    },
                );
            }
        }
        state
    }

    /// The section and those it stands in, itself first.
    pub fn section_path(&self, section: &SectionId) -> Vec<SectionId> {
        let mut path = Vec::new();
        let mut next = self.sections.get_key_value(section).map(|(id, _)| id.clone());
        while let Some(id) = next {
            next = self.sections.get(&id).and_then(|section| section.parent.clone());
            path.push(id);
        }
        path
    }

    /// The sections below a section, or all of the page.
    pub fn below(&self, section: Option<&SectionId>) -> Vec<SectionId> {
        self.sections
            .keys()
            .filter(|id| section.is_none_or(|above| *id != above && self.section_path(id).contains(above)))
            .cloned()
            .collect()
    }

    /// Where a layer put or moved the page.
    pub fn anchor(&self) -> Option<&'h Anchor> {
        match (&self.left, self.moved, self.origin) {
            (Some(Left::Anchor(anchor)), _, _) => Some(anchor),
            (Some(Left::Base(_)), _, _) => None,
            (None, Some(moved), _) => Some(moved.value),
            (None, None, Origin::Insert(_, insert)) => Some(&insert.anchor),
            (None, None, Origin::Base(_)) => None,
        }
    }
}

impl<'h> Origin<'h> {
    /// The page in the language that decides its sections; nothing for an inserted text.
    pub fn page(self) -> Option<&'h Arc<Page>> {
        match self {
            Origin::Base(page) => Some(page),
            Origin::Insert(_, insert) => match &insert.body {
                InsertBody::Pages(pages) => pages.values().next(),
                InsertBody::Text(_) => None,
            },
        }
    }

    /// The page in every language in which it is written.
    pub fn pages(self, handbook: &'h Handbook) -> Vec<&'h Arc<Page>> {
        match self {
            Origin::Base(page) => handbook.pages.get(&page.id).into_iter().flat_map(|page| &page.languages).collect(),
            Origin::Insert(_, insert) => match &insert.body {
                InsertBody::Pages(pages) => pages.values().collect(),
                InsertBody::Text(_) => Vec::new(),
            },
        }
    }
}
