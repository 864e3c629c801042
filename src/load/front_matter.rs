//! The YAML between `---` lines at the start of a page (spec §1): a closed set of keys.

use std::sync::Arc;

use crate::book::{Condition, Lock, is_id, is_parameter_name};
use crate::diagnostic::{Code, Diagnostic, Findings, Place, escaped};
use crate::load::reader::Reader;
use crate::load::values;
use crate::load::yaml::{self, Node};

/// What a page says about itself.
#[derive(Clone, Debug, Default)]
pub struct FrontMatter {
    /// Its name in navigation and `<title>`.
    pub title: Option<(Arc<str>, Place)>,
    /// One sentence about it.
    pub description: Option<(Arc<str>, Place)>,
    /// The output path without `.html`.
    pub path: Option<(Arc<str>, Place)>,
    /// Its place among its siblings, where there is no SUMMARY.md.
    pub weight: Option<i64>,
    /// Whether it is a draft.
    pub draft: bool,
    /// For whom it is.
    pub audience: Vec<Arc<str>>,
    /// The day of its last change of meaning.
    pub updated: Option<Arc<str>>,
    /// Old ids and paths.
    pub aliases: Vec<(Arc<str>, Place)>,
    /// What layers may do to it.
    pub lock: Lock,
    /// Shown only under this condition.
    pub shown: Option<Condition>,
    /// Whether it shows its contents.
    pub toc: Option<bool>,
    /// The fingerprint of the translated source.
    pub accepted: Option<(Arc<str>, Place)>,
}

const KEYS: &[&str] = &[
    "title",
    "description",
    "path",
    "weight",
    "draft",
    "audience",
    "updated",
    "aliases",
    "lock",
    "when",
    "unless",
    "toc",
    "accepted",
];

const BETWEEN_DASHES: &str = "write YAML between two lines of `---`";

/// What an unknown key is: a fault in a handbook, worth a note in a plain folder of Markdown,
/// which may come from another tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnknownKeys {
    /// E205.
    Refused,
    /// One note a key.
    Noted,
}

/// Cuts a page into its front matter and its body. Gives the body and the line on which it starts.
pub fn split<'t>(
    path: &Arc<str>,
    text: &'t str,
    unknown: UnknownKeys,
    findings: &mut Findings,
) -> (FrontMatter, &'t str, u32) {
    let Some(rest) = text.strip_prefix("---") else {
        findings.extend(misplaced(path, text));
        return (FrontMatter::default(), text, 1);
    };
    let first_line_end = rest.find('\n').unwrap_or(rest.len());
    let after_dashes = rest[..first_line_end].trim_end();
    if !after_dashes.is_empty() {
        if after_dashes.bytes().all(|b| b.is_ascii_alphanumeric()) {
            let place = Place::new(path, 1, 4, after_dashes.len() as u32);
            findings
                .report(Code::E205, &place, format!("front matter in `{}` is not read", escaped(after_dashes)))
                .hint(BETWEEN_DASHES);
        }
        return (FrontMatter::default(), text, 1);
    }
    let block = rest.get(first_line_end + 1..).unwrap_or_default();
    if is_rule(block) {
        return (FrontMatter::default(), text, 1);
    }
    let mut offset = 0;
    for (number, line) in block.split_inclusive('\n').enumerate() {
        if line.trim_end() == "---" {
            let body = &block[offset + line.len()..];
            let front = read(path, &block[..offset], unknown, findings);
            return (front, body, number as u32 + 3);
        }
        offset += line.len();
    }
    findings
        .report(Code::E205, &Place::new(path, 1, 1, 3), "the front matter has no end")
        .hint("close it with a line of `---`");
    // Where it was meant to end is a guess; without one the page would seem to lack all its sections.
    let mut offset = 0;
    for (number, line) in block.split_inclusive('\n').enumerate() {
        if line.trim().is_empty() || line.starts_with('#') {
            return (FrontMatter::default(), &block[offset..], number as u32 + 2);
        }
        offset += line.len();
    }
    (FrontMatter::default(), "", 1)
}

/// Whether the `---` before a text is a line across the page: an empty line follows, and no key.
fn is_rule(block: &str) -> bool {
    let first = block.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let is_key = first.split_once(':').is_some_and(|(key, _)| !key.contains([' ', '#']));
    block.lines().next().is_some_and(|line| line.trim().is_empty()) && !is_key && first.trim_end() != "---"
}

/// Front matter that would be published as text: after something else, or of another kind (E205).
fn misplaced(path: &Arc<str>, text: &str) -> Option<Diagnostic> {
    let mut lines = text.lines().enumerate().skip_while(|(_, line)| line.trim().is_empty());
    let (at, first) = lines.next()?;
    let place = Place::new(path, at as u32 + 1, 1, 3);
    let ends = |mark: &str| text.lines().skip(at + 1).take(100).any(|line| line.trim_end() == mark);
    if first.trim_end() == "+++" && ends("+++") {
        return Some(Diagnostic::new(Code::E205, place, "front matter in TOML is not read").with(BETWEEN_DASHES));
    }
    let (_, second) = lines.next()?;
    let is_key = second.trim_start().split_once(':').is_some_and(|(key, _)| KEYS.contains(&key));
    (first.trim() == "---" && is_key && ends("---")).then(|| {
        Diagnostic::new(Code::E205, place, "front matter starts on the first line, in the first column")
            .with("remove what stands before it")
    })
}

