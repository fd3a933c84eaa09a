//! How a 2-D convolution is laid out in memory so that it becomes sums over shifted rows.
//!
//! A padded plane of the input is written row after row at a fixed *pitch*. Then the output at the
//! flat position y·pitch + x is Σ weight[j] · plane[offset(j) + position], with an offset for each
//! tap j = (channel, kernel row, kernel column) that does not depend on the position: sixteen
//! positions make one AVX-512 register, whatever the size of the image. Positions in the gap
//! between two rows are computed and thrown away. Between rows, the zeros right of one are those
//! left of the next, so the gap is as wide as the padding.
//!
//! Where images are small beside the kernel, the gaps are a large part of all positions: LeNet's second convolution
//! computes 92 for 64. There each column of the kernel has a plane of its own, shifted by as much and cut to the
//! output's width, and nothing lies between two rows. Copying an image several times is soon done beside the sums over it.
//!
//! A stride s splits the padded plane into s × s phases (every s-th row and column); each is a plane
//! with stride 1. The input's gradient is a convolution of the output's gradient, phase by phase.

use candle_core::{Result, bail};

use crate::engine::operators::instructions::WIDEST;

/// Zeros after the last value, so that a kernel may read a whole tile of registers (three of
/// sixteen values) at the last position.
pub(crate) const SLACK: usize = 48;

/// The sizes of a convolution, of square stride and padding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ConvolutionShape {
    pub(crate) samples: usize,
    pub(crate) inputs: usize,  // channels
    pub(crate) outputs: usize, // channels
    pub(crate) height: usize,
    pub(crate) width: usize,
    pub(crate) kernel_height: usize,
    pub(crate) kernel_width: usize,
    pub(crate) stride: usize,
    pub(crate) padding: usize,
}

impl ConvolutionShape {
    pub(crate) fn new(
        input: (usize, usize, usize, usize),
        weight: (usize, usize, usize, usize),
        stride: usize,
        padding: usize,
    ) -> Result<Self> {
        let (samples, inputs, height, width) = input;
        let (outputs, weight_inputs, kernel_height, kernel_width) = weight;
        if inputs != weight_inputs {
            bail!("conv2d: the input has {inputs} channels, the weight is for {weight_inputs}");
        }
        let (tall, wide) = (height + 2 * padding, width + 2 * padding);
        if stride == 0 || kernel_height > tall || kernel_width > wide {
            bail!(
                "conv2d: a {kernel_height}×{kernel_width} kernel with stride {stride} does not fit images of {height}×{width} with padding {padding}"
            );
        }
        if samples * inputs * outputs * kernel_height * kernel_width == 0 {
            bail!("conv2d: no samples, channels or kernel");
        }
        Ok(Self {
            samples,
            inputs,
            outputs,
            height,
            width,
            kernel_height,
            kernel_width,
            stride,
            padding,
        })
    }

    pub(crate) const fn output_height(&self) -> usize {
        (self.height + 2 * self.padding - self.kernel_height) / self.stride + 1
    }

    pub(crate) const fn output_width(&self) -> usize {
        (self.width + 2 * self.padding - self.kernel_width) / self.stride + 1
    }

    pub(crate) const fn input_plane(&self) -> usize {
        self.height * self.width
    }

    pub(crate) const fn output_plane(&self) -> usize {
        self.output_height() * self.output_width()
    }

    /// Input values that one output value depends on.
    pub(crate) const fn taps(&self) -> usize {
        self.inputs * self.kernel_height * self.kernel_width
    }
}

/// One of the s × s planes that a stride splits a padded input plane into, along one axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Phase {
    /// The first padded row (or column) of the phase.
    pub(crate) start: usize,
    /// The first and the number of its rows that lie in the image, not in the padding.
    pub(crate) first: usize,
    pub(crate) count: usize,
    /// Kernel rows that meet this phase: start, start + s, …
    pub(crate) taps: usize,
}

