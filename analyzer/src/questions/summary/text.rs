//! How a summary looks to people: a heading per run, the settings, a table of the passes, what was
//! found, and the samples with the lowest AUMs.

use crate::analysis::protocol_difference::ProtocolDifference;
use crate::logs::run_log::UNNAMED_RUN;
use crate::questions::summary::run_summary::{EvaluationSummary, RunSummary};
use crate::results::findings::render_settings;
use crate::results::tables::text::render_table;
use crate::results::text::{
    INDENT, NONE, columns, grouped, number, percent, printable, ratio, row,
};

/// The summaries one after the other, each line ended.
pub fn render_summaries(summaries: &[RunSummary]) -> String {
    let texts: Vec<String> = summaries.iter().map(render).collect();
    texts.join("\n")
}

fn render(summary: &RunSummary) -> String {
    let title = printable(summary.run.as_deref().unwrap_or(UNNAMED_RUN));
    let mut blocks = vec![
        format!("Run {title}\n"),
        render_settings(&summary.settings),
        passes(summary),
    ];
    let result = result(summary);
    if !result.is_empty() {
        blocks.push(columns(&result, &[]));
    }
    let notes = summary.notes.iter();
    blocks.extend(notes.map(|note| format!("{INDENT}Note: {}\n", printable(note))));
    if let Some(by_class) = &summary.by_class {
        blocks.push(format!("{INDENT}By given class:\n"));
        blocks.push(render_table(by_class, &summary.class_names));
    }
    if !summary.lowest.is_empty() {
        blocks.push(lowest(summary));
    }
    blocks.join("\n")
}

fn passes(summary: &RunSummary) -> String {
    let mut rows = vec![row([
        "Pass",
        "Threshold samples",
        "AUM threshold",
        "Judged",
        "Flagged",
    ])];
    rows.extend(summary.passes.iter().map(|pass| {
        row([
            &pass.pass.to_string(),
            &grouped(pass.threshold_samples),
            &number(pass.threshold_aum()),
            &grouped(pass.judged),
            &pass.flagged.map_or_else(|| NONE.to_owned(), grouped),
        ])
    }));
    columns(&rows, &[0, 1, 2, 3, 4])
}

fn result(summary: &RunSummary) -> Vec<Vec<String>> {
    let Some(flagged) = summary.flagged else {
        return Vec::new();
    };
    let mut rows = vec![row([
        "Flagged",
        &percent(summary.flagged_share),
        &format!(
            "{} of {} judged samples",
            grouped(flagged),
            grouped(summary.judged)
        ),
    ])];
    if let Some(evaluation) = &summary.evaluation {
        rows.extend(evaluation_rows(evaluation));
    }
    rows.extend(summary.other_protocols.iter().map(differing));
    rows
}

fn differing(other: &ProtocolDifference) -> Vec<String> {
    let by = match (other.more, other.fewer) {
        (0, 0) => String::new(),
        (more, fewer) => format!(
            ": {} more and {} fewer would be flagged",
            grouped(more),
            grouped(fewer)
        ),
    };
    row([
        "Differing",
        &grouped(other.more + other.fewer),
        &format!("verdicts under the protocol {}{by}", other.protocol),
    ])
}

fn evaluation_rows(evaluation: &EvaluationSummary) -> Vec<Vec<String>> {
    let of = |part: usize, whole: usize, what: &str| {
        format!("{} of {} {what}", grouped(part), grouped(whole))
    };
    let found = evaluation.flagged_mislabeled;
    let left_out = match evaluation.without_true_label {
        0 => String::new(),
        count => format!(" ({} without are left out)", grouped(count)),
    };
    vec![
        row([
            "Mislabeled",
            &percent(evaluation.mislabeled_share),
            &format!(
                "{}{left_out}",
                of(
                    evaluation.mislabeled,
                    evaluation.evaluated,
                    "judged samples with a known true label"
                )
            ),
        ]),
        row([
            "Precision",
            &ratio(evaluation.precision),
            &of(found, evaluation.flagged, "flagged samples are mislabeled"),
        ]),
        row([
            "Recall",
            &ratio(evaluation.recall),
            &of(
                found,
                evaluation.mislabeled,
                "mislabeled samples are flagged",
            ),
        ]),
        row([
            "F1",
            &ratio(evaluation.f1),
            "harmonic mean of precision and recall",
        ]),
    ]
}

fn lowest(summary: &RunSummary) -> String {
    let heading = match (summary.lowest.len(), summary.ranked_by) {
        (count, Some(ranked_by)) => {
            format!("The first {count} by {ranked_by}, the most suspicious samples first:")
        }
        (1, None) => "The lowest AUM, the most suspicious sample:".to_owned(),
        (count, None) => format!("The {count} lowest AUMs, the most suspicious samples first:"),
    };
    let table = render_table(&summary.lowest, &summary.class_names);
    format!("{INDENT}{heading}\n\n{table}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::run_analysis::analyze;
    use crate::analysis::settings::AumSettings;
    use crate::logs::two_passes::two_passes;

    #[test]
    fn a_stranger_can_read_the_summary() {
        let mut log = two_passes();
        log.class_names = vec!["cat".to_owned(), "dog".to_owned()];
        let settings = AumSettings::default();
        let analysis = analyze(&log, &settings).unwrap();
        let summary = RunSummary::new(&log, &analysis, &settings, 2);
        let expected = "\
Run two-passes

  Samples     4 in 2 classes
  Passes      2, from 6 files
  Epochs      1 to 3 recorded, 2 to 3 used (the default: all but the first)
  Percentile  99 of the threshold samples' AUMs
  Protocol    authors-code: below the percentile's rank, first epoch left out, every judging pass must flag

  Pass  Threshold samples  AUM threshold  Judged  Flagged
     1                  1         -0.500       3        1
     2                  1         -0.500       3        1

  Flagged     25.0 %  1 of 4 judged samples
  Mislabeled  33.3 %  1 of 3 judged samples with a known true label (1 without are left out)
  Precision   1.000   1 of 1 flagged samples are mislabeled
  Recall      1.000   1 of 1 mislabeled samples are flagged
  F1          1.000   harmonic mean of precision and recall

  The 2 lowest AUMs, the most suspicious samples first:

  Sample     AUM  Flagged  Given label  True label
       1  -2.000  yes      cat          dog
       2   1.500  no       cat          cat
";
        assert_eq!(render_summaries(&[summary]), expected);
    }
}
