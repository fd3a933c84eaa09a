//! Data of one's own, there and back: known labels are made wrong in the user's files, the files are recorded,
//! and the rows that the analyzer flags are looked up in the user's files again.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use analyzer::{AumSettings, TableFile, analyze, aum_table, log_files, read_runs};
use tempfile::TempDir;

use crate::record;

/// Numbers that look drawn, from 0 to 1: the finaliser of MurmurHash3 (Appleby, 2011).
fn drawn(place: usize) -> f64 {
    let mut hash = (place as u32).wrapping_mul(0x9e37_79b9);
    hash = (hash ^ (hash >> 16)).wrapping_mul(0x85eb_ca6b);
    hash = (hash ^ (hash >> 13)).wrapping_mul(0xc2b2_ae35);
    f64::from(hash ^ (hash >> 16)) / f64::from(u32::MAX)
}

/// The flagged rows of what `analyzer aum -o` writes of the logs in a folder, each by its columns.
fn flagged(logs: &Path) -> Vec<BTreeMap<String, String>> {
    let found = read_runs(&log_files(&[logs.to_owned()]).unwrap()).unwrap();
    assert_eq!(found.warnings, Vec::<String>::new());
    let analysis = analyze(&found.runs[0], &AumSettings::default()).unwrap();
    let path = logs.with_extension("csv");
    let file: TableFile = path.to_str().unwrap().parse().unwrap();
    file.write(&aum_table(&[(&found.runs[0], &analysis)]), false)
        .unwrap();
    let text = fs::read_to_string(path).unwrap();
    let mut lines = text.lines().map(|line| line.split(',').map(str::to_owned));
    let header: Vec<String> = lines.next().unwrap().collect();
    let rows = lines.map(|cells| header.iter().cloned().zip(cells).collect());
    rows.filter(|row: &BTreeMap<_, _>| row["flagged"] == "true")
        .collect()
}

/// Asserts that at least these shares of the flagged and of the corrupted ones are both.
fn assert_found(flagged: &BTreeSet<String>, corrupted: &BTreeSet<String>, least: [f64; 2]) {
    let both = flagged.intersection(corrupted).count() as f64;
    let (precision, recall) = (both / flagged.len() as f64, both / corrupted.len() as f64);
    assert!(
        precision >= least[0] && recall >= least[1],
        "precision {precision}, recall {recall}, {} flagged",
        flagged.len()
    );
}

const ROWS_A_FILE: usize = 300;
const CLASSES: [&str; 3] = ["circle", "square", "triangle"];

fn is_corrupted(sample: usize) -> bool {
    sample % 10 == 3
}

/// Three features of a sample, and its given label.
fn features(sample: usize) -> ([f64; 3], &'static str) {
    let class = (drawn(sample) * 2.9999) as usize;
    let x = |feature: usize| {
        let centre = if feature == class { 1.5 } else { 0.0 };
        let draws = (0..4).map(|n| drawn(9000 + sample * 12 + feature * 4 + n));
        centre + draws.sum::<f64>() - 2.0
    };
    let given = (class + usize::from(is_corrupted(sample))) % 3;
    ([0, 1, 2].map(x), CLASSES[given])
}

/// A table of customers in two files, of which the second has other rows, and whose ids are in neither's order.
/// Every tenth label is wrong. Returns the ids of these.
fn write_tables(folder: &Path) -> BTreeSet<String> {
    let mut corrupted = BTreeSet::new();
    for file in 0..2 {
        let mut text = "customer,a,b,c,label\n".to_owned();
        for row in 0..ROWS_A_FILE {
            let sample = file * ROWS_A_FILE + row;
            let ([a, b, c], given) = features(sample);
            let id = format!("c{:03}", (sample * 7 + 5) % (2 * ROWS_A_FILE));
            text += &format!("{id},{a:.4},{b:.4},{c:.4},{given}\n");
            if is_corrupted(sample) {
                corrupted.insert(id);
            }
        }
        fs::write(folder.join(format!("train-{file}.csv")), text).unwrap();
    }
    corrupted
}

/// The id in a row of one of the user's files, a header not counted.
fn id_in(file: &str, row: &str) -> String {
    let text = fs::read_to_string(file).unwrap();
    let line = text.lines().nth(1 + row.parse::<usize>().unwrap()).unwrap();
    line.split(',').next().unwrap().to_owned()
}

#[test]
fn the_corrupted_rows_of_a_table_are_found_in_the_users_own_files() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("customers");
    fs::create_dir(&data).unwrap();
    let corrupted = write_tables(&data);
    let data = data.to_str().unwrap();
    let options = [
        "--dataset",
        "features",
        "--data",
        data,
        "--id-column",
        "customer",
    ];
    let logs = folder.path().join("logs");
    record(&logs, &[&options[..], &["--test-share", "0.1"]].concat());
    let flagged = flagged(&logs);
    let by_id: BTreeSet<String> = flagged.iter().map(|row| row["id"].clone()).collect();
    let by_place = flagged.iter().map(|row| id_in(&row["file"], &row["row"]));
    assert_eq!(by_place.collect::<BTreeSet<_>>(), by_id);
    assert_found(&by_id, &corrupted, [0.7, 0.7]);
}

