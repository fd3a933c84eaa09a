//! Which files of a repository make up a data set: the shards of its training part and of one for the
//! test, in one folder.

use serde::Deserialize;
use std::collections::BTreeMap;

/// The files of one folder that make up a data set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Files {
    /// The folder's path in the repository; empty for its root.
    pub folder: String,
    /// Their paths in the repository, sorted.
    pub paths: Vec<String>,
}

/// Those of the first folder by name that has Parquet files of both parts and all their shards.
pub(crate) fn complete_set<'a>(paths: impl IntoIterator<Item = &'a str>) -> Option<Files> {
    let mut folders: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for path in paths.into_iter().filter(|path| path.ends_with(".parquet")) {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        folders.entry(folder).or_default().push(name);
    }
    folders.into_iter().find_map(|(folder, names)| {
        let train = complete_part(&names, "train")?;
        let test = complete_part(&names, "test").or_else(|| complete_part(&names, "val"))?;
        let path = |name: &&str| match folder {
            "" => (*name).to_owned(),
            folder => format!("{folder}/{name}"),
        };
        let mut paths: Vec<String> = train.iter().chain(&test).map(path).collect();
        paths.sort();
        Some(Files {
            folder: folder.to_owned(),
            paths,
        })
    })
}

/// The weights of a network in the root of a repository, and what timm says of it: safetensors where there are some.
pub(crate) fn weights_of<'a>(paths: impl Iterator<Item = &'a str>) -> Option<Files> {
    let in_root: Vec<&str> = paths.filter(|path| !path.contains('/')).collect();
    let ending = |suffix: &str| -> Option<&str> {
        let mut found = in_root.iter().filter(|path| path.ends_with(suffix));
        // One of several may be another network's.
        found.next().copied().filter(|_| found.next().is_none())
    };
    let is_there = |name: &'static str| in_root.contains(&name).then_some(name);
    let weights = is_there("model.safetensors").or_else(|| is_there("pytorch_model.bin"));
    let weights = weights
        .or_else(|| ending(".safetensors"))
        .or_else(|| ending(".pth"))?;
    let paths = [Some(weights), is_there("config.json")];
    Some(Files {
        folder: String::new(),
        paths: paths.into_iter().flatten().map(str::to_owned).collect(),
    })
}

fn complete_part<'a>(names: &[&'a str], part: &str) -> Option<Vec<&'a str>> {
    let names: Vec<&str> = names
        .iter()
        .copied()
        .filter(|name| name.starts_with(part))
        .collect();
    let expected = shard_count(names.first()?).unwrap_or(1);
    (names.len() >= expected).then_some(names)
}

/// The 2 of `train-00000-of-00002.parquet`, or of `train-00000-of-00002-1a2b.parquet`.
fn shard_count(name: &str) -> Option<usize> {
    let (_, count) = name.split_once("-of-")?;
    let is_digit = |c: char| c.is_ascii_digit();
    let end = count.find(|c| !is_digit(c)).unwrap_or(count.len());
    count[..end].parse().ok()
}

/// A file of a repository.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct ListedFile {
    #[serde(rename = "rfilename")]
    pub(crate) path: String,
    /// In bytes.
    pub(crate) size: u64,
}

pub(crate) fn address(repository: &str, commit: &str, folder: &str) -> String {
    let folder = match folder {
        "" => String::new(),
        folder => format!("/{folder}"),
    };
    format!("hf://datasets/{repository}@{commit}{folder}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(paths: &str) -> Option<(String, String)> {
        let set = complete_set(paths.split_whitespace())?;
        Some((set.folder, set.paths.join(" ")))
    }

    #[test]
    fn a_set_is_the_shards_of_both_parts_in_one_folder() {
        let (folder, files) = set(
            "README.md a/train-00001-of-00002.parquet a/train-00000-of-00002.parquet a/test-00000-of-00001.parquet a/x.json",
        )
        .unwrap();
        assert_eq!(folder, "a");
        assert_eq!(
            files,
            "a/test-00000-of-00001.parquet a/train-00000-of-00002.parquet a/train-00001-of-00002.parquet"
        );
    }

    #[test]
    fn the_weights_of_a_network_are_those_called_so_or_the_only_ones() {
        let files = |paths: &str| Some(weights_of(paths.split(' '))?.paths.join(" "));
        let timm = "README.md config.json model.safetensors pytorch_model.bin";
        assert_eq!(files(timm).unwrap(), "model.safetensors config.json");
        assert_eq!(files("a.pth sub/b.pth").unwrap(), "a.pth");
        assert_eq!(files("a.pth b.pth"), None);
        assert_eq!(files("config.json onnx/model.safetensors"), None);
    }

    #[test]
    fn a_set_without_a_part_or_a_shard_is_incomplete() {
        assert_eq!(set("a/train-00000-of-00001.parquet"), None);
        assert_eq!(set("a/train.parquet b/test.parquet"), None);
        assert_eq!(set("train-00000-of-00002.parquet test.parquet"), None);
        assert_eq!(set("README.md"), None);
    }

    #[test]
    fn validation_stands_in_for_the_test_and_names_may_end_in_a_hash() {
        let (folder, files) =
            set("train-00000-of-00001-1359ab.parquet valid-00000-of-00001-70d5.parquet").unwrap();
        assert_eq!(folder, "");
        assert_eq!(files.split(' ').count(), 2);
    }
}
