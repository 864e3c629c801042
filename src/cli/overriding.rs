//! `leidraad override ORG ADDR`: writes into a layer what it takes to change an address, and leaves every
//! other byte of the file as it was.

use std::sync::Arc;

use crate::book::{Address, Edition, Layer, LayerId, Lock, Page, Part, Section, SectionId, Sources};
use crate::cli::Exit;
use crate::cli::args::Override;
use crate::cli::plan::{Plan, say};
use crate::cli::project::{self, complain};
use crate::cli::report::{self, Voice};
use crate::diagnostic::{Code, Diagnostic, Findings, Place, did_you_mean, escaped};
use crate::load::handbook::{Drafts, decode};
use crate::load::{layers, splice, typed, yaml};
use crate::memo::Memo;
use crate::overlay::{Overlay, Reading, Ready, ready_lines};

/// Writes the ready lines.
pub fn run(command: &Override, voice: Voice) -> Exit {
    let snapshot = match project::read(&command.dir, &[]) {
        Ok(snapshot) => snapshot,
        Err(exit) => return exit,
    };
    let sources = &snapshot.sources;
    let mut handbook = decode(sources, Drafts::Shown, &Memo::new());
    let is_unreadable = |layer: &Layer| {
        let in_layer = |finding: &&Diagnostic| finding.place.as_ref().is_some_and(|place| place.path == layer.path);
        handbook.findings.iter().filter(in_layer).any(|finding| finding.code == Code::E124)
    };
    // One change need not wait for the reason of another, nor for a value: what can be read is enough.
    if let Some(layer) = handbook.value.layers.get_mut(command.organisation.as_str())
        && !is_unreadable(layer)
    {
        Arc::make_mut(layer).broken = false;
    }
    let overlay = Overlay::new(Arc::new(handbook.value));
    let edition = match edition(&overlay, &command.organisation) {
        Ok(edition) => edition,
        Err(exit) => return exit,
    };
    let mut address = Address::parse(command.address.trim_end_matches('#').trim_end_matches(".md"));
    if let Some(page) = edition.handbook.aliases.get(&*address.page) {
        address.page = page.clone();
    }
    let typed = |page: &Page, section: Option<&SectionId>, part: &Part| {
        typed::portable(&edition.handbook, sources, (page, section), part)
    };
    let lines = match ready_lines(&Reading { edition: &edition, sources, typed: &typed }, &address) {
        Ready::Lines(lines) => lines,
        Ready::There(place) => {
            complain(&format!("the layer `{}` speaks of `{address}` already, at {place}: edit it there", edition.id));
            return Exit::Usage;
        }
        Ready::Locked(by) => {
            complain(&locked(&edition, &address, by.as_ref()));
            return Exit::Usage;
        }
        Ready::Missing => {
            complain(&missing(&edition, &address));
            return Exit::Usage;
        }
    };
    let Some(layer) = edition.chain.last() else { return Exit::Usage };
    if let Some(place) = written(sources, &layer.path, &address) {
        complain(&format!("the layer `{}` speaks of `{address}` already, at {place}: edit it there", edition.id));
        return Exit::Usage;
    }
    let Some((after, line)) = spliced(sources, &layer.path, &address, &lines) else {
        complain(&format!("{} leaves no room for lines; put these below its `changes:` yourself", layer.path));
        return match super::print(lines.as_bytes()) {
            Exit::Done => Exit::Content,
            failed => failed,
        };
    };
    let mut plan = Plan::new(sources);
    plan.write(&layer.path, after);
    let findings = still_to_do(&plan);
    if let Err(exit) = plan.save(&command.dir) {
        return exit;
    }
    let op = if lines.contains("    append:") { "append" } else { "replace" };
    say(
        voice,
        &format!(
            "{}:{line}: `{op}` at {address} is ready: write your text and, for your readers, a reason",
            layer.path
        ),
    );
    let findings = command.judging.reading(Drafts::Shown).weigh(findings);
    let shown = if voice == Voice::Quiet { &[] } else { &findings[..] };
    report::write(shown, &plan.after(), command.judging.format, voice).err().unwrap_or(Exit::Done)
}

/// The edition of a layer, also of one that still lacks something; why not is reported.
pub fn edition(overlay: &Overlay, id: &str) -> Result<Edition, Exit> {
    let handbook = overlay.handbook();
    let Some((id, layer)) = handbook.layers.get_key_value(id) else {
        if matches!(id, "base" | "assets" | "accepted") {
            complain(&format!("`{id}` is no organisation: its texts are changed in the handbook's own pages"));
            return Err(Exit::Usage);
        }
        let hint = did_you_mean(id, handbook.layers.keys().map(|id| &**id)).map(|hint| format!("; {hint}"));
        let hint = hint.unwrap_or_else(|| format!("; `leidraad new organisation {}` starts one", escaped(id)));
        complain(&format!("there is no organisation `{id}`{hint}"));
        return Err(Exit::Usage);
    };
    let base = overlay.base(&Memo::new()).value;
    let edition = if layer.broken { None } else { overlay.edition(id, &base).value };
    edition.ok_or_else(|| {
        complain(&format!("{} has errors: `leidraad check` shows them", layer.path));
        Exit::Content
    })
}

