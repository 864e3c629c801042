//! mdBook's `{{#include file}}`, `{{#rustdoc_include file}}` and `{{#title words}}`, expanded before the
//! Markdown is parsed (spec §3).
//!
//! Takes a page's text and the texts that it can include; gives the whole text, and where each part of it
//! stands. Nothing is read here: [`targets`] tells the reader what a text asks for.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diagnostic::{Code, Diagnostic, Findings, Place, did_you_mean, escaped};
use crate::load::directive::{self, Directive, EVERY_LINE, Unresolved, What};
use crate::load::markdown::Stretch;
use crate::load::sources::MAX_TEXT;

/// How many files may stand in each other: a file that includes itself ends here, as in mdBook.
const MAX_DEPTH: usize = 10;

/// How many includes a page may come to, those in included files among them.
const MAX_INCLUDES: usize = 10_000;

/// What mdBook knows and leidraad does not.
const MDBOOK_ONLY: [&str; 3] = ["playground", "playpen", "template"];

/// The texts that can be included, by path in the project; a code for what is there and cannot be.
pub type Included = BTreeMap<Arc<str>, Text>;

/// A text, or the code of why there is none.
pub type Text = Result<Arc<str>, Code>;

/// A text with its includes in place.
#[derive(Debug)]
pub struct Expanded {
    /// The text.
    pub text: String,
    /// Where it stands in files.
    pub stretches: Vec<Stretch>,
    /// What `{{#title …}}` calls the page.
    pub title: Option<String>,
}

/// The files that a text at `path` asks for, as paths in the project.
pub fn targets(path: &str, text: &str) -> Vec<String> {
    if !text.contains("{{") {
        return Vec::new();
    }
    let asked = text.lines().flat_map(directive::all).filter(|found| !found.literal);
    asked
        .filter_map(|found| match found.what {
            What::Include(argument) => directive::resolved(path, directive::Selection::parse(argument).file).ok(),
            What::Title(_) | What::Unknown(_) => None,
        })
        .collect()
}

/// The files that a text asks for, and those that they ask for, as far as `text_of` knows them.
pub fn closure(asked: &[String], text_of: &dyn Fn(&str) -> Option<Text>) -> Included {
    let mut included = Included::new();
    let mut waiting = asked.to_vec();
    while let Some(target) = waiting.pop() {
        if included.contains_key(target.as_str()) {
            continue;
        }
        let Some(text) = text_of(&target) else { continue };
        waiting.extend(text.iter().flat_map(|text| targets(&target, text)));
        included.insert(target.into(), text);
    }
    included
}

/// What becomes of the backslash in `\{{#…}}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backslash {
    /// It goes: nothing else looks at the braces.
    Dropped,
    /// It stays: placeholders are looked for later, and it keeps these braces from being one.
    Kept,
}

/// The text with its includes in place; nothing when there are none.
pub fn expand(
    text: &str,
    (path, first_line): (&Arc<str>, u32),
    included: &Included,
    backslash: Backslash,
    findings: &mut Findings,
) -> Option<Expanded> {
    if !text.contains("{{") {
        return None;
    }
    let expanded = Expanded { text: String::with_capacity(text.len()), stretches: Vec::new(), title: None };
    let mut writer = Writer { included, backslash, findings, expanded, at: (1, 1), count: 0, full: false };
    let lines: Vec<(u32, &str)> = text.split('\n').zip(first_line..).map(|(line, number)| (number, line)).collect();
    writer.lines(&lines, path, None, 0);
    (writer.expanded.text != text).then_some(writer.expanded)
}

struct Writer<'a> {
    included: &'a Included,
    backslash: Backslash,
    findings: &'a mut Findings,
    expanded: Expanded,
    /// The line and the column of the expanded text that are being written, from 1.
    at: (u32, u32),
    count: usize,
    full: bool,
}

