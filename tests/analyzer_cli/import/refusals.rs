//! Bad input: each in one line with the place and the way out, and nothing is left behind.

use std::fs;

use crate::import::aum_package::{HEADER, RECORDS};
use crate::import::{imported, inside, rows, write};
use crate::setup::{Logs, refusal};

/// What `import` refuses of such a file, in one line with these parts; nothing is there afterwards.
fn refused(content: &str, parts: &[&str]) {
    let logs = Logs::new();
    write(&logs, "records.csv", content);
    let words = ["import", &logs.word("records.csv"), "--from", "aum-records"];
    refusal(&[&words[..], &["-o", &logs.word("out")]].concat(), 1, parts);
    assert_eq!(inside(&logs.at("out")), [""; 0]);
}

#[test]
fn a_file_that_is_no_sound_record_is_refused_and_leaves_nothing() {
    refused(
        "sample_id,margin\n1,2.0\n",
        &[
            "has no column num_measurements",
            "its columns are sample_id, margin",
        ],
    );
    refused(HEADER, &["has no measurements"]);
    let after = |line: &str| format!("{HEADER}{RECORDS}{line}\n");
    refused(
        &after("3,2,0,4.0,2,1.0,3.0,2.0"),
        &["line 8 ", "sample 3", "twice in epoch 2"],
    );
    refused(
        &after("3,3,1,4.0,2,1.0,3.0,2.0"),
        &["line 8 ", "label 1 for sample 3", "before has 0"],
    );
    refused(
        &after("9,1,0,nan,2,1.0,nan,nan"),
        &["line 8 ", "\"nan\" for the margin", "finite"],
    );
    refused(
        &after("9,0,0,4.0,2,1.0,3.0,2.0"),
        &["line 8 ", "epoch 0", "count from 1"],
    );
    refused(
        &after("9,one,0,4.0,2,1.0,3.0,2.0"),
        &["line 8 ", "\"one\" for num_measurements"],
    );
    refused(
        &after("9,1,0,4.0"),
        &["line 8 ", "4 fields in place of 8", "cut off"],
    );
    refused(&after("9,1,0.5,4.0,1.5,1.0,3.0,2.0"), &["cannot be told"]);
}

#[test]
fn files_in_utf_16_and_packed_ones_are_said_to_be() {
    let text = "sample_id,epoch,assigned_label,margin\n1,1,0,0.5\n";
    let units =
        |order: fn(u16) -> [u8; 2]| -> Vec<u8> { text.encode_utf16().flat_map(order).collect() };
    let big = [&[0xfe, 0xff][..], &units(u16::to_be_bytes)].concat();
    for (file, content, said) in [
        (
            "a.csv",
            units(u16::to_le_bytes),
            "a.csv: begins as a text in UTF-16 does; write it again as UTF-8",
        ),
        (
            "b.csv",
            big,
            "b.csv: begins as a text in UTF-16 does; write it again as UTF-8",
        ),
        (
            "d.csv",
            b"\x1f\x8b\x08\0 and more of it".to_vec(),
            "d.csv: is packed by gzip; unpack it, as with gunzip",
        ),
        (
            "c.csv.gz",
            b"\x1f\x8b\x08\0 and more of it".to_vec(),
            "c.csv.gz: is none of .csv, .tsv and .parquet by its name, and no Parquet; where it is packed, unpack it",
        ),
    ] {
        let logs = Logs::new();
        fs::write(logs.at(file), content).unwrap();
        let words = [
            "import",
            &logs.word(file),
            "--from",
            "table",
            "-o",
            &logs.word("out"),
        ];
        refusal(&words, 1, &[said]);
    }
}

#[test]
fn a_line_without_end_is_refused_before_it_fills_the_memory() {
    let logs = Logs::new();
    let line = "9".repeat(3 << 20);
    write(&logs, "records.csv", &format!("{HEADER}{line}"));
    let words = ["import", &logs.word("records.csv"), "--from", "aum-records"];
    let parts = ["records.csv", "a line has more than 1 MiB"];
    refusal(
        &[&words[..], &["-o", &logs.word("out")]].concat(),
        1,
        &parts,
    );
}

