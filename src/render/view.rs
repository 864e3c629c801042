//! An edition in one language, and how what depends on it is read: values, names, entries of the navigation.

use std::fmt::Write;
use std::sync::{Arc, OnceLock};

use crate::book::{Edition, Hole, Language, Pieces, Placeholder};
use crate::render::html::{escape, escaped};
use crate::render::shell::Small;
use crate::render::stencil::Stencil;
use crate::render::values::{self, Shown};

/// An edition in one language, for whoever writes its pages.
pub struct View<'v> {
    /// The edition.
    pub edition: &'v Edition,
    /// Its language.
    pub language: &'v Language,
    /// The language's index among the handbook's languages.
    pub at: usize,
    /// The small templates.
    pub small: &'v Small,
    /// Where editions and languages lie below the output folder: `gemeente-x/nl/`.
    pub folder: &'v str,
    /// What the entries of its outline are called, each worked out when the first page asks.
    pub entries: &'v Entries,
}

/// The entries of an outline, by their index.
pub type Entries = OnceLock<Vec<OnceLock<Entry>>>;

/// An entry of an outline as every page of the edition shows it.
#[derive(Debug)]
pub struct Entry {
    /// The output that it leads to, below the language folder; nothing for a part, or a page that is not shown.
    pub output: Option<Arc<str>>,
    /// The name, as HTML text.
    pub name: String,
    /// The item in the navigation of a page that is neither it nor below it: its gap is the way to the language folder.
    pub item: Stencil,
}

impl View<'_> {
    /// What a placeholder shows in this edition and language.
    pub fn shown<'s>(&'s self, placeholder: &'s Placeholder) -> Shown<'s> {
        let edition = self.edition;
        values::shown(placeholder, &edition.values, &edition.handbook.declarations, self.language, &self.small.strings)
    }

    /// Pieces of plain text as readers read them, spaces folded.
    pub fn plain(&self, pieces: &Pieces) -> String {
        let mut out = String::new();
        for (text, hole) in pieces.iter() {
            out.push_str(text);
            if let Some(Hole::Value(placeholder)) = hole {
                match self.shown(placeholder) {
                    Shown::Text(text) => out.push_str(&text),
                    Shown::Blank(label) => {
                        let _ = write!(out, "[{label}]");
                    }
                }
            }
        }
        out.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Pieces of plain text, escaped.
    pub fn text(&self, pieces: &Pieces) -> String {
        let mut out = String::new();
        for (text, hole) in pieces.iter() {
            escape(&mut out, text);
            if let Some(Hole::Value(placeholder)) = hole {
                match self.shown(placeholder) {
                    Shown::Text(text) => escape(&mut out, &text),
                    Shown::Blank(label) => {
                        let _ = write!(out, "[{}]", escaped(&label));
                    }
                }
            }
        }
        out
    }
}
