//! What a link in a text points to, as far as the text and its place tell: nothing is looked up.

use std::sync::Arc;

use unicode_normalization::UnicodeNormalization;

use crate::book::{PageId, Pieces, Target, Written};
use crate::diagnostic::Code;

/// Where a text stands, for the links in it.
#[derive(Clone, Debug)]
pub struct Ground {
    /// The folder of the page, below the language folder: where `x.md` is looked for.
    pub page_folder: Arc<str>,
    /// The folder in which files must lie, relative to the project.
    pub files_root: Arc<str>,
    /// The folder, below `files_root`, where `x.png` is looked for.
    pub files_folder: Arc<str>,
    /// Whether the text is a layer's.
    pub layer: bool,
}

/// Why a destination cannot be a target.
pub struct Refused {
    /// The code.
    pub code: Code,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: Option<&'static str>,
}

/// Reads a destination. `url` has no placeholders; `image` says that it must be a file.
pub fn target(ground: &Ground, url: &str, image: bool) -> Result<Target, Refused> {
    let url = url.trim();
    if let Some(scheme) = scheme(url) {
        return external(ground, url, &scheme, image);
    }
    if url.starts_with("//") && !url.starts_with("///") {
        return external(ground, url, "https", image);
    }
    let (path, suffix) = match url.find(['#', '?']) {
        Some(at) => url.split_at(at),
        None => (url, ""),
    };
    if path.is_empty() && !image {
        return Ok(match suffix.strip_prefix('#') {
            Some(anchor) if !anchor.is_empty() => Target::Here(decoded(anchor).into()),
            // `#` alone is the top of the page; nothing at all, the page.
            _ => Target::Here("".into()),
        });
    }
    if path.is_empty() {
        let message = "this image names no file".into();
        return Err(Refused { code: Code::E203, message, hint: Some("write ![What it shows](picture.jpg)") });
    }
    let path = decoded(path);
    let is_page = !image && (path.ends_with(".md") || path.ends_with('/'));
    if is_page {
        let Some(path) = resolved(&ground.page_folder, &path) else {
            return Err(Refused {
                code: Code::E201,
                message: format!("`{path}` leads out of the language folder"),
                hint: Some("a leading `/` is the language folder itself"),
            });
        };
        return Ok(Target::Page { path: (*page(&path)).into(), anchor: anchor(suffix) });
    }
    let output = resolved(&ground.page_folder, &path).filter(|path| !image && path.ends_with(".html"));
    let output = output.map(|path| Written { path: path.into(), anchor: anchor(suffix) });
    match resolved(&ground.files_folder, &path) {
        Some(folder) if folder.is_empty() => Err(Refused {
            code: if image { Code::E203 } else { Code::E201 },
            message: format!("`{path}` is a folder"),
            hint: Some("name a file; a folder's page is written with a slash: `folder/`"),
        }),
        Some(path) => {
            let root = &ground.files_root;
            let path = if root.is_empty() { path } else { format!("{root}/{path}") };
            Ok(Target::File { path: path.into(), suffix: suffix.into(), output })
        }
        // What leads out of a layer's folder may be a page all the same.
        None if output.is_some() => {
            let path = output.as_ref().map(|output| Arc::clone(&output.path)).unwrap_or_default();
            Ok(Target::File { path, suffix: suffix.into(), output })
        }
        None => Err(Refused {
            code: if ground.layer {
                Code::E118
            } else if image {
                Code::E203
            } else {
                Code::E201
            },
            message: format!(
                "`{path}` leads out of {}",
                if ground.layer { "the layer's folder" } else { "the language folder" }
            ),
            hint: Some("put the file below it"),
        }),
    }
}

/// The anchor in what follows a path; a page has no use for a query.
fn anchor(suffix: &str) -> Option<Arc<str>> {
    let (_, anchor) = suffix.split_once('#')?;
    (!anchor.is_empty()).then(|| decoded(anchor).into())
}

fn external(ground: &Ground, url: &str, scheme: &str, image: bool) -> Result<Target, Refused> {
    let allowed: &[&str] = if image { &["https", "http"] } else { &["https", "http", "mailto", "tel"] };
    if image && ground.layer {
        return Err(Refused {
            code: Code::E119,
            message: "a layer shows no image from elsewhere".into(),
            hint: Some("put the image into the layer's folder"),
        });
    }
    let active = ["javascript", "vbscript", "data", "file", "blob"].contains(&scheme);
    if !allowed.contains(&scheme) && (ground.layer || active || image) {
        return Err(Refused {
            code: if ground.layer { Code::E119 } else { Code::E201 },
            message: format!("an address that starts with `{scheme}:` is not allowed"),
            hint: Some("use https, http, mailto or tel"),
        });
    }
    if ground.layer && ((scheme == "tel" && url.contains(['*', '#'])) || (scheme == "mailto" && url.contains('?'))) {
        return Err(Refused {
            code: Code::E119,
            message: format!("this `{scheme}:` address does more than name whom to reach"),
            hint: Some("write the plain number or address"),
        });
    }
    Ok(Target::External(Pieces::fixed(url)))
}

/// The scheme of an address in lower case, if it has one; control characters and spaces inside,
/// which browsers skip, do not hide it.
pub fn scheme(url: &str) -> Option<String> {
    let compact: String = url.chars().filter(|c| !c.is_control() && !c.is_whitespace()).take(64).collect();
    let (scheme, _) = compact.split_once(':')?;
    let mut letters = scheme.chars();
    // One letter is a drive of Windows: `C:/leidraad.md` leads nowhere.
    let valid = scheme.len() > 1
        && letters.next().is_some_and(|c| c.is_ascii_alphabetic())
        && letters.all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    valid.then(|| scheme.to_ascii_lowercase())
}

/// The page that a path below the language folder names: a folder's page has the folder's name.
pub fn page_id(path: &str) -> &str {
    let path = path.trim_end_matches('/');
    match path.rsplit_once('/') {
        Some((folder, "index" | "README")) => folder,
        Some(_) => path,
        None if matches!(path, "" | "README") => "index",
        None => path,
    }
}

/// The page that a file below the language folder is, or a link to it names: in NFC, whatever the disk makes of it.
pub fn page(path: &str) -> PageId {
    let id = page_id(path.strip_suffix(".md").unwrap_or(path));
    if id.is_ascii() { id.into() } else { id.nfc().collect::<String>().into() }
}

/// `path` seen from `folder`, without `.` and `..`; nothing when it leads above the root.
pub fn resolved(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = match path.strip_prefix('/') {
        Some(_) => Vec::new(),
        None => folder.split('/').filter(|part| !part.is_empty()).collect(),
    };
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// `text` with `%20` and the like as characters; what is no valid escape stays.
pub fn decoded(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        let escape = tail.get(..2).and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        match escape {
            Some(decoded) if byte == b'%' => {
                bytes.push(decoded);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(byte);
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}
