//! The default theme, inside the binary: every file of `themes/leidraad`, by its path in it.

macro_rules! embed {
    ($($path:literal,)*) => {
        /// Path and bytes of each file; a test holds that the list is whole.
        pub const EMBEDDED: &[(&str, &[u8])] =
            &[$(($path, include_bytes!(concat!("../../themes/leidraad/", $path))),)*];
    };
}

embed! {
    "static/icon.svg",
    "static/leidraad.css",
    "static/leidraad.js",
    "static/search-ui.js",
    "static/theme.js",
    "strings/en.yaml",
    "strings/nl.yaml",
    "templates/contents.hbs",
    "templates/crumb.hbs",
    "templates/crumbs.hbs",
    "templates/directory.hbs",
    "templates/footer.hbs",
    "templates/mark.hbs",
    "templates/masthead.hbs",
    "templates/meta-item.hbs",
    "templates/meta.hbs",
    "templates/nav-current.hbs",
    "templates/nav-item.hbs",
    "templates/nav-more.hbs",
    "templates/nav-part.hbs",
    "templates/nav.hbs",
    "templates/neighbour.hbs",
    "templates/neighbours.hbs",
    "templates/notice.hbs",
    "templates/organisations.hbs",
    "templates/page.hbs",
    "templates/panels.hbs",
    "templates/search.hbs",
    "templates/settings.hbs",
    "templates/title.hbs",
    "theme.toml",
}
