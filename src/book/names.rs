//! The names by which the nouns refer to each other: cheap to copy, ordered, and told apart by type.

use std::borrow::Borrow;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use deunicode::deunicode;

macro_rules! name {
    ($(#[$doc:meta])* $type:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $type(Arc<str>);

        impl Deref for $type {
            type Target = str;
            fn deref(&self) -> &str { &self.0 }
        }
        impl Borrow<str> for $type {
            fn borrow(&self) -> &str { &self.0 }
        }
        impl From<&str> for $type {
            fn from(text: &str) -> Self { Self(text.into()) }
        }
        impl From<String> for $type {
            fn from(text: String) -> Self { Self(text.into()) }
        }
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(&self.0) }
        }
        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { fmt::Debug::fmt(&self.0, f) }
        }
    };
}

name! {
    /// A page: its path below the language folder without `.md` (spec §1).
    PageId
}
name! {
    /// A section of a page: the explicit id of its heading.
    SectionId
}
name! {
    /// A layer of overrides: the name of its file without `.yaml`.
    LayerId
}
name! {
    /// A language of the handbook, as book.toml writes it: `nl`.
    Language
}

/// Whether `text` may be the id of a section, a layer, a placement or an option (spec §1).
pub fn is_id(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        && bytes.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// Whether an id is one that pages have of their own: of the text as a whole, and of footnotes (spec §8).
pub fn is_reserved(id: &str) -> bool {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    // The second reference to the first note is `fnref-1-2`.
    let parts = id.strip_prefix("fnref-").map(|rest| (rest, 2)).or(id.strip_prefix("fn-").map(|rest| (rest, 1)));
    id == "content"
        || parts.is_some_and(|(rest, most)| rest.split('-').all(is_number) && rest.split('-').count() <= most)
}

/// Whether `text` may be the name of a parameter (spec §1).
pub fn is_parameter_name(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_lowercase())
        && bytes.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

/// Where an override applies: a page (its opening text), or a section of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// The page.
    pub page: PageId,
    /// The section; absent for the page itself.
    pub section: Option<SectionId>,
}

impl Address {
    /// The address of a page.
    pub fn page(page: &PageId) -> Address {
        Address { page: page.clone(), section: None }
    }

    /// The address of a section.
    pub fn section(page: &PageId, section: &SectionId) -> Address {
        Address { page: page.clone(), section: Some(section.clone()) }
    }

    /// Reads `page` or `page#section`; never fails, since any text may turn out to be an alias.
    pub fn parse(text: &str) -> Address {
        match text.split_once('#') {
            Some((page, section)) => Address { page: page.into(), section: Some(section.into()) },
            None => Address { page: text.into(), section: None },
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.section {
            Some(section) => write!(f, "{}#{section}", self.page),
            None => f.write_str(&self.page),
        }
    }
}

/// A path of ASCII letters, digits and `. _ -`, so that it is the same on every host.
pub fn slug(path: &str) -> String {
    path.split('/').map(slug_part).collect::<Vec<_>>().join("/")
}

fn slug_part(part: &str) -> String {
    let mut out = String::with_capacity(part.len());
    for c in deunicode(part).chars() {
        if c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-') {
            out.push(c);
        } else if !out.ends_with('-') {
            out.push('-');
        }
    }
    // A file system allows 255 bytes, and `.html` comes after.
    out.truncate(200);
    let out = out.trim_matches(['-', '.']);
    if out.is_empty() { "page".to_owned() } else { out.to_owned() }
}
