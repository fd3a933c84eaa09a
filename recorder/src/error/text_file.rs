//! What can be wrong with a file of text or a table of it, each with the way out.

/// What is wrong with a text file.
#[derive(Debug, thiserror::Error)]
pub enum TextProblem {
    /// The system cannot read the file.
    #[error("the file cannot be read: {0}")]
    Unreadable(String),
    /// The file takes more memory than one file may.
    #[error("{0}")]
    TooLarge(String),
    /// A line is in another encoding.
    #[error(
        "line {line}: {text:?} is not UTF-8 but in another encoding, such as Latin-1; write the file anew as UTF-8, as by `iconv -f latin1 -t utf-8`"
    )]
    NotUtf8 {
        /// The line, from 1.
        line: u64,
        /// What it says there.
        text: String,
    },
    /// The file begins with the mark of UTF-16.
    #[error(
        "line 1: it begins as a file in UTF-16 does; write the file anew as UTF-8, as by `iconv -f utf-16 -t utf-8`"
    )]
    Utf16,
    /// The file is of another kind than its name says.
    #[error("it is no text but {0}")]
    OtherFile(&'static str),
    /// The first line is one for Excel alone.
    #[error(
        "line 1: it tells Excel what separates the cells, and not how the columns are called; delete that line"
    )]
    SeparatorLine,
    /// A row has more or fewer cells than there are columns.
    #[error(
        "line {line}: it has {cells} cells, but the first line names {columns} columns; they are separated by {separator}"
    )]
    Cells {
        /// The line, from 1.
        line: u64,
        /// How many cells it has.
        cells: u64,
        /// How many columns there are.
        columns: u64,
        /// What separates them, for people.
        separator: &'static str,
    },
    /// Two columns have one name.
    #[error("the first line names two columns {0:?}; give them different names")]
    TwoColumns(String),
    /// The decoder refuses it.
    #[error("it cannot be read as CSV ({0}); the file is damaged or incomplete, get it again")]
    Damaged(String),
}
