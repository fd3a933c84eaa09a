//! A hub with one repository, on this machine.

use std::path::Path;
use std::process::Output;
use std::sync::{Arc, Mutex};

use arrow_array::{ArrayRef, BinaryArray, Int64Array, RecordBatch};
use image::{GrayImage, ImageFormat, Luma};
use tests::http::{Answer, Request, serve};
use tests::parquet_file::parquet_bytes;
use tests::program::said;

use crate::image_cases::place::encoded;
use crate::setup::command;

pub(crate) const COMMIT: &str = "77f3279092a1c1579b2250db8eafed0ad422088c";
pub(crate) const TRAIN: &str = "mnist/train-00000-of-00001.parquet";
pub(crate) const TEST: &str = "mnist/test-00000-of-00001.parquet";
pub(crate) const LIST: &str = "/api/datasets/ylecun/mnist/revision/main?blobs=true";
/// With the names that its files have on the hub.
pub(crate) const TINY_IMAGENET: &str = "zh-plus/tiny-imagenet";
pub(crate) const TINY_TRAIN: &str = "data/train-00000-of-00001-1359597a978bc4fa.parquet";
pub(crate) const TINY_TEST: &str = "data/valid-00000-of-00001-70d52db3c749a935.parquet";

pub(crate) type Files = Vec<(&'static str, Vec<u8>)>;

/// Images of 8×8 pixels with the labels 0, 1, 0, 1, …, encoded and in Parquet as the hub has them.
pub(crate) fn images(count: i64) -> Vec<u8> {
    let png = |sample: i64| {
        let shade = |x: u32, y: u32| Luma([(x * 31 + y * 17 + sample as u32 * 7) as u8]);
        let image = GrayImage::from_fn(8, 8, shade).into();
        Some(encoded(&image, ImageFormat::Png))
    };
    let images: ArrayRef = Arc::new(BinaryArray::from_iter((0..count).map(png)));
    let labels: ArrayRef = Arc::new(Int64Array::from_iter_values((0..count).map(|i| i % 2)));
    let batch = RecordBatch::try_from_iter([("image", images), ("label", labels)]).unwrap();
    parquet_bytes(&batch, None)
}

/// What the server does with requests for the contents of files.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Behaviour {
    Serve,
    /// Gives so many bytes of what was asked for, and closes the connection.
    Cut(usize),
    /// Answers everything with this status.
    Status(u16),
}

pub(crate) struct Hub {
    pub(crate) port: u16,
    behaviour: Arc<Mutex<Behaviour>>,
    /// The path of each request, and the range that it asks for.
    requests: Arc<Mutex<Vec<String>>>,
    pub(crate) train_bytes: usize,
}

impl Hub {
    pub(crate) fn start() -> Self {
        Self::of(
            "ylecun/mnist",
            vec![(TRAIN, images(60)), (TEST, images(10))],
        )
    }

    /// A hub with one repository.
    pub(crate) fn of(repository: &'static str, files: Files) -> Self {
        let behaviour = Arc::new(Mutex::new(Behaviour::Serve));
        let (requests, train_bytes) = (Arc::<Mutex<Vec<String>>>::default(), files[0].1.len());
        let (behaves, seen) = (Arc::clone(&behaviour), Arc::clone(&requests));
        let port = serve(move |request| {
            let path = &request.target;
            let asked = request
                .range
                .map_or(String::new(), |(start, _)| format!(" from {start}"));
            seen.lock().unwrap().push(format!("{path}{asked}"));
            let behaviour = *behaves.lock().unwrap();
            answer(request, repository, &files, behaviour)
        });
        Hub {
            port,
            behaviour,
            requests,
            train_bytes,
        }
    }

    pub(crate) fn behave(&self, behaviour: Behaviour) {
        *self.behaviour.lock().unwrap() = behaviour;
    }

    /// The requests since the last call of this.
    pub(crate) fn requests(&self) -> Vec<String> {
        std::mem::take(&mut self.requests.lock().unwrap())
    }

