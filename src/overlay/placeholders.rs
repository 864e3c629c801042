//! `{{…}}` in prose: every one names a parameter, and a field or form that it has (E117).

use std::sync::Arc;

use crate::book::{
    Declarations, Fragment, Hole, InsertBody, Kind, Layer, OperationKind, Page, Pieces, Placeholder, Reason, Scalar,
    Texts,
};
use crate::diagnostic::{Code, Findings, Place, did_you_mean};
use crate::overlay::conditions;
use crate::overlay::parameters::ORGANISATION;

/// Checks every placeholder of a page.
pub fn check_page(page: &Page, declarations: &Declarations, findings: &mut Findings) {
    if !declarations.has_parameters {
        return;
    }
    pieces(&page.heading.html, declarations, findings);
    pieces(&page.name, declarations, findings);
    page.description.iter().for_each(|text| pieces(text, declarations, findings));
    for section in page.all_sections() {
        pieces(&section.heading.html, declarations, findings);
    }
    for (_, part) in page.all_parts() {
        fragment(&part.fragment, declarations, findings);
    }
}

/// Checks every placeholder of a layer's own texts.
pub fn check_layer(layer: &Layer, declarations: &Declarations, findings: &mut Findings) {
    if !declarations.has_parameters {
        return;
    }
    let texts = |texts: &Texts, findings: &mut Findings| {
        texts.texts.iter().for_each(|text| fragment(&text.fragment, declarations, findings));
    };
    layer.changes.iter().for_each(|change| reason(change.reason.as_ref(), &change.place, findings));
    layer.inserts.iter().for_each(|insert| reason(insert.reason.as_ref(), &insert.place, findings));
    for operation in layer.changes.iter().flat_map(|change| &change.operations) {
        match &operation.kind {
            OperationKind::Replace(given) | OperationKind::Prepend(given) | OperationKind::Append(given) => {
                texts(given, findings)
            }
            OperationKind::Title(title) | OperationKind::Description(title) => {
                title.iter().for_each(|(_, text)| pieces(text, declarations, findings));
            }
            OperationKind::Remove(_) | OperationKind::Lock(_) | OperationKind::Move(_) => {}
        }
    }
    for insert in &layer.inserts {
        insert.title.iter().for_each(|(_, text)| pieces(text, declarations, findings));
        match &insert.body {
            InsertBody::Text(given) => texts(given, findings),
            InsertBody::Pages(pages) => {
                for page in pages.values() {
                    check_page(page, declarations, findings);
                    conditions::check(page, declarations, findings);
                }
            }
        }
    }
}

fn fragment(fragment: &Fragment, declarations: &Declarations, findings: &mut Findings) {
    pieces(&fragment.html, declarations, findings);
    fragment.notes.values().for_each(|note| pieces(note, declarations, findings));
}

fn pieces(pieces: &Pieces, declarations: &Declarations, findings: &mut Findings) {
    each(pieces, &mut |placeholder, stands| match stands {
        Stands::InProse => in_prose(placeholder, declarations, findings),
        Stands::InAddress => in_address(placeholder, &[Scalar::Url, Scalar::Email], declarations, findings),
        Stands::BehindMailto => in_address(placeholder, &[Scalar::Email], declarations, findings),
    });
}

/// Where a placeholder stands.
#[derive(Clone, Copy)]
pub enum Stands {
    /// Among the words.
    InProse,
    /// In the address of a link.
    InAddress,
    /// In the address of a link, behind `mailto:`.
    BehindMailto,
}

/// Takes every placeholder of some pieces.
pub fn each<'p>(pieces: &'p Pieces, take: &mut dyn FnMut(&'p Placeholder, Stands)) {
    for (_, hole) in &pieces.holes {
        match hole {
            Hole::Value(placeholder) | Hole::Plain(placeholder) => take(placeholder, Stands::InProse),
            Hole::LinkStart(link) | Hole::Image(link) | Hole::Reference(link) => {
                if let Some(url) = link.address() {
                    let stands = if url.text == "mailto:" { Stands::BehindMailto } else { Stands::InAddress };
                    url.values().for_each(|placeholder| take(placeholder, stands));
                }
                link.title.values().for_each(|placeholder| take(placeholder, Stands::InProse));
            }
            Hole::LinkEnd(_) | Hole::Note(_) | Hole::Word(_) => {}
        }
    }
}

