//! `organisations/<id>.yaml` → [`Layer`] (spec §5): read strictly, key by key; whether an address
//! exists is for `overlay` to say.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::book::{
    Declarations, Digest, DigestWriter, Language, Layer, LayerId, PageId, PerLanguage, Placement, Setting,
    TokenSetting, is_id,
};
use crate::diagnostic::{Code, Findings, LOWER_CASE, Place, did_you_mean, escaped, nearest};
use crate::load::changes;
use crate::load::inserts;
use crate::load::links;
use crate::load::reader::Reader;
use crate::load::terms::Terms;
use crate::load::values;
use crate::load::yaml::{self, Map, Node, Yaml};
use crate::memo::Key;

/// A layer's file, and everything that decides what it means.
#[derive(Clone)]
pub struct LayerFile {
    /// Its id.
    pub id: LayerId,
    /// The file.
    pub path: Arc<str>,
    /// Its text.
    pub text: Arc<str>,
    /// The folder of its images and pages, relative to the project.
    pub folder: Arc<str>,
    /// The texts of the Markdown files in that folder, by path in it.
    pub pages: Arc<BTreeMap<Arc<str>, Arc<str>>>,
    /// The other files in that folder, by path in it.
    pub files: Arc<BTreeSet<Arc<str>>>,
    /// Every language of the handbook.
    pub languages: Arc<Vec<Language>>,
    /// What may vary.
    pub declarations: Arc<Declarations>,
    /// The pages that are a folder's own: links on them start in that folder.
    pub folder_pages: Arc<BTreeSet<PageId>>,
    /// The words of the glossary; the digest of the declarations covers them.
    pub terms: Arc<Terms>,
}

/// A layer as it was read.
#[derive(Clone, Debug)]
pub struct ParsedLayer {
    /// The layer.
    pub layer: Arc<Layer>,
    /// What is wrong with its file.
    pub findings: Findings,
}

impl Key for LayerFile {
    type Value = ParsedLayer;

    fn digest(&self) -> Digest {
        let mut digest = DigestWriter::new()
            .with(&*self.id)
            .with(&*self.path)
            .with(self.text.as_bytes())
            .with(&*self.folder)
            .with(self.declarations.digest);
        for part in self.languages.iter().map(|language| &**language).chain(["files"]) {
            digest.add(part);
        }
        for file in self.files.iter().map(|file| &**file).chain(["pages"]) {
            digest.add(file);
        }
        for (path, text) in self.pages.iter() {
            digest.add(&**path);
            digest.add(&**text);
        }
        for page in self.folder_pages.iter() {
            digest.add(&**page);
        }
        digest.finish()
    }

    fn compute(&self) -> ParsedLayer {
        decode(self)
    }
}

/// The keys of a layer, in their usual order.
pub const KEYS: &[&str] =
    &["extends", "name", "abstract", "languages", "params", "theme", "final", "changes", "insert", "placements"];

fn decode(file: &LayerFile) -> ParsedLayer {
    let mut layer = Layer {
        id: file.id.clone(),
        path: Arc::clone(&file.path),
        extends: None,
        name: PerLanguage::none(),
        is_abstract: false,
        languages: None,
        settings: Vec::new(),
        tried: None,
        logo: None,
        logo_alt: None,
        tokens: Vec::new(),
        finals: Vec::new(),
        changes: Vec::new(),
        inserts: Vec::new(),
        placements: Vec::new(),
        broken: false,
        unread: false,
        lacks_inserts: false,
        digest: file.digest(),
    };
    let mut reader = Reader::new(yaml::FILE, &file.languages);
    let mut findings = Findings::new();
    let node = yaml::parse(&file.path, &file.text, 1, yaml::FILE, &mut findings);
    reader.findings = findings;
    if let Some(node) = &node
        && let Some(map) = reader.map(node)
    {
        reader.closed(map, KEYS);
        layer.tried = tried(map, &file.declarations);
        let is_insert = |key: &str| key != "insert" && nearest(key, KEYS.iter().copied()) == Some("insert");
        layer.lacks_inserts = map.iter().any(|(key, _)| is_insert(&key.text));
        read(&mut layer, node, file, &mut reader);
    }
    let map: Option<&Map> = match node.as_ref().map(|node| (&node.value, node)) {
        Some((Yaml::Map(map), _)) => Some(map),
        Some((Yaml::Scalar(_) | Yaml::List(_), node)) => node.is_empty().then_some(&[]),
        None => reader.findings.is_empty().then_some(&[]),
    };
    layer.unread = map.is_none();
    // A name that was refused, or is misspelt, is none that is missing.
    let is_name = |key: &str| nearest(key, KEYS.iter().copied()) == Some("name");
    let named = map.and_then(|map| map.iter().find(|(key, _)| is_name(&key.text)));
    if map.is_some() && named.is_none_or(|(_, node)| node.is_empty()) {
        let place = named.map_or_else(|| Place::new(&file.path, 1, 1, 1), |(key, _)| key.place.clone());
        reader
            .findings
            .report(Code::E115, &place, "this layer has no `name`")
            .hint("name: how readers know the organisation");
    }
    let findings = reader.findings;
    layer.broken = crate::diagnostic::any_error(&findings);
    ParsedLayer { layer: Arc::new(layer), findings }
}

