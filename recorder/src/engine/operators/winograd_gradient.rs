//! The weight's gradient of a convolution by the transforms of [`winograd`](super::winograd):
//! Gᵀ \[Σ (A y Aᵀ) ⊙ (Bᵀ d B)\] G over all tiles, with the gradient y of a tile's outputs and its inputs d. The sum
//! is a product of matrices for each of the 36 points, outputs × tiles by tiles × inputs.
#![expect(
    unsafe_code,
    reason = "registers are loaded and stored by pointers that are checked before"
)]

use pulp::{Simd, WithSimd};

use crate::engine::operators::buffers::{self, with_aligned};
use crate::engine::operators::channel_sums::ChannelSums;
use crate::engine::operators::convolution_kernels::{load, store};
use crate::engine::operators::convolution_plan::ConvolutionShape;
use crate::engine::operators::instructions::{WIDEST, dispatch};
use crate::engine::operators::winograd::{PADDING, tiles_at_once};
use crate::engine::operators::winograd_kernels::{InputTiles, OnRegisters, row_of};
use crate::engine::operators::winograd_tiles::{POINTS, TILE, Tile, Tiling, WINDOW};
use crate::engine::operators::winograd_transforms::{kernel_gradient, output_gradient};

/// Taps of a kernel along one axis.
const KERNEL: usize = 3;

/// The sums over tiles of one part of a batch.
pub(crate) struct TileSums {
    /// How a sample's images and gradients are laid out.
    pub(crate) images: Tiling,
    pub(crate) gradients: Tiling,
    inputs: usize,
    outputs: usize,
}

impl TileSums {
    pub(crate) fn new(shape: &ConvolutionShape) -> Self {
        let tiling = |channels: usize| Tiling::new(channels, shape.height, shape.width);
        Self {
            images: tiling(shape.inputs),
            gradients: tiling(shape.outputs),
            inputs: shape.inputs.next_multiple_of(WIDEST),
            outputs: shape.outputs,
        }
    }

    /// Values of the sums: points × outputs × inputs, rounded up to full panels.
    pub(crate) fn length(&self) -> usize {
        POINTS * self.outputs * self.inputs
    }

    /// Adds the sums over the first `samples` that have been laid out, or begins with them.
    pub(crate) fn add(
        &self,
        are_first: bool,
        samples: usize,
        images: &[f32],
        gradients: &[f32],
        sums: &mut [f32],
    ) {
        let most = tiles_at_once(self.inputs + self.outputs);
        let of_images = self.images.tiles(samples);
        let of_gradients = self.gradients.tiles(samples);
        let groups = of_images.chunks(most).zip(of_gradients.chunks(most));
        for (index, (of_images, of_gradients)) in groups.enumerate() {
            let are_first = are_first && index == 0;
            self.add_tiles(
                are_first,
                [of_images, of_gradients],
                images,
                gradients,
                sums,
            );
        }
    }

    fn add_tiles(
        &self,
        are_first: bool,
        [of_images, of_gradients]: [&[Tile]; 2],
        images: &[f32],
        gradients: &[f32],
        sums: &mut [f32],
    ) {
        let panel = of_images.len() * WIDEST;
        let steps =
            [&self.images, &self.gradients].map(|tiling| tiling.panels.panels() * panel + PADDING);
        let offsets: Vec<usize> = (0..self.inputs / WIDEST)
            .map(|index| index * panel)
            .collect();
        with_aligned(POINTS * (steps[0] + steps[1]), |scratch| {
            let (inputs, outputs) = scratch.split_at_mut(POINTS * steps[0]);
            dispatch(InputTiles {
                tiling: &self.images,
                tiles: of_images,
                images,
                target: inputs,
                step: steps[0],
            });
            dispatch(GradientTiles {
                tiling: &self.gradients,
                tiles: of_gradients,
                gradients,
                target: outputs,
                step: steps[1],
            });
            for (point, sums) in sums.chunks_mut(self.outputs * self.inputs).enumerate() {
                dispatch(ChannelSums {
                    images: &inputs[point * steps[0]..][..steps[0]],
                    gradients: &outputs[point * steps[1]..][..steps[1]],
                    gradient_panel: panel,
                    rows: &[(0, 0)],
                    columns: of_images.len(),
                    step: WIDEST,
                    outputs: self.outputs,
                    offsets: &offsets,
                    target: sums,
                    are_first,
                });
            }
        });
    }

    /// The gradient: outputs × panels of inputs × taps × [`WIDEST`]
    pub(crate) fn finish(&self, sums: Vec<f32>) -> Vec<f32> {
        let mut gradient = buffers::take(self.outputs * self.inputs * KERNEL * KERNEL);
        dispatch(KernelGradients {
            sums: &sums,
            target: &mut gradient,
        });
        buffers::give(sums);
        gradient
    }
}

/// A y Aᵀ of every tile and channel.
struct GradientTiles<'a> {
    tiling: &'a Tiling,
    tiles: &'a [Tile],
    /// As the tiling lays them out.
    gradients: &'a [f32],
    /// points × `step`, each beginning with panels × tiles × [`WIDEST`]
    target: &'a mut [f32],
    step: usize,
}

