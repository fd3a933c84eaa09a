//! Logits in an array of NumPy, epochs × samples × classes, with the labels in another: an NPY file and
//! `--labels`, or an NPZ archive with both. Or probabilities, samples × classes × epochs, as Data-IQ and its
//! like keep them, with labels that may be one-hot; which it is, the layout says, and the shape of the labels
//! is held against it.
//!
//! Probabilities become logarithms: softmax takes the same off each logit, so the margin stays the same.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use logformat::{EpochLogits, PassSamples, SampleId, SampleRow};

use crate::error::AnalyzerError;
use crate::imports::arrays::{Array, names};
use crate::imports::format::{Gives, ImportFormat, Notes, Source};
use crate::imports::log_folder::LogFolder;
use crate::imports::measurements::pass_samples;
use crate::imports::settings::ArrayLayout;
use crate::logs::table_frame::refusal;

pub(crate) const FORMAT: ImportFormat = ImportFormat {
    name: "numpy",
    about: "logits or probabilities of all epochs in an .npy with `labels`, or an .npz",
    recognises: |path| {
        let suffix = path.extension().and_then(|suffix| suffix.to_str());
        suffix.is_some_and(|suffix| ["npy", "npz"].contains(&suffix))
    },
    gives: Gives::Log(read),
};

/// What epochs may take that are held at once.
const OPEN_EPOCHS_BYTES: usize = 256 << 20;
/// In an archive.
const LOGITS: &str = "logits";
const LABELS: &str = "labels";
const SAMPLE_IDS: &str = "sample_id";
/// How far from 1 the probabilities of a sample may add up, half floats among them.
const ROUNDING: f32 = 0.01;

fn read(source: &Source<'_>, log: &mut LogFolder, notes: &mut Notes) -> Result<(), AnalyzerError> {
    let arrays = Arrays::find(source)?;
    let samples = Arc::new(arrays.pass_samples(source)?);
    let layout = source.settings.layout;
    let epoch_values = arrays.samples * arrays.classes;
    let at_once = match arrays.epochs_lie_together() {
        true => 1,
        false => (OPEN_EPOCHS_BYTES / 8 / epoch_values.max(1)).clamp(1, arrays.epochs),
    };
    let mut write = |epoch: usize, mut values: Vec<f32>| -> Result<(), AnalyzerError> {
        if layout == ArrayLayout::Probabilities {
            arrays.logarithms(&mut values)?;
        }
        let number = u32::try_from(epoch + 1).unwrap_or(u32::MAX);
        let mut logits = EpochLogits::new(Arc::clone(&samples), number);
        for (sample, row) in values.chunks_exact(arrays.classes).enumerate() {
            logits.record(sample, row)?;
        }
        Ok(log.write(source.pass, logits)?)
    };
    match at_once {
        1 if arrays.epochs_lie_together() => arrays.one_after_another(&mut write)?,
        _ => arrays.some_at_once(at_once, &mut write)?,
    }
    let unread = unread(source)?;
    if !unread.is_empty() {
        let (file, unread) = (source.path.display(), unread.join(", "));
        notes.push(format!("{file}: its arrays {unread} are not read"));
    }
    if layout == ArrayLayout::Probabilities {
        notes.push(format!(
            "{}: took the logarithms of the probabilities for logits, whose margins are the same",
            source.path.display()
        ));
    }
    Ok(())
}

fn is_archive(path: &Path) -> bool {
    path.extension().is_some_and(|suffix| suffix == "npz")
}

/// The arrays of an archive that say nothing here.
fn unread(source: &Source<'_>) -> Result<Vec<String>, AnalyzerError> {
    if !is_archive(source.path) {
        return Ok(Vec::new());
    }
    let theirs = |name: &'static str| {
        source
            .settings
            .columns
            .get(name)
            .map_or(name, String::as_str)
    };
    let labels = source.settings.labels.is_none().then(|| theirs(LABELS));
    let read = [Some(theirs(LOGITS)), labels, Some(theirs(SAMPLE_IDS))];
    let mut names = names(source.path)?;
    names.retain(|name| !read.contains(&Some(name.as_str())));
    Ok(names)
}

/// The arrays of a source, whose shapes fit.
struct Arrays {
    values: Array,
    labels: Vec<u32>,
    ids: Option<Vec<SampleId>>,
    layout: ArrayLayout,
    epochs: usize,
    samples: usize,
    classes: usize,
}

type WriteEpoch<'a> = dyn FnMut(usize, Vec<f32>) -> Result<(), AnalyzerError> + 'a;