impl Phase {
    fn all(size: usize, kernel: usize, stride: usize, padding: usize) -> Vec<Phase> {
        let phase = |start: usize| {
            let first = padding.saturating_sub(start).div_ceil(stride);
            // Rows below `end` have their padded row start + s·row below padding + size.
            let end = (padding + size).saturating_sub(start).div_ceil(stride);
            Phase {
                start,
                first,
                count: end.saturating_sub(first),
                taps: kernel.saturating_sub(start).div_ceil(stride),
            }
        };
        (0..stride).map(phase).collect()
    }

    /// Rows of zeros that the output's gradient needs before its first and after its last row
    /// (of `outputs`).
    fn margins(&self, outputs: usize) -> (usize, usize) {
        if self.count == 0 || self.taps == 0 {
            return (0, 0);
        }
        let before = (self.taps - 1).saturating_sub(self.first);
        let after = (self.first + self.count).saturating_sub(outputs);
        (before, after)
    }
}

/// Where the taps of a convolution begin.
#[derive(Debug, Default)]
pub(crate) struct Offsets {
    values: Vec<usize>,
    largest: usize,
}

impl Offsets {
    pub(crate) fn new(values: Vec<usize>) -> Self {
        Self {
            largest: values.iter().copied().max().unwrap_or(0),
            values,
        }
    }

    #[inline(always)]
    pub(crate) fn values(&self) -> &[usize] {
        &self.values
    }

    /// At least as large as each of the values.
    pub(crate) fn largest(&self) -> usize {
        self.largest
    }
}

/// Where everything lies in the flat planes of a convolution.
#[derive(Debug)]
pub(crate) struct ConvolutionPlan {
    pub(crate) shape: ConvolutionShape,
    pub(crate) pitch: usize,
    pub(crate) row_phases: Vec<Phase>,
    pub(crate) column_phases: Vec<Phase>,
    /// Length of one phase of one input channel, and of one channel of the output's gradient.
    pub(crate) input_plane: usize,
    pub(crate) gradient_plane: usize,
    /// Where the first value of the output's gradient lies in its plane.
    pub(crate) gradient_start: usize,
    /// Flat positions of an output plane, gaps between rows included.
    pub(crate) positions: usize,
    /// Where each tap (channel, kernel row, kernel column) begins in a sample's input planes.
    pub(crate) offsets: Offsets,
    /// Whether each column of the kernel has a plane of its own.
    pub(crate) is_by_column: bool,
    top: usize,
    left: usize,
}

impl ConvolutionPlan {
    pub(crate) fn new(shape: ConvolutionShape) -> Self {
        let plan = Self::by_phase(shape);
        let by_column = Self::by_column(shape);
        let registers = |plan: &Self| plan.positions.div_ceil(WIDEST);
        let mut plan = if shape.stride == 1 && 8 * registers(&by_column) <= 7 * registers(&plan) {
            by_column
        } else {
            plan
        };
        plan.offsets = plan.input_offsets();
        plan
    }

    /// A plane for each column of the kernel, for a stride of 1.
    fn by_column(shape: ConvolutionShape) -> Self {
        let (rows, pitch) = (shape.output_height(), shape.output_width());
        let positions = rows * pitch;
        Self {
            shape,
            pitch,
            row_phases: Vec::new(),
            column_phases: Vec::new(),
            input_plane: (rows + shape.kernel_height - 1) * pitch,
            gradient_plane: positions.next_multiple_of(WIDEST),
            gradient_start: 0,
            positions,
            offsets: Offsets::default(),
            is_by_column: true,
            top: 0,
            left: 0,
        }
    }

