//! Arrays of NumPy: NPY files, and NPZ archives, which are taken for folders of them: `set.npz/X_train.npy`.

use std::io::{self, BufReader};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use logformat::{NpyBytes, npz_arrays};
use npyz::NpyHeader;

use crate::dataset::files::finding::read_error;
use crate::error::dataset::DatasetError;

/// An array whose values are not read yet.
pub(crate) struct NpyFile {
    pub(crate) header: NpyHeader,
    pub(crate) values: BufReader<NpyBytes>,
    /// The bytes of header and values at most, whatever the header says.
    pub(crate) length: u64,
}

impl NpyFile {
    pub(crate) fn open(path: &Path) -> Result<Self, DatasetError> {
        let bytes = open(path).map_err(|error| read_error(path, error))?;
        let length = bytes.length;
        let mut values = BufReader::with_capacity(1 << 16, bytes);
        // The parser of the header panics on some damaged files.
        let header = catch_unwind(AssertUnwindSafe(|| NpyHeader::from_reader(&mut values)));
        let reason = match header {
            Ok(Ok(header)) => {
                return Ok(Self {
                    header,
                    values,
                    length,
                });
            }
            Ok(Err(error)) => error.to_string(),
            Err(_) => "its header makes no sense".to_owned(),
        };
        let reason = reason.lines().next().unwrap_or_default();
        Err(DatasetError::Damaged {
            path: path.to_owned(),
            reason: format!("it cannot be read as an NPY array ({reason})"),
        })
    }
}

/// The bytes of an NPY file, or of one in an archive.
pub(crate) fn open(path: &Path) -> io::Result<NpyBytes> {
    match path.ancestors().skip(1).find(|above| is_archive(above)) {
        Some(archive) => {
            let within = path.strip_prefix(archive).unwrap_or(path);
            NpyBytes::of_archive(archive, &within.with_extension("").to_string_lossy())
        }
        None => NpyBytes::of_file(path),
    }
}

/// Whether there is an archive at `path`, by its name.
pub(crate) fn is_archive(path: &Path) -> bool {
    let is_called_so = path
        .extension()
        .is_some_and(|suffix| suffix.eq_ignore_ascii_case("npz"));
    is_called_so && path.is_file()
}

/// The arrays in an archive, as if it were a folder of their files.
pub(crate) fn arrays_in(archive: &Path) -> Result<Vec<PathBuf>, DatasetError> {
    let names = npz_arrays(archive).map_err(|error| read_error(archive, error))?;
    let mut files: Vec<PathBuf> = names
        .iter()
        .map(|name| archive.join(format!("{name}.npy")))
        .collect();
    files.sort();
    Ok(files)
}