impl Arrays {
    fn find(source: &Source<'_>) -> Result<Self, AnalyzerError> {
        let path = source.path;
        let (values, labels, ids) = match is_archive(path) {
            true => {
                let of = |name: &str| {
                    let theirs = source.settings.columns.get(name);
                    Array::in_archive(path, theirs.map_or(name, String::as_str))
                };
                let needed = |name: &str| {
                    of(name)?.ok_or_else(|| {
                        let found = names(path).unwrap_or_default().join(", ");
                        refusal(path, format!("has no array {name}; it has {found}, so say which it is: `column` {name}=NAME"))
                    })
                };
                let labels = match &source.settings.labels {
                    Some(file) => Array::in_file(file)?,
                    None => needed(LABELS)?,
                };
                (needed(LOGITS)?, labels, of(SAMPLE_IDS)?)
            }
            false => {
                let labels: &PathBuf = source.settings.labels.as_ref().ok_or_else(|| {
                    refusal(
                        path,
                        "holds no labels; give their file, .npy, as `labels`".to_owned(),
                    )
                })?;
                (Array::in_file(path)?, Array::in_file(labels)?, None)
            }
        };
        Self::fitting(source, values, labels, ids)
    }

    fn fitting(
        source: &Source<'_>,
        values: Array,
        labels: Array,
        ids: Option<Array>,
    ) -> Result<Self, AnalyzerError> {
        let layout = source.settings.layout;
        let &[first, second, third] = &values.shape[..] else {
            return Err(values.refusal(format!(
                "has the shape {}, in place of epochs, samples and classes",
                values.told_shape()
            )));
        };
        let [epochs, samples, classes] = match layout {
            ArrayLayout::Logits => [first, second, third],
            ArrayLayout::Probabilities => [third, first, second],
        };
        if epochs == 0 || samples == 0 || classes < 2 {
            return Err(values.refusal(format!(
                "has the shape {}, so {epochs} epochs of {samples} samples in {classes} classes",
                values.told_shape()
            )));
        }
        if !is_column(&labels, samples) && labels.shape != [samples, classes] {
            return Err(labels.refusal(format!(
                "has the shape {}, but the values have {}, so {samples} samples in {classes} classes; if the samples come first there, and epochs last, add `probabilities`, and else leave it out",
                labels.told_shape(),
                values.told_shape()
            )));
        }
        let labels = class_labels(&labels, classes)?;
        let ids = ids.map(|ids| sample_ids(&ids, samples)).transpose()?;
        Ok(Self {
            values,
            labels,
            ids,
            layout,
            epochs,
            samples,
            classes,
        })
    }

    fn pass_samples(&self, source: &Source<'_>) -> Result<PassSamples, AnalyzerError> {
        let threshold_label = source.settings.threshold_label;
        let rows = self
            .labels
            .iter()
            .enumerate()
            .map(|(sample, &label)| SampleRow {
                sample_id: match &self.ids {
                    Some(ids) => ids[sample].clone(),
                    None => (sample as i64).into(),
                },
                assigned_label: label,
                given_label: label,
                true_label: None,
                is_threshold_sample: threshold_label == Some(label),
            });
        pass_samples(rows.collect(), self.classes, source, false)
    }

    fn epochs_lie_together(&self) -> bool {
        self.layout == ArrayLayout::Logits && self.values.has_first_axis_outermost()
    }

    /// Epoch, and place in it, of a value.
    fn place(&self, at: &[usize]) -> (usize, usize) {
        match self.layout {
            ArrayLayout::Logits => (at[0], at[1] * self.classes + at[2]),
            ArrayLayout::Probabilities => (at[2], at[0] * self.classes + at[1]),
        }
    }

    fn one_after_another(&self, write: &mut WriteEpoch<'_>) -> Result<(), AnalyzerError> {
        let length = self.samples * self.classes;
        let mut values = Vec::with_capacity(length);
        let mut row = Vec::with_capacity(self.classes);
        self.values.for_each(|at, value| {
            row.push(self.finite(at, value)?);
            if row.len() == self.classes {
                values.extend(narrow(&row));
                row.clear();
            }
            if values.len() == length {
                let complete = std::mem::replace(&mut values, Vec::with_capacity(length));
                write(at[0], complete)?;
            }
            Ok(true)
        })
    }

    /// So many epochs in each reading.
    fn some_at_once(
        &self,
        at_once: usize,
        write: &mut WriteEpoch<'_>,
    ) -> Result<(), AnalyzerError> {
        for first in (0..self.epochs).step_by(at_once) {
            let count = at_once.min(self.epochs - first);
            let mut epochs = vec![vec![0.0; self.samples * self.classes]; count];
            self.values.for_each(|at, value| {
                let (epoch, place) = self.place(at);
                if (first..first + count).contains(&epoch) {
                    epochs[epoch - first][place] = self.finite(at, value)?;
                }
                Ok(true)
            })?;
            for (epoch, values) in (first..).zip(epochs) {
                let rows = values.chunks_exact(self.classes);
                write(epoch, rows.flat_map(narrow).collect())?;
            }
        }
        Ok(())
    }

