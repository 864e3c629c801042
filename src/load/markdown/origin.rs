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
    /// The text was put together from several places.
    Pieced(Arc<[Stretch]>),
}

/// A stretch of a text that stands in a file like this, up to the next stretch.
#[derive(Clone, Debug, PartialEq)]
pub struct Stretch {
    /// The line and the column of the text where it starts, from 1.
    pub from: (u32, u32),
    /// The file.
    pub path: Arc<str>,
    /// The line and the column of the file that they are, from 1.
    pub at: (u32, u32),
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
                let position = position(line, column);
                let length = u32::try_from(length).unwrap_or(1);
                match stretch_of(stretches, position) {
                    Some(stretch) => {
                        let (line, column) = stretch.place(position);
                        Place::new(&stretch.path, line, column, length)
                    }
                    None => Place::new(&"".into(), position.0, position.1, length),
                }
            }
        }
    }

    /// The line of the page itself that a line of the text comes from.
    fn own_line(&self, line: usize) -> u32 {
        let Origin::Pieced(stretches) = self else { return self.place(line, 1, 1).line };
        let start = position(line, 1);
        stretch_of(stretches, start).map_or(start.0, |stretch| stretch.own.unwrap_or_else(|| stretch.place(start).0))
    }
}

impl Stretch {
    /// The line and the column of the file for those of the text, none of which stands before the stretch.
    pub fn place(&self, (line, column): (u32, u32)) -> (u32, u32) {
        // Only its first line can stand elsewhere in the line of the file.
        let column = if line == self.from.0 { column.saturating_sub(self.from.1) + self.at.1 } else { column };
        (self.at.0 + line.saturating_sub(self.from.0), column)
    }
}

fn position(line: usize, column: usize) -> (u32, u32) {
    (u32::try_from(line.max(1)).unwrap_or(u32::MAX), u32::try_from(column.max(1)).unwrap_or(1))
}

fn stretch_of(stretches: &[Stretch], position: (u32, u32)) -> Option<&Stretch> {
    stretches.partition_point(|stretch| stretch.from <= position).checked_sub(1).and_then(|at| stretches.get(at))
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
