//! The LeNet of Pleiss et al. 2020 for MNIST: 20 and 50 filters of 5×5, each with ReLU and 2×2 max
//! pooling, then 500 hidden units. 431,080 parameters for images of 28×28 and ten outputs. Initial weights are
//! PyTorch's. Without batch normalisation larger ones stay in the way: with He's, wrong labels of 10,000 images of
//! MNIST are found with an F1 of 0.974 in place of 0.986 (see `benchmarks/README.md`).

use candle_core::{ModuleT, Result, Tensor};
use candle_nn::VarBuilder;

use crate::engine::operators::arguments::Activation;
use crate::engine::operators::layers::{Conv2d, Linear};
use crate::engine::operators::pooling::max_pool2d;
use crate::engine::operators::pooling_windows::Windows;
use crate::engine::optimiser::sgd::SgdSettings;
use crate::models::settings::NetworkKind;

pub(crate) static LENET: NetworkKind = NetworkKind {
    name: "lenet",
    help: "The paper's for MNIST: 20 and 50 filters of 5×5, 500 hidden units; images from 16×16 on",
    sgd: SgdSettings {
        learning_rate: 0.01,
        ..SgdSettings::DEFAULT
    },
    // Labels of a final training are clean as far as one knows, and may be learnt by heart.
    final_sgd: SgdSettings {
        learning_rate: 0.03,
        ..SgdSettings::DEFAULT
    },
    hidden_units: None,
    output_layer: "fc2",
    least_side: |_| LEAST_SIDE,
    has_small_stem: |_| false,
    build: |_, shape, outputs, parameters| Ok(Box::new(LeNet::new(shape, outputs, parameters)?)),
};

/// Two convolutions take 4 pixels each and two poolings halve the rest: one is left.
const LEAST_SIDE: usize = 16;
const FILTERS: [usize; 2] = [20, 50];
const HIDDEN_UNITS: usize = 500;
const FILTER: Windows = Windows {
    kernel: 5,
    stride: 1,
    padding: 0,
};

struct LeNet {
    conv1: Conv2d,
    conv2: Conv2d,
    fc1: Linear,
    fc2: Linear,
}

impl LeNet {
    /// For images of `sample_shape` (channels, height, width), of [`LEAST_SIDE`] at least.
    fn new(
        [channels, height, width]: [usize; 3],
        outputs: usize,
        parameters: VarBuilder,
    ) -> Result<Self> {
        let [first, second] = FILTERS;
        let left = |side: usize| ((side - 4) / 2 - 4) / 2;
        let flat = second * left(height) * left(width);
        Ok(Self {
            conv1: Conv2d::new(channels, first, FILTER, parameters.pp("conv1"))?,
            conv2: Conv2d::new(first, second, FILTER, parameters.pp("conv2"))?,
            fc1: Linear::uniform(flat, HIDDEN_UNITS, parameters.pp("fc1"))?,
            fc2: Linear::uniform(HIDDEN_UNITS, outputs, parameters.pp("fc2"))?,
        })
    }
}

impl ModuleT for LeNet {
    /// samples × channels × height × width → samples × outputs
    fn forward_t(&self, images: &Tensor, _train: bool) -> Result<Tensor> {
        let mut features = images.clone();
        for conv in [&self.conv1, &self.conv2] {
            features = max_pool2d(
                &conv.forward(&features, Activation::Relu)?,
                Windows::tiles(2),
            )?;
        }
        let hidden = self
            .fc1
            .forward(&features.flatten_from(1)?, Activation::Relu)?;
        self.fc2.forward(&hidden, Activation::Identity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::parameters::Parameters;
    use candle_core::Device;

    #[test]
    fn initial_weights_fill_pytorchs_range() {
        let parameters = Parameters::new(1, "test");
        LeNet::new([1, 28, 28], 11, parameters.builder(&Device::Cpu)).unwrap();
        let all = parameters.all();
        for (name, fan_in) in [
            ("conv1.weight", 25),
            ("conv2.weight", 500),
            ("fc1.weight", 800),
            ("fc2.weight", 500),
        ] {
            let largest = all[name].abs().unwrap().max_all().unwrap();
            let share = largest.to_scalar::<f32>().unwrap() * (fan_in as f32).sqrt();
            assert!((0.97..=1.0).contains(&share), "{name}: {share}");
        }
    }
}
