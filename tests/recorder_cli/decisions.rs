//! Decisions of a report as `--labels`: labels kept and corrected, samples left out, and what is refused.

use std::fs;
use std::path::Path;

use tempfile::TempDir;
use tests::program::said;

use crate::setup;

const HEADER: &str = "sample_id,file,row,decision,label\n";

/// Sixteen points in `points.csv`, the first half cats, the others dogs; their labels, the other way round, in
/// `other.csv`; and these decisions.
fn points(decisions: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    let (mut table, mut other) = ("x,y,label\n".to_owned(), "label\n".to_owned());
    for row in 0..16 {
        let classes = ["cat", "dog"];
        table += &format!("{row},{}.5,{}\n", row * row % 7, classes[row / 8]);
        other += &format!("{}\n", classes[1 - row / 8]);
    }
    fs::write(folder.path().join("points.csv"), table).unwrap();
    fs::write(folder.path().join("other.csv"), other).unwrap();
    let decisions = format!("{HEADER}{decisions}");
    fs::write(folder.path().join("decisions.csv"), decisions).unwrap();
    folder
}

fn words<'a>(options: &[&'a str]) -> Vec<&'a str> {
    let short = "--dataset features --data points.csv --epochs 1 --passes 1 --threshold-count 2 --name a --overwrite";
    [short.split(' ').collect(), options.to_vec()].concat()
}

/// The samples of the log with their given labels, and what was said on stderr.
fn recorded(folder: &Path, options: &[&str]) -> (Vec<(i64, u32)>, String) {
    let told = said(&setup::recorder(folder, &words(options))).1;
    let log = setup::read(&folder.join("logs/a-p1-e0001.parquet"));
    let logformat::SampleIds::Integers(ids) = &*log.sample_ids else {
        unreachable!("the ids are integers")
    };
    let given = log.given_labels.unwrap().to_vec();
    (ids.iter().copied().zip(given).collect(), told)
}

#[test]
fn decisions_of_a_report_are_taken_as_labels() {
    let folder =
        points("5,points.csv,5,correct,dog\n9,points.csv,9,remove,\n2,points.csv,2,keep,cat\n");
    let (labels, told) = recorded(folder.path(), &["--labels", "decisions.csv"]);
    let expected = (0..16).filter(|&row| row != 9);
    let expected: Vec<(i64, u32)> = expected
        .map(|row| (row, u32::from(row >= 8 || row == 5)))
        .collect();
    assert_eq!(labels, expected);
    for part in [
        "1 samples are left out, which decisions.csv removes",
        "decisions.csv: 1 labels are corrected, 1 kept",
    ] {
        assert!(told.contains(part), "{told}");
    }
    let settings = setup::configuration(folder.path(), "a");
    assert_eq!(settings["decisions"], "decisions.csv");
}

#[test]
fn decisions_can_be_about_the_labels_of_a_file() {
    // There, the first half are dogs.
    let folder =
        points("2,points.csv,2,keep,dog\n5,points.csv,5,correct,cat\n9,points.csv,9,remove,\n");
    let both = ["--labels", "other.csv", "--labels", "decisions.csv"];
    let (labels, _) = recorded(folder.path(), &both);
    assert_eq!((labels[2], labels[5], labels[9]), ((2, 1), (5, 0), (10, 0)));
    let gone = ["--labels", "other.csv", "--labels", "gone.csv"];
    setup::refuse(
        folder.path(),
        &words(&gone),
        1,
        &["gone.csv", "No such file"],
    );
    let own = ["--labels", "decisions.csv"];
    let part =
        "decisions.csv: row 0: sample 2 is kept as \"dog\", but its given label is \"cat\" here";
    setup::refuse(folder.path(), &words(&own), 1, &[part]);
}

#[test]
fn decisions_of_others_are_refused_in_one_line() {
    for (row, part) in [
        (
            "16,points.csv,16,remove,",
            "row 0: sample 16 is no training sample here",
        ),
        (
            "1,points.csv,0,remove,",
            "row 0: sample 1 is row 0 of points.csv there",
        ),
        (
            "1,points.csv,1,drop,",
            "row 0: the decision of sample 1 is \"drop\"",
        ),
        (
            "1,points.csv,1,correct,owl",
            "row 0: the label \"owl\" is neither",
        ),
    ] {
        let folder = points(&format!("{row}\n"));
        let options = words(&["--labels", "decisions.csv"]);
        setup::refuse(folder.path(), &options, 1, &["decisions.csv", part]);
    }
    let folder = points("");
    for (options, part) in [
        (
            ["--labels", "decisions.csv", "--noise", "0.2"],
            "decisions are about labels as they are",
        ),
        (
            ["--labels", "decisions.csv", "--labels", "decisions.csv"],
            "--labels takes one file of labels, and one of decisions",
        ),
    ] {
        setup::refuse(folder.path(), &words(&options), 2, &[part]);
    }
}