impl WithSimd for GradientTiles<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let panels = &self.tiling.panels;
        // A window begins a row and a column before its tile.
        let (pitch, before) = (panels.pitch, panels.pitch + WIDEST);
        let reach = panels.length() - panels.panel + TILE * before + WIDEST;
        let furthest = self.tiles.iter().map(|tile| tile.window + reach).max();
        assert!(furthest.unwrap_or(0) <= self.gradients.len());
        assert!(self.step >= panels.panels() * self.tiles.len() * WIDEST);
        assert!(self.target.len() >= POINTS * self.step);
        let on = OnRegisters(simd);
        for panel in 0..panels.panels() {
            for (index, tile) in self.tiles.iter().enumerate() {
                let from = panel * panels.panel + tile.window + before;
                let to = (panel * self.tiles.len() + index) * WIDEST;
                for lane in (0..WIDEST).step_by(S::F32_LANES) {
                    // SAFETY: checked above, since a tile has four rows and columns, and lanes are less than WIDEST.
                    unsafe {
                        let from = self.gradients.as_ptr().add(from + lane);
                        let to = self.target.as_mut_ptr().add(to + lane);
                        let zero = simd.splat_f32s(0.0);
                        let mut columns = [[zero; WINDOW]; TILE];
                        for (x, to) in columns.iter_mut().enumerate() {
                            let mut column = [zero; TILE];
                            for (y, value) in column.iter_mut().enumerate() {
                                *value = load::<S>(from.add(y * pitch + x * WIDEST));
                            }
                            *to = output_gradient(on, column);
                        }
                        for y in 0..WINDOW {
                            let row = output_gradient(on, row_of(&columns, y));
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

/// Gᵀ m G of every pair of channels.
struct KernelGradients<'a> {
    /// points × pairs, whose number is a multiple of [`WIDEST`]
    sums: &'a [f32],
    /// pairs / [`WIDEST`] × taps × [`WIDEST`]
    target: &'a mut [f32],
}

impl WithSimd for KernelGradients<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let pairs = self.sums.len() / POINTS;
        assert!(pairs.is_multiple_of(WIDEST) && self.sums.len() == POINTS * pairs);
        assert_eq!(self.target.len(), KERNEL * KERNEL * pairs);
        let on = OnRegisters(simd);
        for pair in (0..pairs).step_by(S::F32_LANES) {
            let (first, lane) = (pair / WIDEST * WIDEST, pair % WIDEST);
            // SAFETY: the lengths are checked above; pairs and WIDEST are multiples of every register.
            unsafe {
                let from = self.sums.as_ptr().add(pair);
                let to = self.target.as_mut_ptr().add(KERNEL * KERNEL * first + lane);
                let zero = simd.splat_f32s(0.0);
                let mut columns = [[zero; KERNEL]; WINDOW];
                for (x, to) in columns.iter_mut().enumerate() {
                    let mut column = [zero; WINDOW];
                    for (y, value) in column.iter_mut().enumerate() {
                        *value = load::<S>(from.add((y * WINDOW + x) * pairs));
                    }
                    *to = kernel_gradient(on, column);
                }
                for y in 0..KERNEL {
                    let row = kernel_gradient(on, row_of(&columns, y));
                    for (x, values) in row.into_iter().enumerate() {
                        store::<S>(to.add((y * KERNEL + x) * WIDEST), values);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::operators::convolution_kernels::tests::{INSTRUCTION_SETS, numbers, run_on};

    /// The best is compared with the definition in `checks/winograd.rs`.
    #[test]
    fn all_instruction_sets_agree() {
        let tiling = Tiling::new(20, 5, 9);
        let gradients = numbers(2 * tiling.panels.length());
        let tiles = tiling.tiles(2);
        let step = 2 * tiles.len() * WIDEST + 3;
        let transformed = |set: usize| {
            let mut target = vec![0.0; POINTS * step];
            let has_run = run_on(
                set,
                GradientTiles {
                    tiling: &tiling,
                    tiles: &tiles,
                    gradients: &gradients,
                    target: &mut target,
                    step,
                },
            );
            has_run.then_some(target)
        };
        let sums = numbers(POINTS * 5 * WIDEST);
        let kernels = |set: usize| {
            let mut target = vec![0.0; KERNEL * KERNEL * 5 * WIDEST];
            let sums = &sums;
            let has_run = run_on(
                set,
                KernelGradients {
                    sums,
                    target: &mut target,
                },
            );
            has_run.then_some(target)
        };
        let agree = |found: Option<Vec<f32>>, plain: Option<Vec<f32>>| {
            let pairs = found.iter().flatten().zip(plain.iter().flatten());
            pairs
                .map(|(found, plain)| (found - plain).abs())
                .fold(0.0, f32::max)
                < 1e-3
        };
        for set in 1..INSTRUCTION_SETS {
            assert!(
                agree(transformed(set), transformed(0)),
                "gradients on {set}"
            );
            assert!(agree(kernels(set), kernels(0)), "kernels on {set}");
        }
    }
}
