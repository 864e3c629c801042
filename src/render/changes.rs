//! changes.html: what an edition does differently from the base, and why (spec §8).
//!
//! A summary, then per page each deviation with the base's text and the edition's side by side, then
//! the pages that were not taken over, and the values that were filled in.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::Arc;

use crate::book::{Address, OperationState, Own, Page, PageId, Pieces, ProvenanceEntry, Section, SectionId};
use crate::render::compare;
use crate::render::content::{Among, Filling, change_id};
use crate::render::html::{escape_url, escaped, reason_html};
use crate::render::sheet::{self, Listed, Sheet};
use crate::render::table::{Room, Table};
use crate::render::values;
use crate::render::view::View;

/// The page of a room.
pub fn page(table: &Table, room: &Room) -> String {
    let view = room.view();
    let strings = &view.small.strings;
    let name = view.edition.name(view.language);
    let writer = Writer { view: &view, up: &room.up };
    let deviations = deviations(&view);
    let mut content =
        format!("<p class=\"lead\">{}</p>\n", escaped(&strings.get("changes_text").replace("{name}", name)));
    let values = filled(&view);
    if deviations.is_empty() && values.is_empty() {
        let _ = writeln!(content, "<p>{}</p>", escaped(strings.get("changes_none")));
    } else {
        writer.summary(&mut content, &deviations, values.len());
    }
    let shown = view.edition.outline.pages().filter_map(|id| Some((id, deviations.get(id)?)));
    for (id, addresses) in shown {
        writer.page(&mut content, id, addresses);
    }
    let removed: Vec<_> = deviations.iter().filter(|(id, _)| view.edition.page_at(id, view.at).is_none()).collect();
    if !removed.is_empty() {
        let _ = writeln!(content, "<h2 id=\"_removed\">{}</h2>", escaped(strings.get("changes_removed")));
        let order = &view.edition.handbook.outline;
        let mut removed = removed;
        removed.sort_by_key(|(id, _)| order.position(id));
        for (id, addresses) in removed {
            writer.removed_page(&mut content, id, addresses);
        }
    }
    if !values.is_empty() {
        let _ = writeln!(content, "<h2 id=\"_values\">{}</h2>", escaped(strings.get("change_set")));
        writer.values(&mut content, &values);
    }
    let title = strings.get("changes");
    sheet::html(
        table,
        room,
        &Sheet {
            kind: "changes",
            title,
            heading: "",
            meta: "",
            content: &|out| out.push_str(&content),
            listed: Listed::No,
        },
    )
}

/// The operations at each address of a page that still hold; none for a text that a layer's page brought along.
type Deviations<'e> = BTreeMap<PageId, BTreeMap<Option<SectionId>, Vec<&'e ProvenanceEntry>>>;

fn deviations<'e>(view: &View<'e>) -> Deviations<'e> {
    let mut found: Deviations<'e> = BTreeMap::new();
    let edition = view.edition;
    for entry in edition.provenance.iter().filter(|entry| entry.op != "set") {
        let holds = matches!(entry.state, OperationState::Applied | OperationState::Stale);
        if holds && entry.language.as_ref().is_none_or(|language| language == view.language) {
            let address = Address::parse(&entry.address);
            found.entry(address.page).or_default().entry(address.section).or_default().push(entry);
        }
    }
    // Every mark on a page leads here, so every text with a mark has an entry.
    for (id, page) in edition.pages.iter().filter_map(|(id, page)| Some((id, page.as_ref()?.get(view.at)?))) {
        if page.opening.deviation.is_some() && !page.opening.is_empty() {
            found.entry(id.clone()).or_default().entry(None).or_default();
        }
        for section in page.all_sections().filter(|section| section.own.deviation.is_some()) {
            found.entry(id.clone()).or_default().entry(Some(section.id.clone())).or_default();
        }
    }
    found
}

/// Parameters that a layer of the chain gives a value to.
fn filled<'e>(view: &View<'e>) -> BTreeSet<&'e str> {
    let entries = view.edition.provenance.iter().filter(|entry| entry.state == OperationState::Applied);
    entries.filter_map(|entry| entry.address.strip_prefix("params.")).collect()
}

struct Writer<'w> {
    view: &'w View<'w>,
    up: &'w str,
}

