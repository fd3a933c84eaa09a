//! Logs in object storage: against a server on this machine that speaks as much of S3, Google Cloud Storage
//! and Azure Blob Storage as reading takes (lists in pages, HEAD, ranges of bytes), and never the network.
#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use logformat::{
    EpochLogits, ExistingRun, LogitsColumn, PassSamples, RunDescription, RunWriter, SampleRow,
};
use tempfile::TempDir;

const SECRET: &str = "wJalrXUtnFEMI";
const KEY_ID: &str = "AKIAIOSFODNN7";
/// What the emulator of Azure calls its account.
const AZURE_ACCOUNT: &str = "/devstoreaccount1";
/// Small pages, so that every list has several.
const ENTRIES_A_PAGE: usize = 2;

// ---------------------------------------------------------------- logs

/// A run whose files are nearly all logits: a fifth of the samples mislabeled, one in twelve serves as
/// threshold sample.
fn record(folder: &Path, run: &str, samples: u32, classes: u32, epochs: u32) {
    let given = |sample: u32| sample % (classes - 1);
    let serves = |sample: u32| sample % 12 == 5;
    let truth = |sample: u32| (given(sample) + u32::from(sample.is_multiple_of(5))) % (classes - 1);
    let rows = (0..samples).map(|sample| SampleRow {
        sample_id: i64::from(sample).into(),
        assigned_label: if serves(sample) {
            classes - 1
        } else {
            given(sample)
        },
        given_label: given(sample),
        true_label: Some(truth(sample)),
        is_threshold_sample: serves(sample),
    });
    let pass = Arc::new(PassSamples::new(rows.collect(), classes as usize).unwrap());
    let mut writer = RunWriter::create(
        folder,
        run,
        RunDescription::default(),
        LogitsColumn::Float32,
        ExistingRun::Refuse,
    )
    .unwrap();
    for number in 1..=epochs {
        let mut epoch = EpochLogits::new(Arc::clone(&pass), number);
        for sample in 0..samples {
            let logit = |class: u32| {
                let noise = (f64::from(sample * 131 + class * 17 + number) * 0.7).sin() as f32;
                noise + f32::from(u8::from(class == truth(sample))) * number as f32
            };
            let logits: Vec<f32> = (0..classes).map(logit).collect();
            epoch.record(sample as usize, &logits).unwrap();
        }
        writer.write(1, epoch, BTreeMap::new()).unwrap();
    }
    writer.finish().unwrap();
}

/// Three files of 1.4 MB, of which margins and labels are little.
fn large_log(folder: &Path) {
    record(folder, "large", 3000, 120, 3);
}

fn small_log(folder: &Path) {
    record(folder, "small", 60, 5, 4);
}

// ---------------------------------------------------------------- the server

/// Serves the folders in `root` as buckets. The bucket `forbidden` refuses everything.
struct Storage {
    root: TempDir,
    port: u16,
    /// Method and target of each request.
    requests: Arc<Mutex<Vec<String>>>,
    /// Bytes of objects that were sent.
    sent: Arc<AtomicU64>,
}

struct Request {
    method: String,
    path: String,
    query: BTreeMap<String, String>,
    range: Option<Range<usize>>,
}

struct Answer {
    status: &'static str,
    headers: Vec<String>,
    body: Vec<u8>,
}

