//! Site → disk: what a build leaves at the destination, what it refuses, and what it keeps.

mod destination;
pub(crate) mod faulty;
mod folder;
mod memory;
mod replace;
mod sweep;
mod verify;

use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{LazyLock, Mutex};

use leidraad::book::{Digest, EditionId, Site};
use leidraad::write::{self, Request, WriteError, Written};

use faulty::Faulty;
use folder::{Folder, tree};
use memory::Memory;

fn organisation(id: &str) -> EditionId {
    EditionId::Organisation(id.into())
}

/// Pages in folders, a shared asset, a copied file, two organisations.
fn first() -> Memory {
    Memory::new("first")
        .text("index.html", None, "start")
        .text("nl/index.html", Some(EditionId::Base), "welkom")
        .text("nl/praktijk/kanalen.html", Some(EditionId::Base), "kanalen")
        .text("korenaar/nl/index.html", Some(organisation("korenaar")), "de korenaar")
        .text("duinmeer/nl/index.html", Some(organisation("duinmeer")), "duinmeer")
        .text("assets/site.1234.css", None, "body {}")
        .copy("nl/foto.jpg", Some(EditionId::Base), "content/nl/foto.jpg", "a photo")
        .edition(EditionId::Base, &["assets/site.1234.css"])
        .edition(organisation("duinmeer"), &["assets/site.1234.css"])
        .edition(organisation("korenaar"), &["assets/site.1234.css"])
}

/// The same handbook later: files that stay, change, come, go, and a file that becomes a folder.
fn second() -> Memory {
    Memory::new("second")
        .text("index.html", None, "start, changed")
        .text("nl/index.html", Some(EditionId::Base), "welkom")
        .text("nl/nieuw/diep/pagina.html", Some(EditionId::Base), "nieuw")
        .text("nl/praktijk/kanalen.html/index.html", Some(EditionId::Base), "a folder now")
        .text("korenaar/nl/index.html", Some(organisation("korenaar")), "de korenaar, changed")
        .text("duinmeer/nl/index.html", Some(organisation("duinmeer")), "duinmeer")
        .text("assets/site.5678.css", None, "body { color: red }")
        .copy("nl/foto.jpg", Some(EditionId::Base), "content/nl/foto.jpg", "a photo")
        .copy("nl/plan.pdf", Some(EditionId::Base), "content/nl/plan.pdf", "a plan")
        .edition(EditionId::Base, &["assets/site.5678.css"])
        .edition(organisation("duinmeer"), &["assets/site.5678.css"])
        .edition(organisation("korenaar"), &["assets/site.5678.css"])
}

/// A project folder with the files that the sites copy, and where its output goes.
fn project() -> Folder {
    let folder = Folder::new();
    folder.file("book.toml", "");
    folder.file("content/nl/foto.jpg", "a photo");
    folder.file("content/nl/plan.pdf", "a plan");
    folder
}

fn request(folder: &Folder) -> Request<'static> {
    let mut request = Request::new(folder.path(""), folder.path("public"));
    request.inputs = vec![folder.path("content"), folder.path("book.toml")];
    request
}

fn built(folder: &Folder, site: &dyn Site) -> Written {
    write::build(&request(folder), site).unwrap()
}

/// Does some work on one thread, so that its calls on the disk have one order.
fn alone<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    static POOL: LazyLock<rayon::ThreadPool> =
        LazyLock::new(|| rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap());
    POOL.install(work)
}

fn inode(path: PathBuf) -> u64 {
    fs::symlink_metadata(path).unwrap().ino()
}

#[test]
fn a_build_writes_every_output_and_nothing_else() {
    let folder = project();
    let written = built(&folder, &first());
    assert_eq!((written.changed, written.kept, written.removed, written.files), (7, 0, 0, 7));
    assert_eq!(tree(&folder.path("public")), first().tree());
    let written = built(&folder, &second());
    assert_eq!((written.changed, written.kept, written.removed, written.files), (6, 3, 2, 9));
    assert_eq!(tree(&folder.path("public")), second().tree());
    assert_eq!(folder.names(""), ["book.toml", "content", "public"]);
    assert!(written.left_behind.is_empty() && written.left_out.is_empty());
}

