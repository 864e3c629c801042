//! The parser's tree → HTML pieces with holes. What has no arm here renders as comrak does.

use std::fmt::{self, Write};
use std::sync::Arc;

use comrak::Options;
use comrak::html::{ChildRendering, Context, escape, format_document_with_formatter, format_node_default};
use comrak::nodes::{ListType, Node, NodeAlert, NodeCodeBlock, NodeLink, NodeValue, TableAlignment};
use comrak::options::Plugins;

use crate::book::{Digest, Hole, InnerHeading, Link, Pieces, SectionId, Target};
use crate::diagnostic::{Code, Diagnostic, Findings, Place, escaped};
use crate::load::links::{self, Refused};
use crate::load::markdown::placeholders::{self, Mark, Marks, hole_mark};
use crate::load::markdown::{Author, Input, alert_name, anchor_of, definitions, level, place_of, raw_html};

/// Renders the nodes of one document.
pub struct Renderer<'r, 'o> {
    options: &'o Options<'static>,
    state: Option<State<'r>>,
}

/// What the arms below share while one document is rendered.
struct State<'r> {
    input: &'r Input<'r>,
    marks: &'r Marks,
    findings: &'r mut Findings,
    holes: Vec<Hole>,
    headings: Vec<InnerHeading>,
    anchors: Vec<SectionId>,
    alignments: Vec<TableAlignment>,
    cell: usize,
}

impl<'r, 'o> Renderer<'r, 'o> {
    /// A renderer for one document.
    pub fn new(
        input: &'r Input<'r>,
        options: &'o Options<'static>,
        marks: &'r Marks,
        findings: &'r mut Findings,
    ) -> Self {
        let state = State {
            input,
            marks,
            findings,
            holes: Vec::new(),
            headings: Vec::new(),
            anchors: Vec::new(),
            alignments: Vec::new(),
            cell: 0,
        };
        Renderer { options, state: Some(state) }
    }

