//! Raw HTML: refused where it may not stand; its addresses are resolved and checked like links, and
//! placeholders are filled in its prose alone.

use std::fmt::{self, Write};
use std::sync::Arc;

use comrak::html::Context;
use comrak::nodes::Node;

use crate::book::{Hole, Link, Pieces};
use crate::diagnostic::{Code, Place};
use crate::load::links;
use crate::load::markdown::Author;
use crate::load::markdown::addresses::Wanted;
use crate::load::markdown::html::{Form, State};
use crate::load::markdown::placeholders::{self, Kind, Piece};
use crate::load::markdown::tags::{self, Attribute, Part, Tag};

/// Writes the HTML of a node.
pub fn write(context: &mut Context<'_, '_, State<'_>>, node: Node<'_>, html: &str) -> fmt::Result {
    let state = &mut context.user;
    let place = state.place_of(node);
    let (message, hint) = match state.input.author {
        Author::Base { raw_html: true } => {
            let html = state.filled_html(html, &place);
            return context.write_str(&html);
        }
        Author::Base { raw_html: false } => {
            ("raw HTML is switched off in book.toml", "write Markdown, or set `raw-html = true`")
        }
        Author::LayerPage | Author::LayerText => {
            ("a layer holds no raw HTML", "write Markdown; `\\<` gives the sign itself")
        }
    };
    state.findings.report(Code::E119, &place, message).hint(hint);
    let html = state.marks.restore(html);
    context.escape(&html)
}

impl State<'_> {
    fn filled_html(&mut self, html: &str, place: &Place) -> String {
        if let Some(what) = tags::stopped(html) {
            let message = format!("{what} has no effect: the site's own policy stops it");
            self.findings
                .report(Code::N203, place, message)
                .hint("styles belong in a file that `additional-css` names; scripts in a page are never run");
        }
        let mut out = String::new();
        let mut open = std::mem::take(&mut self.open);
        for part in tags::parts(html, &mut open) {
            match part {
                Part::Text(text) => self.write_text(&mut out, text, Form::Plain),
                Part::Verbatim(text) => self.write_verbatim(&mut out, text),
                Part::Tag(tag) => self.write_tag(&mut out, &tag, place),
            }
        }
        self.open = open;
        out
    }

    fn write_tag(&mut self, out: &mut String, tag: &Tag<'_>, place: &Place) {
        let mut from = 0;
        for attribute in &tag.attributes {
            let value = &tag.html[attribute.value.clone()];
            let name = attribute.name.to_ascii_lowercase();
            if matches!(name.as_str(), "id" | "name") && !value.is_empty() {
                self.anchors.push(value.into());
            }
            let Some(wanted) = self.resolved(&name, value, attribute) else { continue };
            let target = self.target(&unescaped(value), place, wanted);
            self.write_fixed(out, &tag.html[from..attribute.value.start]);
            from = attribute.value.end;
            match target {
                Some(target) => {
                    let link = Link { target, title: Pieces::default(), place: place.clone() };
                    let mark = self.hole(Hole::Reference(Arc::new(link)));
                    out.push_str(&mark);
                }
                None => out.push_str(&self.marks.restore(value)),
            }
        }
        self.write_fixed(out, &tag.html[from..]);
    }

    /// What an attribute is an address of; nothing for one that stays as it is.
    fn resolved(&self, name: &str, value: &str, attribute: &Attribute<'_>) -> Option<Wanted> {
        let has_marks = self.marks.of(value).next().is_some();
        let is_elsewhere = links::scheme(value).is_some() || value.starts_with("//");
        match name {
            "href" if has_marks => attribute.is_quoted.then_some(Wanted::Anything),
            "href" => (!is_elsewhere).then_some(Wanted::Anything),
            "src" => (!has_marks && !is_elsewhere).then_some(Wanted::Image),
            _ => None,
        }
    }

    /// Writes what stands in a tag and holds no placeholder.
    fn write_fixed(&mut self, out: &mut String, html: &str) {
        let marks = self.marks;
        for piece in marks.pieces(html) {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Mark(mark) => {
                    let place = self.place_of_mark(mark);
                    let message = "a placeholder cannot stand in an HTML tag";
                    self.findings.push(placeholders::misplaced(mark, place, message));
                    out.push_str(&mark.text);
                }
            }
        }
    }

    /// Writes what is no prose as it was typed.
    fn write_verbatim(&mut self, out: &mut String, html: &str) {
        let marks = self.marks;
        for mark in marks.of(html) {
            if let Kind::Refused(_) = mark.kind {
                let place = self.place_of_mark(mark);
                self.findings.push(placeholders::misplaced(mark, place, ""));
            }
        }
        out.push_str(&marks.restore(html));
    }
}

/// The character references that stand in addresses.
fn unescaped(value: &str) -> String {
    value.replace("&quot;", "\"").replace("&#39;", "'").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}
