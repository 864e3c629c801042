//! Footnotes, numbered in the order in which a page shows them.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use crate::book::{Hole, Notes, Pieces};
use crate::render::content::{As, Filling};
use crate::render::hyphens;

/// The footnotes that a page has referred to.
#[derive(Default)]
pub struct Footnotes<'v> {
    shown: Vec<Footnote<'v>>,
    /// The index of each, by its document and its name.
    numbers: BTreeMap<(*const Notes, &'v str), usize>,
}

struct Footnote<'v> {
    document: &'v Arc<Notes>,
    html: &'v Pieces,
    references: usize,
}

impl<'v> Footnotes<'v> {
    /// Writes a reference to a note of a document; nothing where it has no such note.
    pub fn refer(&mut self, out: &mut String, notes: &'v Arc<Notes>, name: &'v str) {
        let known = self.numbers.get(&(Arc::as_ptr(notes), name)).copied();
        let Some(at) = known.or_else(|| {
            self.shown.push(Footnote { document: notes, html: notes.get(name)?, references: 0 });
            self.numbers.insert((Arc::as_ptr(notes), name), self.shown.len() - 1);
            Some(self.shown.len() - 1)
        }) else {
            return;
        };
        self.shown[at].references += 1;
        let reference = self.shown[at].references;
        let number = at + 1;
        let suffix = if reference > 1 { format!("-{reference}") } else { String::new() };
        let _ = write!(
            out,
            "<sup class=\"footnote-ref\"><a href=\"#fn-{number}\" id=\"fnref-{number}{suffix}\">{number}</a></sup>"
        );
    }
}

impl Filling<'_> {
    /// The notes that were referred to; a note may refer to further ones.
    pub fn footnotes(&mut self, out: &mut String) {
        if self.notes.shown.is_empty() {
            return;
        }
        let start = out.len();
        let _ = write!(out, "<section class=\"footnotes\" aria-label=\"{}\">\n<ol>\n", self.word("footnotes"));
        let mut at = 0;
        while at < self.notes.shown.len() {
            let (document, html) = (self.notes.shown[at].document, self.notes.shown[at].html);
            let mut text = String::new();
            for (fixed, hole) in html.iter() {
                text.push_str(fixed);
                match hole {
                    Some(Hole::Note(name)) => self.notes.refer(&mut text, document, name),
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
        self.notes = Footnotes::default();
    }
}
