//! What a network is to the rest of the program, and what can be chosen about one.

use candle_core::ModuleT;
use candle_nn::VarBuilder;

use crate::engine::optimiser::sgd::SgdSettings;
use crate::error::run::RecorderError;

/// Builds a network for samples of a shape (channels, height, width) that fits it, with so many outputs.
pub(crate) type Build = fn(
    &NetworkSettings,
    [usize; 3],
    usize,
    VarBuilder,
) -> Result<Box<dyn ModuleT>, candle_core::Error>;

/// A network that the recorder knows by name: all that tells it from others.
#[derive(Debug)]
pub struct NetworkKind {
    /// The name on the command line, in logs and in names of runs.
    pub name: &'static str,
    /// What the help says of it.
    pub help: &'static str,
    /// SGD where nothing else is chosen, on images. Without batch normalisation a high learning rate makes training
    /// collapse: at 0.05, LeNet names one class for all of MNIST.
    pub sgd: SgdSettings,
    /// The same in a final training.
    pub final_sgd: SgdSettings,
    /// The width of its hidden layer where none is asked for; `None` where there is none to choose. Those
    /// that have one take vectors, too.
    pub hidden_units: Option<usize>,
    /// The name of its last layer, whose outputs are the classes.
    pub(crate) output_layer: &'static str,
    /// The least height and width of an image, where the first convolution moves by so many pixels.
    pub(crate) least_side: fn(usize) -> usize,
    /// Whether the first convolution for images of that height or width is a 3×3 one whose stride can be
    /// chosen.
    pub(crate) has_small_stem: fn(usize) -> bool,
    /// Makes it with parameters of these names.
    pub(crate) build: Build,
}

/// By name: each has one of its own.
impl PartialEq for NetworkKind {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for NetworkKind {}

/// A network and what can be chosen about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkSettings {
    /// Which network is built.
    pub kind: &'static NetworkKind,
    /// The widths of the perceptron's hidden layers, 1 or more each; `None` for one of 128.
    pub hidden_units: Option<Vec<usize>>,
    /// By how many pixels the first convolution of a residual network moves, 1 or more; `None` for
    /// what the network is published with.
    pub initial_stride: Option<usize>,
}

impl NetworkSettings {
    /// The network as it is published.
    pub fn new(kind: &'static NetworkKind) -> Self {
        Self {
            kind,
            hidden_units: None,
            initial_stride: None,
        }
    }

    /// The widths of the hidden layers, where the network has any to choose.
    pub fn hidden_units(&self) -> Option<Vec<usize>> {
        let default = self.kind.hidden_units?;
        Some(self.hidden_units.clone().unwrap_or(vec![default]))
    }

    /// By how many pixels the first convolution moves, where that can be chosen.
    pub(crate) fn stride(&self) -> usize {
        self.initial_stride.unwrap_or(1)
    }

    /// Builds the network for samples of `sample_shape` (channels, height, width) and
    /// `output_count` outputs, the extra class included.
    ///
    /// # Errors
    /// [`RecorderError::NetworkDoesNotFit`] where the images are too small for it, or it has nothing
    /// of what was chosen.
    pub fn build(
        &self,
        dataset: &str,
        sample_shape: [usize; 3],
        output_count: usize,
        parameters: VarBuilder,
    ) -> Result<Box<dyn ModuleT>, RecorderError> {
        self.check(dataset, sample_shape)?;
        Ok((self.kind.build)(
            self,
            sample_shape,
            output_count,
            parameters,
        )?)
    }

