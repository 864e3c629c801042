//! The commands that write into a project, and those that speak of it to editors: each as an author types it.

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;

use crate::project::{Project, tree};

const BOOK: &str = "[book]\ntitle = \"H\"\nlanguage = \"nl\"\nlanguages = [\"nl\", \"en\"]\n";

/// Two languages, a locked and an extend-only section, one organisation with comments of its own.
fn small() -> Project {
    Project::new()
        .file("book.toml", BOOK)
        .file("content/handbook.yaml", "explain: {replace: required}\nparams:\n  supervisor: {type: person, kinds: [employee], required: true, label: {nl: begeleider, en: supervisor}}\n  weeks: {type: integer, min: 8, max: 30, default: 20}\n")
        .file("content/nl/SUMMARY.md", "# Inhoud\n\n- [Welkom](index.md)\n- [Praktijk](praktijk/index.md)\n  - [Kanalen](praktijk/kanalen.md)\n- [Slot](slot.md)\n")
        .file("content/en/SUMMARY.md", "# Contents\n\n- [Welcome](index.md)\n- [Practice](praktijk/index.md)\n  - [Channels](praktijk/kanalen.md)\n- [End](slot.md)\n")
        .file("content/nl/index.md", "# Welkom\n\nLees [kanalen](praktijk/kanalen.md#toon) en [kort][k].\n\n```md\n[code](praktijk/kanalen.md)\n```\n\nOok `[code](praktijk/kanalen.md)`.\n\n[k]: praktijk/kanalen.md\n")
        .file("content/en/index.md", "# Welcome\n\nRead [channels](praktijk/kanalen.md#toon).\n")
        .file("content/nl/praktijk/index.md", "# Praktijk\n\nZie [kanalen](kanalen.md).\n")
        .file("content/en/praktijk/index.md", "# Practice\n\nSee [channels](kanalen.md).\n")
        .file("content/nl/praktijk/kanalen.md", "---\ntitle: Kanalen\n---\n\n# Kanalen\n\nTerug naar [welkom](../index.md#x) en [toon](#toon).\n\n## Toon {#toon}\n\nWij zeggen **je**.\n\nNog een zin. ![p](pixel.svg)\n\n## Vast {#vast .locked}\n\nBlijft.\n\n## Meer {#meer .extend}\n\nVul aan.\n".replace("../index.md#x", "../index.md"))
        .file("content/en/praktijk/kanalen.md", "# Channels\n\nBack to [welcome](/index.md).\n\n## Tone {#toon}\n\nWe are brief.\n\n## Fixed {#vast .locked}\n\nStays.\n\n## More {#meer .extend}\n\nAdd.\n")
        .file("content/nl/praktijk/pixel.svg", SVG)
        .file("content/nl/slot.md", "# Slot\n\n## Einde {#einde}\n\nZie [toon](praktijk/kanalen.md#toon).\n\n## Zonder id\n\nTekst.\n")
        .file("content/en/slot.md", "# End\n\n## End {#einde}\n\nSee [tone](praktijk/kanalen.md#toon).\n\n## No id\n\nText.\n")
        .file("content/organisations/een.yaml", "# Van ons\nname: Een # naam\nlanguages: [nl]\nparams:\n  supervisor: {role: baas, kind: employee}\nchanges:\n  # het slot\n  slot: {append: Einde.}   # kort\n\nplacements: {}\n")
}

const SVG: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"1\" height=\"1\"/>\n";