#[test]
fn nothing_that_is_there_is_replaced_unasked() {
    let logs = Logs::new();
    write(&logs, "full_aum_records.csv", &format!("{HEADER}{RECORDS}"));
    write(
        &logs,
        "out/.imported.partial/imported-p1-e0001.parquet",
        "left by one that was killed",
    );
    imported(&logs, "full_aum_records.csv -o out");
    let before = inside(&logs.at("out"));
    assert_eq!(before.len(), 3, "{before:?}");
    let words = [
        "import",
        &logs.word("full_aum_records.csv"),
        "-o",
        &logs.word("out"),
    ];
    refusal(
        &words,
        1,
        &[
            "a run named imported is already logged there",
            "--run NAME",
            "--overwrite",
        ],
    );
    assert_eq!(inside(&logs.at("out")), before);
    write(
        &logs,
        "full_aum_records.csv",
        &format!("{HEADER}3,1,0,2.0,1,1.0,1.0,1.0\n"),
    );
    imported(&logs, "full_aum_records.csv -o out --overwrite");
    assert_eq!(
        inside(&logs.at("out")),
        ["imported", "imported-p1-e0001.parquet"]
    );
    assert_eq!(rows(&logs, "out/imported-p1-e0001.parquet").margins, [1.0]);
    write(&logs, "aum_values.csv", "sample_id,aum\na,1.5\n");
    write(&logs, "out.csv", "mine");
    refusal(
        &[
            "import",
            &logs.word("aum_values.csv"),
            "-o",
            &logs.word("out.csv"),
        ],
        1,
        &["is already there"],
    );
    assert_eq!(fs::read_to_string(logs.at("out.csv")).unwrap(), "mine");
}

#[test]
fn what_no_format_is_certain_of_is_asked_for() {
    let logs = Logs::new();
    write(&logs, "a.csv", "x,y\n1,2\n");
    let parts = [
        "a.csv",
        "which of the formats it is of: aum-records",
        "--from",
    ];
    refusal(
        &["import", &logs.word("a.csv"), "-o", &logs.word("out")],
        1,
        &parts,
    );
    let parts = ["b.csv", "there is no such file"];
    refusal(
        &["import", &logs.word("b.csv"), "-o", &logs.word("out")],
        1,
        &parts,
    );
    write(&logs, "full_aum_records.csv", &format!("{HEADER}{RECORDS}"));
    let words = ["import", &logs.word("full_aum_records.csv"), "-o"];
    let parts = [
        "out.csv: is the name of a table",
        "give the name of a folder",
    ];
    refusal(&[&words[..], &[&logs.word("out.csv")]].concat(), 1, &parts);
    let parts = ["no sample has the label 9", "largest label is 3"];
    refusal(
        &[&words[..], &[&logs.word("out"), "--threshold-label", "9"]].concat(),
        1,
        &parts,
    );
}

#[test]
fn what_says_nothing_of_a_format_is_refused_instead_of_ignored() {
    let logs = Logs::new();
    write(&logs, "full_aum_records.csv", &format!("{HEADER}{RECORDS}"));
    write(&logs, "aum_values.csv", "sample_id,aum\na,1.5\n");
    let (records, values, output) = (
        logs.word("full_aum_records.csv"),
        logs.word("aum_values.csv"),
        logs.word("out.csv"),
    );
    for (source, flags) in [
        (&records, &["--labels", "a.npy"][..]),
        (&records, &["--probabilities"]),
        (&records, &["--column", "epoch=step"]),
        (&values, &["--threshold-label", "3"]),
    ] {
        let words = [&["import", source, "-o", &output], flags].concat();
        refusal(
            &words,
            1,
            &[flags[0], "says nothing of aum-", "leave it out"],
        );
    }
}

#[test]
fn a_file_of_the_package_where_logs_are_expected_says_how_to_import_it() {
    let logs = Logs::new();
    write(&logs, "full_aum_records.csv", &format!("{HEADER}{RECORDS}"));
    write(&logs, "aum_values.csv", "sample_id,aum\na,1.5\n");
    for (file, output) in [
        ("full_aum_records.csv", "imported"),
        ("aum_values.csv", "aum.csv"),
    ] {
        let word = logs.word(file);
        let command = format!("analyzer import {word} -o {output}");
        refusal(&["aum", &word], 1, &["of the Python package aum", &command]);
    }
}
