//! Which files of a folder are for training and which for the test, by the words in their names and in those
//! of their folders: `train-00000-of-00002.parquet`, `X_test.npy`, `validation/0000.parquet`. A file is in a
//! part only by a whole word: `trainval.csv` is no training part.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use logformat::PartName;

use crate::dataset::files::finding::{PACKED, check_unpacked};
use crate::dataset::files::npy_file::{arrays_in, is_archive};
use crate::dataset::files::{shard_names, versions};
use crate::dataset::reading_report::ReadingReport;
use crate::error::dataset::DatasetError;
use crate::error::layout::LayoutError;

/// Folders below the one that was given: `default/train/0000.parquet`.
const DEPTH: usize = 2;

/// The files of a data set, each part sorted by name.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Parts {
    /// All of them, where there is no part for the test.
    pub train: Vec<PathBuf>,
    /// Those for the test, or else for validation.
    pub test: Option<Vec<PathBuf>>,
    /// Those for validation, where there are some for the test.
    pub validation: Option<Vec<PathBuf>>,
    /// Those that are not read, and why.
    pub aside: Vec<(PathBuf, &'static str)>,
}

impl Parts {
    /// The parts at `path`, a file or a folder of files whose names end in one of `extensions`;
    /// where there are none right in it, those in the folders below count.
    pub(crate) fn find(
        path: &Path,
        extensions: &[&str],
        expected: &str,
    ) -> Result<Self, DatasetError> {
        let is_archive = extensions.contains(&"npy") && is_archive(path);
        if path.is_file() && !is_archive {
            return Ok(Self::all(vec![path.to_owned()]));
        }
        if !path.exists() {
            return Err(DatasetError::NoSuchPath {
                path: path.to_owned(),
                expected: expected.to_owned(),
            });
        }
        let files = match is_archive {
            true => arrays_in(path)?,
            false => files_or_arrays_in(path, extensions)?,
        };
        if files.is_empty() && !is_archive {
            let packed = files_in(path, &PACKED, 0)?;
            packed.iter().try_for_each(|file| check_unpacked(file))?;
        }
        if is_archive && are_of_no_part(path, &files) {
            return Ok(Self::all(files));
        }
        let parts = Self::of(path, &files).ok_or_else(|| DatasetError::NoTrainingPart {
            folder: path.to_owned(),
            files: files.len(),
            extensions: extensions.join(" or ."),
        })?;
        for part in [Some(&parts.train), parts.test.as_ref()] {
            let part = part.map_or(&[][..], Vec::as_slice);
            shard_names::check(part)?;
            versions::check(path, part)?;
        }
        let folds: Vec<&PathBuf> = parts.train.iter().filter(|path| is_fold(path)).collect();
        if let [first, second, ..] = folds[..] {
            return Err(DatasetError::from(LayoutError::Folds {
                first: first.clone(),
                second: second.clone(),
            }));
        }
        let sets: BTreeSet<PathBuf> = parts.train.iter().map(|file| set_of(path, file)).collect();
        match sets.len() {
            0 | 1 => Ok(parts),
            _ => Err(DatasetError::SeveralSets {
                folder: path.to_owned(),
                sets: sets.iter().map(|set| set.display().to_string()).collect(),
            }),
        }
    }

    /// The same for shards, which need no names of parts: where no file is called as one, all are for training.
    pub(crate) fn find_shards(
        path: &Path,
        extensions: &[&str],
        expected: &str,
    ) -> Result<Self, DatasetError> {
        let files = match path.is_dir() {
            true => files_in(path, extensions, DEPTH)?,
            false => Vec::new(),
        };
        match are_of_no_part(path, &files) {
            true => Ok(Self::all(files)),
            false => Self::find(path, extensions, expected),
        }
    }

    /// Whether there is a training part at `path`.
    pub(crate) fn holds(path: &Path, extensions: &[&str]) -> bool {
        Self::find(path, extensions, "").is_ok()
    }

