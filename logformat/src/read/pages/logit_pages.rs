//! Margins and logits straight from the pages of the column `logits`: PLAIN 32-bit floats are used where
//! they lie, page by page, so that the memory for margins does not grow with the number of classes.
//!
//! Whatever is not so (dictionary pages, other floats, lists of several lengths, nulls, NaN) is
//! `None` here: the Arrow reader then reads the file, and words the refusal if there is one.

use std::sync::Arc;

use bytes::Bytes;
use parquet::basic::{Encoding, Type};
use parquet::column::page::{Page, PageReader};
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::reader::ChunkReader;
use parquet::file::serialized_reader::SerializedPageReader;

use crate::read::pages::list_levels::{PageLevels, SharedLevels};

/// Four of the four floats that every processor compares at once: the chain of comparisons is then
/// no longer than the loads take.
const LANES: usize = 16;

/// What was computed from the logits of one row group.
#[derive(Debug, Default)]
pub(crate) struct LogitMargins {
    pub(crate) margins: Vec<f32>,
    /// Empty unless asked for.
    pub(crate) rival_labels: Vec<u32>,
    /// Logits a row.
    pub(crate) width: usize,
}

/// The margins of all rows of a column chunk; `assigned_labels` has one label a row.
pub(crate) fn margins<R: ChunkReader + 'static>(
    file: &Arc<R>,
    chunk: &ColumnChunkMetaData,
    assigned_labels: &[u32],
    with_rivals: bool,
    known_levels: &SharedLevels,
) -> Option<LogitMargins> {
    let rows = assigned_labels.len();
    let width = width(chunk, rows)?;
    let mut found = LogitMargins {
        margins: Vec::with_capacity(rows),
        width,
        ..LogitMargins::default()
    };
    each_page(file, chunk, (rows, width), known_levels, |floats| {
        let done = found.margins.len();
        let page_rows = floats.len() / 4 / width;
        let labels = assigned_labels.get(done..done + page_rows)?;
        found.add(floats, labels, with_rivals)
    })?;
    (found.margins.len() == rows).then_some(found)
}

/// The logits of all `rows` of a column chunk, row-major, and how many a row has; all are finite. `None`
/// also where they are more than `most` logits.
pub(crate) fn logits<R: ChunkReader + 'static>(
    file: &Arc<R>,
    chunk: &ColumnChunkMetaData,
    rows: usize,
    most: usize,
    known_levels: &SharedLevels,
) -> Option<(Vec<f32>, usize)> {
    let width = width(chunk, rows)?;
    if width * rows > most {
        return None;
    }
    let mut logits = Vec::with_capacity(width * rows);
    each_page(file, chunk, (rows, width), known_levels, |floats| {
        let (floats, _) = floats.as_chunks::<4>();
        let start = logits.len();
        logits.extend(floats.iter().map(|logit| f32::from_le_bytes(*logit)));
        // Not `all`, which would stop early and so look at one after the other.
        let are_finite = logits[start..]
            .iter()
            .fold(true, |all, logit: &f32| all & logit.is_finite());
        are_finite.then_some(())
    })?;
    (logits.len() == width * rows).then_some((logits, width))
}

/// How many logits a row has, where all of them can have the same number.
fn width(chunk: &ColumnChunkMetaData, rows: usize) -> Option<usize> {
    let values = usize::try_from(chunk.num_values()).ok()?;
    let width = values / rows.max(1);
    let is_this_way = chunk.column_type() == Type::FLOAT
        && chunk.column_descr().max_rep_level() == 1
        && width >= 2
        && width * rows == values;
    is_this_way.then_some(width)
}

/// Hands the floats of each page on, four bytes each, after a look at the levels of its lists.
fn each_page<R: ChunkReader + 'static>(
    file: &Arc<R>,
    chunk: &ColumnChunkMetaData,
    (rows, width): (usize, usize),
    known_levels: &SharedLevels,
    mut take: impl FnMut(&[u8]) -> Option<()>,
) -> Option<()> {
    let mut levels = known_levels.of(width, chunk.column_descr().max_def_level());
    let mut pages = SerializedPageReader::new(Arc::clone(file), chunk, rows, None).ok()?;
    while let Some(page) = pages.get_next_page().ok()? {
        let page = ListPage::of(page)?;
        if !levels.hold(page.levels) {
            return None;
        }
        take(&page.floats)?;
    }
    known_levels.keep(levels);
    Some(())
}

/// A page of lists of floats.
struct ListPage {
    levels: PageLevels,
    /// Little-endian, four bytes each.
    floats: Bytes,
}

