//! The generated pages of an edition: register, glossary and its links in prose, print, placements, search data.

use crate::project::Project;

const BOOK: &str = "[book]\ntitle = \"Gids\"\nlanguage = \"nl\"\nversion = \"3\"\n";

fn handbook() -> Project {
    Project::new()
        .file("book.toml", BOOK)
        .file("content/SUMMARY.md", "- [Begin](index.md)\n- [Praktijk](praktijk/index.md)\n  - [Kanalen](praktijk/kanalen.md)\n")
        .file("content/index.md", "# Begin\n\nLees [de toon](praktijk/kanalen.md#toon) en [alles](praktijk/kanalen.md).\n\n## École {#ecole}\n\nTekst.\n")
        .file("content/praktijk/index.md", "---\naudience: [stagiair]\n---\n# Praktijk\n\n## Zelf doen {#zelf}\n\nTekst.\n")
        .file(
            "content/praktijk/kanalen.md",
            "# Kanalen\n\nHet merk. Elk merk telt.\n\n## Toon van het merk {#toon}\n\nEen merkbare toon, `merk`, [merk](index.md) en dan het *Merk*-of merk. Zie [hier](#toon)[^1].\n\n### Zonder id\n\nTekst van een leer\ndoel.\n\n[^1]: Een noot.\n",
        )
        .file(
            "content/glossary.yaml",
            "terms:\n  merk: {nl: {term: merk, also: [merken], text: \"Het \\\"beeld\\\" & meer.\"}}\n  doel: {nl: {term: leer doel, text: Wat je leert.}}\n",
        )
        .file("content/organisations/alfa.yaml", "name: Alfa\nchanges:\n  praktijk/kanalen#toon:\n    append: Ons merk en een zeldzaamwoord.\n")
        .file("content/organisations/beta.yaml", "name: Beta\n")
}

#[test]
fn the_first_use_of_a_term_in_each_section_is_linked() {
    let project = handbook();
    project.build().done();
    let page = project.page("praktijk/kanalen.html");
    let link = "<a class=\"term\" href=\"../glossary.html#merk\" data-text=\"Het &quot;beeld&quot; &amp; meer.\">";
    assert!(page.contains(&format!("Het {link}merk</a>. Elk merk telt.")), "{page}");
    assert!(page.contains("Een merkbare toon, <code>merk</code>"), "{page}");
    assert!(page.contains(&format!("en dan het <em>{link}Merk</a></em>-of merk.")), "{page}");
    assert!(page.contains("#doel\" data-text=\"Wat je leert.\">leer\ndoel</a>"), "{page}");
    // Twice in the text, and once where the page explains its terms.
    assert_eq!(page.matches("glossary.html#merk\"").count(), 3, "{page}");
    assert!(page.contains("#merk\">merk</a></dt>\n<dd>Het &quot;beeld&quot; &amp; meer.</dd>"), "{page}");
    // An added text is of the same section.
    assert_eq!(project.page("alfa/praktijk/kanalen.html").matches("glossary.html#merk\"").count(), 3);
    let glossary = project.page("glossary.html");
    assert!(glossary.contains("<dt id=\"merk\">merk"), "{glossary}");
    assert!(glossary.find("id=\"doel\"") < glossary.find("id=\"merk\""), "{glossary}");
}

#[test]
fn the_register_has_headings_and_terms_from_a_to_z_and_the_whole_tree() {
    let project = handbook();
    project.build().done();
    let page = project.page("register.html");
    assert!(
        page.contains(
            "<section class=\"section\" id=\"letter-e\"><h3>E</h3>\n<ul>\n<li><a href=\"index.html#ecole\">École</a>"
        ),
        "{page}"
    );
    assert!(page.contains("<a href=\"glossary.html#merk\">merk</a>"), "{page}");
    assert!(page.contains("<a href=\"praktijk/kanalen.html#zonder-id\">Zonder id</a>"), "{page}");
    let tree = &page[page.find("class=\"tree\"").unwrap_or_default()..];
    let order = ["index.html\"", "praktijk/index.html\"", "praktijk/kanalen.html\""].map(|href| tree.find(href));
    assert!(order.iter().all(Option::is_some) && order.is_sorted(), "{tree}");
    assert!(page.contains("data-page=\"register\""), "{page}");
}

#[test]
fn print_is_the_whole_handbook_with_distinct_ids_and_links_within() {
    let project = handbook();
    project.build().done();
    let page = project.page("alfa/print.html");
    let main = &page[page.find("<main").unwrap_or_default()..page.find("</main>").unwrap_or(page.len())];
    let mut ids: Vec<&str> = main.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count, "{ids:?}");
    for href in main.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(ids.contains(&href), "{href} {ids:?}");
    }
    assert!(
        main.contains("<a href=\"#praktijk/kanalen:toon\">de toon</a> en <a href=\"#praktijk/kanalen\">alles</a>"),
        "{main}"
    );
    assert!(main.contains("<section class=\"chapter\" id=\"praktijk\" data-depth=\"0\" data-audience=\"stagiair\">\n<h2 id=\"praktijk:praktijk\"><span class=\"number\">2</span> Praktijk</h2>"), "{main}");
    // A page below comes after the headings of the page above it.
    assert!(main.contains("<span class=\"number\">2.1</span> Zelf doen"), "{main}");
    assert!(main.contains("<span class=\"number\">2.2</span> Kanalen"), "{main}");
    assert!(
        main.contains("<h4 id=\"praktijk/kanalen:zonder-id\"><span class=\"number\">2.2.1.1</span> Zonder id"),
        "{main}"
    );
    assert!(main.contains("href=\"#_glossary:merk\"") && main.contains("class=\"signoff\""), "{main}");
    assert!(!main.contains("href=\"praktijk/") && !main.contains("href=\"index.html"), "{main}");
    let sheet = project.site().into_iter().find(|(path, bytes)| {
        path.starts_with("assets/edition.") && String::from_utf8_lossy(bytes).contains("Gids — Alfa")
    });
    assert!(sheet.is_some());
}

