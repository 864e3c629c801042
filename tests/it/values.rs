//! What may vary: values, placeholders, conditions, rules, colours and terms, and what is said of them.

use crate::project::Project;

const PAGE: &str = "# Kanalen\n\nOpening.\n\n## Toon {#toon}\n\nWij zeggen je.\n";

fn project() -> Project {
    Project::new().file("book.toml", "[book]\nlanguage = \"nl\"\n").file("content/kanalen.md", PAGE)
}

fn with(files: &[(&str, &str)]) -> Project {
    files.iter().fold(project(), |project, (path, text)| project.file(path, text))
}

/// The findings for some files, each as `E113 x.yaml:3 this is empty`.
fn said(files: &[(&str, &str)]) -> Vec<String> {
    let findings = with(files).check();
    findings
        .iter()
        .map(|found| {
            let file = found.path.as_deref().unwrap_or_default().rsplit('/').next().unwrap_or_default();
            format!("{} {file}:{} {}", found.code, found.line.unwrap_or(0), found.message)
        })
        .collect()
}

const HANDBOOK: &str = "content/handbook.yaml";
const LAYER: &str = "content/organisations/x.yaml";
const GLOSSARY: &str = "content/glossary.yaml";

/// What is said of a layer, with these declarations.
fn of_layer(handbook: &str, layer: &str) -> Vec<String> {
    said(&[(HANDBOOK, handbook), (LAYER, layer)])
}

#[test]
fn the_order_of_keys_changes_no_page() {
    let params = ["  a: {type: text, default: x}\n", "  b: {type: text, default: y}\n"];
    let fields = ["  start: {type: date}\n", "  goals: {type: list, of: text}\n", "  end: {type: date}\n"];
    let rules = ["  period: {check: order, of: [start, end]}\n", "  goals: {check: count, of: goals, min: 1}\n"];
    let late = "  late: {publish: true, start: 2027-03-01, end: 2027-04-01, goals: [x]}\n";
    let early = "  soon: {publish: true, end: 2027-03-01, start: 2027-02-01, goals: [x]}\n";
    let site = |turn: fn(&[&str]) -> String| {
        let handbook = format!("params:\n{}placement:\n{}rules:\n{}", turn(&params), turn(&fields), turn(&rules));
        let layer = format!("name: X\nparams: {{a: 1, b: 2}}\nplacements:\n{}", turn(&[late, early]));
        let project = with(&[(HANDBOOK, &handbook), (LAYER, &layer)]);
        project.build().done();
        let mut site = project.site();
        site.remove("manifest.json");
        site.remove("x/provenance.json");
        (site, project.page("x/placements.html"))
    };
    let (one, page) = site(|lines| lines.concat());
    let (other, _) = site(|lines| lines.iter().rev().copied().collect());
    assert!(one == other);
    let at = |text: &str| page.find(text).unwrap_or_else(|| panic!("{text}: {page}"));
    // By day, then by name.
    assert!(at("placement-soon") < at("placement-late"));
    assert!(at("data-field=\"start\"") < at("data-field=\"end\""));
    assert!(at("data-field=\"end\"") < at("data-field=\"goals\""));
}

#[test]
fn a_default_is_a_value_to_every_rule() {
    let handbook = "placement:\n  s: {type: date, default: 2027-02-01}\n  e: {type: date}\n  g: {type: list, of: text, default: [a, b]}\n\
                    rules:\n  period: {check: order, of: [s, e]}\n  goals: {check: count, of: g, min: 3}\n";
    let found = of_layer(handbook, "name: X\nplacements:\n  p: {e: 2027-01-01}\n");
    assert_eq!(
        found,
        [
            "E125 x.yaml:3 the rule `goals` of the placement `p` is not met: `g` has 2 of at least 3",
            "E125 x.yaml:3 the rule `period` of the placement `p` is not met: `s` (2027-02-01) must be earlier than `e` (2027-01-01)",
        ]
    );
}

