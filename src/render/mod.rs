//! 3. [`Edition`](crate::book::Edition)s → [`Site`](crate::book::Site): pieces become pages.
//!
//! Templates run once per edition, language and page kind, and become stencils; a page is then a
//! concatenation. Every output is made when it is asked for, and is a function of what it is made
//! from and of nothing else.

mod assets;
mod content;
mod generated;
mod html;
mod navigation;
mod page;
mod shell;
mod site;
mod stencil;
mod table;
mod template;
mod values;

pub use site::{Options, pages, site};
pub use table::Table;
