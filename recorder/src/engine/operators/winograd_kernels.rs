//! The transforms of [`winograd_transforms`](super::winograd_transforms) and the products between them: a lane of a
//! register is a channel.
#![expect(
    unsafe_code,
    reason = "registers are loaded and stored by pointers that are checked before"
)]

use std::mem::MaybeUninit;

use pulp::{Simd, WithSimd};

use crate::engine::operators::buffers::as_uninitialised;
use crate::engine::operators::convolution_kernels::{
    blocks, load, store, tile_of_sums, with_constant,
};
use crate::engine::operators::convolution_plan::copy_row;
use crate::engine::operators::instructions::WIDEST;
use crate::engine::operators::panels::{QUAD, order_of_quads, quads};
use crate::engine::operators::winograd_tiles::{POINTS, TILE, Tile, Tiling, WINDOW};
use crate::engine::operators::winograd_transforms::{Arithmetic, input, output};

#[derive(Clone, Copy)]
pub(crate) struct OnRegisters<S: Simd>(pub(crate) S);

impl<S: Simd> Arithmetic<S::f32s> for OnRegisters<S> {
    #[inline(always)]
    fn add(self, a: S::f32s, b: S::f32s) -> S::f32s {
        self.0.add_f32s(a, b)
    }

    #[inline(always)]
    fn subtract(self, a: S::f32s, b: S::f32s) -> S::f32s {
        self.0.sub_f32s(a, b)
    }

    #[inline(always)]
    fn times(self, a: S::f32s, factor: f32) -> S::f32s {
        self.0.mul_f32s(a, self.0.splat_f32s(factor))
    }

    #[inline(always)]
    fn times_add(self, a: S::f32s, factor: f32, b: S::f32s) -> S::f32s {
        self.0.mul_add_e_f32s(a, self.0.splat_f32s(factor), b)
    }
}

/// A row of what was transformed column by column. (Arrays' own functions on so large ones are calls, not inlined.)
#[inline(always)]
pub(crate) fn row_of<T: Copy, const ROWS: usize, const COLUMNS: usize>(
    columns: &[[T; ROWS]; COLUMNS],
    y: usize,
) -> [T; COLUMNS] {
    let mut row = [columns[0][y]; COLUMNS];
    for (value, column) in row.iter_mut().zip(columns) {
        *value = column[y];
    }
    row
}

/// Bᵀ d B of every tile and channel.
pub(crate) struct InputTiles<'a> {
    pub(crate) tiling: &'a Tiling,
    pub(crate) tiles: &'a [Tile],
    /// As the tiling lays them out.
    pub(crate) images: &'a [f32],
    /// points × `step`, each beginning with panels × tiles × [`WIDEST`]
    pub(crate) target: &'a mut [f32],
    pub(crate) step: usize,
}

impl WithSimd for InputTiles<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let panels = &self.tiling.panels;
        let (pitch, last) = (panels.pitch, panels.length() - panels.panel);
        let reach = last + (WINDOW - 1) * (pitch + WIDEST) + WIDEST;
        let furthest = self.tiles.iter().map(|tile| tile.window + reach).max();
        assert!(furthest.unwrap_or(0) <= self.images.len());
        assert!(self.step >= panels.panels() * self.tiles.len() * WIDEST);
        assert!(self.target.len() >= POINTS * self.step);
        let on = OnRegisters(simd);
        for panel in 0..panels.panels() {
            for (index, tile) in self.tiles.iter().enumerate() {
                let from = panel * panels.panel + tile.window;
                let to = (panel * self.tiles.len() + index) * WIDEST;
                for lane in (0..WIDEST).step_by(S::F32_LANES) {
                    // SAFETY: checked above, since a window has six rows and columns, and lanes are less than WIDEST.
                    unsafe {
                        let from = self.images.as_ptr().add(from + lane);
                        let to = self.target.as_mut_ptr().add(to + lane);
                        let mut columns = [[simd.splat_f32s(0.0); WINDOW]; WINDOW];
                        for (x, to) in columns.iter_mut().enumerate() {
                            let mut column = *to;
                            for (y, value) in column.iter_mut().enumerate() {
                                *value = load::<S>(from.add(y * pitch + x * WIDEST));
                            }
                            *to = input(on, column);
                        }
                        for y in 0..WINDOW {
                            let row = input(on, row_of(&columns, y));
                            for (x, values) in row.into_iter().enumerate() {
                                store::<S>(to.add((y * WINDOW + x) * self.step), values);
                            }
                        }
                    }
                }
            }
        }
    }
}

