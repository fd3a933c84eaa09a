//! `analyzer compare`: how far runs or passes agree, pair by pair.

use analyzer::{
    AumSettings, Cells, ComparedSample, Comparison, Ranking, Report, ReportTable, ResultTable,
    RunAnalysis, RunLog, Subject, compare, settings_used,
};
use anyhow::bail;
use clap::Args;

use crate::commands::command::{Command, Needs};
use crate::commands::options::logs::{LogArgs, MARGINS};
use crate::commands::options::memory::MemoryArgs;
use crate::commands::options::output::{OutputArgs, Sink};
use crate::commands::options::verdict::{VerdictArgs, analyzed};

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

/// Two rankings by their names, and what they have in common.
struct Pair {
    names: [String; 2],
    found: Comparison,
}

impl Command for CompareArgs {
    fn run(&self) -> anyhow::Result<()> {
        let sink = Sink::open(&self.output, &self.logs.logs)?;
        let keep = self.memory.keep(self.verdict.settings().epochs);
        let logs = self.logs.read(keep, &sink)?;
        let settings = self.verdict.settings();
        let analyses = analyzed(&logs, &settings, &sink)?;
        let rankings = rankings(&analyses, self.by);
        if rankings.len() < 2 {
            bail!(
                "there is nothing to compare {} with; give the logs of several runs, or of a run with several passes",
                rankings
                    .first()
                    .map_or("it", |ranking| ranking.name.as_str())
            );
        }
        let pairs = pairs(&rankings);
        sink.reports(&[report(&analyses, &settings, &pairs, self.disagreements)])
    }

    fn needs(&mut self) -> Option<Needs<'_>> {
        Some(self.logs.needing(MARGINS))
    }

    fn output(&self) -> Option<&OutputArgs> {
        Some(&self.output)
    }
}

fn rankings<'a>(
    analyses: &'a [(&'a RunLog, RunAnalysis)],
    by: Option<CompareBy>,
) -> Vec<Ranking<'a>> {
    let by_pass = match by {
        Some(by) => by == CompareBy::Pass,
        None => analyses.len() == 1,
    };
    let analyses = analyses.iter();
    if by_pass {
        let passes = analyses.flat_map(|(log, found)| Ranking::of_passes(log, found));
        return passes.collect();
    }
    let runs = analyses.map(|(log, found)| Ranking::of_run(log, found));
    runs.collect()
}

fn pairs(rankings: &[Ranking<'_>]) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for (at, first) in rankings.iter().enumerate() {
        for second in &rankings[at + 1..] {
            pairs.push(Pair {
                names: [first.name.clone(), second.name.clone()],
                found: compare(first, second),
            });
        }
    }
    pairs
}

fn report(
    analyses: &[(&RunLog, RunAnalysis)],
    settings: &AumSettings,
    pairs: &[Pair],
    disagreements: usize,
) -> Report {
    let (log, analysis) = &analyses[0];
    // Of what the settings say, only the rules of the verdict are the same for all runs.
    let all = settings_used(log, analysis.window, Some(settings));
    let common = all
        .into_iter()
        .skip_while(|setting| setting.key != "epochs");
    let one_window = analyses
        .iter()
        .all(|(_, other)| other.window == analysis.window);
    let common = common.filter(|setting| one_window || setting.key != "epochs");
    Report {
        subject: Subject::Other(heading(pairs)),
        settings: common.collect(),
        tables: vec![
            ReportTable {
                name: "pairs",
                caption: "Each pair, over the samples that both judge:".to_owned(),
                table: pair_table(pairs),
            },
            ReportTable {
                name: "disagreements",
                caption: "Where the ranks (1 is the lowest AUM) differ most:".to_owned(),
                table: disagreement_table(pairs, disagreements),
            },
        ],
        notes: notes(pairs),
        class_names: class_names(analyses),
    }
}

fn heading(pairs: &[Pair]) -> String {
    match pairs {
        [pair] => format!("{} and {}", pair.names[0], pair.names[1]),
        pairs => format!("Comparison of {} pairs", pairs.len()),
    }
}

