//! Which samples one pass trains on, and the labels that they carry: all of a log that does not
//! change from epoch to epoch.

use std::sync::{Arc, OnceLock};

use arrow_array::{ArrayRef, BooleanArray, Int32Array, Int64Array, StringArray};

use crate::error::LogError;
use crate::schema::column::Column;
use crate::schema::sample_id::{SampleId, SampleIds};

/// One training sample as a pass sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleRow {
    /// The sample's name.
    pub sample_id: SampleId,
    /// The class that the network is trained on; the extra class for a threshold sample.
    pub assigned_label: u32,
    /// The class that the data set carries.
    pub given_label: u32,
    /// The class known to be right, where it is known.
    pub true_label: Option<u32>,
    /// Whether the sample serves as a threshold sample in this pass.
    pub is_threshold_sample: bool,
}

/// The samples of one pass, checked, in the order of their ids.
#[derive(Debug, Clone)]
pub struct PassSamples {
    pub(crate) sample_ids: SampleIds,
    pub(crate) assigned_labels: Vec<u32>,
    pub(crate) given_labels: Vec<u32>,
    pub(crate) true_labels: Vec<Option<u32>>,
    /// `None` where nobody says so.
    is_mislabeled: Option<Vec<Option<bool>>>,
    pub(crate) is_threshold_sample: Vec<bool>,
    /// Whether the given labels are known: of all samples, or of none.
    has_given_labels: bool,
    logit_count: usize,
    /// Where each sample, in the caller's order, stands in the order of the ids.
    row_of_sample: Vec<usize>,
    columns: OnceLock<SampleColumns>,
}

/// The columns that are the same in every epoch, made once.
type SampleColumns = Vec<(Column, ArrayRef)>;

impl PassSamples {
    /// Takes the samples of a pass in any order; `logit_count` is the number of the network's
    /// outputs, the extra class included.
    ///
    /// # Errors
    /// [`LogError::Samples`] where there is no sample, fewer than two logits, a label beyond the
    /// logits, ids of both kinds, or the same id twice.
    pub fn new(rows: Vec<SampleRow>, logit_count: usize) -> Result<Self, LogError> {
        if rows.is_empty() {
            return Err(LogError::Samples(
                "a pass needs at least one sample".to_owned(),
            ));
        }
        if logit_count < 2 {
            return Err(LogError::Samples(format!(
                "a margin needs at least two classes, but the network has {logit_count} output"
            )));
        }
        for row in &rows {
            row.check_labels(logit_count)?;
        }
        let mut order: Vec<usize> = (0..rows.len()).collect();
        order.sort_by(|&a, &b| rows[a].sample_id.cmp(&rows[b].sample_id));
        if let Some(twice) = order
            .windows(2)
            .find(|pair| rows[pair[0]].sample_id == rows[pair[1]].sample_id)
        {
            return Err(LogError::Samples(format!(
                "sample {} is there twice; sample ids must be unique",
                rows[twice[0]].sample_id
            )));
        }
        let mut row_of_sample = vec![0; rows.len()];
        for (row, &sample) in order.iter().enumerate() {
            row_of_sample[sample] = row;
        }
        let sorted = || order.iter().map(|&sample| &rows[sample]);
        Ok(Self {
            sample_ids: sample_ids(sorted())?,
            assigned_labels: sorted().map(|row| row.assigned_label).collect(),
            given_labels: sorted().map(|row| row.given_label).collect(),
            true_labels: sorted().map(|row| row.true_label).collect(),
            is_mislabeled: None,
            is_threshold_sample: sorted().map(|row| row.is_threshold_sample).collect(),
            has_given_labels: true,
            logit_count,
            row_of_sample,
            columns: OnceLock::new(),
        })
    }

    /// The same samples, of which nobody knows the given labels: their log has no column of them. Readers
    /// then take the assigned label for the given one of ordinary samples.
    #[must_use]
    pub fn without_given_labels(self) -> Self {
        Self {
            has_given_labels: false,
            columns: OnceLock::new(),
            ..self
        }
    }

    /// Some of the samples, in the order of their ids.
    pub(crate) fn only(&self, is_kept: &[bool]) -> Self {
        let sample_ids = match &self.sample_ids {
            SampleIds::Integers(ids) => SampleIds::Integers(kept(ids, is_kept)),
            SampleIds::Texts(ids) => SampleIds::Texts(kept(ids, is_kept)),
        };
        Self {
            row_of_sample: (0..sample_ids.len()).collect(),
            sample_ids,
            assigned_labels: kept(&self.assigned_labels, is_kept),
            given_labels: kept(&self.given_labels, is_kept),
            true_labels: kept(&self.true_labels, is_kept),
            is_mislabeled: self
                .is_mislabeled
                .as_ref()
                .map(|marks| kept(marks, is_kept)),
            is_threshold_sample: kept(&self.is_threshold_sample, is_kept),
            has_given_labels: self.has_given_labels,
            logit_count: self.logit_count,
            columns: OnceLock::new(),
        }
    }

