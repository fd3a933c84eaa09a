//! Reads the file of one rank and epoch; how it is laid out says [`RankLogits`](crate::RankLogits).

use std::io::{self, BufReader, Read};
use std::path::Path;

use crate::error::LogError;
use crate::read::regular_file::open_regular;
use crate::run::record::checksum;
use crate::write::epoch::EpochLogits;
use crate::write::rank_logits::{HEADER_BYTES, header};
use crate::write::samples::PassSamples;

const CHECKSUM_BYTES: u64 = 4;
/// The CRC-32 of anything that ends in its own CRC-32.
const CHECKSUM_OF_INTACT: u32 = 0x2144_df1c;

/// Checks that a shard is whole, and of these samples.
pub(crate) fn check_shard(path: &Path, samples: &PassSamples) -> Result<(), LogError> {
    let refuse = |reason: &str| {
        Err(LogError::Damaged {
            path: path.to_owned(),
            reason: reason.to_owned(),
        })
    };
    if checksum(path).map_err(|error| cannot_read(path, error))? != CHECKSUM_OF_INTACT {
        return refuse("its checksum is another one than was written");
    }
    let mut found = [0; HEADER_BYTES];
    let (_, rows) = open(path, samples, &mut found).map_err(|error| cannot_read(path, error))?;
    if found != header(samples) {
        return Err(LogError::OtherSamples {
            path: path.to_owned(),
        });
    }
    match rows {
        Some(_) => Ok(()),
        None => refuse("it ends within a row"),
    }
}

/// Records what a shard that was checked has.
pub(crate) fn add_shard(path: &Path, epoch: &mut EpochLogits) -> Result<(), LogError> {
    let mut header = [0; HEADER_BYTES];
    let failed = |error| cannot_read(path, error);
    let (mut file, rows) = open(path, epoch.samples(), &mut header).map_err(failed)?;
    let samples = epoch.samples().len();
    let mut bytes = vec![0; row_bytes(epoch.samples())];
    let mut logits = Vec::new();
    for _ in 0..rows.unwrap_or(0) {
        file.read_exact(&mut bytes).map_err(failed)?;
        let (words, _) = bytes.as_chunks();
        let Some((&row, values)) = words.split_first() else {
            break;
        };
        let row = u32::from_le_bytes(row) as usize;
        logits.clear();
        logits.extend(values.iter().map(|&value| f32::from_le_bytes(value)));
        if row >= samples {
            return Err(LogError::OtherSamples {
                path: path.to_owned(),
            });
        }
        epoch.record_row(row, &logits)?;
    }
    Ok(())
}

/// The file behind its header, and the number of its rows where they are whole.
fn open(
    path: &Path,
    samples: &PassSamples,
    header: &mut [u8],
) -> io::Result<(BufReader<std::fs::File>, Option<u64>)> {
    let file = open_regular(path)?;
    let bytes = file.metadata()?.len();
    let mut file = BufReader::with_capacity(1 << 20, file);
    file.read_exact(header)?;
    let of_rows = bytes.checked_sub(header.len() as u64 + CHECKSUM_BYTES);
    let of_row = row_bytes(samples) as u64;
    let rows = of_rows.filter(|bytes| bytes % of_row == 0);
    Ok((file, rows.map(|bytes| bytes / of_row)))
}

fn row_bytes(samples: &PassSamples) -> usize {
    size_of::<u32>() + size_of::<f32>() * samples.logit_count()
}

fn cannot_read(path: &Path, source: io::Error) -> LogError {
    LogError::Read {
        path: path.to_owned(),
        source,
    }
}