/// products\[output\]\[tile\] = Σ over inputs of values\[input\]\[tile\] · weights\[input\]\[output\], of one point.
pub(crate) struct PointProducts<'a> {
    pub(crate) tiles: usize,
    /// panels × tiles × [`WIDEST`]
    pub(crate) values: &'a [f32],
    pub(crate) inputs: usize,
    /// panels of outputs × inputs × [`WIDEST`]
    pub(crate) weights: &'a [f32],
    /// A multiple of [`WIDEST`].
    pub(crate) outputs: usize,
    /// panels × tiles × [`WIDEST`]
    pub(crate) products: &'a mut [f32],
}

impl WithSimd for PointProducts<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        assert!(self.outputs.is_multiple_of(WIDEST));
        assert_eq!(self.weights.len(), self.inputs * self.outputs);
        assert!(self.values.len() >= self.inputs.div_ceil(WIDEST) * self.tiles * WIDEST);
        assert!(self.products.len() >= self.outputs * self.tiles);
        let vectors = self.outputs / S::F32_LANES;
        let (most_rows, _) = tile_of_sums::<S>();
        let mut vector = 0;
        for of_block in blocks(vectors, 2) {
            let mut row = 0;
            // One register of outputs: twice the tiles, for as many sums.
            let most_rows = most_rows * 2 / of_block;
            for rows in blocks(self.tiles, most_rows) {
                with_constant!(rows, [1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16], ROWS => match of_block {
                    1 => self.tile::<S, ROWS, 1>(simd, row, vector),
                    _ => self.tile::<S, ROWS, 2>(simd, row, vector),
                });
                row += rows;
            }
            vector += of_block;
        }
    }
}

impl PointProducts<'_> {
    #[inline(always)]
    fn tile<S: Simd, const ROWS: usize, const VECTORS: usize>(
        &mut self,
        simd: S,
        first_row: usize,
        first_vector: usize,
    ) {
        let mut tile = [[simd.splat_f32s(0.0); VECTORS]; ROWS];
        let mut weights: [*const f32; VECTORS] = std::array::from_fn(|vector| {
            let value = (first_vector + vector) * S::F32_LANES;
            let panel = value / WIDEST * self.inputs * WIDEST;
            self.weights[panel + value % WIDEST..].as_ptr()
        });
        for first in (0..self.inputs).step_by(WIDEST) {
            let values = self.values.as_ptr();
            let values = values.wrapping_add(first * self.tiles + first_row * WIDEST);
            for lane in 0..WIDEST.min(self.inputs - first) {
                // SAFETY: `with_simd` has checked that there are the weights of each input, and a panel's value of
                // each tile and lane.
                unsafe {
                    let weights_of_input: [S::f32s; VECTORS] = std::array::from_fn(
                        #[inline(always)]
                        |vector| load::<S>(weights[vector]),
                    );
                    for (row, sums) in tile.iter_mut().enumerate() {
                        let value = simd.splat_f32s(*values.add(row * WIDEST + lane));
                        for (sum, &weight) in sums.iter_mut().zip(&weights_of_input) {
                            *sum = simd.mul_add_e_f32s(value, weight, *sum);
                        }
                    }
                }
                for weights in &mut weights {
                    *weights = weights.wrapping_add(WIDEST);
                }
            }
        }
        for (row, sums) in tile.iter().enumerate() {
            for (vector, &sum) in sums.iter().enumerate() {
                let value = (first_vector + vector) * S::F32_LANES;
                let panel = value / WIDEST * self.tiles;
                let at = (panel + first_row + row) * WIDEST + value % WIDEST;
                // SAFETY: as above: there is a panel for each WIDEST outputs, with a register for each tile.
                unsafe { store::<S>(self.products.as_mut_ptr().add(at), sum) };
            }
        }
    }
}

