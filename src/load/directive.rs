//! `{{#…}}` in a line: what it asks for, and which lines of a file an include means.

use std::ops::Range;

use crate::load::closing::Closing;
use crate::load::walk::is_litter;

/// `{{#word …}}` as it was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Directive<'t> {
    /// Where it stands in its line, in bytes; with the backslash before it.
    pub range: Range<usize>,
    /// Whether a backslash makes it text.
    pub literal: bool,
    /// What it asks for.
    pub what: What<'t>,
}

/// What a directive asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum What<'t> {
    /// The lines of a file.
    Include(&'t str),
    /// Another title of the page.
    Title(&'t str),
    /// Nothing that is known here.
    Unknown(&'t str),
}

/// The directives of one line, in order.
pub fn all(line: &str) -> Vec<Directive<'_>> {
    let mut found = Vec::new();
    let mut from = 0;
    let mut closing = Closing::of(line);
    while let Some(at) = line[from..].find("{{").map(|at| from + at) {
        let inner = &line[at + 2..];
        let (Some(rest), Some(close)) = (inner.trim_start().strip_prefix('#'), closing.after(at + 2)) else {
            from = at + 1;
            continue;
        };
        let end = close + 2;
        let rest = &line[line.len() - rest.len()..close];
        let word = &rest[..rest.find(char::is_whitespace).unwrap_or(rest.len())];
        let argument = rest[word.len()..].trim();
        let what = match word {
            "include" | "rustdoc_include" => What::Include(argument),
            "title" => What::Title(argument),
            _ => What::Unknown(word),
        };
        let literal = line[..at].ends_with('\\');
        found.push(Directive { range: at - usize::from(literal)..end, literal, what });
        from = end;
    }
    found
}

/// Why a file cannot be one that is included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unresolved {
    /// It is not named.
    Nameless,
    /// It lies outside the project.
    Outside,
    /// It is hidden, or what an editor leaves behind: no input.
    Hidden,
}

/// A path in the project, named from the file `from`.
pub fn resolved(from: &str, target: &str) -> Result<String, Unresolved> {
    if target.is_empty() {
        return Err(Unresolved::Nameless);
    }
    if target.starts_with('/') || target.contains('\\') {
        return Err(Unresolved::Outside);
    }
    let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(target.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop().ok_or(Unresolved::Outside)?;
            }
            part => parts.push(part),
        }
    }
    match parts.is_empty() || parts.iter().any(|part| is_litter(part)) {
        true => Err(Unresolved::Hidden),
        false => Ok(parts.join("/")),
    }
}

/// The range of an include that names none.
pub const EVERY_LINE: (usize, usize) = (1, usize::MAX);

/// Which lines of a file an include means: `f`, `f:anchor`, `f:3`, `f:1:5`, `f::5`, `f:1:`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Selection<'t> {
    /// The file as it was written.
    pub file: &'t str,
    /// The anchor, where one is named.
    pub anchor: Option<&'t str>,
    /// The first and the last line, from 1.
    pub range: (usize, usize),
}

impl Selection<'_> {
    /// Reads what follows `include`.
    pub fn parse(argument: &str) -> Selection<'_> {
        let mut parts = argument.splitn(3, ':').map(str::trim);
        let file = parts.next().unwrap_or_default();
        let (start, end) = (parts.next(), parts.next());
        let number = |part: Option<&str>| part.and_then(|part| part.parse::<usize>().ok());
        let anchor = start.filter(|start| !start.is_empty() && number(Some(start)).is_none());
        let first = number(start).unwrap_or(1);
        let last = match end {
            None => number(start).unwrap_or(usize::MAX),
            Some(_) => number(end).unwrap_or(usize::MAX),
        };
        Selection { file, anchor, range: (first, last) }
    }

    /// The lines that are meant, with their numbers; nothing where the anchor is not there.
    pub fn lines<'f>(&self, text: &'f str) -> Option<Vec<(u32, &'f str)>> {
        let lines = text.lines().zip(1..).map(|(line, number): (&str, u32)| (number, line));
        let Some(anchor) = self.anchor else {
            let (first, last) = self.range;
            return Some(lines.filter(|(number, _)| (first..=last).contains(&(*number as usize))).collect());
        };
        let mut selected = Vec::new();
        let mut inside = false;
        let mut found = false;
        for (number, line) in lines {
            match (anchor_in(line, "ANCHOR:"), anchor_in(line, "ANCHOR_END:")) {
                (Some(name), _) => (inside, found) = (inside || name == anchor, found || name == anchor),
                (_, Some(name)) => inside = inside && name != anchor,
                (None, None) if inside => selected.push((number, line)),
                (None, None) => {}
            }
        }
        found.then_some(selected)
    }
}

/// The names of the anchors in a text.
pub fn anchors(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| anchor_in(line, "ANCHOR:"))
}

fn anchor_in<'f>(line: &'f str, mark: &str) -> Option<&'f str> {
    let (_, rest) = line.split_once(mark)?;
    rest.split_whitespace().next()
}
