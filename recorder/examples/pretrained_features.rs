//! The features and logits that a pretrained network gives for images: `benchmarks/pretrained_equality.py` compares
//! them with PyTorch's.
//!
//! `cargo run --release -p recorder --example pretrained_features -- NETWORK WEIGHTS IMAGES OUTPUT`, where IMAGES is a
//! safetensors file with a tensor `images` (samples × 3 × height × width, 32-bit floats, standardised); OUTPUT gets
//! `features`, and `logits` where the weights have a classifier.

use std::env;
use std::error::Error;
use std::fs;
use std::path::Path;

use candle_core::{Device, Tensor, safetensors};
use recorder::pretrained::{PRETRAINED, PretrainedNetwork, Weights};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [name, weights, images, output] = &arguments[..] else {
        return Err("expected: NETWORK WEIGHTS IMAGES OUTPUT".into());
    };
    let kind = PRETRAINED.iter().find(|kind| kind.name == name);
    let kind = kind.ok_or("no such network")?;
    let network = PretrainedNetwork::build(kind, &Weights::open(Path::new(weights))?)?;
    let images = safetensors::load_buffer(&fs::read(images)?, &Device::Cpu)?;
    let images = images.get("images").ok_or("no tensor images")?;
    let (samples, channels, height, width) = images.dims4()?;
    let values: Vec<f32> = images.flatten_all()?.to_vec1()?;
    let features = network.features(&values, [samples, channels, height, width])?;
    let logits = network.logits(&features);
    let shape = (samples, kind.width);
    let features = Tensor::from_vec(features, shape, &Device::Cpu)?;
    let logits = logits.map(|logits| {
        let classes = logits.len() / samples.max(1);
        Tensor::from_vec(logits, (samples, classes), &Device::Cpu)
    });
    let named = [
        ("features", Some(features)),
        ("logits", logits.transpose()?),
    ];
    let named = named.into_iter();
    let tensors = named.filter_map(|(name, tensor)| Some((name, tensor?)));
    let tensors = tensors.collect();
    safetensors::save(&tensors, output)?;
    Ok(())
}
