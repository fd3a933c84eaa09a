//! What the rows of a table say of the listed samples: their own values, which stand where others have pictures.
//! They are read from the table that was trained on, where it is still there and small; where its labels are not
//! those of the log, or it cannot be read, there are none, since values of other samples would mislead.

use std::collections::BTreeMap;
use std::path::Path;

use logformat::SampleEntry;

use crate::logs::run_log::RunLog;
use crate::logs::table_frame::{Frame, is_table};

/// A larger table is not read for this.
const LARGEST_BYTES: u64 = 64 << 20;
/// No reader looks at more columns than these.
const MOST_COLUMNS: usize = 24;

/// The values of some samples.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct OwnValues {
    /// The columns.
    pub(crate) names: Vec<String>,
    /// By the positions of the samples in the run.
    pub(crate) rows: BTreeMap<usize, Vec<String>>,
}

impl OwnValues {
    /// Those of `entries`, which have to be rows of one table without pictures.
    pub(crate) fn read(log: &RunLog, entries: &BTreeMap<usize, SampleEntry>) -> Self {
        Self::found(log, entries).unwrap_or_default()
    }

    fn found(log: &RunLog, entries: &BTreeMap<usize, SampleEntry>) -> Option<Self> {
        let file = entries.values().next()?.file.as_deref()?;
        let is_row =
            |entry: &SampleEntry| entry.file.as_deref() == Some(file) && entry.png.is_none();
        let path = Path::new(file);
        if !is_table(path) || !entries.values().all(is_row) {
            return None;
        }
        if path.metadata().ok()?.len() > LARGEST_BYTES {
            return None;
        }
        let table = Frame::read(path).ok()?;
        let told = log.configuration["label_column"].as_str();
        let label = told.unwrap_or("label");
        let labels = table.texts(label).ok()??;
        let row = |entry: &SampleEntry| usize::try_from(entry.row?).ok();
        let is_same = |(&sample, entry): (&usize, &SampleEntry)| {
            let text = row(entry).and_then(|row| labels.get(row)?.as_deref());
            let known = [log.given_labels[sample], log.true_labels[sample]];
            let mut names = known
                .into_iter()
                .flatten()
                .map(|class| log.class_name(class));
            text.is_some_and(|text| names.any(|name| name == text.trim()))
        };
        if !entries.iter().all(is_same) {
            return None;
        }
        let names = table.names().filter(|name| *name != label);
        let columns: Vec<(String, Vec<Option<String>>)> = names
            .filter_map(|name| Some((name.to_owned(), table.texts(name).ok()??)))
            .take(MOST_COLUMNS)
            .collect();
        let values = |row: usize| {
            let cells = columns.iter().map(|(_, cells)| cells[row].clone());
            cells.map(Option::unwrap_or_default).collect()
        };
        let rows = entries
            .iter()
            .filter_map(|(&sample, entry)| Some((sample, values(row(entry)?))));
        Some(Self {
            rows: rows.collect(),
            names: columns.iter().map(|(name, _)| name.clone()).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logs::two_passes::two_passes;

    /// The values of the samples 1 and 3 of a log whose given labels are all cats, which lie in the rows 2 and 0.
    fn values(table: &str) -> OwnValues {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cells.csv");
        std::fs::write(&path, table).unwrap();
        let mut log = two_passes();
        log.class_names = ["cat", "dog"].map(str::to_owned).to_vec();
        let entry = |row| SampleEntry {
            file: Some(path.to_string_lossy().into_owned()),
            row: Some(row),
            ..SampleEntry::default()
        };
        OwnValues::read(&log, &[(1, entry(2)), (3, entry(0))].into())
    }

    #[test]
    fn a_sample_has_the_values_of_its_row() {
        let found = values("radius,label,by\n1.5,cat,ann\n2.5,dog,\n3.5,cat,\n");
        assert_eq!(found.names, ["radius", "by"]);
        let row = |radius: &str, by: &str| vec![radius.to_owned(), by.to_owned()];
        let expected = [(1, row("3.5", "")), (3, row("1.5", "ann"))];
        assert_eq!(found.rows, expected.into());
    }

    #[test]
    fn a_table_of_other_labels_or_too_few_rows_has_no_values() {
        for table in [
            "radius,label\n1.5,dog\n2.5,dog\n3.5,cat\n",
            "radius,label\n1.5,cat\n",
            "radius,class\n1.5,cat\n2.5,cat\n3.5,cat\n",
            "",
        ] {
            assert_eq!(values(table), OwnValues::default(), "{table}");
        }
    }
}
