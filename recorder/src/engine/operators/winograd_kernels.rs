//! The transforms of [`winograd_transforms`](super::winograd_transforms) over many tiles: a lane of a register is
//! a tile.
//!
//! Columns are transformed first, where a row of the image is a row of registers; what comes of it lies in
//! *lines*, tile row after tile row. Then each line is taken apart into the tiles' columns, four apart, which
//! puts the tiles into an order of the instruction set's own; the output's transform puts them back.
#![expect(
    unsafe_code,
    reason = "registers are loaded and stored by pointers that are checked before"
)]

use pulp::{Simd, WithSimd, cast};

use crate::engine::operators::convolution_kernels::{WIDEST, load};
use crate::engine::operators::winograd_tiles::{MARGIN, POINTS, TILE, Tiles, WINDOW};
use crate::engine::operators::winograd_transforms::{Arithmetic, input, output};

#[derive(Clone, Copy)]
struct OnRegisters<S: Simd>(S);

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

/// Bᵀ d B of every tile and channel.
pub(crate) struct InputTiles<'a> {
    pub(crate) tiles: Tiles,
    /// samples × channels × height × width
    pub(crate) images: &'a [f32],
    pub(crate) channels: usize,
    /// Whether a tile is not the first (`[0]`) or the last of its row, as all bits of a number, and in the
    /// order of [`TileEnds`].
    pub(crate) inner: [&'a [f32]; 2],
    /// Twice [`Tiles::lines`]
    pub(crate) lines: &'a mut [f32],
    /// points × `step`, each beginning with channels × lanes
    pub(crate) target: &'a mut [f32],
    pub(crate) step: usize,
}

impl WithSimd for InputTiles<'_> {
    type Output = ();

    /// Columns of one channel, then rows of the one before: what has just been written cannot be read at other
    /// places without waiting.
    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let lines = std::mem::take(&mut self.lines);
        assert!(lines.len() >= 2 * self.tiles.lines());
        let (mut even, mut odd) = lines.split_at_mut(self.tiles.lines());
        for channel in 0..self.channels {
            self.columns(simd, channel, even);
            if let Some(before) = channel.checked_sub(1) {
                self.rows(simd, before, odd);
            }
            std::mem::swap(&mut even, &mut odd);
        }
        if let Some(last) = self.channels.checked_sub(1) {
            self.rows(simd, last, odd);
        }
    }
}

impl InputTiles<'_> {
    #[inline(always)]
    fn columns<S: Simd>(&self, simd: S, channel: usize, lines: &mut [f32]) {
        let tiles = &self.tiles;
        let plane = tiles.height * tiles.width;
        for row in 0..tiles.rows {
            let (sample, row_of_sample) = tiles.place(row);
            let image = &self.images[(sample * self.channels + channel) * plane..][..plane];
            let first = MARGIN + row * tiles.pitch();
            transform_columns(simd, tiles, image, row_of_sample, &mut lines[first..]);
        }
    }

    #[inline(always)]
    fn rows<S: Simd>(&mut self, simd: S, channel: usize, lines: &mut [f32]) {
        let (lanes, step, pitch) = (self.tiles.lanes(), self.step, self.tiles.pitch());
        assert!(self.inner.iter().all(|inner| inner.len() >= lanes));
        assert!(step >= self.channels * lanes && self.target.len() >= POINTS * step);
        let target = self.target.as_mut_ptr();
        let lines = lines.chunks_exact_mut(self.tiles.line()).take(WINDOW);
        for (of_line, line) in lines.enumerate() {
            line[MARGIN + self.tiles.rows * pitch..].fill(0.0);
            for lane in (0..lanes).step_by(S::F32_LANES) {
                // SAFETY: a line has MARGIN values, as many as four registers of the widest, on both sides of its
                // tiles; the masks and each row of the target have `lanes` values, a multiple of every register.
                unsafe {
                    let start = line.as_ptr().add(MARGIN + TILE * lane - 1);
                    let [first, second, third, fourth] = columns_of_tiles(simd, start);
                    let [fifth, sixth, _, _] = columns_of_tiles(simd, start.add(TILE));
                    let first = keep(simd, first, load::<S>(self.inner[0].as_ptr().add(lane)));
                    let sixth = keep(simd, sixth, load::<S>(self.inner[1].as_ptr().add(lane)));
                    let window = [first, second, third, fourth, fifth, sixth];
                    let transformed = input(OnRegisters(simd), window);
                    for (point, values) in transformed.into_iter().enumerate() {
                        let of_point = (of_line * WINDOW + point) * step;
                        store::<S>(target.add(of_point + channel * lanes + lane), values);
                    }
                }
            }
        }
    }
}

