//! What an image becomes before a pretrained network sees it, as torchvision's transforms do it: the short side
//! resized, the middle cut out, and the channels standardised by constants.

use crate::dataset::images::picture::{Picture, Rectangle};
use crate::dataset::images::resampling::Resampling;

/// torchvision's constants for ImageNet, (0.485, 0.456, 0.406) and (0.229, 0.224, 0.225), in values of a byte.
pub(crate) const IMAGENET_MEANS: [f32; 3] = [123.675, 116.28, 103.53];
pub(crate) const IMAGENET_DEVIATIONS: [f32; 3] = [58.395, 57.12, 57.375];

/// How images are made ready.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Preprocessing {
    /// The length of the short side after resizing, in pixels.
    pub(crate) resize: u32,
    /// The side of the square that is cut out, in pixels; `resize` at most.
    pub(crate) side: u32,
    pub(crate) resampling: Resampling,
    /// Subtracted from the bytes of each channel.
    pub(crate) means: [f32; 3],
    /// What the rest is divided by.
    pub(crate) deviations: [f32; 3],
}

impl Preprocessing {
    /// At another size, where one is asked for; without `resize` the short side gets that of the square.
    pub fn sized(self, side: Option<u32>, resize: Option<u32>) -> Self {
        let side_or_own = side.unwrap_or(self.side);
        Self {
            side: side_or_own,
            resize: resize.or(side).unwrap_or(self.resize),
            ..self
        }
    }

    /// Brings the short side of an image to its length.
    pub(crate) fn resized(&self, picture: Picture) -> Picture {
        let [height, width] = picture.size.map(|length| length as u64);
        let short = height.min(width).max(1);
        let resized = |length: u64| (length * u64::from(self.resize) / short) as usize;
        picture.resampled([resized(height), resized(width)], self.resampling)
    }

    /// The square in the middle of an image that was resized.
    pub(crate) fn square(&self, picture: Picture) -> Picture {
        let [top, left] = picture.size.map(|length| middle(length as u32, self.side));
        match picture.size == [self.side as usize; 2] {
            true => picture,
            false => picture.part(Rectangle {
                left,
                top,
                width: self.side,
                height: self.side,
            }),
        }
    }

    /// Writes the square to `planes` (3 × side × side), gray to all three.
    pub(crate) fn standardise(&self, square: &Picture, planes: &mut [f32]) {
        let plane = (self.side as usize).pow(2);
        for (channel, plane) in planes.chunks_exact_mut(plane).enumerate() {
            let (mean, deviation) = (self.means[channel], self.deviations[channel]);
            let values = square.values.iter();
            let values = values
                .skip(channel % square.channels.max(1))
                .step_by(square.channels.max(1));
            for (to, &value) in plane.iter_mut().zip(values) {
                *to = (f32::from(value) - mean) / deviation;
            }
        }
    }

    /// For people, and as the key of what was made with it.
    pub(crate) fn in_words(&self) -> String {
        let filter = match self.resampling {
            Resampling::Bilinear => "bilinear",
            Resampling::Bicubic => "bicubic",
        };
        let cut = match self.resize == self.side {
            true => String::new(),
            false => format!(", of which the middle {0}×{0}", self.side),
        };
        format!(
            "{filter} to {} pixels{cut}, (x − {:?}) / {:?}",
            self.resize, self.means, self.deviations
        )
    }
}

/// Half of what is left, rounded half to even as Python does.
fn middle(length: u32, side: u32) -> u32 {
    let rest = length - side;
    match rest % 4 {
        3 => rest / 2 + 1,
        _ => rest / 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `int(round(rest / 2))` of Python, for rests of 0 to 7.
    #[test]
    fn the_middle_is_that_of_torchvision() {
        let middles: Vec<u32> = (0..8).map(|rest| middle(10 + rest, 10)).collect();
        assert_eq!(middles, [0, 0, 1, 2, 2, 2, 3, 4]);
    }

    #[test]
    fn gray_is_shown_in_three_colours_and_bytes_are_standardised() {
        let preprocessing = Preprocessing {
            resize: 2,
            side: 2,
            resampling: Resampling::Bicubic,
            means: [127.0, 0.0, 255.0],
            deviations: [128.0, 1.0, 2.0],
        };
        // Of four columns the middle two are kept.
        let picture = Picture {
            size: [2, 4],
            channels: 1,
            values: vec![9, 127, 255, 9, 9, 127, 255, 9],
        };
        let square = preprocessing.square(picture);
        let mut planes = [0.0; 12];
        preprocessing.standardise(&square, &mut planes);
        let expected = [0.0, 1.0, 0.0, 1.0, 127.0, 255.0, 127.0, 255.0];
        assert_eq!(planes[..8], expected);
        assert_eq!(planes[8..], [-64.0, 0.0, -64.0, 0.0]);
    }
}
