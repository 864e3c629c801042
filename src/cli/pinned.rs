//! What a layer's operations hide, or what a translation was made from, as texts that people compare.

use std::fmt::Write;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::book::fingerprint::{fingerprint, whole};
use crate::book::{Address, InsertBody, Language, LayerId, Own, PageId, Part, Section};
use crate::cli::Exit;
use crate::cli::project::{Project, complain};
use crate::diagnostic::{did_you_mean, escaped};
use crate::load::typed;
use crate::overlay::{Hidden, Overlay};
use crate::render::words::{Side, compared};

/// Whose pins a command is about: the ORG of `diff` and `accept`.
#[derive(Clone, Debug)]
pub enum Holder {
    /// A layer.
    Layer(LayerId),
    /// A translation.
    Translation(Language),
}

/// A text that was or can be accepted.
#[derive(Clone, Debug)]
pub struct Pin {
    /// The address that is meant.
    pub address: Address,
    /// The address as the layer's file writes it.
    pub key: String,
    /// The language of the texts.
    pub language: Language,
    /// The file that holds the pin.
    pub file: Arc<str>,
    /// The line of the key in it.
    pub line: u32,
    /// `replace`, `remove`, `title` or `translation`.
    pub op: &'static str,
    /// Whether each language has a pin of its own.
    pub per_language: bool,
    /// The fingerprint that was accepted.
    pub accepted: Option<Arc<str>>,
    /// The text that was accepted, where it is known.
    pub accepted_text: Option<String>,
    /// Today's fingerprint and text; nothing where nothing is hidden.
    pub now: Option<(String, String)>,
    /// The text that stands there instead.
    pub own: Option<String>,
}

impl Pin {
    /// `applied`, `stale`, or `unpinned`.
    pub fn state(&self) -> &'static str {
        match (&self.accepted, &self.now) {
            (None, _) => "unpinned",
            (Some(accepted), Some((now, _))) if **accepted == **now => "applied",
            (Some(_), _) => "stale",
        }
    }

    /// One element of the array that `diff --format json` gives (spec §7).
    pub fn object(&self) -> Value {
        json!({
            "address": self.address.to_string(), "lang": &*self.language,
            "accepted": self.accepted_text.as_deref().map(str::trim_end),
            "now": self.now.as_ref().map(|(_, text)| text.trim_end()),
            "own": self.own.as_deref().map(str::trim_end), "state": self.state(),
        })
    }

    /// The three texts for people: what changed between the accepted and today's word by word.
    pub fn text(&self) -> String {
        let mut out = format!(
            "\u{1b}[1m{}\u{1b}[0m ({}), {} at {}:{}: {}\n",
            self.address,
            self.language,
            self.op,
            self.file,
            self.line,
            self.state()
        );
        let (before, today) = (self.accepted_text.as_deref().map(safe), self.now.as_ref().map(|(_, text)| safe(text)));
        match (self.state(), before.as_deref(), today.as_deref()) {
            ("stale", Some(before), Some(now)) => {
                section(&mut out, "base, since it was accepted", &marked(before, now))
            }
            ("stale", None, Some(now)) => {
                section(&mut out, "base today (the text that was accepted is not stored)", now);
            }
            (_, _, Some(now)) => section(&mut out, "base", now),
            (_, Some(before), None) => section(&mut out, "base, gone now", before),
            (_, None, None) => section(&mut out, "base", "nothing stands there"),
        }
        match &self.own {
            Some(own) => section(&mut out, "own text", &safe(own)),
            None => out.push_str("  removed\n"),
        }
        out
    }
}

/// The ORG of a command line.
pub fn holder(project: &Project, name: &str) -> Result<Holder, Exit> {
    let handbook = &project.composed.handbook;
    if let Some((id, layer)) = handbook.layers.get_key_value(name) {
        if layer.broken {
            complain(&format!("the layer `{id}` has errors; `leidraad check` shows them"));
            return Err(Exit::Content);
        }
        return Ok(Holder::Layer(id.clone()));
    }
    let translations = &handbook.config.languages[1..];
    if let Some(language) = translations.iter().find(|language| ***language == *name) {
        return Ok(Holder::Translation(language.clone()));
    }
    let known = handbook.layers.keys().map(|id| &**id).chain(translations.iter().map(|language| &**language));
    let hint = did_you_mean(name, known).map(|hint| format!("; {hint}")).unwrap_or_default();
    let hint = match *handbook.config.languages[0] == *name {
        true => "; it is the default language, which the others are compared with".to_owned(),
        false => hint,
    };
    complain(&format!("there is no layer and no translation `{name}`{hint}"));
    Err(Exit::Usage)
}

