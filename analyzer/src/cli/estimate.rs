//! The words of `analyzer estimate`.

use analyzer::{EstimateSettings, Percentile};
use clap::Args;

use super::shared::{LogArgs, MemoryArgs, OutputArgs, WindowArgs};

const EXAMPLES: &str = "\
Examples:
  How many labels of a data set are wrong, and what to expect of each percentile:
    analyzer estimate logs

  Write how probably each sample is mislabeled, for one run and two percentiles:
    analyzer estimate logs --run my-run --percentile 95 --percentile 99 -o probabilities.csv";

/// Estimate the noise rate, and the precision and recall to expect, without any known truth.
///
/// The threshold samples show how mislabeled samples behave. So the AUMs of the ordinary samples
/// are a mixture of theirs and of clean ones: the noise rate is the largest share of the threshold
/// samples' distribution that fits under that of the ordinary samples from the left (mixture
/// proportion estimation: Blanchard, Lee and Scott 2010; Scott 2015). How probably a sample is
/// mislabeled is that share times the ratio of the two densities, which falls as the AUM rises
/// (isotonic: Grenander 1956). The intervals hold 95 % of what other samples would give
/// (bootstrap), and nothing more.
///
/// All this is biased where mislabeled samples do not behave as threshold samples do. Too high:
/// the network underfits, so clean samples have AUMs as low as theirs. Too low, a lower bound: the
/// noise has a pattern that the network learns, as when each class is often given for one other
/// (the expected recall is then too high). Both leave no gap between threshold and clean samples.
///
/// Warned of are: no such gap; flagged samples of a class that have mostly one rival, or noise of
/// that kind named in the log; a pass that learned nothing; few threshold samples; passes whose
/// estimates are more than 10 percentage points apart. No warning is no proof.
///
/// The table of -o, and of --format csv, has a row per sample with its probability.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct EstimateArgs {
    #[command(flatten)]
    pub(crate) logs: LogArgs,

    #[command(flatten)]
    pub(crate) window: WindowArgs,

    #[command(flatten)]
    pub(crate) memory: MemoryArgs,

    /// Percentiles to estimate precision and recall for, in percent; give it again for several
    /// [default: 90 to 100]
    #[arg(long = "percentile", value_name = "P", allow_negative_numbers = true)]
    percentiles: Vec<Percentile>,

    /// How many times to draw the samples anew for the intervals
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u32).range(20..=100_000))]
    resamples: u32,

    /// Seed of these draws
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    seed: u64,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

impl EstimateArgs {
    pub(crate) fn settings(&self) -> EstimateSettings {
        let by_default = || (90..=100).filter_map(|p| Percentile::new(f64::from(p)).ok());
        EstimateSettings {
            percentiles: if self.percentiles.is_empty() {
                by_default().collect()
            } else {
                self.percentiles.clone()
            },
            resamples: self.resamples,
            seed: self.seed,
        }
    }
}
