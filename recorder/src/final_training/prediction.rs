//! What a saved network says of samples: the probability of each class, in evaluation mode.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::{ArrayRef, Float32Array, Int64Array, RecordBatch, StringArray};
use logformat::{SampleIds, WholeFile};
use parquet::arrow::ArrowWriter;

use crate::dataset::own_ids::own_ids;
use crate::dataset::samples::dataset::Dataset;
use crate::dataset::samples::sample_set::Samples;
use crate::dataset::settings::DatasetSettings;
use crate::error::removal::FinalTrainingError;
use crate::error::run::RecorderError;
use crate::final_training::model::{ModelDescription, SavedNetwork, load};
use crate::training::augmentation::Augmentation;
use crate::training::device::DeviceChoice;
use crate::training::evaluation::for_outputs;
use crate::training::inputs::{HostInputs, InputSource};

/// Which samples of a data set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Part {
    /// The training samples: all of a set in one part.
    #[default]
    Training,
    /// Those held out of them.
    Validation,
    /// The test samples.
    Test,
}

/// What a network is applied to.
#[derive(Debug, Clone, PartialEq)]
pub struct PredictSettings {
    /// The file of the network.
    pub model: PathBuf,
    /// The data; sizes of images are the network's where nothing is said.
    pub dataset: DatasetSettings,
    /// Which samples of them.
    pub part: Part,
    /// Seed of the split.
    pub data_seed: u64,
    /// The device that computes.
    pub device: DeviceChoice,
}

/// What a network says of samples.
#[derive(Debug, Clone, PartialEq)]
pub struct Predictions {
    /// The names of the classes, in the order of the probabilities.
    pub class_names: Vec<String>,
    /// Of each sample, its id, as in logs.
    pub sample_ids: Vec<i64>,
    /// Of each sample, its owner's id, where a column of them was named.
    pub own_ids: Option<SampleIds>,
    /// Of each sample, its file and its row there.
    pub places: Vec<(PathBuf, u64)>,
    /// The label that the data set has; 0 for all where features have none.
    pub labels: Vec<u32>,
    /// Of each sample, as many as there are classes.
    pub probabilities: Vec<Vec<f32>>,
}

/// Applies a saved network.
///
/// # Errors
/// [`RecorderError`] where network or data cannot be read, or do not fit.
pub fn predict(settings: &PredictSettings) -> Result<Predictions, RecorderError> {
    let device = settings.device.open()?.device;
    let SavedNetwork {
        description,
        network,
    } = load(&settings.model, &device)?;
    let mut data = settings.dataset.clone();
    data.image_size = data.image_size.or(description.image_size);
    data.resize = data.resize.or(description.resize);
    data.needs_labels = false;
    let mut dataset = Dataset::load(&data, settings.data_seed)?;
    fit(&mut dataset, &description, &settings.model)?;
    let none = Samples::none();
    let samples = match settings.part {
        Part::Training => &dataset.train,
        Part::Validation => dataset.validation.as_ref().unwrap_or(&none),
        Part::Test => &dataset.test,
    };
    if samples.is_empty() {
        return Err(refused(
            &settings.model,
            "there are no samples in this part of the data to apply it to".to_owned(),
        ));
    }
    let inputs = HostInputs::new(&dataset, samples, Augmentation::default());
    let inputs = InputSource::of(inputs, &device);
    let mut probabilities = vec![Vec::new(); samples.len()];
    for_outputs(network.as_ref(), &inputs, |sample, logits| {
        probabilities[sample] = softmax(logits);
    })?;
    // Those of the training samples were read with them.
    let own_ids = match &samples.origins.own_ids {
        Some(own) => Some(own.clone()),
        None => own_ids(&data, &samples.origins)?,
    };
    let each = 0..samples.len();
    Ok(Predictions {
        own_ids: own_ids.map(|own| own.ids),
        class_names: description.class_names,
        sample_ids: each
            .clone()
            .map(|sample| samples.origins.sample_id(sample) as i64)
            .collect(),
        places: each.map(|sample| samples.origins.place(sample)).collect(),
        labels: samples.labels.clone(),
        probabilities,
    })
}

/// Standardises inputs as those were that the network was trained on.
fn fit(
    dataset: &mut Dataset,
    network: &ModelDescription,
    model: &Path,
) -> Result<(), RecorderError> {
    if dataset.sample_shape != network.sample_shape {
        let shape = |[channels, height, width]: [usize; 3]| format!("{channels}×{height}×{width}");
        return Err(refused(
            model,
            format!(
                "its samples are {} (channels, height, width), but those of the data {}",
                shape(network.sample_shape),
                shape(dataset.sample_shape)
            ),
        ));
    }
    let columns = network.feature_columns.iter();
    let mut columns = columns.zip(&dataset.reading.feature_columns);
    if let Some((expected, found)) = columns.find(|(expected, found)| expected != found) {
        return Err(refused(
            model,
            format!(
                "it was trained on a feature {expected} where the data have {found}; give all features as there, under the same names and in the same order"
            ),
        ));
    }
    let offset = |offsets: &[f64], channel: usize| offsets.get(channel).copied().unwrap_or(0.0);
    let means = network.means.iter().enumerate();
    dataset.standardisation.means = means
        .map(|(channel, mean)| {
            let before = offset(&network.feature_offsets, channel);
            mean + before - offset(&dataset.feature_offsets, channel)
        })
        .collect();
    dataset.standardisation.deviations = network.deviations.clone();
    Ok(())
}

