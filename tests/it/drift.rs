//! Drift: what `accepted` notices, and what `diff`, `accept` and `check` make of it.

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;

use crate::project::{Project, repository};

const BASE: &str = "---\ntitle: Kanalen\n---\n\n# Kanalen\n\nWij zijn te vinden op drie plekken, en nergens anders.\n\n## Toon {#toon}\n\nWij zeggen *je* tegen iedereen. Wij schrijven zoals wij praten: kort, warm en zonder moeilijke woorden.\n\n- Eerst lezen\n- Dan pas schrijven\n\nZie [de afspraken](afspraken.md#wie) en `huisstijl`.\n\n### Bij klachten {#klachten}\n\nBlijf rustig.\n\n## Snapchat {#snapchat}\n\nDaar zitten wij niet.\n";
const OTHER: &str = "# Afspraken\n\n## Wie {#wie}\n\nIedereen.\n";

/// A base with a page under an organisation's texts.
fn project(layer: &str) -> Project {
    Project::new()
        .file("book.toml", "[book]\nlanguage = \"nl\"\n")
        .file("content/kanalen.md", BASE)
        .file("content/afspraken.md", OTHER)
        .file("content/organisations/x.yaml", layer)
}

const LAYER: &str = "name: X\nchanges:\n  # why\n  kanalen#toon: Wij zeggen u. # bare\n  kanalen#snapchat: {remove: true, reason: \"Niet, nooit\"}\n  kanalen:\n    title: Waar wij zijn\n    replace: |\n      Overal.\n\n      Echt.\n\n# the end\n";

fn stale(project: &Project) -> usize {
    project.check().iter().filter(|finding| finding.code == "W201").count()
}

fn accepted() -> Project {
    let project = project(LAYER);
    project.run(&["accept", "x", "--all"]).done();
    assert_eq!(stale(&project), 0);
    project
}

fn layer(project: &Project) -> String {
    fs::read_to_string(project.path().join("content/organisations/x.yaml")).unwrap()
}

fn diff(project: &Project, arguments: &[&str]) -> Vec<Value> {
    let run = project.run(&[&["diff"], arguments, &["--format", "json"]].concat()).done();
    serde_json::from_str(&run.stdout).unwrap()
}

#[test]
fn any_word_that_changes_is_reported() {
    let project = accepted();
    let toon = BASE.find("Wij zeggen").unwrap()..BASE.find("### Bij").unwrap();
    let text = &BASE[toon.clone()];
    let mut words = 0;
    let mut at = 0;
    for word in text.split(|c: char| !c.is_alphanumeric()) {
        let start = at;
        at += word.len() + text[at + word.len()..].chars().next().map_or(0, char::len_utf8);
        if word.is_empty() {
            continue;
        }
        words += 1;
        // Another letter at the end of each word, one word at a time.
        let end = toon.start + start + word.len();
        let changed = format!("{}x{}", &BASE[..end], &BASE[end..]);
        project.write("content/kanalen.md", changed.as_bytes());
        let findings = project.run(&["check", "--format", "json"]).findings();
        let reported = findings.iter().filter(|finding| finding.code == "W201").count();
        assert_eq!(reported, 1, "{word} became {word}x: {findings:?}");
    }
    assert!(words > 25, "{words}");
}

#[test]
fn wrapping_markers_and_line_endings_are_no_change() {
    let project = accepted();
    let marked = BASE.replace("- Eerst", "* Eerst").replace("- Dan", "* Dan").replace("*je*", "_je_");
    let wrapped: String = BASE
        .split("\n\n")
        .map(|block| {
            let plain = !block.starts_with(['#', '-']);
            if plain { block.replace(". ", ".\n").replace(", ", ",\n  ") } else { block.to_owned() }
        })
        .collect::<Vec<_>>()
        .join("\n\n\n");
    let variants = [
        marked.clone(),
        wrapped,
        BASE.replace('\n', "\r\n"),
        format!("\u{feff}{BASE}"),
        BASE.replace("Wij zeggen *je*", "Wij   zeggen *je*"),
        BASE.replace("- Eerst lezen", "-   Eerst lezen").replace("- Dan", "-   Dan"),
        BASE.replace("## Snapchat {#snapchat}", "Snapchat {#snapchat}\n--------------------"),
        BASE.replace("[de afspraken](afspraken.md#wie)", "[de afspraken][a]") + "\n[a]: /afspraken.md#wie\n",
    ];
    for text in variants {
        assert_ne!(text, BASE);
        project.write("content/kanalen.md", text.as_bytes());
        assert_eq!(stale(&project), 0, "{text}");
    }
    // A removal hides the subtree with its heading; a title alone is not what these texts hide.
    project.write("content/kanalen.md", BASE.replace("## Snapchat", "## Snap chat").as_bytes());
    assert_eq!(stale(&project), 1);
}

