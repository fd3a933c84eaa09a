//! A pattern of file names with braces, as WebDataset writes it: `train-{0000..0146}.tar`, `{a,b}.tar`.

use std::path::{Path, PathBuf};

use crate::error::dataset::DatasetError;
use crate::error::layout::LayoutError;

/// More files than any set is made of.
const MOST_FILES: usize = 1_000_000;

/// The files that a path with braces stands for, all of which must be there; `None` for a path without.
pub(crate) fn shards_of(path: &Path) -> Result<Option<Vec<PathBuf>>, DatasetError> {
    let text = path.to_string_lossy();
    if path.exists() || !text.contains('{') {
        return Ok(None);
    }
    let wrong = || {
        DatasetError::from(LayoutError::Pattern {
            pattern: text.clone().into_owned(),
        })
    };
    let mut names = vec![String::new()];
    let mut rest = text.as_ref();
    while let Some((before, after)) = rest.split_once('{') {
        let (inside, after) = after.split_once('}').ok_or_else(wrong)?;
        let pieces = pieces(inside).filter(|pieces| pieces.len() * names.len() <= MOST_FILES);
        let pieces = pieces.ok_or_else(wrong)?;
        let longer = names.iter().flat_map(|name| {
            let pieces = pieces.iter();
            pieces.map(move |piece| format!("{name}{before}{piece}"))
        });
        names = longer.collect();
        rest = after;
    }
    let paths: Vec<PathBuf> = names.into_iter().map(|name| (name + rest).into()).collect();
    match paths.iter().find(|path| !path.is_file()) {
        None => Ok(Some(paths)),
        Some(missing) => Err(DatasetError::from(LayoutError::ShardMissing {
            path: missing.clone(),
            pattern: text.into_owned(),
        })),
    }
}

/// What braces stand for: pieces divided by commas, or numbers from one to another, as wide as the first.
fn pieces(inside: &str) -> Option<Vec<String>> {
    let Some((first, last)) = inside.split_once("..") else {
        return Some(inside.split(',').map(str::to_owned).collect());
    };
    let (from, to): (usize, usize) = (first.parse().ok()?, last.parse().ok()?);
    let width = first.len();
    let count = to.checked_sub(from)?;
    (count < MOST_FILES).then(|| {
        (from..=to)
            .map(|number| format!("{number:0width$}"))
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braces_are_numbers_of_one_width_or_pieces() {
        assert_eq!(pieces("08..11").unwrap(), ["08", "09", "10", "11"]);
        assert_eq!(pieces("a,b").unwrap(), ["a", "b"]);
        for wrong in ["3..1", "a..b", "1..", "0..9999999999"] {
            assert_eq!(pieces(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn every_file_of_a_pattern_must_be_there() {
        let folder = tempfile::TempDir::new().unwrap();
        for name in ["a-0.tar", "a-1.tar", "b-0.tar"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        let found = |pattern: &str| shards_of(&folder.path().join(pattern));
        assert_eq!(found("a-{0..1}.tar").unwrap().unwrap().len(), 2);
        assert_eq!(found("{a,b}-{0..0}.tar").unwrap().unwrap().len(), 2);
        assert_eq!(found("a-0.tar").unwrap(), None);
        let reason = found("{a,b}-{0..1}.tar").unwrap_err().to_string();
        assert!(reason.contains("b-1.tar: this shard of"), "{reason}");
        let reason = found("a-{0..1.tar").unwrap_err().to_string();
        assert!(reason.contains("cannot be read as a pattern"), "{reason}");
    }
}
