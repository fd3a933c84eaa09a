//! Runs by losses made for wrong labels.

use logformat::configuration::{LOSS, SYMMETRIC_CROSS_ENTROPY};
use tempfile::TempDir;
use tests::program::said;

use crate::setup::{command, configuration, read, record, recorder, refuse};

#[test]
fn the_loss_comes_after_a_quarter_of_the_epochs_of_cross_entropy() {
    let folder = TempDir::new().unwrap();
    for loss in ["cross-entropy", "sce"] {
        record(
            folder.path(),
            &["--epochs=5", "--name", loss, "--loss", loss],
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
    // By which the analyzer knows it.
    assert_eq!((LOSS, SYMMETRIC_CROSS_ENTROPY), ("loss", "sce"));
    assert!(
        configuration(folder.path(), "cross-entropy")
            .get("loss")
            .is_none()
    );
    refuse(
        folder.path(),
        &["--model=mlp", "--epochs=5", "--name=sce", "--resume", "-q"],
        1,
        &["loss", "\"sce\""],
    );
}

#[test]
fn with_folds_the_next_step_takes_their_evidence() {
    let folder = TempDir::new().unwrap();
    let words = [
        "--folds=2",
        "--loss=sce",
        "--model=mlp",
        "--epochs=1",
        "-q",
        "--name=a",
    ];
    let (stdout, _) = said(&recorder(folder.path(), &words));
    let next = "next: analyzer aum 'logs/a-p*.parquet' --rule combined\n";
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
