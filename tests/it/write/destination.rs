//! Where a site may be written, what is refused, and what else of ours may be there.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};

use leidraad::write::{self, Request, WriteError};

use super::folder::{Folder, tree};
use super::memory::Memory;
use super::{built, first, project, request, second};

#[test]
fn dangerous_destinations_are_refused_and_untouched() {
    let home = Folder::new();
    home.file("home/letter.txt", "dear");
    home.folder("home/empty");
    home.file("home/project/book.toml", "");
    home.file("home/project/content/nl/index.md", "# Hi");
    home.folder("home/project/content/leeg");
    home.file("home/project/themes/mine/theme.toml", "");
    home.file("home/project/layers/a.yaml", "name: A");
    home.file("home/project/.git/HEAD", "ref");
    home.file("home/foreign/index.html", "not ours");
    home.file("home/other/manifest.json", "{\"tool\":\"other\"}");
    home.file("home/cut/manifest.json", "{\"tool\":\"leidraad 0.1.0\",\n\"source\"");
    home.file("home/pipes/deep/x", "");
    symlink(home.path("home/empty"), home.path("home/link")).unwrap();
    symlink(home.path("home/project"), home.path("home/alias")).unwrap();
    symlink("nowhere", home.path("home/dangling")).unwrap();
    let ours = |name: &str| {
        let request = Request::new(home.path("home/project"), home.path("home").join(name));
        write::build(&request, &Memory::new("s").text("index.html", None, "x")).unwrap();
    };
    ours("with-file");
    home.file("home/with-file/notes.txt", "mine");
    ours("with-link");
    fs::remove_file(home.path("home/with-link/index.html")).unwrap();
    symlink(home.path("home/letter.txt"), home.path("home/with-link/index.html")).unwrap();
    ours("with-git");
    home.file("home/with-git/.git", "gitdir: elsewhere");
    let dangerous = [
        "/",
        ".",
        "..",
        "../..",
        "content",
        "content/",
        "content/public",
        "content/leeg",
        "content/nl/../..",
        "missing/../content",
        "themes",
        "layers/a.yaml",
        "layers/a.yaml/public",
        "book.toml",
        ".git",
        "../link",
        "../link/",
        "../alias",
        "../alias/content/public",
        "../dangling",
        "../letter.txt",
        "../foreign",
        "../other",
        "../cut",
        "../pipes",
        "../with-file",
        "../with-link",
        "../with-git",
        "/usr",
        "/proc",
    ];
    let before = tree(&home.path(""));
    for dest in dangerous {
        let mut request = Request::new(home.path("home/project"), home.path("home/project").join(dest));
        request.inputs =
            ["content", "themes/mine", "layers", "book.toml"].map(|p| home.path("home/project").join(p)).into();
        let site = Memory::new("s").text("index.html", None, "x");
        for result in [write::build(&request, &site).map(drop), write::clean(&request).map(drop)] {
            let error = result.expect_err(dest);
            assert!(matches!(error, WriteError::Refused { .. }), "{dest}: {error}");
            assert_eq!(error.exit_code(), 2);
        }
        assert_eq!(tree(&home.path("")), before, "{dest}");
    }
}

#[test]
fn a_project_that_is_its_own_input_may_hold_its_output() {
    let folder = project();
    let mut request = request(&folder);
    request.inputs = vec![folder.path("")];
    write::build(&request, &first()).unwrap();
    for dest in ["", "..", "content"] {
        request.dest = folder.path(dest);
        assert!(matches!(write::build(&request, &first()), Err(WriteError::Refused { .. })), "{dest}");
    }
}

#[test]
fn an_empty_project_is_no_destination_either() {
    let folder = Folder::new();
    folder.folder("above/project");
    for dest in ["above/project", "above", "above/project/..", "above/project/."] {
        let request = Request::new(folder.path("above/project"), folder.path(dest));
        let error = write::build(&request, &Memory::new("s").text("index.html", None, "x")).unwrap_err();
        assert!(matches!(error, WriteError::Refused { .. }), "{dest}: {error}");
        assert_eq!(folder.names("above"), ["project"]);
    }
}

#[test]
fn an_empty_folder_may_become_an_output() {
    let folder = project();
    folder.folder("public/empty");
    built(&folder, &first());
    assert_eq!(tree(&folder.path("public")), first().tree());
}

