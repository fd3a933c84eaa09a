//! Files that take no place on the disk and would take more memory than their kind may: each refused by both numbers
//! and the option that allows it, before room is made for it.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::Output;

use tempfile::TempDir;

use crate::program::{limited, refused};
use crate::runs::{finish, record};

/// The recorder with a minute and 4 GiB.
fn recorder(folder: &Path, words: &[&str]) -> Output {
    let mut command = limited(env!("CARGO_BIN_EXE_recorder"), folder, 60, 4);
    command.args(words).output().unwrap()
}

/// A file that begins so, and goes on with zeros that take no place.
fn sparse(path: &Path, beginning: &[u8], length: u64) {
    let mut file = File::create(path).unwrap();
    file.write_all(beginning).unwrap();
    file.set_len(length).unwrap();
}

const HUNDRED_GIB: u64 = 100 << 30;

#[test]
fn each_kind_of_file_has_a_limit_and_the_refusal_says_what_raises_it() {
    let folder = TempDir::new().unwrap();
    finish(folder.path(), &[]);
    for (name, beginning) in [
        ("labels.csv", &b"label\n"[..]),
        ("matrix.csv", b"0.5 0.5\n"),
        ("features.csv", b"a,b,label\n1,2,x\n"),
        ("list.txt", b"12\n"),
        ("net.safetensors", b"\x08\0\0\0\0\0\0\0{}"),
    ] {
        sparse(&folder.path().join(name), beginning, HUNDRED_GIB);
    }
    for words in [
        &["data", "--labels", "labels.csv"][..],
        &["data", "--noise-matrix", "matrix.csv"],
        &["data", "--dataset", "features", "--data", "features.csv"],
        &["data", "--dataset", "list", "--data", "list.txt"],
        &["train", "-q", "--like", "logs/a", "--drop", "list.txt"],
        &["predict", "net.safetensors"],
    ] {
        let name = words[words.len() - 1];
        let parts = ["it takes 100.0 GiB of memory, and ", "--file-memory 100 "];
        refused(
            &recorder(folder.path(), words),
            &[&[name], &parts[..]].concat(),
        );
    }
    let record = record(folder.path());
    sparse(&record, b"{", HUNDRED_GIB);
    let words = [
        "run", "-q", "--name", "a", "--passes", "1", "--epochs", "6", "--resume",
    ];
    let parts = [
        "run.json",
        "100.0 GiB",
        "and 32.0 MiB is the limit",
        "--file-memory 100 ",
    ];
    refused(&recorder(folder.path(), &words), &parts);
}

#[test]
fn the_limit_can_be_raised_and_lowered() {
    let folder = TempDir::new().unwrap();
    // Two gigabytes of zeros: too many by default; and where they are allowed, no matrix.
    sparse(&folder.path().join("matrix.csv"), b"1 0\n", (1 << 30) + 1);
    let words = ["data", "--noise-matrix", "matrix.csv"];
    let by_default = recorder(folder.path(), &words);
    refused(
        &by_default,
        &["matrix.csv", "1.0 GiB is the limit", "--file-memory 2 "],
    );
    let allowed = [&words[..], &["--file-memory", "2"]].concat();
    refused(
        &recorder(folder.path(), &allowed),
        &["matrix.csv: row 0 has 2 entries"],
    );
    fs::write(folder.path().join("matrix.csv"), "1 0\n".repeat(1000)).unwrap();
    let lowered = [&words[..], &["--file-memory", "0.000001"]].concat();
    let parts = [
        "it takes 3.9 KiB of memory, and 1.0 KiB is the limit",
        "--file-memory 1 ",
    ];
    refused(&recorder(folder.path(), &lowered), &parts);
}