    /// Renders nodes that stand side by side.
    pub fn render(&mut self, nodes: &[Node<'_>]) -> Pieces {
        let mut out = String::new();
        for node in nodes {
            let Some(state) = self.state.take() else { break };
            let plugins = Plugins::default();
            match format_document_with_formatter(node, self.options, &mut out, &plugins, arm, state) {
                Ok(state) => self.state = Some(state),
                // Writing into a string does not fail.
                Err(fmt::Error) => break,
            }
        }
        let holes = self.state.as_mut().map(|state| std::mem::take(&mut state.holes)).unwrap_or_default();
        pieces(&out, &holes)
    }

    /// The text of a node without markup.
    pub fn plain(&mut self, node: Node<'_>) -> Pieces {
        let mut out = String::new();
        let Some(state) = self.state.as_mut() else { return Pieces::default() };
        for node in node.descendants() {
            match &node.data().value {
                NodeValue::Text(text) => state.write_text(&mut out, text, &place_of(node, &state.input.origin), false),
                NodeValue::Code(code) => out.push_str(&code.literal),
                NodeValue::SoftBreak | NodeValue::LineBreak => out.push(' '),
                _ => {}
            }
        }
        let holes = std::mem::take(&mut state.holes);
        pieces(&out, &holes)
    }

    /// The headings and anchors met since the last call.
    pub fn take_anchors(&mut self) -> (Vec<InnerHeading>, Vec<SectionId>) {
        match self.state.as_mut() {
            Some(state) => (std::mem::take(&mut state.headings), std::mem::take(&mut state.anchors)),
            None => Default::default(),
        }
    }
}

/// Renders nodes as CommonMark's examples want them.
pub fn plain_commonmark(nodes: &[Node<'_>], options: &Options<'_>) -> String {
    let mut out = String::new();
    for node in nodes {
        let plugins = Plugins::default();
        if format_document_with_formatter(node, options, &mut out, &plugins, format_node_default, ()).is_err() {
            break;
        }
    }
    out
}

fn pieces(html: &str, holes: &[Hole]) -> Pieces {
    if holes.is_empty() {
        return Pieces::fixed(html);
    }
    let (text, found) = placeholders::split_holes(html);
    let holes = found.into_iter().filter_map(|(at, index)| Some((at, holes.get(index)?.clone()))).collect();
    Pieces { text, holes }
}

type Rendering = Result<ChildRendering, fmt::Error>;

fn arm<'a>(context: &mut Context<'_, '_, State<'_>>, node: Node<'a>, entering: bool) -> Rendering {
    match &node.data().value {
        NodeValue::Text(text) => {
            if entering {
                let place = place_of(node, &context.user.input.origin);
                let mut out = String::with_capacity(text.len());
                context.user.write_text(&mut out, text, &place, true);
                context.write_str(&out)?;
            }
            Ok(ChildRendering::HTML)
        }
        NodeValue::Heading(_) => heading(context, node, entering),
        NodeValue::Link(link) => anchor(context, node, link, entering),
        NodeValue::Image(image) => {
            if entering {
                self::image(context, node, image)?;
            }
            Ok(ChildRendering::Skip)
        }
        NodeValue::FootnoteReference(note) => {
            if entering {
                let mark = context.user.hole(Hole::Note(definitions::label(&note.name).into()));
                context.write_str(&mark)?;
            }
            Ok(ChildRendering::HTML)
        }
        // One of a name that has a note already stays where it stood.
        NodeValue::FootnoteDefinition(_) => Ok(ChildRendering::Skip),
        NodeValue::Alert(alert) => self::alert(context, alert, entering),
        NodeValue::Table(table) => {
            if entering {
                context.cr()?;
                let word = context.user.hole(Hole::Word("table"));
                writeln!(context, "<div class=\"table\" role=\"group\" tabindex=\"0\" aria-label=\"{word}\">")?;
                context.user.alignments.clone_from(&table.alignments);
            }
            let rendering = format_node_default(context, node, entering)?;
            if !entering {
                context.write_str("</div>\n")?;
            }
            Ok(rendering)
        }
        NodeValue::TableRow(_) => {
            context.user.cell = 0;
            format_node_default(context, node, entering)
        }
        NodeValue::TableCell => cell(context, node, entering),
        NodeValue::List(_) if entering && holds_tasks(node) => {
            context.cr()?;
            context.write_str("<ul class=\"task-list\" role=\"list\">\n")?;
            Ok(ChildRendering::HTML)
        }
        NodeValue::TaskItem(_) => task(context, entering),
        NodeValue::Paragraph if is_task_text(node) => task_text(context, node, entering),
        NodeValue::CodeBlock(block) => {
            if entering {
                code_block(context, block)?;
            }
            Ok(ChildRendering::HTML)
        }
        NodeValue::HtmlBlock(block) => {
            if entering {
                context.cr()?;
                raw(context, node, &block.literal)?;
                context.cr()?;
            }
            Ok(ChildRendering::HTML)
        }
        NodeValue::HtmlInline(html) => {
            if entering {
                raw(context, node, html)?;
            }
            Ok(ChildRendering::HTML)
        }
        _ => format_node_default(context, node, entering),
    }
}

fn heading(context: &mut Context<'_, '_, State<'_>>, node: Node<'_>, entering: bool) -> Rendering {
    let level = level(node).max(2);
    let anchor = anchor_of(node);
    if entering {
        let place = place_of(node, &context.user.input.origin);
        let text = plain_text(node, context.user.marks);
        let nested = !node.parent().is_some_and(|parent| matches!(parent.data().value, NodeValue::Document));
        let heading = InnerHeading { anchor: anchor.clone(), level, text: Pieces::fixed(text), place, nested };
        context.user.headings.push(heading);
        context.cr()?;
        write!(context, "<h{level} id=\"")?;
        context.escape(&anchor)?;
        let classes = node.data().attrs.as_ref().map(|attributes| attributes.classes.join(" ")).unwrap_or_default();
        if !classes.is_empty() {
            context.write_str("\" class=\"")?;
            context.escape(&classes)?;
        }
        context.write_str("\">")?;
    } else {
        let word = context.user.hole(Hole::Word("heading_link"));
        context.write_str("<a class=\"anchor\" href=\"#")?;
        context.escape(&anchor)?;
        write!(context, "\" aria-label=\"{word}: ")?;
        let text = plain_text(node, context.user.marks);
        context.escape(&text)?;
        writeln!(context, "\"></a></h{level}>")?;
    }
    Ok(ChildRendering::HTML)
}

/// The text of a node with placeholders as they were typed.
fn plain_text(node: Node<'_>, marks: &Marks) -> String {
    marks.restore(&node.collect_text())
}

fn anchor(context: &mut Context<'_, '_, State<'_>>, node: Node<'_>, link: &NodeLink, entering: bool) -> Rendering {
    let place = place_of(node, &context.user.input.origin);
    // An exit asks for the same link again; its refusal was reported on entering.
    let target = if entering {
        context.user.target(link, &place, false)
    } else {
        let mut unheard = Findings::new();
        context.user.target_into(link, &place, false, &mut unheard)
    };
    let Some(target) = target else { return Ok(ChildRendering::HTML) };
    let link = Arc::new(Link { target, title: link.title.clone(), place });
    let hole = match (&link.target, entering) {
        (Target::External(url), true) if url.holes.is_empty() => {
            context.write_str("<a href=\"")?;
            context.escape_href(&url.text)?;
            if !link.title.is_empty() {
                context.write_str("\" title=\"")?;
                context.escape(&link.title)?;
            }
            context.write_str("\">")?;
            return Ok(ChildRendering::HTML);
        }
        (Target::External(url), false) if url.holes.is_empty() => {
            context.write_str("</a>")?;
            return Ok(ChildRendering::HTML);
        }
        (_, true) => Hole::LinkStart(link),
        (_, false) => Hole::LinkEnd(link),
    };
    let mark = context.user.hole(hole);
    context.write_str(&mark)?;
    Ok(ChildRendering::HTML)
}

fn image(context: &mut Context<'_, '_, State<'_>>, node: Node<'_>, image: &NodeLink) -> fmt::Result {
    let place = place_of(node, &context.user.input.origin);
    let mut alt = String::new();
    for child in node.descendants() {
        match &child.data().value {
            NodeValue::Text(text) => context.user.write_text(&mut alt, text, &place, true),
            NodeValue::Code(code) => escape(&mut alt, &code.literal)?,
            NodeValue::SoftBreak | NodeValue::LineBreak => alt.push(' '),
            _ => {}
        }
    }
    if alt.trim().is_empty() {
        context.user.findings.push(
            Diagnostic::new(Code::N203, place.clone(), "this image has no alternative text")
                .hint("say between the brackets what it shows: ![Een hand op een telefoon](foto.jpg)"),
        );
    }
    let Some(target) = context.user.target(image, &place, true) else {
        return context.write_str(&alt);
    };
    if let Target::External(url) = &target {
        context.user.findings.push(
            Diagnostic::new(
                Code::N203,
                place.clone(),
                format!("every reader's browser fetches this image from {}", host(&url.text)),
            )
            .hint("put the file beside the page, so that nobody else learns who reads it"),
        );
    }
    let mark = context.user.hole(Hole::Image(Arc::new(Link { target, title: String::new(), place })));
    write!(context, "<img {mark} alt=\"{alt}\"")?;
    if !image.title.is_empty() {
        context.write_str(" title=\"")?;
        context.escape(&image.title)?;
        context.write_str("\"")?;
    }
    context.write_str(" loading=\"lazy\">")
}

/// The host that an address names.
fn host(url: &str) -> String {
    let rest = url.split_once("//").map_or(url, |(_, rest)| rest);
    escaped(rest.split(['/', '?', '#']).next().unwrap_or(rest))
}

fn alert(context: &mut Context<'_, '_, State<'_>>, alert: &NodeAlert, entering: bool) -> Rendering {
    if entering {
        let kind = alert_name(alert.alert_type);
        let title = match &alert.title {
            Some(title) => {
                let mut escaped = String::new();
                escape(&mut escaped, &context.user.marks.restore(title))?;
                escaped
            }
            None => context.user.hole(Hole::Word(match kind {
                "note" => "alert_note",
                "tip" => "alert_tip",
                "important" => "alert_important",
                "warning" => "alert_warning",
                _ => "alert_caution",
            })),
        };
        context.cr()?;
        writeln!(
            context,
            "<div class=\"alert alert-{kind}\" role=\"note\" aria-label=\"{title}\">\n<p class=\"alert-title\">{title}</p>"
        )?;
    } else {
        context.cr()?;
        context.write_str("</div>\n")?;
    }
    Ok(ChildRendering::HTML)
}

fn cell(context: &mut Context<'_, '_, State<'_>>, node: Node<'_>, entering: bool) -> Rendering {
    let in_header = node.parent().is_some_and(|row| matches!(row.data().value, NodeValue::TableRow(true)));
    if !entering {
        context.write_str(if in_header { "</th>" } else { "</td>" })?;
        return Ok(ChildRendering::HTML);
    }
    context.cr()?;
    let class = match context.user.alignments.get(context.user.cell) {
        Some(TableAlignment::Left) => " class=\"left\"",
        Some(TableAlignment::Center) => " class=\"center\"",
        Some(TableAlignment::Right) => " class=\"right\"",
        Some(TableAlignment::None) | None => "",
    };
    context.user.cell += 1;
    match in_header {
        true if node.first_child().is_none() => write!(context, "<th{class}>")?,
        true => write!(context, "<th scope=\"col\"{class}>")?,
        false => write!(context, "<td{class}>")?,
    }
    Ok(ChildRendering::HTML)
}

fn task(context: &mut Context<'_, '_, State<'_>>, entering: bool) -> Rendering {
    if entering {
        context.cr()?;
        context.write_str("<li class=\"task-list-item\">")?;
    } else {
        context.write_str("</li>\n")?;
    }
    Ok(ChildRendering::HTML)
}

/// Whether a bullet list is a list of tasks.
fn holds_tasks(list: Node<'_>) -> bool {
    let is_bullet = matches!(list.data().value, NodeValue::List(list) if list.list_type == ListType::Bullet);
    is_bullet && list.children().any(|item| matches!(item.data().value, NodeValue::TaskItem(_)))
}

/// Whether a paragraph is the text of a task: what the checkbox is the checkbox of.
fn is_task_text(node: Node<'_>) -> bool {
    node.previous_sibling().is_none()
        && node.parent().is_some_and(|parent| matches!(parent.data().value, NodeValue::TaskItem(_)))
}

fn task_text(context: &mut Context<'_, '_, State<'_>>, node: Node<'_>, entering: bool) -> Rendering {
    if !entering {
        context.write_str("</label>")?;
        return format_node_default(context, node, false);
    }
    format_node_default(context, node, true)?;
    let checked = node
        .parent()
        .is_some_and(|parent| matches!(parent.data().value, NodeValue::TaskItem(task) if task.symbol.is_some()));
    let name = Digest::of(plain_text(node, context.user.marks).as_bytes()).short(10);
    write!(context, "<label><input type=\"checkbox\" data-task=\"{name}\"{}> ", if checked { " checked" } else { "" })?;
    Ok(ChildRendering::HTML)
}

fn code_block(context: &mut Context<'_, '_, State<'_>>, block: &NodeCodeBlock) -> fmt::Result {
    context.cr()?;
    context.write_str("<pre tabindex=\"0\"><code")?;
    // Only what names a language becomes a class: an info string is the author's free text.
    let language: String = block
        .info
        .split([' ', ',', '{'])
        .next()
        .unwrap_or_default()
        .chars()
        .filter(|c| c.is_alphanumeric() || "+-_#.".contains(*c))
        .collect();
    if !language.is_empty() {
        context.write_str(" class=\"language-")?;
        context.escape(&language)?;
        context.write_str("\"")?;
    }
    context.write_str(">")?;
    context.escape(&block.literal)?;
    context.write_str("</code></pre>\n")
}

/// Raw HTML: refused where it may not stand; its addresses are resolved and checked like links.
fn raw(context: &mut Context<'_, '_, State<'_>>, node: Node<'_>, html: &str) -> fmt::Result {
    let place = place_of(node, &context.user.input.origin);
    if context.user.input.author != (Author::Base { raw_html: true }) {
        let html = context.user.marks.restore(html);
        let (message, hint) = match context.user.input.author {
            Author::Base { .. } => {
                ("raw HTML is switched off in book.toml", "write Markdown, or set `raw-html = true`")
            }
            Author::LayerPage | Author::LayerText => {
                ("a layer holds no raw HTML", "write Markdown; `\\<` gives the sign itself")
            }
        };
        context.user.findings.push(Diagnostic::new(Code::E119, place, message).hint(hint));
        return context.escape(&html);
    }
    let mut out = String::new();
    let mut from = 0;
    if let Some(what) = raw_html::stopped(html) {
        context.user.findings.push(
            Diagnostic::new(Code::N203, place.clone(), format!("{what} has no effect: the site's own policy stops it"))
                .hint("styles belong in a file that `additional-css` names; scripts in a page are never run"),
        );
    }
    for attribute in raw_html::attributes(html) {
        let value = &html[attribute.value.clone()];
        let name = attribute.name.to_ascii_lowercase();
        if matches!(name.as_str(), "id" | "name") && !value.is_empty() {
            context.user.anchors.push(value.into());
        }
        let is_image = name == "src";
        if !matches!(name.as_str(), "href" | "src") || links::scheme(value).is_some() || value.starts_with("//") {
            continue;
        }
        let url = unescaped(value);
        match links::target(&context.user.input.ground, &context.user.marks.restore(&url), is_image) {
            Ok(target) => {
                context.user.write_text(&mut out, &html[from..attribute.value.start], &place, false);
                let link = Link { target, title: String::new(), place: place.clone() };
                out.push_str(&context.user.hole(Hole::Reference(Arc::new(link))));
                from = attribute.value.end;
            }
            Err(refused) => context.user.refuse(refused, &place),
        }
    }
    context.user.write_text(&mut out, &html[from..], &place, false);
    context.write_str(&out)
}

/// The character references that stand in addresses.
fn unescaped(value: &str) -> String {
    value.replace("&quot;", "\"").replace("&#39;", "'").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

impl State<'_> {
    /// Keeps a hole; gives the mark that stands for it in the HTML.
    fn hole(&mut self, hole: Hole) -> String {
        self.holes.push(hole);
        hole_mark(self.holes.len() - 1)
    }

    /// Writes text, escaped for HTML where `html` says so, with its placeholders as holes.
    fn write_text(&mut self, out: &mut String, text: &str, place: &Place, html: bool) {
        struct Writing<'w, 's> {
            out: &'w mut String,
            state: &'w mut State<'s>,
            place: &'w Place,
            html: bool,
        }
        fn plain(writing: &mut Writing<'_, '_>, text: &str) {
            match writing.html {
                // Writing into a string does not fail.
                true => drop(escape(writing.out, text)),
                false => writing.out.push_str(text),
            }
        }
        fn found(writing: &mut Writing<'_, '_>, mark: &Mark) {
            let state = &mut *writing.state;
            let (line, column) = mark.position;
            let place = match &state.input.origin {
                super::Origin::Lines { .. } | super::Origin::Pieced(_) => {
                    state.input.origin.place(line as usize + 1, column as usize + 1, mark.text.chars().count())
                }
                super::Origin::Value(_) => writing.place.clone(),
            };
            match placeholders::read(mark, place) {
                Ok(placeholder) => {
                    let hole = state.hole(Hole::Value(Arc::new(placeholder)));
                    writing.out.push_str(&hole);
                }
                Err(finding) => {
                    state.findings.push(*finding);
                    plain(writing, &mark.text);
                }
            }
        }
        let marks = self.marks;
        let mut writing = Writing { out, state: self, place, html };
        marks.split(text, &mut writing, plain, found);
    }

    fn target(&mut self, link: &NodeLink, place: &Place, image: bool) -> Option<Target> {
        let mut findings = std::mem::take(self.findings);
        let target = self.target_into(link, place, image, &mut findings);
        *self.findings = findings;
        target
    }

    fn target_into(&mut self, link: &NodeLink, place: &Place, image: bool, findings: &mut Findings) -> Option<Target> {
        let restored = self.marks.restore(&link.url);
        if restored != link.url {
            return self.url_with_holes(&link.url, place, findings);
        }
        match links::target(&self.input.ground, &link.url, image) {
            Ok(target) => Some(target),
            Err(refused) => {
                findings.push(finding(refused, place));
                None
            }
        }
    }

    /// An address in which parameters of type `url` or `email` stand.
    fn url_with_holes(&mut self, url: &str, place: &Place, findings: &mut Findings) -> Option<Target> {
        let kept = std::mem::take(&mut self.holes);
        let mut out = String::new();
        std::mem::swap(self.findings, findings);
        self.write_text(&mut out, url, place, false);
        std::mem::swap(self.findings, findings);
        let holes = std::mem::replace(&mut self.holes, kept);
        Some(Target::External(pieces(&out, &holes)))
    }

    fn refuse(&mut self, refused: Refused, place: &Place) {
        self.findings.push(finding(refused, place));
    }
}

fn finding(refused: Refused, place: &Place) -> Diagnostic {
    Diagnostic::new(refused.code, place.clone(), refused.message).maybe_hint(refused.hint)
}
