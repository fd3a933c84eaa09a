//! The AUM table: one row per run and sample, with everything that was found about it. Ordered by
//! run, then by AUM and sample id; samples that no pass judges come last in their run.

use std::collections::BTreeSet;

use crate::analysis::run_analysis::RunAnalysis;
use crate::logs::run_log::RunLog;
use crate::results::tables::ResultTable;

/// The table of some runs, in their order. Beside the verdicts it has, of each pass that any of them has,
/// `aum_p1` (of threshold samples too), `threshold_sample_p1` and `threshold_p1`; a run without this pass,
/// or a sample that is not in it, has no value there.
pub fn aum_table(runs: &[(&RunLog, &RunAnalysis)]) -> ResultTable {
    let passes = runs.iter().flat_map(|(log, _)| &log.passes);
    let passes: BTreeSet<u32> = passes.map(|pass| pass.pass).collect();
    ResultTable::of_runs(
        runs.iter()
            .map(|(log, analysis)| (*log, table_of_run(log, analysis, &passes))),
    )
}

fn table_of_run(log: &RunLog, analysis: &RunAnalysis, passes: &BTreeSet<u32>) -> ResultTable {
    let samples = in_order(analysis);
    let each = || samples.iter().copied();
    let verdicts = || each().map(|sample| analysis.verdicts.get(sample));
    let mut table = ResultTable::new()
        .samples(log, each())
        .classes(
            "given_label",
            "Given label",
            each().map(|sample| log.given_labels[sample]),
        )
        .true_labels(&log.given_labels, &log.true_labels, each())
        .numbers(
            "judged_passes",
            "Judged passes",
            verdicts().map(|verdict| verdict.judged_passes),
        )
        .logits("aum", "AUM", verdicts().map(|verdict| verdict.aum));
    let known: Vec<(u32, Option<usize>)> = passes
        .iter()
        .map(|&number| {
            (
                number,
                log.passes.iter().position(|pass| pass.pass == number),
            )
        })
        .collect();
    for (number, at) in &known {
        let aum = |sample| at.and_then(|at| analysis.aums[at].aums[sample]);
        table = table.logits(
            &format!("aum_p{number}"),
            &format!("AUM {number}"),
            each().map(aum),
        );
    }
    for (number, at) in &known {
        let name = format!("threshold_sample_p{number}");
        let heading = format!("Threshold sample {number}");
        let is_threshold_sample = |sample: usize| {
            let pass = &log.passes[(*at)?];
            pass.assigned_labels[sample].map(|_| pass.is_threshold_sample[sample])
        };
        table = table.flags(&name, &heading, each().map(is_threshold_sample));
    }
    for (number, at) in &known {
        let threshold = at.and_then(|at| analysis.passes[at].threshold_aum());
        let (name, heading) = (
            format!("threshold_p{number}"),
            format!("Threshold {number}"),
        );
        let of_sample =
            |sample| threshold.map(|threshold| threshold + analysis.threshold_shift(sample));
        table = table.logits(&name, &heading, each().map(of_sample));
    }
    table.flags(
        "flagged",
        "Flagged",
        verdicts().map(|verdict| verdict.flagged),
    )
}

/// The judged samples by their ranking, then the others by id.
fn in_order(analysis: &RunAnalysis) -> Vec<usize> {
    let unjudged =
        (0..analysis.verdicts.len()).filter(|&sample| analysis.verdicts.get(sample).aum.is_none());
    analysis.ranking().iter().copied().chain(unjudged).collect()
}

#[cfg(test)]
mod tests {
    use logformat::SampleIds;
    use serde_json::json;

    use super::*;
    use crate::analysis::run_analysis::analyze;
    use crate::analysis::settings::AumSettings;
    use crate::logs::two_passes::two_passes;

    #[test]
    fn rows_are_ordered_by_aum_and_unjudged_samples_come_last() {
        let mut log = two_passes();
        log.passes.truncate(1);
        let analysis = analyze(&log, &AumSettings::default()).unwrap();
        let table = aum_table(&[(&log, &analysis)]);
        let rows = serde_json::to_value(&table).unwrap();
        let column = |name: &str| [0, 1, 2, 3].map(|row| rows[row][name].clone());
        assert_eq!(
            column("sample_id"),
            [1, 2, 0, 3].map(serde_json::Value::from)
        );
        assert_eq!(
            column("judged_passes"),
            [1, 1, 1, 0].map(serde_json::Value::from)
        );
        assert_eq!(
            column("aum"),
            [json!(-2.5), json!(1.5), json!(3.0), json!(null)]
        );
        assert_eq!(rows[3]["aum_p1"], -0.5);
        assert_eq!(rows[3]["threshold_sample_p1"], true);
    }

    #[test]
    fn runs_with_other_passes_and_text_ids_share_a_table() {
        let first = two_passes();
        let mut second = two_passes();
        second.run = None;
        second.sample_ids = SampleIds::Texts(["a", "b", "c", "d"].map(str::to_owned).to_vec());
        second.passes.remove(0);
        let settings = AumSettings::default();
        let analyses = [&first, &second].map(|log| analyze(log, &settings).unwrap());
        let table = aum_table(&[(&first, &analyses[0]), (&second, &analyses[1])]);
        assert_eq!(table.len(), 8);
        let rows = serde_json::to_value(&table).unwrap();
        assert_eq!([&rows[0]["sample_id"], &rows[4]["sample_id"]], ["1", "b"]);
        assert_eq!(rows[4]["aum_p1"], json!(null));
        assert_eq!(rows[4]["aum_p2"], -1.5);
    }

    #[test]
    fn a_row_is_an_object_with_every_column() {
        let log = two_passes();
        let analysis = analyze(&log, &AumSettings::default()).unwrap();
        let table = aum_table(&[(&log, &analysis)]);
        assert_eq!(
            serde_json::to_string(&table.row(0)).unwrap(),
            r#"{"run":"two-passes","sample_id":1,"given_label":0,"true_label":1,"judged_passes":2,"aum":-2.0,"aum_p1":-2.5,"aum_p2":-1.5,"threshold_sample_p1":false,"threshold_sample_p2":false,"threshold_p1":-0.5,"threshold_p2":-0.5,"flagged":true}"#
        );
    }
}
