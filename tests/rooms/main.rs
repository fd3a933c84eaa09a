//! The rooms of each crate: a lower one never imports a higher one, no files import each other in a circle,
//! nothing inside a crate is imported through its root, every file is declared, and the operators of the
//! recorder stand behind a wall. Read from the sources themselves.
#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]

mod circles;
mod imports;
mod made_up;
mod rules;
mod sources;

use std::path::Path;

use crate::rules::{options, orphans, problems, wall};
use crate::sources::Tree;

/// The root of each crate, and its rooms from the lowest to the highest.
const CRATES: [(&str, &[&str]); 9] = [
    ("draws/src/lib.rs", &["seeds", "folds", "threshold_samples"]),
    (
        "python/src/lib.rs",
        &["error", "rank", "log", "table", "_core"],
    ),
    (
        "logformat/src/lib.rs",
        &["error", "schema", "write", "read", "run"],
    ),
    ("program/src/lib.rs", &[]),
    (
        "recorder/src/lib.rs",
        &[
            "error",
            "seeds",
            "allocator",
            "signals",
            "dataset",
            "labels",
            "held_out",
            "engine",
            "models",
            "pretrained",
            "embedding",
            "training",
            "run",
            "final_training",
            "hub",
            "overview",
            "cli",
        ],
    ),
    ("recorder/src/main.rs", &[]),
    (
        "analyzer/src/lib.rs",
        &[
            "error",
            "allocator",
            "rules",
            "logs",
            "results",
            "imports",
            "analysis",
            "questions",
            "exports",
            "plots",
            "page",
            "commands",
        ],
    ),
    (
        "experiments/src/main.rs",
        &[
            "spelling", "plan", "pieces", "paired", "work", "protocol", "table", "forecast", "own",
        ],
    ),
    ("analyzer/src/main.rs", &[]),
];

fn tree(root: &str) -> Tree {
    let workspace = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    Tree::read(&workspace.canonicalize().unwrap().join(root))
}

#[test]
fn rooms_import_only_what_is_below_them_and_no_files_each_other() {
    for (root, rooms) in CRATES {
        let found = problems(&tree(root), rooms);
        assert!(found.is_empty(), "{root}:\n{}", found.join("\n"));
    }
}

/// The rooms that know the command line, by their crates.
const OF_THE_COMMAND_LINE: [&str; 2] = ["cli", "commands"];

#[test]
fn texts_of_the_libraries_name_settings_and_no_options() {
    let libraries = CRATES.iter().filter(|(root, _)| root.ends_with("lib.rs"));
    for (root, rooms) in libraries {
        let rooms = rooms
            .iter()
            .filter(|room| !OF_THE_COMMAND_LINE.contains(room));
        let found = options(&tree(root), &rooms.copied().collect::<Vec<_>>());
        assert!(found.is_empty(), "{root}:\n{}", found.join("\n"));
    }
}

#[test]
fn every_file_is_declared_by_a_module() {
    for package in [
        "analyzer",
        "draws",
        "experiments",
        "logformat",
        "program",
        "python",
        "recorder",
    ] {
        let roots = CRATES.iter().map(|(root, _)| *root);
        let roots = roots.filter(|root| root.starts_with(&format!("{package}/")));
        let trees: Vec<Tree> = roots.map(tree).collect();
        let found = orphans(&trees);
        assert!(found.is_empty(), "no `mod` declares {found:#?}");
    }
}

#[test]
fn the_operators_import_nothing_of_the_recorder_outside_themselves() {
    let found = wall(&tree("recorder/src/lib.rs"), &["engine", "operators"]);
    assert!(found.is_empty(), "{}", found.join("\n"));
}
