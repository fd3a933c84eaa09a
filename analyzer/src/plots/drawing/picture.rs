//! A picture of a sample, as the sample table holds it: a PNG file.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::plots::drawing::theme::Colour;

/// More pixels than this in one direction are no picture of a training sample but a mistake, or an
/// attack on memory.
const MOST_PIXELS: u32 = 8192;

/// A decoded picture and the file that it came from.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    file: Vec<u8>,
    width: usize,
    height: usize,
    pixels: Vec<Colour>,
}

impl Picture {
    /// Decodes a PNG file; `None` where it is none that can be shown.
    pub(crate) fn from_png(file: &[u8]) -> Option<Self> {
        let mut decoder = png::Decoder::new(std::io::Cursor::new(file));
        decoder.set_transformations(png::Transformations::normalize_to_color8());
        let mut reader = decoder.read_info().ok()?;
        let (width, height) = reader.info().size();
        if width.max(height) > MOST_PIXELS {
            return None;
        }
        let mut bytes = vec![0; reader.output_buffer_size()?];
        let frame = reader.next_frame(&mut bytes).ok()?;
        let channels = frame.color_type.samples();
        let pixels = bytes[..frame.buffer_size()]
            .chunks_exact(channels)
            .map(colour)
            .collect();
        Some(Self {
            file: file.to_vec(),
            width: width as usize,
            height: height as usize,
            pixels,
        })
    }

    /// Height over width.
    pub(crate) fn proportion(&self) -> f64 {
        self.height as f64 / self.width as f64
    }

    /// The pixel at a share (0 to 1) of the width and of the height.
    pub(crate) fn at(&self, x: f64, y: f64) -> Colour {
        let pixel = |share: f64, count: usize| ((share * count as f64) as usize).min(count - 1);
        self.pixels[pixel(y, self.height) * self.width + pixel(x, self.width)]
    }

    /// The file within an address, as HTML and SVG take it.
    pub(crate) fn data_url(&self) -> String {
        format!("data:image/png;base64,{}", STANDARD.encode(&self.file))
    }
}

/// Transparent pixels lie on white.
fn colour(channels: &[u8]) -> Colour {
    let (colour, alpha) = match *channels {
        [grey] => (Colour(grey, grey, grey), 255),
        [grey, alpha] => (Colour(grey, grey, grey), alpha),
        [red, green, blue] => (Colour(red, green, blue), 255),
        [red, green, blue, alpha] => (Colour(red, green, blue), alpha),
        _ => (Colour(255, 255, 255), 255),
    };
    Colour(255, 255, 255).towards(colour, f64::from(alpha) / 255.0)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A grey picture with these rows.
    pub(crate) fn grey_png(width: u32, rows: &[u8]) -> Vec<u8> {
        let mut file = Vec::new();
        let height = rows.len() as u32 / width;
        let mut encoder = png::Encoder::new(&mut file, width, height);
        encoder.set_color(png::ColorType::Grayscale);
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(rows).unwrap();
        writer.finish().unwrap();
        file
    }

    #[test]
    fn a_pixel_is_found_by_its_place() {
        let picture = Picture::from_png(&grey_png(2, &[0, 50, 100, 150])).unwrap();
        assert_eq!(picture.at(0.1, 0.1), Colour(0, 0, 0));
        assert_eq!(picture.at(0.9, 0.9), Colour(150, 150, 150));
        assert_eq!(picture.at(1.0, 0.0), Colour(50, 50, 50));
        assert_eq!(picture.proportion(), 1.0);
    }

    #[test]
    fn what_is_no_png_is_no_picture() {
        for file in [&b""[..], b"GIF89a", &grey_png(1, &[7])[..20]] {
            assert_eq!(Picture::from_png(file), None);
        }
    }
}
