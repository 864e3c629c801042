//! One file of overrides as meant: a map from addresses to operations (spec §5).

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::book::{
    Address, Digest, Fragment, Language, LayerId, Lock, Page, PageId, PerLanguage, Reason, SectionId, Value,
};
use crate::diagnostic::Place;

/// A sector's, an organisation's or a department's deviations.
#[derive(Clone, Debug)]
pub struct Layer {
    /// Its id.
    pub id: LayerId,
    /// Its file.
    pub path: Arc<str>,
    /// The layer it builds on.
    pub extends: Option<(LayerId, Place)>,
    /// Its name, as readers see it.
    pub name: PerLanguage<Arc<str>>,
    /// Whether it has no edition of its own.
    pub is_abstract: bool,
    /// The languages of its edition; absent: those of its parent, else all.
    pub languages: Option<Vec<Language>>,
    /// The values it sets, `params:`.
    pub settings: Vec<Setting>,
    /// The parameters that it gives a value, right or wrong; absent where its `params:` could not be read.
    pub tried: Option<Vec<Arc<str>>>,
    /// The logo's file in the layer's folder.
    pub logo: Option<(Arc<str>, Place)>,
    /// What the logo shows.
    pub logo_alt: Option<(PerLanguage<Arc<str>>, Place)>,
    /// The colours it sets.
    pub tokens: Vec<TokenSetting>,
    /// Parameters that layers below may not set.
    pub finals: Vec<(Arc<str>, Place)>,
    /// The changes, by address.
    pub changes: Vec<Change>,
    /// The sections and pages it adds.
    pub inserts: Vec<Insert>,
    /// The internships it declares.
    pub placements: Vec<Placement>,
    /// Whether something of the file could not be read, so that its edition cannot be right.
    pub broken: bool,
    /// Whether nothing of the file could be read.
    pub unread: bool,
    /// Whether something that it inserts was refused: what a layer below says of that cannot be judged.
    pub lacks_inserts: bool,
    /// A digest of everything that was read to make the layer.
    pub digest: Digest,
}

/// A value that a layer gives to a parameter.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The parameter.
    pub name: Arc<str>,
    /// Its value.
    pub value: PerLanguage<Value>,
    /// The key's place.
    pub place: Place,
}

/// A colour that a layer gives to a token.
#[derive(Clone, Debug)]
pub struct TokenSetting {
    /// The token.
    pub name: Arc<str>,
    /// The colour, `#rrggbb`, lower case.
    pub color: Arc<str>,
    /// The key's place.
    pub place: Place,
    /// The value's place.
    pub value_place: Place,
}

/// Everything that a layer says about one address.
#[derive(Clone, Debug)]
pub struct Change {
    /// The address as written.
    pub address: Address,
    /// The address's place.
    pub place: Place,
    /// The operations, each under its own key.
    pub operations: Vec<Operation>,
    /// Why.
    pub reason: Option<Arc<Reason>>,
    /// The fingerprints of what the layer accepted to hide.
    pub accepted: Option<Pin>,
    /// Where links to what is removed lead.
    pub links: Option<(Links, Place)>,
}

/// Fingerprints that an operation is pinned to.
#[derive(Clone, Debug, PartialEq)]
pub struct Pin {
    /// One fingerprint (of the default language), or one per language.
    pub fingerprints: PerLanguage<Arc<str>>,
    /// Where they stand.
    pub place: Place,
}

/// Where links to a removed target lead.
#[derive(Clone, Debug, PartialEq)]
pub enum Links {
    /// To another address.
    To(Address),
    /// Nowhere: the words stay, the link goes.
    Text,
}

/// One key below an address.
#[derive(Clone, Debug)]
pub struct Operation {
    /// What to do.
    pub kind: OperationKind,
    /// The key's place.
    pub place: Place,
}

/// What a layer can do to a page or a section.
#[derive(Clone, Debug)]
pub enum OperationKind {
    /// Another title.
    Title(Title),
    /// Another own text.
    Replace(Texts),
    /// Text before the own text.
    Prepend(Texts),
    /// Text after the own text.
    Append(Texts),
    /// Removed with all below it, or restored.
    Remove(bool),
    /// Locked for the layers below.
    Lock(Lock),
    /// Another description of a page.
    Description(Title),
    /// Another place for a page and its sub-pages.
    Move(Anchor),
}

