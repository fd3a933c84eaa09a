//! What Cargo builds a package from.

use std::collections::BTreeSet;
use std::process::Command;

/// The lines of `cargo tree` for what `words` choose, such as `--package analyzer`: the crates behind
/// these kinds of `edges`, each in `format`.
pub fn cargo_tree(words: &[&str], edges: &str, format: &str) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--locked", "--prefix", "none"])
        .args(["--edges", edges, "--format", format])
        .args(words)
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .output()
        .unwrap();
    let (listed, _) = crate::common::program::said(&output);
    let lines = listed.lines();
    lines
        .map(|line| line.trim_end_matches(" (*)").trim().to_owned())
        .collect()
}
