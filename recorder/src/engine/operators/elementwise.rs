//! Loops over one array or several of equal length.

use rayon::prelude::*;

use crate::engine::operators::arguments::Activation;
use crate::engine::operators::chunks::LEAST_VALUES_TO_SHARE;
use crate::engine::operators::instructions::vectorized;

/// Calls `work` with equal pieces of a changed and a read array.
pub(crate) fn for_pieces<F>(changed: &mut [f32], read: &[f32], work: F)
where
    F: Fn(&mut [f32], &[f32]) + Sync,
{
    if changed.len() < LEAST_VALUES_TO_SHARE {
        vectorized(|| work(changed, read));
        return;
    }
    changed
        .par_chunks_mut(LEAST_VALUES_TO_SHARE)
        .zip(read.par_chunks(LEAST_VALUES_TO_SHARE))
        .for_each(|(changed, read)| vectorized(|| work(changed, read)));
}

/// As [`for_pieces`], with two changed arrays.
pub(crate) fn for_pieces_of_three<F>(first: &mut [f32], second: &mut [f32], read: &[f32], work: F)
where
    F: Fn(&mut [f32], &mut [f32], &[f32]) + Sync,
{
    let pieces = first
        .par_chunks_mut(LEAST_VALUES_TO_SHARE)
        .zip(second.par_chunks_mut(LEAST_VALUES_TO_SHARE))
        .zip(read.par_chunks(LEAST_VALUES_TO_SHARE));
    pieces.for_each(|((first, second), read)| vectorized(|| work(first, second, read)));
}

/// As [`for_pieces`], with three changed arrays.
pub(crate) fn for_pieces_of_four<F>(
    first: &mut [f32],
    second: &mut [f32],
    third: &mut [f32],
    read: &[f32],
    work: F,
) where
    F: Fn(&mut [f32], &mut [f32], &mut [f32], &[f32]) + Sync,
{
    let pieces = first
        .par_chunks_mut(LEAST_VALUES_TO_SHARE)
        .zip(second.par_chunks_mut(LEAST_VALUES_TO_SHARE))
        .zip(third.par_chunks_mut(LEAST_VALUES_TO_SHARE))
        .zip(read.par_chunks(LEAST_VALUES_TO_SHARE));
    pieces.for_each(|(((first, second), third), read)| {
        vectorized(|| work(first, second, third, read));
    });
}

/// sum ← sum + addend
pub(crate) fn add_into(sum: &mut [f32], addend: &[f32]) {
    for_pieces(sum, addend, |sum, addend| {
        for (sum, addend) in sum.iter_mut().zip(addend) {
            *sum += addend;
        }
    });
}

/// max(0, value), and NaN where it is NaN: a diverged network must not look like a sound one.
#[inline(always)]
pub(crate) fn relu(value: f32) -> f32 {
    if value < 0.0 { 0.0 } else { value }
}

/// The gradient before a ReLU whose output was `output`; 0 at 0, as in PyTorch.
#[inline(always)]
pub(crate) fn relu_gradient(output: f32, gradient: f32) -> f32 {
    if output <= 0.0 { 0.0 } else { gradient }
}

/// min(6, max(0, value)), and NaN where it is NaN.
#[inline(always)]
pub(crate) fn relu6(value: f32) -> f32 {
    if value > 6.0 { 6.0 } else { relu(value) }
}

/// The gradient before a ReLU6 whose output was `output`; 0 at 0 and at 6, as in PyTorch.
#[inline(always)]
pub(crate) fn relu6_gradient(output: f32, gradient: f32) -> f32 {
    if output >= 6.0 {
        0.0
    } else {
        relu_gradient(output, gradient)
    }
}

/// values ← what the activation makes of them
#[inline(always)]
pub(crate) fn activate(values: &mut [f32], activation: Activation) {
    match activation {
        Activation::Identity => {}
        Activation::Relu => values.iter_mut().for_each(|value| *value = relu(*value)),
        Activation::Relu6 => values.iter_mut().for_each(|value| *value = relu6(*value)),
    }
}

/// gradient ← the gradient before an activation whose output was `output`
pub(crate) fn mask_by_output(gradient: &mut [f32], output: &[f32], activation: Activation) {
    match activation {
        Activation::Identity => {}
        Activation::Relu => masked(gradient, output, relu_gradient),
        Activation::Relu6 => masked(gradient, output, relu6_gradient),
    }
}

