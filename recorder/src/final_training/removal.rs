//! Which samples a final training leaves out, and which get another label than the given one.

use std::path::PathBuf;

use rand::seq::SliceRandom;
use serde_json::{Value, json};

use crate::dataset::samples::dataset::Dataset;
use crate::dataset::samples::splits::emptied_class;
use crate::error::removal::FinalTrainingError;
use crate::error::run::RecorderError;
use crate::final_training::sample_list::SampleList;
use crate::labels::training_labels::{TrainingLabels, is_wrong};
use crate::seeds::stream;

/// What is left out, and what gets another label.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Removal {
    /// Which samples are left out.
    pub left_out: LeftOut,
    /// The file of other labels, if any: suggestions, or the decisions of a report.
    pub relabel: Option<PathBuf>,
}

/// Which samples are left out.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum LeftOut {
    /// None of them.
    #[default]
    None,
    /// Those of a file: the flagged ones of an AUM table, those with the decision to remove them (which relabels
    /// those to be corrected), or a list of ids.
    Listed(PathBuf),
    /// All but this share with the highest AUMs of a table; samples without an AUM stay.
    LowAums {
        /// The AUM table.
        table: PathBuf,
        /// The share that is kept, above 0 and at most 1.
        kept: f64,
    },
    /// Exactly those whose given label is known to be wrong.
    Mislabeled,
    /// So many, drawn by the data seed: what leaving out any samples does.
    Random(usize),
}

/// What is trained on in the end.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CleanedSet {
    /// Ascending places in the training set.
    pub(crate) kept: Vec<usize>,
    /// The label of every sample of the training set.
    pub(crate) labels: Vec<u32>,
    /// How many of those kept have another than the given one.
    pub(crate) relabelled: usize,
}

impl Removal {
    /// What stands for it in the name of a training.
    pub(crate) fn name_part(&self) -> String {
        let left_out = match &self.left_out {
            LeftOut::None if self.relabel.is_some() => String::new(),
            LeftOut::None => "all".to_owned(),
            LeftOut::Listed(_) => "drop".to_owned(),
            LeftOut::LowAums { kept, .. } => format!("keep{kept}"),
            LeftOut::Mislabeled => "oracle".to_owned(),
            LeftOut::Random(count) => format!("random{count}"),
        };
        let relabel = self.relabel.as_ref().map(|_| "relabel".to_owned());
        let parts = [Some(left_out).filter(|part| !part.is_empty()), relabel];
        parts.into_iter().flatten().collect::<Vec<_>>().join("-")
    }

    pub(crate) fn to_json(&self) -> Value {
        let left_out = match &self.left_out {
            LeftOut::None => Value::Null,
            LeftOut::Listed(path) => json!({ "listed": path }),
            LeftOut::LowAums { table, kept } => json!({ "table": table, "kept": kept }),
            LeftOut::Mislabeled => json!("oracle"),
            LeftOut::Random(count) => json!({ "random": count }),
        };
        json!({ "left_out": left_out, "relabel": self.relabel })
    }

    /// What is left of a training set with these labels; `run` is the one whose rows count in a table of several.
    ///
    /// # Errors
    /// [`FinalTrainingError`] where a list is of other samples, or a class is emptied.
    pub(crate) fn apply(
        &self,
        dataset: &Dataset,
        labels: &TrainingLabels,
        run: Option<&str>,
        data_seed: u64,
    ) -> Result<CleanedSet, RecorderError> {
        let mut now = labels.given.clone();
        let count = now.len();
        let open = |path| SampleList::open(path, dataset, labels, run);
        let left_out: Vec<usize> = match &self.left_out {
            LeftOut::None => Vec::new(),
            LeftOut::Listed(path) => {
                let list = open(path)?;
                for (sample, label) in list.corrections()? {
                    now[sample] = label;
                }
                list.left_out()?
            }
            LeftOut::LowAums { table, kept } => open(table)?.low_aums(*kept)?,
            LeftOut::Mislabeled => {
                let truth = labels.truth.as_ref();
                let truth = truth.ok_or(FinalTrainingError::UnknownTruth)?;
                (0..count)
                    .filter(|&sample| is_wrong(labels.given[sample], truth[sample]))
                    .collect()
            }
            LeftOut::Random(asked) => drawn(count, *asked, data_seed)?,
        };
        if let Some(path) = &self.relabel {
            for (sample, label) in open(path)?.relabelled()? {
                now[sample] = label;
            }
        }
        let mut is_kept = vec![true; count];
        for sample in left_out {
            is_kept[sample] = false;
        }
        let kept: Vec<usize> = (0..count).filter(|&sample| is_kept[sample]).collect();
        self.check_classes(dataset, &labels.given, &kept, &now)?;
        let changed = kept
            .iter()
            .filter(|&&sample| now[sample] != labels.given[sample]);
        Ok(CleanedSet {
            relabelled: changed.count(),
            kept,
            labels: now,
        })
    }

    fn check_classes(
        &self,
        dataset: &Dataset,
        given: &[u32],
        kept: &[usize],
        labels: &[u32],
    ) -> Result<(), FinalTrainingError> {
        let after: Vec<u32> = kept.iter().map(|&sample| labels[sample]).collect();
        match emptied_class(given, &after, dataset.class_count()) {
            None => Ok(()),
            Some(class) => Err(FinalTrainingError::EmptiedClass {
                what: self.in_words(),
                class,
                class_name: dataset.class_names[class].clone(),
            }),
        }
    }

    /// What leaves samples out, for people.
    fn in_words(&self) -> String {
        match (&self.left_out, &self.relabel) {
            (LeftOut::Listed(path), _) | (LeftOut::LowAums { table: path, .. }, _) => {
                path.display().to_string()
            }
            (LeftOut::Mislabeled, _) => "leaving out the mislabeled samples".to_owned(),
            (LeftOut::Random(count), _) => format!("leaving out {count} samples at random"),
            (LeftOut::None, Some(path)) => path.display().to_string(),
            (LeftOut::None, None) => "leaving out nothing".to_owned(),
        }
    }
}

fn drawn(count: usize, asked: usize, data_seed: u64) -> Result<Vec<usize>, FinalTrainingError> {
    if asked > count {
        return Err(FinalTrainingError::TooMany {
            asked,
            samples: count,
        });
    }
    let mut order: Vec<usize> = (0..count).collect();
    order.shuffle(&mut stream(data_seed, "random removal"));
    order.truncate(asked);
    Ok(order)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_what_was_left_out() {
        let part = |left_out, relabel: Option<&str>| {
            let relabel = relabel.map(PathBuf::from);
            Removal { left_out, relabel }.name_part()
        };
        assert_eq!(part(LeftOut::None, None), "all");
        assert_eq!(part(LeftOut::None, Some("a.csv")), "relabel");
        assert_eq!(part(LeftOut::Mislabeled, None), "oracle");
        let keep = LeftOut::LowAums {
            table: "a.csv".into(),
            kept: 0.6,
        };
        assert_eq!(part(keep, Some("b.csv")), "keep0.6-relabel");
    }

    #[test]
    fn a_random_removal_depends_on_the_data_seed_alone_and_has_each_sample_once() {
        let mut one = drawn(50, 20, 7).unwrap();
        assert_eq!(one, drawn(50, 20, 7).unwrap());
        assert_ne!(one, drawn(50, 20, 8).unwrap());
        one.sort_unstable();
        one.dedup();
        assert_eq!(one.len(), 20);
        assert!(drawn(5, 6, 7).is_err());
    }
}
