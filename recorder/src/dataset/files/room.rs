//! Whether what a file promises has room in the memory of this machine.

use std::path::Path;

use crate::dataset::images::memory::{in_words, memory_bytes};
use crate::error::dataset::DatasetError;

/// Refuses a file that promises more than half of the memory: a sparse or compressed one promises
/// terabytes in a few bytes.
pub(crate) fn check_room(path: &Path, promised: u64) -> Result<(), DatasetError> {
    let room = memory_bytes(None);
    match promised <= room {
        true => Ok(()),
        false => Err(DatasetError::NoMemory {
            path: path.to_owned(),
            promised: in_words(promised),
            room: in_words(room),
        }),
    }
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
                .starts_with("a.npy: it promises 400.0 TiB"),
            "{error}"
        );
    }
}
