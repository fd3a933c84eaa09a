//! The cells of a column of a file of labels.

use logformat::Label;

/// One label as it stands in the file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell {
    /// Wide enough for every integer that a file can hold.
    Integer(i128),
    Text(String),
    Null,
}

impl Cell {
    /// That of a float; NaN stands for a missing one.
    pub(crate) fn of_float(value: f64) -> Result<Self, f64> {
        match Label::of_float(value) {
            Some(Label::Number(number)) => Ok(Cell::Integer(number)),
            _ if value.is_nan() => Ok(Cell::Null),
            _ => Err(value),
        }
    }

    pub(crate) fn of_boolean(is_true: bool) -> Self {
        Cell::Text(Label::of_boolean(is_true).name().into_owned())
    }

    /// That of a text, whichever the format: without blanks around it, as tables of text are read.
    pub(crate) fn of_text(text: &str) -> Self {
        match text.trim_ascii() {
            "" => Cell::Null,
            text => Cell::Text(text.to_owned()),
        }
    }

    /// The label that it is, if it is one.
    pub(crate) fn label(&self) -> Option<Label<'_>> {
        match self {
            Cell::Integer(number) => Some(Label::Number(*number)),
            Cell::Text(text) => Some(Label::Text(text)),
            Cell::Null => None,
        }
    }

    /// As a text by which cells of several files are compared, where it is none missing: a number is one however it
    /// is written.
    pub(crate) fn key(&self) -> Option<String> {
        let label = self.label()?;
        let number = label.number().map(|number| number.to_string());
        Some(number.unwrap_or_else(|| label.name().into_owned()))
    }
}