#[test]
fn missing_folders_above_the_destination_are_made() {
    let folder = project();
    let request = Request::new(folder.path(""), folder.path("out/a/public"));
    write::build(&request, &first()).unwrap();
    assert_eq!(tree(&folder.path("out/a/public")), first().tree());
    assert_eq!(folder.names("out/a"), ["public"]);
}

#[test]
fn of_two_builds_at_once_one_is_locked_out() {
    let folder = project();
    let (entered, done) = (Barrier::new(2), Barrier::new(2));
    let request = request(&folder);
    let stop_once = AtomicUsize::new(0);
    let wait = |_: usize, _: usize| {
        if stop_once.fetch_add(1, Ordering::SeqCst) == 0 {
            entered.wait();
            done.wait();
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut slow = Request::new(folder.path(""), folder.path("public"));
            slow.progress = Some(&wait);
            write::build(&slow, &first()).unwrap();
        });
        entered.wait();
        let result = write::build(&request, &second());
        done.wait();
        let error = result.unwrap_err();
        assert!(matches!(error, WriteError::Locked { .. }), "{error}");
        assert_eq!(error.exit_code(), 3);
    });
    assert_eq!(tree(&folder.path("public")), first().tree());
    assert_eq!(folder.names(""), ["book.toml", "content", "public"]);
}

#[test]
fn the_lock_of_a_dead_process_is_taken_over_and_no_other_file() {
    for left in ["", "{\"leid", "{\"leidraad\":{\"exchange\":{\"new\":\"../content\",\"old\":\"x\"}}}"] {
        let folder = project();
        folder.file(".public.lock", left);
        built(&folder, &first());
        assert_eq!(folder.names(""), ["book.toml", "content", "public"]);
        assert_eq!(tree(&folder.path("public")), first().tree());
    }
    let folder = project();
    folder.file(".public.lock", "somebody's notes");
    let before = tree(&folder.path(""));
    assert!(matches!(write::build(&request(&folder), &first()), Err(WriteError::Refused { .. })));
    assert_eq!(tree(&folder.path("")), before);
}

#[test]
fn leftovers_of_killed_builds_go_and_nothing_else() {
    let folder = project();
    built(&folder, &first());
    folder.file(".public.0123456789ab/nl/half.html", "half");
    folder.file(".public.0123456789AB/x", "not our digits");
    folder.file(".public.0123456789abc/x", "not our length");
    folder.file(".publicity.0123456789ab/x", "not our name");
    folder.file(".public.aaaaaaaaaaaa", "not a folder");
    symlink("content", folder.path(".public.bbbbbbbbbbbb")).unwrap();
    // An earlier site in which somebody saved a file before it could be deleted.
    fs::create_dir(folder.path(".public.cccccccccccc")).unwrap();
    for name in ["index.html", "manifest.json"] {
        fs::copy(folder.path("public").join(name), folder.path(".public.cccccccccccc").join(name)).unwrap();
    }
    folder.file(".public.cccccccccccc/notes.txt", "mine");
    let written = built(&folder, &second());
    let left: Vec<&Path> = written.left_behind.iter().map(|left| left.path.as_path()).collect();
    assert_eq!(left, [folder.path(".public.cccccccccccc")]);
    let stay = [".public.0123456789AB", ".public.0123456789abc", ".public.aaaaaaaaaaaa", ".public.bbbbbbbbbbbb"];
    let others = [".public.cccccccccccc", ".publicity.0123456789ab", "book.toml", "content", "public"];
    assert_eq!(folder.names(""), [&stay[..], &others[..]].concat());
    assert_eq!(folder.names(".public.cccccccccccc"), ["manifest.json", "notes.txt"]);
}

#[test]
fn clean_removes_an_output_and_only_that() {
    let folder = project();
    built(&folder, &first());
    folder.file(".public.0123456789ab/half", "");
    assert_eq!(write::clean(&request(&folder)).unwrap(), []);
    assert_eq!(folder.names(""), ["book.toml", "content"]);
    assert_eq!(write::clean(&request(&folder)).unwrap(), []);
    folder.folder("public");
    assert_eq!(write::clean(&request(&folder)).unwrap(), []);
    assert_eq!(folder.names(""), ["book.toml", "content", "public"]);
}