/// Writes Bᵀ d of a tile row, whose windows begin one row above it, to the six `lines`.
#[inline(always)]
fn transform_columns<S: Simd>(
    simd: S,
    tiles: &Tiles,
    image: &[f32],
    row: usize,
    lines: &mut [f32],
) {
    let line = tiles.line();
    assert!(lines.len() >= (WINDOW - 1) * line + tiles.pitch() + WIDEST);
    for column in (0..tiles.pitch()).step_by(S::F32_LANES) {
        let window: [S::f32s; WINDOW] = std::array::from_fn(
            #[inline(always)]
            |above| {
                let y = (TILE * row + above).wrapping_sub(1);
                if y >= tiles.height || column >= tiles.width {
                    return simd.splat_f32s(0.0);
                }
                let values = &image[y * tiles.width + column..(y + 1) * tiles.width];
                if values.len() >= S::F32_LANES {
                    // SAFETY: there are as many values.
                    unsafe { load::<S>(values.as_ptr()) }
                } else {
                    simd.partial_load_f32s(values)
                }
            },
        );
        let transformed = input(OnRegisters(simd), window);
        for (point, values) in transformed.into_iter().enumerate() {
            // SAFETY: checked above. What reaches beyond the row is written again by the next.
            unsafe { store::<S>(lines.as_mut_ptr().add(point * line + column), values) };
        }
    }
}

/// Four neighbouring columns of as many tiles as a register has lanes.
///
/// # Safety
/// Four registers can be read from `line`.
#[inline(always)]
unsafe fn columns_of_tiles<S: Simd>(simd: S, line: *const f32) -> [S::f32s; TILE] {
    let registers: [S::f32s; TILE] = std::array::from_fn(
        #[inline(always)]
        // SAFETY: the caller's promise.
        |register| unsafe { load::<S>(line.add(register * S::F32_LANES)) },
    );
    simd.deinterleave_shfl_f32s(registers)
}

/// The value where all bits of the mask are set, else 0.
#[inline(always)]
fn keep<S: Simd>(simd: S, value: S::f32s, mask: S::f32s) -> S::f32s {
    cast(simd.and_u32s(cast(value), cast(mask)))
}

/// # Safety
/// A register can be written to `target`.
#[inline(always)]
unsafe fn store<S: Simd>(target: *mut f32, values: S::f32s) {
    // SAFETY: the caller's promise.
    unsafe { target.cast::<S::f32s>().write_unaligned(values) };
}

/// Puts what is known of each tile, four numbers, into the order in which [`InputTiles`] has the tiles.
pub(crate) struct TileEnds<'a> {
    /// lanes × 4
    pub(crate) of_tiles: &'a [f32],
    /// 2 × lanes: the first and the second of the four
    pub(crate) target: &'a mut [f32],
}

impl WithSimd for TileEnds<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let lanes = self.target.len() / 2;
        assert!(lanes.is_multiple_of(WIDEST) && self.of_tiles.len() == TILE * lanes);
        for lane in (0..lanes).step_by(S::F32_LANES) {
            // SAFETY: the lanes are a multiple of every register.
            unsafe {
                let columns = columns_of_tiles(simd, self.of_tiles.as_ptr().add(TILE * lane));
                store::<S>(self.target.as_mut_ptr().add(lane), columns[0]);
                store::<S>(self.target.as_mut_ptr().add(lanes + lane), columns[1]);
            }
        }
    }
}

/// Aᵀ m A of every tile of one channel.
pub(crate) struct OutputTiles<'a> {
    pub(crate) tiles: Tiles,
    /// From the channel's first value on: points × `step`
    pub(crate) products: &'a [f32],
    pub(crate) step: usize,
    pub(crate) lines: &'a mut [f32],
    /// Four image rows for each tile row, at the pitch of [`Tiles::row_pitch`].
    pub(crate) target: &'a mut [f32],
}

