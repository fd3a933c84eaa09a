//! Tables of measurements with names of their own.

use std::sync::Arc;

use arrow_array::types::Int8Type;
use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, DictionaryArray, Float32Array, Float64Array, Int8Array,
    StringArray, UInt16Array,
};
use tests::parquet_file::write_parquet;

use crate::import::{aums, imported, rows, write};
use crate::setup::{Logs, ints, refusal};

const MAPPED: &str = "--column sample_id=image --column epoch=step --column assigned_label=y --column assigned_logit=own --column other_logit=best";

#[test]
fn columns_of_any_name_are_mapped_and_epochs_from_0_counted_from_1() {
    let logs = Logs::new();
    let table = "step,image,y,own,best,noise\n0,a.png,0,2.0,1.0,x\n0,b.png,1,0.5,1.0,x\n1,a.png,0,4.0,1.0,x\n1,b.png,1,0.5,2.0,x\n";
    write(&logs, "run.csv", table);
    let columns: [(&str, ArrayRef); 5] = [
        (
            "image",
            Arc::new(StringArray::from(vec!["a.png", "b.png", "a.png", "b.png"])),
        ),
        ("step", ints(&[0, 0, 1, 1])),
        ("y", ints(&[0, 1, 0, 1])),
        (
            "own",
            Arc::new(Float64Array::from(vec![2.0, 0.5, 4.0, 0.5])),
        ),
        (
            "best",
            Arc::new(Float64Array::from(vec![1.0, 1.0, 1.0, 2.0])),
        ),
    ];
    write_parquet(&logs.at("run.parquet"), columns.to_vec());
    for (file, output) in [("run.csv", "out"), ("run.parquet", "out_2")] {
        let said = imported(&logs, &format!("{file} --from table {MAPPED} -o {output}"));
        assert!(said.contains("count from 0"), "{said}");
        assert_eq!(
            said.contains("its columns noise are not read"),
            file == "run.csv"
        );
        assert_eq!(
            rows(&logs, &format!("{output}/imported-p1-e0002.parquet")).margins,
            [3.0, -1.5]
        );
        let found = aums(&[&logs.word(output), "--epochs", "1.."]);
        assert_eq!(found, [("a.png".into(), 2.0), ("b.png".into(), -1.0)]);
    }
}

#[test]
fn a_column_of_logits_for_each_class_gives_margins_and_rivals() {
    let logs = Logs::new();
    let table = "sample_id,epoch,assigned_label,p0,p1,p2,spread\n1,1,0,2.0,0.5,1.0,9\n2,1,2,2.0,0.5,1.0,9\n";
    write(&logs, "run.csv", table);
    let floats = |values: [f64; 2]| Arc::new(Float64Array::from(values.to_vec())) as ArrayRef;
    let columns: [(&str, ArrayRef); 6] = [
        ("sample_id", ints(&[1, 2])),
        ("epoch", ints(&[1, 1])),
        ("assigned_label", ints(&[0, 2])),
        ("p0", floats([2.0, 2.0])),
        ("p1", floats([0.5, 0.5])),
        ("p2", floats([1.0, 1.0])),
    ];
    write_parquet(&logs.at("run.parquet"), columns.to_vec());
    for (file, output) in [("run.csv", "out"), ("run.parquet", "out_2")] {
        let words = format!("{file} --from table --column logits=p -o {output}");
        imported(&logs, &words);
        let epoch = rows(&logs, &format!("{output}/imported-p1-e0001.parquet"));
        assert_eq!(epoch.margins, [1.0, -1.0]);
        assert_eq!(*epoch.rival_labels.unwrap(), [2, 0]);
    }
    for (row, parts) in [
        (
            "1,1,3,2.0,0.5,1.0,9",
            ["line 2", "has label 3, but only 3 logits"],
        ),
        ("1,1,0,2.0,nan,1.0,9", ["line 2", "has \"nan\" for a logit"]),
    ] {
        write(
            &logs,
            "odd.csv",
            &format!("sample_id,epoch,assigned_label,p0,p1,p2,spread\n{row}\n"),
        );
        let (odd, out) = (logs.word("odd.csv"), logs.word("odd"));
        let words = [
            "import", &odd, "--from", "table", "--column", "logits=p", "-o", &out,
        ];
        refusal(&words, 1, &parts);
    }
    // Of a class without logits no margin is known, and classes count from 0.
    for (header, parts) in [
        ("p0,p1,p3", ["column p3", "none p2"]),
        ("p1,p2,p3", ["column p1", "none p0"]),
        ("p0,p1,p01", ["column p01", "none p2"]),
    ] {
        let text = format!("sample_id,epoch,assigned_label,{header}\n1,1,1,2.0,0.5,1.0\n");
        write(&logs, "gap.csv", &text);
        let (gap, out) = (logs.word("gap.csv"), logs.word("gap"));
        let words = [
            "import", &gap, "--from", "table", "--column", "logits=p", "-o", &out,
        ];
        refusal(&words, 1, &parts);
    }
}

