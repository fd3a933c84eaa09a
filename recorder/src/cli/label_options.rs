//! The options that say where the training labels come from, and which of them exclude each other.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use program::FromTyped;

use crate::dataset::label_file::file::LabelFile;
use crate::labels::noise::label_noise::LabelNoise;
use crate::labels::noise::rate::NoiseRate;
use crate::labels::source::LabelSource;

/// Where the training labels come from, once the options were held against each other.
#[derive(Debug, Clone)]
pub(crate) struct LabelOptions {
    pub(crate) source: LabelSource,
    /// The column of the labels in the data set's own table.
    pub(crate) data_column: Option<String>,
}

/// The options as they are typed.
#[derive(Debug, Args)]
pub(crate) struct Typed {
    /// Share of the training labels to make wrong, 0 to 1. At 0 the data set's own labels are
    /// under suspicion [default: 0]
    #[arg(long, value_name = "RATE", value_parser = crate::cli::values::noise_rate, help_heading = "Labels")]
    noise: Option<NoiseRate>,

    /// What a wrong label becomes [default: uniform]
    #[arg(long, value_enum, value_name = "TYPE", help_heading = "Labels")]
    noise_type: Option<NoiseType>,

    /// Probabilities of the given classes (columns) for each true class (rows): numbers divided by
    /// commas or white space, a row a line. Stands for --noise and implies --noise-type matrix
    #[arg(long, value_name = "FILE", help_heading = "Labels")]
    noise_matrix: Option<PathBuf>,

    /// Parquet, CSV or NPY file whose labels replace those of the training samples, one a sample in
    /// their order: class indices or class names
    #[arg(long, value_name = "FILE", help_heading = "Labels")]
    labels: Option<PathBuf>,

    /// Column of the labels in the file of --labels, or in the data set's own table [default: the only
    /// one that can be]
    #[arg(long, value_name = "NAME", help_heading = "Labels")]
    label_column: Option<String>,

    /// Column of the labels known to be right, in the same file, where they are known
    #[arg(
        long,
        value_name = "NAME",
        requires = "labels",
        help_heading = "Labels"
    )]
    true_label_column: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum NoiseType {
    /// Any other class, each equally likely
    Uniform,
    /// The next class, and the first after the last
    Flip,
    /// The class that looks alike, for the classes of CIFAR-10: truck to automobile, bird to
    /// airplane, deer to horse, cat and dog into each other
    #[value(name = "cifar10-pairs")]
    Cifar10Pairs,
    /// As --noise-matrix says
    Matrix,
}

impl Typed {
    fn source(self) -> Result<LabelSource, &'static str> {
        let asks_for_noise = self.noise_matrix.is_some()
            || self.noise_type.is_some()
            || self.noise.is_some_and(|rate| rate > NoiseRate::ZERO);
        match self.labels {
            None => self.noise().map(LabelSource::Dataset),
            // Is a label right that noise left alone? The file would have to be right itself.
            Some(_) if asks_for_noise => Err(
                "the labels of --labels are taken as they are, so no noise can be put in; leave out --labels or the options of the noise",
            ),
            Some(path) => Ok(LabelSource::File(LabelFile {
                path,
                column: self.label_column,
                true_column: self.true_label_column,
            })),
        }
    }

    fn noise(self) -> Result<LabelNoise, &'static str> {
        match (self.noise_type, self.noise_matrix, self.noise) {
            (_, Some(_), Some(_)) => Err(
                "the file of --noise-matrix holds the rates, so --noise cannot be used with it; leave one of them out",
            ),
            (None | Some(NoiseType::Matrix), Some(path), None) => Ok(LabelNoise::Matrix(path)),
            (Some(_), Some(_), None) => {
                Err("--noise-matrix is for --noise-type matrix; leave one of them out")
            }
            (Some(NoiseType::Matrix), None, _) => {
                Err("--noise-type matrix needs its file; add --noise-matrix FILE")
            }
            (Some(_), None, None) => Err("--noise-type needs a rate; add one, such as --noise 0.2"),
            (None, None, None) => Ok(LabelNoise::None),
            (_, None, Some(rate)) if rate == NoiseRate::ZERO => Ok(LabelNoise::None),
            (Some(NoiseType::Flip), None, Some(rate)) => Ok(LabelNoise::Flip(rate)),
            (Some(NoiseType::Cifar10Pairs), None, Some(rate)) => Ok(LabelNoise::Cifar10Pairs(rate)),
            (None | Some(NoiseType::Uniform), None, Some(rate)) => Ok(LabelNoise::Uniform(rate)),
        }
    }
}

impl FromTyped for LabelOptions {
    type Typed = Typed;

    fn from_typed(typed: Typed) -> Result<Self, &'static str> {
        let data_column = match typed.labels {
            None => typed.label_column.clone(),
            Some(_) => None,
        };
        let source = typed.source()?;
        Ok(Self {
            source,
            data_column,
        })
    }
}
