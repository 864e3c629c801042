//! Where a project's inputs lie.

use std::sync::Arc;

use crate::load::config::decode;

/// Where the inputs of a project lie, as keys of [`crate::book::Sources`].
#[derive(Clone, Debug)]
pub struct Layout {
    /// The content folder.
    pub src: String,
    /// Folders that are read with all below them.
    pub roots: Vec<String>,
    /// Single files that are read.
    pub files: Vec<String>,
    /// Folders below the roots that are never inputs.
    pub skipped: Vec<String>,
}

/// The layout of a project with this book.toml; `is_folder` looks at the disk.
pub fn layout(book_toml: &str, is_folder: impl Fn(&str) -> bool) -> Layout {
    let path: Arc<str> = "book.toml".into();
    let config = decode(&path, book_toml, &is_folder).config;
    let src = config.src.to_string();
    let mut roots = vec![src.clone()];
    for root in [config.organisations.src.to_string(), "themes".to_owned(), config.html.theme.to_string()] {
        let covered = roots.iter().any(|known| is_below(&root, known));
        if !covered && (root != *config.html.theme || is_folder(&root)) {
            roots.push(root);
        }
    }
    let files = config.html.additional_css.iter().map(|css| css.to_string()).collect();
    Layout { src, roots, files, skipped: vec![config.build_dir.to_string()] }
}

/// Whether the path is the folder, or lies below it.
pub fn is_below(path: &str, folder: &str) -> bool {
    folder.is_empty() || path == folder || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}
