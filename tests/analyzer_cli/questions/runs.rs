//! Which runs there are.

use std::fs;

use serde_json::json;

use crate::setup::{Logs, cats_and_dogs, json_of, minimal_epochs, record, run, stdout_of};

#[test]
fn of_a_run_with_a_record_one_file_of_each_pass_is_read_and_the_others_are_counted_by_name() {
    let logs = Logs::new();
    record(logs.0.path(), "pets", cats_and_dogs());
    fs::write(
        logs.at("pets-p2-e0003.parquet"),
        "damaged, which check says",
    )
    .unwrap();
    let runs = &json_of(&["runs", logs.folder()])[0]["runs"];
    let expected = json!([{
        "run": "pets", "data": "", "samples": 4, "classes": 2, "passes": 2,
        "first_epoch": 1, "last_epoch": 3, "true_labels": 3, "files": 6,
    }]);
    assert_eq!(*runs, expected);
    let output = run(&["check", logs.folder()]);
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn logs_without_a_record_and_aum_tables_are_listed_too() {
    let logs = Logs::new();
    let words = minimal_epochs(&logs, &[&[1.0, 2.0], &[2.0, 1.0]]);
    let words = [
        &["runs", "--format", "csv"],
        &words.iter().map(String::as_str).collect::<Vec<_>>()[..],
    ];
    let listed = stdout_of(&words.concat());
    assert_eq!(
        listed.lines().nth(1),
        Some(",\"\",2,,1,1,2,0,2"),
        "{listed}"
    );

    record(logs.0.path(), "pets", cats_and_dogs());
    let (pets, table) = (logs.word("pets-p*.parquet"), logs.word("aum.csv"));
    stdout_of(&["aum", &pets, "-o", &table]);
    let listed = stdout_of(&["runs", &table, "-o", "-"]);
    assert_eq!(
        listed.lines().nth(1),
        Some("pets,\"\",4,,2,,,3,1"),
        "{listed}"
    );
}