/// Where the layer names the address, if its words there could not be read.
fn written(sources: &Sources, path: &Arc<str>, address: &Address) -> Option<Place> {
    let root = parse(path, std::str::from_utf8(sources.bytes(path)?).ok()?)?;
    let yaml::Yaml::Map(map) = &root.get("changes")?.value else { return None };
    let (key, _) = map.iter().find(|(key, _)| *key.text == *address.to_string())?;
    Some(key.place.clone())
}

/// A layer's file as its places count: without a byte-order mark, with `\n` alone.
fn parse(path: &Arc<str>, text: &str) -> Option<yaml::Node> {
    let text = text.trim_start_matches('\u{FEFF}').replace("\r\n", "\n");
    yaml::parse(path, &text, 1, yaml::FILE, &mut Findings::new())
}

/// The layer's file with the lines in it, and the line on which they start.
fn spliced(sources: &Sources, path: &Arc<str>, address: &Address, lines: &str) -> Option<(String, u32)> {
    let raw = std::str::from_utf8(sources.bytes(path)?).ok()?;
    let entry: String = lines.split_inclusive('\n').map(|line| line.strip_prefix("  ").unwrap_or(line)).collect();
    let is_near = |key: &str| Address::parse(key).page == address.page;
    let after = splice::add_entry(raw, parse(path, raw).as_ref(), ("changes", layers::KEYS), &entry, is_near)?;
    let changes = parse(path, &after)?;
    let yaml::Yaml::Map(map) = &changes.get("changes")?.value else { return None };
    let (key, _) = map.iter().find(|(key, _)| *key.text == *address.to_string())?;
    Some((after, key.place.line))
}

/// What the new lines bring that the author does not know of: an image that lies elsewhere, raw HTML. That
/// the text is still the base's, and that a reason is missing, is why the author looks at them.
fn still_to_do(plan: &Plan) -> Findings {
    let mut findings = plan.new_findings(&str::to_owned);
    findings.retain(|finding| !matches!(finding.code, Code::W204 | Code::E107 | Code::E120));
    findings
}

fn locked(edition: &Edition, address: &Address, by: Option<&LayerId>) -> String {
    if let Some(layer) = by {
        return format!("`{address}` is locked by the layer `{layer}`: its text holds for every layer below it");
    }
    let page = edition.handbook.pages.get(&address.page).and_then(|page| page.languages.first());
    // The section that locks: this one, or the nearest that it stands in.
    let locks = page.into_iter().flat_map(|page| page.all_sections()).filter(|section| section.lock == Lock::Locked);
    let holds = |section: &&Arc<Section>| {
        let mut waiting = vec![*section];
        while let Some(section) = waiting.pop() {
            if Some(&section.id) == address.section.as_ref() {
                return true;
            }
            waiting.extend(&section.sections);
        }
        false
    };
    let place = locks.filter(holds).last().map(|section| section.place.clone());
    let place = place.or_else(|| page.map(|page| page.place.clone()));
    let at = place.map(|place| format!(" ({place})")).unwrap_or_default();
    format!("`{address}` is locked in the handbook{at}: its text holds for every organisation")
}

/// Why an address has no text in an edition, and what may have been meant.
pub fn missing(edition: &Edition, address: &Address) -> String {
    let handbook = &edition.handbook;
    let Some(page) = edition.page_at(&address.page, 0) else {
        if handbook.pages.contains_key(&address.page) {
            return format!("the edition of `{}` does not show the page `{}`", edition.id, address.page);
        }
        let hint = did_you_mean(&address.page, handbook.pages.keys().map(|id| &**id));
        let hint = hint.map(|hint| format!("; {hint}")).unwrap_or_default();
        return format!("there is no page `{}`{hint}", address.page);
    };
    let Some(id) = &address.section else { return format!("`{address}` has no text") };
    let base = handbook.pages.get(&address.page).and_then(|page| page.languages.first());
    if base.is_some_and(|page| page.section(id).is_some()) {
        return format!("the edition of `{}` does not show `{address}`", edition.id);
    }
    let inner = page.all_parts().flat_map(|(_, part)| &part.fragment.headings).find(|heading| heading.anchor == *id);
    if let Some(heading) = inner {
        return format!("the heading at {} has no id, so it has no address; write {{#{id}}} behind it", heading.place);
    }
    let ids: Vec<String> = page.all_sections().map(|section| section.id.to_string()).collect();
    let hint = did_you_mean(id, ids.iter().map(String::as_str));
    let hint = hint.unwrap_or_else(|| format!("sections: {}", ids.join(", ")));
    format!("there is no section `{id}` on {}; {hint}", address.page)
}
