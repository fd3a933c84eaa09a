//! The rows of a CSV file, one at a time: a file of any length in the memory of its longest line.

use std::cell::Cell;
use std::io::{self, Read};
use std::path::Path;

use csv::{ByteRecord, ErrorKind, Reader, ReaderBuilder};

use crate::error::AnalyzerError;
use crate::imports::limited_lines::LimitedLines;
use crate::imports::plain_lines::{Next, PlainLines};
use crate::logs::table_frame::refusal;

/// A CSV file with a header.
pub(crate) struct TextRows<'a> {
    path: &'a Path,
    header: Vec<String>,
    lines: Lines,
    /// The point or the comma of its decimals, once a number had one; `None` where the comma separates fields.
    decimal: Option<Cell<Option<char>>>,
}

enum Lines {
    /// Up to the first quote.
    Plain(PlainLines),
    /// From there on.
    Quoted(QuotedLines),
    /// In between.
    Neither,
}

struct QuotedLines {
    reader: Reader<Box<dyn Read>>,
    row: ByteRecord,
    /// Lines before the first of these.
    before: u64,
    separator: u8,
}

impl<'a> TextRows<'a> {
    pub(crate) fn open(path: &'a Path) -> Result<Self, AnalyzerError> {
        let lines = Lines::Plain(PlainLines::new(LimitedLines::open(path)?));
        let mut rows = Self {
            path,
            header: Vec::new(),
            lines,
            decimal: None,
        };
        if rows.advance()? {
            let fields = rows.fields();
            let first = fields.field(0).unwrap_or_default();
            if first.starts_with(&[0x1f, 0x8b]) {
                let reason = "is packed by gzip; unpack it, as with gunzip";
                return Err(refusal(path, reason.to_owned()));
            }
            if first.contains(&0) || matches!(first, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]) {
                let reason = "begins as a text in UTF-16 does; write it again as UTF-8, as by `iconv -f utf-16 -t utf-8`";
                return Err(refusal(path, reason.to_owned()));
            }
            let names = (0..fields.width()).map_while(|column| fields.field(column));
            let names = names.map(|name| String::from_utf8_lossy(name).into_owned());
            rows.header = names.collect();
            rows.decimal = (rows.lines.separator() != b',').then(Cell::default);
        }
        let twice = (0..).zip(&rows.header).find(|(at, name)| {
            let before: &[String] = &rows.header[..*at];
            !name.is_empty() && before.contains(name)
        });
        match twice {
            None => Ok(rows),
            Some((_, name)) => Err(refusal(
                path,
                format!(
                    "has two columns {name}, and which one is meant cannot be told; give them different names"
                ),
            )),
        }
    }

    /// Goes on to the next row, if there is one.
    fn advance(&mut self) -> Result<bool, AnalyzerError> {
        let unreadable = |source| AnalyzerError::Read {
            path: self.path.to_owned(),
            source,
        };
        if let Lines::Plain(lines) = &mut self.lines {
            match lines.next().map_err(unreadable)? {
                Next::Plain => return Ok(true),
                Next::End => return Ok(false),
                Next::Quoted => {
                    self.lines = std::mem::replace(&mut self.lines, Lines::Neither).quoted()
                }
            }
        }
        match &mut self.lines {
            Lines::Quoted(lines) => {
                let more = lines.reader.read_byte_record(&mut lines.row);
                more.map_err(|error| refused(self.path, lines.before, &error))
            }
            Lines::Plain(_) | Lines::Neither => Ok(false),
        }
    }

    fn fields(&self) -> Fields<'_> {
        match &self.lines {
            Lines::Plain(lines) => Fields::Plain(lines),
            Lines::Quoted(lines) => Fields::Quoted(lines),
            Lines::Neither => Fields::None,
        }
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
        if !self.advance()? {
            return Ok(None);
        }
        let (path, fields) = (self.path, self.fields());
        let (width, columns) = (fields.width(), self.header.len());
        match width == columns {
            true => Ok(Some(Row {
                path,
                fields,
                decimal: self.decimal.as_ref(),
            })),
            false => Err(refusal(
                path,
                format!(
                    "line {} has {width} fields in place of {columns}; the file was cut off or is no CSV, so write it again",
                    fields.line()
                ),
            )),
        }
    }
}

