//! The two inner loops of a convolution: sums over taps (output, input gradient) and sums over
//! positions (weight gradient). Both keep a tile of sums in registers.
#![expect(
    unsafe_code,
    reason = "registers are read and written without a check of bounds in the inner loops"
)]

use pulp::{Simd, WithSimd};

use crate::engine::operators::convolution_plan::Offsets;
use crate::engine::operators::instructions::{WIDEST, dispatch, has_many_registers};

/// Rows (channels) that [`TapSums`] takes at once, at most.
pub(crate) const MOST_ROWS: usize = 8;

/// Rows and vectors of the tile of sums that a kernel keeps in registers. The compiler wants two or three
/// more than the values and the weight that are multiplied: with none to spare it puts sums on the stack, and
/// all of the loop waits for them.
pub(crate) const fn tile_of_sums<S: Simd>() -> (usize, usize) {
    if has_many_registers::<S>() {
        (MOST_ROWS, 3)
    } else {
        (6, 2)
    }
}

/// As many rows as [`TapSums`] is best at on this processor.
pub(crate) fn best_rows() -> usize {
    struct BestRows;
    impl WithSimd for BestRows {
        type Output = usize;

        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) -> usize {
            tile_of_sums::<S>().0
        }
    }
    dispatch(BestRows)
}

/// Splits `length` into blocks of `most` at most, as equal as possible: their sizes.
pub(crate) fn blocks(length: usize, most: usize) -> impl Iterator<Item = usize> {
    let count = length.div_ceil(most);
    let (size, larger) = (length / count.max(1), length % count.max(1));
    (0..count).map(move |index| size + usize::from(index + larger >= count))
}

/// Calls `$function::<S, $rows>` for the number of rows found at run time.
macro_rules! with_constant {
    ($value:expr, [$($constant:literal)*], $name:ident => $call:expr) => {
        match $value {
            $($constant => { const $name: usize = $constant; $call })*
            other => unreachable!("blocks of {other} are not made"),
        }
    };
}
pub(crate) use with_constant;

/// target\[row\]\[position\] = Σ over taps of weights\[tap\]\[row\] · source\[offset\[tap\] + position\]
pub(crate) struct TapSums<'a> {
    pub(crate) source: &'a [f32],
    pub(crate) offsets: &'a Offsets,
    /// taps × rows
    pub(crate) weights: &'a [f32],
    pub(crate) rows: usize,
    pub(crate) positions: usize,
    /// rows × `target_pitch`, which is at least `positions` rounded up to [`WIDEST`].
    pub(crate) target: &'a mut [f32],
    pub(crate) target_pitch: usize,
}

impl TapSums<'_> {
    /// What the kernel's unchecked reads and writes rely on.
    fn check(&self) {
        let read = self.positions.next_multiple_of(WIDEST);
        let furthest = self.offsets.largest() + read;
        assert!(furthest <= self.source.len() && read <= self.target_pitch);
        assert!(self.rows * self.target_pitch <= self.target.len());
        assert_eq!(self.rows * self.offsets.values().len(), self.weights.len());
    }
}

impl WithSimd for TapSums<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        self.check();
        with_constant!(self.rows, [1 2 3 4 5 6 7 8], ROWS => self.run::<S, ROWS>(simd));
    }
}

impl TapSums<'_> {
    #[inline(always)]
    fn run<S: Simd, const ROWS: usize>(self, simd: S) {
        let vectors = self.positions.div_ceil(S::F32_LANES);
        let target = self.target.as_mut_ptr();
        let (_, most_vectors) = tile_of_sums::<S>();
        let mut vector = 0;
        while vector < vectors {
            let position = vector * S::F32_LANES;
            // SAFETY: `check` has made sure that every offset + position, rounded up to the widest
            // register, lies in `source`, and position + row · pitch likewise in `target`.
            unsafe {
                vector += match vectors - vector {
                    1 => tile::<S, ROWS, 1>(simd, &self, target, position),
                    2 | 4 => tile::<S, ROWS, 2>(simd, &self, target, position),
                    _ if most_vectors == 2 => tile::<S, ROWS, 2>(simd, &self, target, position),
                    _ => tile::<S, ROWS, 3>(simd, &self, target, position),
                };
            }
        }
    }
}