impl Storage {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let storage = Self {
            root: tempfile::tempdir().unwrap(),
            port: listener.local_addr().unwrap().port(),
            requests: Arc::default(),
            sent: Arc::default(),
        };
        fs::create_dir(storage.bucket()).unwrap();
        let root = storage.root.path().to_owned();
        let (requests, sent) = (Arc::clone(&storage.requests), Arc::clone(&storage.sent));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let stream = stream.unwrap();
                let (root, requests, sent) =
                    (root.clone(), Arc::clone(&requests), Arc::clone(&sent));
                thread::spawn(move || {
                    let Some(request) = request(&stream) else {
                        return;
                    };
                    let said = format!("{} {}", request.method, request.path);
                    requests.lock().unwrap().push(said);
                    let answer = answer(&root, &request, &sent);
                    // A client that went away is no matter.
                    let _ = send(&stream, &request, &answer);
                });
            }
        });
        storage
    }

    /// The folder that the bucket `bucket` is.
    fn bucket(&self) -> PathBuf {
        self.root.path().join("bucket")
    }

    fn analyzer(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_analyzer"));
        let server = format!("http://127.0.0.1:{}", self.port);
        let google = format!(
            r#"{{"gcs_base_url": "{server}", "disable_oauth": true, "client_email": "", "private_key": "", "private_key_id": ""}}"#
        );
        command
            .args(args)
            .env("AWS_ENDPOINT", &server)
            .env("AWS_ALLOW_HTTP", "true")
            .env("AWS_REGION", "us-east-1")
            .env("AWS_ACCESS_KEY_ID", KEY_ID)
            .env("AWS_SECRET_ACCESS_KEY", SECRET)
            .env("GOOGLE_SERVICE_ACCOUNT_KEY", google)
            .env("GOOGLE_ALLOW_HTTP", "true")
            .env("AZURE_STORAGE_USE_EMULATOR", "true")
            .env("AZURITE_BLOB_STORAGE_URL", &server)
            .env("TMPDIR", self.temporary());
        command
    }

    /// Where copies are made.
    fn temporary(&self) -> PathBuf {
        let folder = self.root.path().join("temporary");
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    /// What a command prints that reads from the server; nothing of it may be left on this machine.
    fn stdout_of(&self, args: &[&str]) -> String {
        let output = self.analyzer(args);
        assert_eq!(text(&output.stderr), "");
        assert!(output.status.success());
        assert_eq!(fs::read_dir(self.temporary()).unwrap().count(), 0);
        text(&output.stdout)
    }

    /// The one line with which a command refuses; it may hold nothing that is secret.
    fn refusal(&self, command: &mut Command) -> String {
        let output = command.output().unwrap();
        let stderr = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{stderr}");
        assert_eq!(text(&output.stdout), "");
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
        assert!(
            !stderr.contains(SECRET) && !stderr.contains(KEY_ID),
            "{stderr}"
        );
        assert_eq!(fs::read_dir(self.temporary()).unwrap().count(), 0);
        stderr
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn request(stream: &TcpStream) -> Option<Request> {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    let first = lines.next()?;
    let mut words = first.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let query = query.split('&').filter_map(|pair| pair.split_once('='));
    let mut range = None;
    for line in lines.take_while(|line| !line.is_empty()) {
        if let Some(bytes) = line.to_lowercase().strip_prefix("range: bytes=") {
            let (first, last) = bytes.split_once('-').unwrap();
            range = Some(first.parse().unwrap()..last.parse::<usize>().unwrap() + 1);
        }
    }
    Some(Request {
        method,
        path: decoded(path),
        query: query
            .map(|(key, value)| (decoded(key), decoded(value)))
            .collect(),
        range,
    })
}

/// Without `%2F` and its like.
fn decoded(text: &str) -> String {
    let mut parts = text.split('%');
    let mut decoded = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (code, rest) = part.split_at(2);
        decoded.push(u8::from_str_radix(code, 16).unwrap().into());
        decoded.push_str(rest);
    }
    decoded
}

fn answer(root: &Path, request: &Request, sent: &AtomicU64) -> Answer {
    let is_azure = request.path.starts_with(AZURE_ACCOUNT);
    let path = request
        .path
        .strip_prefix(AZURE_ACCOUNT)
        .unwrap_or(&request.path);
    let (bucket, key) = path[1..].split_once('/').unwrap_or((&path[1..], ""));
    if bucket == "forbidden" {
        // As S3 does, with what must not be handed on.
        return error(
            "403 Forbidden",
            &format!("<Code>SignatureDoesNotMatch</Code><AWSAccessKeyId>{KEY_ID}</AWSAccessKeyId>"),
        );
    }
    let folder = root.join(bucket);
    if !folder.is_dir() {
        return error("404 Not Found", "<Code>NoSuchBucket</Code>");
    }
    if key.is_empty() {
        return list(&folder, request, is_azure);
    }
    let Ok(object) = fs::read(folder.join(key)) else {
        return error("404 Not Found", "<Code>NoSuchKey</Code>");
    };
    let mut headers = vec![
        "Last-Modified: Wed, 25 Nov 2026 12:00:00 GMT".to_owned(),
        "ETag: \"1\"".to_owned(),
        "x-ms-blob-type: BlockBlob".to_owned(),
    ];
    if request.method == "HEAD" {
        return Answer {
            status: "200 OK",
            headers,
            body: object,
        };
    }
    let range = request.range.clone().unwrap_or(0..object.len());
    headers.push(format!(
        "Content-Range: bytes {}-{}/{}",
        range.start,
        range.end - 1,
        object.len()
    ));
    sent.fetch_add(range.len() as u64, Ordering::Relaxed);
    Answer {
        status: "206 Partial Content",
        headers,
        body: object[range].to_vec(),
    }
}

fn error(status: &'static str, body: &str) -> Answer {
    Answer {
        status,
        headers: Vec::new(),
        body: format!("<Error>{body}</Error>").into_bytes(),
    }
}

/// The keys below `folder`, as bucket stores list them.
fn keys(folder: &Path, prefix: &str, found: &mut BTreeMap<String, u64>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let key = format!("{prefix}{}", entry.file_name().to_str().unwrap());
        if entry.path().is_dir() {
            keys(&entry.path(), &format!("{key}/"), found);
        } else {
            found.insert(key, entry.metadata().unwrap().len());
        }
    }
}

