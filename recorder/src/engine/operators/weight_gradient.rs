//! The three ways in which the weight's gradient is summed up, and how images and gradients lie for each.

use crate::engine::operators::buffers;
use crate::engine::operators::channel_sums::ChannelSums;
use crate::engine::operators::convolution::lay_out_inputs;
use crate::engine::operators::convolution_kernels::PositionSums;
use crate::engine::operators::convolution_plan::{ConvolutionPlan, ConvolutionShape};
use crate::engine::operators::instructions::{WIDEST, dispatch};
use crate::engine::operators::panels::{Panels, are_filled_by};
use crate::engine::operators::winograd;
use crate::engine::operators::winograd_gradient::TileSums;
use crate::engine::operators::winograd_tiles::Tiling;

/// Planes of samples that are summed over before sums leave the registers: as much as half of a usual second-level
/// cache.
const GROUP_VALUES: usize = 128 << 10; // 512 KiB
/// The same where sums leave them after [`POSITIONS`] anyway.
const CHANNEL_GROUP_VALUES: usize = 32 << 10; // 128 KiB
/// Positions that sums are taken over at once: so few that what is read of them stays in the first-level cache, and
/// that rounding errors stay small.
const POSITIONS: usize = 256;
/// Pairs of channels beyond which the 36 sums of each are more than a cache holds, for too few tiles.
const MOST_PAIRS_BY_TILE: usize = 256 * 256;
/// Outputs below which there are too few sums for the registers.
const LEAST_OUTPUTS: usize = 4;

/// How the weight's gradient is summed up.
pub(crate) enum WeightSums<'a> {
    /// By Winograd's transforms, where registers hold channels.
    Tiles(TileSums),
    /// Directly, where registers hold channels of the input.
    Channels(ChannelLayout),
    /// Registers hold positions, for few channels.
    Positions(&'a ConvolutionPlan),
}

impl<'a> WeightSums<'a> {
    pub(crate) fn new(plan: &'a ConvolutionPlan) -> Self {
        if winograd::suits(&plan.shape)
            && plan.shape.inputs * plan.shape.outputs <= MOST_PAIRS_BY_TILE
        {
            Self::Tiles(TileSums::new(&plan.shape))
        } else if ChannelLayout::suits(&plan.shape) {
            Self::Channels(ChannelLayout::new(plan.shape))
        } else {
            Self::Positions(plan)
        }
    }

    /// Whether images and gradients lie in panels.
    pub(crate) fn are_by_channel(&self) -> bool {
        !matches!(self, Self::Positions(_))
    }

    /// Values of the sums.
    pub(crate) fn length(&self) -> usize {
        match self {
            Self::Tiles(tiles) => tiles.length(),
            Self::Channels(layout) => layout.shape.outputs * layout.offsets.len() * WIDEST,
            Self::Positions(plan) => plan.shape.outputs * plan.shape.taps(),
        }
    }

    /// Values that a sample's images and gradients take.
    pub(crate) fn sample_lengths(&self) -> (usize, usize) {
        match self {
            Self::Tiles(tiles) => (
                tiles.images.panels.length(),
                tiles.gradients.panels.length(),
            ),
            Self::Channels(layout) => (layout.images.length(), layout.gradients.length()),
            Self::Positions(plan) => (plan.input_length(), plan.gradient_length()),
        }
    }

    /// How many of `samples` are summed over at once.
    pub(crate) fn samples_at_once(&self, samples: usize) -> usize {
        let most = match self {
            Self::Tiles(_) | Self::Channels(_) => CHANNEL_GROUP_VALUES,
            Self::Positions(_) => GROUP_VALUES,
        };
        let (images, gradients) = self.sample_lengths();
        (most / (images + gradients)).clamp(1, samples)
    }

    /// Sets to zero what [`lay_out`](Self::lay_out) does not write of a sample.
    pub(crate) fn clear(&self, images: &mut [f32], gradients: &mut [f32]) {
        let (of_images, of_gradients) = match self {
            Self::Tiles(tiles) => (&tiles.images.panels, &tiles.gradients.panels),
            Self::Channels(layout) => (&layout.images, &layout.gradients),
            Self::Positions(_) => {
                images.fill(0.0);
                gradients.fill(0.0);
                return;
            }
        };
        of_images.clear(images);
        of_gradients.clear(gradients);
    }

