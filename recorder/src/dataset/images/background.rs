//! The colour that images with transparent pixels are laid on: white, as on a page, unless another one is asked
//! for. Dropping the transparency instead shows whatever colour happens to stand behind it, often black
//! for all pixels of an icon.

use std::fmt;
use std::str::FromStr;

use image::{DynamicImage, GrayImage, Luma, Rgb, RgbImage};

/// Red, green and blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Background([u8; 3]);

impl Default for Background {
    fn default() -> Self {
        Self([u8::MAX; 3])
    }
}

impl FromStr for Background {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "it must be white, black, gray or a colour such as #ff8000".to_owned();
        let digits = match text {
            "white" => "ffffff",
            "black" => "000000",
            "gray" | "grey" => "808080",
            text => text.strip_prefix('#').ok_or_else(wrong)?,
        };
        let is_hexadecimal = digits.len() == 6 && digits.bytes().all(|c| c.is_ascii_hexdigit());
        let colour = u32::from_str_radix(digits, 16).ok();
        let colour = colour.filter(|_| is_hexadecimal).ok_or_else(wrong)?;
        let [_, red, green, blue] = colour.to_be_bytes();
        Ok(Self([red, green, blue]))
    }
}

impl fmt::Display for Background {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        let [red, green, blue] = self.0;
        match self.0 {
            [255, 255, 255] => write!(formatter, "white"),
            [0, 0, 0] => write!(formatter, "black"),
            _ => write!(formatter, "#{red:02x}{green:02x}{blue:02x}"),
        }
    }
}

impl Background {
    /// An image with an alpha channel laid on the colour, and whether any pixel let it through.
    pub(crate) fn under(self, image: DynamicImage) -> (DynamicImage, bool) {
        let [gray, green, blue] = self.0;
        let is_gray = gray == green && gray == blue;
        if is_gray && !image.color().has_color() {
            let image = image.into_luma_alpha8();
            let is_transparent = image.pixels().any(|pixel| pixel.0[1] < u8::MAX);
            let laid = GrayImage::from_fn(image.width(), image.height(), |x, y| {
                let [value, alpha] = image.get_pixel(x, y).0;
                Luma([mixed(value, gray, alpha)])
            });
            return (laid.into(), is_transparent);
        }
        let image = image.into_rgba8();
        let is_transparent = image.pixels().any(|pixel| pixel.0[3] < u8::MAX);
        let laid = RgbImage::from_fn(image.width(), image.height(), |x, y| {
            let [colour @ .., alpha] = image.get_pixel(x, y).0;
            Rgb([0, 1, 2].map(|channel| mixed(colour[channel], self.0[channel], alpha)))
        });
        (laid.into(), is_transparent)
    }
}

/// `alpha` of 255 parts of `over`, and the rest of `under`, rounded.
fn mixed(over: u8, under: u8, alpha: u8) -> u8 {
    let [over, under, alpha] = [over, under, alpha].map(u32::from);
    ((over * alpha + under * (255 - alpha) + 127) / 255) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_read_by_name_and_in_hexadecimal() {
        for (text, colour) in [
            ("white", [255; 3]),
            ("grey", [128; 3]),
            ("#ff8000", [255, 128, 0]),
        ] {
            assert_eq!(text.parse(), Ok(Background(colour)));
        }
        for text in ["", "red", "ff8000", "#ff80", "#+f8000", "#ff80000"] {
            assert!(text.parse::<Background>().is_err(), "{text}");
        }
        assert_eq!(Background([255, 128, 0]).to_string(), "#ff8000");
        assert_eq!(Background::default().to_string(), "white");
    }

    #[test]
    fn a_half_transparent_pixel_is_half_of_what_is_under_it() {
        assert_eq!(mixed(10, 200, 0), 200);
        assert_eq!(mixed(10, 200, 255), 10);
        // (100 · 51 + 200 · 204) / 255: a fifth and four fifths.
        assert_eq!(mixed(100, 200, 51), 180);
    }
}