#[test]
fn what_people_found_wrong_tells_precision_and_recall_without_any_true_label() {
    const SAMPLES: usize = 600;
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("verified.csv");
    // Somebody looked at half of the samples: 1 is right, 0 wrong, nothing where nobody looked.
    let is_looked_at = |sample: usize| sample % 4 < 2;
    let line = |sample: usize| {
        let ([a, b, c], given) = features(sample);
        let verified = match (is_looked_at(sample), is_corrupted(sample)) {
            (true, true) => "0",
            (true, false) => "1",
            (false, _) => "",
        };
        format!("{a:.4},{b:.4},{c:.4},{verified},{given}\n")
    };
    let text = "a,b,c,verified,label\n".to_owned() + &(0..SAMPLES).map(line).collect::<String>();
    fs::write(&data, text).unwrap();
    let logs = folder.path().join("logs");
    let data = data.to_str().unwrap();
    let options = ["--dataset", "features", "--data", data];
    let marks = ["--mislabeled-column", "verified=0"];
    record(&logs, &[&options[..], &marks].concat());
    let found = read_runs(&log_files(&[logs]).unwrap()).unwrap();
    let analysis = analyze(&found.runs[0], &AumSettings::default()).unwrap();
    let evaluation = &analysis.evaluation;
    let wrong = (0..SAMPLES).filter(|&sample| is_looked_at(sample) && is_corrupted(sample));
    assert_eq!(
        (evaluation.evaluated, evaluation.mislabeled),
        (SAMPLES / 2, wrong.count())
    );
    assert_eq!(evaluation.without_true_label, SAMPLES / 2);
    let [precision, recall] = [evaluation.precision(), evaluation.recall()];
    assert!(
        precision >= Some(0.7) && recall >= Some(0.7),
        "{precision:?}, {recall:?}"
    );
}

/// As NumPy writes an array of 64-bit floats, samples × 3.
fn array(samples: usize) -> Vec<u8> {
    let shape = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': ({samples}, 3), }}");
    let mut file = b"\x93NUMPY\x01\x00\x76\x00".to_vec();
    file.extend(format!("{shape:<117}\n").into_bytes());
    let values = (0..samples).flat_map(|sample| features(sample).0);
    file.extend(values.flat_map(f64::to_le_bytes));
    file
}

#[test]
fn the_corrupted_labels_of_embeddings_are_found_by_their_rows_and_their_owners_ids() {
    const SAMPLES: usize = 600;
    let folder = TempDir::new().unwrap();
    let [data, labels] = ["embeddings.npy", "labels.csv"].map(|name| folder.path().join(name));
    fs::write(&data, array(SAMPLES)).unwrap();
    let key = |sample: usize| format!("e{:03}", SAMPLES - sample);
    let line = |sample: usize| format!("{},{}\n", key(sample), features(sample).1);
    let text = "key,label\n".to_owned() + &(0..SAMPLES).map(line).collect::<String>();
    fs::write(&labels, text).unwrap();
    let logs = folder.path().join("logs");
    let [data, labels] = [&data, &labels].map(|path| path.to_str().unwrap());
    let options = ["--data", data, "--labels", labels, "--id-column", "key"];
    record(&logs, &[&["--dataset", "features"], &options[..]].concat());
    let flagged = flagged(&logs);
    for row in &flagged {
        assert_eq!(row["file"], data);
        assert_eq!(row["row"], row["sample_id"]);
        assert_eq!(row["id"], key(row["row"].parse().unwrap()));
    }
    let found: BTreeSet<String> = flagged.iter().map(|row| row["row"].clone()).collect();
    let corrupted = (0..SAMPLES).filter(|&sample| is_corrupted(sample));
    let corrupted = corrupted.map(|sample| sample.to_string()).collect();
    assert_found(&found, &corrupted, [0.7, 0.7]);
}

#[test]
fn the_photos_in_the_wrong_folder_are_found_by_their_paths() {
    let folder = TempDir::new().unwrap();
    let photos = folder.path().join("photos");
    let mut corrupted = BTreeSet::new();
    for class in CLASSES {
        fs::create_dir_all(photos.join(class)).unwrap();
    }
    for number in 0..240 {
        let class = number % 3;
        let is_corrupted = number % 10 == 3;
        let given = if is_corrupted { (class + 1) % 3 } else { class };
        let path = photos.join(CLASSES[given]).join(format!("{number:03}.ppm"));
        fs::write(&path, photo(class, number)).unwrap();
        if is_corrupted {
            corrupted.insert(path.to_str().unwrap().to_owned());
        }
    }
    let logs = folder.path().join("logs");
    let data = photos.to_str().unwrap();
    record(
        &logs,
        &["--dataset", "images", "--data", data, "--epochs", "12"],
    );
    let flagged: BTreeSet<String> = flagged(&logs)
        .iter()
        .map(|row| row["file"].clone())
        .collect();
    assert_found(&flagged, &corrupted, [0.9, 0.7]);
}

/// A bright spot on a noisy ground, at a place of its class, as a PPM file.
fn photo(class: usize, number: usize) -> Vec<u8> {
    const SIDE: usize = 12;
    let mut file = format!("P6\n{SIDE} {SIDE}\n255\n").into_bytes();
    for y in 0..SIDE {
        for x in 0..SIDE {
            let is_spot = x / 4 == class && (4..8).contains(&y);
            let noise = drawn(number * SIDE * SIDE + y * SIDE + x) * 120.0;
            let value = noise + if is_spot { 100.0 } else { 0.0 };
            file.extend([value as u8; 3]);
        }
    }
    file
}
