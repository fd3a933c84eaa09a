//! Planes that lie position by position instead of channel by channel, with zeros around them: in *panels* of as many
//! channels as the widest register has lanes, so that a register holds channels of one position.
#![expect(
    unsafe_code,
    reason = "registers are read and written without a check of bounds in the inner loops"
)]

use std::mem::MaybeUninit;

use pulp::{Simd, WithSimd};

use crate::engine::operators::convolution_kernels::{load, store};
use crate::engine::operators::instructions::{WIDEST, dispatch};

/// Values that are put beside each other at once.
pub(crate) const QUAD: usize = 4;
/// Positions whose values are written a few channels at a time: so few that they stay in the first-level cache, and so many
/// that the processor sees which values of a plane it will need next.
const POSITIONS: usize = 256;

/// Whether so many channels nearly fill their panels.
pub(crate) fn are_filled_by(channels: usize) -> bool {
    5 * channels >= 4 * channels.next_multiple_of(WIDEST)
}

/// Where the values of a sample's channels lie.
#[derive(Debug)]
pub(crate) struct Panels {
    channels: usize,
    /// Where each position's first channel lies in a panel.
    places: Vec<usize>,
    /// From a row's values to the next one's.
    pub(crate) pitch: usize,
    /// From a panel to the next.
    pub(crate) panel: usize,
}

impl Panels {
    /// For planes of a height and width, with so many zeros above and left of them, in padded planes of a height
    /// and width.
    pub(crate) fn new(
        channels: usize,
        size: [usize; 2],
        before: [usize; 2],
        padded: [usize; 2],
    ) -> Self {
        Self::spread(channels, size, before, 1, padded)
    }

    /// As [`new`](Self::new), where only every `step`-th row and column of the padded plane has values.
    pub(crate) fn spread(
        channels: usize,
        [height, width]: [usize; 2],
        [above, left]: [usize; 2],
        step: usize,
        [padded_height, padded_width]: [usize; 2],
    ) -> Self {
        assert!(above + (height - 1) * step < padded_height);
        assert!(left + (width - 1) * step < padded_width);
        let place =
            |y: usize, x: usize| ((above + y * step) * padded_width + left + x * step) * WIDEST;
        let places = (0..height * width).map(|at| place(at / width, at % width));
        Self {
            channels,
            places: places.collect(),
            pitch: padded_width * WIDEST,
            panel: padded_height * padded_width * WIDEST,
        }
    }

    pub(crate) fn panels(&self) -> usize {
        self.channels.div_ceil(WIDEST)
    }

    /// Values of a sample.
    pub(crate) fn length(&self) -> usize {
        self.panels() * self.panel
    }

    /// Sets to zero what [`lay_out`](Self::lay_out) does not write.
    pub(crate) fn clear(&self, target: &mut [f32]) {
        let (full, rest) = target.split_at_mut(self.channels / WIDEST * self.panel);
        for panel in full.chunks_mut(self.panel) {
            let mut written = 0;
            for &place in &self.places {
                if place > written {
                    panel[written..place].fill(0.0);
                }
                written = place + WIDEST;
            }
            panel[written..].fill(0.0);
        }
        // Of the last, the channels that there are not.
        rest.fill(0.0);
    }

    /// Writes a sample's planes into `target`, which holds zeros elsewhere.
    pub(crate) fn lay_out(&self, planes: &[f32], target: &mut [f32]) {
        dispatch(ByPosition {
            planes,
            channels: self.channels,
            places: &self.places,
            panel: self.panel,
            target,
        });
    }
}

/// Writes the planes of a panel whose positions lie behind each other: channels × positions, of as many channels as there
/// is room for.
#[inline(always)]
pub(crate) fn take_out(panel: &[f32], planes: &mut [MaybeUninit<f32>]) {
    let positions = panel.len() / WIDEST;
    assert!(planes.len().is_multiple_of(positions) && planes.len() / positions <= WIDEST);
    for (block, values) in panel.chunks(POSITIONS * WIDEST).enumerate() {
        for (channel, plane) in planes.chunks_exact_mut(positions).enumerate() {
            let plane = &mut plane[block * POSITIONS..];
            for (to, value) in plane.iter_mut().zip(values.as_chunks::<WIDEST>().0) {
                to.write(value[channel]);
            }
        }
    }
}

/// target\[place\[position\] + channel\] = planes\[channel\]\[position\]
struct ByPosition<'a> {
    /// channels × positions
    planes: &'a [f32],
    channels: usize,
    /// Where a position's first channel goes, for each position.
    places: &'a [usize],
    /// From a panel of [`WIDEST`] channels to the next.
    panel: usize,
    target: &'a mut [f32],
}

