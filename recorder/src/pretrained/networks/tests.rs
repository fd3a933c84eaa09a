//! A whole network with weights that a formula makes, beside what PyTorch 2.15 gives for the same.

use std::collections::BTreeMap;
use std::fs;

use candle_core::{Device, Tensor};
use safetensors::Dtype;
use safetensors::tensor::TensorView;
use tempfile::TempDir;

use crate::engine::parameters::Parameters;
use crate::models::list::NETWORKS;
use crate::models::settings::NetworkSettings;
use crate::pretrained::kind::{PretrainedKind, PretrainedNetwork};
use crate::pretrained::networks::efficientnet_lite::{
    EFFICIENTNET_LITE0, EFFICIENTNET_LITE1, EFFICIENTNET_LITE2,
};
use crate::pretrained::weights::file::Weights;

/// Numbers that only look random, of a size that keeps activations alive.
fn made_up(name: &str, shape: &[usize]) -> Vec<f32> {
    let seed = crc32fast::hash(name.as_bytes());
    let fan_in: usize = shape[1..].iter().product();
    let number = |at: usize| {
        let mixed = (seed ^ (at as u32).wrapping_mul(2_654_435_761)).wrapping_mul(0x9e37_79b1);
        let mixed = (mixed ^ (mixed >> 15)).wrapping_mul(0x85eb_ca77);
        let x = f64::from(mixed >> 8) / f64::from(1 << 23) - 1.0;
        (match name.rsplit('.').next() {
            _ if shape.len() > 1 => x * (6.0 / fan_in as f64).sqrt(),
            Some("weight") => 1.0 + 0.1 * x,
            Some("running_var") => 1.0 + 0.5 * x,
            _ => 0.1 * x,
        }) as f32
    };
    (0..shape.iter().product()).map(number).collect()
}

/// Blocks, kernel and channels of a stage.
type Stage = (usize, usize, usize);

const LITE0: [Stage; 7] = [
    (1, 3, 16),
    (2, 3, 24),
    (2, 5, 40),
    (3, 3, 80),
    (3, 5, 112),
    (4, 5, 192),
    (1, 3, 320),
];

const LITE1: [Stage; 7] = [
    (1, 3, 16),
    (3, 3, 24),
    (3, 5, 40),
    (4, 3, 80),
    (4, 5, 112),
    (5, 5, 192),
    (1, 3, 320),
];

const LITE2: [Stage; 7] = [
    (1, 3, 16),
    (3, 3, 24),
    (3, 5, 48),
    (4, 3, 88),
    (4, 5, 120),
    (5, 5, 208),
    (1, 3, 352),
];

/// The parameters of an EfficientNet-Lite by their names, as the package lists them.
fn parameters(stages: [Stage; 7]) -> BTreeMap<String, Vec<usize>> {
    let mut shapes = BTreeMap::new();
    let mut layer = |conv: String, norm: String, shape: [usize; 4]| {
        for parameter in ["weight", "bias", "running_mean", "running_var"] {
            shapes.insert(format!("{norm}.{parameter}"), vec![shape[0]]);
        }
        shapes.insert(format!("{conv}.weight"), shape.to_vec());
    };
    layer("_conv_stem".into(), "_bn0".into(), [32, 3, 3, 3]);
    let (mut block, mut inputs) = (0, 32);
    for (count, kernel, outputs) in stages {
        for _ in 0..count {
            let hidden = if block == 0 { 32 } else { 6 * inputs };
            let name = |layer: &str| format!("_blocks.{block}.{layer}");
            if block > 0 {
                layer(name("_expand_conv"), name("_bn0"), [hidden, inputs, 1, 1]);
            }
            layer(
                name("_depthwise_conv"),
                name("_bn1"),
                [hidden, 1, kernel, kernel],
            );
            layer(name("_project_conv"), name("_bn2"), [outputs, hidden, 1, 1]);
            (block, inputs) = (block + 1, outputs);
        }
    }
    layer("_conv_head".into(), "_bn1".into(), [1280, inputs, 1, 1]);
    shapes
}

/// The first features of an image of 64 pixels a side and the sum of all, as PyTorch gives them for that size (its package
/// pads for one size, which has to be said: `EfficientNet.from_name(…, image_size=64)`).
struct Expected {
    parameters: usize,
    features: [f32; 8],
    sum: f64,
}

