//! `analyzer estimate`: what can be said of a run without any known truth.

use analyzer::{
    AumSettings, Cells, Estimate, EstimateSettings, Estimated, Report, ReportTable, ResultTable,
    RunAnalysis, RunLog, SMALLEST_SOUND_GAP, Setting, Subject, analyze, estimate, log_files,
    settings_used,
};
use serde_json::json;

use super::input;
use super::judged_samples::judged_samples;
use super::output::Sink;
use crate::cli::EstimateArgs;

pub(crate) fn run(args: &EstimateArgs) -> anyhow::Result<()> {
    let files = log_files(&args.logs.logs)?;
    let sink = Sink::open(&args.output, &files)?;
    let keep = args.memory.keep(args.window.epochs());
    let logs = input::read_keeping(keep, &args.logs, &files, &sink)?;
    let settings = args.settings();
    let window = AumSettings {
        epochs: args.window.epochs(),
        ..AumSettings::default()
    };
    let mut reports = Vec::new();
    let mut tables = Vec::new();
    for log in &logs.runs {
        let analysis = analyze(log, &window)?;
        let found = estimate(log, &analysis, &settings).ok_or_else(|| {
            anyhow::anyhow!(
                "run {}: there are no threshold samples to compare the others with; record with threshold samples, or leave the run out (--run)",
                log.title()
            )
        })?;
        sink.warn(warnings(log, &found));
        reports.push(report(log, &analysis, &settings, &found));
        tables.push((log, probability_table(log, &analysis, &found)));
    }
    let text = || {
        let texts: Vec<String> = reports.iter().map(Report::render).collect();
        texts.join("\n")
    };
    sink.results(text, &reports, || {
        ResultTable::of_runs(
            tables
                .iter()
                .map(|(log, table)| (log.run.as_deref(), table)),
        )
    })
}

fn report(
    log: &RunLog,
    analysis: &RunAnalysis,
    settings: &EstimateSettings,
    found: &Estimate,
) -> Report {
    let mut used = settings_used(log, analysis.window, None);
    used.push(Setting {
        key: "resamples",
        value: json!({ "count": settings.resamples, "seed": settings.seed }),
        label: "Intervals",
        text: format!(
            "95 %, from {} draws with seed {}",
            settings.resamples, settings.seed
        ),
    });
    Report {
        subject: Subject::Run(log.run.clone()),
        settings: used,
        tables: vec![
            ReportTable {
                name: "noise_rate",
                caption: "The estimated share of mislabeled samples:".to_owned(),
                table: noise_table(log, found),
            },
            ReportTable {
                name: "passes",
                caption: "By pass (a gap below 0.5 makes the estimate doubtful):".to_owned(),
                table: pass_table(found),
            },
            ReportTable {
                name: "rules",
                caption: "What to expect of each percentile, and (posterior) of a probability of 0.5 or more:".to_owned(),
                table: rule_table(found),
            },
        ],
        notes: notes(found),
        class_names: log.class_names.clone(),
    }
}

fn notes(found: &Estimate) -> Vec<String> {
    let assumption = "the intervals tell of chance alone; the estimates hold where mislabeled samples have the AUMs of threshold samples (see --help)";
    disagreement(found)
        .into_iter()
        .chain([assumption.to_owned()])
        .collect()
}

/// What to say where passes contradict each other, so that their mean does not stand alone.
fn disagreement(found: &Estimate) -> Option<String> {
    let [lowest, highest] = found.disagreement()?;
    Some(format!(
        "the passes do not agree: {:.1} % in pass {} and {:.1} % in pass {}, of the same labels, so do not rely on their mean; probably one underfits (look at the gaps): choose the others with --pass",
        100.0 * lowest.noise_rate,
        lowest.pass,
        100.0 * highest.noise_rate,
        highest.pass
    ))
}

