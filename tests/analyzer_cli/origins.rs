//! What leads from a verdict back to the user's data: file, row and id from the sample table beside a log, in
//! everything that names a sample.

use std::fs;

use logformat::{SampleEntry, SampleId};
use serde_json::{Value, json};
use tests::program::said;

use crate::setup::{Logs, cats_and_dogs, json_of, record_with_table, run, stdout_of};

/// Samples 0 to 3 are the rows 40 to 43 of a table, and called w to z there.
fn table(samples: i64) -> Vec<SampleEntry> {
    let entry = |sample_id: i64| SampleEntry {
        sample_id,
        file: Some("data/pets.csv".to_owned()),
        row: Some(40 + sample_id as u64),
        id: Some(SampleId::Text(
            ["w", "x", "y", "z"][sample_id as usize].to_owned(),
        )),
        ..SampleEntry::default()
    };
    (0..samples).map(entry).collect()
}

/// A log in `logs` with such a table; sample 1 is flagged alone.
fn logs_with(table: Option<Vec<SampleEntry>>) -> (Logs, String) {
    let logs = Logs::new();
    fs::create_dir(logs.at("logs")).unwrap();
    record_with_table(&logs.at("logs"), "pets", cats_and_dogs(), table);
    let word = logs.word("logs");
    (logs, word)
}

fn csv(logs: &Logs, name: &str) -> Vec<String> {
    let text = fs::read_to_string(logs.at(name)).unwrap();
    text.lines().map(str::to_owned).collect()
}

#[test]
fn every_table_of_samples_has_file_row_and_id() {
    let (logs, folder) = logs_with(Some(table(4)));
    let text = stdout_of(&["aum", &folder, "--bottom", "2"]);
    let list = "  Sample  Id     AUM  Flagged  Given label  True label\n       1  x   -2.000  yes      cat          dog\n";
    assert!(text.contains(list), "{text}");
    let found = json_of(&["aum", &folder, "--bottom", "1"]);
    let lowest = json!({
        "sample_id": 1, "file": "data/pets.csv", "row": 41, "id": "x", "aum": -2.0, "flagged": true,
        "given_label": 0, "given_class": "cat", "true_label": 1, "true_class": "dog",
    });
    assert_eq!(found[0]["lowest"][0], lowest);
    let written = |command: &[&str], option: &str, name: &str| {
        stdout_of(&[command, &[&folder, option, &logs.word(name)]].concat());
        csv(&logs, name)
    };
    let aums = written(&["aum"], "-o", "aum.csv");
    let columns =
        "run,sample_id,file,row,id,given_label,given_class,true_label,true_class,judged_passes,";
    assert!(aums[0].starts_with(columns), "{}", aums[0]);
    assert!(
        aums[1].starts_with("pets,1,data/pets.csv,41,x,0,cat,1,dog,2,"),
        "{}",
        aums[1]
    );
    let suggested = written(&["confusions"], "--suggest", "suggested.csv");
    assert!(
        suggested[1].starts_with("pets,1,data/pets.csv,41,x,0,cat,"),
        "{}",
        suggested[1]
    );
    let scores = written(&["scores"], "-o", "scores.csv");
    assert!(
        scores[1].starts_with("pets,1,data/pets.csv,41,x,0,cat,1,dog,"),
        "{}",
        scores[1]
    );
    let compared = json_of(&["compare", &folder, "--by", "pass"]);
    assert!(compared[0]["disagreements"].is_array(), "{compared}");
    let confused = written(&["confusions"], "-o", "confusions.csv");
    assert!(
        confused[0].ends_with(",examples,example_origins"),
        "{}",
        confused[0]
    );
    assert!(confused[1].ends_with(",1,x"), "{}", confused[1]);
    stdout_of(&[
        "confusions",
        &folder,
        "-o",
        &logs.word("confusions.parquet"),
    ]);
    let confused = json_of(&["confusions", &folder]);
    let examples = &confused[0]["confusions"][0];
    assert_eq!(
        (&examples["examples"], &examples["example_origins"]),
        (&json!([1]), &json!(["x"]))
    );
}

