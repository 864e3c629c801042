//! The parser's tree → HTML pieces with holes. What has no arm here renders as comrak does.

use std::collections::BTreeMap;
use std::fmt::{self, Write};
use std::mem;
use std::sync::Arc;

use comrak::Options;
use comrak::html::{ChildRendering, Context, escape, format_document_with_formatter, format_node_default};
use comrak::nodes::{Node, NodeValue, TableAlignment};
use comrak::options::Plugins;

use crate::book::{Hole, InnerHeading, Link, Pieces, SectionId};
use crate::diagnostic::{Code, Findings, Place, escaped};
use crate::load::markdown::placeholders::{self, Kind, Mark, Marks, Piece, hole_mark};
use crate::load::markdown::{Input, addresses, blocks, definitions, origin, raw, tags};

/// Renders the nodes of one document.
pub struct Renderer<'r, 'o> {
    options: &'o Options<'static>,
    state: Option<State<'r>>,
    /// What is rendered into, kept for its room.
    out: String,
}

/// What the arms share while one document is rendered.
pub struct State<'r> {
    pub input: &'r Input<'r>,
    pub marks: &'r Marks,
    pub findings: &'r mut Findings,
    pub holes: Vec<Hole>,
    pub headings: Vec<InnerHeading>,
    pub anchors: Vec<SectionId>,
    /// The links that are open; nothing for one that leads nowhere.
    pub links: Vec<Option<Arc<Link>>>,
    /// The elements of raw HTML that are open and hold no prose.
    pub open: tags::Open,
    /// How the columns of the table are aligned, and the number of the cell.
    pub alignments: Vec<TableAlignment>,
    pub cell: usize,
    /// The name of the part of the page that is rendered, and how many of its tasks have the same words.
    pub part: String,
    pub tasks: BTreeMap<String, usize>,
}

/// What text is written into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// An element: escaped.
    Html,
    /// An attribute: escaped, and values are plain text.
    Attribute,
    /// Plain text, or HTML as it was typed.
    Plain,
}

