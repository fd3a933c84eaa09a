//! A figure: a title, what it was drawn from, a legend above the drawing (so that it covers
//! nothing), the drawing, and notes. Its height follows from what is in it.

use crate::plots::drawing::canvas::{Canvas, PngFile};
use crate::plots::drawing::geometry::{Align, Rect};
use crate::plots::drawing::lettering::Lettering;
use crate::plots::drawing::panel::{NORMAL, SMALL, write};
use crate::plots::drawing::theme::{Colour, Theme};
use crate::plots::drawing::{canvas, lettering};

/// The width of every figure, in pixels of a screen.
pub(crate) const WIDTH: f64 = 800.0;
const MARGIN: f64 = 16.0;
const LINE: f64 = 17.0;
const LEGEND_ROW: f64 = 20.0;
const TITLE: Lettering = Lettering {
    size: 16.0,
    bold: true,
};
/// A title never fills more lines than this.
const MOST_LINES: usize = 4;

/// What a mark in the legend looks like.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Mark {
    Area,
    Outline,
    Line,
    Dashes,
    Dot,
}

/// An entry of the legend. Its colour is chosen once the ground is known.
pub(crate) struct Key {
    pub(crate) mark: Mark,
    pub(crate) colour: fn(Theme) -> Colour,
    pub(crate) label: String,
}

type Body<'a> = Box<dyn Fn(&mut Canvas<'_>, Rect) + 'a>;

/// A figure, not drawn yet.
pub struct Figure<'a> {
    pub(crate) title: String,
    pub(crate) facts: String,
    pub(crate) legend: Vec<Key>,
    pub(crate) notes: Vec<String>,
    pub(crate) height: f64,
    pub(crate) body: Body<'a>,
}

impl Figure<'_> {
    /// What the figure shows.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The figure as an SVG file: text, with texts as texts.
    pub fn svg(&self, theme: Theme) -> String {
        let layout = Layout::new(self);
        let size = (WIDTH, layout.height);
        canvas::svg(size, theme, &self.title, |canvas| {
            self.draw(canvas, &layout)
        })
    }

    /// The figure as a PNG file of 1,600 pixels' width.
    pub fn png(&self, theme: Theme) -> PngFile {
        let layout = Layout::new(self);
        canvas::png((WIDTH, layout.height), theme, |canvas| {
            self.draw(canvas, &layout);
        })
    }

    fn draw(&self, canvas: &mut Canvas<'_>, layout: &Layout) {
        let (ink, pale) = (canvas.theme.ink(), canvas.theme.pale_ink());
        let mut y = MARGIN;
        for (lines, lettering, colour) in
            [(&layout.title, TITLE, ink), (&layout.facts, NORMAL, pale)]
        {
            for line in lines {
                let height = line_height(lettering);
                let at = (MARGIN, y + height / 2.0);
                write(canvas, line, at, Align::Start, lettering, colour);
                y += height;
            }
        }
        y += 4.0;
        for row in &layout.legend {
            for &(x, key) in row {
                draw_key(canvas, &self.legend[key], (x, y + LEGEND_ROW / 2.0));
            }
            y += LEGEND_ROW;
        }
        y += 4.0;
        (self.body)(
            canvas,
            Rect::new(MARGIN, y, WIDTH - MARGIN, y + self.height),
        );
        y += self.height + 6.0;
        for line in &layout.notes {
            write(
                canvas,
                line,
                (MARGIN, y + LINE / 2.0),
                Align::Start,
                SMALL,
                pale,
            );
            y += LINE;
        }
    }
}

/// What stands where around the drawing.
struct Layout {
    title: Vec<String>,
    facts: Vec<String>,
    /// Rows of the legend: where each entry begins.
    legend: Vec<Vec<(f64, usize)>>,
    notes: Vec<String>,
    height: f64,
}

impl Layout {
    fn new(figure: &Figure<'_>) -> Self {
        let lines = |text: &str, lettering: Lettering| {
            let mut lines = lettering::wrapped(text, lettering, WIDTH - 2.0 * MARGIN);
            lines.truncate(MOST_LINES);
            lines
        };
        let title = lines(&figure.title, TITLE);
        let facts = lines(&figure.facts, NORMAL);
        let notes: Vec<String> = figure
            .notes
            .iter()
            .flat_map(|note| lines(note, SMALL))
            .collect();
        let legend = legend_rows(&figure.legend);
        let height = 2.0 * MARGIN
            + title.len() as f64 * line_height(TITLE)
            + facts.len() as f64 * line_height(NORMAL)
            + legend.len() as f64 * LEGEND_ROW
            + 8.0
            + figure.height
            + if notes.is_empty() { 0.0 } else { 6.0 }
            + notes.len() as f64 * LINE;
        Self {
            title,
            facts,
            legend,
            notes,
            height: height.ceil(),
        }
    }
}

fn line_height(lettering: Lettering) -> f64 {
    (lettering.size * 1.45).round()
}

const KEY_MARK: f64 = 22.0;
const KEY_GAP: f64 = 20.0;

fn legend_rows(keys: &[Key]) -> Vec<Vec<(f64, usize)>> {
    let mut rows: Vec<Vec<(f64, usize)>> = Vec::new();
    let mut x = MARGIN;
    for (number, key) in keys.iter().enumerate() {
        let label = fitted_label(key);
        let width = KEY_MARK + 6.0 + lettering::width(&label, NORMAL);
        if rows.is_empty() || x + width > WIDTH - MARGIN {
            rows.push(Vec::new());
            x = MARGIN;
        }
        rows.last_mut()
            .expect("it was just pushed")
            .push((x, number));
        x += width + KEY_GAP;
    }
    rows
}

fn fitted_label(key: &Key) -> String {
    lettering::fitted(&key.label, NORMAL, WIDTH - 2.0 * MARGIN - KEY_MARK - 6.0)
}

fn draw_key(canvas: &mut Canvas<'_>, key: &Key, (x, y): (f64, f64)) {
    let colour = (key.colour)(canvas.theme);
    let swatch = Rect::new(x, y - 6.0, x + KEY_MARK, y + 6.0);
    let (from, to) = ((x, y), (x + KEY_MARK, y));
    match key.mark {
        Mark::Area => {
            canvas.fill(swatch, colour, 0.45);
            canvas.frame(swatch, colour, 1.4);
        }
        Mark::Outline => canvas.frame(swatch, colour, 1.4),
        Mark::Line => canvas.line(&[from, to], colour, 2.2),
        Mark::Dashes => canvas.dashes(from, to, colour, 1.6),
        Mark::Dot => canvas.dot(swatch.centre(), 4.0, colour, 1.0),
    }
    let label = fitted_label(key);
    let ink = canvas.theme.ink();
    write(
        canvas,
        &label,
        (x + KEY_MARK + 6.0, y),
        Align::Start,
        NORMAL,
        ink,
    );
}
