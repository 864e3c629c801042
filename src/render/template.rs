//! Handlebars: a theme's templates → stencils. The one home of the template engine.

use std::collections::BTreeMap;
use std::sync::Arc;

use handlebars::template::{Parameter, Template, TemplateElement};
use handlebars::{
    Context, Handlebars, Helper, HelperResult, Output, Path, RenderContext, RenderError, RenderErrorReason,
};
use serde_json::Value;

use crate::book::Theme;
use crate::diagnostic::{Checked, Code, Diagnostic, Findings, Place, escaped};
use crate::render::stencil::{Gap, Stencil};

/// The templates that the core runs; a theme has them all, if only through what it extends.
pub const NAMES: [&str; 18] = [
    "page",
    "nav",
    "nav-item",
    "nav-current",
    "nav-part",
    "nav-more",
    "crumbs",
    "crumb",
    "title",
    "meta",
    "meta-item",
    "notice",
    "contents",
    "neighbours",
    "neighbour",
    "mark",
    "organisations",
    "404",
];

/// A theme's templates, compiled.
pub struct Templates {
    registry: Handlebars<'static>,
}

impl Templates {
    /// Compiles the templates. `assets` are the published names of the theme's static files.
    pub fn new(theme: &Theme, assets: BTreeMap<String, String>) -> Checked<Templates> {
        let mut findings = Findings::new();
        let mut registry = Handlebars::new();
        registry.set_strict_mode(true);
        // An indented partial must not re-indent what stands in it: code blocks would change.
        registry.set_prevent_indent(true);
        registry.register_helper(
            "asset",
            Box::new(
                move |helper: &Helper<'_>,
                      _: &Handlebars<'_>,
                      _: &Context,
                      _: &mut RenderContext<'_, '_>,
                      out: &mut dyn Output| { asset(&assets, helper, out) },
            ),
        );
        for (name, file) in &theme.templates {
            let Ok(source) = std::str::from_utf8(&file.bytes) else {
                findings.push(Diagnostic::new(Code::E206, Place::file(&file.path), "this template is not UTF-8"));
                continue;
            };
            match Template::compile_with_name(source.replace("\r\n", "\n"), name.to_string()) {
                Ok(template) => {
                    if let Some(slot) = slot_in_block(&template, false) {
                        findings.push(
                            Diagnostic::new(
                                Code::E209,
                                place_of(source, &slot, &file.path),
                                format!("`{{{{{{{slot}}}}}}}` stands inside a block"),
                            )
                            .hint("a slot is filled per page, and a block runs once per edition: put the slot outside"),
                        );
                    }
                    registry.register_template(name, template);
                }
                Err(error) => {
                    let (line, column) = error.pos().unwrap_or((1, 1));
                    findings.push(Diagnostic::new(
                        Code::E209,
                        Place::new(&file.path, line as u32, column as u32, 1),
                        format!("this template cannot be read: {}", escaped(first_line(&error.reason().to_string()))),
                    ));
                }
            }
        }
        for name in NAMES {
            if !registry.has_template(name) && !theme.templates.contains_key(name) {
                findings.push(
                    Diagnostic::global(Code::E209, format!("the theme `{}` has no template `{name}.hbs`", theme.name))
                        .hint("add it, or write `extends = \"leidraad\"` in its theme.toml"),
                );
            }
        }
        Checked { value: Templates { registry }, findings }
    }

    /// Runs a template; what it gives is cut at the gaps.
    pub fn stencil(&self, theme: &Theme, name: &str, data: &Value, findings: &mut Findings) -> Stencil {
        self.run(theme, name, &Context::from(data.clone()), findings)
    }

    /// Runs `page.hbs` once per kind of page, with all else the same.
    pub fn shells(
        &self,
        theme: &Theme,
        data: Value,
        kinds: impl Iterator<Item = &'static str>,
        findings: &mut Findings,
    ) -> BTreeMap<&'static str, Stencil> {
        let mut context = Context::from(data);
        kinds
            .map(|kind| {
                context.data_mut()["kind"] = kind.into();
                (kind, self.run(theme, "page", &context, findings))
            })
            .collect()
    }

    fn run(&self, theme: &Theme, name: &str, context: &Context, findings: &mut Findings) -> Stencil {
        if !self.registry.has_template(name) {
            // Reported when it was compiled.
            return Stencil::default();
        }
        match self.registry.render_with_context(name, context) {
            Ok(text) => Stencil::cut(&text),
            Err(error) => {
                findings.push(finding(theme, name, &error));
                Stencil::default()
            }
        }
    }
}

fn asset(assets: &BTreeMap<String, String>, helper: &Helper<'_>, out: &mut dyn Output) -> HelperResult {
    let name = helper.param(0).and_then(|param| param.value().as_str()).unwrap_or_default();
    match assets.get(name) {
        Some(path) => Ok(out.write(&format!("{}{path}", Gap::Top.mark()))?),
        None => Err(RenderErrorReason::Other(format!("the theme has no static file `{name}`")).into()),
    }
}

fn finding(theme: &Theme, name: &str, error: &RenderError) -> Diagnostic {
    let template = error.template_name.as_deref().unwrap_or(name);
    let path: Arc<str> = theme
        .templates
        .get(template)
        .map_or_else(|| format!("templates/{template}.hbs").into(), |file| Arc::clone(&file.path));
    let place = Place::new(&path, error.line_no.unwrap_or(1) as u32, error.column_no.unwrap_or(1) as u32, 1);
    Diagnostic::new(
        Code::E209,
        place,
        format!("this template fails: {}", escaped(first_line(&error.reason().to_string()))),
    )
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// The first slot that stands inside a block helper.
fn slot_in_block(template: &Template, inside: bool) -> Option<String> {
    template.elements.iter().find_map(|element| match element {
        TemplateElement::Expression(helper) | TemplateElement::HtmlExpression(helper) => match &helper.name {
            Parameter::Path(Path::Relative((_, raw))) if inside && raw.starts_with("slot.") => Some(raw.clone()),
            _ => None,
        },
        TemplateElement::HelperBlock(block) => {
            [&block.template, &block.inverse].into_iter().flatten().find_map(|template| slot_in_block(template, true))
        }
        TemplateElement::DecoratorBlock(block) => {
            block.template.as_ref().and_then(|template| slot_in_block(template, true))
        }
        _ => None,
    })
}

/// Where a slot is first written.
fn place_of(source: &str, slot: &str, path: &Arc<str>) -> Place {
    let (line, column) = crate::render::html::position(source, source.rfind(slot).unwrap_or(0));
    Place::new(path, line, column, slot.chars().count() as u32)
}
