//! The worked examples of every `--help`, run as they stand there, in a folder with the files that they
//! name.

use std::fs;
use std::path::Path;
use tests::program::text;

use crate::setup::{command, command_names, help};
use crate::synthetic::Synthetic;

/// What `import` reads.
const OF_OTHER_TOOLS: [(&str, &str); 2] = [
    (
        "full_aum_records.csv",
        "sample_id,num_measurements,target_logit,target_val,other_logit,other_val,margin,aum\n\
         0,1,0,2.0,1,1.0,1.0,1.0\n1,1,3,0.5,2,2.0,-1.5,-1.5\n",
    ),
    ("aum_values.csv", "sample_id,aum\n1,2.5\n0,-1.5\n"),
];

/// The files that examples name: two runs, logs of somebody else, an AUM table, and labels by experts.
/// Only what compares runs finds several in `logs`.
fn inputs(words: &[String]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let compares = ["compare", "runs"].contains(&words[0].as_str());
    let seeds = if compares {
        &["seed0", "seed1", "seed2"][..]
    } else {
        &[]
    };
    for (seed, run) in (0..).zip([&["my-run"][..], seeds].concat()) {
        let samples = 400; // 391 is one of them
        Synthetic { run, samples, seed }.record(&at("logs"));
    }
    for (file, content) in OF_OTHER_TOOLS {
        fs::write(at(file), content).unwrap();
    }
    fs::create_dir(at("my-logs")).unwrap();
    for epoch in 1..=5 {
        let log = at(&format!("logs/my-run-p1-e{epoch:04}.parquet"));
        fs::copy(log, at(&format!("my-logs/{epoch}.parquet"))).unwrap();
    }
    fs::write(
        at("experts.csv"),
        "sample_id,true_label\n3,cat\n13,dog\n4,\n",
    )
    .unwrap();
    let writes_it = ["aum", "import"].contains(&words[0].as_str());
    if words.iter().any(|word| word == "aum.csv") && !writes_it {
        runs_through(folder.path(), &["aum", "logs", "-o", "aum.csv"]);
    }
    folder
}

fn runs_through(folder: &Path, words: &[&str]) {
    let output = command(words).current_dir(folder).output().unwrap();
    assert!(
        output.status.success(),
        "analyzer {}: {}",
        words.join(" "),
        text(&output.stderr)
    );
}

/// The words of a line, without the quotes that a shell takes off.
fn words(line: &str) -> Vec<String> {
    line.split_whitespace()
        .map(|word| word.trim_matches('\'').to_owned())
        .collect()
}

/// What of a line with pipes and several programs is the analyzer's.
fn analyzer_parts(line: &str) -> impl Iterator<Item = &str> {
    let parts = line.split(" && ").flat_map(|part| part.split(" | "));
    let parts = parts.filter_map(|part| part.split(" > ").next());
    parts.filter_map(|part| part.trim().strip_prefix("analyzer "))
}

#[test]
fn the_examples_of_every_help_run_as_they_stand_there() {
    let commands = command_names();
    assert!(
        commands.contains("aum") && commands.contains("evaluate"),
        "{commands:?}"
    );
    let helps = commands.iter().map(|name| (name.as_str(), help(&[name])));
    for (name, help) in helps.chain([("", help(&[]))]) {
        let examples = help
            .lines()
            .filter(|line| line.starts_with("    analyzer "));
        let examples: Vec<&str> = examples.collect();
        assert!(
            examples.len() >= 2,
            "analyzer {name} --help has {examples:?}"
        );
        for part in examples.into_iter().flat_map(analyzer_parts) {
            let words = words(part);
            let folder = inputs(&words);
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            runs_through(folder.path(), &words);
        }
    }
}

#[test]
fn an_example_that_does_not_run_is_found() {
    let words = words("aum 'logs/*.parquet' --percentil 95");
    let folder = inputs(&words);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    assert_eq!(words[1], "logs/*.parquet");
    let output = command(&words).current_dir(folder.path()).output().unwrap();
    assert!(!output.status.success());
}
