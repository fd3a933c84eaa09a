//! Why a run cannot begin or go on.

use std::path::PathBuf;

use draws::folds::TooManyFolds;
use draws::threshold_samples::TooManyThresholdSamples;
use logformat::told_bytes;

use crate::error::label_file::LabelFileProblem;
use crate::error::noise_matrix::MatrixProblem;
use crate::error::weights::WeightsError;

/// What can go wrong in a run. The text is one line and leaves that of its source out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecorderError {
    /// A rate is no share.
    #[error("the noise rate is {0}, but it is a share of the labels and lies between 0 and 1")]
    NoiseRate(f64),
    /// A noise matrix cannot be used.
    #[error("{}: {problem}", path.display())]
    NoiseMatrix {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong with it.
        problem: MatrixProblem,
    },
    /// Noise between classes of CIFAR-10 is asked for another data set.
    #[error(
        "the noise cifar10-pairs is for the classes of CIFAR-10, but class {class} is {} here and {} there",
        found.as_deref().unwrap_or("missing"), expected.unwrap_or("missing")
    )]
    NotCifar10 {
        /// The index of the class.
        class: usize,
        /// The name that it has here.
        found: Option<String>,
        /// The name that it has in CIFAR-10.
        expected: Option<&'static str>,
    },
    /// There is no other class that a label could become.
    #[error(
        "noise needs two classes or more, but the data set has {class_count}; leave the noise out"
    )]
    NoiseWithoutClasses {
        /// How many classes there are.
        class_count: u32,
    },
    /// Noise leaves a class without any label.
    #[error(
        "{noise} leaves no label of class {class} ({class_name}), which the network could then never learn"
    )]
    EmptiedClass {
        /// The noise, for people.
        noise: String,
        /// The index of the class.
        class: usize,
        /// Its name.
        class_name: String,
    },
    /// A file of labels cannot be used.
    #[error("{}: {problem}", path.display())]
    LabelFile {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong with it.
        problem: LabelFileProblem,
    },
    /// The passes would have to share threshold samples.
    #[error(transparent)]
    TooManyThresholdSamples(#[from] TooManyThresholdSamples),
    /// A class would be missing in a fold.
    #[error(transparent)]
    TooManyFolds(#[from] TooManyFolds),
    /// Of so few samples, those held out tell no settings apart.
    #[error(
        "`tune` holds a fifth of the training samples out, for which {samples} are too few: it takes {needed}"
    )]
    TooFewToTune {
        /// The training samples.
        samples: usize,
        /// How many are enough.
        needed: usize,
    },
    /// This build lacks a device.
    #[error("the device {device} is not in this build of the recorder")]
    DeviceNotBuilt {
        /// Its name, and that of the feature.
        device: &'static str,
    },
    /// This machine lacks a device.
    #[error("the device {device} cannot be used: {reason}")]
    Device {
        /// Its name.
        device: String,
        /// What the driver says.
        reason: String,
    },
    /// A run of this name is there.
    #[error(
        "{}/: a run named {run} is already logged there ({epoch_files} epoch files)", folder.display()
    )]
    RunExists {
        /// The folder.
        folder: PathBuf,
        /// The name of the run.
        run: String,
        /// How many files it has.
        epoch_files: usize,
    },
    /// A logit is not finite.
    #[error(
        "pass {pass}, epoch {epoch}: the loss is no longer a finite number, the training has diverged; the epochs before are kept"
    )]
    Diverged {
        /// The pass, from 1.
        pass: usize,
        /// The epoch, from 1.
        epoch: usize,
        /// The learning rate that the training began with.
        learning_rate: f64,
        /// One that may do better.
        suggested_learning_rate: f64,
    },
    /// The learning rate would never reach its height.
    #[error(
        "`lr_warmup` is {warm_up} epochs, but there are {epochs} in all; let it be {epochs} at most"
    )]
    WarmUp {
        /// Epochs in which the rate rises.
        warm_up: usize,
        /// All epochs.
        epochs: usize,
    },
    /// A run goes on with other settings.
    #[error(
        "the run {run} cannot be resumed with other settings: {setting} was {before} and is {now} now"
    )]
    OtherConfiguration {
        /// The name of the run.
        run: String,
        /// The first that differs.
        setting: String,
        /// What it was.
        before: String,
        /// What it is now.
        now: String,
    },
    /// The record of a run has no settings to compare.
    #[error(
        "the run {run} cannot be resumed: its record does not say with which settings it began"
    )]
    NoConfiguration {
        /// The name of the run.
        run: String,
    },
    /// A run goes on without its record.
    #[error(
        "{}: it is not there, though {epoch_files} epoch files of the run are, so that nobody knows with which settings they were recorded", path.display()
    )]
    LostRecord {
        /// The record.
        path: PathBuf,
        /// How many files the run has.
        epoch_files: usize,
    },
    /// A run goes on without an epoch that later ones are after.
    #[error(
        "{}: it is missing or not as it was recorded, and going on from before it would delete {later} later epochs; put it back, or delete the later ones as well to record them again", file.display()
    )]
    LostEpoch {
        /// The first that is not there.
        file: PathBuf,
        /// How many are.
        later: usize,
    },
    /// A checkpoint cannot be written or read.
    #[error("{}: the checkpoint cannot be written or read", path.display())]
    Checkpoint {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// Somebody stopped the run.
    #[error("stopped in pass {pass}, epoch {epoch}; the epochs before are kept")]
    Interrupted {
        /// The pass, from 1.
        pass: usize,
        /// The epoch, from 1.
        epoch: usize,
    },
    /// The end of an epoch cannot be written.
    #[error(
        "stopped in pass {pass}, epoch {epoch}, which cannot be written; the epochs before are kept"
    )]
    Unwritable {
        /// The pass, from 1.
        pass: usize,
        /// The epoch, from 1.
        epoch: usize,
        /// Why.
        source: Box<RecorderError>,
    },
    /// The log would not fit.
    #[error(
        "{}/: there are {} free, but {epochs} epochs of the log and what lies beside them take {}", folder.display(), told_bytes(*free), told_bytes(*needed)
    )]
    DiskTooSmall {
        /// The folder of the log.
        folder: PathBuf,
        /// Epochs that are still to be written.
        epochs: u64,
        /// What they and the files beside them take, in bytes.
        needed: u64,
        /// What the file system of the folder has, in bytes.
        free: u64,
        /// What is needed with 16-bit logits, where that fits.
        with_half_logits: Option<u64>,
        /// What is needed without logits, where that fits.
        without_logits: Option<u64>,
    },
    /// There is no room for the sample table.
    #[error("stopped before the first epoch: the sample table cannot be written")]
    SampleTableUnwritable(#[source] logformat::LogError),
    /// A network cannot be made for the samples.
    #[error("the network {network} does not fit {dataset}: {reason}")]
    NetworkDoesNotFit {
        /// Its name.
        network: &'static str,
        /// The name of the data set.
        dataset: String,
        /// Why, for people.
        reason: String,
    },
    /// What the program holds itself is damaged.
    #[error("the data set {dataset} is not what was expected: {reason}")]
    Dataset {
        /// The name of the data set.
        dataset: String,
        /// How.
        reason: String,
    },
    /// The data cannot be read.
    #[error(transparent)]
    Data(#[from] crate::error::dataset::DatasetError),
    /// A final training cannot begin.
    #[error(transparent)]
    FinalTraining(#[from] crate::error::removal::FinalTrainingError),
    /// Weights of a pretrained network cannot be taken.
    #[error(transparent)]
    Weights(Box<WeightsError>),
    /// Features of images cannot be computed.
    #[error(transparent)]
    Embedding(#[from] crate::error::embedding::EmbeddingError),
    /// candle fails.
    #[error("the network failed: {}", first_line(.0))]
    Network(candle_core::Error),
    /// The log cannot be written.
    #[error("the log cannot be written")]
    Log(#[from] logformat::LogError),
}

/// In a box: it tells more than the others.
impl From<WeightsError> for RecorderError {
    fn from(error: WeightsError) -> Self {
        RecorderError::Weights(Box::new(error))
    }
}

impl From<candle_core::Error> for RecorderError {
    fn from(error: candle_core::Error) -> Self {
        RecorderError::Network(error)
    }
}

/// With `RUST_BACKTRACE` set, candle puts the whole backtrace into its errors' text.
pub(crate) fn first_line(error: &candle_core::Error) -> String {
    let text = error.to_string();
    text.lines().next().unwrap_or_default().trim().to_owned()
}
