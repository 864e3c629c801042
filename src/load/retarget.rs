//! New names for pages and sections, wherever an old one is written: links in Markdown, addresses and
//! anchors in layers, entries of SUMMARY.md, pages that handbook.yaml names.
//!
//! Takes a file as it is and what moves; gives the file with the names in it changed, and every other
//! byte as it was. Which files there are, and where they go, is the caller's business.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use crate::book::{Address, PageId, SectionId, Target, Written};
use crate::diagnostic::Findings;
use crate::load::changes;
use crate::load::links::{self, Ground};
use crate::load::markdown;
use crate::load::splice::Edits;
use crate::load::yaml::{self, Node, Yaml};

/// What is called otherwise from now on.
#[derive(Clone, Debug, Default)]
pub struct Moves {
    /// Pages, by their id until now.
    pub pages: BTreeMap<PageId, PageId>,
    /// Sections, by their page and their id until now.
    pub sections: BTreeMap<(PageId, SectionId), SectionId>,
    /// The pages by where they are written until now, below a language folder.
    pub outputs: BTreeMap<Arc<str>, PageId>,
    /// Files that are no pages, by path in the project.
    pub files: BTreeMap<Arc<str>, Arc<str>>,
    /// The file of each page below its language folder, as it will be, by the page's new id.
    pub page_files: BTreeMap<PageId, String>,
}

impl Moves {
    /// A page's new id; itself where it keeps it.
    pub fn page<'m>(&'m self, id: &'m str) -> &'m str {
        self.pages.get(id).map_or(id, |page| page)
    }

    /// A section's new id.
    pub fn section<'m>(&'m self, page: &str, id: &'m str) -> &'m str {
        self.sections.get(&(page.into(), id.into())).map_or(id, |new| new)
    }

    /// The new form of an address; nothing where it stays.
    pub fn address(&self, text: &str) -> Option<String> {
        let address = Address::parse(text);
        let page = self.page(&address.page);
        let section = address.section.as_ref().map(|id| self.section(&address.page, id));
        let moved = match section {
            Some(section) => format!("{page}#{section}"),
            None => page.to_owned(),
        };
        (moved != text).then_some(moved)
    }
}

/// Where a text stands, and where it will.
pub struct Standing<'g> {
    /// What its links are relative to.
    pub before: &'g Ground,
    /// What they will be relative to.
    pub after: &'g Ground,
    /// The page on which it stands, by its id until now.
    pub page: &'g str,
}

/// New destinations for the links of some Markdown.
pub fn links(text: &str, standing: &Standing<'_>, moves: &Moves) -> Vec<(Range<usize>, String)> {
    markdown::destinations(text)
        .into_iter()
        .filter_map(|range| {
            let new = destination(&text[range.clone()], standing, moves)?;
            Some((range, new))
        })
        .collect()
}

/// A Markdown file with its links changed; its front matter stays as it is.
pub fn markdown_file(raw: &str, standing: &Standing<'_>, moves: &Moves) -> Option<String> {
    let from = raw.len() - body(raw).len();
    let mut edits = Edits::of(raw);
    for (range, new) in links(&raw[from..], standing, moves) {
        edits.replace(from + range.start..from + range.end, new);
    }
    if edits.is_empty() { None } else { edits.apply() }
}

/// What follows the front matter.
pub fn body(raw: &str) -> &str {
    let text = raw.strip_prefix('\u{FEFF}').unwrap_or(raw);
    let unknown = crate::load::front_matter::UnknownKeys::Noted;
    crate::load::front_matter::split(&"".into(), text, unknown, &mut Findings::new()).1
}

