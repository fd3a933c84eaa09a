//! What is noted of every image when it is read for the first time: so that a checksum, and mean and
//! deviation of each channel, are known of any selection of images without decoding them again.

use crate::dataset::images::decoding::Seen;
use crate::dataset::images::picture::Picture;

/// Of one image, brought to its size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct ImageStats {
    /// Of the file as it is stored: tells whether it is still the same.
    pub encoded_crc32: u32,
    /// Of the pixels, height × width × channels.
    pub crc32: u32,
    /// Pixels × channels.
    pub byte_count: u32,
    /// Width and height of the image as it is stored.
    pub original_size: [u32; 2],
    /// 1 for grayscale, or 3.
    pub channels: u8,
    /// What was done to it when it was decoded.
    pub seen: Seen,
    /// Of each channel. 4096² pixels of 255 fit.
    sums: [u32; 3],
    square_sums: [u64; 3],
}

impl ImageStats {
    /// `original_size` is width and height before `picture` was brought to its size.
    pub(crate) fn of(
        encoded: &[u8],
        original_size: [u32; 2],
        seen: Seen,
        picture: &Picture,
    ) -> Self {
        let (mut sums, mut square_sums) = ([0; 3], [0; 3]);
        for pixel in picture.values.chunks_exact(picture.channels.max(1)) {
            for (channel, &value) in pixel.iter().enumerate() {
                sums[channel] += u32::from(value);
                square_sums[channel] += u64::from(value) * u64::from(value);
            }
        }
        Self {
            encoded_crc32: crc32fast::hash(encoded),
            crc32: crc32fast::hash(&picture.values),
            byte_count: picture.values.len() as u32,
            original_size,
            channels: picture.channels as u8,
            seen,
            sums,
            square_sums,
        }
    }

    fn channel(&self, channel: usize) -> (u64, u64, u64) {
        // Gray goes to every channel.
        let channel = channel.min(usize::from(self.channels).saturating_sub(1));
        let pixels = u64::from(self.byte_count) / u64::from(self.channels.max(1));
        (pixels, self.sums[channel].into(), self.square_sums[channel])
    }
}

/// Mean and variance of one channel of some images. The sums are whole numbers, so that their order
/// does not matter.
pub(crate) fn moments<'a>(
    images: impl Iterator<Item = &'a ImageStats>,
    channel: usize,
) -> (f64, f64) {
    let mut total = (0u64, 0u64, 0u64);
    for image in images {
        let (pixels, sum, squares) = image.channel(channel);
        total = (total.0 + pixels, total.1 + sum, total.2 + squares);
    }
    let (count, sum, squares) = (total.0.max(1), total.1, total.2);
    let spread = u128::from(count) * u128::from(squares) - u128::from(sum) * u128::from(sum);
    let count = count as f64;
    (sum as f64 / count, spread as f64 / count / count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_those_of_all_pixels_and_gray_counts_in_every_channel() {
        let picture = |channels, values: &[u8]| Picture {
            size: [1, 2],
            channels,
            values: values.to_vec(),
        };
        // Green is 1 and 3, then 2 and 6 of the gray image: mean 3, squares 1 + 9 + 4 + 36 = 50.
        let colour = ImageStats::of(
            &[],
            [2, 1],
            Seen::default(),
            &picture(3, &[9, 1, 0, 9, 3, 0]),
        );
        let gray = ImageStats::of(&[], [2, 1], Seen::default(), &picture(1, &[2, 6]));
        assert_eq!(moments([colour, gray].iter(), 1), (3.0, 50.0 / 4.0 - 9.0));
        assert_eq!(moments([gray].iter(), 0), (4.0, 4.0));
    }
}
