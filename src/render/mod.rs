//! 3. [`Edition`](crate::book::Edition)s → [`Site`](crate::book::Site): pieces become pages.
//!
//! Templates run once per edition, language and page kind, and become stencils; a page is then a
//! concatenation. Every output is made when it is asked for, and is a function of what it is made
//! from and of nothing else.

mod assets;
mod changes;
mod collisions;
mod compare;
mod content;
pub mod coverage;
mod coverage_page;
mod footnotes;
mod generated;
mod glossary;
mod hosts;
mod html;
mod hyphens;
mod kept;
mod links;
mod made;
mod navigation;
mod page;
mod placements;
mod print;
mod provenance;
mod published;
mod register;
mod search;
mod sheet;
mod sheets;
mod shell;
mod site;
mod stem;
mod stencil;
mod table;
mod tags;
mod template;
mod values;
mod view;
pub mod words;

pub use provenance::{provenance, reason_value};
pub use site::{Options, pages, site};
pub use table::{Room, Table};
