//! Lines of YAML that cannot stand where they stand: below a quote or a bracket that nothing closes, or in a column
//! where their map has no key.
//!
//! Takes what was read up to where the reader stumbled, which may be many lines below the fault. What cannot be told
//! for certain is left to `stumble`.

use crate::diagnostic::escaped;
use crate::load::cut;
use crate::load::stumble::Stumble;

/// A key of a map, and the column in which it starts, from 0.
struct Key {
    name: String,
    column: usize,
}

/// A quote or bracket that is open.
struct Open {
    sign: char,
    line: usize,
    column: usize,
}

/// The first line up to `stumbled` (from 1) that cannot stand there.
pub fn misplaced(lines: &[&str], stumbled: usize) -> Option<Stumble> {
    // The last key of each map that the line is in, outermost first.
    let mut keys: Vec<Key> = Vec::new();
    // Whether a map may follow that is indented further.
    let mut may_deepen = true;
    // The column against which a text below `|` is indented, and that in which it starts.
    let mut block: Option<(usize, Option<usize>)> = None;
    let mut open: Vec<Open> = Vec::new();
    let mut holder = 0;
    for (number, text) in (1..).zip(lines) {
        if number > stumbled && open.is_empty() {
            return None;
        }
        let chars: Vec<char> = text.trim_end().chars().collect();
        let indent = chars.iter().take_while(|c| **c == ' ').count();
        let Some(first) = chars.get(indent) else { continue };
        if !open.is_empty() {
            if indent <= holder && !matches!(first, ']' | '}') {
                return unclosed(&open, lines);
            }
            scan(&chars, indent, number, &mut open);
            continue;
        }
        if let Some((outer, inner)) = &mut block
            && indent > *outer
            && indent >= *inner.get_or_insert(indent)
        {
            continue;
        }
        block = None;
        if *first == '#' {
            continue;
        }
        let row = Row::of(&chars, indent);
        if let Some(name) = row.key {
            let mut inner = None;
            while keys.last().is_some_and(|key| key.column > row.start) {
                inner = keys.pop();
            }
            match keys.last() {
                Some(key) if key.column == row.start => {
                    keys.pop();
                }
                Some(_) if !may_deepen && row.start == indent => {
                    let other = inner.or_else(|| keys.pop())?;
                    return Some(misfit(number, row.start, &name, &other));
                }
                Some(_) | None => {}
            }
            keys.push(Key { name, column: row.start });
        } else if row.start == indent {
            match keys.last() {
                Some(key) if indent <= key.column && !text.starts_with("---") && !text.starts_with("...") => {
                    return Some(outdented(number, indent, key));
                }
                // A text goes on here.
                Some(_) | None => continue,
            }
        }
        let value: String = chars[row.value..].iter().collect();
        may_deepen = value.is_empty() || value.starts_with('#');
        let head = value.split(" #").next().unwrap_or_default().trim_end();
        let is_block =
            head.starts_with(['|', '>']) && head[1..].chars().all(|c| c.is_ascii_digit() || "+-".contains(c));
        holder = if row.start == indent { row.start } else { indent };
        block = is_block.then_some((holder, None));
        if value.starts_with(['"', '\'', '[', '{']) {
            scan(&chars, row.value, number, &mut open);
        }
    }
    unclosed(&open, lines)
}

/// What a line consists of.
struct Row {
    /// The column behind its indentation and its `- `.
    start: usize,
    /// The key that starts there.
    key: Option<String>,
    /// The column of its value.
    value: usize,
}

impl Row {
    fn of(chars: &[char], indent: usize) -> Row {
        let spaces = |at: usize| at + chars[at..].iter().take_while(|c| **c == ' ').count();
        let mut start = indent;
        while chars.get(start) == Some(&'-') && chars.get(start + 1).is_none_or(|c| *c == ' ') {
            start = spaces(start + 1);
        }
        let from = match chars.get(start) {
            Some(quote @ ('"' | '\'')) => {
                chars[start + 1..].iter().position(|c| c == quote).map_or(chars.len(), |length| start + length + 2)
            }
            Some('{' | '[') => chars.len(),
            Some(_) | None => start,
        };
        let ends = |at: &usize| chars[*at] == ':' && chars.get(at + 1).is_none_or(|c| *c == ' ');
        // Behind a quoted key nothing but its colon follows.
        let colon = (from..chars.len()).find(ends).filter(|colon| from == start || *colon == from);
        match colon {
            Some(colon) => Row { start, key: Some(chars[start..colon].iter().collect()), value: spaces(colon + 1) },
            None => Row { start, key: None, value: start },
        }
    }
}

/// Reads on from a column, within what is open or at the sign that opens it, up to its end or that of the line.
fn scan(chars: &[char], from: usize, line: usize, open: &mut Vec<Open>) {
    let mut at = from;
    // Whether a quote or bracket would open something here, and is no part of a text.
    let mut fresh = true;
    while let Some(&sign) = chars.get(at) {
        let inside = open.last().map(|open| open.sign);
        match (inside, sign) {
            (Some('"'), '\\') => at += 1,
            (Some('\''), '\'') if chars.get(at + 1) == Some(&'\'') => at += 1,
            (Some(quote @ ('"' | '\'')), sign) => {
                if sign == quote {
                    open.pop();
                    fresh = false;
                }
            }
            (_, '#') if at > 0 && chars[at - 1] == ' ' => return,
            (_, '"' | '\'' | '[' | '{') if fresh => open.push(Open { sign, line, column: at }),
            (_, ']' | '}') => {
                open.pop();
                fresh = false;
            }
            (_, ' ') => {}
            (_, sign) => fresh = matches!(sign, ',' | ':'),
        }
        at += 1;
        if open.is_empty() {
            return;
        }
    }
}

/// What is said of the innermost of what is open; nothing if nothing is.
fn unclosed(open: &[Open], lines: &[&str]) -> Option<Stumble> {
    let Open { sign, line, column } = open.last()?;
    let text: String = lines.get(line - 1)?.trim_end().chars().skip(*column).collect();
    let hint = match sign {
        '[' => "close it with `]`".to_owned(),
        '{' => "close it with `}`".to_owned(),
        // An apostrophe at the start of a word: `'s Avonds`.
        '\'' => format!("put quotes around it: {}", escaped(&cut::quoted(&text))),
        _ => format!("close it where its text ends: {}\"", escaped(&text)),
    };
    let message = format!("nothing closes this `{sign}`");
    Some(Stumble { line: *line, column: *column, length: 1, message, hint: Some(hint) })
}

fn misfit(line: usize, column: usize, name: &str, other: &Key) -> Stumble {
    Stumble {
        line,
        column,
        length: name.chars().count(),
        message: format!("`{}` starts in a column where its map has no key", escaped(name)),
        hint: Some(format!(
            "`{}` above it starts in column {}; the keys of one map start in one column",
            escaped(&other.name),
            other.column + 1
        )),
    }
}

fn outdented(line: usize, column: usize, key: &Key) -> Stumble {
    let name = escaped(&key.name);
    Stumble {
        line,
        column,
        length: 1,
        message: "a text that is not indented further than its key".to_owned(),
        hint: Some(format!("indent it further than `{name}`, or write it as `key: value`")),
    }
}
