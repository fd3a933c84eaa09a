//! That each rule can fail: small crates, written to a temporary folder, in which one thing is wrong.

use std::fs;

use tempfile::TempDir;

use crate::rules::{options, orphans, problems, wall};
use crate::sources::Tree;

const ROOMS: [&str; 3] = ["low", "middle", "high"];

/// A crate whose root declares the three rooms; of a file that is not named here nothing is in it.
fn made_up(files: &[(&str, &str)]) -> (TempDir, Tree) {
    let folder = TempDir::new().unwrap();
    let empty = ROOMS.map(|room| (format!("{room}.rs"), ""));
    let root = (
        "lib.rs",
        "mod low; mod middle; mod high; pub use crate::low::Low;",
    );
    for (file, text) in &empty {
        fs::write(folder.path().join(file), text).unwrap();
    }
    for (file, text) in [&[root], files].concat() {
        let path = folder.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let tree = Tree::read(&folder.path().join("lib.rs"));
    (folder, tree)
}

fn found(files: &[(&str, &str)]) -> Vec<String> {
    problems(&made_up(files).1, &ROOMS)
}

#[test]
fn an_option_in_the_text_of_a_library_is_found() {
    let named = "// not --this\nconst TEXT: &str = \"lower --image-size\";
        const BUILD: &str = \"cargo build --features cuda\"; // for cargo build
        #[cfg(test)]\nmod tests { const TEXT: &str = \"--lr\"; }";
    let files = [
        ("low.rs", named),
        ("high.rs", "const TEXT: &str = \"--lr\";"),
    ];
    let (_folder, tree) = made_up(&files);
    let found = options(&tree, &["low"]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("lower --image-size"), "{found:?}");
}

#[test]
fn a_variable_that_is_called_like_a_child_imports_nothing() {
    let parent = "mod rows; pub struct Table; fn f() { let rows = 1; drop(rows) }";
    let child = "use crate::high::Table;";
    let found = found(&[("high.rs", parent), ("high/rows.rs", child)]);
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn what_is_imported_from_below_and_by_tests_is_right() {
    let high = "use crate::{low::{self, Low as Name}, middle::*};
        fn f() -> crate::middle::Middle { println!(\"{}\", crate::low::f()) }
        #[cfg(test)] mod tests { use crate::Low; use super::*; }";
    let middle = "use crate::low::Low;
        #[cfg(test)] use crate::high::High;
        #[cfg(test)] mod tests;";
    let files = [
        ("high.rs", high),
        ("middle.rs", middle),
        ("middle/tests.rs", "use crate::high::High;"),
    ];
    assert_eq!(found(&files), [""; 0]);
}

#[test]
fn a_higher_room_is_found_wherever_it_is_written() {
    for text in [
        "use crate::high::High;",
        "use crate::{low::Low, high::{High as Other}};",
        "use super::high::High;",
        "fn f() -> Vec<crate::high::High> { Vec::new() }",
        "fn f() { let x = [crate::high::High::new()]; }",
        "fn f() { println!(\"{}\", crate::high::High::new()) }",
        "mod inner { use super::super::high::High; }",
    ] {
        let expected = "middle.rs imports High from high.rs: a higher room";
        assert_eq!(found(&[("middle.rs", text)]), [expected], "{text}");
    }
    let whole = found(&[("low.rs", "use crate::high;")]);
    assert_eq!(whole, ["low.rs imports high from high.rs: a higher room"]);
}

#[test]
fn files_that_import_each_other_are_told_with_what_they_import() {
    let files = [
        ("low.rs", "mod a; mod b; mod c;"),
        ("low/a.rs", "use crate::low::b::B;"),
        ("low/b.rs", "use super::c::C;"),
        ("low/c.rs", "fn f() -> crate::low::a::A {}"),
        ("high.rs", "use crate::low::a::A;"),
    ];
    let expected = [
        "low/a.rs imports B from low/b.rs: a circle of 3 files",
        "low/b.rs imports C from low/c.rs: a circle of 3 files",
        "low/c.rs imports A from low/a.rs: a circle of 3 files",
    ];
    assert_eq!(found(&files), expected);
}

#[test]
fn a_parent_and_its_child_are_a_circle_too() {
    let files = [
        ("low.rs", "mod a; pub use a::A; pub struct Low;"),
        ("low/a.rs", "use super::Low;"),
    ];
    let expected = [
        "low.rs imports A from low/a.rs: a circle of 2 files",
        "low/a.rs imports Low from low.rs: a circle of 2 files",
    ];
    assert_eq!(found(&files), expected);
}

#[test]
fn an_import_through_the_root_is_told() {
    let expected = "high.rs imports Low from lib.rs: through the root; name the room";
    assert_eq!(found(&[("high.rs", "use crate::Low;")]), [expected]);
    assert_eq!(found(&[("high.rs", "fn f(x: super::Low) {}")]), [expected]);
}

#[test]
fn a_room_that_the_order_does_not_know_is_told() {
    let files = [("lib.rs", "mod low; mod attic;"), ("attic/mod.rs", "")];
    let expected = "attic has no place in the order of the rooms";
    assert_eq!(found(&files), [expected]);
}

#[test]
fn a_file_that_no_module_declares_is_told() {
    let files = [
        ("low.rs", "#[path = \"other.rs\"] mod a;"),
        ("other.rs", ""),
        ("high/lost.rs", ""),
    ];
    let (folder, tree) = made_up(&files);
    assert_eq!(orphans(&[tree]), [folder.path().join("high/lost.rs")]);
}

#[test]
fn what_goes_through_a_wall_is_told() {
    let files = [
        ("low.rs", "mod walled; mod beside;"),
        ("low/beside.rs", ""),
        (
            "low/walled/mod.rs",
            "mod inner; use crate::low::walled::inner::Inner;",
        ),
        ("low/walled/inner.rs", "use super::super::beside::Beside;"),
    ];
    let expected = "low/walled/inner.rs imports Beside from low/beside.rs: outside";
    assert_eq!(wall(&made_up(&files).1, &["low", "walled"]), [expected]);
}
