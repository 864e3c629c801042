//! One small project for every code (spec §6), and what `check` says about it: `LEIDRAAD_BLESS=1`
//! writes `expected.json` anew, to be read like a user would before it is committed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

use leidraad::diagnostic::Code;
use serde_json::{Value, json};

use crate::project::{Finding, Project, repository};

/// Codes without a case, and why.
const WITHOUT_CASE: &[(Code, &str)] = &[(Code::W211, "a translation's `accepted` comes with its own issue")];

fn cases() -> BTreeMap<String, PathBuf> {
    let folder = repository().join("tests/golden");
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), path)).collect()
}

/// A case is named after what it shows, beginning with its code: `E103-unknown-section`.
fn project(name: &str, folder: &std::path::Path) -> Project {
    let project = Project::copy_of(folder);
    let _ = fs::remove_file(project.path().join("expected.json"));
    // What git or an editor would spoil is put there by the test.
    match name {
        "E118-symlink" => symlink("/etc/hostname", project.path().join("content/link.md")).unwrap(),
        "E206-not-utf8" => project.write("content/a.md", b"# A\n\ncaf\xe9\n"),
        "E206-control-character" => project.write("content/a.md", "# A\n\nrood \u{1b}[31m, en \u{202e}om\n".as_bytes()),
        "E206-utf16" => project.write("content/a.md", b"\xff\xfe#\0 \0A\0"),
        _ => {}
    }
    project
}

fn object(finding: &Finding) -> Value {
    json!({
        "severity": finding.severity,
        "code": finding.code,
        "path": finding.path,
        "line": finding.line,
        "column": finding.column,
        "message": finding.message,
        "hint": finding.hint,
    })
}

#[test]
fn every_case_is_reported_as_expected() {
    let mut wrong = String::new();
    for (name, folder) in cases() {
        let found = project(&name, &folder).check();
        let code = name.split('-').next().unwrap();
        if !found.iter().any(|finding| finding.code == code) {
            let _ = writeln!(wrong, "{name}: {code} is not reported: {found:#?}");
        }
        let given = serde_json::to_string_pretty(&found.iter().map(object).collect::<Vec<_>>()).unwrap() + "\n";
        let path = folder.join("expected.json");
        if std::env::var_os("LEIDRAAD_BLESS").is_some() {
            fs::write(&path, &given).unwrap();
        }
        if given != fs::read_to_string(&path).unwrap_or_default() {
            let _ = writeln!(wrong, "{name}: expected.json says otherwise than\n{given}");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn every_code_has_a_case_or_a_reason() {
    let cases = cases();
    let shown: BTreeSet<&str> = cases.keys().filter_map(|name| name.split('-').next()).collect();
    for code in Code::ALL {
        match WITHOUT_CASE.iter().find(|(without, _)| without == code) {
            Some((_, why)) => eprintln!("{code} has no case: {why}"),
            None => assert!(shown.contains(code.as_str()), "{code} has no case in tests/golden"),
        }
    }
    for name in shown {
        assert!(Code::ALL.iter().any(|code| code.as_str() == name), "{name} is no code");
    }
}

#[test]
fn an_error_writes_nothing() {
    let mut wrong = String::new();
    for (name, folder) in cases().into_iter().filter(|(name, _)| name.starts_with('E')) {
        let project = project(&name, &folder);
        let run = project.build();
        if run.code != Some(1) || project.out().exists() {
            let _ = writeln!(wrong, "{name}: {run:?}");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
