//! Where the windows of a pooling lie on an image, and what is found in them.

use std::ops::Range;

use candle_core::{Result, Tensor, bail};

/// Square windows of a pooling or convolution: their side, their distance and the padding around
/// the image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Windows {
    /// The side of a window.
    pub kernel: usize,
    /// From one window to the next.
    pub stride: usize,
    /// Rows and columns around the image; in pooling at most half of the side.
    pub padding: usize,
}

impl Windows {
    /// Windows side by side, without padding.
    pub const fn tiles(side: usize) -> Self {
        Self {
            kernel: side,
            stride: side,
            padding: 0,
        }
    }

    pub(crate) fn output_size(&self, height: usize, width: usize) -> Result<(usize, usize)> {
        let Self {
            kernel,
            stride,
            padding,
        } = *self;
        let fits = kernel > 0 && stride > 0 && 2 * padding <= kernel;
        if !fits || kernel > height.min(width) + 2 * padding {
            bail!("pooling: {self:?} do not fit images of {height}×{width}");
        }
        let size = |side: usize| (side + 2 * padding - kernel) / stride + 1;
        Ok((size(height), size(width)))
    }

    /// The part of window `index` that lies in an image of `size` rows (or columns).
    #[inline(always)]
    fn inside(&self, index: usize, size: usize) -> Range<usize> {
        let start = index * self.stride;
        let end = (start + self.kernel).saturating_sub(self.padding).min(size);
        start.saturating_sub(self.padding)..end
    }
}

/// The planes of a batch and the windows on each of them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Planes {
    pub(crate) samples: usize,
    pub(crate) channels: usize,
    pub(crate) height: usize,
    pub(crate) width: usize,
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    pub(crate) windows: Windows,
}

impl Planes {
    pub(crate) fn new(input: &Tensor, windows: Windows) -> Result<Self> {
        let (samples, channels, height, width) = input.dims4()?;
        let (rows, columns) = windows.output_size(height, width)?;
        Ok(Self {
            samples,
            channels,
            height,
            width,
            rows,
            columns,
            windows,
        })
    }

    pub(crate) fn count(&self) -> usize {
        self.samples * self.channels
    }

    pub(crate) fn output_shape(&self) -> (usize, usize, usize, usize) {
        (self.samples, self.channels, self.rows, self.columns)
    }

    pub(crate) fn output_length(&self) -> usize {
        self.count() * self.rows * self.columns
    }

    /// What one value adds to the mean of a window.
    pub(crate) fn share(&self) -> f32 {
        1.0 / self.windows.kernel.pow(2) as f32
    }

    /// Calls `work`, for each place in a window, with a range of outputs and the position in the
    /// image that the first of them sees there; the next ones see every s-th from there.
    #[inline(always)]
    pub(crate) fn for_taps(&self, mut work: impl FnMut(Range<usize>, usize)) {
        let Windows {
            kernel,
            stride,
            padding,
        } = self.windows;
        for row in 0..self.rows {
            for y in self.windows.inside(row, self.height) {
                for tap in 0..kernel {
                    let first = padding.saturating_sub(tap).div_ceil(stride);
                    let end = (self.width + padding).saturating_sub(tap).div_ceil(stride);
                    let columns = first..end.min(self.columns);
                    if !columns.is_empty() {
                        let position = y * self.width + first * stride + tap - padding;
                        let output = row * self.columns;
                        work(output + columns.start..output + columns.end, position);
                    }
                }
            }
        }
    }

    /// The means of 2×2 tiles: what [`Self::for_taps`] could do as well, several times faster.
    #[inline(always)]
    pub(crate) fn halve(&self, image: &[f32], means: &mut [f32]) {
        let rows = image.chunks_exact(2 * self.width);
        for (means, rows) in means.chunks_exact_mut(self.columns).zip(rows) {
            let (upper, lower) = rows.split_at(self.width);
            let tiles = upper.chunks_exact(2).zip(lower.chunks_exact(2));
            for (mean, (upper, lower)) in means.iter_mut().zip(tiles) {
                *mean = (upper[0] + upper[1] + lower[0] + lower[1]) * 0.25;
            }
        }
    }

    /// A quarter of each value to the four places of its 2×2 tile; places beyond the last tile are
    /// left as they are.
    #[inline(always)]
    pub(crate) fn double(&self, values: &[f32], image: &mut [f32]) {
        let rows = image.chunks_exact_mut(2 * self.width);
        for (values, rows) in values.chunks_exact(self.columns).zip(rows) {
            let (upper, lower) = rows.split_at_mut(self.width);
            for row in [upper, lower] {
                for (pair, value) in row.chunks_exact_mut(2).zip(values) {
                    pair.fill(value * 0.25);
                }
            }
        }
    }

