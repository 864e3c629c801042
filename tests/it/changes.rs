//! changes.html and coverage: what an edition does differently, for its readers and for the coordinator.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::project::Project;

const TOML: &str = "[book]\nlanguage = \"nl\"\n";
const PAGE: &str = "# Kanalen\n\nOveral.\n\n## Toon {#toon}\n\nWij zeggen *je*.\n\n## Snapchat {#snapchat}\n\nNiet doen.\n\n### Nooit {#nooit}\n\nEcht niet.\n";
const LAYER: &str = "name: Winkel & Co\nparams: {supervisor: Jo}\nchanges:\n  kanalen#toon: {replace: Wij zeggen *u*., reason: \"Zo <hoort> het\"}\n  kanalen#snapchat: {remove: true, reason: Hier niet.}\n  kanalen: {title: Waar, append: En hier.}\n  weg: {remove: true, links: text, reason: Geldt niet.}\ninsert:\n  kanalen#archief: {after: toon, title: Archief, text: Bewaar alles.}\n  eigen: {after: kanalen, file: eigen.md}\n";

fn project() -> Project {
    Project::new()
        .file("book.toml", TOML)
        .file("content/handbook.yaml", "params:\n  supervisor: {type: text, default: wie hier werkt, label: {nl: begeleider}}\nrules:\n  some: {check: count, of: goals, min: 1, level: warning, see: rust}\nplacement:\n  goals: {type: list, of: text}\n")
        .file("content/kanalen.md", PAGE)
        .file("content/rust.md", "# Rust\n\nNiets.\n")
        .file("content/waarde.md", "# Waarde\n\nVraag {{supervisor}}.\n")
        .file("content/weg.md", "# Weg\n\nVerdwijnt.\n")
        .file("content/organisations/x.yaml", LAYER)
        .file("content/organisations/x/eigen.md", "# Eigen pagina\n\nVan ons.\n\n## Deel {#deel}\n\nOok van ons.\n")
        .file("content/organisations/y.yaml", "name: Leeg\nplacements:\n  p: {goals: []}\n")
}

#[test]
fn where_a_long_word_may_break_is_no_difference() {
    let word = "verantwoordelijkheidsverklaring";
    let project = Project::new()
        .file("book.toml", TOML)
        .file("content/a.md", format!("# A\n\n## B {{#b}}\n\n| {word} |\n|---|\n| oud |\n"))
        .file("content/organisations/x.yaml", format!("name: Ix\nchanges: {{a#b: {{replace: {word} nieuw}}}}\n"));
    project.build().done();
    let changes = project.page("x/changes.html").replace('\u{AD}', "");
    assert!(changes.contains("<ins>nieuw</ins>") && changes.contains("<del>oud</del>"), "{changes}");
    for mark in ["ins", "del"] {
        assert!(!changes.contains(&format!("<{mark}>{word}")), "{changes}");
    }
}

#[test]
fn every_mark_on_a_page_leads_to_an_entry() {
    let project = project();
    project.build().done();
    let changes = project.page("x/changes.html");
    let mut marks = 0;
    for (path, bytes) in project.site().iter().filter(|(path, _)| path.starts_with("x/") && path.ends_with(".html")) {
        let page = String::from_utf8_lossy(bytes);
        for (at, found) in page.match_indices("changes.html#") {
            let id = page[at + found.len()..].split('"').next().unwrap();
            assert!(changes.contains(&format!("id=\"{id}\"")), "{path} leads to changes.html#{id}");
            marks += 1;
        }
    }
    assert!(marks >= 5, "{marks}");
}

#[test]
fn both_texts_stand_side_by_side_with_the_reason() {
    let project = project();
    project.build().done();
    let changes = project.page("x/changes.html");
    for wanted in [
        "Wij zeggen <em><del>je</del></em><del>.</del>",
        "Wij zeggen <em><ins>u</ins></em>",
        "Zo &lt;hoort&gt; het",
        "<ins>En hier.</ins>",
        "<strong><del>Kanalen</del></strong>",
        "Echt niet.",
        "Verdwijnt.",
        "Winkel &amp; Co",
        "Jo",
    ] {
        let wanted = wanted.replace("<del>.</del>", "");
        assert!(changes.contains(&wanted), "{wanted} is not in {changes}");
    }
    assert!(changes.contains("id=\"kanalen--snapchat\"") && changes.contains("id=\"weg\""));
    // An edition without deviations says so.
    assert!(!project.page("y/changes.html").contains("class=\"change\""));
    assert!(!project.site().contains_key("changes.html"), "the base has none");
}

