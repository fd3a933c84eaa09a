//! Whether the file of an image is whole. Decoders fill what is missing with gray or leave out what they
//! need not see; but half a picture is another picture, so a file that was cut is one that cannot be read.
//!
//! Sources: ITU-T T.81, annex B (JPEG); the PNG specification, section 5 (chunks); the GIF89a specification;
//! RFC 9649, section 2 (WebP).

pub(crate) const CUT: &str = "the file was cut, its end is missing";

/// Why an image's file is not whole. Formats whose decoders need every byte are not looked at.
pub(crate) fn check(bytes: &[u8]) -> Result<(), String> {
    let is_whole = match bytes {
        [0xff, 0xd8, 0xff, ..] => jpeg(bytes),
        [0x89, b'P', b'N', b'G', ..] => png(bytes, |name| name == b"IEND").map(|_| true),
        [b'G', b'I', b'F', b'8', ..] => gif_images(bytes).0,
        [b'R', b'I', b'F', b'F', ..] => riff(bytes),
        [b'B', b'M', ..] => bmp(bytes),
        _ => Some(true),
    };
    match is_whole {
        Some(true) => Ok(()),
        Some(false) | None => Err(CUT.to_owned()),
    }
}

/// Whether the file holds several pictures, as an animation does, of which the first is read.
pub(crate) fn is_animated(bytes: &[u8]) -> bool {
    let at = |place: usize, text: &[u8]| bytes.get(place..).is_some_and(|at| at.starts_with(text));
    match bytes {
        // The chunk that begins an animation stands before the pixels.
        [0x89, b'P', b'N', b'G', ..] => png(bytes, |name| name == b"acTL" || name == b"IDAT")
            .is_some_and(|chunk| chunk[4..8] == *b"acTL" && chunk[8..12] != [0, 0, 0, 1]),
        [b'G', b'I', b'F', b'8', ..] => gif_images(bytes).1 > 1,
        [b'R', b'I', b'F', b'F', ..] => {
            at(12, b"VP8X") && bytes.get(20).is_some_and(|flags| flags & 2 != 0)
        }
        _ => false,
    }
}

/// Start of image, segments, and pixels with markers in between, up to the end of the image.
fn jpeg(bytes: &[u8]) -> Option<bool> {
    const END: u8 = 0xd9;
    // Not in the pixels, where 0xff is followed by 0; and in the segments before them only where no
    // pixel is there, which the decoder refuses.
    if bytes.ends_with(&[0xff, END]) {
        return Some(true);
    }
    let mut at = 2;
    loop {
        at += bytes.get(at..)?.iter().position(|&byte| byte == 0xff)?;
        let marker = *bytes.get(at + 1)?;
        at += match marker {
            END => return Some(true),
            // Fill bytes, a byte of the pixels, and markers without a segment.
            0xff => 1,
            0 | 1 | 0xd0..=0xd8 => 2,
            _ => {
                2 + usize::from(u16::from_be_bytes([
                    *bytes.get(at + 2)?,
                    *bytes.get(at + 3)?,
                ]))
            }
        };
    }
}

/// A signature of eight bytes, and chunks up to the first that is called so.
fn png(bytes: &[u8], is_called: impl Fn(&[u8]) -> bool) -> Option<&[u8]> {
    const LENGTH_NAME_AND_CHECKSUM: usize = 12;
    let mut rest = bytes.get(8..)?;
    loop {
        let length = u32::from_be_bytes(*rest.first_chunk()?) as usize;
        let chunk = rest.get(..length.checked_add(LENGTH_NAME_AND_CHECKSUM)?)?;
        if is_called(&chunk[4..8]) {
            return Some(chunk);
        }
        rest = &rest[chunk.len()..];
    }
}

/// A header, images and extensions in blocks, and a trailer: whether it is there, and how many images.
fn gif_images(bytes: &[u8]) -> (Option<bool>, usize) {
    let mut images = 0;
    let mut end = || -> Option<bool> {
        let mut at = 13 + colour_table(*bytes.get(10)?);
        loop {
            at = match *bytes.get(at)? {
                b';' => return Some(true),
                // An extension: its label, and blocks.
                b'!' => after_blocks(bytes, at + 2)?,
                // An image: ten bytes with its size, perhaps colours, a byte of the code, and blocks.
                b',' => {
                    images += 1;
                    after_blocks(bytes, at + 11 + colour_table(*bytes.get(at + 9)?))?
                }
                // What the decoder makes of it is its affair.
                _ => return Some(true),
            };
        }
    };
    (end(), images)
}

fn colour_table(flags: u8) -> usize {
    match flags & 0x80 {
        0 => 0,
        _ => 3 << ((flags & 7) + 1),
    }
}

