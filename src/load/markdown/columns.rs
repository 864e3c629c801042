//! Where the parser's nodes stand, in characters: the parser itself counts bytes.
//!
//! Counting a line's characters anew for each of its nodes would take a long line's length squared, so how many
//! bytes continue a character is counted once, up to every 64th byte.

use comrak::nodes::{LineColumn, Node};

const STEP: usize = 64;

/// Makes every column of the tree one in characters of `text`, which it was parsed from.
pub fn in_characters<'a>(root: Node<'a>, text: &str) {
    if text.is_ascii() {
        return;
    }
    let columns = Columns::of(text);
    for node in root.descendants() {
        let position = &mut node.data_mut().sourcepos;
        let after = LineColumn { line: position.end.line, column: position.end.column + 1 };
        position.start.column = columns.column(position.start);
        position.end.column = columns.column(after).saturating_sub(1);
    }
}

struct Columns<'t> {
    text: &'t [u8],
    /// Where each line starts.
    lines: Vec<usize>,
    /// How many bytes continue a character before every 64th byte.
    continuing: Vec<usize>,
}

impl Columns<'_> {
    fn of(text: &str) -> Columns<'_> {
        let text = text.as_bytes();
        let ends = text.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
        let lines = [0].into_iter().chain(ends.map(|(at, _)| at + 1)).collect();
        let counted = text.chunks(STEP).map(continuing_in);
        let continuing = counted.scan(0, |before, count| Some(std::mem::replace(before, *before + count))).collect();
        Columns { text, lines, continuing }
    }

    fn column(&self, position: LineColumn) -> usize {
        let start = position.line.checked_sub(1).and_then(|line| self.lines.get(line));
        let Some(&start) = start else { return position.column };
        let at = (start + position.column.saturating_sub(1)).min(self.text.len());
        position.column.saturating_sub(self.before(at).saturating_sub(self.before(start)))
    }

    /// How many bytes continue a character before this one.
    fn before(&self, at: usize) -> usize {
        let step = (at / STEP).min(self.continuing.len().saturating_sub(1));
        self.continuing.get(step).map_or(0, |counted| counted + continuing_in(&self.text[step * STEP..at]))
    }
}

fn continuing_in(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| (0x80..0xC0).contains(*byte)).count()
}
