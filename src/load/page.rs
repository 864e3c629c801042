//! One Markdown file → one [`Page`] in its own language.
//!
//! A function of the file's bytes and of where it lies; nothing about other pages is asked. So a
//! page that did not change is not parsed again, whatever else did.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::book::{
    Anchors, Digest, DigestWriter, Fragment, Heading, Language, Lock, Own, Page, PageId, Pieces, Section, SectionId,
};
use crate::diagnostic::{Code, Findings, Place};
use crate::load::front_matter::{self, FrontMatter, UnknownKeys};
use crate::load::include::{self, Backslash, Included};
use crate::load::links::Ground;
use crate::load::markdown::{self, Author, Input, Origin, ParsedHeading};
use crate::load::origins::origins;
use crate::load::reader::{MAX_LINE, Reader};
use crate::load::terms::Terms;
use crate::load::{collisions, files, locks, yaml};
use crate::memo::Key;

/// A file of Markdown, and everything that decides what it means.
#[derive(Clone)]
pub struct PageFile {
    /// The file.
    pub path: Arc<str>,
    /// Its text.
    pub text: Arc<str>,
    /// The page's id.
    pub id: PageId,
    /// The language it is written in.
    pub language: Language,
    /// What its links are relative to.
    pub ground: Ground,
    /// How it is read.
    pub manner: Manner,
    /// The texts that it includes, by path.
    pub included: Arc<Included>,
    /// The digest of all of this, by [`digest`].
    pub digest: Digest,
}

/// How texts are read, the same for many of them.
#[derive(Clone)]
pub struct Manner {
    /// Whether `{{…}}` are placeholders.
    pub placeholders: bool,
    /// Who wrote them.
    pub author: Author,
    /// What an unknown key in front matter is.
    pub unknown: UnknownKeys,
    /// The words of the glossary.
    pub terms: Arc<Terms>,
}

impl Manner {
    /// A digest of it.
    pub fn digest(&self) -> Digest {
        let manner = format!("{} {:?} {:?}", self.placeholders, self.author, self.unknown);
        DigestWriter::new().with(manner).with(self.terms.digest).finish()
    }
}

/// The digest of a page in a file: of the file as such (its text, where it lies, the language), of how it is read,
/// and of what it includes.
pub fn digest(file: Digest, manner: Digest, included: &Included) -> Digest {
    let mut digest = DigestWriter::new().with(file).with(manner);
    for (path, text) in included {
        digest.add(&**path);
        digest.add(text.as_deref().unwrap_or_else(|code| code.as_str()));
    }
    digest.finish()
}

/// A page as it was read, before it meets the other pages.
#[derive(Clone, Debug)]
pub struct ParsedPage {
    /// The page; its name may still be empty.
    pub page: Arc<Page>,
    /// What it says about itself.
    pub front: Arc<FrontMatter>,
    /// What is asked of it in every round.
    pub facts: Arc<Facts>,
    /// The digest of the page.
    pub digest: Digest,
    /// Its weight in a folder.
    pub weight: Option<i64>,
    /// What is wrong with it.
    pub findings: Findings,
}

/// What a page tells of itself without its text being read again.
#[derive(Debug)]
pub struct Facts {
    /// What links to it can name.
    pub anchors: Arc<Anchors>,
    /// Where its images come from, those from elsewhere: `https://host`.
    pub origins: BTreeSet<String>,
    /// Whether anything of it depends on a condition.
    pub conditional: bool,
}

impl Facts {
    /// Those of a page.
    pub fn of(page: &Page) -> Facts {
        let anchors = Arc::new(Anchors::of(page));
        Facts { anchors, origins: origins(page), conditional: page.is_conditional() }
    }
}

impl Key for PageFile {
    type Value = ParsedPage;

    fn digest(&self) -> Digest {
        self.digest
    }

    fn compute(&self) -> ParsedPage {
        parse(self)
    }
}

