//! A theme as files and strings: templates are compiled by `render`, style sheets only hashed.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::book::{Asset, Digest, Language};

/// The files of a theme, those of the themes it extends included.
#[derive(Clone, Debug, Default)]
pub struct Theme {
    /// Its name.
    pub name: Arc<str>,
    /// The templates by name without `.hbs`.
    pub templates: BTreeMap<Arc<str>, ThemeFile>,
    /// The static files by their path below `static/`.
    pub statics: BTreeMap<Arc<str>, Arc<Asset>>,
    /// The words of the pages, by language.
    pub strings: BTreeMap<Language, Arc<Strings>>,
    /// A digest of all files.
    pub digest: Digest,
}

/// One file of text of a theme.
#[derive(Clone, Debug)]
pub struct ThemeFile {
    /// Its path, for findings.
    pub path: Arc<str>,
    /// Its bytes.
    pub bytes: Arc<Vec<u8>>,
    /// Their digest.
    pub digest: Digest,
    /// Whether they are as leidraad brings them.
    pub shipped: bool,
}

/// Words by key, in one language.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Strings {
    /// The words.
    pub words: BTreeMap<Arc<str>, Arc<str>>,
}

impl Strings {
    /// The words for `key`; the key itself where the theme lacks them, so that a gap is seen.
    pub fn get<'a>(&'a self, key: &'a str) -> &'a str {
        self.words.get(key).map_or(key, |text| text)
    }

    /// The words for `key_one` or `key_other`, with `{count}` filled.
    pub fn plural(&self, key: &str, count: usize) -> String {
        let key = format!("{key}_{}", if count == 1 { "one" } else { "other" });
        self.get(&key).replace("{count}", &count.to_string())
    }
}