fn refused(model: &Path, reason: String) -> RecorderError {
    let path = model.to_owned();
    FinalTrainingError::Model { path, reason }.into()
}

fn softmax(logits: &[f32]) -> Vec<f32> {
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let powers: Vec<f64> = logits
        .iter()
        .map(|&logit| f64::from(logit - largest).exp())
        .collect();
    let sum: f64 = powers.iter().sum();
    powers.iter().map(|power| (power / sum) as f32).collect()
}

impl Predictions {
    /// The class with the largest probability, the first of equal ones.
    pub fn class(&self, sample: usize) -> usize {
        let probabilities = self.probabilities[sample].iter().enumerate();
        let best = probabilities.fold((0, f32::NEG_INFINITY), |best, (class, &probability)| {
            if probability > best.1 {
                (class, probability)
            } else {
                best
            }
        });
        best.0
    }

    /// A row a sample: `sample_id`, `file`, `row`, `id` where its owner's are known, `class` (the name of the most probable one), and for each
    /// class `probability_NAME`.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn write_csv(&self, output: impl Write) -> std::io::Result<()> {
        let mut writer = csv::Writer::from_writer(output);
        let names = self.class_names.iter();
        let names = names.map(|name| format!("{PROBABILITY}{name}"));
        let first = COLUMNS
            .iter()
            .copied()
            .chain(self.own_ids.as_ref().map(|_| ID));
        let first = first.chain([CLASS]).map(str::to_owned);
        writer.write_record(first.chain(names)).map_err(of_output)?;
        for (sample, id) in self.sample_ids.iter().enumerate() {
            let (file, row) = &self.places[sample];
            let first = [id.to_string(), file.display().to_string(), row.to_string()];
            let own = self.own_ids.as_ref().and_then(|ids| ids.get(sample));
            let class = self.class_names[self.class(sample)].clone();
            let first = first.into_iter().chain(own.map(|id| id.to_string()));
            let probabilities = self.probabilities[sample].iter().map(f32::to_string);
            let row = first.chain([class]).chain(probabilities);
            writer.write_record(row).map_err(of_output)?;
        }
        writer.flush()
    }

    /// Writes that to a file, CSV or Parquet by its suffix, whole or not at all.
    ///
    /// # Errors
    /// [`FinalTrainingError::Unwritable`] where it cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), FinalTrainingError> {
        let write = || -> std::io::Result<()> {
            let mut file = WholeFile::create(path)?;
            match path.extension().and_then(|suffix| suffix.to_str()) {
                Some("parquet") => self.write_parquet(&mut file)?,
                _ => self.write_csv(&mut file)?,
            }
            file.replace()
        };
        write().map_err(|source| FinalTrainingError::Unwritable {
            path: path.to_owned(),
            source,
        })
    }

    fn write_parquet(&self, output: impl Write + Send) -> std::io::Result<()> {
        let each = || 0..self.sample_ids.len();
        let files = self
            .places
            .iter()
            .map(|(file, _)| file.display().to_string());
        let rows = self.places.iter().map(|&(_, row)| row.cast_signed());
        let classes = each().map(|sample| &self.class_names[self.class(sample)]);
        let first: [ArrayRef; 3] = [
            Arc::new(Int64Array::from(self.sample_ids.clone())),
            Arc::new(StringArray::from_iter_values(files)),
            Arc::new(Int64Array::from_iter_values(rows)),
        ];
        let own = self.own_ids.as_ref().map(|ids| match ids {
            SampleIds::Integers(ids) => Arc::new(Int64Array::from(ids.clone())) as ArrayRef,
            SampleIds::Texts(ids) => Arc::new(StringArray::from(ids.clone())),
        });
        let class: ArrayRef = Arc::new(StringArray::from_iter_values(classes));
        let first = COLUMNS.into_iter().zip(first);
        let first = first
            .chain(own.map(|ids| (ID, ids)))
            .chain([(CLASS, class)]);
        let first = first.map(|(name, column)| (name.to_owned(), column));
        let probabilities = self.class_names.iter().enumerate().map(|(class, name)| {
            let values = each().map(|sample| self.probabilities[sample][class]);
            let values: ArrayRef = Arc::new(Float32Array::from_iter_values(values));
            (format!("{PROBABILITY}{name}"), values)
        });
        let rows = RecordBatch::try_from_iter(first.chain(probabilities));
        let rows = rows.map_err(std::io::Error::other)?;
        let mut writer = ArrowWriter::try_new(output, rows.schema(), None)?;
        writer.write(&rows)?;
        writer.close()?;
        Ok(())
    }
}

/// What the output itself says, so that a closed pipe is known as one.
fn of_output(error: csv::Error) -> std::io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => std::io::Error::other(format!("{other:?}")),
    }
}

/// The first columns.
const COLUMNS: [&str; 3] = ["sample_id", "file", "row"];
/// The owner's ids, where they are known.
const ID: &str = "id";
const CLASS: &str = "class";
/// What the columns of probabilities begin with.
const PROBABILITY: &str = "probability_";