impl<'w> Writer<'w> {
    fn word(&self, key: &str) -> String {
        escaped(self.view.small.strings.get(key))
    }

    /// How often each thing was done, and on which pages.
    fn summary(&self, out: &mut String, deviations: &Deviations<'_>, values: usize) {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        let mut stale = 0;
        for entry in deviations.values().flat_map(BTreeMap::values).flatten() {
            *counts.entry(self.kind(entry)).or_default() += 1;
            stale += usize::from(entry.state == OperationState::Stale);
        }
        out.push_str("<ul class=\"changes-summary\">\n");
        for kind in KINDS {
            if let Some(count) = counts.get(kind) {
                let _ = writeln!(out, "<li>{}: <strong>{count}</strong></li>", self.word(&format!("change_{kind}")));
            }
        }
        if values > 0 {
            let _ = writeln!(
                out,
                "<li><a href=\"#_values\">{}</a>: <strong>{values}</strong></li>",
                self.word("change_set")
            );
        }
        if stale > 0 {
            let _ = writeln!(out, "<li>{}: <strong>{stale}</strong></li>", self.word("state_stale"));
        }
        out.push_str("</ul>\n<ul class=\"changes-pages\">\n");
        let edition = self.view.edition;
        for (id, addresses) in edition.outline.pages().filter_map(|id| Some((id, deviations.get(id)?))) {
            let Some(page) = edition.page_at(id, self.view.at) else { continue };
            let (target, name) = (change_id(id, None), self.view.text(&page.name));
            let _ = writeln!(out, "<li><a href=\"#_page-{target}\">{name}</a> ({})</li>", addresses.len());
        }
        let removed = deviations.keys().filter(|id| edition.page_at(id, self.view.at).is_none()).count();
        if removed > 0 {
            let _ = writeln!(out, "<li><a href=\"#_removed\">{}</a> ({removed})</li>", self.word("changes_removed"));
        }
        out.push_str("</ul>\n");
    }

