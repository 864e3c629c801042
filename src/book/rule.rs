//! What a rule says of declared data (spec §4). It never judges prose.

use jiff::civil::Date;

use crate::book::{Check, Declarations, Field, PerLanguage, Placement, Rule, Value, Values};

impl Check {
    /// The parameters and placement fields that it looks at.
    pub fn operands(&self) -> Vec<&str> {
        match self {
            Check::Order { of } => of.iter().map(|name| &**name).collect(),
            Check::Count { of, .. } => vec![of],
            Check::Within { each, after, before, .. } => vec![each, after, before],
            Check::Gap { from, to, .. } => vec![from, to],
        }
    }
}

impl Placement {
    /// What this placement gives for a field, else what the field has by default; in every language.
    pub fn given<'v>(&'v self, field: &'v Field) -> Option<&'v PerLanguage<Value>> {
        let own = self.values.iter().find(|(name, ..)| *name == field.name).map(|(_, value, _)| value);
        own.or(field.default.as_ref())
    }

    /// The value of a field of this placement, or of a parameter of its edition.
    pub fn value<'v>(&'v self, declarations: &'v Declarations, values: &'v Values, name: &str) -> Option<&'v Value> {
        let own = declarations.placement_field(name).and_then(|field| self.given(field));
        own.or_else(|| values.get(name)).and_then(|value| value.values().next())
    }
}

impl Declarations {
    /// Whether a rule asks how many items a list has: it judges an empty one then.
    pub fn counts(&self, list: &str) -> bool {
        self.rules.iter().any(|rule| matches!(&rule.check, Check::Count { of, min: Some(1..), .. } if **of == *list))
    }
}

impl Rule {
    /// Whether it is judged once per placement.
    pub fn is_over_placements(&self, declarations: &Declarations) -> bool {
        self.check.operands().iter().any(|name| declarations.placement_field(name).is_some())
    }

    /// What is wrong with the data by this rule; nothing where a value is missing, which `required`
    /// and `count` alone judge.
    pub fn breaches<'v>(&self, declarations: &Declarations, value: &dyn Fn(&str) -> Option<&'v Value>) -> Vec<String> {
        let date = |name: &str| match value(name) {
            Some(Value::Date(date)) => Some(*date),
            _ => None,
        };
        let list = |name: &str| match value(name) {
            Some(Value::List(items)) => Some(items.as_slice()),
            _ => None,
        };
        let mut broken: Vec<String> = Vec::new();
        match &self.check {
            Check::Order { of } => {
                let given: Vec<(&str, Date)> = of.iter().filter_map(|name| Some((&**name, date(name)?))).collect();
                for pair in given.windows(2) {
                    if let [(first, a), (second, b)] = pair
                        && a >= b
                    {
                        broken.push(format!("`{first}` ({a}) must be earlier than `{second}` ({b})"));
                    }
                }
            }
            Check::Count { of, min, max } => {
                let required = declarations
                    .parameter(of)
                    .or_else(|| declarations.placement_field(of))
                    .is_some_and(|field| field.required);
                let items = list(of);
                let count = items.map_or(0, <[Value]>::len) as i64;
                // A required list that is missing is E115 already.
                if items.is_some() || !required {
                    if let Some(min) = min.filter(|min| count < *min) {
                        broken.push(format!("`{of}` has {count} of at least {min}"));
                    }
                    if let Some(max) = max.filter(|max| count > *max) {
                        broken.push(format!("`{of}` has {count} of at most {max}"));
                    }
                }
            }
            Check::Within { each, after, before, min } => {
                if let (Some(items), Some(from), Some(to)) = (list(each), date(after), date(before)) {
                    let dates: Vec<Date> = items
                        .iter()
                        .filter_map(|item| if let Value::Date(date) = item { Some(*date) } else { None })
                        .collect();
                    let inside = dates.iter().filter(|date| from <= **date && **date <= to).count() as i64;
                    match min {
                        Some(min) if inside < *min => {
                            broken.push(format!("{inside} of `{each}` between {from} and {to}, at least {min} needed"));
                        }
                        Some(_) => {}
                        None => broken.extend(
                            dates
                                .iter()
                                .filter(|date| !(from <= **date && **date <= to))
                                .map(|date| format!("{date} of `{each}` is not between {from} and {to}")),
                        ),
                    }
                }
            }
            Check::Gap { from, to, min_days, max_days } => {
                if let (Some(a), Some(b)) = (date(from), date(to))
                    && let Ok(span) = a.until(b)
                {
                    let days = i64::from(span.get_days());
                    if let Some(min) = min_days.filter(|min| days < *min) {
                        broken.push(format!(
                            "{} from `{from}` ({a}) to `{to}` ({b}), at least {min} needed",
                            in_days(days)
                        ));
                    }
                    if let Some(max) = max_days.filter(|max| days > *max) {
                        broken.push(format!(
                            "{} from `{from}` ({a}) to `{to}` ({b}), at most {max} allowed",
                            in_days(days)
                        ));
                    }
                }
            }
        }
        broken
    }
}

fn in_days(days: i64) -> String {
    format!("{days} day{}", if days == 1 { "" } else { "s" })
}
