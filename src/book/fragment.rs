//! A text that was parsed once: HTML with holes where editions differ.
//!
//! A hole is filled when a page is put together: the value of a parameter, the address of a link,
//! the number of a footnote. Everything between holes is the same bytes in every edition.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::book::{Digest, PageId, SectionId};
use crate::diagnostic::Place;

/// Fixed text and the holes in it, in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pieces {
    /// All fixed text, one string.
    pub text: String,
    /// A hole and the byte offset in `text` before which it stands; ascending.
    pub holes: Vec<(u32, Hole)>,
}

impl Pieces {
    /// Text without a hole.
    pub fn fixed(text: impl Into<String>) -> Pieces {
        Pieces { text: text.into(), holes: Vec::new() }
    }

    /// Whether there is neither text nor a hole.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty() && self.holes.is_empty()
    }

    /// The stretches of fixed text, each with the hole that follows it (none after the last).
    pub fn iter(&self) -> impl Iterator<Item = (&str, Option<&Hole>)> {
        let mut from = 0;
        let mut holes = self.holes.iter();
        let mut done = false;
        std::iter::from_fn(move || {
            if done {
                return None;
            }
            match holes.next() {
                Some((at, hole)) => {
                    let at = (*at as usize).min(self.text.len());
                    let text = self.text.get(from..at).unwrap_or_default();
                    from = at;
                    Some((text, Some(hole)))
                }
                None => {
                    done = true;
                    Some((self.text.get(from..).unwrap_or_default(), None))
                }
            }
        })
    }

    /// Every link of the text, images and raw HTML included.
    pub fn links(&self) -> impl Iterator<Item = &Arc<Link>> {
        self.holes.iter().filter_map(|(_, hole)| match hole {
            Hole::LinkStart(link) | Hole::Image(link) | Hole::Reference(link) => Some(link),
            Hole::Value(_) | Hole::Plain(_) | Hole::LinkEnd(_) | Hole::Note(_) | Hole::Word(_) => None,
        })
    }

    /// Every placeholder of the text, those in the targets and titles of links included.
    pub fn placeholders(&self) -> impl Iterator<Item = &Arc<Placeholder>> {
        self.holes.iter().flat_map(|(_, hole)| {
            let (direct, link) = match hole {
                Hole::Value(placeholder) | Hole::Plain(placeholder) => (Some(placeholder), None),
                Hole::LinkStart(link) | Hole::Image(link) | Hole::Reference(link) => (None, Some(link)),
                Hole::LinkEnd(_) | Hole::Note(_) | Hole::Word(_) => (None, None),
            };
            let of_link = link.map(|link| link.address().into_iter().chain([&link.title]));
            direct.into_iter().chain(of_link.into_iter().flatten().flat_map(Pieces::values))
        })
    }

    /// The placeholders of plain text.
    pub fn values(&self) -> impl Iterator<Item = &Arc<Placeholder>> {
        self.holes.iter().filter_map(|(_, hole)| match hole {
            Hole::Value(placeholder) => Some(placeholder),
            _ => None,
        })
    }
}

impl std::fmt::Display for Pieces {
    /// Plain text as it was typed: placeholders in their braces.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (text, hole) in self.iter() {
            f.write_str(text)?;
            if let Some(Hole::Value(placeholder)) = hole {
                write!(f, "{placeholder}")?;
            }
        }
        Ok(())
    }
}

/// A place in a text that is filled per edition or per page.
#[derive(Clone, Debug, PartialEq)]
pub enum Hole {
    /// The value of a parameter, escaped.
    Value(Arc<Placeholder>),
    /// The same in an attribute, where a blank is plain text.
    Plain(Arc<Placeholder>),
    /// `<a href="…">`, or nothing where the link is dropped and its words are kept.
    LinkStart(Arc<Link>),
    /// `</a>`, or nothing; the same link as its start.
    LinkEnd(Arc<Link>),
    /// The `src`, `width` and `height` attributes of an image.
    Image(Arc<Link>),
    /// The bare address in an attribute of raw HTML.
    Reference(Arc<Link>),
    /// A footnote reference, by the note's name in its document.
    Note(Arc<str>),
    /// Words of the theme, by key: `heading_link`.
    Word(&'static str),
}

/// `{{name.field}}` as an author wrote it.
#[derive(Clone, Debug, PartialEq)]
pub struct Placeholder {
    /// The parameter, lower case at the start.
    pub name: Arc<str>,
    /// The field of a person or the form of a term.
    pub field: Option<Arc<str>>,
    /// Whether the value starts with a capital: `{{Intern.the}}`.
    pub capital: bool,
    /// Where it stands.
    pub place: Place,
}

impl std::fmt::Display for Placeholder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("{{")?;
        let mut letters = self.name.chars();
        match letters.next() {
            Some(first) if self.capital => write!(f, "{}{}", first.to_uppercase(), letters.as_str())?,
            _ => f.write_str(&self.name)?,
        }
        if let Some(field) = &self.field {
            write!(f, ".{field}")?;
        }
        f.write_str("}}")
    }
}

