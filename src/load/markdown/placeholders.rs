//! `{{name}}` before and after parsing.
//!
//! Placeholders are found before the Markdown is parsed and stand in it as noncharacters, as many
//! as they have characters: so they behave like a word, and columns stay right. After parsing each
//! becomes a hole, or text again inside code. Sources cannot hold noncharacters (E206), and references
//! to them are taken out in the same way: so a mark is never anything else.

use std::sync::Arc;

use crate::book::{Placeholder, is_parameter_name};
use crate::diagnostic::{Code, Diagnostic, Place, escaped};
use crate::load::closing::Closing;
use crate::load::text;

/// The first character of a mark in a text; its number follows in digits from [`DIGIT`].
pub const START: char = '\u{FDD0}';
/// The digit 0 of a mark.
const DIGIT: u32 = 0xFDE0;
/// The first character of a hole's mark in rendered HTML.
const HOLE: char = '\u{FDD2}';
/// The last character of a hole's mark.
const HOLE_END: char = '\u{FDD3}';

/// What was taken out of a text before parsing, in order.
#[derive(Debug, Default)]
pub struct Marks {
    found: Vec<Mark>,
}

/// One of them as it was written.
#[derive(Clone, Debug)]
pub struct Mark {
    /// With its braces.
    pub text: Arc<str>,
    /// Line (from 0) and column (from 0, in characters) in the text.
    pub position: (u32, u32),
    /// What it is.
    pub kind: Kind,
}

/// What a mark stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `{{name}}`
    Placeholder,
    /// `<{{name}}>`, which looks like a link and is none.
    Bracketed,
    /// Text after all: `\{{#include}}`, which a backslash keeps from being a placeholder.
    Literal,
    /// `&#27;`: a reference to a character that no text may hold.
    Refused(char),
}

/// A stretch of a text with marks.
pub enum Piece<'t> {
    /// Text.
    Text(&'t str),
    /// A mark that is no text.
    Mark(&'t Mark),
}

impl Marks {
    /// The text with marks in the place of all `{{…}}` that are not escaped.
    pub fn braces(&mut self, text: String) -> String {
        if !text.contains("{{") {
            return text;
        }
        let mut out = String::with_capacity(text.len());
        for (line_number, line) in text.split_inclusive('\n').enumerate() {
            let mut rest = line;
            let mut column = 0;
            let mut closing = Closing::of(line);
            while let Some(at) = rest.find("{{") {
                let (before, from) = rest.split_at(at);
                let is_escaped = ends_escaping(before);
                let start = line.len() - from.len() + 2;
                let inner = closing.after(start).and_then(|end| line.get(start..end));
                let inner = inner.filter(|inner| !inner.contains(['{', '}']));
                // Unlike other braces, those of an include are read in code too: so there the backslash goes as well.
                let is_literal = is_escaped && from.starts_with("{{#") && inner.is_some();
                out.push_str(if is_literal { &before[..before.len() - 1] } else { before });
                column += before.chars().count();
                let length = inner.map(|inner| inner.len() + 4).or_else(|| unclosed(from));
                let Some(length) = length.filter(|_| !is_escaped || is_literal) else {
                    // Two braces that are no placeholder: one is taken, so that `{{{x}}` finds `{{x}}`.
                    out.push('{');
                    column += 1;
                    rest = &from[1..];
                    continue;
                };
                let (whole, after) = from.split_at(length);
                let bracketed = before.strip_suffix('<').is_some_and(|before| !ends_escaping(before));
                let kind = match is_literal {
                    true => Kind::Literal,
                    false if bracketed && after.starts_with('>') => Kind::Bracketed,
                    false => Kind::Placeholder,
                };
                let backslash = usize::from(is_literal);
                self.put(&mut out, whole, (line_number, column - backslash), (kind, backslash));
                column += whole.chars().count();
                rest = after;
            }
            out.push_str(rest);
        }
        out
    }

    /// The text with marks in the place of references to characters that no text may hold.
    pub fn references(&mut self, text: String) -> String {
        if !text.contains("&#") {
            return text;
        }
        let mut out = String::with_capacity(text.len());
        for (line_number, line) in text.split_inclusive('\n').enumerate() {
            let mut from = 0;
            let mut column = 0;
            for (at, _) in line.match_indices("&#") {
                let Some((c, length)) = reference(&line[at..]).filter(|_| !ends_escaping(&line[..at])) else {
                    continue;
                };
                out.push_str(&line[from..at]);
                column += line[from..at].chars().count();
                from = at + length;
                self.put(&mut out, &line[at..from], (line_number, column), (Kind::Refused(c), 0));
                column += length;
            }
            out.push_str(&line[from..]);
        }
        out
    }

    /// Writes a mark, as many characters as `text` and what went before it have: so columns stay right.
    fn put(&mut self, out: &mut String, text: &str, (line, column): (usize, usize), (kind, gone): (Kind, usize)) {
        out.push(START);
        number(out, self.found.len(), text.chars().count() + gone - 1);
        let position = (u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(column).unwrap_or(u32::MAX));
        self.found.push(Mark { text: text.into(), position, kind });
    }

    /// A text that has been marked, stretch by stretch.
    pub fn pieces<'t>(&'t self, text: &'t str) -> impl Iterator<Item = Piece<'t>> {
        let mut rest = text;
        std::iter::from_fn(move || {
            let Some(digits) = rest.strip_prefix(START) else {
                let (text, after) = rest.split_at(rest.find(START).unwrap_or(rest.len()));
                rest = after;
                return (!text.is_empty()).then_some(Piece::Text(text));
            };
            let (digits, after) = digits.split_at(digits.find(|c| digit_value(c).is_none()).unwrap_or(digits.len()));
            rest = after;
            Some(match self.found.get(index(digits)) {
                Some(mark) if mark.kind == Kind::Literal => Piece::Text(&mark.text),
                Some(mark) => Piece::Mark(mark),
                None => Piece::Text(""),
            })
        })
    }

    /// The marks of a text.
    pub fn of<'t>(&'t self, text: &'t str) -> impl Iterator<Item = &'t Mark> {
        self.pieces(text).filter_map(|piece| match piece {
            Piece::Text(_) => None,
            Piece::Mark(mark) => Some(mark),
        })
    }

    /// `text` with every mark as it was typed.
    pub fn restore(&self, text: &str) -> String {
        let typed = self.pieces(text).map(|piece| match piece {
            Piece::Text(text) => text,
            Piece::Mark(mark) => &mark.text,
        });
        typed.collect()
    }

    /// All marks, in order.
    pub fn all(&self) -> &[Mark] {
        &self.found
    }
}

/// Whether the character after `before` has a backslash that makes it text.
fn ends_escaping(before: &str) -> bool {
    !(before.len() - before.trim_end_matches('\\').len()).is_multiple_of(2)
}

/// The length of `{{name` or `{{name}`: a placeholder whose end was forgotten, to be reported and not published.
fn unclosed(from: &str) -> Option<usize> {
    let name = from.get(2..)?;
    let end = name.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.')).unwrap_or(name.len());
    let is_name =
        name.starts_with(|c: char| c.is_ascii_alphabetic()) && is_parameter_name(&name[..1].to_ascii_lowercase());
    is_name.then(|| 2 + end + usize::from(name[end..].starts_with('}')))
}

/// The refused character that a reference at the start of `text` stands for, and the reference's length.
fn reference(text: &str) -> Option<(char, usize)> {
    let end = text.bytes().take(10).position(|byte| byte == b';')?;
    let digits = text.get(2..end).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_alphanumeric()))?;
    let code = match digits.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
        None => digits.parse().ok()?,
    };
    let c = char::from_u32(code).filter(|c| !matches!(c, '\0' | '\n') && text::is_refused(*c))?;
    Some((c, end + 1))
}

