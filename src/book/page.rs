//! A page in one language, as the base has it or as an edition changed it.
//!
//! Sections are shared by `Arc`: what an edition does not touch is the very same section.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::book::{Digest, DigestWriter, Fragment, Hole, Language, LayerId, PageId, Pieces, Reason, SectionId};
use crate::diagnostic::Place;

/// A page in one language.
#[derive(Clone, Debug)]
pub struct Page {
    /// Its id.
    pub id: PageId,
    /// The language in which it is shown.
    pub language: Language,
    /// The file it was read from.
    pub source: Arc<str>,
    /// The h1.
    pub heading: Heading,
    /// The id of the h1, where the text has one.
    pub title_id: Option<SectionId>,
    /// Its name in the navigation and in `<title>`.
    pub name: Pieces,
    /// One sentence for search engines and previews.
    pub description: Option<Pieces>,
    /// Where it is written, below the language folder of its edition: `praktijk/kanalen.html`.
    pub output: Arc<str>,
    /// The text before its first h2; its address is the page.
    pub opening: Own,
    /// Text under headings without id between the opening text and the first section: it has no address.
    pub unaddressed: Own,
    /// The sections, in order.
    pub sections: Vec<Arc<Section>>,
    /// Shown only under this condition.
    pub shown: Option<Condition>,
    /// What layers may do to the page and all below it.
    pub lock: Lock,
    /// For whom it is.
    pub audience: Audience,
    /// The day of its last change of meaning, as the author says: `2026-11-20`.
    pub updated: Option<Arc<str>>,
    /// Whether it is a draft.
    pub draft: bool,
    /// Whether it shows a list of its contents.
    pub contents: bool,
    /// Whether its own language has no such page, so that another language's text is shown.
    pub fallback: bool,
    /// Whether the translation is behind its source.
    pub behind: bool,
    /// The pinned fingerprint of the translated source.
    pub accepted: Option<(Arc<str>, Place)>,
    /// Where it begins, for findings about the page as a whole.
    pub place: Place,
    /// A digest of everything that was read to make the page.
    pub digest: Digest,
}

/// The words of a page's `audience`.
pub type Audience = Vec<Arc<str>>;

/// A heading's text.
#[derive(Clone, Debug, PartialEq)]
pub struct Heading {
    /// The text as HTML.
    pub html: Pieces,
    /// The text without markup.
    pub text: Pieces,
    /// The language it is written in.
    pub language: Language,
    /// The digest of its canonical text.
    pub canonical: Digest,
}

impl Heading {
    /// A heading of plain text, which may hold placeholders.
    pub fn plain(text: &Pieces, language: &Language) -> Heading {
        let mut html = Pieces::default();
        let mut canonical = String::new();
        for (fixed, hole) in text.iter() {
            canonical.push_str(fixed);
            for c in fixed.chars() {
                match c {
                    '&' => html.text.push_str("&amp;"),
                    '<' => html.text.push_str("&lt;"),
                    '>' => html.text.push_str("&gt;"),
                    '"' => html.text.push_str("&quot;"),
                    c => html.text.push(c),
                }
            }
            if let Some(hole) = hole {
                html.holes.push((u32::try_from(html.text.len()).unwrap_or(u32::MAX), hole.clone()));
                if let Hole::Value(placeholder) = hole {
                    canonical.push_str(&placeholder.to_string());
                }
            }
        }
        let canonical = Digest::of(canonical.as_bytes());
        Heading { html, text: text.clone(), language: language.clone(), canonical }
    }
}

