//! The two inner loops of a depthwise convolution, where registers hold channels of one position, in
//! [`panels`](super::panels): sums over the taps of a window (output, input gradient) and over positions (weight
//! gradient). No value is read that is not of use, whatever the size of the image and the stride.
#![expect(
    unsafe_code,
    reason = "registers are read and written without a check of bounds in the inner loops"
)]

use pulp::{Simd, WithSimd};

use crate::engine::operators::convolution_kernels::{load, store, with_constant};
use crate::engine::operators::instructions::WIDEST;

/// Rows are summed over together until they have so many positions: so few that rounding errors stay small.
const POSITIONS: usize = 256;

/// Where the positions of a panel lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Positions {
    /// The first.
    pub(crate) start: usize,
    /// From a row to the next.
    pub(crate) row: usize,
    /// From a column to the next.
    pub(crate) column: usize,
}

impl Positions {
    #[inline(always)]
    const fn at(&self, y: usize, x: usize) -> usize {
        self.start + y * self.row + x * self.column
    }
}

/// target\[position\]\[channel\] = Σ over taps of weights\[tap\]\[channel\] · source\[position + tap\]\[channel\], of one
/// panel's channels.
pub(crate) struct WindowSums<'a> {
    pub(crate) source: &'a [f32],
    /// Where windows begin.
    pub(crate) windows: Positions,
    /// From a row of the source to the next, within a window.
    pub(crate) pitch: usize,
    /// 3 or 5
    pub(crate) kernel: usize,
    /// kernel × kernel × [`WIDEST`]
    pub(crate) weights: &'a [f32],
    /// Rows and columns of windows.
    pub(crate) size: [usize; 2],
    /// rows × columns × [`WIDEST`]
    pub(crate) target: &'a mut [f32],
}

impl WithSimd for WindowSums<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let [rows, columns] = self.size;
        let taps = self.kernel.pow(2) * WIDEST;
        let furthest = self.windows.at(rows - 1, columns - 1) + last_tap(self.kernel, self.pitch);
        assert!(furthest + WIDEST <= self.source.len());
        assert_eq!(self.target.len(), rows * columns * WIDEST);
        assert_eq!(self.weights.len(), taps);
        with_constant!(self.kernel, [3 5], KERNEL => self.run::<S, KERNEL>(simd));
    }
}

impl WindowSums<'_> {
    #[inline(always)]
    fn run<S: Simd, const KERNEL: usize>(self, simd: S) {
        let [rows, columns] = self.size;
        let target = self.target.as_mut_ptr();
        for lane in (0..WIDEST).step_by(S::F32_LANES) {
            // SAFETY: `with_simd` has made sure that every window lies in the source with its last tap, that the target
            // has a value for each, and the weights one for each tap.
            unsafe {
                let weights = taps::<S, KERNEL>(self.weights.as_ptr().add(lane), KERNEL * WIDEST);
                for y in 0..rows {
                    for x in 0..columns {
                        let window = self.source.as_ptr().add(self.windows.at(y, x) + lane);
                        let mut sum = simd.splat_f32s(0.0);
                        for (row, weights) in weights.iter().enumerate() {
                            for (column, &weight) in weights.iter().enumerate() {
                                let tap = row * self.pitch + column * WIDEST;
                                sum = simd.mul_add_e_f32s(weight, load::<S>(window.add(tap)), sum);
                            }
                        }
                        store::<S>(target.add((y * columns + x) * WIDEST + lane), sum);
                    }
                }
            }
        }
    }
}

/// target\[tap\]\[channel\] += Σ over positions of gradients\[position\]\[channel\] · images\[position + tap\]\[channel\],
/// of one panel's channels.
pub(crate) struct WindowGradients<'a> {
    pub(crate) images: &'a [f32],
    /// Where windows begin in the images.
    pub(crate) windows: Positions,
    /// From a row of the images to the next, within a window.
    pub(crate) pitch: usize,
    /// 3 or 5
    pub(crate) kernel: usize,
    pub(crate) gradients: &'a [f32],
    /// Where the gradient of each window lies.
    pub(crate) places: Positions,
    /// Rows and columns of windows.
    pub(crate) size: [usize; 2],
    /// kernel × kernel × [`WIDEST`]
    pub(crate) target: &'a mut [f32],
}

impl WithSimd for WindowGradients<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let [rows, columns] = self.size;
        let furthest = self.windows.at(rows - 1, columns - 1) + last_tap(self.kernel, self.pitch);
        assert!(furthest + WIDEST <= self.images.len());
        assert!(self.places.at(rows - 1, columns - 1) + WIDEST <= self.gradients.len());
        assert_eq!(self.target.len(), self.kernel.pow(2) * WIDEST);
        with_constant!(self.kernel, [3 5], KERNEL => self.run::<S, KERNEL>(simd));
    }
}

