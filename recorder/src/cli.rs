//! The command line: every default in one place, everything parsed before anything begins.

mod data;
mod label_options;
mod network_options;
mod optimiser_options;
mod overview;

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::builder::Styles;
use clap::builder::styling::AnsiColor;
use clap::{Args, Parser, Subcommand, ValueEnum};
use logformat::LogitsColumn;
use program::Checked;

use crate::augmentation::Augmentation;
use crate::dataset::DatasetSettings;
use crate::device::DeviceChoice;
use crate::hub::Access;
use crate::noise::NoiseRate;
use crate::settings::{ExistingRun, RunSettings};
use crate::threshold_samples::ThresholdCount;
use label_options::LabelOptions;
use network_options::NetworkOptions;
use optimiser_options::OptimiserOptions;

pub use data::DataArgs;
pub use overview::{Format, OverviewArgs};

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

/// Trains networks with threshold samples and logs every sample's logits in every epoch
#[derive(Debug, Parser)]
#[command(name = "recorder", version, styles = STYLES, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the recorder does.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Record a run: train passes with disjoint threshold samples and write their log
    #[command(after_help = RUN_EXAMPLES, args_override_self = true)]
    Run(RunArgs),
    /// Describe a data set without training: counts, sizes, equal samples under different labels, and
    /// a sheet of examples
    #[command(after_help = DATA_EXAMPLES, args_override_self = true)]
    Data(OverviewArgs),
}

const DATA_EXAMPLES: &str = "\
Examples:
  What is in a folder of images, with a sheet of ten of each class:
    recorder data --dataset images --data pets --sheet pets.png

  Labels of people beside those of experts, and the cats among them (wrong ones have a red frame):
    recorder data --labels people.csv --label-column given --true-label-column expert \\
      --sheet cats.png --class cat --examples 20

  What the analyzer found most suspicious:
    recorder data --sheet suspicious.png --samples 391,569,1173";

const RUN_EXAMPLES: &str = "\
Examples:
  Flip 40 % of the labels and see which of them are found:
    recorder run --noise 0.4
    analyzer aum 'logs/*.parquet'

  Compare noise rates; each run gets a name of its own:
    for rate in 0.1 0.2 0.4; do recorder run --noise $rate; done

  Embeddings of your own, whose labels are suspected:
    recorder run --dataset features --data embeddings.npy --labels labels.csv

  Labels of people, and what experts say, in one file:
    recorder run --labels people.csv --label-column given --true-label-column expert";

/// Options of `recorder run`.
#[derive(Debug, Args)]
pub struct RunArgs {
    #[command(flatten)]
    data: DataArgs,

    #[command(flatten)]
    labels: Checked<LabelOptions>,

    /// Seed of the split, the noise and the threshold samples
    #[arg(long, value_name = "SEED", default_value_t = 0, help_heading = "Data")]
    data_seed: u64,

    /// Threshold samples of each pass: a number, paper for samples / (classes + 1), or authors-code for
    /// samples / classes [default: the paper's, but a tenth of the samples at most]
    #[arg(long, value_name = "N|RULE", help_heading = "Data")]
    threshold_count: Option<ThresholdCount>,

    #[command(flatten)]
    network: Checked<NetworkOptions>,

    /// Trainings, each with threshold samples of its own. Two judge every sample at least once
    #[arg(long, value_name = "N", default_value = "2", value_parser = positive, help_heading = "Training")]
    passes: NonZeroUsize,

    /// Epochs of each pass
    #[arg(long, value_name = "N", default_value = "12", value_parser = positive, help_heading = "Training")]
    epochs: NonZeroUsize,

    /// Samples a step
    #[arg(long, value_name = "N", default_value = "64", value_parser = positive, help_heading = "Training")]
    batch_size: NonZeroUsize,

    #[command(flatten)]
    optimiser: Checked<OptimiserOptions>,

