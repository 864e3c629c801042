//! What an organisation's layer says takes effect, or there is a finding at what it says.

use std::fs;

use crate::project::{Finding, Project};

const NL: &str = "[book]\nlanguage = \"nl\"\n";
const NL_EN: &str = "[book]\nlanguage = \"nl\"\nlanguages = [\"nl\", \"en\"]\n";

/// A handbook with the page `a`, the page `b` that was called `oud`, and the layer `x`.
fn project(layer: &str) -> Project {
    Project::new()
        .file("book.toml", NL)
        .file("content/a.md", "# A\n\n## Toon {#toon}\n\nJe.\n\n## Kop een\n\nTekst.\n")
        .file("content/b.md", "---\naliases: [oud]\n---\n\n# B\n\n## S {#s}\n\nEs.\n")
        .file("content/organisations/x.yaml", format!("name: X\n{layer}"))
}

fn in_short(findings: &[Finding]) -> Vec<String> {
    let findings = findings.iter().filter(|finding| finding.severity != "note");
    findings.map(|finding| format!("{} {}", finding.code, finding.line.unwrap_or(0))).collect()
}

/// Codes and lines of what is found, notes left out.
#[track_caller]
fn finds(layer: &str, wanted: &[&str]) {
    let findings = project(layer).check();
    assert_eq!(in_short(&findings), wanted, "{layer}{findings:#?}");
}

fn read(project: &Project, path: &str) -> String {
    fs::read_to_string(project.path().join(path)).unwrap()
}

#[test]
fn what_a_layer_inserts_is_not_removed_by_it() {
    let insert = "insert:\n  b#n: {after: s, title: T, text: t}\n";
    finds(&format!("{insert}changes: {{b#n: {{remove: true}}}}\n"), &["E107 4"]);
    finds(&format!("{insert}changes: {{b#n: {{remove: false}}}}\n"), &["W204 4"]);
    let both = project(&format!("{insert}changes: {{b#n: {{lock: locked, append: Ook.}}}}\n"));
    assert_eq!(in_short(&both.check()), Vec::<String>::new());
    both.build().done();
    assert!(both.page("x/b.html").contains("Ook."));
}

#[test]
fn an_empty_map_is_an_empty_text() {
    for op in ["replace", "prepend", "append", "title", "description", "links, remove: true"] {
        let run = project(&format!("changes:\n  b: {{{}: {{}}}}\n", op.replace(", remove: true", ""))).run(&["check"]);
        assert_eq!(run.code, Some(1), "{op}: {run:?}");
    }
    finds("insert:\n  b#n: {after: s, title: T, text: {}}\n", &["E107 3"]);
}

#[test]
fn one_fault_is_one_finding() {
    finds("changes:\n  b: {remove: true, title: Y}\n", &["E107 3"]);
    finds("insert:\n  b#n: {last_in: b, title: T, file: x.md}\n", &["E101 3"]);
    finds("changes:\n  a: {move: {first_in: b}}\n", &["E101 3"]);
}

#[test]
fn an_old_name_is_the_same_anchor() {
    let two = "insert:\n  n1: {after: oud, title: N, text: n}\n  n2: {after: b, title: M, text: m}\n";
    finds(two, &["W203 3", "E107 4"]);
    finds("insert:\n  n1: {after: oud, title: N, text: n}\nchanges:\n  a: {move: {after: b}}\n", &["W203 3", "E107 5"]);
    finds("insert:\n  oud#n: {last_in: oud, title: N, text: n}\n", &["W203 3", "W203 3"]);
    finds("insert:\n  n1: {first_in: oud, title: N, text: n}\n  n2: {after: n1, title: M, text: m}\n", &["W203 3"]);
}

#[test]
fn an_anchor_at_a_heading_without_an_id_is_mended() {
    let project = project("insert:\n  a#n: {after: kop-een, title: N, text: n}\n");
    assert_eq!(in_short(&project.check()), ["E104 3"]);
    project.run(&["check", "--fix"]).done();
    assert!(read(&project, "content/a.md").contains("## Kop een {#kop-een}\n"));
    assert_eq!(in_short(&project.check()), Vec::<String>::new());
}