#[test]
fn placements_of_an_abstract_layer_are_checked() {
    let handbook = "placement:\n  s: {type: date, required: true}\n  e: {type: date}\n\
                    rules:\n  gap: {check: gap, from: s, to: e, min_days: 5}\n";
    let found = of_layer(
        handbook,
        "name: X\nabstract: true\nplacements:\n  p: {e: 2027-01-01}\n  q: {s: 2027-01-01, e: 2027-01-02}\n",
    );
    assert_eq!(
        found,
        [
            "E115 x.yaml:4 the placement `p` has no `s`",
            "E125 x.yaml:5 the rule `gap` of the placement `q` is not met: 1 day from `s` (2027-01-01) to `e` (2027-01-02), at least 5 needed",
        ]
    );
}

#[test]
fn what_is_locked_depends_on_no_condition() {
    let flag = (HANDBOOK, "params: {f: {type: boolean, default: false}}\n");
    let page = |text: &str| said(&[flag, ("content/b.md", text)]);
    let takes = "what is locked is always shown: it takes no `when` or `unless`";
    let under = "what is locked is always shown: it stands under no `when` or `unless`";
    assert_eq!(page("# B\n\n## A {#a .locked}\n\n### C {#c when=f}\n"), [format!("E205 b.md:5 {takes}")]);
    assert_eq!(page("# B\n\n## A {#a when=f}\n\n### C {#c .locked}\n"), [format!("E205 b.md:5 {under}")]);
    assert_eq!(page("---\nwhen: f\n---\n# B\n\n## A {#a .locked}\n"), [format!("E205 b.md:6 {under}")]);
    let below = said(&[
        flag,
        ("content/m/index.md", "---\nlock: locked\n---\n# M\n"),
        ("content/m/b.md", "---\nwhen: f\n---\n# B\n"),
    ]);
    assert_eq!(below, [format!("E205 b.md:2 {takes}")]);
    let layer = |address: &str| {
        said(&[
            flag,
            ("content/b.md", "# B\n\n## A {#a when=f}\n\nx\n\n### C {#c}\n\nx\n\n## D {#d}\n\nx\n"),
            (LAYER, &format!("name: X\nchanges:\n  {address}: {{lock: locked}}\n")),
        ])
    };
    for address in ["b", "b#a", "b#c"] {
        let message = "cannot be locked: what is locked is always shown, and this depends on a condition";
        assert_eq!(layer(address), [format!("E107 x.yaml:3 `{address}` {message}")]);
    }
    assert_eq!(layer("b#d"), [""; 0]);
}

#[test]
fn a_misspelt_key_of_a_rule_is_one_fault() {
    let dates = "placement: {start: {type: date}, end: {type: date}, goals: {type: list, of: text}}\n";
    let rule = |rule: &str| said(&[(HANDBOOK, &format!("{dates}rules:\n  x: {rule}\n"))]);
    assert_eq!(rule("{chek: order, of: [start, end]}"), ["E101 handbook.yaml:3 unknown key `chek`"]);
    assert_eq!(
        rule("{check: ordr, off: [start, end]}"),
        ["E113 handbook.yaml:3 `ordr` is no check", "E101 handbook.yaml:3 unknown key `off`"]
    );
    assert_eq!(rule("{check: order, of: start}"), ["E124 handbook.yaml:3 a list is expected here, and this is a text"]);
    assert_eq!(
        rule("{check: order, of: [start, start]}"),
        ["E113 handbook.yaml:3 `start` stands here twice: nothing is earlier than itself"]
    );
    assert_eq!(rule("{check: count, of: goals}"), ["E115 handbook.yaml:3 the rule `x` has no bound"]);
    assert_eq!(rule("{check: gap, from: start, to: end}"), ["E115 handbook.yaml:3 the rule `x` has no bound"]);
}