    /// Shares of the training after which the learning rate drops to a tenth, such as 0.5,0.75
    /// [default: none, since a low rate memorises wrong labels]
    #[arg(
        long,
        value_name = "SHARES",
        value_delimiter = ',',
        value_parser = share_of_training,
        help_heading = "Training"
    )]
    lr_drops: Vec<f64>,

    /// Crop training images, anew in each epoch, from images with a black border of so many pixels
    /// [default: none]
    #[arg(
        long,
        value_name = "PIXELS",
        default_value_t = 0,
        hide_default_value = true,
        value_parser = clap::value_parser!(u32).range(..=1024),
        help_heading = "Training"
    )]
    crop_padding: u32,

    /// Mirror every other training image
    #[arg(long, help_heading = "Training")]
    flip: bool,

    /// Train on a random part of each image, anew in each epoch: 8 to 100 % of its area, sides 3:4 to 4:3,
    /// resized to --image-size, as networks for ImageNet do
    #[arg(long, conflicts_with = "crop_padding", help_heading = "Training")]
    random_resized_crop: bool,

    /// Seed of the weights and of the order of samples
    #[arg(
        long,
        value_name = "SEED",
        default_value_t = 0,
        help_heading = "Training"
    )]
    seed: u64,

    /// What trains: auto, cpu, cuda, cuda:N or metal. auto takes a GPU where this build and this
    /// machine have one
    #[arg(long, default_value = "auto", help_heading = "Training")]
    device: DeviceChoice,

    /// Folder of the log
    #[arg(
        long,
        value_name = "FOLDER",
        default_value = "logs",
        help_heading = "Log"
    )]
    out: PathBuf,

    /// Name of the run [default: made of data set, network, noise and seeds]
    #[arg(long, value_parser = run_name, help_heading = "Log")]
    name: Option<String>,

    /// Which logits the log keeps beside the margins
    #[arg(long, value_enum, default_value = "float32", help_heading = "Log")]
    logits: KeptLogits,

    /// Keep a small picture of each training sample, 64×64 at most, in the sample table of the run, where all
    /// of them take so many MiB uncompressed or less; 0 for none
    #[arg(long, value_name = "MIB", default_value_t = 256, help_heading = "Log")]
    pictures: u32,

    /// Replace a run of the same name
    #[arg(long, help_heading = "Log")]
    overwrite: bool,

    /// Go on after the last whole epoch of a run of the same name and settings
    #[arg(long, conflicts_with = "overwrite", help_heading = "Log")]
    resume: bool,

    /// Show no progress
    #[arg(short, long)]
    pub quiet: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum KeptLogits {
    /// All of them, as 32-bit floats
    Float32,
    /// None: margins are all that AUM needs, and much smaller
    None,
}

impl RunArgs {
    /// Whether the hub may be asked for data that are not here.
    pub fn access(&self) -> Access {
        self.data.access()
    }

    /// The settings that the options stand for.
    pub fn settings(&self) -> RunSettings {
        let network = self.network.0.settings(self.data.default_network());
        RunSettings {
            dataset: DatasetSettings {
                crops_originals: self.random_resized_crop,
                label_file: self.labels.0.source.file().cloned(),
                ..self.data.settings(self.labels.0.data_column.clone())
            },
            labels: self.labels.0.source.clone(),
            optimiser: self.optimiser.0.settings(network.name),
            network,
            passes: self.passes,
            epochs: self.epochs,
            batch_size: self.batch_size,
            augmentation: Augmentation {
                crop_padding: self.crop_padding,
                flip: self.flip,
                random_resized_crop: self.random_resized_crop,
            },
            learning_rate_drops: self.lr_drops.clone(),
            threshold_count: self.threshold_count.unwrap_or_default(),
            seed: self.seed,
            data_seed: self.data_seed,
            device: self.device,
            logits_column: match self.logits {
                KeptLogits::Float32 => LogitsColumn::Float32,
                KeptLogits::None => LogitsColumn::Absent,
            },
            most_picture_bytes: u64::from(self.pictures) << 20,
            out: self.out.clone(),
            name: self.name.clone(),
            existing: match (self.overwrite, self.resume) {
                (true, _) => ExistingRun::Replace,
                (false, true) => ExistingRun::Resume,
                (false, false) => ExistingRun::Refuse,
            },
            command: Vec::new(),
        }
    }
}

fn number(text: &str) -> Result<f64, String> {
    text.parse().map_err(|_| "it is no number".to_owned())
}

fn noise_rate(text: &str) -> Result<NoiseRate, String> {
    NoiseRate::new(number(text)?).map_err(|error| error.to_string())
}

fn positive(text: &str) -> Result<NonZeroUsize, String> {
    text.parse()
        .map_err(|_| "it must be a whole number, 1 or more".to_owned())
}

fn learning_rate(text: &str) -> Result<f64, String> {
    match number(text)? {
        rate if rate > 0.0 && rate.is_finite() => Ok(rate),
        _ => Err("a learning rate is above 0".to_owned()),
    }
}

fn share_of_training(text: &str) -> Result<f64, String> {
    match number(text)? {
        share if share > 0.0 && share < 1.0 => Ok(share),
        _ => Err("a drop comes after a share of the training between 0 and 1".to_owned()),
    }
}