#[test]
fn a_page_by_its_output_is_that_page() {
    let project = project("changes: {a#toon: {remove: true}}\n")
        .file("content/index.md", "# I\n\n[h](a.html) [h2](a.html#toon) [q](b.md?x#s) [p](print.html)\n")
        .file("content/organisations/y.yaml", "name: Y\nchanges:\n  a: {remove: true}\n")
        .file("content/organisations/z.yaml", "name: Z\nchanges:\n  index: {append: \"[b](b.html#s)\"}\n");
    let found: Vec<(String, Option<String>)> =
        project.check().into_iter().filter(|f| f.severity == "error").map(|f| (f.code, f.path)).collect();
    let at = |file: &str| ("E112".to_owned(), Some(format!("content/organisations/{file}.yaml")));
    assert_eq!(found, [at("x"), at("y")]);
    project.write("content/organisations/x.yaml", b"name: X\nchanges: {a#toon: {remove: true, links: b#s}}\n");
    project.remove("content/organisations/y.yaml");
    project.build().done();
    let page = project.page("x/index.html");
    assert!(page.contains("href=\"../b.html#s\"") || page.contains("href=\"b.html#s\">h2"), "{page}");
    assert!(project.page("index.html").contains("href=\"b.html#s\">q"));
    project.write("content/index.md", b"# I\n\n[h3](a.html#nope)\n");
    assert_eq!(in_short(&project.check()), ["E202 3"]);
    // A rename knows them.
    project.write("content/index.md", b"# I\n\n[h2](a.html#toon)\n");
    project.run(&["rename", "a", "sub/c"]).done();
    assert_eq!(read(&project, "content/index.md"), "# I\n\n[h2](sub/c.md#toon)\n");
}

#[test]
fn links_to_a_heading_that_is_replaced_can_lead_elsewhere() {
    let layer = |links: &str| format!("changes:\n  a#toon: {{replace: Wij.{links}}}\n");
    let linked = |links: &str| {
        project(&layer(links))
            .file("content/a.md", "# A\n\n## Toon {#toon}\n\nJe.\n\n### Kop\n\nTekst.\n")
            .file("content/index.md", "# I\n\n[k](a.md#kop)\n")
    };
    assert_eq!(in_short(&linked("").check()), ["E112 3"]);
    let project = linked(", links: b#s");
    assert_eq!(in_short(&project.check()), Vec::<String>::new());
    project.build().done();
    assert!(project.page("x/index.html").contains("href=\"b.html#s\""));
}

#[test]
fn a_renamed_section_keeps_its_old_id() {
    let project = project("changes:\n  a#toon: {append: Ook.}\n").file("content/index.md", "# I\n\n[t](a.md#toon)\n");
    project.run(&["rename", "a#toon", "a#stem"]).done();
    assert!(read(&project, "content/a.md").contains("## Toon {#stem alias=toon}\n"));
    assert_eq!(in_short(&project.check()), Vec::<String>::new());
    // Old addresses hold, with a warning.
    project.write("content/organisations/x.yaml", b"name: X\nchanges:\n  a#toon: {append: Ook.}\n");
    project.write("content/index.md", b"# I\n\n[t](a.md#toon)\n");
    assert_eq!(in_short(&project.check()), ["W203 3", "W203 3"]);
    project.build().done();
    let page = project.page("x/a.html");
    assert!(page.contains("<span id=\"toon\" class=\"alias\"></span>\n<h2>") && page.contains("Ook."), "{page}");
    assert!(project.page("x/index.html").contains("href=\"a.html#toon\""));
    project.run(&["check", "--fix"]).done();
    assert_eq!(read(&project, "content/index.md"), "# I\n\n[t](a.md#stem)\n");
    assert!(read(&project, "content/organisations/x.yaml").contains("a#stem:"));
    // What was removed under an old id is missed under it too.
    project.write("content/organisations/x.yaml", b"name: X\nchanges:\n  a#stem: {remove: true, links: b#s}\n");
    project.write("content/index.md", b"# I\n\n[t](a.md#toon)\n");
    project.build().done();
    assert!(project.page("x/index.html").contains("href=\"b.html#s\""));
    // And back.
    project.run(&["rename", "a#stem", "a#toon"]).done();
    assert!(read(&project, "content/a.md").contains("## Toon {#toon alias=stem}\n"));
}

