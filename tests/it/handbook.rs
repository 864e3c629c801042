//! The handbook that leidraad ships: nothing to report, short sentences and sections, the same
//! sections in both languages, and every first-week question answered within two clicks.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;

use leidraad::compose;
use leidraad::load::handbook::Drafts;
use leidraad::load::sources::{Snapshot, read};
use leidraad::memo::Memo;

use crate::project::{Project, repository, tree};

fn shipped() -> Project {
    let project = Project::new();
    for folder in ["content", "themes"] {
        for (path, bytes) in tree(&repository().join(folder)) {
            project.write(&format!("{folder}/{path}"), &bytes);
        }
    }
    project.write("book.toml", &fs::read(repository().join("book.toml")).unwrap());
    project
}

/// Path and text of the pages of a language, front matter left out.
fn pages(language: &str) -> Vec<(String, String)> {
    let files = tree(&repository().join("content").join(language)).into_iter();
    files
        .filter(|(path, _)| path.ends_with(".md") && path != "SUMMARY.md")
        .map(|(path, bytes)| {
            let text = String::from_utf8(bytes).unwrap();
            let body =
                text.strip_prefix("---\n").and_then(|text| text.split_once("\n---\n")).map(|(_, body)| body.to_owned());
            (path, body.unwrap_or(text))
        })
        .collect()
}

#[test]
fn there_is_nothing_to_report() {
    let run = shipped().run(&["check", "--strict", "--format", "json"]);
    assert_eq!(run.findings(), Vec::new());
    assert_eq!(run.code, Some(0));
}

#[test]
fn a_placement_has_its_dates_and_a_receiver_who_stays() {
    let organisation = "extends: bakkerij-de-korenaar\nname: Bakkerij De Proef\n";
    let placement = "placements:\n  voorjaar:\n    start: 2027-02-15\n    end: 2027-06-04\n    goals: [Een plan]\n";
    for kind in ["intern", "external"] {
        let receiver = format!("    receiver: {{role: hulp, kind: {kind}}}\n");
        let project =
            shipped().file("content/organisations/proef.yaml", [organisation, placement, receiver.as_str()].concat());
        let found: Vec<String> =
            project.codes().into_iter().map(|(code, line)| format!("{code} on line {line}")).collect();
        assert_eq!(found, ["E115 on line 4", "E115 on line 4", "E113 on line 8"], "{kind}");
    }
}

/// The lines of prose: no tables, code, headings or templates to fill in.
fn prose(body: &str) -> Vec<String> {
    let mut blocks: Vec<String> = Vec::new();
    let mut fenced = false;
    let mut open = false;
    for line in body.lines() {
        let text = line.trim();
        if text.starts_with("```") {
            fenced = !fenced;
        }
        if fenced || text.is_empty() || ["#", "|", "```", ">", "[^"].iter().any(|start| text.starts_with(start)) {
            open = false;
            continue;
        }
        let is_item = text.starts_with("- ")
            || text.split_once(". ").is_some_and(|(number, _)| number.chars().all(|c| c.is_ascii_digit()));
        match blocks.last_mut().filter(|_| open && !is_item) {
            Some(last) => {
                last.push(' ');
                last.push_str(text);
            }
            None => blocks.push(text.trim_start_matches("- [ ] ").trim_start_matches("- ").to_owned()),
        }
        open = true;
    }
    blocks
}

