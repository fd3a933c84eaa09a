//! The words of `analyzer plot`.

use std::path::PathBuf;

use analyzer::plots::Theme;
use clap::{Args, ValueEnum};

use super::shared::{LogArgs, VerdictArgs};

const EXAMPLES: &str = "\
Examples:
  See how far wrong labels lie below the others:
    analyzer plot histogram logs -o histogram.svg

  See two samples over the epochs, and every plot of a run on a dark ground:
    analyzer plot margins logs --sample 391 --sample 12 -o two-samples.png
    analyzer plot all logs --run my-run --theme dark -o plots/";

/// Draw what was found, as SVG or PNG.
///
/// The suffix of -o chooses the format. Every plot of one run takes --run where the logs hold
/// several; compare and noise-sweep take all. What needs true labels or threshold samples that the
/// log does not have is left out, and the plot says so.
///
/// PNG has letters of its own (DejaVu Sans), which write from left to right; names in Chinese, Japanese,
/// Korean, Arabic or Hebrew look right in SVG, which leaves them to the viewer.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct PlotArgs {
    /// What to draw
    #[arg(value_enum, value_name = "KIND")]
    pub(crate) kind: PlotKind,

    #[command(flatten)]
    pub(crate) logs: LogArgs,

    /// The file to write, .svg or .png; for all, a folder, which is made where it is missing
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,

    /// Replace files that are there already
    #[arg(long)]
    pub(crate) overwrite: bool,

    /// The ground: light or dark
    #[arg(long, default_value = "light")]
    pub(crate) theme: Theme,

    /// For margins: draw this sample, with its logits where the log has them; give it again for
    /// several
    #[arg(long = "sample", value_name = "ID", allow_hyphen_values = true)]
    pub(crate) samples: Vec<String>,

    /// For histogram: a panel per pass, each with its own threshold
    #[arg(long)]
    pub(crate) per_pass: bool,

    /// For lowest: how many samples to show
    #[arg(long, value_name = "N", default_value_t = 40, value_parser = clap::value_parser!(u16).range(1..=400))]
    pub(crate) count: u16,

    /// For all: the format of the files
    #[arg(long, value_enum, default_value_t = ImageFormat::Svg)]
    pub(crate) image_format: ImageFormat,

    /// Leave out warnings, and what is said beside the results
    #[arg(short, long)]
    pub(crate) quiet: bool,

    #[command(flatten)]
    pub(crate) verdict: VerdictArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlotKind {
    /// How the AUMs of clean, mislabeled and threshold samples are distributed
    Histogram,
    /// Margins over the epochs: medians and bands, or single samples
    Margins,
    /// Precision over recall along the ranking by AUM and by the scores of others, with the points of
    /// several percentiles
    PrecisionRecall,
    /// Flagged share, precision, recall and F1 over the percentile
    Thresholds,
    /// Given against suggested class of the flagged samples
    Confusions,
    /// Rank against rank for two runs (or the two passes of one); correlations for more
    Compare,
    /// Precision, recall and final test error over the noise rates of several runs
    NoiseSweep,
    /// The samples with the lowest AUMs as pictures
    Lowest,
    /// Each of these that can be drawn
    All,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ImageFormat {
    /// Sharp at any size
    Svg,
    /// 1,600 pixels wide
    Png,
}