/// A heading with an explicit id, its own text, and the sections below it.
#[derive(Clone, Debug)]
pub struct Section {
    /// The explicit id.
    pub id: SectionId,
    /// The ids that it had.
    pub aliases: Vec<SectionId>,
    /// 2 to 6.
    pub level: u8,
    /// The heading.
    pub heading: Heading,
    /// Classes of the heading, other than the locks.
    pub classes: Vec<Arc<str>>,
    /// The text between the heading and the first section below it.
    pub own: Own,
    /// The sections below it.
    pub sections: Vec<Arc<Section>>,
    /// Shown only under this condition.
    pub shown: Option<Condition>,
    /// What layers may do to the section and all below it.
    pub lock: Lock,
    /// The heading's place.
    pub place: Place,
}

/// The own text of a section or page: parts that stand under each other.
#[derive(Clone, Debug, Default)]
pub struct Own {
    /// The parts, in reading order.
    pub parts: Vec<Part>,
    /// Which layer deviates from the base here, and how.
    pub deviation: Option<Deviation>,
}

/// These sections, each followed by all below it.
pub fn with_below<'s>(
    sections: impl IntoIterator<Item = &'s Arc<Section>, IntoIter: DoubleEndedIterator>,
) -> impl Iterator<Item = &'s Arc<Section>> {
    let mut waiting: Vec<&Arc<Section>> = sections.into_iter().rev().collect();
    std::iter::from_fn(move || {
        let section = waiting.pop()?;
        waiting.extend(section.sections.iter().rev());
        Some(section)
    })
}

impl Page {
    /// Every section of the page, each before those below it.
    pub fn all_sections(&self) -> impl Iterator<Item = &Arc<Section>> {
        with_below(&self.sections)
    }

    /// The section of an id.
    pub fn section(&self, id: &str) -> Option<&Arc<Section>> {
        self.all_sections().find(|section| *section.id == *id)
    }

    /// Every text of the page with the section that it belongs to, in reading order.
    pub fn all_parts(&self) -> impl Iterator<Item = (Option<&Arc<Section>>, &Part)> {
        let page = self.opening.parts.iter().chain(&self.unaddressed.parts).map(|part| (None, part));
        page.chain(
            self.all_sections().flat_map(|section| section.own.parts.iter().map(move |part| (Some(section), part))),
        )
    }

    /// Everything of the page that is shown as HTML, each once: headings, texts and their footnotes.
    pub fn texts(&self) -> impl Iterator<Item = &Pieces> {
        let headings = self.all_sections().map(|section| &section.heading.html);
        // Every fragment of a document has all its notes.
        let mut documents = BTreeSet::new();
        let parts = self.all_parts().flat_map(move |(_, part)| {
            let notes = documents.insert(Arc::as_ptr(&part.fragment.notes)).then(|| part.fragment.notes.values());
            std::iter::once(&part.fragment.html).chain(notes.into_iter().flatten())
        });
        std::iter::once(&self.heading.html).chain(headings).chain(parts)
    }

    /// Whether the page says itself what it is called.
    pub fn is_named(&self) -> bool {
        !self.name.is_empty() && !self.heading.html.is_empty()
    }

    /// Whether anything of the page depends on a condition.
    pub fn is_conditional(&self) -> bool {
        self.shown.is_some() || self.all_sections().any(|section| section.shown.is_some())
    }

    /// The anchor of the h1; its id gives way to a section that an edition inserts, or that a translation lacks.
    pub fn title_anchor(&self) -> Option<&SectionId> {
        self.title_id.as_ref().filter(|id| self.all_sections().all(|section| section.id != **id))
    }

    /// Every anchor that a link to the page can name.
    pub fn anchors(&self) -> BTreeSet<SectionId> {
        self.each_anchor().cloned().collect()
    }

    /// Whether a link to the page can name this anchor.
    pub fn has_anchor(&self, anchor: &str) -> bool {
        self.each_anchor().any(|known| **known == *anchor)
    }

    fn each_anchor(&self) -> impl Iterator<Item = &SectionId> {
        let of_parts = self.all_parts().flat_map(|(_, part)| {
            part.fragment.headings.iter().map(|heading| &heading.anchor).chain(&part.fragment.anchors)
        });
        self.all_sections()
            .flat_map(|section| [&section.id].into_iter().chain(&section.aliases))
            .chain(&self.title_id)
            .chain(of_parts)
    }
}

