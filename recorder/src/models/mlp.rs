//! A multilayer perceptron: hidden layers with ReLU, of any number and width. Initial weights are PyTorch's, as those of
//! LeNet; with He's, wrong labels are ranked worse on nearly every set (see `benchmarks/README.md`).

use candle_core::{ModuleT, Result, Tensor};
use candle_nn::VarBuilder;

use crate::engine::operators::arguments::Activation;
use crate::engine::operators::layers::Linear;
use crate::engine::optimiser::sgd::SgdSettings;
use crate::models::settings::NetworkKind;

pub(crate) static MLP: NetworkKind = NetworkKind {
    name: "mlp",
    help: "A perceptron with hidden layers of `hidden_units`, for features and very small images",
    sgd: SgdSettings::DEFAULT,
    final_sgd: SgdSettings::DEFAULT,
    hidden_units: Some(128),
    output_layer: "output",
    least_side: |_| 1,
    has_small_stem: |_| false,
    build: |settings, shape, outputs, parameters| {
        let hidden_units = settings.hidden_units().unwrap_or_default();
        let inputs = shape.iter().product();
        Ok(Box::new(Mlp::new(
            inputs,
            &hidden_units,
            outputs,
            parameters,
        )?))
    },
};

struct Mlp {
    hidden: Vec<Linear>,
    output: Linear,
}

impl Mlp {
    /// With a hidden layer for each of `hidden_units`.
    fn new(
        inputs: usize,
        hidden_units: &[usize],
        outputs: usize,
        parameters: VarBuilder,
    ) -> Result<Self> {
        let mut width = inputs;
        let mut hidden = Vec::new();
        for (index, &units) in hidden_units.iter().enumerate() {
            let name = match index {
                0 => "hidden".to_owned(),
                index => format!("hidden{}", index + 1),
            };
            hidden.push(Linear::uniform(width, units, parameters.pp(name))?);
            width = units;
        }
        Ok(Self {
            hidden,
            output: Linear::uniform(width, outputs, parameters.pp("output"))?,
        })
    }
}

impl ModuleT for Mlp {
    /// samples × channels × height × width → samples × outputs
    fn forward_t(&self, samples: &Tensor, _train: bool) -> Result<Tensor> {
        let mut values = samples.flatten_from(1)?;
        for layer in &self.hidden {
            values = layer.forward(&values, Activation::Relu)?;
        }
        self.output.forward(&values, Activation::Identity)
    }
}
