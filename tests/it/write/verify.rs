//! An output proved whole and current, or not.

use std::fs;
use std::os::unix::fs::symlink;

use leidraad::book::{Digest, Site};
use leidraad::write::{self, ProblemKind};

use super::folder::Folder;
use super::{built, first, project};

fn problems(folder: &Folder, source: Option<Digest>) -> Vec<String> {
    let problems = write::verify(&folder.path("public"), source).unwrap();
    problems.iter().map(|problem| format!("{} {}", problem.kind.as_str(), problem.path)).collect()
}

#[test]
fn the_four_problems_are_told_apart() {
    let folder = project();
    built(&folder, &first());
    assert_eq!(problems(&folder, None), [""; 0]);
    assert_eq!(problems(&folder, Some(first().source())), [""; 0]);
    assert_eq!(problems(&folder, Some(Digest::of(b"other"))), ["stale manifest.json"]);
    fs::remove_file(folder.path("public/index.html")).unwrap();
    folder.file("public/nl/index.html", "welkoM");
    folder.file("public/nl/.hidden", "");
    assert_eq!(problems(&folder, None), ["missing index.html", "added nl/.hidden", "changed nl/index.html"]);
}

#[test]
fn any_damage_to_any_file_is_seen() {
    let folder = project();
    built(&folder, &first());
    let paths: Vec<String> = first().tree().0.into_keys().filter(|path| path.contains('.')).collect();
    assert_eq!(paths.len(), 8);
    for path in &paths {
        let full = folder.path("public").join(path);
        let bytes = fs::read(&full).unwrap();
        let changed = if path == "manifest.json" { "missing" } else { "changed" };
        let expect = |kind: &str| assert_eq!(problems(&folder, None), [format!("{kind} {path}")], "{path}");
        fs::write(&full, &bytes[..bytes.len() - 2]).unwrap();
        expect(changed);
        let mut flipped = bytes.clone();
        flipped[0] ^= 1;
        fs::write(&full, &flipped).unwrap();
        expect(changed);
        fs::remove_file(&full).unwrap();
        expect("missing");
        fs::create_dir(&full).unwrap();
        expect(changed);
        fs::remove_dir(&full).unwrap();
        // Even to the very same bytes: what a link leads to is not part of the output.
        folder.file("elsewhere", &String::from_utf8(bytes.clone()).unwrap());
        symlink(folder.path("elsewhere"), &full).unwrap();
        expect(changed);
        fs::remove_file(&full).unwrap();
        fs::write(&full, &bytes).unwrap();
        assert_eq!(problems(&folder, None), [""; 0]);
    }
}

#[test]
fn a_manifest_that_says_the_same_in_other_bytes_has_changed() {
    let folder = project();
    built(&folder, &first());
    let path = folder.path("public/manifest.json");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace(",\n", ", ")).unwrap();
    assert_eq!(problems(&folder, None), ["changed manifest.json"]);
    fs::write(&path, text.replace("\"base\"", "\"base\\u0020\"")).unwrap();
    assert_eq!(problems(&folder, None), ["changed manifest.json"]);
}

#[test]
fn a_folder_without_a_manifest_of_ours_lacks_one() {
    let folder = project();
    assert_eq!(problems(&folder, None), ["missing manifest.json"]);
    folder.file("public/manifest.json", "{\"tool\":\"other\"}");
    assert_eq!(problems(&folder, None), ["missing manifest.json"]);
    assert!(ProblemKind::Missing < ProblemKind::Stale);
}
