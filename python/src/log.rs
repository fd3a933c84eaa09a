//! Logs the epochs of a Python training loop: one pass of one run, by the writer that the recorder has.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use logformat::{
    ExistingRun, LogError, LogitsColumn, PassSamples, Repeats, RunDescription, RunLock, RunWriter,
    SampleId, SampleRow, existing_run, parse_epoch_file_name,
};
use pyo3::buffer::PyBuffer;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;

use crate::error::{guarded, log_error};
use crate::rank::{OpenEpoch, Ranks, Writer};

/// One pass of a run that is being logged.
#[pyclass(module = "aum_toolkit._core")]
pub(crate) struct Log {
    writer: Option<Writer>,
    pass: u32,
    epoch: u32,
    repeats: Repeats,
    samples: Samples,
    places: BTreeMap<SampleId, usize>,
    /// The epoch that is being recorded; `None` before its first logits.
    open: Option<OpenEpoch>,
    row: Vec<f32>,
}

/// Those of the pass: how many outputs the network has is known with its first logits.
enum Samples {
    Listed(Vec<SampleRow>),
    Checked(Arc<PassSamples>),
}

/// What a log is of.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
struct Settings {
    folder: PathBuf,
    run: String,
    pass_number: u32,
    class_names: Vec<String>,
    configuration: String,
    keep_logits: bool,
    repeats: String,
    overwrite: bool,
    rank: u32,
    world_size: u32,
    wait_seconds: f64,
}

#[pymethods]
impl Log {
    #[new]
    fn new(
        py: Python<'_>,
        settings: Settings,
        ids: Ids,
        assigned_labels: PyBuffer<i64>,
        given_labels: PyBuffer<i64>,
        true_labels: Option<PyBuffer<i64>>,
        is_threshold_sample: Vec<bool>,
    ) -> PyResult<Self> {
        let repeats = repeats(&settings.repeats)?;
        let ids = ids.read(py)?;
        let labels = |buffer: &PyBuffer<i64>| buffer.to_vec(py);
        let rows = rows(
            ids,
            &labels(&assigned_labels)?,
            &labels(&given_labels)?,
            true_labels.as_ref().map(labels).transpose()?.as_deref(),
            &is_threshold_sample,
        )?;
        let places = rows.iter().enumerate();
        let places: BTreeMap<SampleId, usize> = places
            .map(|(place, row)| (row.sample_id.clone(), place))
            .collect();
        let pass = settings.pass_number;
        let writer = guarded(py, || writer(settings).map_err(log_error))?;
        Ok(Self {
            writer: Some(writer),
            pass,
            epoch: 1,
            repeats,
            samples: Samples::Listed(rows),
            places,
            open: None,
            row: Vec::new(),
        })
    }

    /// The 1-based epoch that is being recorded.
    #[getter]
    fn epoch(&self) -> u32 {
        self.epoch
    }

    /// Whether logits of this epoch were recorded that are not written yet.
    #[getter]
    fn has_open_epoch(&self) -> bool {
        self.open.as_ref().is_some_and(|epoch| !epoch.is_empty())
    }

    fn record(&mut self, py: Python<'_>, ids: Ids, logits: PyBuffer<f32>) -> PyResult<()> {
        let ids = ids.read(py)?;
        let &[samples, width] = logits.shape() else {
            return Err(PyValueError::new_err(format!(
                "logits have {} dimensions; give one row a sample, samples × classes",
                logits.dimensions()
            )));
        };
        if ids.len() != samples {
            return Err(PyValueError::new_err(format!(
                "{} sample ids, but {samples} rows of logits; give one id a row",
                ids.len()
            )));
        }
        self.row.resize(samples * width, 0.0);
        logits.copy_to_slice(py, &mut self.row)?;
        let mut epoch = match self.open.take() {
            Some(epoch) => epoch,
            None => {
                let samples = self.pass_samples(width)?;
                let writer = self.writer.as_ref().ok_or_else(closed)?;
                writer.begin_epoch(samples, self.epoch, self.repeats)
            }
        };
        let mut rows = self.row.chunks_exact(width.max(1));
        let done = ids.iter().try_for_each(|id| {
            let place = self.places.get(id).ok_or_else(|| LogError::Record {
                sample_id: id.to_string(),
                reason:
                    "is none of the samples of this pass; give its label when the log is opened"
                        .to_owned(),
            })?;
            epoch.record(*place, rows.next().unwrap_or_default())
        });
        self.open = Some(epoch);
        done.map_err(log_error)
    }

    /// Writes the epoch, in the background; the next one begins. Rank 0 waits for the others.
    fn end_epoch(&mut self, py: Python<'_>, metrics: BTreeMap<String, f64>) -> PyResult<()> {
        if self.open.is_none() {
            return Err(PyValueError::new_err(format!(
                "epoch {}: nothing was recorded; call record(ids, logits) for every batch",
                self.epoch
            )));
        }
        let writer = self.writer.as_mut().ok_or_else(closed)?;
        writer.write(py, self.pass, &mut self.open, metrics)?;
        self.epoch += 1;
        Ok(())
    }

