//! What a vision transformer is made of, of one that is not trained: linear layers, normalisation of each token,
//! GELU, and attention. Values are tokens × width, the tokens of one image after those of another.
#![expect(unsafe_code, reason = "gemm takes pointers")]

use gemm::Parallelism;

use crate::engine::operators::instructions::vectorized;
use crate::engine::operators::matrix::Matrix;

/// A linear layer with a bias.
pub(crate) struct FrozenLinear {
    /// outputs × inputs
    pub(crate) weight: Vec<f32>,
    pub(crate) bias: Vec<f32>,
}

impl FrozenLinear {
    /// tokens × inputs → tokens × outputs
    pub(crate) fn forward(&self, input: &[f32]) -> Vec<f32> {
        let outputs = self.bias.len();
        let inputs = self.weight.len() / outputs;
        let tokens = input.len() / inputs;
        let mut output = vec![0.0; tokens * outputs];
        let left = Matrix::rows(input, inputs);
        let right = Matrix::columns(&self.weight, inputs);
        multiply(&mut output, outputs, [tokens, inputs, outputs], left, right);
        vectorized(
            #[inline(always)]
            || {
                for row in output.chunks_exact_mut(outputs) {
                    row.iter_mut()
                        .zip(&self.bias)
                        .for_each(|(value, bias)| *value += bias);
                }
            },
        );
        output
    }
}

/// Normalisation of each token to mean 0 and variance 1, then scaled and shifted.
pub(crate) struct FrozenLayerNorm {
    pub(crate) weight: Vec<f32>,
    pub(crate) bias: Vec<f32>,
    pub(crate) epsilon: f32,
}

impl FrozenLayerNorm {
    pub(crate) fn forward(&self, input: &[f32]) -> Vec<f32> {
        let width = self.weight.len();
        let mut output = input.to_vec();
        vectorized(
            #[inline(always)]
            || {
                for token in output.chunks_exact_mut(width) {
                    let mean = sum(token, |value| value) / width as f32;
                    let variance =
                        sum(token, |value| (value - mean) * (value - mean)) / width as f32;
                    let scale = 1.0 / (variance + self.epsilon).sqrt();
                    let parameters = self.weight.iter().zip(&self.bias);
                    for (value, (weight, bias)) in token.iter_mut().zip(parameters) {
                        *value = (*value - mean) * scale * weight + bias;
                    }
                }
            },
        );
        output
    }
}

/// x Φ(x), with Φ the normal distribution.
pub(crate) fn gelu(values: &mut [f32]) {
    vectorized(
        #[inline(always)]
        || {
            for value in values {
                *value *= 0.5 + 0.5 * erf(*value * std::f32::consts::FRAC_1_SQRT_2);
            }
        },
    );
}

/// Attention of the tokens of one image to each other, head by head: `qkv` has for each token the queries, the keys and
/// the values of all heads.
pub(crate) fn attention(qkv: &[f32], tokens: usize, heads: usize) -> Vec<f32> {
    let width = qkv.len() / tokens / 3;
    let head = width / heads;
    let scale = 1.0 / (head as f32).sqrt();
    let mut output = vec![0.0; tokens * width];
    let mut weights = vec![0.0; tokens * tokens];
    for at in 0..heads {
        let part = |kind: usize| Matrix {
            values: &qkv[kind * width + at * head..],
            row_step: 3 * width,
            column_step: 1,
        };
        let keys = part(1).transposed();
        multiply(&mut weights, tokens, [tokens, head, tokens], part(0), keys);
        vectorized(
            #[inline(always)]
            || {
                weights
                    .chunks_exact_mut(tokens)
                    .for_each(|row| softmax(row, scale))
            },
        );
        let to = &mut output[at * head..];
        let rows = Matrix::rows(&weights, tokens);
        multiply(to, width, [tokens, tokens, head], rows, part(2));
    }
    output
}

#[inline(always)]
fn softmax(row: &mut [f32], scale: f32) {
    let largest = row
        .iter()
        .fold(f32::NEG_INFINITY, |largest, &value| largest.max(value));
    for value in row.iter_mut() {
        *value = exp((*value - largest) * scale);
    }
    let inverse = 1.0 / sum(row, |value| value);
    row.iter_mut().for_each(|value| *value *= inverse);
}

/// In sixteen sums at a time, as the registers have them.
#[inline(always)]
fn sum(values: &[f32], of: impl Fn(f32) -> f32) -> f32 {
    let mut sums = [0.0; 16];
    let (blocks, rest) = values.as_chunks::<16>();
    for block in blocks {
        for (sum, &value) in sums.iter_mut().zip(block) {
            *sum += of(value);
        }
    }
    let rest: f32 = rest.iter().map(|&value| of(value)).sum();
    sums.iter().sum::<f32>() + rest
}

