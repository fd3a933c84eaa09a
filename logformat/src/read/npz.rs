//! Archives of NumPy: zip files of NPY files, as `np.savez` and `np.savez_compressed` write them.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use flate2::read::DeflateDecoder;
use zip::{CompressionMethod, ZipArchive};

use crate::read::regular_file::open_regular;

/// The most that Deflate makes of a byte.
const MOST_PER_BYTE: u64 = 1032;

/// The bytes of a file, how many there are at most, and whether they are as they were written.
pub struct NpyBytes {
    bytes: Box<dyn Read>,
    /// How many there are at most, whatever an archive says of them.
    pub length: u64,
    sum: Option<Sum>,
}

/// The checksum that an archive has of bytes.
struct Sum {
    left: u64,
    hasher: crc32fast::Hasher,
    expected: u32,
}

impl NpyBytes {
    /// Those of a file of its own.
    ///
    /// # Errors
    /// Those of [`open_regular`].
    pub fn of_file(path: &Path) -> io::Result<Self> {
        let file = open_regular(path)?;
        Ok(Self {
            length: file.metadata()?.len(),
            bytes: Box::new(file),
            sum: None,
        })
    }

    /// Those of the array of this name in an archive; after the last of them, reading fails where they are not
    /// as the archive's checksum says.
    ///
    /// # Errors
    /// `InvalidData` where it is no archive or is damaged, `NotFound` where it has no such array, `Unsupported`
    /// where it is compressed in a way that NumPy has not, and those of [`open_regular`].
    pub fn of_archive(path: &Path, name: &str) -> io::Result<Self> {
        let mut archive = archive(path)?;
        let at = archive.index_for_name(&format!("{name}.npy"));
        let at = at.ok_or_else(|| {
            let reason = format!("there is no array {name} in it");
            io::Error::new(io::ErrorKind::NotFound, reason)
        })?;
        let member = archive.by_index_raw(at).map_err(unsound)?;
        let mut file = open_regular(path)?;
        let file_length = file.metadata()?.len();
        let start = member.data_start().unwrap_or(file_length);
        file.seek(SeekFrom::Start(start))?;
        let packed = member
            .compressed_size()
            .min(file_length.saturating_sub(start));
        let bytes = file.take(packed);
        let (bytes, most): (Box<dyn Read>, u64) = match member.compression() {
            CompressionMethod::STORE => (Box::new(bytes), packed),
            CompressionMethod::DEFLATE => {
                let most = packed.saturating_mul(MOST_PER_BYTE);
                (Box::new(DeflateDecoder::new(bytes)), most)
            }
            other => {
                let reason = format!("{name} in it is compressed by {other}");
                return Err(io::Error::new(io::ErrorKind::Unsupported, reason));
            }
        };
        Ok(Self {
            bytes,
            length: member.size().min(most),
            sum: Some(Sum {
                left: member.size(),
                hasher: crc32fast::Hasher::new(),
                expected: member.crc32(),
            }),
        })
    }
}

impl Read for NpyBytes {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.bytes.read(buffer)?;
        if let Some(sum) = &mut self.sum
            && sum.left > 0
        {
            sum.hasher.update(&buffer[..count]);
            sum.left = sum.left.saturating_sub(count as u64);
            if sum.left == 0 && sum.hasher.clone().finalize() != sum.expected {
                let reason = "it is not as the checksum of its archive says";
                return Err(io::Error::new(io::ErrorKind::InvalidData, reason));
            }
        }
        Ok(count)
    }
}

/// The names of the arrays in an archive, in its order.
///
/// # Errors
/// `InvalidData` where it is no archive, and those of [`open_regular`].
pub fn npz_arrays(path: &Path) -> io::Result<Vec<String>> {
    let archive = archive(path)?;
    let names = archive.file_names().flatten();
    let arrays = names.filter_map(|name| name.strip_suffix(".npy").map(str::to_owned));
    Ok(arrays.collect())
}

fn archive(path: &Path) -> io::Result<ZipArchive<File>> {
    ZipArchive::new(open_regular(path)?).map_err(unsound)
}

fn unsound(error: zip::result::ZipError) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}