    fn by_phase(shape: ConvolutionShape) -> Self {
        let (rows, columns) = (shape.output_height(), shape.output_width());
        let (stride, padding) = (shape.stride, shape.padding);
        let row_phases = Phase::all(shape.height, shape.kernel_height, stride, padding);
        let column_phases = Phase::all(shape.width, shape.kernel_width, stride, padding);
        let (top, bottom) = largest_margins(&row_phases, rows);
        let (left, right) = largest_margins(&column_phases, columns);
        let last_row = rows - 1 + (shape.kernel_height - 1) / stride;
        let last_column = columns - 1 + (shape.kernel_width - 1) / stride;
        let pitch = pitch(&shape, &column_phases, last_column).max(columns + left.max(right));
        let positions = (rows - 1) * pitch + columns;
        let gradient_start = top * pitch + left;
        Self {
            shape,
            pitch,
            row_phases,
            column_phases,
            input_plane: last_row * pitch + (last_column + 1).max(pitch),
            gradient_plane: ((top + rows + bottom) * pitch + right)
                .max(gradient_start + positions.next_multiple_of(WIDEST)),
            gradient_start,
            positions,
            offsets: Offsets::default(),
            is_by_column: false,
            top,
            left,
        }
    }

    /// Planes of an input channel.
    fn planes(&self) -> usize {
        if self.is_by_column {
            self.shape.kernel_width
        } else {
            self.shape.stride.pow(2)
        }
    }

    /// Length of the planes of an input channel.
    pub(crate) fn channel_length(&self) -> usize {
        self.planes() * self.input_plane
    }

    /// Length of a sample's input planes.
    pub(crate) fn input_length(&self) -> usize {
        self.shape.inputs * self.channel_length() + SLACK
    }

    /// Length of the planes of a sample's output gradient.
    pub(crate) fn gradient_length(&self) -> usize {
        self.shape.outputs * self.gradient_plane + SLACK
    }

    fn input_offsets(&self) -> Offsets {
        let (shape, stride) = (&self.shape, self.shape.stride);
        let mut offsets = Vec::with_capacity(shape.taps());
        for channel in 0..shape.inputs {
            for row in 0..shape.kernel_height {
                for column in 0..shape.kernel_width {
                    let (plane, right) = if self.is_by_column {
                        (column, 0)
                    } else {
                        ((row % stride) * stride + column % stride, column / stride)
                    };
                    let plane = (channel * self.planes() + plane) * self.input_plane;
                    offsets.push(plane + row / stride * self.pitch + right);
                }
            }
        }
        Offsets::new(offsets)
    }

    /// Where each tap (output channel, kernel row, kernel column) of a phase of the input's gradient
    /// begins in the planes of the output's gradient.
    pub(crate) fn gradient_offsets(&self, rows: &Phase, columns: &Phase) -> Offsets {
        let mut offsets = Vec::new();
        for channel in 0..self.shape.outputs {
            for row in 0..rows.taps {
                for column in 0..columns.taps {
                    let y = rows.first + self.top - row;
                    let x = columns.first + self.left - column;
                    offsets.push(channel * self.gradient_plane + y * self.pitch + x);
                }
            }
        }
        Offsets::new(offsets)
    }

    /// Writes one channel of an image into its planes (which hold zeros elsewhere).
    pub(crate) fn lay_out_input(&self, image: &[f32], planes: &mut [f32]) {
        if self.is_by_column {
            for (column, plane) in planes.chunks_mut(self.input_plane).enumerate() {
                let (first, columns) = self.columns_in_image(column);
                for (y, image) in image.chunks(self.shape.width).enumerate() {
                    let start = (y + self.shape.padding) * self.pitch + first.0;
                    copy_row(
                        &mut plane[start..start + columns],
                        &image[first.1..first.1 + columns],
                    );
                }
            }
            return;
        }
        let (width, stride) = (self.shape.width, self.shape.stride);
        let padding = self.shape.padding;
        for (index, plane) in planes.chunks_mut(self.input_plane).enumerate() {
            let rows = &self.row_phases[index / stride];
            let columns = &self.column_phases[index % stride];
            // Rows past the last output's window are in the image but never read.
            let readable = self.input_plane / self.pitch;
            for row in rows.first..(rows.first + rows.count).min(readable) {
                let y = rows.start + stride * row - padding;
                let image = &image[y * width..(y + 1) * width];
                let room = self.pitch.saturating_sub(columns.first).min(columns.count);
                let start = row * self.pitch + columns.first;
                let plane = &mut plane[start..start + room];
                if stride == 1 {
                    copy_row(plane, &image[..room]);
                } else {
                    let x = columns.start + stride * columns.first - padding;
                    let image = image.iter().skip(x).step_by(stride);
                    plane
                        .iter_mut()
                        .zip(image)
                        .for_each(|(to, from)| *to = *from);
                }
            }
        }
    }

