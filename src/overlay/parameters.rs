//! The values of an edition: defaults, then each layer's, nearest last.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::book::{Condition, Handbook, Kind, Language, Layer, PerLanguage, Scalar, Value, Values};
use crate::diagnostic::{Code, Findings, Place};
use crate::overlay::state::{Effect, Record, State};

/// The name of the parameter that is always there.
pub const ORGANISATION: &str = "organisation";

/// The values of the parameters in a chain; each setting gets a record.
pub fn values(state: &mut State<'_>, findings: &mut Findings) -> Values {
    let handbook = state.handbook;
    let chain = state.chain;
    let mut values: Values = handbook
        .declarations
        .parameters
        .iter()
        .filter_map(|field| Some((Arc::clone(&field.name), field.default.clone()?)))
        .collect();
    let mut finals: BTreeMap<Arc<str>, &Layer> = BTreeMap::new();
    let mut set_by: BTreeMap<Arc<str>, usize> = BTreeMap::new();
    for (at, layer) in chain.iter().enumerate() {
        for setting in &layer.settings {
            if let Some(by) = finals.get(&setting.name) {
                findings
                    .report(Code::E123, &setting.place, format!("`{}` is final in the layer `{}`", setting.name, by.id))
                    .hint("remove it here, or ask for it to be opened there");
                continue;
            }
            let record = state.record(Record {
                layer: at,
                address: format!("params.{}", setting.name),
                op: "set",
                place: setting.place.clone(),
                reason: None,
                effect: Effect::Lasting,
                pins: Vec::new(),
            });
            if let Some(earlier) = set_by.insert(Arc::clone(&setting.name), record) {
                state.records[earlier].effect = Effect::Some;
            }
            values.insert(Arc::clone(&setting.name), setting.value.clone());
        }
        for (name, _) in &layer.finals {
            finals.entry(Arc::clone(name)).or_insert(layer);
        }
    }
    if let Some(layer) = chain.last() {
        let name = PerLanguage {
            any: layer.name.any.clone().map(Value::Text),
            named: layer
                .name
                .named
                .iter()
                .map(|(language, name)| (language.clone(), Value::Text(Arc::clone(name))))
                .collect(),
        };
        values.insert(ORGANISATION.into(), name);
    }
    values
}

/// Reports required parameters without a value (E115); a layer without an edition may leave them open.
pub fn required(handbook: &Handbook, chain: &[Arc<Layer>], values: &Values, findings: &mut Findings) {
    let Some(layer) = chain.last() else { return };
    for field in handbook.declarations.parameters.iter().filter(|field| field.required) {
        let value = values.get(&field.name);
        let is_missing = match value {
            None => !is_tried(chain, &field.name),
            Some(value) => value.values().any(|value| !value.is_given()) && !handbook.declarations.counts(&field.name),
        };
        if is_missing {
            let set = layer.settings.iter().find(|setting| setting.name == field.name);
            let place = set.map_or_else(|| Place::new(&layer.path, 1, 1, 1), |setting| setting.place.clone());
            let label = field
                .label
                .get(handbook.config.default_language())
                .map(|label| format!(" ({label})"))
                .unwrap_or_default();
            findings
                .report(Code::E115, &place, format!("the required parameter `{}`{label} has no value", field.name))
                .hint(format!("add it under `params:` — {}: …", field.name));
        }
    }
}

/// Whether a layer of a chain means to set a parameter: a value that was refused is missing for a reason that
/// was given.
pub fn is_tried(chain: &[Arc<Layer>], name: &Arc<str>) -> bool {
    chain.iter().any(|layer| layer.tried.as_ref().is_none_or(|tried| tried.contains(name)))
}

/// Values per language that lack one of an edition's languages (W206).
pub fn untranslated(layer: &Layer, languages: &[Language], findings: &mut Findings) {
    let published = layer.placements.iter().filter(|placement| placement.publish);
    let settings = layer.settings.iter().map(|setting| (&setting.name, &setting.value, &setting.place));
    let fields = published.flat_map(|placement| &placement.values).map(|(name, value, place)| (name, value, place));
    for (name, value, place) in settings.chain(fields) {
        let Some((given, _)) = value.named.first() else { continue };
        for language in languages.iter().filter(|language| !value.named.iter().any(|(named, _)| named == *language)) {
            let message = format!("the value of `{name}` is in `{given}` and is not translated into `{language}`");
            findings.report(Code::W206, place, message).hint(format!("add {language}: …"));
        }
    }
}

/// Whether what stands under a condition is shown. Under one that is wrong in itself it is: that it cannot be
/// linked to would be no news.
pub fn shows(condition: &Condition, values: &Values, handbook: &Handbook) -> bool {
    let can_be_judged = match (handbook.declarations.parameter(&condition.parameter), &condition.option) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some(field), Some(option)) => match &field.kind {
            Kind::Scalar(Scalar::Choice { options }) => options.iter().any(|(id, _)| id == option),
            Kind::Scalar(_) | Kind::List(_) | Kind::Person { .. } | Kind::Term { .. } => false,
        },
    };
    !can_be_judged || holds(condition, values)
}

/// Whether a condition holds; a parameter without a value makes `when` false and `unless` true.
pub fn holds(condition: &Condition, values: &Values) -> bool {
    let value = values.get(&condition.parameter).and_then(|value| value.values().next());
    let holds = match (value, &condition.option) {
        (None, _) => false,
        (Some(Value::Boolean(value)), None) => *value,
        (Some(Value::Choice(value)), Some(option)) => value == option,
        (Some(value), None) => value.is_given(),
        (Some(_), Some(_)) => false,
    };
    holds != condition.negated
}