#[test]
fn an_aum_table_keeps_them_when_it_is_read_again() {
    let (logs, folder) = logs_with(Some(table(4)));
    for name in ["aum.csv", "aum.parquet"] {
        let path = logs.word(name);
        stdout_of(&["aum", &folder, "-o", &path]);
        let again = json_of(&["aum", &path, "--bottom", "1"]);
        let sample = &again[0]["lowest"][0];
        let told = [
            "sample_id",
            "file",
            "row",
            "id",
            "given_class",
            "true_class",
        ];
        let expected: Vec<Value> = vec![
            json!(1),
            json!("data/pets.csv"),
            json!(41),
            json!("x"),
            json!("cat"),
            json!("dog"),
        ];
        assert_eq!(
            told.map(|column| sample[column].clone()).to_vec(),
            expected,
            "{name}"
        );
        fs::write(logs.at("experts.csv"), "id,true_label\nx,dog\ny,cat\n").unwrap();
        let words = [
            "evaluate",
            &path,
            "--true-labels",
            &logs.word("experts.csv"),
        ];
        let text = stdout_of(&words);
        assert!(
            text.contains("experts.csv, joined by id, in place"),
            "{text}"
        );
    }
}

#[test]
fn where_the_id_in_the_log_is_the_row_nothing_more_is_told_to_people() {
    let rows = (0..4).map(|sample_id| SampleEntry {
        sample_id,
        file: Some("pets.csv".to_owned()),
        row: Some(sample_id as u64),
        ..SampleEntry::default()
    });
    let (_logs, with) = logs_with(Some(rows.collect()));
    let (_others, without) = logs_with(None);
    assert_eq!(stdout_of(&["aum", &with]), stdout_of(&["aum", &without]));
    assert_eq!(json_of(&["aum", &with])[0]["lowest"][0]["row"], 1);
    assert_eq!(
        json_of(&["aum", &without])[0]["lowest"][0]["row"],
        Value::Null
    );
}

/// What is said on stderr, once, and that nothing of the table is used.
fn unused(folder: &str) -> String {
    let (stdout, stderr) = said(&run(&["aum", folder, "--format", "csv"]));
    let header = stdout.lines().next().unwrap().to_owned();
    assert!(header.starts_with("run,sample_id,given_label,"), "{header}");
    let told: Vec<&str> = stderr
        .lines()
        .filter(|line| line.contains("/logs/"))
        .collect();
    assert_eq!(told.len(), 1, "{stderr}");
    told[0].to_owned()
}

#[test]
fn a_table_that_is_damaged_or_of_another_run_is_said_and_not_used() {
    let (logs, folder) = logs_with(Some(table(4)));
    let path = logs.at("logs").join("pets/samples.parquet");
    let whole = fs::read(&path).unwrap();
    let mut flipped = whole.clone();
    flipped[40] ^= 1;
    fs::write(&path, flipped).unwrap();
    let said = unused(&folder);
    assert!(
        said.contains("samples.parquet: is damaged or was changed") && said.contains("left out"),
        "{said}"
    );
    let (others, _) = logs_with(Some(table(2)));
    fs::copy(others.at("logs").join("pets/samples.parquet"), &path).unwrap();
    assert!(
        unused(&folder).contains(" bytes, but "),
        "another run, by the record of this one"
    );
    // Without a record, the samples tell.
    fs::remove_file(logs.at("logs").join("pets/run.json")).unwrap();
    let said = unused(&folder);
    assert!(
        said.contains("is not the sample table of run pets: it has no row for 2 of the 4 samples, the first of them 2"),
        "{said}"
    );
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    assert!(unused(&folder).contains("samples.parquet"), "cut in two");
}
