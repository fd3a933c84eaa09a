//! Final trainings: what is left out and relabelled, what is saved, and what is refused.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Output;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow_array::{BooleanArray, Int64Array};
use recorder::engine::operators::LOSSES;
use recorder::final_training::record::TrainRecord;
use tempfile::TempDir;
use tests::parquet_file::write_parquet;
use tests::program::{names, refused, said};

use crate::setup::{TRAINING_SAMPLES, command, configuration, csv_rows, known, read, record};

const ALL: usize = TRAINING_SAMPLES as usize;

/// A run with 40 % noise under the name a, and its given and true labels.
struct Noisy {
    folder: TempDir,
    given: Vec<u32>,
    truth: Vec<u32>,
}

impl Noisy {
    fn record() -> Self {
        let folder = TempDir::new().unwrap();
        record(
            folder.path(),
            &["--name", "a", "--noise", "0.4", "--epochs", "1"],
        );
        let rows = read(&folder.path().join("logs/a-p1-e0001.parquet"));
        Self {
            given: rows.given_labels.unwrap().to_vec(),
            truth: known(rows.true_labels.as_deref().unwrap()),
            folder,
        }
    }

    fn is_wrong(&self, sample: usize) -> bool {
        self.given[sample] != self.truth[sample]
    }

    fn wrong(&self) -> usize {
        (0..ALL).filter(|&sample| self.is_wrong(sample)).count()
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.folder.path().join(name), text).unwrap();
    }

    /// An AUM table in CSV, last sample first, with `row` for what follows the given label.
    fn table(&self, header: &str, row: impl Fn(usize) -> String) {
        let mut text = format!("run,sample_id,given_label,{header}\n");
        for sample in (0..ALL).rev() {
            text += &format!("a,{sample},{},{}\n", self.given[sample], row(sample));
        }
        self.write("aum.csv", &text);
    }

    fn output(&self, arguments: &[&str]) -> Output {
        let like = [
            "train",
            "--like",
            "logs/a",
            "--epochs",
            "2",
            "--batch-size",
            "32",
            "-q",
        ];
        let words = [&like, arguments].concat();
        command(self.folder.path(), &words).output().unwrap()
    }

    /// The record of a training, which is named after its arguments.
    fn train(&self, name: &str, arguments: &[&str]) -> TrainRecord {
        said(&self.output(&[arguments, &["--name", name]].concat()));
        let record = TrainRecord::read(&self.folder.path().join("trained"), name);
        record.unwrap().unwrap()
    }

    fn model(&self, name: &str) -> Vec<u8> {
        let path = format!("trained/{name}/model.safetensors");
        fs::read(self.folder.path().join(path)).unwrap()
    }

    fn refuse(&self, arguments: &[&str], status: i32, parts: &[&str]) {
        refused("recorder", &self.output(arguments), status, parts);
    }
}

#[test]
fn flagged_samples_are_left_out_and_leaving_out_the_wrong_ones_is_the_oracle() {
    let noisy = Noisy::record();
    noisy.table("aum,flagged", |sample| {
        format!("0.5,{}", noisy.is_wrong(sample))
    });
    let dropped = noisy.train("dropped", &["--drop", "aum.csv"]);
    let wrong = noisy.wrong();
    let samples = dropped.samples;
    assert_eq!((samples.trained_on, samples.left_out), (ALL - wrong, wrong));
    assert_eq!(
        (samples.mislabeled, samples.left_out_mislabeled),
        (Some(0), Some(wrong))
    );
    let result = dropped.result.unwrap();
    assert_eq!((dropped.epochs.len(), result.last.epoch), (2, 2));
    assert!(result.last.test_error.unwrap() < 0.4);
    assert_eq!(result.last.test_top5_error, None, "there are ten classes");
    noisy.train("oracle", &["--oracle"]);
    assert!(noisy.model("dropped") == noisy.model("oracle"));
    let all = noisy.train("all", &[]);
    assert_eq!(
        (all.samples.left_out, all.samples.mislabeled),
        (0, Some(wrong))
    );
    assert!(noisy.model("dropped") != noisy.model("all"));
}

