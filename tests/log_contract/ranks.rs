//! Ranks of a data-parallel training make one log: what each sees counts once, and a rank that is missing is
//! named.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use logformat::{
    EpochLogits, ExistingRun, LogError, OtherRanks, PassSamples, RankLogits, RankWriter, Repeats,
    SampleRow,
};
use tempfile::TempDir;
use tests::program::names;

use crate::logs::{LOGITS, log, read, start, three_samples};

fn rank(folder: &Path, rank: u32) -> Result<RankWriter, LogError> {
    RankWriter::create(folder, "pets", 1, (rank, 3), ExistingRun::Refuse)
}

/// What a rank sees of an epoch.
fn seen(number: u32, visits: &[(usize, [f32; 3])]) -> RankLogits {
    let mut logits = RankLogits::new(three_samples(), number);
    for (sample, values) in visits {
        logits.record(*sample, values).unwrap();
    }
    logits
}

/// What rank 0 sees: the first sample alone.
fn own(number: u32, repeats: Repeats) -> EpochLogits {
    let mut epoch = EpochLogits::new(three_samples(), number).with_repeats(repeats);
    epoch.record(0, &LOGITS[0]).unwrap();
    epoch
}

fn others(folder: &Path) -> OtherRanks {
    OtherRanks::open(folder, "pets", 1, 3, ExistingRun::Refuse).unwrap()
}

#[test]
fn what_three_ranks_see_is_the_epoch_that_one_would_have_logged() {
    let (folder, expected) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    log(expected.path(), 2);
    let at = folder.path();
    let mut ranks = others(at);
    let mut log = start(at, ExistingRun::Refuse).unwrap();
    let (first, second) = (rank(at, 1).unwrap(), rank(at, 2).unwrap());
    for number in 1..=2 {
        // In either order, and the samples of a rank differ from epoch to epoch.
        let (one, two) = if number == 1 { (2, 1) } else { (1, 2) };
        second.write(&seen(number, &[(two, LOGITS[two])])).unwrap();
        first.write(&seen(number, &[(one, LOGITS[one])])).unwrap();
        let mut epoch = own(number, Repeats::Refuse);
        ranks.gather(&mut epoch).unwrap();
        // Asked again, it is done.
        ranks.gather(&mut epoch).unwrap();
        log.write(1, epoch, BTreeMap::new()).unwrap();
    }
    drop((first, second));
    log.finish().unwrap();
    drop(ranks);
    for name in ["pets-p1-e0001.parquet", "pets-p1-e0002.parquet"] {
        let bytes = |folder: &TempDir| fs::read(folder.path().join(name)).unwrap();
        assert_eq!(bytes(&folder), bytes(&expected), "{name}");
    }
    assert_eq!(names(&at.join("pets")), ["run.json"]);
}

#[test]
fn what_a_padding_sampler_repeats_on_another_rank_counts_by_the_rule() {
    for (repeats, expected) in [
        (Repeats::First, [2.0, 0.5, -1.0]),
        // Of (2, 0.5, −1), (5, 0.5, −1) and (8, 3.5, −1).
        (Repeats::Mean, [5.0, 1.5, -1.0]),
    ] {
        let folder = TempDir::new().unwrap();
        let mut ranks = others(folder.path());
        let of = [
            rank(folder.path(), 1).unwrap(),
            rank(folder.path(), 2).unwrap(),
        ];
        let padded = [(1, LOGITS[1]), (0, [5.0, 0.5, -1.0]), (0, [8.0, 3.5, -1.0])];
        of[0].write(&seen(1, &padded)).unwrap();
        of[1].write(&seen(1, &[(2, LOGITS[2])])).unwrap();
        let mut epoch = own(1, repeats);
        ranks.gather(&mut epoch).unwrap();
        let mut log = start(folder.path(), ExistingRun::Refuse).unwrap();
        log.write(1, epoch, BTreeMap::new()).unwrap();
        let files = log.finish().unwrap();
        assert_eq!(read(&files[0]).unwrap().logits[..3], expected);
    }
}

#[test]
fn a_sample_on_two_ranks_is_refused_unless_a_rule_says_what_counts() {
    let folder = TempDir::new().unwrap();
    let mut ranks = others(folder.path());
    for number in [1, 2] {
        let shard = seen(1, &[(0, LOGITS[0])]);
        rank(folder.path(), number).unwrap().write(&shard).unwrap();
    }
    let error = ranks.gather(&mut own(1, Repeats::Refuse)).unwrap_err();
    assert_eq!(error.to_string(), "sample 0: recorded twice in this epoch");
}