#[test]
fn a_term_that_readers_would_miss_is_reported() {
    let term = |term: &str| said(&[(GLOSSARY, &format!("terms:\n  a: {term}\n"))]);
    assert_eq!(term("{nl: {term: x, text: y}, de: {term: z, text: y}}"), [""; 0]);
    assert_eq!(term("{term: x, text: y}"), ["E101 glossary.yaml:2 unknown key `term`"]);
    assert_eq!(term("{ln: {term: x, text: y}}"), ["E101 glossary.yaml:2 unknown key `ln`"]);
    assert_eq!(term("{}"), ["N203 glossary.yaml:2 the term `a` is not there in `nl`"]);
    assert_eq!(term("{de: {term: x, text: y}}"), ["N203 glossary.yaml:2 the term `a` is not there in `nl`"]);
    assert_eq!(term("{nl: {trem: x, text: y}}"), ["E101 glossary.yaml:2 unknown key `trem`"]);
    assert_eq!(term("{nl: {term: '', text: y}}"), ["E113 glossary.yaml:2 the `term` of this term is empty"]);
    assert_eq!(
        term("{nl: {term: '@x', text: y}}"),
        ["N203 glossary.yaml:2 `@x` is never linked: it does not start with a letter or a digit"]
    );
    assert_eq!(
        term("{nl: {term: x, text: y}}\n  b: {nl: {term: X, text: y}}"),
        ["E113 glossary.yaml:3 `X` is the term of `a` too"]
    );
}

#[test]
fn what_is_empty_is_no_value() {
    let handbook = "params:\n  req: {type: text, required: true}\n  many: {type: list, of: text, required: true}\n  who: {type: person}\n  word: {type: term, forms: [one]}\n";
    let layer = |params: &str| of_layer(handbook, &format!("name: X\nparams: {{{params}}}\n"));
    assert_eq!(layer("req: '', many: [a]"), ["E113 x.yaml:2 this is empty"]);
    assert_eq!(layer("req: '  ', many: [a, '']"), ["E113 x.yaml:2 this is empty"; 2]);
    assert_eq!(layer("req: a, many: [a], word: {one: ''}"), ["E113 x.yaml:2 this is empty"]);
    assert_eq!(layer("req: a, many: [a], who: {role: ''}"), ["E113 x.yaml:2 this is empty"]);
    assert_eq!(layer("req: a, many: []"), ["E115 x.yaml:2 the required parameter `many` has no value"]);
    let counted = format!("{handbook}rules: {{some: {{check: count, of: many, min: 1}}}}\n");
    assert_eq!(
        of_layer(&counted, "name: X\nparams: {req: a, many: []}\n"),
        ["E125 x.yaml:2 the rule `some` is not met: `many` has 0 of at least 1"]
    );
}

#[test]
fn a_person_has_a_role() {
    let handbook = "params: {who: {type: person}}\n";
    assert_eq!(of_layer(handbook, "name: X\nparams: {who: {name: N}}\n"), ["E113 x.yaml:2 a person needs a `role`"]);
    assert_eq!(of_layer(handbook, "name: X\nparams: {who: {rol: N}}\n"), ["E101 x.yaml:2 unknown key `rol`"]);
}

#[test]
fn an_organisation_publishes_no_blank() {
    let handbook = (
        HANDBOOK,
        "params: {opt: {type: text}, who: {type: person}, chosen: {type: boolean}, l: {type: list, of: text}}\n",
    );
    let layer = |text: &str, layer: &str| said(&[handbook, ("content/a.md", text), (LAYER, layer)]);
    let blank = "E117 a.md:3 `opt` has no value in the edition `x`";
    assert_eq!(layer("# A\n\n{{opt}} en {{opt}}\n", "name: X\n"), [blank]);
    assert_eq!(layer("# A\n\n{{opt}}\n", "name: X\nparams: {opt: iets}\n"), [""; 0]);
    assert_eq!(layer("# A\n\n## B {#b when=opt}\n\n{{opt}}\n", "name: X\n"), [""; 0]);
    assert_eq!(layer("# A\n\n{{opt}}\n", "name: X\nabstract: true\n"), [""; 0]);
    assert_eq!(layer("# A\n\n## B {#b when=l}\n\n{{l}}\n", "name: X\nparams: {l: []}\n"), [""; 0]);
    // One fault is said once.
    assert_eq!(layer("# A\n\n{{opt}}\n", "name: X\nparams: {opt: ''}\n"), ["E113 x.yaml:2 this is empty"]);
    let who = "name: X\nparams: {who: {role: R}}\n";
    assert_eq!(layer("# A\n\n{{who.kind}} {{who}}\n", who), ["E117 a.md:3 `who.kind` has no value in the edition `x`"]);
    // The layer's own text, and a text that it took away.
    let own = "name: X\nchanges: {a: {replace: 'Hoi {{who}}.'}}\n";
    let found: Vec<String> = layer("# A\n\n{{opt}}\n", own).into_iter().filter(|line| line.starts_with('E')).collect();
    assert_eq!(found, ["E117 x.yaml:2 `who` has no value in the edition `x`"]);
    // The base has its blank.
    assert_eq!(said(&[handbook, ("content/a.md", "# A\n\n{{opt}}\n")]), [""; 0]);
}