#[test]
fn the_manifest_lists_editions_and_files_a_line_each() {
    let folder = project();
    let site = Memory::new("s")
        .text("nl/\"b\".html", Some(EditionId::Base), "b")
        .text("nl/a.html", Some(EditionId::Base), "a")
        .text("assets/x.css", None, "x")
        .edition(EditionId::Base, &["assets/x.css"])
        .edition(organisation("leeg"), &[]);
    let written = built(&folder, &site);
    let expected = format!(
        "{{\"tool\":\"leidraad {}\",\n\"source\":\"{}\",\n\"editions\":{{\n\
         \"base\":{{\"files\":[\n\"nl/\\\"b\\\".html\",\n\"nl/a.html\"],\"assets\":[\n\"assets/x.css\"]}},\n\
         \"leeg\":{{\"files\":[],\"assets\":[]}}\n}},\n\"files\":{{\n\
         \"assets/x.css\":\"{}\",\n\"nl/\\\"b\\\".html\":\"{}\",\n\"nl/a.html\":\"{}\"}}}}\n",
        env!("CARGO_PKG_VERSION"),
        Digest::of(b"s"),
        Digest::of(b"x"),
        Digest::of(b"b"),
        Digest::of(b"a"),
    );
    let bytes = fs::read(folder.path("public/manifest.json")).unwrap();
    assert_eq!(String::from_utf8(bytes.clone()).unwrap(), expected);
    assert_eq!(write::Manifest::parse(&bytes), Some(written.manifest));
    for (from, to) in [("x.css\":", "../x.css\":"), ("nl/a", "nl//a"), ("leidraad", "other"), ("\"files\":[],", "")] {
        assert_eq!(write::Manifest::parse(expected.replace(from, to).as_bytes()), None, "{from} → {to}");
    }
}

#[test]
fn what_has_not_changed_is_not_written_again() {
    let folder = project();
    built(&folder, &first());
    let inodes = |paths: &[&str]| -> Vec<u64> { paths.iter().map(|p| inode(folder.path("public").join(p))).collect() };
    let all = ["", "manifest.json", "index.html", "nl/index.html", "nl/foto.jpg", "duinmeer/nl/index.html"];
    let before = inodes(&all);
    let written = built(&folder, &first());
    assert_eq!((written.changed, written.kept, written.removed), (0, 7, 0));
    assert_eq!(inodes(&all), before, "an unchanged site stays where it is");

    built(&folder, &second());
    let after = inodes(&all);
    assert!(after.iter().zip(&before).take(3).all(|(new, old)| new != old), "new folder, manifest and changed page");
    assert_eq!(after[3..], before[3..], "unchanged files are the same files");
}

#[test]
fn a_file_that_somebody_changed_is_written_again() {
    for damage in ["other bytes", "welkoM", ""] {
        let folder = project();
        built(&folder, &first());
        folder.file("public/nl/index.html", damage);
        folder.file("public/nl/foto.jpg", damage);
        fs::remove_file(folder.path("public/index.html")).unwrap();
        let written = built(&folder, &first());
        assert_eq!((written.changed, written.kept), (3, 4));
        assert_eq!(tree(&folder.path("public")), first().tree());
    }
}

#[test]
fn modes_do_not_depend_on_the_umask() {
    let folder = project();
    let before = rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    built(&folder, &first());
    rustix::process::umask(before);
    // `tree` holds the modes: 644 and 755.
    assert_eq!(tree(&folder.path("public")), first().tree());
}

#[test]
fn an_edition_is_carried_over_whole_or_left_out() {
    let broken = organisation("duinmeer");
    let later = || Memory::new("later").text("index.html", None, "later").edition(EditionId::Base, &[]);
    let folder = project();
    built(&folder, &first());
    let mut request = request(&folder);
    request.carried = vec![broken.clone(), organisation("unknown")];
    // Whatever the site has of a carried edition is not used.
    let site = later().text("duinmeer/nl/index.html", Some(broken.clone()), "half").edition(broken.clone(), &[]);
    let written = write::build(&request, &site).unwrap();
    assert_eq!(written.left_out, [organisation("unknown")]);
    assert_eq!((written.changed, written.kept, written.removed), (1, 2, 4));
    let expected = later()
        .text("duinmeer/nl/index.html", Some(broken.clone()), "duinmeer")
        .text("assets/site.1234.css", None, "body {}")
        .edition(broken.clone(), &["assets/site.1234.css"]);
    assert_eq!(tree(&folder.path("public")), expected.tree());

    for damaged in ["duinmeer/nl/index.html", "assets/site.1234.css"] {
        folder.file(&format!("public/{damaged}"), "DUINMEER");
        let written = write::build(&request, &later()).unwrap();
        assert_eq!(written.left_out, request.carried, "{damaged}");
        assert_eq!(tree(&folder.path("public")), later().tree());
        request.carried = vec![];
        write::build(&request, &expected).unwrap();
        request.carried = vec![broken.clone()];
    }
    let site = later().text("assets/site.1234.css", None, "another with that name");
    let written = write::build(&request, &site).unwrap();
    assert_eq!(written.left_out, [broken], "not exactly its assets");
    assert_eq!(tree(&folder.path("public")), site.tree());
}

