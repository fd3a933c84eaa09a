//! The list of a report: its columns, a row per sample, and each sample's margins, as the JSON that
//! the page's script shows.

use serde_json::{Value, json};

use logformat::{SampleId, SampleIds};

use crate::logs::run_log::PassLog;
use crate::plots::run_view::RunView;
use crate::questions::confusions::Suggestion;
use crate::rules::verdict::SampleVerdict;

/// The list has at most this many samples, the most suspicious ones: a page has to stay readable.
const MOST_LISTED: usize = 20_000;
/// All margins together: some two megabytes.
const MOST_MARGINS: usize = 400_000;
/// No curve needs more points than this, …
const MOST_EPOCHS: usize = 75;
/// … and fewer than this do not show one.
const FEWEST_EPOCHS: usize = 8;

/// A column of the list.
pub(crate) struct Column {
    pub(crate) name: &'static str,
    pub(crate) number: bool,
    decimals: usize,
    values: Vec<Value>,
}

/// The flagged samples, or without any threshold all, the most suspicious first.
pub(crate) struct SampleList {
    pub(crate) columns: Vec<Column>,
    samples: Vec<usize>,
    /// The epochs that the curves show, ascending.
    epochs: Vec<u32>,
    /// Per sample and judging pass the margins in hundredths.
    curves: Vec<Vec<Vec<Option<i64>>>>,
    name: String,
}

