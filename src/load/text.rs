//! Bytes → text: UTF-8, without a byte-order mark, with `\n` at line ends, and free of characters
//! that steer terminals, turn reading direction or pass for leidraad's own marks (E206).

use std::borrow::Cow;
use std::sync::Arc;

use memchr::memchr;

use crate::book::{Content, Refusal, Source};
use crate::diagnostic::{Code, Diagnostic, Findings, Place, is_noncharacter};

/// Reads a source as text. Gives nothing when the file as a whole is unusable; the findings say why.
pub fn decode(path: &Arc<str>, source: &Source, findings: &mut Findings) -> Option<Arc<str>> {
    let bytes = match &source.content {
        Content::Bytes(bytes) => bytes,
        Content::OnDisk(_) => return None,
        Content::Refused(refusal) => {
            findings.push(refused(path, *refusal));
            return None;
        }
    };
    if bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") {
        findings
            .report(Code::E206, &Place::new(path, 1, 1, 1), "this file is UTF-16, not UTF-8")
            .hint("save it as UTF-8");
        return None;
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let valid = String::from_utf8_lossy(&bytes[..error.valid_up_to()]).into_owned();
            let (line, column) = position(&valid, valid.len());
            let found: Vec<String> = bytes[error.valid_up_to()..]
                .iter()
                .take(error.error_len().unwrap_or(1))
                .map(|b| format!("0x{b:02x}"))
                .collect();
            let message = format!("this is not UTF-8 (the bytes {})", found.join(" "));
            findings
                .report(Code::E206, &Place::new(path, line, column, 1), message)
                .hint("save the file as UTF-8; it may be Windows-1252 now");
            return None;
        }
    };
    let text: Arc<str> = match memchr(b'\r', text.as_bytes()) {
        Some(_) => text.replace("\r\n", "\n").replace('\r', "\n").into(),
        None => text.into(),
    };
    if may_hold_refused(text.as_bytes()) && !check_characters(path, &text, findings) {
        return None;
    }
    Some(text)
}

/// Reads a source as text, whatever it holds: what is refused in it is reported, and stands as U+FFFD in the
/// text. So that one bad byte does not seem to take a page and all its sections away.
pub fn salvage(path: &Arc<str>, source: &Source, findings: &mut Findings) -> Option<Arc<str>> {
    if let Some(text) = decode(path, source, findings) {
        return Some(text);
    }
    let bytes = match &source.content {
        Content::Bytes(bytes) => bytes,
        Content::OnDisk(_) => {
            findings.push(refused(path, Refusal::TooLarge));
            return None;
        }
        Content::Refused(_) => return None,
    };
    let text = match bytes.get(..2) {
        Some(b"\xFF\xFE") => utf16(bytes, u16::from_le_bytes),
        Some(b"\xFE\xFF") => utf16(bytes, u16::from_be_bytes),
        _ => String::from_utf8_lossy(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes)).into_owned(),
    };
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    Some(replaced(&text).into())
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units = bytes[2..].chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// The finding for a file that was not read.
pub fn refused(path: &Arc<str>, refusal: Refusal) -> Diagnostic {
    let place = Place::file(path);
    match refusal {
        Refusal::Symlink => Diagnostic::new(Code::E118, place, "this is a symbolic link, which is never followed")
            .with("put the file itself here"),
        Refusal::Special => Diagnostic::new(Code::E118, place, "this is not an ordinary file"),
        Refusal::TooLarge => Diagnostic::new(Code::E206, place, "this file is larger than 8 MiB"),
        Refusal::Name => {
            let message = "this name is no plain text: it is not UTF-8, or has a character that steers what shows it";
            Diagnostic::new(Code::E206, place, message).with("rename it")
        }
    }
}

/// Line and column, from 1, of a byte offset; columns count characters.
pub fn position(text: &str, offset: usize) -> (u32, u32) {
    let before = text.get(..offset.min(text.len())).unwrap_or(text);
    let line = before.bytes().filter(|b| *b == b'\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let column = before[start..].chars().count() + 1;
    (u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(column).unwrap_or(u32::MAX))
}

/// Whether any byte can belong to a refused character: almost no text has one. Every byte of a project passes here,
/// so whole stretches are looked at without a branch in between.
fn may_hold_refused(bytes: &[u8]) -> bool {
    let may = |byte: u8| {
        (byte < 0x20) & (byte != b'\n') & (byte != b'\t')
            | (byte == 0x7F)
            | (byte == 0xC2)
            | (byte == 0xE2)
            | (byte == 0xEF)
            | (byte >= 0xF0)
    };
    bytes.chunks(256).any(|stretch| stretch.iter().fold(false, |found, byte| found | may(*byte)))
}

/// Reports every refused character; at most twenty, since one such file can be nothing else.
fn check_characters(path: &Arc<str>, text: &str, findings: &mut Findings) -> bool {
    let mut clean = true;
    let mut found = 0;
    for (number, line) in text.split('\n').enumerate() {
        for (column, c) in line.chars().enumerate() {
            if !is_refused(c) {
                continue;
            }
            clean = false;
            found += 1;
            if found > 20 {
                return false;
            }
            findings.push(not_allowed(c, Place::new(path, number as u32 + 1, column as u32 + 1, 1)));
        }
    }
    clean
}

/// The finding for a character that no text may hold.
pub fn not_allowed(c: char, place: Place) -> Diagnostic {
    let kind = if is_noncharacter(c) {
        "a noncharacter"
    } else if c.is_control() {
        "a control character"
    } else {
        "a character that turns the reading direction"
    };
    let message = format!("{kind} (U+{:04X}) is not allowed in a text", c as u32);
    Diagnostic::new(Code::E206, place, message).with("remove it")
}

/// A decoded value with U+FFFD for what an escape (`"\x1b"`) brought into it and no text may hold (E206).
pub fn purged<'t>(text: &'t str, place: &Place, findings: &mut Findings) -> Cow<'t, str> {
    let Some(first) = text.chars().find(|c| *c != '\n' && is_refused(*c)) else { return Cow::Borrowed(text) };
    findings.push(not_allowed(first, place.clone()));
    Cow::Owned(replaced(text))
}

fn replaced(text: &str) -> String {
    let is_bad = |c: char| c != '\n' && is_refused(c);
    text.chars().map(|c| if is_bad(c) { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// Whether no line of a text may hold the character.
pub fn is_refused(c: char) -> bool {
    (c.is_control() && c != '\t')
        || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
        || is_noncharacter(c)
}
