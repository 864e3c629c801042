//! The nouns of leidraad: what the stages hand to each other. Nothing here reads, writes, parses
//! or renders; it imports `diagnostic` and nothing else of the crate.

mod color;
mod config;
mod declaration;
mod digest;
mod edition;
pub mod fingerprint;
mod fragment;
mod handbook;
mod layer;
mod names;
mod outline;
mod page;
mod reason;
mod rule;
mod site;
mod theme;
mod value;

pub use color::{Appearance, TEXT_CONTRAST, nearest_readable, ratio, readable, text_on};
pub use config::{Config, HtmlConfig, OrganisationsConfig, PerLanguage};
pub use declaration::{Check, Declarations, Explain, Field, Kind, Rule, Scalar, Term, TokenDeclaration};
pub use digest::{Digest, DigestWriter};
pub use edition::{Edition, EditionPage, Logo, OperationState, ProvenanceEntry, Redirect, Values};
pub use fragment::{Fragment, Hole, InnerHeading, Link, Notes, Pieces, Placeholder, Target, Written};
pub use handbook::{Asset, BasePage, Content, Files, Handbook, Refusal, Source, Sources, Unbuilt};
pub use layer::{
    Anchor, Change, Insert, InsertBody, Layer, Links, Operation, OperationKind, Pin, Placement, Setting, Text, Texts,
    Title, TokenSetting, Where,
};
pub use names::{Address, Language, LayerId, PageId, SectionId, is_id, is_parameter_name, is_reserved, slug};
pub use outline::{Outline, OutlineEntry, OutlineNode};
pub use page::{Anchors, Audience, Condition, Deviation, Heading, How, Lock, Own, Page, Part, Section, with_below};
pub use reason::Reason;
pub use site::{Body, EditionId, Output, Site};
pub use theme::{Strings, Theme, ThemeFile};
pub use value::{Person, PersonKind, Value};
