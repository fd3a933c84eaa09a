//! A network and what can be chosen about it.

use candle_core::ModuleT;
use candle_nn::VarBuilder;

use crate::error::run::RecorderError;
use crate::models::cifar_resnet::CifarResNet;
use crate::models::cnn::Cnn;
use crate::models::imagenet_resnet::{ImageNetResNet, RESNET18, RESNET50};
use crate::models::lenet::LeNet;
use crate::models::mlp::Mlp;
use crate::models::{cifar_resnet, cnn, imagenet_resnet, lenet};

/// A network by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum NetworkName {
    /// A perceptron with hidden layers of --hidden-units, for features and very small images
    Mlp,
    /// Three 3×3 convolutions with batch normalisation, for images of 4×4 pixels and more
    Cnn,
    /// The paper's for MNIST: 20 and 50 filters of 5×5, 500 hidden units; images from 16×16 on
    #[value(name = "lenet")]
    LeNet,
    /// Residual network for CIFAR, 20 layers; --initial-stride 2 for 64×64 images
    #[value(name = "resnet20")]
    ResNet20,
    /// The same with 32 layers: the paper's for CIFAR
    #[value(name = "resnet32")]
    ResNet32,
    /// The same with 44 layers
    #[value(name = "resnet44")]
    ResNet44,
    /// The same with 56 layers
    #[value(name = "resnet56")]
    ResNet56,
    /// Residual network for ImageNet, 18 layers; below 96×96 with a stem for small images
    #[value(name = "resnet18")]
    ResNet18,
    /// The same with 50 layers: the paper's for ImageNet, WebVision and Clothing1M
    #[value(name = "resnet50")]
    ResNet50,
}

/// A network and what can be chosen about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkSettings {
    /// Which one.
    pub name: NetworkName,
    /// The widths of the perceptron's hidden layers, 1 or more each; `None` for one of 128.
    pub hidden_units: Option<Vec<usize>>,
    /// By how many pixels the first convolution of a residual network moves, 1 or more; `None` for
    /// what the network is published with.
    pub initial_stride: Option<usize>,
}

/// Of the perceptron, where nothing else is asked for.
const HIDDEN_UNITS: usize = 128;

impl NetworkName {
    /// The name as on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            NetworkName::Mlp => "mlp",
            NetworkName::Cnn => "cnn",
            NetworkName::LeNet => "lenet",
            NetworkName::ResNet20 => "resnet20",
            NetworkName::ResNet32 => "resnet32",
            NetworkName::ResNet44 => "resnet44",
            NetworkName::ResNet56 => "resnet56",
            NetworkName::ResNet18 => "resnet18",
            NetworkName::ResNet50 => "resnet50",
        }
    }

    /// The learning rate of SGD where none is given. Without batch normalisation the higher one makes
    /// training collapse: LeNet names one class for all of MNIST.
    pub const fn default_learning_rate(self) -> f64 {
        match self {
            NetworkName::Mlp | NetworkName::LeNet => 0.01,
            _ => 0.05,
        }
    }

    /// Whether the first convolution for images of that height or width is a 3×3 one whose stride can
    /// be chosen.
    fn has_small_stem(self, side: usize) -> bool {
        match self {
            NetworkName::Mlp | NetworkName::Cnn | NetworkName::LeNet => false,
            NetworkName::ResNet18 | NetworkName::ResNet50 => imagenet_resnet::is_small(side),
            _ => true,
        }
    }

    /// The least height and width of an image, where the first convolution moves by `stride`.
    const fn least_side(self, stride: usize) -> usize {
        match self {
            NetworkName::Mlp | NetworkName::ResNet18 | NetworkName::ResNet50 => 1,
            NetworkName::Cnn => cnn::LEAST_SIDE,
            NetworkName::LeNet => lenet::LEAST_SIDE,
            _ => cifar_resnet::LEAST_SIDE * stride,
        }
    }
}

impl NetworkSettings {
    /// The network as it is published.
    pub fn new(name: NetworkName) -> Self {
        Self {
            name,
            hidden_units: None,
            initial_stride: None,
        }
    }

    /// The widths of the hidden layers, where the network has any to choose.
    pub fn hidden_units(&self) -> Option<Vec<usize>> {
        let chosen = || self.hidden_units.clone();
        let widths = || chosen().unwrap_or_else(|| vec![HIDDEN_UNITS]);
        (self.name == NetworkName::Mlp).then(widths)
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
        let [channels, height, width] = sample_shape;
        let stride = self.initial_stride.unwrap_or(1);
        let outputs = output_count;
        let cifar = |depth| CifarResNet::new(depth, channels, stride, outputs, parameters.clone());
        let imagenet =
            |blocks| ImageNetResNet::new(blocks, sample_shape, stride, outputs, parameters.clone());
        Ok(match self.name {
            NetworkName::Mlp => {
                let hidden_units = self.hidden_units().unwrap_or_default();
                let inputs = channels * height * width;
                Box::new(Mlp::new(inputs, &hidden_units, outputs, parameters)?)
            }
            NetworkName::Cnn => Box::new(Cnn::new(channels, outputs, parameters)?),
            NetworkName::LeNet => Box::new(LeNet::new(sample_shape, outputs, parameters)?),
            NetworkName::ResNet20 => Box::new(cifar(20)?),
            NetworkName::ResNet32 => Box::new(cifar(32)?),
            NetworkName::ResNet44 => Box::new(cifar(44)?),
            NetworkName::ResNet56 => Box::new(cifar(56)?),
            NetworkName::ResNet18 => Box::new(imagenet(RESNET18)?),
            NetworkName::ResNet50 => Box::new(imagenet(RESNET50)?),
        })
    }