fn read(project: &Project, path: &str) -> String {
    fs::read_to_string(project.path().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn files(project: &Project) -> BTreeMap<String, Vec<u8>> {
    tree(&project.path())
}

/// Errors and warnings of `check`, in short.
fn found(project: &Project) -> Vec<String> {
    let findings = project.check().into_iter().filter(|finding| finding.severity != "note");
    findings
        .map(|finding| format!("{} {}: {}", finding.code, finding.path.unwrap_or_default(), finding.message))
        .collect()
}

/// Runs a command that must be refused, with nothing written.
#[track_caller]
fn refused(project: &Project, arguments: &[&str], says: &str) {
    let before = files(project);
    let run = project.run(arguments);
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(run.stderr.contains(says), "{says:?} is not in {:?}", run.stderr);
    assert_eq!(before, files(project), "something was written");
}

#[test]
fn a_new_handbook_is_right_and_nothing_is_overwritten() {
    let project = Project::new();
    project.run(&["init", "hb"]).done();
    project.run(&["check", "--strict", "--deny", "N202", "hb"]).done();
    project.run(&["build", "--strict", "hb"]).done();
    for file in ["organisation", "handbook", "book"] {
        let schema = project.run(&["schema", file, "--dir", "hb"]).done().stdout;
        assert_eq!(schema, read(&project, &format!("hb/.leidraad/{file}.schema.json")));
    }
    for file in ["settings.json", "tasks.json", "extensions.json", "leidraad.code-snippets"] {
        let _: Value = serde_json::from_str(&read(&project, &format!("hb/.vscode/{file}"))).unwrap();
    }
    refused(&project, &["init", "hb"], "already");
    let other = Project::new().file("x/content/nl/index.md", "# Mijn\n");
    refused(&other, &["init", "x"], "content/nl/index.md");
}

#[test]
fn a_new_page_has_its_place() {
    let project = small();
    project.run(&["new", "page", "praktijk/video"]).done();
    assert!(read(&project, "content/nl/praktijk/video.md").starts_with("# Video\n"));
    let summary = read(&project, "content/nl/SUMMARY.md");
    assert!(
        summary.contains("  - [Kanalen](praktijk/kanalen.md)\n  - [Video](praktijk/video.md)\n- [Slot]"),
        "{summary}"
    );
    assert_eq!(found(&project), ["W206 content/nl/praktijk/video.md: this page is not translated into `en`"]);
    refused(&project, &["new", "page", "praktijk/video.md"], "there already");
    refused(&project, &["new", "page", "praktijk"], "content/nl/praktijk/index.md");
    refused(&project, &["new", "page", "Mijn Pagina"], "`mijn-pagina`");
    refused(&project, &["new", "page", "../buiten"], "cannot be the id");
}

#[test]
fn a_new_organisation_says_what_to_fill_in() {
    let project = small();
    project.run(&["new", "organisation", "twee"]).done();
    let text = read(&project, "content/organisations/twee.yaml");
    assert!(
        text.contains("# begeleider: a person; kind: employee\n  # supervisor: {role: …, kind: employee}\n"),
        "{text}"
    );
    assert!(text.contains("a whole number from 8 to 30\n  # weeks: 20\n"), "{text}");
    let missing = found(&project);
    assert!(matches!(missing.as_slice(), [one] if one.starts_with("E115")), "{missing:?}");
    project.write("content/organisations/twee.yaml", text.replace("# supervisor", "supervisor").as_bytes());
    assert_eq!(found(&project), Vec::<String>::new());

    project.run(&["new", "organisation", "drie", "--extends", "een"]).done();
    let text = read(&project, "content/organisations/drie.yaml");
    assert!(text.contains("extends: een\n") && !text.contains("supervisor:"), "{text}");
    assert_eq!(found(&project), Vec::<String>::new());
    refused(&project, &["new", "organisation", "drie"], "there already");
    refused(&project, &["new", "organisation", "vier", "--extends", "eem"], "did you mean `een`");
    refused(&project, &["new", "organisation", "Vijf"], "`vijf`");
    refused(&project, &["new", "organisation", "praktijk"], "cannot be called");
}

#[test]
fn an_override_leaves_every_other_byte() {
    let project = small();
    let before = read(&project, "content/organisations/een.yaml");
    let run = project.run(&["override", "een", "praktijk/kanalen#toon"]).done();
    assert!(run.stderr.starts_with("content/organisations/een.yaml:9: "), "{}", run.stderr);
    let after = read(&project, "content/organisations/een.yaml");
    let lines =
        "  praktijk/kanalen#toon:\n    replace: |\n      Wij zeggen **je**.\n\n      Nog een zin. ![p](pixel.svg)\n";
    let at = after.find(lines).unwrap_or_else(|| panic!("{after}"));
    let end = at + after[at..].find("    reason:\n").unwrap() + "    reason:\n".len();
    assert_eq!(format!("{}{}", &after[..at], &after[end..]), before);
    assert!(after[at..end].contains("    accepted: v1-"), "{after}");
    assert!(run.stderr.contains("pixel.svg"), "the image lies elsewhere: {}", run.stderr);

    // With a text and a reason it is right; the pin holds.
    let own = after
        .replace("Wij zeggen **je**.", "Wij zeggen **u**.")
        .replace(" ![p](pixel.svg)", "")
        .replace("reason:\n", "reason: Zo.\n");
    project.write("content/organisations/een.yaml", own.as_bytes());
    assert_eq!(project.check(), Vec::new());

    refused(&project, &["override", "een", "praktijk/kanalen#toon"], "content/organisations/een.yaml:9");
    refused(&project, &["override", "een", "slot"], "already");
    refused(
        &project,
        &["override", "een", "praktijk/kanalen#vast"],
        "locked in the handbook (content/nl/praktijk/kanalen.md:15:1)",
    );
    refused(&project, &["override", "een", "praktijk/kanalen#ton"], "did you mean `toon`");
    refused(&project, &["override", "een", "praktijk/kanaal#toon"], "did you mean `praktijk/kanalen`");
    refused(&project, &["override", "een", "slot#zonder-id"], "{#zonder-id}");
    refused(&project, &["override", "niemand", "slot"], "leidraad new organisation niemand");
}

#[test]
fn an_override_finds_its_place_in_any_layer() {
    let project = small();
    let name = "name: Twee\nlanguages: [nl]\nparams: {supervisor: {role: r, kind: employee}}\n";
    for (layer, below) in [
        (name.to_owned(), "kind: employee}}\n\nchanges:\n  slot#einde:\n    replace: |\n"),
        (format!("{name}changes:\n"), "changes:\n  slot#einde:\n    replace: |\n"),
        (format!("{name}changes: {{}}\nplacements: {{}}\n"), "  slot#einde:\n    replace: |\n"),
        (format!("{name}placements: {{}}\n"), "kind: employee}}\n\nchanges:\n  slot#einde:\n"),
        (
            format!("{name}changes:\n    index: {{append: A.}}"),
            "    index: {append: A.}\n    slot#einde:\n      replace: |\n        Zie",
        ),
        (
            format!(
                "{name}changes:\n  slot:\n    append: |\n      B.\n\n    # onder slot\n  # boven index\n  index: {{append: A.}}\n"
            ),
            "    # onder slot\n  slot#einde:\n",
        ),
    ] {
        project.write("content/organisations/twee.yaml", layer.as_bytes());
        project.run(&["override", "twee", "slot#einde"]).done();
        let after = read(&project, "content/organisations/twee.yaml");
        assert!(after.contains(below), "{layer}\n→\n{after}");
        // Not filled in yet: that is all that is wrong.
        let codes: Vec<String> = project.check().into_iter().map(|finding| finding.code).collect();
        assert_eq!(codes, ["E120"], "{after}");
    }
    // What lacks a reason does not stand in the way of the next.
    project.run(&["override", "twee", "praktijk/kanalen#meer"]).done();
    assert!(read(&project, "content/organisations/twee.yaml").contains("  praktijk/kanalen#meer:\n    append: "));

    let crlf = format!("{name}changes:\n  index: {{append: A.}}\n").replace('\n', "\r\n");
    project.write("content/organisations/twee.yaml", crlf.as_bytes());
    project.run(&["override", "twee", "slot#einde"]).done();
    let after = read(&project, "content/organisations/twee.yaml");
    assert!(after.starts_with(&crlf) && !after.replace("\r\n", "").contains('\n'), "{after:?}");
}

#[test]
fn a_renamed_page_takes_everything_with_it() {
    let project = small().file(
        "content/organisations/een.yaml",
        "name: Een\nlanguages: [nl]\nparams: {supervisor: {role: baas, kind: employee}}\nchanges:\n  index:\n    append: |\n      Zie [toon](praktijk/kanalen.md#toon) en `[x](praktijk/kanalen.md)`.\n  \"praktijk/kanalen#toon\": {append: \"Kijk [hier](kanalen.md) ook.\"}\n  praktijk: {move: {after: praktijk/kanalen}}\n  slot: {remove: true, links: praktijk/kanalen#toon}\ninsert:\n  praktijk/kanalen#nieuw: {after: toon, title: Nieuw, text: T.}\n  eigen: {after: praktijk/kanalen, title: E, file: eigen.md}\n".replace("  praktijk: {move: {after: praktijk/kanalen}}\n", ""),
    ).file("content/organisations/een/eigen.md", "# E\n\nZie [k](praktijk/kanalen.md).\n");
    assert_eq!(found(&project), Vec::<String>::new());
    project.run(&["rename", "praktijk/kanalen", "media"]).done();
    assert_eq!(found(&project), Vec::<String>::new());
    let nl = read(&project, "content/nl/media.md");
    assert!(nl.starts_with("---\ntitle: Kanalen\naliases: [praktijk/kanalen]\n---\n"), "{nl}");
    assert!(nl.contains("[welkom](index.md) en [toon](#toon)") && nl.contains("![p](praktijk/pixel.svg)"), "{nl}");
    assert!(read(&project, "content/en/media.md").contains("[welcome](/index.md)"));
    assert!(!project.path().join("content/nl/praktijk/kanalen.md").exists());
    assert_eq!(
        read(&project, "content/nl/index.md"),
        "# Welkom\n\nLees [kanalen](media.md#toon) en [kort][k].\n\n```md\n[code](praktijk/kanalen.md)\n```\n\nOok `[code](praktijk/kanalen.md)`.\n\n[k]: media.md\n"
    );
    assert!(read(&project, "content/en/praktijk/index.md").contains("[channels](../media.md)"));
    assert!(read(&project, "content/en/SUMMARY.md").contains("  - [Channels](media.md)\n"));
    let layer = read(&project, "content/organisations/een.yaml");
    for line in [
        "Zie [toon](media.md#toon) en `[x](praktijk/kanalen.md)`.",
        "  \"media#toon\": {append: \"Kijk [hier](media.md) ook.\"}",
        "links: media#toon}",
        "  media#nieuw: {after: toon,",
        "  eigen: {after: media,",
    ] {
        assert!(layer.contains(line), "{line} is not in\n{layer}");
    }
    assert!(read(&project, "content/organisations/een/eigen.md").contains("(media.md)"));
    project.build().done();
    assert!(project.page("nl/praktijk/kanalen.html").contains("../media.html"));

    // And back: the old name leaves the aliases.
    project.run(&["rename", "media", "praktijk/kanalen"]).done();
    assert!(read(&project, "content/nl/praktijk/kanalen.md").contains("aliases: [media]\n"));
    assert_eq!(found(&project), Vec::<String>::new());
}

#[test]
fn a_renamed_folder_takes_its_pages_and_files_with_it() {
    let project = small();
    project.run(&["rename", "praktijk", "doen"]).done();
    assert_eq!(found(&project), Vec::<String>::new());
    for path in ["content/nl/doen/index.md", "content/en/doen/kanalen.md", "content/nl/doen/pixel.svg"] {
        assert!(project.path().join(path).exists(), "{path}");
    }
    assert!(!project.path().join("content/nl/praktijk").exists());
    assert!(read(&project, "content/nl/doen/kanalen.md").contains("![p](pixel.svg)"));
    assert!(read(&project, "content/nl/doen/index.md").contains("aliases: [praktijk/]"));
}

#[test]
fn a_renamed_section_takes_everything_with_it_and_pins_hold() {
    let project = small();
    project.run(&["override", "een", "slot#einde"]).done();
    let layer = read(&project, "content/organisations/een.yaml")
        .replace("Zie [toon]", "Kijk bij [toon]")
        .replace("reason:\n", "reason: Zo.\n");
    project.write("content/organisations/een.yaml", layer.as_bytes());
    assert_eq!(project.check(), Vec::new());
    project.run(&["rename", "praktijk/kanalen#toon", "#stem"]).done();
    // The pinned text holds a link that has another name now, and says the same.
    assert_eq!(project.check(), Vec::new());
    let after = read(&project, "content/organisations/een.yaml");
    assert!(after.contains("Kijk bij [toon](praktijk/kanalen.md#stem)") && after != layer, "{after}");
    assert!(read(&project, "content/nl/praktijk/kanalen.md").contains("## Toon {#stem alias=toon}"));
    assert!(read(&project, "content/nl/praktijk/kanalen.md").contains("[toon](#stem)"));
    assert!(read(&project, "content/en/praktijk/kanalen.md").contains("## Tone {#stem}"));
    assert!(read(&project, "content/en/slot.md").contains("(praktijk/kanalen.md#stem)"));
}

#[test]
fn a_rename_that_cannot_be_is_refused() {
    let project = small();
    refused(&project, &["rename", "praktijk/kanaal", "x"], "did you mean `praktijk/kanalen`");
    refused(&project, &["rename", "praktijk/kanalen", "slot"], "already");
    refused(&project, &["rename", "praktijk/kanalen", "Een Twee"], "cannot be the id");
    refused(&project, &["rename", "praktijk/kanalen", "../x"], "cannot be the id");
    refused(&project, &["rename", "index", "start"], "start page");
    refused(&project, &["rename", "praktijk/kanalen#toon", "#vast"], "already");
    refused(&project, &["rename", "praktijk/kanalen#toon", "slot#toon"], "keeps its page");
    refused(&project, &["rename", "praktijk/kanalen#toon", "slot"], "both");
    // A folder of pages may not be called like a layer: seen before anything is written.
    let before = files(&project);
    let run = project.run(&["rename", "slot", "een/slot"]);
    assert_eq!((run.code, run.stderr.contains("nothing was written")), (Some(1), true), "{run:?}");
    assert_eq!(before, files(&project));
}

#[test]
fn check_mends_what_is_safe() {
    let project = small().file(
        "content/organisations/een.yaml",
        "name: Een\nlanguages: [nl]\nparams: {supervisor: {role: baas, kind: employee}}\ntheme: {tokens: {accent: '#f36c21'}} # oranje\nchanges:\n  slot#zonder-id: {append: A.}\n  oud#einde: {append: B.}\n",
    );
    project.write(
        "content/nl/slot.md",
        read(&project, "content/nl/slot.md").replace("# Slot", "---\naliases: [oud]\n---\n# Slot").as_bytes(),
    );
    project.write("content/nl/index.md", b"# W\n\nZie [slot](oud.md#einde).\n");
    let codes: Vec<String> = found(&project).iter().map(|finding| finding[..4].to_owned()).collect();
    assert_eq!(codes, ["W203", "E121", "E104", "W203"]);
    let run = project.run(&["check", "--fix"]).done();
    assert_eq!(run.stderr.matches("fixed: ").count(), 5, "{}", run.stderr);
    assert_eq!(found(&project), Vec::<String>::new());
    assert_eq!(
        read(&project, "content/organisations/een.yaml"),
        "name: Een\nlanguages: [nl]\nparams: {supervisor: {role: baas, kind: employee}}\ntheme: {tokens: {accent: '#bf4c00'}} # oranje\nchanges:\n  slot#zonder-id: {append: A.}\n  slot#einde: {append: B.}\n"
    );
    assert!(read(&project, "content/nl/slot.md").contains("## Zonder id {#zonder-id}\n"));
    assert!(read(&project, "content/en/slot.md").contains("## No id {#zonder-id}\n"));
    assert_eq!(read(&project, "content/nl/index.md"), "# W\n\nZie [slot](slot.md#einde).\n");
    let before = files(&project);
    project.run(&["check", "--fix"]).done();
    assert_eq!(before, files(&project), "there was nothing left to mend");
}

#[test]
fn a_schema_lists_what_there_is_and_is_closed() {
    let project = small();
    let schema = |file: &str| -> Value { serde_json::from_str(&project.run(&["schema", file]).done().stdout).unwrap() };
    let organisation = schema("organisation");
    let changes = organisation["properties"]["changes"]["properties"].as_object().unwrap();
    let addresses: Vec<&str> = changes.keys().map(String::as_str).collect();
    assert_eq!(
        addresses,
        [
            "index",
            "praktijk",
            "praktijk/kanalen",
            "praktijk/kanalen#meer",
            "praktijk/kanalen#toon",
            "slot",
            "slot#einde"
        ]
    );
    assert_eq!(changes["praktijk/kanalen#meer"]["$ref"], "#/$defs/addition");
    // It holds something locked, so it is neither removed nor moved.
    assert_eq!(changes["praktijk/kanalen"]["$ref"], "#/$defs/page-with-lock");
    let weeks = &organisation["properties"]["params"]["properties"]["weeks"]["anyOf"][0];
    assert_eq!((&weeks["minimum"], &weeks["maximum"]), (&Value::from(8), &Value::from(30)));
    for file in ["organisation", "handbook", "book"] {
        let mut waiting = vec![schema(file)];
        assert_eq!(waiting[0]["$schema"], "https://json-schema.org/draft/2020-12/schema");
        while let Some(value) = waiting.pop() {
            match value {
                Value::Object(map) => {
                    if map.get("type") == Some(&Value::from("object")) {
                        assert_eq!(map.get("additionalProperties"), Some(&Value::Bool(false)), "{file}: {map:?}");
                    }
                    waiting.extend(map.into_iter().map(|(_, value)| value));
                }
                Value::Array(items) => waiting.extend(items),
                _ => {}
            }
        }
    }
    project.run(&["schema", "--write"]).done();
    assert_eq!(
        serde_json::from_str::<Value>(&read(&project, ".leidraad/organisation.schema.json")).unwrap(),
        organisation
    );
}

#[test]
fn explain_also_speaks_of_what_is_not_finished() {
    let project = small()
        .file("content/organisations/twee.yaml", "name: Twee\nlanguages: [nl]\nchanges:\n  slot#einde: {append: B.}\n");
    let run = project.run(&["explain", "twee", "slot#einde", "--format", "json"]).done();
    let explained: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(explained["operations"][0]["op"], "append");
    assert_eq!(explained["text"], "Zie [toon](praktijk/kanalen.md#toon).\n\n## Zonder id\n\nTekst.\n\nB.");
    refused(&project, &["explain", "twee", "slot#eind"], "did you mean `einde`");
}

#[test]
fn verbose_says_how_long_each_step_took() {
    let project = small();
    assert!(project.run(&["check", "-v"]).stderr.contains(" ms  read and compose"));
    assert!(!project.run(&["check"]).stderr.contains(" ms  "));
}
