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

/// Somebody with a role.
#[derive(Clone, Debug, PartialEq)]
pub struct Person {
    /// What they do.
    pub role: Option<Arc<str>>,
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
