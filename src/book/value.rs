//! Values of parameters and of placement fields, each of its declared type.

use std::sync::Arc;

use jiff::civil::Date;

/// A value that passed its declaration.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// One line of text, letter for letter what was typed; also urls, e-mail addresses and colours.
    Text(Arc<str>),
    /// A whole number.
    Integer(i64),
    /// `true` or `false`.
    Boolean(bool),
    /// A day.
    Date(Date),
    /// The id of an option.
    Choice(Arc<str>),
    /// Values of one type.
    List(Vec<Value>),
    /// A person by role, and by name where it is known.
    Person(Person),
    /// The forms of a word: `one`, `many`, `the`.
    Term(Vec<(Arc<str>, Arc<str>)>),
}

impl Value {
    /// Whether a placeholder for it shows anything; `field` is a person's field or a term's form.
    pub fn is_shown(&self, field: Option<&str>) -> bool {
        match (self, field) {
            (Value::List(items), _) => !items.is_empty(),
            (Value::Person(person), Some("kind")) => person.kind.is_some(),
            (Value::Term(forms), Some(field)) => forms.iter().any(|(form, _)| **form == *field),
            (Value::Term(_), None) => false,
            (
                Value::Text(_)
                | Value::Integer(_)
                | Value::Boolean(_)
                | Value::Date(_)
                | Value::Choice(_)
                | Value::Person(_),
                _,
            ) => true,
        }
    }

    /// Whether it counts as a value: an empty list is one that is missing.
    pub fn is_given(&self) -> bool {
        !matches!(self, Value::List(items) if items.is_empty())
    }
}

/// Somebody with a role.
#[derive(Clone, Debug, PartialEq)]
pub struct Person {
    /// What they do.
    pub role: Arc<str>,
    /// Who they are.
    pub name: Option<Arc<str>>,
    /// How they stand to the organisation.
    pub kind: Option<PersonKind>,
    /// Whether the name is checked only, and never written to any output.
    pub private: bool,
}

/// How a person stands to the organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PersonKind {
    /// On the payroll.
    Employee,
    /// Hired or working elsewhere.
    External,
    /// There to learn.
    Intern,
}

impl PersonKind {
    /// Every kind.
    pub const ALL: [PersonKind; 3] = [PersonKind::Employee, PersonKind::External, PersonKind::Intern];

    /// The word for it in YAML.
    pub fn as_str(self) -> &'static str {
        match self {
            PersonKind::Employee => "employee",
            PersonKind::External => "external",
            PersonKind::Intern => "intern",
        }
    }
}
