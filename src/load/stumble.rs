//! Where the YAML reader stumbles → what the author did, in their words: mostly a text that needs quotes.

use crate::diagnostic::escaped;
use crate::load::cut;
use crate::load::misplaced::misplaced;

/// What went wrong, and where: a line from 1, a column from 0.
pub struct Stumble {
    /// The line.
    pub line: usize,
    /// The column, in characters.
    pub column: usize,
    /// How many characters it is about.
    pub length: usize,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
}

/// How many lines above the place where the reader stumbles a bracket is looked for.
const LINES_ABOVE: usize = 20;

/// The reader's message in an author's words; `line` counts from 1, `column` from 0.
pub fn explain(lines: &[&str], line: usize, column: usize, info: &str) -> Stumble {
    let text = lines.get(line.saturating_sub(1)).copied().unwrap_or_default();
    let here = |message: &str, hint: Option<&str>| Stumble {
        line,
        column,
        length: 1,
        message: message.to_owned(),
        hint: hint.map(str::to_owned),
    };
    if text.starts_with("<<<<<<<") || text.starts_with("=======") || text.starts_with(">>>>>>>") {
        return here("a conflict of a merge is still in this file", Some("choose one side and remove the marks"));
    }
    if text.trim_start_matches(' ').starts_with('\t') || info.contains("tab") {
        return here("a tab where YAML wants spaces", Some("indent with spaces"));
    }
    // What follows a ` #` is no text to YAML, the bracket that would close there included.
    let fault = between_brackets(lines, line);
    let is_cut = fault.as_ref().is_some_and(|fault| matches!(fault.why, Why::Cut));
    if !is_cut && let Some(stumble) = misplaced(lines, line) {
        return stumble;
    }
    if let Some(fault) = fault.or_else(|| in_a_value(text, line, info)) {
        return fault.stumble();
    }
    if info.contains("mapping values are not allowed") {
        return here("a `: ` inside a text without quotes", Some("put quotes around it: \"Let op: bel 112\""));
    }
    if info.contains("simple key") && text.chars().count() > 1024 {
        return here("a key of more than 1,024 characters", None);
    }
    let message = info.lines().next().unwrap_or("this is no YAML").trim_end_matches('.');
    here(&format!("this YAML cannot be read: {}", escaped(message)), None)
}

/// A text that needs quotes.
struct Fault {
    line: usize,
    column: usize,
    /// The whole text, as its author meant it.
    text: String,
    why: Why,
}

/// Why a text needs quotes.
#[derive(Clone, Copy)]
enum Why {
    /// It starts with a sign that means something else to YAML.
    Sign(char),
    /// A `: ` stands in it.
    Colon,
    /// A ` #` stands in it, which makes a comment of the rest.
    Cut,
}

impl Fault {
    fn stumble(self) -> Stumble {
        let quoted = escaped(&cut::quoted(&self.text));
        let (message, hint) = match self.why {
            Why::Sign(sign) => (
                format!("a text that starts with `{sign}` needs quotes"),
                format!("put quotes around it: {quoted}; or use `|` and write it on the next line"),
            ),
            Why::Colon => ("a `: ` inside a text without quotes".to_owned(), format!("put quotes around it: {quoted}")),
            Why::Cut => cut::words(&self.text),
        };
        Stumble { line: self.line, column: self.column, length: self.text.chars().count(), message, hint: Some(hint) }
    }
}

/// Signs with which no text can start: they mean something to YAML.
const SIGNS: [char; 8] = ['*', '&', '!', '%', '@', '`', '|', '>'];

/// Where the value on a line starts, in characters: behind its indentation, its `- ` and its key.
fn value_start(chars: &[char]) -> usize {
    let spaces = |at: usize| at + chars[at..].iter().take_while(|c| **c == ' ').count();
    let mut at = spaces(0);
    while chars.get(at) == Some(&'-') && chars.get(at + 1) == Some(&' ') {
        at = spaces(at + 1);
    }
    let key = (at..chars.len()).find(|colon| chars[*colon] == ':' && chars.get(colon + 1).is_none_or(|c| *c == ' '));
    match key {
        Some(colon) if !chars.get(at).is_some_and(|c| "{[\"'".contains(*c)) => spaces(colon + 1),
        Some(_) | None => at,
    }
}

