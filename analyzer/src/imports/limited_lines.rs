//! Text files whose lines have an end: one that has none is refused before it fills the memory.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use logformat::open_regular;

use crate::error::AnalyzerError;

/// Longer than any line of the formats here, such as the logits of ten thousand classes.
const LONGEST_LINE: usize = 1 << 20;

/// A file from which no line of more than a MiB comes.
pub(crate) struct LimitedLines {
    file: File,
    /// Bytes since the last line break.
    length: usize,
}

impl LimitedLines {
    pub(crate) fn open(path: &Path) -> Result<Self, AnalyzerError> {
        let file = open_regular(path).map_err(|source| AnalyzerError::Read {
            path: path.to_owned(),
            source,
        })?;
        Ok(Self { file, length: 0 })
    }
}

impl Read for LimitedLines {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        let part = &buffer[..read];
        self.length = match part.iter().rposition(|&byte| byte == b'\n') {
            Some(at) => read - at - 1,
            None => self.length + read,
        };
        match self.length > LONGEST_LINE {
            true => Err(io::Error::other("a line has more than 1 MiB")),
            false => Ok(read),
        }
    }
}