/// e^x for x ≤ 0, to some 1e-7 of it: 2^n by the bits of the number, and a Taylor series for the rest.
#[inline(always)]
fn exp(x: f32) -> f32 {
    /// Added to a small number it leaves the nearest whole one in the last bits.
    const WHOLE: f32 = 12_582_912.0; // 1.5 · 2²³
    let shifted = (x * std::f32::consts::LOG2_E).max(-126.0) + WHOLE;
    let whole = shifted - WHOLE;
    let rest = (-whole).mul_add(std::f32::consts::LN_2, x.max(-87.0));
    let series = [
        1.0 / 720.0,
        1.0 / 120.0,
        1.0 / 24.0,
        1.0 / 6.0,
        0.5,
        1.0,
        1.0,
    ];
    let power = series
        .into_iter()
        .fold(1.0 / 5040.0, |sum: f32, next| sum.mul_add(rest, next));
    power * f32::from_bits(shifted.to_bits().wrapping_add(127) << 23)
}

/// Abramowitz and Stegun, 7.1.26: to 1.5e-7.
#[inline(always)]
fn erf(x: f32) -> f32 {
    let t = 1.0 / x.abs().mul_add(0.327_591_1, 1.0);
    let series = [-1.453_152_f32, 1.421_413_7, -0.284_496_74, 0.254_829_6];
    let sum = series
        .into_iter()
        .fold(1.061_405_4, |sum: f32, next| sum.mul_add(t, next));
    (1.0 - sum * t * exp(-x * x)).copysign(x)
}

/// product (rows × columns, its rows `row_step` apart) ← left · right, on this thread: images are shared among threads
/// already.
fn multiply(
    product: &mut [f32],
    row_step: usize,
    [rows, depth, columns]: [usize; 3],
    left: Matrix,
    right: Matrix,
) {
    assert!(rows * depth * columns > 0 && columns <= row_step);
    assert!((rows - 1) * row_step + columns <= product.len());
    assert!(left.has(rows, depth) && right.has(depth, columns));
    // SAFETY: every element of the three lies in its slice, as was just checked.
    unsafe {
        gemm::gemm(
            rows,
            columns,
            depth,
            product.as_mut_ptr(),
            1,
            row_step as isize,
            false,
            left.values.as_ptr(),
            left.column_step as isize,
            left.row_step as isize,
            right.values.as_ptr(),
            right.column_step as isize,
            right.row_step as isize,
            0.0,
            1.0,
            false,
            false,
            false,
            Parallelism::None,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exponential_and_gelu_are_their_definitions() {
        for step in 0..1000 {
            let x = -0.08 * step as f32;
            let exact = f64::from(x).exp();
            assert!(
                (f64::from(exp(x)) - exact).abs() <= 3e-7 * exact + 1e-37,
                "{x}"
            );
        }
        assert!(exp(-1e30) < 1e-37);
        // Φ(1) = 0.841344746, Φ(−2) = 0.022750132.
        let mut values = [0.0, 1.0, -2.0, 30.0, -30.0];
        gelu(&mut values);
        let expected = [0.0, 0.841_344_8, -0.045_500_264, 30.0, 0.0];
        for (found, expected) in values.iter().zip(expected) {
            assert!((found - expected).abs() < 5e-7, "{found} {expected}");
        }
    }

    #[test]
    fn tokens_attend_to_the_keys_that_their_queries_are_like() {
        // Two tokens, two heads of one value: the first head of the first token asks for the second key by far, the
        // others for none, so that they get the mean of both values.
        let qkv = [
            [100.0, 0.0, 0.0, 0.0, 1.0, 2.0],
            [0.0, 0.0, 1.0, 0.0, 3.0, 6.0],
        ];
        assert_eq!(attention(qkv.as_flattened(), 2, 2), [3.0, 4.0, 2.0, 4.0]);
    }

    #[test]
    fn a_layer_is_its_definition_token_by_token() {
        let layer = FrozenLinear {
            weight: vec![1.0, 2.0, 0.0, -1.0, 1.0, 1.0],
            bias: vec![0.5, 0.0, 10.0],
        };
        let output = layer.forward(&[1.0, 1.0, 2.0, 0.0]);
        assert_eq!(output, [3.5, -1.0, 12.0, 2.5, 0.0, 12.0]);
        let norm = FrozenLayerNorm {
            weight: vec![1.0, 2.0],
            bias: vec![0.0, 1.0],
            epsilon: 0.0,
        };
        assert_eq!(norm.forward(&[3.0, 5.0, 7.0, 1.0]), [-1.0, 3.0, 1.0, -1.0]);
    }
}