    fn finite(&self, at: &[usize], value: f64) -> Result<f64, AnalyzerError> {
        match (value as f32).is_finite() {
            true => Ok(value),
            false => Err(self.values.refusal(format!(
                "has {value} at {at:?}; leave out the epochs that have no finite values"
            ))),
        }
    }

    /// Of the probabilities of one epoch. One of 0 is taken for the smallest there is.
    fn logarithms(&self, values: &mut [f32]) -> Result<(), AnalyzerError> {
        for (sample, row) in values.chunks_exact_mut(self.classes).enumerate() {
            let sum: f32 = row.iter().sum();
            let is_share = |p: &f32| (0.0..=1.0 + ROUNDING).contains(p);
            if !row.iter().all(is_share) || (sum - 1.0).abs() > ROUNDING {
                return Err(self.values.refusal(format!(
                    "has values for sample {sample} that are no probabilities, since they add up to {sum}; probabilities are samples × classes × epochs, by np.transpose where they lie otherwise, and logits epochs × samples × classes, without `probabilities`"
                )));
            }
            row.iter_mut()
                .for_each(|p| *p = p.max(f32::MIN_POSITIVE).ln());
        }
        Ok(())
    }
}

/// Whether there is one value a sample; Keras keeps them in two dimensions.
fn is_column(array: &Array, samples: usize) -> bool {
    array.shape == [samples] || array.shape == [samples, 1]
}

/// The logits of a sample in an epoch, less the largest of them where all lie so far from 0 that 32 bits would not
/// tell them apart: that changes no margin.
fn narrow(logits: &[f64]) -> impl Iterator<Item = f32> {
    const FAR: f64 = 4096.0;
    let range = |(low, high): (f64, f64), logit: &f64| (low.min(*logit), high.max(*logit));
    let (low, high) = logits
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), range);
    let nearest = low.abs().min(high.abs());
    let are_far = nearest > FAR && nearest > FAR * (high - low);
    let from = if are_far { high } else { 0.0 };
    logits.iter().map(move |logit| (logit - from) as f32)
}

/// One a sample, from an array of them or from one-hot rows.
fn class_labels(labels: &Array, classes: usize) -> Result<Vec<u32>, AnalyzerError> {
    let is_one_hot = !is_column(labels, labels.shape[0]);
    let mut found: Vec<Option<u32>> = vec![None; labels.shape[0]];
    labels.for_each(|at, value| {
        let sample = at[0];
        let label = match is_one_hot {
            false => value,
            true if value == 0.0 => return Ok(true),
            true if value == 1.0 && found[sample].is_none() => at[1] as f64,
            true => {
                let reason =
                    format!("has more than a single 1 for sample {sample}; give one label each");
                return Err(labels.refusal(reason));
            }
        };
        if label.fract() != 0.0 || !(0.0..classes as f64).contains(&label) {
            let reason = format!(
                "has {label} for sample {sample}, which is none of the {classes} classes from 0 on"
            );
            return Err(labels.refusal(reason));
        }
        found[sample] = Some(label as u32);
        Ok(true)
    })?;
    let labelled = found.into_iter().enumerate().map(|(sample, label)| {
        label.ok_or_else(|| labels.refusal(format!("has no label for sample {sample}")))
    });
    labelled.collect()
}

/// Whole numbers or texts.
fn sample_ids(ids: &Array, samples: usize) -> Result<Vec<SampleId>, AnalyzerError> {
    /// Beyond, not every whole number is a float.
    const LARGEST: f64 = 9_007_199_254_740_992.0;
    if !is_column(ids, samples) {
        let reason = format!("has the shape {} for {samples} samples", ids.told_shape());
        return Err(ids.refusal(reason));
    }
    if let Some(texts) = ids.texts()? {
        return Ok(texts.into_iter().map(SampleId::Text).collect());
    }
    let mut found = Vec::with_capacity(samples);
    ids.for_each(|at, value| {
        if value.fract() != 0.0 || value.abs() > LARGEST {
            let reason = format!(
                "has {value} for sample {}, which is no whole number below 2⁵³",
                at[0]
            );
            return Err(ids.refusal(reason));
        }
        found.push(SampleId::Integer(value as i64));
        Ok(true)
    })?;
    Ok(found)
}
