//! `import`: what other tools have logged, with numbers that can be checked by hand, and how it refuses.

mod arrays;
mod aum_package;
mod data_maps;
mod refusals;
mod table;

use std::fs;
use std::path::Path;

use logformat::{EpochReader, RowBatch};
use serde_json::Value;
use tests::program::{names, text};

use crate::setup::{Logs, json_of, run};

/// Imports these words, which must succeed; what is said.
pub(crate) fn imported(logs: &Logs, words: &str) -> String {
    let words: Vec<String> = words.split(' ').map(|word| in_folder(logs, word)).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let output = run(&[&["import"], &words[..]].concat());
    let said = text(&output.stderr);
    assert!(output.status.success(), "{said}");
    said
}

/// A word that names something, as a path in the folder.
fn in_folder(logs: &Logs, word: &str) -> String {
    let is_option = word.starts_with('-') || word.parse::<f64>().is_ok();
    match !is_option && (word.contains('.') || word.starts_with("out") || logs.at(word).exists()) {
        true => logs.word(word),
        false => word.to_owned(),
    }
}

/// The rows of a file in the folder.
pub(crate) fn rows(logs: &Logs, file: &str) -> RowBatch {
    let mut batches = EpochReader::open(&logs.at(file)).unwrap().rows().unwrap();
    batches.next().unwrap().unwrap()
}

/// The AUMs that `aum` finds in `words`, by sample.
pub(crate) fn aums(words: &[&str]) -> Vec<(Value, f64)> {
    let output = run(&[&["aum", "-q", "--format", "csv"], words].concat());
    let table = text(&output.stdout);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let mut lines = table.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    let at = |name: &str| header.iter().position(|column| *column == name).unwrap();
    let mut aums: Vec<(Value, f64)> = lines
        .map(|line| {
            let fields: Vec<&str> = line.split(',').collect();
            (
                fields[at("sample_id")].into(),
                fields[at("aum_p1")].parse().unwrap(),
            )
        })
        .collect();
    aums.sort_by_key(|(id, _)| id.to_string());
    aums
}

pub(crate) fn write(logs: &Logs, file: &str, content: &str) {
    let path = logs.at(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

/// What lies in a folder, hidden files too; nothing where it is not there.
pub(crate) fn inside(path: &Path) -> Vec<String> {
    if path.exists() {
        names(path)
    } else {
        Vec::new()
    }
}

/// The summary of a run.
pub(crate) fn summary(words: &[&str]) -> Value {
    json_of(&[&["aum"], words].concat())[0].clone()
}
