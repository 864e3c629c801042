//! Where the links and images of a text lead, and where in an address a placeholder can stand.

use std::fmt::{self, Write};
use std::sync::Arc;

use comrak::html::{ChildRendering, Context};
use comrak::nodes::{Node, NodeLink};

use crate::book::{Hole, Link, Pieces, Target};
use crate::diagnostic::{Code, Place, escaped};
use crate::load::links;
use crate::load::markdown::html::{Form, Rendering, State};
use crate::load::markdown::placeholders;

/// A link: its start on entering, its end on leaving. What leads nowhere keeps its words.
pub fn link(context: &mut Context<'_, '_, State<'_>>, node: Node<'_>, link: &NodeLink, entering: bool) -> Rendering {
    if !entering {
        match context.user.links.pop().flatten() {
            Some(link) if is_fixed(&link) => context.write_str("</a>")?,
            Some(link) => {
                let mark = context.user.hole(Hole::LinkEnd(link));
                context.write_str(&mark)?;
            }
            None => {}
        }
        return Ok(ChildRendering::HTML);
    }
    let place = context.user.place_of(node);
    let target = context.user.target(&link.url, &place, Wanted::Anything);
    let title = context.user.filled(&link.title);
    let link = target.map(|target| Arc::new(Link { target, title, place }));
    context.user.links.push(link.clone());
    match link {
        Some(link) if is_fixed(&link) => {
            let Target::External(url) = &link.target else { return Ok(ChildRendering::HTML) };
            context.write_str("<a href=\"")?;
            context.escape_href(&url.text)?;
            if !link.title.is_empty() {
                context.write_str("\" title=\"")?;
                context.escape(&link.title.text)?;
            }
            context.write_str("\">")?;
        }
        Some(link) => {
            let mark = context.user.hole(Hole::LinkStart(link));
            context.write_str(&mark)?;
        }
        None => {}
    }
    Ok(ChildRendering::HTML)
}

/// Whether a link is the same in every edition.
fn is_fixed(link: &Link) -> bool {
    matches!(&link.target, Target::External(url) if url.holes.is_empty()) && link.title.holes.is_empty()
}

/// An image, with its alternative text.
pub fn image(context: &mut Context<'_, '_, State<'_>>, node: Node<'_>, image: &NodeLink) -> fmt::Result {
    let state = &mut context.user;
    let place = state.place_of(node);
    let mut alt = String::new();
    state.write_plain(&mut alt, node, Form::Attribute);
    if alt.trim().is_empty() {
        state
            .findings
            .report(Code::N203, &place, "this image has no alternative text")
            .hint("say between the brackets what it shows: ![A hand on a phone](photo.jpg)");
    }
    let Some(target) = state.target(&image.url, &place, Wanted::Image) else {
        return context.write_str(&alt);
    };
    if let Target::External(url) = &target {
        state
            .findings
            .report(Code::N203, &place, format!("every reader's browser fetches this image from {}", host(&url.text)))
            .hint("put the file beside the page, so that nobody else learns who reads it");
    }
    let mark = state.hole(Hole::Image(Arc::new(Link { target, title: Pieces::default(), place })));
    let mut title = String::new();
    state.write_text(&mut title, &image.title, Form::Attribute);
    write!(context, "<img {mark} alt=\"{alt}\"")?;
    if !title.is_empty() {
        write!(context, " title=\"{title}\"")?;
    }
    context.write_str(" loading=\"lazy\">")
}

/// The host that an address names.
fn host(url: &str) -> String {
    let rest = url.split_once("//").map_or(url, |(_, rest)| rest);
    escaped(rest.split(['/', '?', '#']).next().unwrap_or(rest))
}

/// What an address is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// A link.
    Anything,
    /// An image.
    Image,
}

impl State<'_> {
    /// Where an address leads; what it cannot be is reported.
    pub fn target(&mut self, url: &str, place: &Place, wanted: Wanted) -> Option<Target> {
        let marks = self.marks;
        let Some(first) = marks.of(url).next() else {
            return match links::target(&self.input.ground, &marks.restore(url), wanted == Wanted::Image) {
                Ok(target) => Some(target),
                Err(refused) => {
                    self.findings.report(refused.code, place, refused.message).maybe_hint(refused.hint);
                    None
                }
            };
        };
        let place = self.place_of_mark(first);
        if wanted == Wanted::Image {
            let message = "a placeholder cannot stand in the address of an image";
            self.findings.push(placeholders::misplaced(first, place, message));
            return None;
        }
        let address = self.filled(url);
        if address.holes.len() != marks.of(url).count() {
            return None;
        }
        if !self.may_have_holes(&address) {
            let message = format!("`{}` cannot stand at this place of an address", escaped(&first.text));
            self.findings.push(placeholders::misplaced(first, place, &message).with(
                "a placeholder is the whole address, or the address behind `mailto:`, or stands behind `https://host/`",
            ));
            return None;
        }
        Some(Target::External(address))
    }

    /// Whether what a placeholder brings cannot change what kind of address this is, nor whose.
    fn may_have_holes(&self, address: &Pieces) -> bool {
        let Some((first, _)) = address.holes.first() else { return true };
        let Some(fixed) = address.text.get(..*first as usize) else { return false };
        if address.holes.len() == 1 && fixed == address.text && matches!(fixed, "" | "mailto:") {
            return true;
        }
        let authority = fixed.strip_prefix("https://").or_else(|| fixed.strip_prefix("http://"));
        let is_complete = authority.and_then(|rest| rest.find(['/', '?', '#'])).is_some_and(|length| length > 0);
        is_complete && matches!(links::target(&self.input.ground, fixed, false), Ok(Target::External(_)))
    }
}
