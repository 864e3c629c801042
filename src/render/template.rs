//! Handlebars: a theme's templates → stencils. The one home of the template engine.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use handlebars::template::{Parameter, Template, TemplateElement};
use handlebars::{Context, Handlebars, Helper, HelperResult, Output, RenderContext, RenderError, RenderErrorReason};
use serde_json::Value;

use crate::book::Theme;
use crate::diagnostic::{Checked, Code, Diagnostic, Findings, Place, did_you_mean, escaped};
use crate::render::hyphens::softened;
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
    "directory",
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
        let mut compiled: BTreeMap<&str, Uses> = BTreeMap::new();
        for (name, file) in &theme.templates {
            let Ok(source) = std::str::from_utf8(&file.bytes) else {
                findings.report(Code::E206, &Place::file(&file.path), "this template is not UTF-8");
                continue;
            };
            match Template::compile_with_name(source.replace("\r\n", "\n"), name.to_string()) {
                Ok(template) => {
                    compiled.insert(name, Uses::of(&template));
                    registry.register_template(name, template);
                }
                Err(error) => {
                    let (line, column) = error.pos().unwrap_or((1, 1));
                    let message =
                        format!("this template cannot be read: {}", escaped(first_line(&error.reason().to_string())));
                    findings.report(Code::E209, &Place::new(&file.path, line as u32, column as u32, 1), message);
                }
            }
        }
        judge(theme, &compiled, &mut findings);
        for name in NAMES {
            if !registry.has_template(name) && !theme.templates.contains_key(name) {
                findings.push(
                    Diagnostic::global(Code::E209, format!("the theme `{}` has no template `{name}.hbs`", theme.name))
                        .with("add it, or write `extends = \"leidraad\"` in its theme.toml"),
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
            Ok(text) => {
                let said = |name: &str| context.data().get(name).and_then(Value::as_str).unwrap_or_default();
                // Paper has room.
                let text = if said("kind") == "print" { text } else { softened(&text, said("lang")) };
                Stencil::cut(&text)
            }
            Err(error) => {
                findings.push(finding(theme, name, &error, context.data()));
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

fn finding(theme: &Theme, name: &str, error: &RenderError, data: &Value) -> Diagnostic {
    let template = error.template_name.as_deref().unwrap_or(name);
    let path: Arc<str> = theme
        .templates
        .get(template)
        .map_or_else(|| format!("templates/{template}.hbs").into(), |file| Arc::clone(&file.path));
    let place = Place::new(&path, error.line_no.unwrap_or(1) as u32, error.column_no.unwrap_or(1) as u32, 1);
    if let RenderErrorReason::MissingVariable(Some(missing)) = error.reason() {
        let message = format!("nothing is called `{}` here", escaped(missing));
        return Diagnostic::new(Code::E209, place, message).maybe_with(nearest(missing, data));
    }
    let reason = escaped(first_line(&error.reason().to_string()));
    Diagnostic::new(Code::E209, place, format!("this template fails: {reason}"))
}

/// The name that comes nearest to one that is not there, among those of the same map.
fn nearest(missing: &str, data: &Value) -> Option<String> {
    let missing = missing.trim_start_matches("@root.").trim_start_matches("../").replace('/', ".");
    let (above, last) = missing.rsplit_once('.').unwrap_or(("", &missing));
    let map = above.split('.').filter(|part| !part.is_empty()).try_fold(data, |data, part| data.get(part))?;
    did_you_mean(last, map.as_object()?.keys().map(String::as_str))
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// What a template names, as it is written.
#[derive(Default)]
struct Uses {
    /// Values, and whether they stand in a block or are given to a helper.
    paths: Vec<(String, Where)>,
    /// Other templates.
    partials: Vec<(String, Where)>,
}

/// Where in a template something stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Where {
    /// Outside every block: it is printed once, as it is.
    Outside,
    /// Where a block or a helper may look at it, drop it or repeat it.
    Inside,
}

impl Uses {
    fn of(template: &Template) -> Uses {
        let mut uses = Uses::default();
        uses.visit(template, Where::Outside);
        uses
    }

    fn visit(&mut self, template: &Template, at: Where) {
        for element in &template.elements {
            match element {
                TemplateElement::Expression(helper) | TemplateElement::HtmlExpression(helper) => {
                    self.name(&helper.name, at);
                    self.given(&helper.params, helper.hash.values());
                }
                TemplateElement::HelperBlock(block) => {
                    self.given(&block.params, block.hash.values());
                    let inner = [&block.template, &block.inverse].into_iter().flatten();
                    inner.for_each(|template| self.visit(template, Where::Inside));
                }
                TemplateElement::PartialExpression(partial) | TemplateElement::PartialBlock(partial) => {
                    self.partials.extend(partial.name.as_name().map(|name| (name.to_owned(), at)));
                    self.given(&partial.params, partial.hash.values());
                    partial.template.iter().for_each(|template| self.visit(template, Where::Inside));
                }
                TemplateElement::DecoratorBlock(block) => {
                    block.template.iter().for_each(|template| self.visit(template, Where::Inside));
                }
                _ => {}
            }
        }
    }

    fn name(&mut self, name: &Parameter, at: Where) {
        match name {
            Parameter::Subexpression(expression) => {
                let params = expression.params().into_iter().flatten();
                let hash = expression.hash().into_iter().flat_map(|hash| hash.values());
                params.chain(hash).for_each(|parameter| self.name(parameter, Where::Inside));
            }
            name => self.paths.extend(name.as_name().map(|name| (name.to_owned(), at))),
        }
    }

    fn given<'p>(&mut self, params: &'p [Parameter], hash: impl Iterator<Item = &'p Parameter>) {
        params.iter().chain(hash).for_each(|parameter| self.name(parameter, Where::Inside));
    }

    fn slots(&self) -> impl Iterator<Item = (&str, Where)> {
        let is_slot = |path: &str| path.split(['.', '/']).any(|part| part == "slot");
        self.paths.iter().map(|(path, at)| (path.as_str(), *at)).filter(move |(path, _)| is_slot(path))
    }
}

/// The templates that are run from these, themselves included.
fn reached<'t>(templates: &'t BTreeMap<&str, Uses>, from: impl Iterator<Item = &'t str>) -> BTreeSet<&'t str> {
    let mut reached = BTreeSet::new();
    let mut waiting: Vec<&str> = from.collect();
    while let Some(name) = waiting.pop() {
        if reached.insert(name) {
            let uses = templates.get(name).into_iter();
            waiting.extend(uses.flat_map(|uses| &uses.partials).map(|(name, _)| name.as_str()));
        }
    }
    reached
}

/// What would go wrong on every page: slots that a block may drop or repeat, or that are missing; scripts and
/// styles that the policy stops; templates that nothing runs.
fn judge(theme: &Theme, templates: &BTreeMap<&str, Uses>, findings: &mut Findings) {
    let partials = || templates.values().flat_map(|uses| &uses.partials);
    let inside = partials().filter(|(_, at)| *at == Where::Inside).map(|(name, _)| name.as_str());
    let inside = reached(templates, inside);
    let run = reached(templates, NAMES.into_iter());
    for (name, uses) in templates {
        let Some(file) = theme.templates.get(*name) else { continue };
        let Ok(source) = std::str::from_utf8(&file.bytes) else { continue };
        let path = &file.path;
        if let Some((slot, _)) = uses.slots().find(|(_, at)| *at == Where::Inside || inside.contains(name)) {
            findings
                .report(Code::E209, &place_of(source, slot, path), format!("`{slot}` stands inside a block"))
                .hint("a slot is filled per page, and a block runs once per edition: put the slot outside");
        }
        if let Some(at) = stopped(source) {
            let (line, column) = crate::render::html::position(source, at);
            findings
                .report(Code::E209, &Place::new(path, line, column, 1), "no inline script or style runs")
                .hint("put it into a file in static/, and ask for that with {{asset \"…\"}}");
        }
        // A page of one's own need not run the parts of the shipped one.
        if !file.shipped && !run.contains(name) {
            let others = templates.keys().copied().filter(|other| other != name);
            findings
                .report(Code::N203, &Place::file(path), "nothing runs this template")
                .maybe_hint(did_you_mean(name, NAMES.into_iter().chain(others)));
        }
    }
    let page = reached(templates, ["page"].into_iter());
    for slot in ["slot.head", "slot.content"] {
        let mut slots = page.iter().filter_map(|name| templates.get(name)).flat_map(Uses::slots);
        if let Some(file) = theme.templates.get("page").filter(|_| templates.contains_key("page"))
            && !slots.any(|(known, _)| known == slot)
        {
            let message = format!("the page has no `{{{{{{{slot}}}}}}}`");
            findings.report(Code::E209, &Place::file(&file.path), message);
        }
    }
}

/// Where the first inline script or style begins.
fn stopped(source: &str) -> Option<usize> {
    let lower = source.to_ascii_lowercase();
    let is_stopped = |at: &usize| {
        let tag = lower[*at..].split('>').next().unwrap_or_default();
        let name = tag[1..].split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        name == "style" || (name == "script" && !tag.contains("src=") && !tag.contains("application/ld+json"))
    };
    lower.match_indices('<').map(|(at, _)| at).find(is_stopped)
}

/// Where a slot is first written.
fn place_of(source: &str, slot: &str, path: &Arc<str>) -> Place {
    let (line, column) = crate::render::html::position(source, source.rfind(slot).unwrap_or(0));
    Place::new(path, line, column, slot.chars().count() as u32)
}