fn read(layer: &mut Layer, node: &Node, file: &LayerFile, reader: &mut Reader<'_>) {
    let given = |key: &str| node.get(key).filter(|node| !node.is_empty());
    if let Some(node) = node.get("extends").filter(|node| node.is_empty()) {
        reader.findings.report(Code::E110, &node.place, "`extends` names no layer").hint("name one, or remove it");
    }
    if let Some(node) = given("extends") {
        layer.extends = reader.line(node).map(|parent| (parent.as_ref().into(), node.place.clone()));
    }
    if let Some(node) = given("name") {
        layer.name = reader.per_language(node, |reader, node| {
            let name = reader.line(node)?;
            if name.trim().is_empty() {
                reader.findings.report(Code::E115, &node.place, "the name is empty");
                return None;
            }
            Some(name)
        });
    }
    layer.is_abstract = given("abstract").and_then(|node| reader.boolean(node)).unwrap_or(false);
    let mut first = None;
    if let Some(node) = given("languages") {
        layer.languages = languages(node, file, &mut first, reader);
    }
    if let Some(node) = given("params") {
        layer.settings = settings(node, file, reader);
    }
    if let Some(node) = given("theme") {
        theme(layer, node, file, reader);
    }
    if let Some(node) = given("final") {
        for item in reader.list(node).unwrap_or_default() {
            let Some(name) = reader.line(item) else { continue };
            if file.declarations.parameter(&name).is_none() {
                let known = file.declarations.parameters.iter().map(|field| &*field.name);
                let message = format!("unknown parameter `{}`", escaped(&name));
                reader.unknown_name((Code::E114, &item.place), message, (&name, known));
            } else {
                layer.finals.push((name, item.place.clone()));
            }
        }
    }
    // What is written once is in the first language that the layer names.
    let default = first.unwrap_or_else(|| file.languages[0].clone());
    if let Some(node) = given("changes") {
        layer.changes = changes::changes(node, file, &default, reader);
    }
    if let Some(node) = given("insert") {
        layer.inserts = inserts::inserts(node, file, &default, reader);
        layer.lacks_inserts |= !matches!(&node.value, Yaml::Map(map) if map.len() == layer.inserts.len());
    }
    if let Some(node) = given("placements") {
        layer.placements = placements(node, file, reader);
    }
}

fn languages(
    node: &Node,
    file: &LayerFile,
    first: &mut Option<Language>,
    reader: &mut Reader<'_>,
) -> Option<Vec<Language>> {
    let mut chosen = BTreeSet::new();
    for item in reader.list(node)? {
        let Some(text) = reader.line(item) else { continue };
        match file.languages.iter().find(|language| ***language == *text) {
            Some(language) => {
                first.get_or_insert_with(|| language.clone());
                chosen.insert(language.clone());
            }
            None => {
                let hint =
                    did_you_mean(&text, file.languages.iter().map(|language| &**language)).unwrap_or_else(|| {
                        let known: Vec<&str> = file.languages.iter().map(|language| &**language).collect();
                        format!("languages: {}", known.join(", "))
                    });
                let message = format!("`{}` is no language of this handbook", escaped(&text));
                reader.wrong_value(&item.place, message).hint(hint);
            }
        }
    }
    if chosen.is_empty() {
        reader.wrong_value(&node.place, "an edition needs at least one language");
        return None;
    }
    Some(file.languages.iter().filter(|language| chosen.contains(*language)).cloned().collect())
}

/// The parameters that a layer means to set: under their name, or one that is nearly theirs.
fn tried(map: &Map, declarations: &Declarations) -> Option<Vec<Arc<str>>> {
    let Some((_, params)) = map.iter().find(|(key, _)| &*key.text == "params") else {
        let misspelt = map.iter().any(|(key, _)| nearest(&key.text, KEYS.iter().copied()) == Some("params"));
        return (!misspelt).then(Vec::new);
    };
    let Yaml::Map(map) = &params.value else { return params.is_empty().then(Vec::new) };
    let names = || declarations.parameters.iter().map(|field| &*field.name);
    Some(map.iter().filter_map(|(key, _)| nearest(&key.text, names())).map(Into::into).collect())
}