fn parse(file: &PageFile) -> ParsedPage {
    let mut findings = Findings::new();
    let (front, body, first_line) = front_matter::split(&file.path, &file.text, file.manner.unknown, &mut findings);
    let backslash = if file.manner.placeholders { Backslash::Kept } else { Backslash::Dropped };
    let expanded = match file.manner.author {
        Author::Base { .. } => {
            include::expand(body, (&file.path, first_line), &file.included, backslash, &mut findings)
        }
        Author::LayerPage | Author::LayerText => None,
    };
    let document = markdown::parse(&Input {
        text: expanded.as_ref().map_or(body, |expanded| &expanded.text),
        origin: match &expanded {
            Some(expanded) => Origin::Pieced(expanded.stretches.as_slice().into()),
            None => Origin::Lines { path: Arc::clone(&file.path), line: first_line, column: 1 },
        },
        language: &file.language,
        placeholders: file.manner.placeholders,
        author: file.manner.author,
        page: &file.id,
        part: "",
        ground: file.ground.clone(),
        terms: Some(&file.manner.terms),
    });
    findings.extend(document.findings);
    let start = Place::new(&file.path, 1, 1, 1);
    let in_front = |(text, place): &(Arc<str>, Place), findings: &mut Findings| {
        markdown::line(text, file.manner.placeholders, &Origin::Value(place.clone()), findings)
    };
    let said = expanded.and_then(|expanded| expanded.title).map(|title| (title.into(), start.clone()));
    let title = front.title.as_ref().or(said.as_ref()).map(|title| in_front(title, &mut findings));
    let heading = match (&document.title, &title) {
        (Some(heading), _) => heading_of(heading, &file.language),
        (None, Some(title)) => Heading::plain(title, &file.language),
        (None, None) => Heading::plain(&Pieces::default(), &file.language),
    };
    let mut page = Page {
        id: file.id.clone(),
        language: file.language.clone(),
        source: Arc::clone(&file.path),
        name: title.unwrap_or_else(|| heading.text.clone()),
        heading,
        title_id: document.title.as_ref().and_then(|title| title.id.as_deref()).map(SectionId::from),
        description: front.description.as_ref().map(|text| in_front(text, &mut findings)),
        output: "".into(),
        opening: Own::base(document.opening, file.language.clone()),
        unaddressed: Own::base(document.unaddressed, file.language.clone()),
        sections: sections(document.sections, &file.language, &mut findings),
        shown: front.shown.clone(),
        lock: front.lock,
        audience: front.audience.clone(),
        updated: front.updated.clone(),
        draft: front.draft,
        contents: front.toc.unwrap_or(true),
        fallback: false,
        behind: false,
        accepted: front.accepted.clone(),
        place: document.title.as_ref().map_or(start, |heading| heading.place.clone()),
        digest: file.digest,
    };
    check_aliases(&page, &mut findings);
    locks::check(&page, Lock::Open, &mut findings);
    too_long(&page, &mut findings);
    let output = collisions::output_path(&page, &front);
    page.output = output.as_str().into();
    if let Author::Base { .. } = file.manner.author {
        for path in [files::relative(&file.path, &file.ground.files_root), &output] {
            collisions::check_name(path, &Place::new(&file.path, 1, 1, 1), &mut findings);
        }
    }
    let (digest, weight) = (file.digest, front.weight);
    let facts = Arc::new(Facts::of(&page));
    ParsedPage { page: Arc::new(page), front: Arc::new(front), facts, digest, weight, findings }
}

/// A heading of the base.
pub fn heading_of(heading: &ParsedHeading, language: &Language) -> Heading {
    Heading {
        html: heading.html.clone(),
        text: heading.text.clone(),
        language: language.clone(),
        canonical: heading.canonical,
    }
}

/// A section whose end has not been met, with those that it stands in before it.
struct Open {
    section: Section,
    children: Vec<Arc<Section>>,
}

