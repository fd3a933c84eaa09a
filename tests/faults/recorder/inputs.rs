//! Data that are no regular files, that promise more than any memory holds, or that lead out of their
//! folder: each refused in one line, in little time and memory.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output};

use flate2::Compression;
use flate2::write::GzEncoder;
use tempfile::TempDir;

use crate::program::{limited, refused};
use crate::runs::{finish, record};

fn recorder(folder: &Path, words: &[&str]) -> Output {
    let mut command = limited(env!("CARGO_BIN_EXE_recorder"), folder, 60, 8);
    command.args(["run", "-q", "--epochs", "1"]).args(words);
    command.output().unwrap()
}

fn pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// Every other option that names a file to be read.
#[test]
fn no_option_takes_a_pipe_or_a_device() {
    let folder = TempDir::new().unwrap();
    finish(folder.path(), &[]);
    fs::create_dir_all(folder.path().join("images")).unwrap();
    const IMAGES: [&str; 6] = [
        "--dataset",
        "images",
        "--data",
        "images",
        "--image-size",
        "32",
    ];
    for suffix in [
        "csv",
        "tsv",
        "parquet",
        "txt",
        "tar",
        "pth",
        "safetensors",
        "json",
    ] {
        pipe(&folder.path().join(format!("pipe.{suffix}")));
        symlink("/dev/zero", folder.path().join(format!("device.{suffix}"))).unwrap();
    }
    let limited = |words: &[&str]| {
        let mut command = limited(env!("CARGO_BIN_EXE_recorder"), folder.path(), 60, 8);
        command.args(words).output().unwrap()
    };
    for kind in ["pipe", "device"] {
        for (words, suffix) in [
            (&["data", "--dataset", "list", "--data"][..], "txt"),
            (&["data", "--dataset", "list", "--data"], "csv"),
            (&["data", "--dataset", "webdataset", "--data"], "tar"),
            (&["data", "--dataset", "images", "--data"], "parquet"),
            (&["data", "--dataset", "mnist", "--data"], "parquet"),
            (&["train", "-q", "--like", "logs/a", "--drop"], "csv"),
            (&["train", "-q", "--like", "logs/a", "--drop"], "txt"),
            (&["train", "-q", "--like", "logs/a", "--relabel"], "parquet"),
            (&["train", "-q", "--like", "logs/a", "--relabel"], "tsv"),
            (&["train", "-q", "--like"], "json"),
            (&["predict"], "safetensors"),
            (&["predict"], "pth"),
        ] {
            let name = format!("{kind}.{suffix}");
            refused(&limited(&[words, &[&name]].concat()), &[&name]);
        }
        for suffix in ["pth", "safetensors"] {
            let name = format!("{kind}.{suffix}");
            let frozen = [
                "run",
                "-q",
                "--backbone",
                "resnet18",
                "--freeze",
                "--weights",
                &name,
            ];
            let embed = [
                "embed",
                "--model",
                "resnet18",
                "-o",
                "e.npy",
                "--weights",
                &name,
            ];
            for words in [&frozen[..], &embed] {
                let output = limited(&[words, &IMAGES].concat());
                refused(&output, &[&name, "no regular file"]);
            }
        }
    }
}

#[test]
fn pipes_and_devices_are_no_data_labels_matrices_or_records() {
    let folder = TempDir::new().unwrap();
    finish(folder.path(), &[]);
    for kind in ["csv", "npy", "parquet"] {
        pipe(&folder.path().join(format!("pipe.{kind}")));
        symlink("/dev/zero", folder.path().join(format!("device.{kind}"))).unwrap();
        for name in ["pipe", "device"] {
            let name = format!("{name}.{kind}");
            // What is no file is taken for a folder there, and has no files in it.
            let words = ["--dataset", "features", "--data", &name];
            refused(&recorder(folder.path(), &words), &[&name]);
            let output = recorder(folder.path(), &["--labels", &name]);
            refused(&output, &[&name, "no regular file"]);
        }
    }
    for name in ["pipe.csv", "device.csv"] {
        let output = recorder(folder.path(), &["--noise-matrix", name]);
        refused(&output, &[name, "no regular file"]);
    }
    fs::remove_file(record(folder.path())).unwrap();
    pipe(&record(folder.path()));
    let output = recorder(folder.path(), &["--name", "a", "--resume"]);
    refused(&output, &["run.json", "no regular file"]);
}