#[test]
fn a_kind_is_a_word_of_the_readers_language() {
    let project = with(&[
        (HANDBOOK, "params: {who: {type: person}}\n"),
        ("content/a.md", "# A\n\n{{who.kind}}\n"),
        (LAYER, "name: X\nparams: {who: {role: R, kind: employee}}\n"),
    ]);
    project.build().done();
    assert!(project.page("x/a.html").contains("medewerker"));
}

#[test]
fn what_yaml_cannot_read_is_said_in_an_authors_words() {
    let hint = |files: &[(&str, &str)]| {
        let found = with(files).check();
        assert_eq!(found.len(), 1, "{files:?}: {found:#?}");
        assert_eq!(found[0].code, "E124", "{files:?}");
        found[0].hint.clone().unwrap_or_default()
    };
    for (value, quoted) in [
        ("{append: x, reason: Let op: bel 112}", "\"Let op: bel 112\""),
        ("{append: x, reason: Bel #112}", "\"Bel #112\""),
        ("{append: x, reason: Bel #112, links: text}", "\"Bel #112\""),
        ("{append: x,\n    reason: Bel #112, links: text}", "\"Bel #112\""),
        ("Let op: bel 112", "\"Let op: bel 112\""),
        ("*nadruk* hier", "\"*nadruk* hier\""),
        ("**x**", "\"**x**\""),
        ("![foto](x.png)", "\"![foto](x.png)\""),
        ("`code` hier", "\"`code` hier\""),
        ("@piet", "\"@piet\""),
        ("%x", "\"%x\""),
        ("- a", "\"- a\""),
        ("> [!NOTE]", "\"> [!NOTE]\""),
        ("[a](b.md) en", "\"[a](b.md) en\""),
        ("{append: *nadruk*}", "\"*nadruk*\""),
        ("\"a\" en b", "'\"a\" en b'"),
    ] {
        let layer = format!("name: X\nchanges:\n  kanalen#toon: {value}\n");
        let hint = hint(&[(LAYER, &layer)]);
        assert!(hint.starts_with(&format!("put quotes around it: {quoted}")), "{value}: {hint}");
    }
    let colour = "put quotes around it: \"#154273\"; or write a space after the `#` of a comment";
    assert_eq!(hint(&[(LAYER, "name: X\ntheme: {tokens: {accent: #154273}}\n")]), colour);
    assert_eq!(hint(&[(HANDBOOK, "params:\n  c: {type: color, default: #154273}\n  t: {type: text}\n")]), colour);
    let list = "name: X\nparams:\n  l: [Bel #112, x]\nchanges: {}\n";
    assert!(hint(&[(LAYER, list)]).starts_with("put quotes around it: \"Bel #112\";"));
}

