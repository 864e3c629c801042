//! Conditions name a parameter that is declared, and one of its options.

use crate::book::{Declarations, Kind, Page, Scalar};
use crate::diagnostic::{Code, Findings, did_you_mean, meant_or_known};

/// Checks the conditions of a page and its sections (E114, E113).
pub fn check(page: &Page, declarations: &Declarations, findings: &mut Findings) {
    let conditions = page.shown.iter().chain(page.all_sections().filter_map(|section| section.shown.as_ref()));
    for condition in conditions {
        let Some(field) = declarations.parameter(&condition.parameter) else {
            if declarations.refused.contains(&condition.parameter) {
                continue;
            }
            let names = declarations.parameters.iter().map(|field| &*field.name);
            findings
                .report(Code::E114, &condition.place, format!("unknown parameter `{}`", condition.parameter))
                .hint(meant_or_known(&condition.parameter, names));
            continue;
        };
        let Some(option) = &condition.option else { continue };
        match &field.kind {
            Kind::Scalar(Scalar::Choice { options }) => {
                if !options.iter().any(|(id, _)| id == option) {
                    let names: Vec<&str> = options.iter().map(|(id, _)| &**id).collect();
                    let hint = did_you_mean(option, names.iter().copied())
                        .unwrap_or_else(|| format!("options: {}", names.join(", ")));
                    findings
                        .report(Code::E113, &condition.place, format!("`{}` has no option `{option}`", field.name))
                        .hint(hint);
                }
            }
            other => {
                let message = format!("`{}` is of type {} and has no options", field.name, other.as_str());
                findings.report(Code::E113, &condition.place, message).hint(format!("write when={}", field.name));
            }
        }
    }
}