/// The names of the classes, where all runs agree on them.
fn class_names(analyses: &[(&RunLog, RunAnalysis)]) -> Vec<String> {
    let names = &analyses[0].0.class_names;
    let same = analyses.iter().all(|(log, _)| log.class_names == *names);
    if same { names.clone() } else { Vec::new() }
}

fn pair_table(pairs: &[Pair]) -> ResultTable {
    let found = || pairs.iter().map(|pair| &pair.found);
    let name = |side: usize| Cells::texts(pairs.iter().map(|pair| pair.names[side].as_str()));
    ResultTable::new()
        .with("first", "First", name(0))
        .with("second", "Second", name(1))
        .with(
            "compared",
            "Compared",
            Cells::counts(found().map(|c| Some(c.compared))),
        )
        .with(
            "spearman",
            "Spearman",
            Cells::ratios(found().map(|c| c.spearman)),
        )
        .with(
            "kendall",
            "Kendall",
            Cells::ratios(found().map(|c| c.kendall)),
        )
        .with(
            "flagged_first",
            "First flags",
            Cells::counts(found().map(|c| c.flagged_first)),
        )
        .with(
            "flagged_second",
            "Second flags",
            Cells::counts(found().map(|c| c.flagged_second)),
        )
        .with(
            "flagged_both",
            "Both flag",
            Cells::counts(found().map(|c| c.flagged_both)),
        )
        .with(
            "jaccard",
            "Overlap",
            Cells::ratios(found().map(Comparison::jaccard)),
        )
}

fn disagreement_table(pairs: &[Pair], most: usize) -> ResultTable {
    let rows: Vec<(&Pair, &ComparedSample)> = pairs
        .iter()
        .flat_map(|pair| {
            let samples = pair.found.samples.iter().take(most);
            samples.map(move |sample| (pair, sample))
        })
        .filter(|(_, sample)| sample.rank_difference() > 0)
        .collect();
    let name = |side: usize| Cells::texts(rows.iter().map(|(pair, _)| pair.names[side].as_str()));
    let samples = || rows.iter().map(|(_, sample)| sample);
    let mut table = ResultTable::new();
    // With one pair, both names stand right above.
    if pairs.len() > 1 {
        table = table
            .with("first", "First", name(0))
            .with("second", "Second", name(1));
    }
    table = table
        .with(
            "sample_id",
            "Sample",
            Cells::ids(samples().map(|s| s.sample_id.clone())),
        )
        .with(
            "given_label",
            "Given label",
            Cells::classes(samples().map(|s| s.given_label)),
        );
    if samples().any(|sample| sample.true_label.is_some()) {
        let labels = Cells::classes(samples().map(|s| s.true_label));
        table = table.with("true_label", "True label", labels);
    }
    for (side, name, heading) in [(0, "first", "first"), (1, "second", "second")] {
        table = table
            .with(
                format!("aum_{name}"),
                format!("AUM ({heading})"),
                Cells::logits(samples().map(|s| Some(s.aums[side]))),
            )
            .with(
                format!("rank_{name}"),
                format!("Rank ({heading})"),
                Cells::numbers(samples().map(|s| s.ranks[side])),
            )
            .with(
                format!("flagged_{name}"),
                format!("Flagged ({heading})"),
                Cells::Flags(samples().map(|s| s.flagged[side]).collect()),
            );
    }
    table
}

fn notes(pairs: &[Pair]) -> Vec<String> {
    let mut notes = Vec::new();
    for Pair { names, found } in pairs {
        let [first, second] = names;
        if found.compared == 0 {
            notes.push(format!(
                "{first} and {second} have no judged sample with the same id and given label in common"
            ));
        }
        if found.other_label > 0 {
            notes.push(format!(
                "{first} and {second} give {} samples another label each; these are left out, since an AUM is that of a label",
                found.other_label
            ));
        }
        if found.only_first + found.only_second > 0 {
            notes.push(format!(
                "{first} judges {} samples that {second} does not, and {second} {} that {first} does not",
                found.only_first, found.only_second
            ));
        }
    }
    notes
}
