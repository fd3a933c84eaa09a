//! A factor of a matrix product, wherever its elements lie: what the products of trained and of frozen layers take.

/// Its values and how far apart its rows and its columns lie.
#[derive(Clone, Copy)]
pub(crate) struct Matrix<'a> {
    pub(crate) values: &'a [f32],
    pub(crate) row_step: usize,
    pub(crate) column_step: usize,
}

impl<'a> Matrix<'a> {
    /// Row after row, each of `length`.
    pub(crate) fn rows(values: &'a [f32], length: usize) -> Self {
        Self {
            values,
            row_step: length,
            column_step: 1,
        }
    }

    /// Column after column, each of `length`.
    pub(crate) fn columns(values: &'a [f32], length: usize) -> Self {
        Self::rows(values, length).transposed()
    }

    pub(crate) fn transposed(self) -> Self {
        Self {
            row_step: self.column_step,
            column_step: self.row_step,
            ..self
        }
    }

    /// Whether so many rows and columns, one each at least, lie within the values.
    pub(crate) fn has(&self, rows: usize, columns: usize) -> bool {
        (rows - 1) * self.row_step + (columns - 1) * self.column_step < self.values.len()
    }
}