fn momentum(text: &str) -> Result<f64, String> {
    match number(text)? {
        momentum if (0.0..1.0).contains(&momentum) => Ok(momentum),
        _ => Err("momentum lies between 0 and 1, 1 left out".to_owned()),
    }
}

fn weight_decay(text: &str) -> Result<f64, String> {
    match number(text)? {
        decay if decay >= 0.0 && decay.is_finite() => Ok(decay),
        _ => Err("weight decay is 0 or more".to_owned()),
    }
}

fn run_name(text: &str) -> Result<String, String> {
    logformat::validate_run_name(text)
        .map(|()| text.to_owned())
        .map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    fn settings(arguments: &[&str]) -> RunSettings {
        let arguments = ["recorder", "run"].iter().chain(arguments);
        match Cli::try_parse_from(arguments).unwrap().command {
            Command::Run(run) => run.settings(),
            Command::Data(_) => panic!("run is the command"),
        }
    }

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_default_name_tells_runs_of_a_sweep_apart() {
        let name = |arguments: &[&str]| settings(arguments).run_name();
        assert_eq!(name(&["--noise", "0.4"]), "digits-cnn-noise0.4-seed0-data0");
        assert_eq!(
            name(&["--model", "mlp", "--seed", "2", "--data-seed", "3"]),
            "digits-mlp-noise0-seed2-data3"
        );
        assert_eq!(name(&["--name", "mine"]), "mine");
    }

    #[test]
    fn the_learning_rate_drops_after_shares_of_the_training() {
        let settings = settings(&["--epochs", "8", "--lr", "0.1", "--lr-drops", "0.75,0.5"]);
        assert_eq!(settings.drop_epochs(), [5, 7]);
        for (epoch, rate) in [
            (1, 0.1),
            (4, 0.1),
            (5, 0.01),
            (6, 0.01),
            (7, 0.001),
            (8, 0.001),
        ] {
            assert!(
                (settings.learning_rate_at(epoch) - rate).abs() < 1e-12,
                "{epoch}"
            );
        }
    }

    #[test]
    fn networks_without_batch_normalisation_learn_at_a_fifth_of_the_rate_of_the_others() {
        let rate = |arguments: &[&str]| settings(arguments).optimiser.learning_rate();
        for (model, expected) in [
            ("cnn", 0.05),
            ("resnet20", 0.05),
            ("lenet", 0.01),
            ("mlp", 0.01),
        ] {
            assert_eq!(rate(&["--model", model]), expected, "{model}");
            assert_eq!(rate(&["--model", model, "--lr", "0.3"]), 0.3);
            assert_eq!(rate(&["--model", model, "--optimiser", "adamw"]), 0.001);
        }
        assert_eq!(rate(&[]), 0.05);
        assert_eq!(rate(&["--hidden-units", "64"]), 0.01);
    }

    #[test]
    fn options_of_something_else_are_refused_with_a_way_out() {
        for (arguments, way_out) in [
            (
                ["--optimiser=adamw", "--momentum=0.9"],
                "choose --optimiser sgd",
            ),
            (["--model=lenet", "--hidden-units=8"], "choose --model mlp"),
        ] {
            let arguments = ["recorder", "run"].iter().chain(&arguments);
            let error = Cli::try_parse_from(arguments).unwrap_err();
            assert_eq!(error.exit_code(), 2);
            assert!(error.to_string().contains(way_out), "{error}");
        }
    }

    #[test]
    fn numbers_out_of_range_are_refused_with_the_range() {
        for (option, value, reason) in [
            ("--noise", "1.5", "between 0 and 1"),
            ("--noise", "half", "it is no number"),
            ("--noise-type", "asymmetric", "cifar10-pairs"),
            ("--epochs", "0", "1 or more"),
            ("--passes", "-1", "1 or more"),
            ("--batch-size", "2.5", "1 or more"),
            ("--lr", "0", "above 0"),
            ("--momentum", "1", "between 0 and 1"),
            ("--lr-drops", "0.5,1", "between 0 and 1"),
            ("--weight-decay", "-1", "0 or more"),
            ("--hidden-units", "64,0", "1 or more"),
            ("--initial-stride", "0", "1 or more"),
            ("--crop-padding", "2000", "0..=1024"),
            ("--memory", "much", "such as 4GiB"),
            ("--resize", "256", "--image-size"),
            ("--name", "../x", "letters, digits"),
            ("--threshold-count", "half", "paper or authors-code"),
        ] {
            let argument = format!("{option}={value}");
            let error = Cli::try_parse_from(["recorder", "run", &argument]).unwrap_err();
            assert_eq!(error.exit_code(), 2);
            assert!(error.to_string().contains(reason), "{option}: {error}");
        }
    }
}
