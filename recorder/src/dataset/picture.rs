//! Decodes an image file and brings it to a size.

use image::imageops::{self, FilterType};
use image::{DynamicImage, RgbImage};

/// A decoded image: height × width × channels, a byte a value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Picture {
    /// height, width
    pub size: [usize; 2],
    /// 1 for grayscale, or 3.
    pub channels: usize,
    pub values: Vec<u8>,
}

impl Picture {
    /// Decodes PNG, JPEG and what else is built in, by content. Transparency is dropped. With `side`
    /// the image becomes a square of that side: its short side is resized to it, and of the long one
    /// the middle is kept.
    pub(crate) fn decode(bytes: &[u8], side: Option<u32>) -> Result<Self, String> {
        let image = image::load_from_memory(bytes).map_err(|error| one_line(&error.to_string()))?;
        Ok(Self::of(match side {
            Some(side) => centre_square(image, side),
            None => image,
        }))
    }

    fn of(image: DynamicImage) -> Self {
        let size = [image.height() as usize, image.width() as usize];
        match image {
            DynamicImage::ImageRgb8(image) => Self::new(size, 3, image.into_raw()),
            image if image.color().has_color() => Self::new(size, 3, image.into_rgb8().into_raw()),
            image => Self::new(size, 1, image.into_luma8().into_raw()),
        }
    }

    fn new(size: [usize; 2], channels: usize, values: Vec<u8>) -> Self {
        Self {
            size,
            channels,
            values,
        }
    }

    /// Writes the image to `planes`, a channel after the other; gray goes to every channel there.
    pub(crate) fn write_planes(&self, planes: &mut [u8]) {
        let [height, width] = self.size;
        for (channel, plane) in planes.chunks_exact_mut((height * width).max(1)).enumerate() {
            let values = self.values.iter().skip(channel % self.channels);
            for (to, from) in plane.iter_mut().zip(values.step_by(self.channels)) {
                *to = *from;
            }
        }
    }
}

/// Bilinear with antialiasing, as in torchvision's `Resize` and `CenterCrop`.
fn centre_square(image: DynamicImage, side: u32) -> DynamicImage {
    let (width, height) = (image.width(), image.height());
    if (width, height) == (side, side) {
        return image;
    }
    let short = u64::from(width.min(height).max(1));
    let scaled = |length: u32| (u64::from(length) * u64::from(side) / short) as u32;
    let (width, height) = (scaled(width), scaled(height));
    let resized = match image {
        DynamicImage::ImageRgb8(image) => resize(&image, width, height),
        image if image.color().has_color() => resize(&image.into_rgb8(), width, height),
        image => {
            let image = image.into_luma8();
            imageops::resize(&image, width, height, FilterType::Triangle).into()
        }
    };
    resized.crop_imm((width - side) / 2, (height - side) / 2, side, side)
}

fn resize(image: &RgbImage, width: u32, height: u32) -> DynamicImage {
    imageops::resize(image, width, height, FilterType::Triangle).into()
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{GrayImage, ImageFormat, Luma, Rgb, RgbaImage};
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
    fn channels_become_planes() {
        let picture = Picture::decode(&encoded(&colours(), ImageFormat::Png), None).unwrap();
        assert_eq!((picture.size, picture.channels), ([2, 2], 3));
        let mut planes = [0; 12];
        picture.write_planes(&mut planes);
        assert_eq!(planes, [0, 1, 0, 1, 0, 0, 1, 1, 9, 9, 9, 9]);
    }

    #[test]
    fn gray_stays_gray_and_fills_every_channel_where_others_have_colour() {
        let gray: DynamicImage = GrayImage::from_fn(2, 1, |x, _| Luma([x as u8 + 4])).into();
        let picture = Picture::decode(&encoded(&gray, ImageFormat::Png), None).unwrap();
        assert_eq!(picture.channels, 1);
        let mut planes = [0; 6];
        picture.write_planes(&mut planes);
        assert_eq!(planes, [4, 5, 4, 5, 4, 5]);
    }

    #[test]
    fn transparency_is_dropped() {
        let image: DynamicImage = RgbaImage::from_pixel(1, 1, image::Rgba([1, 2, 3, 0])).into();
        let picture = Picture::decode(&encoded(&image, ImageFormat::Png), None).unwrap();
        assert_eq!((picture.channels, picture.values), (3, vec![1, 2, 3]));
    }

    #[test]
    fn the_middle_square_of_a_long_image_is_kept() {
        // Six columns of 0, 10, 20, 30, 40, 50: the middle two are 20 and 30.
        let image: DynamicImage = GrayImage::from_fn(6, 2, |x, _| Luma([10 * x as u8])).into();
        let bytes = encoded(&image, ImageFormat::Png);
        let picture = Picture::decode(&bytes, Some(2)).unwrap();
        assert_eq!(
            (picture.size, picture.values),
            ([2, 2], vec![20, 30, 20, 30])
        );
        let smaller = Picture::decode(&bytes, Some(1)).unwrap();
        assert_eq!(smaller.size, [1, 1]);
    }

    #[test]
    fn every_format_that_is_promised_is_decoded() {
        for format in [
            ImageFormat::Jpeg,
            ImageFormat::WebP,
            ImageFormat::Bmp,
            ImageFormat::Gif,
        ] {
            let picture = Picture::decode(&encoded(&colours(), format), None);
            assert_eq!(picture.unwrap().size, [2, 2], "{format:?}");
        }
    }

    #[test]
    fn what_is_no_image_is_refused_in_one_line() {
        let png = encoded(&colours(), ImageFormat::Png);
        for bytes in [&b"no image"[..], &[], &png[..png.len() / 2]] {
            let reason = Picture::decode(bytes, None).unwrap_err();
            assert_eq!(reason.lines().count(), 1, "{reason}");
        }
    }
}
