//! TOML → values: the small steps of reading book.toml, each with its finding.

use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::diagnostic::{Code, Diagnostic, Findings, Place, did_you_mean, escaped};
use crate::load::text;

/// A value and where it stands.
pub type Value<'t> = Spanned<DeValue<'t>>;

/// Reads values out of a table and reports what does not fit; it never stops at the first fault.
pub struct Toml<'a> {
    path: &'a Arc<str>,
    text: &'a str,
    /// The findings so far.
    pub findings: Findings,
}

impl<'a> Toml<'a> {
    /// A reader for one file, and the tables in it; none where it cannot be read, which is reported.
    pub fn open(path: &'a Arc<str>, text: &'a str) -> (Toml<'a>, DeTable<'a>) {
        let mut reader = Toml { path, text, findings: Findings::new() };
        let table = match DeTable::parse(text) {
            Ok(table) => table.into_inner(),
            Err(error) => {
                let reason = error.message().lines().next().unwrap_or_default();
                let message = format!("this TOML cannot be read: {}", escaped(reason));
                let finding = reader.report(error.span().unwrap_or(0..0), message);
                if error.message().contains("invalid float") || error.message().contains("invalid boolean") {
                    finding.hint("put quotes around a text");
                }
                DeTable::new()
            }
        };
        (reader, table)
    }

    /// A text, where there is one.
    pub fn string(&mut self, table: Option<&DeTable<'_>>, key: &str) -> Option<Arc<str>> {
        table.and_then(|table| table.get(key)).and_then(|value| self.text_of(value))
    }

    /// A list of texts; none where there is none.
    pub fn strings(&mut self, table: Option<&DeTable<'_>>, key: &str) -> Vec<Arc<str>> {
        table.and_then(|table| table.get(key)).map(|value| self.array(value, Self::text_of)).unwrap_or_default()
    }

    /// `key = true`, or `key = { enable = true }` as mdBook writes it; true when absent.
    pub fn switch(&mut self, table: Option<&DeTable<'_>>, key: &str) -> bool {
        let Some(value) = table.and_then(|table| table.get(key)) else { return true };
        match value.get_ref() {
            DeValue::Boolean(on) => *on,
            DeValue::Table(options) => {
                for (option, _) in options {
                    if option.get_ref() != "enable" {
                        self.ignored(option.span(), &format!("{key}.{}", option.get_ref()));
                    }
                }
                match options.get("enable").map(|value| (value.get_ref(), value.span())) {
                    Some((DeValue::Boolean(on), _)) => *on,
                    Some((_, span)) => {
                        self.report(span, "true or false is expected here");
                        true
                    }
                    None => true,
                }
            }
            _ => {
                self.report(value.span(), "true or false is expected here");
                true
            }
        }
    }

    /// The text that a value is.
    pub fn text_of(&mut self, value: &Value<'_>) -> Option<Arc<str>> {
        match value.get_ref() {
            DeValue::String(text) => {
                let place = self.place(value.span());
                Some(text::purged(text, &place, &mut self.findings).into())
            }
            other => {
                let message = format!("a text is expected here, and this is {}", other.type_str());
                self.report(value.span(), message).hint("put quotes around it");
                None
            }
        }
    }

    /// A path relative to the project, without `./` and without a slash at its end.
    pub fn path_of(&mut self, value: &Value<'_>) -> Option<Arc<str>> {
        let text = self.text_of(value)?;
        let parts: Vec<&str> = text.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
        Some(if text.starts_with('/') { format!("/{}", parts.join("/")) } else { parts.join("/") }.into())
    }

    /// A file of the project.
    pub fn file_of(&mut self, value: &Value<'_>) -> Option<Arc<str>> {
        let path = self.path_of(value)?;
        if path.starts_with('/') || path.split('/').any(|part| part == "..") {
            let place = self.place(value.span());
            self.findings
                .report(Code::E118, &place, format!("`{}` leads out of the project", escaped(&path)))
                .hint("put the file below the folder of book.toml");
            return None;
        }
        Some(path)
    }

    /// What `read` gives of each value of a list.
    pub fn array<'v, 't, T>(
        &mut self,
        value: &'v Value<'t>,
        mut read: impl FnMut(&mut Self, &'v Value<'t>) -> Option<T>,
    ) -> Vec<T> {
        match value.get_ref() {
            DeValue::Array(items) => items.iter().filter_map(|item| read(self, item)).collect(),
            _ => {
                self.report(value.span(), "a list is expected here");
                Vec::new()
            }
        }
    }

    /// The table that a value is.
    pub fn table<'v, 't>(&mut self, value: &'v Value<'t>) -> Option<&'v DeTable<'t>> {
        match value.get_ref() {
            DeValue::Table(table) => Some(table),
            _ => {
                self.report(value.span(), "a table is expected here");
                None
            }
        }
    }

    /// Reports every key that is neither known nor another tool's.
    pub fn closed(&mut self, table: Option<&DeTable<'_>>, known: &[&str], ignored: &[&str]) {
        for (key, _) in table.into_iter().flatten() {
            let name = &**key.get_ref();
            if ignored.contains(&name) {
                self.ignored(key.span(), name);
            } else if !known.contains(&name) {
                let hint = did_you_mean(name, known.iter().copied());
                self.unknown(key.span(), name, hint);
            }
        }
    }

    /// Reports a key that means nothing.
    pub fn unknown(&mut self, span: std::ops::Range<usize>, name: &str, hint: Option<String>) {
        self.report(span, format!("unknown key `{}`", escaped(name))).maybe_hint(hint);
    }

    /// Notes a key of another tool.
    pub fn ignored(&mut self, span: std::ops::Range<usize>, name: &str) {
        let place = self.place(span);
        self.findings.report(Code::N201, &place, format!("`{}` means nothing here and is ignored", escaped(name)));
    }

    /// Reports a fault (E208).
    pub fn report(&mut self, span: std::ops::Range<usize>, message: impl Into<String>) -> &mut Diagnostic {
        let place = self.place(span);
        self.findings.report(Code::E208, &place, message)
    }

    /// Where a value or key stands.
    pub fn place(&self, span: std::ops::Range<usize>) -> Place {
        let (line, column) = text::position(self.text, span.start);
        let length = self.text.get(span).map_or(1, |text| text.lines().next().unwrap_or_default().chars().count());
        Place::new(self.path, line, column, u32::try_from(length).unwrap_or(1))
    }
}

/// A table in a table; one that is no table was reported already.
pub fn section<'v, 't>(table: &'v DeTable<'t>, key: &str) -> Option<&'v DeTable<'t>> {
    match table.get(key)?.get_ref() {
        DeValue::Table(table) => Some(table),
        _ => None,
    }
}
