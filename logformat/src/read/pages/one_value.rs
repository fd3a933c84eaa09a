//! Whether a column chunk holds one value only, told from its pages without a value for each row: so it is
//! with the name of the run, the pass and the epoch in nearly every file.
//!
//! Such a chunk has a dictionary of one value, and its pages say the index 0 for every row, in the hybrid of
//! runs and bit-packed groups of the Parquet format (Encodings.md, "Run Length Encoding / Bit-Packing
//! Hybrid"). Anything else, and any doubt, is `None` here, and read value by value.

use bytes::Bytes;
use parquet::basic::Encoding;
use parquet::column::page::{Page, PageReader};

/// The value in the plain encoding, where `pages` have it in each of `rows` rows, none of which can be null.
pub(crate) fn one_value(mut pages: impl PageReader, rows: usize) -> Option<Bytes> {
    let Page::DictionaryPage {
        buf: value,
        num_values: 1,
        ..
    } = pages.get_next_page().ok()??
    else {
        return None;
    };
    let mut rows_seen = 0;
    while let Some(page) = pages.get_next_page().ok()? {
        let (values, indices) = match &page {
            Page::DataPage {
                buf,
                num_values,
                encoding,
                ..
            }
            | Page::DataPageV2 {
                buf,
                num_values,
                encoding,
                def_levels_byte_len: 0,
                rep_levels_byte_len: 0,
                ..
            } if is_of_dictionary(*encoding) => (*num_values as usize, buf),
            _ => return None,
        };
        if !are_zeros(indices, values)? {
            return None;
        }
        rows_seen += values;
    }
    (rows_seen == rows).then_some(value)
}

fn is_of_dictionary(encoding: Encoding) -> bool {
    // The second is what older writers call it.
    matches!(
        encoding,
        Encoding::RLE_DICTIONARY | Encoding::PLAIN_DICTIONARY
    )
}

/// Whether the first `count` indices are all 0; `None` where there are not so many.
fn are_zeros(indices: &[u8], count: usize) -> Option<bool> {
    let (&bit_width, mut rest) = indices.split_first()?;
    let bit_width = usize::from(bit_width);
    let mut seen = 0;
    while seen < count {
        let header = take_varint(&mut rest)?;
        let (values, bytes) = match header & 1 {
            0 => (header >> 1, bit_width.div_ceil(8)),
            _ => (
                (header >> 1).checked_mul(8)?,
                (header >> 1).checked_mul(bit_width)?,
            ),
        };
        if rest.len() < bytes || values == 0 {
            return None;
        }
        let (run, after) = rest.split_at(bytes);
        if run.iter().any(|&byte| byte != 0) {
            return Some(false);
        }
        rest = after;
        seen = seen.checked_add(values)?;
    }
    Some(true)
}

/// A number in groups of seven bits, the lowest first.
fn take_varint(bytes: &mut &[u8]) -> Option<usize> {
    let mut number = 0_usize;
    for shift in (0..usize::BITS - 7).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= usize::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_and_groups_of_zeros_are_seen_and_others_told_apart() {
        // Bit width 1: a run of 300 zeros, 300 << 1 = 600 = 0b100_1011000.
        let run = [1, 0b1101_1000, 0b100, 0];
        assert_eq!(are_zeros(&run, 300), Some(true));
        assert_eq!(are_zeros(&run, 301), None);
        // Then one group of eight.
        assert_eq!(
            are_zeros(&[1, 0b1101_1000, 0b100, 0, 0b11, 0], 308),
            Some(true)
        );
        assert_eq!(
            are_zeros(&[1, 0b1101_1000, 0b100, 0, 0b11, 8], 308),
            Some(false)
        );
        assert_eq!(are_zeros(&[1, 0b1101_1000, 0b100, 1], 300), Some(false));
        // Bit width 0 needs no bytes.
        assert_eq!(are_zeros(&[0, 0b1101_1000, 0b100], 300), Some(true));
        assert_eq!(are_zeros(&[], 1), None);
        assert_eq!(are_zeros(&[1, 0x80], 1), None);
    }
}
