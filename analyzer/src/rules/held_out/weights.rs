//! A step towards the weights that make labels likeliest: Newton's, for the few weights of some models.

/// Longer steps than this leave the place where the curvature was measured.
const LONGEST_STEP: f64 = 0.5;
/// Beyond so much weight, log probabilities of 1 and 0 are what is left.
const HIGHEST: f64 = 8.0;
/// Added to the curvature, in shares of a sample: two models can say the same.
const LEAST_CURVATURE: f64 = 1e-6;

/// Slope and curvature (models × models) of the log likelihood of labels of so many samples.
#[derive(Debug, Clone)]
pub(crate) struct Slope {
    pub(crate) gradient: Vec<f64>,
    pub(crate) curvature: Vec<f64>,
    pub(crate) samples: usize,
}

impl Slope {
    pub(crate) fn new(models: usize, samples: usize) -> Self {
        Self {
            gradient: vec![0.0; models],
            curvature: vec![0.0; models * models],
            samples,
        }
    }

    /// Moves the weights, which stay between 0 and [`HIGHEST`]; returns the longest way of one.
    pub(crate) fn step(mut self, weights: &mut [f64]) -> f64 {
        let size = weights.len();
        let least = LEAST_CURVATURE * self.samples as f64;
        (0..size).for_each(|model| self.curvature[model * (size + 1)] += least);
        let steps = solve(self.curvature, self.gradient);
        let mut longest: f64 = 0.0;
        for (weight, step) in weights.iter_mut().zip(steps) {
            let moved = (*weight + step.clamp(-LONGEST_STEP, LONGEST_STEP)).clamp(0.0, HIGHEST);
            longest = longest.max((moved - *weight).abs());
            *weight = moved;
        }
        longest
    }
}

/// The x with A·x = b for a positive definite A, by elimination.
fn solve(mut matrix: Vec<f64>, mut right: Vec<f64>) -> Vec<f64> {
    let size = right.len();
    for pivot in 0..size {
        for row in pivot + 1..size {
            let factor = matrix[row * size + pivot] / matrix[pivot * size + pivot];
            for column in pivot..size {
                matrix[row * size + column] -= factor * matrix[pivot * size + column];
            }
            right[row] -= factor * right[pivot];
        }
    }
    for row in (0..size).rev() {
        let known = (row + 1..size).map(|column| matrix[row * size + column] * right[column]);
        right[row] = (right[row] - known.sum::<f64>()) / matrix[row * size + row];
    }
    right
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_equations_are_solved() {
        // 4x + 2y = 10, 2x + 5y = 13: x = 1.5, y = 2.
        assert_eq!(
            solve(vec![4.0, 2.0, 2.0, 5.0], vec![10.0, 13.0]),
            [1.5, 2.0]
        );
    }

    #[test]
    fn a_step_is_newtons_but_no_longer_than_half() {
        let slope = |gradient: [f64; 2]| Slope {
            gradient: gradient.to_vec(),
            curvature: vec![10.0, 0.0, 0.0, 10.0],
            samples: 0,
        };
        let mut weights = [1.0, 0.1];
        assert_eq!(slope([2.5, -4.0]).step(&mut weights), 0.25);
        assert_eq!(weights, [1.25, 0.0]);
        assert_eq!(slope([90.0, 0.0]).step(&mut weights), 0.5);
    }
}