/// A page of what lies right below a prefix: objects, and what they have in common up to a slash.
fn list(folder: &Path, request: &Request, is_azure: bool) -> Answer {
    let parameter = |name: &str| request.query.get(name).map_or("", String::as_str);
    let prefix = parameter("prefix");
    let mut all = BTreeMap::new();
    keys(folder, "", &mut all);
    let mut entries = BTreeSet::new();
    for (key, length) in all {
        if let Some(rest) = key.strip_prefix(prefix) {
            entries.insert(match rest.split_once('/') {
                Some((inner, _)) => (format!("{prefix}{inner}/"), None),
                None => (key, Some(length)),
            });
        }
    }
    let token = if is_azure {
        "marker"
    } else {
        "continuation-token"
    };
    let first: usize = parameter(token).parse().unwrap_or(0);
    let page = entries.iter().skip(first).take(ENTRIES_A_PAGE);
    let next = first + ENTRIES_A_PAGE;
    let next = if next < entries.len() {
        next.to_string()
    } else {
        String::new()
    };
    let (mut objects, mut prefixes) = (String::new(), String::new());
    for (key, length) in page {
        match length {
            Some(length) if is_azure => objects.push_str(&format!(
                "<Blob><Name>{key}</Name><Properties><Last-Modified>Wed, 25 Nov 2026 12:00:00 GMT</Last-Modified><Content-Type>application/octet-stream</Content-Type><Etag>1</Etag><Content-Length>{length}</Content-Length></Properties></Blob>"
            )),
            Some(length) => objects.push_str(&format!(
                "<Contents><Key>{key}</Key><LastModified>2026-11-25T12:00:00.000Z</LastModified><ETag>&quot;1&quot;</ETag><Size>{length}</Size></Contents>"
            )),
            None if is_azure => {
                prefixes.push_str(&format!("<BlobPrefix><Name>{key}</Name></BlobPrefix>"));
            }
            None => prefixes.push_str(&format!(
                "<CommonPrefixes><Prefix>{key}</Prefix></CommonPrefixes>"
            )),
        }
    }
    let body = if is_azure {
        format!(
            "<EnumerationResults><Blobs>{objects}{prefixes}</Blobs><NextMarker>{next}</NextMarker></EnumerationResults>"
        )
    } else {
        let more = match &*next {
            "" => String::new(),
            next => format!("<NextContinuationToken>{next}</NextContinuationToken>"),
        };
        format!("<ListBucketResult>{objects}{prefixes}{more}</ListBucketResult>")
    };
    Answer {
        status: "200 OK",
        headers: Vec::new(),
        body: body.into_bytes(),
    }
}

