//! A network that begins with weights that others have trained, all of which are trained on. Its output layer is
//! new; what was taken may change at a learning rate of its own.

use std::path::PathBuf;

use candle_core::{ModuleT, Result, Tensor};

use crate::engine::optimiser::discriminative::Discriminative;
use crate::engine::optimiser::settings::OptimiserSettings;
use crate::engine::optimiser::stepping::Optimiser;
use crate::engine::parameters::Parameters;
use crate::error::run::RecorderError;
use crate::error::weights::WeightsError;
use crate::models::settings::NetworkKind;
use crate::pretrained::kind::in_words;
use crate::pretrained::weights::file::Weights;

/// What a network begins with.
#[derive(Debug, Clone, PartialEq)]
pub struct TuningSettings {
    /// A file of weights: of this network by the names of PyTorch's libraries, or one that `recorder train` saved.
    pub weights: PathBuf,
    /// The learning rate of the weights that are taken, above 0; the output layer has that of the run.
    pub learning_rate: f64,
    /// Whether batch normalisation uses the statistics of the file throughout, rather than those of each batch.
    pub freezes_statistics: bool,
}

/// The key of a run's record under which the checksum of the file is.
pub(crate) const WEIGHTS_CRC32: &str = "weights_crc32";

/// The weights at hand.
pub(crate) struct Tuning<'a> {
    settings: &'a TuningSettings,
    weights: Weights,
}

impl<'a> Tuning<'a> {
    pub(crate) fn open(settings: &'a TuningSettings) -> std::result::Result<Self, WeightsError> {
        Ok(Self {
            weights: Weights::open(&settings.weights)?,
            settings,
        })
    }

    /// Gives a network of this kind the weights of the file, but for its output layer.
    ///
    /// # Errors
    /// [`RecorderError::Weights`] naming the first parameter that does not fit.
    pub(crate) fn begin(
        &self,
        kind: &'static NetworkKind,
        network: Box<dyn ModuleT>,
        parameters: &Parameters,
    ) -> std::result::Result<Box<dyn ModuleT>, RecorderError> {
        for (name, variable) in parameters.all() {
            if is_taken(kind, &name) {
                let values = self.values(kind.name, &name, variable.dims())?;
                variable.set(&Tensor::from_vec(
                    values,
                    variable.shape(),
                    variable.device(),
                )?)?;
            }
        }
        Ok(match self.settings.freezes_statistics {
            true => Box::new(FrozenStatistics(network)),
            false => network,
        })
    }

    fn values(
        &self,
        network: &'static str,
        name: &str,
        shape: &[usize],
    ) -> std::result::Result<Vec<f32>, WeightsError> {
        match (shape, self.weights.shape(name)) {
            (&[outputs, 1, height, width], Some(&[_, 3, _, _])) => {
                // A gray image is one whose three channels are equal, so their weights add up.
                let shape = [outputs, 3, height, width];
                let values = self.weights.take(network, name, &shape)?;
                let plane = height * width;
                let added = |filter: &[f32]| {
                    let at = |pixel: usize| filter.iter().skip(pixel).step_by(plane).sum::<f32>();
                    (0..plane).map(at).collect::<Vec<f32>>()
                };
                Ok(values.chunks_exact(3 * plane).flat_map(added).collect())
            }
            _ => self.weights.take(network, name, shape),
        }
    }

    /// An optimiser that changes what was taken at its own rate.
    pub(crate) fn optimiser(
        &self,
        kind: &'static NetworkKind,
        optimiser: OptimiserSettings,
        parameters: &Parameters,
    ) -> Result<Box<dyn Optimiser>> {
        let share = self.settings.learning_rate / optimiser.learning_rate();
        let is_taken = |name: &str| is_taken(kind, name);
        let weights = parameters.trainable();
        Ok(Box::new(Discriminative::new(
            optimiser, weights, is_taken, share,
        )?))
    }

    /// What was taken of the file and what was not, for people.
    pub(crate) fn in_words(&self, kind: &NetworkKind) -> String {
        let (taken, left) = self.weights.left_over();
        let is_output = |name: &&String| !is_taken(kind, name);
        let outputs = left.iter().filter(is_output).count();
        let others: Vec<&str> = left
            .iter()
            .filter(|name| is_taken(kind, name))
            .map(String::as_str)
            .collect();
        format!(
            "{}: {}",
            self.settings.weights.display(),
            in_words(taken, outputs > 0, &others)
        )
    }

    /// A checksum of the file.
    pub(crate) fn crc32(&self) -> u32 {
        self.weights.crc32()
    }
}

