//! Decodes JPEG files with the decoder that the `image` crate stands on, without that crate: it reads the
//! headers and makes the Huffman tables twice, which takes longer than the pixels of a small image.

use image::metadata::Orientation;
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use crate::dataset::images::picture::Picture;

/// Start of image, and the first byte of the next marker (ITU-T T.81, annex B).
const BEGINNING: [u8; 3] = [0xff, 0xd8, 0xff];
/// Larger ones are left to `image` and its limits.
const MOST_VALUES: usize = 256 << 20;

/// The image, gray or of three colours, and how it is to be turned; `None` where it is none, is damaged, or has colours that are
/// seldom seen: `image` decodes it or says why not.
pub(crate) fn decode(bytes: &[u8]) -> Option<(Picture, Orientation)> {
    if !bytes.starts_with(&BEGINNING) {
        return None;
    }
    let options = DecoderOptions::default()
        .set_strict_mode(false)
        .set_max_width(usize::MAX)
        .set_max_height(usize::MAX);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().ok()?;
    let (colours, channels) = match decoder.input_colorspace()? {
        ColorSpace::Luma => (ColorSpace::Luma, 1),
        ColorSpace::YCbCr | ColorSpace::RGB => (ColorSpace::RGB, 3),
        _ => return None,
    };
    decoder.set_options(options.jpeg_set_out_colorspace(colours));
    let (width, height) = decoder.dimensions()?;
    let size = width.checked_mul(height)?.checked_mul(channels)?;
    if size > MOST_VALUES || decoder.output_buffer_size()? != size {
        return None;
    }
    let mut values = vec![0; size];
    decoder.decode_into(&mut values).ok()?;
    let exif = decoder.exif();
    let orientation = exif.and_then(|exif| Orientation::from_exif_chunk(exif));
    let picture = Picture {
        size: [height, width],
        channels,
        values,
    };
    Some((picture, orientation.unwrap_or(Orientation::NoTransforms)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{DynamicImage, GrayImage, ImageFormat, Luma, Rgb, RgbImage};
    use std::io::Cursor;

    fn encoded(image: &DynamicImage) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        image.write_to(&mut bytes, ImageFormat::Jpeg).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn gray_and_coloured_images_are_those_of_the_image_crate() {
        let colours = RgbImage::from_fn(37, 21, |x, y| Rgb([7 * x as u8, 11 * y as u8, x as u8]));
        let gray = GrayImage::from_fn(9, 30, |x, y| Luma([(20 * x + 5 * y) as u8]));
        for image in [DynamicImage::from(colours), gray.into()] {
            let bytes = encoded(&image);
            let expected = image::load_from_memory(&bytes).unwrap();
            let (picture, _) = decode(&bytes).unwrap();
            let [height, width] = picture.size.map(|length| length as u32);
            assert_eq!((width, height), (expected.width(), expected.height()));
            assert_eq!(picture.channels, usize::from(image.color().channel_count()));
            assert_eq!(picture.values, expected.into_bytes());
        }
    }

    #[test]
    fn what_is_damaged_or_something_else_is_left_to_the_image_crate() {
        let bytes = encoded(&GrayImage::from_pixel(16, 16, Luma([9])).into());
        assert_eq!(decode(&bytes[..bytes.len() / 3]), None);
        assert_eq!(decode(b"no image"), None);
        assert_eq!(decode(&[0xff, 0xd8, 0xff]), None);
    }
}
