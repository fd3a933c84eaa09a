//! The AUM table: one row per run and sample, with everything that was found about it. Ordered by
//! run, then by AUM and sample id; samples that no pass judges come last in their run.

use std::sync::Arc;

use logformat::SampleIds;

use crate::analysis::judgement::PassJudgement;
use crate::analysis::run_analysis::RunAnalysis;
use crate::logs::run_log::{PassLog, RunLog};
use crate::results::tables::ResultTable;
use crate::results::tables::cells::Cells;
use crate::rules::verdict::PassAums;

/// The table, column by column; all columns have the same length.
#[derive(Debug, Clone, PartialEq)]
pub struct AumTable {
    /// The name of the run; `None` for the unnamed one.
    pub runs: Vec<Option<Arc<str>>>,
    /// The samples: integers, or texts as soon as one run has texts.
    pub sample_ids: SampleIds,
    /// The class that the data set carries, where known.
    pub given_labels: Vec<Option<u32>>,
    /// The class known to be right, where known.
    pub true_labels: Vec<Option<u32>>,
    /// How many passes judge the sample.
    pub judged_passes: Vec<u32>,
    /// The mean AUM over these passes, in logit units.
    pub aums: Vec<Option<f64>>,
    /// Whether every pass that judges the sample flags it.
    pub flagged: Vec<Option<bool>>,
    /// What each pass says, ascending; all passes that any run has.
    pub passes: Vec<PassColumns>,
}

/// The columns of one pass. A row of a run without this pass has `None` in all of them.
#[derive(Debug, Clone, PartialEq)]
pub struct PassColumns {
    /// 1-based.
    pub pass: u32,
    /// The AUM in this pass, in logit units, threshold samples included.
    pub aums: Vec<Option<f64>>,
    /// Whether the sample serves as a threshold sample in this pass; `None` where it is not in it.
    pub is_threshold_sample: Vec<Option<bool>>,
    /// The AUM threshold of this pass.
    pub thresholds: Vec<Option<f64>>,
}

impl AumTable {
    /// The table of some runs, in their order.
    pub fn new(runs: &[(&RunLog, &RunAnalysis)]) -> Self {
        let mut table = Self::empty(runs);
        for (log, analysis) in runs {
            let rows = row_order(analysis);
            let name = log.run.as_deref().map(Arc::from);
            table.runs.extend(rows.iter().map(|_| name.clone()));
            table
                .given_labels
                .extend(rows.iter().map(|&row| log.given_labels[row]));
            table
                .true_labels
                .extend(rows.iter().map(|&row| log.true_labels[row]));
            for &row in &rows {
                let verdict = analysis.verdicts.get(row);
                table.judged_passes.push(verdict.judged_passes);
                table.aums.push(verdict.aum);
                table.flagged.push(verdict.flagged);
            }
            extend_ids(&mut table.sample_ids, &log.sample_ids, &rows);
            for columns in &mut table.passes {
                let at = log.passes.iter().position(|pass| pass.pass == columns.pass);
                let pass = at.map(|at| (&log.passes[at], &analysis.aums[at], &analysis.passes[at]));
                columns.extend(pass, &rows);
            }
        }
        table
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.runs.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// The columns as they are written: per pass `aum_p1`, `threshold_sample_p1`, `threshold_p1`.
    pub fn into_results(self) -> ResultTable {
        let mut table = ResultTable::new()
            .with("run", "Run", Cells::Texts(self.runs))
            .with("sample_id", "Sample", Cells::Ids(self.sample_ids))
            .with(
                "given_label",
                "Given label",
                Cells::Classes(self.given_labels),
            )
            .with("true_label", "True label", Cells::Classes(self.true_labels))
            .with(
                "judged_passes",
                "Judged passes",
                Cells::numbers(self.judged_passes),
            )
            .with("aum", "AUM", Cells::logits(self.aums));
        let (mut marks, mut thresholds) = (Vec::new(), Vec::new());
        for pass in self.passes {
            let number = pass.pass;
            table = table.with(
                format!("aum_p{number}"),
                format!("AUM {number}"),
                Cells::logits(pass.aums),
            );
            marks.push((number, Cells::Flags(pass.is_threshold_sample)));
            thresholds.push((number, Cells::logits(pass.thresholds)));
        }
        for (number, cells) in marks {
            let name = format!("threshold_sample_p{number}");
            table = table.with(name, format!("Threshold sample {number}"), cells);
        }
        for (number, cells) in thresholds {
            let name = format!("threshold_p{number}");
            table = table.with(name, format!("Threshold {number}"), cells);
        }
        table.with("flagged", "Flagged", Cells::Flags(self.flagged))
    }

    fn empty(runs: &[(&RunLog, &RunAnalysis)]) -> Self {
        let has_texts =
            |(log, _): &(&RunLog, &RunAnalysis)| matches!(log.sample_ids, SampleIds::Texts(_));
        let passes = runs.iter().flat_map(|(log, _)| &log.passes);
        let mut numbers: Vec<u32> = passes.map(|pass| pass.pass).collect();
        numbers.sort_unstable();
        numbers.dedup();
        Self {
            runs: Vec::new(),
            sample_ids: if runs.iter().any(has_texts) {
                SampleIds::Texts(Vec::new())
            } else {
                SampleIds::Integers(Vec::new())
            },
            given_labels: Vec::new(),
            true_labels: Vec::new(),
            judged_passes: Vec::new(),
            aums: Vec::new(),
            flagged: Vec::new(),
            passes: numbers.into_iter().map(PassColumns::empty).collect(),
        }
    }
}

impl PassColumns {
    fn empty(pass: u32) -> Self {
        Self {
            pass,
            aums: Vec::new(),
            is_threshold_sample: Vec::new(),
            thresholds: Vec::new(),
        }
    }

