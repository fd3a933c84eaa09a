//! A hub that lies: its answers name no file outside the cache, and its silence ends.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Output;
use std::thread;

use tempfile::TempDir;

use crate::program::{limited, refused};

const COMMIT: &str = "77f3279092a1c1579b2250db8eafed0ad422088c";
const FILE: &str = "mnist/train-00000-of-00001.parquet";

/// What a hostile hub says where an honest one says something else.
#[derive(Clone)]
struct Lies {
    commit: String,
    file_commit: String,
    etag: String,
    /// Says how many bytes each file has, and sends as many as long as the client takes them.
    size: u64,
}

impl Lies {
    fn none() -> Self {
        Lies {
            commit: COMMIT.to_owned(),
            file_commit: COMMIT.to_owned(),
            etag: "0a1b".to_owned(),
            size: 4,
        }
    }
}

fn answer(mut stream: &TcpStream, lies: &Lies) -> std::io::Result<()> {
    let lines = BufReader::new(stream).lines().map_while(Result::ok);
    let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
    let (status, headers, body) = if head[0].contains("/api/") {
        let body = format!(
            r#"{{"sha": "{}", "siblings": [{{"rfilename": "{FILE}", "size": {size}}}, {{"rfilename": "mnist/test-00000-of-00001.parquet", "size": {size}}}]}}"#,
            lies.commit,
            size = lies.size
        );
        ("200 OK", String::new(), body)
    } else {
        let headers = format!(
            "x-repo-commit: {}\r\nETag: {}\r\nContent-Range: bytes 0-3/4\r\n",
            lies.file_commit, lies.etag
        );
        ("206 Partial Content", headers, "evil".to_owned())
    };
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
    )
}

/// A short run on what the hub gives.
fn recorder(folder: &Path, serve: impl Fn(TcpStream) + Send + 'static) -> Output {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            serve(stream.unwrap());
        }
    });
    let mut command = limited(env!("CARGO_BIN_EXE_recorder"), folder, 60, 64);
    for variable in ["HF_HUB_CACHE", "HF_HUB_OFFLINE", "HF_TOKEN", "HTTP_PROXY"] {
        command.env_remove(variable);
    }
    command
        .args(["run", "-q", "--dataset", "mnist", "--epochs", "1"])
        .env("HF_HOME", folder.join("hf"))
        .env("HF_ENDPOINT", format!("http://127.0.0.1:{port}"))
        .env("HF_HUB_DOWNLOAD_TIMEOUT", "1")
        .output()
        .unwrap()
}

fn lied_to(folder: &Path, lies: Lies) -> Output {
    // A client that goes away is what is wanted.
    recorder(folder, move |stream| drop(answer(&stream, &lies)))
}

#[test]
fn a_hash_that_is_a_path_overwrites_no_file() {
    let folder = TempDir::new().unwrap();
    let mine = folder.path().join("mine");
    fs::write(&mine, "precious").unwrap();
    let up = "../".repeat(4);
    for etag in [format!("\"{}\"", mine.display()), format!("\"{up}mine\"")] {
        let lies = Lies {
            etag,
            ..Lies::none()
        };
        let output = lied_to(folder.path(), lies);
        refused(&output, &[FILE, "its ETag is no hash", "HF_ENDPOINT"]);
        assert_eq!(fs::read_to_string(&mine).unwrap(), "precious");
    }
    let names = fs::read_dir(folder.path()).unwrap().map(Result::unwrap);
    let names: Vec<_> = names.map(|entry| entry.file_name()).collect();
    assert_eq!(names, ["mine"], "nothing else was written either");
}

#[test]
fn a_commit_that_is_a_path_makes_no_folder() {
    for (commit, file_commit, part) in [
        ("../..", COMMIT, "its commit has no hash"),
        (COMMIT, "../..", "its x-repo-commit is not the 77f32790"),
        (COMMIT, "0a1b", "its x-repo-commit is not the 77f32790"),
    ] {
        let folder = TempDir::new().unwrap();
        let lies = Lies {
            commit: commit.to_owned(),
            file_commit: file_commit.to_owned(),
            ..Lies::none()
        };
        refused(&lied_to(folder.path(), lies), &[part, "HF_ENDPOINT"]);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}

#[test]
fn sizes_that_no_number_holds_are_no_panic() {
    let folder = TempDir::new().unwrap();
    let lies = Lies {
        size: u64::MAX,
        ..Lies::none()
    };
    let output = lied_to(folder.path(), lies);
    refused(&output, &["the connection was cut after 4 B of 18.45 EB"]);
}

#[test]
fn a_hub_that_never_answers_is_given_up() {
    let folder = TempDir::new().unwrap();
    let output = recorder(folder.path(), |stream| {
        thread::spawn(move || {
            let _held_open = stream;
            thread::sleep(std::time::Duration::from_secs(600));
        });
    });
    let parts = ["/datasets/ylecun/mnist cannot be reached: timeout"];
    refused(&output, &parts);
}
