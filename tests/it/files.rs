//! Files, folders and SUMMARY.md: what they become, what they are called, and what is said about the rest.

use std::os::unix::fs::symlink;

use crate::project::Project;

const BOOK: &str = "[book]\nlanguage = \"nl\"\n";
const TWO: &str = "[book]\nlanguage = \"nl\"\nlanguages = [\"nl\", \"en\"]\n";

fn project(book: &str, files: &[(&str, &str)]) -> Project {
    files.iter().fold(Project::new().file("book.toml", book), |project, (path, text)| project.file(path, text))
}

fn codes(book: &str, files: &[(&str, &str)]) -> Vec<String> {
    project(book, files).codes().into_iter().map(|(code, line)| format!("{code}:{line}")).collect()
}

#[test]
fn a_start_page_that_is_a_copy_leads_where_the_page_does() {
    let text = "# A\n\n[b](b.md) ![b](b.png)\n";
    for (book, path, start) in [
        (BOOK, "content/g/a.md", "index.html"),
        (BOOK, "content/a.md", "index.html"),
        (TWO, "content/nl/g/a.md", "nl/index.html"),
    ] {
        let folder = path.rsplit_once('/').unwrap().0;
        let front = if path == "content/a.md" { "---\npath: d/e\n---\n" } else { "" };
        let project = project(book, &[(path, &format!("{front}{text}")), (&format!("{folder}/b.md"), "# B\n")]);
        project.write(&format!("{folder}/b.png"), b"x");
        project.build().done();
        let page = project.page(start);
        let here = std::path::Path::new(start).parent().unwrap().to_owned();
        for address in page.split("href=\"").skip(1).chain(page.split("src=\"").skip(1)) {
            let address = address.split(['"', '#']).next().unwrap();
            if !address.is_empty() && !address.contains(':') {
                assert!(project.out().join(&here).join(address).exists(), "{start}: {address}");
            }
        }
    }
}

#[test]
fn no_link_is_followed() {
    let outside = project("", &[("x.yaml", "name: X\n"), ("index.md", "# I\n"), ("s.css", "a{}\n")]);
    let css = format!("{BOOK}[output.html]\nadditional-css = [\"d/s.css\"]\n");
    for (book, link, target) in [
        (BOOK, "content/organisations", ""),
        (TWO, "content/en", ""),
        (BOOK, "themes", ""),
        (BOOK, "content/a.md", "index.md"),
        (&css, "d", ""),
    ] {
        let page = if book == TWO { "content/nl/index.md" } else { "content/index.md" };
        let project = project(book, &[(page, "# I\n")]);
        symlink(outside.path().join(target), project.path().join(link)).unwrap();
        let found = project.check();
        assert!(found.iter().any(|found| found.code == "E118" && found.path.as_deref() == Some(link)), "{found:?}");
    }
    let whole = project(BOOK, &[]);
    symlink(outside.path(), whole.path().join("content")).unwrap();
    assert_eq!(whole.codes(), [("E118".to_owned(), 0)]);
    for asked in ["l.md", "../d/index.md"] {
        let project = project(BOOK, &[("content/a.md", &format!("# A\n\n{{{{#include {asked}}}}}\n"))]);
        symlink(outside.path(), project.path().join("d")).unwrap();
        symlink(outside.path().join("index.md"), project.path().join("content/l.md")).unwrap();
        assert!(project.codes().contains(&("E118".to_owned(), 3)), "{asked}: {:?}", project.check());
    }
}

#[test]
fn a_page_that_is_not_built_is_not_judged() {
    let files = [("content/SUMMARY.md", "- [I](index.md)\n"), ("content/index.md", "# I\n")];
    assert!(codes(BOOK, &[&files[..], &[("content/los.md", "# Los {Foo}\n")]].concat()).is_empty());
}

#[test]
fn summaries() {
    for (summary, expected) in [
        ("---\ntitle: x\n---\n- [I](index.md)\n", "E207:1"),
        ("# Inhoud\n", "E207:0"),
        ("- [I](%C3%A9.md)\n", ""),
        ("# Inhoud\n\n# Deel {#deel}\n\n- [I](index.md)\n", ""),
    ] {
        let found =
            codes(BOOK, &[("content/SUMMARY.md", summary), ("content/index.md", "# I\n"), ("content/é.md", "# E\n")]);
        assert_eq!(found.join(" "), expected, "{summary}");
    }
    // A translation's own gives titles where the folders give the order.
    let project = project(
        TWO,
        &[
            ("content/nl/a.md", "tekst\n"),
            ("content/en/a.md", "text\n"),
            ("content/en/SUMMARY.md", "- [Named](a.md)\n"),
        ],
    );
    project.build().done();
    assert!(project.page("en/a.html").contains(">Named<") && project.page("nl/a.html").contains("<h1>A</h1>"));
}

