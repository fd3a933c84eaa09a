//! Data sets from the hub of Hugging Face: against a server on this machine that answers as the hub
//! does (a list of files, a redirect to where they lie, ranges of bytes), and never the network.
#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]

use std::fs;
use std::io::{BufRead, BufReader, Cursor, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};
use std::thread;

use arrow_array::{ArrayRef, BinaryArray, Int64Array, RecordBatch};
use image::{GrayImage, ImageFormat, Luma};
use logformat::RunRecord;
use parquet::arrow::ArrowWriter;
use tempfile::TempDir;

const COMMIT: &str = "77f3279092a1c1579b2250db8eafed0ad422088c";
const TRAIN: &str = "mnist/train-00000-of-00001.parquet";
const TEST: &str = "mnist/test-00000-of-00001.parquet";
const LIST: &str = "/api/datasets/ylecun/mnist/revision/main?blobs=true";
/// With the names that its files have on the hub.
const TINY_IMAGENET: &str = "zh-plus/tiny-imagenet";
const TINY_TRAIN: &str = "data/train-00000-of-00001-1359597a978bc4fa.parquet";
const TINY_TEST: &str = "data/valid-00000-of-00001-70d52db3c749a935.parquet";

type Files = Vec<(&'static str, Vec<u8>)>;

/// Images of 8×8 pixels with the labels 0, 1, 0, 1, …, encoded and in Parquet as the hub has them.
fn images(count: i64) -> Vec<u8> {
    let png = |sample: i64| {
        let shade = |x: u32, y: u32| Luma([(x * 31 + y * 17 + sample as u32 * 7) as u8]);
        let mut bytes = Cursor::new(Vec::new());
        let image = GrayImage::from_fn(8, 8, shade);
        image.write_to(&mut bytes, ImageFormat::Png).unwrap();
        Some(bytes.into_inner())
    };
    let images: ArrayRef = Arc::new(BinaryArray::from_iter((0..count).map(png)));
    let labels: ArrayRef = Arc::new(Int64Array::from_iter_values((0..count).map(|i| i % 2)));
    let batch = RecordBatch::try_from_iter([("image", images), ("label", labels)]).unwrap();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
}

/// What the server does with requests for the contents of files.
#[derive(Clone, Copy, PartialEq)]
enum Behaviour {
    Serve,
    /// Gives so many bytes of what was asked for, and closes the connection.
    Cut(usize),
    /// Answers everything with this status.
    Status(u16),
}

struct Hub {
    port: u16,
    behaviour: Arc<Mutex<Behaviour>>,
    /// The path of each request, and the range that it asks for.
    requests: Arc<Mutex<Vec<String>>>,
    train_bytes: usize,
}

impl Hub {
    fn start() -> Self {
        Self::of(
            "ylecun/mnist",
            vec![(TRAIN, images(60)), (TEST, images(10))],
        )
    }

    /// A hub with one repository.
    fn of(repository: &'static str, files: Files) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let files = Arc::new(files);
        let hub = Hub {
            port: listener.local_addr().unwrap().port(),
            behaviour: Arc::new(Mutex::new(Behaviour::Serve)),
            requests: Arc::default(),
            train_bytes: files[0].1.len(),
        };
        let (behaviour, requests, port) = (
            Arc::clone(&hub.behaviour),
            Arc::clone(&hub.requests),
            hub.port,
        );
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (path, range) = request(stream.as_ref().unwrap());
                let asked = range.map_or(String::new(), |start| format!(" from {start}"));
                requests.lock().unwrap().push(format!("{path}{asked}"));
                let behaviour = *behaviour.lock().unwrap();
                // A client that went away is one of the tests.
                let _ = answer(
                    &stream.unwrap(),
                    port,
                    repository,
                    &files,
                    &path,
                    range,
                    behaviour,
                );
            }
        });
        hub
    }

    fn behave(&self, behaviour: Behaviour) {
        *self.behaviour.lock().unwrap() = behaviour;
    }

    /// The requests since the last call of this.
    fn requests(&self) -> Vec<String> {
        std::mem::take(&mut self.requests.lock().unwrap())
    }

    fn recorder(&self, folder: &Path, arguments: &[&str]) -> Output {
        recorder(
            folder,
            &format!("http://127.0.0.1:{}", self.port),
            arguments,
        )
    }

    /// A short run on what is downloaded, and what it says on stderr.
    fn record(&self, folder: &Path, name: &str) -> String {
        let output = self.recorder(folder, &["--name", name]);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{stderr}");
        stderr
    }

    fn refuse(&self, folder: &Path, arguments: &[&str], parts: &[&str]) {
        refused(&self.recorder(folder, arguments), parts);
    }
}

