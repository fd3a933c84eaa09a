//! What keeps `--resume` from going on with another run, from deleting what nobody asked it to, and from
//! refusing the same run.

use std::fs;

use tempfile::TempDir;

use crate::program::refused;
use crate::runs::{epoch_file, epochs, finish, forge, record, run, unsealed};

#[test]
fn a_name_in_the_record_that_leads_elsewhere_is_refused_and_touches_nothing() {
    let folder = TempDir::new().unwrap();
    finish(folder.path(), &[]);
    let whole = epochs(folder.path());
    let mine = folder.path().join("x-p1-e0001.parquet");
    fs::write(&mine, "mine").unwrap();
    let intact = fs::read_to_string(record(folder.path())).unwrap();
    for (from, to, part) in [
        (
            r#""run": "a""#,
            r#""run": "../x""#,
            r#"it is the record of the run "../x""#,
        ),
        (
            "a-p1-e0003.parquet",
            "../x-p1-e0001.parquet",
            "is no file of its run",
        ),
        (
            r#""format_version": 1"#,
            r#""format_version": 99"#,
            "newer than 1",
        ),
    ] {
        forge(folder.path(), from, to);
        refused(&run(folder.path(), &["--resume"]), &["run.json", part]);
        fs::write(record(folder.path()), &intact).unwrap();
        assert!(epochs(folder.path()) == whole, "{to}");
        assert_eq!(fs::read_to_string(&mine).unwrap(), "mine");
    }
}

#[test]
fn a_flipped_bit_in_the_record_is_told_and_touches_nothing() {
    let folder = TempDir::new().unwrap();
    finish(folder.path(), &[]);
    let (whole, intact) = (
        epochs(folder.path()),
        fs::read(record(folder.path())).unwrap(),
    );
    for place in (0..intact.len()).step_by(intact.len() / 12) {
        let mut flipped = intact.clone();
        flipped[place] ^= 1;
        fs::write(record(folder.path()), flipped).unwrap();
        refused(&run(folder.path(), &["--resume"]), &["run.json"]);
        assert!(epochs(folder.path()) == whole, "byte {place}");
    }
}

#[test]
fn other_settings_are_named_by_their_cause() {
    let folder = TempDir::new().unwrap();
    finish(folder.path(), &[]);
    let refuses = |words: &[&str], part: &str| {
        let words = [&["--resume"], words].concat();
        refused(&run(folder.path(), &words), &[part]);
    };
    refuses(&["--data-seed", "1"], "data_seed was 0 and is 1 now");
    refuses(&["--seed", "2"], "seed was 0 and is 2 now");
    refuses(&["--logits", "none"], "logits was float32 and is none now");
    let settings = unsealed(folder.path());
    let begin = settings.find(r#""configuration": {"#).unwrap();
    let end = settings.find(r#""command""#).unwrap();
    let without = [
        &settings[..begin],
        r#""configuration": null, "#,
        &settings[end..],
    ]
    .concat();
    fs::write(record(folder.path()), without).unwrap();
    refuses(&[], "does not say with which settings it began");
}

#[test]
fn every_learning_rate_is_the_same_when_it_is_read_back() {
    // A number whose shortest decimal text is read as another one by a fast reader.
    for rate in [
        "0.09999999999999999",
        "0.012345678901234567",
        "0.30000000000000004",
    ] {
        let folder = TempDir::new().unwrap();
        finish(folder.path(), &["--lr", rate]);
        finish(folder.path(), &["--lr", rate, "--resume"]);
    }
}

#[test]
fn a_lost_or_flipped_epoch_does_not_cost_the_later_ones() {
    let folder = TempDir::new().unwrap();
    finish(folder.path(), &[]);
    let file = epoch_file(folder.path(), 2);
    let intact = fs::read(&file).unwrap();
    let parts = ["a-p1-e0002.parquet", "would delete 4 later epochs"];
    fs::remove_file(&file).unwrap();
    refused(&run(folder.path(), &["--resume"]), &parts);
    let mut flipped = intact.clone();
    flipped[intact.len() / 2] ^= 1;
    fs::write(&file, flipped).unwrap();
    refused(&run(folder.path(), &["--resume"]), &parts);
    assert_eq!(epochs(folder.path()).iter().flatten().count(), 6);

    // Of the last one nothing is lost but itself, and it is written again, as is what the record says of it.
    let recorded = fs::read_to_string(record(folder.path())).unwrap();
    fs::write(&file, &intact).unwrap();
    let whole = epochs(folder.path());
    let last = epoch_file(folder.path(), 6);
    let mut flipped = fs::read(&last).unwrap();
    flipped[100] ^= 1;
    fs::write(&last, flipped).unwrap();
    finish(folder.path(), &["--resume"]);
    assert!(epochs(folder.path()) == whole);
    let again = fs::read_to_string(record(folder.path())).unwrap();
    assert_eq!(again, recorded);
}

#[test]
fn a_lost_record_is_named_with_a_way_out_that_is_not_the_one_just_tried() {
    let folder = TempDir::new().unwrap();
    finish(folder.path(), &[]);
    fs::remove_file(record(folder.path())).unwrap();
    let parts = ["run.json", "6 epoch files", "put it back", "--overwrite"];
    let said = refused(&run(folder.path(), &["--resume"]), &parts);
    assert!(!said.contains("--resume"), "{said}");
    assert_eq!(epochs(folder.path()).iter().flatten().count(), 6);
}