impl WithSimd for OutputTiles<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { tiles, .. } = self;
        let (lanes, line, pitch) = (tiles.lanes(), tiles.line(), tiles.pitch());
        assert!(self.products.len() >= (POINTS - 1) * self.step + lanes);
        assert!(self.lines.len() >= tiles.lines());
        assert!(self.target.len() >= tiles.output_length());
        let (lines, target) = (self.lines.as_mut_ptr(), self.target.as_mut_ptr());
        for of_point in 0..WINDOW {
            for lane in (0..lanes).step_by(S::F32_LANES) {
                // SAFETY: the lengths are checked above; the lanes are a multiple of every register.
                unsafe {
                    let products: [S::f32s; WINDOW] = std::array::from_fn(
                        #[inline(always)]
                        |point| {
                            let row = (of_point * WINDOW + point) * self.step;
                            load::<S>(self.products.as_ptr().add(row + lane))
                        },
                    );
                    let columns = output(OnRegisters(simd), products);
                    let start = lines.add(of_point * line + MARGIN + TILE * lane);
                    for (register, values) in
                        simd.interleave_shfl_f32s(columns).into_iter().enumerate()
                    {
                        store::<S>(start.add(register * S::F32_LANES), values);
                    }
                }
            }
        }
        for row in 0..tiles.rows {
            for column in (0..pitch).step_by(S::F32_LANES) {
                // SAFETY: as above; a line has a margin after its tiles, the target one of WIDEST.
                unsafe {
                    let products: [S::f32s; WINDOW] = std::array::from_fn(
                        #[inline(always)]
                        |point| load::<S>(lines.add(point * line + MARGIN + row * pitch + column)),
                    );
                    for (y, values) in output(OnRegisters(simd), products).into_iter().enumerate() {
                        let start = (row * TILE + y) * tiles.row_pitch() + column;
                        store::<S>(target.add(start), values);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::operators::convolution_kernels::tests::{INSTRUCTION_SETS, run_on};
    use crate::engine::operators::winograd_transforms::kernel;

    /// The transforms of a kernel of one pair of channels: 1 in the middle, which gives the image back.
    fn middle() -> [f32; POINTS] {
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
        let column = kernel(OnNumbers, [0.0, 1.0, 0.0]);
        std::array::from_fn(|point| column[point / WINDOW] * column[point % WINDOW])
    }

    #[test]
    fn the_kernel_of_one_in_the_middle_gives_the_images_back_on_every_instruction_set() {
        let (height, width, channels) = (9, 22, 2);
        // From the last tile row of the first sample to the second of the third.
        let (first_row, rows) = (2, 6);
        let tiles = Tiles {
            height,
            width,
            first_row,
            rows,
        };
        let images: Vec<f32> = (0..4 * channels * height * width)
            .map(|index| (index * 7 % 11) as f32 - 5.0)
            .collect();
        let (lanes, step) = (tiles.lanes(), 2 * tiles.lanes() + 3);
        for set in 0..INSTRUCTION_SETS {
            let mut ends = vec![0.0; TILE * lanes];
            for (tile, ends) in ends.chunks_mut(TILE).enumerate() {
                let inner = |is_inner| f32::from_bits(if is_inner { u32::MAX } else { 0 });
                ends[0] = inner(tile % 6 != 0);
                ends[1] = inner(tile % 6 != 5);
            }
            let mut inner = vec![0.0; 2 * lanes];
            let has_run = run_on(
                set,
                TileEnds {
                    of_tiles: &ends,
                    target: &mut inner,
                },
            );
            let mut lines = vec![f32::NAN; 2 * tiles.lines()];
            let mut transformed = vec![f32::NAN; POINTS * step];
            run_on(
                set,
                InputTiles {
                    tiles,
                    images: &images,
                    channels,
                    inner: [&inner[..lanes], &inner[lanes..]],
                    lines: &mut lines,
                    target: &mut transformed,
                    step,
                },
            );
            for (point, factor) in middle().into_iter().enumerate() {
                let products = &mut transformed[point * step..][..channels * lanes];
                products.iter_mut().for_each(|value| *value *= factor);
            }
            for channel in 0..channels {
                let mut planes = vec![f32::NAN; tiles.output_length()];
                run_on(
                    set,
                    OutputTiles {
                        tiles,
                        products: &transformed[channel * lanes..],
                        step,
                        lines: &mut lines,
                        target: &mut planes,
                    },
                );
                for row in 0..TILE * rows {
                    let (sample, y) = tiles.image_row(row);
                    let found = &planes[row * tiles.row_pitch()..][..width];
                    for (x, found) in found.iter().enumerate().filter(|_| y < height) {
                        let at = ((sample * channels + channel) * height + y) * width + x;
                        let difference = (found - images[at]).abs();
                        assert!(
                            !has_run || difference < 1e-4,
                            "{set}, {sample}, {channel}, {y}, {x}: {found}, not {}",
                            images[at]
                        );
                    }
                }
            }
        }
    }
}