/// Appends a number in digits of a mark, at least `width` of them.
fn number(out: &mut String, number: usize, width: usize) {
    let needed = (usize::BITS - number.leading_zeros()).div_ceil(4).max(1);
    let width = u32::try_from(width).unwrap_or(0).max(needed);
    out.extend((0..width).rev().map(|place| digit(number.checked_shr(4 * place).unwrap_or(0) & 15)));
}

/// The number that digits of a mark stand for.
fn index(digits: &str) -> usize {
    digits.chars().filter_map(digit_value).fold(0, |index, digit| index << 4 | digit)
}

fn digit(value: usize) -> char {
    char::from_u32(DIGIT + value as u32).unwrap_or(START)
}

fn digit_value(c: char) -> Option<usize> {
    let value = (c as u32).checked_sub(DIGIT)?;
    (value < 16).then_some(value as usize)
}

/// Reads a placeholder; what is no name is E117, what is no placeholder E206.
pub fn read(mark: &Mark, place: Place) -> Result<Placeholder, Box<Diagnostic>> {
    if let Kind::Refused(c) = mark.kind {
        return Err(Box::new(text::not_allowed(c, place)));
    }
    let inner = mark.text.trim_start_matches('{').trim_end_matches('}');
    let (name, field) = match inner.split_once('.') {
        Some((name, field)) => (name, Some(field)),
        None => (inner, None),
    };
    let mut letters = name.chars();
    let capital = letters.next().is_some_and(|c| c.is_ascii_uppercase());
    let lower = if capital { name[..1].to_ascii_lowercase() + &name[1..] } else { name.to_owned() };
    if mark.text.ends_with("}}") && is_parameter_name(&lower) && field.is_none_or(is_parameter_name) {
        return Ok(Placeholder { name: lower.into(), field: field.map(Into::into), capital, place });
    }
    let hint = if !mark.text.ends_with("}}") {
        format!("close it with two braces: `{{{{{inner}}}}}`; `\\{{{{` gives the braces themselves")
    } else if is_parameter_name(inner.trim()) {
        format!("write it without spaces: `{{{{{}}}}}`", inner.trim())
    } else {
        "a placeholder is the name of a parameter, {{weeks}} or {{supervisor.role}}; `\\{{` gives the braces themselves"
            .into()
    };
    Err(Box::new(Diagnostic::new(Code::E117, place, format!("`{}` is no placeholder", escaped(&mark.text))).with(hint)))
}

/// A placeholder in a place where none can be (E117).
pub fn misplaced(mark: &Mark, place: Place, message: &str) -> Diagnostic {
    match mark.kind {
        Kind::Refused(c) => text::not_allowed(c, place),
        Kind::Placeholder | Kind::Bracketed | Kind::Literal => Diagnostic::new(Code::E117, place, message),
    }
}

/// The mark of a hole in rendered HTML.
pub fn hole_mark(index: usize) -> String {
    let mut mark = String::from(HOLE);
    number(&mut mark, index, 1);
    mark.push(HOLE_END);
    mark
}

/// Splits rendered HTML at the marks of its holes: the text, and each hole's offset and index.
pub fn split_holes(html: &str) -> (String, Vec<(u32, usize)>) {
    let mut text = String::with_capacity(html.len());
    let mut holes = Vec::new();
    let mut rest = html;
    while let Some((before, after)) = rest.split_once(HOLE) {
        let (digits, after) = after.split_once(HOLE_END).unwrap_or_default();
        text.push_str(before);
        holes.push((u32::try_from(text.len()).unwrap_or(u32::MAX), index(digits)));
        rest = after;
    }
    text.push_str(rest);
    (text, holes)
}