#[test]
fn a_link_to_its_own_page_is_one_address_with_and_without_the_name() {
    let page = |link: &str| format!("# A\n\n## T {{#t}}\n\nZie [hieronder]({link}).\n\n## U {{#u}}\n\nz\n");
    let project = project("name: X\nchanges:\n  a#t: T2\n").file("content/a.md", page("#u"));
    project.run(&["accept", "x", "--all"]).done();
    for (link, expected) in [("a.md#u", 0), ("/a.md#u", 0), ("#t", 1), ("kanalen.md#toon", 1)] {
        project.write("content/a.md", page(link).as_bytes());
        assert_eq!(stale(&project), expected, "{link}");
    }
}

#[cfg(unix)]
#[test]
fn an_accepted_text_that_is_a_link_is_refused() {
    let project = accepted();
    let folder = project.path().join("content/organisations/accepted");
    let text = fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
    let elsewhere = project.path().join("elsewhere");
    fs::rename(&text, &elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, &text).unwrap();
    let refused = || project.check().into_iter().filter(|finding| finding.code == "E118").count();
    assert_eq!(refused(), 1);
    fs::rename(&folder, project.path().join("texts")).unwrap();
    std::os::unix::fs::symlink(project.path().join("texts"), &folder).unwrap();
    assert_eq!(refused(), 1);
}

#[test]
fn a_footnote_is_part_of_the_text_that_uses_it() {
    let page = |note: &str, deep: &str| {
        format!(
            "# A\n\n## T {{#t}}\n\nx[^n] y[^m]\n\n## U {{#u}}\n\nz\n\n[^m]: Noot.\n[^n]: {note}[^d]\n[^d]: {deep}\n"
        )
    };
    let of = |layer: &str| {
        let project = project(layer).file("content/a.md", page("Een.", "Diep."));
        project.run(&["accept", "x", "--all"]).done();
        project
    };
    for layer in ["a#t: {replace: T2}", "a#t: {remove: true}", "a: {remove: true}"] {
        let project = of(&format!("name: X\nchanges:\n  {layer}\n"));
        let renamed = page("Een.", "Diep.").replace("[^n]", "[^q]").replace("[^d]", "[^9]");
        project.write("content/a.md", renamed.as_bytes());
        assert_eq!(stale(&project), 0, "{layer}: a label is no text");
        for text in [
            page("Twee.", "Diep."),
            page("Een.", "Dieper."),
            page("Een.", "Diep.").replace("x[^n] y[^m]", "x[^m] y[^n]"),
        ] {
            project.write("content/a.md", text.as_bytes());
            assert_eq!(stale(&project), 1, "{layer}: {text}");
        }
        let found = diff(&project, &["x"]);
        let text = |key: &str| found[0][key].as_str().unwrap().to_owned();
        assert!(text("accepted").contains("[^d]: Diep.") && text("now").contains("[^n]: Een."), "{found:?}");
    }
    let own = of("name: X\nchanges:\n  a#u: {replace: \"z[^n]\\n\\n[^n]: Heel anders.\"}\n");
    own.write("content/a.md", page("Een.", "Diep.").replace("\nz\n", "\nz[^u]\n\n[^u]: Een.\n").as_bytes());
    assert!(!own.check().iter().any(|finding| finding.code == "W204"), "{:?}", own.check());
}