#[test]
fn each_missing_rank_is_named_with_what_became_of_it_and_the_shards_of_others_stay() {
    let folder = TempDir::new().unwrap();
    let mut ranks = others(folder.path());
    let missing = |ranks: &mut OtherRanks| {
        let mut epoch = own(1, Repeats::Refuse);
        match ranks.gather(&mut epoch).unwrap_err() {
            LogError::RanksMissing {
                ranks, has_died, ..
            } => (ranks, has_died),
            other => panic!("{other}"),
        }
    };
    let not_there = "has not begun or has ended before";
    let both = format!("rank 1 {not_there}, rank 2 {not_there}");
    assert_eq!(missing(&mut ranks), (both, false));

    let first = rank(folder.path(), 1).unwrap();
    let second = rank(folder.path(), 2).unwrap();
    second.write(&seen(1, &[(2, LOGITS[2])])).unwrap();
    let at_work = "rank 1 has not ended it yet".to_owned();
    assert_eq!(missing(&mut ranks), (at_work, false));

    first.abandon();
    // Another system than Linux does not tell.
    if Path::new("/proc/sys/kernel/random/boot_id").exists() {
        assert_eq!(missing(&mut ranks), ("rank 1 has died".to_owned(), true));
    }
    drop((ranks, second));
    let left = folder.path().join("pets/ranks/p1-r2of3");
    assert_eq!(names(&left), ["e0001.logits"]);
}

#[test]
fn what_is_left_of_ranks_is_refused_or_replaced_as_the_run_is() {
    let folder = TempDir::new().unwrap();
    let at = folder.path();
    let shard = seen(1, &[(2, LOGITS[2])]);
    let mut dead = rank(at, 2).unwrap();
    dead.write(&shard).unwrap();
    dead.abandon();
    for open in [
        rank(at, 2).map(drop),
        OtherRanks::open(at, "pets", 1, 3, ExistingRun::Refuse).map(drop),
    ] {
        let error = open.unwrap_err();
        assert!(matches!(error, LogError::RunExists { .. }), "{error}");
    }
    // A rank that has begun anew before rank 0 keeps what it has written.
    dead = RankWriter::create(at, "pets", 1, (2, 3), ExistingRun::Replace).unwrap();
    dead.write(&shard).unwrap();
    OtherRanks::open(at, "pets", 1, 3, ExistingRun::Replace).unwrap();
    assert_eq!(
        names(&at.join("pets/ranks/p1-r2of3")),
        [".lock", "e0001.logits"]
    );
    dead.abandon();
    let log = start(at, ExistingRun::Refuse).unwrap();
    log.finish().unwrap();
    start(at, ExistingRun::Replace).unwrap().finish().unwrap();
    assert_eq!(names(&at.join("pets")), ["run.json"]);
}

#[test]
fn two_programs_are_not_the_same_rank_and_there_is_no_rank_beyond_the_last() {
    let folder = TempDir::new().unwrap();
    let _first = rank(folder.path(), 1).unwrap();
    let error = rank(folder.path(), 1).unwrap_err();
    assert!(
        matches!(error, LogError::RankInUse { rank: 1, .. }),
        "{error}"
    );
    for number in [0, 3] {
        let error = rank(folder.path(), number).unwrap_err();
        let said = format!(
            "there is no rank {number} of 3; ranks are numbered from 0 to below their number"
        );
        assert_eq!(error.to_string(), said);
    }
}

#[test]
fn a_shard_of_other_labels_or_a_damaged_one_is_refused() {
    let folder = TempDir::new().unwrap();
    let mut ranks = others(folder.path());
    rank(folder.path(), 1)
        .unwrap()
        .write(&seen(1, &[(1, LOGITS[1])]))
        .unwrap();
    let row = |id: i64| SampleRow {
        sample_id: id.into(),
        assigned_label: 0,
        given_label: 0,
        true_label: None,
        is_threshold_sample: false,
    };
    let samples = PassSamples::new((0..3).map(row).collect(), 3).unwrap();
    let mut other = RankLogits::new(samples.into(), 1);
    other.record(2, &LOGITS[2]).unwrap();
    let path = rank(folder.path(), 2).unwrap().write(&other).unwrap();
    let error = ranks.gather(&mut own(1, Repeats::Refuse)).unwrap_err();
    assert!(matches!(error, LogError::OtherSamples { .. }), "{error}");

    let intact = fs::read(&path).unwrap();
    for place in 0..intact.len() {
        let mut damaged = intact.clone();
        damaged[place] ^= 1;
        fs::write(&path, damaged).unwrap();
        let error = ranks.gather(&mut own(1, Repeats::Refuse)).unwrap_err();
        assert!(matches!(error, LogError::Damaged { .. }), "{error}");
    }
    for length in 0..intact.len() {
        fs::write(&path, &intact[..length]).unwrap();
        let error = ranks.gather(&mut own(1, Repeats::Refuse)).unwrap_err();
        let is_told = matches!(error, LogError::Damaged { .. } | LogError::Read { .. });
        assert!(is_told, "{length} bytes: {error}");
    }
}
