//! What a site is made with: templates, kept from round to round, and the policy of every page.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::book::{Digest, DigestWriter, Handbook, Language, Theme};
use crate::diagnostic::{Checked, Findings};
use crate::memo::Key;
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

/// The policy of every page; remote images of base pages join `img-src`.
pub fn policy(handbook: &Handbook) -> String {
    let hosts: BTreeSet<&str> = handbook.pages.values().flat_map(|page| &page.origins).map(String::as_str).collect();
    let images: String = hosts.iter().map(|host| format!(" {host}")).collect();
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'{images}; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; require-trusted-types-for 'script'"
    )
}