/// ROWS × VECTORS registers of sums; returns VECTORS.
///
/// # Safety
/// For every offset, offset + position + VECTORS registers lie in the source; so do
/// row · pitch + position + VECTORS registers in the target.
#[inline(always)]
unsafe fn tile<S: Simd, const ROWS: usize, const VECTORS: usize>(
    simd: S,
    sums: &TapSums,
    target: *mut f32,
    position: usize,
) -> usize {
    let mut tile = [[simd.splat_f32s(0.0); VECTORS]; ROWS];
    let mut weight = sums.weights.as_ptr();
    for &offset in sums.offsets.values() {
        // SAFETY: the caller's promise; the weights are taps × ROWS values.
        unsafe {
            let source = sums.source.as_ptr().add(offset + position);
            let values: [S::f32s; VECTORS] = std::array::from_fn(
                #[inline(always)]
                |vector| load::<S>(source.add(vector * S::F32_LANES)),
            );
            for (row, sums) in tile.iter_mut().enumerate() {
                let weight = simd.splat_f32s(*weight.add(row));
                for (sum, &value) in sums.iter_mut().zip(&values) {
                    *sum = simd.mul_add_e_f32s(weight, value, *sum);
                }
            }
            weight = weight.add(ROWS);
        }
    }
    for (row, sums_of_row) in tile.iter().enumerate() {
        for (vector, &sum) in sums_of_row.iter().enumerate() {
            let at = row * sums.target_pitch + position + vector * S::F32_LANES;
            // SAFETY: the caller's promise.
            unsafe { target.add(at).cast::<S::f32s>().write_unaligned(sum) };
        }
    }
    VECTORS
}

/// # Safety
/// A register's values can be read from `source`.
#[inline(always)]
pub(crate) unsafe fn load<S: Simd>(source: *const f32) -> S::f32s {
    // SAFETY: the caller's promise; every bit pattern is a float.
    unsafe { source.cast::<S::f32s>().read_unaligned() }
}

/// # Safety
/// A register can be written to `target`.
#[inline(always)]
pub(crate) unsafe fn store<S: Simd>(target: *mut f32, values: S::f32s) {
    // SAFETY: the caller's promise.
    unsafe { target.cast::<S::f32s>().write_unaligned(values) };
}

/// target\[row\]\[tap\] += Σ over samples and positions of
/// gradient\[row\]\[position\] · source\[offset\[tap\] + position\]
pub(crate) struct PositionSums<'a> {
    pub(crate) samples: usize,
    /// samples × `source_length`
    pub(crate) source: &'a [f32],
    pub(crate) source_length: usize,
    pub(crate) offsets: &'a Offsets,
    /// samples × `gradient_length`, with zeros from `positions` up to the next multiple of
    /// [`WIDEST`]
    pub(crate) gradient: &'a [f32],
    pub(crate) gradient_length: usize,
    pub(crate) gradient_start: usize,
    pub(crate) gradient_plane: usize,
    pub(crate) rows: usize,
    pub(crate) positions: usize,
    /// rows × taps
    pub(crate) target: &'a mut [f32],
}

impl PositionSums<'_> {
    fn check(&self) {
        let read = self.positions.next_multiple_of(WIDEST);
        let furthest = self.offsets.largest() + read;
        assert!(furthest <= self.source_length);
        assert!(self.samples * self.source_length <= self.source.len());
        let last_row = (self.rows - 1) * self.gradient_plane + self.gradient_start;
        assert!(last_row + read <= self.gradient_length);
        assert!(self.samples * self.gradient_length <= self.gradient.len());
        assert_eq!(self.rows * self.offsets.values().len(), self.target.len());
    }
}

impl WithSimd for PositionSums<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        self.check();
        let (most_rows, most_taps) = if has_many_registers::<S>() {
            (4, 6)
        } else {
            (3, 4)
        };
        let mut row = 0;
        for rows in blocks(self.rows, most_rows) {
            let mut tap = 0;
            for taps in blocks(self.offsets.values().len(), most_taps) {
                with_constant!(rows, [1 2 3 4], ROWS =>
                    with_constant!(taps, [1 2 3 4 5 6], TAPS =>
                        self.tile::<S, ROWS, TAPS>(simd, row, tap)));
                tap += taps;
            }
            row += rows;
        }
    }
}