    /// Says in `report` which files are not read, and which are missing.
    pub(crate) fn tell(&self, report: &mut ReadingReport) {
        for part in [Some(&self.train), self.test.as_ref()]
            .into_iter()
            .flatten()
        {
            report.remarks.extend(shard_names::missing(part));
        }
        let unread = self.validation.iter().flatten();
        let unread = unread.map(|path| (path, "the part for the test is taken instead"));
        for (path, why) in self
            .aside
            .iter()
            .map(|(path, why)| (path, *why))
            .chain(unread)
        {
            report.leave_aside(&path.display().to_string(), why);
        }
    }

    /// The same where the part for the test has no labels, as those of benchmarks: that for validation stands in
    /// for it.
    pub(crate) fn without_test(mut self) -> Self {
        let unlabelled = std::mem::replace(&mut self.test, self.validation.take());
        let unlabelled = unlabelled.into_iter().flatten();
        self.aside
            .extend(unlabelled.map(|path| (path, "it has no labels")));
        self
    }

    /// Files that are all for training.
    pub(crate) fn all(files: Vec<PathBuf>) -> Self {
        Self {
            train: files,
            test: None,
            validation: None,
            aside: Vec::new(),
        }
    }

    fn of(folder: &Path, files: &[PathBuf]) -> Option<Self> {
        if files.len() == 1 {
            return Some(Self::all(files.to_vec()));
        }
        let mut aside = Vec::new();
        let mut of_part = |part: PartName| {
            let called = |path: &&PathBuf| part_of(folder, path) == Some(part);
            let files: Vec<PathBuf> = files.iter().filter(called).cloned().collect();
            let (files, others) = exact(files, part);
            aside.extend(
                others
                    .into_iter()
                    .map(|path| (path, "there is one called by that word alone")),
            );
            (!files.is_empty()).then_some(files)
        };
        let [train, test, validation] = PartName::ALL.map(&mut of_part);
        let train = match train {
            Some(train) => train,
            // One of features, and that of their labels.
            None if files.len() == 2 && files.iter().any(|path| is_called_labels(path)) => {
                return Some(Self::all(files.to_vec()));
            }
            None => return None,
        };
        let (test, validation) = match test {
            Some(test) => (Some(test), validation),
            None => (validation, None),
        };
        let is_no_part = |path: &&PathBuf| part_of(folder, path).is_none();
        let no_parts = files.iter().filter(is_no_part).cloned();
        aside.extend(no_parts.map(|path| (path, "its name is that of no part")));
        aside.sort();
        Some(Self {
            train,
            test,
            validation,
            aside,
        })
    }
}

/// Whether there are files, and none is called as one of a part.
fn are_of_no_part(root: &Path, files: &[PathBuf]) -> bool {
    !files.is_empty() && files.iter().all(|file| part_of(root, file).is_none())
}

/// Where one table is called by the word alone, such as `train.csv`, others in its folder are copies or excerpts,
/// `train-small.csv`. Arrays come in several for one part.
fn exact(files: Vec<PathBuf>, part: PartName) -> (Vec<PathBuf>, Vec<PathBuf>) {
    let stem = |path: &PathBuf| {
        path.file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .to_lowercase()
    };
    let is_array = |path: &PathBuf| {
        path.extension()
            .is_some_and(|suffix| suffix.eq_ignore_ascii_case("npy"))
    };
    if files.iter().any(is_array) {
        return (files, Vec::new());
    }
    // Of several in one folder the first, by the order of the words and then of the files.
    let mut exact = BTreeMap::new();
    for word in part.words().iter().rev() {
        for path in files.iter().rev().filter(|path| stem(path) == *word) {
            exact.insert(path.parent(), path);
        }
    }
    let is_kept = |path: &PathBuf| exact.get(&path.parent()).is_none_or(|exact| *exact == path);
    files.iter().cloned().partition(is_kept)
}

/// The part that a file is in, by its own name or else by that of a folder below `root`.
fn part_of(root: &Path, path: &Path) -> Option<PartName> {
    PartName::of_path(path.strip_prefix(root).unwrap_or(path))
}

