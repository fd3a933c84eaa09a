//! Files of labels for samples of one's own: joined by file names and ids, read alike from every kind of file,
//! and refused where they may mean two things.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array};
use image::{GrayImage, Luma};
use logformat::RunRecord;
use tempfile::TempDir;
use tests::numpy::npy_integers;
use tests::parquet_file::write_parquet;
use tests::program::{refused, said};

use crate::setup;

/// Images of these classes, `per_class` each: `photos/CLASS/NN.png`, a bright one for each class.
fn photos(classes: &[&str], per_class: usize) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (k, class) in classes.iter().enumerate() {
        let path = folder.path().join("photos").join(class);
        fs::create_dir_all(&path).unwrap();
        for number in 0..per_class {
            let value = (20 * k + number) as u8;
            let image = GrayImage::from_pixel(8, 8, Luma([value]));
            image.save(path.join(format!("{number:02}.png"))).unwrap();
        }
    }
    folder
}

fn words<'a>(options: &[&'a str]) -> Vec<&'a str> {
    let quick = [
        "--dataset",
        "images",
        "--data",
        "photos",
        "--model",
        "mlp",
        "--epochs",
        "1",
        "--passes",
        "1",
        "--name",
        "a",
        "--overwrite",
    ];
    [&quick[..], options].concat()
}

/// The given labels, and what was said on stderr.
fn record(folder: &Path, options: &[&str]) -> (Vec<u32>, String) {
    let told = said(&setup::recorder(folder, &words(options))).1;
    let log = setup::read(&folder.join("logs/a-p1-e0001.parquet"));
    (log.given_labels.unwrap().to_vec(), told)
}

fn refuse(folder: &Path, options: &[&str], parts: &[&str]) {
    refused(
        "recorder",
        &setup::recorder(folder, &words(options)),
        1,
        parts,
    );
}

#[test]
fn where_classes_are_called_by_numbers_a_number_is_the_name_in_every_kind_of_file() {
    // Folders are read in the order of texts.
    let names = ["0", "1", "10", "2", "3"];
    let folder = photos(&names, 6);
    let labels: Vec<i64> = names
        .iter()
        .flat_map(|name| [name.parse().unwrap(); 6])
        .collect();
    let text = |end: &str| -> String {
        let rows = labels.iter().map(|label| format!("{label}{end}\n"));
        "label\n".to_owned() + &rows.collect::<String>()
    };
    let array = npy_integers(&format!("({},)", labels.len()), &labels);
    fs::write(folder.path().join("labels.npy"), array).unwrap();
    fs::write(folder.path().join("labels.csv"), text("")).unwrap();
    fs::write(folder.path().join("floats.csv"), text(".0")).unwrap();
    fs::write(folder.path().join("labels.tsv"), text("")).unwrap();
    let column: ArrayRef = Arc::new(Int64Array::from(labels.clone()));
    write_parquet(
        &folder.path().join("labels.parquet"),
        vec![("label", column)],
    );
    let expected: Vec<u32> = (0..30).map(|sample| sample / 6).collect();
    for file in [
        "labels.npy",
        "labels.csv",
        "floats.csv",
        "labels.tsv",
        "labels.parquet",
    ] {
        assert_eq!(
            record(folder.path(), &["--labels", file]).0,
            expected,
            "{file}"
        );
    }
    let wrong = text("").replacen("\n10\n", "\n4\n", 1);
    fs::write(folder.path().join("labels.csv"), wrong).unwrap();
    let parts = [
        "labels.csv: column label, row 12 ",
        "the label is 4, but the classes are called 0, 1, 10, 2, 3",
    ];
    refuse(folder.path(), &["--labels", "labels.csv"], &parts);
}