impl WithSimd for ByPosition<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let positions = self.places.len();
        assert_eq!(self.planes.len(), self.channels * positions);
        let furthest = self.places.iter().max().map_or(0, |place| place + WIDEST);
        let panels = self.channels.div_ceil(WIDEST);
        assert!(furthest + panels.saturating_sub(1) * self.panel <= self.target.len());
        let whole = positions / S::F32_LANES * S::F32_LANES;
        let in_quads = self.channels / QUAD * QUAD;
        let order = order_of_quads(simd);
        for first in (0..whole).step_by(POSITIONS) {
            for channel in (0..in_quads).step_by(QUAD) {
                for position in (first..whole.min(first + POSITIONS)).step_by(S::F32_LANES) {
                    // SAFETY: the four planes have a register from `position` on, and a panel four channels from
                    // each place and channel on, since panels have a multiple of four.
                    unsafe { self.quads(simd, channel, position, &order) };
                }
            }
        }
        for channel in 0..self.channels {
            let from = if channel < in_quads { whole } else { 0 };
            let plane = &self.planes[channel * positions..][from..positions];
            let to = self.start(channel);
            for (&value, place) in plane.iter().zip(&self.places[from..]) {
                self.target[to + place] = value;
            }
        }
    }
}

impl ByPosition<'_> {
    #[inline(always)]
    fn start(&self, channel: usize) -> usize {
        channel / WIDEST * self.panel + channel % WIDEST
    }

    /// # Safety
    /// Four planes can be read as far as a register from `position` on, and four values written at each place.
    #[inline(always)]
    unsafe fn quads<S: Simd>(
        &mut self,
        simd: S,
        channel: usize,
        position: usize,
        order: &[usize; WIDEST],
    ) {
        let positions = self.places.len();
        let first = channel * positions + position;
        // SAFETY: the caller's promise.
        unsafe {
            let planes: [S::f32s; QUAD] = std::array::from_fn(
                #[inline(always)]
                |index| load::<S>(self.planes.as_ptr().add(first + index * positions)),
            );
            let quads = quads(simd, planes);
            let target = self.target.as_mut_ptr().add(self.start(channel));
            for (quad, index) in quads.iter().zip(&order[..S::F32_LANES]) {
                let place = *self.places.get_unchecked(position + index);
                target.add(place).cast::<[f32; QUAD]>().write(*quad);
            }
        }
    }
}

/// The values of four registers lane by lane, in the order of [`order_of_quads`].
#[inline(always)]
pub(crate) fn quads<S: Simd>(simd: S, registers: [S::f32s; QUAD]) -> [[f32; QUAD]; WIDEST] {
    let mut quads = [[0.0_f32; QUAD]; WIDEST];
    let mixed = simd.interleave_shfl_f32s(registers);
    for (index, values) in mixed.into_iter().enumerate() {
        // SAFETY: there are as many quads as the widest register has lanes.
        unsafe {
            store::<S>(
                quads.as_mut_ptr().cast::<f32>().add(index * S::F32_LANES),
                values,
            );
        }
    }
    quads
}

/// Which lane each quad is of: instruction sets differ in it.
#[inline(always)]
pub(crate) fn order_of_quads<S: Simd>(simd: S) -> [usize; WIDEST] {
    let numbers: [f32; WIDEST] = std::array::from_fn(|lane| lane as f32);
    // SAFETY: no register is wider than WIDEST.
    let numbers = unsafe { load::<S>(numbers.as_ptr()) };
    quads(simd, [numbers; QUAD]).map(|quad| quad[0] as usize % S::F32_LANES)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::operators::convolution_kernels::tests::{INSTRUCTION_SETS, numbers, run_on};

    #[test]
    fn what_is_laid_out_in_used_memory_has_zeros_around_it() {
        for channels in [16, 20] {
            let panels = Panels::new(channels, [2, 3], [1, 1], [4, 6]);
            let planes = vec![1.0; channels * 6];
            let mut target = vec![2.0; panels.length()];
            panels.clear(&mut target);
            panels.lay_out(&planes, &mut target);
            assert_eq!(target.iter().sum::<f32>(), planes.len() as f32);
        }
    }

    #[test]
    fn what_was_laid_out_is_taken_out_again() {
        let (channels, positions) = (5, 2 * POSITIONS + 3);
        let planes = numbers(channels * positions);
        let panels = Panels::new(channels, [1, positions], [0, 0], [1, positions]);
        let mut panel = vec![0.0; panels.length()];
        panels.lay_out(&planes, &mut panel);
        let mut found = vec![MaybeUninit::new(0.0); planes.len()];
        take_out(&panel, &mut found);
        // SAFETY: all of them have been made with a value.
        let found = found.iter().map(|value| unsafe { value.assume_init() });
        assert!(found.eq(planes));
    }

    #[test]
    fn values_go_to_their_positions_on_every_instruction_set() {
        for (set, channels) in (0..INSTRUCTION_SETS).flat_map(|set| [3, 16, 22].map(|c| (set, c))) {
            let positions = 150;
            let planes = numbers(channels * positions);
            // From the last position to the first, with a gap.
            let places: Vec<usize> = (0..positions)
                .map(|position| (positions - position) * WIDEST)
                .collect();
            let panel = (positions + 2) * WIDEST;
            let mut target = vec![0.0; 2 * panel];
            let has_run = run_on(
                set,
                ByPosition {
                    planes: &planes,
                    channels,
                    places: &places,
                    panel,
                    target: &mut target,
                },
            );
            let mut expected = vec![0.0; 2 * panel];
            for (at, value) in planes.into_iter().enumerate() {
                let (channel, position) = (at / positions, at % positions);
                let start = channel / WIDEST * panel + channel % WIDEST;
                expected[start + places[position]] = value;
            }
            assert!(!has_run || target == expected, "{channels} on {set}");
        }
    }
}
