//! `analyzer compare`: how far runs or passes agree, pair by pair.

use analyzer::{Ranking, RowParts, RunAnalysis, RunLog, comparison_report};
use anyhow::bail;
use clap::Args;

use crate::commands::command::{Command, Needs};
use crate::commands::options::logs::LogArgs;
use crate::commands::options::memory::MemoryArgs;
use crate::commands::options::output::{OutputArgs, Sink};
use crate::commands::options::verdict::{VerdictArgs, analyzed, borrowed};

const EXAMPLES: &str = "\
Examples:
  How far three seeds agree on which samples are suspicious:
    analyzer compare logs --run seed0 --run seed1 --run seed2

  Compare the passes of one run, and write the correlations to a file:
    analyzer compare logs --run my-run --by pass -o agreement.csv";

/// Compare the AUM rankings of runs (networks, seeds) or of the passes of a run.
///
/// For each pair: Spearman's and Kendall's (τ-b) correlation of the AUMs, how many samples each
/// flags and both flag, the overlap of the flagged sets (both of either: Jaccard), and the samples
/// whose ranks differ most. Compared are samples that both judge and that carry the same given
/// label in both; the others are counted. Runs that find the same samples with other weights and
/// other threshold samples are a sign that the result does not hang on chance.
///
/// The table of -o, and of --format csv, has a row per pair.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct CompareArgs {
    #[command(flatten)]
    logs: LogArgs,

    /// What to compare [default: the runs, or the passes where there is one run]
    #[arg(long, value_enum)]
    by: Option<CompareBy>,

    /// How many of the samples with the largest difference of ranks to list for each pair
    #[arg(long, value_name = "N", default_value_t = 5)]
    disagreements: usize,

    #[command(flatten)]
    memory: MemoryArgs,

    #[command(flatten)]
    verdict: VerdictArgs,

    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum CompareBy {
    /// The runs, each over all its passes
    Run,
    /// The passes of all runs, each by itself
    Pass,
}

impl Command for CompareArgs {
    fn run(&self) -> anyhow::Result<()> {
        let sink = Sink::open(&self.output, &self.logs.logs)?;
        let settings = self.verdict.settings();
        let logs = self.logs.read(self.memory.keep(&settings)?, &sink)?;
        let analyses = analyzed(&logs, &settings, &sink)?;
        let runs = borrowed(&analyses);
        let rankings = rankings(&runs, self.by);
        if rankings.len() < 2 {
            bail!(
                "there is nothing to compare {} with; give the logs of several runs, or of a run with several passes",
                rankings
                    .first()
                    .map_or("it", |ranking| ranking.name.as_str())
            );
        }
        sink.reports(&[comparison_report(
            &runs,
            &rankings,
            &settings,
            self.disagreements,
        )])
    }

    fn needs(&mut self) -> Option<Needs<'_>> {
        let needs = self.logs.needing(RowParts::Margins);
        Some(needs.judged_by(&self.verdict))
    }

    fn output(&self) -> Option<&OutputArgs> {
        Some(&self.output)
    }
}

fn rankings<'a>(runs: &[(&'a RunLog, &RunAnalysis)], by: Option<CompareBy>) -> Vec<Ranking<'a>> {
    let by_pass = match by {
        Some(by) => by == CompareBy::Pass,
        None => runs.len() == 1,
    };
    let runs = runs.iter();
    if by_pass {
        let passes = runs.flat_map(|(log, found)| Ranking::of_passes(log, found));
        return passes.collect();
    }
    let runs = runs.map(|(log, found)| Ranking::of_run(log, found));
    runs.collect()
}
