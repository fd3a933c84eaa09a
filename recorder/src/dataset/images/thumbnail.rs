//! Small pictures of images, which show people what was flagged; they are not trained on.

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder};

use crate::dataset::images::picture::Picture;

/// Larger images are made smaller.
const MOST_PIXELS_A_SIDE: usize = 64;

/// A whole PNG file of an image, 64×64 pixels at most; empty for an image without pixels.
pub(crate) fn thumbnail(picture: Picture) -> Vec<u8> {
    let [height, width] = thumbnail_size(picture.size);
    let picture = match picture.size == [height, width] {
        true => picture,
        false => picture.resized(None, width as u32, height as u32),
    };
    let colours = match picture.channels {
        1 => ExtendedColorType::L8,
        _ => ExtendedColorType::Rgb8,
    };
    let mut png = Vec::new();
    let encoder =
        PngEncoder::new_with_quality(&mut png, CompressionType::Fast, FilterType::Adaptive);
    let written = encoder.write_image(&picture.values, width as u32, height as u32, colours);
    if written.is_err() {
        png.clear();
    }
    png
}

/// What the pixels of thumbnails take before they are compressed.
pub(crate) fn uncompressed_bytes<'a>(files: impl Iterator<Item = &'a [u8]>) -> u64 {
    files.filter_map(header_bytes).sum()
}

/// By the header of a PNG file: its width, its height, and whether it has colours.
fn header_bytes(png: &[u8]) -> Option<u64> {
    let number = |at: usize| Some(u32::from_be_bytes(*png.get(at..)?.first_chunk::<4>()?));
    let channels = if *png.get(25)? == 0 { 1 } else { 3 };
    Some(u64::from(number(16)?) * u64::from(number(20)?) * channels)
}

/// Bytes of the pixels of a thumbnail, before they are compressed.
pub(crate) fn thumbnail_bytes(size: [usize; 2], channels: usize) -> u64 {
    let pixels: usize = thumbnail_size(size).iter().product();
    pixels as u64 * channels as u64
}

/// Height and width of the thumbnail of an image of this height and width.
fn thumbnail_size(size: [usize; 2]) -> [usize; 2] {
    let long = size[0].max(size[1]);
    match long <= MOST_PIXELS_A_SIDE {
        true => size,
        false => size.map(|side| (side * MOST_PIXELS_A_SIDE / long).max(1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thumbnail_is_64_pixels_a_side_at_most() {
        assert_eq!(thumbnail_size([20, 64]), [20, 64]);
        assert_eq!(thumbnail_size([28, 28]), [28, 28]);
        assert_eq!(thumbnail_size([128, 256]), [32, 64]);
        assert_eq!(thumbnail_size([2, 2000]), [1, 64]);
        assert_eq!(thumbnail_bytes([128, 256], 3), 32 * 64 * 3);
        for (channels, size) in [(1, [128, 256]), (3, [10, 7])] {
            let values = vec![9; size[0] * size[1] * channels];
            let picture = Picture {
                size,
                channels,
                values,
            };
            let png = thumbnail(picture);
            let image = image::load_from_memory(&png).unwrap();
            let [height, width] = thumbnail_size(size);
            assert_eq!(
                (image.height() as usize, image.width() as usize),
                (height, width)
            );
            let expected = thumbnail_bytes(size, channels);
            assert_eq!(uncompressed_bytes([&*png, b"no PNG"].into_iter()), expected);
            assert!(image.to_rgb8().pixels().all(|pixel| pixel.0 == [9, 9, 9]));
        }
    }
}
