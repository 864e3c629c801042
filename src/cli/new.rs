//! `leidraad new page PATH` and `leidraad new organisation ID`: a start that says what to write.

use std::fmt::Write;
use std::sync::Arc;

use crate::book::{Address, Config, Field, Handbook, Kind, LayerId, Scalar, is_id};
use crate::cli::Exit;
use crate::cli::args::{New, NewOrganisation, NewPage};
use crate::cli::plan::{Plan, say};
use crate::cli::project::{self, complain};
use crate::cli::report::{Voice, or_mean};
use crate::diagnostic::{Findings, LOWER_CASE};
use crate::load::handbook::{Drafts, decode};
use crate::load::layout::is_below;
use crate::load::splice::Edits;
use crate::load::summary::{self, Entry};
use crate::load::{files, links};
use crate::memo::Memo;

/// Starts a page or an organisation.
pub fn run(command: &New, voice: Voice) -> Result<Exit, Exit> {
    match command {
        New::Page(page) => new_page(page, voice),
        New::Organisation(organisation) => new_organisation(organisation, voice),
    }?;
    Ok(Exit::Done)
}

fn refuse<T>(message: &str) -> Result<T, Exit> {
    complain(message);
    Err(Exit::Usage)
}

fn new_page(command: &NewPage, voice: Voice) -> Result<(), Exit> {
    let (path, dir) = (command.page.as_str(), command.dir.as_path());
    let snapshot = project::read(dir, &[])?;
    let handbook = decode(&snapshot.sources, Drafts::Shown, &Memo::new()).value;
    let config = &handbook.config;
    let language = config.default_language();
    let folder = config.language_folder(language);
    let typed = path.trim_start_matches("./");
    let id = if folder.is_empty() { typed } else { typed.strip_prefix(&format!("{folder}/")).unwrap_or(typed) };
    let id = id.strip_suffix(".md").unwrap_or(id).trim_end_matches('/');
    let below = |folder: &str| !folder.is_empty() && is_below(id, folder);
    if let Some(other) = config.languages[1..]
        .iter()
        .find(|other| below(&config.language_folder(other)) || (id.contains('/') && below(other)))
    {
        return refuse(&format!(
            "a page begins in `{language}`, and its translation into `{other}` is a file of the same name in {}",
            config.language_folder(other)
        ));
    }
    if below(&config.src) {
        return refuse(&format!("`{path}` lies outside the pages in `{language}`: they are below {folder}"));
    }
    if !id.split('/').all(is_id) {
        let wanted: Vec<String> = id.split('/').map(|part| crate::book::slug(part).to_lowercase()).collect();
        let wanted = wanted.join("/").replace(['.', '_'], "-");
        return refuse(&format!("`{id}` cannot be the id of a page: {LOWER_CASE}, `{wanted}`"));
    }
    let file = join(&folder, &format!("{id}.md"));
    let page = links::page_id(id);
    let is_it = |path: &&Arc<str>| {
        files::is_page(path, &folder, config)
            && links::page_id(files::relative(path, &folder).trim_end_matches(".md")) == page
    };
    if let Some((there, _)) = files::below(&snapshot.sources, &folder).find(|(path, _)| is_it(path)) {
        return refuse(&format!("the page `{page}` is there already: {there}"));
    }
    if let Some((layer, _)) = page.split_once('/').filter(|(first, _)| handbook.layers.contains_key(*first)) {
        return refuse(&format!("a folder of pages cannot be called `{layer}`: a layer has that name"));
    }
    if let Some(page) = handbook.aliases.get(page) {
        return refuse(&format!("`{id}` is an old name of the page `{page}`, and links still use it"));
    }
    let title = title_of(id);
    let mut plan = Plan::new(&snapshot.sources);
    plan.write(&file, page_text(&title, language));
    let mut told = vec![format!("{file}: the page `{id}`; write its first words")];
    let summary = join(&folder, "SUMMARY.md");
    if let Some(text) = plan.text(&summary) {
        let (after, line) = in_summary(&text, &summary, id, &title);
        plan.write(&summary, after);
        told.push(format!("{summary}:{line}: its place in the order; move the line where it belongs"));
    }
    for other in config.languages.iter().skip(1) {
        told.push(format!(
            "{}: its translation, when the text is done; until then readers see it in `{language}`",
            join(&config.language_folder(other), &format!("{id}.md"))
        ));
    }
    plan.save(dir)?;
    told.iter().for_each(|line| say(voice, line));
    Ok(())
}

