//! The input's gradient of a convolution, in one of two ways.

use crate::engine::operators::buffers::with_scratch;
use crate::engine::operators::convolution::{PackedWeights, planes};
use crate::engine::operators::convolution_plan::{
    ConvolutionPlan, Offsets, Phase, add_row, copy_row,
};
use crate::engine::operators::instructions::vectorized;

pub(crate) enum InputGradient<'a> {
    /// A convolution of the output's gradient, with zeros around it.
    Phases(PhaseGradients<'a>),
    /// Products of the output's gradient and each weight, added where the weight saw the input: fewer where the output
    /// is much smaller than the input.
    Scattered(ScatteredGradient<'a>),
}

impl<'a> InputGradient<'a> {
    pub(crate) fn new(plan: &'a ConvolutionPlan, weight: &[f32]) -> Self {
        if plan.is_by_column {
            Self::Scattered(ScatteredGradient::new(plan, weight))
        } else {
            Self::Phases(PhaseGradients::new(plan, weight))
        }
    }

    /// Whether [`Self::run`] writes all of an image: a kernel that is smaller than the stride leaves rows and columns
    /// out.
    pub(crate) fn writes_all(&self) -> bool {
        match self {
            Self::Phases(of) => of.phases.len() == of.plan.shape.stride.pow(2),
            Self::Scattered(_) => true,
        }
    }

    /// One sample's input gradient from the planes of its output gradient.
    pub(crate) fn run(&self, gradients: &[f32], input_gradient: &mut [f32]) {
        match self {
            Self::Phases(phases) => phases.run(gradients, input_gradient),
            Self::Scattered(scattered) => scattered.run(gradients, input_gradient),
        }
    }
}

/// What is added to an input channel by each of its weights, in the order of a plan by column.
pub(crate) struct ScatteredGradient<'a> {
    plan: &'a ConvolutionPlan,
    /// Where each output channel's gradient begins.
    offsets: Offsets,
    /// (input channel, kernel column, kernel row) × output channels
    weights: PackedWeights,
}

impl<'a> ScatteredGradient<'a> {
    fn new(plan: &'a ConvolutionPlan, weight: &[f32]) -> Self {
        let shape = plan.shape;
        let (rows, columns) = (shape.kernel_height, shape.kernel_width);
        let pack = |place: usize, output: usize| {
            let (input, column, row) = (
                place / (rows * columns),
                place / rows % columns,
                place % rows,
            );
            weight[output * shape.taps() + (input * rows + row) * columns + column]
        };
        let starts = (0..shape.outputs).map(|output| output * plan.gradient_plane);
        Self {
            plan,
            offsets: Offsets::new(starts.collect()),
            weights: PackedWeights::new(shape.taps(), shape.outputs, pack),
        }
    }

    fn run(&self, gradients: &[f32], input_gradient: &mut [f32]) {
        let plan = self.plan;
        let (rows, columns) = (plan.shape.kernel_height, plan.shape.kernel_width);
        let mut images = input_gradient.chunks_mut(plan.shape.input_plane());
        // What the weights of one column of the kernel add to a padded image of the output's width.
        with_scratch(columns * plan.input_plane, |sums| {
            planes(
                &self.weights,
                &self.offsets,
                plan.positions,
                gradients,
                |place, products| {
                    let (column, row) = (place / rows % columns, place % rows);
                    vectorized(
                        #[inline(always)]
                        || {
                            let sums = &mut sums[column * plan.input_plane..][..plan.input_plane];
                            if row == 0 {
                                sums[plan.positions..].fill(0.0);
                                sums[..plan.positions].copy_from_slice(&products[..plan.positions]);
                            } else {
                                let sums = &mut sums[row * plan.pitch..][..plan.positions];
                                sums.iter_mut()
                                    .zip(products)
                                    .for_each(|(sum, &product)| *sum += product);
                            }
                        },
                    );
                    if (column, row) == (columns - 1, rows - 1)
                        && let Some(image) = images.next()
                    {
                        vectorized(
                            #[inline(always)]
                            || self.add_columns(sums, image),
                        );
                    }
                },
            );
        });
    }

