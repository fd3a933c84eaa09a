//! What the feature `object-storage` adds to a build.

use tests::cargo_tree::cargo_tree;

/// Otherwise turning it on would build Polars, arrow and parquet anew; the list that keeps it so is in
/// `program/Cargo.toml`.
#[test]
fn the_feature_adds_crates_and_changes_none() {
    for edges in ["normal,no-proc-macro", "normal,build"] {
        let package = ["--package", "analyzer"];
        let feature = [&package[..], &["--features", "object-storage"]].concat();
        let without = cargo_tree(&package, edges, "{p} {f}");
        let with = cargo_tree(&feature, edges, "{p} {f}");
        let other = without.difference(&with);
        let other: Vec<&String> = other
            .filter(|line| !line.starts_with("analyzer "))
            .collect();
        assert!(other.is_empty(), "these have more features: {other:#?}");
        assert!(with.len() > without.len());
    }
}