impl Lines {
    /// By a parser of CSV from here on.
    fn quoted(self) -> Self {
        let Self::Plain(lines) = self else {
            return self;
        };
        let (before, separator) = (lines.number(), lines.separator());
        let rest: Box<dyn Read> = Box::new(lines.rest());
        let mut builder = ReaderBuilder::new();
        // The number of fields is compared with that of the header, which may be among the plain lines.
        builder.has_headers(false).flexible(true);
        builder.delimiter(separator);
        Self::Quoted(QuotedLines {
            reader: builder.buffer_capacity(1 << 18).from_reader(rest),
            row: ByteRecord::new(),
            before,
            separator,
        })
    }

    fn separator(&self) -> u8 {
        match self {
            Self::Plain(lines) => lines.separator(),
            Self::Quoted(lines) => lines.separator,
            Self::Neither => b',',
        }
    }
}

/// The fields of a row, and where it is.
#[derive(Clone, Copy)]
enum Fields<'a> {
    Plain(&'a PlainLines),
    Quoted(&'a QuotedLines),
    None,
}

impl<'a> Fields<'a> {
    fn field(self, column: usize) -> Option<&'a [u8]> {
        match self {
            Self::Plain(lines) => lines.field(column),
            Self::Quoted(lines) => lines.row.get(column),
            Self::None => None,
        }
    }

    fn width(self) -> usize {
        match self {
            Self::Plain(lines) => lines.width(),
            Self::Quoted(lines) => lines.row.len(),
            Self::None => 0,
        }
    }

    /// From 1.
    fn line(self) -> u64 {
        match self {
            Self::Plain(lines) => lines.number(),
            Self::Quoted(lines) => {
                lines.before + lines.row.position().map_or(0, csv::Position::line)
            }
            Self::None => 0,
        }
    }
}

/// One row.
#[derive(Clone, Copy)]
pub(crate) struct Row<'a> {
    path: &'a Path,
    fields: Fields<'a>,
    decimal: Option<&'a Cell<Option<char>>>,
}

impl<'a> Row<'a> {
    /// The text of a column.
    pub(crate) fn text(self, column: usize) -> Result<&'a str, AnalyzerError> {
        let field = self.fields.field(column).unwrap_or_default();
        let text = std::str::from_utf8(field);
        text.map_err(|_| {
            self.refusal("has a text that is not UTF-8; write the file again as UTF-8")
        })
    }

    /// A whole number from 0 on, which pandas writes as `3.0` where some are missing.
    pub(crate) fn whole(self, column: usize, meaning: &str) -> Result<u32, AnalyzerError> {
        if let Some(number) = self.fields.field(column).and_then(few_digits) {
            return Ok(number);
        }
        let text = self.text(column)?;
        if let Ok(number) = text.parse() {
            return Ok(number);
        }
        let number = self.float(text);
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
        match self.float(text) {
            Some(number) if number.is_finite() => Ok(number),
            _ => Err(self.refusal(&format!(
                "has {text:?} for {meaning}, a finite number; leave out what is no measurement"
            ))),
        }
    }

    /// The number that a text is. Beside another separator, a comma may stand for the decimal point; in a table that has
    /// the one, the other may divide thousands and is none.
    fn float(self, text: &str) -> Option<f64> {
        let (Some(decimal), Some(mark)) = (self.decimal, text.find([',', '.'])) else {
            return text.parse().ok();
        };
        let mark = text[mark..].chars().next();
        decimal.set(decimal.get().or(mark));
        (decimal.get() == mark).then(|| text.replace(',', ".").parse().ok())?
    }

    /// Whether something is so, as pandas, R or a database writes it; an empty field says that it is not.
    pub(crate) fn flag(self, column: usize, meaning: &str) -> Result<bool, AnalyzerError> {
        let text = self.text(column)?;
        match text.to_ascii_lowercase().as_str() {
            "true" | "1" | "1.0" => Ok(true),
            "false" | "0" | "0.0" | "" => Ok(false),
            _ => Err(self.refusal(&format!(
                "has {text:?} for {meaning}, which is true or false"
            ))),
        }
    }

    /// What is wrong with this row.
    pub(crate) fn refusal(self, reason: &str) -> AnalyzerError {
        refusal(self.path, format!("line {} {reason}", self.fields.line()))
    }
}

/// The number that up to nine digits are, as nearly all whole numbers here.
fn few_digits(field: &[u8]) -> Option<u32> {
    let digit = |number: u32, byte: &u8| {
        byte.is_ascii_digit()
            .then(|| number * 10 + u32::from(byte - b'0'))
    };
    match field.len() {
        1..=9 => field.iter().try_fold(0, digit),
        _ => None,
    }
}

