//! The AUMs of an AUM table, one by one, from either of its two shapes: a row per sample with columns for
//! each pass, as `analyzer aum -o` writes it, or a row per sample and pass, as the queries of `analyzer
//! sql` give it.

use std::sync::Arc;

use logformat::SampleId;

use crate::error::AnalyzerError;
use crate::logs::origins::{FILE, ID, ROW};
use crate::logs::table_frame::{Frame, is_csv, refusal};
use crate::rules::evaluation::ANOTHER_CLASS;

/// One sample in one pass.
pub(crate) struct Entry {
    /// Where it stands, from 0.
    pub(crate) row: usize,
    pub(crate) run: Option<String>,
    pub(crate) pass: u32,
    pub(crate) sample_id: SampleId,
    pub(crate) given_label: Option<u32>,
    pub(crate) true_label: Option<u32>,
    /// The names of the two labels.
    pub(crate) classes: [Option<Arc<str>>; 2],
    pub(crate) place: Place,
    /// `None` where the sample is not in the pass.
    pub(crate) is_threshold_sample: Option<bool>,
    pub(crate) aum: Option<f64>,
}

/// Where a sample came from.
#[derive(Debug, Clone, Default)]
pub(crate) struct Place {
    pub(crate) file: Option<Arc<str>>,
    pub(crate) row: Option<i64>,
    pub(crate) id: Option<SampleId>,
}

const PASS: &str = "pass";
const AUM_IN_PASS: &str = "aum_in_pass";
const MARK: &str = "is_threshold_sample";

/// Whether a table with these columns has AUMs.
pub(crate) fn has_aums<'a>(mut names: impl Iterator<Item = &'a str>) -> bool {
    names.any(|name| name == "aum" || name == AUM_IN_PASS || pass_of(name).is_some())
}

/// The pass of a column such as `aum_p2`.
fn pass_of(name: &str) -> Option<u32> {
    let number = name.strip_prefix("aum_p")?.parse().ok()?;
    (number > 0).then_some(number)
}

/// All that a table says.
pub(crate) fn entries(table: &Frame<'_>) -> Result<Vec<Entry>, AnalyzerError> {
    let common = Common::of(table)?;
    let passes: Vec<u32> = table.names().filter_map(pass_of).collect();
    if !passes.is_empty() {
        let mut entries = Vec::new();
        for pass in passes {
            let mark = format!("threshold_sample_p{pass}");
            let marks = required(table.flags(&mark)?, table, &mark)?;
            let aums = table.floats(&format!("aum_p{pass}"))?.unwrap_or_default();
            for (row, (mark, aum)) in marks.into_iter().zip(aums).enumerate() {
                entries.push(common.entry(row, pass, mark, aum));
            }
        }
        return Ok(entries);
    }
    let aums = required(table.floats(AUM_IN_PASS)?, table, AUM_IN_PASS)?;
    let marks = required(table.flags(MARK)?, table, MARK)?;
    let passes = required(table.integers(PASS)?, table, PASS)?;
    let mut entries = Vec::new();
    for (row, ((pass, mark), aum)) in passes.into_iter().zip(marks).zip(aums).enumerate() {
        let pass = pass.and_then(|pass| u32::try_from(pass).ok());
        let pass = pass.filter(|&pass| pass > 0);
        let pass = pass.ok_or_else(|| table.value(row, PASS, "is no number from 1 on"))?;
        let mark = mark.ok_or_else(|| table.value(row, MARK, "is empty"))?;
        entries.push(common.entry(row, pass, Some(mark), aum));
    }
    Ok(entries)
}

fn required<T>(column: Option<T>, table: &Frame<'_>, name: &str) -> Result<T, AnalyzerError> {
    column.ok_or_else(|| {
        refusal(
            table.path(),
            format!(
                "an AUM table needs the column {name}, since a threshold is one of the AUMs of the threshold samples of a pass: write it with analyzer aum -o, or with the query of analyzer sql"
            ),
        )
    })
}

/// The columns that are the same in both shapes.
struct Common {
    runs: Option<Vec<Option<String>>>,
    sample_ids: Vec<SampleId>,
    given_labels: Option<Vec<Option<u32>>>,
    true_labels: Option<Vec<Option<u32>>>,
    classes: [Option<Vec<Option<Arc<str>>>>; 2],
    places: Vec<Place>,
    is_mislabeled: Option<Vec<Option<bool>>>,
}

