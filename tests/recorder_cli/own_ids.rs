//! The user's own ids: they stand in the sample table, lead labels to their samples, and are never trained on.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, BinaryArray, Float64Array, Int64Array, StringArray};
use logformat::{SampleId, SampleIds, SampleOrigins, read_sample_origins, sample_table_path};
use tempfile::TempDir;
use tests::parquet_file::write_parquet;
use tests::program::{refused, said};

use crate::image_cases::place::png;
use crate::setup;

const ROWS: usize = 40;
const QUICK: [&str; 9] = [
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

/// A folder with a table of customers, whose feature tells the class.
fn customers(id: impl Fn(usize) -> String) -> TempDir {
    let folder = TempDir::new().unwrap();
    let row = |row: usize| format!("{},{}.5,{}\n", id(row), row % 2, ["no", "yes"][row % 2]);
    let text = "customer,visits,label\n".to_owned() + &(0..ROWS).map(row).collect::<String>();
    fs::write(folder.path().join("customers.csv"), text).unwrap();
    folder
}

fn record(folder: &Path, options: &[&str]) -> (String, SampleOrigins) {
    let said = said(&setup::recorder(folder, &[&QUICK, options].concat())).1;
    let table = sample_table_path(&folder.join("logs"), "a");
    (said, read_sample_origins(&table).unwrap())
}

const FEATURES: [&str; 6] = [
    "--dataset",
    "features",
    "--data",
    "customers.csv",
    "--id-column",
    "customer",
];

fn refuse(folder: &Path, options: &[&str], part: &str) {
    let output = setup::recorder(folder, &[&QUICK, options].concat());
    refused("recorder", &output, 1, &[part]);
}

#[test]
fn ids_of_a_table_stand_in_the_sample_table_and_are_no_feature() {
    let folder = customers(|row| format!("c{}", 90 - row));
    let (said, origins) = record(
        folder.path(),
        &[&FEATURES[..], &["--test-share=0.25"]].concat(),
    );
    for part in [
        "ids: column customer, texts",
        "features: 1, visits",
        "left aside: column customer: it holds your ids",
    ] {
        assert!(said.contains(part), "{part:?} is not in: {said}");
    }
    // A quarter is not trained on, and the ids of the others stay with their rows.
    assert_eq!(origins.rows.len(), 30);
    let Some(SampleIds::Texts(ids)) = origins.ids else {
        panic!("the ids are texts")
    };
    for (row, id) in origins.rows.iter().zip(&ids) {
        assert_eq!(*id, format!("c{}", 90 - row.unwrap()));
    }
    assert_eq!(
        setup::configuration(folder.path(), "a")["id_column"],
        "customer"
    );
    let words = [&["data"], &FEATURES[..]].concat();
    let listed = tests::program::said(&setup::command(folder.path(), &words).output().unwrap()).0;
    assert!(listed.contains("ids: column customer, texts"), "{listed}");
}

#[test]
fn ids_that_are_whole_numbers_stay_numbers() {
    let folder = customers(|row| (1000 + 3 * row).to_string());
    let ids = record(folder.path(), &FEATURES).1.ids.unwrap();
    assert_eq!(ids.get(7), Some(SampleId::Integer(1021)));
    // One with a zero before it is a name.
    let folder = customers(|row| format!("{row:02}"));
    let ids = record(folder.path(), &FEATURES).1.ids.unwrap();
    assert_eq!(ids.get(7), Some("07".into()));
}

#[test]
fn ids_that_are_missing_or_shared_are_refused_with_their_rows() {
    let shared = customers(|row| format!("c{}", row % 30));
    refuse(
        shared.path(),
        &FEATURES,
        "row 30 has the id \"c0\" in column customer, and so has row 0; an id names one sample alone; name another column by --id-column",
    );
    let missing = customers(|row| {
        if row == 12 {
            String::new()
        } else {
            format!("c{row}")
        }
    });
    refuse(
        missing.path(),
        &FEATURES,
        "row 12 has no id in column customer",
    );
    let constant = customers(|_| "same".to_owned());
    refuse(constant.path(), &FEATURES, "and so has row 0");
    let other = [
        "--dataset",
        "features",
        "--data",
        "customers.csv",
        "--id-column",
        "client",
    ];
    refuse(
        constant.path(),
        &other,
        "there is no column client, but customer, visits, label",
    );
    let output = setup::recorder(
        constant.path(),
        &[&QUICK[..], &["--id-column", "client"]].concat(),
    );
    refused(
        "recorder",
        &output,
        2,
        &["digits has no use for --id-column"],
    );
}

#[test]
fn ids_of_a_type_that_ids_do_not_have_are_refused_as_ids() {
    let folder = TempDir::new().unwrap();
    let bytes: Vec<String> = (0..ROWS).map(|row| format!("u{row}")).collect();
    let bytes = BinaryArray::from_iter_values(&bytes);
    let halves = Float64Array::from_iter_values((0..ROWS).map(|row| row as f64 / 2.0));
    let labels = Int64Array::from_iter_values((0..40).map(|row| row % 2));
    write_parquet(
        &folder.path().join("t.parquet"),
        vec![
            ("x", Arc::new(halves.clone()) as ArrayRef),
            ("bytes", Arc::new(bytes)),
            ("halves", Arc::new(halves)),
            ("label", Arc::new(labels)),
        ],
    );
    for (column, found) in [("bytes", "the type binary"), ("halves", "0.5")] {
        let options = ["--dataset=features", "--data=t.parquet", "--id-column"];
        let reason = format!(
            "t.parquet: column {column} has {found}, but ids are whole numbers or texts; name another column by --id-column"
        );
        refuse(folder.path(), &[&options[..], &[column]].concat(), &reason);
    }
}

#[test]
fn labels_of_a_file_are_led_to_their_samples_by_the_users_ids() {
    let folder = customers(|row| format!("c{row}"));
    // In another order, and all the other way round.
    let row = |row: usize| format!("{},c{row}\n", ["yes", "no"][row % 2]);
    let text = "label,customer\n".to_owned() + &(0..ROWS).rev().map(row).collect::<String>();
    fs::write(folder.path().join("labels.csv"), text).unwrap();
    let options = [&FEATURES[..], &["--labels", "labels.csv"]].concat();
    let (said, origins) = record(folder.path(), &options);
    assert!(said.contains("by your ids in column customer"), "{said}");
    assert_eq!(origins.given_labels[..4], [1, 0, 1, 0]);
    let fewer = "label,customer\nyes,c0\nno,c1\n";
    fs::write(folder.path().join("labels.csv"), fewer).unwrap();
    refuse(
        folder.path(),
        &options,
        "column customer names 2 of the 40 training samples, but not c2",
    );
}

#[test]
fn an_array_takes_its_ids_from_the_file_of_labels() {
    let folder = TempDir::new().unwrap();
    let mut array = b"\x93NUMPY\x01\x00".to_vec();
    let header = format!(
        "{:<117}\n",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (40, 2), }"
    );
    array.extend((header.len() as u16).to_le_bytes());
    array.extend(header.as_bytes());
    let values = (0..ROWS).flat_map(|row| [(row % 2) as f32, row as f32 * 0.37 % 1.0]);
    array.extend(values.flat_map(f32::to_le_bytes));
    fs::write(folder.path().join("x.npy"), array).unwrap();
    // Numbers that would be taken for those of rows, in another order.
    let row = |row: usize| format!("{},{}\n", 39 - row, ["no", "yes"][row % 2]);
    let text = "id,label\n".to_owned() + &(0..ROWS).map(row).collect::<String>();
    fs::write(folder.path().join("y.csv"), text).unwrap();
    let options = [
        "--dataset=features",
        "--data=x.npy",
        "--labels=y.csv",
        "--id-column=id",
    ];
    let (_, origins) = record(folder.path(), &options);
    assert_eq!(origins.given_labels[..4], [0, 1, 0, 1]);
    let ids: Vec<i64> = (0..40).rev().collect();
    assert_eq!(origins.ids, Some(SampleIds::Integers(ids)));
}

