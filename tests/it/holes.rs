//! Placeholders: where they may stand, what they become there, and that none is ever published as it was typed.

use std::fmt::Write;

use crate::project::Project;

const HANDBOOK: &str = "params:\n  weeks: {type: integer, default: 20}\n  site: {type: url, default: \"https://school.nl/a?b=1&c\"}\n  mail: {type: email, default: post@school.nl}\n  opt: {type: text, default: \"a\\\"b<c\"}\n  open: {type: text, required: true, label: open}\n";
const PAGE: &str = "# Kanalen\n\n## Toon {#toon}\n\nWij zeggen je.\n";

fn project() -> Project {
    Project::new()
        .file("book.toml", "[book]\nlanguage = \"nl\"\n")
        .file("content/handbook.yaml", HANDBOOK)
        .file("content/kanalen.md", PAGE)
}

fn page(text: &str) -> Project {
    project().file("content/a.md", format!("# A\n\n{text}\n"))
}

fn layer(text: &str) -> Project {
    project().file(
        "content/organisations/x.yaml",
        format!("name: X\nparams: {{open: o}}\nchanges:\n  kanalen#toon: {{append: {text:?}}}\n"),
    )
}

/// The codes that a project gives, notes left out.
fn codes(project: &Project) -> Vec<String> {
    let found = project.check().into_iter().filter(|finding| finding.severity != "note");
    found.map(|finding| finding.code).collect()
}

