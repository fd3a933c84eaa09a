//! Where the labels of the training set come from: the data set, with noise or without, or a file.

use std::path::Path;

use logformat::configuration::{NOISE_RATE, NOISE_TYPE};
use serde_json::{Value, json};

use crate::dataset::label_file::decisions::DecisionFile;
use crate::dataset::label_file::file::{GivenLabels, LabelFile};
use crate::dataset::label_file::marks::TruthColumn;
use crate::dataset::samples::origins::Origins;
use crate::dataset::samples::splits::emptied_class;
use crate::error::run::RecorderError;
use crate::labels::noise::label_noise::LabelNoise;
use crate::seeds::stream;

/// Where the labels under suspicion come from. Noise upon the labels of a file cannot be asked for:
/// it would be open what is true then.
#[derive(Debug, Clone, PartialEq)]
pub enum LabelSource {
    /// The data set's own labels, after noise.
    Dataset(LabelNoise),
    /// Those of a file.
    File(LabelFile),
    /// Others, after the decisions of a report.
    Decided(Box<LabelSource>, DecisionFile),
}

impl LabelSource {
    /// The labels of a training set whose own labels are `labels`, and which comes from `origins`.
    ///
    /// # Errors
    /// [`RecorderError`] where noise or file do not fit the data set, or noise leaves a class
    /// without any label.
    pub fn labels(
        &self,
        labels: &[u32],
        origins: &Origins,
        class_names: &[String],
        data_seed: u64,
    ) -> Result<GivenLabels, RecorderError> {
        let noise = match self {
            LabelSource::File(file) => {
                return match &file.truth {
                    Some(TruthColumn::Mislabeled(column)) if file.is_of_data => {
                        file.read_own_marks(column, origins, labels)
                    }
                    _ => file.read(origins, class_names),
                };
            }
            LabelSource::Decided(before, decisions) => {
                let before = before.labels(labels, origins, class_names, data_seed)?;
                return decisions.applied(before, origins, class_names);
            }
            LabelSource::Dataset(noise) => noise,
        };
        let Some(model) = noise.model(class_names)? else {
            return Ok(GivenLabels {
                given: labels.to_vec(),
                truth: None,
                mislabeled: None,
                notes: Vec::new(),
            });
        };
        let given = model.draw(labels, &mut stream(data_seed, "noise"));
        match emptied_class(labels, &given, class_names.len()) {
            Some(class) => Err(RecorderError::EmptiedClass {
                noise: noise.to_string(),
                class,
                class_name: class_names[class].clone(),
            }),
            None => Ok(GivenLabels {
                given,
                truth: Some(labels.iter().copied().map(Some).collect()),
                mislabeled: None,
                notes: Vec::new(),
            }),
        }
    }

    /// The file, where they come from one.
    pub fn file(&self) -> Option<&LabelFile> {
        match self {
            LabelSource::Dataset(_) => None,
            LabelSource::File(file) => Some(file),
            LabelSource::Decided(before, _) => before.file(),
        }
    }

    /// The decisions of a report, where there are any.
    pub fn decisions(&self) -> Option<&DecisionFile> {
        match self {
            LabelSource::Decided(_, decisions) => Some(decisions),
            LabelSource::Dataset(_) | LabelSource::File(_) => None,
        }
    }

    /// What is known about the labels, for people; `mislabeled` samples of `samples`, where the truth
    /// is known.
    pub fn describe(&self, mislabeled: Option<usize>, samples: usize) -> String {
        let share = |mislabeled: usize| 100.0 * mislabeled as f64 / samples.max(1) as f64;
        match (self, mislabeled) {
            (LabelSource::Decided(before, decisions), _) => format!(
                "{}, after the decisions in {}",
                before.describe(mislabeled, samples),
                decisions.path.display()
            ),
            (LabelSource::Dataset(_), Some(mislabeled)) => format!(
                "{mislabeled} of them mislabeled on purpose ({:.1} %)",
                share(mislabeled)
            ),
            (LabelSource::Dataset(_), None) => "their own labels under suspicion".to_owned(),
            (LabelSource::File(file), Some(mislabeled)) => format!(
                "{mislabeled} of them mislabeled in {} ({:.1} %)",
                file.path.display(),
                share(mislabeled)
            ),
            (LabelSource::File(file), None) => {
                format!("their labels in {} under suspicion", file.path.display())
            }
        }
    }

    /// What stands for it in the name of a run: `noise0.4`, `flip0.4`, `matrix-FILE`,
    /// `labels-FILE-COLUMN`.
    pub fn run_name_part(&self) -> String {
        match self {
            LabelSource::Dataset(LabelNoise::None) => "noise0".to_owned(),
            LabelSource::Dataset(LabelNoise::Uniform(rate)) => format!("noise{}", rate.get()),
            LabelSource::Dataset(LabelNoise::Matrix(path)) => {
                format!("matrix-{}", stem(path))
            }
            LabelSource::Dataset(noise) => {
                let rate = noise.rate().map_or(0.0, |rate| rate.get());
                format!("{}{rate}", noise.type_name())
            }
            LabelSource::File(file) => {
                let column = file.column.as_deref().map(fit_for_a_name);
                let columns = column.map_or_else(String::new, |column| format!("-{column}"));
                format!("labels-{}{columns}", stem(&file.path))
            }
            LabelSource::Decided(before, decisions) => {
                format!("{}-{}", before.run_name_part(), stem(&decisions.path))
            }
        }
    }

