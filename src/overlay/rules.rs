//! Rules over declared data (spec §4): they judge what a coordinator filled in, never prose.

use crate::book::{Declarations, Layer, Placement, Rule, Value, Values};
use crate::diagnostic::{Code, Diagnostic, Findings, Place};

/// Judges the rules of an edition: those over placement fields once per placement.
pub fn check(declarations: &Declarations, layer: &Layer, values: &Values, findings: &mut Findings) {
    for rule in &declarations.rules {
        if rule.is_over_placements(declarations) {
            let refused = |placement: &&Placement| {
                rule.check.operands().into_iter().any(|name| placement.refused.iter().any(|refused| **refused == *name))
            };
            // A value that was refused is not missing.
            for placement in layer.placements.iter().filter(|placement| !refused(placement)) {
                let place = &placement.place;
                let context = format!("of the placement `{}`", placement.id);
                judge(rule, declarations, &|name| placement.value(values, name), place, &context, findings);
            }
        } else {
            let setting = rule
                .check
                .operands()
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
            if placement.value(values, &field.name).is_none()
                && field.default.is_none()
                && !placement.refused.contains(&field.name)
            {
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

/// Reports what is wrong with the data by this rule.
fn judge<'v>(
    rule: &Rule,
    declarations: &Declarations,
    value: &dyn Fn(&str) -> Option<&'v Value>,
    place: &Place,
    context: &str,
    findings: &mut Findings,
) {
    for what in rule.breaches(declarations, value) {
        let code = if rule.warning { Code::W210 } else { Code::E125 };
        let context = if context.is_empty() { String::new() } else { format!(" {context}") };
        findings.push(
            Diagnostic::new(code, place.clone(), format!("the rule `{}`{context} is not met: {what}", rule.name))
                .maybe_hint(rule.see.as_ref().map(|(page, _)| format!("see {page}"))),
        );
    }
}
