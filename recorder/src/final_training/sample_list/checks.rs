//! Whether what a list says beside the ids is true of the samples here; and which they are, where their places alone say
//! it.

use std::collections::BTreeMap;

use crate::dataset::label_file::cells::Cell;
use crate::error::removal::RemovalProblem;
use crate::final_training::sample_list::{FILE, ROW, Read, SampleList, text, whole};

impl SampleList<'_> {
    /// Refuses other given labels, files or rows than those of the samples.
    pub(super) fn check(&self) -> Read<()> {
        self.check_labels()?;
        self.check_places()
    }

    fn check_labels(&self) -> Read<()> {
        if !self.has("given_label") {
            return Ok(());
        }
        let label = |cell| whole(cell).map(|label| i64::try_from(label).unwrap_or(i64::MAX));
        let listed: Vec<Option<i64>> = self.cells("given_label")?.iter().map(label).collect();
        let here = |place: usize| self.labels.given[self.samples[place]];
        let known = (0..listed.len()).filter_map(|place| Some((place, listed[place]?)));
        let known: Vec<(usize, i64)> = known.collect();
        let different = || {
            let pairs = known.iter().copied();
            pairs.filter(|&(place, label)| label != i64::from(here(place)))
        };
        match different().next() {
            None => Ok(()),
            Some((place, label)) => Err(RemovalProblem::OtherLabels {
                id: self.id(place),
                listed: label,
                here: here(place),
                different: different().count(),
                compared: known.len(),
            }),
        }
    }

    /// Rows by their number, files by their name: the folder may have been moved.
    fn check_places(&self) -> Read<()> {
        if !(self.has(FILE) && self.has(ROW)) {
            return Ok(());
        }
        let (files, rows) = (self.cells(FILE)?, self.cells(ROW)?);
        let here = |place: usize| {
            let (file, row) = self.dataset.train.origins.place(self.samples[place]);
            (file.display().to_string(), row)
        };
        let is_other = |&place: &usize| {
            let (file, row) = here(place);
            let is_other_row = whole(&rows[place]).is_some_and(|listed| listed != i128::from(row));
            let listed = text(&files[place]);
            is_other_row || !listed.is_empty() && name(&listed) != name(&file)
        };
        let different: Vec<usize> = (0..self.samples.len()).filter(is_other).collect();
        let Some(&first) = different.first() else {
            return Ok(());
        };
        let (file, row) = here(first);
        Err(RemovalProblem::OtherPlaces {
            id: self.id(first),
            listed: format!("row {} of {}", text(&rows[first]), text(&files[first])),
            here: format!("row {row} of {file}"),
            different: different.len(),
            compared: self.samples.len(),
        })
    }

    /// The ids of the samples that lie at these places, named as the tables of the analyzer have them.
    pub(super) fn ids_at_places(&self) -> Read<Vec<i64>> {
        let origins = &self.dataset.train.origins;
        let ids = self.labels.sample_ids.iter().enumerate();
        let ids = ids.map(|(sample, &id)| {
            let (file, row) = origins.place(sample);
            ((file.display().to_string(), row.to_string()), id)
        });
        let ids: BTreeMap<(String, String), i64> = ids.collect();
        let listed = self.cells(FILE)?.into_iter().zip(self.cells(ROW)?);
        let id = |((file, row), &in_list): ((Cell, Cell), &usize)| {
            let place = (text(&file), text(&row));
            ids.get(&place).copied().ok_or(RemovalProblem::NoSampleAt {
                in_list,
                file: place.0,
                row: place.1,
            })
        };
        listed.zip(&self.rows).map(id).collect()
    }

    fn id(&self, place: usize) -> i64 {
        self.labels.sample_ids[self.samples[place]]
    }
}

/// The last part of a path of any system.
fn name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}
