//! The IDX format of MNIST: a magic number, the length of each dimension, and bytes, big-endian.
//!
//! Source: LeCun, Cortes and Burges, *The MNIST database of handwritten digits*, "File formats".

use std::io::Read;
use std::path::Path;

use crate::dataset::files::finding::{open_maybe_gzip, read_error};
use crate::dataset::files::room::check_room;
use crate::error::dataset::DatasetError;

/// Unsigned bytes (0x08) in three dimensions.
const IMAGES_MAGIC: u32 = 0x0803;
/// Unsigned bytes (0x08) in one dimension.
const LABELS_MAGIC: u32 = 0x0801;

/// Images of one channel, row-major.
#[derive(Debug, PartialEq)]
pub(crate) struct IdxImages {
    pub count: usize,
    /// height, width
    pub size: [usize; 2],
    pub pixels: Vec<u8>,
}

pub(crate) fn read_images(path: &Path) -> Result<IdxImages, DatasetError> {
    let ([count, height, width], pixels) = read(path, IMAGES_MAGIC, "images")?;
    Ok(IdxImages {
        count,
        size: [height, width],
        pixels,
    })
}

pub(crate) fn read_labels(path: &Path) -> Result<Vec<u8>, DatasetError> {
    let ([_], labels) = read(path, LABELS_MAGIC, "labels")?;
    Ok(labels)
}

fn read<const DIMENSIONS: usize>(
    path: &Path,
    magic: u32,
    content: &'static str,
) -> Result<([usize; DIMENSIONS], Vec<u8>), DatasetError> {
    let mut file = open_maybe_gzip(path)?;
    let mut number = || {
        let mut bytes = [0; 4];
        let done = file.read_exact(&mut bytes);
        done.map(|()| u32::from_be_bytes(bytes))
            .map_err(|error| read_error(path, error))
    };
    let found = number()?;
    if found != magic {
        return Err(DatasetError::WrongMagic {
            path: path.to_owned(),
            content,
            found,
            expected: magic,
        });
    }
    let mut lengths = [0; DIMENSIONS];
    for length in &mut lengths {
        *length = number()? as usize;
    }
    let bytes = read_bytes(file, path, &lengths)?;
    Ok((lengths, bytes))
}

/// 64 MiB, more than MNIST's largest file.
const MOST_ROOM_AT_FIRST: usize = 64 << 20;

fn read_bytes(
    file: Box<dyn Read>,
    path: &Path,
    lengths: &[usize],
) -> Result<Vec<u8>, DatasetError> {
    let damaged = |reason: String| DatasetError::Damaged {
        path: path.to_owned(),
        reason,
    };
    let expected = lengths
        .iter()
        .try_fold(1usize, |product, &length| product.checked_mul(length));
    let expected = expected.ok_or_else(|| damaged(format!("it claims a size of {lengths:?}")))?;
    check_room(path, expected as u64)?;
    // Room for all, so that nothing is moved; but not for whatever a header claims.
    let mut bytes = Vec::with_capacity(expected.min(MOST_ROOM_AT_FIRST) + 1);
    // One more than expected tells a file that is too long, whatever a header makes us believe.
    file.take(expected as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| read_error(path, error))?;
    match bytes.len() {
        found if found < expected => Err(damaged(format!(
            "it ends after {found} of the {expected} bytes that its header promises"
        ))),
        found if found > expected => Err(damaged(format!(
            "it goes on after the {expected} bytes that its header promises"
        ))),
        _ => Ok(bytes),
    }
}