fn noise_table(log: &RunLog, found: &Estimate) -> ResultTable {
    let table = with_interval(
        ResultTable::new(),
        "noise_rate",
        "Noise rate",
        &[found.noise_rate],
        Cells::shares,
    );
    let (mut mislabeled, mut known) = (0_u32, 0_u32);
    for (given, truth) in log.given_labels.iter().zip(&log.true_labels) {
        if let (Some(given), Some(truth)) = (given, truth) {
            mislabeled += u32::from(given != truth);
            known += 1;
        }
    }
    if known == 0 {
        return table;
    }
    let share = f64::from(mislabeled) / f64::from(known);
    table.with(
        "true_noise_rate",
        "By the true labels",
        Cells::shares([Some(share)]),
    )
}

fn pass_table(found: &Estimate) -> ResultTable {
    let passes = || found.passes.iter();
    ResultTable::new()
        .with(
            "pass",
            "Pass",
            Cells::numbers(passes().map(|pass| pass.pass)),
        )
        .with(
            "threshold_samples",
            "Threshold samples",
            Cells::counts(passes().map(|pass| Some(pass.threshold_samples))),
        )
        .with(
            "noise_rate",
            "Noise rate",
            Cells::shares(passes().map(|pass| Some(pass.noise_rate))),
        )
        .with(
            "posterior_threshold",
            "AUM of probability 0.5",
            Cells::logits(passes().map(|pass| pass.threshold)),
        )
        .with("gap", "Gap", Cells::ratios(passes().map(|pass| pass.gap)))
}

fn rule_table(found: &Estimate) -> ResultTable {
    let rules = || found.rules.iter();
    let name = rules().map(|rule| match rule.percentile {
        Some(percentile) => percentile.to_string(),
        None => "posterior".to_owned(),
    });
    let table = ResultTable::new()
        .with("rule", "Percentile", Cells::texts(name))
        .with(
            "flagged",
            "Flagged",
            Cells::counts(rules().map(|rule| Some(rule.flagged))),
        );
    let precisions: Vec<Estimated> = rules().map(|rule| rule.precision).collect();
    let recalls: Vec<Estimated> = rules().map(|rule| rule.recall).collect();
    let table = with_interval(table, "precision", "Precision", &precisions, Cells::ratios);
    with_interval(table, "recall", "Recall", &recalls, Cells::ratios)
}

/// Three columns: the estimate, and the two ends of its interval.
fn with_interval(
    table: ResultTable,
    name: &str,
    heading: &str,
    estimates: &[Estimated],
    cells: fn(Vec<Option<f64>>) -> Cells,
) -> ResultTable {
    let column = |end: fn(&Estimated) -> Option<f64>| cells(estimates.iter().map(end).collect());
    table
        .with(name, heading, column(|found| found.estimate))
        .with(
            format!("{name}_low"),
            "from",
            column(|found| found.interval.map(|interval| interval.low)),
        )
        .with(
            format!("{name}_high"),
            "to",
            column(|found| found.interval.map(|interval| interval.high)),
        )
}

/// A row per judged sample, the most suspicious first.
fn probability_table(log: &RunLog, analysis: &RunAnalysis, found: &Estimate) -> ResultTable {
    let samples = || analysis.ranking.iter().copied();
    judged_samples(log, analysis)
        .with(
            "aum",
            "AUM",
            Cells::logits(samples().map(|sample| analysis.verdicts[sample].aum)),
        )
        .with(
            "probability_mislabeled",
            "Probability",
            Cells::ratios(samples().map(|sample| found.probabilities[sample])),
        )
}

fn warnings(log: &RunLog, found: &Estimate) -> Vec<String> {
    let doubtful = found
        .passes
        .iter()
        .filter(|pass| pass.gap.is_none_or(|gap| gap < SMALLEST_SOUND_GAP));
    let warning = |pass: &analyzer::PassEstimate| {
        format!(
            "run {}, pass {}: there is no clear gap between the AUMs of the threshold samples and of those that would be clean, so this estimate may be far off: too high where the network underfits (train it longer, or with a higher learning rate), too low where the noise has a pattern that it learns",
            log.title(),
            pass.pass
        )
    };
    let disagreement = disagreement(found);
    let disagreement = disagreement.map(|text| format!("run {}: {text}", log.title()));
    doubtful.map(warning).chain(disagreement).collect()
}
