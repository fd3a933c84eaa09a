//! One surface for SVG and PNG, measured in pixels of a screen: lines, areas, dots and pictures
//! through plotters, text through `lettering`. A plot is drawn once, by the same code for both.

use std::collections::BTreeSet;

use plotters::backend::{BitMapBackend, DrawingBackend, SVGBackend};

use crate::plots::drawing::pen::{Text, drawn, style};
use crate::plots::drawing::picture::Picture;
use crate::plots::drawing::svg_text::SvgOverlay;
use crate::plots::drawing::theme::{Colour, Theme};
use crate::plots::drawing::{lettering, png_file, png_shapes};

pub(super) use crate::plots::drawing::geometry::{Point, Rect};

/// plotters counts in whole units; an SVG is drawn in tenths of a pixel.
const SVG_UNITS: f64 = 10.0;
/// A PNG has twice the pixels in each direction, for fine screens and print …
const PNG_DENSITY: usize = 2;
/// … and is drawn twice as large again, then averaged, which makes smooth edges.
const PNG_OVERSAMPLING: usize = 2;

enum Shapes<'a> {
    Svg(SVGBackend<'a>),
    Png(BitMapBackend<'a>),
}

/// A PNG file.
pub struct PngFile {
    /// The file.
    pub bytes: Vec<u8>,
    /// Letters of its texts that it cannot show as they are read; SVG leaves them to the viewer's fonts.
    pub unwritable: BTreeSet<char>,
}

/// The surface.
pub(crate) struct Canvas<'a> {
    shapes: Shapes<'a>,
    /// SVG's texts and pictures, which lie above its shapes.
    overlay: SvgOverlay,
    units: f64,
    unwritable: BTreeSet<char>,
    pub(crate) theme: Theme,
}

