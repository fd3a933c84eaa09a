//! Prints samples a second of training steps (forward, backward, Nesterov step) on resident data,
//! for three networks built of the operators: the median and the range of several repetitions.
//!
//! `cargo run --release -p recorder --example operator_speed -- [lenet|mlp|resnet20|resnet32]…`
//! Only ratios to something run in turns on the same machine mean anything; RAYON_NUM_THREADS sets
//! the threads.

use std::time::Instant;

use candle_core::{Device, Result, Tensor};
use candle_nn::VarBuilder;
use recorder::engine::operators::{
    Activation, BatchNorm, Conv2d, Linear, Windows, avg_pool2d, backward, cross_entropy,
    global_avg_pool2d, max_pool2d, zero_channels,
};
use recorder::engine::{NesterovSgd, Parameters, SgdSettings};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const REPETITIONS: usize = 9;
const SECONDS_PER_REPETITION: f64 = 0.6;

type Network = Box<dyn Fn(&Tensor) -> Result<Tensor> + Send + Sync>;

/// 20 and 50 5×5 filters with 2×2 max pooling, 500 hidden units.
fn lenet(parameters: VarBuilder) -> Result<Network> {
    let conv1 = Conv2d::new(1, 20, windows(5, 1, 0), parameters.pp("conv1"))?;
    let conv2 = Conv2d::new(20, 50, windows(5, 1, 0), parameters.pp("conv2"))?;
    let hidden = Linear::new(800, 500, parameters.pp("hidden"))?;
    let output = Linear::new(500, 10, parameters.pp("output"))?;
    Ok(Box::new(move |images| {
        let x = max_pool2d(&conv1.forward(images, Activation::Relu)?, Windows::tiles(2))?;
        let x = max_pool2d(&conv2.forward(&x, Activation::Relu)?, Windows::tiles(2))?;
        let x = hidden.forward(&x.flatten_from(1)?, Activation::Relu)?;
        output.forward(&x, Activation::Identity)
    }))
}

fn mlp(parameters: VarBuilder) -> Result<Network> {
    let hidden = Linear::new(768, 512, parameters.pp("hidden"))?;
    let output = Linear::new(512, 11, parameters.pp("output"))?;
    Ok(Box::new(move |features| {
        output.forward(
            &hidden.forward(features, Activation::Relu)?,
            Activation::Identity,
        )
    }))
}

/// Two convolutions and a shortcut.
struct Block {
    first: (Conv2d, BatchNorm),
    second: (Conv2d, BatchNorm),
    stride: usize,
    outputs: usize,
}

impl Block {
    fn new(inputs: usize, outputs: usize, stride: usize, parameters: &VarBuilder) -> Result<Self> {
        let layer = |index: usize, inputs, stride| -> Result<_> {
            let conv = parameters.pp(format!("conv{index}"));
            let conv = Conv2d::without_bias(inputs, outputs, windows(3, stride, 1), conv)?;
            Ok((
                conv,
                BatchNorm::new(outputs, parameters.pp(format!("bn{index}")))?,
            ))
        };
        Ok(Self {
            first: layer(1, inputs, stride)?,
            second: layer(2, outputs, 1)?,
            stride,
            outputs,
        })
    }

    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let (conv, norm) = &self.first;
        let y = conv.forward_normalized(x, norm, None, Activation::Relu, true)?;
        let mut shortcut = x.clone();
        if self.stride > 1 {
            shortcut = avg_pool2d(x, Windows::tiles(self.stride))?;
            shortcut = zero_channels(&shortcut, self.outputs)?;
        }
        let (conv, norm) = &self.second;
        conv.forward_normalized(&y, norm, Some(&shortcut), Activation::Relu, true)
    }
}

fn resnet(blocks_per_stage: usize, parameters: VarBuilder) -> Result<Network> {
    let stem = Conv2d::without_bias(3, 16, windows(3, 1, 1), parameters.pp("conv1"))?;
    let stem_norm = BatchNorm::new(16, parameters.pp("bn1"))?;
    let mut blocks = Vec::new();
    let mut inputs = 16;
    for (stage, outputs) in [16, 32, 64].into_iter().enumerate() {
        for index in 0..blocks_per_stage {
            let stride = if stage > 0 && index == 0 { 2 } else { 1 };
            let parameters = parameters.pp(format!("layer{stage}.{index}"));
            blocks.push(Block::new(inputs, outputs, stride, &parameters)?);
            inputs = outputs;
        }
    }
    let output = Linear::new(64, 10, parameters.pp("output"))?;
    Ok(Box::new(move |images| {
        let mut x = stem.forward_normalized(images, &stem_norm, None, Activation::Relu, true)?;
        for block in &blocks {
            x = block.forward(&x)?;
        }
        output.forward(&global_avg_pool2d(&x)?, Activation::Identity)
    }))
}

const fn windows(kernel: usize, stride: usize, padding: usize) -> Windows {
    Windows {
        kernel,
        stride,
        padding,
    }
}

/// Trains steps until a repetition's time is over; returns samples a second of each repetition.
fn measure(network: &Network, parameters: &Parameters, shape: &[usize]) -> Result<Vec<f64>> {
    let images = Tensor::rand(-1f32, 1.0, shape, &Device::Cpu)?;
    let labels: Vec<u32> = (0..10).cycle().take(shape[0]).collect();
    let labels = Tensor::new(labels, &Device::Cpu)?;
    let settings = SgdSettings {
        learning_rate: 0.001,
        momentum: 0.9,
        weight_decay: 1e-4,
    };
    let mut optimiser = NesterovSgd::new(parameters.trainable(), settings)?;
    let mut speeds = Vec::new();
    for _ in 0..REPETITIONS {
        let (start, mut samples) = (Instant::now(), 0);
        while start.elapsed().as_secs_f64() < SECONDS_PER_REPETITION {
            let loss = cross_entropy(&network(&images)?, &labels)?;
            optimiser.step(&backward(&loss)?)?;
            samples += shape[0];
        }
        speeds.push(samples as f64 / start.elapsed().as_secs_f64());
    }
    speeds.sort_by(f64::total_cmp);
    Ok(speeds)
}

#[expect(clippy::print_stdout, reason = "its purpose")]
fn main() -> anyhow::Result<()> {
    let mut names: Vec<String> = std::env::args().skip(1).collect();
    if names.is_empty() {
        names = ["lenet", "mlp", "resnet20"].map(str::to_owned).to_vec();
    }
    for name in names {
        let parameters = Parameters::new(1, "speed");
        let builder = parameters.builder(&Device::Cpu);
        let (network, shape) = match name.as_str() {
            "lenet" => (lenet(builder)?, vec![64, 1, 28, 28]),
            "mlp" => (mlp(builder)?, vec![128, 768]),
            "resnet20" => (resnet(3, builder)?, vec![64, 3, 32, 32]),
            "resnet32" => (resnet(5, builder)?, vec![128, 3, 32, 32]),
            other => anyhow::bail!("there is no network {other}"),
        };
        // Within the pool: otherwise every operator would wake it and wait for it.
        let speeds = rayon::scope(|_| measure(&network, &parameters, &shape))?;
        let (least, median, most) = (speeds[0], speeds[REPETITIONS / 2], speeds[REPETITIONS - 1]);
        println!("{name}: {median:.0} samples/s ({least:.0} to {most:.0})");
    }
    Ok(())
}