    /// With what is known of whether the given labels are wrong, in the order in which the samples came:
    /// for samples whose true label nobody knows.
    ///
    /// # Errors
    /// [`LogError::Samples`] where there is not one a sample.
    pub fn with_mislabeled(mut self, marks: &[Option<bool>]) -> Result<Self, LogError> {
        if marks.len() != self.len() {
            return Err(LogError::Samples(format!(
                "there are {} samples, but {} that are said to be mislabeled or not",
                self.len(),
                marks.len()
            )));
        }
        let mut in_order = vec![None; marks.len()];
        for (&row, &mark) in self.row_of_sample.iter().zip(marks) {
            in_order[row] = mark;
        }
        self.is_mislabeled = Some(in_order);
        self.columns = OnceLock::new();
        Ok(self)
    }

    /// The number of samples.
    pub fn len(&self) -> usize {
        self.row_of_sample.len()
    }

    /// Never: a pass has at least one sample.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// The number of the network's outputs, the extra class included.
    pub fn logit_count(&self) -> usize {
        self.logit_count
    }

    /// The columns of a log that are the same in every epoch.
    pub(crate) fn columns(&self) -> &[(Column, ArrayRef)] {
        self.columns.get_or_init(|| {
            let true_labels = self.true_labels.iter();
            let true_labels = true_labels.map(|label| label.map(u32::cast_signed));
            let is_threshold_sample = BooleanArray::from(self.is_threshold_sample.clone());
            let mut columns: SampleColumns = vec![
                (Column::SampleId, id_column(&self.sample_ids)),
                (Column::AssignedLabel, int32(&self.assigned_labels)),
                (Column::GivenLabel, int32(&self.given_labels)),
                (
                    Column::TrueLabel,
                    Arc::new(true_labels.collect::<Int32Array>()),
                ),
                (Column::IsThresholdSample, Arc::new(is_threshold_sample)),
            ];
            if let Some(marks) = &self.is_mislabeled {
                let marks = BooleanArray::from(marks.clone());
                columns.insert(4, (Column::IsMislabeled, Arc::new(marks)));
            }
            columns.retain(|(column, _)| *column != Column::GivenLabel || self.has_given_labels);
            columns
        })
    }

    pub(crate) fn row_of(&self, sample: usize) -> Option<usize> {
        self.row_of_sample.get(sample).copied()
    }

    /// The row of `sample`, whose logits can be logged.
    pub(crate) fn checked_row(&self, sample: usize, logits: &[f32]) -> Result<usize, LogError> {
        let Some(row) = self.row_of(sample) else {
            return Err(LogError::Record {
                sample_id: format!("at position {sample}"),
                reason: format!("the pass has only {} samples", self.len()),
            });
        };
        let width = self.logit_count;
        if logits.len() != width {
            let reason = format!("{} logits, but the pass has {width}", logits.len());
            return Err(self.refuse(row, reason));
        }
        match logits.iter().position(|logit| !logit.is_finite()) {
            Some(class) => {
                let reason = format!("the logit of class {class} is {}", logits[class]);
                Err(self.refuse(row, reason))
            }
            None => Ok(row),
        }
    }

    pub(crate) fn refuse(&self, row: usize, reason: String) -> LogError {
        let id = self.sample_ids.get(row);
        LogError::Record {
            sample_id: id.map_or_else(String::new, |id| id.to_string()),
            reason,
        }
    }

    /// Tells whether two programs have the same samples, labels and outputs.
    pub(crate) fn checksum(&self) -> u32 {
        let mut sum = crc32fast::Hasher::new();
        match &self.sample_ids {
            SampleIds::Integers(ids) => ids.iter().for_each(|id| sum.update(&id.to_le_bytes())),
            SampleIds::Texts(ids) => ids.iter().for_each(|id| {
                sum.update(id.as_bytes());
                sum.update(&[0]);
            }),
        }
        for labels in [&self.assigned_labels, &self.given_labels] {
            labels
                .iter()
                .for_each(|label| sum.update(&label.to_le_bytes()));
        }
        let marks: Vec<u8> = self
            .is_threshold_sample
            .iter()
            .map(|&mark| mark.into())
            .collect();
        sum.update(&marks);
        sum.finalize()
    }
}