/// Draws on a surface of this size and gives the SVG file. `title` is what a screen reader says.
pub(crate) fn svg(
    (width, height): Point,
    theme: Theme,
    title: &str,
    draw: impl FnOnce(&mut Canvas<'_>),
) -> String {
    let mut shapes = String::new();
    let size = ((width * SVG_UNITS) as u32, (height * SVG_UNITS) as u32);
    let overlay = {
        let mut canvas = Canvas {
            shapes: Shapes::Svg(SVGBackend::with_string(&mut shapes, size)),
            overlay: SvgOverlay::new(SVG_UNITS),
            units: SVG_UNITS,
            unwritable: BTreeSet::new(),
            theme,
        };
        canvas.paper((width, height));
        draw(&mut canvas);
        canvas.overlay
    };
    overlay.around(&shapes, (width, height), title)
}

/// Draws on a surface of this size and gives the PNG file, of twice as many pixels.
pub(crate) fn png(
    (width, height): Point,
    theme: Theme,
    draw: impl FnOnce(&mut Canvas<'_>),
) -> PngFile {
    let finer = PNG_DENSITY * PNG_OVERSAMPLING;
    let size = (width as usize * finer, height as usize * finer);
    let mut pixels = vec![0; size.0 * size.1 * 3];
    let mut canvas = Canvas {
        shapes: Shapes::Png(BitMapBackend::with_buffer(
            &mut pixels,
            (size.0 as u32, size.1 as u32),
        )),
        overlay: SvgOverlay::new(SVG_UNITS),
        units: finer as f64,
        unwritable: BTreeSet::new(),
        theme,
    };
    canvas.paper((width, height));
    draw(&mut canvas);
    let unwritable = std::mem::take(&mut canvas.unwritable);
    drop(canvas);
    PngFile {
        bytes: png_file::averaged(&pixels, size, PNG_OVERSAMPLING),
        unwritable,
    }
}

macro_rules! on_either {
    ($shapes:expr, $backend:ident => $call:expr) => {
        match $shapes {
            Shapes::Svg($backend) => drawn($call),
            Shapes::Png($backend) => drawn($call),
        }
    };
}

impl Canvas<'_> {
    fn paper(&mut self, (width, height): Point) {
        self.fill(Rect::new(0.0, 0.0, width, height), self.theme.paper(), 1.0);
    }

    fn units(&self, (x, y): Point) -> (i32, i32) {
        (
            (x * self.units).round() as i32,
            (y * self.units).round() as i32,
        )
    }

    /// A filled rectangle; `opacity` from 0 to 1.
    pub(crate) fn fill(&mut self, rect: Rect, colour: Colour, opacity: f64) {
        let (from, to) = (
            self.units((rect.left, rect.top)),
            self.units((rect.right, rect.bottom)),
        );
        if from.0 >= to.0 || from.1 >= to.1 {
            return;
        }
        let style = style(colour, opacity, 1.0, self.units);
        on_either!(&mut self.shapes, backend => backend.draw_rect(from, to, &style, true));
    }

    /// The frame of a rectangle.
    pub(crate) fn frame(&mut self, rect: Rect, colour: Colour, width: f64) {
        let corners = [
            (rect.left, rect.top),
            (rect.right, rect.top),
            (rect.right, rect.bottom),
            (rect.left, rect.bottom),
            (rect.left, rect.top),
        ];
        self.line(&corners, colour, width);
    }

    /// A filled area between its corners.
    pub(crate) fn area(&mut self, corners: &[Point], colour: Colour, opacity: f64) {
        let corners: Vec<(i32, i32)> = corners.iter().map(|&corner| self.units(corner)).collect();
        let style = style(colour, opacity, 1.0, self.units);
        on_either!(&mut self.shapes, backend => backend.fill_polygon(corners, &style));
    }

    /// A line through points.
    pub(crate) fn line(&mut self, points: &[Point], colour: Colour, width: f64) {
        let points: Vec<(i32, i32)> = points.iter().map(|&point| self.units(point)).collect();
        let style = style(colour, 1.0, width, self.units);
        match &mut self.shapes {
            Shapes::Svg(svg) => drawn(svg.draw_path(points, &style)),
            Shapes::Png(png) => png_shapes::thick_line(png, &points, &style),
        }
    }

    /// A dashed line between two points.
    pub(crate) fn dashes(&mut self, from: Point, to: Point, colour: Colour, width: f64) {
        const DASH: f64 = 6.0;
        const GAP: f64 = 4.0;
        let length = (to.0 - from.0).hypot(to.1 - from.1);
        let at = |distance: f64| {
            let share = (distance / length).min(1.0);
            (
                from.0 + (to.0 - from.0) * share,
                from.1 + (to.1 - from.1) * share,
            )
        };
        let mut begin = 0.0;
        while begin < length {
            self.line(&[at(begin), at(begin + DASH)], colour, width);
            begin += DASH + GAP;
        }
    }

    /// A filled dot.
    pub(crate) fn dot(&mut self, centre: Point, radius: f64, colour: Colour, opacity: f64) {
        let centre = self.units(centre);
        let radius = (radius * self.units).round() as u32;
        let style = style(colour, opacity, 1.0, self.units);
        on_either!(&mut self.shapes, backend => backend.draw_circle(centre, radius, &style, true));
    }

    /// A picture, enlarged or reduced to the rectangle.
    pub(crate) fn picture(&mut self, rect: Rect, picture: &Picture) {
        let (left, top) = self.units((rect.left, rect.top));
        let (right, bottom) = self.units((rect.right, rect.bottom));
        match &mut self.shapes {
            Shapes::Svg(_) => self.overlay.picture(rect, picture),
            Shapes::Png(png) => png_shapes::picture(png, (left, top), (right, bottom), picture),
        }
    }

    /// What a pointer on `rect` is told, and a page by `data`; nothing in a PNG.
    pub(crate) fn spot(&mut self, rect: Rect, title: &str, data: &[(&str, u32)]) {
        if matches!(self.shapes, Shapes::Svg(_)) {
            self.overlay.spot(rect, title, data);
        }
    }

    /// A text.
    pub(crate) fn text(&mut self, text: &Text<'_>) {
        let units = self.units;
        match &mut self.shapes {
            Shapes::Svg(_) => self.overlay.text(text),
            Shapes::Png(png) => {
                let letters = text.text.chars();
                self.unwritable
                    .extend(letters.filter(|&letter| lettering::cannot_write(letter)));
                png_shapes::text(png, text, units);
            }
        }
    }
}
