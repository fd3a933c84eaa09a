//! Decodes an image file as it is meant to be seen: whole or not at all, its transparent pixels laid on a
//! colour, and turned as its EXIF data say that the camera was held.

use std::io::{Cursor, ErrorKind};

use image::metadata::Orientation;
use image::{DynamicImage, GrayImage, ImageDecoder, ImageReader, Limits, RgbImage};
use logformat::check_file_memory;

use crate::dataset::files::text_table::LFS_POINTER;
use crate::dataset::images::background::Background;
use crate::dataset::images::content::kind;
use crate::dataset::images::picture::Picture;
use crate::dataset::images::{baseline_jpeg, jpeg, whole_file};

/// An image as it was decoded.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Decoded {
    pub picture: Picture,
    pub seen: Seen,
}

/// What was done to an image that whoever looks at the data may want to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Seen {
    /// Whether it was laid on the background.
    pub is_transparent: bool,
    /// Whether it was turned or mirrored.
    pub is_turned: bool,
    /// Whether 16 bits hold 13 or fewer, as those of cameras and scanners of 12 bits do: most shades are lost in 8.
    pub is_dim: bool,
    /// Whether it is the first of several pictures in its file.
    pub is_animated: bool,
}

/// The most that 13 bits hold.
const MOST_OF_DIM: u16 = (1 << 13) - 1;
const MOST_BYTES_BEFORE_PIXELS: u64 = 16 << 20;
/// What the pixels of an image may take where nothing else is set.
const USUAL_PIXEL_BYTES: u64 = 512 << 20;

impl Picture {
    /// Decodes PNG, JPEG and what else is built in, by content.
    pub(crate) fn decode(bytes: &[u8], background: Background) -> Result<Decoded, String> {
        whole_file::check(bytes)?;
        if let Some((picture, orientation)) = jpeg::decode(bytes) {
            return Ok(turned(picture, orientation));
        }
        Self::decode_others(bytes, background)
    }

    /// The same, with small JPEG files as libjpeg decodes them, to the bit: for networks that were trained on what it
    /// made of images.
    pub(crate) fn decode_as_libjpeg(
        bytes: &[u8],
        background: Background,
    ) -> Result<Decoded, String> {
        whole_file::check(bytes)?;
        match baseline_jpeg::decode(bytes) {
            Some((picture, orientation)) => Ok(turned(picture, orientation)),
            None => Self::decode(bytes, background),
        }
    }

    fn decode_others(bytes: &[u8], background: Background) -> Result<Decoded, String> {
        let (image, orientation) = by_image_crate(bytes)?;
        let (image, is_transparent) = match image.color().has_alpha() {
            true => background.under(image),
            false => (image, false),
        };
        let values: &[u16] = match &image {
            DynamicImage::ImageLuma16(image) => image,
            DynamicImage::ImageRgb16(image) => image,
            _ => &[],
        };
        let is_dim = values
            .iter()
            .max()
            .is_some_and(|most| (1..=MOST_OF_DIM).contains(most));
        let picture = match image {
            DynamicImage::ImageRgb8(image) => Picture::of(image, 3),
            image if image.color().has_color() => Picture::of(image.into_rgb8(), 3),
            image => Picture::of(image.into_luma8(), 1),
        };
        let mut decoded = turned(picture, orientation);
        decoded.seen.is_transparent = is_transparent;
        decoded.seen.is_dim = is_dim;
        decoded.seen.is_animated = whole_file::is_animated(bytes);
        Ok(decoded)
    }
}

/// Two limits: a small one for what comes before the pixels, such as a colour profile that nobody looks at,
/// which a kilobyte can make a megabyte; and that of the pixels, with as much again for the decoder.
fn by_image_crate(bytes: &[u8]) -> Result<(DynamicImage, Orientation), String> {
    let told = |error: image::ImageError| reason(bytes, &error);
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format();
    let mut reader = reader.map_err(|error| told(error.into()))?;
    let mut limits = Limits::default();
    limits.max_alloc = Some(MOST_BYTES_BEFORE_PIXELS);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(told)?;
    let pixels = decoder.total_bytes();
    check_file_memory(pixels, USUAL_PIXEL_BYTES)?;
    let mut limits = Limits::default();
    limits.max_alloc = Some(pixels.saturating_mul(2).max(USUAL_PIXEL_BYTES));
    limits.reserve(pixels).map_err(told)?;
    decoder.set_limits(limits).map_err(told)?;
    let orientation = decoder.orientation();
    let orientation = orientation.unwrap_or(Orientation::NoTransforms);
    let image = DynamicImage::from_decoder(decoder).map_err(told)?;
    Ok((image, orientation))
}

