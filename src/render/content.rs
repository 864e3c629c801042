//! The text of a page: sections put together, their holes filled.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::Arc;

use crate::book::{Deviation, Hole, Link, Notes, Own, Page, Part, Pieces, Section, SectionId, Target};
use crate::render::footnotes::Footnotes;
use crate::render::glossary;
use crate::render::html::{escape, escape_url, escaped, reason_html};
use crate::render::hyphens;
use crate::render::stencil::Gap;
use crate::render::values::Shown;
use crate::render::view::View;

/// How text is written where it ends up.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum As {
    /// In HTML: a blank is marked as one.
    Html,
    /// As plain text, escaped for HTML and attributes.
    Text,
}

/// What is written while one page is put together.
pub struct Filling<'v> {
    /// The edition and its language.
    pub view: &'v View<'v>,
    /// The page.
    pub page: &'v Page,
    /// From the page to the language folder: `../`.
    pub root: &'v str,
    /// From the page to the output folder.
    pub top: &'v str,
    /// What its text is written among.
    pub among: Among,
    /// The footnotes that the page has referred to.
    pub(super) notes: Footnotes<'v>,
    /// The terms that the page has linked.
    pub linked: BTreeSet<&'v str>,
    /// The terms that this own text has linked.
    terms: BTreeSet<&'v str>,
    /// Whether each link whose end was not met leads anywhere here.
    open_links: Vec<bool>,
}

/// What a page's text is written among.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Among {
    /// Alone: other pages lie beside it.
    Alone,
    /// The same, for comparing it with another text: no soft hyphens, which would be differences.
    Compared,
    /// Among all others: links to them stay in the document. What `print` puts around it makes ids distinct.
    All,
}

