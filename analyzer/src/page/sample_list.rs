//! The list of a report: its columns, a row per sample, where each sample lies, its picture and its margins,
//! as the JSON that the page's script shows.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use logformat::{SampleEntry, SampleId};

use crate::page::columns::{Column, columns};
use crate::page::curves::{curves, shown_epochs};
use crate::page::listed::{ListedSamples, listed};
use crate::plots::run_view::RunView;
use crate::questions::confusions::Suggestion;
use crate::rules::evaluation::known_class;

/// All pictures together: those of the samples behind are left out.
const MOST_PICTURE_BYTES: usize = 24 << 20;

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
        let values = samples.iter().map(|sample| found.values.rows.get(sample));
        let values: Vec<_> = values.collect();
        let data = json!({
            "run": view.log.title(),
            "checksum": checksum(view),
            "classes": classes(view),
            "files": files,
            "links": links,
            "places": places,
            "ids": own_ids(&samples, &found.entries),
            "pictures": pictures,
            "valueNames": found.values.names,
            "values": values,
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

#[cfg(test)]
mod tests {
    use logformat::SampleIds;

    use super::*;
    use crate::logs::run_log::RunLog;
    use crate::logs::two_passes::two_passes;
    use crate::plots::run_view::tests::with_view;
    use crate::rules::evaluation::ANOTHER_CLASS;

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