fn settings(node: &Node, file: &LayerFile, reader: &mut Reader<'_>) -> Vec<Setting> {
    let mut settings = Vec::new();
    for (key, node) in reader.map(node).unwrap_or_default() {
        if file.declarations.refused.contains(&key.text) {
            continue;
        }
        let Some(field) = file.declarations.parameter(&key.text) else {
            let known = file.declarations.parameters.iter().map(|field| &*field.name);
            let message = format!("unknown parameter `{}`", escaped(&key.text));
            reader.unknown_name((Code::E114, &key.place), message, (&key.text, known));
            continue;
        };
        if let Some(value) = values::value(field, node, reader) {
            settings.push(Setting { name: Arc::clone(&field.name), value, place: key.place.clone() });
        }
    }
    settings
}

/// Tokens that need no declaration: the theme itself has them.
const BUILT_IN_TOKENS: [&str; 2] = ["accent", "accent-dark"];

fn theme(layer: &mut Layer, node: &Node, file: &LayerFile, reader: &mut Reader<'_>) {
    let Some(map) = reader.map(node) else { return };
    reader.closed(map, &["logo", "logo_alt", "tokens"]);
    let given = |key: &str| node.get(key).filter(|node| !node.is_empty());
    if let Some(node) = given("logo")
        && let Some(path) = reader.line(node)
    {
        match links::resolved("", &path).filter(|_| !path.starts_with('/')) {
            None => {
                let message = format!("`{}` leads out of the layer's folder", escaped(&path));
                reader.findings.report(Code::E118, &node.place, message);
            }
            Some(path) if !file.files.contains(path.as_str()) => {
                let hint = did_you_mean(&path, file.files.iter().map(|file| &**file))
                    .unwrap_or_else(|| format!("put it into {}/", file.folder));
                reader
                    .findings
                    .report(Code::E203, &node.place, format!("there is no file `{}`", escaped(&path)))
                    .hint(hint);
            }
            Some(path) => layer.logo = Some((format!("{}/{path}", file.folder).into(), node.place.clone())),
        }
    }
    if let Some(node) = given("logo_alt") {
        layer.logo_alt = Some((reader.per_language(node, Reader::line), node.place.clone()));
    }
    let Some(map) = node.get("tokens").and_then(|node| reader.map(node)) else { return };
    for (key, node) in map {
        let declared = file.declarations.tokens.iter().map(|token| &*token.name);
        let known: Vec<&str> = declared.chain(BUILT_IN_TOKENS).collect();
        if !known.contains(&&*key.text) {
            reader.unknown_key(key, known);
            continue;
        }
        let color = reader.line(node).and_then(|text| values::color(&text, &node.place, reader));
        if let Some(color) = color {
            layer.tokens.push(TokenSetting {
                name: Arc::clone(&key.text),
                color,
                place: key.place.clone(),
                value_place: node.place.clone(),
            });
        }
    }
}

fn placements(node: &Node, file: &LayerFile, reader: &mut Reader<'_>) -> Vec<Placement> {
    let mut placements = Vec::new();
    for (key, node) in reader.map(node).unwrap_or_default() {
        if !is_id(&key.text) {
            let message = format!("`{}` is no valid id of a placement", escaped(&key.text));
            reader.findings.report(Code::E109, &key.place, message).hint(LOWER_CASE);
            continue;
        }
        let Some(map) = reader.map(node) else { continue };
        let mut placement = Placement {
            id: Arc::clone(&key.text),
            values: Vec::new(),
            refused: Vec::new(),
            publish: false,
            place: key.place.clone(),
        };
        for (key, node) in map {
            if &*key.text == "publish" {
                placement.publish = reader.boolean(node).unwrap_or(false);
                continue;
            }
            let Some(field) = file.declarations.placement_field(&key.text) else {
                let known: Vec<&str> =
                    file.declarations.placement.iter().map(|field| &*field.name).chain(["publish"]).collect();
                reader.unknown_key(key, known);
                continue;
            };
            match values::value(field, node, reader) {
                Some(value) => placement.values.push((Arc::clone(&field.name), value, key.place.clone())),
                None => placement.refused.push(Arc::clone(&field.name)),
            }
        }
        placements.push(placement);
    }
    placements.sort_by(|a, b| a.id.cmp(&b.id));
    placements
}
