//! Runs by losses made for wrong labels.

use tempfile::TempDir;
use tests::program::said;

use crate::setup::{command, configuration, read, record, recorder, refuse};

#[test]
fn the_loss_comes_after_a_quarter_of_the_epochs_of_cross_entropy() {
    let folder = TempDir::new().unwrap();
    for loss in ["cross-entropy", "sce"] {
        let said = record(
            folder.path(),
            &["--epochs=5", "--lr=0.0001", "--name", loss, "--loss", loss],
        );
        // By so low a rate too little is learnt for what lies below 0 to be wrong.
        assert!(
            said.ends_with(&format!("next: analyzer aum 'logs/{loss}-p*.parquet'\n")),
            "{said}"
        );
    }
    let logits = |loss: &str, epoch: usize| {
        let file = format!("logs/{loss}-p1-e{epoch:04}.parquet");
        read(&folder.path().join(file)).logits.to_vec()
    };
    for (epoch, is_same) in [(1, true), (2, true), (3, false), (5, false)] {
        assert_eq!(
            logits("cross-entropy", epoch) == logits("sce", epoch),
            is_same,
            "epoch {epoch}"
        );
    }
    assert_eq!(configuration(folder.path(), "sce")["loss"], "sce");
    assert!(
        configuration(folder.path(), "cross-entropy")
            .get("loss")
            .is_none()
    );
    refuse(
        folder.path(),
        &[
            "--model=mlp",
            "--epochs=5",
            "--lr=0.0001",
            "--name=sce",
            "--resume",
            "-q",
        ],
        1,
        &["loss", "\"sce\""],
    );
}

#[test]
fn what_is_learnt_well_by_symmetric_cross_entropy_is_judged_by_zero() {
    let folder = TempDir::new().unwrap();
    let words = ["--loss=sce", "--noise=0.2", "--noise-type=flip", "-q"];
    let (stdout, _) = said(&recorder(folder.path(), &words));
    let next =
        "next: analyzer aum 'logs/digits-cnn-sce-flip0.2-seed0-data0-p*.parquet' --threshold 0\n";
    assert!(stdout.ends_with(next), "{stdout}");
}

#[test]
fn a_final_training_has_a_loss_of_its_own() {
    let folder = TempDir::new().unwrap();
    record(folder.path(), &["--name=a", "--loss=sce"]);
    let words = ["train", "--like=logs/a", "--epochs=1", "-q", "--name=b"];
    said(&command(folder.path(), &words).output().unwrap());
    let trained = std::fs::read_to_string(folder.path().join("trained/b/train.json")).unwrap();
    assert!(trained.contains("\"loss\": \"cross-entropy\""), "{trained}");
}

#[test]
fn a_loss_that_nobody_knows_is_refused_with_those_that_are() {
    let folder = TempDir::new().unwrap();
    let output = recorder(folder.path(), &["--loss=mse"]);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(
        stderr.contains("sce") && stderr.contains("bootstrap-hard"),
        "{stderr}"
    );
    assert_eq!(output.status.code(), Some(2));
}
