//! The labels of the training samples for a whole run: true, given, and assigned in each pass.

use draws::folds::{check_folds, draw_folds};
use draws::threshold_samples::{threshold_sets, threshold_sets_beside_folds};
use logformat::{PassSamples, SampleRow};
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
    pub truth: Option<Vec<Option<u32>>>,
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
    /// The fold of each sample, which the pass of the same index does not train on; `None` where every pass
    /// trains on all samples.
    pub folds: Option<Vec<usize>>,
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
            folds: None,
        })
    }

    /// The same for as many passes as there are `folds`, each of which holds out one.
    ///
    /// # Errors
    /// [`RecorderError::TooManyFolds`] where a class has fewer samples than there are folds, and those of
    /// [`TrainingLabels::draw`].
    pub fn draw_with_folds(
        labels: GivenLabels,
        class_count: u32,
        threshold_count: usize,
        folds: usize,
        data_seed: u64,
    ) -> Result<Self, RecorderError> {
        check_folds(&labels.given, folds)?;
        let of_samples = draw_folds(&labels.given, folds, data_seed);
        let threshold_sets =
            threshold_sets_beside_folds(&of_samples, threshold_count, folds, data_seed)?;
        let labels = Self::draw(labels, class_count, 0, folds, data_seed)?;
        Ok(Self {
            threshold_sets,
            folds: Some(of_samples),
            ..labels
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
        Some(
            pairs
                .filter(|(given, truth)| is_wrong(**given, **truth))
                .count(),
        )
    }

    /// Of how many labels it is known whether they are wrong.
    fn known_count(&self) -> usize {
        match (&self.mislabeled, &self.truth) {
            (Some(marks), _) => marks.iter().flatten().count(),
            (None, Some(truth)) => truth.iter().flatten().count(),
            (None, None) => 0,
        }
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

    /// The samples that the pass at index `pass` (from 0) trains on, ascending.
    pub fn trained(&self, pass: usize) -> Vec<usize> {
        let is_trained = |&sample: &usize| self.fold(sample) != Some(pass);
        (0..self.given.len()).filter(is_trained).collect()
    }

    /// Those that it holds out, ascending.
    pub fn held_out(&self, pass: usize) -> Vec<usize> {
        let is_held_out = |&sample: &usize| self.fold(sample) == Some(pass);
        (0..self.given.len()).filter(is_held_out).collect()
    }

    fn fold(&self, sample: usize) -> Option<usize> {
        self.folds.as_ref().map(|folds| folds[sample])
    }

    /// The samples that the pass at index `pass` (from 0) trains on, as the log wants them, in the order of
    /// [`TrainingLabels::trained`].
    ///
    /// # Errors
    /// [`RecorderError::Log`] where the log refuses them, such as an empty training set.
    pub fn pass_samples(&self, pass: usize) -> Result<PassSamples, RecorderError> {
        let mut rows = self.rows(self.assigned(pass));
        for &sample in &self.threshold_sets[pass] {
            rows[sample].is_threshold_sample = true;
        }
        self.logged(&rows, &self.trained(pass), self.output_count())
    }

    /// Those that it holds out, in the order of [`TrainingLabels::held_out`]: with their given labels, and none
    /// is a threshold sample.
    ///
    /// # Errors
    /// As [`TrainingLabels::given_samples`].
    pub fn held_out_samples(&self, pass: usize) -> Result<PassSamples, RecorderError> {
        let rows = self.rows(self.given.clone());
        self.logged(&rows, &self.held_out(pass), self.class_count as usize)
    }

    /// Every sample with its given label, as held-out logits are logged: none is a threshold sample.
    ///
    /// # Errors
    /// [`RecorderError::Log`] where the log refuses them, such as those of a single class.
    pub fn given_samples(&self) -> Result<PassSamples, RecorderError> {
        let rows = self.rows(self.given.clone());
        let all: Vec<usize> = (0..rows.len()).collect();
        self.logged(&rows, &all, self.class_count as usize)
    }

    /// Some samples for a network of so many outputs.
    fn logged(
        &self,
        rows: &[SampleRow],
        samples: &[usize],
        outputs: usize,
    ) -> Result<PassSamples, RecorderError> {
        let rows = samples.iter().map(|&sample| rows[sample].clone());
        let logged = PassSamples::new(rows.collect(), outputs)?;
        match &self.mislabeled {
            None => Ok(logged),
            Some(marks) => {
                let marks: Vec<_> = samples.iter().map(|&sample| marks[sample]).collect();
                Ok(logged.with_mislabeled(&marks)?)
            }
        }
    }

    fn rows(&self, assigned: Vec<u32>) -> Vec<SampleRow> {
        let samples = assigned.into_iter().enumerate();
        samples
            .map(|(sample, assigned_label)| SampleRow {
                sample_id: self.sample_ids[sample].into(),
                assigned_label,
                given_label: self.given[sample],
                true_label: self.truth.as_ref().and_then(|truth| truth[sample]),
                is_threshold_sample: false,
            })
            .collect()
    }
}

/// Whether a given label is known to be wrong.
pub(crate) fn is_wrong(given: u32, truth: Option<u32>) -> bool {
    truth.is_some_and(|truth| truth != given)
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
    fn a_pass_trains_on_all_but_its_fold_and_logs_these() {
        let given = GivenLabels {
            given: (0..12).map(|sample| sample % 2).collect(),
            truth: None,
            mislabeled: None,
            notes: Vec::new(),
        };
        let drawn = |folds| TrainingLabels::draw_with_folds(given.clone(), 2, 2, folds, 7);
        let labels = drawn(3).unwrap();
        assert_eq!(labels.threshold_sets.len(), 3);
        let mut held_out = Vec::new();
        for pass in 0..3 {
            let (trained, out) = (labels.trained(pass), labels.held_out(pass));
            assert_eq!((trained.len(), out.len()), (8, 4));
            assert!(out.iter().all(|sample| !trained.contains(sample)));
            assert!(
                labels.threshold_sets[pass]
                    .iter()
                    .all(|sample| trained.contains(sample))
            );
            assert_eq!(labels.pass_samples(pass).unwrap().len(), 8);
            assert_eq!(labels.held_out_samples(pass).unwrap().len(), 4);
            held_out.extend(out);
        }
        held_out.sort_unstable();
        assert!(held_out.into_iter().eq(0..12));
        let error = drawn(7).unwrap_err().to_string();
        assert!(
            error.contains("there are 7 folds, but class 0 has only 6 samples"),
            "{error}"
        );
    }

    #[test]
    fn without_threshold_samples_there_is_no_extra_class() {
        assert_eq!(labels(0.5, 0).output_count(), 3);
    }
}
