//! Which files a user means: files as they are, folders as the `*.parquet` files in them (folders of parts
//! and hive partitions among them), and globs. Hidden files are left aside. The same file reached twice counts once, and the order of the words does not matter.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use logformat::{RUN_RECORD_NAME, parse_epoch_file_name};

use crate::error::AnalyzerError;
use crate::logs::table_frame::has_suffix;

/// What Parquet files are called, by whichever writer.
const SUFFIXES: [&str; 3] = ["parquet", "parq", "pq"];

/// The log files that `logs` (files, folders, globs) name, ascending by their paths.
///
/// # Errors
/// [`AnalyzerError`] for a path that is not there, a folder without logs, and a glob that is no
/// glob or matches no log.
pub fn log_files(logs: &[PathBuf]) -> Result<Vec<PathBuf>, AnalyzerError> {
    let mut found = Vec::new();
    for path in logs {
        found.extend(files_of(path)?);
    }
    found.sort();
    let mut by_place = BTreeMap::new();
    for path in found {
        let place = fs::canonicalize(&path).map_err(|source| AnalyzerError::Read {
            path: path.clone(),
            source,
        })?;
        by_place.entry(place).or_insert(path);
    }
    let mut files: Vec<PathBuf> = by_place.into_values().collect();
    files.sort();
    Ok(files)
}

/// The addresses of object storage.
#[cfg(not(feature = "object-storage"))]
const ADDRESSES: [&str; 3] = ["s3://", "gs://", "az://"];

fn files_of(path: &Path) -> Result<Vec<PathBuf>, AnalyzerError> {
    #[cfg(not(feature = "object-storage"))]
    if let Some(address) = path.to_str()
        && ADDRESSES.iter().any(|scheme| address.starts_with(scheme))
    {
        return Err(AnalyzerError::ObjectStorage {
            address: address.to_owned(),
            reason: "object storage is left out of this build; build the analyzer again with cargo build --release -p analyzer --features object-storage, or copy the logs to this machine".to_owned(),
        });
    }
    if path.is_dir() {
        return files_in_folder(path);
    }
    if path.exists() {
        return Ok(vec![path.to_owned()]);
    }
    match path.to_str() {
        Some(pattern) if pattern.contains(['*', '?', '[']) => files_matching(pattern),
        _ => Err(AnalyzerError::NoSuchPath {
            path: path.to_owned(),
        }),
    }
}

fn files_in_folder(folder: &Path) -> Result<Vec<PathBuf>, AnalyzerError> {
    if let Some(pattern) = logs_beside(folder) {
        return Err(AnalyzerError::RunFolder {
            path: folder.to_owned(),
            pattern,
        });
    }
    let files = parquet_files(folder, &mut BTreeSet::new())?;
    if !files.is_empty() {
        return Ok(files);
    }
    let path = folder.to_owned();
    for below in entries_once(folder, &mut BTreeSet::new())? {
        if below.is_dir() && !parquet_files(&below, &mut BTreeSet::new())?.is_empty() {
            let pattern = folder.join("*/*.parquet").display().to_string();
            return Err(AnalyzerError::LogsBelow {
                path,
                below,
                pattern,
            });
        }
    }
    Err(AnalyzerError::NoLogsInFolder { path })
}

/// The glob for the logs of a run, where `folder` is the one beside them that holds its
/// configuration.
fn logs_beside(folder: &Path) -> Option<String> {
    if !folder.join(RUN_RECORD_NAME).is_file() {
        return None;
    }
    let run = folder.file_name()?.to_str()?;
    let pattern = folder.with_file_name(format!("{run}-p*.parquet"));
    let mut beside = fs::read_dir(folder.parent()?.join(".")).ok()?.flatten();
    let is_log = |name: &str| parse_epoch_file_name(run, name).is_some();
    beside
        .any(|entry| entry.file_name().to_str().is_some_and(is_log))
        .then(|| pattern.display().to_string())
}

/// The log files in a folder that is none of those `seen`, which it joins. What is called as a log and is no file
/// is among them: reading it says so.
fn parquet_files(
    folder: &Path,
    seen: &mut BTreeSet<PathBuf>,
) -> Result<Vec<PathBuf>, AnalyzerError> {
    let mut files = Vec::new();
    for path in entries_once(folder, seen)? {
        if path.is_dir() {
            if holds_parts(&path) {
                files.extend(parquet_files(&path, seen)?);
            }
        } else if has_suffix(&path, &SUFFIXES) {
            files.push(path);
        }
    }
    Ok(files)
}