/// Aᵀ m A of every tile and channel, as planes.
pub(crate) struct OutputTiles<'a> {
    pub(crate) tiles: &'a [Tile],
    /// points × `step`, each beginning with panels × tiles × [`WIDEST`]
    pub(crate) products: &'a [f32],
    pub(crate) step: usize,
    /// Channels, height and width of a plane.
    pub(crate) channels: usize,
    pub(crate) height: usize,
    pub(crate) width: usize,
    /// [`strip_length`] values
    pub(crate) strip: &'a mut [f32],
    /// samples × channels × height × width
    pub(crate) target: &'a mut [MaybeUninit<f32>],
}

/// The rows of a tile row's channels are put together here: written to the planes tile by tile, whose addresses often
/// differ by a multiple of 4 KiB, they would push each other out of the cache.
pub(crate) const fn strip_length(width: usize) -> usize {
    WIDEST * TILE * strip_pitch(width)
}

const fn strip_pitch(width: usize) -> usize {
    width.next_multiple_of(TILE) + TILE
}

impl WithSimd for OutputTiles<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let of_point = self.channels.div_ceil(WIDEST) * self.tiles.len() * WIDEST;
        assert!(self.products.len() >= (POINTS - 1) * self.step + of_point);
        assert!(self.strip.len() >= strip_length(self.width));
        let order = order_of_quads(simd);
        for first in (0..self.channels).step_by(WIDEST) {
            let mut index = 0;
            for tiles in self
                .tiles
                .chunk_by(|a, b| (a.sample, a.y) == (b.sample, b.y))
            {
                for tile in tiles {
                    assert!(tile.x < self.width);
                    let from = first * self.tiles.len() + index * WIDEST;
                    // SAFETY: the lengths are checked above, and that the tile begins in the strip.
                    unsafe { self.put_into_strip(simd, from, tile.x, &order) };
                    index += 1;
                }
                self.write(first, tiles);
            }
        }
    }
}

