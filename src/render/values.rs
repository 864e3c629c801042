//! What a placeholder shows (spec §4): never Markdown, never evaluated, escaped by whoever writes it.

use std::borrow::Cow;

use jiff::civil::Date;

use crate::book::{Declarations, Field, Kind, Person, PersonKind, Placeholder, Scalar, Strings, Value, Values};

/// The text of a placeholder, or the label of what is still to be filled in.
#[derive(Debug, PartialEq)]
pub enum Shown<'v> {
    /// A value.
    Text(Cow<'v, str>),
    /// No value: the label.
    Blank(Cow<'v, str>),
}

/// What a placeholder shows in a language.
pub fn shown<'v>(
    placeholder: &'v Placeholder,
    values: &'v Values,
    declarations: &'v Declarations,
    language: &str,
    strings: &'v Strings,
) -> Shown<'v> {
    let field = declarations.parameter(&placeholder.name);
    let value = values.get(&placeholder.name).and_then(|value| value.get(language));
    let text = value
        .and_then(|value| text(value, placeholder.field.as_deref(), field.map(|field| &field.kind), language, strings));
    match text {
        Some(text) if placeholder.capital => Shown::Text(Cow::Owned(capitalised(&text))),
        Some(text) => Shown::Text(text),
        None => Shown::Blank(label(placeholder, field, language, strings)),
    }
}

fn label<'v>(
    placeholder: &'v Placeholder,
    field: Option<&'v Field>,
    language: &str,
    strings: &'v Strings,
) -> Cow<'v, str> {
    match field {
        Some(field) => Cow::Borrowed(field.label.get(language).map_or(&*placeholder.name, |label| label)),
        None => Cow::Borrowed(strings.get("organisation")),
    }
}

/// The text of a value; `field` is a person's field or a term's form.
pub fn text<'v>(
    value: &'v Value,
    field: Option<&str>,
    kind: Option<&'v Kind>,
    language: &str,
    strings: &Strings,
) -> Option<Cow<'v, str>> {
    Some(match value {
        Value::Text(text) if text.contains('\'') && is_prose(kind) => Cow::Owned(text.replace('\'', "’")),
        Value::Text(text) => Cow::Borrowed(&**text),
        Value::Integer(number) => Cow::Owned(number.to_string()),
        Value::Boolean(yes) => Cow::Owned(strings.get(if *yes { "yes" } else { "no" }).to_owned()),
        Value::Date(day) => Cow::Owned(date(*day, language)),
        Value::Choice(option) => Cow::Borrowed(match kind {
            Some(Kind::Scalar(Scalar::Choice { options }) | Kind::List(Scalar::Choice { options })) => options
                .iter()
                .find(|(id, _)| id == option)
                .and_then(|(_, label)| label.get(language))
                .map_or(&**option, |label| label),
            _ => option,
        }),
        Value::List(items) => {
            let texts: Vec<Cow<'_, str>> =
                items.iter().filter_map(|item| text(item, None, kind, language, strings)).collect();
            if texts.is_empty() {
                return None;
            }
            Cow::Owned(listed(&texts, strings.get("list_and")))
        }
        Value::Person(person) => return self::person(person, field, strings),
        Value::Term(forms) => {
            let (_, text) = forms.iter().find(|(form, _)| Some(&**form) == field)?;
            Cow::Borrowed(&**text)
        }
    })
}

/// Whether texts of a kind are words, in which a `'` is an apostrophe as it is in the text around them.
fn is_prose(kind: Option<&Kind>) -> bool {
    matches!(kind, None | Some(Kind::Scalar(Scalar::Text) | Kind::List(Scalar::Text)))
}

/// A person by name, else by role; a private name is never shown.
fn person<'v>(person: &'v Person, field: Option<&str>, strings: &Strings) -> Option<Cow<'v, str>> {
    let name = person.name.as_deref().filter(|_| !person.private);
    Some(match field {
        Some("role") => Cow::Borrowed(&*person.role),
        Some("kind") => {
            let kind = match person.kind? {
                PersonKind::Employee => "kind_employee",
                PersonKind::External => "kind_external",
                PersonKind::Intern => "kind_intern",
            };
            Cow::Owned(strings.get(kind).to_owned())
        }
        Some(_) | None => Cow::Borrowed(name.unwrap_or(&person.role)),
    })
}

fn listed(texts: &[Cow<'_, str>], and: &str) -> String {
    match texts {
        [] => String::new(),
        [one] => one.to_string(),
        [most @ .., last] => format!("{} {and} {last}", most.join(", ")),
    }
}

/// The text with a capital at its start.
pub fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

const DUTCH: [&str; 12] = [
    "januari",
    "februari",
    "maart",
    "april",
    "mei",
    "juni",
    "juli",
    "augustus",
    "september",
    "oktober",
    "november",
    "december",
];
const ENGLISH: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// A day in words, `1 februari 2027`, its parts kept together.
pub fn date(day: Date, language: &str) -> String {
    let months = match language.split('-').next() {
        Some("nl") => DUTCH,
        Some("en") => ENGLISH,
        _ => return day.to_string(),
    };
    let month = months.get(usize::from(day.month().unsigned_abs()) - 1).copied().unwrap_or_default();
    format!("{}\u{A0}{month}\u{A0}{}", day.day(), day.year())
}