fn turned(picture: Picture, orientation: Orientation) -> Decoded {
    let is_turned = orientation != Orientation::NoTransforms;
    let seen = Seen {
        is_turned,
        ..Seen::default()
    };
    if !is_turned {
        return Decoded { picture, seen };
    }
    let [height, width] = picture.size.map(|length| length as u32);
    let values = picture.values;
    let mut image: DynamicImage = match picture.channels {
        1 => GrayImage::from_raw(width, height, values)
            .unwrap_or_default()
            .into(),
        _ => RgbImage::from_raw(width, height, values)
            .unwrap_or_default()
            .into(),
    };
    image.apply_orientation(orientation);
    let picture = Picture {
        size: [image.height() as usize, image.width() as usize],
        channels: picture.channels,
        values: image.into_bytes(),
    };
    Decoded { picture, seen }
}

fn reason(bytes: &[u8], error: &image::ImageError) -> String {
    match (error, kind(bytes)) {
        (image::ImageError::Unsupported(_), Some(kind)) => {
            format!("it is a {kind} file of a sort that is not read; make a PNG or JPEG of it")
        }
        (_, None) if bytes.is_empty() => "the file is empty".to_owned(),
        (image::ImageError::IoError(error), Some(_)) if error.kind() == ErrorKind::UnexpectedEof => {
            whole_file::CUT.to_owned()
        }
        (_, None) if bytes.starts_with(LFS_POINTER) => {
            "it is a pointer of Git LFS, not the image; get that by `git lfs pull`".to_owned()
        }
        // What a server says in place of an image that it does not have.
        (_, None) if bytes.trim_ascii_start().starts_with(b"<") => {
            "it is a text with markup (a web page, or a drawing as SVG) and no picture of pixels; download it again, or make a PNG of it".to_owned()
        }
        _ => error
            .to_string()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{ImageFormat, Luma, LumaA, Rgb, Rgba, RgbaImage};

    fn encoded(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        image.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    /// Rows of red, green, blue: (0,0,9) (1,0,9) / (0,1,9) (1,1,9)
    fn colours() -> DynamicImage {
        RgbImage::from_fn(2, 2, |x, y| Rgb([x as u8, y as u8, 9])).into()
    }

    fn picture(image: &DynamicImage, background: &str) -> Picture {
        let bytes = encoded(image, ImageFormat::Png);
        Picture::decode(&bytes, background.parse().unwrap())
            .unwrap()
            .picture
    }

    #[test]
    fn transparent_pixels_show_the_background() {
        let icon = RgbaImage::from_fn(2, 1, |x, _| Rgba([1, 2, 3, 255 * x as u8])).into();
        assert_eq!(picture(&icon, "white").values, [255, 255, 255, 1, 2, 3]);
        assert_eq!(picture(&icon, "#102030").values, [16, 32, 48, 1, 2, 3]);
        let gray = image::GrayAlphaImage::from_pixel(1, 1, LumaA([7, 0])).into();
        let on_white = picture(&gray, "white");
        assert_eq!((on_white.channels, on_white.values), (1, vec![255]));
        assert_eq!(picture(&gray, "#102030").values, [16, 32, 48]);
        let seen = |image| {
            Picture::decode(&encoded(image, ImageFormat::Png), Background::default())
                .unwrap()
                .seen
        };
        assert!(seen(&icon).is_transparent && !seen(&icon).is_turned);
        let opaque = RgbaImage::from_pixel(1, 1, Rgba([1, 2, 3, 255])).into();
        assert!(!seen(&opaque).is_transparent);
    }

    #[test]
    fn images_of_12_bits_in_16_are_known() {
        let is_dim = |value| {
            let image = image::ImageBuffer::from_pixel(1, 1, Luma([value]));
            let bytes = encoded(&DynamicImage::ImageLuma16(image), ImageFormat::Png);
            let decoded = Picture::decode(&bytes, Background::default());
            decoded.unwrap().seen.is_dim
        };
        assert_eq!(
            [0, 4095, 8191, 8192, 65535].map(is_dim),
            [false, true, true, false, false]
        );
    }

    /// EXIF with the orientation alone, big-endian: one entry 0x0112 of one short.
    fn exif(orientation: u8) -> Vec<u8> {
        let entry = [0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0];
        [&b"MM\0*\0\0\0\x08\0\x01"[..], &entry, &[0; 4]].concat()
    }

    /// With EXIF data: in a segment behind the start of a JPEG, or in a chunk before the pixels of a PNG.
    fn with_exif(image: &DynamicImage, format: ImageFormat, orientation: u8) -> Vec<u8> {
        let bytes = encoded(image, format);
        let exif = exif(orientation);
        if format == ImageFormat::Jpeg {
            let length = (exif.len() + 8) as u16;
            let segment = [&[0xff, 0xe1][..], &length.to_be_bytes(), b"Exif\0\0", &exif].concat();
            return [&bytes[..2], &segment, &bytes[2..]].concat();
        }
        let content = [&b"eXIf"[..], &exif].concat();
        let length = (exif.len() as u32).to_be_bytes();
        let crc = crc32fast::hash(&content).to_be_bytes();
        // The signature and the header chunk.
        let (before, after) = bytes.split_at(8 + 25);
        [before, &length, &content, &crc, after].concat()
    }

    #[test]
    fn images_are_turned_as_the_camera_was_held() {
        // A column of gray 20 above 220; for JPEG eight times as large.
        let image: DynamicImage =
            GrayImage::from_fn(8, 16, |_, y| Luma([if y < 8 { 20 } else { 220 }])).into();
        for format in [ImageFormat::Png, ImageFormat::Jpeg] {
            let turned = |orientation| {
                Picture::decode(
                    &with_exif(&image, format, orientation),
                    Background::default(),
                )
                .unwrap()
            };
            let corners = |orientation| {
                let picture = turned(orientation).picture;
                let rounded = |value: u8| if value < 120 { 20 } else { 220 };
                let [first, last] = [0, 127].map(|at| rounded(picture.values[at]));
                (picture.size, first, last)
            };
            assert_eq!(corners(1), ([16, 8], 20, 220), "{format:?}");
            assert_eq!(corners(3), ([16, 8], 220, 20), "{format:?}");
            // Clockwise, what was above is at the right; counterclockwise at the left.
            assert_eq!(corners(6), ([8, 16], 220, 20), "{format:?}");
            assert_eq!(corners(8), ([8, 16], 20, 220), "{format:?}");
            assert!(turned(6).seen.is_turned && !turned(1).seen.is_turned);
        }
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
            let decoded = Picture::decode(&encoded(&colours(), format), Background::default());
            assert_eq!(decoded.unwrap().picture.size, [2, 2], "{format:?}");
        }
    }

    #[test]
    fn what_is_no_image_is_refused_in_one_line() {
        let png = encoded(&colours(), ImageFormat::Png);
        for bytes in [&b"no image"[..], &[], &png[..png.len() / 2]] {
            let reason = Picture::decode(bytes, Background::default()).unwrap_err();
            assert_eq!(reason.lines().count(), 1, "{reason}");
        }
        let reason = |bytes: &[u8]| Picture::decode(bytes, Background::default()).unwrap_err();
        assert_eq!(reason(b""), "the file is empty");
        assert_eq!(reason(b"P5 9 9 255\n0123"), whole_file::CUT);
        let page = reason(b"\n<!DOCTYPE html><p>404</p>");
        assert!(page.starts_with("it is a text with markup"), "{page}");
        let pointer = reason(b"version https://git-lfs.github.com/spec/v1\noid sha256:1\n");
        assert!(
            pointer.starts_with("it is a pointer of Git LFS"),
            "{pointer}"
        );
    }
}