fn send(mut stream: &TcpStream, request: &Request, answer: &Answer) -> std::io::Result<()> {
    let mut head = format!("HTTP/1.1 {}\r\nConnection: close\r\n", answer.status);
    for header in &answer.headers {
        head.push_str(&format!("{header}\r\n"));
    }
    head.push_str(&format!("Content-Length: {}\r\n\r\n", answer.body.len()));
    stream.write_all(head.as_bytes())?;
    if request.method != "HEAD" {
        stream.write_all(&answer.body)?;
    }
    stream.flush()
}

// ---------------------------------------------------------------- reading

fn local(args: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_analyzer"))
        .args(args)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
}

#[test]
fn files_folders_and_globs_are_read_as_on_this_machine() {
    let storage = Storage::start();
    let logs = storage.bucket().join("team/logs");
    fs::create_dir_all(&logs).unwrap();
    small_log(&logs);
    fs::write(logs.join("notes.txt"), "no log").unwrap();
    let expected = local(&["aum", logs.to_str().unwrap(), "-q"]);
    for address in [
        "s3://bucket/team/logs",
        "s3://bucket/team/logs/",
        "s3://bucket/team/logs/*.parquet",
        "s3://bucket/team/logs/small-p1-e000[1-4].parquet",
        "s3://bucket/*/logs/small*",
        "s3://bucket/team/*s",
        "gs://bucket/team/logs",
        "gs://bucket/team/logs/*.parquet",
        "az://bucket/team/logs",
        "az://bucket/team/logs/*.parquet",
    ] {
        assert_eq!(
            storage.stdout_of(&["aum", address, "-q"]),
            expected,
            "{address}"
        );
    }
    let first = "small-p1-e0001.parquet";
    let file = logs.join(first);
    let expected = local(&["aum", file.to_str().unwrap(), "-q"]);
    let address = format!("s3://bucket/team/logs/{first}");
    assert_eq!(storage.stdout_of(&["aum", &address, "-q"]), expected);
}

#[test]
fn every_command_finds_what_it_finds_on_this_machine() {
    let storage = Storage::start();
    large_log(&storage.bucket());
    let folder = storage.bucket();
    let folder = folder.to_str().unwrap();
    let picture = storage.root.path().join("plot.svg");
    let picture = picture.to_str().unwrap();
    for (command, words) in [
        ("aum", &["--format", "json"][..]),
        ("aum", &["--from-logits"]),
        ("check", &[]),
        ("confusions", &[]),
        ("estimate", &[]),
        ("evaluate", &["--scores"]),
        ("scores", &[]),
        ("thresholds", &[]),
    ] {
        let there = storage.stdout_of(&[&[command, "s3://bucket", "-q"], words].concat());
        let here = local(&[&[command, folder, "-q"], words].concat());
        assert_eq!(there, here, "{command} {words:?}");
    }
    for (kind, words) in [
        ("histogram", &[][..]),
        ("margins", &["--sample", "7"]),
        ("precision-recall", &[]),
        ("confusions", &[]),
        ("lowest", &[]),
    ] {
        let drawn = |source: &str| {
            let plot = ["plot", kind, source, "-q", "-o", picture, "--overwrite"];
            let plot = [&plot[..], words].concat();
            if source == folder {
                local(&plot)
            } else {
                storage.stdout_of(&plot)
            };
            fs::read_to_string(picture).unwrap()
        };
        assert_eq!(drawn("s3://bucket"), drawn(folder), "{kind}");
    }
}

