//! What a build leaves on disk, and what it says: editions that are carried over, paths that clash, files of
//! themes, the start page, exit codes.

use std::process::{Command, Stdio};

use crate::project::Project;

const PAGE: &str = "# Kanalen\n\nTekst.\n\n## Toon {#toon}\n\nWij zeggen je.\n";

/// One language, two organisations.
fn project() -> Project {
    Project::new()
        .file(
            "book.toml",
            "[book]\ntitle = \"Boek\"\nlanguage = \"nl\"\n[output.html]\nsite-url = \"https://e.org/b/\"\n",
        )
        .file("content/index.md", "# Welkom\n\nTekst.\n")
        .file("content/kanalen.md", PAGE)
        .file("content/organisations/x.yaml", "name: Ix\nchanges: {kanalen#toon: {append: Hoi.}}\n")
        .file("content/organisations/y.yaml", "name: Ypsilon\nchanges: {kanalen#toon: {append: Dag.}}\n")
}

#[test]
fn a_carried_edition_stays_in_all_that_is_shared() {
    let broken: [(&str, &str, &[&str]); 4] = [
        ("an unknown section", "name: Ypsilon\nchanges: {kanalen#weg: {append: Dag.}}\n", &[]),
        ("an unknown key", "name: Ypsilon\nchange: {}\n", &[]),
        ("no YAML", "name: [\n", &[]),
        // W204: only with --strict.
        (
            "a warning",
            "name: Ypsilon\nchanges: {kanalen#toon: {append: Dag., accepted: v1-000000000000}}\n",
            &["--strict"],
        ),
    ];
    for (what, layer, arguments) in broken {
        let project =
            project().file("content/oud.pdf", "pdf").file("content/kanalen.md", format!("{PAGE}[oud](oud.pdf)\n"));
        project.build().done();
        let before = project.site();
        project.write("content/organisations/y.yaml", layer.as_bytes());
        project.write("content/index.md", b"# Welkom\n\nAnders.\n");
        project.write("content/kanalen.md", PAGE.as_bytes());
        project.remove("content/oud.pdf");
        let run = project.build_with(&[&["--keep-going"], arguments].concat());
        assert_eq!(run.code, Some(1), "{what}: {run:?}");
        assert!(run.stderr.contains("edition `y`: carried over from the earlier build"), "{what}: {run:?}");
        let site = project.site();
        for (path, bytes) in before.iter().filter(|(path, _)| path.starts_with("y/") || *path == "oud.pdf") {
            assert_eq!(site.get(path), Some(bytes), "{what}: {path}");
        }
        assert!(project.page("index.html").contains("Anders."), "{what}");
        for shared in ["index.html", "coverage.json", "coverage.html", "sitemap.xml"] {
            assert!(project.page(shared).contains("y/") || project.page(shared).contains("\"y\""), "{what}: {shared}");
        }
    }
}

#[test]
fn an_edition_that_is_not_there_whole_is_left_out_everywhere() {
    let project = project();
    project.build().done();
    std::fs::write(project.out().join("y/kanalen.html"), "damaged").unwrap();
    project.write("content/organisations/y.yaml", b"name: Ypsilon\nchange: {}\n");
    let run = project.build_with(&["--keep-going"]);
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(run.stderr.contains("edition `y`: left out"), "{run:?}");
    assert!(project.site().keys().all(|path| !path.starts_with("y/")));
    assert!(!project.page("index.html").contains("Ypsilon"));
    assert!(project.page("index.html").contains("Ix"));
}

