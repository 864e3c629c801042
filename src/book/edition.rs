//! The handbook as it holds in one organisation: what it shares with the base, and where it differs.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::book::{
    Address, EditionId, Handbook, Language, Layer, LayerId, Links, Outline, Page, PageId, PerLanguage, Placement,
    Reason, Target, Value,
};

/// The base handbook, or an organisation's.
#[derive(Clone, Debug)]
pub struct Edition {
    /// Which edition.
    pub id: EditionId,
    /// The layers it is made of, outermost first; empty for the base.
    pub chain: Vec<Arc<Layer>>,
    /// The organisation's name; the handbook's own blank for the base.
    pub name: PerLanguage<Arc<str>>,
    /// Its languages.
    pub languages: Vec<Language>,
    /// The value of every parameter that has one.
    pub values: Arc<Values>,
    /// Its colours, by token.
    pub tokens: BTreeMap<Arc<str>, Arc<str>>,
    /// Its logo.
    pub logo: Option<Logo>,
    /// The order of its pages.
    pub outline: Arc<Outline>,
    /// The pages that differ from the base's, and those it adds; `None` for pages it does not show.
    pub pages: BTreeMap<PageId, Option<EditionPage>>,
    /// Where links to what it does not show lead.
    pub redirects: BTreeMap<Address, Redirect>,
    /// Its published placements.
    pub placements: Vec<Placement>,
    /// What became of every operation of its chain, outermost layer first.
    pub provenance: Vec<ProvenanceEntry>,
    /// The handbook it is made from.
    pub handbook: Arc<Handbook>,
}

/// A page of an edition, in the order of the handbook's languages.
pub type EditionPage = Vec<Arc<Page>>;

/// Values by parameter.
pub type Values = BTreeMap<Arc<str>, PerLanguage<Value>>;

/// A logo.
#[derive(Clone, Debug, PartialEq)]
pub struct Logo {
    /// The file's path in the project.
    pub path: Arc<str>,
    /// What it shows.
    pub alt: PerLanguage<Arc<str>>,
}

/// Where links to a removed target lead in an edition.
pub type Redirect = Links;

/// What became of one operation (spec §8, provenance.json).
#[derive(Clone, Debug, PartialEq)]
pub struct ProvenanceEntry {
    /// The address, or `params.x`, `theme.x`, `placements.x`.
    pub address: String,
    /// The language, where an operation's languages differ in state.
    pub language: Option<Language>,
    /// The layer.
    pub layer: LayerId,
    /// Its file.
    pub file: Arc<str>,
    /// The line of the key.
    pub line: u32,
    /// The key's name.
    pub op: &'static str,
    /// Why.
    pub reason: Option<Arc<Reason>>,
    /// The fingerprint it is pinned to.
    pub accepted: Option<Arc<str>>,
    /// What became of it.
    pub state: OperationState,
}

/// What became of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperationState {
    /// It holds.
    Applied,
    /// It holds, but what it hides has changed since it was accepted.
    Stale,
    /// A nearer layer decided otherwise.
    Overridden,
    /// It changes nothing.
    Noop,
}

impl OperationState {
    /// The word in provenance.json.
    pub fn as_str(self) -> &'static str {
        match self {
            OperationState::Applied => "applied",
            OperationState::Stale => "stale",
            OperationState::Overridden => "overridden",
            OperationState::Noop => "noop",
        }
    }
}

impl Edition {
    /// The index of its first language among the handbook's.
    pub fn first_at(&self) -> usize {
        self.languages.first().and_then(|language| self.handbook.config.at(language)).unwrap_or(0)
    }

    /// A page of the edition in a language; nothing where the edition does not show it.
    pub fn page(&self, id: &str, language: &str) -> Option<&Arc<Page>> {
        let at = self.handbook.config.at(language)?;
        self.page_at(id, at)
    }

    /// A page of the edition in the language at `at` among the handbook's languages.
    pub fn page_at(&self, id: &str, at: usize) -> Option<&Arc<Page>> {
        match self.pages.get(id) {
            Some(changed) => changed.as_ref()?.get(at),
            None => self.handbook.pages.get(id)?.languages.get(at),
        }
    }

    /// The page that a path names in an edition, after aliases.
    pub fn canonical(&self, path: &str) -> Option<PageId> {
        let handbook = &self.handbook;
        if let Some((id, page)) = self.pages.get_key_value(path) {
            return page.is_some().then(|| id.clone());
        }
        if let Some((id, _)) = handbook.pages.get_key_value(path) {
            return Some(id.clone());
        }
        handbook.aliases.get(path).filter(|id| self.page_at(id, 0).is_some()).cloned()
    }

    /// What a link means here: where a page is written is that page, unless a file lies there.
    pub fn target<'t>(&self, target: &'t Target, at: usize) -> Cow<'t, Target> {
        let target = self.handbook.target(target, at);
        let Target::File { path, output: Some(output), .. } = &*target else { return target };
        let is = |page: &Arc<Page>| *page.output == *output.path;
        let own = self.pages.iter().find(|(_, page)| page.as_ref().and_then(|page| page.get(at)).is_some_and(is));
        match own {
            Some((page, _)) if self.file(path).is_none() => Cow::Owned(output.page(page)),
            _ => target,
        }
    }

    /// The file that a path names in an edition: itself, or the default language's.
    pub fn file(&self, path: &str) -> Option<String> {
        self.handbook.file(path)
    }

    /// Where links to an address lead in an edition that does not show it.
    pub fn redirect(&self, address: &Address) -> Option<&Links> {
        self.redirects.get(address).or_else(|| {
            self.redirects.get(&Address::page(&address.page)).filter(|_| self.page_at(&address.page, 0).is_none())
        })
    }

    /// Whether a page is the base's own, untouched.
    pub fn shares(&self, id: &str) -> bool {
        !self.pages.contains_key(id)
    }

    /// The organisation's name in a language.
    pub fn name(&self, language: &str) -> &str {
        self.name.get(language).map_or("", |name| name)
    }
}