    /// What an operation is called here: `remove: false` puts something back.
    fn kind(&self, entry: &ProvenanceEntry) -> &'static str {
        if entry.op != "remove" {
            return entry.op;
        }
        let address = Address::parse(&entry.address);
        let shown = self
            .view
            .edition
            .page_at(&address.page, self.view.at)
            .is_some_and(|page| address.section.as_ref().is_none_or(|id| page.section(id).is_some()));
        if shown { "restore" } else { "remove" }
    }

    fn page(&self, out: &mut String, id: &PageId, addresses: &BTreeMap<Option<SectionId>, Vec<&ProvenanceEntry>>) {
        let Some(own) = self.view.edition.page_at(id, self.view.at) else { return };
        let base = self.base(id);
        let _ = write!(out, "<h2 id=\"_page-{}\"><a href=\"", change_id(id, None));
        escape_url(out, &own.output);
        let _ = writeln!(out, "\">{}</a></h2>", self.view.text(&own.name));
        if let Some(entries) = addresses.get(&None) {
            // A title that is the page's name stands above it already.
            let heading = Some(self.view.text(&own.heading.text)).filter(|text| *text != self.view.text(&own.name));
            self.open(out, id, None, &heading.unwrap_or_default(), entries);
            let has_text = own.opening.deviation.is_some() && !own.opening.is_empty();
            let mut columns = (String::new(), String::new());
            if has(entries, "title") {
                columns =
                    (base.map(|page| self.line(&page.heading.text)).unwrap_or_default(), self.line(&own.heading.text));
            }
            if has(entries, "description") {
                let line = |page: &Page| page.description.as_ref().map(|text| self.line(text)).unwrap_or_default();
                columns.0.push_str(&base.map(|page| line(page)).unwrap_or_default());
                columns.1.push_str(&line(own));
            }
            if has_text {
                columns.0.push_str(&base.map(|page| self.text(own, &page.opening)).unwrap_or_default());
                columns.1.push_str(&self.text(own, &own.opening));
            }
            self.columns(out, &columns, &own.output);
            out.push_str("</section>\n");
        }
        for section in order(base, own) {
            if let Some(entries) = addresses.get(&Some(section.clone())) {
                self.section(out, own, base, &section, entries);
            }
        }
    }

    fn section(
        &self,
        out: &mut String,
        own: &'w Arc<Page>,
        base: Option<&'w Arc<Page>>,
        id: &SectionId,
        entries: &[&ProvenanceEntry],
    ) {
        let find = |page: &'w Arc<Page>| page.section(id);
        let (before, after) = (base.and_then(find), find(own));
        let Some(heading) = after.or(before).map(|section| self.view.text(&section.heading.text)) else { return };
        self.open(out, &own.id, Some(id), &heading, entries);
        let mut columns = (String::new(), String::new());
        match (before, after) {
            (Some(before), None) => columns.0 = self.subtree(own, before),
            (before, Some(after)) => {
                if has(entries, "title") {
                    columns.0 = before.map(|section| self.line(&section.heading.text)).unwrap_or_default();
                    columns.1 = self.line(&after.heading.text);
                }
                if after.own.deviation.is_some() {
                    columns.0.push_str(&before.map(|section| self.text(own, &section.own)).unwrap_or_default());
                    columns.1.push_str(&self.text(own, &after.own));
                }
            }
            (None, None) => {}
        }
        self.columns(out, &columns, &own.output);
        out.push_str("</section>\n");
    }

    /// A page that was not taken over; its sections went with it.
    fn removed_page(
        &self,
        out: &mut String,
        id: &PageId,
        addresses: &BTreeMap<Option<SectionId>, Vec<&ProvenanceEntry>>,
    ) {
        let Some(base) = self.base(id) else { return };
        let entries: Vec<&ProvenanceEntry> = addresses.values().flatten().copied().collect();
        self.open(out, id, None, &self.view.text(&base.name), &entries);
        let mut text = self.text(base, &base.opening);
        text.push_str(&self.text(base, &base.unaddressed));
        base.sections.iter().for_each(|section| text.push_str(&self.subtree(base, section)));
        let _ = writeln!(
            out,
            "<details><summary>{}</summary>\n<div class=\"base\">{}</div>\n</details>\n</section>",
            self.word("changes_base"),
            compare::alone(&text, "")
        );
    }

    /// The start of an entry: what was done, by whom, and why.
    fn open(
        &self,
        out: &mut String,
        page: &PageId,
        section: Option<&SectionId>,
        heading: &str,
        entries: &[&ProvenanceEntry],
    ) {
        let address = Address { page: page.clone(), section: section.cloned() };
        let id = change_id(page, section);
        let _ =
            writeln!(out, "<section class=\"change\" id=\"{id}\" data-address=\"{}\">", escaped(&address.to_string()));
        if !heading.is_empty() {
            let _ = writeln!(out, "<h3>{heading}</h3>");
        }
        if entries.is_empty() {
            let _ = writeln!(out, "<p><strong>{}</strong></p>", self.word("change_insert"));
        }
        let mut told = None;
        for entry in entries {
            let layer = self.view.edition.chain.iter().find(|layer| layer.id == entry.layer);
            let name = layer.and_then(|layer| layer.name.get(self.view.language)).map_or(&*entry.layer, |name| name);
            let by = self.view.small.strings.get("changes_by").replace("{name}", name);
            let what = self.word(&format!("change_{}", self.kind(entry)));
            let _ = writeln!(out, "<p><strong>{what}</strong> {}</p>", escaped(&by));
            if let Some(reason) = entry.reason.as_ref().filter(|reason| told != Some(*reason)) {
                let words = reason_html(reason, self.view.language);
                let _ = writeln!(out, "<p class=\"reason\">{}: {words}</p>", self.word("changes_reason"));
            }
            // One address has one reason in a layer, whatever is done there.
            told = entry.reason.as_ref();
            if entry.state == OperationState::Stale {
                let _ = writeln!(out, "<p class=\"notice notice-stale\">{}</p>", self.word("changes_stale"));
            }
        }
    }

    /// The two texts side by side, each with what the other lacks; nothing where both are nothing.
    fn columns(&self, out: &mut String, (base, own): &(String, String), page: &str) {
        if base.is_empty() && own.is_empty() {
            return;
        }
        let mut href = String::new();
        escape_url(&mut href, page);
        let (before, after) = match (base.is_empty(), own.is_empty()) {
            (false, false) => compare::side_by_side(base, own, &href),
            // All of it is new, or gone: marking each word would say no more.
            _ => (compare::alone(base, &href), compare::alone(own, &href)),
        };
        let nothing = |key: &str| format!("<p class=\"muted\">{}</p>\n", self.word(key));
        let before = if base.is_empty() { nothing("changes_not_there") } else { before };
        let after = if own.is_empty() { nothing("change_remove") } else { after };
        let column = |class: &str, text: &str| {
            let label = self.word(&format!("changes_{class}"));
            format!(
                "<div class=\"{class}\" role=\"group\" aria-label=\"{label}\">\n<p class=\"panel-title\">{label}</p>\n{text}</div>\n"
            )
        };
        let _ = writeln!(out, "<div class=\"compare\">\n{}{}</div>", column("base", &before), column("own", &after));
    }

    fn values(&self, out: &mut String, names: &BTreeSet<&str>) {
        let view = self.view;
        let declarations = &view.edition.handbook.declarations;
        let _ = writeln!(
            out,
            "<div class=\"table\" role=\"group\" tabindex=\"0\" aria-label=\"{}\"><table>\n<thead><tr><td></td><th scope=\"col\">{}</th><th scope=\"col\">{}</th></tr></thead>\n<tbody>",
            self.word("table"),
            self.word("changes_base"),
            self.word("changes_own")
        );
        for field in declarations.parameters.iter().filter(|field| names.contains(&*field.name)) {
            let shown = |value: Option<&crate::book::Value>| {
                let strings = &view.small.strings;
                let form = match &value {
                    Some(crate::book::Value::Term(forms)) => forms.first().map(|(form, _)| &**form),
                    _ => None,
                };
                value
                    .and_then(|value| values::text(value, form, Some(&field.kind), view.language, strings))
                    .map_or_else(|| "–".to_owned(), |text| escaped(&text))
            };
            let base = field.default.as_ref().and_then(|value| value.get(view.language));
            let own = view.edition.values.get(&field.name).and_then(|value| value.get(view.language));
            let label = field.label.get(view.language).map_or(&*field.name, |label| label);
            let _ = writeln!(
                out,
                "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td></tr>",
                escaped(label),
                shown(base),
                shown(own)
            );
        }
        out.push_str("</tbody>\n</table></div>\n");
    }

    fn base(&self, id: &PageId) -> Option<&'w Arc<Page>> {
        self.view.edition.handbook.pages.get(id)?.languages.get(self.view.at)
    }

    /// An own text as this edition would show it: with its values and its links.
    fn text(&self, page: &'w Page, own: &'w Own) -> String {
        let mut out = String::new();
        let mut filling = Filling::new(self.view, page, "", self.up);
        filling.among = Among::Compared;
        filling.own(&mut out, own);
        filling.footnotes(&mut out);
        out
    }

    /// A section with all below it; its headings are words among the others here.
    fn subtree(&self, page: &'w Page, section: &'w Section) -> String {
        let mut out = self.line(&section.heading.text);
        out.push_str(&self.text(page, &section.own));
        // Six levels of headings at the most: this recursion is bounded.
        section.sections.iter().for_each(|child| out.push_str(&self.subtree(page, child)));
        out
    }

    fn line(&self, text: &Pieces) -> String {
        format!("<p><strong>{}</strong></p>\n", self.view.text(text))
    }
}

/// The order in which kinds are counted: the keys of `change_*`.
const KINDS: [&str; 10] =
    ["replace", "prepend", "append", "insert", "remove", "restore", "title", "description", "move", "lock"];

fn has(entries: &[&ProvenanceEntry], op: &str) -> bool {
    entries.iter().any(|entry| entry.op == op)
}

/// The sections of both pages in reading order: what is gone stands where it stood.
fn order(base: Option<&Arc<Page>>, own: &Page) -> Vec<SectionId> {
    let mut ids: Vec<SectionId> = own.all_sections().map(|section| section.id.clone()).collect();
    let mut before: Option<SectionId> = None;
    for section in base.into_iter().flat_map(|page| page.all_sections()) {
        if !ids.contains(&section.id) {
            let at = before.as_ref().and_then(|id| ids.iter().position(|known| known == id)).map_or(0, |at| at + 1);
            ids.insert(at, section.id.clone());
        }
        before = Some(section.id.clone());
    }
    ids
}