#[test]
fn the_bytes_of_the_logits_stay_where_they_are_unless_they_are_needed() {
    let storage = Storage::start();
    large_log(&storage.bucket());
    let mut all = BTreeMap::new();
    keys(&storage.bucket(), "", &mut all);
    let logs = all.iter().filter(|(key, _)| key.ends_with(".parquet"));
    let total: u64 = logs.map(|(_, length)| length).sum();
    let sent_for = |words: &[&str]| {
        storage.sent.store(0, Ordering::Relaxed);
        storage.stdout_of(&[&["aum", "s3://bucket", "-q"], words].concat());
        storage.sent.load(Ordering::Relaxed)
    };
    let margins = sent_for(&[]);
    assert!(margins * 4 < total, "{margins} of {total}");
    let logits = sent_for(&["--from-logits"]);
    assert!(logits * 10 > total * 9, "{logits} of {total}");
    let requests = storage.requests.lock().unwrap();
    assert!(
        requests
            .iter()
            .any(|said| said == "HEAD /bucket/large/run.json")
    );
}

#[test]
fn aum_tables_are_read_too() {
    let storage = Storage::start();
    small_log(&storage.bucket());
    let folder = storage.bucket();
    let folder = folder.to_str().unwrap();
    for name in ["aum.csv", "aum.parquet"] {
        let tables = storage.bucket().join("tables");
        fs::create_dir_all(&tables).unwrap();
        let table = tables.join(name);
        let table = table.to_str().unwrap();
        local(&["aum", folder, "-q", "-o", table]);
        let there = storage.stdout_of(&["thresholds", &format!("s3://bucket/tables/{name}"), "-q"]);
        assert_eq!(there, local(&["thresholds", table, "-q"]));
    }
}

// ---------------------------------------------------------------- what is wrong

#[test]
fn damage_is_told_with_the_address() {
    let storage = Storage::start();
    small_log(&storage.bucket());
    let name = "small-p1-e0002.parquet";
    let path = storage.bucket().join(name);
    let mut bytes = fs::read(&path).unwrap();
    let writer = bytes.windows(13).rposition(|text| text == b"aum logformat");
    bytes[writer.unwrap()] ^= 1; // the name of the writer, which no reader needs
    fs::write(&path, bytes).unwrap();
    let address = format!("s3://bucket/{name}");
    let warned = storage.analyzer(&["aum", "s3://bucket"]);
    let warned = text(&warned.stderr);
    assert!(
        warned.contains(&format!("{address}: is damaged")),
        "{warned}"
    );
    let checked = storage.analyzer(&["check", "s3://bucket"]);
    assert_eq!(checked.status.code(), Some(1));
    let said = text(&checked.stdout);
    assert!(said.contains(&address), "{said}");
    assert!(!said.contains("aum-logs-"), "{said}");
}

#[test]
fn a_file_that_the_record_lists_is_missing_only_where_it_is_not_in_the_bucket() {
    let storage = Storage::start();
    small_log(&storage.bucket());
    let first = ["check", "s3://bucket/small-p1-e0001.parquet"];
    assert!(storage.analyzer(&first).status.success());
    fs::remove_file(storage.bucket().join("small-p1-e0003.parquet")).unwrap();
    let found = storage.analyzer(&first);
    assert_eq!(found.status.code(), Some(1));
    let said = text(&found.stdout);
    assert!(
        said.contains("s3://bucket/small-p1-e0003.parquet"),
        "{said}"
    );
}

#[test]
fn a_damaged_log_is_refused_by_its_address() {
    let storage = Storage::start();
    small_log(&storage.bucket());
    fs::write(storage.bucket().join("b.parquet"), "PAR1 no more").unwrap();
    let refusal = storage.refusal(&mut storage.command(&["aum", "s3://bucket/"]));
    assert!(
        refusal.contains("s3://bucket/b.parquet: is truncated"),
        "{refusal}"
    );
}

