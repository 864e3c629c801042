//! `{{name}}` before and after parsing.
//!
//! Placeholders are found before the Markdown is parsed and stand in it as noncharacters, as many
//! as they have characters: so they behave like a word, and columns stay right. After parsing each
//! becomes a hole, or text again inside code. Sources cannot hold noncharacters (E206), so a mark
//! is never anything else.

use std::collections::HashMap;
use std::sync::Arc;

use crate::book::{Placeholder, is_parameter_name};
use crate::diagnostic::{Code, Diagnostic, Place, escaped};
use crate::load::closing::Closing;

/// The first character of a placeholder's mark; sixteen digits follow from [`DIGIT`].
pub const START: char = '\u{FDD0}';
/// The digit 0 of a mark.
const DIGIT: u32 = 0xFDE0;
/// The first character of a hole's mark in rendered HTML.
pub const HOLE: char = '\u{FDD2}';
/// The last character of a hole's mark.
pub const HOLE_END: char = '\u{FDD3}';

/// The placeholders of a text, in order.
#[derive(Debug, Default)]
pub struct Marks {
    found: Vec<Mark>,
}

/// One placeholder as it was written.
#[derive(Clone, Debug)]
pub struct Mark {
    /// With its braces.
    pub text: Arc<str>,
    /// Line (from 0) and column (from 0, in characters) in the text.
    pub position: (u32, u32),
    /// Whether it is text after all: `\{{#include}}`, which a backslash keeps from being one.
    literal: bool,
}

/// Puts marks in the place of all `{{…}}` that are not escaped.
pub fn mark(text: &str) -> (String, Marks) {
    let mut marks = Marks::default();
    if !text.contains("{{") {
        return (text.to_owned(), marks);
    }
    let mut first: HashMap<&str, usize> = HashMap::new();
    let mut out = String::with_capacity(text.len());
    for (line_number, line) in text.split_inclusive('\n').enumerate() {
        let mut rest = line;
        let mut column = 0;
        let mut closing = Closing::of(line);
        while let Some(at) = rest.find("{{") {
            let (before, from) = rest.split_at(at);
            let escapes = before.len() - before.trim_end_matches('\\').len();
            let start = line.len() - from.len() + 2;
            let inner =
                closing.after(start).and_then(|end| line.get(start..end)).filter(|inner| !inner.contains(['{', '}']));
            // Unlike other braces, those of an include are read in code too: so there the backslash goes as well.
            let literal = !escapes.is_multiple_of(2) && from.starts_with("{{#") && inner.is_some();
            out.push_str(if literal { &before[..before.len() - 1] } else { before });
            column += before.chars().count();
            let unclosed = inner.is_none().then(|| unclosed(from)).flatten();
            let (Some(length), true) =
                (inner.map(|inner| inner.len() + 4).or(unclosed), escapes.is_multiple_of(2) || literal)
            else {
                // Two braces that are no placeholder: one is taken, so that `{{{x}}` finds `{{x}}`.
                out.push('{');
                column += 1;
                rest = &from[1..];
                continue;
            };
            let whole = &from[..length];
            let count = whole.chars().count();
            let index = marks.found.len();
            let index = if fits(index, count - 1) { index } else { first.get(whole).copied().unwrap_or(0) };
            first.entry(whole).or_insert(index);
            out.push(START);
            out.extend(
                (0..count - 1).rev().map(|place| digit(index >> (4 * place.min(15)) & if place > 15 { 0 } else { 15 })),
            );
            marks.found.push(Mark { text: whole.into(), position: (line_number as u32, column as u32), literal });
            column += count;
            rest = &from[whole.len()..];
        }
        out.push_str(rest);
    }
    (out, marks)
}

/// The length of `{{name` or `{{name}`: a placeholder whose end was forgotten, to be reported and not published.
fn unclosed(from: &str) -> Option<usize> {
    let name = from.get(2..)?;
    let end = name.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.')).unwrap_or(name.len());
    let is_name =
        name.starts_with(|c: char| c.is_ascii_alphabetic()) && is_parameter_name(&name[..1].to_ascii_lowercase());
    is_name.then(|| 2 + end + usize::from(name[end..].starts_with('}')))
}

fn fits(index: usize, digits: usize) -> bool {
    digits >= 16 || index >> (4 * digits) == 0
}

fn digit(value: usize) -> char {
    char::from_u32(DIGIT + value as u32).unwrap_or(START)
}

fn digit_value(c: char) -> Option<usize> {
    let value = (c as u32).checked_sub(DIGIT)?;
    (value < 16).then_some(value as usize)
}

impl Marks {
    /// `text` with every mark handed to `found`, and everything between marks to `plain`.
    pub fn split<'m, S>(&'m self, text: &str, state: &mut S, plain: fn(&mut S, &str), found: fn(&mut S, &'m Mark)) {
        let mut rest = text;
        while let Some(at) = rest.find(START) {
            plain(state, &rest[..at]);
            let digits = &rest[at + START.len_utf8()..];
            let end = digits.find(|c| digit_value(c).is_none()).unwrap_or(digits.len());
            let index = digits[..end].chars().filter_map(digit_value).fold(0, |index, digit| index << 4 | digit);
            match self.found.get(index) {
                Some(mark) if mark.literal => plain(state, &mark.text),
                Some(mark) => found(state, mark),
                None => plain(state, &rest[at..at + START.len_utf8() + end]),
            }
            rest = &digits[end..];
        }
        plain(state, rest);
    }

    /// `text` with every placeholder as it was typed.
    pub fn restore(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        self.split(text, &mut out, |out, text| out.push_str(text), |out, mark| out.push_str(&mark.text));
        out
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }
}

/// Reads a placeholder; what is no name is E117.
pub fn read(mark: &Mark, place: Place) -> Result<Placeholder, Box<Diagnostic>> {
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
    Err(Box::new(Diagnostic::new(Code::E117, place, format!("`{}` is no placeholder", escaped(&mark.text))).hint(hint)))
}

/// The mark of a hole in rendered HTML.
pub fn hole_mark(index: usize) -> String {
    let mut mark = String::from(HOLE);
    let digits = (usize::BITS as usize - index.leading_zeros() as usize).div_ceil(4).max(1);
    mark.extend((0..digits).rev().map(|place| digit(index >> (4 * place) & 15)));
    mark.push(HOLE_END);
    mark
}

/// Splits rendered HTML at the marks of its holes: the text, and each hole's offset and index.
pub fn split_holes(html: &str) -> (String, Vec<(u32, usize)>) {
    let mut text = String::with_capacity(html.len());
    let mut holes = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find(HOLE) {
        text.push_str(&rest[..at]);
        let digits = &rest[at + HOLE.len_utf8()..];
        let end = digits.find(HOLE_END).unwrap_or(0);
        let index = digits[..end].chars().filter_map(digit_value).fold(0, |index, digit| index << 4 | digit);
        holes.push((u32::try_from(text.len()).unwrap_or(u32::MAX), index));
        rest = digits.get(end + HOLE_END.len_utf8()..).unwrap_or_default();
    }
    text.push_str(rest);
    (text, holes)
}