fn refused(path: &Path, before: u64, error: &csv::Error) -> AnalyzerError {
    match error.kind() {
        ErrorKind::Io(source) => AnalyzerError::Read {
            path: path.to_owned(),
            source: io::Error::new(source.kind(), source.to_string()),
        },
        _ => {
            let line = before + error.position().map_or(0, csv::Position::line);
            refusal(path, format!("line {line}: {error}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The header and the rows, or what one is refused for.
    fn read(text: &str) -> Result<Vec<Vec<String>>, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let mut rows = TextRows::open(file.path()).map_err(|error| error.to_string())?;
        let mut found = vec![rows.header().to_vec()];
        while let Some(row) = rows.next().map_err(|error| error.to_string())? {
            let fields = (0..row.fields.width()).map(|column| row.text(column).unwrap().to_owned());
            found.push(fields.collect());
        }
        Ok(found)
    }

    /// As the csv crate reads them, which has seen more files than the lines without quotes here.
    fn by_csv(text: &str) -> Vec<Vec<String>> {
        let mut reader = Reader::from_reader(text.as_bytes());
        let header = reader.headers().unwrap().iter().map(str::to_owned);
        let mut found = vec![header.collect()];
        for row in reader.records() {
            found.push(row.unwrap().iter().map(str::to_owned).collect());
        }
        found
    }

    #[test]
    fn lines_with_quotes_and_without_are_read_as_the_csv_crate_reads_them() {
        for text in [
            "a,b\n1,2\n3,4\n",
            "a,b\r\n1,2\r\n3,4",
            "\u{feff}a,b\n1,2\n",
            "a,b\n\n\n1,2\n\r\n3,\n",
            "a,b\n1,\"2\"\n3,4\n",
            "\"a\",b\n1,2\n",
            "\u{feff}\"a\",b\n1,2\n",
            "a,b\n1,2\n\"3\n3\",4\n5,6\n",
            "a,b\n1,2\r3,4\r5,6",
            "a,b\n1,2\"2\n3,4\n",
            "a\n1\n\n2",
            "a,b",
            "",
        ] {
            assert_eq!(read(text).unwrap(), by_csv(text), "{text:?}");
        }
        // Across the blocks that are read at once, with a quote far behind.
        let many: String = (0..60_000)
            .map(|row| format!("{row},{}\n", row % 7))
            .collect();
        let text = format!("a,b\n{many}\"x\",y\n{many}");
        assert_eq!(read(&text).unwrap(), by_csv(&text));
    }

    #[test]
    fn the_first_line_says_what_separates_and_decimals_may_have_commas() {
        for text in [
            "a;b\n1,5;-2\n3;4e3\n",
            "\n\"a\";b\n1,5;-2\n3;4e3\n",
            "a\tb\n1.5\t-2\n3\t4e3",
            "a,b\n1.5,-2\n3,4e3\n",
        ] {
            let file = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(file.path(), text).unwrap();
            let mut rows = TextRows::open(file.path()).unwrap();
            let mut numbers = Vec::new();
            while let Some(row) = rows.next().unwrap() {
                numbers.extend([0, 1].map(|column| row.number(column, "x").unwrap()));
            }
            assert_eq!(numbers, [1.5, -2.0, 3.0, 4000.0], "{text:?}");
        }
        // 1.000 may be a thousand there.
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "a;b\n1,5;2,0\n1.000;3,0\n").unwrap();
        let mut rows = TextRows::open(file.path()).unwrap();
        let row = rows.next().unwrap().unwrap();
        assert!(row.number(0, "x").is_ok() && row.whole(1, "x").is_ok());
        let row = rows.next().unwrap().unwrap();
        let refused = row.number(0, "x").unwrap_err().to_string();
        assert!(refused.contains("line 3 has \"1.000\" for x"), "{refused}");
        assert!(row.whole(1, "x").is_ok());
    }

    #[test]
    fn two_columns_of_one_name_are_refused_and_of_none_are_not() {
        let refused = read("a,b,a\n1,2,3\n").unwrap_err();
        assert!(refused.contains("has two columns a,"), "{refused}");
        assert!(read(",b,\n1,2,3\n").is_ok());
    }

    #[test]
    fn a_row_with_more_or_fewer_fields_is_refused_with_its_line() {
        for (text, expected) in [
            ("a,b\n1,2\n\n3\n", "line 4 has 1 fields in place of 2"),
            ("a,b\n1,2,3\n", "line 2 has 3 fields in place of 2"),
            ("a,b\n\"1\",2\n3,4,5\n", "line 3 has 3 fields in place of 2"),
            ("a,\"b\"\n1\n", "line 2 has 1 fields in place of 2"),
        ] {
            let refusal = read(text).unwrap_err();
            assert!(refusal.contains(expected), "{text:?}: {refusal}");
        }
    }
}