fn check(kind: &'static PretrainedKind, stages: [Stage; 7], expected: &Expected) {
    let bytes: BTreeMap<String, (Vec<usize>, Vec<u8>)> = parameters(stages)
        .into_iter()
        .map(|(name, shape)| {
            let values = made_up(&name, &shape);
            (
                name,
                (
                    shape,
                    values
                        .iter()
                        .flat_map(|value| value.to_le_bytes())
                        .collect(),
                ),
            )
        })
        .collect();
    let views = bytes.iter().map(|(name, (shape, bytes))| {
        (
            name,
            TensorView::new(Dtype::F32, shape.clone(), bytes).unwrap(),
        )
    });
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("lite.safetensors");
    fs::write(&path, safetensors::serialize(views, None).unwrap()).unwrap();
    let weights = Weights::open(&path).unwrap();
    let network = PretrainedNetwork::build(kind, &weights).unwrap();
    assert_eq!(
        network.taken,
        format!("{} parameters taken", expected.parameters)
    );
    let side = 64;
    let pixel = |at: usize| {
        let (channel, y, x) = (at / side / side, at / side % side, at % side);
        ((channel * 31 + y * 7 + x * 13) % 29) as f32 / 14.0 - 1.0
    };
    // The same image thrice, so that samples do not mix.
    let image: Vec<f32> = (0..3 * side * side).map(pixel).collect();
    let images = image.repeat(3);
    let features = network.features(&images, [3, 3, side, side]).unwrap();
    check_trained(kind.name, &weights, &images, expected);
    for sample in features.chunks_exact(1280) {
        for (found, expected) in sample.iter().zip(expected.features) {
            assert!((found - expected).abs() < 1e-4, "{found} {expected}");
        }
        let sum: f64 = sample.iter().map(|&value| f64::from(value)).sum();
        assert!((sum - expected.sum).abs() < 0.01, "{sum}");
    }
}

/// The network that is trained has the same features: its outputs are the first eight, and the sum of all.
fn check_trained(name: &str, weights: &Weights, images: &[f32], expected: &Expected) {
    let side = 64;
    let kind = NETWORKS.into_iter().find(|kind| kind.name == name).unwrap();
    let parameters = Parameters::new(1, "test");
    let builder = parameters.builder(&Device::Cpu);
    let settings = NetworkSettings::new(kind);
    let network = settings.build("images", [3, side, side], 9, builder);
    let network = network.unwrap();
    let all = parameters.all();
    assert_eq!(all.len(), expected.parameters + 2);
    for (name, variable) in all {
        let shape = variable.dims();
        let values = match name.as_str() {
            "_fc.weight" => (0..9 * 1280)
                .map(|at| f32::from(at / 1280 == 8 || at % 1280 == at / 1280))
                .collect(),
            "_fc.bias" => vec![0.0; 9],
            name => weights.take(kind.name, name, shape).unwrap(),
        };
        let values = Tensor::from_vec(values, shape, &Device::Cpu).unwrap();
        variable.set(&values).unwrap();
    }
    let images = Tensor::from_slice(images, (3, 3, side, side), &Device::Cpu).unwrap();
    let outputs = network.forward_t(&images, false).unwrap();
    for sample in outputs.to_vec2::<f32>().unwrap() {
        for (found, expected) in sample.iter().zip(expected.features) {
            assert!((found - expected).abs() < 1e-4, "{found} {expected}");
        }
        assert!((f64::from(sample[8]) - expected.sum).abs() < 0.01);
    }
}

#[test]
fn efficientnet_lite0_gives_the_features_that_pytorch_gives() {
    let expected = Expected {
        parameters: 245,
        features: [
            0.0, 0.424909, 3.112618, 0.2868549, 1.594427, 1.208641, 1.193636, 3.590195,
        ],
        sum: 1994.550001,
    };
    check(&EFFICIENTNET_LITE0, LITE0, &expected);
}

#[test]
fn deeper_efficientnet_lite1_gives_the_features_that_pytorch_gives() {
    let expected = Expected {
        parameters: 320,
        features: [0.7361039, 0.0, 4.5, 0.0, 0.0, 1.38829, 1.99412, 1.638575],
        sum: 1888.320359,
    };
    check(&EFFICIENTNET_LITE1, LITE1, &expected);
}

#[test]
fn wider_efficientnet_lite2_gives_the_features_that_pytorch_gives() {
    let expected = Expected {
        parameters: 320,
        features: [
            0.0, 3.965395, 1.260513, 0.3051127, 0.1093052, 5.23479, 2.889698, 0.0,
        ],
        sum: 1945.451978,
    };
    check(&EFFICIENTNET_LITE2, LITE2, &expected);
}
