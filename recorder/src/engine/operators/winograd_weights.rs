//! The kernels of a convolution in Winograd's transforms, and the products of matrices with them.

use crate::engine::operators::convolution_kernels::WIDEST;
use crate::engine::operators::instructions::{dispatch, vectorized};
use crate::engine::operators::winograd_kernels::PointProducts;
use crate::engine::operators::winograd_tiles::{POINTS, WINDOW};
use crate::engine::operators::winograd_transforms::{Arithmetic, kernel};

/// Kernels that are transformed at once: those of a panel of outputs.
const KERNELS: usize = WIDEST;

/// G g Gᵀ of every pair of channels, in the order in which [`PointProducts`] reads them.
pub(crate) struct TransformedWeights {
    inputs: usize,
    /// Outputs, rounded up to full panels.
    outputs: usize,
    /// points × panels of outputs × inputs × [`WIDEST`]
    values: Vec<f32>,
}

impl TransformedWeights {
    /// Takes the kernel of (output, input), row after row.
    pub(crate) fn new(
        outputs: usize,
        inputs: usize,
        weight: impl Fn(usize, usize) -> [f32; 9],
    ) -> Self {
        let panels = outputs.div_ceil(KERNELS);
        let mut values = vec![0.0; POINTS * inputs * panels * KERNELS];
        for at in 0..inputs * panels {
            let (first, input) = (at / inputs * KERNELS, at % inputs);
            let mut kernels = [[0.0; KERNELS]; 9];
            for lane in 0..KERNELS.min(outputs - first) {
                for (lanes, tap) in kernels.iter_mut().zip(weight(first + lane, input)) {
                    lanes[lane] = tap;
                }
            }
            vectorized(
                #[inline(always)]
                || {
                    transform_kernels(&kernels, |point, transformed| {
                        let start = (point * inputs * panels + at) * KERNELS;
                        values[start..start + KERNELS].copy_from_slice(&transformed);
                    });
                },
            );
        }
        Self {
            inputs,
            outputs: panels * KERNELS,
            values,
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