#[test]
fn tables_in_parquet_with_features_or_images_have_ids() {
    let folder = TempDir::new().unwrap();
    let names: Vec<String> = (0..ROWS).map(|row| format!("u-{row}")).collect();
    let ids = Arc::new(StringArray::from(names.clone())) as ArrayRef;
    let labels = Arc::new(Int64Array::from_iter_values((0..40).map(|row| row % 2))) as ArrayRef;
    let x =
        Float64Array::from_iter_values((0..ROWS).map(|row| (row % 2) as f64 + row as f64 / 1e3));
    let table = folder.path().join("t.parquet");
    write_parquet(
        &table,
        vec![
            ("x", Arc::new(x) as ArrayRef),
            ("label", labels.clone()),
            ("uid", ids.clone()),
        ],
    );
    let options = ["--dataset=features", "--data=t.parquet", "--id-column=uid"];
    let (said, origins) = record(folder.path(), &options);
    assert!(said.contains("features: 1, x"), "{said}");
    assert_eq!(origins.ids, Some(SampleIds::Texts(names.clone())));
    let images: Vec<Vec<u8>> = (0..ROWS).map(|row| png(row as u8 % 2, row)).collect();
    let images: Vec<&[u8]> = images.iter().map(Vec::as_slice).collect();
    let images = Arc::new(BinaryArray::from(images)) as ArrayRef;
    let columns = vec![("image", images), ("label", labels), ("uid", ids)];
    write_parquet(&folder.path().join("i.parquet"), columns);
    let options = ["--dataset=parquet", "--data=i.parquet", "--id-column=uid"];
    assert_eq!(
        record(folder.path(), &options).1.ids,
        Some(SampleIds::Texts(names))
    );
    // Unnamed, they would be taken for the labels of the images at their places.
    let row = |row: usize| format!("u-{row},{}\n", row % 2);
    let text = "uid,label\n".to_owned() + &(0..ROWS).rev().map(row).collect::<String>();
    fs::write(folder.path().join("y.csv"), text).unwrap();
    let labels = ["--labels=y.csv"];
    let reason = "y.csv: column uid is one of the data, too, and has its values in another order";
    refuse(folder.path(), &[&options[..2], &labels].concat(), reason);
    let (_, origins) = record(folder.path(), &[&options[..], &labels].concat());
    assert_eq!(origins.given_labels[..4], [0, 1, 0, 1]);
}

