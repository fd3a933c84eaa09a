//! The weight's gradient where registers hold channels: Σ over positions of a gradient, which is the same for all
//! lanes, times the inputs of that position. Nothing has to be summed up across lanes, no zeros between rows are
//! taken along, and registers are read where cache lines begin. Images and gradients lie in
//! [`panels`](super::panels) for that.
#![expect(
    unsafe_code,
    reason = "registers are read and written without a check of bounds in the inner loops"
)]

use pulp::{Simd, WithSimd};

use crate::engine::operators::convolution_kernels::{
    blocks, load, store, tile_of_sums, with_constant,
};
use crate::engine::operators::instructions::WIDEST;

/// target\[output\]\[tap, channel\] += Σ over rows and columns of
/// gradients\[position\]\[output\] · images\[position + tap\]\[channel\]
pub(crate) struct ChannelSums<'a> {
    pub(crate) images: &'a [f32],
    pub(crate) gradients: &'a [f32],
    /// From a panel of the gradients to the next.
    pub(crate) gradient_panel: usize,
    /// Where each row of outputs begins, in images and gradients.
    pub(crate) rows: &'a [(usize, usize)],
    pub(crate) columns: usize,
    /// From a column's first input to the next one's.
    pub(crate) step: usize,
    pub(crate) outputs: usize,
    /// Where each [`WIDEST`] values of a target's row begin in the images, from the row on.
    pub(crate) offsets: &'a [usize],
    /// outputs × offsets × [`WIDEST`]
    pub(crate) target: &'a mut [f32],
    /// Whether the sums are what the target holds, not added to it.
    pub(crate) are_first: bool,
}

impl ChannelSums<'_> {
    /// What the kernel's unchecked reads rely on.
    fn check(&self) {
        let last = self.columns - 1;
        let offset = self
            .offsets
            .iter()
            .max()
            .map_or(0, |offset| offset + WIDEST);
        let last_panel = (self.outputs - 1) / WIDEST * self.gradient_panel;
        for (image, gradient) in self.rows {
            assert!(image + last * self.step + offset <= self.images.len());
            assert!(gradient + last_panel + self.columns * WIDEST <= self.gradients.len());
        }
        assert_eq!(
            self.target.len(),
            self.outputs * self.offsets.len() * WIDEST
        );
    }
}

impl WithSimd for ChannelSums<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        self.check();
        let (most_rows, most_vectors) = tile_of_sums::<S>();
        let mut vector = 0;
        for vectors in blocks(self.offsets.len() * WIDEST / S::F32_LANES, most_vectors) {
            for panel in (0..self.outputs).step_by(WIDEST) {
                let mut row = panel;
                for rows in blocks(WIDEST.min(self.outputs - panel), most_rows) {
                    with_constant!(rows, [1 2 3 4 5 6 7 8], ROWS =>
                        with_constant!(vectors, [1 2 3], VECTORS =>
                            self.tile::<S, ROWS, VECTORS>(simd, row, vector)));
                    row += rows;
                }
            }
            vector += vectors;
        }
    }
}

impl ChannelSums<'_> {
    #[inline(always)]
    fn tile<S: Simd, const ROWS: usize, const VECTORS: usize>(
        &mut self,
        simd: S,
        first_row: usize,
        first_vector: usize,
    ) {
        let mut tile = [[simd.splat_f32s(0.0); VECTORS]; ROWS];
        let offsets: [usize; VECTORS] = std::array::from_fn(|vector| {
            let value = (first_vector + vector) * S::F32_LANES;
            self.offsets[value / WIDEST] + value % WIDEST
        });
        let first = first_row / WIDEST * self.gradient_panel + first_row % WIDEST;
        for &(image, gradient) in self.rows {
            // SAFETY: `check` has made sure that every row can be read, at every offset and for every output.
            unsafe {
                let mut gradient = self.gradients.as_ptr().add(gradient + first);
                let mut image = self.images.as_ptr().add(image);
                for _ in 0..self.columns {
                    let values: [S::f32s; VECTORS] = std::array::from_fn(
                        #[inline(always)]
                        |vector| load::<S>(image.add(offsets[vector])),
                    );
                    for (row, sums) in tile.iter_mut().enumerate() {
                        let gradient = simd.splat_f32s(*gradient.add(row));
                        for (sum, &value) in sums.iter_mut().zip(&values) {
                            *sum = simd.mul_add_e_f32s(gradient, value, *sum);
                        }
                    }
                    image = image.wrapping_add(self.step);
                    gradient = gradient.wrapping_add(WIDEST);
                }
            }
        }
        let pitch = self.offsets.len() * WIDEST;
        for (row, sums) in tile.iter().enumerate() {
            let start = (first_row + row) * pitch + first_vector * S::F32_LANES;
            let target = &mut self.target[start..start + VECTORS * S::F32_LANES];
            for (vector, &sum) in sums.iter().enumerate() {
                // SAFETY: the slice has so many registers.
                unsafe {
                    let at = target.as_mut_ptr().add(vector * S::F32_LANES);
                    let before = match self.are_first {
                        true => simd.splat_f32s(0.0),
                        false => load::<S>(at),
                    };
                    store::<S>(at, simd.add_f32s(before, sum));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::operators::convolution_kernels::tests::{INSTRUCTION_SETS, numbers, run_on};

    // Small integers: no sum is rounded, so its order does not matter.
    #[test]
    fn channel_sums_are_their_definition_on_every_instruction_set() {
        let (columns, step) = (7, 2 * WIDEST);
        let (rows, offsets) = ([(0, 5), (300, 200), (40, 90)], [0, 16, 35, 400]);
        let images = numbers(300 + 6 * step + 400 + WIDEST);
        let gradient_panel = 200 + columns * WIDEST;
        let cases = (0..INSTRUCTION_SETS).flat_map(|set| [1, 13, 20].map(|o| (set, o)));
        for ((set, outputs), are_first) in cases.flat_map(|case| [(case, true), (case, false)]) {
            let gradients = numbers(2 * gradient_panel);
            let length = outputs * offsets.len() * WIDEST;
            let mut target = vec![1.0; length];
            let has_run = run_on(
                set,
                ChannelSums {
                    images: &images,
                    gradients: &gradients,
                    gradient_panel,
                    rows: &rows,
                    columns,
                    step,
                    outputs,
                    offsets: &offsets,
                    target: &mut target,
                    are_first,
                },
            );
            let before = if are_first { 0.0 } else { 1.0 };
            for (at, found) in target.into_iter().enumerate() {
                let (output, value) =
                    (at / (offsets.len() * WIDEST), at % (offsets.len() * WIDEST));
                let offset = offsets[value / WIDEST] + value % WIDEST;
                let start = output / WIDEST * gradient_panel + output % WIDEST;
                let places = rows
                    .iter()
                    .flat_map(|&row| (0..columns).map(move |x| (row, x)));
                let terms = places.map(|((image, gradient), x)| {
                    gradients[start + gradient + x * WIDEST] * images[image + x * step + offset]
                });
                assert!(
                    !has_run || found == before + terms.sum::<f32>(),
                    "{set}, {at}"
                );
            }
        }
    }
}
