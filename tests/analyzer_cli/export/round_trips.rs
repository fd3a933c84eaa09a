//! What is exported in a format that `import` reads comes back as it was.

use tests::program::text;

use crate::export::{content, exported, pets};
use crate::setup::{Logs, refusal, run};

/// What `aum` finds, without the name of the run and true labels, which no other format has.
fn found(logs: &Logs, folder: &str) -> String {
    let output = run(&[
        "aum",
        &logs.word(folder),
        "--epochs",
        "1..",
        "-q",
        "--format",
        "csv",
    ]);
    let table = text(&output.stdout);
    let mut lines = table.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    let kept: Vec<usize> = (0..header.len())
        .filter(|&at| !["run", "true_label", "given_class", "true_class"].contains(&header[at]))
        .collect();
    let rows = std::iter::once(header).chain(lines.map(|line| line.split(',').collect()));
    let rows = rows.map(|fields| {
        let fields: Vec<&str> = kept.iter().map(|&at| fields[at]).collect();
        fields.join(",") + "\n"
    });
    rows.collect()
}

fn imported(logs: &Logs, sources: &[&str]) -> String {
    let sources: Vec<String> = sources.iter().map(|source| logs.word(source)).collect();
    let mut words: Vec<&str> = vec!["import"];
    words.extend(sources.iter().map(String::as_str));
    let back = logs.word("back");
    words.extend(["--threshold-label", "2", "-o", &back]);
    let output = run(&words);
    assert!(output.status.success(), "{}", text(&output.stderr));
    found(logs, "back")
}

#[test]
fn measurements_of_the_package_come_back_with_the_same_aums_and_verdicts() {
    let logs = pets(Vec::new());
    exported(&logs, "--to aum --epochs 1..", "measured");
    let files = [1, 2].map(|pass| format!("measured/pass-{pass}/full_aum_records.csv"));
    // Sorted by sample and measurement. Sample 1 has the logits [90, 0, 0], [−3, 0, 0] and [−2, 0, 0]; the sum
    // of its margins is 85.
    let records = content(&logs, &files[0]);
    let lines: Vec<&str> = records.lines().collect();
    assert_eq!(lines[4], "1,1,0,90.0,1,0.0,90.0,90.0");
    assert_eq!(lines[5], "1,2,0,-3.0,1,0.0,-3.0,43.5");
    assert!(
        lines[6].starts_with("1,3,0,-2.0,1,0.0,-2.0,28.33"),
        "{}",
        lines[6]
    );
    let values = content(&logs, "measured/pass-1/aum_values.csv");
    assert!(values.starts_with("sample_id,aum\n1,28.33"), "{values}");
    assert_eq!(
        imported(&logs, &[&files[0], &files[1]]),
        found(&logs, "logs")
    );
}

#[test]
fn by_default_the_epochs_that_count_are_measured() {
    let logs = pets(Vec::new());
    exported(&logs, "--to aum", "measured");
    let values = content(&logs, "measured/pass-1/aum_values.csv");
    assert_eq!(values, "sample_id,aum\n0,3.0\n2,1.5\n3,-0.5\n1,-2.5\n");
}

#[test]
fn training_dynamics_come_back_with_the_same_aums_and_verdicts() {
    let logs = pets(Vec::new());
    exported(&logs, "--to data-maps", "maps");
    let first = content(
        &logs,
        "maps/pass-1/training_dynamics/dynamics_epoch_1.jsonl",
    );
    let line = "{\"gold\":0,\"guid\":1,\"logits_epoch_1\":[-3.0,0.0,0.0]}";
    assert_eq!(first.lines().nth(1), Some(line));
    let passes = ["maps/pass-1", "maps/pass-2"];
    assert_eq!(imported(&logs, &passes), found(&logs, "logs"));
}

#[test]
fn an_aum_table_has_no_epochs_to_export() {
    let logs = pets(Vec::new());
    let table = logs.word("aum.csv");
    run(&["aum", &logs.word("logs"), "-o", &table]);
    for format in ["aum", "data-maps"] {
        let words = [
            "export",
            &table,
            "-q",
            "--to",
            format,
            "-o",
            &logs.word("out"),
        ];
        refusal(&words, 1, &["an AUM table has no epochs", "give the logs"]);
        assert!(!logs.at("out").exists());
    }
    let output = run(&["export", &table, "--to", "csv", "-o", &logs.word("a.csv")]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let second = content(&logs, "a.csv");
    let first = second.lines().nth(1).unwrap();
    assert!(
        first.starts_with("1,,,,0,") && first.ends_with(",-2,true"),
        "{first}"
    );
}