#[test]
fn images_that_a_list_or_a_file_of_labels_names_have_ids() {
    let folder = TempDir::new().unwrap();
    let (mut list, mut labels) = (
        "path,label,photo\n".to_owned(),
        "file,label,photo\n".to_owned(),
    );
    for class in ["cat", "dog"] {
        fs::create_dir_all(folder.path().join("photos").join(class)).unwrap();
    }
    for number in 0..ROWS {
        let (class, other) = [("cat", "dog"), ("dog", "cat")][number % 2];
        let name = format!("{class}/{number:02}.png");
        let path = folder.path().join("photos").join(&name);
        fs::write(path, png(number as u8 % 2, number)).unwrap();
        list += &format!("{name},{class},p{number}\n");
        labels += &format!("{name},{other},p{number}\n");
    }
    fs::write(folder.path().join("photos/list.csv"), list).unwrap();
    let options = [
        "--dataset=list",
        "--data=photos/list.csv",
        "--id-column=photo",
    ];
    let (_, origins) = record(folder.path(), &options);
    assert_eq!(origins.ids.unwrap().get(13), Some("p13".into()));
    assert_eq!(origins.files[13].as_deref(), Some("photos/dog/13.png"));
    fs::remove_file(folder.path().join("photos/list.csv")).unwrap();
    fs::write(folder.path().join("labels.csv"), labels).unwrap();
    let options = [
        "--dataset=images",
        "--data=photos",
        "--labels=labels.csv",
        "--id-column=photo",
    ];
    let (_, origins) = record(folder.path(), &options);
    // The cats come first; each photo is called the other class.
    assert_eq!(origins.files[1].as_deref(), Some("photos/cat/02.png"));
    assert_eq!(origins.ids.unwrap().get(1), Some("p2".into()));
    assert_eq!(origins.given_labels[1], 1);
}

