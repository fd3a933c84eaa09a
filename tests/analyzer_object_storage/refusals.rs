//! What is wrong is told with the address, and without anything secret.

use std::fs;
use std::net::TcpListener;

use tests::program::text;

use crate::logs::small_log;
use crate::storage::Storage;

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
