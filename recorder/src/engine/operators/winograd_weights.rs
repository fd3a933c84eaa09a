//! The kernels of a convolution in Winograd's transforms, and the products of matrices with them.

use rayon::prelude::*;

use crate::engine::operators::buffers::{self, Kept};
use crate::engine::operators::instructions::{WIDEST, dispatch, vectorized};
use crate::engine::operators::winograd_kernels::PointProducts;
use crate::engine::operators::winograd_tiles::{POINTS, WINDOW};
use crate::engine::operators::winograd_transforms::{Arithmetic, kernel};

/// Kernels that are transformed at once: those of a panel of outputs.
const KERNELS: usize = WIDEST;
/// So many times as many are worth handing to another thread.
const AT_ONCE: usize = 16;

/// G g Gᵀ of every pair of channels, in the order in which [`PointProducts`] reads them.
pub(crate) struct TransformedWeights {
    inputs: usize,
    /// Outputs, rounded up to full panels.
    outputs: usize,
    /// points × panels of outputs × inputs × [`WIDEST`]
    values: Kept,
}

impl TransformedWeights {
    /// Takes the kernel of (output, input), row after row.
    pub(crate) fn new(
        outputs: usize,
        inputs: usize,
        weight: impl Fn(usize, usize) -> [f32; 9] + Sync,
    ) -> Self {
        let panels = outputs.div_ceil(KERNELS);
        let mut values = buffers::take(POINTS * inputs * panels * KERNELS);
        let kernels_at = |at: usize| {
            let (first, input) = (at / inputs * KERNELS, at % inputs);
            let mut kernels = [[0.0; KERNELS]; 9];
            for lane in 0..KERNELS.min(outputs - first) {
                for (lanes, tap) in kernels.iter_mut().zip(weight(first + lane, input)) {
                    lanes[lane] = tap;
                }
            }
            kernels
        };
        let mut points: Vec<_> = values
            .chunks_mut(inputs * panels * KERNELS)
            .map(|point| point.chunks_mut(AT_ONCE * KERNELS))
            .collect();
        let pieces = (0..(inputs * panels).div_ceil(AT_ONCE))
            .map(|_| points.iter_mut().filter_map(Iterator::next).collect());
        let pieces: Vec<Vec<&mut [f32]>> = pieces.collect();
        pieces
            .into_par_iter()
            .enumerate()
            .for_each(|(piece, mut points)| {
                vectorized(
                    #[inline(always)]
                    || {
                        for index in 0..points[0].len() / KERNELS {
                            let kernels = kernels_at(piece * AT_ONCE + index);
                            transform_kernels(&kernels, |point, transformed| {
                                let values = &mut points[point][index * KERNELS..];
                                values[..KERNELS].copy_from_slice(&transformed);
                            });
                        }
                    },
                );
            });
        Self {
            inputs,
            outputs: panels * KERNELS,
            values: Kept::new(values),
        }
    }

    /// products (outputs × tiles) ← the weights of a point · values (inputs × tiles), both in panels
    pub(crate) fn multiply(
        &self,
        point: usize,
        tiles: usize,
        values: &[f32],
        products: &mut [f32],
    ) {
        let of_point = self.inputs * self.outputs;
        dispatch(PointProducts {
            tiles,
            values,
            inputs: self.inputs,
            weights: &self.values[point * of_point..(point + 1) * of_point],
            outputs: self.outputs,
            products,
        });
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
