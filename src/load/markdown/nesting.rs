//! Quotes in quotes: the parser takes the square of their number, so it gets no more than nobody needs.

use std::borrow::Cow;

use crate::diagnostic::{Code, Findings};
use crate::load::markdown::Input;

/// How deep a line may stand in quotes.
const DEEPEST: usize = 100;

/// The text with what stands deeper brought up to that depth, and reported (E206).
pub fn capped<'t>(input: &Input<'t>, findings: &mut Findings) -> Cow<'t, str> {
    if !input.text.contains('>') {
        return Cow::Borrowed(input.text);
    }
    let marks = |line: &str| prefix(line).bytes().filter(|byte| *byte == b'>').count();
    let Some(first) = input.text.split('\n').position(|line| marks(line) > DEEPEST) else {
        return Cow::Borrowed(input.text);
    };
    let message = format!("this stands in more than {DEEPEST} quotes");
    findings.report(Code::E206, &input.origin.place(first + 1, 1, 1), message);
    let line = |line: &'t str| match prefix(line).match_indices('>').nth(DEEPEST) {
        Some((end, _)) => format!("{} {}", &line[..end], &line[prefix(line).len()..]),
        None => line.to_owned(),
    };
    Cow::Owned(input.text.split('\n').map(line).collect::<Vec<_>>().join("\n"))
}

/// What can open quotes and lists at the start of a line.
fn prefix(line: &str) -> &str {
    let opens = |c: char| c.is_ascii_digit() || " \t>-+*.)".contains(c);
    &line[..line.find(|c| !opens(c)).unwrap_or(line.len())]
}
