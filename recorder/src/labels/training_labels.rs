//! The labels of the training samples for a whole run: true, given, and assigned in each pass.

use draws::threshold_samples::threshold_sets;
use logformat::{LogError, PassSamples, SampleRow};
use serde_json::{Map, Value, json};

use crate::dataset::label_file::file::GivenLabels;
use crate::error::run::RecorderError;
use crate::labels::confusions::Confusions;
use crate::seeds::fnv1a;

/// The confusion counts of so many classes are logged. Every file of the log holds the
/// configuration, and a table of 1,000 classes would outweigh the logits of many; given and true
/// label of each sample are in the log anyhow.
const LARGEST_LOGGED_TABLE: u32 = 100;

/// The labels of the training set for a whole run.
#[derive(Debug, Clone, PartialEq)]
pub struct TrainingLabels {
    /// The class that the data set carries after noise, or that a file of labels has: the one under
    /// suspicion.
    pub given: Vec<u32>,
    /// The class known to be right; `None` where no noise was put in and no file tells, because then
    /// nobody knows better.
    pub truth: Option<Vec<u32>>,
    /// Whether each label is known to be wrong, or right, where no more is known than that.
    pub mislabeled: Option<Vec<Option<bool>>>,
    /// The number of classes, the extra one not counted.
    pub class_count: u32,
    /// The id of each sample in the log.
    pub sample_ids: Vec<i64>,
    /// What there is to say of where the labels come from.
    pub notes: Vec<String>,
    /// For each pass, the threshold samples as ascending indices.
    pub threshold_sets: Vec<Vec<usize>>,
}

impl TrainingLabels {
    /// Draws the threshold samples of each pass.
    ///
    /// # Errors
    /// [`RecorderError::TooManyThresholdSamples`] where the training set is too small for them.
    pub fn draw(
        labels: GivenLabels,
        class_count: u32,
        threshold_count: usize,
        passes: usize,
        data_seed: u64,
    ) -> Result<Self, RecorderError> {
        let threshold_sets =
            threshold_sets(labels.given.len(), threshold_count, passes, data_seed)?;
        Ok(Self {
            sample_ids: (0..).take(labels.given.len()).collect(),
            notes: labels.notes,
            given: labels.given,
            truth: labels.truth,
            mislabeled: labels.mislabeled,
            class_count,
            threshold_sets,
        })
    }

    /// With other ids than the places in the training set, one a sample.
    pub fn with_ids(self, sample_ids: Vec<i64>) -> Self {
        Self { sample_ids, ..self }
    }

    /// The number of outputs that a network needs: the classes, and the extra one where there are
    /// threshold samples.
    pub fn output_count(&self) -> usize {
        let has_extra_class = self.threshold_sets.iter().any(|set| !set.is_empty());
        self.class_count as usize + usize::from(has_extra_class)
    }

    /// How many given labels are not the true ones; `None` where the truth is unknown.
    pub fn mislabeled_count(&self) -> Option<usize> {
        if let Some(marks) = &self.mislabeled {
            return Some(marks.iter().filter(|mark| **mark == Some(true)).count());
        }
        let truth = self.truth.as_ref()?;
        let pairs = self.given.iter().zip(truth);
        Some(pairs.filter(|(given, truth)| given != truth).count())
    }

    /// Of how many labels it is known whether they are wrong.
    fn known_count(&self) -> usize {
        let marks = self.mislabeled.as_ref();
        marks.map_or(self.given.len(), |marks| marks.iter().flatten().count())
    }

    /// How often which class was given for which; `None` where the truth is unknown.
    pub fn confusions(&self) -> Option<Confusions> {
        let truth = self.truth.as_ref()?;
        Some(Confusions::count(truth, &self.given, self.class_count))
    }

    /// What a resumed run must find unchanged, whatever file or noise the labels came from.
    pub fn given_hash(&self) -> String {
        let bytes = self.given.iter().flat_map(|label| label.to_le_bytes());
        format!("{:016x}", fnv1a(bytes))
    }