/// What an arm gives back.
pub type Rendering = Result<ChildRendering, fmt::Error>;

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
            links: Vec::new(),
            open: tags::Open::new(),
            alignments: Vec::new(),
            cell: 0,
            part: String::new(),
            tasks: BTreeMap::new(),
        };
        Renderer { options, state: Some(state), out: String::new() }
    }

    /// Says which part of the page is rendered from here on.
    pub fn begin(&mut self, part: &str) {
        if let Some(state) = self.state.as_mut() {
            part.clone_into(&mut state.part);
            state.tasks.clear();
        }
    }

    /// Renders nodes that stand side by side.
    pub fn render(&mut self, nodes: &[Node<'_>]) -> Pieces {
        self.out.clear();
        for node in nodes {
            let Some(state) = self.state.take() else { break };
            let plugins = Plugins::default();
            match format_document_with_formatter(node, self.options, &mut self.out, &plugins, arm, state) {
                Ok(state) => self.state = Some(state),
                // Writing into a string does not fail.
                Err(fmt::Error) => break,
            }
        }
        let Some(state) = self.state.as_mut() else { return Pieces::default() };
        state.open.clear();
        pieces(&self.out, &mem::take(&mut state.holes))
    }

    /// The text of a node without markup.
    pub fn plain(&mut self, node: Node<'_>) -> Pieces {
        self.state.as_mut().map(|state| state.plain(node)).unwrap_or_default()
    }

    /// The headings and anchors met since the last call.
    pub fn take_anchors(&mut self) -> (Vec<InnerHeading>, Vec<SectionId>) {
        match self.state.as_mut() {
            Some(state) => (mem::take(&mut state.headings), mem::take(&mut state.anchors)),
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

fn arm<'a>(context: &mut Context<'_, '_, State<'_>>, node: Node<'a>, entering: bool) -> Rendering {
    match &node.data().value {
        NodeValue::Text(text) => {
            if entering && context.user.marks.all().is_empty() {
                context.escape(text)?;
            } else if entering {
                let mut out = String::with_capacity(text.len());
                context.user.write_text(&mut out, text, Form::Html);
                context.write_str(&out)?;
            }
            Ok(ChildRendering::HTML)
        }
        NodeValue::Heading(_) => blocks::heading(context, node, entering),
        NodeValue::Link(link) => addresses::link(context, node, link, entering),
        NodeValue::Image(image) => {
            if entering {
                addresses::image(context, node, image)?;
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
        NodeValue::FootnoteDefinition(_) => Ok(ChildRendering::Skip),
        NodeValue::Alert(alert) => blocks::alert(context, alert, entering),
        NodeValue::Table(table) => blocks::table(context, node, table, entering),
        NodeValue::TableRow(_) => {
            context.user.cell = 0;
            format_node_default(context, node, entering)
        }
        NodeValue::TableCell => blocks::cell(context, node, entering),
        NodeValue::List(_) if entering && blocks::holds_tasks(node) => {
            context.cr()?;
            context.write_str("<ul class=\"task-list\" role=\"list\">\n")?;
            Ok(ChildRendering::HTML)
        }
        NodeValue::TaskItem(_) => blocks::task(context, entering),
        NodeValue::Paragraph if blocks::is_task_text(node) => blocks::task_text(context, node, entering),
        NodeValue::CodeBlock(block) => {
            if entering {
                blocks::code(context, block)?;
            }
            Ok(ChildRendering::HTML)
        }
        NodeValue::HtmlBlock(block) => {
            if entering {
                context.cr()?;
                raw::write(context, node, &block.literal)?;
                context.cr()?;
            }
            Ok(ChildRendering::HTML)
        }
        NodeValue::HtmlInline(html) => {
            if entering {
                raw::write(context, node, html)?;
            }
            Ok(ChildRendering::HTML)
        }
        _ => format_node_default(context, node, entering),
    }
}

impl State<'_> {
    /// Where a node stands.
    pub fn place_of(&self, node: Node<'_>) -> Place {
        origin::place_of(node, &self.input.origin)
    }

    /// Where a mark stands.
    pub fn place_of_mark(&self, mark: &Mark) -> Place {
        origin::place_of_mark(mark, &self.input.origin)
    }

    /// Keeps a hole; gives the mark that stands for it in the HTML.
    pub fn hole(&mut self, hole: Hole) -> String {
        self.holes.push(hole);
        hole_mark(self.holes.len() - 1)
    }

    /// Plain text with its placeholders as holes.
    pub fn filled(&mut self, text: &str) -> Pieces {
        let outer = mem::take(&mut self.holes);
        let mut out = String::new();
        self.write_text(&mut out, text, Form::Plain);
        pieces(&out, &mem::replace(&mut self.holes, outer))
    }

    /// The text of a node without markup.
    pub fn plain(&mut self, node: Node<'_>) -> Pieces {
        let outer = mem::take(&mut self.holes);
        let mut out = String::new();
        self.write_plain(&mut out, node, Form::Plain);
        pieces(&out, &mem::replace(&mut self.holes, outer))
    }

    /// Writes the text of a node without markup.
    pub fn write_plain(&mut self, out: &mut String, node: Node<'_>, form: Form) {
        let outer = mem::take(&mut self.open);
        for node in node.descendants() {
            match &node.data().value {
                NodeValue::Text(text) => self.write_text(out, text, form),
                NodeValue::Code(code) => form.write(out, &code.literal),
                NodeValue::SoftBreak | NodeValue::LineBreak => out.push(' '),
                NodeValue::HtmlInline(html) => drop(tags::parts(html, &mut self.open)),
                _ => {}
            }
        }
        self.open = outer;
    }

    /// Writes text with its placeholders as holes; those in raw elements of code stay text.
    pub fn write_text(&mut self, out: &mut String, text: &str, form: Form) {
        let marks = self.marks;
        for piece in marks.pieces(text) {
            match piece {
                Piece::Text(text) => form.write(out, text),
                Piece::Mark(mark) => self.write_mark(out, mark, form),
            }
        }
    }

    fn write_mark(&mut self, out: &mut String, mark: &Mark, form: Form) {
        let is_code = !self.open.is_empty() && !matches!(mark.kind, Kind::Refused(_));
        if is_code {
            return form.write(out, &mark.text);
        }
        let place = self.place_of_mark(mark);
        if mark.kind == Kind::Bracketed && form == Form::Html {
            let message = format!("`<{}>` is no link", escaped(&mark.text));
            let hint = format!("write `[words]({})`; `\\<` gives the sign itself", escaped(&mark.text));
            self.findings.report(Code::E117, &place, message).hint(hint);
            return form.write(out, &mark.text);
        }
        match placeholders::read(mark, place) {
            Ok(placeholder) => {
                let placeholder = Arc::new(placeholder);
                let mark = self.hole(match form {
                    Form::Html | Form::Plain => Hole::Value(placeholder),
                    Form::Attribute => Hole::Plain(placeholder),
                });
                out.push_str(&mark);
            }
            Err(finding) => {
                self.findings.push(*finding);
                form.write(out, &mark.text);
            }
        }
    }
}

impl Form {
    fn write(self, out: &mut String, text: &str) {
        match self {
            // Writing into a string does not fail.
            Form::Html | Form::Attribute => drop(escape(out, text)),
            Form::Plain => out.push_str(text),
        }
    }
}