impl OutputTiles<'_> {
    /// # Safety
    /// There are a panel's products from the one on of each point, and the strip reaches over x.
    #[inline(always)]
    unsafe fn put_into_strip<S: Simd>(
        &mut self,
        simd: S,
        from: usize,
        x: usize,
        order: &[usize; WIDEST],
    ) {
        let (on, zero) = (OnRegisters(simd), simd.splat_f32s(0.0));
        let pitch = strip_pitch(self.width);
        for lane in (0..WIDEST).step_by(S::F32_LANES) {
            let mut columns = [[zero; TILE]; WINDOW];
            for (x, to) in columns.iter_mut().enumerate() {
                let mut column = [zero; WINDOW];
                for (y, value) in column.iter_mut().enumerate() {
                    let at = (y * WINDOW + x) * self.step + from + lane;
                    // SAFETY: the caller's promise; lanes are less than WIDEST.
                    *value = unsafe { load::<S>(self.products.as_ptr().add(at)) };
                }
                *to = output(on, column);
            }
            for y in 0..TILE {
                let quads = quads(simd, output(on, row_of(&columns, y)));
                for (quad, channel) in quads.iter().zip(&order[..S::F32_LANES]) {
                    let at = ((lane + channel) * TILE + y) * pitch + x;
                    // SAFETY: the caller's promise: the pitch is a quad more than the last begins.
                    unsafe {
                        let strip = self.strip.as_mut_ptr().add(at);
                        strip.cast::<[f32; QUAD]>().write_unaligned(*quad);
                    }
                }
            }
        }
    }

    /// Writes what neighbouring tiles of one tile row have put into the strip.
    #[inline(always)]
    fn write(&mut self, first: usize, tiles: &[Tile]) {
        let ([Tile { sample, y, x, .. }, ..], [.., last]) = (tiles, tiles) else {
            return;
        };
        let (plane, pitch) = (self.height * self.width, strip_pitch(self.width));
        let columns = self.width.min(last.x + TILE) - x;
        for channel in 0..WIDEST.min(self.channels - first) {
            let start = (sample * self.channels + first + channel) * plane + x;
            for row in 0..TILE.min(self.height - y) {
                let to = start + (y + row) * self.width;
                let from = (channel * TILE + row) * pitch + x;
                let values = as_uninitialised(&self.strip[from..from + columns]);
                copy_row(&mut self.target[to..to + columns], values);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::operators::convolution_kernels::tests::{INSTRUCTION_SETS, numbers, run_on};
    use crate::engine::operators::winograd_transforms::kernel;

    #[derive(Clone, Copy)]
    struct OnNumbers;

    impl Arithmetic<f32> for OnNumbers {
        fn add(self, a: f32, b: f32) -> f32 {
            a + b
        }
        fn subtract(self, a: f32, b: f32) -> f32 {
            a - b
        }
        fn times(self, a: f32, factor: f32) -> f32 {
            a * factor
        }
        fn times_add(self, a: f32, factor: f32, b: f32) -> f32 {
            a * factor + b
        }
    }

    #[test]
    fn the_kernel_of_one_in_the_middle_gives_the_images_back_on_every_instruction_set() {
        let (height, width, channels, samples) = (9, 22, 20, 2);
        let tiling = Tiling::new(channels, height, width);
        let images = numbers(samples * channels * height * width);
        let mut laid_out = vec![0.0; samples * tiling.panels.length()];
        let planes = images.chunks(channels * height * width);
        for (planes, laid_out) in planes.zip(laid_out.chunks_mut(tiling.panels.length())) {
            tiling.panels.lay_out(planes, laid_out);
        }
        let tiles = tiling.tiles(samples);
        let step = 2 * tiles.len() * WIDEST + 3;
        let middle = kernel(OnNumbers, [0.0, 1.0, 0.0]);
        for set in 0..INSTRUCTION_SETS {
            let mut transformed = vec![0.0; POINTS * step];
            let has_run = run_on(
                set,
                InputTiles {
                    tiling: &tiling,
                    tiles: &tiles,
                    images: &laid_out,
                    target: &mut transformed,
                    step,
                },
            );
            for (point, values) in transformed.chunks_mut(step).enumerate() {
                let factor = middle[point / WINDOW] * middle[point % WINDOW];
                values.iter_mut().for_each(|value| *value *= factor);
            }
            let mut target = vec![MaybeUninit::new(f32::NAN); images.len()];
            run_on(
                set,
                OutputTiles {
                    tiles: &tiles,
                    products: &transformed,
                    step,
                    channels,
                    height,
                    width,
                    strip: &mut vec![0.0; strip_length(width)],
                    target: &mut target,
                },
            );
            for (found, image) in target.iter().zip(&images) {
                // SAFETY: each was written to begin with.
                let difference = unsafe { found.assume_init() } - image;
                assert!(!has_run || difference.abs() < 1e-4, "{set}: {difference}");
            }
        }
    }

    // Small integers: no sum is rounded, so its order does not matter.
    #[test]
    fn products_are_their_definition_on_every_instruction_set() {
        let inputs = 20;
        for (set, outputs) in (0..INSTRUCTION_SETS).flat_map(|set| [16, 48].map(|o| (set, o))) {
            for tiles in [1, 7, 23] {
                let values = numbers(2 * tiles * WIDEST);
                let weights = numbers(inputs * outputs);
                let mut products = vec![f32::NAN; outputs * tiles];
                let has_run = run_on(
                    set,
                    PointProducts {
                        tiles,
                        values: &values,
                        inputs,
                        weights: &weights,
                        outputs,
                        products: &mut products,
                    },
                );
                let place = |channel: usize, of_panel: usize, at: usize| {
                    (channel / WIDEST * of_panel + at) * WIDEST + channel % WIDEST
                };
                for (output, tile) in (0..outputs).flat_map(|o| (0..tiles).map(move |t| (o, t))) {
                    let terms = (0..inputs).map(|input| {
                        values[place(input, tiles, tile)] * weights[place(output, inputs, input)]
                    });
                    let found = products[place(output, tiles, tile)];
                    assert!(!has_run || found == terms.sum::<f32>(), "{set}, {outputs}");
                }
            }
        }
    }
}
