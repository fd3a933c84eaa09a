//! Decodes an image file.

use std::io::Cursor;

use image::{DynamicImage, ImageDecoder, ImageReader, ImageResult, Limits};

use crate::dataset::images::jpeg;
use crate::dataset::images::picture::Picture;

const MOST_BYTES_BEFORE_PIXELS: u64 = 16 << 20;

impl Picture {
    /// Decodes PNG, JPEG and what else is built in, by content. Transparency is dropped.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, String> {
        if let Some(picture) = jpeg::decode(bytes) {
            return Ok(picture);
        }
        let image = decode(bytes).map_err(|error| one_line(&error.to_string()))?;
        Ok(match image {
            DynamicImage::ImageRgb8(image) => Self::of(image, 3),
            image if image.color().has_color() => Self::of(image.into_rgb8(), 3),
            image => Self::of(image.into_luma8(), 1),
        })
    }
}

/// Two limits: a small one for what comes before the pixels, such as a colour profile that nobody looks at,
/// which a kilobyte can make a megabyte; and that of `image` for the pixels.
fn decode(bytes: &[u8]) -> ImageResult<DynamicImage> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format()?;
    let mut limits = Limits::default();
    limits.max_alloc = Some(MOST_BYTES_BEFORE_PIXELS);
    reader.limits(limits);
    let mut decoder = reader.into_decoder()?;
    let mut limits = Limits::default();
    limits.reserve(decoder.total_bytes())?;
    decoder.set_limits(limits)?;
    DynamicImage::from_decoder(decoder)
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{ImageFormat, Rgb, RgbImage, RgbaImage};

    fn encoded(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        image.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    /// Rows of red, green, blue: (0,0,9) (1,0,9) / (0,1,9) (1,1,9)
    fn colours() -> DynamicImage {
        RgbImage::from_fn(2, 2, |x, y| Rgb([x as u8, y as u8, 9])).into()
    }

    #[test]
    fn transparency_is_dropped() {
        let image: DynamicImage = RgbaImage::from_pixel(1, 1, image::Rgba([1, 2, 3, 0])).into();
        let picture = Picture::decode(&encoded(&image, ImageFormat::Png)).unwrap();
        assert_eq!((picture.channels, picture.values), (3, vec![1, 2, 3]));
    }

    #[test]
    fn every_format_that_is_promised_is_decoded() {
        for format in [
            ImageFormat::Jpeg,
            ImageFormat::WebP,
            ImageFormat::Bmp,
            ImageFormat::Gif,
            ImageFormat::Pnm,
        ] {
            let picture = Picture::decode(&encoded(&colours(), format));
            assert_eq!(picture.unwrap().size, [2, 2], "{format:?}");
        }
    }

    #[test]
    fn what_is_no_image_is_refused_in_one_line() {
        let png = encoded(&colours(), ImageFormat::Png);
        for bytes in [&b"no image"[..], &[], &png[..png.len() / 2]] {
            let reason = Picture::decode(bytes).unwrap_err();
            assert_eq!(reason.lines().count(), 1, "{reason}");
        }
    }
}
