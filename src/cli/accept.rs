//! `leidraad accept ORG ADDR…|--all`

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Arc;

use crate::cli::Exit;
use crate::cli::args::Accept;
use crate::cli::diff;
use crate::cli::pinned::{self, Pin};
use crate::cli::project::{self, Project, complain};
use crate::cli::report::Voice;
use crate::load::edit;
use crate::load::handbook::Drafts;
use crate::write::{self, Revision};

/// Records today's texts as accepted: in the layer's file, or in the front matter of translations.
/// Shows all that it records.
pub fn run(command: &Accept, voice: Voice) -> Exit {
    let project = match project::open(&command.dir, command.judging.reading(Drafts::Shown), &[]) {
        Ok(project) => project,
        Err(exit) => return exit,
    };
    let pins = pinned::holder(&project, &command.organisation).map(|holder| pinned::pins(&project, &holder));
    let chosen =
        pins.and_then(|pins| if command.all { Ok(pins) } else { pinned::at(&project, pins, &command.addresses) });
    let chosen = match chosen {
        Ok(chosen) => chosen,
        Err(exit) => return exit,
    };
    let (new, known): (Vec<Pin>, Vec<Pin>) =
        chosen.into_iter().filter(|pin| pin.now.is_some()).partition(|pin| pin.state() != "applied");
    let revisions = match revisions(&project, &new, &known) {
        Ok(revisions) => revisions,
        Err(file) => {
            complain(&format!(
                "{file} cannot be changed safely; write the fingerprints that `leidraad check` names by hand"
            ));
            return Exit::Content;
        }
    };
    let printed = diff::print(&new, command.judging.format);
    if printed != Exit::Done {
        return printed;
    }
    if let Err(error) = write::revise(&command.dir, &revisions) {
        complain(&error.to_string());
        return Exit::Environment;
    }
    if voice != Voice::Quiet {
        let line = match new.len() {
            0 => "nothing new: all of it was accepted as it is today".to_owned(),
            1 => "1 text accepted".to_owned(),
            many => format!("{many} texts accepted"),
        };
        let _ = writeln!(anstream::stderr().lock(), "{line}");
    }
    Exit::Done
}

/// What becomes of the files: pins in those of people, and the texts behind the fingerprints.
fn revisions(project: &Project, new: &[Pin], known: &[Pin]) -> Result<Vec<Revision>, Arc<str>> {
    let mut revisions: BTreeMap<String, Revision> = BTreeMap::new();
    for pin in new {
        let Some((fingerprint, _)) = &pin.now else { continue };
        let before = project.sources.bytes(&pin.file).map(|bytes| bytes.to_vec());
        let revision = revisions.entry(pin.file.to_string()).or_insert_with(|| Revision {
            path: pin.file.to_string(),
            after: before.clone(),
            before,
        });
        let text = revision.after.take().and_then(|bytes| String::from_utf8(bytes).ok());
        let after = text.and_then(|text| with_pin(&text, pin, fingerprint, project));
        revision.after = Some(after.ok_or_else(|| Arc::clone(&pin.file))?.into_bytes());
    }
    for (fingerprint, text) in new.iter().chain(known).filter_map(|pin| pin.now.as_ref()) {
        let path = pinned::stored_at(project, fingerprint);
        if project.sources.bytes(&path).is_none() {
            let after = Some(text.clone().into_bytes());
            revisions.insert(path.clone(), Revision { path, before: None, after });
        }
    }
    Ok(revisions.into_values().collect())
}

/// The file's text with the pin in its place.
fn with_pin(text: &str, pin: &Pin, fingerprint: &str, project: &Project) -> Option<String> {
    let (mark, text) = match text.strip_prefix('\u{feff}') {
        Some(rest) => ("\u{feff}", rest),
        None => ("", text),
    };
    let after = if pin.op == "translation" {
        in_front_matter(text, fingerprint)
    } else {
        in_layer(text, pin, fingerprint, project)
    };
    Some(format!("{mark}{}", after?))
}

fn in_layer(text: &str, pin: &Pin, fingerprint: &str, project: &Project) -> Option<String> {
    let change = ["changes", pin.key.as_str()];
    let languages = &project.composed.handbook.config.languages;
    // A bare text, or a text per language, is `replace`.
    let is_bare = edit::keys(text, &change)?
        .is_none_or(|keys| keys.iter().all(|key| languages.iter().any(|language| **language == **key)));
    let text = if is_bare { edit::wrap(text, &change, "replace")? } else { text.to_owned() };
    let mut path = vec!["changes", pin.key.as_str(), "accepted"];
    if pin.per_language {
        path.push(&pin.language);
    }
    edit::set(&text, &path, fingerprint)
}

/// The text of a page with `accepted` in its front matter, which is made where there is none.
fn in_front_matter(text: &str, fingerprint: &str) -> Option<String> {
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let opening = text.split_inclusive('\n').next().filter(|line| line.trim_end() == "---");
    let Some(opening) = opening else {
        return Some(format!("---{newline}accepted: {fingerprint}{newline}---{newline}{newline}{text}"));
    };
    let rest = &text[opening.len()..];
    let mut end = 0;
    for line in rest.split_inclusive('\n') {
        if line.trim_end() == "---" {
            let front = edit::set(&rest[..end], &["accepted"], fingerprint)?;
            return Some(format!("{opening}{front}{}", &rest[end..]));
        }
        end += line.len();
    }
    None
}