#[test]
fn what_is_not_closed_or_not_in_its_column_is_shown_where_it_is() {
    for (layer, place, hint) in [
        ("name: \"X\nchanges:\n  kanalen#toon: {title: \"Iets\"} # x\n", "1:7", "close it where its text ends: \"X\""),
        ("name: X\nchanges:\n  kanalen#toon:\n    title: \"Iets\n    append: x\n", "4:12", "close it where"),
        ("name: X\nchanges:\n  kanalen#toon: {title: Iets\n  index: {append: x}\n", "3:17", "close it with `}`"),
        ("name: X\nchanges:\n  kanalen#toon:\n    title: 's Avonds\n", "4:12", "put quotes around it: \"'s Avonds\""),
        ("name: X\nchanges:\n  kanalen#toon:\n  append: |\n      x\n    lock: extend\n", "6:5", "`append` above it"),
        ("name: X\nchanges:\n  kanalen#toon:\n    title: Iets\n   append: x\n", "5:4", "`title` above it"),
        (
            "name: X\nchanges:\n  kanalen#toon:\n    append: | # x\n      a: b\n    title: \"T\n",
            "6:12",
            "close it where",
        ),
        ("name: X\nchanges:\n  kanalen#toon:\n    append: |\n    Iets\n", "5:5", "indent it further than `append`"),
    ] {
        let found = with(&[(LAYER, layer)]).check();
        assert_eq!(found.len(), 1, "{layer}: {found:#?}");
        let at = format!("{}:{}", found[0].line.unwrap_or(0), found[0].column.unwrap_or(0));
        assert_eq!((&*found[0].code, &*at), ("E124", place), "{layer}");
        let said = found[0].hint.as_deref().unwrap_or_default();
        assert!(said.starts_with(hint), "{layer}: {said}");
    }
}

#[test]
fn a_map_where_a_text_is_expected_is_no_unknown_key() {
    let append = |value: &str| said(&[(LAYER, &format!("name: X\nchanges:\n  kanalen#toon: {{append: {value}}}\n"))]);
    assert_eq!(append("{x: a}"), ["E124 x.yaml:3 a text or a text per language is expected here, and this is a map"]);
    assert_eq!(append("{ln: a}"), ["E101 x.yaml:3 unknown key `ln`"]);
}

#[test]
fn a_line_has_an_end() {
    let long = "a".repeat(1001);
    let codes = |files: &[(&str, &str)]| -> Vec<String> {
        said(files).into_iter().map(|line| line.split(' ').next().unwrap().to_owned()).collect()
    };
    assert_eq!(codes(&[("content/a.md", &format!("---\ntitle: {long}\n---\n# A\n"))]), ["E205"]);
    assert_eq!(codes(&[("content/a.md", &format!("# {long}\n"))]), ["E205"]);
    assert_eq!(codes(&[(LAYER, &format!("name: {long}\n"))]), ["E113"]);
    assert_eq!(codes(&[("content/SUMMARY.md", &format!("- [{long}](kanalen.md)\n"))]), ["E207"]);
    assert_eq!(codes(&[("content/a.md", &format!("# {}\n", &long[1..]))]), [""; 0]);
}

#[test]
fn each_colour_stands_on_its_own() {
    let handbook = "theme: {tokens: {brand: {type: color}}}\n";
    let project = with(&[
        (HANDBOOK, handbook),
        (LAYER, "name: X\ntheme: {tokens: {accent-dark: '#6b93c6', brand: '#123456'}}\n"),
    ]);
    project.build().done();
    let site = project.site();
    let css = |part: &str| {
        site.iter().any(|(path, bytes)| path.ends_with(".css") && String::from_utf8_lossy(bytes).contains(part))
    };
    assert!(css("--leidraad-brand:#123456;"));
    assert!(css("--leidraad-link-color:#6b93c6;"));
}

#[test]
fn the_nearest_colour_is_the_one_that_looks_most_like_it() {
    let hint = |color: &str| {
        let layer = format!("name: X\ntheme: {{tokens: {{accent: '{color}'}}}}\n");
        with(&[(LAYER, &layer)]).check()[0].hint.clone().unwrap()
    };
    assert!(hint("#39870c").contains("\"#368002\""), "{}", hint("#39870c"));
    assert!(hint("#999999").contains("\"#707070\""), "{}", hint("#999999"));
}

