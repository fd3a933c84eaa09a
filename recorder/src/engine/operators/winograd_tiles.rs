//! Which tiles of a batch are transformed together, and where their values lie.

use crate::engine::operators::convolution_kernels::WIDEST;

/// Rows and columns of a tile's outputs, and of the inputs that they depend on.
pub(crate) const TILE: usize = 4;
pub(crate) const WINDOW: usize = 6;
/// Products a tile and pair of channels.
pub(crate) const POINTS: usize = WINDOW * WINDOW;

/// Values before and after a line that a register may reach into.
pub(crate) const MARGIN: usize = TILE * WIDEST;

/// Tiles of consecutive tile rows, which may belong to several samples.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tiles {
    pub(crate) height: usize,
    pub(crate) width: usize,
    /// The first tile row, counted through all samples, and the number of tile rows.
    pub(crate) first_row: usize,
    pub(crate) rows: usize,
}

impl Tiles {
    pub(crate) fn rows_of_sample(&self) -> usize {
        self.height.div_ceil(TILE)
    }

    pub(crate) fn columns(&self) -> usize {
        self.width.div_ceil(TILE)
    }

    /// Values of a line that belong to a tile row.
    pub(crate) fn pitch(&self) -> usize {
        TILE * self.columns()
    }

    /// Tiles, rounded up to full registers.
    pub(crate) fn lanes(&self) -> usize {
        (self.rows * self.columns()).next_multiple_of(WIDEST)
    }

    pub(crate) fn line(&self) -> usize {
        2 * MARGIN + TILE * self.lanes()
    }

    /// Values that the lines of one channel take.
    pub(crate) fn lines(&self) -> usize {
        WINDOW * self.line()
    }

    /// The sample and y of a row of outputs, of four for each tile row.
    pub(crate) fn image_row(&self, row: usize) -> (usize, usize) {
        let (sample, row_of_sample) = self.place(row / TILE);
        (sample, row_of_sample * TILE + row % TILE)
    }

    /// The sample, and the tile row within it.
    pub(crate) fn place(&self, row: usize) -> (usize, usize) {
        let row = self.first_row + row;
        (row / self.rows_of_sample(), row % self.rows_of_sample())
    }

    /// How far apart the rows lie that [`OutputTiles`] writes: such that a register that reaches beyond a row
    /// reaches only into what is written after it.
    pub(crate) fn row_pitch(&self) -> usize {
        if WIDEST.is_multiple_of(self.pitch()) {
            self.pitch()
        } else {
            self.pitch().next_multiple_of(WIDEST)
        }
    }

    /// Length of what [`OutputTiles`] writes.
    pub(crate) fn output_length(&self) -> usize {
        self.rows * TILE * self.row_pitch() + WIDEST
    }
}
