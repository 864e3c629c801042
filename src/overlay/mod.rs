//! 2. [`Handbook`] × layer chain → [`Edition`].
//!
//! A layer is a map from addresses to operations, applied outermost first to a [`state::State`] that
//! starts as the base. Then pages are put together where the state differs from the base, and
//! nowhere else: the cost of an edition follows what it changes.

mod addresses;
mod apply;
mod base_pages;
mod chain;
mod conditions;
mod contrast;
mod drift;
mod edition;
mod edition_links;
mod inserts;
mod links;
mod locks;
mod moves;
mod order;
mod parameters;
mod pins;
mod placeholders;
mod provenance;
mod ready;
mod realise;
mod rules;
mod state;
mod step;
mod unfilled;

pub use drift::{Hidden, Pinned};
pub use edition::Overlay;
pub use pins::{Fingerprints, fingerprints};
pub use ready::{HiddenText, INDENT, Reading, Ready, changes_place, hidden_text, ready_lines};
