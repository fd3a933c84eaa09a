//! The colours of the plots: those of Okabe and Ito, which colour-blind readers can tell apart
//! (*Color Universal Design*, 2008), on a light or a dark ground.

use std::str::FromStr;

/// A colour, its channels red, green, blue from 0 to 255.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Colour(pub(crate) u8, pub(crate) u8, pub(crate) u8);

/// The ground that plots are drawn on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// Dark on white.
    #[default]
    Light,
    /// Light on nearly black.
    Dark,
}

/// A word that names no theme.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the themes are light and dark")]
pub struct ThemeError;

impl FromStr for Theme {
    type Err = ThemeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "light" => Ok(Theme::Light),
            "dark" => Ok(Theme::Dark),
            _ => Err(ThemeError),
        }
    }
}

impl Theme {
    /// The ground.
    pub(crate) fn paper(self) -> Colour {
        self.either(Colour(255, 255, 255), Colour(22, 27, 34))
    }

    /// Titles and what has to be read first.
    pub(crate) fn ink(self) -> Colour {
        self.either(Colour(31, 35, 40), Colour(230, 237, 243))
    }

    /// Numbers at the axes, notes.
    pub(crate) fn pale_ink(self) -> Colour {
        self.either(Colour(89, 99, 110), Colour(145, 152, 161))
    }

    /// Lines that help the eye.
    pub(crate) fn grid(self) -> Colour {
        self.either(Colour(225, 228, 232), Colour(48, 54, 61))
    }

    /// Clean or ordinary samples.
    pub(crate) fn clean(self) -> Colour {
        self.either(Colour(0, 114, 178), Colour(86, 180, 233))
    }

    /// Mislabeled samples, and what is below zero.
    pub(crate) fn mislabeled(self) -> Colour {
        self.either(Colour(213, 94, 0), Colour(230, 159, 0))
    }

    /// Threshold samples: neutral, since they are neither.
    pub(crate) fn threshold(self) -> Colour {
        self.ink()
    }

    /// One of several things beside each other.
    pub(crate) fn series(self, number: usize) -> Colour {
        [
            self.clean(),
            self.mislabeled(),
            Colour(0, 158, 115),
            Colour(204, 121, 167),
            self.either(Colour(230, 159, 0), Colour(240, 228, 66)),
            self.either(Colour(86, 180, 233), Colour(213, 94, 0)),
        ][number % 6]
    }

    /// From the ground (0) to the full colour of clean samples (1): a scale with one hue.
    pub(crate) fn scale(self, share: f64) -> Colour {
        self.paper().towards(self.clean(), share)
    }

    fn either(self, light: Colour, dark: Colour) -> Colour {
        match self {
            Theme::Light => light,
            Theme::Dark => dark,
        }
    }
}

impl Colour {
    /// The colour that lies at `share` (0 to 1) of the way to `other`.
    pub(crate) fn towards(self, other: Self, share: f64) -> Self {
        let share = share.clamp(0.0, 1.0);
        let mix = |from: u8, to: u8| {
            (f64::from(from) + (f64::from(to) - f64::from(from)) * share).round() as u8
        };
        Self(
            mix(self.0, other.0),
            mix(self.1, other.1),
            mix(self.2, other.2),
        )
    }

    /// The contrast with another colour, 1 (none) to 21 (black and white): WCAG 2.2, which asks for
    /// 4.5 for text.
    pub(crate) fn contrast(self, other: Self) -> f64 {
        let (own, other) = (self.luminance(), other.luminance());
        (own.max(other) + 0.05) / (own.min(other) + 0.05)
    }

    /// The relative luminance of WCAG 2.2, 0 to 1.
    fn luminance(self) -> f64 {
        let linear = |channel: u8| {
            let share = f64::from(channel) / 255.0;
            if share <= 0.040_45 {
                share / 12.92
            } else {
                ((share + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * linear(self.0) + 0.7152 * linear(self.1) + 0.0722 * linear(self.2)
    }

    /// As CSS and SVG write it.
    pub(crate) fn css(self) -> String {
        format!("#{:02X}{:02X}{:02X}", self.0, self.1, self.2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_can_be_read_on_its_ground() {
        for theme in [Theme::Light, Theme::Dark] {
            for ink in [theme.ink(), theme.pale_ink()] {
                assert!(ink.contrast(theme.paper()) > 4.5, "{theme:?} {ink:?}");
            }
        }
    }

    #[test]
    fn the_contrast_of_black_and_white_is_21() {
        let (black, white) = (Colour(0, 0, 0), Colour(255, 255, 255));
        assert!((black.contrast(white) - 21.0).abs() < 1e-9);
        assert_eq!(white.contrast(white), 1.0);
    }

    #[test]
    fn a_scale_begins_at_the_ground() {
        assert_eq!(Theme::Light.scale(0.0), Colour(255, 255, 255));
        assert_eq!(Theme::Light.scale(1.0).css(), "#0072B2");
    }
}