impl SampleRow {
    fn check_labels(&self, logit_count: usize) -> Result<(), LogError> {
        let labels = [
            ("assigned", Some(self.assigned_label)),
            ("given", Some(self.given_label)),
            ("true", self.true_label),
        ];
        for (kind, label) in labels {
            if let Some(label) = label
                && label as usize >= logit_count
            {
                return Err(LogError::Samples(format!(
                    "sample {}: {kind} label {label} is beyond the network's {logit_count} outputs",
                    self.sample_id
                )));
            }
        }
        Ok(())
    }
}

/// The values of the rows that are kept.
pub(crate) fn kept<T: Clone>(values: &[T], is_kept: &[bool]) -> Vec<T> {
    let rows = values.iter().zip(is_kept).filter(|(_, is_kept)| **is_kept);
    rows.map(|(value, _)| value.clone()).collect()
}

/// As Parquet has them, which knows no unsigned classes.
pub(crate) fn int32(values: &[u32]) -> ArrayRef {
    let values = values.iter().map(|value| value.cast_signed());
    Arc::new(Int32Array::from_iter_values(values))
}

fn id_column(ids: &SampleIds) -> ArrayRef {
    match ids {
        SampleIds::Integers(ids) => Arc::new(Int64Array::from(ids.clone())),
        SampleIds::Texts(ids) => Arc::new(StringArray::from(ids.clone())),
    }
}

fn sample_ids<'a>(rows: impl Iterator<Item = &'a SampleRow>) -> Result<SampleIds, LogError> {
    let (mut integers, mut texts) = (Vec::new(), Vec::new());
    for row in rows {
        match &row.sample_id {
            SampleId::Integer(id) => integers.push(*id),
            SampleId::Text(id) => texts.push(id.clone()),
        }
    }
    match (integers.is_empty(), texts.is_empty()) {
        (false, true) => Ok(SampleIds::Integers(integers)),
        (true, _) => Ok(SampleIds::Texts(texts)),
        (false, false) => Err(LogError::Samples(
            "sample ids are integers and texts; use one kind".to_owned(),
        )),
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::Array;

    use super::*;

    fn row(id: i64, label: u32) -> SampleRow {
        SampleRow {
            sample_id: id.into(),
            assigned_label: label,
            given_label: label,
            true_label: None,
            is_threshold_sample: false,
        }
    }

    #[test]
    fn samples_are_kept_in_the_order_of_their_ids() {
        let samples = PassSamples::new(vec![row(7, 0), row(3, 1)], 2).unwrap();
        assert_eq!(samples.sample_ids, SampleIds::Integers(vec![3, 7]));
        assert_eq!(samples.assigned_labels, [1, 0]);
        assert_eq!((samples.row_of(0), samples.row_of(1)), (Some(1), Some(0)));
    }

    #[test]
    fn what_is_known_to_be_wrong_follows_its_sample() {
        let samples = PassSamples::new(vec![row(7, 0), row(3, 1)], 2).unwrap();
        assert_eq!(samples.columns().len(), 5);
        assert!(samples.clone().with_mislabeled(&[None]).is_err());
        let marked = samples.with_mislabeled(&[Some(true), None]).unwrap();
        let (column, marks) = &marked.columns()[4];
        let expected = BooleanArray::from(vec![None, Some(true)]);
        assert_eq!(
            (*column, &**marks),
            (Column::IsMislabeled, &expected as &dyn Array)
        );
    }

    #[test]
    fn the_same_id_twice_is_refused() {
        let error = PassSamples::new(vec![row(7, 0), row(7, 1)], 2).unwrap_err();
        assert_eq!(
            error.to_string(),
            "sample 7 is there twice; sample ids must be unique"
        );
    }

    #[test]
    fn a_label_beyond_the_outputs_is_refused() {
        let error = PassSamples::new(vec![row(7, 2)], 2).unwrap_err();
        assert_eq!(
            error.to_string(),
            "sample 7: assigned label 2 is beyond the network's 2 outputs"
        );
    }

    #[test]
    fn one_output_is_refused() {
        assert!(PassSamples::new(vec![row(7, 0)], 1).is_err());
    }

    #[test]
    fn ids_of_both_kinds_are_refused() {
        let mut other = row(1, 0);
        other.sample_id = "a.png".into();
        assert!(PassSamples::new(vec![row(7, 0), other], 2).is_err());
    }
}
