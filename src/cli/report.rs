//! Findings as people, programs and CI read them (spec §6).

use std::fmt::Write as _;
use std::io::Write as _;
use std::time::Instant;

use serde_json::json;
use unicode_width::UnicodeWidthStr;

use crate::book::Sources;
use crate::cli::Exit;
use crate::cli::args::Format;
use crate::diagnostic::{Diagnostic, Severity, did_you_mean, escaped};

/// How much is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Voice {
    /// What is wrong, and nothing else.
    Quiet,
    /// What became of it.
    Usual,
    /// How long each step took, too.
    More,
}

/// Writes findings: text on stderr, the others on stdout. What cannot be written there is a failure: a
/// program that reads nothing would take it for nothing found.
pub fn write(findings: &[Diagnostic], sources: &Sources, format: Format, voice: Voice) -> Result<(), Exit> {
    let text = match format {
        Format::Text => {
            let shown = findings.iter().filter(|finding| voice != Voice::Quiet || finding.severity == Severity::Error);
            let text: String = shown.map(|finding| text(finding, sources)).collect();
            let _ = anstream::stderr().lock().write_all(text.as_bytes());
            return Ok(());
        }
        Format::Json => {
            let array: Vec<serde_json::Value> = findings.iter().map(object).collect();
            serde_json::to_string_pretty(&array).unwrap_or_default() + "\n"
        }
        Format::Github => findings.iter().map(annotation).collect(),
    };
    match super::print(text.as_bytes()) {
        Exit::Done => Ok(()),
        failed => Err(failed),
    }
}

/// `1 page`, `2 pages`
pub fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// A message, and the nearest of the names that there are.
pub fn or_mean<'n>(message: &str, name: &str, known: impl IntoIterator<Item = &'n str>) -> String {
    match did_you_mean(name, known) {
        Some(hint) => format!("{message}; {hint}"),
        None => message.to_owned(),
    }
}

/// `2 errors, 1 warning`; nothing when there is nothing to say.
pub fn summary(findings: &[Diagnostic]) -> String {
    [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Note, "note")]
        .into_iter()
        .map(|(severity, name)| (findings.iter().filter(|finding| finding.severity == severity).count(), name))
        .filter(|(number, _)| *number > 0)
        .map(|(number, name)| count(number, name))
        .collect::<Vec<_>>()
        .join(", ")
}

/// One finding with its frame.
fn text(finding: &Diagnostic, sources: &Sources) -> String {
    let (color, reset) = match finding.severity {
        Severity::Error => ("\u{1b}[1;31m", "\u{1b}[0m"),
        Severity::Warning => ("\u{1b}[1;33m", "\u{1b}[0m"),
        Severity::Note => ("\u{1b}[1;36m", "\u{1b}[0m"),
    };
    let mut out =
        format!("{color}{}[{}]{reset}: {}\n", finding.severity.as_str(), finding.code, escaped(&finding.message));
    let mut width = 2;
    if let Some(place) = &finding.place {
        let _ = writeln!(out, "  --> {}", escaped(&place.to_string()));
        width = place.line.to_string().len().max(2);
        if place.line > 0
            && let Some(line) = sources.line(&place.path, place.line)
        {
            let (line, before) = excerpt(&line, place.column.saturating_sub(1) as usize);
            let shown = escaped(&line);
            let indent = escaped(&line.chars().take(before).collect::<String>()).width();
            let rest = line.chars().count().saturating_sub(before).max(1);
            let marked: String = line.chars().skip(before).take((place.length as usize).min(rest)).collect();
            let carets = escaped(&marked).width().max(1);
            let _ = writeln!(out, "{:width$} |", "");
            let _ = writeln!(out, "{:>width$} | {shown}", place.line);
            let _ = writeln!(out, "{:width$} | {}{color}{}{reset}", "", " ".repeat(indent), "^".repeat(carets));
        }
    }
    for hint in &finding.hints {
        let _ = writeln!(out, "{:width$} = hint: {}", "", escaped(hint));
    }
    out.push('\n');
    out
}

/// The part of a long line that holds a column, and the column in it.
fn excerpt(line: &str, column: usize) -> (String, usize) {
    const WIDTH: usize = 140;
    if line.chars().count() <= WIDTH {
        return (line.to_owned(), column);
    }
    let from = column.saturating_sub(WIDTH / 3);
    let part: String = line.chars().skip(from).take(WIDTH).collect();
    let lead = if from > 0 { "…" } else { "" };
    (format!("{lead}{part}…"), column - from + lead.chars().count())
}

/// How long each step took, for whoever wants to know.
pub struct Clock {
    voice: Voice,
    last: Instant,
}

impl Clock {
    /// Starts now.
    pub fn new(voice: Voice) -> Clock {
        Clock { voice, last: Instant::now() }
    }

    /// Says how long it was since the last step.
    pub fn lap(&mut self, step: &str) {
        let milliseconds = self.last.elapsed().as_secs_f64() * 1e3;
        if self.voice == Voice::More {
            let _ = writeln!(anstream::stderr().lock(), "{milliseconds:>9.1} ms  {step}");
        }
        self.last = Instant::now();
    }
}

fn object(finding: &Diagnostic) -> serde_json::Value {
    let place = finding.place.as_ref();
    let position = place.filter(|place| place.line > 0);
    let hint = (!finding.hints.is_empty()).then(|| escaped(&finding.hints.join("; ")));
    json!({
        "severity": finding.severity.as_str(),
        "code": finding.code.as_str(),
        "message": escaped(&finding.message),
        "path": place.map(|place| escaped(&place.path)),
        "line": position.map(|place| place.line),
        "column": position.map(|place| place.column),
        "hint": hint,
    })
}

/// `::error file=…,line=…,col=…,title=E103::message`
fn annotation(finding: &Diagnostic) -> String {
    let property = |text: &str| {
        escaped(text)
            .replace('%', "%25")
            .replace('\r', "%0D")
            .replace('\n', "%0A")
            .replace(':', "%3A")
            .replace(',', "%2C")
    };
    let message = |text: &str| escaped(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let kind = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let mut properties = Vec::new();
    if let Some(place) = &finding.place {
        properties.push(format!("file={}", property(&place.path)));
        if place.line > 0 {
            properties.push(format!("line={}", place.line));
            properties.push(format!("col={}", place.column));
        }
    }
    properties.push(format!("title={}", finding.code));
    let mut text = finding.message.clone();
    for hint in &finding.hints {
        text.push_str("; hint: ");
        text.push_str(hint);
    }
    format!("::{kind} {}::{}\n", properties.join(","), message(&text))
}
