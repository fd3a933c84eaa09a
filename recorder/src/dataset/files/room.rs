//! Whether what a file promises has room in the memory of this machine.

use std::path::Path;

use logformat::check_file_memory;

use crate::dataset::images::memory::memory_bytes;
use crate::error::dataset::DatasetError;

/// Refuses a file that promises more than half of the memory, or than one file may take: a sparse or compressed one
/// promises terabytes in a few bytes.
pub(crate) fn check_room(path: &Path, promised: u64) -> Result<(), DatasetError> {
    let room = memory_bytes(None);
    check_file_memory(promised, room).map_err(|reason| DatasetError::TooLarge {
        path: path.to_owned(),
        reason,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_promise_of_terabytes_is_refused_by_its_size() {
        assert!(check_room(Path::new("a.npy"), 1 << 20).is_ok());
        let error = check_room(Path::new("a.npy"), 400 << 40).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("a.npy: it takes 400.0 TiB of memory, and "),
            "{error}"
        );
    }
}
