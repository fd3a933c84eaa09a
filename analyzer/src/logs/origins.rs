//! What leads from a sample back to its owner's data: the file that it came from, its row there, and the
//! owner's own id. They are in the sample table beside a log, and in the AUM tables that were written of such
//! a log.

use std::path::PathBuf;
use std::sync::Arc;

use logformat::{SampleId, SampleIds};
use polars::prelude::{Column, DataFrame, DataType, IdxCa, NamedFrom, PolarsResult, Series};

pub(crate) const FILE: &str = "file";
pub(crate) const ROW: &str = "row";
pub(crate) const ID: &str = "id";

/// Where the samples of a run came from, in the order of the log.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Origins {
    /// Those of the columns `file`, `row` and `id` that are known; none where nothing is.
    pub(crate) frame: DataFrame,
    /// What of them a reader is told beside the id in the log.
    pub(crate) told: Told,
    /// The sample table that they were read from, which has the pictures, too; `None` where there is none, or
    /// it is not used.
    pub(crate) table: Option<PathBuf>,
}

/// What says more of a sample than its id in the log does, in the fewest words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Told {
    /// Nothing: nothing is known, or the id in the log is the row of the only file.
    #[default]
    Nothing,
    /// Its owner's id.
    Id,
    /// The file, which is the sample.
    File,
    /// The file, and the row there.
    FileAndRow,
}

impl Origins {
    /// Of samples with these files, rows and ids; what no sample has is left out.
    pub(crate) fn new(
        sample_ids: &SampleIds,
        files: &[Option<Arc<str>>],
        rows: &[Option<i64>],
        ids: Option<&SampleIds>,
    ) -> Self {
        let frame = columns(files, rows, ids);
        Self {
            told: told(sample_ids, files, rows, ids),
            frame: frame.expect("files, rows and ids are of the same samples"),
            table: None,
        }
    }

    /// The known columns of some samples, in their order.
    pub(crate) fn of(&self, samples: impl IntoIterator<Item = usize>) -> Vec<Column> {
        if self.frame.width() == 0 {
            return Vec::new();
        }
        let samples: Vec<u32> = samples.into_iter().map(|at| at as u32).collect();
        let taken = self.frame.take(&IdxCa::new("".into(), samples));
        let taken = taken.expect("samples are those of the log");
        taken.into_columns()
    }

    /// What a column of texts or integers says of each sample.
    pub(crate) fn texts(&self, name: &str) -> Vec<Option<String>> {
        let Some(column) = self.column(name) else {
            return Vec::new();
        };
        let texts = column.cast(&DataType::String);
        let texts = texts.expect("files and ids are texts or integers");
        let texts = texts.str().expect("they were made texts").iter();
        texts.map(|text| text.map(str::to_owned)).collect()
    }

    /// The row of each sample in its file; nothing where no rows are known.
    pub(crate) fn rows(&self) -> Vec<Option<i64>> {
        let rows = self.column(ROW).and_then(|column| column.i64().ok());
        let none = || vec![None; self.frame.height()];
        rows.map_or_else(none, |rows| rows.iter().collect())
    }

    /// A column of all samples, where it is known.
    pub(crate) fn column(&self, name: &str) -> Option<&Column> {
        self.frame.column(name).ok()
    }
}

fn columns(
    files: &[Option<Arc<str>>],
    rows: &[Option<i64>],
    ids: Option<&SampleIds>,
) -> PolarsResult<DataFrame> {
    let files: Vec<Option<&str>> = files.iter().map(Option::as_deref).collect();
    let columns = [
        Series::new(FILE.into(), files),
        Series::new(ROW.into(), rows),
    ];
    let id = ids.map(|ids| match ids {
        SampleIds::Integers(ids) => Series::new(ID.into(), ids),
        SampleIds::Texts(ids) => Series::new(ID.into(), ids),
    });
    let known = columns.into_iter().chain(id);
    let known = known.filter(|column| column.null_count() < column.len());
    DataFrame::new_infer_height(known.map(Column::from).collect())
}

fn told(
    sample_ids: &SampleIds,
    files: &[Option<Arc<str>>],
    rows: &[Option<i64>],
    ids: Option<&SampleIds>,
) -> Told {
    if let Some(ids) = ids {
        return if ids == sample_ids {
            Told::Nothing
        } else {
            Told::Id
        };
    }
    let mut known = files.iter().flatten();
    let Some(first) = known.next() else {
        return Told::Nothing;
    };
    if known.any(|file| file != first) {
        let is_sample = rows.iter().all(|row| row.unwrap_or(0) == 0);
        return if is_sample {
            Told::File
        } else {
            Told::FileAndRow
        };
    }
    let SampleIds::Integers(sample_ids) = sample_ids else {
        return Told::FileAndRow;
    };
    let mut pairs = rows.iter().zip(sample_ids);
    match pairs.all(|(row, id)| row.is_none_or(|row| row == *id)) {
        true => Told::Nothing,
        false => Told::FileAndRow,
    }
}

/// Ids of one kind: integers, or texts as soon as there is one.
pub(crate) fn of_one_kind(ids: Vec<SampleId>) -> SampleIds {
    let integer = |id: &SampleId| match id {
        SampleId::Integer(id) => Some(*id),
        SampleId::Text(_) => None,
    };
    match ids.iter().map(integer).collect() {
        Some(integers) => SampleIds::Integers(integers),
        None => SampleIds::Texts(ids.iter().map(ToString::to_string).collect()),
    }
}

#[cfg(test)]
mod tests;
