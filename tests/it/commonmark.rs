//! CommonMark 0.31.2: all 652 examples through the functions that render every page, once with
//! everything of leidraad's own off, and once as shipped, each difference with its reason.

use std::fmt::Write;
use std::fs;
use std::sync::Arc;

use leidraad::book::{Hole, Language, PageId, Pieces, Target};
use leidraad::load::links::Ground;
use leidraad::load::markdown::{Author, Document, Input, Origin, ParsedHeading, commonmark, parse};
use serde_json::Value;

use crate::project::repository;

struct Example {
    number: u64,
    section: String,
    markdown: String,
    html: String,
}

fn examples() -> Vec<Example> {
    let text = fs::read_to_string(repository().join("tests/commonmark/spec-0.31.2.json")).unwrap();
    let array: Vec<Value> = serde_json::from_str(&text).unwrap();
    let field = |example: &Value, name: &str| example[name].as_str().unwrap().to_owned();
    array
        .iter()
        .map(|example| Example {
            number: example["example"].as_u64().unwrap(),
            section: field(example, "section"),
            markdown: field(example, "markdown"),
            html: field(example, "html"),
        })
        .collect()
}

#[test]
fn every_example_of_the_specification_passes() {
    let examples = examples();
    assert_eq!(examples.len(), 652);
    let mut wrong = String::new();
    for example in &examples {
        let given = commonmark(&example.markdown);
        if given != example.html {
            let _ = writeln!(
                wrong,
                "example {} ({}):\n{}\nexpected\n{}\ngot\n{given}",
                example.number, example.section, example.markdown, example.html
            );
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn every_difference_of_what_is_shipped_has_its_reason() {
    let mut text =
        String::from("Examples of which the shipped output differs from CommonMark's, each with its reasons.\n");
    let mut without_reason = Vec::new();
    let mut same = 0;
    for example in examples() {
        let document = parse(&input(&example.markdown));
        let shipped = shown(&document);
        if shipped == example.html {
            same += 1;
            continue;
        }
        let reasons = reasons(&example, &document, &shipped);
        if reasons.is_empty() {
            without_reason.push(format!("{}: {:?}\n{}\n{shipped}", example.number, example.markdown, example.html));
        }
        let _ = write!(
            text,
            "\n=== {} ({}): {}\n{}\n---\n{shipped}",
            example.number,
            example.section,
            reasons.join(", "),
            example.markdown.trim_end_matches('\n')
        );
        for finding in &document.findings {
            let _ = writeln!(text, "! {}: {}", finding.code, finding.message);
        }
    }
    let _ = writeln!(text, "\n{same} examples are the same.");
    let path = repository().join("tests/commonmark/shipped.txt");
    if std::env::var_os("LEIDRAAD_BLESS").is_some() {
        fs::write(&path, &text).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    let first = text.lines().zip(expected.lines()).position(|(now, then)| now != then);
    assert!(text == expected, "shipped.txt differs from line {first:?}; LEIDRAAD_BLESS=1 writes it anew");
    assert!(without_reason.is_empty(), "without a reason:\n{}", without_reason.join("\n"));
}

fn input(markdown: &str) -> Input<'_> {
    static ENGLISH: std::sync::LazyLock<Language> = std::sync::LazyLock::new(|| "en".into());
    static PAGE: std::sync::LazyLock<PageId> = std::sync::LazyLock::new(|| "page".into());
    Input {
        text: markdown,
        origin: Origin::Lines { path: Arc::from("content/page.md"), line: 1, column: 1 },
        language: &ENGLISH,
        placeholders: true,
        author: Author::Base { raw_html: true },
        page: &PAGE,
        part: "",
        ground: Ground {
            page_folder: "".into(),
            files_root: "content".into(),
            files_folder: "content".into(),
            layer: false,
        },
        terms: None,
    }
}

/// Why an output may differ: each reason is a thing that spec §3 turns on, and leaves a trace.
fn reasons(example: &Example, document: &Document, shipped: &str) -> Vec<&'static str> {
    let all = |test: &dyn Fn(&Hole) -> bool| {
        pieces_of(document).iter().any(|pieces| pieces.holes.iter().any(|(_, hole)| test(hole)))
    };
    let mut reasons = Vec::new();
    let mut add = |holds: bool, reason: &'static str| {
        if holds {
            reasons.push(reason);
        }
    };
    let more = |mark: &str| shipped.matches(mark).count() > example.html.matches(mark).count();
    add(document.title.is_some(), "the first h1 is the page's title");
    add(!document.sections.is_empty(), "sections");
    add(shipped.contains("{heading_link}"), "heading ids");
    add(["’", "‘", "“", "”", "…", "–", "—"].iter().any(|mark| more(mark)), "smart punctuation");
    add(all(&|hole| matches!(hole, Hole::LinkStart(_) | Hole::LinkEnd(_))), "links resolve per edition");
    add(all(&|hole| matches!(hole, Hole::Image(_))), "images resolve per edition");
    add(all(&|hole| matches!(hole, Hole::Reference(_))), "addresses in raw HTML resolve per edition");
    add(all(&|hole| matches!(hole, Hole::Note(_))), "footnotes");
    add(all(&|hole| matches!(hole, Hole::Value(_))), "placeholders");
    add(more("<pre tabindex"), "code that scrolls can be reached by keyboard");
    add(more("<a href=\"http") || more("<a href=\"mailto:"), "autolinks");
    add(more("<table>"), "tables");
    add(more("<del>"), "strikethrough");
    reasons
}

fn pieces_of(document: &Document) -> Vec<&Pieces> {
    let headings = document.title.iter().chain(document.sections.iter().map(|(heading, _)| heading));
    let mut pieces: Vec<&Pieces> = headings.map(|heading| &heading.html).collect();
    pieces.push(&document.opening.html);
    pieces.push(&document.unaddressed.html);
    pieces.extend(document.sections.iter().map(|(_, fragment)| &fragment.html));
    pieces
}

/// A document as one text: sections as headings, holes in braces.
fn shown(document: &Document) -> String {
    let mut out = String::new();
    let heading = |out: &mut String, heading: &ParsedHeading| {
        let id = heading.id.as_ref().map(|id| format!(" id=\"{id}\"")).unwrap_or_default();
        let _ = writeln!(out, "<h{}{id}>{}</h{}>", heading.level, flat(&heading.html), heading.level);
    };
    if let Some(title) = &document.title {
        heading(&mut out, title);
    }
    out.push_str(&flat(&document.opening.html));
    out.push_str(&flat(&document.unaddressed.html));
    for (section, fragment) in &document.sections {
        heading(&mut out, section);
        out.push_str(&flat(&fragment.html));
    }
    for (name, note) in document.opening.notes.iter() {
        let _ = writeln!(out, "{{note {name}}} {}", flat(note));
    }
    out
}

fn flat(pieces: &Pieces) -> String {
    let mut out = String::new();
    for (text, hole) in pieces.iter() {
        out.push_str(text);
        match hole {
            Some(Hole::Value(placeholder) | Hole::Plain(placeholder)) => {
                let _ = write!(out, "{placeholder}");
            }
            Some(Hole::LinkStart(link)) => {
                let title =
                    if link.title.is_empty() { String::new() } else { format!(" title={:?}", flat(&link.title)) };
                let _ = write!(out, "{{a {}{title}}}", target(&link.target));
            }
            Some(Hole::LinkEnd(_)) => out.push_str("{/a}"),
            Some(Hole::Image(link)) => {
                let _ = write!(out, "{{image {}}}", target(&link.target));
            }
            Some(Hole::Reference(link)) => {
                let _ = write!(out, "{{address {}}}", target(&link.target));
            }
            Some(Hole::Note(name)) => {
                let _ = write!(out, "{{note {name}}}");
            }
            Some(Hole::Word(word)) => {
                let _ = write!(out, "{{{word}}}");
            }
            None => {}
        }
    }
    out
}

fn target(target: &Target) -> String {
    match target {
        Target::Page { path, anchor } => {
            format!("page {path}{}", anchor.as_ref().map(|anchor| format!("#{anchor}")).unwrap_or_default())
        }
        Target::Here(anchor) => format!("#{anchor}"),
        Target::File { path, suffix, .. } => format!("file {path}{suffix}"),
        Target::External(url) => flat(url),
        Target::Term(term) => format!("term {term}"),
    }
}
