//! What plotters draws otherwise than we want in a PNG, or not at all: thick lines, texts in the font
//! that comes with the program, and pictures.

use plotters::backend::{BitMapBackend, DrawingBackend};
use plotters::style::{Color, ShapeStyle};

use crate::plots::drawing::geometry::{Align, Point};
use crate::plots::drawing::lettering;
use crate::plots::drawing::lettering::Lettering;
use crate::plots::drawing::pen::{Text, drawn, style};
use crate::plots::drawing::picture::Picture;

/// Each piece by itself, with round ends: plotters' own joints of thick lines grow spikes where a
/// line turns sharply.
pub(crate) fn thick_line(png: &mut BitMapBackend<'_>, points: &[(i32, i32)], style: &ShapeStyle) {
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

/// A text, letter by letter.
pub(crate) fn text(png: &mut BitMapBackend<'_>, text: &Text<'_>, units: f64) {
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

/// A picture, enlarged or reduced to the rectangle between two corners.
pub(crate) fn picture(
    png: &mut BitMapBackend<'_>,
    (left, top): (i32, i32),
    (right, bottom): (i32, i32),
    picture: &Picture,
) {
    let share = |at: i32, from: i32, to: i32| (f64::from(at - from) + 0.5) / f64::from(to - from);
    for y in top..bottom {
        for x in left..right {
            let colour = picture.at(share(x, left, right), share(y, top, bottom));
            let style = style(colour, 1.0, 1.0, 1.0);
            drawn(png.draw_pixel((x, y), style.color.to_backend_color()));
        }
    }
}
