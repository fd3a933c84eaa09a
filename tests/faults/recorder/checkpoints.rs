//! A checkpoint that was damaged, or is another one's, is never trained on.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::runs::{epoch_file, epochs, finish};

fn checkpoint(folder: &Path, epoch: u32) -> PathBuf {
    folder.join(format!("logs/a/checkpoint-p1-e{epoch:04}.safetensors"))
}

/// A run whose last epoch is lost, so that it goes on from the checkpoint after epoch 5; and all of it.
fn interrupted(folder: &Path) -> Vec<Option<Vec<u8>>> {
    finish(folder, &[]);
    let whole = epochs(folder);
    assert!(checkpoint(folder, 5).exists() && checkpoint(folder, 6).exists());
    fs::remove_file(epoch_file(folder, 6)).unwrap();
    whole
}

#[test]
fn a_damaged_checkpoint_is_left_out_and_the_log_is_the_same() {
    let folder = TempDir::new().unwrap();
    let whole = interrupted(folder.path());
    let path = checkpoint(folder.path(), 5);
    let intact = fs::read(&path).unwrap();
    // In the header, in the first weights, in the middle and in the last.
    for place in [20, intact.len() / 3, intact.len() / 2, intact.len() - 2] {
        let mut flipped = intact.clone();
        flipped[place] ^= 0x10;
        fs::write(&path, flipped).unwrap();
        let said = finish(folder.path(), &["--resume"]);
        assert!(epochs(folder.path()) == whole, "byte {place}: {said}");
        let note = "checkpoint-p1-e0005.safetensors: the checkpoint cannot be used (it is";
        assert!(said.contains(note), "byte {place}: {said}");
        assert!(said.contains("going on from the one before"), "{said}");
        fs::remove_file(epoch_file(folder.path(), 6)).unwrap();
    }
}

#[test]
fn a_checkpoint_under_another_epochs_name_is_left_out() {
    let folder = TempDir::new().unwrap();
    let whole = interrupted(folder.path());
    fs::copy(checkpoint(folder.path(), 6), checkpoint(folder.path(), 5)).unwrap();
    let said = finish(folder.path(), &["--resume"]);
    assert!(epochs(folder.path()) == whole, "{said}");
    assert!(said.contains("it is not the one of this epoch"), "{said}");
}