#[test]
fn dutch_sentences_have_at_most_25_words() {
    let mut long = Vec::new();
    for (path, body) in pages("nl") {
        for block in prose(&body) {
            let sentences =
                block.split_inclusive(['.', '!', '?', ';', ':']).fold(Vec::<String>::new(), |mut all, part| {
                    // A full stop inside a word or a link ends nothing.
                    match all
                        .last_mut()
                        .filter(|last| !part.starts_with([' ', '*', '_', ')', '"', '”']) && !last.is_empty())
                    {
                        Some(last) => last.push_str(part),
                        None => all.push(part.to_owned()),
                    }
                    all
                });
            for sentence in sentences {
                let words = sentence.split_whitespace().filter(|word| word.chars().any(char::is_alphanumeric)).count();
                if words > 25 {
                    long.push(format!("content/nl/{path}: {words} words: {}", sentence.trim()));
                }
            }
        }
    }
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn sections_have_at_most_250_words() {
    let snapshot = read(repository(), &Snapshot::default(), &[]).unwrap();
    let composed = compose(&snapshot.sources, Drafts::Left, &Memo::new()).value;
    let mut long = Vec::new();
    for page in composed.handbook.pages.values().flat_map(|page| &page.languages) {
        for (section, part) in page.all_parts() {
            if part.fragment.words > 250 {
                let address = section.map(|section| format!("#{}", section.id)).unwrap_or_default();
                long.push(format!("{} {}{address}: {} words", page.language, page.id, part.fragment.words));
            }
        }
    }
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn both_languages_have_the_same_sections() {
    let ids = |language: &str| -> BTreeMap<String, Vec<String>> {
        let ids = |body: &str| -> Vec<String> {
            let lines = body.lines().filter(|line| line.starts_with('#'));
            lines.filter_map(|line| Some(line.split_once("{#")?.1.split(['}', ' ']).next()?.to_owned())).collect()
        };
        pages(language).into_iter().map(|(path, body)| (path, ids(&body))).collect()
    };
    assert_eq!(ids("nl"), ids("en"));
}

#[test]
fn agreements_have_a_checklist() {
    for language in ["nl", "en"] {
        let agreements: Vec<_> = pages(language)
            .into_iter()
            .filter(|(path, _)| path.starts_with("afspraken/") && !path.ends_with("index.md"))
            .collect();
        assert_eq!(agreements.len(), 5);
        for (path, body) in agreements {
            assert!(body.contains("\n- [ ] "), "content/{language}/{path} has no checklist");
        }
    }
}

#[test]
fn readers_are_addressed_informally() {
    let mut wrong = Vec::new();
    for (path, body) in pages("nl") {
        for block in prose(&body) {
            // What somebody says to a customer stands in quotes.
            // A link that asks which of the two words to use names both.
            let own: String = block.split(['"', '“', '”']).step_by(2).collect::<String>().replace("je of u", "");
            let word =
                own.split(|c: char| !c.is_alphanumeric()).find(|word| ["u", "U", "uw", "Uw", "uzelf"].contains(word));
            if let Some(word) = word {
                wrong.push(format!("content/nl/{path}: `{word}` in: {block}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The targets of the links of a page, as paths below the output folder.
fn links(html: &str, path: &str) -> Vec<String> {
    let folder: Vec<&str> = path.split('/').collect();
    let folder = &folder[..folder.len() - 1];
    html.match_indices("<a ")
        .filter_map(|(at, _)| {
            let tag = html[at..].split('>').next()?;
            let href = tag.split_once("href=\"")?.1.split('"').next()?;
            if href.contains(':') {
                return None;
            }
            let mut parts: Vec<&str> = folder.to_vec();
            for part in href.split('#').next()?.split('/') {
                match part {
                    "" | "." => {}
                    ".." => drop(parts.pop()),
                    part => parts.push(part),
                }
            }
            Some(parts.join("/"))
        })
        .collect()
}

#[test]
fn first_week_questions_are_answered_within_two_clicks() {
    let project = shipped();
    project.build().done();
    let questions = fs::read_to_string(repository().join("tests/questions.yaml")).unwrap();
    let answers: Vec<&str> = questions.lines().filter_map(|line| line.trim().strip_prefix("answer: ")).collect();
    assert_eq!(answers.len(), 22);
    let organisations = tree(&repository().join("content/organisations")).into_keys();
    let mut editions: Vec<String> = vec![String::new()];
    editions.extend(organisations.filter_map(|path| {
        let id = path.strip_suffix(".yaml")?.to_owned();
        project.out().join(&id).is_dir().then(|| format!("{id}/"))
    }));
    assert!(editions.len() >= 4);
    let mut wrong = BTreeSet::new();
    for start in editions.iter().flat_map(|edition| ["nl", "en"].map(|language| format!("{edition}{language}/"))) {
        let home = format!("{start}index.html");
        if !project.out().join(&home).exists() {
            // An organisation has the languages that it asks for.
            continue;
        }
        let mut clicks: BTreeMap<String, u32> = BTreeMap::from([(home.clone(), 0)]);
        let mut waiting = VecDeque::from([home]);
        while let Some(path) = waiting.pop_front() {
            let so_far = clicks[&path];
            if so_far == 2 {
                continue;
            }
            for target in links(&project.page(&path), &path) {
                let is_page = target.ends_with(".html") && project.out().join(&target).exists();
                if target.starts_with(&start) && is_page && !clicks.contains_key(&target) {
                    clicks.insert(target.clone(), so_far + 1);
                    waiting.push_back(target);
                }
            }
        }
        let by_page: BTreeMap<String, String> = tree(&project.out().join(&start))
            .into_iter()
            .filter_map(|(path, bytes)| {
                let html = String::from_utf8(bytes).ok()?;
                let page = html.split_once("data-page=\"")?.1.split('"').next()?.to_owned();
                Some((page, format!("{start}{path}")))
            })
            .collect();
        for answer in &answers {
            let page = answer.split('#').next().unwrap();
            let file = by_page.get(page);
            let there = file.is_some_and(|file| project.page(file).contains(&format!("data-address=\"{answer}\"")));
            // An organisation may take away a page with its answers, the base itself may not. A page that stays
            // keeps every section that answers something: the question leads to it.
            if !there && (file.is_some() || ["nl/", "en/"].contains(&start.as_str())) {
                wrong.insert(format!("{start}: there is no {answer}"));
            }
            if let Some(file) = file.filter(|file| !clicks.contains_key(*file)) {
                wrong.insert(format!("{file} is more than two clicks from {start}index.html"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.into_iter().collect::<Vec<_>>().join("\n"));
}