#[test]
fn a_link_to_what_a_condition_hides_is_reported_where_it_is_shown() {
    let flag = (HANDBOOK, "params: {f: {type: boolean, default: false}}\n");
    let target = ("content/b.md", "# B\n\n## A {#a when=f}\n\nx\n");
    let hidden = "E202 c.md:3 `b#a` is not shown in the base edition";
    assert_eq!(said(&[flag, target, ("content/c.md", "# C\n\n[za](b.md#a)\n")]), [hidden]);
    // Once, whatever editions there are.
    assert_eq!(said(&[flag, target, ("content/c.md", "# C\n\n[za](b.md#a)\n"), (LAYER, "name: X\n")]), [hidden]);
    assert_eq!(said(&[flag, target, ("content/c.md", "# C\n\n## D {#d when=f}\n\n[za](b.md#a)\n")]), [""; 0]);
    let page = ("content/b.md", "---\nwhen: f\n---\n# B\n");
    assert_eq!(
        said(&[flag, page, ("content/c.md", "# C\n\n[za](b.md)\n")]),
        ["E201 c.md:3 `b` is not shown in the base edition"]
    );
    assert_eq!(said(&[flag, page, ("content/c.md", "# C\n\n## D {#d when=f}\n\n[za](b.md)\n")]), [""; 0]);
    // What the base does not show of the link may be shown elsewhere.
    let opposite = ("content/c.md", "# C\n\n## D {#d unless=f}\n\n[za](b.md#e)\n");
    let other = ("content/b.md", "# B\n\n## E {#e unless=f}\n\nx\n\n## G {#g when=f}\n\n[e](#e)\n");
    assert_eq!(
        said(&[flag, other, opposite, (LAYER, "name: X\nparams: {f: true}\n")]),
        ["E202 b.md:9 `b#e` is not shown in the edition `x`"]
    );
    let own = (LAYER, "name: X\nchanges: {kanalen: {append: '[za](b.md#a)'}}\n");
    assert_eq!(said(&[flag, target, own]), ["E202 x.yaml:2 `b#a` is not shown in the edition `x`"]);
}

#[test]
fn an_inserted_page_keeps_its_own_h1() {
    let build = |title: &str| {
        let project = with(&[
            (LAYER, &format!("name: X\ninsert:\n  nieuw: {{after: kanalen, file: n.md{title}}}\n")),
            ("content/organisations/x/n.md", "---\ntitle: Naam\n---\n# Kop\n"),
        ]);
        project.build().done();
        project.page("x/nieuw.html")
    };
    let page = build("");
    assert!(page.contains(">Kop</h1>") && page.contains("<title>Naam"), "{page}");
    assert!(build(", title: Anders").contains(">Anders</h1>"));
}

#[test]
fn a_value_per_language_has_all_of_an_editions_languages() {
    let project = Project::new()
        .file("book.toml", "[book]\nlanguage = \"nl\"\nlanguages = [\"nl\", \"en\"]\n")
        .file("content/nl/a.md", "# A\n\n{{t}} {{u}}\n")
        .file("content/en/a.md", "# A\n\n{{t}} {{u}}\n")
        .file(HANDBOOK, "params:\n  t: {type: text}\n  u: {type: text, default: x, label: {nl: u}}\n")
        .file(LAYER, "name: X\nparams:\n  t: {nl: eigen}\n  u: beide\n");
    assert_eq!(project.codes(), [("N203".to_owned(), 3), ("W206".to_owned(), 3)]);
    let dutch = project.file(LAYER, "name: X\nlanguages: [nl]\nparams:\n  t: {nl: eigen}\n");
    assert_eq!(dutch.codes(), [("N203".to_owned(), 3)]);
}

