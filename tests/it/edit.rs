//! A change of one value in a YAML file: only the bytes of that value differ.

use leidraad::load::edit::{set, wrap};

const PIN: &str = "v1-0123456789ab";

fn pinned(text: &str, path: &[&str]) -> String {
    set(text, path, PIN).unwrap_or_else(|| panic!("not set in {text:?}"))
}

#[test]
fn a_value_that_is_there_is_replaced_and_nothing_else() {
    for (before, after) in [
        ("a:\n  accepted: old # why\n  b: 1\n", "a:\n  accepted: v1-0123456789ab # why\n  b: 1\n"),
        ("a: {b: 'x', accepted: \"old\", c: d}", "a: {b: 'x', accepted: \"v1-0123456789ab\", c: d}"),
        ("a:\r\n  accepted:   old\r\n", "a:\r\n  accepted:   v1-0123456789ab\r\n"),
        ("a:\n  accepted:\n  b: 1\n", "a:\n  accepted: v1-0123456789ab\n  b: 1\n"),
        ("a: {accepted: , b: 1}\n", "a: {accepted: v1-0123456789ab , b: 1}\n"),
    ] {
        assert_eq!(pinned(before, &["a", "accepted"]), after);
    }
}

#[test]
fn a_key_that_is_missing_comes_after_the_last_one() {
    for (before, after) in [
        ("a:\n  b: 1 # one\n\n# two\nc: 2\n", "a:\n  b: 1 # one\n  accepted: v1-0123456789ab\n\n# two\nc: 2\n"),
        (
            "a:\n  b: |\n    één\n\n    twee\n\nc: 2\n",
            "a:\n  b: |\n    één\n\n    twee\n  accepted: v1-0123456789ab\n\nc: 2\n",
        ),
        ("a:\n  b: |+\n    één\n\nc: 2\n", "a:\n  b: |+\n    één\n\n  accepted: v1-0123456789ab\nc: 2\n"),
        ("a:\n  b: >-\n    één\n    twee\n", "a:\n  b: >-\n    één\n    twee\n  accepted: v1-0123456789ab\n"),
        ("a:\n  b: een\n    twee\nc: 2\n", "a:\n  b: een\n    twee\n  accepted: v1-0123456789ab\nc: 2\n"),
        ("a:\n  b: \"een\n    twee\"", "a:\n  b: \"een\n    twee\"\n  accepted: v1-0123456789ab"),
        ("a:\r\n    b: 1\r\n", "a:\r\n    b: 1\r\n    accepted: v1-0123456789ab\r\n"),
        ("a: {b: 1}\n", "a: {b: 1, accepted: v1-0123456789ab}\n"),
        ("a: {\n  b: 1, # x\n  c: 2,\n}\n", "a: {\n  b: 1, # x\n  c: 2, accepted: v1-0123456789ab\n}\n"),
        ("a: {}\n", "a: {accepted: v1-0123456789ab}\n"),
        ("a:\n  b:\nc: 1\n", "a:\n  b:\n  accepted: v1-0123456789ab\nc: 1\n"),
        ("a:\n  b:\n    nl: x\n    en: y\n", "a:\n  b:\n    nl: x\n    en: y\n  accepted: v1-0123456789ab\n"),
        ("a:\n  b: [1,\n    2]\n", "a:\n  b: [1,\n    2]\n  accepted: v1-0123456789ab\n"),
        ("a:\n  - b\n", "a:\n  - b\n"),
    ] {
        match set(before, &["a", "accepted"], PIN) {
            Some(found) => assert_eq!(found, after),
            None => assert_eq!(before, after, "not set"),
        }
    }
}

#[test]
fn a_bare_text_becomes_a_map() {
    for (before, after) in [
        ("c:\n  a: Wij zeggen je.\n", "c:\n  a: {replace: Wij zeggen je.}\n"),
        ("c:\n  a: 'Wij, {allen}' # x\n", "c:\n  a: {replace: 'Wij, {allen}'} # x\n"),
        ("c:\n  a: Wij, allen # x\n", "c:\n  a:\n    replace: Wij, allen # x\n"),
        ("c:\n  a: |\n    een\n\n    twee\n  b: x\n", "c:\n  a:\n    replace: |\n      een\n\n      twee\n  b: x\n"),
        ("c:\n  a: Een\n    twee\n", "c:\n  a:\n    replace: Een\n      twee\n"),
        ("c: {a: x}", "c: {a: {replace: x}}"),
        ("c:\n  a: {nl: x, en: y}\n", "c:\n  a: {replace: {nl: x, en: y}}\n"),
        (
            "c:\n  a:\n    nl: x\n    # why\n    en: |\n      y\n",
            "c:\n  a:\n    replace:\n      nl: x\n      # why\n      en: |\n        y\n",
        ),
        ("c:\r\n  a: |\r\n    een\r\n", "c:\r\n  a:\r\n    replace: |\r\n      een\r\n"),
    ] {
        assert_eq!(wrap(before, &["c", "a"], "replace").as_deref(), Some(after));
    }
}

#[test]
fn what_cannot_be_read_is_left_alone() {
    assert_eq!(set("a: &x 1\nb: *x\n", &["a"], "2"), None);
    assert_eq!(set("a: [1", &["b"], "2"), None);
    assert_eq!(set("- a\n", &["b"], "2"), None);
    assert_eq!(set("# nothing yet\n", &["b"], "2").as_deref(), Some("# nothing yet\nb: 2\n"));
}
