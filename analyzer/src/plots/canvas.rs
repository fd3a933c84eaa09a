//! One surface for SVG and PNG, measured in pixels of a screen: lines, areas, dots and pictures
//! through plotters, text through `lettering`. A plot is drawn once, by the same code for both.

use plotters::backend::{BitMapBackend, DrawingBackend, SVGBackend};
use plotters::style::{Color, RGBAColor, RGBColor, ShapeStyle};

use super::lettering::{self, Lettering};
use super::picture::Picture;
use super::png_file;
use super::svg_text::SvgOverlay;
use super::theme::{Colour, Theme};

/// plotters counts in whole units; an SVG is drawn in tenths of a pixel.
const SVG_UNITS: f64 = 10.0;
/// A PNG has twice the pixels in each direction, for fine screens and print …
const PNG_DENSITY: usize = 2;
/// … and is drawn twice as large again, then averaged, which makes smooth edges.
const PNG_OVERSAMPLING: usize = 2;

/// A point, x to the right and y downwards.
pub(super) type Point = (f64, f64);

/// A rectangle by its left, top, right and bottom.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rect {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) right: f64,
    pub(super) bottom: f64,
}

/// Where a text stands relative to its point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Align {
    Start,
    Middle,
    End,
}

/// A text and its looks. Its point lies on the middle of its capitals' height.
#[derive(Debug, Clone, Copy)]
pub(super) struct Text<'a> {
    pub(super) text: &'a str,
    pub(super) at: Point,
    pub(super) align: Align,
    pub(super) lettering: Lettering,
    pub(super) colour: Colour,
    /// Read from bottom to top.
    pub(super) upwards: bool,
}

enum Shapes<'a> {
    Svg(SVGBackend<'a>),
    Png(BitMapBackend<'a>),
}

/// The surface.
pub(super) struct Canvas<'a> {
    shapes: Shapes<'a>,
    /// SVG's texts and pictures, which lie above its shapes.
    overlay: SvgOverlay,
    units: f64,
    pub(super) theme: Theme,
}

/// Draws on a surface of this size and gives the SVG file. `title` is what a screen reader says.
pub(super) fn svg(
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
            theme,
        };
        canvas.paper((width, height));
        draw(&mut canvas);
        canvas.overlay
    };
    overlay.around(&shapes, (width, height), title)
}

/// Draws on a surface of this size and gives the PNG file, of twice as many pixels.
pub(super) fn png(
    (width, height): Point,
    theme: Theme,
    draw: impl FnOnce(&mut Canvas<'_>),
) -> Vec<u8> {
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
        theme,
    };
    canvas.paper((width, height));
    draw(&mut canvas);
    drop(canvas);
    png_file::averaged(&pixels, size, PNG_OVERSAMPLING)
}

impl Rect {
    pub(super) fn new(left: f64, top: f64, right: f64, bottom: f64) -> Self {
        Self {
            left,
            top,
            right,
            bottom,
        }
    }

    pub(super) fn width(self) -> f64 {
        self.right - self.left
    }

    pub(super) fn height(self) -> f64 {
        self.bottom - self.top
    }

    pub(super) fn centre(self) -> Point {
        (
            f64::midpoint(self.left, self.right),
            f64::midpoint(self.top, self.bottom),
        )
    }

    /// The cell of a grid of `columns` × `rows` with gaps between them.
    pub(super) fn cell(
        self,
        (column, row): (usize, usize),
        (columns, rows): (usize, usize),
        gap: f64,
    ) -> Self {
        let width = (self.width() - gap * (columns as f64 - 1.0)) / columns as f64;
        let height = (self.height() - gap * (rows as f64 - 1.0)) / rows as f64;
        let left = self.left + column as f64 * (width + gap);
        let top = self.top + row as f64 * (height + gap);
        Self::new(left, top, left + width, top + height)
    }
}

/// Memory takes every shape, so neither backend has an error to report.
fn drawn<E>(result: Result<(), E>) {
    debug_assert!(result.is_ok());
}