#[test]
fn addresses_that_mean_no_logs_are_refused_as_paths_are() {
    let storage = Storage::start();
    small_log(&storage.bucket());
    fs::create_dir(storage.bucket().join("texts")).unwrap();
    fs::write(storage.bucket().join("texts/a.txt"), "a").unwrap();
    for (address, part) in [
        ("s3://bucket/nothing", "there is no such file or folder"),
        ("s3://bucket/nothing/", "there is no such file or folder"),
        ("s3://bucket/texts", "the folder holds no *.parquet files"),
        ("s3://bucket/*.csv", "no log matches"),
        ("s3://bucket/**/a.parquet", "is no valid glob"),
        ("s3://bucket/small", "give 's3://bucket/small-p*.parquet'"),
        ("s3://other/logs", "there is no bucket other"),
        ("az://other/logs", "there is no bucket other"),
    ] {
        let refusal = storage.refusal(&mut storage.command(&["aum", address]));
        assert!(refusal.starts_with("analyzer: "), "{refusal}");
        assert!(
            refusal.contains(address) && refusal.contains(part),
            "{refusal}"
        );
    }
}

#[test]
fn refused_access_names_the_credentials_and_shows_none() {
    let storage = Storage::start();
    for address in [
        "s3://forbidden/logs",
        "s3://forbidden/logs/",
        "s3://forbidden/*.parquet",
    ] {
        let refusal = storage.refusal(&mut storage.command(&["aum", address]));
        assert!(refusal.contains("access is denied"), "{refusal}");
        assert!(refusal.contains("AWS_ACCESS_KEY_ID"), "{refusal}");
    }
}

#[test]
fn a_server_that_is_not_there_is_said_to_be_unreachable() {
    let storage = Storage::start();
    let closed = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let mut command = storage.command(&["aum", "s3://bucket/logs"]);
    command.env("AWS_ENDPOINT", format!("http://{closed}"));
    let refusal = storage.refusal(&mut command);
    assert!(
        refusal.contains("its server cannot be reached"),
        "{refusal}"
    );
    assert!(refusal.contains("AWS_ENDPOINT"), "{refusal}");
}

#[test]
fn a_server_without_encryption_has_to_be_allowed() {
    let storage = Storage::start();
    let mut command = storage.command(&["aum", "s3://bucket/logs"]);
    command.env_remove("AWS_ALLOW_HTTP");
    let refusal = storage.refusal(&mut command);
    assert!(refusal.contains("AWS_ALLOW_HTTP=true"), "{refusal}");
}

#[test]
fn a_table_that_is_there_already_is_refused_before_anything_is_copied() {
    let storage = Storage::start();
    small_log(&storage.bucket());
    let table = storage.root.path().join("aum.csv");
    fs::write(&table, "mine").unwrap();
    let args = ["aum", "s3://bucket", "-o", table.to_str().unwrap()];
    let refusal = storage.refusal(&mut storage.command(&args));
    assert!(refusal.contains("is already there"), "{refusal}");
    assert!(storage.requests.lock().unwrap().is_empty());
}

// ---------------------------------------------------------------- building

/// The crates of the analyzer with their features.
fn crates(edges: &str, features: &[&str]) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--locked", "--prefix", "none"])
        .args(["--package", "analyzer", "--edges", edges])
        .args(["--format", "{p} {f}"])
        .args(features)
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    let lines = text(&output.stdout);
    let lines = lines.lines().map(|line| line.trim_end_matches(" (*)"));
    lines.map(|line| line.trim().to_owned()).collect()
}

/// Otherwise turning it on would build Polars, arrow and parquet anew; the list that keeps it so is in
/// `program/Cargo.toml`.
#[test]
fn the_feature_adds_crates_and_changes_none() {
    for edges in ["normal,no-proc-macro", "normal,build"] {
        let without = crates(edges, &[]);
        let with = crates(edges, &["--features", "object-storage"]);
        let other = without.difference(&with);
        let other: Vec<&String> = other
            .filter(|line| !line.starts_with("analyzer "))
            .collect();
        assert!(other.is_empty(), "these have more features: {other:#?}");
        assert!(with.len() > without.len());
    }
}