    /// What became of the true labels, for the configuration of the run; empty where they are
    /// unknown.
    pub fn describe_noise(&self) -> Map<String, Value> {
        let mut known = Map::new();
        if let Some(mislabeled) = self.mislabeled_count() {
            let rate = mislabeled as f64 / self.known_count().max(1) as f64;
            // So few decimals come back from JSON as they were, as a run that resumes needs it.
            let rate = (rate * 1e6).round() / 1e6;
            known.insert("realised_noise_rate".to_owned(), json!(rate));
        }
        if let Some(confusions) = self.confusions()
            && self.class_count <= LARGEST_LOGGED_TABLE
        {
            let table = json!(confusions.table());
            known.insert("confusion_counts".to_owned(), table);
        }
        known
    }

    /// What the network is trained on in the pass at index `pass` (from 0): the given label, or the
    /// extra class for a threshold sample.
    pub fn assigned(&self, pass: usize) -> Vec<u32> {
        let mut assigned = self.given.clone();
        for &sample in &self.threshold_sets[pass] {
            assigned[sample] = self.class_count;
        }
        assigned
    }

    /// The samples of the pass at index `pass` (from 0), as the log wants them.
    ///
    /// # Errors
    /// [`RecorderError::Log`] where the log refuses them, such as an empty training set.
    pub fn pass_samples(&self, pass: usize) -> Result<PassSamples, RecorderError> {
        let mut rows = self.rows(self.assigned(pass));
        for &sample in &self.threshold_sets[pass] {
            rows[sample].is_threshold_sample = true;
        }
        Ok(self.marked(PassSamples::new(rows, self.output_count())?)?)
    }

    /// Every sample with its given label, as held-out logits are logged: none is a threshold sample.
    ///
    /// # Errors
    /// [`RecorderError::Log`] where the log refuses them, such as those of a single class.
    pub fn given_samples(&self) -> Result<PassSamples, RecorderError> {
        let rows = self.rows(self.given.clone());
        Ok(self.marked(PassSamples::new(rows, self.class_count as usize)?)?)
    }

    fn marked(&self, samples: PassSamples) -> Result<PassSamples, LogError> {
        match &self.mislabeled {
            None => Ok(samples),
            Some(marks) => samples.with_mislabeled(marks),
        }
    }

    fn rows(&self, assigned: Vec<u32>) -> Vec<SampleRow> {
        let samples = assigned.into_iter().enumerate();
        samples
            .map(|(sample, assigned_label)| SampleRow {
                sample_id: self.sample_ids[sample].into(),
                assigned_label,
                given_label: self.given[sample],
                true_label: self.truth.as_ref().map(|truth| truth[sample]),
                is_threshold_sample: false,
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::samples::origins::Origins;
    use crate::labels::noise::label_noise::LabelNoise;
    use crate::labels::noise::rate::NoiseRate;
    use crate::labels::source::LabelSource;

    fn labels(rate: f64, threshold_count: usize) -> TrainingLabels {
        let labels: Vec<u32> = (0..60).map(|i| i % 3).collect();
        let names = ["a", "b", "c"].map(str::to_owned);
        let noise = match NoiseRate::new(rate).unwrap() {
            NoiseRate::ZERO => LabelNoise::None,
            rate => LabelNoise::Uniform(rate),
        };
        let source = LabelSource::Dataset(noise);
        let given = source
            .labels(&labels, &Origins::default(), &names, 1)
            .unwrap();
        TrainingLabels::draw(given, 3, threshold_count, 2, 1).unwrap()
    }

    #[test]
    fn without_noise_the_truth_is_unknown() {
        let labels = labels(0.0, 5);
        assert_eq!(labels.truth, None);
        assert_eq!(labels.mislabeled_count(), None);
        assert_eq!(labels.given[..4], [0, 1, 2, 0]);
    }

    #[test]
    fn threshold_samples_alone_are_assigned_to_the_extra_class() {
        let labels = labels(0.5, 5);
        let assigned = labels.assigned(1);
        for (sample, &label) in assigned.iter().enumerate() {
            let is_threshold_sample = labels.threshold_sets[1].contains(&sample);
            assert_eq!(label == 3, is_threshold_sample);
            assert!(is_threshold_sample || label == labels.given[sample]);
        }
        assert_eq!(labels.output_count(), 4);
    }

    #[test]
    fn without_threshold_samples_there_is_no_extra_class() {
        assert_eq!(labels(0.5, 0).output_count(), 3);
    }
}