    /// The columns of the output that see the image through a column of the kernel: the first, the column of the
    /// image that it sees, and how many they are. For a stride of 1.
    pub(crate) fn columns_in_image(&self, column: usize) -> ((usize, usize), usize) {
        let ConvolutionShape { width, padding, .. } = self.shape;
        let columns = self.shape.output_width();
        let first = padding.saturating_sub(column).min(columns);
        let seen = column.saturating_sub(padding).min(width);
        ((first, seen), (columns - first).min(width - seen))
    }

    /// Writes one channel of the output's gradient into its plane (which holds zeros elsewhere).
    pub(crate) fn lay_out_gradient(&self, gradient: &[f32], plane: &mut [f32]) {
        let columns = self.shape.output_width();
        let rows = plane[self.gradient_start..].chunks_mut(self.pitch);
        for (row, gradient) in rows.zip(gradient.chunks(columns)) {
            copy_row(&mut row[..columns], gradient);
        }
    }
}

fn largest_margins(phases: &[Phase], outputs: usize) -> (usize, usize) {
    let margins = phases.iter().map(|phase| phase.margins(outputs));
    margins.fold((0, 0), |a, b| (a.0.max(b.0), a.1.max(b.1)))
}

/// The least pitch at which a row's window does not reach into values of the next row.
fn pitch(shape: &ConvolutionShape, columns: &[Phase], last_column: usize) -> usize {
    let most_columns = columns.iter().map(|phase| phase.count).max().unwrap_or(0);
    if shape.stride == 1 {
        // The zeros right of a row are those left of the next.
        (shape.width + shape.padding).max(shape.output_width())
    } else {
        (last_column + 1).max(most_columns)
    }
}

/// Does the same with two rows of an image as arrays, where they have one of the usual sizes, and as slices.
macro_rules! of_usual_length {
    ($to:ident, $from:ident, $of_arrays:expr, $of_slices:expr) => {
        of_usual_length!($to, $from, $of_arrays, $of_slices, 4 8 12 16 24 28 32)
    };
    ($to:ident, $from:ident, $of_arrays:expr, $of_slices:expr, $($length:literal)*) => {
        match ($to.len(), $from.len()) {
            $(($length, $length) => {
                let rows = ($to.first_chunk_mut::<$length>(), $from.first_chunk::<$length>());
                if let (Some($to), Some($from)) = rows {
                    $of_arrays;
                }
            })*
            _ => $of_slices,
        }
    };
}

/// Copies a row of an image. Rows of the usual sizes are copied without calling `memcpy`, which
/// takes longer to find out how than to do it.
#[inline(always)]
pub(crate) fn copy_row<T: Copy>(to: &mut [T], from: &[T]) {
    of_usual_length!(to, from, *to = *from, to.copy_from_slice(from));
}

/// Adds a row of an image to another, as quickly as [`copy_row`] copies one.
#[inline(always)]
pub(crate) fn add_row(to: &mut [f32], from: &[f32]) {
    of_usual_length!(to, from, add(to, from), add(to, from));
}

#[inline(always)]
fn add(to: &mut [f32], from: &[f32]) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to += from);
}
