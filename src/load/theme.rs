//! A theme's files: the embedded one, what the project overrides of it, and what it extends.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::book::{Asset, Config, Content, Digest, DigestWriter, Sources, Strings, Theme, ThemeFile};
use crate::diagnostic::{Checked, Code, Diagnostic, Findings, Place, did_you_mean, escaped};
use crate::load::embedded::EMBEDDED;
use crate::load::reader::Reader;
use crate::load::toml_reader::Toml;
use crate::load::{files, text, yaml};
use crate::memo::{Key, Memo};

/// The theme that is always there.
pub const DEFAULT: &str = "leidraad";

/// Collects the theme that book.toml names.
pub fn decode(sources: &Sources, config: &Config, memo: &Memo, findings: &mut Findings) -> Theme {
    let name = &config.html.theme;
    let mut theme = Theme { name: Arc::clone(name), ..Theme::default() };
    let mut strings: BTreeMap<Arc<str>, Vec<ThemeFile>> = BTreeMap::new();
    for layer in chain(sources, name, findings).into_iter().rev() {
        for (path, file) in files(sources, &layer, memo, findings) {
            let is_shipped = |bytes: &[u8]| EMBEDDED.contains(&(path.as_str(), bytes));
            if let Some(path) = path.strip_prefix("static/") {
                theme.statics.insert(path.into(), Arc::new(file));
                continue;
            }
            let template = path.strip_prefix("templates/").and_then(|path| path.strip_suffix(".hbs"));
            let language = path.strip_prefix("strings/").and_then(|path| path.strip_suffix(".yaml"));
            let text = file.bytes.map(|bytes| ThemeFile {
                path: Arc::clone(&file.path),
                shipped: is_shipped(&bytes),
                bytes,
                digest: file.digest,
            });
            match (template, language, text) {
                (Some(template), _, Some(text)) => {
                    theme.templates.insert(template.into(), text);
                }
                (_, Some(language), Some(text)) => strings.entry(language.into()).or_default().push(text),
                _ if path == "theme.toml" => {}
                _ => findings.push(no_part(&file.path, &path)),
            }
        }
    }
    let read = |language: &str, findings: &mut Findings| {
        let words = memo.get(&Words(strings.get(language).cloned().unwrap_or_default()));
        findings.extend(words.findings.iter().cloned());
        words.value.clone()
    };
    let english = read("en", findings);
    strings.values().for_each(|files| findings.extend(misspelt(files)));
    for language in &config.languages {
        let mut words = english.clone();
        match strings.contains_key(&**language) {
            true => words.words.extend(read(language, findings).words),
            false => findings.push(Diagnostic::global(
                Code::N203,
                format!("the theme has no words in `{language}`: English ones are used"),
            )),
        }
        theme.strings.insert(language.clone(), Arc::new(words));
    }
    theme.digest = digest(&theme, &strings);
    theme
}

/// A file that means nothing in a theme.
fn no_part(file: &Arc<str>, path: &str) -> Diagnostic {
    let parts = ["templates/", "static/", "strings/"];
    let first = path.split_inclusive('/').next().unwrap_or(path);
    let hint = match parts.iter().find(|part| **part == first) {
        Some(&"templates/") => Some("a template ends in `.hbs`".to_owned()),
        Some(_) => Some("words stand in strings/<lang>.yaml".to_owned()),
        None => did_you_mean(first, parts.into_iter().chain(["theme.toml"])),
    };
    Diagnostic::new(Code::N203, Place::file(file), "this file means nothing in a theme").maybe_with(hint)
}

fn digest(theme: &Theme, strings: &BTreeMap<Arc<str>, Vec<ThemeFile>>) -> Digest {
    let mut digest = DigestWriter::new().with(&*theme.name);
    let templates = theme.templates.iter().map(|(name, file)| (name, file.digest));
    for (name, file) in templates.chain(theme.statics.iter().map(|(name, file)| (name, file.digest))) {
        digest.add(&**name);
        digest.add(file);
    }
    for (language, files) in strings {
        digest.add(&**language);
        files.iter().for_each(|file| digest.add(file.digest));
    }
    digest.finish()
}

/// The themes to look through, nearest first; the embedded one is always the last.
fn chain(sources: &Sources, name: &str, findings: &mut Findings) -> Vec<String> {
    let mut chain: Vec<String> = Vec::new();
    let mut next = Some((name.to_owned(), None::<Place>));
    while let Some((name, asked)) = next.take() {
        if chain.contains(&name) {
            let place = asked.unwrap_or_else(|| Place::file(&"book.toml".into()));
            findings.report(Code::E208, &place, format!("the theme `{name}` extends itself"));
            break;
        }
        let manifest: Arc<str> = format!("themes/{name}/theme.toml").into();
        let Some(source) = sources.files.get(&manifest) else {
            if name != DEFAULT {
                missing(sources, &name, asked, findings);
            }
            break;
        };
        let content = text::decode(&manifest, source, findings).unwrap_or_default();
        let extends = extends(&manifest, &content, findings);
        let is_default = name == DEFAULT;
        chain.push(name);
        if !is_default {
            next = extends.map(|(name, place)| (name.to_string(), Some(place)));
        }
    }
    if !chain.iter().any(|name| name == DEFAULT) {
        chain.push(DEFAULT.to_owned());
    }
    chain
}

