//! Why a layer deviates, for its readers.

use std::sync::Arc;

use crate::book::Language;

/// A reason in the languages that the layer gives; a plain one is in the layer's first language.
#[derive(Clone, Debug, PartialEq)]
pub struct Reason {
    /// The words, by language; not empty.
    pub texts: Vec<(Language, Arc<str>)>,
}

impl Reason {
    /// The reason in a language, else in the first that there is, with the language that it is in.
    pub fn get(&self, language: &str) -> Option<(&Language, &str)> {
        let own = self.texts.iter().find(|(name, _)| &**name == language);
        own.or_else(|| self.texts.first()).map(|(language, text)| (language, &**text))
    }

    /// Its words, whatever the language.
    pub fn any(&self) -> &str {
        self.texts.first().map_or("", |(_, text)| text)
    }
}