fn destination(url: &str, standing: &Standing<'_>, moves: &Moves) -> Option<String> {
    let (before, after) = (standing.before, standing.after);
    let moved_text = before.page_folder != after.page_folder;
    let new = match links::target(before, url, false).ok()? {
        Target::Here(anchor) => format!("#{}", moves.section(standing.page, &anchor)),
        Target::Page { path, anchor } => {
            let page = moves.page(&path);
            let section = anchor.as_deref().map(|anchor| moves.section(&path, anchor));
            if page == &*path && section == anchor.as_deref() && !moved_text {
                return None;
            }
            let written = url.split('#').next().unwrap_or(url);
            let target = if page == &*path && !moved_text {
                written.to_owned()
            } else {
                let file = moves.page_files.get(page).cloned().unwrap_or_else(|| format!("{page}.md"));
                relative(&after.page_folder, &file, written.starts_with('/'))
            };
            match section {
                Some(section) => format!("{target}#{section}"),
                None => target,
            }
        }
        Target::File { output: Some(Written { path, anchor }), .. } if moves.outputs.contains_key(&path) => {
            let page = &moves.outputs[&path];
            let section = anchor.as_deref().map(|anchor| moves.section(page, anchor));
            let now = moves.page(page);
            if now == &**page && !moved_text && section == anchor.as_deref() {
                return None;
            }
            let file = moves.page_files.get(now).cloned().unwrap_or_else(|| format!("{now}.md"));
            let target = relative(&after.page_folder, &file, url.starts_with('/'));
            section.map_or(target.clone(), |section| format!("{target}#{section}"))
        }
        Target::File { path, suffix, .. } => {
            let file = moves.files.get(&path).unwrap_or(&path);
            let same_folder = before.files_folder == after.files_folder;
            if file == &path && (same_folder || url.starts_with('/')) {
                return None;
            }
            let root = if after.files_root.is_empty() { String::new() } else { format!("{}/", after.files_root) };
            let below = file.strip_prefix(root.as_str())?;
            format!("{}{suffix}", relative(&after.files_folder, below, url.starts_with('/')))
        }
        Target::External(_) | Target::Term(_) => return None,
    };
    (new != url).then_some(new)
}

/// The way from a folder to a file, both below one root.
fn relative(folder: &str, file: &str, absolute: bool) -> String {
    let escaped = |path: String| path.replace(' ', "%20").replace('(', "%28").replace(')', "%29");
    if absolute {
        return escaped(format!("/{file}"));
    }
    let from: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    let to: Vec<&str> = file.split('/').collect();
    let shared = from.iter().zip(&to[..to.len() - 1]).take_while(|(a, b)| a == b).count();
    let up = std::iter::repeat_n("..", from.len() - shared);
    escaped(up.chain(to[shared..].iter().copied()).collect::<Vec<_>>().join("/"))
}

/// A layer's file with addresses, anchors, links and pins changed. `ground` gives what the links of a text on
/// a page are relative to: until now, and from now on. `pins` are fingerprints that change with the links.
pub fn layer(
    raw: &str,
    moves: &Moves,
    ground: &dyn Fn(&str) -> (Ground, Ground),
    pins: &BTreeMap<String, String>,
) -> Option<String> {
    let root = parse(raw)?;
    let mut file = LayerFile { edits: Edits::of(raw), raw, moves, ground };
    for (key, node) in entries(root.get("changes")) {
        let address = Address::parse(&key.text);
        file.address(&key.place, &key.text);
        match &node.value {
            Yaml::Map(map) if map.iter().any(|(name, _)| changes::PAGE_KEYS.contains(&&*name.text)) => {
                for (name, value) in map {
                    match &*name.text {
                        "replace" | "prepend" | "append" => file.texts(value, &address),
                        "links" => file.address_value(value),
                        "move" => entries(Some(value)).for_each(|(_, anchor)| file.address_value(anchor)),
                        "accepted" => file.pins(value, pins),
                        _ => {}
                    }
                }
            }
            _ => file.texts(node, &address),
        }
    }
    for (key, node) in entries(root.get("insert")) {
        let address = Address::parse(&key.text);
        if address.section.is_some() {
            file.address(&key.place, &key.text);
        }
        for (name, value) in entries(Some(node)) {
            match &*name.text {
                "text" => file.texts(value, &address),
                "before" | "after" | "first_in" | "last_in" => file.anchor(value, &address),
                _ => {}
            }
        }
    }
    let edits = file.edits;
    if edits.is_empty() { None } else { edits.apply() }
}

/// The pages that a layer adds from files of its folder, with their addresses.
pub fn page_files(raw: &str) -> Vec<(PageId, String)> {
    let Some(root) = parse(raw) else { return Vec::new() };
    let mut files = Vec::new();
    for (key, node) in entries(root.get("insert")) {
        let Some(file) = node.get("file") else { continue };
        let mut add = |node: &Node| {
            if let Yaml::Scalar(scalar) = &node.value {
                files.push((PageId::from(&*key.text), scalar.text.to_string()));
            }
        };
        add(file);
        entries(Some(file)).for_each(|(_, node)| add(node));
    }
    files
}

