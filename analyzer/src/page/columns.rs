//! The columns of a report's list: what each is called, of what kind its cells are, and the cells.

use logformat::SampleId;
use serde_json::{Value, json};

use crate::plots::run_view::RunView;
use crate::questions::confusions::Suggestion;
use crate::rules::evaluation::ANOTHER_CLASS;

/// What the cells of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Id,
    /// The index of a class, shown by its name.
    Class,
    Number {
        decimals: i32,
    },
}

/// A column of the list.
pub(crate) struct Column {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) values: Vec<Value>,
}

impl Column {
    pub(crate) fn is_number(&self) -> bool {
        matches!(self.kind, Kind::Number { .. })
    }

    pub(crate) fn to_json(&self) -> Value {
        let (kind, decimals) = match self.kind {
            Kind::Id => ("id", 0),
            Kind::Class => ("class", 0),
            Kind::Number { decimals } => ("number", decimals),
        };
        json!({ "name": self.name, "kind": kind, "decimals": decimals })
    }
}

/// Those of these samples; `probabilities` are per sample of the run.
pub(crate) fn columns(
    view: RunView<'_>,
    samples: &[usize],
    suggestions: &[Suggestion],
    probabilities: Option<&[Option<f64>]>,
) -> Vec<Column> {
    let mut suggested = vec![None; view.log.sample_count()];
    for found in suggestions {
        suggested[found.sample] = Some(*found);
    }
    let log = view.log;
    let suggestion = |sample: usize| suggested[sample]?.suggested_label;
    let support = |sample: usize| {
        suggestion(sample)?;
        suggested[sample].map(|found: Suggestion| found.support)
    };
    let column = |name, kind, value: &dyn Fn(usize) -> Value| Column {
        name,
        kind,
        values: samples.iter().map(|&sample| value(sample)).collect(),
    };
    // Rounded here and nowhere else: rounding twice gives other numbers.
    let numbers = |name, decimals, value: &dyn Fn(usize) -> Option<f64>| {
        let kind = Kind::Number { decimals };
        let rounded = |value| rounded(value, decimals);
        column(name, kind, &|sample| json!(value(sample).map(rounded)))
    };
    let classes = |name, class: &dyn Fn(usize) -> Option<u32>| {
        column(name, Kind::Class, &|sample| match class(sample) {
            Some(ANOTHER_CLASS) => json!(-1), // the page calls it wrong
            class => json!(class),
        })
    };
    let mut columns = vec![
        column("Sample", Kind::Id, &|sample| id(log.sample_ids.get(sample))),
        numbers("AUM", 3, &|sample| view.analysis.verdicts.get(sample).aum),
        classes("Given label", &|sample| log.given_labels[sample]),
    ];
    if !suggestions.is_empty() {
        columns.push(classes("Suggested", &suggestion));
    }
    if log.true_labels.iter().any(Option::is_some) {
        columns.push(classes("True label", &|sample| log.true_labels[sample]));
    }
    if !suggestions.is_empty() {
        columns.push(numbers("Support", 2, &support));
    }
    if let Some(all) = probabilities {
        columns.push(numbers("Probability", 2, &|sample| all[sample]));
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

fn rounded(value: f64, decimals: i32) -> f64 {
    let unit = 10_f64.powi(decimals);
    (value * unit).round() / unit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_scripts_would_round_are_texts() {
        let largest = (1_i64 << 53) - 1;
        assert_eq!(id(Some(SampleId::Integer(-largest))), json!(-largest));
        let beyond = SampleId::Integer(largest + 2);
        assert_eq!(id(Some(beyond)), json!("9007199254740993"));
    }

    #[test]
    fn a_number_is_rounded_once_to_what_is_shown() {
        // By way of four decimals it would be -0.013.
        assert_eq!(rounded(-0.01249, 3), -0.012);
        assert_eq!(rounded(0.125, 2), 0.13);
    }
}
