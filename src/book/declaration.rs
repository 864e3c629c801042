//! handbook.yaml and glossary.yaml as meant: what may vary, and what must hold (spec §4).

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::book::{Digest, Language, PageId, PerLanguage, PersonKind, Value};
use crate::diagnostic::Place;

/// What a handbook declares.
#[derive(Clone, Debug, Default)]
pub struct Declarations {
    /// Which operations need a `reason`.
    pub explain: Explain,
    /// The parameters, in the order of their names.
    pub parameters: Vec<Field>,
    /// The fields of a placement, in the order of their names.
    pub placement: Vec<Field>,
    /// Names whose declaration was refused: they are no parameters, and not unknown either.
    pub refused: Vec<Arc<str>>,
    /// The theme tokens.
    pub tokens: Vec<TokenDeclaration>,
    /// The rules, in the order of their names.
    pub rules: Vec<Rule>,
    /// The terms of the glossary, by id.
    pub glossary: BTreeMap<Arc<str>, Vec<(Language, Term)>>,
    /// Whether handbook.yaml declares parameters: only then are there placeholders.
    pub has_parameters: bool,
    /// A digest of the files behind the declarations.
    pub digest: Digest,
}

impl Declarations {
    /// The declaration of a parameter.
    pub fn parameter(&self, name: &str) -> Option<&Field> {
        self.parameters.iter().find(|field| &*field.name == name)
    }

    /// The declaration of a placement field.
    pub fn placement_field(&self, name: &str) -> Option<&Field> {
        self.placement.iter().find(|field| &*field.name == name)
    }
}

/// Which operations need a `reason` (comply or explain).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Explain {
    /// `remove: required`.
    pub remove: bool,
    /// `replace: required`.
    pub replace: bool,
}

/// A parameter or a placement field.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name.
    pub name: Arc<str>,
    /// Its type and constraints.
    pub kind: Kind,
    /// Whether every edition (every placement) must give it.
    pub required: bool,
    /// What it is called in prose.
    pub label: PerLanguage<Arc<str>>,
    /// The value where a layer gives none.
    pub default: Option<PerLanguage<Value>>,
    /// Where it is declared.
    pub place: Place,
}

/// The closed set of types, each with its constraints.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// One value.
    Scalar(Scalar),
    /// Any number of values of one type.
    List(Scalar),
    /// Somebody with a role; `kinds` says who is possible (empty: anybody).
    Person {
        /// The possible kinds.
        kinds: Vec<PersonKind>,
    },
    /// A word in declared forms.
    Term {
        /// The names of the forms.
        forms: Vec<Arc<str>>,
    },
}

/// The types of a single value.
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar {
    /// One line of text.
    Text,
    /// A whole number within bounds, both inclusive.
    Integer {
        /// The least value.
        min: Option<i64>,
        /// The greatest value.
        max: Option<i64>,
    },
    /// `true` or `false`.
    Boolean,
    /// A day, `2027-02-01`.
    Date,
    /// One of some options, each with a label.
    Choice {
        /// The options in the order of the file: id and label.
        options: Vec<(Arc<str>, PerLanguage<Arc<str>>)>,
    },
    /// An `https`, `http`, `mailto` or `tel` address.
    Url,
    /// An e-mail address.
    Email,
    /// A colour, `#154273`.
    Color,
}

impl Kind {
    /// The word for the type in handbook.yaml.
    pub fn as_str(&self) -> &'static str {
        match self {
            Kind::Scalar(scalar) => scalar.as_str(),
            Kind::List(_) => "list",
            Kind::Person { .. } => "person",
            Kind::Term { .. } => "term",
        }
    }
}

impl Scalar {
    /// The word for the type in handbook.yaml.
    pub fn as_str(&self) -> &'static str {
        match self {
            Scalar::Text => "text",
            Scalar::Integer { .. } => "integer",
            Scalar::Boolean => "boolean",
            Scalar::Date => "date",
            Scalar::Choice { .. } => "choice",
            Scalar::Url => "url",
            Scalar::Email => "email",
            Scalar::Color => "color",
        }
    }
}

/// A colour that organisations may set.
#[derive(Clone, Debug)]
pub struct TokenDeclaration {
    /// Its name: `accent`.
    pub name: Arc<str>,
    /// The colour where a layer gives none.
    pub default: Option<Arc<str>>,
    /// Where it is declared.
    pub place: Place,
}

/// A rule over declared data.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its name.
    pub name: Arc<str>,
    /// What it demands.
    pub check: Check,
    /// Whether a breach is a warning only.
    pub warning: bool,
    /// The page that explains it.
    pub see: Option<(PageId, Place)>,
    /// Where it is declared.
    pub place: Place,
}

/// What a rule demands; the names are parameters or placement fields.
#[derive(Clone, Debug, PartialEq)]
pub enum Check {
    /// Each date is strictly earlier than the next.
    Order {
        /// The dates.
        of: Vec<Arc<str>>,
    },
    /// A list has so many items.
    Count {
        /// The list.
        of: Arc<str>,
        /// The least number.
        min: Option<i64>,
        /// The greatest number.
        max: Option<i64>,
    },
    /// So many dates of a list lie between two dates: after ≤ date ≤ before.
    Within {
        /// The list of dates.
        each: Arc<str>,
        /// The first day.
        after: Arc<str>,
        /// The last day.
        before: Arc<str>,
        /// How many must lie there; absent: all.
        min: Option<i64>,
    },
    /// So many days lie between two dates.
    Gap {
        /// The earlier date.
        from: Arc<str>,
        /// The later date.
        to: Arc<str>,
        /// The least number of days.
        min_days: Option<i64>,
        /// The greatest number of days.
        max_days: Option<i64>,
    },
}

/// A term of the glossary in one language.
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    /// The word.
    pub term: Arc<str>,
    /// Other words for it.
    pub also: Vec<Arc<str>>,
    /// What it means, one paragraph of plain text.
    pub text: Arc<str>,
}