/// Each block begins with its length; one of length 0 is the last.
fn after_blocks(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let length = usize::from(*bytes.get(at)?);
        at += 1 + length;
        if length == 0 {
            return Some(at);
        }
    }
}

/// Its length stands behind the first four bytes.
fn riff(bytes: &[u8]) -> Option<bool> {
    let length = u32::from_le_bytes(*bytes.get(4..)?.first_chunk()?) as usize;
    Some(bytes.len() >= length.checked_add(8)?)
}

/// Pixels without compression take so many bytes from so far on.
fn bmp(bytes: &[u8]) -> Option<bool> {
    let number =
        |at: usize| -> Option<u32> { Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?)) };
    let (first, header, compression) = (number(10)?, number(14)?, number(30)?);
    // Headers before Windows 3 are shorter, and runs of pixels tell no length.
    if header < 40 || !matches!(compression, 0 | 3) {
        return Some(true);
    }
    let width = u64::from(number(18)?);
    let height = u64::from((number(22)? as i32).unsigned_abs());
    let bits = u64::from(number(28)? as u16);
    let row = (width * bits).div_ceil(32) * 4;
    Some(bytes.len() as u64 >= u64::from(first) + row.saturating_mul(height))
}

#[cfg(test)]
mod tests {
    use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
    use std::io::Cursor;

    use crate::dataset::images::background::Background;
    use crate::dataset::images::picture::Picture;
    use crate::dataset::images::whole_file::is_animated;

    #[test]
    fn a_file_cut_at_any_byte_cannot_be_read_in_any_format() {
        let image = RgbImage::from_fn(21, 19, |x, y| Rgb([9 * x as u8, 11 * y as u8, 70]));
        for format in [
            ImageFormat::Jpeg,
            ImageFormat::Png,
            ImageFormat::Gif,
            ImageFormat::WebP,
            ImageFormat::Bmp,
            ImageFormat::Pnm,
        ] {
            let mut bytes = Cursor::new(Vec::new());
            let image = DynamicImage::from(image.clone());
            image.write_to(&mut bytes, format).unwrap();
            let bytes = bytes.into_inner();
            assert!(
                Picture::decode(&bytes, Background::default()).is_ok(),
                "{format:?}"
            );
            for length in 0..bytes.len() {
                let cut = Picture::decode(&bytes[..length], Background::default());
                assert!(cut.is_err(), "{format:?}: {length} of {}", bytes.len());
            }
            // As a download that was given its whole length before it ended.
            let half = bytes.len() / 2;
            let padded = [&bytes[..half], &vec![0; bytes.len() - half]].concat();
            if !matches!(format, ImageFormat::Bmp | ImageFormat::Pnm) {
                let reason = Picture::decode(&padded, Background::default());
                assert!(reason.is_err(), "{format:?} padded");
            }
        }
    }

    #[test]
    fn animations_are_known_in_any_format() {
        let image: DynamicImage = RgbImage::from_pixel(8, 8, Rgb([5, 6, 7])).into();
        let encoded = |format| {
            let mut bytes = Cursor::new(Vec::new());
            image.write_to(&mut bytes, format).unwrap();
            bytes.into_inner()
        };
        for format in [ImageFormat::Png, ImageFormat::Gif, ImageFormat::WebP] {
            assert!(!is_animated(&encoded(format)), "{format:?}");
        }
        let png = encoded(ImageFormat::Png);
        let of = |pictures: u8| {
            let chunk = [
                0, 0, 0, 8, b'a', b'c', b'T', b'L', 0, 0, 0, pictures, 0, 0, 0, 0,
            ];
            is_animated(&[&png[..33], &chunk, &[0; 4], &png[33..]].concat())
        };
        assert_eq!([of(1), of(2)], [false, true]);
        let webp = |flags: u8| {
            is_animated(&[&b"RIFF\x16\0\0\0WEBPVP8X\n\0\0\0"[..], &[flags, 0]].concat())
        };
        assert_eq!([webp(0x10), webp(0x12)], [false, true]);
        assert!(!is_animated(b"RIFF") && !is_animated(b"GIF8") && !is_animated(&png[..20]));
    }

    #[test]
    fn what_follows_the_end_is_no_fault() {
        for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::Gif] {
            let image: DynamicImage = RgbImage::from_pixel(8, 8, Rgb([5, 6, 7])).into();
            let mut bytes = Cursor::new(Vec::new());
            image.write_to(&mut bytes, format).unwrap();
            let longer = [bytes.into_inner(), vec![0; 100]].concat();
            assert_eq!(
                Picture::decode(&longer, Background::default())
                    .unwrap()
                    .picture
                    .size,
                [8, 8]
            );
        }
    }
}