fn style(colour: Colour, opacity: f64, stroke: f64, units: f64) -> ShapeStyle {
    let colour: RGBAColor = RGBColor(colour.0, colour.1, colour.2).mix(opacity);
    ShapeStyle {
        color: colour,
        filled: true,
        stroke_width: (stroke * units).round().max(1.0) as u32,
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
    pub(super) fn fill(&mut self, rect: Rect, colour: Colour, opacity: f64) {
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
    pub(super) fn frame(&mut self, rect: Rect, colour: Colour, width: f64) {
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
    pub(super) fn area(&mut self, corners: &[Point], colour: Colour, opacity: f64) {
        let corners: Vec<(i32, i32)> = corners.iter().map(|&corner| self.units(corner)).collect();
        let style = style(colour, opacity, 1.0, self.units);
        on_either!(&mut self.shapes, backend => backend.fill_polygon(corners, &style));
    }

    /// A line through points.
    pub(super) fn line(&mut self, points: &[Point], colour: Colour, width: f64) {
        let points: Vec<(i32, i32)> = points.iter().map(|&point| self.units(point)).collect();
        let style = style(colour, 1.0, width, self.units);
        match &mut self.shapes {
            Shapes::Svg(svg) => drawn(svg.draw_path(points, &style)),
            Shapes::Png(png) => thick_line(png, &points, &style),
        }
    }

    /// A dashed line between two points.
    pub(super) fn dashes(&mut self, from: Point, to: Point, colour: Colour, width: f64) {
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
    pub(super) fn dot(&mut self, centre: Point, radius: f64, colour: Colour, opacity: f64) {
        let centre = self.units(centre);
        let radius = (radius * self.units).round() as u32;
        let style = style(colour, opacity, 1.0, self.units);
        on_either!(&mut self.shapes, backend => backend.draw_circle(centre, radius, &style, true));
    }

    /// A picture, enlarged or reduced to the rectangle.
    pub(super) fn picture(&mut self, rect: Rect, picture: &Picture) {
        let (left, top) = self.units((rect.left, rect.top));
        let (right, bottom) = self.units((rect.right, rect.bottom));
        match &mut self.shapes {
            Shapes::Svg(_) => self.overlay.picture(rect, picture),
            Shapes::Png(png) => {
                for y in top..bottom {
                    for x in left..right {
                        let share = |at: i32, from: i32, to: i32| {
                            (f64::from(at - from) + 0.5) / f64::from(to - from)
                        };
                        let colour = picture.at(share(x, left, right), share(y, top, bottom));
                        let style = style(colour, 1.0, 1.0, 1.0);
                        drawn(png.draw_pixel((x, y), style.color.to_backend_color()));
                    }
                }
            }
        }
    }

    /// A text.
    pub(super) fn text(&mut self, text: &Text<'_>) {
        let units = self.units;
        match &mut self.shapes {
            Shapes::Svg(_) => self.overlay.text(text),
            Shapes::Png(png) => draw_text(png, text, units),
        }
    }
}

/// Each piece by itself, with round ends: plotters' own joints of thick lines grow spikes where a
/// line turns sharply.
fn thick_line(png: &mut BitMapBackend<'_>, points: &[(i32, i32)], style: &ShapeStyle) {
    let half = f64::from(style.stroke_width) / 2.0;
    for pair in points.windows(2) {
        let [from, to] = [pair[0], pair[1]].map(|(x, y)| (f64::from(x), f64::from(y)));
        let length = (to.0 - from.0).hypot(to.1 - from.1);
        if length == 0.0 {
            continue;
        }
        let (across_x, across_y) = (
            (to.1 - from.1) / length * half,
            (from.0 - to.0) / length * half,
        );
        let corner = |(x, y): Point, side: f64| {
            (
                (x + across_x * side).round() as i32,
                (y + across_y * side).round() as i32,
            )
        };
        let corners = [
            corner(from, 1.0),
            corner(to, 1.0),
            corner(to, -1.0),
            corner(from, -1.0),
        ];
        drawn(png.fill_polygon(corners, style));
    }
    for &inner in points.iter().skip(1).take(points.len().saturating_sub(2)) {
        drawn(png.draw_circle(inner, half as u32, style, true));
    }
}

fn draw_text(png: &mut BitMapBackend<'_>, text: &Text<'_>, units: f64) {
    let lettering = Lettering {
        size: text.lettering.size * units,
        ..text.lettering
    };
    let width = lettering::width(text.text, lettering);
    let begin = match text.align {
        Align::Start => 0.0,
        Align::Middle => -width / 2.0,
        Align::End => -width,
    };
    let (x0, y0) = (text.at.0 * units, text.at.1 * units);
    let base = lettering.capital() / 2.0;
    let (most_x, most_y) = png.get_size();
    lettering::draw(text.text, lettering, |x, y, covered| {
        let (along, down) = (begin + f64::from(x), base + f64::from(y));
        let (x, y) = if text.upwards {
            (x0 + down, y0 - along)
        } else {
            (x0 + along, y0 + down)
        };
        let inside = x >= 0.0 && y >= 0.0 && x < f64::from(most_x) && y < f64::from(most_y);
        if inside && covered > 0.0 {
            let style = style(text.colour, covered, 1.0, 1.0);
            drawn(png.draw_pixel((x as i32, y as i32), style.color.to_backend_color()));
        }
    });
}