fn read(path: &Arc<str>, text: &str, unknown: UnknownKeys, findings: &mut Findings) -> FrontMatter {
    let mut front = FrontMatter::default();
    let is_tabbed = |line: &str| line.trim_start_matches(' ').starts_with('\t') && !line.trim().is_empty();
    if let Some(at) = text.lines().position(is_tabbed) {
        // The reader takes some tabs for spaces, and then for no map.
        let place = Place::new(path, at as u32 + 2, 1, 1);
        findings.report(Code::E205, &place, "a tab where YAML wants spaces").hint("indent with spaces");
        return front;
    }
    let Some(node) = yaml::parse(path, text, 2, yaml::FRONT_MATTER, findings) else { return front };
    let mut reader = Reader::new(yaml::FRONT_MATTER, &[]);
    if let Some(map) = reader.map(&node) {
        for (key, value) in map {
            if !KEYS.contains(&&*key.text) {
                match unknown {
                    UnknownKeys::Refused => reader.unknown_key(key, KEYS.iter().copied()),
                    UnknownKeys::Noted => {
                        let message = format!("`{}` means nothing here and is ignored", escaped(&key.text));
                        reader.findings.report(Code::N201, &key.place, message);
                    }
                }
                continue;
            }
            if value.is_empty() {
                continue;
            }
            entry(&mut front, &key.text, value, &mut reader);
        }
    }
    findings.append(&mut reader.findings);
    front
}

fn entry(front: &mut FrontMatter, key: &str, value: &Node, reader: &mut Reader<'_>) {
    let placed = |reader: &mut Reader<'_>| reader.line(value).map(|text| (text, value.place.clone()));
    match key {
        "title" => front.title = placed(reader),
        "description" => front.description = reader.text(value).map(|text| (folded(&text), value.place.clone())),
        "path" => front.path = placed(reader).filter(|(path, place)| is_output_path(path, place, reader)),
        "weight" => front.weight = reader.integer(value),
        "draft" => front.draft = reader.boolean(value).unwrap_or(false),
        "toc" => front.toc = reader.boolean(value),
        "audience" => {
            front.audience = match &value.value {
                yaml::Yaml::Scalar(_) => reader.line(value).into_iter().collect(),
                _ => reader.lines(value).unwrap_or_default(),
            }
        }
        "updated" => {
            front.updated = reader.text(value).filter(|text| values::date(text, &value.place, reader).is_some())
        }
        "aliases" => {
            let items = match &value.value {
                yaml::Yaml::Scalar(_) => std::slice::from_ref(value),
                yaml::Yaml::List(_) | yaml::Yaml::Map(_) => reader.list(value).unwrap_or_default(),
            };
            for item in items {
                if let Some(alias) = reader.line(item) {
                    front.aliases.push((alias, item.place.clone()));
                }
            }
        }
        "lock" => front.lock = lock(value, reader).unwrap_or_default(),
        "when" | "unless" => {
            if front.shown.is_some() {
                reader
                    .findings
                    .report(Code::E205, &value.place, "`when` and `unless` together")
                    .hint("keep one of the two");
            } else if let Some(text) = reader.line(value) {
                front.shown = condition(&text, key == "unless", &value.place, reader);
            }
        }
        "accepted" => {
            front.accepted = placed(reader).filter(|(text, place)| is_fingerprint(text, place, reader));
        }
        _ => {}
    }
}

/// Whether a text can be a fingerprint; reported where it is none.
pub fn is_fingerprint(text: &str, place: &Place, reader: &mut Reader<'_>) -> bool {
    let valid = text
        .strip_prefix("v1-")
        .is_some_and(|hex| hex.len() == 12 && hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)));
    if !valid {
        let message = format!("`{}` is no fingerprint", escaped(text));
        reader.wrong_value(place, message).hint("`leidraad accept` writes it");
    }
    valid
}

/// `extend` or `locked`.
pub fn lock(node: &Node, reader: &mut Reader<'_>) -> Option<Lock> {
    match &*reader.line(node)? {
        "extend" => Some(Lock::Extend),
        "locked" => Some(Lock::Locked),
        other => {
            let message = format!("`{}` is no lock", escaped(other));
            reader.wrong_value(&node.place, message).hint("write `extend` or `locked`");
            None
        }
    }
}

/// `param` or `param:option`.
pub fn condition(text: &str, negated: bool, place: &Place, reader: &mut Reader<'_>) -> Option<Condition> {
    let (parameter, option) = match text.split_once(':') {
        Some((parameter, option)) => (parameter, Some(option)),
        None => (text, None),
    };
    if !is_parameter_name(parameter) || option.is_some_and(|option| !is_id(option)) {
        let message = format!("`{}` is no condition", escaped(text));
        reader
            .findings
            .report(Code::E205, place, message)
            .hint("write `parameter` or `parameter:option`; `unless` turns it round");
        return None;
    }
    Some(Condition { parameter: parameter.into(), option: option.map(Into::into), negated, place: place.clone() })
}

fn is_output_path(path: &str, place: &Place, reader: &mut Reader<'_>) -> bool {
    let plain = path.split('/').all(|part| !part.trim().is_empty() && part != "." && part != "..")
        && !path.contains(['\\', '?', '#', ':', '*', '"', '<', '>', '|'])
        && path.len() <= 400;
    if !plain {
        let message = format!("`{}` is no output path", escaped(path));
        reader.findings.report(Code::E205, place, message).hint("write it without `.html`: `agreements/supervision`");
    } else if path.ends_with(".html") {
        reader.findings.report(Code::E205, place, "an output path is written without `.html`");
    }
    plain && !path.ends_with(".html")
}

/// A text of one paragraph on one line.
fn folded(text: &str) -> Arc<str> {
    text.split_whitespace().collect::<Vec<_>>().join(" ").into()
}
