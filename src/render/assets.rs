//! Files under content-hashed names, and the colours of each edition.

use std::sync::Arc;

use crate::book::{Appearance, Asset, Body, Config, Digest, Edition, readable, text_on};
use crate::render::print;
use crate::render::table::is_below;

/// The published path of a file: `assets/<name>.<hash>.<ext>`.
pub fn published(path: &str, digest: &Digest) -> String {
    let file = path.rsplit('/').next().unwrap_or(path);
    let (stem, extension) = file.rsplit_once('.').unwrap_or((file, "bin"));
    let plain = |text: &str| -> String {
        let text: String = deunicode::deunicode(text)
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' })
            .collect();
        let text = text.trim_matches('-');
        text.get(..text.len().min(60)).unwrap_or("file").to_owned()
    };
    let stem = plain(stem);
    let stem = if stem.is_empty() { "file" } else { &stem };
    format!("assets/{stem}.{}.{}", digest.short(10), plain(extension).to_ascii_lowercase())
}

/// The published path of an image or download.
pub fn published_asset(asset: &Asset) -> String {
    published(&asset.path, &asset.digest)
}

/// The logo of an edition, below the output folder, with its size.
pub fn logo(edition: &Edition) -> Option<(String, Option<(u32, u32)>)> {
    let asset = edition.handbook.files.assets.get(&edition.logo.as_ref()?.path)?;
    Some((published_asset(asset), asset.size))
}

/// The body of a file that is published as it is.
pub fn body(asset: &Asset) -> Body {
    match &asset.bytes {
        Some(bytes) => Body::Bytes(Arc::clone(bytes)),
        None => Body::File(Arc::clone(&asset.path), asset.digest),
    }
}

/// Where a file of a language folder is copied to, below the output folder; nothing for any other file.
pub fn copied(path: &str, config: &Config) -> Option<String> {
    let is_elsewhere =
        is_below(path, &config.organisations.src) || config.html.additional_css.iter().any(|css| **css == *path);
    if is_elsewhere {
        return None;
    }
    config.languages.iter().find_map(|language| {
        let folder = config.language_folder(language);
        let relative = match &*folder {
            "" => path,
            folder => path.strip_prefix(folder)?.strip_prefix('/')?,
        };
        Some(if config.single_language { relative.to_owned() } else { format!("{language}/{relative}") })
    })
}

/// An edition's colours as a style sheet; what is not given is derived and always passes (E121).
pub fn edition_css(edition: &Edition) -> String {
    format!("{}{}", colours(edition), running_header(edition))
}

/// What stands at the top and foot of printed pages: a page's margins take their words from a style
/// sheet alone, so each language has a named page.
fn running_header(edition: &Edition) -> String {
    let handbook = &edition.handbook;
    let mut out = String::new();
    for language in &edition.languages {
        let title = handbook.config.title.get(language).map_or("", |title| title);
        let parts: Vec<&str> = [title, edition.name(language)]
            .into_iter()
            .filter(|part| !part.is_empty())
            .take(if edition.id.organisation().is_some() { 2 } else { 1 })
            .collect();
        let version = handbook.config.version.as_ref().map(|version| match handbook.theme.strings.get(language) {
            Some(strings) => format!("{} {version}", strings.get("version")),
            None => version.to_string(),
        });
        let at = handbook.config.at(language);
        let foot: Vec<String> = [version, at.and_then(|at| print::newest(edition, at))].into_iter().flatten().collect();
        let name = format!("leidraad-{}", language.replace(|c: char| !c.is_ascii_alphanumeric(), "-"));
        out.push_str(&format!(
            "@page {name}{{@top-left{{content:{}}}@bottom-left{{content:{}}}}}\n@media print{{:lang({language})>body{{page:{name}}}}}\n",
            quoted(&parts.join(" — ")),
            quoted(&foot.join(" · "))
        ));
    }
    out
}

/// A text as a string of CSS.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' | '<' => out.push_str(&format!("\\{:x} ", u32::from(c))),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Each colour on its own: what is not given is the theme's, or derived from the accent.
fn colours(edition: &Edition) -> String {
    let token = |name: &str| edition.tokens.get(name);
    let link = |color: &str| format!("--leidraad-link-color:{color};--leidraad-nav-current-border-color:{color};");
    let light = token("accent").map(|accent| link(&readable(accent, Appearance::Light)));
    let dark = token("accent-dark").or_else(|| token("accent"));
    let dark = dark.map(|color| link(&readable(color, Appearance::Dark)));
    let mut root = light.clone().unwrap_or_default();
    if let Some(accent) = token("accent") {
        let on = text_on(accent);
        root += &format!("--leidraad-badge-background-color:{accent};--leidraad-badge-color:{on};");
    }
    for (name, color) in edition.tokens.iter().filter(|(name, _)| !matches!(&***name, "accent" | "accent-dark")) {
        root += &format!("--leidraad-{name}:{color};");
    }
    let mut out = String::new();
    if !root.is_empty() {
        out += &format!(":root{{{root}}}\n");
    }
    match (dark, light) {
        (Some(dark), Some(light)) => {
            out += &format!(
                "@media (prefers-color-scheme: dark){{:root:not([data-theme=light]){{{dark}}}}}\n:root[data-theme=dark]{{{dark}}}\n@media print{{:root{{{light}}}}}\n"
            );
        }
        // Paper is light, and what is light is the theme's.
        (Some(dark), None) => {
            out += &format!(
                "@media screen and (prefers-color-scheme: dark){{:root:not([data-theme=light]){{{dark}}}}}\n@media screen{{:root[data-theme=dark]{{{dark}}}}}\n"
            );
        }
        (None, _) => {}
    }
    if out.is_empty() { "/* no colours of its own */\n".to_owned() } else { out }
}
