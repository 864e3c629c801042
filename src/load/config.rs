//! book.toml → [`Config`] (spec §2).

use std::sync::Arc;

use toml::de::{DeTable, DeValue};

use crate::book::{Config, HtmlConfig, Language, OrganisationsConfig, PerLanguage};
use crate::diagnostic::{Findings, any_error, did_you_mean, escaped};
use crate::load::files;
use crate::load::layout::is_below;
use crate::load::mdbook::{MDBOOK_BOOK, MDBOOK_BUILD, MDBOOK_HTML};
use crate::load::toml_reader::{Toml, Value, section};

/// The address of a site, with a slash at its end: a full one, or a path from the root. Nothing if it is none.
pub fn site_url(text: &str) -> Option<Arc<str>> {
    let path = match text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")) {
        Some(rest) => rest.starts_with(|c: char| c.is_alphanumeric() || c == '[').then_some(rest)?,
        None => text.strip_prefix('/').filter(|rest| !rest.starts_with('/'))?,
    };
    let is_plain = !path.contains(['"', '<', '>', ' ', '?', '#', '\\']) && !path.contains(char::is_control);
    is_plain.then(|| if text.ends_with('/') { text.into() } else { format!("{text}/").into() })
}

/// book.toml as it was read.
pub struct Book {
    /// What it says, as far as it could be read.
    pub config: Config,
    /// What is wrong with it.
    pub findings: Findings,
    /// Whether a fault leaves open which files are the handbook: what else could be said is no news then.
    pub unsure: bool,
}

/// Reads book.toml; an empty text gives all defaults.
pub fn decode(path: &Arc<str>, text: &str, is_folder: &dyn Fn(&str) -> bool) -> Book {
    let (mut reader, table) = Toml::open(path, text);
    let (config, unsure) = reader.config(&table, is_folder);
    Book { config, findings: reader.findings, unsure }
}

const BOOK: &[&str] = &["title", "description", "authors", "version", "language", "languages", "src"];
const BUILD: &[&str] = &["build-dir"];
const HTML: &[&str] =
    &["site-url", "theme", "edit-url-template", "git-repository-url", "additional-css", "raw-html", "search", "print"];
const ORGANISATIONS: &[&str] = &["src", "directory"];

