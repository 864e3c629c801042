//! Dying, and failing, at every single call on the disk.

use std::sync::atomic::AtomicBool;

use leidraad::write::{self, Request, WriteError, Written};

use super::faulty::{Fault, Faulty};
use super::folder::{Folder, Tree, tree};
use super::memory::Memory;
use super::{alone, built, first, organisation, project, request, second};

/// Whether there is no earlier output, and whether the file system cannot exchange two folders.
const CASES: [(bool, bool); 4] = [(true, false), (true, true), (false, false), (false, true)];

/// One edition is carried over and the others change, so that every way to make a file is in the sweep.
fn carrying(folder: &Folder) -> Request<'static> {
    let mut request = request(folder);
    request.carried = vec![organisation("duinmeer")];
    request
}

/// What comes of `second` when Duinmeer is carried over from `first`, and when there is nothing to carry over.
fn expected(starts_empty: bool) -> Memory {
    let rest = second().without(|path| path.starts_with("duinmeer"));
    if starts_empty {
        return rest;
    }
    rest.text("duinmeer/nl/index.html", None, "duinmeer").text("assets/site.1234.css", None, "body {}")
}

fn start(starts_empty: bool) -> Folder {
    let folder = project();
    if !starts_empty {
        built(&folder, &first());
    }
    folder
}

/// Runs builds that are struck at call 0, 1, … until one is not; gives how many were.
fn sweep(
    (starts_empty, lacks_exchange): (bool, bool),
    fault: Fault,
    mut judge: impl FnMut(&Folder, &str, Result<Written, WriteError>),
) -> usize {
    for call in 0.. {
        let folder = start(starts_empty);
        let disk = Faulty::at(call, fault);
        let disk = if lacks_exchange { disk.without_exchange() } else { disk };
        let result = alone(|| write::build_on(&disk, &carrying(&folder), &second()));
        if !disk.struck() {
            result.unwrap();
            assert_eq!(tree(&folder.path("public")), expected(starts_empty).tree());
            return call;
        }
        let at = format!("{fault:?} at call {call}, {:?}", disk.log.lock().unwrap().get(call));
        judge(&folder, &at, result);
        built(&folder, &second());
        assert_eq!(tree(&folder.path("public")), second().tree(), "{at}");
        assert_clean(&folder, &at);
    }
    unreachable!()
}

fn assert_clean(folder: &Folder, at: &str) {
    let names = folder.names("");
    assert!(names.iter().all(|name| !name.starts_with('.')), "{at}: {names:?}");
}

#[test]
fn whatever_kills_a_build_the_site_is_whole() {
    for (starts_empty, lacks_exchange) in CASES {
        let old = if starts_empty { Tree::default() } else { first().tree() };
        let new = expected(starts_empty).tree();
        let (mut olds, mut news, mut gaps) = (0, 0, 0);
        let deaths = sweep((starts_empty, lacks_exchange), Fault::Death, |folder, at, result| {
            let public = folder.path("public");
            if result.is_ok() {
                assert_eq!(tree(&public), new, "{at}");
            }
            let mut left = tree(&public);
            if left == Tree::default() && !starts_empty {
                gaps += 1;
                assert_completed(folder, at);
                left = tree(&public);
            }
            assert!(left == new || left == old, "{at}: neither old nor new:\n{left:?}");
            olds += usize::from(left == old);
            news += usize::from(left == new);
        });
        assert!(olds > 40 && news > if starts_empty { 0 } else { 15 }, "{olds} old, {news} new of {deaths}");
        assert_eq!(gaps, usize::from(lacks_exchange && !starts_empty), "only between two renames nothing is there");
    }
}

#[test]
fn whatever_fails_the_site_is_whole_and_the_build_says_so() {
    for (starts_empty, lacks_exchange) in CASES {
        let old = if starts_empty { Tree::default() } else { first().tree() };
        let new = expected(starts_empty).tree();
        let mut failures = 0;
        sweep((starts_empty, lacks_exchange), Fault::Full, |folder, at, result| {
            let public = folder.path("public");
            match result {
                Err(error) => {
                    assert!(matches!(&error, WriteError::Environment { .. }), "{at}: {error}");
                    assert_eq!(error.exit_code(), 3);
                    assert!(error.to_string().contains("no storage space"), "{error}");
                    assert_eq!(tree(&public), old, "{at}");
                    assert_clean(folder, at);
                    failures += 1;
                }
                // The site is there; what could not be deleted is told, and deleted by the next build.
                Ok(written) => {
                    assert_eq!(tree(&public), new, "{at}");
                    assert_eq!(written.left_behind.len(), 1, "{at}");
                }
            }
        });
        assert!(failures > 40, "{failures}");
    }
}

#[test]
fn a_disk_that_fails_for_good_leaves_the_site_whole_too() {
    let (old, new) = (first().tree(), expected(false).tree());
    sweep((false, false), Fault::FullForGood, |folder, at, result| match result {
        Err(error) => {
            assert!(matches!(&error, WriteError::Environment { .. }), "{at}: {error}");
            assert_eq!(tree(&folder.path("public")), old, "{at}");
        }
        Ok(written) => {
            assert_eq!(tree(&folder.path("public")), new, "{at}");
            assert!(!written.left_behind.is_empty(), "{at}");
        }
    });
}

#[test]
fn an_exchange_that_is_stuck_halfway_is_completed_by_the_next_start() {
    let folder = start(false);
    let error = write::build_on(&Faulty::with_one_rename(), &carrying(&folder), &second()).unwrap_err();
    assert!(matches!(error, WriteError::Environment { .. }), "{error}");
    assert_eq!(tree(&folder.path("public")), Tree::default());
    assert_completed(&folder, "with one rename");
}

/// The next start completes the exchange before it does anything of its own.
fn assert_completed(folder: &Folder, at: &str) {
    let (stop, mut idle) = (AtomicBool::new(true), carrying(folder));
    idle.interrupt = Some(&stop);
    assert!(matches!(write::build(&idle, &second()), Err(WriteError::Interrupted)), "{at}");
    assert_clean(folder, at);
    assert_eq!(tree(&folder.path("public")), expected(false).tree(), "{at}");
}
