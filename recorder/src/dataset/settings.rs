//! Which data set is read, and how: parsed from the command line.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use crate::dataset::images::background::Background;
use crate::dataset::images::picture::Fit;
use crate::dataset::images::pixel_file::DiskSpace;
use crate::dataset::label_file::decisions::DecisionFile;
use crate::dataset::label_file::file::LabelFile;
use crate::dataset::label_file::marks::TruthColumn;
use crate::dataset::samples::dataset::Dataset;
use crate::dataset::samples::normalisation::Normalisation;
use crate::error::dataset::DatasetError;
use crate::error::run::RecorderError;

/// A data set that the recorder knows by name, or a format for one's own: all that tells it from others.
#[derive(Debug)]
pub struct DatasetKind {
    /// The name on the command line, in logs and in names of runs.
    pub name: &'static str,
    /// What the help says of it.
    pub help: &'static str,
    /// Whether it is no data set but a format for one's own.
    pub is_format: bool,
    /// Whether its samples are images; else they are vectors.
    pub has_images: bool,
    /// Whether its images may come as plain pixels, of which none is unreadable while others are not.
    pub may_be_plain_pixels: bool,
    /// The repository on the hub that has it in Parquet files.
    pub hub_repository: Option<&'static str>,
    /// The options about its data that it has a use for.
    pub options: &'static [&'static str],
    /// Why it has no use for the others.
    pub unused_reason: &'static str,
    /// Reads it, and splits it by the data seed where it comes in one part.
    pub load: fn(&DatasetSettings, u64) -> Result<Dataset, RecorderError>,
}

/// What sets of encoded images have a use for.
pub(crate) const IMAGE_OPTIONS: &[&str] = &[
    "data",
    "test_share",
    "image_size",
    "resize",
    "background",
    "skip_unreadable",
    "memory",
    "disk",
];
/// The same where they may be in tables, whose columns have names.
pub(crate) const IMAGE_TABLE_OPTIONS: &[&str] = &[
    "data",
    "test_share",
    "root",
    "image_column",
    "label_column",
    "id_column",
    "image_size",
    "resize",
    "background",
    "skip_unreadable",
    "memory",
    "disk",
];

/// A share of the samples, above 0 and below 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TestShare(pub(crate) f64);

impl TestShare {
    /// Refuses shares that leave no sample on one side.
    pub fn new(share: f64) -> Option<Self> {
        (share > 0.0 && share < 1.0).then_some(Self(share))
    }

    /// The share.
    pub const fn get(self) -> f64 {
        self.0
    }
}

/// No share is NaN.
impl Eq for TestShare {}

