//! The factor L of a symmetric, positive definite matrix A = L·Lᵀ (Cholesky), and the solution of A·x = b.

/// The lower triangle of a factor, rows of full length.
pub(crate) struct Factor {
    rows: Vec<f64>,
    size: usize,
}

impl Factor {
    /// Of `matrix` (size × size, of which the lower triangle counts); `None` where it is not positive
    /// definite.
    pub(crate) fn of(mut matrix: Vec<f64>, size: usize) -> Option<Self> {
        for row in 0..size {
            let (above, rest) = matrix.split_at_mut(row * size);
            let current = &mut rest[..size];
            for column in 0..row {
                let other = &above[column * size..][..=column];
                let value = current[column] - dot(&current[..column], &other[..column]);
                current[column] = value / other[column];
            }
            let diagonal = current[row] - dot(&current[..row], &current[..row]);
            if diagonal.is_nan() || diagonal <= 0.0 {
                return None;
            }
            current[row] = diagonal.sqrt();
        }
        Some(Self { rows: matrix, size })
    }

    /// The x with A·x = `right`.
    pub(crate) fn solve(&self, mut right: Vec<f64>) -> Vec<f64> {
        let row = |index: usize| &self.rows[index * self.size..][..=index];
        for index in 0..self.size {
            let row = row(index);
            right[index] = (right[index] - dot(&right[..index], &row[..index])) / row[index];
        }
        for index in (0..self.size).rev() {
            let row = row(index);
            right[index] /= row[index];
            let value = right[index];
            let before = right[..index].iter_mut().zip(row);
            before.for_each(|(right, factor)| *right -= factor * value);
        }
        right
    }
}

/// Eight sums at a time: one alone would wait for each addition.
fn dot(left: &[f64], right: &[f64]) -> f64 {
    let (left_blocks, left_rest) = left.as_chunks::<8>();
    let (right_blocks, right_rest) = right.as_chunks::<8>();
    let mut sums = [0.0; 8];
    for (left, right) in left_blocks.iter().zip(right_blocks) {
        for lane in 0..8 {
            sums[lane] += left[lane] * right[lane];
        }
    }
    let rest = left_rest.iter().zip(right_rest);
    sums.iter().sum::<f64>() + rest.map(|(left, right)| left * right).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_of_two_equations_is_solved() {
        // 4x + 2y = 10, 2x + 5y = 13: x = 1.5, y = 2.
        let factor = Factor::of(vec![4.0, 2.0, 2.0, 5.0], 2).unwrap();
        assert_eq!(factor.rows, [2.0, 2.0, 1.0, 2.0]);
        assert_eq!(factor.solve(vec![10.0, 13.0]), [1.5, 2.0]);
    }

    #[test]
    fn what_was_multiplied_is_solved_for() {
        // Positive definite: more on the diagonal than beside it.
        let size = 21;
        let at = |row: usize, column: usize| match row == column {
            true => 30.0,
            false => ((row * column) % 7) as f64 / 7.0,
        };
        let matrix = (0..size * size).map(|place| at(place / size, place % size));
        let x: Vec<f64> = (0..size).map(|place| place as f64 - 4.0).collect();
        let product = |row| (0..size).map(|column| at(row, column) * x[column]).sum();
        let factor = Factor::of(matrix.collect(), size).unwrap();
        let solved = factor.solve((0..size).map(product).collect());
        assert!(
            solved
                .iter()
                .zip(&x)
                .all(|(found, x)| (found - x).abs() < 1e-12)
        );
    }

    #[test]
    fn a_matrix_that_is_not_positive_definite_has_no_factor() {
        assert!(Factor::of(vec![1.0, 2.0, 2.0, 4.0], 2).is_none());
        assert!(Factor::of(vec![f64::NAN], 1).is_none());
    }
}
