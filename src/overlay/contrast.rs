//! Contrast of the colours that a layer gives (E121).

use crate::book::{Appearance, Layer, TEXT_CONTRAST, TokenSetting, nearest_readable, ratio};
use crate::diagnostic::{Code, Findings};

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
    let message = format!(
        "`{}` as text has a contrast of {:.2} on the {words} page and {:.2} on its surfaces; 4.5 is needed (WCAG 1.4.3)",
        token.name,
        rounded(ratios[0]),
        rounded(ratios[1])
    );
    findings.report(Code::E121, &token.value_place, message).hint(format!(
        "nearest that passes: \"{nearest}\" ({:.2} on the page, {:.2} on surfaces); `leidraad check --fix` writes it",
        rounded(reached[0]),
        rounded(reached[1])
    ));
}

/// Two decimals; a ratio that fails never reads as one that passes.
fn rounded(ratio: f64) -> f64 {
    let rounded = (ratio * 100.0).round() / 100.0;
    if ratio < TEXT_CONTRAST { rounded.min(TEXT_CONTRAST - 0.01) } else { rounded }
}
