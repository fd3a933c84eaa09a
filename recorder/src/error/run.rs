//! Why a run cannot begin or go on.

use std::path::PathBuf;

use crate::error::label_file::LabelFileProblem;
use crate::error::noise_matrix::MatrixProblem;

/// What can go wrong in a run. The text is one line and leaves that of its source out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs)] // the messages say what the fields are
pub enum RecorderError {
    #[error("the noise rate is {0}, but it is a share of the labels and lies between 0 and 1")]
    NoiseRate(f64),
    #[error("{}: {problem}", path.display())]
    NoiseMatrix {
        path: PathBuf,
        problem: MatrixProblem,
    },
    #[error(
        "the noise cifar10-pairs is for the classes of CIFAR-10, but class {class} is {} here and {} there; use --noise-type flip or --noise-matrix",
        found.as_deref().unwrap_or("missing"), expected.unwrap_or("missing")
    )]
    NotCifar10 {
        class: usize,
        found: Option<String>,
        expected: Option<&'static str>,
    },
    #[error(
        "noise needs two classes or more, but the data set has {class_count}; leave the noise out"
    )]
    NoiseWithoutClasses { class_count: u32 },
    #[error(
        "{noise} leaves no label of class {class} ({class_name}), which the network could then never learn; lower it, or try another --data-seed"
    )]
    EmptiedClass {
        noise: String,
        class: usize,
        class_name: String,
    },
    #[error("{}: {problem}", path.display())]
    LabelFile {
        path: PathBuf,
        problem: LabelFileProblem,
    },
    #[error(
        "{passes} passes with {threshold_count} threshold samples each need {} samples, but the training set has {samples}; lower --passes or --threshold-count", passes * threshold_count
    )]
    TooManyThresholdSamples {
        passes: usize,
        threshold_count: usize,
        samples: usize,
    },
    #[error(
        "the device {device} is not in this build of the recorder; build it with `cargo build --release -p recorder --features {device}`, or use --device cpu"
    )]
    DeviceNotBuilt { device: &'static str },
    #[error("the device {device} cannot be used: {reason}; use --device cpu")]
    Device { device: String, reason: String },
    #[error(
        "{}/: a run named {run} is already logged there ({epoch_files} epoch files); choose another --name or --out, go on with it by --resume, or replace it by --overwrite", folder.display()
    )]
    RunExists {
        folder: PathBuf,
        run: String,
        epoch_files: usize,
    },
    #[error(
        "pass {pass}, epoch {epoch}: the loss is no longer a finite number, the training has diverged; the epochs before are kept in the log; try --lr {suggested_learning_rate} instead of {learning_rate}"
    )]
    Diverged {
        pass: usize,
        epoch: usize,
        learning_rate: f64,
        suggested_learning_rate: f64,
    },
    #[error(
        "the run {run} cannot be resumed with other settings: {setting} was {before} and is {now} now; give the settings of the first start, or another --name"
    )]
    OtherConfiguration {
        run: String,
        setting: String,
        before: String,
        now: String,
    },
    #[error("{}: the checkpoint cannot be written or read", path.display())]
    Checkpoint {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error(
        "stopped in pass {pass}, epoch {epoch}; the epochs before are in the log, and the same command with --resume goes on from there"
    )]
    Interrupted { pass: usize, epoch: usize },
    #[error(
        "stopped in pass {pass}, epoch {epoch}, which cannot be written; the epochs before are in the log, and once there is room the same command with --resume goes on from there"
    )]
    Unwritable {
        pass: usize,
        epoch: usize,
        source: Box<RecorderError>,
    },
    #[error(
        "stopped before the first epoch: the sample table cannot be written; once there is room the same command with --resume goes on from there, and --pictures 0 makes the table small"
    )]
    SampleTableUnwritable(#[source] logformat::LogError),
    #[error("the network {network} does not fit {dataset}: {reason}; choose another --model")]
    NetworkDoesNotFit {
        network: &'static str,
        dataset: String,
        reason: String,
    },
    #[error("the data set {dataset} is not what was expected: {reason}")]
    Dataset { dataset: String, reason: String },
    #[error(transparent)]
    Data(#[from] crate::error::dataset::DatasetError),
    #[error("the network failed: {}", first_line(.0))]
    Network(candle_core::Error),
    #[error("the log cannot be written")]
    Log(#[from] logformat::LogError),
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