    /// Lays out a sample in memory that holds zeros elsewhere. By position the gradients are there already, as
    /// [`ConvolutionPlan::lay_out_gradient`] writes them.
    pub(crate) fn lay_out(
        &self,
        image: &[f32],
        gradient: &[f32],
        images: &mut [f32],
        gradients: &mut [f32],
    ) {
        match self {
            Self::Tiles(tiles) => {
                tiles.images.panels.lay_out(image, images);
                tiles.gradients.panels.lay_out(gradient, gradients);
            }
            Self::Channels(layout) => {
                layout.images.lay_out(image, images);
                layout.gradients.lay_out(gradient, gradients);
            }
            Self::Positions(plan) => lay_out_inputs(plan, image, images),
        }
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
        match self {
            Self::Tiles(tiles) => tiles.add(are_first, samples, images, gradients, sums),
            Self::Channels(layout) => layout.add(are_first, samples, images, gradients, sums),
            Self::Positions(plan) => {
                if are_first {
                    sums.fill(0.0);
                }
                dispatch(PositionSums {
                    samples,
                    source: images,
                    source_length: plan.input_length(),
                    offsets: &plan.offsets,
                    gradient: gradients,
                    gradient_length: plan.gradient_length(),
                    gradient_start: plan.gradient_start,
                    gradient_plane: plan.gradient_plane,
                    rows: plan.shape.outputs,
                    positions: plan.positions,
                    target: sums,
                });
            }
        }
    }

    /// What a part of a batch adds to the sum over all parts.
    pub(crate) fn finish(&self, sums: Vec<f32>) -> Vec<f32> {
        match self {
            Self::Tiles(tiles) => tiles.finish(sums),
            Self::Channels(_) | Self::Positions(_) => sums,
        }
    }

    /// The sum over all parts in the order of the weight of this shape.
    pub(crate) fn in_order(&self, shape: &ConvolutionShape, sums: Vec<f32>) -> Vec<f32> {
        if !self.are_by_channel() {
            return sums;
        }
        let taps = shape.kernel_height * shape.kernel_width;
        let mut gradient = vec![0.0; shape.outputs * shape.taps()];
        let rows = gradient.chunks_mut(shape.taps());
        for (row, sums) in rows.zip(sums.chunks(shape.inputs.next_multiple_of(WIDEST) * taps)) {
            for (input, row) in row.chunks_mut(taps).enumerate() {
                let first = input / WIDEST * WIDEST * taps + input % WIDEST;
                let sums = sums[first..].iter().step_by(WIDEST);
                row.iter_mut().zip(sums).for_each(|(to, sum)| *to = *sum);
            }
        }
        buffers::give(sums);
        gradient
    }
}

/// How a sample's images and gradients lie where registers hold channels.
pub(crate) struct ChannelLayout {
    shape: ConvolutionShape,
    images: Panels,
    /// With the zeros around them that Winograd's tiles need, for the input's gradient.
    gradients: Panels,
    /// See [`ChannelSums::rows`] and [`ChannelSums::offsets`].
    rows: Vec<(usize, usize)>,
    offsets: Vec<usize>,
}

impl ChannelLayout {
    /// Whether registers of inputs are as good as full, and there are outputs for a block of them.
    fn suits(shape: &ConvolutionShape) -> bool {
        shape.outputs >= LEAST_OUTPUTS && are_filled_by(shape.inputs)
    }

    pub(crate) fn new(shape: ConvolutionShape) -> Self {
        let padded = [shape.height, shape.width].map(|length| length + 2 * shape.padding);
        let images = Panels::new(
            shape.inputs,
            [shape.height, shape.width],
            [shape.padding; 2],
            padded,
        );
        let (height, width) = (shape.output_height(), shape.output_width());
        let gradients = Tiling::new(shape.outputs, height, width).panels;
        let taps =
            (0..shape.kernel_height).flat_map(|y| (0..shape.kernel_width).map(move |x| (y, x)));
        let offsets = (0..images.panels()).flat_map(|panel| {
            let start = panel * images.panel;
            taps.clone().map(move |(y, x)| (start, y, x))
        });
        Self {
            offsets: offsets
                .map(|(start, y, x)| start + y * images.pitch + x * WIDEST)
                .collect(),
            rows: (0..height)
                .map(|y| {
                    (
                        y * shape.stride * images.pitch,
                        (y + 1) * gradients.pitch + WIDEST,
                    )
                })
                .collect(),
            shape,
            images,
            gradients,
        }
    }

    fn add(
        &self,
        are_first: bool,
        samples: usize,
        images: &[f32],
        gradients: &[f32],
        sums: &mut [f32],
    ) {
        let rows: Vec<_> = (0..samples)
            .flat_map(|sample| {
                let start = (
                    sample * self.images.length(),
                    sample * self.gradients.length(),
                );
                let rows = self.rows.iter();
                rows.map(move |row| (start.0 + row.0, start.1 + row.1))
            })
            .collect();
        let columns = self.shape.output_width();
        let groups = rows.chunks((POSITIONS / columns).max(1));
        for (index, rows) in groups.enumerate() {
            dispatch(ChannelSums {
                images,
                gradients,
                gradient_panel: self.gradients.panel,
                rows,
                columns,
                step: self.shape.stride * WIDEST,
                outputs: self.shape.outputs,
                offsets: &self.offsets,
                target: sums,
                are_first: are_first && index == 0,
            });
        }
    }
}
