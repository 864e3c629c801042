//! Rules over declared data (spec §4): they judge what a coordinator filled in, never prose.

use crate::book::{Declarations, Layer, PerLanguage, Rule, Value, Values};
use crate::diagnostic::{Code, Findings, Place};

/// Judges the rules over parameters alone.
pub fn check(declarations: &Declarations, layer: &Layer, values: &Values, findings: &mut Findings) {
    for rule in declarations.rules.iter().filter(|rule| !rule.is_over_placements(declarations)) {
        let setting = rule
            .check
            .operands()
            .into_iter()
            .find_map(|name| layer.settings.iter().find(|setting| *setting.name == *name))
            .map(|setting| setting.place.clone());
        let place = setting.unwrap_or_else(|| Place::new(&layer.path, 1, 1, 1));
        let value = |name: &str| values.get(name).and_then(|value| value.values().next());
        judge(rule, declarations, &value, (&place, ""), findings);
    }
}

/// Judges each placement of a layer: the values that it must have, and the rules over its fields.
pub fn check_placements(declarations: &Declarations, layer: &Layer, values: &Values, findings: &mut Findings) {
    for placement in &layer.placements {
        // A value that was refused is not missing.
        let refused = |name: &str| placement.refused.iter().any(|refused| **refused == *name);
        let value = |name: &str| placement.value(declarations, values, name);
        let context = format!(" of the placement `{}`", placement.id);
        for rule in declarations.rules.iter().filter(|rule| rule.is_over_placements(declarations)) {
            if !rule.check.operands().into_iter().any(refused) {
                judge(rule, declarations, &value, (&placement.place, &context), findings);
            }
        }
        for field in declarations.placement.iter().filter(|field| field.required && !refused(&field.name)) {
            let given = placement.given(field);
            let is_empty = |value: &PerLanguage<Value>| value.values().any(|value| !value.is_given());
            if given.is_none_or(|value| is_empty(value) && !declarations.counts(&field.name)) {
                let message = format!("the placement `{}` has no `{}`", placement.id, field.name);
                findings.report(Code::E115, &placement.place, message).hint(format!("add {}: …", field.name));
            }
        }
    }
}

/// Reports what is wrong with the data by this rule.
fn judge<'v>(
    rule: &Rule,
    declarations: &Declarations,
    value: &dyn Fn(&str) -> Option<&'v Value>,
    (place, context): (&Place, &str),
    findings: &mut Findings,
) {
    for what in rule.breaches(declarations, value) {
        let code = if rule.warning { Code::W210 } else { Code::E125 };
        findings
            .report(code, place, format!("the rule `{}`{context} is not met: {what}", rule.name))
            .maybe_hint(rule.see.as_ref().map(|(page, _)| format!("see {page}")));
    }
}