impl ListPage {
    fn of(page: Page) -> Option<Self> {
        let (levels, floats) = match page {
            Page::DataPageV2 {
                buf,
                num_values,
                encoding: Encoding::PLAIN,
                def_levels_byte_len,
                rep_levels_byte_len,
                ..
            } => {
                let definition_at = rep_levels_byte_len as usize;
                let floats_at = definition_at.checked_add(def_levels_byte_len as usize)?;
                let levels = PageLevels {
                    repetition: slice(&buf, 0, definition_at)?,
                    definition: slice(&buf, definition_at, floats_at)?,
                    values: num_values as usize,
                };
                (levels, slice(&buf, floats_at, buf.len())?)
            }
            Page::DataPage {
                buf,
                num_values,
                encoding: Encoding::PLAIN,
                def_level_encoding: Encoding::RLE,
                rep_level_encoding: Encoding::RLE,
                ..
            } => {
                let (repetition, rest) = length_prefixed(&buf)?;
                let (definition, floats) = length_prefixed(&rest)?;
                let levels = PageLevels {
                    repetition,
                    definition,
                    values: num_values as usize,
                };
                (levels, floats)
            }
            _ => return None,
        };
        (levels.values.checked_mul(4) == Some(floats.len())).then_some(Self { levels, floats })
    }
}

fn slice(bytes: &Bytes, start: usize, end: usize) -> Option<Bytes> {
    (start <= end && end <= bytes.len()).then(|| bytes.slice(start..end))
}

/// Levels of a page of the first version: their length in four bytes, then they.
fn length_prefixed(bytes: &Bytes) -> Option<(Bytes, Bytes)> {
    let length = u32::from_le_bytes(*bytes.first_chunk()?) as usize;
    let end = length.checked_add(4)?;
    Some((slice(bytes, 4, end)?, slice(bytes, end, bytes.len())?))
}

impl LogitMargins {
    fn add(&mut self, floats: &[u8], labels: &[u32], with_rivals: bool) -> Option<()> {
        let (floats, _) = floats.as_chunks::<4>();
        for (logits, &label) in floats.chunks_exact(self.width).zip(labels) {
            let label = label as usize;
            let assigned = f32::from_le_bytes(*logits.get(label)?);
            let before = Extent::of(&logits[..label]);
            let after = Extent::of(&logits[label + 1..]);
            let largest = larger(before.largest, after.largest);
            let margin = assigned - largest;
            // Infinite also where finite logits are too far apart.
            if !margin.is_finite() || before.zero + after.zero != 0.0 {
                return None;
            }
            self.margins.push(margin);
            if with_rivals {
                let is_rival = |(class, logit): (usize, &[u8; 4])| {
                    class != label && f32::from_le_bytes(*logit) == largest
                };
                let rival = logits.iter().enumerate().position(is_rival)?;
                self.rival_labels.push(u32::try_from(rival).ok()?);
            }
        }
        Some(())
    }
}

/// What there is to know of some logits: the largest, and whether all are finite.
struct Extent {
    largest: f32,
    /// The sum of zero times each: zero where all are finite, else NaN.
    zero: f32,
}

fn larger(one: f32, other: f32) -> f32 {
    if one > other { one } else { other }
}

impl Extent {
    fn of(logits: &[[u8; 4]]) -> Self {
        let (wide, rest) = logits.as_chunks::<LANES>();
        let mut largest = [f32::NEG_INFINITY; LANES];
        let mut zero = [0.0_f32; LANES];
        for chunk in wide {
            for ((largest, zero), logit) in largest.iter_mut().zip(&mut zero).zip(chunk) {
                let logit = f32::from_le_bytes(*logit);
                *largest = larger(logit, *largest);
                *zero += logit * 0.0;
            }
        }
        let mut all = Self {
            largest: largest.into_iter().fold(f32::NEG_INFINITY, larger),
            zero: zero.into_iter().sum(),
        };
        for logit in rest {
            let logit = f32::from_le_bytes(*logit);
            all.largest = larger(logit, all.largest);
            all.zero += logit * 0.0;
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::margin::margin;

    fn bytes(logits: &[f32]) -> Vec<u8> {
        logits
            .iter()
            .flat_map(|logit| logit.to_le_bytes())
            .collect()
    }

    fn found(logits: &[f32], label: u32) -> Option<LogitMargins> {
        let mut found = LogitMargins {
            width: logits.len(),
            ..LogitMargins::default()
        };
        found.add(&bytes(logits), &[label], true)?;
        Some(found)
    }

    #[test]
    fn margin_and_rival_are_those_of_the_definition_at_every_width_and_label() {
        for width in 2..70_u16 {
            // Distinct and in no order, and one pair of equal ones from six on.
            let mut logits: Vec<f32> = (0..width)
                .map(|class| f32::from(class * 37 % width) * 0.5 - 3.0)
                .collect();
            if width > 5 {
                logits[2] = logits[usize::from(width) - 1];
            }
            for label in 0..u32::from(width) {
                let expected = margin(&logits, label).unwrap();
                let found = found(&logits, label).unwrap();
                assert_eq!(found.margins, [expected.value], "{width} {label}");
                assert_eq!(found.rival_labels, [expected.rival_label]);
            }
        }
    }

    #[test]
    fn what_is_not_finite_is_noticed_wherever_it_stands() {
        for width in [2, 17, 40] {
            for odd in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
                for at in 0..width {
                    let mut logits = vec![1.0; width];
                    logits[at] = odd;
                    assert!(found(&logits, 1).is_none(), "{odd} at {at} of {width}");
                }
            }
        }
    }

    #[test]
    fn logits_too_far_apart_and_labels_beyond_them_are_noticed() {
        assert!(found(&[f32::MAX, f32::MIN], 0).is_none());
        assert!(found(&[1.0, 2.0], 2).is_none());
    }
}
