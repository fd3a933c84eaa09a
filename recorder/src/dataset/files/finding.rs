//! Finds the files of a data set and reads them, compressed by gzip or not.

use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;
use logformat::{open_regular, read_regular};

use crate::dataset::files::text_table::utf8;
use crate::error::dataset::DatasetError;
use crate::error::layout::LayoutError;

/// How a gzip stream begins (RFC 1952, section 2.3.1).
pub(crate) const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// CIFAR's largest file has 154 MB, and no picture so many.
const MOST_BYTES_AT_ONCE: u64 = 1 << 30;

/// The first of `names` that is a file in `folder`; the first name stands for all in the error.
pub(crate) fn find(
    folder: &Path,
    names: &[String],
    expected: &str,
) -> Result<PathBuf, DatasetError> {
    if !folder.exists() {
        return Err(DatasetError::NoSuchPath {
            path: folder.to_owned(),
            expected: expected.to_owned(),
        });
    }
    let mut paths = names.iter().map(|name| folder.join(name));
    paths
        .find(|path| path.is_file())
        .ok_or_else(|| DatasetError::FileMissing {
            folder: folder.to_owned(),
            file: names.first().cloned().unwrap_or_default(),
            expected: expected.to_owned(),
        })
}

/// What the names of packed files end in.
pub(crate) const PACKED: [&str; 10] = [
    "7z", "bz2", "gz", "rar", "tar", "tgz", "xz", "z", "zip", "zst",
];

/// Refuses a file that is called as a packed one is, before it is taken for something else.
pub(crate) fn check_unpacked(path: &Path) -> Result<(), DatasetError> {
    let suffix = path.extension().unwrap_or_default().to_string_lossy();
    match PACKED.contains(&&*suffix.to_lowercase()) {
        false => Ok(()),
        true => {
            let path = path.to_owned();
            Err(LayoutError::Packed { path }.into())
        }
    }
}

/// Opens a file. What is inside decides whether it is decompressed, not its name: browsers
/// decompress some files and leave them their name.
pub(crate) fn open_maybe_gzip(path: &Path) -> Result<Box<dyn Read>, DatasetError> {
    let failed = |error| read_error(path, error);
    let mut file = BufReader::new(open_regular(path).map_err(failed)?);
    let is_gzip = file.fill_buf().map_err(failed)?.starts_with(&GZIP_MAGIC);
    Ok(match is_gzip {
        true => Box::new(MultiGzDecoder::new(file)),
        false => Box::new(file),
    })
}

/// The bytes of a file that is read at once: text, or a part of a data set.
pub(crate) fn read_whole(path: &Path) -> Result<Vec<u8>, DatasetError> {
    read_regular(path, MOST_BYTES_AT_ONCE).map_err(|error| read_error(path, error))
}

/// The same as text.
pub(crate) fn read_text(path: &Path) -> Result<String, DatasetError> {
    utf8(read_whole(path)?).map_err(|problem| DatasetError::text(path, problem))
}

/// Contents that end early or do not decompress are damage; the rest is the system's failure.
pub(crate) fn read_error(path: &Path, error: io::Error) -> DatasetError {
    let path = path.to_owned();
    match error.kind() {
        io::ErrorKind::UnexpectedEof => DatasetError::Damaged {
            path,
            reason: "it ends early".to_owned(),
        },
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => DatasetError::Damaged {
            path,
            reason: error.to_string(),
        },
        _ => DatasetError::Read {
            path,
            source: error,
        },
    }
}