/// By name: each has one of its own.
impl PartialEq for DatasetKind {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

/// The settings of a data set.
#[derive(Debug, Clone, PartialEq)]
pub struct DatasetSettings {
    /// The data set or the format of it.
    pub kind: &'static DatasetKind,
    /// The folder or file that it is read from, as given; those in the program itself need none.
    pub data: Option<PathBuf>,
    /// Where the hub's cache has it, for one that `data` says nothing of.
    pub hub: Option<HubFolder>,
    /// Where images lie that the data only hold the paths of; `None` for where the data are.
    pub root: Option<PathBuf>,
    /// The column of the images, where it is not the only one.
    pub image_column: Option<String>,
    /// The column of the labels, where it cannot be told.
    pub label_column: Option<String>,
    /// The column of the owner's ids, of the data or of the file of labels; it is never a feature.
    pub id_column: Option<String>,
    /// The column of lists that are the features, or the columns that each are one; a name that ends in
    /// `*` stands for all that begin so. Empty for what can be told from the types.
    pub feature_columns: Vec<String>,
    /// The file of `--labels`, for features that have no labels themselves.
    pub label_file: Option<LabelFile>,
    /// Whether labels are asked for where the data have none; a network is applied without them.
    pub needs_labels: bool,
    /// The decisions of a report, after which samples are left out.
    pub decisions: Option<DecisionFile>,
    /// The share of a set in one part that is split off for the test; `None` for none.
    pub test_share: Option<TestShare>,
    /// Whether "nan" and other texts for a missing label are the name of a class.
    pub missing_is_a_class: bool,
    /// So many training samples are held out, to be validated on.
    pub validation: Option<NonZeroUsize>,
    /// Train on so many of the training samples only.
    pub subset: Option<NonZeroUsize>,
    /// The side of the squares that images are made; `None` leaves their size.
    pub image_size: Option<u32>,
    /// The length that the short side of images is resized to before the middle square is taken;
    /// `None` for that of the square.
    pub resize: Option<u32>,
    /// The colour that transparent pixels of images show; `None` for white.
    pub background: Option<Background>,
    /// Whether images that cannot be read are left out.
    pub skip_unreadable: bool,
    /// What images may take in memory, in bytes; `None` for half of what the machine has.
    pub memory: Option<u64>,
    /// Where decoded images are put that do not fit into memory; `None` for nowhere.
    pub disk: Option<DiskSpace>,
    /// Where the constants come from that inputs are standardised by.
    pub normalisation: &'static Normalisation,
    /// Whether training will crop its images from the originals, which are then kept as they are.
    pub crops_originals: bool,
    /// Small pictures of the samples are kept where all of them take so many bytes or less before they are
    /// compressed.
    pub most_picture_bytes: u64,
    /// Whether encoded images are only found, and decoded when they are asked for: they are seen once.
    pub decodes_later: bool,
}

impl DatasetSettings {
    /// A data set with nothing said about how to read it.
    pub fn of(kind: &'static DatasetKind) -> Self {
        Self {
            kind,
            data: None,
            hub: None,
            root: None,
            image_column: None,
            label_column: None,
            id_column: None,
            feature_columns: Vec::new(),
            label_file: None,
            needs_labels: true,
            decisions: None,
            test_share: None,
            missing_is_a_class: false,
            validation: None,
            subset: None,
            image_size: None,
            resize: None,
            background: None,
            skip_unreadable: false,
            memory: None,
            disk: None,
            normalisation: Default::default(),
            crops_originals: false,
            most_picture_bytes: 0,
            decodes_later: false,
        }
    }

    /// Where the data come from, as it is logged: the path as given, or the address on the hub.
    pub fn source(&self) -> Option<String> {
        let path = self.data.as_ref().map(|path| path.display().to_string());
        path.or_else(|| Some(self.hub.as_ref()?.address.clone()))
    }

    /// What names the data in names of runs: the data set, and for one's own data their folder or
    /// file, with the characters that a run's name may have.
    pub fn label(&self) -> String {
        let name = self.kind.name;
        let stem = self.data.as_deref().map(stem).unwrap_or_default();
        match self.kind.is_format && !stem.is_empty() {
            true => format!("{name}-{stem}"),
            false => name.to_owned(),
        }
    }

    /// Refuses options that the data set has no use for: they would promise what is not done.
    pub(crate) fn check(&self) -> Result<(), DatasetError> {
        let options = [
            ("data", self.data.is_some()),
            ("root", self.root.is_some()),
            ("image_column", self.image_column.is_some()),
            ("label_column", self.label_column.is_some()),
            ("feature_column", !self.feature_columns.is_empty()),
            (
                "id_column",
                self.id_column.is_some() && self.label_file.is_none(),
            ),
            ("test_share", self.test_share.is_some()),
            ("image_size", self.image_size.is_some()),
            ("resize", self.resize.is_some()),
            ("background", self.background.is_some()),
            ("skip_unreadable", self.skip_unreadable),
            ("memory", self.memory.is_some()),
            ("disk", self.limits_disk()),
        ];
        let mut given = options.iter().filter(|(_, is_given)| *is_given);
        let unused = given.find(|(option, _)| !self.kind.options.contains(option));
        match unused {
            None => self.check_sizes(),
            Some((option, ..)) => Err(self.has_no_use_for(option)),
        }
    }

    fn limits_disk(&self) -> bool {
        let disk = self.disk.as_ref();
        disk.is_some_and(|disk| disk.most_bytes.is_some())
    }

    /// Refuses options for Parquet files and encoded images where neither was found.
    pub(crate) fn check_for_plain_pixels(&self) -> Result<(), DatasetError> {
        self.refuse(
            [
                self.unused_column_option(),
                self.background.map(|_| "background"),
                self.skip_unreadable.then_some("skip_unreadable"),
                self.memory.map(|_| "memory"),
                self.limits_disk().then_some("disk"),
            ],
            "its files here hold plain pixels, which are kept in memory as they are",
        )
    }

