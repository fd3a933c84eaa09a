//! The list of a report: its columns, a row per sample, where each sample lies, its picture and its margins,
//! as the JSON that the page's script shows.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use logformat::{SampleEntry, SampleId};

use crate::page::curves::{curves, shown_epochs};
use crate::page::listed::{ListedSamples, listed};
use crate::plots::run_view::RunView;
use crate::questions::confusions::Suggestion;
use crate::rules::evaluation::{ANOTHER_CLASS, known_class};

/// All pictures together: those of the samples behind are left out.
const MOST_PICTURE_BYTES: usize = 24 << 20;

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
    values: Vec<Value>,
}

impl Column {
    pub(crate) fn is_number(&self) -> bool {
        matches!(self.kind, Kind::Number { .. })
    }

    fn to_json(&self) -> Value {
        let (kind, decimals) = match self.kind {
            Kind::Id => ("id", 0),
            Kind::Class => ("class", 0),
            Kind::Number { decimals } => ("number", decimals),
        };
        json!({ "name": self.name, "kind": kind, "decimals": decimals })
    }
}

/// The flagged samples, or without any threshold all, the most suspicious first.
pub(crate) struct SampleList {
    pub(crate) columns: Vec<Column>,
    /// How many samples are listed without the picture that they have.
    pub(crate) without_picture: usize,
    samples: Vec<usize>,
    data: Value,
}

impl SampleList {
    /// `probabilities` are per sample of the run.
    pub(crate) fn new(
        view: RunView<'_>,
        suggestions: &[Suggestion],
        probabilities: Option<&[Option<f64>]>,
        found: &ListedSamples,
    ) -> Self {
        let samples = listed(view);
        let epochs = shown_epochs(view, samples.len());
        let curves = samples.iter().map(|&sample| curves(view, sample, &epochs));
        let (files, links, places) = places(&samples, found);
        let pictures = pictures(&samples, &found.entries);
        let shown = pictures.iter().flatten().count();
        let has_picture = |sample: &&usize| {
            let entry = found.entries.get(*sample);
            entry.is_some_and(|entry| entry.png.is_some())
        };
        let data = json!({
            "run": view.log.title(),
            "checksum": checksum(view),
            "classes": classes(view),
            "files": files,
            "links": links,
            "places": places,
            "ids": own_ids(&samples, &found.entries),
            "pictures": pictures,
            "epochs": epochs,
            "curves": curves.collect::<Vec<_>>(),
        });
        Self {
            columns: columns(view, &samples, suggestions, probabilities),
            without_picture: samples.iter().filter(has_picture).count() - shown,
            samples,
            data,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.samples.len()
    }

    /// JSON that cannot end its element.
    pub(crate) fn to_json(&self) -> String {
        let row = |at: usize| -> Vec<&Value> {
            let cells = self.columns.iter().map(|column| &column.values[at]);
            cells.collect()
        };
        let mut data = self.data.clone();
        data["columns"] = self.columns.iter().map(Column::to_json).collect();
        data["rows"] = json!((0..self.len()).map(row).collect::<Vec<_>>());
        data.to_string().replace('<', "\\u003c")
    }
}

/// What tells this run's samples and labels from those of another of the same name: decisions are kept by it.
fn checksum(view: RunView<'_>) -> String {
    let log = view.log;
    let mut hasher = crc32fast::Hasher::new();
    for (sample, given) in log.given_labels.iter().enumerate() {
        let id = log.sample_ids.get(sample).map(|id| id.to_string());
        hasher.update(format!("{id:?} {given:?}\n").as_bytes());
    }
    hasher.update(format!("{:?}", log.class_names).as_bytes());
    format!("{:08x}", hasher.finalize())
}

/// What the classes are called, the extra one not among them.
fn classes(view: RunView<'_>) -> Vec<String> {
    let log = view.log;
    let labels = log.given_labels.iter().chain(&log.true_labels);
    let seen = labels.filter_map(|&label| known_class(label));
    let seen = seen.max().map_or(0, |label| label as usize + 1);
    let count = seen.max(log.class_count().unwrap_or(0));
    (0..count as u32).map(|label| view.class(label)).collect()
}

/// The files, their addresses, and for each sample its file and row; null where it is known to come from none.
fn places(samples: &[usize], found: &ListedSamples) -> (Vec<String>, Vec<Option<String>>, Value) {
    let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
    let mut files = Vec::new();
    let places: Vec<Option<(usize, Option<u64>)>> = samples
        .iter()
        .map(|sample| {
            let entry = found.entries.get(sample)?;
            let file = entry.file.as_deref()?;
            let number = *numbers.entry(file).or_insert_with(|| {
                files.push(file.to_owned());
                files.len() - 1
            });
            Some((number, entry.row))
        })
        .collect();
    let links = files.iter().map(|file| found.link(file)).collect();
    (files, links, json!(places))
}

/// What their owner calls them.
fn own_ids(samples: &[usize], entries: &BTreeMap<usize, SampleEntry>) -> Vec<Option<String>> {
    let own = |sample| entries.get(sample)?.id.as_ref().map(SampleId::to_string);
    samples.iter().map(own).collect()
}

/// The PNG files in base64.
fn pictures(samples: &[usize], entries: &BTreeMap<usize, SampleEntry>) -> Vec<Option<String>> {
    let mut bytes = 0;
    let picture = |sample: &usize| {
        let png = entries.get(sample)?.png.as_ref()?;
        bytes += png.len();
        (bytes <= MOST_PICTURE_BYTES).then(|| STANDARD.encode(png))
    };
    samples.iter().map(picture).collect()
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
    use logformat::SampleIds;

    use super::*;
    use crate::logs::run_log::RunLog;
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
    fn a_number_is_rounded_once_to_what_is_shown() {
        // By way of four decimals it would be -0.013.
        assert_eq!(rounded(-0.01249, 3), -0.012);
        assert_eq!(rounded(0.125, 2), 0.13);
    }

    #[test]
    fn a_label_that_is_wrong_without_its_class_being_known_makes_no_class() {
        let mut log = two_passes();
        log.true_labels[1] = Some(ANOTHER_CLASS);
        assert_eq!(with_view(&log, |view| classes(view).len()), 2);
    }

    #[test]
    fn the_checksum_tells_other_labels_and_other_ids_apart() {
        let of = |log: &RunLog| with_view(log, checksum);
        let log = two_passes();
        let mut labels = two_passes();
        labels.given_labels[0] = Some(1);
        let mut ids = two_passes();
        ids.sample_ids = SampleIds::Integers(vec![0, 1, 2, 4]);
        assert_eq!(of(&log), of(&two_passes()));
        assert!(of(&log) != of(&labels) && of(&log) != of(&ids));
    }

    #[test]
    fn samples_of_one_file_share_its_name_and_pictures_are_whole_files() {
        let entry = |row, png| SampleEntry {
            file: Some("a.parquet".to_owned()),
            row: Some(row),
            png,
            ..SampleEntry::default()
        };
        let found = ListedSamples {
            entries: [(0, entry(7, Some(vec![1, 2]))), (2, entry(3, None))].into(),
            ..ListedSamples::default()
        };
        let (files, links, at) = places(&[2, 1, 0], &found);
        assert_eq!((files, links), (vec!["a.parquet".to_owned()], vec![None]));
        assert_eq!(at, json!([[0, 3], null, [0, 7]]));
        let shown = pictures(&[2, 1, 0], &found.entries);
        assert_eq!(shown, [None, None, Some("AQI=".to_owned())]);
    }
}