impl SampleList {
    /// `probabilities` are per sample of the run.
    pub(crate) fn new(
        view: RunView<'_>,
        suggestions: &[Suggestion],
        probabilities: Option<&[Option<f64>]>,
    ) -> Self {
        let samples = listed(view);
        let epochs = shown_epochs(view, samples.len());
        let curves = samples
            .iter()
            .map(|&sample| curves(view, sample, &epochs))
            .collect();
        Self {
            columns: columns(view, &samples, suggestions, probabilities),
            curves,
            epochs,
            samples,
            name: view.log.title().to_owned(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.samples.len()
    }

    /// JSON that cannot end its element.
    pub(crate) fn to_json(&self) -> String {
        let names: Vec<&str> = self.columns.iter().map(|column| column.name).collect();
        let decimals = self.columns.iter().map(|column| column.decimals);
        let decimals: Vec<usize> = decimals.collect();
        let row = |at: usize| -> Vec<&Value> {
            let cells = self.columns.iter().map(|column| &column.values[at]);
            cells.collect()
        };
        let data = json!({
            "columns": names,
            "decimals": decimals,
            "rows": (0..self.len()).map(row).collect::<Vec<_>>(),
            "curves": self.curves,
            "epochs": self.epochs,
            "name": self.name,
        });
        data.to_string().replace('<', "\\u003c")
    }
}

fn listed(view: RunView<'_>) -> Vec<usize> {
    let has_threshold = view.analysis.verdicts.flagged_count().is_some();
    let is_listed = |verdict: &SampleVerdict| !has_threshold || verdict.flagged == Some(true);
    let ranking = view.analysis.ranking().iter().copied();
    ranking
        .filter(|&sample| is_listed(&view.analysis.verdicts.get(sample)))
        .take(MOST_LISTED)
        .collect()
}

fn columns(
    view: RunView<'_>,
    samples: &[usize],
    suggestions: &[Suggestion],
    probabilities: Option<&[Option<f64>]>,
) -> Vec<Column> {
    let mut suggested = vec![None; view.log.sample_count()];
    for found in suggestions {
        suggested[found.sample] = Some(*found);
    }
    let label = |label: Option<u32>| json!(label.map(|label| view.class(label)));
    let suggestion = |sample: usize| suggested[sample]?.suggested_label;
    let support = |sample: usize| {
        suggestion(sample)?;
        suggested[sample].map(|found: Suggestion| rounded(found.support))
    };
    let column = |name, decimals: Option<usize>, value: &dyn Fn(usize) -> Value| Column {
        name,
        number: decimals.is_some(),
        decimals: decimals.unwrap_or(0),
        values: samples.iter().map(|&sample| value(sample)).collect(),
    };
    let log = view.log;
    let digits_of_ids = matches!(log.sample_ids, SampleIds::Integers(_)).then_some(0);
    let aum = |sample: usize| json!(view.analysis.verdicts.get(sample).aum.map(rounded));
    let mut columns = vec![
        column("Sample", digits_of_ids, &|sample| {
            id(log.sample_ids.get(sample))
        }),
        column("AUM", Some(3), &aum),
        column("Given label", None, &|sample| {
            label(log.given_labels[sample])
        }),
    ];
    if !suggestions.is_empty() {
        columns.push(column("Suggested", None, &|sample| {
            label(suggestion(sample))
        }));
    }
    if log.true_labels.iter().any(Option::is_some) {
        columns.push(column("True label", None, &|sample| {
            label(log.true_labels[sample])
        }));
    }
    if !suggestions.is_empty() {
        columns.push(column("Support", Some(2), &|sample| json!(support(sample))));
    }
    if let Some(all) = probabilities {
        let probability = |sample: usize| json!(all[sample].map(rounded));
        columns.push(column("Probability", Some(2), &probability));
    }
    columns
}

/// Scripts have all numbers as doubles, in which larger integers than this become their neighbours.
const LARGEST_NUMBER_OF_SCRIPTS: u64 = (1 << 53) - 1;

fn id(id: Option<SampleId>) -> Value {
    match id {
        Some(SampleId::Integer(id)) if id.unsigned_abs() > LARGEST_NUMBER_OF_SCRIPTS => {
            json!(id.to_string())
        }
        Some(SampleId::Integer(id)) => json!(id),
        Some(SampleId::Text(id)) => json!(id),
        None => Value::Null,
    }
}

fn rounded(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}

/// Every so many of the recorded epochs, and the last: of many samples fewer.
fn shown_epochs(view: RunView<'_>, samples: usize) -> Vec<u32> {
    let recorded = view.log.recorded_epochs();
    let curves = samples * view.log.passes.len();
    let most = (MOST_MARGINS / curves.max(1)).clamp(FEWEST_EPOCHS, MOST_EPOCHS);
    let every = recorded.len().div_ceil(most).max(1);
    let mut shown: Vec<u32> = recorded.iter().rev().step_by(every).copied().collect();
    shown.reverse();
    shown
}

/// The margins of a sample in each pass that judges it.
fn curves(view: RunView<'_>, sample: usize, epochs: &[u32]) -> Vec<Vec<Option<i64>>> {
    let hundredths = |margin: f32| (f64::from(margin) * 100.0).round() as i64;
    let judging = view.log.passes.iter();
    let judging = judging.filter(|pass| pass.is_ordinary(sample));
    let curve = |pass: &PassLog| {
        let margin = |epoch: &u32| {
            let found = pass.epochs.binary_search_by_key(epoch, |found| found.epoch);
            let margin = pass.epochs[found.ok()?].margin(sample);
            margin.map(hundredths)
        };
        epochs.iter().map(margin).collect()
    };
    judging.map(curve).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logs::two_passes::two_passes;
    use crate::plots::run_view::tests::with_view;

    #[test]
    fn ids_that_scripts_would_round_are_texts() {
        let largest = (1_i64 << 53) - 1;
        assert_eq!(id(Some(SampleId::Integer(-largest))), json!(-largest));
        let beyond = SampleId::Integer(largest + 2);
        assert_eq!(id(Some(beyond)), json!("9007199254740993"));
    }

    #[test]
    fn a_sample_has_its_margins_in_each_pass_that_judges_it() {
        with_view(&two_passes(), |view| {
            // Sample 3 is a threshold sample in pass 1.
            assert_eq!(
                curves(view, 3, &[1, 3]),
                [[Some(-9000), Some(300)].to_vec()]
            );
            assert_eq!(
                curves(view, 0, &[2]),
                [[Some(200)], [Some(100)]].map(Vec::from)
            );
        });
    }

    #[test]
    fn of_many_samples_fewer_epochs_are_shown_and_always_the_last() {
        let mut log = two_passes();
        for pass in &mut log.passes {
            pass.epochs = (1..=150)
                .map(|epoch| crate::logs::run_log::EpochMargins::new(epoch, &[Some(0.0); 4]))
                .collect();
        }
        with_view(&log, |view| {
            let few = shown_epochs(view, 10);
            assert_eq!((few.len(), few.last()), (75, Some(&150)));
            // 400,000 margins for 2 · 20,000 curves: 10 epochs.
            let many = shown_epochs(view, 20_000);
            assert_eq!((many.len(), many.last()), (10, Some(&150)));
        });
    }
}