impl OperationKind {
    /// The key in the layer's file, and `op` in the provenance.
    pub fn as_str(&self) -> &'static str {
        match self {
            OperationKind::Title(_) => "title",
            OperationKind::Replace(_) => "replace",
            OperationKind::Prepend(_) => "prepend",
            OperationKind::Append(_) => "append",
            OperationKind::Remove(_) => "remove",
            OperationKind::Lock(_) => "lock",
            OperationKind::Description(_) => "description",
            OperationKind::Move(_) => "move",
        }
    }
}

/// A text in the languages that the layer gives, in the order of the handbook's languages.
#[derive(Clone, Debug, Default)]
pub struct Texts {
    /// The texts, by language; not empty.
    pub texts: Vec<Text>,
}

impl Texts {
    /// The text for `language`, else the layer's own text in another language: never the base's.
    pub fn get(&self, language: &str) -> Option<&Text> {
        self.texts.iter().find(|text| &*text.language == language).or_else(|| self.texts.first())
    }
}

/// A text in one language.
#[derive(Clone, Debug)]
pub struct Text {
    /// Its language.
    pub language: Language,
    /// The text, parsed.
    pub fragment: Arc<Fragment>,
    /// The text as it was typed.
    pub source: Arc<str>,
    /// The value's place.
    pub place: Place,
}

/// A one-line text with placeholders, per language.
pub type Title = Vec<(Language, crate::book::Pieces)>;

/// A place relative to something that exists.
#[derive(Clone, Debug, PartialEq)]
pub struct Anchor {
    /// On which side.
    pub side: Where,
    /// The section id or page id, as written.
    pub target: Arc<str>,
    /// Where it is written.
    pub place: Place,
}

/// The sides of an anchor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Where {
    /// Just before it.
    Before,
    /// Just after it.
    After,
    /// The first thing below it.
    FirstIn,
    /// The last thing below it.
    LastIn,
}

impl Where {
    /// The key in the layer's file.
    pub fn as_str(self) -> &'static str {
        match self {
            Where::Before => "before",
            Where::After => "after",
            Where::FirstIn => "first_in",
            Where::LastIn => "last_in",
        }
    }
}

/// A section or a page that a layer adds.
#[derive(Clone, Debug)]
pub struct Insert {
    /// Its address.
    pub address: Address,
    /// Where it goes.
    pub anchor: Anchor,
    /// Its title; empty for a page whose own file names it.
    pub title: Title,
    /// What it holds.
    pub body: InsertBody,
    /// Why.
    pub reason: Option<Arc<Reason>>,
    /// The address's place.
    pub place: Place,
}

/// What an insert holds.
#[derive(Clone, Debug)]
pub enum InsertBody {
    /// A text.
    Text(Texts),
    /// A page of its own with sections, by language; not empty.
    Pages(BTreeMap<Language, Arc<Page>>),
}

/// One concrete internship.
#[derive(Clone, Debug)]
pub struct Placement {
    /// Its id.
    pub id: Arc<str>,
    /// Its values, by field.
    pub values: Vec<(Arc<str>, PerLanguage<Value>, Place)>,
    /// The fields whose value was refused.
    pub refused: Vec<Arc<str>>,
    /// Whether it may be published.
    pub publish: bool,
    /// Its place.
    pub place: Place,
}

impl Layer {
    /// The page ids that the layer adds.
    pub fn inserted_pages(&self) -> impl Iterator<Item = &PageId> {
        self.inserts.iter().filter(|insert| insert.address.section.is_none()).map(|insert| &insert.address.page)
    }

    /// The section that an insert adds, where it is one.
    pub fn inserted_sections(&self) -> impl Iterator<Item = (&PageId, &SectionId)> {
        self.inserts.iter().filter_map(|insert| Some((&insert.address.page, insert.address.section.as_ref()?)))
    }
}