#[test]
fn a_table_in_parquet_says_the_same_as_one_in_csv_and_a_list_of_ids() {
    let noisy = Noisy::record();
    let flagged: Vec<Option<bool>> = (0..ALL).map(|sample| Some(sample % 9 == 0)).collect();
    write_parquet(
        &noisy.folder.path().join("aum.parquet"),
        vec![
            (
                "sample_id",
                Arc::new(Int64Array::from_iter_values(0..TRAINING_SAMPLES)) as _,
            ),
            ("flagged", Arc::new(BooleanArray::from(flagged)) as _),
        ],
    );
    noisy.table("flagged", |sample| {
        (sample % 9 == 0).to_string().to_uppercase()
    });
    let ids: Vec<String> = (0..ALL).step_by(9).map(|id| id.to_string()).collect();
    noisy.write("ids.txt", &ids.join("\n"));
    noisy.write("ids.csv", &format!("sample_id\n{}\n", ids.join("\n")));
    for list in ["aum.parquet", "aum.csv", "ids.txt", "ids.csv"] {
        let record = noisy.train(list, &["--drop", list]);
        assert_eq!(record.samples.left_out, 160, "{list}");
        assert!(noisy.model(list) == noisy.model("aum.parquet"), "{list}");
    }
}

#[test]
fn decisions_remove_keep_and_correct() {
    let noisy = Noisy::record();
    let other = (noisy.given[5] + 1) % 10;
    let text = format!(
        "sample_id,file,row,decision,label\n3,,,remove,\n4,,,keep,{}\n5,,,correct,{other}\n",
        noisy.given[4]
    );
    noisy.write("decisions.csv", &text);
    let record = noisy.train("decided", &["--drop", "decisions.csv"]);
    assert_eq!((record.samples.left_out, record.samples.relabelled), (1, 1));
    let record = noisy.train("corrected", &["--relabel", "decisions.csv"]);
    assert_eq!((record.samples.left_out, record.samples.relabelled), (0, 1));
    noisy.write("decisions.csv", "sample_id,decision,label\n3,delete,\n");
    let parts = [
        "decisions.csv: row 0",
        "\"delete\"",
        "keep, correct or remove",
    ];
    noisy.refuse(&["--drop", "decisions.csv"], 1, &parts);
    noisy.write("decisions.csv", "sample_id,decision,label\n3,correct,ten\n");
    noisy.refuse(&["--drop", "decisions.csv"], 1, &["row 0", "ten"]);
    noisy.write(
        "decisions.csv",
        "sample_id,file,row,decision,label\n3,digits,99999,remove,\n",
    );
    noisy.refuse(
        &["--drop", "decisions.csv"],
        1,
        &["sample 3 is row 99999 of digits there"],
    );
}

#[test]
fn suggested_labels_replace_the_given_ones() {
    let noisy = Noisy::record();
    let row =
        |sample: usize, suggested: &str| format!("{sample},{},{suggested}\n", noisy.given[sample]);
    let rows = (0..ALL).map(|sample| match noisy.is_wrong(sample) {
        true => row(sample, &noisy.truth[sample].to_string()),
        // No other class was ever preferred.
        false => row(sample, ""),
    });
    let rows: String = rows.collect();
    noisy.write(
        "suggested.csv",
        &format!("sample_id,given_label,suggested_label\n{rows}"),
    );
    let record = noisy.train("relabelled", &["--relabel", "suggested.csv"]);
    assert_eq!(
        (record.samples.relabelled, record.samples.mislabeled),
        (noisy.wrong(), Some(0))
    );
    noisy.refuse(
        &["--drop", "suggested.csv"],
        1,
        &["no column flagged", "--relabel"],
    );
}

#[test]
fn the_highest_aums_are_kept_and_unjudged_samples_stay() {
    let noisy = Noisy::record();
    // Samples 0 to 437 have no AUM; of the other 1000 those from 938 on have the highest.
    noisy.table("aum,flagged", |sample| match sample {
        0..438 => ",".to_owned(),
        sample => format!("{}.5,false", sample),
    });
    let kept = noisy.train("kept", &["--drop", "aum.csv", "--keep-fraction", "0.5"]);
    assert_eq!((kept.samples.trained_on, kept.samples.left_out), (938, 500));
    let ids: Vec<String> = (438..938).map(|id| id.to_string()).collect();
    noisy.write("ids.txt", &ids.join("\n"));
    noisy.train("listed", &["--drop", "ids.txt"]);
    assert!(noisy.model("kept") == noisy.model("listed"));
    noisy.refuse(&["--keep-fraction", "0.5"], 2, &["--drop"]);
    noisy.refuse(
        &["--drop", "aum.csv", "--keep-fraction", "0"],
        2,
        &["above 0"],
    );
}

