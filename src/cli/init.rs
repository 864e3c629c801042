//! `leidraad init [DIR]`: a small handbook that builds, in two languages and with one organisation. Asks
//! nothing; a file that is there stops it before anything is written.

use std::sync::Arc;

use crate::book::{Content, Digest, Source, Sources};
use crate::cli::Exit;
use crate::cli::args::Init;
use crate::cli::plan::{current, save, say};
use crate::cli::project::complain;
use crate::cli::report::Voice;
use crate::cli::schema;
use crate::load::handbook::{Drafts, decode};
use crate::memo::Memo;
use crate::write::Revision;

macro_rules! starter {
    ($($path:literal from $file:literal,)*) => {
        /// The files of a new project.
        const STARTER: &[(&str, &str)] = &[$(($path, include_str!(concat!("starter/", $file))),)*];
    };
}

starter! {
    ".editorconfig" from "editorconfig",
    ".github/workflows/publish.yml" from "publish.yml",
    ".gitignore" from "gitignore",
    ".vscode/extensions.json" from "vscode/extensions.json",
    ".vscode/leidraad.code-snippets" from "vscode/leidraad.code-snippets",
    ".vscode/settings.json" from "vscode/settings.json",
    ".vscode/tasks.json" from "vscode/tasks.json",
    "README.md" from "README.md",
    "book.toml" from "book.toml",
    "content/en/SUMMARY.md" from "en/SUMMARY.md",
    "content/en/eerste-dag.md" from "en/eerste-dag.md",
    "content/en/index.md" from "en/index.md",
    "content/en/kanalen.md" from "en/kanalen.md",
    "content/en/reageren.md" from "en/reageren.md",
    "content/glossary.yaml" from "glossary.yaml",
    "content/handbook.yaml" from "handbook.yaml",
    "content/nl/SUMMARY.md" from "nl/SUMMARY.md",
    "content/nl/eerste-dag.md" from "nl/eerste-dag.md",
    "content/nl/index.md" from "nl/index.md",
    "content/nl/kanalen.md" from "nl/kanalen.md",
    "content/nl/reageren.md" from "nl/reageren.md",
    "content/organisations/voorbeeld.yaml" from "organisations/voorbeeld.yaml",
    "content/organisations/voorbeeld/logo.svg" from "organisations/voorbeeld/logo.svg",
}

/// Writes the starter.
pub fn run(command: &Init, voice: Voice) -> Result<Exit, Exit> {
    let dir = &command.dir;
    let files = files();
    let mut there = Vec::new();
    for (path, _) in &files {
        if current(dir, path)?.is_some() {
            there.push(path.as_str());
        }
    }
    if !there.is_empty() {
        let more = if there.len() > 3 { format!(" and {} more", there.len() - 3) } else { String::new() };
        there.truncate(3);
        complain(&format!("`{}` holds {}{more} already: nothing was written", dir.display(), there.join(", ")));
        return Err(Exit::Usage);
    }
    let revisions: Vec<Revision> =
        files.into_iter().map(|(path, text)| Revision { path, before: None, after: Some(text.into_bytes()) }).collect();
    save(dir, &revisions)?;
    let enter = if dir.as_os_str() == "." { String::new() } else { format!("cd {} && ", dir.display()) };
    say(voice, &format!("{} files: a handbook in two languages, and the organisation `voorbeeld`", revisions.len()));
    say(voice, &format!("next: {enter}leidraad serve -o"));
    Ok(Exit::Done)
}

/// The starter, with the schemas that its own content makes.
fn files() -> Vec<(String, String)> {
    let sources = Sources {
        files: STARTER
            .iter()
            .map(|(path, text)| {
                let content = Content::Bytes(text.as_bytes().to_vec().into());
                (Arc::from(*path), Source { content, digest: Digest::of(text.as_bytes()), size: None })
            })
            .collect(),
    };
    let handbook = decode(&sources, Drafts::Shown, &Memo::new()).value;
    let schemas = schema::ALL.map(|file| (schema::path(file).to_owned(), schema::text(file, &handbook)));
    STARTER.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).chain(schemas).collect()
}