#[test]
fn what_stands_below_a_draft_takes_its_place() {
    let project = project(
        BOOK,
        &[
            ("content/SUMMARY.md", "- [A](index.md)\n- [C](c.md)\n- [D](d.md)\n  - [B](b.md)\n"),
            ("content/index.md", "# A\n"),
            ("content/c.md", "# C\n"),
            ("content/d.md", "---\ndraft: true\n---\n# D\n"),
            ("content/b.md", "# B\n"),
        ],
    );
    project.build().done();
    assert!(project.page("index.html").contains(">B</a>"), "a page of the top level");
}

#[test]
fn a_folder_called_index_and_a_folder_without_a_page() {
    let project =
        project(BOOK, &[("content/index.md", "# I\n"), ("content/index/x.md", "# X\n"), ("content/map/y.md", "# Y\n")]);
    project.build().done();
    assert!(project.page("index.html").contains("<a href=\"map/y.html\">Map</a>"));
    assert!(project.page("index/x.html").contains("<h1 id=\"x\">X</h1>"));
}

#[test]
fn the_title_has_an_anchor_that_gives_way() {
    let project = project(
        BOOK,
        &[
            ("content/index.md", "# T {#top}\n\n[x](#top) [y](toon.md#toon)\n"),
            ("content/toon.md", "# Toon\n\n## Content\n\n## fnref-1\n\n<p id=\"dup\">x</p>\n\n## Dup\n"),
            ("content/organisations/x.yaml", "name: X\ninsert:\n  toon#toon: {last_in: toon, title: T, text: Hoi.}\n"),
        ],
    );
    project.build().done();
    assert!(project.page("index.html").contains("<h1 id=\"top\">T</h1>"));
    let page = project.page("toon.html");
    for expected in ["<h1 id=\"toon\">", "<h2 id=\"content-1\">", "<h2 id=\"fnref-1-1-1\">", "<h2 id=\"dup-1\">"] {
        assert!(page.contains(expected), "{expected}: {page}");
    }
    let print = project.page("print.html");
    assert!(print.contains("<h2 id=\"toon:toon\">") && print.contains("href=\"#index:top\""), "{print}");
    assert!(project.page("x/toon.html").contains("<h1>Toon</h1>"));
}

#[test]
fn ids_stand_once() {
    for (text, expected) in [
        ("# T {#q}\n\n## Q {#q}\n", "E109:3"),
        ("# T\n\n> ## Q {#q}\n\n## Q {#q}\n", "E109:5"),
        ("# T\n\n## Q {#content}\n", "E109:3"),
        ("# T\n\n## Q {#fn-1}\n", "E109:3"),
        ("# T\n\n## Q {#a #b}\n", "E205:3"),
        ("# T\n\n## Q {}\n", "E205:3"),
    ] {
        assert_eq!(codes(BOOK, &[("content/index.md", text)]).join(" "), expected, "{text}");
    }
    let layer = ("content/organisations/x.yaml", "name: X\nchanges:\n  index#q: Hoi.\n");
    let project = project(BOOK, &[("content/index.md", "# T\n\n> ## Q {#q}\n"), layer]);
    let found = project.check();
    assert!(found[0].code == "E104" && found[0].message.contains("inside a quote"), "{found:?}");
}

#[test]
fn the_first_definition_counts_and_the_second_is_noted() {
    let text = "# A\n\n[x], n[^1] en [^weg].\n\n[x]: b.md\n[X]: a.md\n\n[^1]: Een\n[^1]: Twee\n";
    let project = project(BOOK, &[("content/a.md", text), ("content/b.md", "# B\n")]);
    assert_eq!(project.codes(), [3, 6, 9].map(|line| ("N203".to_owned(), line)));
    project.build().done();
    let page = project.page("a.html");
    assert!(page.contains("<a href=\"b.html\">x</a>") && page.contains("<p>Een ") && !page.contains("Twee"), "{page}");
}

#[test]
fn apostrophes_and_quotes_in_dutch() {
    for (typed, shown) in [
        ("Hij zei: 'Ik kom 's middags.'", "Hij zei: ‘Ik kom ’s middags.’"),
        ("de '90's, '90er jaren en '90", "de ’90’s, ’90er jaren en ’90"),
        ("pak 'em, 'ns foto's", "pak ’em, ’ns foto’s"),
        ("'s ochtends in 't huis, 'Wat?' zei hij", "’s ochtends in ’t huis, ‘Wat?’ zei hij"),
        ("'*Hoi*' en \"'t is 'goed'\"", "‘<em>Hoi</em>’ en “’t is ‘goed’”"),
        ("de jongens' fiets, 'n", "de jongens’ fiets, ’n"),
    ] {
        let project = project(BOOK, &[("content/a.md", &format!("# A\n\n{typed}\n"))]);
        project.build().done();
        let page = project.page("a.html");
        assert!(page.contains(&format!("<p>{shown}</p>")), "{typed}: {page}");
    }
}