/// Something in a text that points elsewhere.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    /// Where it points.
    pub target: Target,
    /// The link's title attribute, as plain text; empty when there is none.
    pub title: Pieces,
    /// Where it stands.
    pub place: Place,
}

impl Link {
    /// The address outside the handbook that it points to.
    pub fn address(&self) -> Option<&Pieces> {
        match &self.target {
            Target::External(url) => Some(url),
            Target::Page { .. } | Target::Here(_) | Target::File { .. } | Target::Term(_) => None,
        }
    }
}

/// What a link points to, as far as its own text tells.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// A page, as its path below the language folder without `.md`; it may be an alias, or nothing.
    Page {
        /// The path, normalised: `praktijk/kanalen`.
        path: Arc<str>,
        /// The anchor without `#`.
        anchor: Option<Arc<str>>,
    },
    /// An anchor on the page on which the text lands.
    Here(Arc<str>),
    /// A file: below a language folder for a base page, in the layer's folder for a layer.
    File {
        /// The path relative to the project, normalised: `content/nl/huisstijl.pdf`.
        path: Arc<str>,
        /// `#…` or `?…` after it, as written.
        suffix: Arc<str>,
        /// What it is if a page is written there: `kanalen.html`.
        output: Option<Written>,
    },
    /// An address outside the handbook; holes are parameters of type `url` or `email`.
    External(Pieces),
    /// A term of the glossary, by its id.
    Term(Arc<str>),
}

/// Where a page may be written, and an anchor on it.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    /// The path below the language folder, normalised.
    pub path: Arc<str>,
    /// The anchor without `#`.
    pub anchor: Option<Arc<str>>,
}

impl Written {
    /// The page that is written there, as a target.
    pub fn page(&self, page: &PageId) -> Target {
        Target::Page { path: (&**page).into(), anchor: self.anchor.clone() }
    }
}

/// The footnote definitions of one document, by name.
pub type Notes = BTreeMap<Arc<str>, Pieces>;

/// The own text of a section or a page, parsed and rendered to pieces.
#[derive(Clone, Debug, Default)]
pub struct Fragment {
    /// The HTML of the text.
    pub html: Pieces,
    /// Headings without an explicit id that are part of the text.
    pub headings: Vec<InnerHeading>,
    /// Further anchors: ids in raw HTML.
    pub anchors: Vec<SectionId>,
    /// The document's footnotes; shared by all fragments of the document.
    pub notes: Arc<Notes>,
    /// The digest of the canonical text: equal for texts that differ in marker style or wrapping only.
    pub canonical: Option<Digest>,
    /// How many words a reader reads.
    pub words: u32,
    /// Whether some of it may stand in little room: a table, a heading.
    pub narrow: bool,
    /// The lines of the file that hold the text, from 1, both inclusive; (0, 0) when there are none.
    pub lines: (u32, u32),
    /// Those of the footnotes that the text uses, in the order of their first use.
    pub note_lines: Vec<(u32, u32)>,
}

impl Fragment {
    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.html.is_empty()
    }
}

/// A heading without an explicit id inside an own text, with its automatic anchor.
#[derive(Clone, Debug, PartialEq)]
pub struct InnerHeading {
    /// The automatic anchor, fixed on the base page.
    pub anchor: SectionId,
    /// 2 to 6.
    pub level: u8,
    /// The heading's text without markup.
    pub text: Pieces,
    /// Where it stands.
    pub place: Place,
    /// Whether it stands inside a quote or a list, where no section begins.
    pub nested: bool,
}