#[test]
fn random_samples_are_left_out_by_the_data_seed() {
    let noisy = Noisy::record();
    let random = noisy.train("random", &["--drop-random", "500"]);
    assert_eq!(random.samples.left_out, 500);
    let wrong = random.samples.left_out_mislabeled.unwrap();
    // 40 % of them, and three standard deviations of a draw of 500 are 33.
    assert!((wrong as f64 - 200.0).abs() < 33.0, "{wrong}");
    noisy.refuse(&["--drop-random", "2000"], 1, &["2000", "there are 1438"]);
    noisy.refuse(&["--drop-random", "5", "--oracle"], 2, &["--oracle"]);
}

#[test]
fn each_loss_learns_and_is_recorded() {
    let noisy = Noisy::record();
    let mut models = BTreeMap::new();
    for (name, _) in LOSSES {
        let record = noisy.train(name, &["--loss", name]);
        assert_eq!(record.configuration["loss"], name);
        let error = record.result.unwrap().last.test_error.unwrap();
        assert!(error < 0.75, "{name}: {error}");
        models.insert(noisy.model(name), name);
    }
    assert_eq!(models.len(), LOSSES.len());
    noisy.refuse(&["--loss", "hinge"], 2, &["hinge", "gce, sce"]);
}

#[test]
fn a_training_follows_the_command_of_its_run_and_options_count_instead() {
    let noisy = Noisy::record();
    let same = noisy.train("same", &[]).configuration;
    let of_run = configuration(noisy.folder.path(), "a");
    for key in [
        "network",
        "noise_rate",
        "given_labels_hash",
        "learning_rate",
        "training_crc32",
    ] {
        assert_eq!(same[key], of_run[key], "{key}");
    }
    assert_eq!(
        (&same["epochs"], &same["batch_size"]),
        (&2.into(), &32.into())
    );
    let other = ["--noise", "0.1", "--model", "cnn", "--validation", "100"];
    let other = noisy.train("other", &other);
    assert_eq!(other.configuration["noise_rate"], 0.1);
    assert_eq!(other.configuration["network"], "cnn");
    assert_eq!(other.samples.validation, 100);
    let best = other.result.unwrap().best_on_validation.unwrap();
    let errors = other
        .epochs
        .iter()
        .map(|epoch| epoch.validation_error.unwrap());
    assert_eq!(best.validation_error.unwrap(), errors.fold(1.0, f64::min));
}

#[test]
fn tests_at_the_end_alone_change_neither_the_network_nor_what_comes_of_it() {
    let noisy = Noisy::record();
    let words = ["--epochs", "6", "--validation", "100", "--lr-cosine"];
    let every = noisy.train("every", &words);
    let last = noisy.train("last", &[&words[..], &["--test-at-end"]].concat());
    assert_eq!(noisy.model("every"), noisy.model("last"));
    let errors = |record: &TrainRecord| {
        let result = record.result.clone().unwrap();
        let best = result.best_on_validation.unwrap();
        (result.last.test_error, best.epoch, best.test_error)
    };
    assert_eq!(errors(&every), errors(&last));
    let mut least = f64::INFINITY;
    for (epoch, with_all) in last.epochs.iter().zip(&every.epochs) {
        let validation = epoch.validation_error.unwrap();
        let is_needed = validation < least || epoch.epoch == 6;
        least = least.min(validation);
        assert_eq!(epoch.test_error, with_all.test_error.filter(|_| is_needed));
    }
    assert_eq!(
        last.configuration["learning_rate_drops"],
        serde_json::json!([])
    );
    noisy.refuse(&["--lr-cosine", "--lr-drops", "0.5"], 2, &["--lr-drops"]);
}

