//! What the folders of a file say of all its rows: in `logs/run=a/epoch=3/part-0.parquet` each row is of
//! epoch 3 of the run `a` (hive partitions, as Spark, Polars, DuckDB and pyarrow write them, which leave
//! such columns out of the file).

use std::path::Path;
use std::sync::Arc;

use crate::error::LogError;
use crate::read::repeated::{Repeated, RepeatedTexts};
use crate::schema::column::Column;

/// Values for the columns that a path may have, from the unbroken row of such folders above the file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Partitions {
    pub(crate) run: Option<Arc<str>>,
    pub(crate) pass: Option<u32>,
    pub(crate) epoch: Option<u32>,
}

impl Partitions {
    /// Those of the folders that `path` names.
    ///
    /// # Errors
    /// [`LogError::Partition`] for an epoch that is no whole number from 0 on, or a pass that is none from 1.
    pub(crate) fn of(path: &Path) -> Result<Self, LogError> {
        let mut found = Self::default();
        let folders = path
            .ancestors()
            .skip(1)
            .map(|folder| folder.file_name()?.to_str());
        let pairs = folders.map_while(|name| name?.split_once('='));
        for (key, value) in pairs {
            let number = |least: u32| {
                value
                    .parse()
                    .ok()
                    .filter(|number| (least..=i32::MAX as u32).contains(number))
                    .ok_or_else(|| LogError::Partition {
                        path: path.to_owned(),
                        folder: format!("{key}={value}"),
                        least,
                    })
            };
            match key {
                "run" => found.run = found.run.or(Some(Arc::from(value))),
                "pass" => found.pass = found.pass.or(Some(number(1)?)),
                "epoch" => found.epoch = found.epoch.or(Some(number(0)?)),
                _ => {}
            }
        }
        Ok(found)
    }

    /// Whether the folders say anything.
    pub(crate) fn are_there(&self) -> bool {
        *self != Self::default()
    }

    /// The runs of some rows: as the column has them, or as the folder says.
    pub(crate) fn runs(
        &self,
        column: Option<RepeatedTexts>,
        rows: usize,
    ) -> Partitioned<Option<RepeatedTexts>> {
        one_of(Column::Run, self.run.as_ref(), column, rows)
    }

    /// The passes of some rows, which are 1 where nothing says otherwise.
    pub(crate) fn passes(
        &self,
        column: Option<Repeated<u32>>,
        rows: usize,
    ) -> Partitioned<Repeated<u32>> {
        let values = one_of(Column::Pass, self.pass.as_ref(), column, rows)?;
        Ok(values.unwrap_or_else(|| Repeated::of_one(1, rows)))
    }

    /// The epochs of some rows; `None` where nothing says them.
    pub(crate) fn epochs(
        &self,
        column: Option<Repeated<u32>>,
        rows: usize,
    ) -> Partitioned<Option<Repeated<u32>>> {
        one_of(Column::Epoch, self.epoch.as_ref(), column, rows)
    }
}

/// A row whose column contradicts the folder: the row, the column, and why.
pub(crate) type Contradiction = (usize, Column, String);
type Partitioned<T> = Result<T, Contradiction>;

fn one_of<T: Clone + PartialEq + std::fmt::Display>(
    column: Column,
    partition: Option<&T>,
    values: Option<Repeated<T>>,
    rows: usize,
) -> Partitioned<Option<Repeated<T>>> {
    let (Some(partition), Some(values)) = (partition, &values) else {
        let of_folder = partition.map(|value| Repeated::of_one(value.clone(), rows));
        return Ok(values.or(of_folder));
    };
    let other = (0..rows).find_map(|row| Some((row, values.get(row).filter(|v| *v != partition)?)));
    match other {
        None => Ok(Some(values.clone())),
        Some((row, value)) => Err((
            row,
            column,
            format!(
                "is {value}, but the file lies in the folder {column}={partition}; move it, or rename the folder"
            ),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_give_run_pass_and_epoch() {
        let path = Path::new("pass=7/logs/run=a=b/other=1/epoch=3/part-0.parquet");
        let found = Partitions::of(path).unwrap();
        assert_eq!(found.run.as_deref(), Some("a=b"));
        assert_eq!((found.pass, found.epoch), (None, Some(3)));
        assert!(
            !Partitions::of(Path::new("epoch=3.parquet"))
                .unwrap()
                .are_there()
        );
    }

    #[test]
    fn what_is_no_number_is_refused_with_its_folder() {
        let error = Partitions::of(Path::new("logs/epoch=last/a.parquet")).unwrap_err();
        assert!(error.to_string().contains("epoch=last"), "{error}");
        let error = Partitions::of(Path::new("logs/pass=0/a.parquet")).unwrap_err();
        assert!(error.to_string().contains("from 1 on"), "{error}");
        let found = Partitions::of(Path::new("logs/epoch=0/a.parquet")).unwrap();
        assert_eq!(found.epoch, Some(0));
    }

    #[test]
    fn a_column_may_repeat_what_the_folder_says_and_not_contradict_it() {
        let folder = Partitions {
            epoch: Some(3),
            ..Partitions::default()
        };
        let column = |epochs: [u32; 2]| Some(epochs.into_iter().collect());
        assert_eq!(folder.epochs(None, 2), Ok(column([3, 3])));
        assert_eq!(folder.epochs(column([3, 3]), 2), Ok(column([3, 3])));
        let (row, _, reason) = folder.epochs(column([3, 4]), 2).unwrap_err();
        assert_eq!(row, 1);
        assert!(
            reason.starts_with("is 4, but the file lies in the folder epoch=3"),
            "{reason}"
        );
    }
}
