//! What a site is made with, kept from round to round: templates, and the policy of every page.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::book::{Digest, DigestWriter, Handbook, Hole, Language, Page, Pieces, Target, Theme};
use crate::diagnostic::{Checked, Findings};
use crate::memo::{Key, Memo};
use crate::render::shell::{self, Small};
use crate::render::template::Templates;

/// A theme whose templates are compiled; `names` are the published names of its static files.
pub struct Compiling {
    /// The theme.
    pub theme: Arc<Theme>,
    /// Name in templates → published path.
    pub names: BTreeMap<String, String>,
}

impl Key for Compiling {
    type Value = Checked<Templates>;

    fn digest(&self) -> Digest {
        DigestWriter::new().with(self.theme.digest).with(named(&self.names)).finish()
    }

    fn compute(&self) -> Checked<Templates> {
        Templates::new(&self.theme, self.names.clone())
    }
}

/// The small templates of one language, run.
pub struct SmallOnes {
    /// The compiled theme.
    pub compiled: Arc<Checked<Templates>>,
    /// The published names of its static files.
    pub names: BTreeMap<String, String>,
    /// The handbook, for its config.
    pub handbook: Arc<Handbook>,
    /// The language.
    pub language: Language,
}

impl Key for SmallOnes {
    type Value = Checked<Arc<Small>>;

    fn digest(&self) -> Digest {
        let Handbook { theme, config, .. } = &*self.handbook;
        let digest = DigestWriter::new().with(theme.digest).with(named(&self.names)).with(self.language.as_bytes());
        digest.with(format!("{config:?}")).finish()
    }

    fn compute(&self) -> Checked<Arc<Small>> {
        let mut findings = Findings::new();
        let Handbook { theme, config, .. } = &*self.handbook;
        let small = shell::small(&self.compiled.value, theme, config, &self.language, &mut findings);
        Checked { value: Arc::new(small), findings }
    }
}

fn named(names: &BTreeMap<String, String>) -> Digest {
    names.iter().fold(DigestWriter::new(), |digest, (name, path)| digest.with(name).with(path)).finish()
}

/// The origins of the images that a page shows from elsewhere.
struct Origins(Arc<Page>);

impl Key for Origins {
    type Value = BTreeSet<String>;

    fn digest(&self) -> Digest {
        self.0.digest
    }

    fn compute(&self) -> BTreeSet<String> {
        self.0.texts().flat_map(|pieces| remote_images(pieces).chain(raw_images(&pieces.text))).collect()
    }
}

/// The policy of every page; remote images of base pages join `img-src`.
pub fn policy(handbook: &Handbook, memo: &Memo) -> String {
    let mut hosts: BTreeSet<String> = BTreeSet::new();
    for page in handbook.pages.values().flat_map(|page| &page.languages) {
        hosts.extend(memo.get(&Origins(Arc::clone(page))).iter().cloned());
    }
    let images: String = hosts.iter().map(|host| format!(" {host}")).collect();
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'{images}; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; require-trusted-types-for 'script'"
    )
}

/// The origins of the images that a text shows from elsewhere.
fn remote_images(pieces: &Pieces) -> impl Iterator<Item = String> {
    pieces.holes.iter().filter_map(|(_, hole)| {
        let Hole::Image(link) = hole else { return None };
        let Target::External(url) = &link.target else { return None };
        origin(&url.text)
    })
}

/// The same of raw HTML: what `img`, `source` and `video` name in `src`, `srcset` and `poster`.
fn raw_images(html: &str) -> impl Iterator<Item = String> {
    let tags = html.split('<').skip(1).filter(|tag| {
        let name = tag.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        ["img", "source", "video", "input", "image"].iter().any(|known| name.eq_ignore_ascii_case(known))
    });
    tags.flat_map(|tag| {
        let tag = tag.split('>').next().unwrap_or_default();
        let values = tag.split(['"', '\'', ' ', ',', '=', '\n', '\t']).filter(|value| value.contains("//"));
        values.filter_map(origin)
    })
}

/// `https://host` of an address; what names no scheme is fetched as the page is, safely.
fn origin(url: &str) -> Option<String> {
    let (scheme, rest) = match url.strip_prefix("//") {
        Some(rest) => ("https", rest),
        None => url.split_once("://")?,
    };
    let host = rest.split(['/', '?', '#', '\\']).next()?.to_ascii_lowercase();
    let scheme = scheme.to_ascii_lowercase();
    let plain = host.chars().all(|c| c.is_ascii_alphanumeric() || ".-:[]".contains(c)) && !host.is_empty();
    (plain && matches!(&*scheme, "http" | "https")).then(|| format!("{scheme}://{host}"))
}
