//! A whole network with weights that a formula makes, beside what PyTorch 2.15 gives for the same.

use std::collections::BTreeMap;
use std::fs;

use safetensors::Dtype;
use safetensors::tensor::TensorView;
use tempfile::TempDir;

use crate::pretrained::kind::PretrainedNetwork;
use crate::pretrained::networks::efficientnet_lite::EFFICIENTNET_LITE0;
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

/// The parameters of EfficientNet-Lite0 by their names, as the package lists them.
fn lite0() -> BTreeMap<String, Vec<usize>> {
    let mut shapes = BTreeMap::new();
    let mut layer = |conv: String, norm: String, shape: [usize; 4]| {
        for parameter in ["weight", "bias", "running_mean", "running_var"] {
            shapes.insert(format!("{norm}.{parameter}"), vec![shape[0]]);
        }
        shapes.insert(format!("{conv}.weight"), shape.to_vec());
    };
    layer("_conv_stem".into(), "_bn0".into(), [32, 3, 3, 3]);
    let stages = [
        (1, 3, 16),
        (2, 3, 24),
        (2, 5, 40),
        (3, 3, 80),
        (3, 5, 112),
        (4, 5, 192),
        (1, 3, 320),
    ];
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
    layer("_conv_head".into(), "_bn1".into(), [1280, 320, 1, 1]);
    shapes
}

#[test]
fn efficientnet_lite0_gives_the_features_that_pytorch_gives() {
    let bytes: BTreeMap<String, (Vec<usize>, Vec<u8>)> = lite0()
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
    let path = folder.path().join("lite0.safetensors");
    fs::write(&path, safetensors::serialize(views, None).unwrap()).unwrap();
    let weights = Weights::open(&path).unwrap();
    let network = PretrainedNetwork::build(&EFFICIENTNET_LITE0, &weights).unwrap();
    assert_eq!(network.taken, "245 parameters taken");
    let side = 64;
    let pixel = |at: usize| {
        let (channel, y, x) = (at / side / side, at / side % side, at % side);
        ((channel * 31 + y * 7 + x * 13) % 29) as f32 / 14.0 - 1.0
    };
    // The same image thrice, so that samples do not mix.
    let image: Vec<f32> = (0..3 * side * side).map(pixel).collect();
    let features = network
        .features(&image.repeat(3), [3, 3, side, side])
        .unwrap();
    let pytorch = [
        0.0, 0.424909, 3.112618, 0.2868549, 1.594427, 1.208641, 1.193636, 3.590195,
    ];
    for sample in features.chunks_exact(1280) {
        for (found, expected) in sample.iter().zip(pytorch) {
            assert!((found - expected).abs() < 1e-4, "{found} {expected}");
        }
        let sum: f64 = sample.iter().map(|&value| f64::from(value)).sum();
        assert!((sum - 1994.550001).abs() < 0.01, "{sum}");
    }
}
