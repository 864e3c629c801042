//! placements.html: the internships that an organisation publishes, and what the rules say of their
//! declared data. Only what says `publish: true` ever gets here (spec §5).

use std::fmt::Write;
use std::sync::Arc;

use jiff::civil::Date;

use crate::book::{Check, Edition, Field, Kind, Placement, Rule, Value};
use crate::render::html::{escape_url, escaped};
use crate::render::sheet::{self, Listed, Sheet};
use crate::render::table::{Room, Table};
use crate::render::values;
use crate::render::view::View;

/// Whether the edition has any.
pub fn has_any(edition: &Edition) -> bool {
    edition.placements.iter().any(|placement| placement.publish)
}

/// The page of a room.
pub fn page(table: &Table, room: &Room) -> String {
    let view = room.view();
    let strings = &view.small.strings;
    let mut content = format!("<p class=\"lead\">{}</p>\n", escaped(strings.get("placements_text")));
    let notice =
        format!("<div class=\"notice notice-generated\"><p>{}</p></div>\n", escaped(strings.get("notice_generated")));
    let mut placements: Vec<&Placement> =
        view.edition.placements.iter().filter(|placement| placement.publish).collect();
    placements.sort_by_key(|placement| {
        let values = fields_of(&view, placement).into_iter().map(|(_, value)| value);
        (values.filter_map(first_day).min().map_or((1, None), |day| (0, Some(day))), Arc::clone(&placement.id))
    });
    for placement in placements {
        let id = escaped(&placement.id);
        let _ = writeln!(
            content,
            "<section class=\"section placement\" id=\"placement-{id}\"><h2>{}</h2>",
            escaped(&title(&placement.id))
        );
        fields(&mut content, &view, placement);
        outcomes(&mut content, &view, placement);
        content.push_str("</section>\n");
    }
    let title = strings.get("placements");
    sheet::html(
        table,
        room,
        &Sheet {
            kind: "placements",
            title,
            heading: "",
            meta: &notice,
            content: &|out| out.push_str(&content),
            listed: Listed::Yes,
        },
    )
}

/// The id in words: `najaar-2027` is all that a placement is called.
fn title(id: &str) -> String {
    values::capitalised(&id.replace(['-', '_'], " "))
}

/// The fields that have a value, those with a day first: the order of the keys of a file means nothing.
fn fields_of<'v>(view: &View<'v>, placement: &'v Placement) -> Vec<(&'v Field, &'v Value)> {
    let declared = view.edition.handbook.declarations.placement.iter();
    let mut fields: Vec<(&Field, &Value)> =
        declared.filter_map(|field| Some((field, placement.given(field)?.get(view.language)?))).collect();
    // They are in the order of their names, which stays where there is no day.
    fields.sort_by_key(|(_, value)| first_day(value).map_or((1, None), |day| (0, Some(day))));
    fields
}

/// The first day that a value names.
fn first_day(value: &Value) -> Option<Date> {
    match value {
        Value::Date(day) => Some(*day),
        Value::List(items) => items.iter().filter_map(first_day).min(),
        Value::Text(_)
        | Value::Integer(_)
        | Value::Boolean(_)
        | Value::Choice(_)
        | Value::Person(_)
        | Value::Term(_) => None,
    }
}

fn fields(out: &mut String, view: &View<'_>, placement: &Placement) {
    out.push_str("<dl>\n");
    for (field, value) in fields_of(view, placement) {
        let Some(shown) = shown(value, &field.kind, view) else { continue };
        let _ = writeln!(
            out,
            "<dt>{}</dt>\n<dd data-field=\"{}\">{shown}</dd>",
            escaped(&values::capitalised(label(view, &field.name))),
            escaped(&field.name)
        );
    }
    out.push_str("</dl>\n");
}

/// A value as HTML: a list of texts as a list, anything else in a line.
fn shown(value: &Value, kind: &Kind, view: &View<'_>) -> Option<String> {
    let strings = &view.small.strings;
    match value {
        Value::List(items) if items.iter().any(|item| matches!(item, Value::Text(_))) => {
            let items: Vec<String> = items
                .iter()
                .filter_map(|item| values::text(item, None, Some(kind), view.language, strings))
                .map(|text| format!("<li>{}</li>", escaped(&text)))
                .collect();
            Some(format!("<ul>{}</ul>", items.concat()))
        }
        value => values::text(value, None, Some(kind), view.language, strings).map(|text| escaped(&text)),
    }
}

/// What the rules say of the placement; one that lacks a value it looks at says nothing, unless it counts.
fn outcomes(out: &mut String, view: &View<'_>, placement: &Placement) {
    let edition = view.edition;
    let declarations = &edition.handbook.declarations;
    let strings = &view.small.strings;
    let value = |name: &str| placement.value(declarations, &edition.values, name);
    let judged = |rule: &&Rule| {
        let is_judged = match rule.check {
            Check::Count { .. } => true,
            Check::Order { .. } | Check::Within { .. } | Check::Gap { .. } => {
                rule.check.operands().iter().all(|name| value(name).is_some())
            }
        };
        rule.is_over_placements(declarations) && is_judged
    };
    let mut rows = String::new();
    for rule in declarations.rules.iter().filter(judged) {
        let met = rule.breaches(declarations, &value).is_empty();
        let labels: Vec<String> = rule.check.operands().into_iter().map(|name| escaped(label(view, name))).collect();
        let what = match rule.check {
            Check::Order { .. } => "check_order",
            Check::Count { .. } => "check_count",
            Check::Within { .. } => "check_within",
            Check::Gap { .. } => "check_gap",
        };
        let mut about = labels.join(", ");
        if let Some(page) = rule.see.as_ref().and_then(|(page, _)| edition.page_at(page, view.at)) {
            about.push_str(" · <a href=\"");
            escape_url(&mut about, &page.output);
            let _ = write!(about, "\">{}</a>", view.text(&page.name));
        }
        let (state, word) = if met { ("met", "placements_met") } else { ("unmet", "placements_unmet") };
        let _ = writeln!(
            rows,
            "<tr data-rule=\"{name}\"><th scope=\"row\">{}</th><td class=\"where\">{about}</td><td data-state=\"{state}\">{}</td></tr>",
            escaped(strings.get(what)),
            escaped(strings.get(word)),
            name = escaped(&rule.name)
        );
    }
    if !rows.is_empty() {
        let head = |key: &str| escaped(strings.get(key));
        let _ = writeln!(
            out,
            "<div class=\"table\" role=\"group\" tabindex=\"0\" aria-label=\"{}\"><table>\n<thead><tr><th scope=\"col\">{}</th><th scope=\"col\">{}</th><th scope=\"col\">{}</th></tr></thead>\n<tbody>\n{rows}</tbody>\n</table></div>",
            head("table"),
            head("placements_check"),
            head("placements_data"),
            head("placements_outcome")
        );
    }
}

/// What a field or parameter is called.
fn label<'v>(view: &View<'v>, name: &'v str) -> &'v str {
    let declarations = &view.edition.handbook.declarations;
    let field = declarations.placement_field(name).or_else(|| declarations.parameter(name));
    field.and_then(|field| field.label.get(view.language)).map_or(name, |label| label)
}