/// `x.npy` of so many rows of a thousand zeros, which take no place on the disk.
fn sparse_array(folder: &Path, rows: u64) {
    let text = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, 1000), }}");
    let header = format!("{text:<117}\n");
    let mut file = File::create(folder.join("x.npy")).unwrap();
    file.write_all(b"\x93NUMPY\x01\x00\x76\x00").unwrap();
    file.write_all(header.as_bytes()).unwrap();
    file.set_len(128 + rows * 4000).unwrap();
}

#[test]
fn an_array_of_400_gigabytes_that_takes_no_place_on_the_disk_is_refused() {
    let folder = TempDir::new().unwrap();
    sparse_array(folder.path(), 100_000_000);
    let words = ["--dataset", "features", "--data", "x.npy"];
    let output = recorder(folder.path(), &words);
    refused(
        &output,
        &[
            "x.npy",
            "it takes 372.5 GiB of memory",
            "--file-memory 373 ",
        ],
    );
}

#[test]
fn memory_that_cannot_be_had_ends_in_a_line() {
    let folder = TempDir::new().unwrap();
    sparse_array(folder.path(), 400_000);
    let mut command = limited(env!("CARGO_BIN_EXE_recorder"), folder.path(), 60, 1);
    command.args(["run", "-q", "--dataset", "features", "--data", "x.npy"]);
    let said = refused(
        &command.output().unwrap(),
        &["recorder: there is no memory"],
    );
    assert!(
        said.contains("for 1600000000 bytes more; use a machine"),
        "{said}"
    );
}

#[test]
fn images_that_inflate_for_ever_are_refused_by_what_they_promise() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("mnist");
    fs::create_dir(&data).unwrap();
    let gzip = |bytes: &[u8]| {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(bytes).unwrap();
        gzip.finish().unwrap()
    };
    // 4 · 10⁹ images of 1,000 × 1,000, of which 16 GB come of a few MB.
    let lengths = [0x0803_u32, 4_000_000_000, 1000, 1000].map(u32::to_be_bytes);
    let zeros = gzip(&vec![0; 64 << 20]);
    let bomb = [gzip(lengths.as_flattened()), zeros.repeat(256)].concat();
    for part in ["train", "t10k"] {
        fs::write(data.join(format!("{part}-images-idx3-ubyte.gz")), &bomb).unwrap();
        fs::write(
            data.join(format!("{part}-labels-idx1-ubyte.gz")),
            gzip(&[0; 16]),
        )
        .unwrap();
    }
    let words = ["--dataset", "mnist", "--data", "mnist"];
    let output = recorder(folder.path(), &words);
    refused(
        &output,
        &[
            "-images-idx3-ubyte",
            "it takes 3638.0 TiB of memory",
            "--file-memory ",
        ],
    );
}

#[test]
fn a_class_that_links_to_the_root_does_not_walk_the_file_system() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    fs::create_dir_all(data.join("cats")).unwrap();
    fs::write(data.join("cats/a.png"), "").unwrap();
    symlink("/", data.join("dogs")).unwrap();
    let words = ["--dataset", "images", "--data", "data"];
    let output = recorder(folder.path(), &words);
    refused(
        &output,
        &[
            "dogs",
            "it links to a folder that the data themselves lie in",
        ],
    );
    // Nor one further below, that leads back.
    fs::remove_file(data.join("dogs")).unwrap();
    fs::create_dir(data.join("dogs")).unwrap();
    symlink("../..", data.join("dogs/more")).unwrap();
    let output = recorder(folder.path(), &words);
    refused(&output, &["more"]);
}

/// Thirty folders, each with two links to the next, are a billion ways to the last.
#[test]
fn links_to_one_folder_are_followed_once() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    for class in ["cats", "dogs"] {
        fs::create_dir_all(data.join(class)).unwrap();
    }
    for number in 0..30 {
        let place = folder.path().join(format!("{number}"));
        fs::create_dir(&place).unwrap();
        for link in ["a", "b"] {
            symlink(format!("../{}", number + 1), place.join(link)).unwrap();
        }
    }
    fs::create_dir(folder.path().join("30")).unwrap();
    symlink("../../0", data.join("cats/0")).unwrap();
    let words = ["--dataset", "images", "--data", "data"];
    let output = recorder(folder.path(), &words);
    refused(&output, &["cats", "there is no image in it"]);
}