impl Common {
    fn of(table: &Frame<'_>) -> Result<Self, AnalyzerError> {
        Ok(Self {
            runs: table.texts("run")?,
            sample_ids: sample_ids(table)?,
            given_labels: table.labels("given_label")?,
            true_labels: table.labels("true_label")?,
            classes: [
                shared(table.texts("given_class")?),
                shared(table.texts("true_class")?),
            ],
            places: places(table)?,
            is_mislabeled: table.flags("is_mislabeled")?,
        })
    }

    fn entry(&self, row: usize, pass: u32, mark: Option<bool>, aum: Option<f64>) -> Entry {
        let run = self.runs.as_ref().and_then(|runs| runs[row].clone());
        let given_label = self.given_labels.as_ref().and_then(|labels| labels[row]);
        let truth = self.true_labels.as_ref().and_then(|labels| labels[row]);
        let is_wrong = || self.is_mislabeled.as_ref().and_then(|marks| marks[row]);
        Entry {
            row,
            run,
            pass,
            sample_id: self.sample_ids[row].clone(),
            given_label,
            true_label: truth.or_else(|| match is_wrong()? {
                true => Some(ANOTHER_CLASS),
                false => given_label,
            }),
            classes: [0, 1].map(|kind| self.classes[kind].as_ref()?[row].clone()),
            place: self.places[row].clone(),
            is_threshold_sample: mark,
            aum,
        }
    }
}

/// Equal texts held once.
fn shared(texts: Option<Vec<Option<String>>>) -> Option<Vec<Option<Arc<str>>>> {
    let mut last: Option<Arc<str>> = None;
    let mut share = |text: String| match &last {
        Some(before) if **before == *text => Arc::clone(before),
        _ => Arc::clone(last.insert(Arc::from(text))),
    };
    texts.map(|texts| texts.into_iter().map(|text| text.map(&mut share)).collect())
}

fn places(table: &Frame<'_>) -> Result<Vec<Place>, AnalyzerError> {
    let mut places = vec![Place::default(); table.len()];
    for (place, file) in places
        .iter_mut()
        .zip(shared(table.texts(FILE)?).unwrap_or_default())
    {
        place.file = file;
    }
    for (place, row) in places
        .iter_mut()
        .zip(table.integers(ROW)?.unwrap_or_default())
    {
        place.row = row;
    }
    for (place, id) in places.iter_mut().zip(ids(table, ID)?.unwrap_or_default()) {
        place.id = id;
    }
    Ok(places)
}

fn sample_ids(table: &Frame<'_>) -> Result<Vec<SampleId>, AnalyzerError> {
    const SAMPLE_ID: &str = "sample_id";
    let found = required(ids(table, SAMPLE_ID)?, table, SAMPLE_ID)?;
    // Among texts, an empty one names a sample as any other does.
    let is_text = |id: &SampleId| matches!(id, SampleId::Text(_));
    let empty = found
        .iter()
        .flatten()
        .any(is_text)
        .then(|| SampleId::Text(String::new()));
    let found = found.into_iter().enumerate();
    let found = found.map(|(row, id)| {
        let id = id.or_else(|| empty.clone());
        id.ok_or_else(|| table.value(row, SAMPLE_ID, "is empty"))
    });
    found.collect()
}

/// Integers where they are by their type or, all of them, by their text.
fn ids(table: &Frame<'_>, name: &str) -> Result<Option<Vec<Option<SampleId>>>, AnalyzerError> {
    let Some(texts) = table.texts(name)? else {
        return Ok(None);
    };
    let is_integer = |text: &String| text.parse::<i64>().is_ok_and(|id| id.to_string() == *text);
    let by_text = || is_csv(table.path()) && texts.iter().flatten().all(is_integer);
    let are_integers = table.is_integer(name) || by_text();
    let id = |text: String| match are_integers {
        true => text.parse().ok().map(SampleId::Integer),
        false => Some(SampleId::Text(text)),
    };
    Ok(Some(
        texts.into_iter().map(|text| text.and_then(id)).collect(),
    ))
}
