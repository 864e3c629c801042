//! Headings without id, alerts, tables, tasks and code → HTML.

use std::fmt::{self, Write};

use comrak::html::{ChildRendering, Context, format_node_default};
use comrak::nodes::{ListType, Node, NodeAlert, NodeCodeBlock, NodeTable, NodeValue, TableAlignment};

use crate::book::{DigestWriter, Hole, InnerHeading};
use crate::load::markdown::headings::{anchor_of, level};
use crate::load::markdown::html::{Form, Rendering, State};

/// A heading without an explicit id, with its automatic anchor.
pub fn heading(context: &mut Context<'_, '_, State<'_>>, node: Node<'_>, entering: bool) -> Rendering {
    let level = level(node).max(2);
    let anchor = anchor_of(node);
    if entering {
        let (place, text) = (context.user.place_of(node), context.user.plain(node));
        let nested = !node.parent().is_some_and(|parent| matches!(parent.data().value, NodeValue::Document));
        context.user.headings.push(InnerHeading { anchor: anchor.clone(), level, text, place, nested });
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
        let mut text = String::new();
        context.user.write_plain(&mut text, node, Form::Attribute);
        context.write_str("<a class=\"anchor\" href=\"#")?;
        context.escape(&anchor)?;
        writeln!(context, "\" aria-label=\"{word}: {text}\"></a></h{level}>")?;
    }
    Ok(ChildRendering::HTML)
}

/// An alert under its own title, or under the theme's word for its kind.
pub fn alert(context: &mut Context<'_, '_, State<'_>>, alert: &NodeAlert, entering: bool) -> Rendering {
    context.cr()?;
    if !entering {
        context.write_str("</div>\n")?;
        return Ok(ChildRendering::HTML);
    }
    let kind = super::alert_name(alert.alert_type);
    let (mut title, mut label) = (String::new(), String::new());
    match &alert.title {
        Some(text) => {
            context.user.write_text(&mut title, text, Form::Html);
            context.user.write_text(&mut label, text, Form::Attribute);
        }
        None => {
            title = context.user.hole(Hole::Word(match kind {
                "note" => "alert_note",
                "tip" => "alert_tip",
                "important" => "alert_important",
                "warning" => "alert_warning",
                _ => "alert_caution",
            }));
            label.clone_from(&title);
        }
    }
    writeln!(
        context,
        "<div class=\"alert alert-{kind}\" role=\"note\" aria-label=\"{label}\">\n<p class=\"alert-title\">{title}</p>"
    )?;
    Ok(ChildRendering::HTML)
}

/// A table in a box that scrolls.
pub fn table(context: &mut Context<'_, '_, State<'_>>, node: Node<'_>, table: &NodeTable, entering: bool) -> Rendering {
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

/// A cell, aligned by a class.
pub fn cell(context: &mut Context<'_, '_, State<'_>>, node: Node<'_>, entering: bool) -> Rendering {
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

/// An item of a list of tasks.
pub fn task(context: &mut Context<'_, '_, State<'_>>, entering: bool) -> Rendering {
    if entering {
        context.cr()?;
        context.write_str("<li class=\"task-list-item\">")?;
    } else {
        context.write_str("</li>\n")?;
    }
    Ok(ChildRendering::HTML)
}

/// Whether a bullet list is a list of tasks.
pub fn holds_tasks(list: Node<'_>) -> bool {
    let is_bullet = matches!(list.data().value, NodeValue::List(list) if list.list_type == ListType::Bullet);
    is_bullet && list.children().any(|item| matches!(item.data().value, NodeValue::TaskItem(_)))
}

/// Whether a paragraph is the text of a task: what the checkbox is the checkbox of.
pub fn is_task_text(node: Node<'_>) -> bool {
    node.previous_sibling().is_none()
        && node.parent().is_some_and(|parent| matches!(parent.data().value, NodeValue::TaskItem(_)))
}

/// The text of a task, with its checkbox.
pub fn task_text(context: &mut Context<'_, '_, State<'_>>, node: Node<'_>, entering: bool) -> Rendering {
    if !entering {
        context.write_str("</label>")?;
        return format_node_default(context, node, false);
    }
    format_node_default(context, node, true)?;
    let checked = node
        .parent()
        .is_some_and(|parent| matches!(parent.data().value, NodeValue::TaskItem(task) if task.symbol.is_some()));
    let words = context.user.marks.restore(&node.collect_text());
    let name = context.user.task(words);
    write!(context, "<label><input type=\"checkbox\" data-task=\"{name}\"{}> ", if checked { " checked" } else { "" })?;
    Ok(ChildRendering::HTML)
}

impl State<'_> {
    /// The name under which a browser keeps a task: the same as long as its words and the part of the page that it
    /// stands in are, whatever else changes there. Of several with the same words each has its own.
    fn task(&mut self, words: String) -> String {
        let name = DigestWriter::new().with(&**self.input.page).with(&*self.part).with(&*words);
        let same = self.tasks.entry(words).or_default();
        *same += 1;
        name.with(same.to_string()).finish().short(10)
    }
}

/// A block of code.
pub fn code(context: &mut Context<'_, '_, State<'_>>, block: &NodeCodeBlock) -> fmt::Result {
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