#[test]
fn a_table_with_our_own_names_is_known_by_them() {
    let logs = Logs::new();
    let header = "sample_id,epoch,assigned_label,true_label,margin";
    write(
        &logs,
        "run.csv",
        &format!("{header}\n1,1,0,1,-2.5\n2,1,0,,1.5\n"),
    );
    let said = imported(&logs, "run.csv -o out");
    assert!(said.contains("took it for table"), "{said}");
    let first = rows(&logs, "out/imported-p1-e0001.parquet");
    assert_eq!((first.margins, first.rival_labels), (vec![-2.5, 1.5], None));
    assert_eq!(*first.true_labels.unwrap(), [Some(1), None]);
}

#[test]
fn marks_of_threshold_samples_are_read_as_pandas_and_r_write_them() {
    let logs = Logs::new();
    let header = "sample_id,epoch,assigned_label,given_label,margin,is_threshold_sample";
    for (no, yes) in [
        ("False", "True"),
        ("FALSE", "TRUE"),
        ("0", "1"),
        ("", "true"),
    ] {
        let rows = format!("1,1,0,0,-2.5,{no}\n2,1,2,1,1.5,{yes}\n");
        write(&logs, "run.csv", &format!("{header}\n{rows}"));
        imported(&logs, "run.csv -o out --overwrite");
        let first = rows_of(&logs, "out");
        assert_eq!(first, [false, true], "{yes}");
    }
    let columns: [(&str, ArrayRef); 6] = [
        ("sample_id", ints(&[1, 2])),
        ("epoch", ints(&[1, 1])),
        ("assigned_label", ints(&[0, 2])),
        ("given_label", ints(&[0, 1])),
        ("margin", Arc::new(Float64Array::from(vec![-2.5, 1.5]))),
        ("mark", Arc::new(BooleanArray::from(vec![false, true]))),
    ];
    write_parquet(&logs.at("run.parquet"), columns.to_vec());
    let mapped = "--from table --column is_threshold_sample=mark";
    imported(&logs, &format!("run.parquet {mapped} -o out_2"));
    assert_eq!(rows_of(&logs, "out_2"), [false, true]);
    write(
        &logs,
        "odd.csv",
        &format!("{header}\n1,1,0,0,-2.5,perhaps\n"),
    );
    let (odd, out) = (logs.word("odd.csv"), logs.word("odd"));
    let parts = [
        "line 2",
        "\"perhaps\" for is_threshold_sample",
        "true or false",
    ];
    refusal(&["import", &odd, "-o", &out], 1, &parts);
}

fn rows_of(logs: &Logs, folder: &str) -> Vec<bool> {
    rows(logs, &format!("{folder}/imported-p1-e0001.parquet"))
        .is_threshold_sample
        .to_vec()
}

#[test]
fn epochs_that_lack_samples_are_told() {
    let logs = Logs::new();
    let header = "sample_id,epoch,assigned_label,margin\n";
    for (rows, told) in [
        (
            "1,1,0,1.0\n2,1,1,2.0\n1,2,0,3.0\n",
            "epoch 2 has 1 of the 2 samples; the AUM",
        ),
        (
            "1,1,0,1.0\n1,2,0,3.0\n2,3,1,2.0\n",
            "epoch 1 has 1 of the 2 samples, and 2 more lack some; the AUM",
        ),
    ] {
        write(&logs, "run.csv", &format!("{header}{rows}"));
        let said = imported(&logs, "run.csv -o out --overwrite");
        assert!(said.contains(told), "{said}");
    }
}

#[test]
fn logits_under_another_name_are_pointed_out() {
    let logs = Logs::new();
    write(
        &logs,
        "run.csv",
        "sample_id,epoch,assigned_label,logit_0,logit_1\n1,1,0,2.0,0.5\n",
    );
    let words = [
        "import",
        &logs.word("run.csv"),
        "--from",
        "table",
        "-o",
        &logs.word("out"),
    ];
    let parts = [
        "no column margin; where logit_0, logit_1",
        "--column logits=logit_",
    ];
    refusal(&words, 1, &parts);
}

#[test]
fn a_column_that_is_not_there_is_asked_for_by_its_flag() {
    let logs = Logs::new();
    write(&logs, "run.csv", "step,image,y,m\n1,a,0,1.5\n");
    let words = [
        "import",
        &logs.word("run.csv"),
        "--from",
        "table",
        "-o",
        &logs.word("out"),
    ];
    let parts = [
        "no column margin",
        "its columns are step, image, y, m",
        "--column margin=THEIRS",
    ];
    refusal(&words, 1, &parts);
    let parts = ["--column colour=…", "no such column", "sample_id, epoch"];
    refusal(&[&words[..], &["--column", "colour=y"]].concat(), 1, &parts);
    let parts = ["--column", "such as epoch=step"];
    refusal(&[&words[..], &["--column", "epoch"]].concat(), 2, &parts);
}

