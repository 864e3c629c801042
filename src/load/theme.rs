//! A theme's files: the embedded one, what the project overrides of it, and what it extends.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::book::{Config, Digest, DigestWriter, Sources, Strings, Theme, ThemeFile};
use crate::diagnostic::{Checked, Code, Diagnostic, Findings, Place, did_you_mean, escaped};
use crate::load::embedded::EMBEDDED;
use crate::load::reader::Reader;
use crate::load::{text, yaml};
use crate::memo::{Key, Memo};

/// The theme that is always there.
pub const DEFAULT: &str = "leidraad";

/// Collects the theme that book.toml names.
pub fn decode(sources: &Sources, config: &Config, memo: &Memo, findings: &mut Findings) -> Theme {
    let name = &config.html.theme;
    let mut theme = Theme { name: Arc::clone(name), ..Theme::default() };
    let mut strings: BTreeMap<Arc<str>, Vec<ThemeFile>> = BTreeMap::new();
    for layer in chain(sources, name, findings).into_iter().rev() {
        for (path, file) in files(sources, &layer, memo) {
            let mut parts = path.splitn(2, '/');
            match (parts.next(), parts.next()) {
                (Some("templates"), Some(template)) => {
                    if let Some(template) = template.strip_suffix(".hbs") {
                        theme.templates.insert(template.into(), file);
                    }
                }
                (Some("static"), Some(path)) => {
                    theme.statics.insert(path.into(), file);
                }
                (Some("strings"), Some(language)) => {
                    if let Some(language) = language.strip_suffix(".yaml") {
                        strings.entry(language.into()).or_default().push(file);
                    }
                }
                _ => {}
            }
        }
    }
    let read = |language: &str, findings: &mut Findings| {
        let words = memo.get(&Words(strings.get(language).cloned().unwrap_or_default()));
        findings.extend(words.findings.iter().cloned());
        words.value.clone()
    };
    let english = read("en", findings);
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

fn digest(theme: &Theme, strings: &BTreeMap<Arc<str>, Vec<ThemeFile>>) -> Digest {
    let mut digest = DigestWriter::new().with(&*theme.name);
    for (name, file) in theme.templates.iter().chain(&theme.statics) {
        digest.add(&**name);
        digest.add(file.digest);
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
            findings.push(Diagnostic::new(Code::E208, place, format!("the theme `{name}` extends itself")));
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
            next = extends.map(|(name, place)| (name, Some(place)));
        }
    }
    if !chain.iter().any(|name| name == DEFAULT) {
        chain.push(DEFAULT.to_owned());
    }
    chain
}

fn missing(sources: &Sources, name: &str, asked: Option<Place>, findings: &mut Findings) {
    let book: Arc<str> = "book.toml".into();
    let is_folder = sources
        .files
        .keys()
        .any(|path| path.starts_with(&format!("{name}/")) || path.starts_with(&format!("themes/{name}/")));
    if asked.is_none() && is_folder {
        let message = format!("`{}` has no theme.toml: the default theme is used", escaped(name));
        findings.push(Diagnostic::new(Code::N203, Place::file(&book), message));
        return;
    }
    let known = sources
        .files
        .keys()
        .filter_map(|path| path.strip_prefix("themes/")?.strip_suffix("/theme.toml"))
        .chain([DEFAULT]);
    let place = asked.unwrap_or_else(|| Place::file(&book));
    findings.push(Diagnostic::new(Code::E208, place, format!("there is no theme `{}`", escaped(name))).hint(
        did_you_mean(name, known).unwrap_or_else(|| format!("a theme is a folder themes/{name}/ with a theme.toml")),
    ));
}

/// Reads theme.toml: `name`, and `extends` where it builds on another theme.
fn extends(path: &Arc<str>, text: &str, findings: &mut Findings) -> Option<(String, Place)> {
    let table = match toml::de::DeTable::parse(text) {
        Ok(table) => table.into_inner(),
        Err(error) => {
            let (line, column) = text::position(text, error.span().map_or(0, |span| span.start));
            findings.push(Diagnostic::new(
                Code::E208,
                Place::new(path, line, column, 1),
                format!("this TOML cannot be read: {}", escaped(error.message().lines().next().unwrap_or_default())),
            ));
            return None;
        }
    };
    let mut extends = None;
    for (key, value) in &table {
        let (line, column) = text::position(text, key.span().start);
        let place = Place::new(path, line, column, key.get_ref().chars().count() as u32);
        match (&**key.get_ref(), value.get_ref()) {
            ("name" | "extends", toml::de::DeValue::String(value)) => {
                if key.get_ref() == "extends" {
                    extends = Some((value.to_string(), place));
                }
            }
            ("name" | "extends", _) => findings.push(Diagnostic::new(Code::E208, place, "a text is expected here")),
            (other, _) => findings.push(
                Diagnostic::new(Code::E208, place, format!("unknown key `{}`", escaped(other)))
                    .maybe_hint(did_you_mean(other, ["name", "extends"])),
            ),
        }
    }
    extends
}

/// The embedded theme's files, by path in it.
struct Embedded;

impl Key for Embedded {
    type Value = BTreeMap<String, ThemeFile>;

    fn digest(&self) -> Digest {
        Digest::of(DEFAULT.as_bytes())
    }

    fn compute(&self) -> BTreeMap<String, ThemeFile> {
        let file = |(path, bytes): &(&str, &[u8])| {
            let name = format!("themes/{DEFAULT}/{path}");
            let file = ThemeFile { path: name.into(), bytes: Arc::from(*bytes), digest: Digest::of(bytes) };
            ((*path).to_owned(), file)
        };
        EMBEDDED.iter().map(file).collect()
    }
}

/// The files of one theme by their path in it: the project's over the embedded ones.
fn files(sources: &Sources, name: &str, memo: &Memo) -> BTreeMap<String, ThemeFile> {
    let mut files = if name == DEFAULT { BTreeMap::clone(&memo.get(&Embedded)) } else { BTreeMap::new() };
    let folder = format!("themes/{name}/");
    let in_folder =
        sources.files.range::<str, _>((std::ops::Bound::Included(folder.as_str()), std::ops::Bound::Unbounded));
    for (path, source) in in_folder.take_while(|(path, _)| path.starts_with(&folder)) {
        if let Some(bytes) = sources.bytes(path) {
            let file = ThemeFile { path: Arc::clone(path), bytes: Arc::clone(bytes), digest: source.digest };
            files.insert(path[folder.len()..].to_owned(), file);
        }
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