impl Section {
    /// Whether it had this id.
    pub fn was_called(&self, id: &str) -> bool {
        self.aliases.iter().any(|alias| **alias == *id)
    }
}

impl Own {
    /// One part of the base.
    pub fn base(fragment: Arc<Fragment>, language: Language) -> Own {
        Own { parts: vec![Part { fragment, language, layer: None }], deviation: None }
    }

    /// The anchors in it: those of headings without an id, and ids in raw HTML.
    pub fn anchors(&self) -> impl Iterator<Item = &SectionId> {
        let fragments = self.parts.iter().map(|part| &part.fragment);
        fragments.flat_map(|text| text.headings.iter().map(|heading| &heading.anchor).chain(&text.anchors))
    }

    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.parts.iter().all(|part| part.fragment.is_empty())
    }
}

/// One text of an own text.
#[derive(Clone, Debug)]
pub struct Part {
    /// The parsed text.
    pub fragment: Arc<Fragment>,
    /// The language it is written in.
    pub language: Language,
    /// The layer it comes from; absent for the base.
    pub layer: Option<LayerId>,
}

/// Which layer an own text comes from, and how it relates to the base.
#[derive(Clone, Debug, PartialEq)]
pub struct Deviation {
    /// The nearest layer that has a hand in it.
    pub layer: LayerId,
    /// What it did.
    pub how: How,
    /// The reason it gives.
    pub reason: Option<Arc<Reason>>,
    /// Whether the base text under it has changed since it was accepted.
    pub stale: bool,
}

/// How an own text deviates from the base: the values of `data-change` (spec §8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// The base text is replaced.
    Replace,
    /// Text was added before or after the base text.
    Extend,
    /// The whole section is the layer's.
    Insert,
}

impl How {
    /// The value of `data-change`.
    pub fn as_str(self) -> &'static str {
        match self {
            How::Replace => "replace",
            How::Extend => "extend",
            How::Insert => "insert",
        }
    }
}

/// What layers may do to something and all below it; later values are stricter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lock {
    /// Everything.
    #[default]
    Open,
    /// Only prepend, append and insert.
    Extend,
    /// Nothing.
    Locked,
}

impl Lock {
    /// The word for it in front matter, on headings and in layers.
    pub fn as_str(self) -> &'static str {
        match self {
            Lock::Open => "open",
            Lock::Extend => "extend",
            Lock::Locked => "locked",
        }
    }
}

/// `when=param:option` or `unless=param`.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// The parameter.
    pub parameter: Arc<str>,
    /// The option of a choice; absent where the value is a boolean, or any value counts.
    pub option: Option<Arc<str>>,
    /// Whether the condition is turned round (`unless`).
    pub negated: bool,
    /// Where it stands.
    pub place: Place,
}

/// Every anchor that a link to a page can name, in order.
#[derive(Debug)]
pub struct Anchors {
    ids: Vec<SectionId>,
    /// A digest of them, of the page's id, and of where it is written: all that links to it are judged by.
    pub digest: Digest,
}

impl Anchors {
    /// Those of a page.
    pub fn of(page: &Page) -> Anchors {
        let ids: Vec<SectionId> = page.anchors().into_iter().collect();
        let digest = DigestWriter::new().with(&*page.id).with(&*page.output);
        let digest = ids.iter().fold(digest, |digest, id| digest.with(&**id)).finish();
        Anchors { ids, digest }
    }

    /// Whether the page has this anchor.
    pub fn has(&self, anchor: &str) -> bool {
        self.ids.binary_search_by(|id| (**id).cmp(anchor)).is_ok()
    }

    /// The anchors as texts.
    pub fn names(&self) -> Vec<String> {
        self.ids.iter().map(ToString::to_string).collect()
    }
}
