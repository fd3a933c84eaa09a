//! Which files of a folder are for training and which for the test, by their names, as Hugging
//! Face names them: `train-00000-of-00002.parquet`, `test.csv`, `validation-….parquet`.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::dataset::DatasetError;

/// The files of a data set, each part sorted by name.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Parts {
    /// All of them, where there is no part for the test.
    pub train: Vec<PathBuf>,
    /// Those called test… or …_test, or else val….
    pub test: Option<Vec<PathBuf>>,
}

impl Parts {
    /// The parts at `path`, a file or a folder of files whose names end in one of `extensions`;
    /// those in its folder `data` count as well.
    pub(crate) fn find(
        path: &Path,
        extensions: &[&str],
        expected: &str,
    ) -> Result<Self, DatasetError> {
        if path.is_file() {
            return Ok(Self {
                train: vec![path.to_owned()],
                test: None,
            });
        }
        if !path.exists() {
            return Err(DatasetError::NoSuchPath {
                path: path.to_owned(),
                expected: expected.to_owned(),
            });
        }
        let mut files = files_in(path, extensions)?;
        let data = path.join("data");
        if files.is_empty() && data.is_dir() {
            files = files_in(&data, extensions)?;
        }
        Self::of(&files).ok_or_else(|| DatasetError::NoTrainingPart {
            folder: path.to_owned(),
            files: files.len(),
            extensions: extensions.join(" or ."),
        })
    }

    /// Whether there is a training part at `path`.
    pub(crate) fn holds(path: &Path, extensions: &[&str]) -> bool {
        Self::find(path, extensions, "").is_ok()
    }

    fn of(files: &[PathBuf]) -> Option<Self> {
        let named = |part: &str| -> Option<Vec<PathBuf>> {
            let is_part = |path: &&PathBuf| is_called(path, part);
            let files: Vec<PathBuf> = files.iter().filter(is_part).cloned().collect();
            (!files.is_empty()).then_some(files)
        };
        let train = named("train").or_else(|| (files.len() == 1).then(|| files.to_vec()))?;
        Some(Self {
            train,
            test: named("test").or_else(|| named("val")),
        })
    }
}

fn files_in(folder: &Path, extensions: &[&str]) -> Result<Vec<PathBuf>, DatasetError> {
    let failed = |source| DatasetError::Read {
        path: folder.to_owned(),
        source,
    };
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let extension = path.extension().and_then(|extension| extension.to_str());
        let fits = extension.is_some_and(|extension| {
            extensions
                .iter()
                .any(|wanted| extension.eq_ignore_ascii_case(wanted))
        });
        if fits && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// As `train-0.parquet` is called train, and `X_train.npy` as well.
fn is_called(path: &Path, part: &str) -> bool {
    let name = file_name(path);
    let stem = name.split('.').next().unwrap_or_default();
    let end = stem.strip_suffix(part).unwrap_or_default();
    name.starts_with(part) || end.ends_with(['_', '-'])
}

fn file_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    fn parts(files: &[&str]) -> Result<(String, String), DatasetError> {
        let folder = TempDir::new().unwrap();
        fs::create_dir(folder.path().join("data")).unwrap();
        for file in files {
            fs::write(folder.path().join(file), "").unwrap();
        }
        let parts = Parts::find(folder.path(), &["parquet"], "files")?;
        let joined = |files: &[PathBuf]| {
            let names: Vec<String> = files.iter().map(|path| file_name(path)).collect();
            names.join(" ")
        };
        Ok((
            joined(&parts.train),
            joined(&parts.test.unwrap_or_default()),
        ))
    }

    #[test]
    fn shards_are_in_the_order_of_their_names() {
        let files = [
            "train-1.parquet",
            "train-0.parquet",
            "test.parquet",
            "validation.parquet",
            "a.txt",
        ];
        let (train, test) = parts(&files).unwrap();
        assert_eq!(train, "train-0.parquet train-1.parquet");
        assert_eq!(test, "test.parquet");
    }

    #[test]
    fn validation_stands_in_for_a_test_part_and_the_folder_data_for_its_parent() {
        let (train, test) = parts(&["data/train.parquet", "data/validation.parquet"]).unwrap();
        assert_eq!(
            (train.as_str(), test.as_str()),
            ("train.parquet", "validation.parquet")
        );
    }

    #[test]
    fn a_single_file_is_all_there_is() {
        assert_eq!(
            parts(&["any.parquet"]).unwrap(),
            ("any.parquet".into(), String::new())
        );
    }

    #[test]
    fn files_without_a_training_part_are_refused() {
        let reason = parts(&["a.parquet", "b.parquet"]).unwrap_err().to_string();
        assert!(
            reason.contains("none of its 2 .parquet files is called train…"),
            "{reason}"
        );
        let reason = parts(&[]).unwrap_err().to_string();
        assert!(reason.contains("0 .parquet files"), "{reason}");
    }
}
