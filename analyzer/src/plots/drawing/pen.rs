//! The looks of lines and texts, for both kinds of surface.

use plotters::style::{Color, RGBAColor, RGBColor, ShapeStyle};

use crate::plots::drawing::geometry::{Align, Point};
use crate::plots::drawing::lettering::Lettering;
use crate::plots::drawing::theme::Colour;

pub(crate) fn style(colour: Colour, opacity: f64, stroke: f64, units: f64) -> ShapeStyle {
    let colour: RGBAColor = RGBColor(colour.0, colour.1, colour.2).mix(opacity);
    ShapeStyle {
        color: colour,
        filled: true,
        stroke_width: (stroke * units).round().max(1.0) as u32,
    }
}

/// Memory takes every shape, so neither backend has an error to report.
pub(crate) fn drawn<E>(result: Result<(), E>) {
    debug_assert!(result.is_ok());
}

/// A text and its looks. Its point lies on the middle of its capitals' height.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Text<'a> {
    pub(crate) text: &'a str,
    pub(crate) at: Point,
    pub(crate) align: Align,
    pub(crate) lettering: Lettering,
    pub(crate) colour: Colour,
    /// Read from bottom to top.
    pub(crate) upwards: bool,
}
