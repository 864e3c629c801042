//! Hostile and broken inputs (bytes, sizes, YAML, meanings, names, markup, links): each ends soon,
//! with its code, and with nothing written where something is wrong.

use std::fmt::Write;
use std::os::unix::fs::symlink;
use std::time::{Duration, Instant};

use crate::project::{Finding, Project};

/// What a case must give.
#[derive(Clone, Copy)]
enum Expected {
    /// An error of this code, at this line where it is not 0.
    Error(&'static str, u64),
    /// Any error.
    SomeError,
    /// Nothing wrong; notes are fine.
    Harmless,
    /// Either, but soon.
    Either,
}
use Expected::{Either, Error, Harmless, SomeError};

const PAGE: &str =
    "# Kanalen\n\nOpening.\n\n## Toon {#toon}\n\nWij zeggen je.\n\n## Planning {#planning}\n\nElke week.\n";
const PAGE_FILE: &str = "content/a.md";
const LAYER: &str = "content/organisations/x.yaml";
const HANDBOOK: &str = "content/handbook.yaml";

fn project() -> Project {
    Project::new().file("book.toml", "[book]\ntitle = \"Boek\"\nlanguage = \"nl\"\n").file("content/kanalen.md", PAGE)
}

/// Runs cases of one file each on top of the small project.
fn each(cases: &[(&str, &str, Vec<u8>, Expected)]) {
    let mut wrong = String::new();
    for (name, path, bytes, expected) in cases {
        let project = project().file(path, bytes);
        judge(name, &project, *expected, &mut wrong);
    }
    assert!(wrong.is_empty(), "{wrong}");
}

fn judge(name: &str, project: &Project, expected: Expected, wrong: &mut String) -> Vec<Finding> {
    let began = Instant::now();
    let run = project.build();
    let took = began.elapsed();
    // Twenty times the promise: the machine may be busy, and the program is not optimised here.
    if took > Duration::from_secs(60) {
        let _ = writeln!(wrong, "{name}: took {took:?}");
    }
    if !matches!(run.code, Some(0 | 1)) {
        let _ = writeln!(wrong, "{name}: ended with {:?}: {}", run.code, run.stderr);
        return Vec::new();
    }
    if run.code != Some(0) && project.out().exists() {
        let _ = writeln!(wrong, "{name}: something was written");
    }
    let bad = |c: char| {
        (c.is_control() && c != '\n')
            || ('\u{202a}'..='\u{202e}').contains(&c)
            || ('\u{2066}'..='\u{2069}').contains(&c)
    };
    let text = project.run(&["check", "--color", "never"]).stderr;
    if let Some(c) = text.chars().find(|c| bad(*c)) {
        let _ = writeln!(wrong, "{name}: {c:?} reaches the terminal");
    }
    let findings = run.findings();
    let errors: Vec<String> = findings
        .iter()
        .filter(|finding| finding.severity == "error")
        .map(|finding| format!("{} {:?}:{:?} {}", finding.code, finding.path, finding.line, finding.message))
        .collect();
    let as_expected = match expected {
        Error(code, line) => findings.iter().any(|finding| {
            finding.severity == "error" && finding.code == code && (line == 0 || finding.line == Some(line))
        }),
        SomeError => !errors.is_empty(),
        Harmless => errors.is_empty(),
        Either => true,
    };
    if !as_expected {
        let what = match expected {
            Error(code, line) => format!("{code} on line {line}"),
            SomeError => "some error".to_owned(),
            Harmless | Either => "no error".to_owned(),
        };
        let _ = writeln!(wrong, "{name}: {what} expected: {errors:?}");
    }
    findings
}

fn md(text: &str) -> Vec<u8> {
    format!("# Titel\n\n{text}\n").into_bytes()
}

fn change(text: &str) -> Vec<u8> {
    format!("name: X\nchanges:\n  kanalen#toon: {text}\n").into_bytes()
}

#[test]
fn bytes_and_encoding() {
    let utf16: Vec<u8> = std::iter::once(0xFEFF).chain("# Titel\n".encode_utf16()).flat_map(u16::to_le_bytes).collect();
    each(&[
        ("A2 UTF-16", PAGE_FILE, utf16, Error("E206", 1)),
        ("A3 Windows-1252", PAGE_FILE, b"# A\n\ncaf\xe9\n".to_vec(), Error("E206", 3)),
        ("A6 NUL", PAGE_FILE, b"# A\n\na\x00b\n".to_vec(), Error("E206", 3)),
        ("A7 escapes in a heading", PAGE_FILE, b"# \x1b[2J\x1b]0;x\x07 Titel\n".to_vec(), Error("E206", 1)),
        ("A9 invisible in a key", LAYER, "name: X\nchan\u{200b}ges: {}\n".into(), Error("E101", 2)),
        ("A9 Cyrillic in a key", LAYER, change("{r\u{0435}place: Hoi.}"), Error("E101", 3)),
        ("A9 soft hyphen in a key", LAYER, "name: X\nchan\u{ad}ges: {}\n".into(), Error("E101", 2)),
        ("A10 overlong", PAGE_FILE, b"# A\n\n\xc0\xaf\n".to_vec(), Error("E206", 3)),
        ("A10 surrogate", PAGE_FILE, b"# A\n\n\xed\xa0\x80\n".to_vec(), Error("E206", 3)),
        ("A10 noncharacter in a page", PAGE_FILE, md("a\u{fdd0}b"), Error("E206", 3)),
        ("A10 noncharacter in a layer", LAYER, change("a\u{fdd0}b"), Error("E206", 3)),
        ("A11 empty", PAGE_FILE, Vec::new(), Harmless),
        ("A11 spaces", PAGE_FILE, b"   \n \n".to_vec(), Harmless),
        ("A11 only a byte order mark", PAGE_FILE, b"\xef\xbb\xbf".to_vec(), Harmless),
        ("A11 only front matter", PAGE_FILE, b"---\ntitle: A\n---\n".to_vec(), Harmless),
        ("A12 cut inside a character", PAGE_FILE, b"# A\n\ncaf\xc3".to_vec(), Error("E206", 3)),
        ("A12 cut inside front matter", PAGE_FILE, b"---\ntitle: A\n".to_vec(), Error("E205", 1)),
        ("A13 next line", PAGE_FILE, md("a\u{85}b"), Error("E206", 3)),
        (
            "A13 line separator in YAML",
            LAYER,
            "name: X\nchanges:\n  kanalen#toon: \"a\u{2028}b\"\n  kanalen#nee: Hoi.\n".into(),
            Error("E103", 4),
        ),
        ("A13 line separator in a heading", PAGE_FILE, "# A\u{2028}B\n\nHoi.\n".into(), Harmless),
    ]);
}

#[test]
fn a_byte_order_mark_changes_nothing() {
    let with = |mark: &str| {
        let project = project().file(PAGE_FILE, format!("{mark}---\ntitle: Kop\n---\n# Titel\n\nHoi.\n"));
        project.build().done();
        project.page("a.html")
    };
    assert_eq!(with("\u{feff}"), with(""));
}

#[test]
fn an_empty_page_is_there_with_its_title() {
    let project = project().file("content/leeg.md", "").file("content/kop.md", "---\ntitle: Alleen een titel\n---\n");
    let findings = project.build().done().findings();
    assert!(
        findings.iter().any(|finding| finding.path.as_deref() == Some("content/leeg.md") && finding.severity == "note")
    );
    assert!(project.page("kop.html").contains("<h1>Alleen een titel</h1>"), "{}", project.page("kop.html"));
    assert!(project.page("leeg.html").contains("<h1>"));
}

#[test]
fn size_and_depth() {
    let deep_list: String = (0..1000).map(|depth| format!("{}* a\n", "  ".repeat(depth))).collect();
    let backticks: String = (1..2000).map(|count| format!("e{}", "`".repeat(count))).collect();
    let definitions: String = (1..40_000).map(|number| format!("[{number}]: u\n")).collect();
    let headings = "# Kop\n".repeat(5000);
    let notes: String = (0..3000).map(|number| format!("[^{number}]: n\n\n")).collect();
    each(&[
        ("B2 one long line", PAGE_FILE, "a b ".repeat(500_000).into_bytes(), Harmless),
        ("B4 deep list", PAGE_FILE, deep_list.into_bytes(), Either),
        ("B4 deep quotes", PAGE_FILE, ">".repeat(20_000).into_bytes(), Either),
        ("B6 brackets", PAGE_FILE, format!("{}a{}", "[".repeat(50_000), "]".repeat(50_000)).into_bytes(), Harmless),
        ("B6 open links", PAGE_FILE, "[a](<b".repeat(50_000).into_bytes(), Harmless),
        ("B6 open emphasis", PAGE_FILE, "[ a_".repeat(50_000).into_bytes(), Harmless),
        ("B7 definitions", PAGE_FILE, format!("{definitions}\n{}", "[0] ".repeat(20_000)).into_bytes(), Either),
        ("B8 backticks", PAGE_FILE, backticks.into_bytes(), Harmless),
        ("B9 headings", PAGE_FILE, headings.into_bytes(), Harmless),
        ("B10 wide table", PAGE_FILE, format!("|{}\n|{}\n", "a|".repeat(3000), "-|".repeat(3000)).into_bytes(), Either),
        ("B11 notes", PAGE_FILE, format!("[^1]\n\n{notes}").into_bytes(), Harmless),
        ("B11 note that cites itself", PAGE_FILE, md("Zie[^a].\n\n[^a]: zie [^a]"), Harmless),
        ("B11 notes that cite each other", PAGE_FILE, md("Zie[^a].\n\n[^a]: zie [^b]\n\n[^b]: zie [^a]"), Harmless),
        ("B11 open braces", PAGE_FILE, "{{ ".repeat(300_000).into_bytes(), Harmless),
        ("B11 open directives", PAGE_FILE, "{{#x ".repeat(300_000).into_bytes(), Harmless),
        ("B12 wide list", "content/glossary.yaml", wide_list().into_bytes(), Harmless),
        ("B12 wide map", LAYER, wide_map().into_bytes(), Error("E101", 2)),
        ("B12 deep brackets", LAYER, "[".repeat(100_000).into_bytes(), Error("E124", 1)),
        ("B12 deep maps", LAYER, "a: ".repeat(5000).into_bytes(), Error("E124", 1)),
        ("B12 deep flow maps", LAYER, "{a: ".repeat(5000).into_bytes(), Error("E124", 1)),
        (
            "B14 anchor",
            LAYER,
            format!("name: &n {}\nchanges: [{}]\n", "x".repeat(1000), "*n,".repeat(1000)).into_bytes(),
            Error("E124", 1),
        ),
        (
            "B15 many keys",
            LAYER,
            (0..60_000).map(|number| format!("k{number}: v\n")).collect::<String>().into_bytes(),
            Error("E124", 0),
        ),
        ("B15 more than 1 MiB", LAYER, format!("name: \"{}\"\n", "x".repeat(2 << 20)).into_bytes(), Error("E124", 1)),
        ("B15 more than 8 MiB", LAYER, format!("name: \"{}\"\n", "x".repeat(9 << 20)).into_bytes(), Error("E206", 0)),
        (
            "B17 deep folders",
            "content/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/a.md",
            md("Hoi."),
            Harmless,
        ),
    ]);
}

fn wide_list() -> String {
    format!("terms: {{a: {{nl: {{term: A, text: B, also: [{}]}}}}}}\n", "c, ".repeat(49_000))
}

fn wide_map() -> String {
    let keys: String = (0..24_000).map(|number| format!("k{number}: , ")).collect();
    format!("name: X\nx: {{{keys}}}\n")
}

#[test]
fn a_huge_sparse_file_is_refused_by_its_size() {
    let project = project();
    std::fs::File::create(project.path().join(PAGE_FILE)).unwrap().set_len(1 << 30).unwrap();
    let mut wrong = String::new();
    judge("B1", &project, Error("E206", 0), &mut wrong);
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn yaml_and_front_matter() {
    let params = "params:\n  dag: {type: date}\n  vlag: {type: boolean}\n  tekst: {type: text}\n  rol: {type: person}\n  adres: {type: url}\n";
    let mut cases = vec![
        ("C4 colon in a text", LAYER, b"name: X\nchanges:\n  kanalen#toon: {append: Hoi.}\n  kanalen#planning:\n    append: Let op: bel 112\n".to_vec(), Error("E124", 5)),
        ("C4 cut by a comment", LAYER, change("Bel #112"), Error("E124", 3)),
        ("C5 top level", LAYER, b"name: X\nchangs: {}\n".to_vec(), Error("E101", 2)),
        ("C5 four levels down", LAYER, b"name: X\nchanges:\n  kanalen#toon:\n    replace: Hoi.\n    accepted: {nl: v1-000000000000}\n    linsk: text\n".to_vec(), Error("E101", 6)),
        ("C6 list for a text", LAYER, b"name: X\nchanges:\n  kanalen#toon: {append: [a]}\n".to_vec(), Error("E124", 3)),
        ("C6 text for a map", LAYER, b"name: X\nchanges: Hoi\n".to_vec(), Error("E124", 2)),
        ("C7 python tag", LAYER, b"name: !!python/object/apply:os.system [\"touch x\"]\n".to_vec(), Error("E124", 1)),
        ("C7 include", LAYER, b"name: !include ../x.yml\n".to_vec(), Error("E124", 1)),
        ("C7 binary", LAYER, b"name: !!binary aGk=\n".to_vec(), Error("E124", 1)),
        ("C8 two documents", LAYER, b"name: X\n---\nname: Y\n".to_vec(), Error("E124", 2)),
        ("C9 tab", LAYER, b"name: X\nchanges:\n\tkanalen#toon: Hoi.\n".to_vec(), Error("E124", 3)),
        ("C10 alias", LAYER, b"name: X\nextends: *x\n".to_vec(), Error("E124", 2)),
        ("C10 merge key", LAYER, b"name: X\nchanges:\n  <<: {kanalen#toon: Hoi.}\n".to_vec(), Error("E124", 3)),
        ("C11 empty layer", LAYER, Vec::new(), Error("E115", 1)),
        ("C11 comments only", LAYER, b"# niets\n".to_vec(), Error("E115", 1)),
        ("C11 null", LAYER, b"null\n".to_vec(), Error("E124", 1)),
        ("C11 list", LAYER, b"[]\n".to_vec(), Error("E124", 1)),
        ("C11 number", LAYER, b"42\n".to_vec(), Error("E124", 1)),
        ("C11 empty handbook.yaml", HANDBOOK, Vec::new(), Harmless),
        ("C11 empty glossary.yaml", "content/glossary.yaml", b"# niets\n".to_vec(), Harmless),
        ("C12 no space", LAYER, b"name:X\n".to_vec(), Error("E124", 1)),
        ("C12 a space before", LAYER, b"name : X\n".to_vec(), Harmless),
        ("C14 other front matter", PAGE_FILE, b"---js\nmodule.exports={}\n---\n".to_vec(), Error("E205", 1)),
        ("C14 TOML", PAGE_FILE, b"---toml\ntitle = 'x'\n---\n".to_vec(), Error("E205", 1)),
        ("C19 large front matter", PAGE_FILE, format!("---\ntitle: {}\n---\n", "x".repeat(5 << 20)).into_bytes(), Error("E205", 2)),
        ("conflict marks", LAYER, b"name: X\n<<<<<<< HEAD\nextends: y\n=======\n>>>>>>> other\n".to_vec(), Error("E124", 0)),
    ];
    for value in ["yes", "on", "True", "1"] {
        cases.push((
            "C13 front matter",
            PAGE_FILE,
            format!("---\ndraft: {value}\n---\n# A\n").into_bytes(),
            Error("E205", 2),
        ));
    }
    each(&cases);
    let mut wrong = String::new();
    for (value, expected) in [
        ("vlag: yes", Error("E113", 3)),
        ("vlag: on", Error("E113", 3)),
        ("vlag: True", Error("E113", 3)),
        ("vlag: 1", Error("E113", 3)),
        ("vlag: true", Harmless),
        ("dag: 2026-02-30", Error("E113", 3)),
        ("dag: 01-02-2026", Error("E113", 3)),
        ("dag: 2026-02-28", Harmless),
        ("tekst: [a]", Error("E113", 3)),
        ("rol: {role: 'Bel #112', kind: employee}", Harmless),
        ("rol:\n    role: Bel #112\n    kind: employee", Error("E124", 4)),
        ("weken: 18", Error("E114", 3)),
        ("tekst: \"a\\nb\"", SomeError),
        ("adres: \"\\u3000\\u3000tel:1\"", Error("E113", 3)),
        ("adres: \"m\\u3000ailto:x@y.nl\"", Error("E113", 3)),
        ("adres: \"tel:112\"", Harmless),
    ] {
        let project = project().file(HANDBOOK, params).file(LAYER, format!("name: X\nparams:\n  {value}\n"));
        judge(value, &project, expected, &mut wrong);
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn text_stays_what_was_typed() {
    for typed in ["no", "012", "22:30", "1.10", "1e3", "~x", "Acme](javascript:alert(1)) <b>{{ x }}", "'t Huis & Co"] {
        let quoted = typed.replace('\'', "''");
        let project = project()
            .file(HANDBOOK, "params:\n  tekst: {type: text}\n")
            .file("content/b.md", "# B\n\nHet is {{tekst}} bij {{organisation}}.\n")
            .file(LAYER, format!("name: '{quoted}'\nparams:\n  tekst: '{quoted}'\n"));
        project.build().done();
        // But for an apostrophe, which is set as in the text around it.
        let escaped = typed.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\'', "’");
        let page = project.page("x/b.html");
        assert!(page.contains(&format!("Het is {escaped} bij {escaped}.")), "{typed}: {page}");
    }
    let project = project()
        .file(HANDBOOK, "params:\n  tekst: {type: text}\n")
        .file("content/b.md", "# B\n\nHet is {{tekst}}.\n")
        .file(LAYER, "name: X\nparams:\n  tekst: 1.10\n");
    project.build().done();
    assert!(project.page("x/b.html").contains("Het is 1.10."));
}

#[test]
fn block_and_flow_style_are_the_same() {
    let with = |layer: &str| {
        let project = project().file(LAYER, layer);
        project.build().done();
        let mut site = project.site();
        site.remove("manifest.json");
        site.retain(|path, _| !path.ends_with("provenance.json"));
        site
    };
    let block = with(
        "name: X\nchanges:\n  kanalen#toon:\n    append: Hoi.\n    reason: Omdat.\n  kanalen:\n    title: Onze kanalen\n",
    );
    let flow = with(
        "# een opmerking\nchanges: {kanalen: {title: Onze kanalen}, kanalen#toon: {reason: Omdat., append: Hoi.}}\nname: X\n",
    );
    assert_eq!(block, flow);
    let plain = with("name: X\nchanges:\n  kanalen#toon: {append: \"Een.\\n\\nTwee.\"}\n");
    for style in ["|", "|-", "|+", "|2"] {
        let text = format!("name: X\nchanges:\n  kanalen#toon:\n    append: {style}\n      Een.\n\n      Twee.\n\n\n");
        assert_eq!(plain, with(&text), "{style}");
    }
}

#[test]
fn meaning_of_overrides() {
    let mut wrong = String::new();
    type Case = (&'static str, &'static [(&'static str, &'static str)], Expected);
    let cases: &[Case] = &[
        ("D4", &[(LAYER, "name: X\nchanges:\n  kanalen#toon: A.\n  kanalen#toon: B.\n")], Error("E124", 4)),
        ("D5", &[(PAGE_FILE, "# A\n\n## B {#b}\n\n## C {#b}\n")], Error("E109", 5)),
        (
            "D6",
            &[(LAYER, "name: X\nchanges:\n  kanalen: {remove: true}\n  kanalen#toon: {append: A.}\n")],
            Error("E107", 0),
        ),
        (
            "D6 both",
            &[
                (PAGE_FILE, "# A\n\n## B {#b}\n\nb\n\n### C {#c}\n\nc\n"),
                (LAYER, "name: X\nchanges:\n  a#b: B.\n  a#c: C.\n"),
            ],
            Harmless,
        ),
        (
            "D8",
            &[
                ("content/b.md", "# B\n\n[a](kanalen.md)\n"),
                ("content/c.md", "# C\n\n[a](kanalen.md#toon)\n"),
                (LAYER, "name: X\nchanges:\n  kanalen: {remove: true}\n"),
            ],
            Error("E112", 3),
        ),
        (
            "D8 links",
            &[
                ("content/b.md", "# B\n\n[a](kanalen.md)\n"),
                (LAYER, "name: X\nchanges:\n  kanalen: {remove: true, links: b}\n"),
            ],
            Harmless,
        ),
        (
            "D8 text",
            &[
                ("content/b.md", "# B\n\n[a](kanalen.md)\n"),
                (LAYER, "name: X\nchanges:\n  kanalen: {remove: true, links: text}\n"),
            ],
            Harmless,
        ),
        (
            "D9",
            &[(PAGE_FILE, "# A\n\n## B {#b .locked}\n\nb\n"), (LAYER, "name: X\nchanges:\n  a#b: {append: B.}\n")],
            Error("E105", 3),
        ),
        (
            "D9 below a page",
            &[
                ("content/map/index.md", "---\nlock: locked\n---\n# Map\n"),
                ("content/map/b.md", "# B\n"),
                (LAYER, "name: X\nchanges:\n  map/b: {append: B.}\n"),
            ],
            Error("E105", 3),
        ),
        (
            "D12",
            &[(HANDBOOK, "params:\n  supervisor: {type: person}\n"), (PAGE_FILE, "# A\n\n{{superviser.role}}\n")],
            Error("E117", 3),
        ),
        (
            "D13",
            &[(LAYER, "name: X\nextends: y\n"), ("content/organisations/y.yaml", "name: Y\nextends: x\n")],
            Error("E110", 2),
        ),
        (
            "D17",
            &[(
                LAYER,
                "name: X\ninsert:\n  kanalen#a: {after: toon, title: A, text: A.}\n  kanalen#b: {after: toon, title: B, text: B.}\n",
            )],
            Error("E107", 4),
        ),
        (
            "D17 round",
            &[(
                LAYER,
                "name: X\ninsert:\n  kanalen#a: {after: b, title: A, text: A.}\n  kanalen#b: {after: a, title: B, text: B.}\n",
            )],
            Error("E111", 3),
        ),
        (
            "D18 heading",
            &[(LAYER, "name: X\nchanges:\n  kanalen#toon: |\n    Tekst.\n\n    Kop\n    ---\n")],
            Error("E106", 6),
        ),
        (
            "D18 HTML",
            &[(LAYER, "name: X\nchanges:\n  kanalen#toon: |\n    Tekst.\n\n    <div>x</div>\n")],
            Error("E119", 6),
        ),
        ("D14 page", &[("content/print.md", "# Print\n"), ("content/register.md", "# Register\n")], Harmless),
        ("D14 manifest", &[("content/manifest.json", "{}")], Error("E204", 0)),
        ("D14 headers", &[("content/_headers", "x")], Error("E204", 0)),
        ("D14 nl", &[("content/organisations/nl.yaml", "name: X\n")], Error("E109", 0)),
        ("D14 base", &[("content/organisations/base.yaml", "name: X\n")], Error("E109", 0)),
        ("D14 assets", &[("content/organisations/assets.yaml", "name: X\n")], Error("E109", 0)),
        ("D14 accepted", &[("content/organisations/accepted.yaml", "name: X\n")], Error("E109", 0)),
        (
            "D15 logo",
            &[("content/organisations/b/logo.svg", "<svg/>"), (LAYER, "name: X\ntheme: {logo: ../b/logo.svg}\n")],
            Error("E118", 2),
        ),
        (
            "D15 image",
            &[
                ("content/organisations/b/x.png", "x"),
                (LAYER, "name: X\nchanges:\n  kanalen#toon: '![Foto](../b/x.png)'\n"),
            ],
            Error("E118", 3),
        ),
        (
            "D15 file",
            &[
                ("content/organisations/b/x.md", "# X\n"),
                (LAYER, "name: X\ninsert:\n  p: {after: kanalen, file: ../b/x.md}\n"),
            ],
            Error("E118", 3),
        ),
    ];
    for (name, files, expected) in cases {
        let mut project = project();
        for (path, text) in *files {
            project = project.file(path, text);
        }
        let findings = judge(name, &project, *expected, &mut wrong);
        if *name == "D8"
            && !findings.iter().any(|finding| {
                finding.message.contains("content/b.md:3:1") && finding.message.contains("content/c.md:3:1")
            })
        {
            let _ = writeln!(wrong, "D8 does not list both places: {findings:?}");
        }
    }
    let run = project().run(&["build", "--organisation", "niemand"]);
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn files_and_names() {
    let mut wrong = String::new();
    let collisions: &[(&str, &[&str])] = &[
        ("E3", &["content/a b.md", "content/a-b.md"]),
        ("E4 folder", &["content/x.md", "content/x/index.md"]),
        ("E4 readme", &["content/index.md", "content/README.md"]),
        ("E5 case", &["content/Map.md", "content/map.md"]),
        ("NFC", &["content/cafe\u{301}.md", "content/caf\u{e9}.md"]),
    ];
    for (name, paths) in collisions {
        let mut project = project();
        for path in *paths {
            project = project.file(path, "# A\n\nHoi.\n");
        }
        let findings = judge(name, &project, Error("E204", 0), &mut wrong);
        let names_both = findings.iter().filter(|finding| finding.code == "E204").any(|finding| {
            let said = format!("{} {}", finding.path.clone().unwrap_or_default(), finding.message);
            paths.iter().all(|path| said.contains(path))
        });
        if !names_both {
            let _ = writeln!(wrong, "{name}: both sources are to be named: {findings:?}");
        }
    }
    for name in ["con.md", "aux/x.md", "nul.md", "com1.md", "x .md", "x..md", "a:b.md", "a?b.md", "a*b.md"] {
        let project = project().file(&format!("content/{name}"), "# A\n\nHoi.\n");
        let findings = judge(name, &project, Harmless, &mut wrong);
        if !findings.iter().any(|finding| finding.path.as_deref() == Some(&format!("content/{name}"))) {
            let _ = writeln!(wrong, "E6 {name}: no note that it is not portable");
        }
    }
    for name in [
        "\u{1b}]0;p\u{7}.md",
        "'\"><img src=x onerror=alert(1)>.md",
        "a\nb.md",
        "%2e%2e%2fx.md",
        "#x.md",
        "-o.md",
        "\u{202e}x.md",
    ] {
        let name = name.replace('/', "");
        let project = project().file(&format!("content/{name}"), "# A\n\nHoi.\n");
        judge(&format!("E7 {name:?}"), &project, Either, &mut wrong);
        for (path, bytes) in project.site() {
            let text = String::from_utf8_lossy(&bytes);
            if path.ends_with(".html") && text.contains("<img src=x") {
                let _ = writeln!(wrong, "E7 {name:?}: markup in {path}");
            }
        }
    }
    use std::os::unix::ffi::OsStrExt;
    let bad = project();
    std::fs::write(bad.path().join("content").join(std::ffi::OsStr::from_bytes(b"\xff\xfe.md")), "# A\n").unwrap();
    judge("E8", &bad, Error("E206", 0), &mut wrong);
    for (name, target) in
        [("loop.md", "loop.md"), ("weg.md", "nergens"), ("proc.md", "/proc/self/environ"), ("map", "/etc")]
    {
        let project = project();
        symlink(target, project.path().join("content").join(name)).unwrap();
        judge(&format!("E11 {name}"), &project, Error("E118", 0), &mut wrong);
    }
    let fifo = project();
    let made = std::process::Command::new("mkfifo").arg(fifo.path().join("content/pijp.md")).status();
    if made.is_ok_and(|status| status.success()) {
        judge("E11 FIFO", &fifo, Error("E118", 0), &mut wrong);
    }
    let long = project().file(&format!("content/{}.md", "x".repeat(250)), "# A\n");
    judge("E9", &long, Either, &mut wrong);
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn litter_is_no_input() {
    let mut project = project();
    for name in [".env", ".git/config", "x.md~", ".x.md.swp", "4913", ".#x.md", "x.md___jb_tmp___", ".DS_Store"] {
        project = project.file(&format!("content/{name}"), "KANARIE");
    }
    project.build().done();
    for (path, bytes) in project.site() {
        assert!(!String::from_utf8_lossy(&bytes).contains("KANARIE"), "{path}");
    }
}

#[test]
fn a_destination_that_is_an_input_is_refused() {
    for dest in ["content", "content/public", ".", "..", "/", "content/organisations", "book.toml"] {
        let project = project().file(LAYER, "name: X\n");
        let before = crate::project::tree(&project.path());
        let run = project.run(&["build", "-d", dest]);
        assert_eq!(run.code, Some(2), "-d {dest}: {run:?}");
        assert_eq!(before, crate::project::tree(&project.path()), "-d {dest}");
    }
}

#[test]
fn markup_in_a_layer() {
    let mut cases: Vec<(&str, &str, Vec<u8>, Expected)> = Vec::new();
    for html in [
        "<script>alert(1)</script>",
        "<iframe srcdoc='x'></iframe>",
        "<svg onload=alert(1)>",
        "<base href=//evil.test>",
        "<meta http-equiv=refresh content=0>",
        "<style>@import url(x)</style>",
        "<form action=x>",
        "<!--><script>alert(1)</script>-->",
        "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
        "<svg></p><style><a id=\"</style><img src=x onerror=alert(1)>\">",
        "<a href=\"javascript:alert(1)\">x</a>",
        "<b>x</b>",
        "<?php x ?>",
        "<![CDATA[x]]>",
        "<!DOCTYPE html>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](java&#9;script:alert(1))",
        "[x](&#106;avascript:alert(1))",
        "[x](data:text/html,x)",
        "[x](vbscript:x)",
        "[x](file:///etc/passwd)",
        "<javascript:alert(1)>",
        "[x](ftp://x)",
        "![x](https://evil.test/x.png)",
        "![x](//evil.test/x.png)",
        "![x](data:image/svg+xml,x)",
        "[x](mailto:a@b?bcc=c@d)",
        "[x](tel:*21*1#)",
        "[x]\n\n    [x]: javascript:alert(1)",
    ] {
        let text = format!("name: X\nchanges:\n  kanalen#toon: |\n    Hoi.\n\n    {html}\n");
        cases.push((html, LAYER, text.into_bytes(), Error("E119", 0)));
    }
    for text in [
        "![a](x.png \"t\\\" onerror=alert(1) \\\"\")",
        "```html\\\"><script>alert(1)</script>\n    x\n    ```",
        "`<script>alert(1)</script>`",
        "\\<script>alert(1)\\</script>",
        "Zie &lt;script&gt;.",
        "＜script＞alert(1)＜/script＞",
        "ﬁ",
        "</",
        "< script >",
    ] {
        let layer = format!("name: X\nchanges:\n  kanalen#toon: |\n    Hoi.\n\n    {text}\n");
        cases.push((text, LAYER, layer.into_bytes(), Either));
    }
    let mut wrong = String::new();
    for (name, path, bytes, expected) in cases {
        let project = project().file("content/organisations/x/x.png", "x").file(path, bytes);
        judge(&format!("F {name}"), &project, expected, &mut wrong);
        no_script(&project, name, &mut wrong);
    }
    for (name, layer, expected) in [
        ("F10 languages", "name: X\nlanguages: ['nl\" onmouseover=\"x']\n", SomeError),
        ("F10 colour", "name: X\ntheme: {tokens: {accent: 'red}</style><script>'}}\n", Error("E113", 2)),
        ("F10 url", "name: X\ntheme: {tokens: {accent: 'url(//evil.test/x)'}}\n", Error("E113", 2)),
        ("F10 logo", "name: X\ntheme: {logo: ../../x.svg}\n", Error("E118", 2)),
        ("F9 name", "name: '</script><script>alert(1)</script>]]><!--'\n", Harmless),
        ("F9 title", "name: X\nchanges: {kanalen: {title: '</title><script>alert(1)</script>'}}\n", Harmless),
        (
            "F9 insert title",
            "name: X\ninsert: {kanalen#n: {after: toon, title: '<img src=x onerror=alert(1)>', text: Hoi.}}\n",
            Harmless,
        ),
        (
            "F9 reason",
            "name: X\nchanges: {kanalen#toon: {append: Hoi., reason: '<script>alert(1)</script>'}}\n",
            Harmless,
        ),
        ("F15 combining", "name: 'a\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}'\n", Harmless),
    ] {
        let project = project().file(LAYER, layer);
        judge(name, &project, expected, &mut wrong);
        no_script(&project, name, &mut wrong);
    }
    for (path, text) in [
        ("x.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>"),
        ("x.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"><foreignObject/></svg>"),
        ("x.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>"),
        ("x.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"><a href=\"javascript:alert(1)\"/></svg>"),
        ("x.html", "<script>alert(1)</script>"),
        ("x.js", "alert(1)"),
    ] {
        let project = project().file(LAYER, "name: X\n").file(&format!("content/organisations/x/{path}"), text);
        judge(&format!("F11 {text}"), &project, Error("E119", 0), &mut wrong);
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// Nothing that an organisation wrote became a script, a handler or an outside image.
fn no_script(project: &Project, name: &str, wrong: &mut String) {
    for (path, bytes) in project.site() {
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        if !path.ends_with(".html") {
            continue;
        }
        for mark in [
            "<script>",
            "<img src=x",
            "src=\"https://evil",
            "href=\"javascript",
            "href=\"vbscript",
            "<iframe",
            "<base",
            "<form action=x",
        ] {
            if text.contains(mark) {
                let _ = writeln!(wrong, "{name}: `{mark}` in {path}");
            }
        }
    }
}

#[test]
fn links() {
    each(&[
        ("G1", PAGE_FILE, md("[x](weg.md)"), Error("E201", 3)),
        ("G2", PAGE_FILE, md("[x](kanalen.md#weg)"), Error("E202", 3)),
        ("G4", PAGE_FILE, md("[x](Kanalen.md)"), Error("E201", 3)),
        ("G6", PAGE_FILE, md("[x](../../kanalen.md)"), Error("E201", 3)),
        ("image", PAGE_FILE, md("![x](weg.png)"), Error("E203", 3)),
        ("raw HTML", PAGE_FILE, md("<a href=\"weg.md\">x</a>"), Error("E201", 3)),
        ("raw HTML image", PAGE_FILE, md("<img src=\"weg.png\" alt=\"x\">"), Error("E203", 3)),
        ("in a table", PAGE_FILE, md("| a |\n|---|\n| [x](weg.md) |"), Error("E201", 5)),
        ("in a note", PAGE_FILE, md("a[^n]\n\n[^n]: [x](weg.md)"), Error("E201", 5)),
        ("G9", PAGE_FILE, md("[x]\n\n[x]: kanalen.md\n[x]: weg.md"), Harmless),
    ]);
    let mut wrong = String::new();
    let project = project()
        .file("content/b.md", "# B\n\n[x](nieuw.md)\n")
        .file("content/organisations/x/n.md", "# N\n\nHoi.\n")
        .file(LAYER, "name: X\ninsert:\n  nieuw: {after: kanalen, file: n.md}\n");
    judge("G5", &project, Error("E201", 3), &mut wrong);
    let project = self::project()
        .file("content/b.md", "---\naliases: [c]\n---\n# B\n")
        .file("content/c.md", "---\naliases: [b]\n---\n# C\n");
    judge("G8", &project, Error("E204", 0), &mut wrong);
    assert!(wrong.is_empty(), "{wrong}");
}