#[test]
fn a_column_of_the_data_and_the_labels_in_another_order_is_refused_until_it_is_named() {
    let folder = customers(|row| format!("c{row}"));
    let write = |order: &dyn Fn(usize) -> usize| {
        let row = |row: usize| format!("c{},{}\n", order(row), ["no", "yes"][order(row) % 2]);
        let rows: String = (0..ROWS).map(row).collect();
        fs::write(
            folder.path().join("y.csv"),
            format!("customer,label\n{rows}"),
        )
        .unwrap();
    };
    write(&|row| (row * 7) % ROWS);
    let labels = ["--labels", "y.csv"];
    let reason =
        "y.csv: column customer is one of the data, too, and has its values in another order there";
    refuse(folder.path(), &[&FEATURES[..4], &labels].concat(), reason);
    let (said, _) = record(folder.path(), &[&FEATURES[..], &labels].concat());
    assert!(said.contains("joined to samples by your ids"), "{said}");
    write(&|row| row);
    record(folder.path(), &[&FEATURES[..4], &labels].concat());
}

#[test]
fn ids_of_the_data_under_another_name_and_in_another_order_are_refused() {
    let folder = customers(|row| format!("c{row}"));
    let table = fs::read_to_string(folder.path().join("customers.csv")).unwrap();
    let table = table.replace("customer,", "customer_id,");
    fs::write(folder.path().join("customers.csv"), table).unwrap();
    let write = |order: &dyn Fn(usize) -> usize| {
        let row = |row: usize| format!("c{},{}\n", order(row), ["no", "yes"][order(row) % 2]);
        let rows: String = (0..ROWS).map(row).collect();
        fs::write(folder.path().join("y.csv"), format!("buyer,label\n{rows}")).unwrap();
    };
    let options = [
        "--dataset=features",
        "--data=customers.csv",
        "--labels=y.csv",
    ];
    write(&|row| (row * 7) % ROWS);
    let reason =
        "y.csv: column buyer has the values of column customer_id of the data, in another order";
    refuse(folder.path(), &options, reason);
    write(&|row| row);
    record(folder.path(), &options);
}