    /// Waits until all epochs that were ended are on the disk, and leaves out one that was not. Of a rank that
    /// `has_failed`, rank 0 tells that it has died.
    #[pyo3(signature = (has_failed = false))]
    fn close(&mut self, py: Python<'_>, has_failed: bool) -> PyResult<Vec<PathBuf>> {
        self.open = None;
        match self.writer.take() {
            Some(writer) => guarded(py, || writer.close(has_failed).map_err(log_error)),
            None => Ok(Vec::new()),
        }
    }
}

impl Log {
    fn pass_samples(&mut self, width: usize) -> PyResult<Arc<PassSamples>> {
        if self.writer.is_none() {
            return Err(closed());
        }
        let samples = match &mut self.samples {
            Samples::Checked(samples) => Arc::clone(samples),
            Samples::Listed(rows) => {
                let checked = PassSamples::new(rows.clone(), width).map_err(log_error)?;
                Arc::new(checked)
            }
        };
        self.samples = Samples::Checked(Arc::clone(&samples));
        Ok(samples)
    }
}

/// Sample ids as Python hands them over.
enum Ids {
    Integers(PyBuffer<i64>),
    Texts(Vec<String>),
}

impl FromPyObject<'_, '_> for Ids {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        if let Ok(texts) = object.extract() {
            return Ok(Self::Texts(texts));
        }
        PyBuffer::get(&object)
            .map(Self::Integers)
            .map_err(|_| PyTypeError::new_err("sample ids are neither 64-bit integers nor texts"))
    }
}

impl Ids {
    fn read(&self, py: Python<'_>) -> PyResult<Vec<SampleId>> {
        Ok(match self {
            Self::Integers(ids) => ids.to_vec(py)?.into_iter().map(SampleId::Integer).collect(),
            Self::Texts(ids) => ids.iter().map(|id| SampleId::Text(id.clone())).collect(),
        })
    }
}

fn closed() -> PyErr {
    PyValueError::new_err("the log is closed; open another, with another pass_number or run")
}

fn repeats(word: &str) -> PyResult<Repeats> {
    match word {
        "refuse" => Ok(Repeats::Refuse),
        "first" => Ok(Repeats::First),
        "mean" => Ok(Repeats::Mean),
        other => Err(PyValueError::new_err(format!(
            "repeats is {other:?}; give \"refuse\", \"first\" or \"mean\""
        ))),
    }
}

/// The samples, where every list has one entry a sample.
fn rows(
    ids: Vec<SampleId>,
    assigned: &[i64],
    given: &[i64],
    truth: Option<&[i64]>,
    is_threshold_sample: &[bool],
) -> PyResult<Vec<SampleRow>> {
    let lengths = [assigned.len(), given.len(), is_threshold_sample.len()];
    let truth_length = truth.map_or(ids.len(), <[i64]>::len);
    if lengths
        .iter()
        .chain([&truth_length])
        .any(|&length| length != ids.len())
    {
        return Err(PyValueError::new_err(
            "ids and labels are not equally many; give one of each a sample",
        ));
    }
    let label = |id: &SampleId, kind: &str, label: i64| {
        u32::try_from(label).map_err(|_| {
            PyValueError::new_err(format!(
                "sample {id}: {kind} label {label} is no class index; give one from 0 on"
            ))
        })
    };
    let rows = ids.into_iter().enumerate().map(|(at, sample_id)| {
        let truth = truth.map(|labels| labels[at]).filter(|&label| label >= 0);
        Ok(SampleRow {
            assigned_label: label(&sample_id, "assigned", assigned[at])?,
            given_label: label(&sample_id, "given", given[at])?,
            true_label: truth
                .map(|truth| label(&sample_id, "true", truth))
                .transpose()?,
            is_threshold_sample: is_threshold_sample[at],
            sample_id,
        })
    });
    rows.collect()
}

/// A writer of a new run, of a further pass of one that is there, or of the shards of a rank.
fn writer(settings: Settings) -> Result<Writer, LogError> {
    let existing = match settings.overwrite {
        true => ExistingRun::Replace,
        false => ExistingRun::Refuse,
    };
    let ranks = Ranks {
        rank: settings.rank,
        world_size: settings.world_size,
        patience: Duration::try_from_secs_f64(settings.wait_seconds).unwrap_or(Duration::MAX),
    };
    let (folder, run, pass) = (&settings.folder, &*settings.run, settings.pass_number);
    Writer::open((folder, run, pass), &ranks, existing, || {
        let description = RunDescription {
            class_names: settings.class_names,
            configuration: serde_json::from_str(&settings.configuration).unwrap_or_default(),
        };
        let logits_column = match settings.keep_logits {
            true => LogitsColumn::Float32,
            false => LogitsColumn::Absent,
        };
        let pass_of = |file: &PathBuf| {
            let name = file.file_name()?.to_str()?;
            parse_epoch_file_name(run, name).map(|(pass, _)| pass)
        };
        let files = existing_run(folder, run)?.unwrap_or_default();
        let passes: Vec<u32> = files.iter().filter_map(pass_of).collect();
        let others = passes.iter().any(|&other| other != pass);
        if others && (settings.overwrite || !passes.contains(&pass)) {
            let lock = RunLock::take(folder, run)?;
            let keep = |other, _| other != pass;
            return RunWriter::resume(lock, folder, run, description, logits_column, keep);
        }
        RunWriter::create(folder, run, description, logits_column, existing)
    })
}