#[test]
fn a_list_of_something_else_is_refused_with_what_differs() {
    let noisy = Noisy::record();
    noisy.table("flagged", |_| "false".to_owned());
    let parts = [
        "aum.csv: sample",
        "has the given label",
        "1438 differ",
        "--data-seed",
    ];
    noisy.refuse(&["--drop", "aum.csv", "--data-seed", "1"], 1, &parts);
    noisy.refuse(
        &["--drop", "aum.csv", "--subset", "700"],
        1,
        &["ids are unknown"],
    );
    noisy.write("ids.txt", "1\n\n99999\n-1\n");
    let parts = ["no training sample 99999", "2 of the 3", "0 to 1437"];
    noisy.refuse(&["--drop", "ids.txt"], 1, &parts);
    noisy.write("ids.txt", "1\nseven\n");
    noisy.refuse(&["--drop", "ids.txt"], 1, &["line 2", "\"seven\""]);
    noisy.write("ids.txt", "1\n1\n");
    noisy.refuse(&["--drop", "ids.txt"], 1, &["sample 1 is listed twice"]);
    noisy.refuse(
        &["--drop", "nothing.csv"],
        1,
        &["nothing.csv", "No such file"],
    );
    noisy.write("aum.csv", "sample_id,given_label,flagged\n");
    noisy.refuse(
        &["--drop", "aum.csv"],
        1,
        &["it has 0 samples, but the training set 1438"],
    );
    noisy.write("aum.csv", "run,sample_id,flagged\nb,0,true\nc,0,true\n");
    noisy.refuse(
        &["--drop", "aum.csv"],
        1,
        &["no row of the run a, but of b, c"],
    );
    assert!(!noisy.folder.path().join("trained").exists());
}

#[test]
fn a_class_must_not_be_emptied() {
    let noisy = Noisy::record();
    let sevens = (0..ALL).filter(|&sample| noisy.given[sample] == 7);
    let sevens: Vec<String> = sevens.map(|sample| sample.to_string()).collect();
    noisy.write("sevens.txt", &sevens.join("\n"));
    let parts = ["sevens.txt leaves no sample of class 7 (7)"];
    noisy.refuse(&["--drop", "sevens.txt"], 1, &parts);
    noisy.refuse(
        &["--drop-random", "1438"],
        1,
        &["leaves no sample of class 0"],
    );
}

#[test]
fn what_nobody_knows_is_not_left_out() {
    let folder = TempDir::new().unwrap();
    let train = |words: &[&str]| command(folder.path(), &[&["train"], words].concat()).output();
    let output = train(&["--oracle"]).unwrap();
    refused(
        "recorder",
        &output,
        1,
        &["not known which labels are wrong"],
    );
    let output = train(&["--like", "logs/a"]).unwrap();
    refused(
        "recorder",
        &output,
        1,
        &["logs/a/run.json: it is not there", "logs/RUN"],
    );
    assert!(!folder.path().join("trained").exists());
}

#[test]
fn a_run_record_without_its_command_is_refused() {
    let noisy = Noisy::record();
    let path = noisy.folder.path().join("logs/a/run.json");
    let mut record: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let command = record["command"].take();
    record.as_object_mut().unwrap().remove("command");
    let put_back = |record: &serde_json::Value| fs::write(&path, record.to_string()).unwrap();
    put_back(&record);
    noisy.refuse(&[], 1, &["logs/a", "older version"]);
    record["command"] = command;
    record["command"]
        .as_array_mut()
        .unwrap()
        .push("--frobnicate".into());
    put_back(&record);
    noisy.refuse(&[], 1, &["logs/a", "not understood", "--frobnicate"]);
    record["command"].as_array_mut().unwrap().pop();
    record["configuration"]["given_labels_hash"] = "0".into();
    put_back(&record);
    noisy.refuse(&[], 1, &["not those of the run a"]);
    // Of other labels there is nothing to compare.
    noisy.train("other", &["--noise", "0.2"]);
}

fn long(folder: &Path, further: &[&str]) -> std::process::Command {
    let words = [
        "train",
        "--model",
        "mlp",
        "--noise",
        "0.2",
        "--epochs",
        "30",
        "--lr-warmup",
        "20",
        "-q",
        "--name",
        "a",
    ];
    command(folder, &[&words, further].concat())
}