impl PositionSums<'_> {
    #[inline(always)]
    fn tile<S: Simd, const ROWS: usize, const TAPS: usize>(
        &mut self,
        simd: S,
        first_row: usize,
        first_tap: usize,
    ) {
        let mut tile = [[simd.splat_f32s(0.0); TAPS]; ROWS];
        let offsets: [usize; TAPS] =
            std::array::from_fn(|tap| self.offsets.values()[first_tap + tap]);
        let first = self.gradient_start + first_row * self.gradient_plane;
        for sample in 0..self.samples {
            let source = &self.source[sample * self.source_length..];
            let gradient = &self.gradient[sample * self.gradient_length + first..];
            let (source, gradient) = (source.as_ptr(), gradient.as_ptr());
            for vector in 0..self.positions.div_ceil(S::F32_LANES) {
                let position = vector * S::F32_LANES;
                // SAFETY: `check` has made sure that each plane and offset can be read up to the
                // positions, rounded up to the widest register.
                unsafe {
                    let gradients: [S::f32s; ROWS] = std::array::from_fn(
                        #[inline(always)]
                        |row| load::<S>(gradient.add(row * self.gradient_plane + position)),
                    );
                    for (tap, &offset) in offsets.iter().enumerate() {
                        let value = load::<S>(source.add(offset + position));
                        for (sums, &gradient) in tile.iter_mut().zip(&gradients) {
                            sums[tap] = simd.mul_add_e_f32s(gradient, value, sums[tap]);
                        }
                    }
                }
            }
        }
        let taps = self.offsets.values().len();
        for (row, sums) in tile.iter().enumerate() {
            let start = (first_row + row) * taps + first_tap;
            let target = &mut self.target[start..start + TAPS];
            for (target, &sum) in target.iter_mut().zip(sums) {
                *target += simd.reduce_sum_f32s(sum);
            }
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn numbers(count: usize) -> Vec<f32> {
        (0..count)
            .map(|index| (index * 7 % 11) as f32 - 5.0)
            .collect()
    }

    pub(crate) const INSTRUCTION_SETS: usize = 3;

    /// Runs a kernel with plain code, AVX2 (where there is any) or this machine's best.
    pub(crate) fn run_on<K: WithSimd<Output = ()>>(instruction_set: usize, kernel: K) -> bool {
        match instruction_set {
            0 => pulp::Scalar::new().vectorize(kernel),
            #[cfg(target_arch = "x86_64")]
            1 => match pulp::x86::V3::try_new() {
                Some(avx2) => Simd::vectorize(avx2, kernel),
                None => return false,
            },
            _ => dispatch(kernel),
        }
        true
    }

    // The numbers below are small integers: no sum is rounded, so its order does not matter.

    #[test]
    fn tap_sums_are_their_definition_on_every_instruction_set() {
        let source = numbers(400);
        let taps = [3, 0, 17, 101];
        let offsets = Offsets::new(taps.to_vec());
        for (instruction_set, rows) in
            (0..INSTRUCTION_SETS).flat_map(|set| (1..9).map(move |r| (set, r)))
        {
            for positions in [1, 16, 17, 40, 64, 100] {
                let (weights, target_pitch) = (numbers(taps.len() * rows), 112);
                let mut target = vec![0.0; rows * target_pitch];
                let has_run = run_on(
                    instruction_set,
                    TapSums {
                        source: &source,
                        offsets: &offsets,
                        weights: &weights,
                        rows,
                        positions,
                        target: &mut target,
                        target_pitch,
                    },
                );
                for (row, at) in (0..rows).flat_map(|row| (0..positions).map(move |at| (row, at))) {
                    let terms = taps.iter().enumerate();
                    let sum =
                        terms.map(|(tap, offset)| weights[tap * rows + row] * source[offset + at]);
                    assert!(!has_run || target[row * target_pitch + at] == sum.sum::<f32>());
                }
            }
        }
    }

    #[test]
    fn position_sums_are_their_definition_on_every_instruction_set() {
        let (samples, rows, positions, start, plane) = (2, 5, 37, 2, 60);
        let source = numbers(samples * 200);
        let taps = [3, 0, 17, 101, 5, 6, 7];
        let offsets = Offsets::new(taps.to_vec());
        let mut gradient = numbers(samples * rows * plane);
        for plane in gradient.chunks_mut(plane) {
            plane[start + positions..].fill(0.0);
        }
        for instruction_set in 0..INSTRUCTION_SETS {
            let mut target = vec![1.0; rows * taps.len()];
            let has_run = run_on(
                instruction_set,
                PositionSums {
                    samples,
                    source: &source,
                    source_length: 200,
                    offsets: &offsets,
                    gradient: &gradient,
                    gradient_length: rows * plane,
                    gradient_start: start,
                    gradient_plane: plane,
                    rows,
                    positions,
                    target: &mut target,
                },
            );
            for (row, tap) in (0..rows).flat_map(|row| (0..taps.len()).map(move |tap| (row, tap))) {
                let places =
                    (0..samples).flat_map(|sample| (0..positions).map(move |at| (sample, at)));
                let terms = places.map(|(sample, at)| {
                    gradient[(sample * rows + row) * plane + start + at]
                        * source[sample * 200 + taps[tap] + at]
                });
                let found = target[row * taps.len() + tap];
                assert!(!has_run || found == 1.0 + terms.sum::<f32>());
            }
        }
    }

    #[test]
    #[should_panic(expected = "furthest <= self.source.len()")]
    fn an_offset_beyond_the_source_is_refused() {
        run_on(
            0,
            TapSums {
                source: &[0.0; 20],
                offsets: &Offsets::new(vec![5]),
                weights: &[1.0],
                rows: 1,
                positions: 10,
                target: &mut [0.0; 16],
                target_pitch: 16,
            },
        );
    }

    #[test]
    fn blocks_are_as_equal_as_possible() {
        assert_eq!(blocks(50, 8).collect::<Vec<_>>(), [7, 7, 7, 7, 7, 7, 8]);
        assert_eq!(blocks(16, 8).collect::<Vec<_>>(), [8, 8]);
    }
}