/// Whether a file is called as those of labels alone are: `y_train.csv`, `labels.npy`.
pub(crate) fn is_called_labels(path: &Path) -> bool {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let stem = stem.to_lowercase();
    let mut words = stem.split(|c: char| !c.is_alphabetic());
    words.any(|word| ["y", "label", "labels", "target", "targets"].contains(&word))
}

/// The only file in the folder of one of features that is called as their labels are.
pub(crate) fn labels_beside(features: &Path, extensions: &[&str]) -> Option<PathBuf> {
    let folder = features.parent()?;
    let part = |path: &Path| part_of(folder, path);
    let files = files_in(&folder.join("."), extensions, 0).ok()?;
    let files = files
        .iter()
        .filter_map(|path| Some(folder.join(path.file_name()?)));
    let mut labels = files
        .filter(|path| path != features && is_called_labels(path) && part(path) == part(features));
    labels.next().filter(|_| labels.next().is_none())
}

/// The folder of the set that a file is of: that of its own name, or above the folder that is called by its part,
/// such as `en/` of `en/train/0000.parquet`.
fn set_of(root: &Path, path: &Path) -> PathBuf {
    let names_part = |above: &&Path| {
        let name = above.file_name().unwrap_or_default().to_string_lossy();
        part_of(Path::new(""), Path::new(&*name)).is_some()
    };
    let below = path.strip_prefix(root).unwrap_or(path);
    let named = below.ancestors().find(names_part);
    let folder = named.and_then(Path::parent);
    folder.map(Path::to_owned).unwrap_or_default()
}

/// Whether a table is called as one of several divisions of a set is.
fn is_fold(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default();
    let name = name.to_string_lossy().to_lowercase();
    // Of arrays two belong together.
    let is_array = name.ends_with(".npy");
    let stem = name.split('.').next().unwrap_or_default();
    let mut words = stem.split(|c: char| !c.is_alphabetic());
    !is_array && words.any(|word| ["fold", "kfold", "cv"].contains(&word))
}

/// The files at [`DEPTH`], or else the arrays of the archives right in the folder, where such are looked for.
fn files_or_arrays_in(folder: &Path, extensions: &[&str]) -> Result<Vec<PathBuf>, DatasetError> {
    let files = files_in(folder, extensions, DEPTH)?;
    if !files.is_empty() || !extensions.contains(&"npy") {
        return Ok(files);
    }
    let archives = files_in(folder, &["npz"], 0)?;
    let arrays: Result<Vec<_>, _> = archives.iter().map(|one| arrays_in(one)).collect();
    Ok(arrays?.concat())
}

