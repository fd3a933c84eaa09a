//! What kind of image a file is, by its first bytes: names often say something else, or nothing.

use std::io::{self, Read};
use std::path::Path;

use logformat::open_regular;

/// Enough for every kind.
const BEGINNING: u64 = 32;

/// The kind of image that a file begins as; `None` where it is no image that is known.
pub(crate) fn kind_of_file(path: &Path) -> io::Result<Option<&'static str>> {
    let mut beginning = Vec::new();
    open_regular(path)?
        .take(BEGINNING)
        .read_to_end(&mut beginning)?;
    Ok(kind(&beginning))
}

/// Those that are decoded, and others, so that they are refused by name rather than left out.
pub(crate) fn kind(bytes: &[u8]) -> Option<&'static str> {
    Some(match bytes {
        [0xff, 0xd8, 0xff, ..] => "JPEG",
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, ..] => "PNG",
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => "GIF",
        [
            b'R',
            b'I',
            b'F',
            b'F',
            _,
            _,
            _,
            _,
            b'W',
            b'E',
            b'B',
            b'P',
            ..,
        ] => "WebP",
        // Four bytes that are 0, and then the lengths of the two headers.
        [
            b'B',
            b'M',
            _,
            _,
            _,
            _,
            0,
            0,
            0,
            0,
            _,
            _,
            0,
            0,
            12..=124,
            0,
            0,
            0,
            ..,
        ] => "BMP",
        [b'P', b'1'..=b'6', b'\n' | b' ', b'0'..=b'9' | b'#', ..] => "PNM",
        [b'I', b'I', b'*', 0, ..] | [b'M', b'M', 0, b'*', ..] => "TIFF",
        [_, _, _, _, b'f', b't', b'y', b'p', brand @ ..] => match brand.first_chunk()? {
            b"avif" | b"avis" => "AVIF",
            b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"mif1" | b"msf1" => "HEIC",
            _ => return None,
        },
        [0xff, 0x0a, ..] | [0, 0, 0, 12, b'J', b'X', b'L', b' ', ..] => "JPEG XL",
        [0, 0, 0, 12, b'j', b'P', b' ', b' ', ..] => "JPEG 2000",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_known_by_their_first_bytes_and_texts_are_none() {
        assert_eq!(kind(b"\xff\xd8\xff\xe0"), Some("JPEG"));
        assert_eq!(kind(b"\0\0\0\x18ftypheic\0\0"), Some("HEIC"));
        assert_eq!(kind(b"P5 2 2 255\n"), Some("PNM"));
        for text in [
            &b""[..],
            b"BMW\n",
            b"P1,cat",
            b"MM",
            b"RIFF....WAVE",
            b"\0\0\0\x18ftypisom",
        ] {
            assert_eq!(kind(text), None);
        }
    }
}
