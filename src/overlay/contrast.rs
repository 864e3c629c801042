//! Contrast of the colours that a layer gives (E121).

use crate::book::{Appearance, Layer, TEXT_CONTRAST, TokenSetting, nearest_readable, ratio};
use crate::diagnostic::{Code, Diagnostic, Findings};

/// Judges the colours that a layer gives.
pub fn check(layer: &Layer, findings: &mut Findings) {
    for token in &layer.tokens {
        let (appearance, words) = match &*token.name {
            "accent" => (Appearance::Light, "light"),
            "accent-dark" => (Appearance::Dark, "dark"),
            _ => continue,
        };
        judge(token, appearance, words, findings);
    }
}

fn judge(token: &TokenSetting, appearance: Appearance, words: &str, findings: &mut Findings) {
    let ratios = appearance.grounds().map(|ground| ratio(&token.color, ground));
    if ratios.iter().all(|ratio| *ratio >= TEXT_CONTRAST) {
        return;
    }
    let nearest = nearest_readable(&token.color, appearance);
    let reached = appearance.grounds().map(|ground| ratio(&nearest, ground));
    findings.push(
        Diagnostic::new(
            Code::E121,
            token.value_place.clone(),
            format!(
                "`{}` as text has a contrast of {:.2} on the {words} page and {:.2} on its surfaces; 4.5 is needed (WCAG 1.4.3)",
                token.name,
                floor(ratios[0]),
                floor(ratios[1])
            ),
        )
        .hint(format!(
            "nearest that passes: \"{nearest}\" ({:.2} on the page, {:.2} on surfaces); `leidraad check --fix` writes it",
            floor(reached[0]),
            floor(reached[1])
        )),
    );
}

/// Two decimals, rounded down: a ratio that fails must not read as one that passes.
fn floor(ratio: f64) -> f64 {
    (ratio * 100.0).floor() / 100.0
}
