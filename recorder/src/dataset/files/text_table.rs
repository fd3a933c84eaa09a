//! Tables of text: which character separates their cells, whether they are UTF-8, and how their columns are
//! called. The first line names the columns.

use std::borrow::Cow;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::sync::OnceLock;

use csv::{ByteRecord, Reader, ReaderBuilder, Trim};
use logformat::{SEPARATORS, check_file_memory, open_regular, read_regular, separator_of};

use crate::dataset::images::memory::memory_bytes;
use crate::error::text_file::TextProblem;

/// A first line is looked through so far.
const FIRST_BYTES: usize = 1 << 16;
/// How files begin that are called as texts at times, and are none.
const OTHER_FILES: [(&[u8], &str); 6] = [
    (b"\x1f\x8b", "a file packed by gzip; unpack it"),
    (b"PK\x03\x04", "an Excel or ZIP file; save the table as CSV"),
    (b"\xd0\xcf\x11\xe0", "an Excel file; save the table as CSV"),
    (b"PAR1", "a Parquet file; call it .parquet"),
    (
        b"\x93NUMPY",
        "an array of NumPy; write it as a text, one a line",
    ),
    (
        LFS_POINTER,
        "a pointer of Git LFS, not the file; get that by `git lfs pull`",
    ),
];
/// What Git leaves in place of a file that is too large for it.
pub(crate) const LFS_POINTER: &[u8] = b"version https://git-lfs.github.com/spec/";
/// So much of a text that is not UTF-8 is shown.
const SHOWN: usize = 40;

/// A table that was opened, before its first row.
pub(crate) struct TextTable {
    reader: Reader<BufReader<File>>,
    /// What the columns are called; two of one name are refused, unless they have none.
    pub header: Vec<String>,
    separator: u8,
    /// The point or the comma of its decimals, once a number had one, where the comma is not the separator.
    decimal: OnceLock<char>,
}

impl TextTable {
    pub(crate) fn open(path: &Path) -> Result<Self, TextProblem> {
        let unreadable = |error: std::io::Error| TextProblem::Unreadable(error.to_string());
        let file = open_regular(path).map_err(unreadable)?;
        // All rows are kept, as texts or numbers; and one line may be as long as the file.
        let bytes = file.metadata().map_err(unreadable)?.len();
        check_file_memory(bytes, memory_bytes(None)).map_err(TextProblem::TooLarge)?;
        let mut file = BufReader::with_capacity(FIRST_BYTES, file);
        let beginning = file.fill_buf().map_err(unreadable)?;
        check_encoding(beginning)?;
        let is_tsv = path
            .extension()
            .is_some_and(|suffix| suffix.eq_ignore_ascii_case("tsv"));
        let separator = if is_tsv {
            b'\t'
        } else {
            separator_of(beginning)
        };
        let mut reader = ReaderBuilder::new()
            .trim(Trim::All)
            .delimiter(separator)
            .from_reader(file);
        let header = reader
            .byte_headers()
            .map_err(|error| problem(&error, separator))?;
        let header = texts(header)?;
        if header.first().is_some_and(|name| name.starts_with("sep=")) {
            return Err(TextProblem::SeparatorLine);
        }
        let twice = header.iter().enumerate();
        let twice = twice.filter(|(_, name)| !name.is_empty());
        if let Some((_, name)) = twice
            .clone()
            .find(|(at, name)| header[..*at].contains(name))
        {
            return Err(TextProblem::TwoColumns(name.clone()));
        }
        Ok(Self {
            reader,
            header,
            separator,
            decimal: OnceLock::new(),
        })
    }

    /// How the separator is called, where it is not the comma.
    pub(crate) fn separator(&self) -> Option<&'static str> {
        (self.separator != b',').then(|| separator_name(self.separator))
    }

    /// At most `count` of the next rows.
    pub(crate) fn rows(&mut self, count: usize) -> Result<Vec<ByteRecord>, TextProblem> {
        let mut rows = Vec::new();
        for record in self.reader.byte_records().take(count) {
            let record = record.map_err(|error| problem(&error, self.separator))?;
            check_utf8(&record)?;
            rows.push(record);
        }
        Ok(rows)
    }

    /// The number that a cell is; beside another separator, a comma may stand for the decimal point. In a table that
    /// has either, the other one may divide thousands, and its cell is no number.
    pub(crate) fn number(&self, cell: &[u8]) -> Option<f64> {
        let text = std::str::from_utf8(cell).ok()?;
        if self.separator == b',' {
            return text.parse().ok();
        }
        let Some(mark) = text.chars().find(|&c| c == '.' || c == ',') else {
            return text.parse().ok();
        };
        let number = text.replacen(',', ".", 1).parse().ok()?;
        (*self.decimal.get_or_init(|| mark) == mark).then_some(number)
    }

    /// Whether a cell has a decimal point where others have commas, or the other way round.
    pub(crate) fn has_other_decimals(&self, cell: &str) -> bool {
        let other = self
            .decimal
            .get()
            .map(|mark| if *mark == '.' { ',' } else { '.' });
        other.is_some_and(|other| cell.contains(other))
    }

    /// The text of a label: a whole number such as 1,0, where a comma stands for the decimal point, has a point.
    pub(crate) fn label<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match text.split_once(',') {
            Some((whole, zeros))
                if self.separator != b','
                    && is_digits(whole)
                    && is_digits(zeros)
                    && zeros.bytes().all(|zero| zero == b'0') =>
            {
                Cow::Owned(format!("{whole}.{zeros}"))
            }
            _ => Cow::Borrowed(text),
        }
    }
}