fn missing(sources: &Sources, name: &str, asked: Option<Place>, findings: &mut Findings) {
    let named = files::named(sources, "theme", name);
    let is_folder = sources
        .files
        .keys()
        .any(|path| path.starts_with(&format!("{name}/")) || path.starts_with(&format!("themes/{name}/")));
    let own = name.strip_prefix("themes/").filter(|_| sources.files.contains_key(&*format!("{name}/theme.toml")));
    if asked.is_none() && is_folder && own.is_none() {
        let message = format!("`{}` has no theme.toml: the default theme is used", escaped(name));
        findings.report(Code::N203, &named, message);
        return;
    }
    let known = sources
        .files
        .keys()
        .filter_map(|path| path.strip_prefix("themes/")?.strip_suffix("/theme.toml"))
        .chain([DEFAULT]);
    let place = asked.unwrap_or(named);
    let hint = match own {
        Some(own) => format!("write theme = \"{own}\""),
        None => {
            did_you_mean(name, known).unwrap_or_else(|| format!("a theme is a folder themes/{name}/ with a theme.toml"))
        }
    };
    findings.report(Code::E208, &place, format!("there is no theme `{}`", escaped(name))).hint(hint);
}

/// Reads theme.toml: `name`, and `extends` where it builds on another theme.
fn extends(path: &Arc<str>, text: &str, findings: &mut Findings) -> Option<(Arc<str>, Place)> {
    let (mut reader, table) = Toml::open(path, text);
    reader.closed(Some(&table), &["name", "extends"], &[]);
    reader.string(Some(&table), "name");
    let value = table.get("extends");
    let extends = value.and_then(|value| Some((reader.text_of(value)?, reader.place(value.span()))));
    findings.extend(reader.findings);
    extends
}

/// The embedded theme's files, by path in it.
struct Embedded;

impl Key for Embedded {
    type Value = BTreeMap<String, Asset>;

    fn digest(&self) -> Digest {
        Digest::of(DEFAULT.as_bytes())
    }

    fn compute(&self) -> BTreeMap<String, Asset> {
        let file = |(path, bytes): &(&str, &[u8])| {
            let name = format!("themes/{DEFAULT}/{path}").into();
            let file =
                Asset { path: name, digest: Digest::of(bytes), size: None, bytes: Some(Arc::new(bytes.to_vec())) };
            ((*path).to_owned(), file)
        };
        EMBEDDED.iter().map(file).collect()
    }
}

/// The files of one theme by their path in it: the project's over the embedded ones.
fn files(sources: &Sources, name: &str, memo: &Memo, findings: &mut Findings) -> BTreeMap<String, Asset> {
    let mut files = if name == DEFAULT { BTreeMap::clone(&memo.get(&Embedded)) } else { BTreeMap::new() };
    let folder = format!("themes/{name}");
    for (path, source) in files::below(sources, &folder) {
        let bytes = match &source.content {
            Content::Bytes(bytes) => Some(Arc::clone(bytes)),
            Content::OnDisk(_) => None,
            Content::Refused(refusal) => {
                findings.push(text::refused(path, *refusal));
                continue;
            }
        };
        let file = Asset { path: Arc::clone(path), digest: source.digest, size: source.size, bytes };
        files.insert(files::relative(path, &folder).to_owned(), file);
    }
    files
}

/// The files that hold a language's words, those of nearer themes later.
struct Words(Vec<ThemeFile>);

impl Key for Words {
    type Value = Checked<Strings>;

    fn digest(&self) -> Digest {
        self.0.iter().fold(DigestWriter::new(), |digest, file| digest.with(&*file.path).with(file.digest)).finish()
    }

    fn compute(&self) -> Checked<Strings> {
        let mut findings = Findings::new();
        Checked { value: read_strings(&self.0, &mut findings), findings }
    }
}

/// Keys that no embedded template asks for and that look like one that they do; others may be a theme's own.
fn misspelt(files: &[ThemeFile]) -> Findings {
    let mut findings = Findings::new();
    let own = files.iter().filter(|file| !file.shipped);
    let english = EMBEDDED.iter().find(|(path, _)| *path == "strings/en.yaml").map_or(&b""[..], |(_, bytes)| bytes);
    let key = |line: &'static str| line.split_once(':').map(|(key, _)| key);
    let known: BTreeSet<&str> = std::str::from_utf8(english).unwrap_or_default().lines().filter_map(key).collect();
    for file in own {
        let text = String::from_utf8_lossy(&file.bytes);
        for (at, line) in text.lines().enumerate() {
            let Some((key, _)) = line.split_once(':') else { continue };
            if key.is_empty() || known.contains(key) || key.contains(|c: char| !c.is_ascii_alphanumeric() && c != '_') {
                continue;
            }
            if let Some(near) = did_you_mean(key, known.iter().copied()) {
                let place = Place::new(&file.path, at as u32 + 1, 1, key.len() as u32);
                findings.report(Code::N203, &place, format!("no template asks for `{key}`")).hint(near);
            }
        }
    }
    findings
}

fn read_strings(files: &[ThemeFile], findings: &mut Findings) -> Strings {
    let mut strings = Strings::default();
    for file in files {
        let source = crate::book::Source {
            content: crate::book::Content::Bytes(Arc::clone(&file.bytes)),
            digest: file.digest,
            size: None,
        };
        let Some(text) = text::decode(&file.path, &source, findings) else { continue };
        let Some(node) = yaml::parse(&file.path, &text, 1, yaml::FILE, findings) else { continue };
        let mut reader = Reader::new(yaml::FILE, &[]);
        for (key, value) in reader.map(&node).unwrap_or_default() {
            if let Some(text) = reader.text(value) {
                strings.words.insert(Arc::clone(&key.text), text);
            }
        }
        findings.append(&mut reader.findings);
    }
    strings
}
