//! Labels from a file in place of those of the data set.

use std::fs;

use tempfile::TempDir;

use crate::setup::{configuration, known, record_labels, refuse};

#[test]
fn labels_from_a_file_replace_those_of_the_data_set() {
    let folder = TempDir::new().unwrap();
    let noisy = record_labels(folder.path(), "noisy", &["--noise", "0.4"]);
    let given = noisy.given_labels.clone().unwrap();
    let truth = known(noisy.true_labels.as_deref().unwrap());
    let rows = given
        .iter()
        .zip(&truth)
        .map(|(given, truth)| format!("{given},{truth}\n"));
    let text = format!("given,expert\n{}", rows.collect::<String>());
    fs::write(folder.path().join("people.csv"), &text).unwrap();

    let column = ["--labels", "people.csv", "--label-column", "given"];
    let unknown = record_labels(folder.path(), "unknown", &column);
    assert_eq!(unknown.given_labels.as_ref(), Some(&given));
    assert!(unknown.true_labels.unwrap().iter().all(Option::is_none));
    let both = [&column[..], &["--true-label-column", "expert"]].concat();
    let known = record_labels(folder.path(), "known", &both);
    // The same training, and so the same evaluation, as with the noise that the file was made by.
    assert_eq!(known.true_labels, noisy.true_labels);
    assert_eq!(known.margins, noisy.margins);
    let logged = configuration(folder.path(), "known");
    let rate = &configuration(folder.path(), "noisy")["realised_noise_rate"];
    assert_eq!(
        (&logged["realised_noise_rate"], &logged["labels"]),
        (rate, &"people.csv".into())
    );

    // Another file of that name would be another run.
    let other = text.replacen("\n0,", "\n1,", 1);
    fs::write(folder.path().join("people.csv"), other).unwrap();
    let again = [
        "--name", "unknown", "--epochs", "1", "--passes", "1", "--model", "mlp", "--resume",
    ];
    let parts = ["cannot be resumed", "given_labels_hash"];
    refuse(folder.path(), &[&again[..], &column].concat(), 1, &parts);
}

#[test]
fn a_file_of_labels_that_does_not_fit_is_refused_before_anything_is_written() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("a.csv"), "given,expert\n3,4\n").unwrap();
    fs::write(folder.path().join("a.txt"), "3\n").unwrap();
    for (arguments, parts) in [
        ("--labels none.csv", ["none.csv: ", "No such file"]),
        (
            "--labels a.txt",
            ["a.txt: ", ".parquet, .csv, .tsv and .npy"],
        ),
        (
            "--labels a.csv",
            ["columns given, expert", "--label-column"],
        ),
        (
            "--label-column given",
            ["digits", "no use for --label-column"],
        ),
        ("--data .", ["digits", "no use for --data"]),
        (
            "--labels a.csv --label-column old",
            ["no column old", "given, expert"],
        ),
        (
            "--labels a.csv --label-column given",
            ["1 labels", "1438 samples"],
        ),
    ] {
        let arguments: Vec<&str> = arguments.split(' ').collect();
        let status = if parts[1].starts_with("no use for") {
            2
        } else {
            1
        };
        refuse(folder.path(), &arguments, status, &parts);
    }
    assert!(!folder.path().join("logs").exists());
}