#[test]
fn a_wrong_organisation_alone_writes_nothing() {
    for earlier in [true, false] {
        let project = project();
        if earlier {
            project.build().done();
        }
        let before = project.site();
        project.write("content/organisations/y.yaml", b"name: Ypsilon\nchange: {}\n");
        let run = project.build_with(&["--keep-going", "--organisation", "y"]);
        assert_eq!(run.code, Some(1), "{run:?}");
        assert!(run.stderr.contains("nothing was written"), "{run:?}");
        assert_eq!(project.site(), before);
    }
    // An edition at the root is no edition in a folder.
    let project = project();
    project.build_with(&["--organisation", "y"]).done();
    project.write("content/organisations/y.yaml", b"name: Ypsilon\nchange: {}\n");
    let run = project.build_with(&["--keep-going"]);
    assert!(run.stderr.contains("edition `y`: left out"), "{run:?}");
    assert!(!project.page("index.html").contains("Ypsilon"));
}

#[test]
fn the_start_page_of_one_language_lists_the_organisations() {
    let project = project();
    project.build().done();
    let start = project.page("index.html");
    assert!(start.contains("<a class=\"to\" href=\"x/index.html\">Ix</a>"), "{start}");
    assert!(!project.page("x/index.html").contains("Ypsilon"));
    assert!(!project.page("kanalen.html").contains("Ypsilon"));
    // Without a page `index`, its copy has the list and the first page has not.
    project.remove("content/index.md");
    project.build().done();
    assert!(project.page("index.html").contains("Ypsilon"));
    assert!(!project.page("kanalen.html").contains("Ypsilon"));
    project.write("book.toml", b"[book]\nlanguage = \"nl\"\n[organisations]\ndirectory = false\n");
    project.build().done();
    assert!(!project.page("index.html").contains("Ypsilon"));
}

#[test]
fn no_two_outputs_have_one_path() {
    let files = [
        "search.js",
        "search-1.js",
        "print.html",
        "register.html",
        "404.html",
        "manifest.json",
        "x/provenance.json",
        "x/index.html",
        "x/eigen.html",
        "x/foo.txt",
        "Manifest.json",
        "SEARCH.JS",
        "kanalen.html/x.txt",
        "index.html/x.txt",
        "search.js/q.txt",
        "manifest.json/x.txt",
        "robots.txt",
        "Kanalen.html",
        "x",
        "coverage.csv",
    ];
    for file in files {
        let project = project().file(&format!("content/{file}"), "<p>Eigen</p>\n");
        assert!(project.codes().iter().any(|(code, _)| code == "E204"), "{file}: {:?}", project.check());
    }
    for alias in ["404", "print", "x/index", "x/a", "kanalen/index.html/b", "register"] {
        let project = project().file("content/a.md", format!("---\naliases: [{alias}]\n---\n# A\n\nTekst.\n"));
        assert_eq!(project.codes().iter().any(|(code, _)| code == "E204"), alias != "kanalen/index.html/b", "{alias}");
    }
    // A theme's own file under its published name.
    let project = project();
    project.build().done();
    let theme = project.site().keys().find(|path| path.starts_with("assets/theme.")).unwrap().clone();
    assert_eq!(project.file(&format!("content/{theme}"), "x").codes(), [("E204".to_owned(), 1)]);
}

#[test]
fn the_text_of_404_is_no_page() {
    let summary = ("content/SUMMARY.md", "# Inhoud\n\n- [Welkom](index.md)\n- [Kanalen](kanalen.md)\n");
    for files in [&[summary][..], &[]] {
        let project = files.iter().fold(project(), |project, (path, text)| project.file(path, text));
        let project = project.file("content/404.md", "# Kwijt\n\nKijk bij [kanalen](kanalen.md).\n");
        assert_eq!(project.codes(), []);
        project.build().done();
        let page = project.page("404.html");
        assert!(page.contains("Kwijt") && page.contains("href=\"/b/kanalen.html\""), "{page}");
        for other in ["index.html", "kanalen.html", "register.html", "sitemap.xml", "x/kanalen.html"] {
            assert!(!project.page(other).contains("404") && !project.page(other).contains("Kwijt"), "{other}");
        }
    }
    let project = Project::new()
        .file("book.toml", "[book]\nlanguage = \"nl\"\nlanguages = [\"nl\", \"en\"]\n")
        .file("content/nl/a.md", "# A\n\nTekst.\n")
        .file("content/en/a.md", "# A\n\nText.\n")
        .file("content/nl/404.md", "# Kwijt\n\nTekst.\n");
    assert_eq!(project.codes(), []);
    project.build().done();
    assert!(project.page("404.html").contains("Kwijt"));
    assert!(!project.out().join("nl/404.html").exists());
}

