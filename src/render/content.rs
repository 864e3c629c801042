//! The text of a page: sections put together, holes filled, footnotes numbered as they are shown.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::{Arc, OnceLock};

use crate::book::{
    Address, Deviation, Edition, Hole, Kind, Language, Link, Links, Notes, Own, Page, Part, Pieces, Placeholder,
    Scalar, Section, SectionId, Target, Written,
};
use crate::render::assets;
use crate::render::glossary;
use crate::render::html::{escape, escape_url, escaped, in_url, reason_html};
use crate::render::hyphens;
use crate::render::print;
use crate::render::shell::Small;
use crate::render::stencil::{Gap, Stencil};
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
    /// Whether the page is one of many on the page that is written.
    pub among: Among,
    notes: Vec<Shownote<'v>>,
    /// The index of each note that is shown, by its document and its name.
    numbers: BTreeMap<(*const Notes, &'v str), usize>,
    /// The terms that the page has linked.
    pub linked: BTreeSet<&'v str>,
    /// The terms that this own text has linked.
    terms: BTreeSet<&'v str>,
    /// Whether each link whose end was not met leads anywhere here.
    open_links: Vec<bool>,
}

/// Whether a page's text is written alone, or among the others on one page.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Among {
    /// Alone: other pages lie beside it.
    Alone,
    /// Among all others: links to them stay in the document. What `print` puts around it makes ids distinct.
    All,
}

