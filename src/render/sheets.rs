//! A theme's static files and the project's own style sheets, each under a name with its digest. What a style
//! sheet asks for by a relative `url(…)` is asked for under the name that it has in the output.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use crate::book::{Asset, Body, Config, Digest, DigestWriter, Files, Theme};
use crate::diagnostic::{Code, Findings, Place, escaped};
use crate::memo::Key;
use crate::render::assets;
use crate::render::html::position;

/// Name in templates → published path and bytes. A project's own sheet is called by its path, with a slash before
/// it, so that it never takes the name of a theme's file.
pub type Sheets = BTreeMap<String, (String, Body)>;

/// What the sheets are made of.
pub struct Sources {
    /// The theme.
    pub theme: Arc<Theme>,
    /// book.toml, for its own style sheets.
    pub config: Arc<Config>,
    /// The project's files.
    pub files: Arc<Files>,
}

impl Key for Sources {
    type Value = (Sheets, Findings);

    fn digest(&self) -> Digest {
        let mut digest = DigestWriter::new();
        let statics = self.theme.statics.iter().chain(&self.files.assets);
        for (name, asset) in statics {
            digest.add(&**name);
            digest.add(asset.digest);
        }
        self.config.html.additional_css.iter().for_each(|css| digest.add(&**css));
        digest.finish()
    }

    fn compute(&self) -> (Sheets, Findings) {
        let mut publishing = Publishing { sources: self, sheets: Sheets::new(), findings: Findings::new() };
        let own = self.config.html.additional_css.iter().map(|css| own(css));
        for name in self.theme.statics.keys().map(ToString::to_string).chain(own) {
            publishing.publish(&name, &mut Vec::new());
        }
        (publishing.sheets, publishing.findings)
    }
}

/// What a project's own style sheet is called in templates.
pub fn own(css: &str) -> String {
    format!("/{css}")
}

struct Publishing<'s> {
    sources: &'s Sources,
    sheets: Sheets,
    findings: Findings,
}

impl Publishing<'_> {
    /// Publishes a file, those that it asks for first; gives its published path. `above` are the sheets that
    /// wait for it.
    fn publish(&mut self, name: &str, above: &mut Vec<String>) -> Option<String> {
        if let Some((path, _)) = self.sheets.get(name) {
            return Some(path.clone());
        }
        if above.iter().any(|waiting| waiting == name) {
            return None;
        }
        let asset = match name.strip_prefix('/') {
            Some(path) => self.sources.files.assets.get(path),
            None => self.sources.theme.statics.get(name),
        }?;
        let text =
            asset.bytes.as_deref().filter(|_| name.ends_with(".css")).and_then(|css| std::str::from_utf8(css).ok());
        let (path, body) = match text {
            Some(css) => {
                above.push(name.to_owned());
                let css = self.rewritten(css, (name, asset), above);
                above.pop();
                let digest = Digest::of(css.as_bytes());
                (assets::published(&asset.path, &digest), Body::Bytes(css.into_bytes().into()))
            }
            None => (assets::published_asset(asset), assets::body(asset)),
        };
        self.sheets.insert(name.to_owned(), (path.clone(), body));
        Some(path)
    }

    fn rewritten(&mut self, css: &str, (name, asset): (&str, &Asset), above: &mut Vec<String>) -> String {
        let mut out = String::with_capacity(css.len());
        let mut from = 0;
        for range in addresses(css) {
            let address = &css[range.clone()];
            let end = address.find(['?', '#']).unwrap_or(address.len());
            let (file, suffix) = address.split_at(end);
            match beside(name, file).and_then(|target| self.publish(&target, above)) {
                Some(path) => {
                    out.push_str(&css[from..range.start]);
                    // Both lie in `assets/`.
                    out.push_str(path.rsplit('/').next().unwrap_or(&path));
                    out.push_str(suffix);
                    from = range.end;
                }
                None => {
                    let (line, column) = position(css, range.start);
                    let place = Place::new(&asset.path, line, column, address.chars().count() as u32);
                    self.findings
                        .report(Code::E203, &place, format!("there is no file `{}`", escaped(file)))
                        .hint("a theme's files lie in its static/, those of your own sheet among the pages");
                }
            }
        }
        out.push_str(&css[from..]);
        out
    }
}

/// A relative address seen from the folder of a sheet, as a name; nothing where it leads out.
fn beside(name: &str, address: &str) -> Option<String> {
    let mut parts: Vec<&str> = name.trim_start_matches('/').split('/').collect();
    parts.pop();
    for part in address.split('/') {
        match part {
            "." | "" => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(format!("{}{}", if name.starts_with('/') { "/" } else { "" }, parts.join("/")))
}

/// Where the relative addresses of a style sheet stand: in `url(…)`, and after `@import`.
fn addresses(css: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(rest) = css.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with("/*") {
            at += rest.find("*/").map_or(rest.len(), |end| end + 2);
        } else if has_word(rest, "url(") {
            let (value, end) = value(css, at + 4, ')');
            at = end;
            found.push(value);
        } else if has_word(rest, "@import") {
            at += 7;
            let start = css.len() - css[at..].trim_start().len();
            // `@import url(…)` is found as what it holds.
            if css[start..].starts_with(['"', '\'']) {
                let (value, end) = value(css, start, ';');
                at = end;
                found.push(value);
            }
        } else if rest.starts_with(['"', '\'']) {
            let quote = &rest[..1];
            at += 1 + rest[1..].find(quote).map_or(rest.len() - 1, |end| end + 1);
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    found.retain(|range| is_relative(&css[range.clone()]));
    found
}

fn has_word(rest: &str, word: &str) -> bool {
    rest.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
}

/// A quoted value, or a bare one up to `end`, and where what follows it begins.
fn value(css: &str, from: usize, end: char) -> (Range<usize>, usize) {
    let start = css.len() - css[from..].trim_start().len();
    match css[start..].chars().next() {
        Some(quote @ ('"' | '\'')) => {
            let end = css[start + 1..].find(quote).map_or(css.len(), |length| start + 1 + length);
            (start + 1..end, (end + 1).min(css.len()))
        }
        _ => {
            let end = css[start..].find(end).map_or(css.len(), |length| start + length);
            (start..start + css[start..end].trim_end().len(), end)
        }
    }
}

/// Whether an address is that of a file beside the sheet: no other host, no data, no fragment, no escape.
fn is_relative(address: &str) -> bool {
    let has_scheme = address.split(['/', '?', '#']).next().is_some_and(|first| first.contains(':'));
    !address.is_empty() && !has_scheme && !address.starts_with(['/', '#', '?']) && !address.contains('\\')
}