#[test]
fn what_stands_in_for_a_translation_finds_its_anchors() {
    let files = [
        ("content/nl/index.md", "# I\n\n## Een kop\n"),
        ("content/en/index.md", "# I\n\n## A heading\n"),
        ("content/nl/a.md", "# A\n\n[kop](index.md#een-kop)\n"),
    ];
    assert_eq!(codes(TWO, &files), ["W206:1", "E202:3"]);
}

#[test]
fn old_addresses_keep_their_form() {
    let page = "---\naliases: [map/, mapje/index.html, los]\n---\n# N\n";
    let project = project(BOOK, &[("content/index.md", "# I\n"), ("content/nieuw/index.md", page)]);
    project.build().done();
    for (path, target) in
        [("map/index.html", "../nieuw/index.html"), ("mapje/index.html", "../nieuw/"), ("los.html", "nieuw/index.html")]
    {
        assert!(project.page(path).contains(&format!("url={target}")), "{path}");
    }
    project.run(&["rename", "nieuw", "weer"]).done();
    project.build().done();
    assert!(project.page("nieuw/index.html").contains("url=../weer/index.html"));
    let cased = self::project(BOOK, &[("content/index.md", "# I\n"), ("content/Kop.md", "# K\n")]);
    cased.run(&["rename", "Kop", "kop"]).done();
    cased.build().done();
    assert!(
        codes(BOOK, &[("content/a.md", "---\naliases: [\"https://x.org\"]\n---\n# A\n")]).contains(&"E205:2".into())
    );
}

#[test]
fn names_with_signs_of_addresses() {
    let page = "# I\n\n[a](a%23b.txt) [c](c%25d.txt) [é](e%CC%81.md)\n";
    let files =
        [("content/index.md", page), ("content/a#b.txt", "x"), ("content/c%d.txt", "x"), ("content/é.md", "# E\n")];
    let project = project(BOOK, &files);
    project.build().done();
    let page = project.page("index.html");
    assert!(page.contains("href=\"a%23b.txt\"") && page.contains("href=\"c%25d.txt\""), "{page}");
}

#[test]
fn what_is_not_read_is_noted() {
    for (book, files) in [
        (TWO, &[("content/nl/a.md", "# A\n"), ("content/en/a.md", "# A\n"), ("content/de/a.md", "# A\n")][..]),
        (TWO, &[("content/nl/a.md", "# A\n"), ("content/en/a.md", "# A\n"), ("content/los.png", "x")]),
        (BOOK, &[("content/a.md", "# A\n"), ("content/organisations/p.md", "# P\n")]),
        (BOOK, &[("content/a.md", "# A\n"), ("content/nl/b.md", "# B\n")]),
        (BOOK, &[("content/a.md", "# A\n"), ("content/CON.png", "x")]),
        (BOOK, &[("content/a.md", "# A\n\n> [!DANGER]\n> Pas op.\n")]),
        (BOOK, &[("content/a.md", "# A\n\n{{#playground a.rs}}\n")]),
    ] {
        let found = codes(book, files);
        assert!(matches!(&found[..], [one] if one.starts_with("N203")), "{files:?}: {found:?}");
    }
    let spaced = project(BOOK, &[("content/a.md", "# A\n\n>[!NOTE]\n>Pas op.\n\n>[!TIP]\n\n---\n")]);
    spaced.build().done();
    assert!(spaced.page("a.html").contains("alert-note") && spaced.page("a.html").contains("alert-tip"));
}

#[test]
fn a_folder_of_another_tool_builds() {
    for text in ["---\n\n# A\n\ntekst\n", "---\n\n# A\n\ntekst\n\n---\n\nmeer\n"] {
        let found = project(BOOK, &[("content/a.md", text)]).check();
        assert!(found.iter().all(|finding| finding.severity == "note"), "{text}: {found:?}");
    }
}

#[test]
fn addresses_that_name_nothing() {
    for (link, code) in [
        ("[a](C:/x.md)", "E201"),
        ("[a](///weg.md)", "E201"),
        ("[a](.)", "E201"),
        ("![a]()", "E203"),
        ("![a](.)", "E203"),
    ] {
        assert_eq!(codes(BOOK, &[("content/a.md", &format!("# A\n\n{link}\n"))]), [format!("{code}:3")], "{link}");
    }
    assert_eq!(codes("[book]\nsrc = \"boek\"\n", &[("boek", "x")]), ["E208:2"]);
}