    fn check(&self, dataset: &str, sample_shape: [usize; 3]) -> Result<(), RecorderError> {
        let [channels, height, width] = sample_shape;
        let refuse = |reason: String| {
            Err(RecorderError::NetworkDoesNotFit {
                network: self.name.as_str(),
                dataset: dataset.to_owned(),
                reason,
            })
        };
        let side = height.min(width);
        let least = self.name.least_side(self.initial_stride.unwrap_or(1));
        if self.hidden_units.is_some() && self.name != NetworkName::Mlp {
            return refuse("--hidden-units are those of the mlp".to_owned());
        }
        if self.initial_stride.is_some() && !self.name.has_small_stem(side) {
            let reason = "--initial-stride is that of a residual network for small images";
            return refuse(reason.to_owned());
        }
        if (height, width) == (1, 1) && self.name != NetworkName::Mlp {
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

    fn parameter_count(name: NetworkName, shape: [usize; 3], outputs: usize) -> usize {
        build(&NetworkSettings::new(name), shape, outputs)
            .unwrap()
            .1
    }

    /// 0.27, 0.46, 0.66 and 0.85 million in He et al. 2016, table 6; to the last one in common
    /// implementations with option A.
    #[test]
    fn cifar_resnets_have_the_published_parameters() {
        for (name, count) in [
            (NetworkName::ResNet20, 269_722),
            (NetworkName::ResNet32, 464_154),
            (NetworkName::ResNet44, 658_586),
            (NetworkName::ResNet56, 853_018),
        ] {
            assert_eq!(parameter_count(name, CIFAR, 10), count, "{name:?}");
        }
    }

    /// torchvision's documentation of its weights, `num_params`.
    #[test]
    fn imagenet_resnets_have_the_published_parameters() {
        let shape = [3, 224, 224];
        assert_eq!(
            parameter_count(NetworkName::ResNet18, shape, 1000),
            11_689_512
        );
        assert_eq!(
            parameter_count(NetworkName::ResNet50, shape, 1000),
            25_557_032
        );
    }

    /// 20·26 + 50·501 + 500·801 + 10·501.
    #[test]
    fn lenet_has_the_parameters_of_its_layers() {
        assert_eq!(
            parameter_count(NetworkName::LeNet, [1, 28, 28], 10),
            431_080
        );
    }

    #[test]
    fn the_perceptron_has_the_hidden_layers_that_were_asked_for() {
        let settings = NetworkSettings {
            hidden_units: Some(vec![512, 64]),
            ..NetworkSettings::new(NetworkName::Mlp)
        };
        let (_, count) = build(&settings, [768, 1, 1], 11).unwrap();
        assert_eq!(count, 512 * 769 + 64 * 513 + 11 * 65);
    }

    #[test]
    fn every_network_maps_its_smallest_images_to_one_row_of_outputs_a_sample() {
        for &name in clap::ValueEnum::value_variants() {
            for extra in [0, 1, 3] {
                let settings = NetworkSettings::new(name);
                // One more than the least side is odd at some stage of every network.
                let side = name.least_side(1) + extra;
                let (network, _) = build(&settings, [2, side, side + 1], 5).unwrap();
                let images = Tensor::ones(
                    (3, 2, side, side + 1),
                    candle_core::DType::F32,
                    &Device::Cpu,
                );
                let logits = network.forward_t(&images.unwrap(), true).unwrap();
                assert_eq!(logits.dims(), [3, 5], "{name:?} on {side}");
            }
        }
    }

    #[test]
    fn an_initial_stride_of_two_halves_what_the_stages_see() {
        let settings = NetworkSettings {
            initial_stride: Some(2),
            ..NetworkSettings::new(NetworkName::ResNet20)
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
        let lenet = NetworkSettings::new(NetworkName::LeNet);
        let widths = NetworkSettings {
            hidden_units: Some(vec![8]),
            ..lenet.clone()
        };
        assert!(refused(widths).contains("--hidden-units are those of the mlp"));
        let stride = NetworkSettings {
            initial_stride: Some(2),
            ..lenet
        };
        assert!(refused(stride).contains("--initial-stride"));
    }
}
