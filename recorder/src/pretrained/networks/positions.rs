//! Position embeddings for another number of patches than a transformer was trained with: the square of them resized as
//! an image is, bicubically and with antialiasing, as timm does it.

use crate::dataset::images::resampling::{Resampling, Window, windows};

/// `positions` are that of the class token and a square of others, each of `width` numbers; the class token stays.
pub(crate) fn resampled_positions(
    positions: &[f32],
    width: usize,
    [rows, columns]: [usize; 2],
) -> Vec<f32> {
    let (class, square) = positions.split_at(width);
    let side = (square.len() / width).isqrt();
    if [side, side] == [rows, columns] {
        return positions.to_vec();
    }
    let horizontal = windows(side, columns, Resampling::Bicubic);
    let vertical = windows(side, rows, Resampling::Bicubic);
    let mut wide = Vec::with_capacity(side * columns * width);
    for row in square.chunks_exact(side * width) {
        for window in &horizontal {
            wide.extend(weighted(row, width, window));
        }
    }
    let mut resized = class.to_vec();
    for window in &vertical {
        resized.extend(weighted(&wide, columns * width, window));
    }
    resized
}

/// The weighted sum of vectors of so many numbers.
fn weighted(vectors: &[f32], width: usize, window: &Window) -> Vec<f32> {
    let mut sums = vec![0f64; width];
    let vectors = vectors.chunks_exact(width).skip(window.first);
    for (vector, weight) in vectors.zip(&window.weights) {
        for (sum, &value) in sums.iter_mut().zip(vector) {
            *sum += weight * f64::from(value);
        }
    }
    sums.into_iter().map(|sum| sum as f32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `F.interpolate(mode='bicubic', antialias=True)` of PyTorch 2.15.
    #[test]
    fn positions_are_resized_as_pytorch_does_and_the_class_token_stays() {
        // 0, 1, 4, 9, … in a square of 4×4, a number each, behind that of the class token.
        let positions: Vec<f32> = [-5.0]
            .into_iter()
            .chain((0..16).map(|n| (n * n) as f32))
            .collect();
        let found = resampled_positions(&positions, 1, [3, 3]);
        let pytorch = [
            -5.0,
            1.572_344_4,
            5.846_608_6,
            13.413_925,
            40.101_82,
            58.106_31,
            79.403_88,
            131.320_12,
            163.054_86,
            198.082_67,
        ];
        for (found, pytorch) in found.iter().zip(pytorch) {
            assert!((found - pytorch).abs() < 1e-4, "{found} {pytorch}");
        }
        assert_eq!(found.len(), 10);
        assert_eq!(resampled_positions(&positions, 1, [4, 4]), positions);
    }
}
