//! Changes of the training images that leave their class as it is, drawn anew in each epoch: a crop
//! from the image with a black border, and a mirror image every other time (He et al., CVPR 2016,
//! section 4.2; so train Pleiss et al. 2020); for large images a random part, resized.

use rand::RngExt;
use serde::Serialize;

use crate::dataset::images::random_resized_crop::CropDraw;
use crate::seeds::Stream;

/// How training images are changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Augmentation {
    /// The width of the black border that crops may reach into, in pixels; 0 for no crops.
    pub crop_padding: u32,
    /// Whether every other image is mirrored.
    pub flip: bool,
    /// Whether a random part of each image is resized to the whole.
    pub random_resized_crop: bool,
}

/// Where an image is put: a part of it is resized, or it is shifted by these pixels, with black where nothing comes to lie, and then
/// mirrored or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Placement {
    /// Downwards.
    pub down: i32,
    /// To the right.
    pub right: i32,
    /// Left and right change places, after the shift.
    pub is_mirrored: bool,
    /// The part that is taken.
    pub crop: Option<CropDraw>,
}

impl Augmentation {
    /// Whether images stay as they are.
    pub fn is_none(self) -> bool {
        self == Self::default()
    }

    /// Draws where an image is put. The count of random numbers does not depend on the settings.
    pub fn draw(self, draws: &mut Stream) -> Placement {
        let padding = self.crop_padding.cast_signed();
        let down = draws.random_range(-padding..=padding);
        let right = draws.random_range(-padding..=padding);
        let is_mirrored = draws.random::<bool>();
        let crop = CropDraw::draw(draws);
        Placement {
            down,
            right,
            is_mirrored: is_mirrored && self.flip,
            crop: self.random_resized_crop.then_some(crop),
        }
    }
}

impl Placement {
    /// Whether the image stays where it is.
    pub fn is_identity(self) -> bool {
        self == Self::default()
    }

    /// The part of an image row (or column) of `length` pixels that can be seen after a shift, where
    /// it begins in the result, and how long it is.
    fn visible(shift: i32, length: usize) -> (usize, usize, usize) {
        let distance = (shift.unsigned_abs() as usize).min(length);
        match shift {
            0.. => (0, distance, length - distance),
            _ => (distance, 0, length - distance),
        }
    }

    /// Puts one channel of `width` pixels a row from `image` to `result` and fills with `black`;
    /// `convert` makes the values of the result.
    pub(crate) fn place<T: Copy>(
        self,
        image: &[T],
        width: usize,
        black: f32,
        convert: impl Fn(T) -> f32,
        result: &mut [f32],
    ) {
        let height = image.len() / width;
        let (top, first_row, rows) = Self::visible(self.down, height);
        let (left, first_column, columns) = Self::visible(self.right, width);
        result.fill(black);
        let result_rows = result.chunks_exact_mut(width).skip(first_row).take(rows);
        for (result, row) in result_rows.zip(image.chunks_exact(width).skip(top)) {
            let result = &mut result[first_column..first_column + columns];
            for (result, &value) in result.iter_mut().zip(&row[left..left + columns]) {
                *result = convert(value);
            }
        }
        if self.is_mirrored {
            result.chunks_exact_mut(width).for_each(<[f32]>::reverse);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seeds::stream;
    use std::collections::BTreeSet;

    fn placed(down: i32, right: i32, is_mirrored: bool) -> Vec<f32> {
        let placement = Placement {
            down,
            right,
            is_mirrored,
            crop: None,
        };
        // 1 2 3
        // 4 5 6
        let mut result = vec![9.0; 6];
        placement.place(&[1u8, 2, 3, 4, 5, 6], 3, 0.0, f32::from, &mut result);
        result
    }

    #[test]
    fn an_image_is_shifted_and_mirrored_with_black_around() {
        assert_eq!(placed(0, 0, false), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        assert_eq!(placed(1, 0, false), [0.0, 0.0, 0.0, 1.0, 2.0, 3.0]);
        assert_eq!(placed(-1, 1, false), [0.0, 4.0, 5.0, 0.0, 0.0, 0.0]);
        assert_eq!(placed(0, -1, true), [0.0, 3.0, 2.0, 0.0, 6.0, 5.0]);
        assert_eq!(placed(5, -7, true), [0.0; 6]);
    }

    #[test]
    fn every_shift_within_the_border_is_drawn_and_none_beyond() {
        let augmentation = Augmentation {
            crop_padding: 1,
            flip: true,
            random_resized_crop: false,
        };
        let draws = &mut stream(1, "test");
        let drawn: BTreeSet<(i32, i32, bool)> = (0..1000)
            .map(|_| augmentation.draw(draws))
            .map(|placement| (placement.down, placement.right, placement.is_mirrored))
            .collect();
        assert_eq!(drawn.len(), 3 * 3 * 2);
        assert!(
            drawn
                .iter()
                .all(|(down, right, _)| down.abs() <= 1 && right.abs() <= 1)
        );
    }

    #[test]
    fn without_augmentation_an_image_stays() {
        let draws = &mut stream(1, "test");
        assert!((0..20).all(|_| Augmentation::default().draw(draws).is_identity()));
    }
}
