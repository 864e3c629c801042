//! Invariants of the repository itself: who imports whom, where crates live, how long files are,
//! and what is embedded.

use std::collections::BTreeSet;
use std::fs;

use crate::project::{repository, tree};

/// Module → what it may import of the crate. Stages meet only in `book`.
const IMPORTS: &[(&str, &[&str])] = &[
    ("diagnostic", &[]),
    ("book", &["diagnostic"]),
    ("memo", &["book"]),
    ("load", &["book", "diagnostic", "memo"]),
    ("overlay", &["book", "diagnostic", "memo"]),
    ("render", &["book", "diagnostic", "memo"]),
    ("write", &["book", "diagnostic"]),
    ("serve", &["book", "diagnostic", "memo", "load", "overlay", "render", "write", "lib"]),
    ("publish", &["book", "diagnostic", "write"]),
    ("lib", &["book", "cli", "diagnostic", "load", "memo", "overlay", "publish", "render", "serve", "write"]),
    ("cli", &["book", "diagnostic", "load", "memo", "overlay", "publish", "render", "serve", "write", "lib"]),
    ("main", &["cli"]),
];

/// Crate → where it may be named.
const HOMES: &[(&str, &[&str])] = &[
    ("comrak", &["load/markdown/", "load/summary.rs"]),
    ("serde_yaml", &["load/yaml.rs", "load/edit"]),
    ("toml", &["load/config.rs", "load/toml_reader.rs"]),
    ("frostem", &["render/stem.rs"]),
    ("handlebars", &["render/template.rs"]),
    ("clap", &["cli/"]),
    ("clap_complete", &["cli/"]),
    ("clap_mangen", &["cli/"]),
    ("notify", &["serve/"]),
    ("imagesize", &["load/sources.rs"]),
    ("jiff", &["load/", "overlay/", "render/", "book/", "cli/"]),
    ("rustix", &["load/sources.rs", "load/walk.rs", "write/", "serve/", "publish/"]),
    ("signal_hook", &["cli/", "serve/"]),
    ("std::fs", &["load/sources.rs", "load/walk.rs", "write/", "cli/", "publish/"]),
    ("std::env", &["cli/"]),
    ("std::process::Command", &["cli/"]),
    ("std::net", &["serve/", "cli/"]),
];

/// How many lines a source file may have: one idea fits into them.
const MOST_LINES: usize = 400;

/// Path below src and text of every source file.
fn sources() -> Vec<(String, String)> {
    let files = tree(&repository().join("src")).into_iter().filter(|(path, _)| path.ends_with(".rs"));
    files.map(|(path, bytes)| (path, String::from_utf8(bytes).unwrap())).collect()
}

fn module(path: &str) -> &str {
    path.split('/').next().unwrap().trim_end_matches(".rs")
}

/// The lines of code of a file: comments left out.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")).map(|(at, line)| (at + 1, line))
}

/// The modules of the crate that a line names: `crate::book::Page`, `use crate::{compose, memo::Memo}`.
fn named(line: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for (at, _) in line.match_indices("crate::") {
        let rest = &line[at + "crate::".len()..];
        let inner = match rest.strip_prefix('{') {
            Some(list) => list.split('}').next().unwrap_or_default().split(',').collect::<Vec<_>>(),
            None => vec![rest],
        };
        for name in inner {
            let name = name.trim();
            let end = name.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(name.len());
            found.push(&name[..end]);
        }
    }
    found
}

#[test]
fn a_stage_imports_no_other_stage() {
    let modules: BTreeSet<&str> = IMPORTS.iter().map(|(module, _)| *module).collect();
    let mut wrong = Vec::new();
    for (path, text) in &sources() {
        let own = module(path);
        let Some((_, allowed)) = IMPORTS.iter().find(|(module, _)| *module == own) else {
            panic!("src/{path}: `{own}` has no line in IMPORTS: say what it may import")
        };
        for (line, code) in code(text) {
            for name in named(code) {
                let name = if modules.contains(name) { name } else { "lib" };
                if name == own || allowed.contains(&name) || own == "lib" {
                    continue;
                }
                wrong.push(format!("src/{path}:{line}: {own} imports {name}: {}", code.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_crate_has_its_home() {
    let mut wrong = Vec::new();
    for (path, text) in &sources() {
        for (line, code) in code(text) {
            for (name, homes) in HOMES {
                let names = code.match_indices(name).any(|(at, _)| {
                    let before = code[..at].chars().next_back();
                    let after = &code[at + name.len()..];
                    let whole =
                        !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':' || c == '"' || c == '.');
                    let import = code.trim_start().starts_with("use ")
                        && !after.starts_with(|c: char| c.is_alphanumeric() || c == '_');
                    whole && (after.starts_with("::") || import && code.trim_start()[4..].starts_with(name))
                });
                if names && !homes.iter().any(|home| path.starts_with(home)) {
                    wrong.push(format!("src/{path}:{line}: {name} lives in {homes:?}: {}", code.trim()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn files_are_short() {
    let mut wrong = Vec::new();
    for (path, text) in &sources() {
        let lines = text.lines().count();
        if lines > MOST_LINES {
            wrong.push(format!("src/{path} has {lines} lines; {MOST_LINES} are allowed"));
        }
        if !text.starts_with("//! ") {
            wrong.push(format!("src/{path} does not begin with what it is"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_default_theme_is_embedded_whole() {
    let list = fs::read_to_string(repository().join("src/load/embedded.rs")).unwrap();
    for path in tree(&repository().join("themes/leidraad")).into_keys() {
        assert!(list.contains(&format!("\"{path}\"")), "src/load/embedded.rs lacks {path}");
    }
}

#[test]
fn every_language_has_the_same_words() {
    let keys = |language: &str| -> BTreeSet<String> {
        let path = repository().join(format!("themes/leidraad/strings/{language}.yaml"));
        let text = fs::read_to_string(path).unwrap();
        let lines = text.lines().filter(|line| !line.starts_with('#') && !line.starts_with(' '));
        lines.filter_map(|line| Some(line.split_once(':')?.0.to_owned())).collect()
    };
    let (nl, en) = (keys("nl"), keys("en"));
    assert!(nl.len() > 50);
    assert_eq!(nl.difference(&en).collect::<Vec<_>>(), Vec::<&String>::new(), "not in en.yaml");
    assert_eq!(en.difference(&nl).collect::<Vec<_>>(), Vec::<&String>::new(), "not in nl.yaml");
}