    /// Refuses options for Parquet files where none were found.
    pub(crate) fn check_for_folders(&self) -> Result<(), DatasetError> {
        let reason = "its classes and images here are told by folders and files";
        self.refuse([self.unused_column_option()], reason)
    }

    fn unused_column_option(&self) -> Option<&'static str> {
        let image = self.image_column.is_some().then_some("image_column");
        let image = image.or(self.root.is_some().then_some("root"));
        image.or_else(|| self.label_column.is_some().then_some("label_column"))
    }

    fn refuse<const N: usize>(
        &self,
        given: [Option<&'static str>; N],
        reason: &'static str,
    ) -> Result<(), DatasetError> {
        match given.into_iter().flatten().next() {
            None => Ok(()),
            Some(option) => Err(DatasetError::UnusedOption {
                dataset: self.kind.name,
                option,
                reason,
            }),
        }
    }

    /// Why an option would promise what is not done.
    pub(crate) fn has_no_use_for(&self, option: &'static str) -> DatasetError {
        DatasetError::UnusedOption {
            dataset: self.kind.name,
            option,
            reason: self.kind.unused_reason,
        }
    }

    /// The size that images are brought to, if they are.
    pub(crate) fn fit(&self) -> Option<Fit> {
        self.image_size.map(|side| Fit {
            resize: self.resize.unwrap_or(side),
            side,
        })
    }

    fn check_sizes(&self) -> Result<(), DatasetError> {
        match (self.resize, self.image_size) {
            (Some(resize), Some(image_size)) if resize < image_size => {
                Err(DatasetError::ResizeTooSmall { resize, image_size })
            }
            _ => Ok(()),
        }
    }

    /// The column of `path` that holds what is known of its labels, where that is in the data's own table.
    pub(crate) fn own_truth(&self, path: &Path) -> Option<&str> {
        let file = self.label_file.as_ref().filter(|file| file.path == path)?;
        file.truth.as_ref().map(TruthColumn::name)
    }

    /// The first option that names a column of the data.
    pub(crate) fn first_column_option(&self) -> Option<&'static str> {
        let features = (!self.feature_columns.is_empty()).then_some("feature_column");
        features.or_else(|| self.label_column.is_some().then_some("label_column"))
    }

    /// The folder or file to read; `expected` says what it should be.
    pub(crate) fn path(&self, expected: &str) -> Result<&Path, DatasetError> {
        let hub = self.hub.as_ref().map(|hub| hub.folder.as_path());
        let data = self.data.as_deref().or(hub);
        data.ok_or_else(|| DatasetError::DataNotGiven {
            dataset: self.kind.name,
            expected: expected.to_owned(),
        })
    }
}

/// Longer ones would fill a terminal's line.
const LONGEST_STEM: usize = 40;

fn stem(path: &Path) -> String {
    let name = match path.is_dir() {
        true => path.file_name(),
        false => path.file_stem(),
    };
    let name = name.unwrap_or_default().to_string_lossy();
    let fitting = |c: char| match c.is_alphanumeric() || "._+=".contains(c) {
        true => c,
        false => '-',
    };
    name.chars().take(LONGEST_STEM).map(fitting).collect()
}

/// The files of a data set in the hub's cache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HubFolder {
    /// Their address as programs that read from the hub write it, with the commit:
    /// `hf://datasets/ylecun/mnist@0123abc/mnist`.
    pub address: String,
    /// The folder of the training and test files.
    pub folder: PathBuf,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::kinds::image_parquet::PARQUET;
    use crate::dataset::kinds::mnist::MNIST;

    fn label(kind: &'static DatasetKind, data: &str) -> String {
        let settings = DatasetSettings {
            data: Some(data.into()),
            ..DatasetSettings::of(kind)
        };
        settings.label()
    }

    #[test]
    fn ones_own_data_are_named_by_their_file_or_folder() {
        assert_eq!(label(&PARQUET, "sets/My cats.parquet"), "parquet-My-cats");
        assert_eq!(label(&PARQUET, "src"), "parquet-src");
        assert_eq!(label(&PARQUET, ".."), "parquet");
        assert_eq!(label(&MNIST, "sets/mnist"), "mnist");
        let name = label(&PARQUET, "ä b/ö(1)?*.parquet");
        assert!(logformat::validate_run_name(&name).is_ok(), "{name}");
    }
}