/// What lies in a folder, sorted and without hidden files; nothing the second time, since by links that lead back a
/// folder is in itself without an end.
fn entries_once(
    folder: &Path,
    seen: &mut BTreeSet<PathBuf>,
) -> Result<Vec<PathBuf>, AnalyzerError> {
    let failed = |source| AnalyzerError::Read {
        path: folder.to_owned(),
        source,
    };
    if !seen.insert(fs::canonicalize(folder).map_err(failed)?) {
        return Ok(Vec::new());
    }
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if !is_hidden(&path) {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// Whether a folder is one file of a log in parts (`e03.parquet/part.0.parquet`, as Spark and Dask write
/// them) or a hive partition (`epoch=3/`).
fn holds_parts(folder: &Path) -> bool {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    name.ends_with(".parquet") || name.contains('=')
}

/// What file systems and copying programs leave beside files, such as `._e01.parquet`.
fn is_hidden(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default();
    name.as_encoded_bytes().starts_with(b".")
}

/// A folder that matches stands for its logs, or is passed over where it holds none: `'logs/*'`
/// reaches the folders with the runs' configurations too.
fn files_matching(pattern: &str) -> Result<Vec<PathBuf>, AnalyzerError> {
    let with_folder_as_it_is = in_folder_as_it_is(pattern);
    let glob = with_folder_as_it_is.as_deref().unwrap_or(pattern);
    let bad = |error: glob::PatternError| AnalyzerError::BadGlob {
        pattern: pattern.to_owned(),
        reason: error.msg,
    };
    let matches = match glob.split_once("**") {
        Some((before, _)) => matches_below(before, &glob::Pattern::new(glob).map_err(bad)?)?,
        None => glob::glob(glob)
            .map_err(bad)?
            .collect::<Result<_, _>>()
            .map_err(|error| AnalyzerError::Read {
                path: error.path().to_owned(),
                source: error.into(),
            })?,
    };
    let (mut files, mut seen) = (Vec::new(), BTreeSet::new());
    for path in matches {
        if is_hidden(&path) {
            continue;
        }
        if !path.is_dir() {
            files.push(path);
        } else if logs_beside(&path).is_none() {
            files.extend(parquet_files(&path, &mut seen)?);
        }
    }
    if files.is_empty() {
        return Err(AnalyzerError::NoMatch {
            pattern: pattern.to_owned(),
        });
    }
    Ok(files)
}

/// What matches a glob of folders in folders, each of which is gone through once, whatever links lead to it; `before`
/// is the glob up to its first `**`.
fn matches_below(before: &str, glob: &glob::Pattern) -> Result<Vec<PathBuf>, AnalyzerError> {
    let plain = before.find(['*', '?', '[']).unwrap_or(before.len());
    let root = match before[..plain].rfind('/') {
        Some(end) => &before[..=end],
        None => "",
    };
    let options = glob::MatchOptions {
        require_literal_separator: true,
        ..glob::MatchOptions::default()
    };
    let (mut found, mut seen) = (Vec::new(), BTreeSet::new());
    let mut folders = vec![PathBuf::from(root)];
    while let Some(folder) = folders.pop() {
        let here = if folder.as_os_str().is_empty() {
            Path::new(".")
        } else {
            &folder
        };
        if !here.is_dir() {
            continue;
        }
        for path in entries_once(here, &mut seen)? {
            // As it is called in the glob: without the `./` of the folder that one is in.
            let path = folder.join(path.file_name().unwrap_or_default());
            if glob.matches_path_with(&path, options) {
                found.push(path.clone());
            }
            if path.is_dir() {
                folders.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The glob of files in a folder that is there under this very name, brackets and all.
fn in_folder_as_it_is(pattern: &str) -> Option<String> {
    let (folder, files) = pattern.rsplit_once('/')?;
    let escaped = glob::Pattern::escape(folder);
    (escaped != folder && Path::new(folder).is_dir()).then(|| format!("{escaped}/{files}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder_with(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
        folder
    }

    fn names(files: Result<Vec<PathBuf>, AnalyzerError>) -> Vec<String> {
        let name = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
        files.unwrap().iter().map(name).collect()
    }

    #[cfg(unix)]
    #[test]
    fn links_that_lead_back_are_followed_once_by_folders_and_by_globs() {
        let folder = folder_with(&["logs/e01.parquet", "logs/a/b/e02.parquet"]);
        let logs = folder.path().join("logs");
        for link in ["x=1", "y=2", "x", "y", "a/b/back"] {
            std::os::unix::fs::symlink(&logs, logs.join(link)).unwrap();
        }
        assert_eq!(
            names(log_files(std::slice::from_ref(&logs))),
            ["e01.parquet"]
        );
        for glob in ["**/*.parquet", "**/b/*.parquet", "*/**/e02.parquet"] {
            let found = names(log_files(&[logs.join(glob)]));
            let expected: &[&str] = match glob {
                "**/*.parquet" => &["e02.parquet", "e01.parquet"],
                _ => &["e02.parquet"],
            };
            assert_eq!(found, expected, "{glob}");
        }
    }

    #[test]
    fn folders_of_parts_and_partitions_belong_to_the_log_and_hidden_files_do_not() {
        let folder = folder_with(&[
            "e01.parquet",
            "e02.parquet/part.0.parquet",
            "e02.parquet/_SUCCESS",
            "epoch=3/pass=1/part-0.parquet",
            "._e01.parquet",
            "run/samples.parquet",
        ]);
        let expected = ["e01.parquet", "part.0.parquet", "part-0.parquet"];
        let files = log_files(&[folder.path().to_owned()]);
        assert_eq!(names(files), expected);
        let files = log_files(&[folder.path().join("*")]);
        assert_eq!(names(files), [&expected[..], &["samples.parquet"]].concat());
    }

    #[test]
    fn brackets_in_the_name_of_a_folder_that_is_there_mean_themselves() {
        let folder = folder_with(&["a [b]/x-p1.parquet", "a b/x-p2.parquet"]);
        let files = log_files(&[folder.path().join("a [b]/x-p*.parquet")]);
        assert_eq!(names(files), ["x-p1.parquet"]);
    }

    #[test]
    fn a_folder_stands_for_the_parquet_files_right_in_it() {
        let folder = folder_with(&[
            "b.parquet",
            "a.parquet",
            ".a.parquet.x.partial",
            ".c.parquet",
            "c.PARQUET",
            "d.pq",
            "aum.csv",
            "run/samples.parquet",
        ]);
        let files = log_files(&[folder.path().to_owned()]);
        assert_eq!(
            names(files),
            ["a.parquet", "b.parquet", "c.PARQUET", "d.pq"]
        );
    }

    #[test]
    fn the_same_file_reached_twice_counts_once_in_whatever_order() {
        let folder = folder_with(&["a.parquet", "b.parquet", "c.txt"]);
        let at = |name: &str| folder.path().join(name);
        let words = [
            at("b.parquet"),
            at("*.parquet"),
            at("./b.parquet"),
            folder.path().to_owned(),
        ];
        let files = log_files(&words).unwrap();
        assert_eq!(files, [at("a.parquet"), at("b.parquet")]);
        let reversed: Vec<PathBuf> = words.into_iter().rev().collect();
        assert_eq!(log_files(&reversed).unwrap(), files);
    }

    #[test]
    fn a_glob_passes_over_the_folders_of_runs() {
        let folder = folder_with(&["a-p1-e0001.parquet", "a/run.json", "a/samples.parquet"]);
        let files = log_files(&[folder.path().join("*")]);
        assert_eq!(names(files), ["a-p1-e0001.parquet"]);
    }

    #[test]
    fn the_folder_of_a_run_is_refused_with_the_place_of_its_logs() {
        let folder = folder_with(&["a-p1-e0001.parquet", "a/run.json", "a/samples.parquet"]);
        let error = log_files(&[folder.path().join("a")]).unwrap_err();
        assert!(error.to_string().contains("a-p*.parquet'"), "{error}");
    }

    #[test]
    fn a_folder_of_logs_may_hold_a_run_json_of_its_own() {
        let folder = folder_with(&["a-p1-e0001.parquet", "run.json"]);
        let files = log_files(&[folder.path().to_owned()]);
        assert_eq!(names(files), ["a-p1-e0001.parquet"]);
    }

    #[test]
    fn a_file_whose_name_looks_like_a_glob_is_a_file() {
        let folder = folder_with(&["a[1].parquet", "a1.parquet"]);
        let files = log_files(&[folder.path().join("a[1].parquet")]);
        assert_eq!(names(files), ["a[1].parquet"]);
    }

    #[test]
    #[cfg(not(feature = "object-storage"))]
    fn an_address_is_refused_with_the_build_that_takes_it() {
        for address in [
            "s3://bucket/logs",
            "gs://bucket/*.parquet",
            "az://container",
        ] {
            let error = log_files(&[address.into()]).unwrap_err().to_string();
            assert!(error.starts_with(&format!("{address}: ")), "{error}");
            assert!(error.contains("--features object-storage"), "{error}");
        }
    }

    #[test]
    fn a_folder_of_folders_of_logs_is_refused_with_the_first_of_them() {
        let folder = folder_with(&["empty/a.txt", "exp1/a.parquet", "exp2/a.parquet"]);
        let error = log_files(&[folder.path().to_owned()]).unwrap_err();
        assert!(error.to_string().contains("exp1 does"), "{error}");
        let all = log_files(&[folder.path().join("*/*.parquet")]);
        assert_eq!(names(all), ["a.parquet", "a.parquet"]);
    }

    #[test]
    fn what_names_no_log_is_refused() {
        let folder = folder_with(&["a.txt"]);
        let refusal = |path: PathBuf| log_files(&[path]).unwrap_err();
        assert!(matches!(
            refusal(folder.path().to_owned()),
            AnalyzerError::NoLogsInFolder { .. }
        ));
        assert!(matches!(
            refusal(folder.path().join("b.parquet")),
            AnalyzerError::NoSuchPath { .. }
        ));
        assert!(matches!(
            refusal(folder.path().join("*.parquet")),
            AnalyzerError::NoMatch { .. }
        ));
        assert!(matches!(
            refusal(folder.path().join("***")),
            AnalyzerError::BadGlob { .. }
        ));
    }
}