#[test]
fn a_theme_brings_its_fonts_and_asks_for_them_by_their_new_names() {
    let css = "@import \"more.css\";\n@font-face{src:url('fonts/a.woff2?x#y')}\n/* url(no.png) */\n.a{background:url(data:image/png;base64,AA==)}\n";
    let project = project()
        .file(
            "book.toml",
            "[book]\nlanguage = \"nl\"\n[output.html]\ntheme = \"mijn\"\nadditional-css = [\"leidraad.css\"]\n",
        )
        .file("leidraad.css", "b{}\n")
        .file("themes/mijn/theme.toml", "extends = \"leidraad\"\n")
        .file("themes/mijn/static/extra.css", css)
        .file("themes/mijn/static/more.css", ".b{background:url(fonts/b.png)}\n")
        .file("themes/mijn/static/fonts/a.woff2", "font")
        .file("themes/mijn/static/fonts/b.png", "image");
    project.build().done();
    let site = project.site();
    let find = |start: &str| site.iter().find(|(path, _)| path.starts_with(start)).unwrap_or_else(|| panic!("{start}"));
    let text = |start: &str| String::from_utf8(find(start).1.clone()).unwrap();
    let name = |start: &str| find(start).0.trim_start_matches("assets/").to_owned();
    let extra = text("assets/extra.");
    assert!(extra.contains(&format!("@import \"{}\"", name("assets/more."))), "{extra}");
    assert!(
        extra.contains(&format!("url('{}?x#y')", name("assets/a."))) && extra.contains("/* url(no.png) */"),
        "{extra}"
    );
    assert!(text("assets/more.").contains(&name("assets/b.")));
    // A sheet of one's own by the name of the theme's stands beside it.
    assert_eq!(site.keys().filter(|path| path.starts_with("assets/leidraad.") && path.ends_with(".css")).count(), 2);

    project.write("themes/mijn/static/extra.css", b".a{background:url(weg.png)}\n");
    project.write("themes/mijn/templates/pagee.hbs", b"x\n");
    project.write("themes/mijn/template/page.hbs", b"x\n");
    project.write("themes/mijn/strings/nl.yml", b"x: y\n");
    project.write("themes/mijn/strings/nl.yaml", b"menuu: Kaart\n");
    let found: Vec<String> = project
        .check()
        .iter()
        .map(|finding| {
            format!(
                "{} {} {}",
                finding.code,
                finding.path.as_deref().unwrap_or_default(),
                finding.hint.as_deref().unwrap_or_default()
            )
        })
        .collect();
    let expected = [
        "E203 themes/mijn/static/extra.css a theme's files lie in its static/, those of your own sheet among the pages",
        "N203 themes/mijn/strings/nl.yaml did you mean `menu`?",
        "N203 themes/mijn/strings/nl.yml words stand in strings/<lang>.yaml",
        "N203 themes/mijn/template/page.hbs did you mean `templates/`?",
        "N203 themes/mijn/templates/pagee.hbs did you mean `page`?",
    ];
    assert_eq!(found, expected);
}

