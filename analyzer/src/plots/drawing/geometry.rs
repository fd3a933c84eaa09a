//! Where things stand on a surface: points and rectangles, in pixels of a screen.

/// A point, x to the right and y downwards.
pub(crate) type Point = (f64, f64);

/// A rectangle by its left, top, right and bottom.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rect {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) right: f64,
    pub(crate) bottom: f64,
}

/// Where a text stands relative to its point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    Start,
    Middle,
    End,
}

impl Rect {
    pub(crate) fn new(left: f64, top: f64, right: f64, bottom: f64) -> Self {
        Self {
            left,
            top,
            right,
            bottom,
        }
    }

    pub(crate) fn width(self) -> f64 {
        self.right - self.left
    }

    pub(crate) fn height(self) -> f64 {
        self.bottom - self.top
    }

    pub(crate) fn centre(self) -> Point {
        (
            f64::midpoint(self.left, self.right),
            f64::midpoint(self.top, self.bottom),
        )
    }

    /// The cell of a grid of `columns` × `rows` with gaps between them.
    pub(crate) fn cell(
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