impl Writer<'_> {
    /// Writes lines of a file; `own` is the page's line that asked for them, where it was not the page itself.
    fn lines(&mut self, lines: &[(u32, &str)], path: &Arc<str>, own: Option<u32>, depth: usize) {
        for (at, (number, line)) in lines.iter().enumerate() {
            if at > 0 {
                self.expanded.text.push('\n');
                self.at = (self.at.0 + 1, 1);
            }
            self.stretch(path, (*number, 1), own);
            let (mut from, mut column) = (0, 1);
            for found in directive::all(line) {
                let before = &line[from..found.range.start];
                self.write(before);
                from = found.range.end;
                let written = &line[found.range.clone()];
                column += characters(before);
                let place = Place::new(path, *number, column, characters(written));
                column += place.length;
                match found {
                    Directive { literal: true, .. } => {
                        let kept = self.backslash == Backslash::Kept;
                        self.write(if kept { written } else { &written[1..] });
                    }
                    Directive { what: What::Title(title), .. } => self.expanded.title = Some(title.to_owned()),
                    Directive { what: What::Include(argument), .. } => {
                        self.include(argument, &place, own.unwrap_or(*number), depth);
                    }
                    Directive { what: What::Unknown(word), .. } => {
                        if let Some(hint) = did_you_mean(word, ["include", "rustdoc_include", "title"]) {
                            let message = format!("`{}` includes nothing", escaped(written));
                            self.findings.report(Code::E210, &place, message).hint(hint);
                        } else if MDBOOK_ONLY.contains(&word) {
                            let message = format!("`{}` means nothing here and is published as text", escaped(written));
                            self.findings.report(Code::N203, &place, message);
                        }
                        self.write(written);
                    }
                }
                self.stretch(path, (*number, column), own);
            }
            self.write(&line[from..]);
        }
    }

    /// Writes what stands on one line.
    fn write(&mut self, text: &str) {
        self.expanded.text.push_str(text);
        self.at.1 += characters(text);
    }

    /// Notes where in a file what is written next stands, unless that follows from what was written before.
    fn stretch(&mut self, path: &Arc<str>, at: (u32, u32), own: Option<u32>) {
        let follows = |last: &Stretch| last.path == *path && last.own == own && last.place(self.at) == at;
        if !self.expanded.stretches.last().is_some_and(follows) {
            self.expanded.stretches.push(Stretch { from: self.at, path: Arc::clone(path), at, own });
        }
    }

    fn include(&mut self, argument: &str, place: &Place, own: u32, depth: usize) {
        let selection = directive::Selection::parse(argument);
        let file = selection.file;
        let path = match directive::resolved(&place.path, file) {
            Ok(path) => path,
            Err(why) => {
                self.findings.push(unresolved(why, file, place));
                return;
            }
        };
        let text = match self.included.get_key_value(path.as_str()) {
            Some((path, Ok(text))) => (Arc::clone(path), Arc::clone(text)),
            Some((_, Err(code))) => {
                let why = match code {
                    Code::E118 => "it lies behind a symbolic link, or is no ordinary file",
                    _ => "it is no text",
                };
                let message = format!("`{}` cannot be included: {why}", escaped(file));
                self.findings.report(*code, place, message);
                return;
            }
            None => {
                self.findings
                    .report(Code::E210, place, format!("there is no file `{}` to include", escaped(&path)))
                    .hint("the path starts from the file that includes; hidden files are not read");
                return;
            }
        };
        let (path, text) = text;
        let Some(lines) = selection.lines(&text) else {
            let anchor = selection.anchor.unwrap_or_default();
            self.findings
                .report(Code::E210, place, format!("{path} has no anchor `{}`", escaped(anchor)))
                .maybe_hint(did_you_mean(anchor, directive::anchors(&text)))
                .hint(format!("it needs the lines `ANCHOR: {0}` and `ANCHOR_END: {0}`", escaped(anchor)));
            return;
        };
        if lines.is_empty() && selection.anchor.is_none() && selection.range != EVERY_LINE {
            let message = format!("`{}` selects no line: {path} has {}", escaped(argument), text.lines().count());
            self.findings.report(Code::E210, place, message).hint("lines count from 1");
            return;
        }
        self.count += 1;
        let size: usize = lines.iter().map(|(_, line)| line.len() + 1).sum();
        let too_much = self.count > MAX_INCLUDES || (self.expanded.text.len() + size) as u64 > MAX_TEXT;
        let message = match (depth >= MAX_DEPTH, too_much) {
            (false, false) => {
                self.lines(&lines, &path, Some(own), depth + 1);
                return;
            }
            (true, _) => format!("files include each other more than {MAX_DEPTH} deep"),
            (false, true) => "what is included adds up to more than 8 MiB, or to more than 10,000 files".to_owned(),
        };
        // One such fault says it; a text that grows without end would say it without end.
        if !std::mem::replace(&mut self.full, true) {
            self.findings
                .report(Code::E210, place, message)
                .hint("does a file include itself, or one that includes it?");
        }
    }
}

fn characters(text: &str) -> u32 {
    u32::try_from(text.chars().count()).unwrap_or(u32::MAX)
}

fn unresolved(why: Unresolved, file: &str, place: &Place) -> Diagnostic {
    let file = escaped(file);
    let (code, message) = match why {
        Unresolved::Nameless => (Code::E210, "this include names no file".to_owned()),
        Unresolved::Outside => (Code::E118, format!("`{file}` leads out of the project's folder")),
        Unresolved::Hidden => (Code::E210, format!("`{file}` is hidden, and hidden files are never read")),
    };
    Diagnostic::new(code, place.clone(), message)
        .with("an included file lies below the folder of book.toml; its path starts from this file")
}
