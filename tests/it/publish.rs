//! `publish`: whatever cuts it short, readers find every page with its assets, and another run ends it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use leidraad::publish;
use leidraad::write::System;

use crate::project::{Project, tree};
use crate::write::faulty::{Fault, Faulty};

fn project() -> Project {
    Project::new()
        .file("book.toml", "[book]\nlanguage = \"nl\"\n")
        .file("content/a.md", "# A\n\n![a](a.svg)\n")
        .file("content/a.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>")
        .file("content/map/b.md", "# B\n\nTekst.\n")
}

fn target(project: &Project) -> PathBuf {
    project.out().with_file_name("target")
}

fn published(project: &Project, arguments: &[&str]) -> crate::project::Run {
    let (out, target) = (project.out(), target(project));
    let paths = ["publish", target.to_str().unwrap(), "-d", out.to_str().unwrap()];
    project.run(&[&paths, arguments].concat())
}

/// What every page asks for is there.
fn assert_pages_have_their_assets(files: &BTreeMap<String, Vec<u8>>, at: &str) {
    for (path, bytes) in files.iter().filter(|(path, _)| path.ends_with(".html")) {
        let html = String::from_utf8(bytes.clone()).unwrap();
        let assets: BTreeSet<&str> =
            html.split('"').filter_map(|part| part.find("assets/").map(|at| &part[at..])).collect();
        for asset in assets {
            assert!(files.contains_key(asset), "{at}: {path} asks for {asset}");
        }
    }
}

#[test]
fn whatever_cuts_it_short_pages_have_their_assets_and_the_next_run_ends_it() {
    let project = project();
    project.build().done();
    published(&project, &[]).done();
    assert_eq!(tree(&target(&project)), project.site());
    fs::write(target(&project).join("vreemd.txt"), "not ours").unwrap();
    let before = tree(&target(&project));
    project.write("content/a.svg", b"<svg xmlns=\"http://www.w3.org/2000/svg\"><g/></svg>");
    project.write("content/c.md", b"# C\n\nTekst.\n");
    project.remove("content/map/b.md");
    project.build().done();
    let mut call = 0;
    loop {
        let folder = target(&project);
        fs::remove_dir_all(&folder).unwrap();
        for (path, bytes) in &before {
            fs::create_dir_all(folder.join(path).parent().unwrap()).unwrap();
            fs::write(folder.join(path), bytes).unwrap();
        }
        let plan = publish::plan(&System, (&project.out(), &folder), Some(9)).unwrap();
        let disk = Faulty::at(call, Fault::Death);
        let died = publish::carry_out(&disk, &plan, None).is_err();
        assert_pages_have_their_assets(&tree(&folder), &format!("call {call}"));
        published(&project, &["--max-deletes", "9"]).done();
        let mut expected = project.site();
        expected.insert("vreemd.txt".into(), b"not ours".to_vec());
        assert_eq!(tree(&folder), expected, "call {call}");
        if !died {
            break;
        }
        call += 1;
    }
    assert!(call > 20, "{call}");
}

#[test]
fn it_does_what_it_announced_and_refuses_what_would_be_a_loss() {
    let project = project();
    assert_eq!(published(&project, &[]).code, Some(2), "there is nothing");
    project.build().done();
    let announced = published(&project, &["--dry-run"]).done().stdout;
    assert!(!target(&project).exists());
    assert_eq!(
        published(&project, &["--format", "json"]).done().stdout.matches("\"put\"").count(),
        announced.lines().count()
    );
    assert_eq!(published(&project, &["--dry-run"]).done().stdout, "");

    project.write("content/a.md", b"# A\n\nAnders.\n");
    let stale = published(&project, &[]);
    assert_eq!((stale.code, stale.stderr.contains("stale")), (Some(1), true), "{stale:?}");
    project.build().done();
    fs::write(project.out().join("a.html"), "damaged").unwrap();
    assert_eq!(published(&project, &[]).code, Some(1));
    project.build().done();

    fs::write(target(&project).join("c.html"), "not ours").unwrap();
    project.write("content/c.md", b"# C\n\nTekst.\n");
    project.build().done();
    assert_eq!(published(&project, &[]).code, Some(2), "a foreign file is in the way");
    fs::remove_file(target(&project).join("c.html")).unwrap();
    published(&project, &[]).done();

    project.remove("content/c.md");
    project.build().done();
    let shrunken = published(&project, &[]);
    assert_eq!((shrunken.code, shrunken.stderr.contains("--max-deletes 1")), (Some(2), true), "{shrunken:?}");
    published(&project, &["--max-deletes", "1"]).done();
    assert_eq!(tree(&target(&project)), project.site());
    for inside in ["content", "."] {
        let path = project.path().join(inside);
        let out = project.out();
        let run = project.run(&["publish", path.to_str().unwrap(), "-d", out.to_str().unwrap()]);
        assert_eq!(run.code, Some(2), "{run:?}");
    }
}