/// A reason is shown as it was typed, so nothing in it can ask to be filled.
fn reason(reason: Option<&Arc<Reason>>, place: &Place, findings: &mut Findings) {
    for (_, text) in reason.iter().flat_map(|reason| &reason.texts) {
        if text.split_once("{{").is_some_and(|(_, after)| after.contains("}}")) {
            findings
                .report(Code::E117, place, "a placeholder cannot stand in a reason")
                .hint("write the words themselves");
        }
    }
}

fn in_prose(placeholder: &Placeholder, declarations: &Declarations, findings: &mut Findings) {
    let Some(kind) = known(placeholder, declarations, findings) else { return };
    let wrong = match (kind, placeholder.field.as_deref()) {
        (None, None) => None,
        (None, Some(_)) => Some(("has no fields".to_owned(), None)),
        (Some(Kind::Person { .. }), None | Some("role" | "name" | "kind")) => None,
        (Some(Kind::Person { .. }), Some(field)) => {
            Some((format!("has no `{field}`"), did_you_mean(field, ["role", "name", "kind"])))
        }
        (Some(Kind::Term { forms }), Some(form)) => {
            let names = || forms.iter().map(|form| &**form);
            (!names().any(|name| name == form)).then(|| {
                let hint = did_you_mean(form, names())
                    .unwrap_or_else(|| format!("forms: {}", names().collect::<Vec<_>>().join(", ")));
                (format!("has no form `{form}`"), Some(hint))
            })
        }
        (Some(Kind::Term { forms }), None) => {
            let example = forms.first().map(|form| format!("{{{{{}.{form}}}}}", placeholder.name));
            Some(("is a term and needs a form".to_owned(), example.map(|example| format!("write {example}"))))
        }
        (Some(Kind::Scalar(Scalar::Boolean)), _) => {
            Some(("is true or false, which is no word".to_owned(), Some("use it in `when=` on a heading".to_owned())))
        }
        (Some(Kind::Scalar(_) | Kind::List(_)), None) => None,
        (Some(kind @ (Kind::Scalar(_) | Kind::List(_))), Some(_)) => {
            Some((format!("is of type {} and has no fields", kind.as_str()), None))
        }
    };
    if let Some((message, hint)) = wrong {
        findings.report(Code::E117, &placeholder.place, format!("`{}` {message}", placeholder.name)).maybe_hint(hint);
    }
}

fn in_address(placeholder: &Placeholder, fit: &[Scalar], declarations: &Declarations, findings: &mut Findings) {
    let Some(kind) = known(placeholder, declarations, findings) else { return };
    let fits = matches!(kind, Some(Kind::Scalar(scalar)) if fit.contains(scalar)) && placeholder.field.is_none();
    if !fits {
        let names = fit.iter().map(|scalar| scalar.as_str()).collect::<Vec<_>>().join(" and ");
        let message = format!("`{}` cannot stand in an address", placeholder.name);
        findings.report(Code::E117, &placeholder.place, message).hint(format!("only parameters of type {names} can"));
    }
}

/// The type of a parameter; the outer nothing says that there is no such parameter, the inner one
/// that it is the organisation's name.
fn known<'d>(
    placeholder: &Placeholder,
    declarations: &'d Declarations,
    findings: &mut Findings,
) -> Option<Option<&'d Kind>> {
    if &*placeholder.name == ORGANISATION {
        return Some(None);
    }
    if let Some(field) = declarations.parameter(&placeholder.name) {
        return Some(Some(&field.kind));
    }
    if declarations.refused.contains(&placeholder.name) {
        return None;
    }
    let names = declarations.parameters.iter().map(|field| &*field.name).chain([ORGANISATION]);
    findings.report(Code::E117, &placeholder.place, format!("there is no parameter `{}`", placeholder.name)).hint(
        did_you_mean(&placeholder.name, names)
            .unwrap_or_else(|| "declare it in handbook.yaml, or write `\\{{` for the braces themselves".into()),
    );
    None
}