    fn check(&self, dataset: &str, sample_shape: [usize; 3]) -> Result<(), RecorderError> {
        let [channels, height, width] = sample_shape;
        let refuse = |reason: String| {
            Err(RecorderError::NetworkDoesNotFit {
                network: self.kind.name,
                dataset: dataset.to_owned(),
                reason,
            })
        };
        let side = height.min(width);
        let least = (self.kind.least_side)(self.stride());
        let takes_vectors = self.kind.hidden_units.is_some();
        if self.hidden_units.is_some() && !takes_vectors {
            return refuse("`hidden_units` are those of the mlp".to_owned());
        }
        if self.initial_stride.is_some() && !(self.kind.has_small_stem)(side) {
            let reason = "`initial_stride` is that of a residual network for small images";
            return refuse(reason.to_owned());
        }
        if (height, width) == (1, 1) && !takes_vectors {
            return refuse(format!(
                "it is for images, but the samples are vectors of {channels} features, which the mlp is for"
            ));
        }
        if side < least {
            return refuse(format!(
                "its images are {height}×{width}, but it needs {least}×{least} at least"
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::parameters::Parameters;
    use crate::models::cifar_resnet::{RESNET20, RESNET32, RESNET44, RESNET56};
    use crate::models::efficientnet_lite::{
        EFFICIENTNET_LITE0, EFFICIENTNET_LITE1, EFFICIENTNET_LITE2,
    };
    use crate::models::imagenet_resnet::{RESNET18, RESNET34, RESNET50};
    use crate::models::lenet::LENET;
    use crate::models::list::NETWORKS;
    use crate::models::mlp::MLP;
    use candle_core::{Device, Tensor};

    const CIFAR: [usize; 3] = [3, 32, 32];

    fn build(
        settings: &NetworkSettings,
        shape: [usize; 3],
        outputs: usize,
    ) -> Result<(Box<dyn ModuleT>, usize), RecorderError> {
        let parameters = Parameters::new(1, "test");
        let builder = parameters.builder(&Device::Cpu);
        let network = settings.build("some-set", shape, outputs, builder)?;
        Ok((network, parameters.trainable_count()))
    }

    fn parameter_count(kind: &'static NetworkKind, shape: [usize; 3], outputs: usize) -> usize {
        build(&NetworkSettings::new(kind), shape, outputs)
            .unwrap()
            .1
    }

    /// 0.27, 0.46, 0.66 and 0.85 million in He et al. 2016, table 6; to the last one in common
    /// implementations with option A.
    #[test]
    fn cifar_resnets_have_the_published_parameters() {
        for (kind, count) in [
            (&RESNET20, 269_722),
            (&RESNET32, 464_154),
            (&RESNET44, 658_586),
            (&RESNET56, 853_018),
        ] {
            assert_eq!(parameter_count(kind, CIFAR, 10), count, "{}", kind.name);
        }
    }

    /// torchvision's documentation of its weights, `num_params`.
    #[test]
    fn imagenet_resnets_have_the_published_parameters() {
        let shape = [3, 224, 224];
        assert_eq!(parameter_count(&RESNET18, shape, 1000), 11_689_512);
        assert_eq!(parameter_count(&RESNET34, shape, 1000), 21_797_672);
        assert_eq!(parameter_count(&RESNET50, shape, 1000), 25_557_032);
    }

    /// As the package efficientnet-lite-pytorch counts them.
    #[test]
    fn efficientnet_lites_have_the_published_parameters() {
        let shape = [3, 224, 224];
        assert_eq!(parameter_count(&EFFICIENTNET_LITE0, shape, 1000), 4_652_008);
        assert_eq!(parameter_count(&EFFICIENTNET_LITE1, shape, 1000), 5_416_680);
        assert_eq!(parameter_count(&EFFICIENTNET_LITE2, shape, 1000), 6_092_072);
    }

    /// 20·26 + 50·501 + 500·801 + 10·501.
    #[test]
    fn lenet_has_the_parameters_of_its_layers() {
        assert_eq!(parameter_count(&LENET, [1, 28, 28], 10), 431_080);
    }

    #[test]
    fn the_perceptron_has_the_hidden_layers_that_were_asked_for() {
        let settings = NetworkSettings {
            hidden_units: Some(vec![512, 64]),
            ..NetworkSettings::new(&MLP)
        };
        let (_, count) = build(&settings, [768, 1, 1], 11).unwrap();
        assert_eq!(count, 512 * 769 + 64 * 513 + 11 * 65);
    }

    #[test]
    fn every_network_maps_its_smallest_images_to_one_row_of_outputs_a_sample() {
        for kind in NETWORKS {
            for extra in [0, 1, 3] {
                let settings = NetworkSettings::new(kind);
                // One more than the least side is odd at some stage of every network.
                let side = (kind.least_side)(1) + extra;
                let (network, _) = build(&settings, [2, side, side + 1], 5).unwrap();
                let images = Tensor::ones(
                    (3, 2, side, side + 1),
                    candle_core::DType::F32,
                    &Device::Cpu,
                );
                let logits = network.forward_t(&images.unwrap(), true).unwrap();
                assert_eq!(logits.dims(), [3, 5], "{} on {side}", kind.name);
            }
        }
    }

    #[test]
    fn an_initial_stride_of_two_halves_what_the_stages_see() {
        let settings = NetworkSettings {
            initial_stride: Some(2),
            ..NetworkSettings::new(&RESNET20)
        };
        assert!(build(&settings, [3, 7, 9], 10).is_err());
        assert!(build(&settings, [3, 8, 9], 10).is_ok());
    }

    #[test]
    fn what_a_network_does_not_have_cannot_be_chosen() {
        let refused = |settings: NetworkSettings| {
            let refused = build(&settings, [3, 224, 224], 10);
            refused.err().unwrap().to_string()
        };
        let lenet = NetworkSettings::new(&LENET);
        let widths = NetworkSettings {
            hidden_units: Some(vec![8]),
            ..lenet.clone()
        };
        assert!(refused(widths).contains("`hidden_units` are those of the mlp"));
        let stride = NetworkSettings {
            initial_stride: Some(2),
            ..lenet
        };
        assert!(refused(stride).contains("`initial_stride`"));
    }
}