fn page_text(title: &str, language: &str) -> String {
    match language {
        "nl" => format!(
            "# {title}\n\nWat een lezer hier vindt, in een of twee zinnen.\n\n## Eerste stap {{#eerste-stap}}\n\nWie doet wat, en wanneer? Een kop met een id, zoals deze, kan elke organisatie met een eigen tekst vervangen.\n"
        ),
        _ => format!(
            "# {title}\n\nWhat a reader finds here, in a sentence or two.\n\n## First step {{#first-step}}\n\nWho does what, and when? A heading with an id, like this one, is what an organisation can replace with a text of its own.\n"
        ),
    }
}

/// SUMMARY.md with an entry after the last one of the same folder, as deep as that one; else at its end.
fn in_summary(text: &str, path: &str, id: &str, title: &str) -> (String, u32) {
    let folder = id.rsplit_once('/').map_or("", |(folder, _)| folder);
    let entries = summary::decode(&path.into(), &text.replace("\r\n", "\n"), &mut Findings::new());
    let last = entries.iter().rev().find_map(|entry| match entry {
        Entry::Page { path, place, .. } => {
            let page = path.trim_end_matches(".md");
            let is_beside = page.rsplit_once('/').map_or("", |(folder, _)| folder) == folder;
            (is_beside && !folder.is_empty()).then_some((place.line, crate::load::links::page_id(page) == folder))
        }
        Entry::Announced { .. } | Entry::Part(_) => None,
    });
    let mut edits = Edits::of(text);
    let eol = edits.line_break();
    let found = last.and_then(|(line, is_folder)| {
        let start = edits.offset(line, 1)?;
        let mark = text[start..].lines().next()?;
        let mut indent = mark.len() - mark.trim_start().len();
        if is_folder {
            // Below the folder's own page: as deep as the text of its item.
            indent += mark.trim_start().find('[').unwrap_or(2);
        }
        Some((edits.after_line(start), indent, line + 1))
    });
    let (at, indent, line) = found.unwrap_or((text.len(), 0, text.lines().count() as u32 + 1));
    let lead = if at == text.len() && !text.is_empty() && !text.ends_with('\n') { eol } else { "" };
    edits.replace(at..at, format!("{lead}{:indent$}- [{title}]({id}.md){eol}", ""));
    (edits.apply().unwrap_or_else(|| text.to_owned()), line)
}

fn new_organisation(command: &NewOrganisation, voice: Voice) -> Result<(), Exit> {
    let (id, extends, dir) = (command.id.as_str(), command.extends.as_deref(), command.dir.as_path());
    let snapshot = project::read(dir, &[])?;
    let handbook = decode(&snapshot.sources, Drafts::Shown, &Memo::new()).value;
    if !is_id(id) {
        let wanted = crate::book::slug(id).to_lowercase().replace(['.', '_'], "-");
        return refuse(&format!("`{id}` cannot be an id: {LOWER_CASE}, `{wanted}`"));
    }
    let taken = matches!(id, "base" | "assets" | "accepted")
        || handbook.config.languages.iter().any(|language| **language == *id)
        || handbook
            .pages
            .keys()
            .any(|page| Address::page(page).page.split('/').next() == Some(id) && page.contains('/'));
    if taken {
        return refuse(&format!("a layer cannot be called `{id}`: a folder of the site has that name"));
    }
    let folder = &handbook.config.organisations.src;
    let path = join(folder, &format!("{id}.yaml"));
    if snapshot.sources.files.contains_key(path.as_str()) {
        return refuse(&format!("the organisation `{id}` is there already: {path}"));
    }
    if let Some(parent) = extends.filter(|parent| !handbook.layers.contains_key(*parent)) {
        let known = handbook.layers.keys().map(|id| &**id);
        return refuse(&or_mean(&format!("there is no layer `{parent}`"), parent, known));
    }
    let mut plan = Plan::new(&snapshot.sources);
    plan.write(&path, organisation_text(&handbook, id, extends, &path));
    plan.save(dir)?;
    let required = missing(&handbook, extends).filter(|field| field.required).count();
    say(
        voice,
        &match required {
            0 => format!(
                "{path}: the organisation `{id}`; `leidraad override {id} PAGE#SECTION` readies a text of its own"
            ),
            1 => format!("{path}: the organisation `{id}`; one value must be filled in, under `params:`"),
            many => format!("{path}: the organisation `{id}`; {many} values must be filled in, under `params:`"),
        },
    );
    Ok(())
}

