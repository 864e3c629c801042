//! manifest.json: what an output is made of, file by file, so that it can be proved and safely replaced.
//!
//! Rendering is canonical (sorted keys, a line per file), so a manifest is right when rendering it again
//! gives the same bytes, and two of them can be compared line by line.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;

use crate::book::Digest;

/// The name of the manifest in an output, where it lists every file but itself.
pub const MANIFEST: &str = "manifest.json";

/// What `tool` says of this program.
const TOOL: &str = concat!("leidraad ", env!("CARGO_PKG_VERSION"));

/// How every manifest of ours begins; `load` knows an output folder by it.
const MARK: &str = "{\"tool\":\"leidraad ";

/// What an output is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// The program that wrote it, with its version.
    pub tool: String,
    /// The digest of the sources that it was made from.
    pub source: Digest,
    /// The editions by id, `base` among them.
    pub editions: BTreeMap<String, EditionFiles>,
    /// Every file but the manifest, by its path below the output.
    pub files: BTreeMap<Arc<str>, Digest>,
}

/// The files of one edition, sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EditionFiles {
    /// Its own.
    pub files: Vec<Arc<str>>,
    /// The shared ones that its pages need.
    pub assets: Vec<Arc<str>>,
}

impl Manifest {
    /// A manifest of nothing yet, by this version of leidraad.
    pub fn new(source: Digest) -> Manifest {
        Manifest { tool: TOOL.to_owned(), source, editions: BTreeMap::new(), files: BTreeMap::new() }
    }

    /// Reads a manifest; nothing if leidraad cannot have written it.
    pub fn parse(bytes: &[u8]) -> Option<Manifest> {
        if !bytes.starts_with(MARK.as_bytes()) {
            return None;
        }
        let written: Written = serde_json::from_slice(bytes).ok()?;
        let files: BTreeMap<Arc<str>, Digest> = written
            .files
            .iter()
            .map(|(path, digest)| Some((is_output_path(path).then(|| path.as_str().into())?, digest_of(digest)?)))
            .collect::<Option<_>>()?;
        let listed = |paths: Vec<String>| -> Option<Vec<Arc<str>>> {
            paths.iter().map(|path| files.get_key_value(path.as_str()).map(|(path, _)| Arc::clone(path))).collect()
        };
        let editions = written
            .editions
            .into_iter()
            .map(|(id, edition)| {
                Some((id, EditionFiles { files: listed(edition.files)?, assets: listed(edition.assets)? }))
            })
            .collect::<Option<_>>()?;
        Some(Manifest { tool: written.tool, source: digest_of(&written.source)?, editions, files })
    }

    /// The bytes of the manifest.
    pub fn render(&self) -> Vec<u8> {
        let mut out = format!("{{\"tool\":{},\n\"source\":\"{}\",\n\"editions\":{{", quoted(&self.tool), self.source);
        for (index, (id, edition)) in self.editions.iter().enumerate() {
            out.push_str(if index == 0 { "\n" } else { ",\n" });
            out.push_str(&quoted(id));
            out.push_str(":{\"files\":[");
            lines(&mut out, edition.files.iter().map(|path| quoted(path)));
            out.push_str("],\"assets\":[");
            lines(&mut out, edition.assets.iter().map(|path| quoted(path)));
            out.push_str("]}");
        }
        out.push_str("\n},\n\"files\":{");
        lines(&mut out, self.files.iter().map(|(path, digest)| format!("{}:\"{digest}\"", quoted(path))));
        out.push_str("}}\n");
        out.into_bytes()
    }
}

/// Whether `path` can be a file of an output: below it, spelt in one way, and not the manifest.
pub(crate) fn is_output_path(path: &str) -> bool {
    path != MANIFEST
        && !path.contains('\0')
        && path.split('/').all(|segment| !segment.is_empty() && segment != "." && segment != "..")
}

/// The folders above a file of an output, nearest first, without the output itself.
pub(crate) fn folders_above(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(parent(path), |folder| parent(folder))
}

fn parent(path: &str) -> Option<&str> {
    path.rsplit_once('/').map(|(folder, _)| folder)
}

/// A manifest as JSON has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    tool: String,
    source: String,
    editions: BTreeMap<String, WrittenEdition>,
    files: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenEdition {
    files: Vec<String>,
    assets: Vec<String>,
}

fn digest_of(hex: &str) -> Option<Digest> {
    if hex.len() != 64 || !hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
        return None;
    }
    let mut digest = [0; 32];
    for (index, byte) in digest.iter_mut().enumerate() {
        *byte = u8::from_str_radix(hex.get(2 * index..2 * index + 2)?, 16).ok()?;
    }
    Some(Digest(digest))
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

fn lines(out: &mut String, entries: impl Iterator<Item = String>) {
    for (index, entry) in entries.enumerate() {
        out.push_str(if index == 0 { "\n" } else { ",\n" });
        out.push_str(&entry);
    }
}
