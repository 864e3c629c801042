//! mdBook's includes: what they give, what they refuse, and that a page follows what it includes.

use crate::project::Project;

fn project(page: &str) -> Project {
    Project::new()
        .file("book.toml", "[book]\nlanguage = \"nl\"\n")
        .file("content/a.md", page)
        .file("snip/b.md", "Eén.\nTwee.\n{{#include c.rs:kern}}\nVier.\n")
        .file("snip/c.rs", "fn uit() {}\n// ANCHOR: kern\nfn kern() {}\n// ANCHOR_END: kern\nfn weg() {}\n")
}

#[test]
fn an_include_stands_where_it_is_asked_for() {
    for (asked, expected, missing) in [
        ("{{#include ../snip/b.md}}", &["Eén.\nTwee.\nfn kern() {}\nVier."][..], "weg"),
        ("{{#include ../snip/b.md:2}}", &["<p>Twee.</p>"], "Vier"),
        ("{{#include ../snip/b.md::2}}", &["<p>Eén.\nTwee.</p>"], "Vier"),
        ("{{#include ../snip/b.md:2:}}", &["<p>Twee.\nfn kern() {}\nVier.</p>"], "Eén"),
        ("```rust\n{{#rustdoc_include ../snip/c.rs:kern}}\n```", &["fn kern() {}\n</code>"], "uit"),
        (
            "`\\{{#include weg.md}}` en \\{{#include weg.md}}",
            &["<code>{{#include weg.md}}</code> en {{#include weg.md}}"],
            "\\",
        ),
    ] {
        for handbook in ["", "params: {weeks: {type: integer, default: 2}}\n"] {
            let project = project(&format!("# A\n\n{asked}\n")).file("content/handbook.yaml", handbook);
            project.build().done();
            let page = project.page("a.html");
            let main = page.split("<main").nth(1).unwrap().split("</main>").next().unwrap();
            for words in expected {
                assert!(main.contains(words), "{asked}: {main}");
            }
            assert!(!main.contains(missing), "{asked}: {main}");
        }
    }
    let titled = project("{{#title Kort}}\n# Een lange kop\n\nHoi.\n");
    titled.build().done();
    assert!(titled.page("a.html").contains("<title>Kort"));
}

#[test]
fn what_cannot_be_included_is_an_error() {
    for (asked, code) in [
        ("{{#include weg.md}}", "E210"),
        ("{{#include ../snip/c.rs:nergens}}", "E210"),
        ("{{#include ../../buiten.md}}", "E118"),
        ("{{#include /etc/hostname}}", "E118"),
        ("{{#includ ../snip/b.md}}", "E210"),
        ("{{#include a.md}}", "E210"),
        ("{{#include ../snip/bom.md}}", "E210"),
    ] {
        let bomb = "{{#include bom.md}}\n".repeat(9);
        let found = project(&format!("# A\n\n{asked}\n")).file("snip/bom.md", bomb).codes();
        assert!(found.iter().any(|(found, line)| found == code && *line > 0), "{asked}: {found:?}");
        assert!(found.len() < 5, "{asked}: {found:?}");
    }
}

#[test]
fn a_finding_points_into_the_included_file() {
    let project = project("# A\n\n{{#include ../snip/b.md}}\n").file("snip/b.md", "Hoi.\n\n[weg](weg.md)\n");
    let found = project.check();
    assert_eq!((found[0].code.as_str(), found[0].path.as_deref(), found[0].line), ("E201", Some("snip/b.md"), Some(3)));
}

#[test]
fn what_stands_beside_an_include_keeps_its_place() {
    let page = "# A\n\nZie [a](weg.md) en {{#include ../snip/d.md}} en [b](weg.md).\n\n{{#title X}} [c](weg.md) {{#include ../snip/d.md}}[d](weg.md)\n\\{{#include x}} [e](weg.md)\n";
    for handbook in ["", "params: {weeks: {type: integer, default: 2}}\n"] {
        let project = project(page).file("snip/d.md", "é [f](weg.md)\n").file("content/handbook.yaml", handbook);
        let mut found: Vec<(String, u64, u64)> = project
            .check()
            .into_iter()
            .map(|finding| (finding.path.unwrap_or_default(), finding.line.unwrap_or(0), finding.column.unwrap_or(0)))
            .collect();
        found.dedup();
        let page =
            [(3, 5), (3, 49), (5, 14), (5, 51), (6, 17)].map(|(line, column)| ("content/a.md".into(), line, column));
        assert_eq!(found, [&page[..], &[("snip/d.md".into(), 1, 3)]].concat(), "{handbook}");
    }
}
