//! Resizes images as Pillow does, to the bit: what pretrained networks saw was made by it.
//!
//! Each output value is a weighted mean of the input values around its place, by a filter that is as wide as
//! the scale (so that nothing is skipped where an image is made smaller). Rows first, rounded to bytes, then
//! columns; weights are whole multiples of 2⁻²².

use crate::dataset::images::picture::Picture;

/// Bits behind the point of a weight, so that 255 times the sum of the weights fits into 32 bits.
const FRACTION_BITS: u32 = 22;

/// The weight of a value by its distance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Resampling {
    /// A triangle.
    Bilinear,
    /// Keys' cubic with a = −1/2.
    Bicubic,
}

impl Resampling {
    /// Beyond this distance the weight is 0, where the image keeps its size.
    fn support(self) -> f64 {
        match self {
            Resampling::Bilinear => 1.0,
            Resampling::Bicubic => 2.0,
        }
    }

    fn weight(self, distance: f64) -> f64 {
        let x = distance.abs();
        match self {
            Resampling::Bilinear => (1.0 - x).max(0.0),
            Resampling::Bicubic if x < 1.0 => (1.5 * x - 2.5) * x * x + 1.0,
            Resampling::Bicubic if x < 2.0 => ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0,
            Resampling::Bicubic => 0.0,
        }
    }
}

/// Which input values make one output value, and their weights.
pub(crate) struct Window<Weight = f64> {
    pub(crate) first: usize,
    pub(crate) weights: Vec<Weight>,
}

/// The windows that make `to` values of `from`.
pub(crate) fn windows(from: usize, to: usize, filter: Resampling) -> Vec<Window> {
    let scale = from as f64 / to as f64;
    let width = scale.max(1.0);
    let support = filter.support() * width;
    let window = |at: usize| {
        let centre = (at as f64 + 0.5) * scale;
        // Truncated towards 0, as in C.
        let first = (centre - support + 0.5).max(0.0) as usize;
        let end = ((centre + support + 0.5) as usize).min(from);
        let weight = |x: usize| filter.weight((x as f64 - centre + 0.5) / width);
        let weights: Vec<f64> = (first..end).map(weight).collect();
        let sum: f64 = weights.iter().sum();
        Window {
            first,
            weights: weights.iter().map(|weight| weight / sum).collect(),
        }
    };
    (0..to).map(window).collect()
}

/// The same with weights in multiples of 2⁻²².
fn whole_windows(from: usize, to: usize, filter: Resampling) -> impl Iterator<Item = Window<i32>> {
    let one = f64::from(1 << FRACTION_BITS);
    let whole = move |weight: &f64| (weight * one).round() as i32;
    windows(from, to, filter)
        .into_iter()
        .map(move |window| Window {
            first: window.first,
            weights: window.weights.iter().map(whole).collect(),
        })
}

fn byte(sum: i32) -> u8 {
    (sum >> FRACTION_BITS).clamp(0, 255) as u8
}

const HALF: i32 = 1 << (FRACTION_BITS - 1);

impl Picture {
    /// Resized to this height and width.
    pub(crate) fn resampled(self, [height, width]: [usize; 2], filter: Resampling) -> Self {
        let mut picture = self;
        if picture.size[1] != width {
            picture = match picture.channels {
                3 => picture.with_rows::<3>(width, filter),
                _ => picture.with_rows::<1>(width, filter),
            };
        }
        match picture.size[0] == height {
            true => picture,
            false => picture.with_columns(height, filter),
        }
    }

    /// Its rows resized to `width` pixels.
    fn with_rows<const CHANNELS: usize>(&self, width: usize, filter: Resampling) -> Self {
        let windows: Vec<Window<i32>> = whole_windows(self.size[1], width, filter).collect();
        let mut values = Vec::with_capacity(self.size[0] * width * CHANNELS);
        for row in self.values.chunks_exact((self.size[1] * CHANNELS).max(1)) {
            let (pixels, _) = row.as_chunks::<CHANNELS>();
            for window in &windows {
                let mut sums = [HALF; CHANNELS];
                for (pixel, weight) in pixels[window.first..].iter().zip(&window.weights) {
                    for (sum, &value) in sums.iter_mut().zip(pixel) {
                        *sum += weight * i32::from(value);
                    }
                }
                values.extend(sums.map(byte));
            }
        }
        Self {
            size: [self.size[0], width],
            channels: CHANNELS,
            values,
        }
    }

    /// Its columns resized to `height` pixels.
    fn with_columns(&self, height: usize, filter: Resampling) -> Self {
        let row = self.size[1] * self.channels;
        let mut values = Vec::with_capacity(height * row);
        let mut sums = vec![0; row];
        for window in whole_windows(self.size[0], height, filter) {
            sums.fill(HALF);
            let rows = self.values[window.first * row..].chunks_exact(row.max(1));
            for (row, weight) in rows.zip(window.weights) {
                for (sum, &value) in sums.iter_mut().zip(row) {
                    *sum += weight * i32::from(value);
                }
            }
            values.extend(sums.iter().map(|&sum| byte(sum)));
        }
        Self {
            size: [height, self.size[1]],
            channels: self.channels,
            values,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gray(height: usize, width: usize) -> Picture {
        Picture {
            size: [height, width],
            channels: 1,
            values: (0..height * width)
                .map(|at| (at * 89 % 256) as u8)
                .collect(),
        }
    }

    /// `Image.fromarray(a).resize((width, height), filter)` of Pillow 13.0.0, of the same values.
    #[test]
    fn images_are_resized_as_pillow_does() {
        let smaller = gray(7, 9).resampled([4, 5], Resampling::Bicubic);
        let pillow = [
            63, 127, 116, 108, 165, 114, 142, 155, 143, 112, 170, 107, 142, 128, 132, 157, 140, 87,
            147, 91,
        ];
        assert_eq!(smaller.values, pillow);
        let larger = gray(4, 3).resampled([5, 7], Resampling::Bicubic);
        let pillow = [
            0, 8, 44, 89, 134, 170, 187, 1, 15, 51, 96, 141, 177, 194, 7, 25, 61, 106, 151, 187,
            204, 17, 34, 70, 115, 160, 196, 213, 24, 41, 77, 122, 167, 203, 220,
        ];
        assert_eq!(larger.values, pillow);
        let smaller = gray(7, 9).resampled([4, 5], Resampling::Bilinear);
        let pillow = [
            68, 126, 117, 108, 160, 115, 142, 152, 137, 115, 162, 110, 142, 131, 128, 156, 137, 91,
            146, 97,
        ];
        assert_eq!(smaller.values, pillow);
    }

    #[test]
    fn a_constant_image_stays_constant_and_colours_stay_apart() {
        let picture = Picture {
            size: [7, 5],
            channels: 3,
            values: [200, 3, 77].repeat(35),
        };
        let resized = picture.resampled([3, 11], Resampling::Bicubic);
        assert_eq!((resized.size, resized.channels), ([3, 11], 3));
        assert_eq!(resized.values, [200, 3, 77].repeat(33));
    }
}