/// A footnote that the page shows.
struct Shownote<'v> {
    document: &'v Arc<Notes>,
    html: &'v Pieces,
    references: usize,
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
            notes: Vec::new(),
            numbers: BTreeMap::new(),
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
    fn soften(&self, out: &mut String, start: usize, softened: fn(&str, &str) -> String, language: &str) {
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
                        self.note(out, notes, name);
                    }
                }
                Some(hole) => self.hole(out, hole, form),
            }
        }
    }

    fn hole(&mut self, out: &mut String, hole: &'v Hole, form: As) {
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

    fn word(&self, key: &str) -> String {
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

    /// Where an image is published.
    fn source(&self, link: &Link) -> Option<String> {
        match &link.target {
            Target::File { path, suffix, .. } => {
                let files = &self.view.edition.handbook.files;
                let path = self.view.edition.file(path)?;
                let asset = files.assets.get(path.as_str())?;
                Some(format!("{}{}{suffix}", self.top, assets::published_asset(asset)))
            }
            Target::External(url) => Some(url.text.clone()),
            Target::Page { .. } | Target::Here(_) | Target::Term(_) => None,
        }
    }

    /// The address of a link in this edition; nothing where its words stand alone.
    fn href(&self, link: &Link) -> Option<String> {
        match &*self.view.edition.target(&link.target, self.view.at) {
            Target::Here(anchor) => {
                if anchor.is_empty() && self.among == Among::All {
                    return Some(format!("#{}", in_url(&self.page.id)));
                }
                if anchor.is_empty() || self.page.has_anchor(anchor) {
                    return Some(format!("#{anchor}"));
                }
                self.redirected(&Address { page: self.page.id.clone(), section: Some((&**anchor).into()) })
            }
            Target::Page { path, anchor } => {
                let edition = self.view.edition;
                let anchor = anchor.as_deref().filter(|anchor| !anchor.is_empty());
                let Some(id) = edition.canonical(path) else {
                    let page = edition.handbook.aliases.get(path).map_or(&**path, |page| page);
                    return self.redirected(&Address { page: page.into(), section: anchor.map(Into::into) });
                };
                let page = edition.page_at(&id, self.view.at)?;
                match anchor {
                    Some(anchor) if !edition.shares(&id) && !page.has_anchor(anchor) => {
                        self.redirected(&Address { page: id, section: Some(anchor.into()) })
                    }
                    _ => Some(self.to(page, anchor)),
                }
            }
            Target::File { path, suffix, output } => self.file(path, suffix, output.as_ref()),
            Target::External(url) => self.external(url),
            Target::Term(id) => glossary::address(self.view, id, self.root, self.among),
        }
    }

    fn redirected(&self, address: &Address) -> Option<String> {
        match self.view.edition.redirect(address)? {
            Links::Text => None,
            Links::To(target) => {
                let id = self.view.edition.canonical(&target.page)?;
                let page = self.view.edition.page_at(&id, self.view.at)?;
                Some(self.to(page, target.section.as_deref()))
            }
        }
    }

    /// The address of a page, and of an anchor on it.
    pub fn to(&self, page: &Page, anchor: Option<&str>) -> String {
        let here = self.among == Among::All && self.view.edition.outline.position(&page.id).is_some();
        match anchor {
            Some(anchor) if page.id == self.page.id => format!("#{anchor}"),
            Some(anchor) if here => format!("#{}", print::id(&in_url(&page.id), anchor)),
            None if here => format!("#{}", in_url(&page.id)),
            Some(anchor) => format!("{}{}#{anchor}", self.root, page.output),
            None => format!("{}{}", self.root, page.output),
        }
    }

    fn file(&self, path: &str, suffix: &str, output: Option<&Written>) -> Option<String> {
        let edition = self.view.edition;
        let config = &edition.handbook.config;
        if let Some(found) = edition.file(path) {
            let asset = edition.handbook.files.assets.get(found.as_str())?;
            // A copied file lies once, with the base; a layer's file is an asset.
            let copied = assets::copied(&found, config).map(|output| in_url(&output));
            let output = copied.unwrap_or_else(|| assets::published_asset(asset));
            return Some(format!("{}{output}{suffix}", self.top));
        }
        // A generated page.
        output.map(|output| format!("{}{}{suffix}", self.root, output.path))
    }

    /// An address with parameters in it; nothing while one of them has no value.
    fn external(&self, url: &Pieces) -> Option<String> {
        let mut out = String::new();
        for (text, hole) in url.iter() {
            out.push_str(text);
            if let Some(Hole::Value(placeholder)) = hole {
                // An e-mail address alone is an address to write to.
                if url.text.is_empty() && self.is_email(placeholder) {
                    out.push_str("mailto:");
                }
                match self.view.shown(placeholder) {
                    Shown::Text(text) => out.push_str(&text),
                    Shown::Blank(_) => return None,
                }
            }
        }
        Some(out)
    }

    fn is_email(&self, placeholder: &Placeholder) -> bool {
        let field = self.view.edition.handbook.declarations.parameter(&placeholder.name);
        field.is_some_and(|field| matches!(field.kind, Kind::Scalar(Scalar::Email)))
    }

    fn note(&mut self, out: &mut String, notes: &'v Arc<Notes>, name: &'v str) {
        let number = match self.numbers.get(&(Arc::as_ptr(notes), name)) {
            Some(at) => *at,
            None => {
                let Some(html) = notes.get(name) else { return };
                self.notes.push(Shownote { document: notes, html, references: 0 });
                self.numbers.insert((Arc::as_ptr(notes), name), self.notes.len() - 1);
                self.notes.len() - 1
            }
        };
        self.notes[number].references += 1;
        let reference = self.notes[number].references;
        let number = number + 1;
        let suffix = if reference > 1 { format!("-{reference}") } else { String::new() };
        let _ = write!(
            out,
            "<sup class=\"footnote-ref\"><a href=\"#fn-{number}\" id=\"fnref-{number}{suffix}\">{number}</a></sup>"
        );
    }

    /// The notes that were referred to; a note may refer to further ones.
    pub fn footnotes(&mut self, out: &mut String) {
        if self.notes.is_empty() {
            return;
        }
        let start = out.len();
        let _ = write!(out, "<section class=\"footnotes\" aria-label=\"{}\">\n<ol>\n", self.word("footnotes"));
        let mut at = 0;
        while at < self.notes.len() {
            let (document, html) = (self.notes[at].document, self.notes[at].html);
            let mut text = String::new();
            for (fixed, hole) in html.iter() {
                text.push_str(fixed);
                match hole {
                    Some(Hole::Note(name)) => self.note(&mut text, document, name),
                    Some(hole) => self.hole(&mut text, hole, As::Html),
                    None => {}
                }
            }
            let number = at + 1;
            let label = self.word("footnote_back").replace("{number}", &number.to_string());
            let back = format!(" <a href=\"#fnref-{number}\" class=\"footnote-back\" aria-label=\"{label}\">↩</a>");
            let text = text.trim_end();
            let text = match text.strip_suffix("</p>") {
                Some(before) => format!("{before}{back}</p>"),
                None => format!("{text}{back}"),
            };
            let _ = writeln!(out, "<li id=\"fn-{number}\">{text}</li>");
            at += 1;
        }
        out.push_str("</ol>\n</section>\n");
        self.soften(out, start, hyphens::softened, self.view.language);
        self.notes.clear();
        self.numbers.clear();
    }
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

/// The id of an entry in changes.html.
pub fn change_id(page: &str, section: Option<&SectionId>) -> String {
    match section {
        Some(section) => format!("{page}--{section}").replace('/', "-"),
        None => page.replace('/', "-"),
    }
}