#[test]
fn labels_are_joined_by_file_names_and_by_ids() {
    let animals = ["cat", "dog", "owl"];
    let folder = photos(&animals, 10);
    // Rows in another order, and one of a file that is not there.
    let rows: Vec<(String, usize)> = (0..30)
        .map(|at| at * 7 % 30)
        .map(|at| (format!("{}/{:02}.png", animals[at / 10], at % 10), at))
        .collect();
    let by_file: String = rows
        .iter()
        .map(|(file, at)| format!("{file},{}\n", animals[at / 10]))
        .collect();
    let by_id: String = rows
        .iter()
        .map(|(_, at)| format!("{at},{}\n", animals[at / 10]))
        .collect();
    let write = |name: &str, text: String| fs::write(folder.path().join(name), text).unwrap();
    write(
        "files.csv",
        format!("filename,label\n{by_file}ape/00.png,cat\n"),
    );
    write("ids.csv", format!("sample_id,label\n{by_id}"));
    write("any.csv", format!("Bild,label\n{by_file}"));
    let expected: Vec<u32> = (0..30).map(|sample| sample / 10).collect();
    for (file, note) in [
        (
            "files.csv",
            "joined to samples by the file names in column filename; 1 more rows name other files\n",
        ),
        (
            "ids.csv",
            "joined to samples by the ids in column sample_id\n",
        ),
        (
            "any.csv",
            "joined to samples by the file names in column Bild\n",
        ),
    ] {
        let (given, told) = record(folder.path(), &["--labels", file]);
        assert_eq!(given, expected, "{file}");
        assert!(told.contains(note), "{told}");
        let record = RunRecord::read(&folder.path().join("logs"), "a")
            .unwrap()
            .unwrap();
        assert_eq!(record.reading["labels"], format!("column label of {file}"));
        let remark = record.reading["remarks"][0].as_str().unwrap();
        assert!(
            note.starts_with(remark.split_once("are ").unwrap().1),
            "{remark}"
        );
    }
    write("index.csv", format!(",label\n{by_id}"));
    let parts = ["index.csv: column without a name counts the samples in another order"];
    refuse(folder.path(), &["--labels", "index.csv"], &parts);
    let in_order: String = (0..30)
        .map(|at| format!("{},{}\n", animals[at / 10], at % 7))
        .collect();
    write("order.csv", format!("label,age\n{in_order}"));
    let (given, told) = record(folder.path(), &["--labels", "order.csv"]);
    assert_eq!(given, expected);
    let note = "the labels of order.csv are taken in their order; not read of it: age\n";
    assert!(told.contains(note), "{told}");
    // Of a part of the samples as well.
    let (given, _) = record(folder.path(), &["--labels", "files.csv", "--subset", "12"]);
    assert_eq!(given, [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2]);

    write(
        "twice.csv",
        format!("filename,label\n{by_file}cat/00.png,dog\n"),
    );
    let parts = ["twice.csv: column filename has \"cat/00.png\" in row 0 and in row 30"];
    refuse(folder.path(), &["--labels", "twice.csv"], &parts);
    write(
        "less.csv",
        format!(
            "filename,label\n{}",
            by_file.replace("dog/03.png", "dog/33.png")
        ),
    );
    let parts = ["names 29 of the 30 training samples, but not photos/dog/03.png"];
    refuse(folder.path(), &["--labels", "less.csv"], &parts);
    write(
        "other.csv",
        format!("id,label\n{}", by_id.replace("29,", "99,")),
    );
    let parts = ["column id has other ids, such as 99, than the training samples, 0 to 29"];
    refuse(folder.path(), &["--labels", "other.csv"], &parts);
    for count in [20, 5] {
        let first: Vec<&str> = by_id.lines().take(count).collect();
        write("first.csv", format!("id,label\n{}\n", first.join("\n")));
        let parts = [
            &format!("names {count} of the 30 training samples, but not ")[..],
            "complete the file",
        ];
        refuse(folder.path(), &["--labels", "first.csv"], &parts);
    }
    let strange: String = (0..30)
        .map(|at| format!("IMG{at},{}\n", animals[at / 10]))
        .collect();
    write("strange.csv", format!("image,label\n{strange}"));
    let (given, told) = record(folder.path(), &["--labels", "strange.csv"]);
    assert_eq!(given, expected);
    assert!(
        told.contains("names none of the samples, so its labels are taken in their order\n"),
        "{told}"
    );
}

#[test]
fn a_number_that_is_one_class_and_the_name_of_another_is_refused() {
    let folder = photos(&["1", "cat", "dog"], 4);
    let write = |name: &str, labels: [&str; 3]| {
        let rows: String = (0..12)
            .map(|sample| format!("{}\n", labels[sample / 4]))
            .collect();
        fs::write(folder.path().join(name), format!("label\n{rows}")).unwrap();
    };
    write("names.csv", ["1", "cat", "dog"]);
    write("indices.csv", ["0", "1", "2"]);
    let (given, _) = record(folder.path(), &["--labels", "names.csv"]);
    assert_eq!(given, [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2]);
    let parts = [
        "indices.csv: column label: ",
        "the label 1 is the index of one class and the name of another",
    ];
    refuse(folder.path(), &["--labels", "indices.csv"], &parts);
}

#[test]
fn the_labels_of_the_own_table_are_those_of_its_rows_whatever_numbers_them() {
    let folder = TempDir::new().unwrap();
    let classes = ["cat", "dog", "owl"];
    let rows: String = (0..60)
        .map(|row| (row, row * 7 % 60))
        .map(|(row, id)| {
            let (given, truth) = (classes[row % 3], classes[(row + row % 2) % 3]);
            format!("{id},{id},{},{given},{truth}\n", row as f64 / 7.0)
        })
        .collect();
    fs::write(
        folder.path().join("t.csv"),
        format!(",id,x,label,true_label\n{rows}"),
    )
    .unwrap();
    let options = "--dataset features --data t.csv --epochs 1 --passes 1 --name a --label-column label --true-label-column true_label";
    let options: Vec<&str> = options.split(' ').collect();
    said(&setup::recorder(folder.path(), &options));
    let log = setup::read(&folder.path().join("logs/a-p1-e0001.parquet"));
    let given: Vec<u32> = (0..60).map(|row| row % 3).collect();
    let truth = (0..60).map(|row| Some((row + row % 2) % 3));
    assert_eq!(log.given_labels.unwrap().to_vec(), given);
    assert!(log.true_labels.unwrap().iter().copied().eq(truth));
}
