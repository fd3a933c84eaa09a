//! The kernels of a convolution in Winograd's transforms, and the products of matrices with them.

use crate::engine::operators::convolution_kernels::{TapSums, best_rows, blocks};
use crate::engine::operators::convolution_plan::Offsets;
use crate::engine::operators::instructions::{dispatch, vectorized};
use crate::engine::operators::winograd_tiles::{POINTS, WINDOW};
use crate::engine::operators::winograd_transforms::{Arithmetic, kernel};

/// Kernels that are transformed at once.
const KERNELS: usize = 16;

/// G g Gᵀ of every pair of channels, in the order in which [`TapSums`] reads them.
pub(crate) struct TransformedWeights {
    inputs: usize,
    blocks: Vec<usize>,
    /// points × blocks of outputs × inputs × outputs of the block
    values: Vec<f32>,
    of_point: usize,
}

impl TransformedWeights {
    /// Takes the kernel of (output, input), row after row.
    pub(crate) fn new(
        outputs: usize,
        inputs: usize,
        weight: impl Fn(usize, usize) -> [f32; 9],
    ) -> Self {
        let blocks: Vec<usize> = blocks(outputs, best_rows()).collect();
        let of_point = (inputs * outputs).next_multiple_of(KERNELS);
        let mut kernels = vec![[[0.0; KERNELS]; 9]; of_point / KERNELS];
        let (mut first, mut at) = (0, 0);
        for &rows in &blocks {
            for input in 0..inputs {
                for output in first..first + rows {
                    let taps = weight(output, input);
                    for (lanes, tap) in kernels[at / KERNELS].iter_mut().zip(taps) {
                        lanes[at % KERNELS] = tap;
                    }
                    at += 1;
                }
            }
            first += rows;
        }
        let mut values = vec![0.0; POINTS * of_point];
        vectorized(
            #[inline(always)]
            || {
                for (index, kernels) in kernels.iter().enumerate() {
                    transform_kernels(kernels, |point, transformed| {
                        values[point * of_point + index * KERNELS..][..KERNELS]
                            .copy_from_slice(&transformed);
                    });
                }
            },
        );
        Self {
            inputs,
            blocks,
            values,
            of_point,
        }
    }

    /// products (outputs × lanes) ← the weights of a point · tiles (inputs × lanes)
    pub(crate) fn multiply(
        &self,
        point: usize,
        offsets: &Offsets,
        lanes: usize,
        tiles: &[f32],
        products: &mut [f32],
    ) {
        let mut weights = &self.values[point * self.of_point..];
        let mut products = products;
        for &rows in &self.blocks {
            let (of_block, rest) = weights.split_at(rows * self.inputs);
            let (target, rest_of_products) = products.split_at_mut(rows * lanes);
            dispatch(TapSums {
                source: tiles,
                offsets,
                weights: of_block,
                rows,
                positions: lanes,
                target,
                target_pitch: lanes,
            });
            (weights, products) = (rest, rest_of_products);
        }
    }
}

#[derive(Clone, Copy)]
struct OnArrays;

impl Arithmetic<[f32; KERNELS]> for OnArrays {
    #[inline(always)]
    fn add(self, a: [f32; KERNELS], b: [f32; KERNELS]) -> [f32; KERNELS] {
        std::array::from_fn(|lane| a[lane] + b[lane])
    }

    #[inline(always)]
    fn subtract(self, a: [f32; KERNELS], b: [f32; KERNELS]) -> [f32; KERNELS] {
        std::array::from_fn(|lane| a[lane] - b[lane])
    }

    #[inline(always)]
    fn times(self, a: [f32; KERNELS], factor: f32) -> [f32; KERNELS] {
        std::array::from_fn(|lane| a[lane] * factor)
    }

    #[inline(always)]
    fn times_add(self, a: [f32; KERNELS], factor: f32, b: [f32; KERNELS]) -> [f32; KERNELS] {
        std::array::from_fn(|lane| a[lane] * factor + b[lane])
    }
}

/// Calls `write` with each point and its values of G g Gᵀ.
#[inline(always)]
fn transform_kernels(kernels: &[[f32; KERNELS]; 9], mut write: impl FnMut(usize, [f32; KERNELS])) {
    let columns: [[[f32; KERNELS]; WINDOW]; 3] = std::array::from_fn(
        #[inline(always)]
        |column| {
            kernel(
                OnArrays,
                [kernels[column], kernels[3 + column], kernels[6 + column]],
            )
        },
    );
    for row in 0..WINDOW {
        let rows = kernel(OnArrays, columns.map(|column| column[row]));
        for (column, values) in rows.into_iter().enumerate() {
            write(row * WINDOW + column, values);
        }
    }
}