/// A layer that says what to fill in: what is required first, ready to be uncommented.
fn organisation_text(handbook: &Handbook, id: &str, extends: Option<&str>, path: &str) -> String {
    let up = "../".repeat(path.matches('/').count());
    let mut out = format!("# yaml-language-server: $schema={up}.leidraad/organisation.schema.json\n");
    if let Some(parent) = extends {
        let _ = writeln!(out, "extends: {parent}");
    }
    let _ = writeln!(out, "name: {}", title_of(id));
    let config = &handbook.config;
    if config.languages.len() > 1 {
        let languages: Vec<&str> = config.languages.iter().map(|language| &**language).collect();
        let _ = writeln!(out, "# languages: [{}]    # without this line: all", languages.join(", "));
    }
    if !handbook.declarations.parameters.is_empty() {
        let (required, others): (Vec<&Field>, Vec<&Field>) =
            missing(handbook, extends).partition(|field| field.required);
        out.push_str("\nparams:\n");
        if !required.is_empty() {
            out.push_str("  # To be filled in: remove the `#` and write your own.\n");
            required.iter().for_each(|field| parameter(&mut out, field, config));
        }
        if !others.is_empty() {
            out.push_str("  # May be filled in; this is what holds otherwise.\n");
            others.iter().for_each(|field| parameter(&mut out, field, config));
        }
    }
    let color = handbook.declarations.tokens.iter().find(|token| &*token.name == "accent");
    let color = color.and_then(|token| token.default.as_deref()).unwrap_or("#154273");
    let _ = write!(
        out,
        "\n# theme:\n#   logo: logo.svg                # in {}/\n#   logo_alt: {}\n#   tokens: {{accent: \"{color}\"}}   # must be readable as text; leidraad checks that\n",
        path.trim_end_matches(".yaml"),
        title_of(id),
    );
    out.push_str("\n# What your handbook says otherwise, by address: a page, or page#section.\n# `leidraad override ");
    let example = handbook.pages.iter().find_map(|(page, base)| {
        let section =
            base.languages.first()?.sections.iter().find(|section| section.lock == crate::book::Lock::Open)?;
        Some(Address::section(page, &section.id).to_string())
    });
    let _ = writeln!(out, "{id} {}` writes such lines here.\nchanges:", example.as_deref().unwrap_or("PAGE#SECTION"));
    out
}

/// The parameters that no layer above sets.
fn missing<'h>(handbook: &'h Handbook, extends: Option<&'h str>) -> impl Iterator<Item = &'h Field> {
    let mut set: Vec<&str> = Vec::new();
    let mut seen: Vec<&LayerId> = Vec::new();
    let mut next = extends.and_then(|id| handbook.layers.get(id));
    while let Some(layer) = next.filter(|layer| !seen.contains(&&layer.id)) {
        seen.push(&layer.id);
        set.extend(layer.settings.iter().map(|setting| &*setting.name));
        next = layer.extends.as_ref().and_then(|(parent, _)| handbook.layers.get(parent));
    }
    let is_open = move |field: &&Field| !set.contains(&&*field.name);
    handbook.declarations.parameters.iter().filter(is_open)
}

/// `# weeks: 20    number of weeks: a whole number from 8 to 30`
fn parameter(out: &mut String, field: &Field, config: &Config) {
    let label = field.label.get(config.default_language()).map_or("", |label| label);
    let about = if label.is_empty() { described(&field.kind) } else { format!("{label}: {}", described(&field.kind)) };
    let _ = writeln!(out, "  #\n  # {about}\n  # {}: {}", field.name, example(field, config));
}

