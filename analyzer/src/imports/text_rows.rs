//! The rows of a CSV file, one at a time: a file of any length in the memory of its longest line.

use std::io;
use std::path::Path;

use csv::{ByteRecord, ErrorKind, Reader, ReaderBuilder};

use crate::error::AnalyzerError;
use crate::imports::limited_lines::LimitedLines;
use crate::logs::table_frame::refusal;

/// A CSV file with a header.
pub(crate) struct TextRows<'a> {
    path: &'a Path,
    reader: Reader<LimitedLines>,
    header: Vec<String>,
    row: ByteRecord,
}

impl<'a> TextRows<'a> {
    pub(crate) fn open(path: &'a Path) -> Result<Self, AnalyzerError> {
        let lines = LimitedLines::open(path)?;
        let mut builder = ReaderBuilder::new();
        let mut reader = builder.buffer_capacity(1 << 18).from_reader(lines);
        let header = reader
            .byte_headers()
            .map_err(|error| refused(path, &error))?;
        let header = header
            .iter()
            .map(|name| String::from_utf8_lossy(name).into_owned());
        Ok(Self {
            path,
            header: header.collect(),
            reader,
            row: ByteRecord::new(),
        })
    }

    pub(crate) fn header(&self) -> &[String] {
        &self.header
    }

    /// Where a column stands, if it is there.
    pub(crate) fn column(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|column| column == name)
    }

    /// Where these columns stand.
    pub(crate) fn columns<const N: usize>(
        &self,
        names: [&str; N],
    ) -> Result<[usize; N], AnalyzerError> {
        let missing: Vec<&str> = names
            .into_iter()
            .filter(|name| self.column(name).is_none())
            .collect();
        if !missing.is_empty() {
            let (missing, header) = (missing.join(", "), self.header.join(", "));
            let reason = format!("has no column {missing}; its columns are {header}");
            return Err(refusal(self.path, reason));
        }
        Ok(names.map(|name| self.column(name).unwrap_or_default()))
    }

    /// The next row; `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Row<'_>>, AnalyzerError> {
        let more = self.reader.read_byte_record(&mut self.row);
        let more = more.map_err(|error| refused(self.path, &error))?;
        let (path, fields) = (self.path, &self.row);
        Ok(more.then_some(Row { path, fields }))
    }
}

/// One row.
#[derive(Clone, Copy)]
pub(crate) struct Row<'a> {
    path: &'a Path,
    fields: &'a ByteRecord,
}

impl<'a> Row<'a> {
    /// The text of a column.
    pub(crate) fn text(self, column: usize) -> Result<&'a str, AnalyzerError> {
        let field = self.fields.get(column).unwrap_or_default();
        let text = std::str::from_utf8(field);
        text.map_err(|_| {
            self.refusal("has a text that is not UTF-8; write the file again as UTF-8")
        })
    }

    /// A whole number from 0 on, which pandas writes as `3.0` where some are missing.
    pub(crate) fn whole(self, column: usize, meaning: &str) -> Result<u32, AnalyzerError> {
        let text = self.text(column)?;
        if let Ok(number) = text.parse() {
            return Ok(number);
        }
        let number = text.parse::<f64>().ok();
        let is_whole =
            |number: &f64| number.fract() == 0.0 && (0.0..=4_294_967_295.0).contains(number);
        match number.filter(is_whole) {
            Some(number) => Ok(number as u32),
            None => Err(self.refusal(&format!(
                "has {text:?} for {meaning}, a whole number from 0 on"
            ))),
        }
    }

    /// A finite number.
    pub(crate) fn number(self, column: usize, meaning: &str) -> Result<f64, AnalyzerError> {
        let text = self.text(column)?;
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(number),
            _ => Err(self.refusal(&format!(
                "has {text:?} for {meaning}, a finite number; leave out what is no measurement"
            ))),
        }
    }

    /// What is wrong with this row.
    pub(crate) fn refusal(self, reason: &str) -> AnalyzerError {
        let line = self.fields.position().map_or(0, csv::Position::line);
        refusal(self.path, format!("line {line} {reason}"))
    }
}

fn refused(path: &Path, error: &csv::Error) -> AnalyzerError {
    let line = error.position().map_or(0, csv::Position::line);
    match error.kind() {
        ErrorKind::Io(source) => AnalyzerError::Read {
            path: path.to_owned(),
            source: io::Error::new(source.kind(), source.to_string()),
        },
        ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => refusal(
            path,
            format!(
                "line {line} has {len} fields in place of {expected_len}; the file was cut off or is no CSV, so write it again"
            ),
        ),
        _ => refusal(path, format!("line {line}: {error}")),
    }
}
