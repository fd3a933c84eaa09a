//! A table of numbers as colours: which class was given where which is suggested, or how alike runs
//! rank their samples.

use crate::plots::drawing::axis::signed;
use crate::plots::drawing::canvas::Canvas;
use crate::plots::drawing::geometry::{Align, Rect};
use crate::plots::drawing::lettering;
use crate::plots::drawing::lettering::Lettering;
use crate::plots::drawing::panel::{NORMAL, SMALL, write};
use crate::plots::drawing::pen::Text;

/// A square table; `cells` row by row, `None` where nothing is shown.
pub(crate) struct HeatMap {
    pub(crate) row_title: String,
    pub(crate) column_title: String,
    pub(crate) names: Vec<String>,
    pub(crate) cells: Vec<Option<f64>>,
    pub(crate) decimals: usize,
    /// The value of the darkest colour; `None` for the highest of the cells.
    pub(crate) highest: Option<f64>,
    /// The classes of the rows and columns, where a row is a given class and a column a suggested one: a page
    /// lists the samples of a cell that is clicked.
    pub(crate) classes: Option<Vec<u32>>,
}

/// Names longer than this are cut.
const MOST_NAME: f64 = 150.0;
const LARGEST_CELL: f64 = 64.0;

impl HeatMap {
    /// How high it is drawn.
    pub(crate) fn height(&self) -> f64 {
        self.cell() * self.names.len() as f64 + self.room_above() + 30.0
    }

    fn cell(&self) -> f64 {
        let room = 800.0 - 60.0 - self.names_room() - 24.0;
        (room / self.names.len().max(1) as f64).min(LARGEST_CELL)
    }

    fn names_room(&self) -> f64 {
        let widths = self.names.iter().map(|name| lettering::width(name, SMALL));
        widths.fold(0.0, f64::max).min(MOST_NAME) + 10.0
    }

    /// Names above are upright where one is wider than its column.
    fn is_upright(&self) -> bool {
        self.names_room() - 10.0 > self.cell() - 6.0
    }

    fn room_above(&self) -> f64 {
        if self.is_upright() {
            self.names_room()
        } else {
            20.0
        }
    }

    pub(crate) fn draw(&self, canvas: &mut Canvas<'_>, rect: Rect) {
        let cell = self.cell();
        let left = rect.left + 24.0 + self.names_room();
        let top = rect.top + 24.0 + self.room_above();
        let side = cell * self.names.len() as f64;
        let ink = canvas.theme.ink();
        // Over a narrow table the title begins at the edge, so that none of it is cut.
        let half = lettering::width(&self.column_title, NORMAL) / 2.0;
        let middle =
            (left + side / 2.0).clamp(rect.left + half, (rect.right - half).max(rect.left + half));
        let middle = (middle, rect.top + 9.0);
        write(
            canvas,
            &self.column_title,
            middle,
            Align::Middle,
            NORMAL,
            ink,
        );
        canvas.text(&Text {
            text: &self.row_title,
            at: (rect.left + 8.0, top + side / 2.0),
            align: Align::Middle,
            lettering: NORMAL,
            colour: ink,
            upwards: true,
        });
        let values = self.cells.iter().flatten();
        let highest = values.fold(0.0_f64, |high, &value| high.max(value));
        let highest = self.highest.unwrap_or(highest);
        for (number, value) in self.cells.iter().enumerate() {
            let (row, column) = (number / self.names.len(), number % self.names.len());
            let (x, y) = (left + cell * column as f64, top + cell * row as f64);
            let square = Rect::new(x + 0.5, y + 0.5, x + cell - 0.5, y + cell - 0.5);
            self.draw_cell(canvas, square, *value, highest);
            if let (Some(classes), Some(value)) =
                (&self.classes, value.filter(|&value| value > 0.0))
            {
                let title = format!(
                    "{} given, {} suggested: {}",
                    self.names[row],
                    self.names[column],
                    signed(value, self.decimals)
                );
                let data = [("given", classes[row]), ("suggested", classes[column])];
                canvas.spot(square, &title, &data);
            }
        }
        self.draw_names(canvas, (left, top), cell);
    }

    fn draw_cell(&self, canvas: &mut Canvas<'_>, square: Rect, value: Option<f64>, highest: f64) {
        let Some(value) = value else {
            let grid = canvas.theme.grid();
            canvas.fill(square, grid, 0.5);
            return;
        };
        let share = if highest > 0.0 { value / highest } else { 0.0 };
        let colour = canvas.theme.scale(share);
        canvas.fill(square, colour, 1.0);
        let label = signed(value, self.decimals);
        let lettering = Lettering {
            size: 10.5,
            bold: false,
        };
        if value != 0.0 && lettering::width(&label, lettering) < square.width() - 2.0 {
            let (paper, ink) = (canvas.theme.paper(), canvas.theme.ink());
            let text = if paper.contrast(colour) > ink.contrast(colour) {
                paper
            } else {
                ink
            };
            write(
                canvas,
                &label,
                square.centre(),
                Align::Middle,
                lettering,
                text,
            );
        }
    }

    fn draw_names(&self, canvas: &mut Canvas<'_>, (left, top): (f64, f64), cell: f64) {
        let pale = canvas.theme.pale_ink();
        for (number, name) in self.names.iter().enumerate() {
            let name = lettering::fitted(name, SMALL, MOST_NAME);
            let middle = cell * (number as f64 + 0.5);
            write(
                canvas,
                &name,
                (left - 6.0, top + middle),
                Align::End,
                SMALL,
                pale,
            );
            let is_upright = self.is_upright();
            canvas.text(&Text {
                text: &name,
                at: (left + middle, top - if is_upright { 6.0 } else { 10.0 }),
                align: if is_upright {
                    Align::Start
                } else {
                    Align::Middle
                },
                lettering: SMALL,
                colour: pale,
                upwards: is_upright,
            });
        }
    }
}