impl WindowGradients<'_> {
    #[inline(always)]
    fn run<S: Simd, const KERNEL: usize>(self, simd: S) {
        let [rows, columns] = self.size;
        let together = (POSITIONS / columns).max(1);
        for lane in (0..WIDEST).step_by(S::F32_LANES) {
            for first in (0..rows).step_by(together) {
                let mut sums = [[simd.splat_f32s(0.0); KERNEL]; KERNEL];
                // SAFETY: `with_simd` has made sure that every window lies in the images with its last tap, that it
                // has a gradient, and the target a value for each tap.
                unsafe {
                    for y in first..rows.min(first + together) {
                        for x in 0..columns {
                            let window = self.images.as_ptr().add(self.windows.at(y, x) + lane);
                            let gradient = self.gradients.as_ptr().add(self.places.at(y, x) + lane);
                            let gradient = load::<S>(gradient);
                            for (row, sums) in sums.iter_mut().enumerate() {
                                for (column, sum) in sums.iter_mut().enumerate() {
                                    let tap = row * self.pitch + column * WIDEST;
                                    let value = load::<S>(window.add(tap));
                                    *sum = simd.mul_add_e_f32s(gradient, value, *sum);
                                }
                            }
                        }
                    }
                    let target = self.target.as_mut_ptr().add(lane);
                    let before = taps::<S, KERNEL>(target, KERNEL * WIDEST);
                    for (row, (before, sums)) in before.iter().zip(&sums).enumerate() {
                        for (column, (&before, &sum)) in before.iter().zip(sums).enumerate() {
                            let to = target.add((row * KERNEL + column) * WIDEST);
                            store::<S>(to, simd.add_f32s(before, sum));
                        }
                    }
                }
            }
        }
    }
}

/// Where the last tap of a window lies, from its beginning.
const fn last_tap(kernel: usize, pitch: usize) -> usize {
    (kernel - 1) * (pitch + WIDEST)
}

/// A register of each tap of a window.
///
/// # Safety
/// They can be read.
#[inline(always)]
unsafe fn taps<S: Simd, const KERNEL: usize>(
    first: *const f32,
    pitch: usize,
) -> [[S::f32s; KERNEL]; KERNEL] {
    std::array::from_fn(
        #[inline(always)]
        |row| {
            std::array::from_fn(
                #[inline(always)]
                // SAFETY: the caller's promise.
                |column| unsafe { load::<S>(first.add(row * pitch + column * WIDEST)) },
            )
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::operators::convolution_kernels::tests::{INSTRUCTION_SETS, numbers, run_on};

    const SIZE: [usize; 2] = [3, 4];
    const PITCH: usize = 13 * WIDEST;
    /// Windows that begin at every other row and column.
    const WINDOWS: Positions = Positions {
        start: WIDEST,
        row: 2 * PITCH,
        column: 2 * WIDEST,
    };
    const PLACES: Positions = Positions {
        start: 5 * WIDEST,
        row: 20 * WIDEST,
        column: 3 * WIDEST,
    };

    fn positions() -> impl Iterator<Item = (usize, usize)> + Clone {
        (0..SIZE[0]).flat_map(|y| (0..SIZE[1]).map(move |x| (y, x)))
    }

    fn taps_of(kernel: usize) -> impl Iterator<Item = usize> + Clone {
        (0..kernel * kernel).map(move |tap| tap / kernel * PITCH + tap % kernel * WIDEST)
    }

    // Small integers: no sum is rounded, so its order does not matter.

    #[test]
    fn window_sums_are_their_definition_on_every_instruction_set() {
        let source = numbers(10 * PITCH);
        for (set, kernel) in (0..INSTRUCTION_SETS).flat_map(|set| [3, 5].map(|k| (set, k))) {
            let weights = numbers(kernel * kernel * WIDEST);
            let mut target = vec![1.0; SIZE[0] * SIZE[1] * WIDEST];
            let has_run = run_on(
                set,
                WindowSums {
                    source: &source,
                    windows: WINDOWS,
                    pitch: PITCH,
                    kernel,
                    weights: &weights,
                    size: SIZE,
                    target: &mut target,
                },
            );
            let expected = positions().flat_map(|(y, x)| {
                let (source, weights) = (&source, &weights);
                (0..WIDEST).map(move |lane| {
                    let at = WINDOWS.at(y, x) + lane;
                    let terms = taps_of(kernel).enumerate();
                    let term = |(tap, offset)| weights[tap * WIDEST + lane] * source[at + offset];
                    terms.map(term).sum::<f32>()
                })
            });
            assert!(!has_run || target.iter().copied().eq(expected), "{set}");
        }
    }

    #[test]
    fn window_gradients_are_their_definition_on_every_instruction_set() {
        let (images, gradients) = (numbers(10 * PITCH), numbers(60 * WIDEST));
        for (set, kernel) in (0..INSTRUCTION_SETS).flat_map(|set| [3, 5].map(|k| (set, k))) {
            let mut target = vec![1.0; kernel * kernel * WIDEST];
            let has_run = run_on(
                set,
                WindowGradients {
                    images: &images,
                    windows: WINDOWS,
                    pitch: PITCH,
                    kernel,
                    gradients: &gradients,
                    places: PLACES,
                    size: SIZE,
                    target: &mut target,
                },
            );
            let expected = taps_of(kernel).flat_map(|tap| {
                let (images, gradients) = (&images, &gradients);
                (0..WIDEST).map(move |lane| {
                    let term = |(y, x)| {
                        gradients[PLACES.at(y, x) + lane] * images[WINDOWS.at(y, x) + tap + lane]
                    };
                    1.0 + positions().map(term).sum::<f32>()
                })
            });
            assert!(!has_run || target.iter().copied().eq(expected), "{set}");
        }
    }
}