#[test]
fn a_file_of_labels_may_have_the_named_ids_under_another_name() {
    let folder = customers(|row| format!("c{row}"));
    let write = |column: &str, id: &dyn Fn(usize) -> String| {
        let order = |row: usize| (row * 7) % ROWS;
        let row = |row: usize| format!("{},{}\n", id(order(row)), ["no", "yes"][order(row) % 2]);
        let rows: String = (0..ROWS).map(row).collect();
        fs::write(
            folder.path().join("y.csv"),
            format!("{column},label\n{rows}"),
        )
        .unwrap();
    };
    let labels = ["--labels", "y.csv"];
    for column in ["buyer", "CUSTOMER", "id"] {
        write(column, &|row| format!("c{row}"));
        let (said, origins) = record(folder.path(), &[&FEATURES[..], &labels].concat());
        assert!(
            said.contains(&format!("your ids in column {column}")),
            "{said}"
        );
        assert!((0..ROWS).all(|row| origins.given_labels[row] as usize == row % 2));
    }
    // Some are of others: the labels of a part would be taken by their places.
    write("buyer", &|row| {
        format!("{}{row}", if row < 3 { "d" } else { "c" })
    });
    let reason = format!(
        "y.csv: column buyer names {} of the {ROWS} training samples, but not c0",
        ROWS - 3
    );
    refuse(folder.path(), &[&FEATURES[..], &labels].concat(), &reason);
    // A name that differs in capitals alone is that of the ids, however few of them are there.
    write("Customer", &|row| {
        format!("{}{row}", if row < 30 { "d" } else { "c" })
    });
    let reason = "y.csv: column Customer names 10 of the 40 training samples, but not c0";
    refuse(folder.path(), &[&FEATURES[..], &labels].concat(), reason);
    // Two rows without one.
    write("buyer", &|row| match row {
        5 | 6 => String::new(),
        row => format!("c{row}"),
    });
    let reason = "y.csv: column buyer has \"\" in row";
    refuse(folder.path(), &[&FEATURES[..], &labels].concat(), reason);
    // Numbers that are nearly those of the ids, by chance.
    let folder = customers(|row| (row + 1).to_string());
    let rows: String = (0..ROWS)
        .map(|row| format!("{row},{}\n", ["no", "yes"][row % 2]))
        .collect();
    fs::write(folder.path().join("y.csv"), format!("rank,label\n{rows}")).unwrap();
    let (said, _) = record(folder.path(), &[&FEATURES[..], &labels].concat());
    assert!(said.contains("taken in their order"), "{said}");
}

/// As where the samples were shuffled and numbered anew: each number is an id, and another sample's row.
#[test]
fn ids_that_are_numbers_of_other_samples_are_refused_under_a_name_for_either() {
    let folder = customers(|row| ((row * 7) % ROWS).to_string());
    let write = |header: &str, row: &dyn Fn(usize) -> String| {
        let rows: String = (0..ROWS)
            .map(|at| format!("{},{}\n", row(at), ["no", "yes"][at % 2]))
            .collect();
        fs::write(
            folder.path().join("y.csv"),
            format!("{header},label\n{rows}"),
        )
        .unwrap();
    };
    let options = [&FEATURES[..], &["--labels", "y.csv"]].concat();
    for column in ["id", "sample_id"] {
        write(column, &|row| ((row * 7) % ROWS).to_string());
        let reason = format!(
            "y.csv: column {column} has the ids of column customer of the data, but they are numbers of other samples, too; call it customer"
        );
        refuse(folder.path(), &options, &reason);
    }
    // As tables of the analyzer have both.
    write("sample_id,buyer_id", &|row| {
        format!("{row},{}", (row * 7) % ROWS)
    });
    let (said, origins) = record(folder.path(), &options);
    assert!(said.contains("your ids in column buyer_id"), "{said}");
    assert!((0..ROWS).all(|row| origins.given_labels[row] as usize == row % 2));
}

/// Lists for `--drop` hold the ids that their owner knows, or those of the log.
#[test]
fn a_list_of_samples_may_hold_the_users_ids() {
    let train = |folder: &Path, list: &str| {
        fs::write(folder.join("list.txt"), list).unwrap();
        let words = [
            "train",
            "--model=mlp",
            "--epochs=1",
            "--drop=list.txt",
            "--overwrite",
        ];
        setup::command(folder, &[&words[..], &FEATURES].concat())
            .output()
            .unwrap()
    };
    let folder = customers(|row| format!("c{}", 90 - row));
    for list in [
        "c90\nc88\n",
        "customer\r\nc90\r\nc88\r\n",
        "id\nc90\nc88\n",
        "0\n2\n",
    ] {
        let told = said(&train(folder.path(), list));
        let told = told.0 + &told.1;
        assert!(told.contains("on 38 of 40 samples"), "{list:?}: {told}");
    }
    let unknown = train(folder.path(), "c90\nc3\n");
    let said_of = "list.txt: there is no training sample whose customer is \"c3\"";
    refused("recorder", &unknown, 1, &[said_of]);
    // Row 0 is customer 39, and customer 0 is row 39.
    let folder = customers(|row| (39 - row).to_string());
    let both = train(folder.path(), "0\n");
    refused(
        "recorder",
        &both,
        1,
        &["ids of the log and values of customer, too"],
    );
    let folder = customers(|row| (1000 + row).to_string());
    assert!(train(folder.path(), "1000\n").status.success());
}