fn described(kind: &Kind) -> String {
    match kind {
        Kind::Scalar(scalar) => scalar_described(scalar),
        Kind::List(of) => format!("a list; of each item: {}", scalar_described(of)),
        Kind::Person { kinds } if kinds.is_empty() => "a person".to_owned(),
        Kind::Person { kinds } => {
            let kinds: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
            format!("a person; kind: {}", kinds.join(" or "))
        }
        Kind::Term { forms } => format!("a word in these forms: {}", forms.join(", ")),
    }
}

fn scalar_described(scalar: &Scalar) -> String {
    match scalar {
        Scalar::Text => "a line of text".to_owned(),
        Scalar::Integer { min, max } => match (min, max) {
            (Some(min), Some(max)) => format!("a whole number from {min} to {max}"),
            (Some(min), None) => format!("a whole number, {min} or more"),
            (None, Some(max)) => format!("a whole number, {max} or less"),
            (None, None) => "a whole number".to_owned(),
        },
        Scalar::Boolean => "true or false".to_owned(),
        Scalar::Date => "a day, 2027-02-01".to_owned(),
        Scalar::Choice { options } => {
            let options: Vec<&str> = options.iter().map(|(id, _)| &**id).collect();
            format!("one of {}", options.join(", "))
        }
        Scalar::Url => "an address, https://…".to_owned(),
        Scalar::Email => "an e-mail address".to_owned(),
        Scalar::Color => "a colour, \"#154273\"".to_owned(),
    }
}

/// The default, or something of the right shape.
fn example(field: &Field, config: &Config) -> String {
    use crate::book::Value;
    let language = config.default_language();
    if let Some(default) = field.default.as_ref().and_then(|default| default.get(language)) {
        fn shown(value: &Value) -> String {
            match value {
                Value::Text(text) | Value::Choice(text) => crate::load::splice::scalar(text),
                Value::Integer(number) => number.to_string(),
                Value::Boolean(value) => value.to_string(),
                Value::Date(date) => date.to_string(),
                // A list holds scalars: this recursion ends there.
                Value::List(items) => format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(", ")),
                Value::Person(person) => {
                    let part = |key: &str, text: &str| format!("{key}: {}", crate::load::splice::scalar(text));
                    let role = [part("role", &person.role)];
                    let name = person.name.as_deref().map(|name| part("name", name));
                    let kind = person.kind.map(|kind| part("kind", kind.as_str()));
                    format!("{{{}}}", role.into_iter().chain(name).chain(kind).collect::<Vec<_>>().join(", "))
                }
                Value::Term(forms) => {
                    let forms =
                        forms.iter().map(|(form, text)| format!("{form}: {}", crate::load::splice::scalar(text)));
                    format!("{{{}}}", forms.collect::<Vec<_>>().join(", "))
                }
            }
        }
        return shown(default);
    }
    let scalar = |scalar: &Scalar| match scalar {
        Scalar::Text => "…".to_owned(),
        Scalar::Integer { min, max } => min.or(*max).unwrap_or(1).to_string(),
        Scalar::Boolean => "true".to_owned(),
        Scalar::Date => "2027-02-01".to_owned(),
        Scalar::Choice { options } => options.first().map_or("…".to_owned(), |(id, _)| id.to_string()),
        Scalar::Url => "https://example.org".to_owned(),
        Scalar::Email => "naam@example.org".to_owned(),
        Scalar::Color => "\"#154273\"".to_owned(),
    };
    match &field.kind {
        Kind::Scalar(of) => scalar(of),
        Kind::List(of) => format!("[{}]", scalar(of)),
        Kind::Person { kinds } => match kinds.first() {
            Some(kind) => format!("{{role: …, kind: {}}}", kind.as_str()),
            None => "{role: …}".to_owned(),
        },
        Kind::Term { forms } => {
            let forms: Vec<String> = forms.iter().map(|form| format!("{form}: …")).collect();
            format!("{{{}}}", forms.join(", "))
        }
    }
}

/// `video-en-foto` → `Video en foto`.
fn title_of(id: &str) -> String {
    let words = id.rsplit('/').next().unwrap_or(id).replace('-', " ");
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().collect::<String>() + letters.as_str()).unwrap_or_default()
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}