#[test]
fn a_language_is_said_of_what_is_in_it() {
    let project = Project::new()
        .file("book.toml", NL_EN)
        .file(
            "content/nl/a.md",
            "# A\n\n## Toon {#toon}\n\nJe.\n\n### Klacht {#klacht}\n\nRustig.\n\n## Rest {#rest}\n\nR.\n",
        )
        .file("content/en/a.md", "# A\n\n## Tone {#toon}\n\nYou.\n\n### Complaint {#klacht}\n\nCalm.\n")
        .file(
            "content/organisations/x.yaml",
            "name: X\nchanges:\n  a#toon: {title: Onze toon}\n  a#rest: {replace: {nl: Onze, en: Ours}}\n",
        );
    project.build().done();
    let page = project.page("x/en/a.html");
    let section = |id: &str| {
        let from = page.find(&format!("<section id=\"{id}\"")).unwrap();
        page[from..].split("</section>").next().unwrap().to_owned()
    };
    let toon = section("toon");
    assert!(toon.contains("<h2 lang=\"nl\">Onze toon"), "{toon}");
    assert_eq!(toon.matches("class=\"not-translated\"").count(), 1, "{toon}");
    assert!(!toon.contains("class=\"fallback\"") && !toon[..40].contains("lang="), "{toon}");
    let rest = section("rest");
    assert!(rest.contains("<h2 lang=\"nl\">Rest") && rest.contains("The heading above"), "{rest}");
    assert!(rest.contains("Ours") && !rest.contains("class=\"fallback\""), "{rest}");
    // The base lacks the section as a whole: one notice.
    let page = project.page("en/a.html");
    let rest = &page[page.find("<section id=\"rest\"").unwrap()..];
    let rest = rest.split("</section>").next().unwrap();
    assert!(rest.contains("<div lang=\"nl\" class=\"fallback\">"), "{rest}");
    assert_eq!(rest.matches("class=\"not-translated\"").count(), 1, "{rest}");
}

#[test]
fn a_lock_of_an_outer_layer_is_known_and_shown() {
    let project =
        project("changes:\n  a#toon: {lock: locked}\n").file("content/organisations/y.yaml", "extends: x\nname: Y\n");
    let run = project.run(&["override", "y", "a#toon"]);
    assert!(run.code == Some(2) && run.stderr.contains("locked by the layer `x`"), "{run:?}");
    project.build().done();
    assert!(project.page("y/a.html").contains("class=\"section locked\""));
    assert!(!project.page("a.html").contains("class=\"section locked\""));
}

#[test]
fn ready_lines_lose_no_word() {
    let page = "# P\n\n## Toon {#toon}\n\nZie [regels][r] en x[^n]. <!-- weg -->\nTekst\n### C# en meer\nMeer\n\nKop zonder\n---\n\n### Met klas {.k}\n\n> ### In citaat\n> na\n\n###\n\n    # geen kop\n\n~~~\n```rust\n# ook niet\n~~~\n\n<!-- een\nblok -->\n\n{{#include deel.txt}}\n\n## Verder {#verder}\n\nAnders.\n\n[^n]: Noot\n\n[r]: a.md\n  'titel'\n";
    let project = project("").file("content/p.md", page).file("content/deel.txt", "### Uit een deel\n\nIngevoegd.\n");
    project.run(&["override", "x", "p#toon"]).done();
    let layer = read(&project, "content/organisations/x.yaml");
    let wanted = "Zie [regels][r] en x[^n]. \n      Tekst\n\n      **C# en meer**\n\n      Meer\n\n      **Kop zonder**\n\n      **Met klas**\n\n      > **In citaat**\n      >\n      > na\n\n\n\n          # geen kop\n\n      ~~~\n      ```rust\n      # ook niet\n      ~~~\n\n\n      **Uit een deel**\n\n      Ingevoegd.\n\n      [^n]: Noot\n\n      [r]: a.md\n        'titel'\n";
    assert!(layer.contains(wanted), "{layer}");
    assert_eq!(in_short(&project.check()), Vec::<String>::new());
}

#[test]
fn an_edition_without_a_page_is_none() {
    let layer = "changes:\n  a: {remove: true}\n  b: {remove: true}\n";
    finds(layer, &["E107 4"]);
}

#[test]
fn ids_that_every_page_has_are_taken() {
    for id in ["content", "fn-1", "fnref-2-1"] {
        let project = project("").file("content/b.md", format!("# B\n\n## K {{#{id}}}\n\nT.\n"));
        assert_eq!(in_short(&project.check()), ["E109 3"], "{id}");
    }
    finds("insert:\n  b#content: {after: s, title: T, text: t}\n", &["E109 3"]);
}

#[test]
fn what_hides_nothing_is_no_fault_to_ask_after() {
    let project = project("changes:\n  a#toon: Wij.\n  b: {append: Ook.}\n");
    let diff = |address: &str| project.run(&["diff", "x", address, "--format", "json"]).done().stdout;
    assert_eq!(diff("b"), "[]\n");
    assert!(diff("a").contains("\"address\":\"a#toon\""), "a page covers its sections");
    project.run(&["accept", "x", "b"]).done();
    assert_eq!(project.run(&["diff", "x", "b#nergens"]).code, Some(2));
}