    /// Adds what the columns of the kernel have to an image, each where it saw it.
    #[inline(always)]
    fn add_columns(&self, sums: &[f32], image: &mut [f32]) {
        let plan = self.plan;
        image.fill(0.0);
        for (column, sums) in sums.chunks_exact(plan.input_plane).enumerate() {
            let ((first, seen), columns) = plan.columns_in_image(column);
            let sums = sums.chunks_exact(plan.pitch).skip(plan.shape.padding);
            for (image, sums) in image.chunks_exact_mut(plan.shape.width).zip(sums) {
                add_row(
                    &mut image[seen..seen + columns],
                    &sums[first..first + columns],
                );
            }
        }
    }
}

/// The convolutions, one for each phase, that make the input's gradient.
pub(crate) struct PhaseGradients<'a> {
    plan: &'a ConvolutionPlan,
    phases: Vec<PhaseGradient>,
}

struct PhaseGradient {
    rows: Phase,
    columns: Phase,
    offsets: Offsets,
    weights: PackedWeights,
}

impl<'a> PhaseGradients<'a> {
    fn new(plan: &'a ConvolutionPlan, weight: &[f32]) -> Self {
        let shape = plan.shape;
        let phases = plan.row_phases.iter().flat_map(|&rows| {
            plan.column_phases
                .iter()
                .map(move |&columns| (rows, columns))
        });
        let has_work = |phase: &Phase| phase.count > 0 && phase.taps > 0;
        let phases = phases.filter(|(rows, columns)| has_work(rows) && has_work(columns));
        let phases = phases.map(|(rows, columns)| {
            let kernel = shape.kernel_height * shape.kernel_width;
            // Where the weight of the first input and a tap lies; found once, not for each input.
            let mut first = Vec::with_capacity(shape.outputs * rows.taps * columns.taps);
            for output in 0..shape.outputs {
                for row in (rows.start..).step_by(shape.stride).take(rows.taps) {
                    let start = output * shape.taps() + row * shape.kernel_width;
                    let columns = (columns.start..).step_by(shape.stride).take(columns.taps);
                    first.extend(columns.map(|column| start + column));
                }
            }
            let pack = |input: usize, tap: usize| weight[first[tap] + input * kernel];
            PhaseGradient {
                offsets: plan.gradient_offsets(&rows, &columns),
                weights: PackedWeights::new(shape.inputs, first.len(), pack),
                rows,
                columns,
            }
        });
        Self {
            plan,
            phases: phases.collect(),
        }
    }

    /// One sample's input gradient from the planes of its output gradient.
    fn run(&self, gradients: &[f32], input_gradient: &mut [f32]) {
        let shape = self.plan.shape;
        let (stride, pitch) = (shape.stride, self.plan.pitch);
        for phase in &self.phases {
            let PhaseGradient { rows, columns, .. } = phase;
            let positions = (rows.count - 1) * pitch + columns.count;
            let first_row = rows.start + stride * rows.first - shape.padding;
            let first_column = columns.start + stride * columns.first - shape.padding;
            planes(
                &phase.weights,
                &phase.offsets,
                positions,
                gradients,
                |channel, flat| {
                    let image = &mut input_gradient[channel * shape.input_plane()..];
                    let image = image[..shape.input_plane()].chunks_mut(shape.width);
                    let image = image.skip(first_row).step_by(stride);
                    for (row, flat) in image.zip(flat.chunks(pitch)).take(rows.count) {
                        let flat = &flat[..columns.count];
                        if stride == 1 {
                            copy_row(row, flat);
                        } else {
                            let row = row.iter_mut().skip(first_column).step_by(stride);
                            row.zip(flat).for_each(|(to, from)| *to = *from);
                        }
                    }
                },
            );
        }
    }
}