fn masked(gradient: &mut [f32], output: &[f32], stop: impl Fn(f32, f32) -> f32 + Sync) {
    for_pieces(gradient, output, |gradient, output| {
        for (gradient, &output) in gradient.iter_mut().zip(output) {
            *gradient = stop(output, *gradient);
        }
    });
}

/// Lanes that a sum is made in: so many that the compiler can use the widest registers four times, and the processor
/// does not wait for one addition before the next.
const LANES: usize = 64;

/// Σ term(a, b), in an order that does not depend on the instruction set.
#[inline(always)]
pub(crate) fn sum_over(a: &[f32], b: &[f32], term: impl Fn(f32, f32) -> f32) -> f32 {
    let mut sums = [0.0; LANES];
    let (a_chunks, b_chunks) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let (a_rest, b_rest) = (a_chunks.remainder(), b_chunks.remainder());
    for (a, b) in a_chunks.zip(b_chunks) {
        for lane in 0..LANES {
            sums[lane] += term(a[lane], b[lane]);
        }
    }
    for (sum, (&a, &b)) in sums.iter_mut().zip(a_rest.iter().zip(b_rest)) {
        *sum += term(a, b);
    }
    across(&mut sums)
}

/// Two sums of (a, b) in one pass, which may change a.
#[inline(always)]
pub(crate) fn two_sums_over(
    a: &mut [f32],
    b: &[f32],
    terms: impl Fn(&mut f32, f32) -> (f32, f32),
) -> (f32, f32) {
    const EACH: usize = LANES / 2;
    let mut sums = ([0.0; EACH], [0.0; EACH]);
    let b_chunks = b.chunks_exact(EACH);
    let b_rest = b_chunks.remainder();
    let mut a_chunks = a.chunks_exact_mut(EACH);
    let mut add = |lane: usize, a: &mut f32, b: f32| {
        let terms = terms(a, b);
        sums.0[lane] += terms.0;
        sums.1[lane] += terms.1;
    };
    for (a, b) in a_chunks.by_ref().zip(b_chunks) {
        for lane in 0..EACH {
            add(lane, &mut a[lane], b[lane]);
        }
    }
    let rest = a_chunks.into_remainder().iter_mut().zip(b_rest);
    for (lane, (a, &b)) in rest.enumerate() {
        add(lane, a, b);
    }
    (across(&mut sums.0), across(&mut sums.1))
}

/// Σ of a power of two of lanes.
#[inline(always)]
fn across(sums: &mut [f32]) -> f32 {
    let mut width = sums.len() / 2;
    while width > 0 {
        for lane in 0..width {
            sums[lane] += sums[lane + width];
        }
        width /= 2;
    }
    sums[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_take_in_every_element_at_any_length() {
        for length in [0, 1, 31, 32, 33, 64, 150] {
            let ones = vec![1.0; length];
            assert_eq!(sum_over(&ones, &ones, |a, b| a + b), 2.0 * length as f32);
            let mut changed = ones.clone();
            let sums = two_sums_over(&mut changed, &ones, |a, b| {
                *a += b;
                (*a, -b)
            });
            assert_eq!(sums, (2.0 * length as f32, -(length as f32)));
            assert!(changed.iter().all(|&value| value == 2.0));
        }
    }

    #[test]
    fn relu6_keeps_nan_and_stops_the_gradient_at_both_ends() {
        let mut values = [-1.0, 0.5, 6.0, 7.0, f32::NAN];
        activate(&mut values, Activation::Relu6);
        assert_eq!(values[..4], [0.0, 0.5, 6.0, 6.0]);
        assert!(values[4].is_nan());
        let mut gradient = [5.0; 4];
        mask_by_output(&mut gradient, &values[..4], Activation::Relu6);
        assert_eq!(gradient, [0.0, 5.0, 0.0, 0.0]);
    }

    #[test]
    fn relu_keeps_nan_and_stops_the_gradient_at_zero() {
        assert_eq!([relu(-1.0), relu(0.0), relu(2.0)], [0.0, 0.0, 2.0]);
        assert!(relu(f32::NAN).is_nan());
        assert_eq!(
            [relu_gradient(0.0, 5.0), relu_gradient(1.0, 5.0)],
            [0.0, 5.0]
        );
    }
}