#[test]
fn braces_that_are_text_are_no_placeholder() {
    let page = |text: &str| format!("# A\n\n## T {{#t}}\n\n{text} en `{{{{weeks}}}}`\n");
    let project = project("name: X\nchanges:\n  a#t: {replace: T2}\n")
        .file("content/handbook.yaml", "params: {weeks: {type: integer, default: 2}}\n")
        .file("content/a.md", page("{{weeks}}"));
    project.run(&["accept", "x", "--all"]).done();
    project.write("content/a.md", page("\\{{weeks}}").as_bytes());
    assert_eq!(stale(&project), 1);
}

#[test]
fn accept_changes_the_pins_and_no_other_byte() {
    let project = project(LAYER);
    let before = {
        project.build().done();
        project.site()
    };
    project.run(&["accept", "x", "--all"]).done();
    let text = layer(&project);
    let pins: Vec<&str> = text.match_indices("accepted: v1-").map(|(at, _)| &text[at + 10..at + 25]).collect();
    assert_eq!(pins.len(), 3, "{text}");
    let expected = LAYER
        .replace(
            "kanalen#toon: Wij zeggen u. # bare",
            &format!("kanalen#toon: {{replace: Wij zeggen u., accepted: {}}} # bare", pins[0]),
        )
        .replace("nooit\"}", &format!("nooit\", accepted: {}}}", pins[1]))
        .replace("      Echt.\n", &format!("      Echt.\n    accepted: {}\n", pins[2]));
    assert_eq!(text, expected);
    for pin in pins {
        let stored = project.path().join(format!("content/organisations/accepted/{pin}.md"));
        assert!(stored.exists(), "{pin}");
    }
    project.build().done();
    let differ = |after: &BTreeMap<String, Vec<u8>>| -> Vec<String> {
        before.keys().chain(after.keys()).filter(|path| before.get(*path) != after.get(*path)).cloned().collect()
    };
    let mut differing = differ(&project.site());
    differing.dedup();
    differing.sort();
    differing.dedup();
    assert_eq!(differing, ["manifest.json", "x/provenance.json"]);

    // Once more: nothing is left to do, and nothing is touched.
    let again = project.run(&["accept", "x", "--all"]).done();
    assert_eq!((again.stdout.as_str(), layer(&project)), ("", text));
}

#[test]
fn diff_shows_what_was_accepted_what_it_is_now_and_the_own_text() {
    let project = accepted();
    assert_eq!(diff(&project, &["x"]), Vec::<Value>::new());
    project.write("content/kanalen.md", BASE.replace("kort, warm", "kort, vriendelijk").as_bytes());
    let found = diff(&project, &["x"]);
    assert_eq!(found.len(), 1);
    let text = |key: &str| found[0][key].as_str().unwrap().to_owned();
    assert_eq!((text("address"), text("lang"), text("state")), ("kanalen#toon".into(), "nl".into(), "stale".into()));
    assert!(text("accepted").contains("kort, warm") && text("now").contains("kort, vriendelijk"), "{found:?}");
    assert_eq!(text("own"), "Wij zeggen u.");
    let shown = project.run(&["diff", "x"]).done().stdout;
    assert!(shown.contains("kort, [-warm-] {+vriendelijk+} en zonder"), "{shown}");

    let summary = project.run(&["check"]).stderr;
    assert!(summary.contains("1 accepted base text changed, 1 text lies on it"), "{summary}");
    let run = project.run(&["accept", "x", "kanalen#toon"]).done();
    assert!(run.stdout.contains("{+vriendelijk+}"), "accept shows what it records: {run:?}");
    assert_eq!(stale(&project), 0);
}

#[test]
fn accept_refuses_what_is_not_there() {
    let project = project(LAYER);
    for arguments in
        [&["accept", "y", "--all"][..], &["accept", "x", "kanalen#tone"], &["accept", "x"], &["diff", "nl"]]
    {
        let run = project.run(arguments);
        assert_eq!(run.code, Some(2), "{arguments:?}: {run:?}");
    }
    assert_eq!(layer(&project), LAYER);
    project.write("content/organisations/x.yaml", b"name: [\n");
    assert_eq!(project.run(&["accept", "x", "--all"]).code, Some(1));
}

