//! The lines of a CSV file without quotes, split at their separators: nearly all that programs write measurements to, and
//! some four times as fast as by a parser of CSV. The first line with a quote in it, or with a break that ends
//! no line, is where such a parser has to go on.

use std::io::{self, Cursor, Read};

use logformat::separator_of;
use memchr::{memchr, memchr_iter};

use crate::imports::limited_lines::LimitedLines;

/// So much is read at once.
const BLOCK: usize = 1 << 18;
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// What the next line is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// One whose fields are there now.
    Plain,
    /// One for a parser of CSV.
    Quoted,
    End,
}

/// Lines as they are read.
pub(crate) struct PlainLines {
    lines: LimitedLines,
    buffer: Vec<u8>,
    /// Where what was not given away begins.
    begin: usize,
    is_whole: bool,
    /// The first quote of the buffer, or its end.
    quote: usize,
    has_returns: bool,
    /// Lines before that, from 0.
    number: u64,
    /// That of the first line.
    separator: u8,
    line: std::ops::Range<usize>,
    /// Where each field of the line ends, from its beginning.
    ends: Vec<usize>,
}

impl PlainLines {
    pub(crate) fn new(lines: LimitedLines) -> Self {
        Self {
            lines,
            buffer: Vec::new(),
            begin: 0,
            is_whole: false,
            quote: 0,
            has_returns: false,
            number: 0,
            separator: b',',
            line: 0..0,
            ends: Vec::new(),
        }
    }

    /// The next line that is not empty.
    pub(crate) fn next(&mut self) -> io::Result<Next> {
        loop {
            let mut line = match memchr(b'\n', &self.buffer[self.begin..]) {
                Some(length) => self.begin..self.begin + length,
                None if !self.is_whole => {
                    self.read()?;
                    continue;
                }
                None if self.begin == self.buffer.len() => return Ok(Next::End),
                None => self.begin..self.buffer.len(),
            };
            if line.end > self.quote {
                return Ok(Next::Quoted);
            }
            let end = line.end;
            if self.has_returns {
                match memchr(b'\r', &self.buffer[line.clone()]) {
                    Some(at) if line.start + at + 1 < line.end => return Ok(Next::Quoted),
                    Some(_) => line.end -= 1,
                    None => {}
                }
            }
            self.begin = (end + 1).min(self.buffer.len());
            self.number += 1;
            if !line.is_empty() {
                if self.ends.is_empty() {
                    self.separator = separator_of(&self.buffer[line.clone()]);
                }
                self.ends.clear();
                self.ends
                    .extend(memchr_iter(self.separator, &self.buffer[line.clone()]));
                self.ends.push(line.len());
                self.line = line;
                return Ok(Next::Plain);
            }
        }
    }

    fn read(&mut self) -> io::Result<()> {
        self.buffer.drain(..self.begin);
        let (known, is_first) = (self.buffer.len(), self.number == 0 && self.begin == 0);
        self.begin = 0;
        self.buffer.resize(known + BLOCK, 0);
        let read = self.lines.read(&mut self.buffer[known..]);
        let read = match read {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => 0,
            read => {
                self.is_whole = matches!(read, Ok(0));
                read?
            }
        };
        self.buffer.truncate(known + read);
        if is_first && known == 0 && self.buffer.starts_with(BYTE_ORDER_MARK) {
            self.begin = BYTE_ORDER_MARK.len();
        }
        let quote = memchr(b'"', &self.buffer);
        self.quote = quote.unwrap_or(self.buffer.len());
        self.has_returns = memchr(b'\r', &self.buffer).is_some();
        Ok(())
    }

    /// A field of the line that is there.
    pub(crate) fn field(&self, column: usize) -> Option<&[u8]> {
        let end = *self.ends.get(column)?;
        let begin = column
            .checked_sub(1)
            .map_or(0, |before| self.ends[before] + 1);
        Some(&self.buffer[self.line.clone()][begin..end])
    }

    /// What separates fields, by the first line.
    pub(crate) fn separator(&self) -> u8 {
        match self.ends.is_empty() {
            true => separator_of(&self.buffer[self.begin..]),
            false => self.separator,
        }
    }

    /// How many fields that line has.
    pub(crate) fn width(&self) -> usize {
        self.ends.len()
    }

    /// How many lines there were up to that one.
    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// What was not given away, for a parser of CSV.
    pub(crate) fn rest(mut self) -> impl Read {
        self.buffer.drain(..self.begin);
        Cursor::new(self.buffer).chain(self.lines)
    }
}