/// Labels of no bytes each, of which a header of a hundred bytes may claim any number.
#[test]
fn an_array_of_empty_texts_is_no_file_of_labels_and_more_labels_than_bytes_are_none() {
    let folder = TempDir::new().unwrap();
    for (kind, parts) in [
        ("|S0", &["labels.npy", "the array is of", "S0"][..]),
        (
            "<i8",
            &["labels.npy", "claims 100000000000 labels of 8 bytes"],
        ),
    ] {
        let text =
            format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': (100000000000,), }}");
        let npy = [
            &b"\x93NUMPY\x01\x00\x76\x00"[..],
            format!("{text:<117}\n").as_bytes(),
        ]
        .concat();
        fs::write(folder.path().join("labels.npy"), npy).unwrap();
        refused(
            &recorder(folder.path(), &["data", "--labels", "labels.npy"]),
            parts,
        );
    }
}

/// The header of an entry of a tar file.
fn tar_header(name: &str, kind: u8, size: u64) -> [u8; 512] {
    let mut header = tar::Header::new_gnu();
    header.set_path(name).unwrap();
    header.set_entry_type(tar::EntryType::new(kind));
    header.set_size(size);
    header.set_cksum();
    *header.as_bytes()
}

#[test]
fn names_labels_and_pictures_of_a_tar_file_have_an_end() {
    let folder = TempDir::new().unwrap();
    let place = folder.path().join("shard.tar");
    let words = [
        "data",
        "--dataset",
        "webdataset",
        "--data",
        "shard.tar",
        "--image-size",
        "8",
    ];
    const SIZE: u64 = 8 << 30;
    for (name, kind) in [("0.cls", b'0'), ("././@LongLink", b'L'), ("pax", b'x')] {
        sparse(&place, &tar_header(name, kind, SIZE), SIZE + 2048);
        let parts = [
            "shard.tar",
            "a name or a label in it: it takes ",
            "--file-memory ",
        ];
        refused(&recorder(folder.path(), &words), &parts);
    }
    let label = [&tar_header("0.cls", b'0', 1)[..], b"1", &[0; 511]].concat();
    let pictures = [&label[..], &tar_header("0.png", b'0', SIZE)].concat();
    sparse(&place, &pictures, pictures.len() as u64 + SIZE + 1024);
    let parts = [
        "0.png",
        "it takes 8.0 GiB of memory, and 1.0 GiB is the limit",
    ];
    refused(&recorder(folder.path(), &words), &parts);
}

#[test]
fn a_picture_of_three_gigabytes_in_a_kilobyte_is_refused_by_its_pixels() {
    let folder = TempDir::new().unwrap();
    for class in ["cat", "dog"] {
        fs::create_dir_all(folder.path().join(class)).unwrap();
        // A header of 32,768 × 32,768 pixels of three bytes, and nothing behind it but the end.
        let head = [
            &0x8000_u32.to_be_bytes()[..],
            &0x8000_u32.to_be_bytes(),
            &[8, 2, 0, 0, 0],
        ]
        .concat();
        let chunk = |kind: &[u8; 4], content: &[u8]| {
            let length = (content.len() as u32).to_be_bytes();
            let checked = [&kind[..], content].concat();
            [
                &length[..],
                &checked,
                &crc32fast::hash(&checked).to_be_bytes(),
            ]
            .concat()
        };
        let png = [
            &b"\x89PNG\r\n\x1a\n"[..],
            &chunk(b"IHDR", &head),
            &chunk(b"IDAT", &[0]),
            &chunk(b"IEND", b""),
        ];
        fs::write(folder.path().join(class).join("a.png"), png.concat()).unwrap();
    }
    let words = [
        "run",
        "-q",
        "--dataset",
        "images",
        "--data",
        ".",
        "--image-size",
        "8",
    ];
    let parts = [
        "a.png",
        "it takes 3.0 GiB of memory, and 512.0 MiB is the limit",
        "--file-memory 3 ",
    ];
    refused(&recorder(folder.path(), &words), &parts);
}

#[test]
fn a_refusal_shows_no_megabyte_of_what_it_refuses() {
    let folder = TempDir::new().unwrap();
    let entry = "x".repeat(1 << 20);
    fs::write(folder.path().join("matrix.csv"), entry).unwrap();
    let words = ["data", "--noise-matrix", "matrix.csv"];
    let said = refused(
        &recorder(folder.path(), &words),
        &["matrix.csv: row 0 has \"xxx", "xxx …"],
    );
    assert!(said.len() < 11_000, "{}", said.len());
}