    /// The settings as they are logged.
    pub fn to_json(&self) -> Value {
        match self {
            LabelSource::Dataset(noise) => {
                let matrix = match noise {
                    LabelNoise::Matrix(path) => Some(path.to_string_lossy()),
                    _ => None,
                };
                json!({
                    (NOISE_TYPE): noise.type_name(),
                    (NOISE_RATE): noise.rate().map(|rate| rate.get()),
                    "noise_matrix": matrix,
                })
            }
            LabelSource::File(file) => json!({
                "labels": file.path.to_string_lossy(),
                "label_column": file.column,
                "true_label_column": file.truth.as_ref().and_then(|truth| match truth {
                    TruthColumn::Labels(name) => Some(name),
                    TruthColumn::Mislabeled(_) => None,
                }),
                "mislabeled_column": file.truth.as_ref().and_then(|truth| match truth {
                    TruthColumn::Labels(_) => None,
                    TruthColumn::Mislabeled(column) => Some(column.to_string()),
                }),
            }),
            LabelSource::Decided(before, decisions) => {
                let mut settings = before.to_json();
                settings["decisions"] = json!(decisions.path.to_string_lossy());
                settings
            }
        }
    }
}

fn stem(path: &Path) -> String {
    fit_for_a_name(&path.file_stem().unwrap_or_default().to_string_lossy())
}

/// Without the characters that the name of a run must not have, and not too long.
fn fit_for_a_name(text: &str) -> String {
    const LONGEST: usize = 40;
    let fits = |c: char| c.is_ascii_alphanumeric() || "._-+=".contains(c);
    let fit = text.chars().map(|c| if fits(c) { c } else { '_' });
    fit.take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labels::noise::rate::NoiseRate;

    fn dataset(noise: LabelNoise) -> LabelSource {
        LabelSource::Dataset(noise)
    }

    fn rate(rate: f64) -> NoiseRate {
        NoiseRate::new(rate).unwrap()
    }

    #[test]
    fn noise_that_empties_a_class_is_refused_with_class_and_rate() {
        let classes = "airplane automobile bird cat deer dog frog horse ship truck";
        let names: Vec<String> = classes.split(' ').map(str::to_owned).collect();
        let labels: Vec<u32> = (0..100).map(|sample| sample % 10).collect();
        let all = dataset(LabelNoise::Cifar10Pairs(rate(1.0)));
        let error = all
            .labels(&labels, &Origins::default(), &names, 0)
            .unwrap_err()
            .to_string();
        let expected = "cifar10-pairs noise at rate 1 leaves no label of class 2 (bird)";
        assert!(error.starts_with(expected), "{error}");
        // Flipped round and round, every class keeps as many labels as it had.
        let flip = dataset(LabelNoise::Flip(rate(1.0)));
        assert!(flip.labels(&labels, &Origins::default(), &names, 0).is_ok());
    }

    #[test]
    fn a_class_without_samples_is_not_the_fault_of_the_noise() {
        let names = ["a", "b", "c"].map(str::to_owned);
        let labels = [0, 1, 0, 1, 0, 1, 0, 1];
        let none = dataset(LabelNoise::Flip(rate(1e-9)));
        assert_eq!(
            none.labels(&labels, &Origins::default(), &names, 0)
                .unwrap()
                .given,
            labels
        );
    }

    #[test]
    fn the_run_name_tells_noise_types_and_files_apart() {
        let file = |path: &str, column: Option<&str>| {
            LabelSource::File(LabelFile {
                path: path.into(),
                column: column.map(str::to_owned),
                ..LabelFile::default()
            })
        };
        let decisions = DecisionFile {
            path: "mine.csv".into(),
        };
        for (source, part) in [
            (dataset(LabelNoise::None), "noise0"),
            (dataset(LabelNoise::Uniform(rate(0.4))), "noise0.4"),
            (
                LabelSource::Decided(Box::new(dataset(LabelNoise::None)), decisions),
                "noise0-mine",
            ),
            (dataset(LabelNoise::Flip(rate(0.4))), "flip0.4"),
            (
                dataset(LabelNoise::Cifar10Pairs(rate(0.2))),
                "cifar10-pairs0.2",
            ),
            (
                dataset(LabelNoise::Matrix("a/b c.csv".into())),
                "matrix-b_c",
            ),
            (
                file("../10n.parquet", Some("random1")),
                "labels-10n-random1",
            ),
            (file("people.npy", None), "labels-people"),
        ] {
            assert_eq!(source.run_name_part(), part);
        }
    }
}