/// Every pin of a layer or a translation, in the order of its files.
pub fn pins(project: &Project, holder: &Holder) -> Vec<Pin> {
    match holder {
        Holder::Layer(id) => of_layer(project, id),
        Holder::Translation(language) => of_translation(project, language),
    }
}

/// Those at the addresses of a command line; an address without a pin is refused.
pub fn at(project: &Project, pins: Vec<Pin>, addresses: &[String]) -> Result<Vec<Pin>, Exit> {
    let mut chosen: Vec<Pin> = Vec::new();
    for name in addresses {
        let mut address = Address::parse(name);
        if let Some(page) = project.composed.handbook.aliases.get(&*address.page) {
            address.page = page.clone();
        }
        // A page stands for its sections too.
        let covers = |pin: &&Pin| {
            pin.key == *name
                || pin.address == address
                || (address.section.is_none() && pin.address.page == address.page)
        };
        let found: Vec<&Pin> = pins.iter().filter(covers).collect();
        if found.is_empty() && !is_there(project, &address) {
            let known: Vec<String> = pins.iter().map(|pin| pin.address.to_string()).collect();
            let hint = did_you_mean(name, known.iter().map(String::as_str)).map(|hint| format!("; {hint}"));
            complain(&format!("there is no `{name}`, and nothing is hidden there{}", hint.unwrap_or_default()));
            return Err(Exit::Usage);
        }
        chosen.extend(found.into_iter().cloned());
    }
    Ok(chosen)
}

/// Whether the base or a layer has a text at an address.
fn is_there(project: &Project, address: &Address) -> bool {
    let handbook = &project.composed.handbook;
    let base = handbook.pages.get(&address.page).and_then(|page| page.languages.first());
    base.is_some_and(|page| address.section.as_ref().is_none_or(|id| page.section(id).is_some()))
        || handbook.layers.values().flat_map(|layer| &layer.inserts).any(|insert| insert.address == *address)
}

/// The file that holds the text of a fingerprint.
pub fn stored_at(project: &Project, fingerprint: &str) -> String {
    format!("{}/accepted/{fingerprint}.md", project.composed.handbook.config.organisations.src)
}

fn stored(project: &Project, fingerprint: &str) -> Option<String> {
    let bytes = project.sources.bytes(&stored_at(project, fingerprint))?;
    String::from_utf8(bytes.to_vec()).ok()
}

fn of_layer(project: &Project, id: &LayerId) -> Vec<Pin> {
    let overlay = Overlay::new(Arc::clone(&project.composed.handbook));
    let pinned = overlay.pinned(id).into_iter();
    pinned
        .map(|pinned| {
            let now = pinned
                .hidden
                .as_ref()
                .map(|hidden| (fingerprint(hidden.digest()), hidden_text(project, &pinned.address.page, hidden)));
            Pin {
                accepted_text: accepted_text(project, pinned.accepted.as_deref(), now.as_ref()),
                address: pinned.address,
                key: pinned.key,
                language: pinned.language,
                file: pinned.place.path,
                line: pinned.place.line,
                op: pinned.op,
                per_language: pinned.per_language,
                accepted: pinned.accepted,
                now,
                own: pinned.own,
            }
        })
        .collect()
}

fn of_translation(project: &Project, language: &Language) -> Vec<Pin> {
    let handbook = &project.composed.handbook;
    let Some(at) = handbook.config.at(language) else { return Vec::new() };
    let translated = handbook.pages.iter().filter_map(|(id, page)| {
        let (source, own) = (page.languages.first()?, page.languages.get(at)?);
        (!own.fallback).then_some((id, source, own))
    });
    translated
        .map(|(id, source, own)| {
            let page = |page: &Arc<_>| hidden_text(project, id, &Hidden::Page(Arc::clone(page)));
            let now = Some((fingerprint(whole(source)), page(source)));
            let accepted = own.accepted.as_ref().map(|(accepted, _)| Arc::clone(accepted));
            Pin {
                address: Address::page(id),
                key: id.to_string(),
                language: language.clone(),
                file: Arc::clone(&own.source),
                line: own.accepted.as_ref().map_or(1, |(_, place)| place.line),
                op: "translation",
                per_language: false,
                accepted_text: accepted_text(project, accepted.as_deref(), now.as_ref()),
                accepted,
                now,
                own: Some(page(own)),
            }
        })
        .collect()
}

/// The text behind a fingerprint: as it was stored, or today's where that is the same.
fn accepted_text(project: &Project, accepted: Option<&str>, now: Option<&(String, String)>) -> Option<String> {
    let accepted = accepted?;
    stored(project, accepted)
        .or_else(|| now.filter(|(fingerprint, _)| fingerprint == accepted).map(|(_, text)| text.clone()))
}

