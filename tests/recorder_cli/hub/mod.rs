//! Data sets from the hub of Hugging Face: against a server on this machine that answers as the hub
//! does (a list of files, a redirect to where they lie, ranges of bytes), and never the network.

pub(crate) mod server;

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use logformat::RunRecord;
use tempfile::TempDir;

use crate::hub::server::{
    Behaviour, COMMIT, Hub, LIST, TEST, TINY_IMAGENET, TINY_TEST, TINY_TRAIN, TRAIN, images,
    last_line_refuses, recorder,
};

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
    last_line_refuses(
        &output,
        &[
            "cannot be reached",
            "efused",
            "check the connection",
            "--data",
        ],
    );
    last_line_refuses(
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