#[test]
fn rows_of_several_parts_are_refused() {
    let logs = Logs::new();
    let header = "sample_id,epoch,assigned_label,margin,phase\n";
    let rows = "1,1,0,0.5,train\n2,1,0,0.5,train\n3,1,0,0.5,val\n";
    write(&logs, "run.csv", &format!("{header}{rows}"));
    let phases = StringArray::from(vec!["train", "val"]);
    let columns: [(&str, ArrayRef); 5] = [
        ("sample_id", ints(&[1, 2])),
        ("epoch", ints(&[1, 1])),
        ("assigned_label", ints(&[0, 1])),
        ("margin", Arc::new(Float64Array::from(vec![0.5, 1.5]))),
        ("phase", Arc::new(phases)),
    ];
    write_parquet(&logs.at("run.parquet"), columns.to_vec());
    for (file, place) in [
        (
            "run.csv",
            "run.csv: line 4 has phase val, others have train: ",
        ),
        (
            "run.parquet",
            "run.parquet: some rows have phase train, others val: ",
        ),
    ] {
        let words = [
            "import",
            &logs.word(file),
            "--from",
            "table",
            "-o",
            &logs.word("out"),
        ];
        refusal(&words, 1, &[place, "leave the rows of the others out"]);
    }
    for (column, train, other) in [
        ("stage", "fit", "validate"),
        ("training", "1.0", "0.0"),
        ("loader", "train_loader", "val_loader"),
        ("is_train", "T", "F"),
    ] {
        let header = header.replace("phase", column);
        let rows = rows.replace("train", train).replace("val", other);
        write(&logs, "run.csv", &format!("{header}{rows}"));
        let said = format!("line 4 has {column} {other}, others have {train}: ");
        let words = ["import", &logs.word("run.csv"), "-o", &logs.word("out")];
        refusal(&words, 1, &[&said]);
    }
    let rows = rows.replace("val", "training");
    write(&logs, "run.csv", &format!("{header}{rows}"));
    imported(&logs, "run.csv -o out");
}

#[test]
fn tables_of_spreadsheets_are_read_and_rows_of_two_passes_refused() {
    let logs = Logs::new();
    let header = "sample_id;epoch;assigned_label;margin;pass\n";
    let rows = "1;1;0;0,5;1\n2;1;1;-1,25;1\n";
    write(&logs, "run.csv", &format!("{header}{rows}"));
    imported(&logs, "run.csv -o out");
    assert_eq!(
        crate::import::rows(&logs, "out/imported-p1-e0001.parquet").margins,
        [0.5, -1.25]
    );
    let words = ["import", &logs.word("run.csv"), "-o", &logs.word("out_2")];
    for (more, said) in [
        (
            "1;1;0;0,75;2\n",
            "line 4 has pass 2, others have 1: a source is one pass",
        ),
        (
            "1;1;0;0,75;1\n",
            "line 4 sample 1: recorded twice in epoch 1; a source is one pass",
        ),
    ] {
        write(&logs, "run.csv", &format!("{header}{rows}{more}"));
        refusal(&words, 1, &[said]);
    }
}

#[test]
fn columns_of_parquet_may_have_any_type_that_says_the_same() {
    let logs = Logs::new();
    let category = |cells: [&str; 4]| {
        let category: DictionaryArray<Int8Type> = cells.into_iter().collect();
        Arc::new(category) as ArrayRef
    };
    // The codes of the categories are 0 and 1, and not what they stand for.
    let columns: [(&str, ArrayRef); 6] = [
        ("sample_id", category(["7", "5", "7", "5"])),
        ("epoch", Arc::new(UInt16Array::from(vec![1, 1, 2, 2]))),
        ("assigned_label", category(["1", "0", "1", "0"])),
        ("given_label", Arc::new(Int8Array::from(vec![1, 0, 1, 0]))),
        (
            "margin",
            Arc::new(Float32Array::from(vec![2.0, -1.0, 4.0, -3.0])),
        ),
        // What is not asked for may be anything.
        ("day", Arc::new(Date32Array::from(vec![0, 0, 1, 1]))),
    ];
    write_parquet(&logs.at("run.parquet"), columns.to_vec());
    let said = imported(&logs, "run.parquet --from table -o out");
    assert!(!said.contains("deprecated"), "{said}");
    let epoch = rows(&logs, "out/imported-p1-e0002.parquet");
    assert_eq!(*epoch.assigned_labels, [0, 1]);
    let found = aums(&[&logs.word("out"), "--epochs", "1.."]);
    assert_eq!(found, [("5".into(), -2.0), ("7".into(), 3.0)]);
}

#[test]
fn ids_that_are_whole_numbers_as_floats_are_whole_numbers() {
    let logs = Logs::new();
    let columns: [(&str, ArrayRef); 4] = [
        ("sample_id", Arc::new(Float64Array::from(vec![3.0, 12.0]))),
        ("epoch", ints(&[1, 1])),
        ("assigned_label", ints(&[0, 1])),
        ("margin", Arc::new(Float64Array::from(vec![-2.5, 1.5]))),
    ];
    write_parquet(&logs.at("run.parquet"), columns.to_vec());
    imported(&logs, "run.parquet --from table -o out");
    let found = aums(&[&logs.word("out"), "--epochs", "1.."]);
    assert_eq!(found, [("12".into(), 1.5), ("3".into(), -2.5)]);
}
