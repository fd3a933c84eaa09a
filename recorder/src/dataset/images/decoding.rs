//! Decodes an image file.

use image::DynamicImage;

use crate::dataset::images::jpeg;
use crate::dataset::images::picture::Picture;

impl Picture {
    /// Decodes PNG, JPEG and what else is built in, by content. Transparency is dropped.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, String> {
        if let Some(picture) = jpeg::decode(bytes) {
            return Ok(picture);
        }
        let image = image::load_from_memory(bytes).map_err(|error| one_line(&error.to_string()))?;
        Ok(match image {
            DynamicImage::ImageRgb8(image) => Self::of(image, 3),
            image if image.color().has_color() => Self::of(image.into_rgb8(), 3),
            image => Self::of(image.into_luma8(), 1),
        })
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{ImageFormat, Rgb, RgbImage, RgbaImage};
    use std::io::Cursor;

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
