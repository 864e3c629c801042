//! A page in several languages, of the base or of a layer: one language decides what there is, and what another
//! lacks is shown in that one and told.

use crate::project::Project;

const TOML: &str = "[book]\nlanguage = \"nl\"\nlanguages = [\"nl\", \"en\"]\n";

fn project() -> Project {
    Project::new()
        .file("book.toml", TOML)
        .file("content/nl/index.md", "# Huis\n\nWelkom.\n\n## Regels {#r}\n\nNiet roken.\n")
        .file("content/en/index.md", "# Maison\n\nBienvenue.\n\n## Règles {#r}\n\nNe pas fumer.\n")
}

fn said(project: &Project) -> Vec<String> {
    project.check().iter().map(|finding| format!("{} {}", finding.code, finding.message)).collect()
}

#[test]
fn a_translation_that_is_a_draft_is_none_yet() {
    let project = project().file("content/en/index.md", "---\ndraft: true\n---\n# Maison\n\nEn cours.\n");
    assert_eq!(said(&project), ["W206 this page is not translated into `en`"]);
    project.build().done();
    assert!(project.site().values().all(|bytes| !String::from_utf8_lossy(bytes).contains("En cours")));
    project.build_with(&["--drafts"]).done();
    assert!(project.page("en/index.html").contains("En cours."));
}

#[test]
fn a_text_that_is_not_translated_is_shown_in_the_default_language() {
    let project = project().file("content/en/index.md", "# Maison\n\n## Règles {#r}\n");
    let found = [
        "W206 the text below the title is not translated into `en`",
        "W206 the text of the section `r` is not translated into `en`",
    ];
    assert_eq!(said(&project), found);
    project.build().done();
    let page = project.page("en/index.html");
    assert!(page.contains("Welkom.") && page.contains("Niet roken.") && page.contains("Règles"), "{page}");
}

#[test]
fn a_page_without_a_title_is_called_as_its_languages_summary_says() {
    let project = project()
        .file("content/nl/SUMMARY.md", "- [Begin](index.md)\n- [x](regels.md)\n- [y](koken.md)\n")
        .file("content/en/SUMMARY.md", "- [Début](index.md)\n- [Les règles](regels.md)\n- [La cuisine](koken.md)\n")
        .file("content/nl/regels.md", "# Regels\n\nTekst.\n")
        .file("content/en/regels.md", "Texte.\n")
        .file("content/nl/koken.md", "# Koken\n\nTekst.\n");
    project.build().done();
    let page = project.page("en/regels.html");
    assert!(page.contains("<title>Les règles") && page.contains("La cuisine"), "{page}");
    assert!(!page.contains(">Regels<"), "{page}");
    assert!(project.page("nl/regels.html").contains(">Regels<"));
}

#[test]
fn an_inserted_page_keeps_the_sections_of_its_first_language() {
    let layer = "name: X\ninsert: {z: {after: index, file: {nl: z.nl.md, en: z.en.md}}}\n";
    let project = project()
        .file("content/organisations/x.yaml", layer)
        .file("content/organisations/x/z.nl.md", "# ZN\n\nOpen.\n\n## Q {#q}\n\nVraag.\n")
        .file("content/organisations/x/z.en.md", "# ZF\n\nOuvert.\n");
    assert_eq!(said(&project), ["W206 the section `q` is not translated into `en`"]);
    project.build().done();
    assert!(project.page("x/nl/z.html").contains("Vraag.") && project.page("x/en/z.html").contains("Vraag."));
    project.write("content/organisations/x/z.en.md", "# ZF\n\nOuvert.\n\n## R {#rr}\n\nx\n".as_bytes());
    assert!(said(&project).iter().any(|said| said.starts_with("E103")), "{:#?}", said(&project));
}

#[test]
fn an_inserted_page_is_a_draft_and_has_conditions_as_any_other() {
    let project = project()
        .file("content/handbook.yaml", "params: {w: {type: boolean, default: true}}\n")
        .file("content/organisations/x.yaml", "name: X\nlanguages: [nl]\ninsert: {z: {after: index, file: z.md}}\n")
        .file("content/organisations/x/z.md", "---\ndraft: true\n---\n# Z\n\nBezig.\n");
    project.build().done();
    assert!(!project.site().contains_key("x/nl/z.html"));
    project.build_with(&["--drafts"]).done();
    assert!(project.page("x/nl/z.html").contains("Bezig."));
    project.write("content/organisations/x/z.md", b"---\naliases: [oud]\n---\n# Z\n\n## A {#a when=nope}\n\nx\n");
    let found = said(&project);
    let codes: Vec<&str> = found.iter().map(|said| &said[..4]).collect();
    assert_eq!(codes, ["E205", "E114"], "{found:#?}");
}
