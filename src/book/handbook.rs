//! What was read, and what it means: sources, and the handbook decoded from them.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::book::{Anchors, Config, Declarations, Digest, Layer, LayerId, Outline, Page, PageId, Target, Theme};

/// Every input of a build, by its path relative to the project folder, with forward slashes.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The files.
    pub files: BTreeMap<Arc<str>, Source>,
}

/// One file as it was read.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its bytes, or where they are.
    pub content: Content,
    /// Their digest.
    pub digest: Digest,
    /// Width and height in pixels, for images that tell.
    pub size: Option<(u32, u32)>,
}

/// The bytes of a source.
#[derive(Clone, Debug)]
pub enum Content {
    /// In memory: everything that leidraad reads the meaning of.
    Bytes(Arc<Vec<u8>>),
    /// On disk, with their number: files that are only copied, streamed when they are written.
    OnDisk(u64),
    /// Refused, for this reason: a symlink, a special file, a text that is too large.
    Refused(Refusal),
}

/// Why a file was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// A symbolic link.
    Symlink,
    /// A FIFO, a socket or a device.
    Special,
    /// A text of more than 8 MiB.
    TooLarge,
    /// A name that is no Unicode.
    Name,
}

impl Sources {
    /// The bytes of a file that is in memory.
    pub fn bytes(&self, path: &str) -> Option<&Arc<Vec<u8>>> {
        match &self.files.get(path)?.content {
            Content::Bytes(bytes) => Some(bytes),
            Content::OnDisk(_) | Content::Refused(_) => None,
        }
    }

    /// The text of a line of a file, from 1: what a finding shows.
    pub fn line(&self, path: &str, line: u32) -> Option<String> {
        let bytes = self.bytes(path)?;
        let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        let line = text.split(|b| *b == b'\n').nth(usize::try_from(line).ok()?.checked_sub(1)?)?;
        Some(String::from_utf8_lossy(line.strip_suffix(b"\r").unwrap_or(line)).into_owned())
    }
}

/// The handbook: everything that does not depend on an organisation, and every layer.
#[derive(Clone, Debug)]
pub struct Handbook {
    /// book.toml.
    pub config: Arc<Config>,
    /// handbook.yaml and glossary.yaml.
    pub declarations: Arc<Declarations>,
    /// The pages by id.
    pub pages: Arc<BTreeMap<PageId, BasePage>>,
    /// The pages by where they are written, in lower case, for each language.
    pub outputs: Arc<Vec<BTreeMap<String, PageId>>>,
    /// Old ids and paths of pages, and what they are called now.
    pub aliases: Arc<BTreeMap<Arc<str>, PageId>>,
    /// The pages that old addresses in the output lead to, by output path below a language folder.
    pub redirects: Arc<BTreeMap<Arc<str>, PageId>>,
    /// Pages that are there but not built, and why: for whoever links to them.
    pub unbuilt: Arc<BTreeMap<PageId, Unbuilt>>,
    /// The order of the pages.
    pub outline: Arc<Outline>,
    /// Every layer that could be read.
    pub layers: BTreeMap<LayerId, Arc<Layer>>,
    /// Files that are copied or shown: images and downloads.
    pub files: Arc<Files>,
    /// The theme.
    pub theme: Arc<Theme>,
    /// A digest of all sources.
    pub source_digest: Digest,
}

impl Handbook {
    /// What a link means in the base: where a page is written is that page, unless a file lies there.
    pub fn target<'t>(&self, target: &'t Target, at: usize) -> Cow<'t, Target> {
        let Target::File { path, output: Some(output), .. } = target else { return Cow::Borrowed(target) };
        let page = self.outputs.get(at).and_then(|pages| pages.get(&output.path.to_lowercase())).filter(|id| {
            let page = self.pages.get(*id).and_then(|page| page.languages.get(at));
            page.is_some_and(|page| *page.output == *output.path)
        });
        match page {
            Some(page) if self.file(path).is_none() => Cow::Owned(output.page(page)),
            _ => Cow::Borrowed(target),
        }
    }

    /// The file that a path names: itself, or the default language's, since translations share files.
    pub fn file(&self, path: &str) -> Option<String> {
        if self.files.assets.contains_key(path) {
            return Some(path.to_owned());
        }
        let config = &self.config;
        let folders = config.languages.iter().map(|language| config.language_folder(language));
        let relative =
            folders.into_iter().find_map(|folder| path.strip_prefix(&format!("{folder}/")).map(str::to_owned))?;
        let default = format!("{}/{relative}", config.language_folder(config.default_language()));
        self.files.assets.contains_key(default.as_str()).then_some(default)
    }
}

/// Why a page that is there is not built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unbuilt {
    /// SUMMARY.md does not name it.
    NotInSummary,
    /// It is a draft, and drafts were not asked for.
    Draft,
}

/// A base page in every language of the handbook.
#[derive(Clone, Debug, Default)]
pub struct BasePage {
    /// In the order of the config's languages.
    pub languages: Vec<Arc<Page>>,
    /// What links to it can name in each.
    pub anchors: Vec<Arc<Anchors>>,
    /// Where the images come from that it shows from elsewhere: `https://host`.
    pub origins: BTreeSet<String>,
    /// Whether anything of it depends on a condition.
    pub conditional: bool,
}

/// Files by where they lie.
#[derive(Clone, Debug, Default)]
pub struct Files {
    /// Files of the project by path: those below a language folder, in a layer's folder, or included.
    pub assets: BTreeMap<Arc<str>, Arc<Asset>>,
}

/// A file that is published as it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Asset {
    /// Its path, relative to the project.
    pub path: Arc<str>,
    /// The digest of its bytes.
    pub digest: Digest,
    /// Width and height in pixels, for images that tell.
    pub size: Option<(u32, u32)>,
    /// Its bytes, if they are in memory.
    pub bytes: Option<Arc<Vec<u8>>>,
}
