//! The laws of layers (spec §5), as properties over random bases and chains, in memory.
//! `LEIDRAAD_CASES=20` runs twenty times as many cases, `PROPTEST_RNG_SEED=7` others.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::Arc;

use leidraad::book::{Body, Edition, EditionId, Page, Section, Site};
use leidraad::compose;
use leidraad::diagnostic::{Findings, Severity, any_error};
use leidraad::load::handbook::Drafts;
use leidraad::memo::Memo;
use leidraad::overlay::Overlay;
use leidraad::render;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::project::{Project, repository, sources};

/// A project's files.
type Tree = BTreeMap<String, Vec<u8>>;

/// One operation: address, key, value; each is written on a line of its own.
#[derive(Clone, Debug)]
struct Op {
    address: String,
    key: &'static str,
    value: String,
}

/// What a random layer does.
type Ops = Vec<Op>;

const PAGES: &[&str] = &["een", "twee", "map/drie"];

fn config(cases: u32) -> ProptestConfig {
    let more = std::env::var("LEIDRAAD_CASES").ok().and_then(|more| more.parse::<u32>().ok()).unwrap_or(1);
    let seed = std::env::var("PROPTEST_RNG_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_261);
    ProptestConfig {
        cases: cases * more,
        rng_seed: RngSeed::Fixed(seed),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

fn base() -> Tree {
    let mut files = Tree::new();
    let mut put = |path: &str, text: String| files.insert(path.to_owned(), text.into_bytes());
    put("book.toml", "[book]\ntitle = \"Boek\"\nlanguage = \"nl\"\n".to_owned());
    put(
        "content/handbook.yaml",
        "params:\n  weeks: {type: integer, default: 20}\n  eigen: {type: boolean, default: true}\n".to_owned(),
    );
    for page in PAGES {
        put(
            &format!("content/{page}.md"),
            format!(
                "# Titel {page}\n\nOpening van {page}, {{{{weeks}}}} weken.\n\n## A {{#a}}\n\nTekst *a* van {page}.\n\n\
                 ### B {{#b}}\n\nTekst b, met [een link](/een.md#c).\n\n## C {{#c}}\n\nTekst c.[^n]\n\n[^n]: Noot.\n\n\
                 ## D {{#d .locked}}\n\nVast: {{{{weeks}}}}.\n\n### Dd {{#dd}}\n\nOok vast.\n\n## E {{#e .extend}}\n\nUit te breiden.\n\n\
                 ## F {{#f when=eigen}}\n\nVoorwaarde.\n"
            ),
        );
    }
    files
}

fn layer(name: &str, extends: Option<&str>, is_abstract: bool, ops: &[Op]) -> String {
    layer_in_order(name, extends, is_abstract, ops.iter())
}

fn layer_in_order<'o>(
    name: &str,
    extends: Option<&str>,
    is_abstract: bool,
    ops: impl Iterator<Item = &'o Op> + Clone,
) -> String {
    let mut text = format!("name: {name}\n");
    if let Some(extends) = extends {
        let _ = writeln!(text, "extends: {extends}");
    }
    if is_abstract {
        text.push_str("abstract: true\n");
    }
    let mut written = BTreeSet::new();
    for (group, in_group) in [("changes", false), ("insert", true)] {
        let of_group = ops.clone().filter(|op| (op.key == "insert") == in_group);
        if of_group.clone().next().is_none() {
            continue;
        }
        let _ = writeln!(text, "{group}:");
        for op in of_group.clone() {
            if !written.insert((group, op.address.clone())) {
                continue;
            }
            if in_group {
                let _ = writeln!(text, "  {}: {}", op.address, op.value);
                continue;
            }
            let _ = writeln!(text, "  {}:", op.address);
            for same in of_group.clone().filter(|other| other.address == op.address) {
                let _ = writeln!(text, "    {}: {}", same.key, same.value);
            }
        }
    }
    text
}

/// Operations with at most one of each key at an address; `faulty` also makes what must be refused.
fn ops(pages: &'static [&'static str], faulty: bool) -> impl Strategy<Value = Ops> {
    let address =
        (prop::sample::select(pages), prop::sample::select(&["", "#a", "#b", "#c", "#d", "#dd", "#e", "#f", "#x"][..]));
    let key = prop::sample::select(&["replace", "prepend", "append", "title", "remove", "lock", "insert"][..]);
    let text =
        prop::sample::select(&["Eigen tekst.", "Nog **iets**, {{weeks}} weken.", "Regel.\\n\\n- punt\\n- punt"][..]);
    prop::collection::vec((address, key, text, 0..4_u8), 0..6).prop_map(move |all| {
        let mut found: Ops = Vec::new();
        for ((page, section), key, text, number) in all {
            if !faulty && !allowed(section, key) {
                continue;
            }
            let op = match key {
                "insert" => Op {
                    address: format!("{page}#nieuw-{number}"),
                    key,
                    value: format!(
                        "{{after: {}, title: Nieuw, text: \"{text}\"}}",
                        if section.len() > 1 { &section[1..] } else { "a" }
                    ),
                },
                "remove" => Op { address: format!("{page}{section}"), key, value: "true".to_owned() },
                "lock" => Op { address: format!("{page}{section}"), key, value: "extend".to_owned() },
                _ => Op { address: format!("{page}{section}"), key, value: format!("\"{text}\"") },
            };
            if key == "title" {
                let title = Op { value: format!("Titel {number}"), ..op };
                push(&mut found, title, faulty);
            } else {
                push(&mut found, op, faulty);
            }
        }
        found
    })
}

fn push(found: &mut Ops, op: Op, faulty: bool) {
    let same = |other: &&Op| other.address == op.address;
    let clash = found.iter().filter(same).any(|other| {
        other.key == op.key
            || (!faulty
                && (other.key == "replace" || op.key == "replace")
                && (["prepend", "append"].contains(&other.key) || ["prepend", "append"].contains(&op.key)))
    });
    let anchor = |op: &Op| {
        (
            op.address.split('#').next().unwrap_or_default().to_owned(),
            op.value.split(',').next().unwrap_or_default().to_owned(),
        )
    };
    let crowded = op.key == "insert" && found.iter().any(|other| other.key == "insert" && anchor(other) == anchor(&op));
    if !clash && (faulty || !crowded) {
        found.push(op);
    }
}

/// What holds whatever other layers of these do.
fn allowed(section: &str, key: &str) -> bool {
    match section {
        "#a" | "#b" | "#c" | "#f" => !["remove", "lock"].contains(&key),
        "" => ["prepend", "append", "replace", "title"].contains(&key),
        "#e" => ["prepend", "append"].contains(&key),
        _ => false,
    }
}

/// What is asked of every text of a page grows with the page, not with its sections times its notes.
#[test]
fn a_page_tells_each_of_its_texts_once() {
    let count = 300;
    let section = |at: usize| format!("## S {{#s{at}}}\n\nTekst[^{at}].\n\n[^{at}]: Noot.\n\n");
    let page: String = (0..count).map(section).collect();
    let files = Tree::from([
        ("book.toml".into(), b"[book]\nlanguage = \"nl\"\n".to_vec()),
        ("content/a.md".into(), format!("# A\n\n{page}").into_bytes()),
    ]);
    let composed = compose(&sources(&files), Drafts::Left, &Memo::new()).value;
    let page = &composed.handbook.pages["a"].languages[0];
    // The title, two own texts of the page, and of each section its heading, its text and its note.
    assert_eq!(page.texts().count(), 3 + 3 * count);
}

struct Rendered {
    bytes: BTreeMap<(Option<String>, String), Vec<u8>>,
    findings: Findings,
    editions: Vec<Arc<Edition>>,
}

fn rendered(files: &Tree, memo: &Memo) -> Rendered {
    let composed = compose(&sources(files), Drafts::Left, memo);
    let mut findings = composed.findings;
    let site = render::site(
        &composed.value.handbook,
        composed.value.editions.clone(),
        &render::Options::default(),
        &Memo::new(),
    );
    findings.extend(site.findings);
    let mut bytes = BTreeMap::new();
    for index in 0..site.value.count() {
        let output = site.value.output(index);
        let body = match output.body {
            Body::Bytes(bytes) => bytes.to_vec(),
            Body::File(path, digest) => format!("{path} {}", digest.short(64)).into_bytes(),
        };
        bytes.insert((output.edition.map(|edition| edition.to_string()), output.path.to_string()), body);
    }
    Rendered { bytes, findings, editions: composed.value.editions }
}

impl Rendered {
    /// The files of an edition.
    fn of(&self, edition: &str) -> BTreeMap<&str, &[u8]> {
        let own = self.bytes.iter().filter(|((id, _), _)| id.as_deref() == Some(edition));
        own.map(|((_, path), bytes)| (path.as_str(), bytes.as_slice())).collect()
    }

    /// The files of an edition, without what tells lines and layers.
    fn pages(&self, edition: &str) -> BTreeMap<&str, &[u8]> {
        self.of(edition).into_iter().filter(|(path, _)| path.ends_with(".html")).collect()
    }

    fn edition(&self, id: &str) -> Option<&Arc<Edition>> {
        self.editions.iter().find(|edition| edition.id.to_string() == id)
    }

    fn errors(&self) -> Vec<String> {
        let errors = self.findings.iter().filter(|finding| finding.severity == Severity::Error);
        errors.map(|finding| format!("{}: {} {:?}", finding.code, finding.message, finding.place)).collect()
    }
}

/// A chain `buiten` ← `x`, and the organisation `y` beside it.
fn chain(outer: &[Op], own: &[Op]) -> Tree {
    let mut files = base();
    let mut put = |id: &str, text: String| files.insert(format!("content/organisations/{id}.yaml"), text.into_bytes());
    put("buiten", layer("Buiten", None, true, outer));
    put("x", layer("Organisatie X", Some("buiten"), false, own));
    files
}

fn put(files: &mut Tree, id: &str, text: String) {
    files.insert(format!("content/organisations/{id}.yaml"), text.into_bytes());
}

proptest! {
    #![proptest_config(config(48))]

    #[test]
    fn an_empty_layer_anywhere_changes_no_byte(outer in ops(PAGES, false), own in ops(PAGES, false)) {
        let files = chain(&outer, &own);
        let before = rendered(&files, &Memo::new());
        prop_assert!(before.errors().is_empty(), "{:?}", before.errors());
        let mut between = files.clone();
        put(&mut between, "midden", layer("Midden", Some("buiten"), true, &[]));
        put(&mut between, "x", layer("Organisatie X", Some("midden"), false, &own));
        let mut outside = files.clone();
        put(&mut outside, "leeg", layer("Leeg", None, true, &[]));
        put(&mut outside, "buiten", layer("Buiten", Some("leeg"), true, &outer));
        let mut inside = files;
        put(&mut inside, "midden", layer("Organisatie X", Some("buiten"), true, &own));
        put(&mut inside, "x", layer("Organisatie X", Some("midden"), false, &[]));
        let now = rendered(&between, &Memo::new());
        prop_assert_eq!(before.pages("x"), now.pages("x"));
        let now = rendered(&outside, &Memo::new());
        prop_assert_eq!(before.pages("x"), now.pages("x"));
        // Below, the texts come from another layer by name, and nothing else differs.
        let now = rendered(&inside, &Memo::new());
        let renamed: BTreeMap<&str, String> = now.pages("x").into_iter().map(|(path, bytes)| {
            (path, String::from_utf8_lossy(bytes).replace("data-origin=\"midden\"", "data-origin=\"x\""))
        }).collect();
        let before: BTreeMap<&str, String> =
            before.pages("x").into_iter().map(|(path, bytes)| (path, String::from_utf8_lossy(bytes).into_owned())).collect();
        prop_assert_eq!(before, renamed);
    }

    #[test]
    fn key_order_means_nothing(outer in ops(PAGES, false), own in ops(PAGES, false)) {
        let files = chain(&outer, &own);
        let mut turned = files.clone();
        put(&mut turned, "buiten", layer_in_order("Buiten", None, true, outer.iter().rev()));
        put(&mut turned, "x", layer_in_order("Organisatie X", Some("buiten"), false, own.iter().rev()));
        let (one, other) = (rendered(&files, &Memo::new()), rendered(&turned, &Memo::new()));
        prop_assert_eq!(one.pages("x"), other.pages("x"));
        let states = |rendered: &Rendered| {
            let entries = &rendered.edition("x").unwrap().provenance;
            entries.iter().map(|e| (e.address.clone(), e.layer.to_string(), e.op, e.state.as_str())).collect::<Vec<_>>()
        };
        prop_assert_eq!(states(&one), states(&other));
    }

    #[test]
    fn untouched_sections_are_the_same_sections(outer in ops(PAGES, false), own in ops(PAGES, false)) {
        let made = rendered(&chain(&outer, &own), &Memo::new());
        let (base, edition) = (made.edition("base").unwrap(), made.edition("x").unwrap());
        for page in PAGES {
            let touched: Vec<&Op> = outer.iter().chain(&own).filter(|op| op.address.split('#').next() == Some(page)).collect();
            let (was, is) = (base.page_at(page, 0).unwrap(), edition.page_at(page, 0).unwrap());
            if touched.is_empty() {
                prop_assert!(edition.shares(page), "{page} is not shared");
                prop_assert!(Arc::ptr_eq(was, is));
            }
            let old = by_id(was);
            for (id, section) in by_id(is) {
                let Some(before) = old.get(&id) else { continue };
                if !touched.iter().any(|op| op.address == format!("{page}#{id}")) {
                    prop_assert!(Arc::ptr_eq(&before.own.parts[0].fragment, &section.own.parts[0].fragment), "{page}#{id}");
                }
                if ["d", "dd"].contains(&&*id) {
                    prop_assert!(Arc::ptr_eq(before, section), "{page}#{id}");
                }
            }
        }
    }

    #[test]
    fn layers_over_disjoint_pages_commute(first in ops(&["een"], false), second in ops(&["twee", "map/drie"], false)) {
        let with = |outer: &str, inner: &str| {
            let mut files = base();
            let below = |id: &str| (id == inner).then_some(outer);
            put(&mut files, "p", layer("P", below("p"), true, &first));
            put(&mut files, "q", layer("Q", below("q"), true, &second));
            put(&mut files, "x", layer("X", Some(inner), false, &[]));
            rendered(&files, &Memo::new())
        };
        let (one, other) = (with("p", "q"), with("q", "p"));
        prop_assert!(one.errors().is_empty(), "{:?}", one.errors());
        prop_assert_eq!(one.pages("x"), other.pages("x"));
    }

    #[test]
    fn no_operation_vanishes(outer in ops(PAGES, true), own in ops(PAGES, true)) {
        let files = chain(&outer, &own);
        let composed = compose(&sources(&files), Drafts::Left, &Memo::new());
        let overlay = Overlay::new(Arc::clone(&composed.value.handbook));
        let base = overlay.base(&Memo::new()).value;
        for id in ["buiten", "x"].map(leidraad::book::LayerId::from) {
            let key = &id;
            let id: &str = key;
            let judged = overlay.edition(key, &base);
            let text = String::from_utf8(files[&format!("content/organisations/{id}.yaml")].clone()).unwrap();
            let chain: Vec<&str> = if id == "x" { vec!["buiten", "x"] } else { vec!["buiten"] };
            let wrong = any_error(&composed.findings);
            if let Some(edition) = judged.value.as_ref().filter(|_| !wrong) {
                let written: usize = if id == "x" { outer.len() + own.len() } else { outer.len() };
                prop_assert_eq!(edition.provenance.len(), written, "{:#?}\n{}", &edition.provenance, text);
            }
            // Where something is wrong, each operation has an entry or an error of its own line, or stands
            // in a layer whose parent is wrong.
            let Some(edition) = judged.value else { continue };
            let outer_wrong = id == "x" && composed.findings.iter().any(|finding| {
                finding.severity == Severity::Error && finding.place.as_ref().is_some_and(|place| place.path.ends_with("buiten.yaml"))
            });
            if outer_wrong {
                continue;
            }
            for (at, line) in text.lines().enumerate() {
                let is_operation = line.starts_with("    ") || line.starts_with("  ") && line.contains("{after");
                if !is_operation {
                    continue;
                }
                let number = at as u32 + 1;
                let entered = edition.provenance.iter().any(|entry| chain.contains(&&*entry.layer) && &*entry.layer == id && entry.line == number);
                let refused = composed.findings.iter().any(|finding| {
                    finding.severity == Severity::Error
                        && finding.place.as_ref().is_some_and(|place| place.path.ends_with(&format!("/{id}.yaml")) && place.line <= number && number <= place.line + 3)
                });
                prop_assert!(entered || refused, "{id}.yaml:{number}: {line}\n{text}\n{:?}", composed.findings);
            }
        }
    }

    #[test]
    fn locked_text_is_the_bases(outer in ops(PAGES, true), own in ops(PAGES, true)) {
        let files = chain(&outer, &own);
        let composed = compose(&sources(&files), Drafts::Left, &Memo::new());
        let overlay = Overlay::new(Arc::clone(&composed.value.handbook));
        let base = overlay.base(&Memo::new()).value;
        if let Some(edition) = overlay.edition(&"x".into(), &base).value {
            for page in PAGES {
                let (was, Some(is)) = (base.page_at(page, 0).unwrap(), edition.page_at(page, 0)) else { continue };
                let old = by_id(was);
                for (id, section) in by_id(is).into_iter().filter(|(id, _)| ["d", "dd"].contains(&id.as_str())) {
                    prop_assert!(Arc::ptr_eq(old[&id], section), "{page}#{id}");
                }
            }
        }
    }

    #[test]
    fn an_edition_does_not_depend_on_another_organisation(own in ops(PAGES, false), other in ops(PAGES, true), junk in "[ -~\n]{0,60}") {
        let mut files = base();
        put(&mut files, "x", layer("X", None, false, &own));
        let alone = rendered(&files, &Memo::new());
        let mut beside = files.clone();
        put(&mut beside, "y", layer("Een ander", None, false, &other));
        put(&mut beside, "z", junk);
        beside.insert("content/organisations/y/logo.svg".to_owned(), b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>".to_vec());
        let beside = rendered(&beside, &Memo::new());
        prop_assert_eq!(alone.of("x"), beside.of("x"));
        let (mut one, mut other) = (alone.pages("base"), beside.pages("base"));
        // The start page lists the organisations.
        one.remove("index.html");
        other.remove("index.html");
        prop_assert_eq!(one, other);
    }

    #[test]
    fn warm_is_cold(rounds in prop::collection::vec((ops(PAGES, true), 0..PAGES.len(), "[a-z *_#\n]{0,30}"), 1..6)) {
        let memo = Memo::new();
        let mut files = chain(&[], &[]);
        for (own, page, text) in rounds {
            put(&mut files, "x", layer("X", Some("buiten"), false, &own));
            let mut edited = files.get(&format!("content/{}.md", PAGES[page])).unwrap().clone();
            edited.extend_from_slice(text.as_bytes());
            files.insert(format!("content/{}.md", PAGES[page]), edited);
            let (warm, cold) = (rendered(&files, &memo), rendered(&files, &Memo::new()));
            prop_assert_eq!(&warm.bytes, &cold.bytes);
            prop_assert_eq!(warm.findings, cold.findings);
            memo.end_round();
        }
    }
}

fn by_id(page: &Page) -> BTreeMap<String, &Arc<Section>> {
    page.all_sections().map(|section| (section.id.to_string(), section)).collect()
}

/// Pieces of which texts are made that a parser could stumble over.
const STONES: &[&str] = &[
    "---\n",
    "title: x\n",
    "# ",
    "## ",
    "{#a}",
    "{#a .locked",
    "{{weeks}}",
    "{{",
    "}}",
    "\\{{",
    "{{x.y.z}}",
    "[",
    "](",
    ")",
    "![",
    "<",
    "<b",
    "</",
    "<!--",
    "-->",
    "```",
    "~~~\n",
    "    ",
    "\t",
    "- ",
    "- [ ] ",
    "1. ",
    "> ",
    "> [!NOTE]\n",
    "[^a]",
    "[^a]: ",
    "|",
    "|---|\n",
    ": ",
    "*",
    "**",
    "_",
    "`",
    "$",
    "&amp;",
    "&#0;",
    "\u{0}",
    "\u{1b}",
    "\u{202e}",
    "\u{fdd0}",
    "\u{feff}",
    "\u{2028}",
    "é",
    "e\u{301}",
    "\r",
    "\r\n",
    "\n",
    "\n\n",
    " ",
    "a",
    "name: x\n",
    "changes:\n",
    "insert:\n",
    "params:\n",
    "  een#a: ",
    "  een: ",
    "replace: ",
    "{",
    "}",
    ",",
    "\"",
    "'",
    "&a ",
    "*a",
    "!!str ",
    "<<: ",
    "? ",
    "|\n",
    ">\n",
    "%YAML",
    "...\n",
    "[book]\n",
    "title = ",
    "[[x]]\n",
    "= {",
    "when=eigen",
    "extends: x\n",
    "\u{fffe}",
    "(een.md)",
    "(#a)",
    "(/../x)",
    "https://x",
    "javascript:",
    "type: ",
    "integer",
    "choice",
    "options: ",
    "rules:\n",
    "check: ",
    "gap",
    "99999999999999999999",
    "-1",
    "2026-02-30",
    "::",
    "#",
    "\u{1f469}\u{200d}\u{1f4bb}",
];

fn rubble() -> impl Strategy<Value = Vec<u8>> {
    let stones = prop::collection::vec(prop::sample::select(STONES), 0..40).prop_map(|all| all.concat().into_bytes());
    prop_oneof![4 => stones, 1 => prop::collection::vec(any::<u8>(), 0..80)]
}

proptest! {
    #![proptest_config(config(160))]

    #[test]
    fn any_bytes_give_a_result_or_findings(
        text in rubble(),
        before in any::<bool>(),
        path in prop::sample::select(&[
            "content/een.md", "content/nieuw.md", "content/SUMMARY.md", "content/handbook.yaml", "content/glossary.yaml", "book.toml",
            "content/organisations/x.yaml", "content/organisations/x/pagina.md", "content/organisations/x/logo.svg",
            "themes/leidraad/templates/page.hbs", "themes/leidraad/theme.toml", "themes/leidraad/strings/nl.yaml", "content/vreemd.html",
        ][..]),
    ) {
        let mut files = chain(&[], &[]);
        let old = files.remove(path).unwrap_or_default();
        let new = if before { [text, old].concat() } else { [old, text].concat() };
        files.insert(path.to_owned(), new);
        let made = rendered(&files, &Memo::new());
        for finding in &made.findings {
            prop_assert!(!finding.message.is_empty());
        }
    }
}

#[test]
fn bytes_do_not_depend_on_threads_or_on_the_order_of_files() {
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    for folder in ["content", "themes"] {
        for (path, bytes) in crate::project::tree(&repository().join(folder)) {
            files.push((format!("{folder}/{path}"), bytes));
        }
    }
    files.push(("book.toml".to_owned(), std::fs::read(repository().join("book.toml")).unwrap()));
    let mut hashes = BTreeSet::new();
    for (jobs, turned) in [("1", false), ("3", true)] {
        let project = Project::new();
        let order: Vec<_> = if turned { files.iter().rev().collect() } else { files.iter().collect() };
        for (path, bytes) in order {
            project.write(path, bytes);
        }
        project.build_with(&["--jobs", jobs]).done();
        hashes.insert(project.hash());
    }
    assert_eq!(hashes.len(), 1);
}

#[test]
fn editions_are_named_once() {
    let made = rendered(&chain(&[], &[]), &Memo::new());
    let ids: Vec<String> = made.editions.iter().map(|edition| edition.id.to_string()).collect();
    assert_eq!(ids, ["base", "x"]);
    assert!(matches!(made.editions[0].id, EditionId::Base));
}