fn recorder(folder: &Path, endpoint: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_recorder"));
    for variable in [
        "HF_HUB_CACHE",
        "HF_HUB_OFFLINE",
        "HF_TOKEN",
        "HTTP_PROXY",
        "http_proxy",
        "ALL_PROXY",
        "all_proxy",
    ] {
        command.env_remove(variable);
    }
    command
        .args(["run", "-q", "--dataset", "mnist", "--model", "mlp"])
        .args(["--epochs", "1", "--passes", "1", "--threshold-count", "0"])
        .args(arguments)
        .current_dir(folder)
        .env("HF_HOME", folder.join("hf"))
        .env("HF_ENDPOINT", endpoint)
        .output()
        .unwrap()
}

fn refused(output: &Output, parts: &[&str]) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    let last = stderr.lines().last().unwrap();
    for part in [&["recorder: "], parts].concat() {
        assert!(last.contains(part), "{part:?} is not in {stderr:?}");
    }
}

/// The path of a request, and the first byte of the range that it asks for.
fn request(stream: &TcpStream) -> (String, Option<usize>) {
    let lines = BufReader::new(stream).lines().map_while(Result::ok);
    let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
    let path = head[0].split(' ').nth(1).unwrap().to_owned();
    let range = head.iter().find_map(|line| {
        let line = line.to_lowercase();
        let (start, _) = line.strip_prefix("range: bytes=")?.split_once('-')?;
        start.parse().ok()
    });
    (path, range)
}

