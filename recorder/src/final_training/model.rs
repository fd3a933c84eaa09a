//! A trained network as a file: a safetensors file with the parameters and statistics by the names that candle-nn
//! (and PyTorch) give them, and in its metadata, under `recorder`, what is needed to apply it: the network, its
//! classes, and what is done to inputs before it sees them.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use candle_core::safetensors::Load;
use candle_core::{Device, ModuleT, Tensor};
use logformat::{WholeFile, read_regular};
use safetensors::SafeTensors;
use serde::{Deserialize, Serialize};

use crate::dataset::samples::dataset::Dataset;
use crate::dataset::settings::DatasetSettings;
use crate::engine::parameters::Parameters;
use crate::error::removal::FinalTrainingError;
use crate::error::run::RecorderError;
use crate::models::list::NETWORKS;
use crate::models::settings::NetworkSettings;

/// The name of the saved network in the folder of its training.
pub(crate) const MODEL_NAME: &str = "model.safetensors";
/// The largest network here takes a fortieth.
const MOST_MODEL_BYTES: u64 = 4 << 30;
/// The key in the metadata, of the checksum, eight hexadecimal digits, and the description behind it; earlier builds
/// have written the description alone.
const METADATA_KEY: &str = "recorder";

/// What a saved network says of itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ModelDescription {
    pub(crate) network: String,
    pub(crate) hidden_units: Option<Vec<usize>>,
    pub(crate) initial_stride: Option<usize>,
    /// channels, height, width
    pub(crate) sample_shape: [usize; 3],
    /// By the index of the output.
    pub(crate) class_names: Vec<String>,
    /// Of each channel, in the units of the stored inputs.
    pub(crate) means: Vec<f64>,
    pub(crate) deviations: Vec<f64>,
    /// What was subtracted from features before they became 32 bits wide.
    pub(crate) feature_offsets: Vec<f64>,
    /// The columns that the features are, where each is one and the build told them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) feature_columns: Vec<String>,
    pub(crate) image_size: Option<u32>,
    pub(crate) resize: Option<u32>,
}

impl ModelDescription {
    pub(crate) fn of(
        network: &NetworkSettings,
        settings: &DatasetSettings,
        dataset: &Dataset,
    ) -> Self {
        Self {
            network: network.kind.name.to_owned(),
            hidden_units: network.hidden_units(),
            initial_stride: network.initial_stride,
            sample_shape: dataset.sample_shape,
            class_names: dataset.class_names.clone(),
            means: dataset.standardisation.means.clone(),
            deviations: dataset.standardisation.deviations.clone(),
            feature_offsets: dataset.feature_offsets.clone(),
            feature_columns: dataset.reading.feature_columns.clone(),
            image_size: settings.image_size,
            resize: settings.resize,
        }
    }
}

/// Writes a network to `path`, whole or not at all.
pub(crate) fn save(
    path: &Path,
    parameters: &Parameters,
    description: &ModelDescription,
) -> Result<(), RecorderError> {
    let tensors: BTreeMap<String, Tensor> = parameters
        .all()
        .into_iter()
        .map(|(name, variable)| (name, variable.as_detached_tensor()))
        .collect();
    let unwritable = |source: std::io::Error| FinalTrainingError::Unwritable {
        path: path.to_owned(),
        source,
    };
    let description = serde_json::to_string(description);
    let description = description.map_err(|error| unwritable(error.into()))?;
    let serialize =
        |metadata| safetensors::serialize(&tensors, metadata).map_err(candle_core::Error::from);
    let values = serialize(None)?;
    let values = SafeTensors::deserialize(&values).map_err(candle_core::Error::from)?;
    let checksum = checksum(&description, &values);
    // One entry, since the order of several would be another each time.
    let metadata = [(METADATA_KEY.to_owned(), format!("{checksum} {description}"))];
    let bytes = serialize(Some(metadata.into()))?;
    let write = || -> std::io::Result<()> {
        let mut file = WholeFile::create(path)?;
        file.write_all(&bytes)?;
        file.replace()
    };
    Ok(write().map_err(unwritable)?)
}

/// CRC-32 of what the network says of itself and of each parameter in the order of the names: name, type, shape
/// and values.
fn checksum(description: &str, tensors: &SafeTensors<'_>) -> String {
    let mut crc = crc32fast::Hasher::new();
    crc.update(description.as_bytes());
    let tensors: BTreeMap<String, _> = tensors.tensors().into_iter().collect();
    for (name, tensor) in tensors {
        let about = format!("{name} {:?} {:?}", tensor.dtype(), tensor.shape());
        crc.update(about.as_bytes());
        crc.update(tensor.data());
    }
    format!("{:08x}", crc.finalize())
}

/// A network as it was read from its file.
pub(crate) struct SavedNetwork {
    pub(crate) description: ModelDescription,
    pub(crate) network: Box<dyn ModuleT>,
}

/// Reads a network from `path`, for a device.
pub(crate) fn load(path: &Path, device: &Device) -> Result<SavedNetwork, RecorderError> {
    let refused = |reason: String| FinalTrainingError::Model {
        path: path.to_owned(),
        reason,
    };
    let bytes = read_regular(path, MOST_MODEL_BYTES)
        .map_err(|error| refused(format!("the network cannot be read: {error}")))?;
    let (description, tensors) = describe(&bytes).map_err(&refused)?;
    let network = settings(&description).map_err(&refused)?;
    let parameters = Parameters::new(0, "saved");
    let outputs = description.class_names.len();
    let builder = parameters.builder(device);
    let network = network.build(
        "the saved network",
        description.sample_shape,
        outputs,
        builder,
    )?;
    for (name, variable) in parameters.all() {
        let tensor = tensors
            .tensor(&name)
            .map_err(|error| refused(format!("{name}: {error}")))?;
        variable.set(&tensor.load(device)?)?;
    }
    Ok(SavedNetwork {
        description,
        network,
    })
}

fn describe(bytes: &[u8]) -> Result<(ModelDescription, SafeTensors<'_>), String> {
    let damaged = |error| format!("it is no safetensors file, or damaged: {error}");
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(damaged)?;
    let tensors = SafeTensors::deserialize(bytes).map_err(damaged)?;
    let metadata = header.metadata().as_ref();
    let text = metadata.and_then(|metadata| metadata.get(METADATA_KEY));
    let text = text.ok_or(
        "it was not written by recorder train, and does not say of which network and classes it is",
    )?;
    let (written, text) = match text.split_once(' ') {
        Some((written, description)) if !text.starts_with('{') => (Some(written), description),
        _ => (None, text.as_str()),
    };
    if written.is_some_and(|written| written != checksum(text, &tensors)) {
        return Err(
            "it is damaged: its checksum is not the one of what was written; copy it again"
                .to_owned(),
        );
    }
    let description = serde_json::from_str(text)
        .map_err(|error| format!("its description is not understood: {error}"))?;
    Ok((description, tensors))
}

fn settings(description: &ModelDescription) -> Result<NetworkSettings, String> {
    let mut kinds = NETWORKS.iter();
    let kind = kinds.find(|kind| kind.name == description.network);
    Ok(NetworkSettings {
        kind: kind.ok_or_else(|| format!("there is no network {}", description.network))?,
        hidden_units: description.hidden_units.clone(),
        initial_stride: description.initial_stride,
    })
}
