//! Links: those of a page, those of the whole base, and whether one leads anywhere.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use crate::book::{
    Edition, EditionId, Fragment, Handbook, Hole, LayerId, Link, Page, PageId, Pieces, SectionId, Target, Unbuilt,
};
use crate::diagnostic::{Code, Diagnostic, Findings, Place, did_you_mean, escaped};

/// Who links to each page of the base.
pub struct BaseLinks {
    /// By the page that they lead to.
    pub to: HashMap<PageId, Vec<Reference>>,
}

/// One link of the base to a page.
pub struct Reference {
    /// The page on which it stands, and the index of its language.
    pub from: (PageId, usize),
    /// The text in which it stands; absent for a heading.
    pub fragment: Option<Arc<Fragment>>,
    /// The section in whose heading it stands.
    pub heading_of: Option<SectionId>,
    /// The anchor that it names.
    pub anchor: Option<Arc<str>>,
    /// Where it stands.
    pub place: Place,
}

impl BaseLinks {
    /// The links of every page, whatever its conditions.
    pub fn of(handbook: &Handbook) -> BaseLinks {
        let mut to: HashMap<PageId, Vec<Reference>> = HashMap::new();
        for (id, page) in handbook.pages.iter() {
            for (at, page) in page.languages.iter().enumerate() {
                for found in links_of(page) {
                    let (target, anchor) = match &*handbook.target(&found.link.target, at) {
                        Target::Page { path, anchor } => match named(handbook, path) {
                            Some(target) => (target, anchor.clone()),
                            None => continue,
                        },
                        Target::Here(anchor) => (page.id.clone(), Some(Arc::clone(anchor))),
                        Target::File { .. } | Target::External(_) | Target::Term(_) => continue,
                    };
                    to.entry(target).or_default().push(Reference {
                        from: (id.clone(), at),
                        fragment: found.fragment.cloned(),
                        heading_of: found.heading_of.cloned(),
                        anchor: anchor.filter(|anchor| !anchor.is_empty()),
                        place: found.link.place.clone(),
                    });
                }
            }
        }
        BaseLinks { to }
    }
}

/// The page of the base that a path names, after aliases, shown or not.
fn named(handbook: &Handbook, path: &str) -> Option<PageId> {
    let page = handbook.pages.get_key_value(path).map(|(id, _)| id);
    page.or_else(|| handbook.aliases.get(path)).cloned()
}

/// A link and the text that it stands in.
pub struct Found<'p> {
    /// The link.
    pub link: &'p Arc<Link>,
    /// The text in which it stands; absent for a heading.
    pub fragment: Option<&'p Arc<Fragment>>,
    /// The section in whose heading it stands.
    pub heading_of: Option<&'p SectionId>,
    /// The layer whose text it is; absent for the base's.
    pub layer: Option<&'p LayerId>,
}

/// Every link of a page, those in footnotes that it shows included.
pub fn links_of(page: &Page) -> Vec<Found<'_>> {
    let mut found: Vec<Found<'_>> = Vec::new();
    let bare = |link, heading_of| Found { link, fragment: None, heading_of, layer: None };
    found.extend(page.heading.html.links().map(|link| bare(link, None)));
    for section in page.all_sections() {
        found.extend(section.heading.html.links().map(|link| bare(link, Some(&section.id))));
    }
    for (_, part) in page.all_parts() {
        let fragment = &part.fragment;
        let in_text = |link| Found { link, fragment: Some(fragment), heading_of: None, layer: part.layer.as_ref() };
        found.extend(fragment.html.links().map(in_text));
        for note in notes_of(fragment) {
            found.extend(note.links().map(in_text));
        }
    }
    found
}

/// The footnotes that a text uses, those that they use themselves included.
pub fn notes_of(fragment: &Fragment) -> Vec<&Pieces> {
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let mut notes = Vec::new();
    let mut waiting: Vec<&Pieces> = vec![&fragment.html];
    while let Some(pieces) = waiting.pop() {
        for (_, hole) in &pieces.holes {
            if let Hole::Note(name) = hole
                && seen.insert(name)
                && let Some(note) = fragment.notes.get(name)
            {
                notes.push(note);
                waiting.push(note);
            }
        }
    }
    notes
}