#[test]
fn a_training_killed_and_resumed_leaves_the_same_network() {
    let (whole, killed) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let model =
        |folder: &TempDir| fs::read(folder.path().join("trained/a/model.safetensors")).unwrap();
    let record = |folder: &TempDir| TrainRecord::read(&folder.path().join("trained"), "a").unwrap();
    let began = Instant::now();
    said(&long(whole.path(), &[]).output().unwrap());
    for share in [0.3, 0.6] {
        let mut training = long(killed.path(), &["--resume"]).spawn().unwrap();
        std::thread::sleep(Duration::from_secs_f64(
            share * began.elapsed().as_secs_f64(),
        ));
        training.kill().unwrap();
        training.wait().unwrap();
    }
    said(&long(killed.path(), &["--resume"]).output().unwrap());
    assert!(model(&whole) == model(&killed));
    let errors = |folder: &TempDir| {
        let epochs = record(folder).unwrap().epochs.into_iter();
        epochs
            .map(|epoch| epoch.test_error.unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(errors(&whole).len(), 30);
    assert_eq!(errors(&whole), errors(&killed));
    let left = names(&whole.path().join("trained/a"));
    assert!(left.contains(&"train.json".to_owned()), "{left:?}");
    let again = long(whole.path(), &[]).output().unwrap();
    refused(
        "recorder",
        &again,
        1,
        &["train.json", "already there", "--resume", "--overwrite"],
    );
    let other = long(whole.path(), &["--resume", "--loss", "gce"])
        .output()
        .unwrap();
    refused(
        "recorder",
        &other,
        1,
        &["loss was \"cross-entropy\" and is \"gce\""],
    );
    said(
        &long(whole.path(), &["--overwrite", "--loss", "gce"])
            .output()
            .unwrap(),
    );
    assert!(model(&whole) != model(&killed));
}

#[test]
fn a_training_does_not_begin_in_the_folder_of_a_run() {
    let noisy = Noisy::record();
    noisy.refuse(
        &["--out", "logs", "--name", "a"],
        1,
        &["logs/a/run.json", "--name"],
    );
}

#[test]
fn a_saved_network_says_of_test_samples_what_its_error_was_measured_on() {
    let noisy = Noisy::record();
    let record = noisy.train("saved", &["--oracle"]);
    let predict = |words: &[&str]| {
        let model = ["predict", "trained/saved/model.safetensors"];
        let words = [&model, words].concat();
        command(noisy.folder.path(), &words).output().unwrap()
    };
    let (stdout, _) = said(&predict(&["--part", "test"]));
    let mut rows = csv_rows(&stdout);
    let header = rows.remove(0);
    assert_eq!(
        header[..5],
        ["sample_id", "file", "row", "class", "probability_0"]
    );
    assert_eq!((header.len(), rows.len()), (14, 359));
    // The classes are called by their indices.
    let probability = |row: &[String], class: usize| row[4 + class].parse::<f64>().unwrap();
    for row in &rows {
        let sum: f64 = (0..10).map(|class| probability(row, class)).sum();
        assert!((sum - 1.0).abs() < 1e-5);
        let best = (0..10)
            .map(|class| probability(row, class))
            .fold(0.0, f64::max);
        assert_eq!(probability(row, row[3].parse().unwrap()), best);
    }
    // Those left out were not trained on, and the others were with their true labels.
    let (stdout, _) = said(&predict(&[]));
    let rows = csv_rows(&stdout);
    let right = rows[1..].iter().filter(|row| {
        let sample: usize = row[0].parse().unwrap();
        row[3] == noisy.truth[sample].to_string()
    });
    let share = right.count() as f64 / ALL as f64;
    let error = record.result.unwrap().last.test_error.unwrap();
    assert!((share - (1.0 - error)).abs() < 0.1, "{share} and {error}");
    said(&predict(&["-o", "said.parquet", "--part", "test"]));
    let again = predict(&["-o", "said.parquet"]);
    refused(
        "recorder",
        &again,
        1,
        &["said.parquet", "already", "--overwrite"],
    );
    noisy.write("features.csv", "a,b,label\n1,2,x\n3,4,y\n");
    let other = predict(&["--dataset", "features", "--data", "features.csv"]);
    refused("recorder", &other, 1, &["1×8×8", "2×1×1"]);
    noisy.write("trained/saved/model.safetensors", "no network");
    refused(
        "recorder",
        &predict(&[]),
        1,
        &["model.safetensors", "no safetensors file"],
    );
}
