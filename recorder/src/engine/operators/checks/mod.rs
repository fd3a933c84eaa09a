//! Every operator against a plain f64 reference: its output, and its gradients against finite
//! differences of the reference, over random shapes; with our kernels and with the compositions
//! that other devices use.

mod batch_norm;
mod conv2d;
mod depthwise;
mod frozen;
mod linear;
mod losses;
mod network;
mod pooling;
mod threads;
mod winograd;

use candle_core::{Device, Result, Tensor, Var};
use rand::rngs::ChaCha12Rng;
use rand::{RngExt, SeedableRng};

/// Elements of an input whose gradient is checked.
const MOST_ELEMENTS: usize = 24;
const STEP: f64 = 1e-6;
/// Rounding in 32 bits moves an output of these checks by less.
const NEAR_A_KINK: f64 = 1e-5;

/// `count` numbers in −1..1, as f32 holds them.
fn numbers(seed: u64, name: &str, count: usize) -> Vec<f32> {
    let mut key = [0; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    key[8..]
        .iter_mut()
        .zip(name.bytes())
        .for_each(|(to, from)| *to = from);
    let mut draws = ChaCha12Rng::from_seed(key);
    (0..count)
        .map(|_| draws.random::<f32>() * 2.0 - 1.0)
        .collect()
}

fn variables(seed: u64, shapes: &[Vec<usize>]) -> Result<Vec<Var>> {
    let variable = |(index, shape): (usize, &Vec<usize>)| {
        let values = numbers(seed, &format!("input {index}"), shape.iter().product());
        Var::from_tensor(&Tensor::from_vec(values, shape.as_slice(), &Device::Cpu)?)
    };
    shapes.iter().enumerate().map(variable).collect()
}

fn to_f64(tensor: &Tensor) -> Vec<f64> {
    let values = tensor.flatten_all().unwrap().to_vec1::<f32>().unwrap();
    values.into_iter().map(f64::from).collect()
}

/// Output and gradients (of a random weighting of the outputs) of `operator`.
fn evaluate(
    seed: u64,
    shapes: &[Vec<usize>],
    operator: impl Fn(&[Tensor]) -> Result<Tensor>,
) -> (Tensor, Vec<Tensor>) {
    let variables = variables(seed, shapes).unwrap();
    let inputs: Vec<Tensor> = variables
        .iter()
        .map(|input| input.as_tensor().clone())
        .collect();
    let output = operator(&inputs).unwrap();
    let weights = numbers(seed, "weights", output.elem_count());
    let weights = Tensor::from_vec(weights, output.shape(), &Device::Cpu).unwrap();
    let loss = (&output * weights).unwrap().sum_all().unwrap();
    let gradients = crate::engine::operators::record::backward(&loss).unwrap();
    let plain = loss.backward().unwrap();
    let gradient = |variable: &Var| {
        let gradient = gradients.get(variable).unwrap();
        assert_eq!(gradient.dims(), variable.dims());
        assert_eq!(to_f64(gradient), to_f64(plain.get(variable).unwrap()));
        gradient.clone()
    };
    (output, variables.iter().map(gradient).collect())
}

/// Fails where `operator` and its f64 `reference` differ by more than `tolerance` of the largest. Gradients
/// are not compared in the few cases where an output lies at a kink of a ReLU or ReLU6.
fn check(
    seed: u64,
    shapes: &[Vec<usize>],
    tolerance: f64,
    operator: impl Fn(&[Tensor]) -> Result<Tensor>,
    reference: impl Fn(&[Vec<f64>]) -> Vec<f64>,
) {
    let (output, gradients) = evaluate(seed, shapes, operator);
    let variables = variables(seed, shapes).unwrap();
    let mut inputs: Vec<Vec<f64>> = variables.iter().map(|input| to_f64(input)).collect();
    let expected = reference(&inputs);
    let found = to_f64(&output);
    assert_close("output", &found, &expected, tolerance);
    if is_at_a_kink(&found) || is_at_a_kink(&expected) {
        return;
    }
    let weights = numbers(seed, "weights", expected.len());
    let loss = |outputs: &[f64]| -> f64 {
        let weighted = outputs.iter().zip(&weights);
        weighted
            .map(|(output, &weight)| output * f64::from(weight))
            .sum()
    };
    let mut outputs_after = |input: usize, element: usize, change: f64| {
        inputs[input][element] += change;
        let outputs = reference(&inputs);
        inputs[input][element] -= change;
        outputs
    };
    for (input, gradient) in gradients.iter().enumerate() {
        let gradient = to_f64(gradient);
        let step = gradient.len().div_ceil(MOST_ELEMENTS);
        let (mut found, mut slopes) = (Vec::new(), Vec::new());
        for element in (0..gradient.len()).step_by(step) {
            let above = outputs_after(input, element, STEP);
            let below = outputs_after(input, element, -STEP);
            if closed(&above) != closed(&below) {
                return; // The step goes across a kink.
            }
            slopes.push((loss(&above) - loss(&below)) / (2.0 * STEP));
            found.push(gradient[element]);
        }
        assert_close(&format!("gradient {input}"), &found, &slopes, tolerance);
    }
}

/// Where a ReLU6 has kinks; a ReLU has the first of them.
const KINKS: [f64; 2] = [0.0, 6.0];

/// Whether an output is so near to a kink that a ReLU may open in 32 bits and not in 64: there the two have
/// different gradients, and both are right.
fn is_at_a_kink(outputs: &[f64]) -> bool {
    let is_near = |output: f64, kink: f64| output != kink && (output - kink).abs() < NEAR_A_KINK;
    outputs
        .iter()
        .any(|&output| KINKS.iter().any(|&kink| is_near(output, kink)))
}

/// Which of the outputs are those of a ReLU or ReLU6 that has closed.
fn closed(outputs: &[f64]) -> Vec<Option<usize>> {
    let kink = |output: &f64| KINKS.iter().position(|kink| kink == output);
    outputs.iter().map(kink).collect()
}

fn assert_close(what: &str, found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len(), "{what}");
    let scale = expected
        .iter()
        .fold(1.0, |scale: f64, value| scale.max(value.abs()));
    for (index, (found, expected)) in found.iter().zip(expected).enumerate() {
        let difference = (found - expected).abs();
        assert!(
            difference <= tolerance * scale,
            "{what}[{index}] is {found}, but the reference {expected}"
        );
    }
}
