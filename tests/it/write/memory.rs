//! A site in memory.

use std::collections::BTreeMap;
use std::sync::Arc;

use leidraad::book::{Body, Digest, EditionId, Output, Site};

use super::folder::{Entry, Tree};

#[derive(Clone)]
pub(crate) struct Memory {
    outputs: Vec<Output>,
    texts: Vec<String>,
    editions: Vec<(EditionId, Vec<Arc<str>>)>,
    source: Digest,
}

impl Memory {
    pub(crate) fn new(source: &str) -> Memory {
        let source = Digest::of(source.as_bytes());
        Memory { outputs: Vec::new(), texts: Vec::new(), editions: Vec::new(), source }
    }

    pub(crate) fn text(self, path: &str, edition: Option<EditionId>, text: &str) -> Memory {
        let body = Body::Bytes(text.as_bytes().to_vec().into());
        self.output(path, edition, (body, text))
    }

    pub(crate) fn copy(self, path: &str, edition: Option<EditionId>, key: &str, text: &str) -> Memory {
        let body = Body::File(key.into(), Digest::of(text.as_bytes()));
        self.output(path, edition, (body, text))
    }

    /// The same site whose editions all need these shared files.
    pub(crate) fn with_assets(mut self, assets: &[&str]) -> Memory {
        for (_, needed) in &mut self.editions {
            *needed = assets.iter().map(|path| Arc::from(*path)).collect();
        }
        self
    }

    pub(crate) fn edition(mut self, id: EditionId, assets: &[&str]) -> Memory {
        self.editions.push((id, assets.iter().map(|path| Arc::from(*path)).collect()));
        self
    }

    pub(crate) fn without(&self, gone: impl Fn(&str) -> bool) -> Memory {
        let mut site = Memory { outputs: Vec::new(), texts: Vec::new(), ..self.clone() };
        for (output, text) in self.outputs.iter().zip(&self.texts) {
            if !gone(&output.path) {
                site.outputs.push(output.clone());
                site.texts.push(text.clone());
            }
        }
        site
    }

    /// What a folder with exactly this site looks like, but for the manifest, which is judged by its own test.
    pub(crate) fn tree(&self) -> Tree {
        let mut tree = BTreeMap::from([(String::new(), Entry::Folder(0o755))]);
        for (output, text) in self.outputs.iter().zip(&self.texts) {
            for (index, _) in output.path.match_indices('/') {
                tree.insert(output.path[..index].to_owned(), Entry::Folder(0o755));
            }
            tree.insert(output.path.to_string(), Entry::File(0o644, text.clone().into_bytes()));
        }
        tree.insert("manifest.json".to_owned(), Entry::Manifest(self.source.to_string(), self.files()));
        Tree(tree)
    }

    fn files(&self) -> Vec<String> {
        let mut files: Vec<String> = self.outputs.iter().map(|output| output.path.to_string()).collect();
        files.sort();
        files
    }

    fn output(mut self, path: &str, edition: Option<EditionId>, (body, text): (Body, &str)) -> Memory {
        self.outputs.push(Output { path: path.into(), edition, body });
        self.texts.push(text.to_owned());
        self
    }
}

impl Site for Memory {
    fn count(&self) -> usize {
        self.outputs.len()
    }

    fn output(&self, index: usize) -> Output {
        self.outputs[index].clone()
    }

    fn find(&self, path: &str) -> Option<Output> {
        self.outputs.iter().find(|output| &*output.path == path).cloned()
    }

    fn editions(&self) -> Vec<EditionId> {
        self.editions.iter().map(|(id, _)| id.clone()).collect()
    }

    fn assets(&self, edition: &EditionId) -> Vec<Arc<str>> {
        self.editions.iter().filter(|(id, _)| id == edition).flat_map(|(_, assets)| assets.clone()).collect()
    }

    fn source(&self) -> Digest {
        self.source
    }
}