/// The whole of a text file in UTF-8, of so many bytes at most, without its byte-order mark.
pub(crate) fn read_utf8(path: &Path, most_bytes: u64) -> Result<String, TextProblem> {
    let bytes = read_regular(path, most_bytes);
    utf8(bytes.map_err(|error| TextProblem::Unreadable(error.to_string()))?)
}

/// Such bytes as a text.
pub(crate) fn utf8(bytes: Vec<u8>) -> Result<String, TextProblem> {
    check_encoding(&bytes)?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        not_utf8(error.as_bytes(), at)
    })?;
    Ok(text
        .strip_prefix('\u{feff}')
        .map(str::to_owned)
        .unwrap_or(text))
}

/// The line of a row, from 1.
pub(crate) fn line(record: &ByteRecord) -> u64 {
    record.position().map_or(0, csv::Position::line)
}

fn separator_name(separator: u8) -> &'static str {
    let found = SEPARATORS.iter().find(|(byte, _)| *byte == separator);
    found.map_or("commas", |(_, name)| name)
}

fn check_encoding(beginning: &[u8]) -> Result<(), TextProblem> {
    let begins = |mark: &&[u8]| beginning.starts_with(mark);
    let has_mark = [&[0xff, 0xfe][..], &[0xfe, 0xff]].iter().any(begins);
    // Without its mark, UTF-16 has a zero byte beside each letter of the first ones.
    let has_zeros = |pair: &[u8]| (pair[0] == 0) != (pair[1] == 0);
    let known = OTHER_FILES.iter().find(|(mark, _)| begins(mark));
    match (known, beginning.get(..4)) {
        (Some((_, what)), _) => Err(TextProblem::OtherFile(what)),
        (None, Some(letters)) if letters.chunks_exact(2).all(has_zeros) => Err(TextProblem::Utf16),
        _ if has_mark => Err(TextProblem::Utf16),
        _ => Ok(()),
    }
}

fn check_utf8(record: &ByteRecord) -> Result<(), TextProblem> {
    if std::str::from_utf8(record.as_slice()).is_ok() {
        return Ok(());
    }
    let wrong = record
        .iter()
        .find(|cell| std::str::from_utf8(cell).is_err());
    Err(TextProblem::NotUtf8 {
        line: line(record),
        text: shown(wrong.unwrap_or_default()),
    })
}

fn texts(record: &ByteRecord) -> Result<Vec<String>, TextProblem> {
    check_utf8(record)?;
    let cells = record.iter().map(String::from_utf8_lossy);
    Ok(cells.map(std::borrow::Cow::into_owned).collect())
}

fn not_utf8(bytes: &[u8], at: usize) -> TextProblem {
    let line = 1 + bytes[..at].iter().filter(|&&byte| byte == b'\n').count() as u64;
    let begin = bytes[..at]
        .iter()
        .rposition(|&byte| byte == b'\n')
        .map_or(0, |end| end + 1);
    let rest = bytes[begin..].split(|&byte| byte == b'\n').next();
    TextProblem::NotUtf8 {
        line,
        text: shown(rest.unwrap_or_default()),
    }
}

fn shown(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).chars().take(SHOWN).collect()
}

fn problem(error: &csv::Error, separator: u8) -> TextProblem {
    match error.kind() {
        csv::ErrorKind::UnequalLengths {
            pos,
            expected_len,
            len,
        } => TextProblem::Cells {
            line: pos.as_ref().map_or(0, csv::Position::line),
            cells: *len,
            columns: *expected_len,
            separator: separator_name(separator),
        },
        csv::ErrorKind::Io(error) => TextProblem::Unreadable(error.to_string()),
        _ => TextProblem::Damaged(error.to_string()),
    }
}