#[test]
fn a_changed_input_stops_the_build() {
    for change in ["a phot0", "", "a photo and more"] {
        let folder = project();
        built(&folder, &second());
        let before = tree(&folder.path("public"));
        folder.file("content/nl/foto.jpg", change);
        let site = Memory::new("x").copy("elsewhere.jpg", None, "content/nl/foto.jpg", "a photo");
        let error = write::build(&request(&folder), &site).unwrap_err();
        assert!(
            matches!(&error, WriteError::InputChanged { path } if path.ends_with("content/nl/foto.jpg")),
            "{error}"
        );
        fs::remove_file(folder.path("content/nl/foto.jpg")).unwrap();
        symlink(folder.path("book.toml"), folder.path("content/nl/foto.jpg")).unwrap();
        assert!(matches!(write::build(&request(&folder), &site), Err(WriteError::InputChanged { .. })));
        assert_eq!(tree(&folder.path("public")), before);
        assert_eq!(folder.names(""), ["book.toml", "content", "public"]);
    }
}

#[test]
fn an_interrupted_build_leaves_no_trace() {
    let folder = project();
    built(&folder, &first());
    let flag = AtomicBool::new(false);
    for stop_after in [1, 4, second().count()] {
        flag.store(false, Ordering::SeqCst);
        let progress = |done: usize, _: usize| flag.store(done >= stop_after, Ordering::SeqCst);
        let mut request = request(&folder);
        request.interrupt = Some(&flag);
        request.progress = Some(&progress);
        let error = write::build(&request, &second()).unwrap_err();
        assert!(matches!(error, WriteError::Interrupted), "{error}");
        assert_eq!(error.exit_code(), 130);
        assert_eq!(tree(&folder.path("public")), first().tree());
        assert_eq!(folder.names(""), ["book.toml", "content", "public"]);
    }
}

#[test]
fn progress_counts_every_output() {
    let folder = project();
    let seen = Mutex::new(Vec::new());
    let progress = |done: usize, of: usize| seen.lock().unwrap().push((done, of));
    let mut request = request(&folder);
    request.progress = Some(&progress);
    write::build(&request, &first()).unwrap();
    assert_eq!(*seen.lock().unwrap(), (1..=7).map(|done| (done, 7)).collect::<Vec<_>>());
}

#[test]
fn two_outputs_of_one_name_and_paths_that_leave_the_output_are_errors() {
    let outside = ["../x", "/x", "a//b", "a/./b", "", "manifest.json"];
    for path in outside {
        let folder = project();
        let error = write::build(&request(&folder), &Memory::new("s").text(path, None, "x")).unwrap_err();
        assert!(matches!(error, WriteError::Environment { .. }), "{path}: {error}");
        assert_eq!(folder.names(""), ["book.toml", "content"]);
    }
    let folder = project();
    let twice = Memory::new("s").text("a", None, "x").text("a", None, "y");
    assert!(write::build(&request(&folder), &twice).is_err());
    let lacking = Memory::new("s").edition(EditionId::Base, &["assets/x.css"]);
    assert!(write::build(&request(&folder), &lacking).is_err());
    assert_eq!(folder.names(""), ["book.toml", "content"]);
}

#[test]
fn without_links_files_are_copied() {
    let folder = project();
    built(&folder, &first());
    let disk = Faulty::without_links();
    let written = write::build_on(&disk, &request(&folder), &second()).unwrap();
    assert_eq!((written.changed, written.kept), (6, 3));
    assert_eq!(tree(&folder.path("public")), second().tree());
}

#[test]
fn a_site_of_many_files_is_written_from_all_threads() {
    let folder = project();
    let mut site = Memory::new("many");
    for index in 0..3000 {
        site = site.text(&format!("{}/{}/{index}.html", index % 7, index % 11), None, &format!("page {index}"));
    }
    let pool = rayon::ThreadPoolBuilder::new().num_threads(8).build().unwrap();
    pool.install(|| built(&folder, &site));
    assert_eq!(tree(&folder.path("public")), site.tree());
    let removed: Memory = site.without(|path| path.starts_with("3/"));
    let written = pool.install(|| built(&folder, &removed));
    assert_eq!((written.changed, written.kept + written.removed), (0, 3000));
    assert_eq!(tree(&folder.path("public")), removed.tree());
}
