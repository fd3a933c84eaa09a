//! The three files of the Python package `aum` and of its authors' experiments.

use serde_json::json;

use crate::import::{aums, imported, inside, rows, summary, write};
use crate::setup::{Logs, assert_close, refusal};

pub(super) const HEADER: &str =
    "sample_id,num_measurements,target_logit,target_val,other_logit,other_val,margin,aum\n";

/// Sorted by sample, as the package does it. Sample 7 serves as a threshold sample of the extra class 3.
pub(super) const RECORDS: &str = "\
3,1,0,2.0,1,1.0,1.0,1.0
3,2,0,4.0,2,1.0,3.0,2.0
5,1,1,0.5,2,2.0,-1.5,-1.5
5,2,1,1.0,0,1.5,-0.5,-1.0
7,1,3,0.25,0,0.5,-0.25,-0.25
7,2,3,0.0,1,0.75,-0.75,-0.5
";

fn records() -> Logs {
    let logs = Logs::new();
    write(&logs, "full_aum_records.csv", &format!("{HEADER}{RECORDS}"));
    logs
}

#[test]
fn every_measurement_of_the_package_becomes_a_row_of_its_epoch() {
    let logs = records();
    let said = imported(&logs, "full_aum_records.csv -o out --threshold-label 3");
    assert!(said.contains("took it for aum-records"), "{said}");
    assert_eq!(
        inside(&logs.at("out")),
        [
            "imported",
            "imported-p1-e0001.parquet",
            "imported-p1-e0002.parquet"
        ]
    );
    let first = rows(&logs, "out/imported-p1-e0001.parquet");
    assert_eq!(
        *first.sample_ids,
        logformat::SampleIds::Integers(vec![3, 5, 7])
    );
    assert_eq!(*first.assigned_labels, [0, 1, 3]);
    assert_eq!(first.margins, [1.0, -1.5, -0.25]);
    assert_eq!(first.rival_labels.unwrap().as_slice(), [1, 2, 0]);
    assert_eq!(*first.is_threshold_sample, [false, false, true]);
    // Nobody knows the given label of sample 7.
    assert_eq!(first.given_labels, None);
    let words = [&*logs.word("out"), "--epochs", "1.."];
    let found: Vec<f64> = aums(&words).iter().map(|(_, aum)| *aum).collect();
    assert_eq!(found, [2.0, -1.0, -0.5]);
    // The AUM of the one threshold sample is the threshold: of the two others, 5 lies below.
    let summary = summary(&words);
    assert_eq!(
        (&summary["flagged"], &summary["judged"]),
        (&json!(1), &json!(2))
    );
    assert_close(&summary["passes"][0]["threshold"], -0.5);
}

#[test]
fn classes_and_logits_the_other_way_round_are_told_apart() {
    let logs = records();
    imported(&logs, "full_aum_records.csv -o out");
    let swapped = RECORDS.lines().map(|line| {
        let mut fields: Vec<&str> = line.split(',').collect();
        fields.swap(2, 3);
        fields.swap(4, 5);
        fields.join(",") + "\n"
    });
    let swapped: String = swapped.collect();
    write(&logs, "swapped.csv", &format!("{HEADER}{swapped}"));
    let said = imported(&logs, "swapped.csv -o out_swapped");
    assert!(
        said.contains("target_val and other_val the classes"),
        "{said}"
    );
    let file = "imported-p1-e0002.parquet";
    let (as_documented, swapped) = (format!("out/{file}"), format!("out_swapped/{file}"));
    assert_eq!(rows(&logs, &as_documented), rows(&logs, &swapped));
}

#[test]
fn a_sample_that_misses_an_epoch_and_rows_in_any_order_are_taken_as_they_are() {
    let logs = Logs::new();
    let rows_of = "b,2,0,1.0,1,3.0,-2.0,0.0\na,1,0,4.0,1,1.0,3.0,3.0\nb,1,0,3.0,1,1.0,2.0,2.0\n";
    write(&logs, "full_aum_records.csv", &format!("{HEADER}{rows_of}"));
    imported(&logs, "full_aum_records.csv -o out --run pets");
    let second = rows(&logs, "out/pets-p1-e0002.parquet");
    assert_eq!(
        *second.sample_ids,
        logformat::SampleIds::Texts(vec!["b".to_owned()])
    );
    let found = aums(&[&logs.word("out"), "--epochs", "1.."]);
    assert_eq!(found, [("a".into(), 3.0), ("b".into(), 0.0)]);
}