#[test]
fn a_theme_replaces_a_part_of_the_page_alone() {
    let project = project().file("themes/leidraad/templates/footer.hbs", "<footer>{{book.title}} van ons</footer>\n");
    project.build().done();
    let page = project.page("index.html");
    assert!(page.contains(" van ons</footer>") && page.contains("<header class=\"masthead\">"), "{page}");
    assert!(!page.contains("colophon"), "{page}");
    project.write("themes/leidraad/templates/foter.hbs", b"x\n");
    let hints: Vec<Option<String>> = project.check().into_iter().map(|finding| finding.hint).collect();
    assert_eq!(hints, [Some("did you mean `footer`?".to_owned())]);
    // A page of one's own leaves the parts of the shipped one, and what one's own theme has of them is noted.
    project.write("themes/leidraad/templates/foter.hbs", b"{{{slot.nav}}}");
    project.write("themes/leidraad/templates/page.hbs", b"<head>{{{slot.head}}}</head>{{{slot.content}}}{{> foter}}\n");
    // Run by the masthead, which nothing runs any more.
    project.write("themes/leidraad/templates/settings.hbs", b"x\n");
    let paths: Vec<Option<String>> = project.check().into_iter().map(|finding| finding.path).collect();
    let noted = |name: &str| Some(format!("themes/leidraad/templates/{name}.hbs"));
    assert_eq!(paths, [noted("footer"), noted("settings")]);
    // A copy of a shipped file under another name is no shipped file.
    let footer = crate::project::repository().join("themes/leidraad/templates/footer.hbs");
    project.write("themes/leidraad/templates/voet.hbs", &std::fs::read(footer).unwrap());
    assert_eq!(project.check().len(), 3);
}

#[test]
fn long_words_can_break_where_there_is_little_room_and_nowhere_else() {
    let word = "verantwoordelijkheidsverklaring";
    let text = format!(
        "# Titel {word}\n\nTekst {word}.[^1]\n\n## Sectie {word} {{#sectie}}\n\n### Kop {word}\n\n| Cel {word} | `{word}` |\n|---|---|\n| x | y |\n\n- Lijst {word}\n\n[^1]: Noot {word}.\n"
    );
    let project = project().file("content/lang.md", text);
    project.build().done();
    let (page, print) = (project.page("lang.html"), project.page("print.html"));
    let soft = "verant\u{AD}woor\u{AD}de\u{AD}lijk\u{AD}heids\u{AD}ver\u{AD}kla\u{AD}ring";
    for narrow in ["Titel", "Sectie", "Kop", "Cel"] {
        assert!(page.contains(&format!("{narrow} {soft}")), "{narrow}: {page}");
        assert!(print.contains(&format!("{narrow} {word}")), "{narrow}: {print}");
    }
    for wide in ["Tekst", "Lijst", "Noot"] {
        assert!(page.contains(&format!("{wide} {word}")), "{wide}: {page}");
    }
    assert!(page.contains(&format!("<code>{word}</code>")), "{page}");
    // The h1, the entry of the navigation; the contents; but no id, no `<title>` and nothing that is searched.
    assert_eq!(page.matches(&format!("Titel {soft}")).count(), 2, "{page}");
    assert_eq!(page.matches(&format!("Sectie {soft}")).count(), 2, "{page}");
    assert!(page.contains(&format!("<title>Titel {word}")), "{page}");
    assert!(
        project
            .site()
            .iter()
            .all(|(path, bytes)| !path.contains("search") || !String::from_utf8_lossy(bytes).contains(soft))
    );
}

#[test]
fn slots_stand_outside_blocks_whichever_way_they_are_written() {
    let shell = "<head>{{{slot.head}}}</head>{{{slot.content}}}";
    let wrong = [
        "{{#with slot}}{{{nav}}}{{/with}}",
        "{{#each languages}}{{{../slot.nav}}}{{/each}}",
        "{{#if edition}}{{{@root.slot.nav}}}{{/if}}",
        "{{#if edition}}{{> part}}{{/if}}",
        "{{#if slot.nav}}x{{/if}}",
        "<script>x</script>",
        "<style>x</style>",
    ];
    let project = |page: &str| {
        project()
            .file("themes/leidraad/templates/page.hbs", page)
            .file("themes/leidraad/templates/part.hbs", "{{{slot.nav}}}\n")
    };
    for wrong in wrong {
        let found = project(&format!("{shell}{wrong}{{{{> part}}}}\n")).codes();
        assert!(found.iter().any(|(code, _)| code == "E209"), "{wrong}: {found:?}");
    }
    assert_eq!(
        project(&format!("{shell}{{{{> part}}}}<script src=\"{{{{asset \"theme.js\"}}}}\"></script>\n")).codes(),
        []
    );
    assert_eq!(project("{{{slot.content}}}{{> part}}\n").codes(), [("E209".to_owned(), 0)]);
}