/// What each project gives is one error of this code.
fn each(code: &str, projects: impl IntoIterator<Item = (String, Project)>) {
    let mut wrong = String::new();
    for (text, project) in projects {
        let found = codes(&project);
        if found != [code] {
            let _ = writeln!(wrong, "{text}: {found:?}");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// The text of a page of the base between the tags of its opening text.
fn opening(project: &Project, path: &str) -> String {
    project.build().done();
    let page = project.page(path);
    let start = page.find("data-address=\"a\"").unwrap_or_default();
    page[start..].split("</main>").next().unwrap_or_default().to_owned()
}

#[test]
fn an_address_is_not_what_a_value_makes_of_it() {
    let addresses = [
        "[a](javascript:alert(1)//{{site}})",
        "<javascript:alert(1)//{{site}}>",
        "[a][r]\n\n[r]: javascript:alert(1)//{{site}}",
        "[a](data:text/html,{{mail}})",
        "[a](ftp://x/{{mail}})",
        "[a](tel:{{mail}})",
        "[a](mailto:{{mail}}?bcc=x@y.nl)",
        "[a](mailto:{{site}})",
        "[a](kanalen.md#{{site}})",
        "[a]({{mail}}:x)",
        "[a]({{site}}{{site}})",
        "[a](//evil.test/{{mail}})",
        "[a](https://school.{{mail}}/)",
        "[a](https://school.nl{{mail}})",
        "[a](https:///{{mail}})",
        "[a]({{weeks}})",
        "[a](https://h.nl/{{weeks}})",
        "![a](//evil.test/{{mail}}.png)",
        "![a](https://h.nl/{{mail}}.png)",
        "![a]({{site}})",
        "![a](foto-{{weeks}}.png)",
        "![a]({{nee}})",
    ];
    let both = |text: &&str| [((*text).to_owned(), page(text)), (format!("layer: {text}"), layer(text))];
    each("E117", addresses.iter().flat_map(both));
}

#[test]
fn an_address_may_be_a_value_or_have_one_behind_its_host() {
    let text = "[a]({{site}}) [b]({{mail}}) [c](mailto:{{mail}}) [d](https://h.nl/?u={{site}}) [e][r] [f](<{{site}}>)\n\n[r]: {{site}} \"t {{weeks}}\"";
    let page = opening(&page(text), "a.html");
    for link in [
        "<a href=\"https://school.nl/a?b=1&amp;c\">a</a>",
        "<a href=\"mailto:post@school.nl\">b</a>",
        "<a href=\"mailto:post@school.nl\">c</a>",
        "<a href=\"https://h.nl/?u=https://school.nl/a?b=1&amp;c\">d</a>",
        "<a href=\"https://school.nl/a?b=1&amp;c\" title=\"t 20\">e</a>",
        "<a href=\"https://school.nl/a?b=1&amp;c\">f</a>",
    ] {
        assert!(page.contains(link), "{link}: {page}");
    }
}

#[test]
fn raw_html_is_filled_in_its_prose_alone() {
    let tags = [
        "<p title={{opt}}>x</p>",
        "<p {{opt}}>x</p>",
        "<p title=\"{{opt}}\">x</p>",
        "x <b onclick='{{opt}}'>x</b>",
        "<p style=\"{{opt}}\">x</p>",
        "<form action=\"{{site}}\"></form>",
        "<img alt=\"a\" src=\"{{site}}\">",
        "<a href={{site}}>x</a>",
        "<a href=\"javascript:{{site}}\">x</a>",
        "<a href=\"{{weeks}}\">x</a>",
        "<svg><a xlink:href=\"{{site}}\">x</a></svg>",
    ];
    each("E117", tags.iter().map(|text| ((*text).to_owned(), page(text))));
    let text = "<p class=\"x\">{{weeks}} {{opt}} {{open}}</p>\n\n<a href=\"{{site}}\">s</a> <a href='mailto:{{mail}}'>m</a>\n\n<code>{{weeks}}</code> <!-- {{nee}} --> en {{weeks}}\n\n<pre>\n{{nee}} <b>{{weeks}}</b>\n</pre>\n\n<!-- > {{nee}} -->\n\n<script>\n{{opt}}</script>\n\n<textarea><b>{{opt}}</textarea>";
    let page = opening(&page(text), "a.html");
    for html in [
        "<p class=\"x\">20 a&quot;b&lt;c <span class=\"blank\">[open]</span></p>",
        "<a href=\"https://school.nl/a?b=1&amp;c\">s</a> <a href='mailto:post@school.nl'>m</a>",
        "<code>{{weeks}}</code> <!-- {{nee}} --> en 20",
        "<pre>\n{{nee}} <b>{{weeks}}</b>\n</pre>",
        "<!-- > {{nee}} -->",
        "<script>\n{{opt}}</script>",
        "<textarea><b>{{opt}}</textarea>",
    ] {
        assert!(page.contains(html), "{html}: {page}");
    }
}

#[test]
fn no_escape_brings_in_what_a_source_may_not_hold() {
    let values = [
        r#"name: "a\x1b[2J""#,
        "name: \"a\\0\"",
        r#"name: "a\u202e""#,
        r#"name: "a\N""#,
        r#"name: "a\r""#,
        r#"name: "a\uFDD0\uFDE0""#,
        r#"name: "a\uFFFE""#,
    ];
    let params = "params: {open: o}\n";
    let of =
        |text: &&str| (text.to_string(), project().file("content/organisations/x.yaml", format!("{text}\n{params}")));
    each("E206", values.iter().map(of));
    let forged =
        format!("name: X\n{params}changes:\n  kanalen#toon: {{append: \"[w](kanalen.md) \\uFDD2\\uFDE0\\uFDD3\"}}\n");
    let front = "---\ndescription: \"a\\u202e\"\n---\n# A\n\nHoi.\n";
    each(
        "E206",
        [
            ("a text".to_owned(), project().file("content/organisations/x.yaml", forged)),
            ("front matter".to_owned(), project().file("content/a.md", front)),
        ],
    );
    let references =
        ["&#xFDD0;&#xFDE0;", "&#x202e;", "&#27;", "[a](https://h.nl/&#x85;)", "**a&#X7f;b**", "<b>&#x9b;</b>"];
    let whole = |text: &&str| {
        let found = codes(&page(text));
        (!found.is_empty() && found.iter().all(|code| code == "E206")).then_some(()).ok_or((text.to_string(), found))
    };
    assert_eq!(references.iter().map(whole).collect::<Result<Vec<()>, _>>(), Ok(vec![(); references.len()]));
    // In code it is no reference, and what a backslash precedes is none.
    let page = opening(&page("`&#27;` \\&#27; &#233;"), "a.html");
    assert!(page.contains("<code>&amp;#27;</code> &amp;#27; é"), "{page}");
}

#[test]
fn titles_are_filled() {
    let text = "[w](kanalen.md \"{{weeks}} titel {{opt}}\") ![{{open}} b](https://h.nl/a.png \"{{weeks}}\")\n\n### Zonder {{weeks}} {{open}}\n\n> [!NOTE] Titel {{weeks}} {{open}}\n> Hoi.";
    let project = page(text);
    let page = opening(&project, "a.html");
    for html in [
        "title=\"20 titel a&quot;b&lt;c\">w</a>",
        "alt=\"[open] b\" title=\"20\"",
        ": Zonder 20 [open]\"></a></h3>",
        "aria-label=\"Titel 20 [open]\">\n<p class=\"alert-title\">Titel 20 <span class=\"blank\">[open]</span></p>",
    ] {
        assert!(page.contains(html), "{html}: {page}");
    }
    assert!(project.page("register.html").contains(">Zonder 20 [open]</a>"));
    let site = project.site();
    let raw =
        site.iter().filter(|(path, bytes)| path.ends_with(".html") && String::from_utf8_lossy(bytes).contains("{{"));
    assert_eq!(raw.map(|(path, _)| path).collect::<Vec<_>>(), Vec::<&String>::new());
    each("E117", [
        ("a title".to_owned(), self::page("[w](kanalen.md \"{{nee}}\")")),
        ("an image's title".to_owned(), self::page("![w](https://h.nl/a.png \"{{nee}}\")")),
        ("an alert".to_owned(), self::page("> [!NOTE] {{nee}}\n> Hoi.")),
        ("a link in angle brackets".to_owned(), self::page("<{{site}}>")),
        ("a label".to_owned(), self::page("[x][{{weeks}}]\n\n[{{weeks}}]: kanalen.md")),
        (
            "a reason".to_owned(),
            project.file(
                "content/organisations/x.yaml",
                "name: X\nparams: {open: o}\nchanges:\n  kanalen#toon: {append: Hoi., reason: \"Al {{weeks}} weken\"}\n",
            ),
        ),
        (
            "SUMMARY.md".to_owned(),
            self::page("Hoi.").file("content/SUMMARY.md", "- [A {{weeks}}](a.md)\n- [K](kanalen.md)\n"),
        ),
    ]);
    assert!(codes(&self::page("\\<{{site}}> en `[{{weeks}}]: a`")).is_empty());
}

#[test]
fn every_placeholder_of_a_page_gives_its_own_value() {
    let many = "{{a}}{{b}} ".repeat(33_000);
    let project = project()
        .file(
            "content/handbook.yaml",
            "params:\n  a: {type: text, default: x}\n  b: {type: text, default: y}\n  c: {type: text, default: z}\n",
        )
        .file("content/a.md", format!("# A\n\n{many}\n\n{{{{c}}}}\n"));
    let page = opening(&project, "a.html");
    assert_eq!((page.matches("xy ").count(), page.contains("<p>z</p>")), (32_999, true));
}

#[test]
fn braces_at_the_end_of_a_heading_are_a_placeholder_or_attributes() {
    for heading in [
        "## X {#a .{{weeks}}}",
        "## X {#{{weeks}}}",
        "## X {#a when={{weeks}}}",
        "## X {#a when=\"{{weeks}}\"}",
        "## X{#x}",
    ] {
        assert_eq!(codes(&page(heading)), ["E205"], "{heading}");
    }
    for heading in ["## X {{weeks}}", "## X \\{{weeks}}", "## X \\{weeks}", "## X {{weeks}} {#x}"] {
        assert_eq!(codes(&page(heading)), Vec::<String>::new(), "{heading}");
    }
    let hint = |heading: &str| page(heading).check().into_iter().find_map(|finding| finding.hint).unwrap_or_default();
    assert!(hint("## X{#x}").starts_with("put a space before the brace"), "{}", hint("## X{#x}"));
}
