//! Where the lines of a text stand in files: a finding is said where its author can mend it.

use std::sync::Arc;

use comrak::nodes::Node;

use crate::diagnostic::Place;
use crate::load::markdown::placeholders::Mark;

/// Where the lines of a text stand in a file.
#[derive(Clone, Debug)]
pub enum Origin {
    /// Line 1 of the text is this line of the file, from this column, both from 1.
    Lines {
        /// The file.
        path: Arc<str>,
        /// The line.
        line: u32,
        /// The column.
        column: u32,
    },
    /// The text is a folded or quoted value: everything in it stands at this place.
    Value(Place),
    /// The text was put together from several files.
    Pieced(Arc<[Stretch]>),
}

/// Lines of a text that stand side by side in a file, up to the next stretch.
#[derive(Clone, Debug, PartialEq)]
pub struct Stretch {
    /// The first of them in the text, from 1.
    pub from: u32,
    /// The file.
    pub path: Arc<str>,
    /// The line of the file that it is, from 1.
    pub line: u32,
    /// The page's line that asked for them, where they were included.
    pub own: Option<u32>,
}

impl Origin {
    /// The place of a position in the text; line and column from 1.
    pub fn place(&self, line: usize, column: usize, length: usize) -> Place {
        match self {
            Origin::Lines { path, line: first, column: indent } => Place::new(
                path,
                first + u32::try_from(line.max(1) - 1).unwrap_or(0),
                indent + u32::try_from(column.max(1) - 1).unwrap_or(0),
                u32::try_from(length).unwrap_or(1),
            ),
            Origin::Value(place) => place.clone(),
            Origin::Pieced(stretches) => {
                let line = u32::try_from(line.max(1)).unwrap_or(u32::MAX);
                let (column, length) = (u32::try_from(column.max(1)).unwrap_or(1), u32::try_from(length).unwrap_or(1));
                match stretch_of(stretches, line) {
                    Some(stretch) => Place::new(&stretch.path, stretch.line + (line - stretch.from), column, length),
                    None => Place::new(&"".into(), line, column, length),
                }
            }
        }
    }

    /// The line of the page itself that a line of the text comes from.
    fn own_line(&self, line: usize) -> u32 {
        let Origin::Pieced(stretches) = self else { return self.place(line, 1, 1).line };
        let line = u32::try_from(line.max(1)).unwrap_or(u32::MAX);
        stretch_of(stretches, line).map_or(line, |stretch| stretch.own.unwrap_or(stretch.line + (line - stretch.from)))
    }
}

fn stretch_of(stretches: &[Stretch], line: u32) -> Option<&Stretch> {
    stretches.iter().rev().find(|stretch| stretch.from <= line)
}

/// The lines of the file that some nodes come from, both inclusive.
pub fn lines_of(nodes: &[Node<'_>], origin: &Origin) -> (u32, u32) {
    let (Some(first), Some(last)) = (nodes.first(), nodes.last()) else { return (0, 0) };
    let start = origin.own_line(first.data().sourcepos.start.line);
    let end = origin.own_line(last.data().sourcepos.end.line);
    (start, end.max(start))
}

/// The place of a node: inline positions are hints, so they are kept within reason.
pub fn place_of(node: Node<'_>, origin: &Origin) -> Place {
    let position = node.data().sourcepos;
    let length = if position.end.line == position.start.line {
        (position.end.column + 1).saturating_sub(position.start.column)
    } else {
        1
    };
    origin.place(position.start.line, position.start.column, length)
}

/// The place of a mark.
pub fn place_of_mark(mark: &Mark, origin: &Origin) -> Place {
    let (line, column) = mark.position;
    origin.place(line as usize + 1, column as usize + 1, mark.text.chars().count())
}
