//! A panel: a frame of two axes with round numbers, and where values lie within.

use crate::plots::drawing::axis::Axis;
use crate::plots::drawing::canvas::Canvas;
use crate::plots::drawing::geometry::{Align, Point, Rect};
use crate::plots::drawing::lettering;
use crate::plots::drawing::lettering::Lettering;
use crate::plots::drawing::pen::Text;
use crate::plots::drawing::theme::Colour;

/// Numbers at axes.
pub(crate) const SMALL: Lettering = Lettering {
    size: 11.0,
    bold: false,
};
/// Titles of axes, legends, notes.
pub(crate) const NORMAL: Lettering = Lettering {
    size: 12.0,
    bold: false,
};
/// Headings of panels.
pub(crate) const HEADING: Lettering = Lettering {
    size: 12.0,
    bold: true,
};

const HEADING_HEIGHT: f64 = 22.0;
const TICK_HEIGHT: f64 = 18.0;
const TITLE_HEIGHT: f64 = 20.0;
/// Half of the last number of the x axis hangs over its end.
const OVERHANG: f64 = 16.0;

/// A panel whose axes are drawn.
pub(crate) struct Panel {
    pub(crate) plot: Rect,
    x: Axis,
    y: Axis,
}

/// Where the plot lies within `rect`, beside what is written around it.
pub(crate) fn plot_area(rect: Rect, heading: &str, x: &Axis, y: &Axis) -> Rect {
    let widths = y
        .ticks
        .iter()
        .map(|tick| lettering::width(&tick.label, SMALL));
    // Panels above each other begin at the same place, as long as their numbers are short.
    let numbers = widths.fold(26.0, f64::max) + 8.0;
    let y_title = if y.title.is_empty() {
        0.0
    } else {
        TITLE_HEIGHT
    };
    let top = if heading.is_empty() {
        6.0
    } else {
        HEADING_HEIGHT
    };
    let x_title = if x.title.is_empty() {
        0.0
    } else {
        TITLE_HEIGHT
    };
    Rect::new(
        rect.left + y_title + numbers,
        rect.top + top,
        rect.right - OVERHANG,
        rect.bottom - TICK_HEIGHT - x_title,
    )
}

impl Panel {
    /// Draws the axes, their numbers and titles, and a heading.
    pub(crate) fn draw(
        canvas: &mut Canvas<'_>,
        rect: Rect,
        heading: &str,
        (x, y): (Axis, Axis),
    ) -> Self {
        let panel = Self {
            plot: plot_area(rect, heading, &x, &y),
            x,
            y,
        };
        panel.grid(canvas);
        panel.titles(canvas, rect, heading);
        panel
    }

    pub(crate) fn at(&self, x: f64, y: f64) -> Point {
        (self.x_at(x), self.y_at(y))
    }

    pub(crate) fn x_at(&self, value: f64) -> f64 {
        self.plot.left + self.x.share(value) * self.plot.width()
    }

    pub(crate) fn y_at(&self, value: f64) -> f64 {
        self.plot.bottom - self.y.share(value) * self.plot.height()
    }

    /// A vertical dashed line.
    pub(crate) fn mark_x(&self, canvas: &mut Canvas<'_>, value: f64) {
        let x = self.x_at(value);
        let ink = canvas.theme.ink();
        canvas.dashes((x, self.plot.top), (x, self.plot.bottom), ink, 1.4);
    }

    /// A line at zero, where zero is within.
    pub(crate) fn zero_line(&self, canvas: &mut Canvas<'_>) {
        if self.y.from < 0.0 && self.y.to > 0.0 {
            let y = self.y_at(0.0);
            let ink = canvas.theme.pale_ink();
            canvas.line(&[(self.plot.left, y), (self.plot.right, y)], ink, 1.0);
        }
    }

    /// A line through values of both axes; where there is one alone, a dot.
    pub(crate) fn curve(
        &self,
        canvas: &mut Canvas<'_>,
        values: &[(f64, f64)],
        colour: Colour,
        width: f64,
    ) {
        let points: Vec<Point> = values.iter().map(|&(x, y)| self.at(x, y)).collect();
        canvas.line(&points, colour, width);
        if let [only] = points[..] {
            canvas.dot(only, 4.0, colour, 1.0);
        }
    }

    fn grid(&self, canvas: &mut Canvas<'_>) {
        let (grid, pale) = (canvas.theme.grid(), canvas.theme.pale_ink());
        for tick in &self.y.ticks {
            let y = self.y_at(tick.at);
            canvas.line(&[(self.plot.left, y), (self.plot.right, y)], grid, 1.0);
            let at = (self.plot.left - 6.0, y);
            write(canvas, &tick.label, at, Align::End, SMALL, pale);
        }
        for tick in &self.x.ticks {
            let x = self.x_at(tick.at);
            canvas.line(&[(x, self.plot.top), (x, self.plot.bottom)], grid, 1.0);
            let at = (x, self.plot.bottom + TICK_HEIGHT / 2.0 + 2.0);
            write(canvas, &tick.label, at, Align::Middle, SMALL, pale);
        }
        canvas.frame(self.plot, grid, 1.0);
    }

    fn titles(&self, canvas: &mut Canvas<'_>, rect: Rect, heading: &str) {
        let ink = canvas.theme.ink();
        let (middle_x, middle_y) = self.plot.centre();
        let below = (middle_x, rect.bottom - TITLE_HEIGHT / 2.0);
        let x_title = lettering::fitted(&self.x.title, NORMAL, rect.width());
        write(canvas, &x_title, below, Align::Middle, NORMAL, ink);
        let y_title = lettering::fitted(&self.y.title, NORMAL, rect.height());
        canvas.text(&Text {
            text: &y_title,
            at: (rect.left + 7.0, middle_y),
            align: Align::Middle,
            lettering: NORMAL,
            colour: ink,
            upwards: true,
        });
        let heading = lettering::fitted(heading, HEADING, self.plot.width());
        let above = (self.plot.left, rect.top + HEADING_HEIGHT / 2.0 - 2.0);
        write(canvas, &heading, above, Align::Start, HEADING, ink);
    }
}

/// A level text.
pub(crate) fn write(
    canvas: &mut Canvas<'_>,
    text: &str,
    at: Point,
    align: Align,
    lettering: Lettering,
    colour: Colour,
) {
    canvas.text(&Text {
        text,
        at,
        align,
        lettering,
        colour,
        upwards: false,
    });
}