fn hidden_text(project: &Project, page: &PageId, hidden: &Hidden) -> String {
    let mut blocks = Vec::new();
    match hidden {
        Hidden::Own(own) => add_own(project, page, own, &mut blocks),
        Hidden::Section(section) => add_section(project, page, section, &mut blocks),
        Hidden::Page(shown) => {
            blocks.push(format!("# {}", shown.heading.text));
            add_own(project, page, &shown.opening, &mut blocks);
            add_own(project, page, &shown.unaddressed, &mut blocks);
            shown.sections.iter().for_each(|section| add_section(project, page, section, &mut blocks));
        }
        Hidden::Title(heading) => blocks.push(heading.text.to_string()),
    }
    blocks.retain(|block| !block.is_empty());
    let mut text = blocks.join("\n\n");
    text.push('\n');
    text
}

fn add_section(project: &Project, page: &PageId, section: &Section, blocks: &mut Vec<String>) {
    let marks = "#".repeat(usize::from(section.level));
    blocks.push(format!("{marks} {} {{#{}}}", section.heading.text, section.id));
    add_own(project, page, &section.own, blocks);
    // Six levels of headings at the most: this recursion is bounded.
    section.sections.iter().for_each(|child| add_section(project, page, child, blocks));
}

fn add_own(project: &Project, page: &PageId, own: &Own, blocks: &mut Vec<String>) {
    blocks.extend(own.parts.iter().map(|part| typed(project, page, part)));
}

/// A part as it was typed: in a page's file, or in a layer's.
pub fn typed(project: &Project, page: &PageId, part: &Part) -> String {
    let handbook = &project.composed.handbook;
    let source = match &part.layer {
        None => handbook
            .config
            .at(&part.language)
            .and_then(|at| Some(Arc::clone(&handbook.pages.get(page)?.languages.get(at)?.source))),
        Some(id) => {
            if let Some(text) = typed::of_layer(handbook, part) {
                return text.trim().to_owned();
            }
            let Some(layer) = handbook.layers.get(id) else { return String::new() };
            layer.inserts.iter().filter(|insert| insert.address.page == *page).find_map(|insert| match &insert.body {
                InsertBody::Pages(pages) => pages.get(&part.language).map(|page| Arc::clone(&page.source)),
                InsertBody::Text(_) => None,
            })
        }
    };
    let Some(source) = source else { return String::new() };
    let fragment = &part.fragment;
    let within = |note: &(u32, u32)| fragment.lines.0 <= note.0 && note.1 <= fragment.lines.1;
    // The footnotes of the text may stand anywhere on its page.
    let notes = fragment.note_lines.iter().filter(|note| !within(note));
    let stretches = std::iter::once(&fragment.lines).chain(notes).map(|(first, last)| {
        let lines = (*first..=*last).filter(|line| *line > 0).filter_map(|line| project.sources.line(&source, line));
        lines.collect::<Vec<_>>().join("\n").trim_matches('\n').to_owned()
    });
    stretches.filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n\n")
}

/// A text for a terminal: whatever could steer one is written out.
fn safe(text: &str) -> String {
    text.lines().map(escaped).collect::<Vec<_>>().join("\n")
}

fn section(out: &mut String, title: &str, text: &str) {
    let _ = writeln!(out, "  {title}:");
    for line in text.trim_end().lines() {
        let _ = writeln!(out, "    {line}");
    }
}

/// The new text with what was dropped in `[-…-]` and what was added in `{+…+}`; line breaks alone are no difference.
pub fn marked(old: &str, new: &str) -> String {
    let (old, new) = (words(old), words(new));
    let bare = |words: &[(&str, &str)]| words.iter().map(|(word, _)| (*word).to_owned()).collect::<Vec<_>>();
    let mut out = String::new();
    for (side, range) in compared(&bare(&old), &bare(&new)) {
        let (list, before, after) = match side {
            Side::Both => (&new, "", ""),
            Side::Old => (&old, "\u{1b}[31m[-", "-]\u{1b}[0m"),
            Side::New => (&new, "\u{1b}[32m{+", "+}\u{1b}[0m"),
        };
        let Some((last, most)) = list.get(range).and_then(<[_]>::split_last) else { continue };
        out.push_str(before);
        most.iter().for_each(|(word, space)| out.extend([*word, *space]));
        out.push_str(last.0);
        out.push_str(after);
        out.push_str(if last.1.is_empty() { " " } else { last.1 });
    }
    out
}

/// Words, each with the white space after it.
fn words(text: &str) -> Vec<(&str, &str)> {
    let mut words = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let word = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let after = &rest[word..];
        let next = after.find(|c: char| !c.is_whitespace()).unwrap_or(after.len());
        words.push((&rest[..word], &after[..next]));
        rest = &after[next..];
    }
    words
}