    /// Where in a plane each window begins.
    pub(crate) fn first_positions(&self) -> Vec<u32> {
        let begin = |index: usize, size: usize| self.windows.inside(index, size).start;
        let row = |row: usize| {
            let start = begin(row, self.height) * self.width;
            (0..self.columns).map(move |column| (start + begin(column, self.width)) as u32)
        };
        (0..self.rows).flat_map(row).collect()
    }

    /// Finds the value and the position of each window's maximum; the maxima come in as −∞, the
    /// positions as those of the windows.
    ///
    /// Without branches that depend on the values: they would be mispredicted half of the time.
    #[inline(always)]
    pub(crate) fn find_maxima(
        &self,
        image: &[f32],
        maxima: &mut [f32],
        positions: &mut [u32],
        line: &mut [f32],
    ) {
        if self.has_whole_tiles() {
            return self.find_maxima_of_tiles(image, maxima, positions, line);
        }
        let stride = self.windows.stride;
        self.for_taps(
            #[inline(always)]
            |outputs, first| {
                let values = every(&image[first..], stride, &mut line[..outputs.len()]);
                let best = maxima[outputs.clone()]
                    .iter_mut()
                    .zip(&mut positions[outputs]);
                for (index, ((maximum, position), &value)) in best.zip(values).enumerate() {
                    // In 32 bits, as many lanes as the values have.
                    let here =
                        (first as u32).wrapping_add((index as u32).wrapping_mul(stride as u32));
                    (*maximum, *position) = larger((*maximum, *position), (value, here));
                }
            },
        );
    }

    /// Values of a line for [`Self::find_maxima`].
    pub(crate) fn line_length(&self) -> usize {
        if self.has_whole_tiles() {
            4 * self.rows * self.columns
        } else {
            self.columns
        }
    }

    /// Whether the windows are 2×2 tiles and no column is left over.
    #[inline(always)]
    fn has_whole_tiles(&self) -> bool {
        self.windows == Windows::tiles(2) && self.width == 2 * self.columns
    }

    /// As [`Self::find_maxima`] for whole tiles, several times faster: the larger of each pair in all rows at once,
    /// then that of two rows.
    #[inline(always)]
    fn find_maxima_of_tiles(
        &self,
        image: &[f32],
        maxima: &mut [f32],
        positions: &mut [u32],
        line: &mut [f32],
    ) {
        let (pairs, _) = image[..line.len()].as_chunks::<2>();
        let (values, places) = line.split_at_mut(pairs.len());
        let found = values.iter_mut().zip(places.iter_mut()).zip(pairs);
        for (index, ((value, place), pair)) in found.enumerate() {
            let here = 2 * index as u32;
            let (larger, at) = larger((pair[0], here), (pair[1], here + 1));
            (*value, *place) = (larger, f32::from_bits(at));
        }
        let rows = values.chunks_exact(2 * self.columns);
        let rows = rows.zip(places.chunks_exact(2 * self.columns));
        let found = maxima.chunks_exact_mut(self.columns);
        let found = found.zip(positions.chunks_exact_mut(self.columns));
        for ((maxima, positions), (values, places)) in found.zip(rows) {
            let (upper, lower) = (values.split_at(self.columns), places.split_at(self.columns));
            let both = upper.0.iter().zip(lower.0).zip(upper.1.iter().zip(lower.1));
            for ((maximum, position), (upper, lower)) in maxima.iter_mut().zip(positions).zip(both)
            {
                let of = |(value, place): (&f32, &f32)| (*value, place.to_bits());
                (*maximum, *position) = larger(of(upper), of(lower));
            }
        }
    }

    /// Adds to each output the sum of its window.
    #[inline(always)]
    pub(crate) fn add_windows(&self, image: &[f32], outputs: &mut [f32]) {
        let stride = self.windows.stride;
        self.for_taps(
            #[inline(always)]
            |range, first| {
                let values = image[first..].iter().step_by(stride);
                for (sum, value) in outputs[range].iter_mut().zip(values) {
                    *sum += value;
                }
            },
        );
    }
}

/// The larger of two values, the first of equal ones, and where it lies. NaN counts as larger than any number.
#[inline(always)]
fn larger(first: (f32, u32), second: (f32, u32)) -> (f32, u32) {
    let is_second = (second.0 > first.0) | second.0.is_nan();
    let value = if is_second { second.0 } else { first.0 };
    let place = if is_second { second.1 } else { first.1 };
    (value, place)
}

/// Every `stride`-th of `values`, as many as `line` has room for.
#[inline(always)]
fn every<'a>(values: &[f32], stride: usize, line: &'a mut [f32]) -> &'a [f32] {
    if stride == 2 {
        let (pairs, rest) = values.as_chunks::<2>();
        for (to, pair) in line.iter_mut().zip(pairs) {
            *to = pair[0];
        }
        if let (Some(to), Some(last)) = (line.get_mut(pairs.len()), rest.first()) {
            *to = *last;
        }
    } else {
        let values = values.iter().step_by(stride);
        line.iter_mut()
            .zip(values)
            .for_each(|(to, value)| *to = *value);
    }
    line
}