#[test]
fn ids_are_unique_and_links_lead_somewhere() {
    let project = project();
    project.build().done();
    let changes = project.page("x/changes.html");
    let mut ids: Vec<&str> =
        changes.match_indices(" id=\"").map(|(at, m)| changes[at + m.len()..].split('"').next().unwrap()).collect();
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count);
    let main = &changes[changes.find("<main").unwrap()..];
    for (at, found) in main.match_indices("href=\"") {
        let href = main[at + found.len()..].split('"').next().unwrap();
        let (path, anchor) = href.split_once('#').unwrap_or((href, ""));
        if path.contains("..") || path.contains(':') {
            continue;
        }
        let page = if path.is_empty() { changes.clone() } else { project.page(&format!("x/{path}")) };
        assert!(anchor.is_empty() || page.contains(&format!("id=\"{anchor}\"")), "{href}");
    }
}

fn cells(project: &Project) -> BTreeMap<(String, String), Vec<String>> {
    let cells: Vec<Value> = serde_json::from_str(&project.page("coverage.json")).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    cells
        .iter()
        .map(|cell| {
            let states = cell["states"].as_array().unwrap().iter().map(text).collect();
            ((text(&cell["organisation"]), text(&cell["page"])), states)
        })
        .collect()
}

#[test]
fn coverage_says_how_each_page_relates_to_the_base() {
    let project = project();
    project.build().done();
    let cells = cells(&project);
    let states = |organisation: &str, page: &str| cells[&(organisation.to_owned(), page.to_owned())].join(" ");
    assert_eq!(cells.len(), 8, "published organisations × base pages");
    assert_eq!(states("x", "kanalen"), "extended replaced removed");
    assert_eq!(states("x", "weg"), "removed");
    assert_eq!(states("x", "waarde"), "filled");
    assert_eq!(states("x", "rust"), "same");
    assert_eq!(states("y", "rust"), "finding");
    assert_eq!(states("y", "kanalen"), "same");
    let csv = project.page("coverage.csv");
    assert!(
        csv.starts_with("organisation,page,states\n") && csv.contains("\nx,kanalen,extended replaced removed\n"),
        "{csv}"
    );
    let html = project.page("coverage.html");
    assert!(html.contains("data-sortable") && html.contains("x/changes.html#_page-kanalen"), "{html}");
    let run = project.run(&["coverage", "--format", "json"]).done();
    assert_eq!(run.stdout, project.page("coverage.json"));
    let run = project.run(&["coverage", "x", "--format", "json"]).done();
    assert_eq!(run.stdout, project.page("x/provenance.json"));
    assert_eq!(project.run(&["coverage", "z"]).code, Some(2));

    let pinned = LAYER.replace("replace: Wij zeggen *u*.", "replace: Wij zeggen *u*., accepted: v1-000000000000");
    project.write("content/organisations/x.yaml", pinned.as_bytes());
    project.build().done();
    let cells = self::cells(&project);
    assert_eq!(cells[&("x".to_owned(), "kanalen".to_owned())].join(" "), "extended replaced removed stale");
}

#[test]
fn coverage_names_organisations_together_only_where_they_may_be() {
    let project = project();
    let files = |arguments: &[&str]| -> Vec<String> {
        project.build_with(arguments).done();
        project.site().into_keys().filter(|path| path.contains("coverage")).collect()
    };
    assert_eq!(files(&[]), ["coverage.csv", "coverage.html", "coverage.json"]);
    assert_eq!(files(&["--organisation", "x"]), Vec::<String>::new());
    assert_eq!(files(&["--organisation", "x", "--organisation", "y"]).len(), 3);
    project.write("book.toml", format!("{TOML}[organisations]\ndirectory = false\n").as_bytes());
    assert_eq!(files(&[]), Vec::<String>::new());
    assert!(!project.page("kanalen.html").contains("coverage.html"));
}