/// Those in `folder`, or else those in the folders below, so many deep.
fn files_in(
    folder: &Path,
    extensions: &[&str],
    depth: usize,
) -> Result<Vec<PathBuf>, DatasetError> {
    let failed = |source| DatasetError::Read {
        path: folder.to_owned(),
        source,
    };
    let (mut files, mut folders) = (Vec::new(), Vec::new());
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let is_hidden = path
            .file_name()
            .is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        let extension = path.extension().and_then(|extension| extension.to_str());
        let fits = extension.is_some_and(|extension| {
            extensions
                .iter()
                .any(|wanted| extension.eq_ignore_ascii_case(wanted))
        });
        match is_hidden {
            true => {}
            false if path.is_dir() => folders.push(path),
            false if fits => files.push(path),
            false => {}
        }
    }
    if files.is_empty() && depth > 0 {
        for folder in folders {
            files.extend(files_in(&folder, extensions, depth - 1)?);
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    fn parts(files: &[&str]) -> Result<(String, String), DatasetError> {
        let folder = TempDir::new().unwrap();
        for file in files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        let parts = Parts::find(folder.path(), &["parquet"], "files")?;
        let joined = |files: &[PathBuf]| {
            let name = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
            let names: Vec<String> = files.iter().map(name).collect();
            names.join(" ")
        };
        Ok((
            joined(&parts.train),
            joined(&parts.test.unwrap_or_default()),
        ))
    }

    #[test]
    fn folds_of_one_set_are_refused() {
        for files in [
            ["fold1_train.parquet", "fold2_train.parquet"],
            ["train_fold_1.parquet", "train_fold_2.parquet"],
            ["cv1-train.parquet", "cv2-train.parquet"],
        ] {
            let refused = parts(&files).map(|_| ()).unwrap_err().to_string();
            assert!(refused.contains("these are folds of one set"), "{refused}");
        }
        let (train, test) = parts(&["fold1_train.parquet", "fold1_test.parquet"]).unwrap();
        assert_eq!(
            (&*train, &*test),
            ("fold1_train.parquet", "fold1_test.parquet")
        );
    }

    /// As the hub has them for languages or versions of one data set: they are not for one training.
    #[test]
    fn several_sets_in_one_folder_are_refused() {
        for files in [
            ["en/train-0.parquet", "de/train-0.parquet"],
            ["en/train/0000.parquet", "de/train/0000.parquet"],
            ["en/train.parquet", "de/train.parquet"],
            ["plain/train.parquet", "train.parquet/train.parquet"],
        ] {
            let Err(refused) = parts(&files) else {
                panic!("{files:?} are not refused")
            };
            let refused = refused.to_string();
            assert!(refused.contains("several data sets in it"), "{refused}");
        }
        for files in [
            ["en/train-0.parquet", "en/train-1.parquet"],
            ["train/a/0.parquet", "train/b/0.parquet"],
            ["data/train/0.parquet", "data/test/0.parquet"],
        ] {
            assert!(parts(&files).is_ok(), "{files:?}");
        }
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

    #[test]
    fn a_part_is_called_by_a_whole_word_of_a_file_or_its_folder() {
        let told = |files: &[&str]| parts(files).unwrap();
        let pair = |train: &str, test: &str| (train.to_owned(), test.to_owned());
        for (files, train, test) in [
            (
                &["train.parquet", "trainval.parquet", "test.parquet"][..],
                "train.parquet",
                "test.parquet",
            ),
            (
                &["Training.parquet", "Testing.parquet"],
                "Training.parquet",
                "Testing.parquet",
            ),
            (
                &["X_train.parquet", "X_dev.parquet"],
                "X_train.parquet",
                "X_dev.parquet",
            ),
            (
                &["train1.parquet", "train2.parquet"],
                "train1.parquet train2.parquet",
                "",
            ),
            (
                &["train.parquet", "train-small.parquet"],
                "train.parquet",
                "",
            ),
            (
                &["default/train/0.parquet", "default/test/1.parquet"],
                "0.parquet",
                "1.parquet",
            ),
            (
                &["train/a.parquet", "train/b.parquet", "val/c.parquet"],
                "a.parquet b.parquet",
                "c.parquet",
            ),
            // A lone file is all there is, and no test of itself.
            (&["test.parquet"], "test.parquet", ""),
        ] {
            assert_eq!(told(files), pair(train, test), "{files:?}");
        }
    }

    #[test]
    fn files_that_are_not_read_are_told_with_the_reason() {
        let folder = TempDir::new().unwrap();
        for file in [
            "train.csv",
            "val.csv",
            "trainval.csv",
            "test.csv",
            "train_old.csv",
            "train_test.csv",
        ] {
            fs::write(folder.path().join(file), "").unwrap();
        }
        let parts = Parts::find(folder.path(), &["csv"], "files").unwrap();
        let mut report = ReadingReport::default();
        parts.tell(&mut report);
        let told = |name: &str| {
            report
                .left_aside
                .iter()
                .find(|line| line.contains(name))
                .unwrap()
        };
        assert_eq!(report.left_aside.len(), 4);
        assert!(told("/trainval.csv").contains("that of no part"));
        assert!(told("/train_test.csv").contains("that of no part"));
        assert!(told("/train_old.csv").contains("by that word alone"));
        assert!(told("/val.csv").contains("for the test is taken instead"));
    }
}