    pub(crate) fn recorder(&self, folder: &Path, arguments: &[&str]) -> Output {
        recorder(
            folder,
            &format!("http://127.0.0.1:{}", self.port),
            arguments,
        )
    }

    /// A short run on what is downloaded, and what it says on stderr.
    pub(crate) fn record(&self, folder: &Path, name: &str) -> String {
        let output = self.recorder(folder, &["--name", name]);
        said(&output).1
    }

    pub(crate) fn refuse(&self, folder: &Path, arguments: &[&str], parts: &[&str]) {
        last_line_refuses(&self.recorder(folder, arguments), parts);
    }
}

pub(crate) fn recorder(folder: &Path, endpoint: &str, arguments: &[&str]) -> Output {
    let words = [
        "run",
        "-q",
        "--dataset",
        "mnist",
        "--model",
        "mlp",
        "--epochs",
        "1",
        "--passes",
        "1",
        "--threshold-count",
        "0",
    ];
    let mut command = command(folder, &[&words, arguments].concat());
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
        .env("HF_HOME", folder.join("hf"))
        .env("HF_ENDPOINT", endpoint)
        .output()
        .unwrap()
}

pub(crate) fn last_line_refuses(output: &Output, parts: &[&str]) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    let last = stderr.lines().last().unwrap();
    for part in [&["recorder: "], parts].concat() {
        assert!(last.contains(part), "{part:?} is not in {stderr:?}");
    }
}

fn answer(
    request: &Request,
    repository: &str,
    files: &[(&str, Vec<u8>)],
    behaviour: Behaviour,
) -> Answer {
    let (path, port) = (&request.target, request.port);
    let empty = |status: &str| Answer::new(status, Vec::new(), Vec::new());
    if let Behaviour::Status(status) = behaviour {
        return empty(&format!("{status} No"));
    }
    let is_of = |start: &str, end: &str| *path == format!("{start}{repository}{end}");
    let list = "/revision/main?blobs=true";
    if is_of("/api/datasets/", list) || is_of("/api/models/", list) {
        let file = |(path, bytes): &(&str, Vec<u8>)| {
            format!(r#"{{"rfilename": "{path}", "size": {}}}"#, bytes.len())
        };
        let listed: Vec<String> = files.iter().map(file).collect();
        let body = format!(
            r#"{{"sha": "{COMMIT}", "siblings": [{{"rfilename": "README.md", "size": 7}}, {}]}}"#,
            listed.join(", ")
        );
        let headers = vec!["Content-Type: application/json".to_owned()];
        return Answer::new("200 OK", headers, body.into_bytes());
    }
    let Some((name, bytes)) = files.iter().find(|(name, _)| path.ends_with(name)) else {
        return empty("404 Not Found");
    };
    // The hub itself knows commit and hash of a file; its bytes lie elsewhere.
    let file = format!("/resolve/{COMMIT}/{name}");
    if is_of("/datasets/", &file) || is_of("/", &file) {
        let headers = vec![
            format!("x-repo-commit: {COMMIT}"),
            format!("x-linked-etag: \"hash-{}\"", bytes.len()),
            format!("Location: http://127.0.0.1:{port}/elsewhere/{name}"),
        ];
        return Answer::new("302 Found", headers, Vec::new());
    }
    let start = request.range.map_or(0, |(start, _)| start);
    if start >= bytes.len() {
        return empty("416 Range Not Satisfiable");
    }
    let (length, last) = (bytes.len() - start, bytes.len() - 1);
    let mut body = bytes[start..].to_vec();
    if let Behaviour::Cut(count) = behaviour {
        body.truncate(count);
    }
    let headers = vec![
        "ETag: \"cdn\"".to_owned(),
        format!("Content-Range: bytes {start}-{last}/{}", bytes.len()),
    ];
    Answer {
        length,
        ..Answer::new("206 Partial Content", headers, body)
    }
}