fn answer(
    mut stream: &TcpStream,
    port: u16,
    repository: &str,
    files: &[(&str, Vec<u8>)],
    path: &str,
    range: Option<usize>,
    behaviour: Behaviour,
) -> std::io::Result<()> {
    let mut reply = |status: &str, headers: &str, length: usize, body: &[u8]| {
        write!(
            stream,
            "HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n"
        )?;
        stream.write_all(body)
    };
    if let Behaviour::Status(status) = behaviour {
        return reply(&format!("{status} No"), "", 0, b"");
    }
    if path == format!("/api/datasets/{repository}/revision/main?blobs=true") {
        let file = |(path, bytes): &(&str, Vec<u8>)| {
            format!(r#"{{"rfilename": "{path}", "size": {}}}"#, bytes.len())
        };
        let listed: Vec<String> = files.iter().map(file).collect();
        let body = format!(
            r#"{{"sha": "{COMMIT}", "siblings": [{{"rfilename": "README.md", "size": 7}}, {}]}}"#,
            listed.join(", ")
        );
        return reply(
            "200 OK",
            "Content-Type: application/json\r\n",
            body.len(),
            body.as_bytes(),
        );
    }
    let Some((name, bytes)) = files.iter().find(|(name, _)| path.ends_with(name)) else {
        return reply("404 Not Found", "", 0, b"");
    };
    // The hub itself knows commit and hash of a file; its bytes lie elsewhere.
    if path == format!("/datasets/{repository}/resolve/{COMMIT}/{name}") {
        let headers = format!(
            "x-repo-commit: {COMMIT}\r\nx-linked-etag: \"hash-{}\"\r\nLocation: http://127.0.0.1:{port}/elsewhere/{name}\r\n",
            bytes.len()
        );
        return reply("302 Found", &headers, 0, b"");
    }
    let start = range.unwrap_or(0);
    if start >= bytes.len() {
        return reply("416 Range Not Satisfiable", "", 0, b"");
    }
    let headers = format!(
        "ETag: \"cdn\"\r\nContent-Range: bytes {start}-{}/{}\r\n",
        bytes.len() - 1,
        bytes.len()
    );
    let rest = &bytes[start..];
    let given = match behaviour {
        Behaviour::Cut(count) => &rest[..count.min(rest.len())],
        _ => rest,
    };
    reply("206 Partial Content", &headers, rest.len(), given)
}

fn cached(folder: &Path, file: &str) -> PathBuf {
    let repository = folder.join("hf/hub/datasets--ylecun--mnist");
    repository.join(format!("snapshots/{COMMIT}")).join(file)
}

fn contents(requests: &[String]) -> Vec<&str> {
    let elsewhere = requests
        .iter()
        .filter_map(|request| request.strip_prefix("/elsewhere/"));
    elsewhere.collect()
}

#[test]
fn what_is_not_here_is_announced_and_downloaded_once() {
    let (hub, folder) = (Hub::start(), TempDir::new().unwrap());
    let said = hub.record(folder.path(), "a");
    assert_eq!(said.lines().count(), 1, "{said}");
    let size = format!(
        "{:.2} kB",
        (images(60).len() + images(10).len()) as f64 / 1000.0
    );
    for part in [
        "recorder: downloading mnist (2 files, ",
        &size,
        &format!(
            "from http://127.0.0.1:{}/datasets/ylecun/mnist to ",
            hub.port
        ),
        "hf/hub",
        "--offline",
    ] {
        assert!(said.contains(part), "{part:?} is not in {said:?}");
    }
    assert_eq!(hub.requests()[0], LIST);
    assert_eq!(fs::read(cached(folder.path(), TRAIN)).unwrap(), images(60));

    let logged = RunRecord::read(&folder.path().join("logs"), "a").unwrap();
    let configuration = logged.unwrap().configuration;
    assert_eq!(configuration["training_samples"], 60);
    assert_eq!(configuration["test_samples"], 10);
    assert_eq!(configuration["classes"], 10);
    let address = format!("hf://datasets/ylecun/mnist@{COMMIT}/mnist");
    assert_eq!(configuration["data"], address);

    assert_eq!(hub.record(folder.path(), "b"), "");
    assert_eq!(hub.requests(), Vec::<String>::new());
}

#[test]
fn tiny_imagenet_comes_from_its_repository_with_the_validation_images_for_the_test() {
    let files = vec![(TINY_TRAIN, images(60)), (TINY_TEST, images(10))];
    let (hub, folder) = (Hub::of(TINY_IMAGENET, files), TempDir::new().unwrap());
    let output = hub.recorder(
        folder.path(),
        &["--dataset", "tiny-imagenet", "--name", "a"],
    );
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{stderr}");
    assert!(
        stderr.contains("downloading tiny-imagenet (2 files, "),
        "{stderr}"
    );
    let logged = RunRecord::read(&folder.path().join("logs"), "a").unwrap();
    let configuration = logged.unwrap().configuration;
    assert_eq!(configuration["training_samples"], 60);
    assert_eq!(configuration["test_samples"], 10);
    let address = format!("hf://datasets/{TINY_IMAGENET}@{COMMIT}/data");
    assert_eq!(configuration["data"], address);
}

#[test]
fn the_same_data_are_the_same_run_wherever_they_lie() {
    let (hub, folder) = (Hub::start(), TempDir::new().unwrap());
    hub.record(folder.path(), "a");
    fs::create_dir(folder.path().join("mine")).unwrap();
    for file in [TRAIN, TEST] {
        let own = folder.path().join("mine").join(file.replace("mnist/", ""));
        fs::copy(cached(folder.path(), file), own).unwrap();
    }
    let output = hub.recorder(
        folder.path(),
        &["--name", "a", "--data", "mine", "--resume"],
    );
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{stderr}");
}

#[test]
fn a_cut_download_goes_on_where_it_ended() {
    let (hub, folder) = (Hub::start(), TempDir::new().unwrap());
    // Each request brings 4,000 bytes of the file, and the run asks for the rest.
    hub.behave(Behaviour::Cut(4000));
    hub.record(folder.path(), "a");
    let requests = hub.requests();
    let starts: Vec<usize> = contents(&requests)
        .iter()
        .filter_map(|request| request.strip_prefix(&format!("{TRAIN} from ")))
        .map(|start| start.parse().unwrap())
        .filter(|start| *start > 0)
        .collect();
    let expected: Vec<usize> = (4000..hub.train_bytes).step_by(4000).collect();
    assert_eq!(starts, expected);
    assert_eq!(fs::read(cached(folder.path(), TRAIN)).unwrap(), images(60));
}

#[test]
fn the_next_run_goes_on_where_a_download_ended() {
    let (hub, folder) = (Hub::start(), TempDir::new().unwrap());
    let blobs = folder.path().join("hf/hub/datasets--ylecun--mnist/blobs");
    let part = blobs.join(format!("hash-{}.part", hub.train_bytes));
    fs::create_dir_all(&blobs).unwrap();
    fs::write(&part, &images(60)[..5000]).unwrap();
    hub.behave(Behaviour::Cut(0));
    let parts = [
        TRAIN,
        "the connection was cut after 5.00 kB of ",
        "the same command goes on from there",
    ];
    hub.refuse(folder.path(), &[], &parts);
    assert!(part.exists() && !folder.path().join("logs").exists());

    hub.requests();
    hub.behave(Behaviour::Serve);
    hub.record(folder.path(), "a");
    let requests = hub.requests();
    assert!(
        contents(&requests).contains(&format!("{TRAIN} from 5000").as_str()),
        "{requests:?}"
    );
    assert_eq!(fs::read(cached(folder.path(), TRAIN)).unwrap(), images(60));
    assert!(!part.exists());
}

#[test]
fn a_part_that_is_whole_or_too_long_is_no_dead_end() {
    for extra in [0, 10] {
        let (hub, folder) = (Hub::start(), TempDir::new().unwrap());
        let blobs = folder.path().join("hf/hub/datasets--ylecun--mnist/blobs");
        fs::create_dir_all(&blobs).unwrap();
        let whole = [images(60), vec![0; extra]].concat();
        fs::write(blobs.join(format!("hash-{}.part", hub.train_bytes)), whole).unwrap();
        hub.record(folder.path(), "a");
        assert_eq!(fs::read(cached(folder.path(), TRAIN)).unwrap(), images(60));
    }
}

#[test]
fn offline_reads_the_cache_and_never_tries_the_network() {
    let (hub, folder) = (Hub::start(), TempDir::new().unwrap());
    let parts = [
        "the data set mnist is not in the cache",
        "hf/hub",
        "--offline",
        "/datasets/ylecun/mnist",
        "--data",
    ];
    hub.refuse(folder.path(), &["--offline"], &parts);
    assert_eq!(hub.requests(), Vec::<String>::new());
    hub.record(folder.path(), "a");
    hub.requests();
    let output = hub.recorder(folder.path(), &["--offline", "--name", "b"]);
    assert!(output.status.success());
    assert_eq!(hub.requests(), Vec::<String>::new());
    // Half a set is none.
    fs::remove_file(cached(folder.path(), TEST)).unwrap();
    hub.refuse(folder.path(), &["--offline", "--name", "c"], &parts);
    let said = hub.record(folder.path(), "c");
    assert!(said.contains("(1 file, "), "{said}");
}

#[test]
fn a_hub_that_does_not_answer_or_refuses_is_named_with_the_way_out() {
    let (hub, folder) = (Hub::start(), TempDir::new().unwrap());
    for (status, part) in [
        (404, "there is no such thing on the hub"),
        (401, "sign in by HF_TOKEN"),
        (503, "try again later"),
    ] {
        hub.behave(Behaviour::Status(status));
        let status = status.to_string();
        hub.refuse(
            folder.path(),
            &[],
            &["/datasets/ylecun/mnist: ", part, &status, "--data"],
        );
    }
    // Nobody listens at a port that was just given back.
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let endpoint = format!("http://127.0.0.1:{port}");
    let output = recorder(folder.path(), &endpoint, &[]);
    refused(
        &output,
        &[
            "cannot be reached",
            "efused",
            "check the connection",
            "--data",
        ],
    );
    refused(
        &recorder(folder.path(), "nowhere at all", &[]),
        &["check HF_ENDPOINT"],
    );
    assert!(!folder.path().join("logs").exists());
}

#[test]
fn a_cache_that_cannot_be_written_is_named() {
    let (hub, folder) = (Hub::start(), TempDir::new().unwrap());
    fs::write(folder.path().join("hf"), "").unwrap();
    hub.refuse(
        folder.path(),
        &[],
        &["hf/hub: the hub's cache cannot be written", "HF_HOME"],
    );
}
