//! Rules over declared data (spec §4): they judge what a coordinator filled in, never prose.

use jiff::civil::Date;

use crate::book::{Check, Declarations, Layer, Placement, Rule, Value, Values};
use crate::diagnostic::{Code, Diagnostic, Findings, Place};

/// Judges the rules of an edition: those over placement fields once per placement.
pub fn check(declarations: &Declarations, layer: &Layer, values: &Values, findings: &mut Findings) {
    for rule in &declarations.rules {
        if over_placements(rule, declarations) {
            for placement in &layer.placements {
                let place = &placement.place;
                let context = format!("of the placement `{}`", placement.id);
                judge(rule, declarations, &|name| in_placement(placement, values, name), place, &context, findings);
            }
        } else {
            let setting = operands(&rule.check)
                .into_iter()
                .find_map(|name| layer.settings.iter().find(|setting| *setting.name == *name))
                .map(|setting| setting.place.clone());
            let place = setting.unwrap_or_else(|| Place::new(&layer.path, 1, 1, 1));
            judge(
                rule,
                declarations,
                &|name| values.get(name).and_then(|value| value.values().next()),
                &place,
                "",
                findings,
            );
        }
    }
    for placement in &layer.placements {
        for field in declarations.placement.iter().filter(|field| field.required) {
            if in_placement(placement, values, &field.name).is_none() && field.default.is_none() && !layer.broken {
                findings.push(
                    Diagnostic::new(
                        Code::E115,
                        placement.place.clone(),
                        format!("the placement `{}` has no `{}`", placement.id, field.name),
                    )
                    .hint(format!("add {}: …", field.name)),
                );
            }
        }
    }
}

fn over_placements(rule: &Rule, declarations: &Declarations) -> bool {
    operands(&rule.check).iter().any(|name| declarations.placement_field(name).is_some())
}

fn operands(check: &Check) -> Vec<&str> {
    match check {
        Check::Order { of } => of.iter().map(|name| &**name).collect(),
        Check::Count { of, .. } => vec![of],
        Check::Within { each, after, before, .. } => vec![each, after, before],
        Check::Gap { from, to, .. } => vec![from, to],
    }
}

fn in_placement<'v>(placement: &'v Placement, values: &'v Values, name: &str) -> Option<&'v Value> {
    let own = placement.values.iter().find(|(field, ..)| **field == *name).map(|(_, value, _)| value);
    own.or_else(|| values.get(name)).and_then(|value| value.values().next())
}

/// What is wrong with the data by this rule; nothing where a value is missing, which `required`
/// and `count` alone judge.
fn judge<'v>(
    rule: &Rule,
    declarations: &Declarations,
    value: &dyn Fn(&str) -> Option<&'v Value>,
    place: &Place,
    context: &str,
    findings: &mut Findings,
) {
    let date = |name: &str| match value(name) {
        Some(Value::Date(date)) => Some(*date),
        _ => None,
    };
    let list = |name: &str| match value(name) {
        Some(Value::List(items)) => Some(items.as_slice()),
        _ => None,
    };
    let mut broken: Vec<String> = Vec::new();
    match &rule.check {
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
                    broken.push(format!("{days} days from `{from}` ({a}) to `{to}` ({b}), at least {min} needed"));
                }
                if let Some(max) = max_days.filter(|max| days > *max) {
                    broken.push(format!("{days} days from `{from}` ({a}) to `{to}` ({b}), at most {max} allowed"));
                }
            }
        }
    }
    for what in broken {
        let code = if rule.warning { Code::W210 } else { Code::E125 };
        let context = if context.is_empty() { String::new() } else { format!(" {context}") };
        findings.push(
            Diagnostic::new(code, place.clone(), format!("the rule `{}`{context} is not met: {what}", rule.name))
                .maybe_hint(rule.see.as_ref().map(|(page, _)| format!("see {page}"))),
        );
    }
}
