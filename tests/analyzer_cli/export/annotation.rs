//! Tools in which people correct labels.

use serde_json::json;
use tests::parquet_file::write_parquet;

use crate::export::{content, exported, json, pets, photos};
use crate::setup::{minimal, refusal};

#[test]
fn label_studio_gets_a_task_with_a_prediction_for_each_flagged_sample() {
    let logs = photos();
    let words = "--to label-studio --file-prefix /data/local-files/?d=";
    let said = exported(&logs, words, "tasks.json");
    assert!(
        said.contains("<Choices name=\"label\" toName=\"image\">"),
        "{said}"
    );
    let expected = json!([{
        "data": {
            "image": "/data/local-files/?d=photos/1%20%26%20co.png",
            "sample_id": 1,
            "file": "photos/1 & co.png",
            "row": 0,
            "given_label": "cat",
            "aum": -2.0,
            "flagged": true,
        },
        "predictions": [{
            "model_version": "aum pets",
            "score": 1.0,
            "result": [{
                "from_name": "label",
                "to_name": "image",
                "type": "choices",
                "value": { "choices": ["dog"] },
            }],
        }],
    }]);
    assert_eq!(json(&logs, "tasks.json"), expected);
    exported(
        &logs,
        "--to label-studio --samples all --label-name animal",
        "all.json",
    );
    let all = json(&logs, "all.json");
    assert_eq!(all.as_array().unwrap().len(), 4);
    assert_eq!(all[0]["predictions"][0]["result"][0]["from_name"], "animal");
    // No epoch prefers another class for the others.
    assert_eq!(all[3]["predictions"], json!([]));
}

#[test]
fn argilla_gets_a_record_with_a_suggestion() {
    let logs = photos();
    exported(&logs, "--to argilla", "records.json");
    let expected = json!([{
        "id": "1",
        "fields": { "image": "photos/1 & co.png" },
        "metadata": {
            "sample_id": 1,
            "file": "photos/1 & co.png",
            "row": 0,
            "given_label": "cat",
            "aum": -2.0,
            "flagged": true,
        },
        "suggestions": { "label": { "value": "dog", "score": 1.0, "agent": "aum pets" } },
        "responses": {},
        "vectors": {},
    }]);
    assert_eq!(json(&logs, "records.json"), expected);
}

#[test]
fn cvat_gets_the_given_label_as_a_tag_and_the_other_as_its_attribute() {
    let logs = photos();
    exported(&logs, "--to cvat", "annotations.xml");
    let annotations = content(&logs, "annotations.xml");
    let image = "  <image id=\"0\" name=\"photos/1 &amp; co.png\">
    <tag label=\"cat\" source=\"file\">
      <attribute name=\"suggested_label\">dog</attribute>
      <attribute name=\"aum\">-2</attribute>
    </tag>
  </image>
</annotations>
";
    assert!(annotations.ends_with(image), "{annotations}");
    assert!(annotations.contains("<version>1.1</version>"));
    assert_eq!(annotations.matches("<type>tag</type>").count(), 2);
}

#[test]
fn fiftyone_gets_paths_and_labels_of_all_samples() {
    let logs = photos();
    exported(&logs, "--to fiftyone", "set");
    let paths = json(&logs, "set/data.json");
    assert_eq!(paths.as_object().unwrap().len(), 4);
    let path = paths["1"].as_str().unwrap();
    assert!(
        path.starts_with('/') && path.ends_with("/photos/1 & co.png"),
        "{path}"
    );
    let labels = json(&logs, "set/labels.json");
    let expected = json!({
        "label": "cat",
        "attributes": { "sample_id": 1, "aum": -2.0, "flagged": true, "suggested_label": "dog" },
    });
    assert_eq!(labels["labels"]["1"], expected);
    assert_eq!(labels["labels"]["3"]["attributes"]["flagged"], false);
}

#[test]
fn samples_without_files_are_refused_where_images_are_shown_and_nothing_is_replaced() {
    let logs = pets(Vec::new());
    let folder = logs.word("logs");
    for (format, output) in [
        ("cvat", "a.xml"),
        ("fiftyone", "set"),
        ("label-studio", "a.json"),
    ] {
        let words = [
            "export",
            &folder,
            "-q",
            "--to",
            format,
            "-o",
            &logs.word(output),
        ];
        refusal(
            &words,
            1,
            &[
                "run pets",
                "does not have a file for each sample",
                "export csv",
            ],
        );
        assert!(!logs.at(output).exists());
    }
    let words = [
        "export",
        &logs.word("one.parquet"),
        "-q",
        "--to",
        "cvat",
        "-o",
        &logs.word("b.xml"),
    ];
    write_parquet(&logs.at("one.parquet"), minimal(1, &[1.0, 2.0]));
    refusal(&words, 1, &["no threshold samples", "ask for all samples"]);
    let words = ["export", &folder, "-q", "--to", "csv", "-o"];
    refusal(
        &[&words[..], &[&logs.word("a.txt")]].concat(),
        1,
        &["end the name in .csv"],
    );
    exported(&logs, "--to csv", "a.csv");
    let parts = ["a.csv: is already there", "--overwrite"];
    refusal(&[&words[..], &[&logs.word("a.csv")]].concat(), 1, &parts);
    exported(&logs, "--to csv --overwrite", "a.csv");
    exported(&logs, "--to aum", "measured");
    let words = [
        "export",
        &folder,
        "-q",
        "--to",
        "aum",
        "-o",
        &logs.word("measured"),
    ];
    refusal(
        &words,
        1,
        &["pass-1/full_aum_records.csv: is already there"],
    );
}
