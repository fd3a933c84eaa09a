//! `analyzer compare`: how far runs or passes agree, pair by pair.

use analyzer::{
    AumSettings, Cells, ComparedSample, Comparison, Ranking, Report, ReportTable, ResultTable,
    RunAnalysis, RunLog, Subject, compare, log_files, settings_used,
};
use anyhow::bail;

use crate::cli::{CompareArgs, CompareBy};

use super::input;
use super::output::Sink;

/// Two rankings by their names, and what they have in common.
struct Pair {
    names: [String; 2],
    found: Comparison,
}

pub(crate) fn run(args: &CompareArgs) -> anyhow::Result<()> {
    let files = log_files(&args.logs.logs)?;
    let sink = Sink::open(&args.output, &files)?;
    let keep = args.memory.keep(args.verdict.settings().epochs);
    let logs = input::read_keeping(keep, &args.logs, &files, &sink)?;
    let settings = args.verdict.settings();
    let analyses = input::analyzed(&logs, &settings, &sink)?;
    let rankings = rankings(&analyses, args.by);
    if rankings.len() < 2 {
        bail!(
            "there is nothing to compare {} with; give the logs of several runs, or of a run with several passes",
            rankings
                .first()
                .map_or("it", |ranking| ranking.name.as_str())
        );
    }
    let pairs = pairs(&rankings);
    sink.reports(&[report(&analyses, &settings, &pairs, args.disagreements)])
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