#[test]
fn a_map_of_pins_is_kept_per_language() {
    let two = |nl: &str, en: &str| {
        Project::new()
            .file("book.toml", "[book]\nlanguage = \"nl\"\nlanguages = [\"nl\", \"en\"]\n")
            .file("content/nl/p.md", format!("# P\n\n## A {{#a}}\n\n{nl}\n"))
            .file("content/en/p.md", format!("# P\n\n## A {{#a}}\n\n{en}\n"))
    };
    let zero = "v1-000000000000";
    let project = two("Een.", "One.").file(
        "content/organisations/x.yaml",
        format!("name: X\nchanges:\n  p#a:\n    replace: {{nl: Mijn., en: Mine.}}\n    accepted:\n      nl: {zero}\n      en: {zero} # both\n"),
    );
    assert_eq!(stale(&project), 2);
    project.run(&["accept", "x", "--all"]).done();
    assert_eq!(stale(&project), 0);
    assert!(layer(&project).contains(" # both\n") && !layer(&project).contains(zero));
    project.write("content/en/p.md", b"# P\n\n## A {#a}\n\nTwo.\n");
    assert_eq!(diff(&project, &["x"]).len(), 1);

    // An edition without the default language is pinned in its own.
    let project =
        two("Een.", "One.").file("content/organisations/x.yaml", "name: X\nlanguages: [en]\nchanges:\n  p#a: Mine.\n");
    project.run(&["accept", "x", "--all"]).done();
    assert!(layer(&project).contains("accepted: {en: v1-"), "{}", layer(&project));
    assert_eq!(stale(&project), 0);
}

#[test]
fn a_translation_is_behind_when_its_source_changed() {
    let project = Project::new()
        .file("book.toml", "[book]\nlanguage = \"nl\"\nlanguages = [\"nl\", \"en\"]\n")
        .file("content/nl/index.md", "# Begin\n\nEen.\n")
        .file("content/en/index.md", "# Start\n\nOne.\n")
        .file("content/nl/p.md", "# P\n\nTwee.\n")
        .file("content/en/p.md", "---\ndescription: x\n---\n# P\n\nTwo.\n");
    let behind = || project.codes().iter().filter(|(code, _)| code == "W211").count();
    assert_eq!((behind(), diff(&project, &["en"]).len()), (0, 0), "nothing is pinned");
    project.run(&["accept", "en", "--all"]).done();
    assert_eq!(behind(), 0);
    let page = |path: &str| fs::read_to_string(project.path().join(path)).unwrap();
    assert!(
        page("content/en/index.md").starts_with("---\naccepted: v1-")
            && page("content/en/index.md").ends_with("---\n\n# Start\n\nOne.\n")
    );
    assert!(page("content/en/p.md").starts_with("---\ndescription: x\naccepted: v1-"));
    project.write("content/nl/p.md", b"# P\n\nDrie.\n");
    assert_eq!(behind(), 1);
    project.build().done();
    assert!(project.page("en/p.html").contains("notice-behind") || project.page("en/p.html").contains("may be behind"));
    let found = diff(&project, &["en"]);
    assert_eq!((found.len(), found[0]["now"].as_str().unwrap().contains("Drie")), (1, true));
    assert!(found[0]["own"].as_str().unwrap().contains("Two."));
    project.run(&["accept", "en", "p"]).done();
    assert_eq!(behind(), 0);
}

#[test]
fn the_shipped_handbook_is_accepted() {
    let project = Project::copy_of(&repository().join("content"));
    let shipped = Project::new();
    shipped.write("book.toml", &fs::read(repository().join("book.toml")).unwrap());
    for (path, bytes) in crate::project::tree(&project.path()) {
        shipped.write(&format!("content/{path}"), &bytes);
    }
    let codes: Vec<(String, u64)> = shipped.codes();
    assert!(!codes.iter().any(|(code, _)| matches!(code.as_str(), "N202" | "W201" | "W211")), "{codes:?}");
}