impl Toml<'_> {
    /// What the tables say, and whether a fault leaves open which files are the handbook.
    fn config(&mut self, table: &DeTable<'_>, is_folder: &dyn Fn(&str) -> bool) -> (Config, bool) {
        for (key, value) in table {
            match &**key.get_ref() {
                "book" | "build" | "organisations" => {
                    self.table(value);
                }
                "output" => self.outputs(value),
                "preprocessor" => {
                    for (name, _) in self.table(value).into_iter().flatten() {
                        self.ignored(name.span(), &format!("preprocessor.{}", name.get_ref()));
                    }
                }
                "rust" => self.ignored(key.span(), "rust"),
                other => {
                    let hint = did_you_mean(other, ["book", "build", "output", "organisations"]);
                    self.unknown(key.span(), other, hint);
                }
            }
        }
        let book = section(table, "book");
        self.closed(book, BOOK, MDBOOK_BOOK);
        let organisations = section(table, "organisations");
        self.closed(organisations, ORGANISATIONS, &[]);
        let languages = self.languages(book);
        let src = match book.and_then(|book| book.get("src")) {
            Some(value) => self.folder(value, &["content", "src"], is_folder),
            None if is_folder("content") => "content".into(),
            None if is_folder("src") => "src".into(),
            None => "".into(),
        };
        self.language_folder(book, &src, &languages, is_folder);
        // An unknown table or key may be any of those that say where the handbook lies.
        let unsure = any_error(&self.findings);
        let build = section(table, "build");
        self.closed(build, BUILD, MDBOOK_BUILD);
        let html = section(table, "output").and_then(|output| section(output, "html"));
        self.closed(html, HTML, MDBOOK_HTML);
        let build_dir = build.and_then(|table| table.get("build-dir"));
        if let Some((value, path)) = build_dir.and_then(|value| Some((value, self.path_of(value)?)))
            && !src.is_empty()
            && (is_below(&path, &src) || is_below(&src, &path))
        {
            let message = format!("the output cannot go to `{}`: the pages lie in `{src}`", escaped(&path));
            self.report(value.span(), message).hint("name a folder of its own, such as `public`");
        }
        let default_layers: Arc<str> =
            if src.is_empty() { "organisations".into() } else { format!("{src}/organisations").into() };
        let config = Config {
            title: self.per_language(book, "title", &languages),
            description: self.per_language(book, "description", &languages),
            authors: self.strings(book, "authors"),
            version: self.string(book, "version"),
            single_language: languages.len() == 1,
            languages,
            organisations: OrganisationsConfig {
                src: match organisations.and_then(|table| table.get("src")) {
                    Some(value) => self.folder(value, &[&*default_layers], is_folder),
                    None => default_layers,
                },
                directory: self.switch(organisations, "directory"),
            },
            src,
            build_dir: build
                .and_then(|table| table.get("build-dir"))
                .and_then(|value| self.path_of(value))
                .unwrap_or_else(|| "public".into()),
            html: HtmlConfig {
                site_url: self.site_url(html),
                theme: html
                    .and_then(|table| table.get("theme"))
                    .and_then(|value| self.path_of(value))
                    .unwrap_or_else(|| "leidraad".into()),
                edit_url_template: self.string(html, "edit-url-template"),
                git_repository_url: self.string(html, "git-repository-url"),
                additional_css: html
                    .and_then(|table| table.get("additional-css"))
                    .map(|value| self.array(value, Self::file_of))
                    .unwrap_or_default(),
                raw_html: self.switch(html, "raw-html"),
                search: self.switch(html, "search"),
                print: self.switch(html, "print"),
            },
        };
        (config, unsure)
    }

    fn outputs(&mut self, value: &Value<'_>) {
        for (name, value) in self.table(value).into_iter().flatten() {
            if name.get_ref() == "html" {
                self.table(value);
            } else {
                self.ignored(name.span(), &format!("output.{}", name.get_ref()));
                let near = did_you_mean(name.get_ref(), ["html"]);
                self.findings.last_mut().into_iter().for_each(|note| note.hints.extend(near.clone()));
            }
        }
    }

    /// The languages, the default one first.
    fn languages(&mut self, book: Option<&DeTable<'_>>) -> Vec<Language> {
        let named = book.and_then(|book| book.get("languages"));
        let mut languages: Vec<Language> = Vec::new();
        for (language, span) in named
            .map(|value| self.array(value, |this, item| Some((this.text_of(item)?, item.span()))))
            .unwrap_or_default()
        {
            if !is_language(&language) {
                self.report(span, format!("`{}` is no language code", escaped(&language)))
                    .hint("write it as `nl` or `en`");
            } else if languages.iter().any(|known| **known == *language) {
                self.report(span, format!("the language `{language}` stands here twice"));
            } else {
                languages.push(Language::from(&*language));
            }
        }
        let default = book.and_then(|book| book.get("language"));
        let Some(value) = default else {
            return if languages.is_empty() { vec![Language::from("en")] } else { languages };
        };
        let Some(language) = self.text_of(value) else { return vec![Language::from("en")] };
        if !is_language(&language) {
            self.report(value.span(), format!("`{}` is no language code", escaped(&language)))
                .hint("write it as `nl` or `en`");
            return if languages.is_empty() { vec![Language::from("en")] } else { languages };
        }
        if languages.is_empty() {
            return vec![Language::from(&*language)];
        }
        match languages.iter().position(|known| **known == *language) {
            Some(at) => {
                let default = languages.remove(at);
                languages.insert(0, default);
            }
            None => {
                self.report(value.span(), format!("the default language `{language}` is not among the `languages`"))
                    .hint(format!("add it: languages = [\"{language}\", …]"));
            }
        }
        languages
    }

    fn site_url(&mut self, html: Option<&DeTable<'_>>) -> Option<Arc<str>> {
        let value = html?.get("site-url")?;
        let text = self.text_of(value)?;
        let address = site_url(&text);
        if address.is_none() {
            self.report(value.span(), format!("`{}` is no address of a site", escaped(&text)))
                .hint("write a full address, https://example.org/handboek/, or a path, /handboek/");
        }
        address
    }

    fn per_language(
        &mut self,
        table: Option<&DeTable<'_>>,
        key: &str,
        languages: &[Language],
    ) -> PerLanguage<Arc<str>> {
        let Some(value) = table.and_then(|table| table.get(key)) else { return PerLanguage::none() };
        let DeValue::Table(by_language) = value.get_ref() else {
            return PerLanguage { any: self.text_of(value), named: Vec::new() };
        };
        for (language, _) in by_language {
            if !languages.iter().any(|known| **known == **language.get_ref()) {
                self.unknown(language.span(), language.get_ref(), Some("it is not among the `languages`".into()));
            }
        }
        let named = languages
            .iter()
            .filter_map(|language| Some((language.clone(), self.text_of(by_language.get(&**language)?)?)))
            .collect();
        PerLanguage { any: None, named }
    }

    /// A folder that must be there: one that is not would be taken for an empty handbook.
    fn folder(&mut self, value: &Value<'_>, usual: &[&str], is_folder: &dyn Fn(&str) -> bool) -> Arc<str> {
        let Some(path) = self.path_of(value) else { return usual[0].into() };
        if !path.is_empty() && !is_folder(&path) {
            let hint = did_you_mean(&path, usual.iter().copied())
                .or_else(|| usual.iter().find(|usual| is_folder(usual)).map(|usual| format!("did you mean `{usual}`?")))
                .unwrap_or_else(|| "name the folder as seen from book.toml".into());
            let message = format!("there is no folder `{}`, or nothing is in it", escaped(&path));
            self.report(value.span(), message).hint(hint);
        }
        path
    }

    /// With several languages each has its folder; without the default one's there is no handbook.
    fn language_folder(
        &mut self,
        book: Option<&DeTable<'_>>,
        src: &str,
        languages: &[Language],
        is_folder: &dyn Fn(&str) -> bool,
    ) {
        let folder = |language: &Language| files::join(src, language);
        let named = book.and_then(|book| book.get("language").or_else(|| book.get("languages")));
        if let (Some(value), [default, _, ..]) = (named, languages)
            && !is_folder(&folder(default))
            && (src.is_empty() || is_folder(src))
        {
            let message = format!("there is no folder `{}` with the pages in the default language", folder(default));
            self.report(value.span(), message).hint("each of several languages has its pages in a folder of its own");
        }
    }
}

/// Whether `text` is a language code that may be a folder and a URL segment: `nl`, `en-GB`.
fn is_language(text: &str) -> bool {
    let mut parts = text.split('-');
    parts.next().is_some_and(|first| (2..=3).contains(&first.len()) && first.bytes().all(|b| b.is_ascii_lowercase()))
        && parts.all(|part| (2..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()))
}