/// As tables of the analyzer name them.
#[test]
fn a_list_of_samples_may_hold_their_files_and_rows() {
    let folder = customers(|row| format!("c{row}"));
    let train = |option: &str, table: &str| {
        fs::write(folder.path().join("list.csv"), table).unwrap();
        let words = ["train", "--model=mlp", "--epochs=1", "--overwrite"];
        let words = [&words[..], &[option, "list.csv"], &FEATURES[..4]].concat();
        setup::command(folder.path(), &words).output().unwrap()
    };
    let told = said(&train(
        "--drop",
        "file,row\ncustomers.csv,3\ncustomers.csv,5\n",
    ));
    let told = told.0 + &told.1;
    assert!(told.contains("on 38 of 40 samples"), "{told}");
    let told = said(&train(
        "--relabel",
        "row,file,suggested_class\n3,customers.csv,no\n",
    ));
    let told = told.0 + &told.1;
    assert!(
        told.contains("1 of them with another label than the given one"),
        "{told}"
    );
    let reason = "list.csv: row 1: there is no training sample in row 40 of customers.csv";
    let beyond = train("--drop", "file,row\ncustomers.csv,3\ncustomers.csv,40\n");
    refused("recorder", &beyond, 1, &[reason]);
}

#[test]
fn suggested_classes_are_given_to_the_samples_with_the_users_ids() {
    let folder = customers(|row| format!("c{row}"));
    let train = |table: &str| {
        fs::write(folder.path().join("new.csv"), table).unwrap();
        let words = [
            "train",
            "--model=mlp",
            "--epochs=1",
            "--relabel=new.csv",
            "--name=r",
            "--overwrite",
        ];
        let words = [&words[..], &FEATURES].concat();
        setup::command(folder.path(), &words).output().unwrap()
    };
    for table in [
        "customer,suggested_class\nc3,no\nc2,yes\nc1,\n",
        "id,suggested_class\nc3,no\nc2,yes\n",
        "id,suggested_label,suggested_class\nc3,0,no\nc2,1,\n",
        "id,suggested_label,suggested_class\nc3,,no\nc2,1,yes\n",
    ] {
        said(&train(table));
        let record = fs::read_to_string(folder.path().join("trained/r/train.json")).unwrap();
        assert!(record.contains("\"relabelled\": 2"), "{table:?}: {record}");
    }
    for (table, reason) in [
        (
            "customer,suggested_class\nc99,no\n",
            "no training sample whose customer is \"c99\"",
        ),
        (
            "customer,suggested_class\nc3,maybe\n",
            "row 0: \"maybe\" in suggested_class is no class; they are no, yes",
        ),
        (
            "id,suggested_label,suggested_class\nc3,0,yes\n",
            "row 0: suggested_label is 0 and suggested_class \"yes\", which are two classes",
        ),
    ] {
        refused("recorder", &train(table), 1, &[reason]);
    }
    let predict = ["predict", "trained/r/model.safetensors"];
    let predicted = setup::command(folder.path(), &[&predict[..], &FEATURES].concat()).output();
    let table = said(&predicted.unwrap()).0;
    let mut lines = table.lines();
    assert!(
        lines
            .next()
            .unwrap()
            .starts_with("sample_id,file,row,id,class,"),
        "{table}"
    );
    assert!(
        lines.next().unwrap().starts_with("0,customers.csv,0,c0,"),
        "{table}"
    );
}
