//! What book.toml of an mdBook may hold that means nothing here.

/// Keys of `[book]`: each of all these gets a note, so that an mdBook builds as it is.
pub const MDBOOK_BOOK: &[&str] = &["multilingual", "text-direction"];
/// Keys of `[build]`.
pub const MDBOOK_BUILD: &[&str] = &["create-missing", "use-default-preprocessors", "extra-watch-dirs"];
/// Keys of `[output.html]`.
pub const MDBOOK_HTML: &[&str] = &[
    "default-theme",
    "preferred-dark-theme",
    "smart-punctuation",
    "curly-quotes",
    "mathjax-support",
    "additional-js",
    "no-section-label",
    "git-repository-icon",
    "input-404",
    "cname",
    "fold",
    "playground",
    "playpen",
    "code",
    "redirect",
    "hash-files",
    "sidebar-header-nav",
    "google-analytics",
    "copy-fonts",
    "admonitions",
    "definition-lists",
    "livereload-url",
    "html-head",
];