/// handbook.yaml with the pages of `see:` changed.
pub fn declarations(raw: &str, moves: &Moves) -> Option<String> {
    let root = parse(raw)?;
    let mut edits = Edits::of(raw);
    for (_, rule) in entries(root.get("rules")) {
        if let Some(see) = rule.get("see")
            && let Yaml::Scalar(scalar) = &see.value
            && let Some(new) = moves.address(&scalar.text)
        {
            edits.replace_scalar(&see.place, &new);
        }
    }
    if edits.is_empty() { None } else { edits.apply() }
}

struct LayerFile<'f> {
    edits: Edits<'f>,
    raw: &'f str,
    moves: &'f Moves,
    ground: &'f dyn Fn(&str) -> (Ground, Ground),
}

impl LayerFile<'_> {
    fn address(&mut self, place: &crate::diagnostic::Place, text: &str) {
        if let Some(new) = self.moves.address(text) {
            self.edits.replace_scalar(place, &new);
        }
    }

    fn address_value(&mut self, node: &Node) {
        if let Yaml::Scalar(scalar) = &node.value {
            self.address(&node.place, &scalar.text);
        }
    }

    /// The anchor of an insert: a section of its page, or a page.
    fn anchor(&mut self, node: &Node, address: &Address) {
        let Yaml::Scalar(scalar) = &node.value else { return };
        let section = self.moves.section(&address.page, &scalar.text);
        let new =
            if address.section.is_some() && section != &*scalar.text { section } else { self.moves.page(&scalar.text) };
        if new != &*scalar.text {
            let new = new.to_owned();
            self.edits.replace_scalar(&node.place, &new);
        }
    }

    fn pins(&mut self, node: &Node, pins: &BTreeMap<String, String>) {
        if let Yaml::Scalar(scalar) = &node.value
            && let Some(new) = pins.get(&*scalar.text)
        {
            self.edits.replace_scalar(&node.place, new);
        }
        for (_, node) in entries(Some(node)) {
            if let Yaml::Scalar(scalar) = &node.value
                && let Some(new) = pins.get(&*scalar.text)
            {
                self.edits.replace_scalar(&node.place, new);
            }
        }
    }

    /// A text, or one per language.
    fn texts(&mut self, node: &Node, address: &Address) {
        self.text(node, address);
        for (_, node) in entries(Some(node)) {
            self.text(node, address);
        }
    }

    fn text(&mut self, node: &Node, address: &Address) {
        let Yaml::Scalar(scalar) = &node.value else { return };
        let (before, after) = (self.ground)(&address.page);
        let standing = Standing { before: &before, after: &after, page: &address.page };
        for (range, new) in links(&scalar.text, &standing, self.moves) {
            let old = &scalar.text[range.clone()];
            match scalar.block {
                Some((line, column)) => {
                    let lead = &scalar.text[..range.start];
                    let number = lead.matches('\n').count() as u32;
                    let within = lead.rsplit('\n').next().unwrap_or_default().chars().count() as u32;
                    if let Some(start) = self.edits.offset(line + number, column + within)
                        && self.raw[start..].starts_with(old)
                    {
                        self.edits.replace(start..start + old.len(), new);
                    }
                }
                // A folded or quoted text: a destination has no spaces, so it stands there as it is.
                None => {
                    let start = self.edits.offset(node.place.line, node.place.column);
                    let end = self.edits.offset(node.end.0, node.end.1);
                    let (Some(start), Some(end)) = (start, end) else { continue };
                    for (at, _) in self.raw[start..end].match_indices(&format!("]({old}")) {
                        let from = start + at + 2;
                        if self.raw[from + old.len()..].starts_with([')', ' ', '\n', '\r']) {
                            self.edits.replace(from..from + old.len(), new.clone());
                        }
                    }
                }
            }
        }
    }
}

fn entries(node: Option<&Node>) -> impl Iterator<Item = &(yaml::Key, Node)> {
    match node.map(|node| &node.value) {
        Some(Yaml::Map(map)) => map.iter(),
        _ => [].iter(),
    }
}

/// A YAML file as its places count: without a byte-order mark, with `\n` alone.
fn parse(raw: &str) -> Option<Node> {
    let text = raw.strip_prefix('\u{FEFF}').unwrap_or(raw).replace("\r\n", "\n").replace('\r', "\n");
    yaml::parse(&"".into(), &text, 1, yaml::FILE, &mut Findings::new())
}
