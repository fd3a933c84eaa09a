use std::fs;

use tempfile::TempDir;

use crate::error::LogError;
use crate::read::file_parts::FileParts;
use crate::run::sample_table::origins::{read_sample_origins, sample_origin_parts};
use crate::run::sample_table::read::read_sample_table;
use crate::run::sample_table::write::write_sample_table;
use crate::run::sample_table::*;
use crate::schema::sample_id::SampleIds;

/// Its picture is as long as its id; samples without a picture, a file or a truth are among them.
fn entry(sample_id: i64) -> SampleEntry {
    SampleEntry {
        sample_id,
        file: (sample_id != 1).then(|| format!("train-{}.parquet", sample_id / 100)),
        row: (sample_id != 1).then_some(sample_id as u64 % 100),
        id: Some(SampleId::Text(format!("s{sample_id}"))),
        given_label: sample_id as u32 % 3,
        true_label: (sample_id % 2 == 0).then_some(1),
        png: (sample_id != 2).then(|| vec![sample_id as u8; sample_id as usize]),
    }
}

/// A table of `samples` samples, written in two batches.
fn table(folder: &TempDir, samples: i64) -> PathBuf {
    let path = folder.path().join("samples.parquet");
    let batches = [0..2, 2..samples].map(|ids| ids.map(entry).collect());
    write_sample_table(&path, &["cat".to_owned()], batches).unwrap();
    path
}

#[test]
fn what_was_written_is_read_back() {
    let folder = TempDir::new().unwrap();
    let path = table(&folder, 250);
    let expected: Vec<SampleEntry> = (0..250).map(entry).collect();
    assert_eq!(read_sample_table(&path, |_| true).unwrap(), expected);
}

#[test]
fn only_the_wanted_samples_are_read() {
    let folder = TempDir::new().unwrap();
    // Pictures of 2 kB on average: many pages.
    let path = table(&folder, 4000);
    let wanted = [0, 1, 2, 77, 2999, 3000, 3999];
    let found = read_sample_table(&path, |id| wanted.contains(&id)).unwrap();
    assert_eq!(found, wanted.map(entry));
    assert_eq!(read_sample_table(&path, |_| false).unwrap(), []);
}

#[test]
fn a_table_is_never_written_over_another_file() {
    let folder = TempDir::new().unwrap();
    let path = table(&folder, 3);
    let again = write_sample_table(&path, &[], [vec![entry(5)]]);
    assert!(matches!(again, Err(LogError::FileExists { .. })));
    assert_eq!(read_sample_table(&path, |_| true).unwrap().len(), 3);
}

#[test]
fn what_is_no_sample_table_is_refused() {
    let folder = TempDir::new().unwrap();
    let path = table(&folder, 300);
    let whole = fs::read(&path).unwrap();
    for length in [0, 3, whole.len() / 2, whole.len() - 1] {
        fs::write(&path, &whole[..length]).unwrap();
        assert!(
            read_sample_table(&path, |_| true).is_err(),
            "{length} bytes"
        );
    }
}

#[test]
fn origins_are_read_without_the_pictures() {
    let folder = TempDir::new().unwrap();
    // Pictures of 2 kB on average, so that the table has checksums of its columns.
    let path = table(&folder, 4000);
    let origins = read_sample_origins(&path).unwrap();
    assert_eq!(origins.sample_ids, (0..4000).collect::<Vec<_>>());
    assert_eq!(origins.files[1], None);
    assert_eq!(origins.files[250].as_deref(), Some("train-2.parquet"));
    assert_eq!((origins.rows[1], origins.rows[250]), (None, Some(50)));
    assert_eq!(origins.given_labels[..4], [0, 1, 2, 0]);
    let Some(SampleIds::Texts(ids)) = origins.ids else {
        panic!("the ids are texts")
    };
    assert_eq!((ids.len(), &*ids[3999]), (4000, "s3999"));
    let read: Vec<&str> = origins.checksums.keys().map(|(name, _)| &**name).collect();
    assert_eq!(read, ["file", "given_label", "id", "row", "sample_id"]);
    let written = write_sample_table(&folder.path().join("again"), &[], [vec![entry(2_000_000)]]);
    assert!(written.unwrap().chunks.contains_key(&("png".to_owned(), 0)));
}

#[test]
fn origins_need_little_of_a_table_that_lies_elsewhere() {
    let folder = TempDir::new().unwrap();
    let path = table(&folder, 4000);
    let whole = fs::read(&path).unwrap();
    let FileParts::Parts(parts) = sample_origin_parts(&whole, whole.len() as u64) else {
        panic!("a table of our own has parts")
    };
    let needed: u64 = parts.iter().map(|part| part.end - part.start).sum();
    assert!(needed * 20 < whole.len() as u64, "{needed}");
    let mut copy = vec![1; whole.len()];
    for part in parts {
        let part = part.start as usize..part.end as usize;
        copy[part.clone()].copy_from_slice(&whole[part]);
    }
    let expected = read_sample_origins(&path).unwrap();
    fs::write(&path, copy).unwrap();
    assert_eq!(read_sample_origins(&path).unwrap(), expected);
}

#[test]
fn ids_are_of_one_kind_and_there_for_all_samples_or_none() {
    let folder = TempDir::new().unwrap();
    let write = |name: &str, ids: [Option<SampleId>; 2]| {
        let path = folder.path().join(name);
        let entries = ids.map(|id| SampleEntry { id, ..entry(3) });
        write_sample_table(&path, &[], [entries.to_vec()]).map(|_| path)
    };
    let integers = write("integers", [Some(7.into()), Some(9.into())]).unwrap();
    let ids = read_sample_origins(&integers).unwrap().ids;
    assert_eq!(ids, Some(SampleIds::Integers(vec![7, 9])));
    assert_eq!(
        read_sample_table(&integers, |_| true).unwrap()[1].id,
        Some(9.into())
    );
    let none = write("none", [None, None]).unwrap();
    assert_eq!(read_sample_origins(&none).unwrap().ids, None);
    for mixed in [Some("a".into()), None] {
        assert!(write("mixed", [Some(7.into()), mixed]).is_err());
    }
}
