//! One fault, one finding: nothing that an author wrote vanishes without a word, and no fault makes others
//! seem to be there.

use std::fmt::Write;

use crate::project::Project;

const BOOK: &str = "[book]\nlanguage = \"nl\"\n";
const PAGE: &str = "# Kanalen\n\nOpening.\n\n## Toon {#toon}\n\nWij zeggen je.\n";
const LINKS: &str = "# A\n\n[Toon](kanalen.md#toon)\n";
const HANDBOOK: &str = "params:\n  weeks: {type: integer, required: true}\n  days: {type: integer, required: true}\n";

/// The same small project in each case, with some files put in the place of others.
fn project() -> Project {
    Project::new()
        .file("book.toml", BOOK)
        .file("content/kanalen.md", PAGE)
        .file("content/a.md", LINKS)
        .file("content/organisations/x.yaml", "name: X\nchanges:\n  kanalen#toon: {append: Hoi.}\n")
}

type Files<'f> = &'f [(&'f str, &'f [u8])];

/// Each case gives exactly these findings; `N203` and its like may be among them.
fn each(cases: &[(&str, Files<'_>, &[&str])]) {
    let mut wrong = String::new();
    for (name, files, expected) in cases {
        let project = files.iter().fold(project(), |project, (path, bytes)| project.file(path, bytes));
        let found: Vec<String> = project
            .check()
            .iter()
            .map(|finding| {
                let path = finding.path.as_deref().unwrap_or_default().rsplit('/').next().unwrap_or_default();
                format!("{} {path}:{}", finding.code, finding.line.unwrap_or(0))
            })
            .collect();
        if found != *expected {
            let _ = writeln!(wrong, "{name}: {expected:?} expected: {found:#?}");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn a_folder_that_is_not_there_is_no_empty_handbook() {
    each(&[
        ("src", &[("book.toml", b"[book]\nsrc = \"contnet\"\n")], &["E208 book.toml:2"]),
        ("organisations", &[("book.toml", b"[book]\n[organisations]\nsrc = \"orgs\"\n")], &["E208 book.toml:3"]),
        (
            "the default language",
            &[("book.toml", b"[book]\nlanguage = \"nl\"\nlanguages = [\"nl\", \"en\"]\n")],
            &["E208 book.toml:2"],
        ),
        (
            "the output in the pages",
            &[("book.toml", b"[book]\n[build]\nbuild-dir = \"content/uit\"\n")],
            &["E208 book.toml:3"],
        ),
        ("another ending", &[("content/organisations/b.yml", b"name: B\n")], &["E109 b.yml:0"]),
        ("a folder deeper", &[("content/organisations/sub/b.yaml", b"name: B\n")], &["E109 b.yaml:0"]),
    ]);
}

#[test]
fn one_fault_has_no_echo() {
    each(&[
        ("not UTF-8", &[("content/kanalen.md", b"# K\n\n## Toon {#toon}\n\ncaf\xe9\n")], &["E206 kanalen.md:5"]),
        ("NUL", &[("content/kanalen.md", b"# K\n\n## Toon {#toon}\n\na\0\n")], &["E206 kanalen.md:5"]),
        (
            "front matter without end",
            &[("content/kanalen.md", b"---\ntitle: K\n\n# K\n\n## Toon {#toon}\n\nHoi.\n")],
            &["E205 kanalen.md:1"],
        ),
        ("book.toml, languages", &[("book.toml", b"[book]\nlangauges = [\"nl\", \"en\"]\n")], &["E208 book.toml:2"]),
        ("book.toml, syntax", &[("book.toml", b"[book\n")], &["E208 book.toml:1"]),
        (
            "a condition on what is not there",
            &[("content/kanalen.md", b"---\nwhen: foo\n---\n# K\n\n## Toon {#toon}\n\nHoi.\n")],
            &["E114 kanalen.md:2"],
        ),
        (
            "a colour without quotes",
            &[("content/organisations/x.yaml", b"name: X\ntheme:\n  tokens:\n    accent: #8f4a12\n")],
            &["E124 x.yaml:4"],
        ),
        (
            "a colour without quotes, in braces",
            &[("content/organisations/x.yaml", b"name: X\ntheme: {tokens: {accent: #8f4a12}}\nchanges:\n  a: Hoi.\n")],
            &["E124 x.yaml:2"],
        ),
        (
            "an address with a space",
            &[("content/organisations/x.yaml", b"name: X\nchanges:\n  kanalen #toon:\n    append: Hoi.\n")],
            &["E124 x.yaml:3"],
        ),
    ]);
}

#[test]
fn a_layer_that_cannot_be_read_has_no_echo_in_those_that_extend_it() {
    let child =
        b"name: X\nextends: p\nchanges:\n  kanalen#nieuw: {append: \"Hoi, [ook](a.md#n).\"}\n  a: {lock: locked}\n";
    let child = ("content/organisations/x.yaml", &child[..]);
    let text = "{text: N., title: N, first_in: kanalen}";
    let parent = |layer: &str| layer.replace("TEXT", text).into_bytes();
    let whole = parent("name: P\ninsert:\n  kanalen#nieuw: TEXT\n  a#n: {text: N., title: N, last_in: a}\n");
    let cut = parent("name: P\ninsert:\n  kanalen#nieuw: TEXT\n  a#n: {text: N., title: *N, last_in: a}\n");
    let heading = parent("name: P\ninsert:\n  kanalen#nieuw: TEXT\n  a#n: {title: N, last_in: a}\n");
    let misspelt = parent("name: P\ninserts:\n  kanalen#nieuw: TEXT\n");
    let path = "content/organisations/p.yaml";
    each(&[
        ("nothing", &[child, (path, &whole)], &[]),
        ("syntax", &[child, (path, &cut)], &["E124 p.yaml:4"]),
        ("no text", &[child, (path, b"name: \xff\n")], &["E206 p.yaml:1"]),
        ("one insert", &[child, (path, &heading)], &["E107 p.yaml:4"]),
        ("a misspelt key", &[child, (path, &misspelt)], &["E101 p.yaml:2"]),
    ]);
    let project = project().file(child.0, child.1).file(path, &cut);
    assert_eq!(project.build().code, Some(1));
    assert_eq!(project.build_with(&["--keep-going"]).code, Some(1));
    assert!(!project.out().join("x").exists());
}

#[test]
fn a_declaration_that_is_wrong_has_no_echo() {
    each(&[
        (
            "a field of no type",
            &[("content/handbook.yaml", b"params: {e: {typ: text}}\nplacement:\n  start: {type: datum}\n  end: {type: date}\nrules:\n  r: {check: gap, from: start, to: end, min_days: 1}\n")],
            &["E101 handbook.yaml:1", "E113 handbook.yaml:3"],
        ),
        (
            "bounds that let nothing pass",
            &[("content/handbook.yaml", b"params:\n  n: {type: integer, min: 8, max: 3}\n")],
            &["E113 handbook.yaml:2"],
        ),
        (
            "a value of a placement, a person and a pin",
            &[
                ("content/handbook.yaml", b"params: {p: {type: person}}\nplacement: {goals: {type: list, of: text, required: true}}\nrules: {g: {check: count, of: goals, min: 1}}\n"),
                ("content/organisations/x.yaml", b"name: X\nparams:\n  p: {rol: Baas}\nchanges:\n  kanalen#toon: {replace: Hoi., accepted: v1-xyz}\nplacements:\n  a: {goals: x}\n"),
            ],
            &["E101 x.yaml:3", "E113 x.yaml:5", "E113 x.yaml:7"],
        ),
        ("no name", &[("content/organisations/x.yaml", b"# Wij.\nname:\n")], &["E115 x.yaml:2"]),
        (
            "notes without use",
            &[("content/organisations/x.yaml", b"name: X\nchanges:\n  kanalen#toon:\n    append: Hoi.\n    accepted: v1-b2f07d5c9e13\n    links: text\n")],
            &["W204 x.yaml:5", "W204 x.yaml:6"],
        ),
        (
            "a text that is still to be written",
            &[("content/organisations/x.yaml", "name: X\nchanges:\n  kanalen#toon: {append: …}\n".as_bytes())],
            &["E107 x.yaml:3"],
        ),
        (
            "two names that differ in case, in two languages",
            &[
                ("book.toml", b"[book]\nlanguages = [\"nl\", \"en\"]\nsrc = \"twee\"\n"),
                ("twee/nl/KLM.md", b"# K\n\nHoi.\n"),
                ("twee/nl/klm.md", b"# K\n\nHoi.\n"),
                ("twee/en/klm.md", b"# K\n\nHi.\n"),
            ],
            &["W206 KLM.md:1", "E204 klm.md:1"],
        ),
    ]);
}

#[test]
fn commands_say_what_they_leave_out() {
    let project = project().file("content/organisations/y.yaml", "name: Y\nchanges:\n  kanalen#weg: {append: Hoi.}\n");
    let run = project.run(&["coverage"]);
    assert!(run.code == Some(1) && run.stderr.contains("`y`") && run.stdout.contains("x "), "{run:?}");
    assert_eq!(project.run(&["explain", "x", "kanalen#weg"]).code, Some(2));
    let page = project.run(&["explain", "x", "kanalen"]).stdout;
    assert!(page.contains("its opening text") && page.contains("touched: kanalen#toon"), "{page}");
    assert!(project.run(&["override", "base", "kanalen"]).stderr.contains("`base` is no organisation"));
}

#[test]
fn ready_lines_part_no_entry_from_its_comment() {
    let layer = "name: X\nchanges:\n  kanalen#toon:\n    append: |\n      Hoi.\n\n  # Over a.\n  a: {append: Hoi.}\n";
    let project = project().file("content/organisations/x.yaml", layer);
    project.run(&["override", "x", "kanalen"]);
    let after = std::fs::read_to_string(project.path().join("content/organisations/x.yaml")).unwrap();
    assert!(after.contains("  # Over a.\n  a: {append: Hoi.}\n") && after.contains("\n  kanalen:\n"), "{after}");
}

#[test]
fn one_error_hides_no_other() {
    each(&[(
        "a reason that is missing, and values",
        &[
            ("content/handbook.yaml", HANDBOOK.as_bytes()),
            (
                "content/organisations/x.yaml",
                b"name: X\nparams: {weeks: veel}\nchanges:\n  kanalen#toon: {append: \"\"}\n",
            ),
        ],
        &["E115 x.yaml:1", "E113 x.yaml:2", "E107 x.yaml:4"],
    )]);
}

#[test]
fn what_would_be_published_as_text_is_reported() {
    each(&[
        (
            "a lock without id",
            &[("content/a.md", b"# A\n\n## B {.locked}\n\nHoi.\n\n## C {when=foo}\n\nHoi.\n\n## D {.Locked #d}\n")],
            &["E104 a.md:3", "E104 a.md:7", "E205 a.md:11"],
        ),
        ("a tab in front matter", &[("content/a.md", b"---\n\ttitle: A\n---\n# A\n")], &["E205 a.md:2"]),
        ("front matter after a line", &[("content/a.md", b"\n---\ntitle: A\n---\n# A\n")], &["E205 a.md:2"]),
        ("front matter in TOML", &[("content/a.md", b"+++\ntitle = \"A\"\n+++\n# A\n")], &["E205 a.md:1"]),
        (
            "one brace too few",
            &[
                ("content/handbook.yaml", b"params: {weeks: {type: integer, default: 2}}\n"),
                ("content/a.md", b"# A\n\n{{weeks} en `{{weeks}` en {{weeks\n"),
            ],
            &["E117 a.md:3", "E117 a.md:3"],
        ),
        ("an image from elsewhere", &[("content/a.md", b"# A\n\n![x](https://example.org/a.png)\n")], &["N203 a.md:3"]),
        (
            "what the policy stops",
            &[("content/a.md", b"# A\n\n<script>alert(1)</script>\n\n<p style=\"color: red\">Hoi.</p>\n")],
            &["N203 a.md:3", "N203 a.md:5"],
        ),
        (
            "an entry of a translation's summary",
            &[
                ("book.toml", b"[book]\nlanguages = [\"nl\", \"en\"]\nsrc = \"twee\"\n"),
                ("twee/nl/SUMMARY.md", b"- [A](a.md)\n"),
                ("twee/nl/a.md", b"# A\n\nHoi.\n"),
                ("twee/en/SUMMARY.md", b"- [A](a.md)\n- [X](x.md)\n"),
                ("twee/en/a.md", b"# A\n\nHi.\n"),
            ],
            &["E207 SUMMARY.md:2"],
        ),
    ]);
}

const TWO: &str = "[book]\nlanguages = [\"nl\", \"en\"]\n";

/// A project in two languages with one page.
fn bilingual(layer: &str) -> Project {
    let page = |text: &str| format!("# K\n\n## Toon {{#toon}}\n\n{text}\n");
    Project::new()
        .file("book.toml", TWO)
        .file("content/nl/k.md", page("Wij zeggen je."))
        .file("content/en/k.md", page("We are informal."))
        .file("content/organisations/x.yaml", layer)
}

#[test]
fn a_reason_is_in_the_language_of_its_page() {
    let change = |reason: &str| {
        format!(
            "name: X\nchanges:\n  k#toon:\n    replace: {{nl: Wij zeggen u., en: We are formal.}}\n    reason: {reason}\n"
        )
    };
    let given = bilingual(&change("{nl: Besloten., en: Decided.}"));
    given.build().done();
    for page in ["x/en/k.html", "x/en/changes.html"] {
        assert!(given.page(page).contains("Decided.") && !given.page(page).contains("Besloten."), "{page}");
    }
    assert!(given.page("x/provenance.json").contains("\"reason\":{\"en\":\"Decided.\",\"nl\":\"Besloten.\"}"));
    let plain = bilingual(&change("Besloten."));
    plain.build().done();
    for page in ["x/en/k.html", "x/en/changes.html"] {
        assert!(plain.page(page).contains("<span lang=\"nl\">Besloten.</span>"), "{page}");
    }
    assert!(plain.page("x/provenance.json").contains("\"reason\":\"Besloten.\""));
}

#[test]
fn a_single_text_is_in_the_first_language_of_its_layer() {
    let project = bilingual("name: X\nlanguages: [en, nl]\nchanges:\n  k#toon: {append: Please.}\n");
    let found = project.check();
    assert_eq!(found[0].code, "W206");
    assert!(found[0].message.contains("is in `en` and is not translated into `nl`"), "{found:?}");
}

#[test]
fn names_are_plain_text_and_pages_have_one() {
    each(&[
        ("escape", &[("content/x\u{1b}[2J.md", b"Tekst.\n")], &["E206 x\\u{1b}[2J.md:0"]),
        ("turn", &[("content/a\u{202e}b.png", b"x")], &["E206 a\\u{202e}b.png:0"]),
        ("in TOML", &[("book.toml", b"[book]\ntitle = \"A\\u202Eb\"\nlanguage = \"nl\"\n")], &["E206 book.toml:2"]),
        ("front matter alone", &[("content/b.md", b"---\ntitle: B\n---\n\n")], &["N203 b.md:1"]),
        ("handbook.yml", &[("content/handbook.yml", b"params: {}\n")], &["N203 handbook.yml:0"]),
    ]);
}
