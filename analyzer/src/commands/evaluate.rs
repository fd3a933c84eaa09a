//! `analyzer evaluate`: how well AUM finds the mislabeled samples.

use std::path::PathBuf;

use analyzer::{
    EvaluationSettings, Keep, RowParts, are_aum_tables, evaluation_report, sample_scores,
};
use clap::Args;
use program::{Word, words};

use crate::commands::command::{Command, Needs};
use crate::commands::options::logs::LogArgs;
use crate::commands::options::memory::MemoryArgs;
use crate::commands::options::output::{OutputArgs, Sink};
use crate::commands::options::verdict::{VerdictArgs, analyzed, borrowed};

const TABLES: &[Word<&str>] = &[
    ("metrics", "metrics", "The measures of all samples"),
    ("classes", "classes", "A row per given class"),
    (
        "pairs",
        "pairs",
        "A row per pair of a true and another given class",
    ),
    ("scores", "scores", "A row per score, with --scores"),
];

const EXAMPLES: &str = "\
Examples:
  How good are the verdicts on a run whose true labels are in the log?
    analyzer evaluate logs --run my-run

  How good are they class by class, for a spreadsheet?
    analyzer evaluate logs --run my-run --table classes -o by-class.csv

  Does AUM rank better than the statistics that others use?
    analyzer evaluate logs --run my-run --scores

  How good are they on the samples that experts have labelled again since?
    analyzer evaluate logs --true-labels experts.csv";

/// Measure how well AUM finds the mislabeled samples, where true labels are known.
///
/// Precision, recall and F1 of the flagged samples; AUROC, average precision and precision among
/// the samples with the lowest AUMs, which depend on no threshold; each with a 95 % interval:
/// Wilson's for shares, a bootstrap over the samples (up to 1,000 resamples of a fixed stream) for
/// F1, AUROC and average precision. Ties count as in scikit-learn. Then the same by given class, and
/// the recall for each pair of a true and a given class.
///
/// True labels are those of the logs, or those of the file of --true-labels. Samples that no pass judges,
/// and those without a known true label, are left out and counted.
///
/// --scores adds how well the statistics that others use rank the same samples (analyzer scores --help says
/// what they are). It is no default, since it reads the logits of every epoch: of 50,000 samples with 100
/// logits in 150 epochs that takes 10 s on two cores, and the rest 0.2 s.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct EvaluateArgs {
    #[command(flatten)]
    logs: LogArgs,

    /// Numbers of samples for precision at k, with commas between them
    #[arg(
        long,
        value_name = "K,K,…",
        value_delimiter = ',',
        default_value = "10,100,1000"
    )]
    at: Vec<usize>,

    /// How many pairs of true and given class to list, the most frequent first
    #[arg(long, value_name = "N", default_value_t = 10)]
    pairs: usize,

    /// Rank by the statistics that others use, too: AUROC, average precision, and precision among as many
    /// samples as are mislabeled
    #[arg(long, conflicts_with = "low_memory")]
    scores: bool,

    /// Which table -o and --format csv have
    #[arg(
        long,
        value_parser = words(TABLES),
        default_value = "metrics",
        requires_if("scores", "scores")
    )]
    table: &'static str,

    #[command(flatten)]
    memory: MemoryArgs,

    #[command(flatten)]
    verdict: VerdictArgs,

    #[command(flatten)]
    output: OutputArgs,
}

impl Command for EvaluateArgs {
    fn run(&self) -> anyhow::Result<()> {
        let sink = Sink::open(&self.output, &self.logs.logs)?;
        let logs = self.logs.read(keep(self, &sink.files)?, &sink)?;
        let verdict = self.verdict.settings();
        let analyses = analyzed(&logs, &verdict, &sink)?;
        let runs = borrowed(&analyses);
        let scores = match self.scores {
            true => sample_scores(&sink.files, &runs)?,
            false => Vec::new(),
        };
        let settings = EvaluationSettings {
            at: self.at.clone(),
            pairs: self.pairs,
        };
        let reports = runs.iter().enumerate().map(|(number, (log, analysis))| {
            let scores = scores.get(number).map(Vec::as_slice);
            let mut report = evaluation_report(log, analysis, scores, &verdict, &settings);
            report.tables.sort_by_key(|table| table.name != self.table); // stable: the others in their order
            report
        });
        sink.reports(&reports.collect::<Vec<_>>())
    }

    fn needs(&mut self) -> Option<Needs<'_>> {
        let needs = self.logs.needing(if self.scores {
            RowParts::Logits
        } else {
            RowParts::Margins
        });
        Some(needs.judged_by(&self.verdict))
    }

    fn output(&self) -> Option<&OutputArgs> {
        Some(&self.output)
    }
}

/// Scores need the margins of every epoch; AUM tables have none.
fn keep(args: &EvaluateArgs, files: &[PathBuf]) -> anyhow::Result<Keep> {
    if args.scores && !are_aum_tables(files) {
        return Ok(Keep::Margins);
    }
    args.memory.keep(&args.verdict.settings())
}