/// What is wrong with the value on a line that is not between brackets.
fn in_a_value(line: &str, number: usize, info: &str) -> Option<Fault> {
    let chars: Vec<char> = line.trim_end().chars().collect();
    let column = value_start(&chars);
    let text: String = chars.get(column..)?.iter().collect();
    let mut start = text.chars();
    let (sign, next) = (start.next()?, start.next());
    let starts = match sign {
        '|' | '>' => !text[1..].trim_start_matches(|c: char| c.is_ascii_digit() || "+-".contains(c)).is_empty(),
        '-' | '?' => next == Some(' '),
        '"' | '\'' => info.contains("quote") || info.contains("trailing"),
        '[' | '{' => matches!(bracketed(&[line], 1, column), Scan::Closed { followed: true }),
        ',' | ']' | '}' => true,
        sign => SIGNS.contains(&sign),
    };
    let why = if starts {
        Why::Sign(sign)
    } else if info.contains("mapping values are not allowed") && text.contains(": ") {
        Why::Colon
    } else {
        return None;
    };
    Some(Fault { line: number, column, text, why })
}

/// What is wrong between the brackets in which the reader stumbled; they may have opened lines before.
fn between_brackets(lines: &[&str], stumbled: usize) -> Option<Fault> {
    let last = stumbled.min(lines.len());
    (last.saturating_sub(LINES_ABOVE)..last).rev().find_map(|at| {
        let chars: Vec<char> = lines[at].chars().collect();
        let column = value_start(&chars);
        chars.get(column).filter(|c| matches!(c, '{' | '['))?;
        match bracketed(lines, at + 1, column) {
            Scan::Fault(fault) => Some(fault),
            Scan::Open | Scan::Closed { .. } => None,
        }
    })
}

/// What reading from a bracket to its end gives.
enum Scan {
    /// A text that needs quotes.
    Fault(Fault),
    /// The bracket's end was not met.
    Open,
    /// All is well up to its end; whether a text follows there.
    Closed { followed: bool },
}

/// Reads from the bracket at a line (from 1) and a column (from 0).
fn bracketed(lines: &[&str], line: usize, column: usize) -> Scan {
    let mut depth = 0_usize;
    let mut in_value = false;
    let mut quote = None;
    for (number, text) in lines.iter().enumerate().skip(line - 1).take(LINES_ABOVE) {
        let chars: Vec<char> = text.trim_end().chars().collect();
        let mut at = if number + 1 == line { column } else { 0 };
        let fault = |start: usize, why: Why| {
            let text: String = chars[start..].iter().take_while(|c| !",}]".contains(**c)).collect();
            Scan::Fault(Fault { line: number + 1, column: start, text: text.trim_end().to_owned(), why })
        };
        while let Some(&c) = chars.get(at) {
            let is_comment = |at: usize| chars[at] == '#' && (at == 0 || chars[at - 1] == ' ');
            match (quote, c) {
                (Some(open), c) => {
                    quote = (open != c).then_some(open);
                    at += 1;
                }
                (None, '"' | '\'') => {
                    quote = Some(c);
                    at += 1;
                }
                (None, '{' | '[') => {
                    depth += 1;
                    in_value = false;
                    at += 1;
                }
                (None, '}' | ']') => {
                    depth -= 1;
                    if depth == 0 {
                        let rest: String = chars[at + 1..].iter().collect();
                        let rest = rest.trim_start();
                        return Scan::Closed { followed: !rest.is_empty() && !rest.starts_with('#') };
                    }
                    at += 1;
                }
                (None, ',' | ':') => {
                    in_value = c == ':';
                    at += 1;
                }
                (None, ' ') => at += 1,
                (None, '#') if is_comment(at) => {
                    let rest: String = std::iter::once(&' ').chain(&chars[at..]).collect();
                    if cut::comment(&rest).is_some() {
                        return fault(at, Why::Cut);
                    }
                    break;
                }
                (None, sign) if SIGNS.contains(&sign) => return fault(at, Why::Sign(sign)),
                (None, _) => {
                    let ends = |end: usize| match chars[end] {
                        ',' | '{' | '}' | '[' | ']' => true,
                        ':' => chars.get(end + 1).is_none_or(|c| " ,{}[]".contains(*c)),
                        _ => is_comment(end),
                    };
                    let end = (at..chars.len()).find(|end| ends(*end)).unwrap_or(chars.len());
                    match chars.get(end) {
                        Some(':') if in_value => return fault(at, Why::Colon),
                        Some('#') if cut::comment(&chars[end - 1..].iter().collect::<String>()).is_some() => {
                            return fault(at, Why::Cut);
                        }
                        Some('#') => break,
                        _ => at = end,
                    }
                }
            }
        }
    }
    Scan::Open
}
