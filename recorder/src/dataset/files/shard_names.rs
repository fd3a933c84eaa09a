//! Shards of one table by their names, as the hub of Hugging Face writes them: `train-00000-of-00002.parquet` says
//! that there are two. Fewer may be there on purpose, but not unsaid; those of two versions of a set are its samples
//! twice.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::error::dataset::DatasetError;
use crate::error::layout::LayoutError;

/// What the name of a shard says.
struct Shard<'a> {
    /// Up to its number.
    of: (Option<&'a Path>, String),
    number: u32,
    total: u32,
}

fn shard(path: &Path) -> Option<Shard<'_>> {
    let name = path.file_name()?.to_str()?;
    let (before, behind) = name.split_once("-of-")?;
    let (of, number) = before.rsplit_once('-')?;
    let digits = behind.find(|c: char| !c.is_ascii_digit());
    Some(Shard {
        of: (path.parent(), of.to_owned()),
        number: number.parse().ok()?,
        total: behind[..digits.unwrap_or(behind.len())].parse().ok()?,
    })
}

/// Refuses shards of one name that are of as many files as others are not.
pub(crate) fn check(files: &[PathBuf]) -> Result<(), DatasetError> {
    let mut totals = BTreeMap::new();
    for path in files {
        if let Some(shard) = shard(path) {
            let (total, first) = *totals.entry(shard.of).or_insert((shard.total, path));
            if total != shard.total {
                return Err(DatasetError::from(LayoutError::ShardsOfTwo {
                    first: first.clone(),
                    second: path.clone(),
                }));
            }
        }
    }
    Ok(())
}

/// What there is to say where shards are missing.
pub(crate) fn missing(files: &[PathBuf]) -> Option<String> {
    let mut found: BTreeMap<_, (Vec<u32>, u32)> = BTreeMap::new();
    for shard in files.iter().filter_map(|path| shard(path)) {
        let (numbers, total) = found.entry(shard.of).or_default();
        numbers.push(shard.number);
        *total = shard.total;
    }
    let less = found.into_iter().find_map(|((_, of), (numbers, total))| {
        let first = (0..total).find(|number| !numbers.contains(number))?;
        Some((of, numbers.len(), total, first))
    });
    less.map(|(of, there, total, first)| {
        format!("of the {total} shards of {of} there are {there}, and number {first} is the first that is missing")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(names: &[&str]) -> Vec<PathBuf> {
        names.iter().map(PathBuf::from).collect()
    }

    #[test]
    fn missing_shards_are_told_and_two_versions_refused() {
        let whole = paths(&[
            "a/train-00000-of-00002-1f.parquet",
            "a/train-00001-of-00002-1f.parquet",
            "b/train-00000-of-00001.parquet",
            "c/train-of-thought.parquet",
            "c/0000.parquet",
        ]);
        assert!(check(&whole).is_ok());
        assert_eq!(missing(&whole), None);
        let less = paths(&[
            "train-00000-of-00003.parquet",
            "train-00002-of-00003.parquet",
        ]);
        assert!(check(&less).is_ok());
        assert_eq!(
            missing(&less).unwrap(),
            "of the 3 shards of train there are 2, and number 1 is the first that is missing"
        );
        let two = paths(&[
            "train-00000-of-00001.parquet",
            "train-00000-of-00002.parquet",
        ]);
        let refused = check(&two).unwrap_err().to_string();
        assert!(
            refused.starts_with("train-00000-of-00001.parquet and train-00000-of-00002.parquet: "),
            "{refused}"
        );
    }
}