/// Checks every link of a page of the base in the language at `at` (E201, E202, E203, W203).
pub fn check_base(base: &Edition, page: &Page, at: usize, findings: &mut Findings) {
    let anchors = |target: &PageId| base.handbook.pages.get(target).and_then(|page| page.anchors.get(at));
    let has = |target: &PageId, anchor: &str| anchors(target).is_some_and(|anchors| anchors.has(anchor));
    let names = |target: &PageId| anchors(target).map(|anchors| anchors.names()).unwrap_or_default();
    findings.extend(links_of(page).into_iter().filter_map(|found| judge(base, page, found.link, &has, &names)));
}

/// What is wrong with one link, if anything is. `has` says whether a page has an anchor.
pub fn judge(
    edition: &Edition,
    page: &Page,
    link: &Link,
    has: &dyn Fn(&PageId, &str) -> bool,
    anchors: &dyn Fn(&PageId) -> Vec<String>,
) -> Option<Diagnostic> {
    let handbook = &edition.handbook;
    let at = handbook.config.at(&page.language).unwrap_or(0);
    match &*edition.target(&link.target, at) {
        Target::Here(anchor) => (!anchor.is_empty() && !has(&page.id, anchor))
            .then(|| no_anchor(&page.id, anchor, &link.place, anchors(&page.id))),
        Target::Page { path, anchor } => {
            let page = match edition.id {
                // What a condition hides in the base is there: whether it is missed is judged apart.
                EditionId::Base => named(handbook, path),
                EditionId::Organisation(_) => edition.canonical(path),
            };
            let Some(id) = page else { return Some(no_page(edition, path, &link.place)) };
            if let Some(anchor) = anchor.as_deref().filter(|anchor| !anchor.is_empty())
                && !has(&id, anchor)
            {
                return Some(no_anchor(&id, anchor, &link.place, anchors(&id)));
            }
            let renamed = |old: &str, new: &str| {
                Diagnostic::new(Code::W203, link.place.clone(), format!("`{old}` is called `{new}` now"))
                    .with("use the new address")
            };
            if *id != **path {
                return Some(renamed(path, &id));
            }
            let anchor = anchor.as_deref()?;
            let target = edition.page_at(&id, at)?;
            let section = target.all_sections().find(|section| section.was_called(anchor))?;
            Some(renamed(&format!("{id}#{anchor}"), &format!("{id}#{}", section.id)))
        }
        Target::File { path, output, .. } => {
            let generated = output.as_ref().is_some_and(|output| GENERATED.contains(&&*output.path));
            if generated || edition.file(path).is_some() {
                return None;
            }
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            let names = handbook.files.assets.keys().filter(|known| known.starts_with(folder)).map(|known| &**known);
            let hint = did_you_mean(path, names)
                .unwrap_or_else(|| "put the file there; a page is linked with `.md`".to_owned());
            Some(
                Diagnostic::new(Code::E203, link.place.clone(), format!("there is no file {}", escaped(path)))
                    .with(hint),
            )
        }
        Target::Term(_) | Target::External(_) => None,
    }
}

/// Pages that leidraad makes itself, which an author may link to by their names in the output.
pub const GENERATED: [&str; 6] =
    ["print.html", "register.html", "glossary.html", "changes.html", "placements.html", "index.html"];

fn no_page(edition: &Edition, path: &str, place: &Place) -> Diagnostic {
    let handbook = &edition.handbook;
    let finding = Diagnostic::new(Code::E201, place.clone(), format!("there is no page `{}`", escaped(path)));
    match handbook.unbuilt.get(path) {
        Some(Unbuilt::NotInSummary) => finding.with("SUMMARY.md does not name it, so it is not built"),
        Some(Unbuilt::Draft) => finding.with("it is a draft, and is not built"),
        None => {
            let known = handbook.pages.keys().chain(edition.pages.keys()).map(|id| &**id).filter(|id| *id != path);
            let hint = did_you_mean(path, known).or_else(|| {
                // A page that was moved to another folder keeps its name.
                let name = path.rsplit('/').next()?;
                let moved = handbook.pages.keys().find(|id| ***id != *path && id.rsplit('/').next() == Some(name))?;
                Some(format!("did you mean `{moved}`?"))
            });
            finding.maybe_with(hint)
        }
    }
}

fn no_anchor(page: &PageId, anchor: &str, place: &Place, anchors: Vec<String>) -> Diagnostic {
    Diagnostic::new(Code::E202, place.clone(), format!("{page} has no heading `#{}`", escaped(anchor)))
        .maybe_with(did_you_mean(anchor, anchors.iter().map(String::as_str)).map(|hint| hint.replacen('`', "`#", 1)))
}