impl<'v> Filling<'v> {
    /// Nothing written yet.
    pub fn new(view: &'v View<'v>, page: &'v Page, root: &'v str, top: &'v str) -> Filling<'v> {
        Filling {
            view,
            page,
            root,
            top,
            among: Among::Alone,
            notes: Footnotes::default(),
            linked: BTreeSet::new(),
            terms: BTreeSet::new(),
            open_links: Vec::new(),
        }
    }

    /// The whole text of the page.
    pub fn page_text(&mut self, out: &mut String) {
        let page = self.page;
        if !page.opening.is_empty() {
            out.push_str("<div class=\"opening\" data-address=\"");
            escape(out, &page.id);
            out.push('"');
            self.deviation(out, &page.opening);
            out.push_str(">\n");
            self.mark(out, &page.opening, None);
            self.own(out, &page.opening);
            out.push_str("</div>\n");
        }
        self.own(out, &page.unaddressed);
        for section in &page.sections {
            self.section(out, section);
        }
        self.footnotes(out);
    }

    fn section(&mut self, out: &mut String, section: &'v Arc<Section>) {
        let id = escaped(&section.id);
        let level = section.level;
        let _ = write!(out, "<section id=\"{id}\" class=\"section");
        if section.lock != crate::book::Lock::Open {
            let _ = write!(out, " {}", section.lock.as_str());
        }
        for class in &section.classes {
            out.push(' ');
            escape(out, class);
        }
        let _ = write!(out, "\" data-address=\"{}#{id}\" data-level=\"{level}\"", escaped(&self.page.id));
        self.deviation(out, &section.own);
        out.push_str(">\n");
        for alias in &section.aliases {
            let _ = writeln!(out, "<span id=\"{}\" class=\"alias\"></span>", escaped(alias));
        }
        let _ = write!(out, "<h{level}");
        let is_foreign = section.heading.language != *self.view.language;
        if is_foreign {
            let _ = write!(out, " lang=\"{}\"", section.heading.language);
        }
        out.push('>');
        let start = out.len();
        self.pieces(out, &section.heading.html, None, As::Html);
        self.soften(out, start, hyphens::label, &section.heading.language);
        let word = self.word("heading_link");
        let _ = write!(out, "<a class=\"anchor\" href=\"#{id}\" aria-label=\"{word}: ");
        self.pieces(out, &section.heading.text, None, As::Text);
        let _ = writeln!(out, "\"></a></h{level}>");
        if section.lock == crate::book::Lock::Locked {
            let _ = writeln!(out, "<p class=\"lock\">{}</p>", self.word("locked"));
        }
        self.mark(out, &section.own, Some(&section.id));
        // One notice for a section that is foreign as a whole; else one for whatever of it is.
        let reads = |part: &Part| part.language == *self.view.language && !part.fragment.is_empty();
        let is_whole = is_foreign && !section.own.parts.iter().any(reads);
        if is_foreign {
            self.notice(out, if is_whole { "notice_fallback_passage" } else { "notice_fallback_heading" });
        }
        self.parts(out, &section.own, (!is_whole).then_some("notice_fallback_passage"));
        for child in &section.sections {
            self.section(out, child);
        }
        out.push_str("</section>\n");
    }

    fn deviation(&self, out: &mut String, own: &Own) {
        if let Some(deviation) = &own.deviation {
            let _ = write!(
                out,
                " data-origin=\"{}\" data-change=\"{}\"",
                escaped(&deviation.layer),
                deviation.how.as_str()
            );
        }
    }

    /// The visible line that says whose text it is.
    fn mark(&self, out: &mut String, own: &Own, section: Option<&SectionId>) {
        let Some(Deviation { layer, how, reason, .. }) = &own.deviation else { return };
        let Some(stencil) = self.view.small.marks.get(how.as_str()) else { return };
        let edition = self.view.edition;
        let name =
            edition.chain.iter().find(|known| known.id == *layer).and_then(|layer| layer.name.get(self.view.language));
        let name = escaped(name.map_or(layer, |name| name));
        let id = format!("_mark{}{}", section.map_or("", |_| "-"), section.map_or("", |id| id));
        let href = format!("{}changes.html#{}", self.root, change_id(&self.page.id, section));
        let reason = reason.as_deref().map(|reason| reason_html(reason, self.view.language)).unwrap_or_default();
        stencil.fill(out, |gap| match gap {
            Gap::Name => &name,
            Gap::Reason => &reason,
            Gap::Href => &href,
            Gap::Id => &id,
            Gap::Root => self.root,
            Gap::Top => self.top,
            _ => "",
        });
    }

    /// That something is not in the language of the page. Of a page that is not translated at all its own
    /// notice says so, once.
    fn notice(&self, out: &mut String, key: &str) {
        if self.page.fallback {
            return;
        }
        let language = self.view.language;
        let _ = writeln!(out, "<p class=\"not-translated\" lang=\"{language}\">{}</p>", self.word(key));
    }

    /// The parts of an own text; those in another language than the page say so.
    pub fn own(&mut self, out: &mut String, own: &'v Own) {
        self.parts(out, own, Some("notice_fallback_passage"));
    }

    fn parts(&mut self, out: &mut String, own: &'v Own, notice: Option<&str>) {
        self.terms.clear();
        for part in &own.parts {
            let foreign = part.language != *self.view.language && !part.fragment.is_empty();
            if foreign {
                let _ = writeln!(out, "<div lang=\"{}\" class=\"fallback\">", part.language);
                notice.into_iter().for_each(|key| self.notice(out, key));
            }
            let start = out.len();
            self.pieces(out, &part.fragment.html, Some(&part.fragment.notes), As::Html);
            if part.fragment.narrow {
                self.soften(out, start, hyphens::softened, &part.language);
            }
            if foreign {
                out.push_str("</div>\n");
            }
        }
    }

    /// Puts soft hyphens into what was written last, where it has little room.
    pub(super) fn soften(&self, out: &mut String, start: usize, softened: fn(&str, &str) -> String, language: &str) {
        if self.among == Among::Alone {
            let soft = softened(&out[start..], language);
            out.truncate(start);
            out.push_str(&soft);
        }
    }

    /// Pieces with their holes filled.
    pub fn pieces(&mut self, out: &mut String, pieces: &'v Pieces, notes: Option<&'v Arc<Notes>>, form: As) {
        for (text, hole) in pieces.iter() {
            match form {
                As::Html => out.push_str(text),
                As::Text => escape(out, text),
            }
            match hole {
                None => {}
                Some(Hole::Note(name)) => {
                    if let Some(notes) = notes {
                        self.notes.refer(out, notes, name);
                    }
                }
                Some(hole) => self.hole(out, hole, form),
            }
        }
    }

    pub(super) fn hole(&mut self, out: &mut String, hole: &'v Hole, form: As) {
        match hole {
            Hole::Value(placeholder) | Hole::Plain(placeholder) => {
                let in_element = form == As::Html && matches!(hole, Hole::Value(_));
                match self.view.shown(placeholder) {
                    Shown::Text(text) => escape(out, &text),
                    Shown::Blank(label) if in_element => {
                        let _ = write!(out, "<span class=\"blank\">[{}]</span>", escaped(&label));
                    }
                    Shown::Blank(label) => {
                        let _ = write!(out, "[{}]", escaped(&label));
                    }
                }
            }
            Hole::Word(key) => out.push_str(&self.word(key)),
            Hole::LinkStart(link) if matches!(link.target, Target::Term(_)) => self.term(out, link),
            Hole::LinkStart(link) => {
                let href = self.href(link);
                self.open_links.push(href.is_some());
                if let Some(href) = href {
                    out.push_str("<a href=\"");
                    escape_url(out, &href);
                    if !link.title.is_empty() {
                        out.push_str("\" title=\"");
                        out.push_str(&self.view.text(&link.title));
                    }
                    out.push_str("\">");
                }
            }
            Hole::LinkEnd(_) => {
                if self.open_links.pop() == Some(true) {
                    out.push_str("</a>");
                }
            }
            Hole::Image(link) => self.image(out, link),
            Hole::Reference(link) => {
                if let Some(href) = self.href(link) {
                    escape_url(out, &href);
                }
            }
            Hole::Note(_) => {}
        }
    }

    /// The start of a link to a term, at its first use in an own text.
    fn term(&mut self, out: &mut String, link: &'v Link) {
        let Target::Term(id) = &link.target else { return };
        let term = glossary::term(&self.view.edition.handbook.declarations, id, self.view.language);
        let href = self.href(link).filter(|_| self.terms.insert(id));
        self.open_links.push(term.is_some() && href.is_some());
        if let (Some((_, term)), Some(href)) = (term, href) {
            self.linked.insert(id);
            out.push_str("<a class=\"term\" href=\"");
            escape_url(out, &href);
            out.push_str("\" data-text=\"");
            escape(out, &term.text);
            out.push_str("\">");
        }
    }

    pub(super) fn word(&self, key: &str) -> String {
        let strings = &self.view.small.strings;
        escaped(strings.get(key))
    }

    fn image(&self, out: &mut String, link: &Link) {
        let Some(src) = self.source(link) else { return };
        out.push_str("src=\"");
        escape_url(out, &src);
        out.push('"');
        let size = match &link.target {
            Target::File { path, .. } => self.view.edition.handbook.files.assets.get(path).and_then(|asset| asset.size),
            _ => None,
        };
        if let Some((width, height)) = size {
            let _ = write!(out, " width=\"{width}\" height=\"{height}\"");
        }
    }
}

/// The id of an entry in changes.html.
pub fn change_id(page: &str, section: Option<&SectionId>) -> String {
    match section {
        Some(section) => format!("{page}--{section}").replace('/', "-"),
        None => page.replace('/', "-"),
    }
}
