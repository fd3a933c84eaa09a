//! The options that say where the training labels come from, and which of them exclude each other.

use std::path::{Path, PathBuf};

use clap::{ArgGroup, Args, ValueEnum};
use logformat::MislabeledColumn;
use program::FromTyped;

use crate::dataset::label_file::decisions::DecisionFile;
use crate::dataset::label_file::file::LabelFile;
use crate::dataset::label_file::marks::TruthColumn;
use crate::labels::noise::label_noise::LabelNoise;
use crate::labels::noise::rate::NoiseRate;
use crate::labels::source::LabelSource;

/// Where the training labels come from, once the options were held against each other.
#[derive(Debug, Clone)]
pub(crate) struct LabelOptions {
    pub(crate) source: LabelSource,
    decisions: Option<DecisionFile>,
    /// The column of the labels in the data set's own table.
    pub(crate) data_column: Option<String>,
    /// What is known of the labels, where that is in that table.
    own_truth: Option<TruthColumn>,
    /// Whether texts for missing labels are names of classes.
    pub(crate) missing_is_a_class: bool,
}

impl LabelOptions {
    /// Where the labels come from: the data set's own table is their file, where it has the truth as well.
    pub(crate) fn source(&self, data: Option<&Path>) -> LabelSource {
        let source = match (&self.own_truth, data) {
            (Some(truth), Some(data)) => LabelSource::File(LabelFile {
                path: data.to_owned(),
                column: self.data_column.clone(),
                truth: Some(truth.clone()),
                is_of_data: true,
                missing_is_a_class: self.missing_is_a_class,
            }),
            _ => self.source.clone(),
        };
        match &self.decisions {
            Some(decisions) => LabelSource::Decided(Box::new(source), decisions.clone()),
            None => source,
        }
    }
}

/// The options as they are typed. True labels are in the file of labels, or in the data's own table.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("label_table").args(["labels", "data"]).multiple(true))]
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

    /// Parquet, CSV, TSV or NPY file whose labels replace those of the training samples, joined by the file names
    /// or ids in it, or else one a sample in their order: class indices or class names. Or the decisions that a
    /// report saved: labels are kept or corrected, and samples left out; give it again for decisions about the
    /// labels of a file
    #[arg(long, value_name = "FILE", help_heading = "Labels")]
    labels: Vec<PathBuf>,

    /// Column of the labels in the file of --labels, or in the data set's own table [default: the only
    /// one that can be]
    #[arg(long, value_name = "NAME", help_heading = "Labels")]
    label_column: Option<String>,

    /// Column of the labels known to be right, empty where they are not known: in the file of --labels, or in the table
    /// that is a single file of --data
    #[arg(
        long,
        value_name = "NAME",
        requires = "label_table",
        help_heading = "Labels"
    )]
    true_label_column: Option<String>,

    /// Column, in the same table, that says of each label whether it is wrong, where no more is known: by words
    /// such as 1, true or wrong, or by the VALUE of a wrong one, as in verification_label=0; empty where unknown
    #[arg(
        long,
        value_name = "NAME[=VALUE]",
        requires = "label_table",
        conflicts_with = "true_label_column",
        help_heading = "Labels"
    )]
    mislabeled_column: Option<MislabeledColumn>,

    /// Take labels such as "nan", "None" and "null", which programs write for missing ones, for the names of
    /// classes; without it they are refused
    #[arg(long, help_heading = "Labels")]
    missing_is_a_class: bool,
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
    fn truth(&self) -> Option<TruthColumn> {
        let labels = self.true_label_column.clone().map(TruthColumn::Labels);
        labels.or_else(|| self.mislabeled_column.clone().map(TruthColumn::Mislabeled))
    }

    /// The file of labels and the one of decisions among those that are given.
    fn files(&self) -> Result<(Option<PathBuf>, Option<DecisionFile>), &'static str> {
        let (mut labels, mut decisions) = (Vec::new(), Vec::new());
        // Somebody's labels may be called so.
        let is_label = self.label_column.as_deref() == Some("decision");
        for path in &self.labels {
            match DecisionFile::at(path).filter(|_| !is_label) {
                Some(file) => decisions.push(file),
                None => labels.push(path.clone()),
            }
        }
        // Nobody can tell what a file that is not there was to hold: its reader says so.
        let missing = labels.iter().position(|path| !path.exists());
        if let (Some(missing), 2) = (missing, labels.len()) {
            return Ok((Some(labels.swap_remove(missing)), None));
        }
        match labels.len().max(decisions.len()) {
            0 | 1 => Ok((labels.pop(), decisions.pop())),
            _ => Err(
                "--labels takes one file of labels, and one of decisions about them; leave the others out",
            ),
        }
    }

    fn source(self, file: Option<PathBuf>) -> Result<LabelSource, &'static str> {
        let asks_for_noise = self.noise_matrix.is_some()
            || self.noise_type.is_some()
            || self.noise.is_some_and(|rate| rate > NoiseRate::ZERO);
        let truth = self.truth();
        match file {
            None => self.noise().map(LabelSource::Dataset),
            // Is a label right that noise left alone? The file would have to be right itself.
            Some(_) if asks_for_noise => Err(
                "the labels of --labels are taken as they are, so no noise can be put in; leave out --labels or the options of the noise",
            ),
            Some(path) => Ok(LabelSource::File(LabelFile {
                path,
                column: self.label_column,
                truth,
                is_of_data: false,
                missing_is_a_class: self.missing_is_a_class,
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
        let (file, decisions) = typed.files()?;
        let data_column = match file {
            None => typed.label_column.clone(),
            Some(_) => None,
        };
        let own_truth = match file {
            None => typed.truth(),
            Some(_) => None,
        };
        let missing_is_a_class = typed.missing_is_a_class;
        let source = typed.source(file)?;
        if own_truth.is_some() && source != LabelSource::Dataset(LabelNoise::None) {
            return Err(
                "with --true-label-column or --mislabeled-column the given labels are those of the data, so no noise can be put in; leave one of them out",
            );
        }
        if decisions.is_some()
            && matches!(&source, LabelSource::Dataset(noise) if *noise != LabelNoise::None)
        {
            return Err(
                "decisions are about labels as they are, so no noise can be put in; leave out the options of the noise, or give the labels with their noise by --labels as well",
            );
        }
        Ok(Self {
            source,
            decisions,
            data_column,
            own_truth,
            missing_is_a_class,
        })
    }
}