/// Whether a text is a whole number without a sign.
pub(crate) fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    fn open(name: &str, content: &[u8]) -> Result<(Vec<String>, Vec<Vec<String>>), String> {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        let mut table = TextTable::open(&path).map_err(|error| error.to_string())?;
        let rows = table.rows(10).map_err(|error| error.to_string())?;
        let rows = rows.iter().map(|row| texts(row).unwrap()).collect();
        Ok((table.header, rows))
    }

    #[test]
    fn the_separator_is_that_of_the_first_line_outside_of_quotes() {
        for (name, text) in [
            ("a.csv", "a,b\n1,2\n"),
            ("a.csv", "a;b\r\n1;2\r\n"),
            ("a.csv", "a\tb\n1\t2\n"),
            ("a.tsv", "a\tb\n1\t2\n"),
            ("a.csv", "a|b\n1|2\n"),
            ("a.csv", "\u{feff}a;b\n1;2\n"),
        ] {
            let (header, rows) = open(name, text.as_bytes()).unwrap();
            assert_eq!(
                (header, rows),
                (
                    vec!["a".into(), "b".into()],
                    vec![vec!["1".into(), "2".into()]]
                ),
                "{text:?}"
            );
        }
        let (header, _) = open("a.csv", b"\"a;b;c\",d\n1,2\n").unwrap();
        assert_eq!(header, ["a;b;c", "d"]);
    }

    #[test]
    fn a_comma_is_a_decimal_point_only_beside_another_separator() {
        let folder = TempDir::new().unwrap();
        let number = |text: &str, cell: &str| {
            let path = folder.path().join("a.csv");
            std::fs::write(&path, text).unwrap();
            TextTable::open(&path).unwrap().number(cell.as_bytes())
        };
        assert_eq!(number("a;b\n", "1,5"), Some(1.5));
        assert_eq!(number("a;b\n", "-2,5e1"), Some(-25.0));
        assert_eq!(number("a;b\n", "1.5"), Some(1.5));
        assert_eq!(number("a;b\n", "1,000,000"), None);
        assert_eq!(number("a,b\n", "1,5"), None);
        // One of them divides thousands: which one cannot be told.
        let path = folder.path().join("a.csv");
        std::fs::write(&path, "a;b\n").unwrap();
        let table = TextTable::open(&path).unwrap();
        let numbers = ["1", "0,5", "1.234", "7,25"].map(|cell| table.number(cell.as_bytes()));
        assert_eq!(numbers, [Some(1.0), Some(0.5), None, Some(7.25)]);
        assert!(table.has_other_decimals("1.234") && !table.has_other_decimals("x"));
    }

    #[test]
    fn other_encodings_and_two_columns_of_a_name_are_refused_with_the_place() {
        let reason = open("a.csv", b"a,label\n1,x\n2,M\xf6ller\n").unwrap_err();
        assert!(
            reason.starts_with("line 3: \"M\u{fffd}ller\" is not UTF-8"),
            "{reason}"
        );
        let reason = open("a.csv", b"a,Gr\xf6\xdfe\n1,x\n").unwrap_err();
        assert!(reason.starts_with("line 1: "), "{reason}");
        for bytes in [&b"\xff\xfea\0"[..], b"a\0,\0b\0", b"\0a\0,\0b"] {
            let reason = open("a.csv", bytes).unwrap_err();
            assert!(reason.contains("UTF-16"), "{reason}");
        }
        let reason = open("a.csv", b"sep=;\na;b\n1;2\n").unwrap_err();
        assert!(reason.ends_with("delete that line"), "{reason}");
        for (bytes, what) in [
            (&b"\x1f\x8b\x08\0"[..], "a file packed by gzip"),
            (b"PK\x03\x04\x14\0", "an Excel or ZIP file"),
            (b"PAR1\x15", "a Parquet file"),
            (
                b"version https://git-lfs.github.com/spec/v1\noid",
                "Git LFS",
            ),
        ] {
            let reason = open("a.csv", bytes).unwrap_err();
            assert!(reason.starts_with("it is no text but "), "{reason}");
            assert!(reason.contains(what), "{reason}");
        }
        let reason = open("a.csv", b"a,b,a\n1,2,3\n").unwrap_err();
        assert!(reason.contains("two columns \"a\""), "{reason}");
        assert!(open("a.csv", b",b,\n1,2,3\n").is_ok());
        let reason = open("a.csv", b"a;b\n1;2;3\n").unwrap_err();
        assert_eq!(
            reason,
            "line 2: it has 3 cells, but the first line names 2 columns; they are separated by semicolons"
        );
    }

    #[test]
    fn a_text_is_read_without_its_mark_and_refused_in_another_encoding() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("m.txt");
        std::fs::write(&path, "\u{feff}1 0\n").unwrap();
        assert_eq!(read_utf8(&path, 1000).unwrap(), "1 0\n");
        std::fs::write(&path, b"# ok\n# K\xe4se\n").unwrap();
        let reason = read_utf8(&path, 1000).unwrap_err().to_string();
        assert!(
            reason.starts_with("line 2: \"# K\u{fffd}se\" is not UTF-8"),
            "{reason}"
        );
    }
}