    fn extend(&mut self, pass: Option<(&PassLog, &PassAums, &PassJudgement)>, rows: &[usize]) {
        for &row in rows {
            self.aums.push(pass.and_then(|(_, aums, _)| aums.aums[row]));
            self.is_threshold_sample.push(pass.and_then(|(log, ..)| {
                log.assigned_labels[row].map(|_| log.is_threshold_sample[row])
            }));
            let threshold = pass.and_then(|(.., found)| found.threshold_aum());
            self.thresholds.push(threshold);
        }
    }
}

/// The judged samples by their ranking, then the others by id.
fn row_order(analysis: &RunAnalysis) -> Vec<usize> {
    let unjudged =
        (0..analysis.verdicts.len()).filter(|&row| analysis.verdicts.get(row).aum.is_none());
    analysis.ranking().iter().copied().chain(unjudged).collect()
}

fn extend_ids(column: &mut SampleIds, ids: &SampleIds, rows: &[usize]) {
    match (column, ids) {
        (SampleIds::Integers(column), SampleIds::Integers(ids)) => {
            column.extend(rows.iter().map(|&row| ids[row]));
        }
        (SampleIds::Texts(column), ids) => {
            let texts = rows.iter().filter_map(|&row| ids.get(row));
            column.extend(texts.map(|id| id.to_string()));
        }
        // `empty` makes the column of texts as soon as one run has texts.
        (SampleIds::Integers(_), SampleIds::Texts(_)) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::run_analysis::analyze;
    use crate::analysis::settings::AumSettings;
    use crate::logs::two_passes::two_passes;

    #[test]
    fn rows_are_ordered_by_aum_and_unjudged_samples_come_last() {
        let mut log = two_passes();
        log.passes.truncate(1);
        let analysis = analyze(&log, &AumSettings::default()).unwrap();
        let table = AumTable::new(&[(&log, &analysis)]);
        assert_eq!(table.sample_ids, SampleIds::Integers(vec![1, 2, 0, 3]));
        assert_eq!(table.aums, [Some(-2.5), Some(1.5), Some(3.0), None]);
        assert_eq!(table.judged_passes, [1, 1, 1, 0]);
        assert_eq!(table.passes[0].aums[3], Some(-0.5));
        assert_eq!(table.passes[0].is_threshold_sample[3], Some(true));
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
        let table = AumTable::new(&[(&first, &analyses[0]), (&second, &analyses[1])]);
        assert_eq!(table.len(), 8);
        assert_eq!(table.sample_ids.get(0), Some("1".into()));
        assert_eq!(table.sample_ids.get(4), Some("b".into()));
        assert_eq!(table.passes[0].aums[4], None);
        assert_eq!(table.passes[1].aums[4], Some(-1.5));
    }

    #[test]
    fn a_row_is_an_object_with_every_column() {
        let log = two_passes();
        let analysis = analyze(&log, &AumSettings::default()).unwrap();
        let table = AumTable::new(&[(&log, &analysis)]).into_results();
        assert_eq!(
            serde_json::to_string(&table.row(0)).unwrap(),
            r#"{"run":"two-passes","sample_id":1,"given_label":0,"true_label":1,"judged_passes":2,"aum":-2.0,"aum_p1":-2.5,"aum_p2":-1.5,"threshold_sample_p1":false,"threshold_sample_p2":false,"threshold_p1":-0.5,"threshold_p2":-0.5,"flagged":true}"#
        );
    }
}
