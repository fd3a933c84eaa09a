//! The options that say which data set is read, and how.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::dataset::images::background::Background;
use crate::dataset::images::memory::parse_bytes;
use crate::dataset::kinds::list::DATASETS;
use crate::dataset::samples::normalisation::Normalisation;
use crate::dataset::settings::{DatasetKind, DatasetSettings, TestShare};
use crate::hub::place::Access;
use crate::models::cnn::CNN;
use crate::models::mlp::MLP;
use crate::models::settings::NetworkKind;

/// Which data set, and where it is.
#[derive(Debug, Args)]
#[command(next_help_heading = "Data")]
pub struct DataArgs {
    /// The data set, or the format of your own
    #[arg(long, value_enum, default_value = "digits")]
    dataset: &'static DatasetKind,

    #[arg(long, value_name = "PATH", help = where_data_are())]
    data: Option<PathBuf>,

    /// Download nothing: what is in the hub's cache is read from there, without any connection
    #[arg(long)]
    offline: bool,

    /// Where the images lie that the data only hold the paths of [default: where the data are]
    #[arg(long, value_name = "FOLDER")]
    root: Option<PathBuf>,

    /// The column of the images, or of their paths, in Parquet files [default: the only one]
    #[arg(long, value_name = "NAME")]
    image_column: Option<String>,

    /// The features: the column of lists, or the columns of numbers, divided by commas; x* stands for all
    /// that begin with x [default: the column of lists, or all columns of numbers but the label, row numbers, ids and
    /// numbers of folds]
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    feature_column: Vec<String>,

    /// The column of your own ids, whole numbers or texts, each once: of the data's tables, or of the file of
    /// --labels. Every result names them; the column is no feature [default: none]
    #[arg(long, value_name = "NAME")]
    id_column: Option<String>,

    /// Split this share off for the test, drawn by --data-seed, of a set that comes in one part: it is neither
    /// trained on nor judged [default: none, all samples are judged]
    #[arg(long, value_name = "SHARE", value_parser = crate::cli::values::test_share)]
    test_share: Option<TestShare>,

    /// Hold out so many training samples, drawn by --data-seed: they are not trained on, their labels are
    /// left as they are, and the accuracy on them is told [default: none]
    #[arg(long, value_name = "N", value_parser = crate::cli::values::positive)]
    validation: Option<NonZeroUsize>,

    /// Train on so many of the training samples only, drawn by --data-seed with the share of each class as
    /// in all: a quick look at a large set [default: all]
    #[arg(long, value_name = "N", value_parser = crate::cli::values::positive)]
    subset: Option<NonZeroUsize>,

    /// Make images squares of so many pixels a side: the short side is resized to it, and of the
    /// long one the middle is kept [default: they keep their size, if it is the same for all]
    #[arg(long, value_name = "PIXELS", value_parser = clap::value_parser!(u32).range(1..=4096))]
    image_size: Option<u32>,

    /// Resize the short side to so many pixels before the middle of --image-size is taken, such as 256
    /// for 224 [default: that of --image-size]
    #[arg(
        long,
        value_name = "PIXELS",
        requires = "image_size",
        value_parser = clap::value_parser!(u32).range(1..=4096)
    )]
    resize: Option<u32>,

    /// The colour that transparent pixels of images show: white, black, gray, or such as #ff8000 [default: white]
    #[arg(long, value_name = "COLOUR")]
    background: Option<Background>,

    /// Leave out images that cannot be read, and count them, instead of ending at the first
    #[arg(long)]
    skip_unreadable: bool,

    /// What images may take in memory, such as 4GiB; the rest is kept on the disk or decoded anew in each
    /// epoch, and the log is the same [default: half of the machine's memory]
    #[arg(long, value_name = "SIZE", value_parser = parse_bytes)]
    memory: Option<u64>,

    /// By which means and deviations of the channels inputs are standardised
    #[arg(long, value_enum, default_value = "measured")]
    normalisation: &'static Normalisation,
}

fn where_data_are() -> String {
    let on_hub = DATASETS.iter().filter(|kind| kind.hub_repository.is_some());
    let mut on_hub: Vec<&str> = on_hub.map(|kind| kind.name).collect();
    let last = on_hub.pop().unwrap_or_default();
    format!(
        "The folder or file to read it from [default: the digits are in the program; {} and {last} are downloaded from the hub of Hugging Face into its cache, ~/.cache/huggingface or HF_HOME, once]",
        on_hub.join(", ")
    )
}

impl DataArgs {
    /// Whether the samples are images.
    pub(crate) fn has_images(&self) -> bool {
        self.dataset.has_images
    }

    /// The folder or file, as given.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.data.as_deref()
    }

    /// Whether the hub may be asked for what is not here.
    pub fn access(&self) -> Access {
        match self.offline {
            true => Access::Offline,
            false => Access::Online,
        }
    }

    /// The settings that the options stand for; `label_column` is that of the data set itself.
    pub fn settings(&self, label_column: Option<String>) -> DatasetSettings {
        DatasetSettings {
            kind: self.dataset,
            data: self.data.clone(),
            hub: None,
            root: self.root.clone(),
            image_column: self.image_column.clone(),
            label_column,
            id_column: self.id_column.clone(),
            feature_columns: self.feature_column.clone(),
            label_file: None,
            needs_labels: true,
            decisions: None,
            test_share: self.test_share,
            missing_is_a_class: false,
            validation: self.validation,
            subset: self.subset,
            image_size: self.image_size,
            resize: self.resize,
            background: self.background,
            skip_unreadable: self.skip_unreadable,
            memory: self.memory,
            disk: None,
            normalisation: self.normalisation,
            crops_originals: false,
            most_picture_bytes: 0,
            decodes_later: false,
        }
    }
}

/// The network where none is asked for.
pub(crate) fn default_network(is_on_features: bool) -> &'static NetworkKind {
    match is_on_features {
        true => &MLP,
        false => &CNN,
    }
}
