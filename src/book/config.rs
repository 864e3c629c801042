//! book.toml as meant: every key has its value, defaults included (spec §2).

use std::sync::Arc;

use crate::book::Language;

/// How the handbook is built.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// The handbook's title.
    pub title: PerLanguage<Arc<str>>,
    /// One sentence about it.
    pub description: PerLanguage<Arc<str>>,
    /// Who wrote it.
    pub authors: Vec<Arc<str>>,
    /// Its version.
    pub version: Option<Arc<str>>,
    /// The languages, the default one first; never empty.
    pub languages: Vec<Language>,
    /// Whether `languages` holds one only, so that no path has a language segment.
    pub single_language: bool,
    /// The content folder, relative to the project; empty for the project folder itself.
    pub src: Arc<str>,
    /// The output folder, relative to the project.
    pub build_dir: Arc<str>,
    /// `[output.html]`.
    pub html: HtmlConfig,
    /// `[organisations]`.
    pub organisations: OrganisationsConfig,
}

impl Config {
    /// The language that decides pages, order and sections.
    pub fn default_language(&self) -> &Language {
        &self.languages[0]
    }

    /// The index of a language among the handbook's.
    pub fn at(&self, language: &str) -> Option<usize> {
        self.languages.iter().position(|known| **known == *language)
    }

    /// The folder of a language's pages, relative to the project; empty for the project itself.
    pub fn language_folder(&self, language: &Language) -> String {
        match (self.single_language, &*self.src) {
            (true, src) => src.to_owned(),
            (false, "") => language.to_string(),
            (false, src) => format!("{src}/{language}"),
        }
    }
}

/// `[output.html]` of book.toml.
#[derive(Clone, Debug, PartialEq)]
pub struct HtmlConfig {
    /// The address of the published site, with a slash at its end.
    pub site_url: Option<Arc<str>>,
    /// The theme's name.
    pub theme: Arc<str>,
    /// Where a reader can mend a page; `{path}` is its file.
    pub edit_url_template: Option<Arc<str>>,
    /// The handbook's repository.
    pub git_repository_url: Option<Arc<str>>,
    /// Further style sheets, relative to the project.
    pub additional_css: Vec<Arc<str>>,
    /// Whether base pages may hold raw HTML.
    pub raw_html: bool,
    /// Whether the site can be searched.
    pub search: bool,
    /// Whether each edition has a page for printing.
    pub print: bool,
}

/// `[organisations]` of book.toml.
#[derive(Clone, Debug, PartialEq)]
pub struct OrganisationsConfig {
    /// The folder of the layers, relative to the project; it may lie outside.
    pub src: Arc<str>,
    /// Whether the start page lists the organisations.
    pub directory: bool,
}

/// A value that is the same in every language, or one per language.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PerLanguage<T> {
    /// The value for the languages not named.
    pub any: Option<T>,
    /// The values by language.
    pub named: Vec<(Language, T)>,
}

impl<T> PerLanguage<T> {
    /// One value for all languages.
    pub fn one(value: T) -> PerLanguage<T> {
        PerLanguage { any: Some(value), named: Vec::new() }
    }

    /// No value.
    pub fn none() -> PerLanguage<T> {
        PerLanguage { any: None, named: Vec::new() }
    }

    /// The value for `language` itself.
    pub fn exact(&self, language: &str) -> Option<&T> {
        self.named.iter().find(|(name, _)| &**name == language).map(|(_, value)| value).or(self.any.as_ref())
    }

    /// The value for `language`, else the first one named: a name in another language is better than none.
    pub fn get(&self, language: &str) -> Option<&T> {
        self.exact(language).or_else(|| self.named.first().map(|(_, value)| value))
    }

    /// Every value.
    pub fn values(&self) -> impl Iterator<Item = &T> {
        self.any.iter().chain(self.named.iter().map(|(_, value)| value))
    }
}