#[test]
fn addresses_name_somebody() {
    let handbook = "params: {u: {type: url}, m: {type: email}}\n";
    let wrong =
        |name: &str, value: &str| of_layer(handbook, &format!("name: X\nparams: {{{name}: '{value}'}}\n")).len() == 1;
    for url in ["https:evil", "https:///", "https://?", "tel:---", "https://a b", " https://a.nl", "mailto:a"] {
        assert!(wrong("u", url), "{url}");
    }
    for url in ["https://a.nl/x?y#z", "http://localhost:3000", "tel:+31 6-12", "mailto:a@b.nl"] {
        assert!(!wrong("u", url), "{url}");
    }
    for email in ["a@b..nl", "a%0a@b.nl", "a#b@c.nl", "a@b", "a..b@c.nl", "a@-b.nl"] {
        assert!(wrong("m", email), "{email}");
    }
    assert!(!wrong("m", "jan.de-boer+stage@voorbeeld.nl"));
}

#[test]
fn declarations_say_what_they_mean() {
    let params = |params: &str| said(&[(HANDBOOK, &format!("params: {{x: {params}}}\n"))]);
    assert_eq!(params("{type: choice, options: []}"), ["E115 handbook.yaml:1 a choice needs `options:`"]);
    assert_eq!(params("{type: choice, options: [a, a]}"), ["E113 handbook.yaml:1 the option `a` stands here twice"]);
    assert_eq!(params("{type: term, forms: [a, a]}"), ["E113 handbook.yaml:1 the form `a` stands here twice"]);
    assert_eq!(params("{type: term, forms: a}"), ["E124 handbook.yaml:1 a list is expected here, and this is a text"]);
    assert_eq!(params("{type: list, of: person}"), ["E113 handbook.yaml:1 a list cannot hold items of type person"]);
    let publish = said(&[(HANDBOOK, "placement: {publish: {type: boolean}}\n")]);
    assert_eq!(publish, ["E109 handbook.yaml:1 `publish` cannot be the name of a parameter"]);
    let token = said(&[(HANDBOOK, "theme: {tokens: {'a}b': {type: color}}}\n")]);
    assert_eq!(token, ["E113 handbook.yaml:1 `a}b` cannot be the name of a token"]);
    // Nothing written is nothing declared.
    let empty = "explain:\nparams:\nplacement:\ntheme:\nrules:\n";
    let text = ("content/a.md", "# A\n\n{{x}}\n");
    let layer = "name: X\nparams:\ntheme: {tokens: , logo: }\nchanges:\ninsert:\nplacements:\n";
    assert_eq!(said(&[(HANDBOOK, empty), text, (LAYER, layer), (GLOSSARY, "terms:\n")]), [""; 0]);
    assert_eq!(said(&[(HANDBOOK, "params: {}\n"), text]), [""; 0]);
}

#[test]
fn one_fault_of_a_layer_is_said_once() {
    let handbook =
        "explain: {replace: required}\nparams:\n  word: {type: term, forms: [one, many]}\n  n: {type: integer}\n";
    let layer = |layer: &str| of_layer(handbook, layer);
    assert_eq!(layer("name: X\nparams: {word: {on: a, many: b}}\n"), ["E101 x.yaml:2 unknown key `on`"]);
    assert_eq!(layer("name: \"a\\nb\"\n"), ["E113 x.yaml:1 this must be one line"]);
    assert_eq!(layer("nmae: X\n"), ["E101 x.yaml:1 unknown key `nmae`"]);
    assert_eq!(layer("name: X\nparams: {n: 99999999999999999999}\n"), ["E113 x.yaml:2 this number is too large"]);
    let reason = |reason: &str| {
        let found = layer(&format!("name: X\nchanges:\n  kanalen#toon: {{replace: U., {reason}}}\n"));
        found.into_iter().filter(|line| !line.starts_with("N202")).collect::<Vec<_>>()
    };
    assert_eq!(reason("raeson: zo"), ["E101 x.yaml:3 unknown key `raeson`"]);
    assert_eq!(reason("reason: {nl: ''}").len(), 1);
    assert_eq!(reason("reason: ~"), ["E120 x.yaml:3 `reason` is empty, and `replace` needs one in this handbook"]);
}
