//! `insert:` of a layer → pages and sections of its own.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::book::{Address, DigestWriter, Insert, InsertBody, Language, Page, Title, is_id, slug};
use crate::diagnostic::{Code, LOWER_CASE, did_you_mean, escaped};
use crate::load::changes::{SIDES, anchor};
use crate::load::front_matter::UnknownKeys;
use crate::load::include::Included;
use crate::load::layer_texts::{self, Slot, ground, reason, texts};
use crate::load::layers::LayerFile;
use crate::load::links;
use crate::load::markdown::Author;
use crate::load::page::{self, Manner, PageFile};
use crate::load::reader::Reader;
use crate::load::translation::merged;
use crate::load::yaml::{Key, Node};
use crate::memo::Key as _;

/// Reads `insert:`.
pub fn inserts(node: &Node, file: &LayerFile, language: &Language, reader: &mut Reader<'_>) -> Vec<Insert> {
    let map = reader.map(node).unwrap_or_default();
    map.iter().filter_map(|(key, node)| insert(key, node, file, language, reader)).collect()
}

fn insert(key: &Key, node: &Node, file: &LayerFile, language: &Language, reader: &mut Reader<'_>) -> Option<Insert> {
    let address = Address::parse(&key.text);
    let is_page = address.section.is_none();
    let valid = match &address.section {
        Some(section) => is_id(section),
        None => address.page.split('/').all(is_id),
    };
    if !valid {
        let message = format!("`{}` is no valid address for something new", escaped(&key.text));
        reader.findings.report(Code::E109, &key.place, message).hint(LOWER_CASE);
        return None;
    }
    let map = reader.map(node)?;
    let mut allowed = vec!["before", "after", "first_in", "last_in", "title", "text", "reason"];
    if is_page {
        allowed.push("file");
    }
    reader.closed(map, &allowed);
    let anchor = anchor(node, &SIDES, &key.place, reader);
    let reason = node.get("reason").and_then(|node| reason(node, language, reader));
    let title = match node.get("title") {
        Some(node) => layer_texts::title(node, file, language, reader)?,
        None => Title::new(),
    };
    let body = match (node.get("text"), node.get("file").filter(|_| is_page)) {
        (Some(_), Some(file)) => {
            reader.findings.report(Code::E107, &file.place, "`text` and `file` contradict each other").hint("keep one");
            return None;
        }
        (Some(node), None) => {
            InsertBody::Text(texts(node, Slot { address: &address, word: "text" }, file, language, reader)?)
        }
        (None, Some(node)) => InsertBody::Pages(pages(node, &address, file, language, reader)?),
        // That a section takes no file was said already.
        (None, None) if node.get("file").is_some() => return None,
        (None, None) => {
            let message = format!("`{}` has no `text`", escaped(&key.text));
            reader.findings.report(Code::E107, &key.place, message).hint("what is inserted needs a text");
            return None;
        }
    };
    let is_named = match &body {
        InsertBody::Pages(pages) => pages.values().all(|page| !page.name.is_empty()),
        InsertBody::Text(_) => false,
    };
    if title.is_empty() && !is_named {
        reader
            .findings
            .report(Code::E115, &key.place, format!("`{}` has no `title`", escaped(&key.text)))
            .hint("title: …");
        return None;
    }
    Some(Insert { address, anchor: anchor?, title, body, reason, place: key.place.clone() })
}

/// `file: x.md`, or a file per language, in the layer's folder.
fn pages(
    node: &Node,
    address: &Address,
    file: &LayerFile,
    language: &Language,
    reader: &mut Reader<'_>,
) -> Option<BTreeMap<Language, Arc<Page>>> {
    let names = reader.per_language(node, |reader, node| Some((reader.line(node)?, node.place.clone())));
    let mut pages = BTreeMap::new();
    for (language, (name, place)) in names.any.map(|name| (language.clone(), name)).into_iter().chain(names.named) {
        let Some(path) = links::resolved("", &name).filter(|_| !name.starts_with('/')) else {
            reader.findings.report(Code::E118, &place, format!("`{}` leads out of the layer's folder", escaped(&name)));
            continue;
        };
        let Some(text) = file.pages.get(path.as_str()) else {
            let hint = did_you_mean(&path, file.pages.keys().map(|name| &**name))
                .unwrap_or_else(|| format!("write it as {}/{path}", file.folder));
            reader.findings.report(Code::E203, &place, format!("there is no file `{}`", escaped(&name))).hint(hint);
            continue;
        };
        let ground = ground(&address.page, file);
        let manner = Manner {
            placeholders: file.declarations.has_parameters,
            author: Author::LayerPage,
            unknown: UnknownKeys::Refused,
            terms: Arc::clone(&file.terms),
        };
        let path: Arc<str> = format!("{}/{path}", file.folder).into();
        let this = DigestWriter::new().with(&**text).with(&*path).with(&*address.page).with(&*language);
        let this = this.with(&*ground.page_folder).with(&*ground.files_root).finish();
        let included = Arc::<Included>::default();
        let parsed = PageFile {
            digest: page::digest(this, manner.digest(), &included),
            path,
            text: Arc::clone(text),
            id: address.page.clone(),
            language: language.clone(),
            ground,
            manner,
            included,
        }
        .compute();
        reader.findings.extend(parsed.findings);
        for (alias, place) in &parsed.front.aliases {
            let message = format!("a page that a layer inserts has no old name: `{}`", escaped(alias));
            reader.findings.report(Code::E205, place, message).hint("remove it");
        }
        let output = match &parsed.front.path {
            Some((path, _)) => format!("{}.html", slug(path)),
            None => format!("{}.html", address.page),
        };
        pages.insert(language, Arc::new(Page { output: output.into(), ..Page::clone(&parsed.page) }));
    }
    // As in the base, one language decides which sections there are.
    if let Some(default) = pages.get(language).cloned() {
        for (_, page) in pages.iter_mut().filter(|(other, _)| *other != language) {
            *page = Arc::new(merged(page, &default, &mut reader.findings));
        }
    }
    (!pages.is_empty()).then_some(pages)
}
