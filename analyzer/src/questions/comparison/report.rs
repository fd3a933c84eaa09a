//! How far runs or passes agree, as a report: a row per pair, and the samples on which each pair disagrees
//! most.

use crate::analysis::run_analysis::RunAnalysis;
use crate::analysis::settings::AumSettings;
use crate::analysis::settings_used::settings_used;
use crate::logs::run_log::RunLog;
use crate::questions::comparison::agreement::{ComparedSample, Comparison, Ranking, compare};
use crate::results::findings::{Report, ReportTable, Subject, WINDOW};
use crate::results::tables::ResultTable;
use crate::rules::evaluation::known_class;

/// Two rankings by their names, and what they have in common.
struct Pair<'a> {
    names: [String; 2],
    /// Of the first.
    log: &'a RunLog,
    found: Comparison,
}

fn pairs<'a>(rankings: &[Ranking<'a>]) -> Vec<Pair<'a>> {
    let mut pairs = Vec::new();
    for (at, first) in rankings.iter().enumerate() {
        for second in &rankings[at + 1..] {
            pairs.push(Pair {
                names: [first.name.clone(), second.name.clone()],
                log: first.log,
                found: compare(first, second),
            });
        }
    }
    pairs
}

/// The comparison of each pair of `rankings`, of some of `runs`, with at most so many `disagreements` each.
pub fn comparison_report(
    runs: &[(&RunLog, &RunAnalysis)],
    rankings: &[Ranking<'_>],
    settings: &AumSettings,
    disagreements: usize,
) -> Report {
    let pairs = &pairs(rankings)[..];
    let (log, analysis) = runs[0];
    // Of what the settings say, only the rules of the verdict are the same for all runs.
    let all = settings_used(log, analysis.window, Some(settings));
    let common = all
        .into_iter()
        .skip_while(|setting| setting.key != "epochs");
    let one_window = runs
        .iter()
        .all(|(_, other)| other.window == analysis.window);
    let common = common.filter(|setting| one_window || !["epochs", WINDOW].contains(&setting.key));
    Report {
        subject: Subject::Other(heading(pairs)),
        settings: common.collect(),
        tables: vec![
            ReportTable::new(
                "pairs",
                "Each pair, over the samples that both judge:",
                pair_table(pairs),
            ),
            ReportTable::new(
                "disagreements",
                "Where the ranks (1 is the lowest AUM) differ most:",
                disagreement_table(pairs, disagreements),
            ),
        ],
        notes: notes(pairs),
        class_names: class_names(runs),
    }
}

fn heading(pairs: &[Pair<'_>]) -> String {
    match pairs {
        [pair] => format!("{} and {}", pair.names[0], pair.names[1]),
        pairs => format!("Comparison of {} pairs", pairs.len()),
    }
}

/// The names of the classes, where all runs agree on them.
fn class_names(runs: &[(&RunLog, &RunAnalysis)]) -> Vec<String> {
    let names = &runs[0].0.class_names;
    let same = runs.iter().all(|(log, _)| log.class_names == *names);
    if same { names.clone() } else { Vec::new() }
}

fn pair_table(pairs: &[Pair<'_>]) -> ResultTable {
    let found = || pairs.iter().map(|pair| &pair.found);
    named(ResultTable::new(), pairs.iter())
        .counts("compared", "Compared", found().map(|c| c.compared))
        .ratios("spearman", "Spearman", found().map(|c| c.spearman))
        .ratios("kendall", "Kendall", found().map(|c| c.kendall))
        .counts(
            "flagged_first",
            "First flags",
            found().map(|c| c.flagged_first),
        )
        .counts(
            "flagged_second",
            "Second flags",
            found().map(|c| c.flagged_second),
        )
        .counts("flagged_both", "Both flag", found().map(|c| c.flagged_both))
        .ratios("jaccard", "Overlap", found().map(Comparison::jaccard))
}

/// What is compared.
fn named<'a>(table: ResultTable, pairs: impl Iterator<Item = &'a Pair<'a>> + Clone) -> ResultTable {
    let first = pairs.clone().map(|pair| &*pair.names[0]);
    let second = pairs.map(|pair| &*pair.names[1]);
    table
        .texts("first", "First", first)
        .texts("second", "Second", second)
}

fn disagreement_table(pairs: &[Pair<'_>], most: usize) -> ResultTable {
    let truth_known = pairs.iter().any(|pair| {
        let mut shown = pair.found.samples.iter().take(most);
        shown.any(|sample| sample.rank_difference() > 0 && sample.true_label.is_some())
    });
    let mut all = ResultTable::new();
    for pair in pairs {
        let samples = pair.found.samples.iter().take(most);
        let samples: Vec<&ComparedSample> = samples
            .filter(|sample| sample.rank_difference() > 0)
            .collect();
        let mut table = ResultTable::new();
        // With one pair, both names stand right above.
        if pairs.len() > 1 {
            table = named(table, samples.iter().map(|_| pair));
        }
        all.append(disagreements(table, pair.log, &samples, truth_known));
    }
    all
}

fn disagreements(
    table: ResultTable,
    log: &RunLog,
    samples: &[&ComparedSample],
    truth_known: bool,
) -> ResultTable {
    let samples = || samples.iter();
    let mut table = table.samples(log, samples().map(|s| s.sample)).classes(
        "given_label",
        "Given label",
        samples().map(|s| s.given_label),
    );
    if truth_known {
        table = table.classes(
            "true_label",
            "True label",
            samples().map(|s| known_class(s.true_label)),
        );
    }
    for (side, name) in [(0, "first"), (1, "second")] {
        table = table
            .logits(
                &format!("aum_{name}"),
                &format!("AUM ({name})"),
                samples().map(|s| s.aums[side]),
            )
            .numbers(
                &format!("rank_{name}"),
                &format!("Rank ({name})"),
                samples().map(|s| s.ranks[side]),
            )
            .flags(
                &format!("flagged_{name}"),
                &format!("Flagged ({name})"),
                samples().map(|s| s.flagged[side]),
            );
    }
    table
}

fn notes(pairs: &[Pair<'_>]) -> Vec<String> {
    let mut notes = Vec::new();
    for Pair { names, found, .. } in pairs {
        let [first, second] = names;
        if found.compared == 0 {
            notes.push(format!(
                "{first} and {second} have no judged sample with the same id and given label in common"
            ));
        }
        if found.by_own_ids {
            notes.push(format!(
                "samples of {first} and {second} are paired by your ids, since they have other ids in the two logs; {first}'s are shown"
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