#[test]
fn an_authors_page_takes_the_place_of_a_generated_one() {
    let project = Project::new()
        .file("book.toml", "[book]\nlanguage = \"nl\"\n[output.html]\nsearch = false\nprint = { enable = false }\n")
        .file("src/SUMMARY.md", "- [Begin](index.md)\n- [Register](register.md)\n")
        .file("src/index.md", "# Begin\n")
        .file("src/register.md", "# Mijn eigen register\n");
    let run = project.build().done();
    assert!(
        run.findings().iter().any(|finding| finding.severity == "note" && finding.message.contains("register.html")),
        "{run:?}"
    );
    assert!(project.page("register.html").contains("Mijn eigen register"));
    let site = project.site();
    assert!(!site.contains_key("print.html") && !site.contains_key("glossary.html") && !site.contains_key("search.js"));
}

#[test]
fn only_published_placements_are_shown_and_no_private_name() {
    let project = Project::new()
        .file("book.toml", "[book]\nlanguage = \"nl\"\n")
        .file("content/index.md", "# Begin\n")
        .file(
            "content/handbook.yaml",
            "placement:\n  start: {type: date, required: true, label: eerste dag}\n  end: {type: date, required: true}\n  talks: {type: list, of: date}\n  who: {type: person}\nrules:\n  period: {check: order, of: [start, end]}\n  midway: {check: within, each: talks, after: start, before: end, min: 2, level: warning}\n  unjudged: {check: gap, from: start, to: end, min_days: 1}\n",
        )
        .file(
            "content/organisations/alfa.yaml",
            "name: Alfa\nplacements:\n  lente: {publish: true, start: 2027-02-01, end: 2027-06-04, talks: [2027-03-01], who: {role: redacteur, name: Geheim, private: true}}\n  herfst: {start: 2027-09-01, end: 2027-12-01}\n",
        )
        .file("content/organisations/beta.yaml", "name: Beta\nplacements:\n  winter: {start: 2027-09-01, end: 2027-12-01}\n");
    project.build().done();
    let page = project.page("alfa/placements.html");
    assert!(page.contains("<dt>Eerste dag</dt>\n<dd data-field=\"start\">1\u{a0}februari\u{a0}2027</dd>"), "{page}");
    assert!(page.contains("redacteur") && !page.contains("Geheim") && !page.contains("herfst"), "{page}");
    assert!(page.contains("data-rule=\"period\"") && page.contains("data-state=\"met\""), "{page}");
    assert!(page.contains("data-rule=\"midway\"") && page.contains("data-state=\"unmet\""), "{page}");
    assert!(page.contains("notice-generated"), "{page}");
    let site = project.site();
    assert!(!site.contains_key("beta/placements.html") && !site.contains_key("placements.html"));
    assert!(site.values().all(|bytes| !String::from_utf8_lossy(bytes).contains("Geheim")));
}

#[test]
fn search_data_of_an_edition_hold_only_what_is_its_own() {
    let project = handbook();
    project.build().done();
    let (base, alfa, beta) =
        (project.page("search.js"), project.page("alfa/search.js"), project.page("beta/search.js"));
    for data in [&base, &alfa, &beta] {
        let json = data.strip_prefix("leidraad.index(").and_then(|rest| rest.strip_suffix(");\n"));
        let value: serde_json::Value = json.and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default();
        assert!(value["pages"].is_array(), "{data}");
    }
    assert!(alfa.contains("\"base\":\"search.js\"") && alfa.contains("zeldzaamwoord"), "{alfa}");
    assert!(beta.contains("\"pages\":[]") && beta.contains("\"gone\":\"A\""), "{beta}");
    assert!(!base.contains("zeldzaam") && !beta.contains("zeldzaam"));
    let site = project.site();
    let texts: Vec<&String> =
        site.keys().filter(|path| path.contains("search-") && !path.starts_with("assets/")).collect();
    assert_eq!(texts, ["alfa/search-1.js", "search-1.js"]);
    assert!(
        project
            .page("alfa/search-1.js")
            .starts_with("leidraad.texts(\"alfa/praktijk/kanalen.html\",[\"Een merkbare toon")
    );
    // Alone, an organisation has everything itself.
    project.build_with(&["--organisation", "alfa"]).done();
    let alone = project.page("search.js");
    assert!(!alone.contains("\"base\"") && alone.contains("zeldzaamwoord") && alone.contains("kanalen"), "{alone}");
}

#[test]
fn the_foot_of_a_page_links_the_repository() {
    let book = "[book]\nlanguage = \"en\"\n[output.html]\ngit-repository-url = \"https://example.org/r?a&b\"\n";
    let project = Project::new().file("book.toml", book).file("content/a.md", "# A\n");
    project.build().done();
    let page = project.page("a.html");
    assert!(page.contains("<a href=\"https://example.org/r?a&amp;b\">Source</a></p>"), "{page}");
}
