//! `training_dynamics/dynamics_epoch_N.jsonl` of dataset cartography (Swayamdipta et al., *Dataset
//! Cartography*, EMNLP 2020; github.com/allenai/cartography): a file for each epoch, from 0, with a record
//! `{"guid": …, "logits_epoch_N": […], "gold": …}` a line. Becomes a log with logits, epochs from 1.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use logformat::{EpochLogits, SampleId, SampleRow};
use serde_json::{Map, Value};

use crate::error::AnalyzerError;
use crate::imports::format::{Gives, ImportFormat, Notes, Source};
use crate::imports::limited_lines::LimitedLines;
use crate::imports::log_folder::LogFolder;
use crate::imports::measurements::pass_samples;
use crate::logs::table_frame::refusal;

pub(crate) const FORMAT: ImportFormat = ImportFormat {
    name: "data-maps",
    about: "folder of dynamics_epoch_N.jsonl of dataset cartography (data maps)",
    recognises: |path| path.is_dir() && epoch_files(path).is_ok_and(|files| !files.is_empty()),
    gives: Gives::Log(read),
};

const FOLDER: &str = "training_dynamics";

/// The files by their numbers, in the folder itself or in the one that the tool makes in it.
fn epoch_files(folder: &Path) -> Result<BTreeMap<u32, PathBuf>, AnalyzerError> {
    let below = folder.join(FOLDER);
    let folder = if below.is_dir() { &below } else { folder };
    let failed = |source| AnalyzerError::Read {
        path: folder.to_owned(),
        source,
    };
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let number = entry.file_name().to_str().and_then(epoch_number);
        files.extend(number.map(|number| (number, entry.path())));
    }
    Ok(files)
}

fn epoch_number(name: &str) -> Option<u32> {
    let number = name.strip_prefix("dynamics_epoch_")?;
    number.strip_suffix(".jsonl")?.parse().ok()
}

fn read(source: &Source<'_>, log: &mut LogFolder, _: &mut Notes) -> Result<(), AnalyzerError> {
    let files = epoch_files(source.path)?;
    if files.is_empty() {
        let reason = "holds no dynamics_epoch_N.jsonl; give the folder training_dynamics";
        return Err(refusal(source.path, reason.to_owned()));
    }
    let mut known = BTreeMap::new();
    for (number, (found, path)) in (0..).zip(&files) {
        if *found != number {
            let missing = path.with_file_name(format!("dynamics_epoch_{number}.jsonl"));
            let reason = "is missing between the others; a gap in the epochs is none of the training, so put it back, or number the files anew";
            return Err(refusal(&missing, reason.to_owned()));
        }
        let epoch = Epoch::read(path, number, &mut known)?;
        log.write(source.pass, epoch.logits(source, number + 1)?)?;
    }
    Ok(())
}

/// The records of one file.
#[derive(Default)]
struct Epoch {
    labels: Vec<(SampleId, u32)>,
    width: usize,
    /// Records × classes.
    logits: Vec<f32>,
}

impl Epoch {
    /// Reads a file; `known` has the labels of the files before.
    fn read(
        path: &Path,
        number: u32,
        known: &mut BTreeMap<SampleId, u32>,
    ) -> Result<Self, AnalyzerError> {
        let mut lines = BufReader::with_capacity(1 << 18, LimitedLines::open(path)?);
        let (mut epoch, mut line) = (Self::default(), Vec::new());
        let key = format!("logits_epoch_{number}");
        for at in 1_u64.. {
            line.clear();
            let read = lines.read_until(b'\n', &mut line);
            let read = read.map_err(|source| AnalyzerError::Read {
                path: path.to_owned(),
                source,
            })?;
            if read == 0 {
                break;
            }
            let taken = epoch.take(&line, &key, known);
            taken.map_err(|reason| refusal(path, format!("line {at} {reason}")))?;
        }
        match epoch.labels.is_empty() {
            true => Err(refusal(path, "has no records".to_owned())),
            false => Ok(epoch),
        }
    }

    fn take(
        &mut self,
        line: &[u8],
        key: &str,
        known: &mut BTreeMap<SampleId, u32>,
    ) -> Result<(), String> {
        let record: Map<String, Value> = serde_json::from_slice(line).map_err(|error| {
            format!("is no record in JSON ({error}); the file was cut off, or is of another kind")
        })?;
        let of = |key: &str| record.get(key).ok_or_else(|| format!("has no {key}"));
        let (id, label) = (sample_id(of("guid")?)?, label(of("gold")?)?);
        let logits = of(key)?.as_array();
        let logits = logits.ok_or_else(|| format!("has no list for {key}"))?;
        if self.width == 0 {
            self.width = logits.len();
        }
        if logits.len() != self.width {
            let (found, width) = (logits.len(), self.width);
            return Err(format!("has {found} logits, the lines before it {width}"));
        }
        for (class, logit) in logits.iter().enumerate() {
            // pandas writes null for NaN.
            let logit = logit.as_f64().map(|logit| logit as f32);
            let logit = logit.filter(|logit| logit.is_finite());
            self.logits.push(logit.ok_or_else(|| {
                format!("has no finite number for the logit of class {class}; leave out what is no measurement")
            })?);
        }
        match known.insert(id.clone(), label) {
            Some(before) if before != label => Err(format!(
                "has gold {label} for {id}, but {before} before; labels must not change within a pass"
            )),
            _ => {
                self.labels.push((id, label));
                Ok(())
            }
        }
    }

    fn logits(self, source: &Source<'_>, epoch: u32) -> Result<EpochLogits, AnalyzerError> {
        let threshold_label = source.settings.threshold_label;
        let rows = self.labels.into_iter().map(|(sample_id, label)| SampleRow {
            sample_id,
            assigned_label: label,
            given_label: label,
            true_label: None,
            is_threshold_sample: threshold_label == Some(label),
        });
        let samples = pass_samples(rows.collect(), self.width, source, false)?;
        let mut epoch = EpochLogits::new(Arc::new(samples), epoch);
        for (sample, logits) in self.logits.chunks_exact(self.width).enumerate() {
            epoch.record(sample, logits)?;
        }
        Ok(epoch)
    }
}

fn sample_id(guid: &Value) -> Result<SampleId, String> {
    match guid {
        Value::String(text) => Ok(SampleId::Text(text.clone())),
        Value::Number(number) => number.as_i64().map(SampleId::from).ok_or_else(|| {
            format!(
                "has the guid {number}, which is no whole number of 64 bits; write guids as texts"
            )
        }),
        other => Err(format!("has the guid {other}, neither a number nor a text")),
    }
}

fn label(gold: &Value) -> Result<u32, String> {
    let label = gold.as_u64().and_then(|label| u32::try_from(label).ok());
    label.ok_or_else(|| format!("has gold {gold}, which is no class index from 0 on"))
}