/// Nests the sections of a page by the levels of their headings.
fn sections(
    flat: Vec<(ParsedHeading, Arc<Fragment>)>,
    language: &Language,
    findings: &mut Findings,
) -> Vec<Arc<Section>> {
    // That an id stands here twice was reported where the text was read.
    let mut known: BTreeSet<Arc<str>> = BTreeSet::new();
    let mut open: Vec<Open> = Vec::new();
    let mut top = Vec::new();
    for (heading, fragment) in flat {
        let id = heading.id.clone().unwrap_or_default();
        if !known.insert(id) {
            continue;
        }
        let level = heading.level.max(2);
        close(&mut open, &mut top, level);
        let section = section((heading, level), fragment, language, findings);
        open.push(Open { section, children: Vec::new() });
    }
    close(&mut open, &mut top, 0);
    top
}

/// An id that a section had must not be one that something has (E109).
fn check_aliases(page: &Page, findings: &mut Findings) {
    let ids: BTreeSet<&SectionId> = page.all_sections().map(|section| &section.id).collect();
    let mut seen = BTreeSet::new();
    for section in page.all_sections() {
        for alias in &section.aliases {
            if ids.contains(alias) || !seen.insert(alias) {
                let message = format!("`{alias}` is the id of another heading of this page, or its alias");
                findings
                    .report(Code::E109, &section.place, message)
                    .hint("an alias is an id that no heading has any more");
            }
        }
    }
}

/// Ends every open section at `level` or deeper.
fn close(open: &mut Vec<Open>, top: &mut Vec<Arc<Section>>, level: u8) {
    while open.last().is_some_and(|last| last.section.level >= level) {
        let Some(mut last) = open.pop() else { return };
        last.section.sections = last.children;
        let section = Arc::new(last.section);
        match open.last_mut() {
            Some(parent) => parent.children.push(section),
            None => top.push(section),
        }
    }
}

fn section(
    (heading, level): (ParsedHeading, u8),
    fragment: Arc<Fragment>,
    language: &Language,
    findings: &mut Findings,
) -> Section {
    let mut lock = Lock::Open;
    let mut classes = Vec::new();
    for class in &heading.classes {
        match &**class {
            "locked" => lock = Lock::Locked,
            "extend" => lock = lock.max(Lock::Extend),
            _ => classes.push(Arc::clone(class)),
        }
    }
    let mut reader = Reader::new(yaml::FRONT_MATTER, &[]);
    let mut shown = None;
    for (key, value) in heading.pairs.iter().filter(|(key, _)| matches!(&**key, "when" | "unless")) {
        if shown.is_some() {
            reader
                .findings
                .report(Code::E205, &heading.place, "`when` and `unless` together")
                .hint("keep one of the two");
        } else {
            shown = front_matter::condition(value, &**key == "unless", &heading.place, &mut reader);
        }
    }
    findings.append(&mut reader.findings);
    let aliases = heading.pairs.iter().filter(|(key, _)| &**key == "alias");
    Section {
        id: SectionId::from(heading.id.as_deref().unwrap_or_default()),
        aliases: aliases.map(|(_, id)| SectionId::from(&**id)).collect(),
        level,
        heading: heading_of(&heading, language),
        classes,
        own: Own::base(fragment, language.clone()),
        sections: Vec::new(),
        shown,
        lock,
        place: heading.place,
    }
}

/// Headings are one line, and as long as one may be (E205).
fn too_long(page: &Page, findings: &mut Findings) {
    let title = std::iter::once((&page.heading.text, &page.place));
    let addressed = page.all_sections().map(|section| (&section.heading.text, &section.place));
    let inner = page.all_parts().flat_map(|(_, part)| &part.fragment.headings);
    for (text, place) in title.chain(addressed).chain(inner.map(|heading| (&heading.text, &heading.place))) {
        let length = text.text.chars().count();
        if length > MAX_LINE {
            let message = format!("this heading has {length} characters; it may have {MAX_LINE}");
            findings.report(Code::E205, place, message).hint("put the rest below it");
        }
    }
}
