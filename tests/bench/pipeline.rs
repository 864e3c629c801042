//! The stages of a build in one process, on handbooks that are made in memory: `cargo bench`.
//!
//! Divan runs each until its figures settle and prints fastest, slowest, median and mean. Nothing is read
//! from a disk and nothing is written: `tests/bench/run.py` measures whole processes beside other tools.

#![allow(clippy::unwrap_used, reason = "a benchmark fails by panicking")]

use std::fmt::Write;
use std::sync::Arc;

use divan::{Bencher, black_box};
use leidraad::book::{Content, Digest, Site, Source, Sources};
use leidraad::load::handbook::{Drafts, decode};
use leidraad::memo::Memo;
use leidraad::overlay::fingerprints;
use leidraad::render::{self, Options};
use leidraad::{Composed, compose};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    divan::main();
}

const WORDS: [&str; 16] = [
    "stagiair",
    "begeleider",
    "bericht",
    "antwoord",
    "afspraak",
    "kanaal",
    "organisatie",
    "vraag",
    "de",
    "een",
    "van",
    "voor",
    "altijd",
    "niet",
    "met",
    "klant",
];

/// So many words that look like a text and are the same at every run.
fn text(out: &mut String, seed: usize, words: usize) {
    for at in 0..words {
        let pick = (seed * 7919 + at * 104_729 + at * at) % WORDS.len();
        let end = if at % 12 == 11 { ".\n" } else { " " };
        write!(out, "{}{end}", WORDS[pick]).unwrap();
    }
    out.push('\n');
}

/// Pages of five sections and 800 words, and organisations with twenty operations each; `pins` says
/// whether what they replace is accepted.
fn handbook(pages: usize, organisations: usize, pins: bool) -> Sources {
    let mut sources = Sources::default();
    let mut put = |path: String, text: String| {
        let source = Source {
            content: Content::Bytes(text.as_bytes().to_vec().into()),
            digest: Digest::of(text.as_bytes()),
            size: None,
        };
        sources.files.insert(path.into(), source);
    };
    put("book.toml".into(), "[book]\ntitle = \"Maat\"\nlanguage = \"nl\"\nlanguages = [\"nl\"]\n".into());
    put("content/index.md".into(), "# Begin\n".into());
    for page in 0..pages {
        let mut out = format!("# Pagina {page}\n\n");
        for section in 0..5 {
            write!(out, "## Deel {section} {{#s{section}}}\n\n").unwrap();
            text(&mut out, page * 5 + section, 160);
        }
        put(format!("content/{}.md", id(page)), out);
    }
    let base = pins.then(|| {
        let handbook = Arc::new(decode(&sources, Drafts::Left, &Memo::new()).value);
        fingerprints(&leidraad::overlay::Overlay::new(handbook).base(&Memo::new()).value)
    });
    for organisation in 0..organisations {
        let mut out = format!("name: Organisatie {organisation}\nchanges:\n");
        for operation in 0..20.min(pages) {
            let page = (organisation * 31 + operation * 7) % pages;
            let section = operation % 5;
            write!(out, "  {}#s{section}:\n    replace: Wij van {organisation} doen dit anders.\n", id(page)).unwrap();
            let address = leidraad::book::Address::parse(&format!("{}#s{section}", id(page)));
            if let Some(pin) = base.as_ref().and_then(|base| base.get(&(address, "own", 0))) {
                writeln!(out, "    accepted: {pin}").unwrap();
            }
        }
        let path = format!("content/organisations/org{organisation:04}.yaml");
        let source = Source {
            content: Content::Bytes(out.as_bytes().to_vec().into()),
            digest: Digest::of(out.as_bytes()),
            size: None,
        };
        sources.files.insert(path.into(), source);
    }
    sources
}

fn id(page: usize) -> String {
    format!("deel{:02}/pagina{page:05}", page / 50)
}

fn composed(sources: &Sources, memo: &Memo) -> Composed {
    let composed = compose(sources, Drafts::Left, memo).value;
    assert!(!composed.base_broken && composed.broken.is_empty());
    composed
}

/// Sources → editions from nothing.
#[divan::bench(args = [(1_000, 0), (200, 50), (1_000, 1_000)], sample_count = 10)]
fn cold_compose(bencher: Bencher<'_, '_>, (pages, organisations): (usize, usize)) {
    let sources = handbook(pages, organisations, true);
    bencher.bench(|| composed(&sources, &Memo::new()));
}

/// Sources → editions with a memo that knows every page: what organisations cost on their own.
#[divan::bench(args = [1, 50, 1_000], sample_count = 10)]
fn organisations_of_20_operations(bencher: Bencher<'_, '_>, organisations: usize) {
    let sources = handbook(1_000, organisations, true);
    let memo = Memo::new();
    composed(&handbook(1_000, 0, false), &memo);
    bencher.bench(|| composed(&sources, &memo));
}

/// What twenty pins cost per organisation: the same editions with and without them.
#[divan::bench(args = [false, true], sample_count = 10)]
fn drift_of_1000_organisations(bencher: Bencher<'_, '_>, pins: bool) {
    let sources = handbook(1_000, 1_000, pins);
    let memo = Memo::new();
    composed(&sources, &memo);
    bencher.bench(|| composed(&sources, &memo));
}

/// Editions → bytes of every output, one after the other.
#[divan::bench(args = [(1_000, 0), (200, 50)], sample_count = 5)]
fn outputs(bencher: Bencher<'_, '_>, (pages, organisations): (usize, usize)) {
    let sources = handbook(pages, organisations, true);
    let Composed { handbook, editions, .. } = composed(&sources, &Memo::new());
    let site = render::site(&handbook, editions, &Options::default(), &Memo::new()).value;
    bencher.bench(|| (0..site.count()).for_each(|at| drop(black_box(site.output(at)))));
}