#[test]
fn remote_images_join_the_policy_wherever_they_stand() {
    let text = "# A\n\nNoot[^1].\n\n## Kop ![k](https://kop.org/a.png) {#kop}\n\n![p](//slash.org/b.png)\n\n<picture><source srcset=\"https://set.org/1.png 1x, https://set2.org/2.png 2x\"><img src='https://raw.org/c.png' alt=''></picture>\n\n[^1]: ![n](https://noot.org/d.png)\n";
    let project = project().file("content/a.md", text);
    project.build().done();
    let page = project.page("a.html");
    for host in ["kop", "slash", "set", "set2", "raw", "noot"] {
        assert!(page.contains(&format!(" https://{host}.org")), "{host}");
    }
}

#[test]
fn only_the_languages_that_were_asked_for_are_published() {
    let project = Project::new()
        .file("book.toml", "[book]\nlanguage = \"nl\"\nlanguages = [\"nl\", \"en\"]\n")
        .file("content/nl/a.md", "# A\n\n[x](x.pdf)\n")
        .file("content/nl/x.pdf", "nl")
        .file("content/nl/y.pdf", "nl")
        .file("content/en/a.md", "# A\n\n[x](x.pdf)\n")
        .file("content/en/z.pdf", "en")
        .file("content/organisations/o.yaml", "name: O\nlanguages: [en]\n");
    let run = project.build_with(&["--lang", "nl"]).done();
    assert!(run.stderr.contains("1 language "), "{run:?}");
    assert!(project.site().keys().all(|path| !path.starts_with("en/")));
    project.build_with(&["--lang", "en"]).done();
    let files: Vec<String> = project.site().into_keys().filter(|path| path.ends_with(".pdf")).collect();
    // A translation shares the files of the default language.
    assert_eq!(files, ["en/z.pdf", "nl/x.pdf"]);
    assert_eq!(project.build_with(&["--lang", "nl", "--organisation", "o"]).code, Some(2));
}

#[test]
fn what_cannot_be_is_said_with_the_right_exit_code() {
    let project = project();
    for url in ["https://", "//e.org/", "http:///x", "e.org"] {
        assert_eq!(project.build_with(&["--site-url", url]).code, Some(2), "{url}");
    }
    for dest in ["content", "content/nl", "./content/organisations", "."] {
        let dest = project.path().join(dest);
        assert_eq!(project.run(&["build", "-d", dest.to_str().unwrap()]).code, Some(2), "{dest:?}");
        assert_eq!(project.run(&["clean", "-d", dest.to_str().unwrap()]).code, Some(2), "{dest:?}");
    }
    assert_eq!(project.run(&["build", "book.toml"]).code, Some(2));
    assert_eq!(project.run(&["verify", "nowhere"]).code, Some(2));
    assert_eq!(project.run(&["help", "build"]).code, Some(0));
    let outside =
        Project::new().file("book.toml", "[book]\n[output.html]\nadditional-css = [\"../a.css\", \"/b.css\"]\n");
    let outside = outside.file("content/a.md", "# A\n\nTekst.\n");
    assert_eq!(outside.codes(), [("E118".to_owned(), 3), ("E118".to_owned(), 3)]);
    assert_eq!(Project::new().codes(), [("E207".to_owned(), 0)]);
    for arguments in
        [&["check", "--format", "json"][..], &["check", "--format", "github"], &["build", "--format", "json"]]
    {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_leidraad"));
        project.write("content/organisations/y.yaml", b"name: Ypsilon\nchange: {}\n");
        let status = command.current_dir(project.path()).args(arguments).stdout(full).stderr(Stdio::null()).status();
        assert_eq!(status.unwrap().code(), Some(3), "{arguments:?}");
    }
}
