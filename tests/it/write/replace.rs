//! Single files replaced, for `watch`.

use leidraad::book::EditionId;
use leidraad::write::{self, WriteError, Written};

use super::faulty::{Fault, Faulty};
use super::folder::{Folder, tree};
use super::memory::Memory;
use super::{alone, built, first, inode, project, request, second};

/// A later round in which no file becomes a folder: a page and an asset change, come and go.
fn later() -> Memory {
    first()
        .without(|path| path == "nl/praktijk/kanalen.html" || path.starts_with("assets/") || path == "index.html")
        .text("index.html", None, "start, later")
        .text("nl/nieuw/diep/pagina.html", Some(EditionId::Base), "nieuw")
        .text("404.html", None, "sorts before the assets")
        .text("assets/site.5678.css", None, "later")
        .with_assets(&["assets/site.5678.css"])
        .copy("nl/plan.pdf", Some(EditionId::Base), "content/nl/plan.pdf", "a plan")
}

fn replaced(folder: &Folder, disk: &Faulty, site: &Memory, previous: &Written) -> Result<Written, WriteError> {
    alone(|| write::replace_on(disk, &request(folder), site, &previous.manifest))
}

#[test]
fn only_what_changed_is_replaced_and_in_order() {
    let folder = project();
    let previous = built(&folder, &first());
    let public = folder.path("public");
    let before = [inode(public.clone()), inode(public.join("nl/index.html")), inode(public.join("nl/foto.jpg"))];
    let disk = Faulty::default();
    let written = replaced(&folder, &disk, &later(), &previous).unwrap();
    assert_eq!((written.changed, written.kept, written.removed, written.files), (5, 4, 2, 9));
    assert_eq!(tree(&public), later().tree());
    assert_eq!(folder.names(""), ["book.toml", "content", "public"]);
    let after = [inode(public.clone()), inode(public.join("nl/index.html")), inode(public.join("nl/foto.jpg"))];
    assert_eq!(after, before);

    let log = disk.log.lock().unwrap();
    let inside = format!("{}/", public.display());
    let changes = ["rename ", "rename_new ", "remove_file ", "write ", "copy ", "link "];
    let done: Vec<&str> = log
        .iter()
        .filter(|line| changes.iter().any(|change| line.starts_with(change)))
        .filter_map(|line| line.split_once(&inside).map(|(_, path)| path))
        .collect();
    let expected = [
        "assets/site.5678.css",
        "404.html",
        "index.html",
        "nl/nieuw/diep/pagina.html",
        "nl/plan.pdf",
        "assets/site.1234.css",
        "nl/praktijk/kanalen.html",
        "manifest.json",
    ];
    assert_eq!(done, expected, "assets, pages, deletions, manifest");
}

#[test]
fn nothing_changed_touches_nothing() {
    let folder = project();
    let previous = built(&folder, &first());
    let disk = Faulty::default();
    let written = replaced(&folder, &disk, &first(), &previous).unwrap();
    assert_eq!((written.changed, written.kept), (0, 7));
    let log = disk.log.lock().unwrap();
    let reads = ["look", "list", "lock", "matches"];
    assert!(
        log.iter().all(|line| reads.iter().any(|r| line.starts_with(r)) || line.ends_with(".public.lock")),
        "{log:?}"
    );
}

#[test]
fn what_cannot_go_file_by_file_is_built_whole() {
    let folder = project();
    let previous = built(&folder, &first());
    // A page becomes a folder, and back.
    let written = replaced(&folder, &Faulty::default(), &second(), &previous).unwrap();
    assert_eq!(tree(&folder.path("public")), second().tree());
    let written = replaced(&folder, &Faulty::default(), &first(), &written).unwrap();
    assert_eq!(tree(&folder.path("public")), first().tree());
    // Another program built in between, or the folder is gone.
    built(&folder, &second());
    let written = replaced(&folder, &Faulty::default(), &first(), &written).unwrap();
    assert_eq!(tree(&folder.path("public")), first().tree());
    std::fs::remove_dir_all(folder.path("public")).unwrap();
    let written = replaced(&folder, &Faulty::default(), &later(), &written).unwrap();
    assert_eq!(tree(&folder.path("public")), later().tree());
    // A file of somebody else stands where a page would come.
    folder.file("public/nl/praktijk/kanalen.html", "mine");
    let before = tree(&folder.path(""));
    let error = replaced(&folder, &Faulty::default(), &first(), &written).unwrap_err();
    assert!(matches!(error, WriteError::Refused { .. }), "{error}");
    assert_eq!(tree(&folder.path("")), before);
}

#[test]
fn after_a_death_or_a_failure_the_next_round_mends_everything() {
    for fault in [Fault::Death, Fault::Full] {
        let mut call = 0;
        loop {
            let folder = project();
            let previous = built(&folder, &first());
            let disk = Faulty::at(call, fault);
            let result = replaced(&folder, &disk, &later(), &previous);
            if !disk.struck() {
                result.unwrap();
                break;
            }
            let at = format!("{fault:?} {call} {:?}", disk.log.lock().unwrap().last());
            if let (Err(error), Fault::Full) = (&result, fault) {
                assert!(matches!(error, WriteError::Environment { .. }), "{at}: {error}");
            }
            // Every file is whole, whichever site it is of.
            for (path, entry) in &tree(&folder.path("public")).0 {
                let known =
                    path == "manifest.json" || [first(), later()].iter().any(|s| s.tree().0.get(path) == Some(entry));
                let folder = matches!(entry, super::folder::Entry::Folder(0o755));
                assert!(known || folder, "{at}: {path}");
            }
            // The author takes the change back: the next round has to see that some files are newer already.
            let again = result.map_or_else(|_| previous.manifest.clone(), |written| written.manifest);
            let written = write::replace(&request(&folder), &first(), &again).unwrap();
            assert_eq!(tree(&folder.path("public")), first().tree(), "{at}");
            assert_eq!(folder.names(""), ["book.toml", "content", "public"], "{at}");
            assert_eq!(written.files, 7);
            call += 1;
        }
        assert!(call > 40, "{call}");
    }
}