/// Everything but the output layer, whose classes are others.
fn is_taken(kind: &NetworkKind, parameter: &str) -> bool {
    let layer = parameter
        .rsplit_once('.')
        .map_or(parameter, |(layer, _)| layer);
    layer != kind.output_layer
}

/// A network whose batch normalisation never leaves evaluation mode.
struct FrozenStatistics(Box<dyn ModuleT>);

impl ModuleT for FrozenStatistics {
    fn forward_t(&self, inputs: &Tensor, _train: bool) -> Result<Tensor> {
        self.0.forward_t(inputs, false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::imagenet_resnet::RESNET18;
    use crate::models::settings::NetworkSettings;
    use candle_core::{DType, Device};

    /// A file with the parameters of a residual network for colour images of 96×96 pixels and 3 classes.
    fn file(folder: &std::path::Path) -> (PathBuf, Parameters) {
        let path = folder.join("weights.safetensors");
        let parameters = network(3, 3, "before").1;
        let tensors = parameters.all().into_iter();
        let tensors = tensors.map(|(name, variable)| (name, variable.as_detached_tensor()));
        candle_core::safetensors::save(&tensors.collect(), &path).unwrap();
        (path, parameters)
    }

    fn network(channels: usize, outputs: usize, scope: &str) -> (Box<dyn ModuleT>, Parameters) {
        let parameters = Parameters::new(1, scope);
        let builder = parameters.builder(&Device::Cpu);
        let settings = NetworkSettings::new(&RESNET18);
        let network = settings.build("set", [channels, 96, 96], outputs, builder);
        (network.unwrap(), parameters)
    }

    fn settings(weights: PathBuf, freezes_statistics: bool) -> TuningSettings {
        TuningSettings {
            weights,
            learning_rate: 0.005,
            freezes_statistics,
        }
    }

    fn values(parameters: &Parameters, name: &str) -> Vec<f32> {
        let variable = parameters.all()[name].clone();
        variable.flatten_all().unwrap().to_vec1().unwrap()
    }

    #[test]
    fn everything_is_taken_but_the_output_layer() {
        let folder = tempfile::TempDir::new().unwrap();
        let (path, before) = file(folder.path());
        let settings = settings(path, false);
        let tuning = Tuning::open(&settings).unwrap();
        let (network, parameters) = network(3, 5, "pass 1");
        tuning.begin(&RESNET18, network, &parameters).unwrap();
        for name in ["conv1.weight", "layer4.1.conv2.weight", "bn1.running_var"] {
            assert_eq!(values(&parameters, name), values(&before, name), "{name}");
        }
        assert_eq!(parameters.all()["fc.weight"].dims(), [5, 512]);
        let told = tuning.in_words(&RESNET18);
        assert!(
            told.ends_with("100 parameters taken; its classifier is left out"),
            "{told}"
        );
    }

    #[test]
    fn a_gray_image_is_seen_as_a_colour_image_with_equal_channels() {
        let folder = tempfile::TempDir::new().unwrap();
        let (path, before) = file(folder.path());
        let settings = settings(path, false);
        let tuning = Tuning::open(&settings).unwrap();
        let (network, parameters) = network(1, 3, "pass 1");
        tuning.begin(&RESNET18, network, &parameters).unwrap();
        let (gray, colour) = (
            values(&parameters, "conv1.weight"),
            values(&before, "conv1.weight"),
        );
        assert_eq!(gray.len() * 3, colour.len());
        // The first pixel of the first filter, in its three channels of 7×7.
        assert!((gray[0] - (colour[0] + colour[49] + colour[98])).abs() < 1e-6);
    }

    #[test]
    fn frozen_statistics_stay_those_of_the_file_through_a_training_step() {
        let folder = tempfile::TempDir::new().unwrap();
        for freezes in [true, false] {
            let settings = settings(file(folder.path()).0, freezes);
            let tuning = Tuning::open(&settings).unwrap();
            let (network, parameters) = network(3, 3, "pass 1");
            let network = tuning.begin(&RESNET18, network, &parameters).unwrap();
            let images = Tensor::rand(0f32, 1.0, (2, 3, 96, 96), &Device::Cpu).unwrap();
            let logits = network.forward_t(&images, true).unwrap();
            let labels = Tensor::zeros(2, DType::U32, &Device::Cpu).unwrap();
            let loss = candle_nn::loss::cross_entropy(&logits, &labels).unwrap();
            let gradients = crate::engine::operators::record::backward(&loss).unwrap();
            let weights = parameters.trainable();
            assert!(
                weights
                    .values()
                    .all(|weight| gradients.get(weight).is_some())
            );
            let moved = values(&parameters, "bn1.running_mean")
                .iter()
                .any(|&mean| mean != 0.0);
            assert_eq!(moved, !freezes);
        }
    }
}
