//! Whether the repetition and definition levels of a Parquet page say no more than "lists of one
//! length, nothing null", so that its values can be taken as they lie there.
//!
//! Levels are coded in runs: a varint whose lowest bit tells a run of one value (0) from groups of
//! eight packed bits (1), see the encoding "RLE" of the Parquet format. The pages of a log repeat the
//! same few patterns, in file after file, so each is verified once and then recognised by its bytes.

use std::sync::{Mutex, PoisonError};

use bytes::Bytes;

/// Patterns that are remembered: full pages and last pages, of a few files.
const MOST_PATTERNS: usize = 16;

/// The levels of a page: encoded, without length prefixes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PageLevels {
    pub(crate) repetition: Bytes,
    pub(crate) definition: Bytes,
    /// The number of values, nulls included.
    pub(crate) values: usize,
}

impl PageLevels {
    /// By themselves, without the page that they are a part of.
    fn detached(&self) -> Self {
        Self {
            repetition: Bytes::copy_from_slice(&self.repetition),
            definition: Bytes::copy_from_slice(&self.definition),
            values: self.values,
        }
    }
}

/// Patterns that were verified in one file, for the next ones; on several threads.
#[derive(Debug, Default)]
pub(crate) struct SharedLevels(Mutex<ListLevels>);

impl SharedLevels {
    /// What is known of lists of `width` items.
    pub(crate) fn of(&self, width: usize, max_definition: i16) -> ListLevels {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if (known.width, known.max_definition) == (width, max_definition) {
            return known.clone();
        }
        ListLevels::new(width, max_definition)
    }

    /// Keeps what is known now.
    pub(crate) fn keep(&self, levels: ListLevels) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = levels;
    }
}

/// Remembers the patterns of lists of one length.
#[derive(Debug, Default, Clone)]
pub(crate) struct ListLevels {
    width: usize,
    max_definition: i16,
    verified: Vec<PageLevels>,
}

impl ListLevels {
    /// For lists of `width` items that are there where the definition level is `max_definition`.
    pub(crate) fn new(width: usize, max_definition: i16) -> Self {
        Self {
            width,
            max_definition,
            verified: Vec::new(),
        }
    }

    /// Whether the page holds whole lists of this width, and nothing in it is null.
    pub(crate) fn hold(&mut self, levels: PageLevels) -> bool {
        if self.verified.contains(&levels) {
            return true;
        }
        let width = self.width;
        let definition = u32::from(self.max_definition.unsigned_abs());
        let holds = levels.values.is_multiple_of(width)
            && run_is(&levels.repetition, 1, levels.values, |at| {
                u32::from(!at.is_multiple_of(width))
            })
            && run_is(
                &levels.definition,
                bits_for(definition),
                levels.values,
                |_| definition,
            );
        if holds {
            if self.verified.len() == MOST_PATTERNS {
                self.verified.remove(0);
            }
            self.verified.push(levels.detached());
        }
        holds
    }
}

fn bits_for(largest: u32) -> u32 {
    u32::BITS - largest.leading_zeros()
}

/// Whether the coded levels are `count` values (or more: the last group may be padded) that are as
/// `expected` says.
fn run_is(mut bytes: &[u8], bits: u32, count: usize, expected: impl Fn(usize) -> u32) -> bool {
    let mut at = 0;
    while at < count {
        let Some(header) = varint(&mut bytes) else {
            return false;
        };
        let length = usize::try_from(header >> 1).unwrap_or(usize::MAX);
        let matches = if header & 1 == 0 {
            repeated(&mut bytes, bits).is_some_and(|value| {
                let end = at.saturating_add(length).min(count);
                (std::mem::replace(&mut at, end)..end).all(|at| expected(at) == value)
            })
        } else {
            packed(&mut bytes, bits, length).is_some_and(|packed| {
                let end = at.saturating_add(length.saturating_mul(8)).min(count);
                let start = std::mem::replace(&mut at, end);
                (start..end).all(|at| expected(at) == unpack(packed, bits, at - start))
            })
        };
        if !matches {
            return false;
        }
    }
    true
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..35).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

/// The value of a run. Levels of a list of floats take a byte at most.
fn repeated(bytes: &mut &[u8], bits: u32) -> Option<u32> {
    if bits > 8 {
        return None;
    }
    let (&value, rest) = bytes.split_first()?;
    *bytes = rest;
    Some(value.into())
}

fn packed<'a>(bytes: &mut &'a [u8], bits: u32, groups: usize) -> Option<&'a [u8]> {
    let length = groups.checked_mul(bits as usize)?;
    let (packed, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(packed)
}

/// The value at a place; groups of eight values begin on a byte, the lowest bits first.
fn unpack(packed: &[u8], bits: u32, at: usize) -> u32 {
    let first = at * bits as usize;
    let bit = |at: usize| u32::from(packed[at / 8] >> (at % 8) & 1);
    (0..bits as usize).fold(0, |value, offset| value | bit(first + offset) << offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels(repetition: &[u8], definition: &[u8], values: usize) -> PageLevels {
        PageLevels {
            repetition: Bytes::copy_from_slice(repetition),
            definition: Bytes::copy_from_slice(definition),
            values,
        }
    }

    /// A run of `length` ones, and one packed group of eight levels.
    const fn ones(length: u8) -> [u8; 2] {
        [length << 1, 1]
    }

    const fn group(levels: u8) -> [u8; 2] {
        [0b11, levels]
    }

    #[test]
    fn lists_of_one_length_without_nulls_hold() {
        // Two lists of four: 0 1 1 1 0 1 1 1, the first level in the lowest bit.
        let mut four = ListLevels::new(4, 1);
        assert!(four.hold(levels(&group(0b1110_1110), &ones(8), 8)));
        // Remembered by its bytes.
        assert_eq!(four.verified.len(), 1);
        assert!(four.hold(levels(&group(0b1110_1110), &ones(8), 8)));
        assert_eq!(four.verified.len(), 1);
    }

    #[test]
    fn runs_and_groups_may_be_mixed() {
        // One list of twelve: a group of 0 and seven 1, then a run of four 1.
        let mixed = [group(0b1111_1110), ones(4)].concat();
        assert!(ListLevels::new(12, 1).hold(levels(&mixed, &ones(12), 12)));
    }

    #[test]
    fn lists_of_another_length_do_not_hold() {
        // Lists of three and five.
        let uneven = levels(&group(0b1111_0110), &ones(8), 8);
        assert!(!ListLevels::new(4, 1).hold(uneven));
        let half = levels(&group(0b1110_1110), &ones(6), 6);
        assert!(!ListLevels::new(4, 1).hold(half));
    }

    #[test]
    fn a_null_does_not_hold() {
        // Nullable lists of nullable floats: 3 is a float, 2 a null. Two bits each.
        let definition = |last: u8| [0b11, 0xff, last << 6 | 0b0011_1111];
        let repetition = group(0b1110_1110);
        let mut four = ListLevels::new(4, 3);
        assert!(four.hold(levels(&repetition, &definition(3), 8)));
        assert!(!four.hold(levels(&repetition, &definition(2), 8)));
    }

    #[test]
    fn levels_that_end_too_early_do_not_hold() {
        for bytes in [&[][..], &[0b11], &[0x80], &[0x80; 9], &[0b100]] {
            assert!(!ListLevels::new(4, 1).hold(levels(bytes, &ones(8), 8)));
        }
    }
}