#[test]
fn sources_are_the_passes_of_one_run() {
    let logs = records();
    // The other pass: sample 3 serves as the threshold sample.
    let other = "3,1,3,0.0,1,1.5,-1.5,-1.5\n5,1,1,0.5,2,2.0,-1.5,-1.5\n7,1,2,5.0,0,1.0,4.0,4.0\n";
    write(&logs, "second.csv", &format!("{HEADER}{other}"));
    imported(
        &logs,
        "full_aum_records.csv second.csv -o out --threshold-label 3",
    );
    let summary = summary(&[&logs.word("out"), "--epochs", "1.."]);
    let thresholds = [0, 1].map(|pass| summary["passes"][pass]["threshold"].clone());
    assert_eq!(thresholds, [json!(-0.5), json!(-1.5)]);
    // Sample 5 is below the threshold of the first pass, and at that of the second.
    assert_eq!(summary["flagged"], 0);
}

#[test]
fn aums_alone_are_joined_by_id_and_become_a_table() {
    let logs = Logs::new();
    // Sorted by AUM, the largest first; tensors have a row for each measurement.
    let values = "sample_id,aum\ntensor(9),4.0\ntensor(10),2.5\ntensor(9),1.0\n";
    write(&logs, "aum_values.csv", values);
    let said = imported(&logs, "aum_values.csv -o out.csv");
    assert!(
        said.contains("aum-values") && said.contains("were tensors"),
        "{said}"
    );
    let found = aums(&[&logs.word("out.csv")]);
    assert_eq!(found, [("10".into(), 2.5), ("9".into(), 2.5)]);
}

#[test]
fn curves_are_refused_where_the_source_has_none() {
    let logs = Logs::new();
    write(&logs, "aum_values.csv", "sample_id,aum\na,1.5\n");
    let file = logs.word("aum_values.csv");
    let parts = [
        "one AUM a sample and no epochs",
        ".csv or .parquet",
        "import full_aum_records.csv",
    ];
    refusal(&["import", &file, "-o", &logs.word("out")], 1, &parts);
    imported(&logs, "aum_values.csv -o out.parquet");
    let table = logs.word("out.parquet");
    refusal(
        &["plot", "margins", &table, "-o", &logs.word("a.svg")],
        1,
        &["which has no curves"],
    );
}

#[test]
fn the_details_of_the_authors_have_both_labels_and_both_passes() {
    let logs = Logs::new();
    let header =
        "Index,True Target,Observed Target,Label Flipped,Is Threshold Sample,AUM,AUM_WTR\n";
    // Three classes; sample 1 is mislabeled, 2 and then 0 serve as threshold samples of the class 3.
    let passes = [
        "0,0,0,False,False,2.0,0.0\n1,1,2,True,False,-3.0,1.0\n2,2,3,True,True,-0.5,0.0\n",
        "0,0,3,True,True,-1.0,0.0\n1,1,2,True,False,-2.0,1.0\n2,2,2,False,False,1.0,0.0\n",
    ];
    write(
        &logs,
        "1/aum_details.csv",
        &format!("{header}{}", passes[0]),
    );
    write(
        &logs,
        "2/aum_details.csv",
        &format!("{header}{}", passes[1]),
    );
    imported(&logs, "1/aum_details.csv 2/aum_details.csv -o out.csv");
    let summary = summary(&[&logs.word("out.csv")]);
    let thresholds = [0, 1].map(|pass| summary["passes"][pass]["threshold"].clone());
    assert_eq!(thresholds, [json!(-0.5), json!(-1.0)]);
    // A threshold sample is mislabeled by construction, and no mistake of the data set.
    let evaluation = &summary["evaluation"];
    assert_eq!(
        ["flagged", "mislabeled", "precision", "recall"].map(|name| evaluation[name].as_f64()),
        [Some(1.0); 4],
        "{evaluation}"
    );
}
