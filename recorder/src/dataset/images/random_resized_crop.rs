//! A random part of an image, resized: the augmentation of networks for large images.
//!
//! A part of 8 % to all of the image's area, whose width and height stand in a ratio of 3/4 to 4/3
//! (Szegedy et al., *Going Deeper with Convolutions*, CVPR 2015, section 6). Areas are drawn uniformly,
//! ratios log-uniformly, and after ten parts that do not lie inside the image the middle is taken, as
//! torchvision's `RandomResizedCrop` does.

use rand::RngExt;

use crate::dataset::images::picture::Rectangle;
use crate::seeds::{Stream, stream};

/// Shares of the image's area.
const SCALES: [f64; 2] = [0.08, 1.0];
/// Width to height.
const RATIOS: [f64; 2] = [3.0 / 4.0, 4.0 / 3.0];
const TRIES: usize = 10;

/// Which random part: it can be told once the size of the image is known, which may be read later than
/// the epoch's random numbers are drawn, and by another thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CropDraw(u64);

impl CropDraw {
    /// Draws one number, however large the image is.
    pub fn draw(draws: &mut Stream) -> Self {
        Self(draws.random())
    }

    /// The part of an image of this height and width.
    pub(crate) fn part(self, [height, width]: [usize; 2]) -> Rectangle {
        let draws = &mut stream(self.0, "random resized crop");
        let (width, height) = (width as u32, height as u32);
        let area = f64::from(width) * f64::from(height);
        let log_ratios = RATIOS.map(f64::ln);
        for _ in 0..TRIES {
            let part_area = area * draws.random_range(SCALES[0]..=SCALES[1]);
            let ratio = draws.random_range(log_ratios[0]..=log_ratios[1]).exp();
            let part_width = (part_area * ratio).sqrt().round() as u32;
            let part_height = (part_area / ratio).sqrt().round() as u32;
            if (1..=width).contains(&part_width) && (1..=height).contains(&part_height) {
                return Rectangle {
                    left: draws.random_range(0..=width - part_width),
                    top: draws.random_range(0..=height - part_height),
                    width: part_width,
                    height: part_height,
                };
            }
        }
        middle(width, height)
    }
}

/// As much of the middle as has a ratio within the limits.
fn middle(width: u32, height: u32) -> Rectangle {
    let longest = |short: u32| ((f64::from(short) * RATIOS[1]).round() as u32).max(1);
    let part_width = width.min(longest(height));
    let part_height = height.min(longest(width));
    Rectangle {
        left: (width - part_width) / 2,
        top: (height - part_height) / 2,
        width: part_width,
        height: part_height,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_have_the_published_areas_and_ratios_and_lie_inside() {
        let (height, width) = (300, 400);
        let mut areas = Vec::new();
        for seed in 0..2000 {
            let part = CropDraw(seed).part([height, width]);
            assert!(part.left + part.width <= 400 && part.top + part.height <= 300);
            let ratio = f64::from(part.width) / f64::from(part.height);
            // Half a pixel of rounding at each end.
            assert!((0.74..1.35).contains(&ratio), "{part:?}");
            areas.push(f64::from(part.width * part.height) / 120_000.0);
        }
        let least = areas.iter().copied().fold(f64::INFINITY, f64::min);
        let most = areas.iter().copied().fold(0.0, f64::max);
        assert!((0.075..0.1).contains(&least) && (0.9..=1.0).contains(&most));
        // An independent simulation of torchvision's rule in Python, of 20,000 parts: 0.433. (Large parts
        // mostly stick out of the image, so it is less than the 0.54 of the uniform shares.)
        let mean = areas.iter().sum::<f64>() / areas.len() as f64;
        assert!((mean - 0.433).abs() < 0.02, "{mean}");
    }

    #[test]
    fn of_an_image_too_long_for_any_part_the_middle_is_taken() {
        // Parts of 3 × 1000 pixels would have to be wider than 3 to have the area.
        let part = CropDraw(0).part([1000, 3]);
        assert_eq!(
            (part.left, part.width, part.top, part.height),
            (0, 3, 498, 4)
        );
        assert_eq!(middle(1000, 3).width, 4);
        assert_eq!(
            middle(4, 3),
            Rectangle {
                left: 0,
                top: 0,
                width: 4,
                height: 3
            }
        );
        assert_eq!(middle(1, 1).width, 1);
    }

    #[test]
    fn a_draw_means_the_same_part_each_time() {
        let size = [64, 80];
        assert_eq!(CropDraw(7).part(size), CropDraw(7).part(size));
        assert_ne!(CropDraw(7).part(size), CropDraw(8).part(size));
    }
}