#[test]
fn an_explanation_names_what_took_a_section_away() {
    let project = project("changes:\n  a: {title: Ander}\n  b: {remove: true}\n");
    let explained = |address: &str| project.run(&["explain", "x", address]).done().stdout;
    assert!(explained("b#s").contains("remove    applied"), "{}", explained("b#s"));
    assert!(!explained("a#toon").contains("title"), "{}", explained("a#toon"));
}

#[test]
fn an_entry_finds_its_place_in_braces() {
    let project = project("changes: {b: {append: Ook.}}\n");
    project.run(&["override", "x", "a#toon"]).done();
    let layer = read(&project, "content/organisations/x.yaml");
    assert!(layer.contains("changes: {b: {append: Ook.}, \"a#toon\": {replace: "), "{layer}");
    assert_eq!(project.check().iter().filter(|finding| finding.severity == "error").count(), 0);
}

/// What `check` says of a handbook with these files, each as its code and message.
fn said(files: &[(&str, &str)]) -> Vec<String> {
    let project = files.iter().fold(Project::new(), |project, (path, text)| project.file(path, text));
    project.check().iter().map(|finding| format!("{} {}", finding.code, finding.message)).collect()
}

const B: &str = "# B\n\n## U {#u}\n\nTekst.\n\n#### Los\n\nx\n";
const ENGLISH_B: &str = "# B\n\n## U {#u}\n\nText.\n\n#### Loose\n\nx\n";

#[test]
fn a_redirect_of_an_outer_layer_leads_on_or_is_missed() {
    let files = [
        ("book.toml", NL),
        ("content/index.md", "# I\n\n[t](a.md#t)\n"),
        ("content/a.md", "# A\n\n## S {#s}\n\nx\n\n## T {#t}\n\nx\n"),
        ("content/b.md", "# B\n\n## U {#u}\n\nx\n"),
        ("content/organisations/p.yaml", "name: P\nabstract: true\nchanges: {a#t: {remove: true, links: b#u}}\n"),
    ];
    let with = |layer: &'static str| [&files[..], &[("content/organisations/x.yaml", layer)]].concat();
    let dead = said(&with("name: X\nextends: p\nchanges: {b#u: {remove: true}}\n"));
    assert!(dead.len() == 1 && dead[0].starts_with("E112 1 link to `b#u`"), "{dead:#?}");
    let led = with("name: X\nextends: p\nchanges: {b#u: {remove: true, links: a#s}}\n");
    assert_eq!(said(&led), [""; 0]);
    let project = led.iter().fold(Project::new(), |project, (path, text)| project.file(path, text));
    project.build().done();
    assert!(project.page("x/index.html").contains("href=\"a.html#s\""));
}

#[test]
fn a_link_in_a_translation_is_led_on_as_any_other() {
    let files = |layer: &'static str| {
        [
            ("book.toml", NL_EN),
            ("content/nl/index.md", "# I\n"),
            ("content/en/index.md", "# I\n\n[l](b.md#loose)\n"),
            ("content/nl/b.md", B),
            ("content/en/b.md", ENGLISH_B),
            ("content/organisations/x.yaml", layer),
        ]
    };
    assert_eq!(said(&files("name: X\nchanges: {b#u: {remove: true, links: text}}\n")), [""; 0]);
    let dead = said(&files("name: X\nchanges: {b#u: {remove: true}}\n"));
    assert!(dead.len() == 1 && dead[0].starts_with("E112"), "{dead:#?}");
    // Nobody reads that language in this edition.
    assert_eq!(said(&files("name: X\nlanguages: [nl]\nchanges: {b#u: {remove: true}}\n")), [""; 0]);
}

#[test]
fn the_links_of_an_abstract_layer_are_judged_where_they_are_shown() {
    let files = [
        ("content/index.md", "# I\n"),
        ("content/b.md", "# B\n\n## U {#u}\n\nx\n"),
        ("content/organisations/p.yaml", "name: P\nabstract: true\nchanges: {index: {append: '[n](b.md#n)'}}\n"),
        ("content/organisations/x.yaml", "name: X\nextends: p\ninsert: {b#n: {after: u, title: N, text: t}}\n"),
    ];
    assert_eq!(said(&files), [""; 0]);
    let without = said(&[files[0], files[1], files[2], ("content/organisations/x.yaml", "name: X\nextends: p\n")]);
    assert_eq!(without, ["E202 b has no heading `#n`"]);
}
