//! Tables of one part that are versions of one another by their names, such as `train_clean.csv` and
//! `train_noisy.csv`: together, each sample would be there twice.

use std::path::{Path, PathBuf};

use crate::dataset::files::text_table::is_digits;
use crate::error::dataset::DatasetError;
use crate::error::layout::LayoutError;

/// What tables are called that hold samples of the same set once more.
const VERSIONS: [&str; 18] = [
    "backup",
    "bak",
    "clean",
    "cleaned",
    "copy",
    "corrected",
    "full",
    "mini",
    "noisy",
    "old",
    "orig",
    "original",
    "raw",
    "relabeled",
    "relabelled",
    "small",
    "tiny",
    "uncorrected",
];

/// Refuses files of one part below `root` that are called as several versions. Arrays come in several for one part.
pub(crate) fn check(root: &Path, part: &[PathBuf]) -> Result<(), DatasetError> {
    let is_array = |path: &&PathBuf| {
        path.extension()
            .is_some_and(|suffix| suffix.eq_ignore_ascii_case("npy"))
    };
    let tables: Vec<&PathBuf> = part.iter().filter(|path| !is_array(path)).collect();
    let mut pairs = tables.array_windows();
    match pairs.find(|[one, next]| version(root, one) != version(root, next)) {
        None => Ok(()),
        Some([first, second]) => Err(DatasetError::from(LayoutError::Versions {
            first: first.to_path_buf(),
            second: second.to_path_buf(),
        })),
    }
}

/// The word of its name, or of its folders, that says which version a file is.
fn version(root: &Path, path: &Path) -> Option<String> {
    let below = path.strip_prefix(root).unwrap_or(path).with_extension("");
    let name = below.to_string_lossy().to_lowercase();
    let is_version =
        |word: &&str| VERSIONS.contains(word) || word.strip_prefix('v').is_some_and(is_digits);
    let mut words = name.split(|c: char| !c.is_alphanumeric());
    words.find(is_version).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_one_set_are_refused() {
        let check = |files: [&str; 2]| {
            check(
                Path::new("clean"),
                &files.map(|file| Path::new("clean").join(file)),
            )
        };
        for files in [
            ["train_clean.csv", "train_noisy.csv"],
            ["train-v1.csv", "train-v2.csv"],
            ["train-0.csv", "train_old-0.csv"],
            ["train_clean/0.csv", "train_noisy/0.csv"],
        ] {
            let refused = check(files).unwrap_err().to_string();
            assert!(refused.contains("versions of one set"), "{refused}");
        }
        for files in [
            ["train-clean-0.csv", "train-clean-1.csv"],
            ["train-cats.csv", "train-dogs.csv"],
            ["X_train_v1.npy", "y_train_v2.npy"],
        ] {
            assert!(check(files).is_ok(), "{files:?}");
        }
    }
}
