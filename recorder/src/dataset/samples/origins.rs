//! Which row of which file each sample is: what a person needs to find it again.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use logformat::SampleIds;

/// What is between a tar file and the name of an image in it.
const TAR: &str = ".tar/";

/// Which row of which file each sample is: what a person needs to find it again.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Origins {
    /// The files, as paths or as names of what is inside the program.
    pub files: Vec<String>,
    /// For each sample the index of its file in `files`, and its row there, from 0.
    pub rows: Vec<(u32, u64)>,
    /// The name that each has inside its file, such as a path beside an image; empty where they have none.
    pub names: Vec<String>,
    /// Which of those that were read these are; `None` for all of them, in order.
    pub kept: Option<Kept>,
    /// What their owner calls them; `None` where no column was named that says so.
    pub own_ids: Option<OwnIds>,
    /// What each looks like, a small PNG file, where the inputs are features of images; `None` where the inputs show
    /// it, or nothing does.
    pub pictures: Option<Vec<Arc<[u8]>>>,
}

/// The ids of the data's owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnIds {
    /// The column that they are in.
    pub column: String,
    /// Of each sample, each once.
    pub ids: SampleIds,
}

/// Some of the samples of a part as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Their places, from 0.
    pub places: Vec<usize>,
    /// How many samples were read.
    pub of: usize,
}

impl Origins {
    /// Two files of several samples each, one after the other by their names, whose numbers say otherwise: part-10 and
    /// part-2. Images that are files of their own are in the order of torchvision, unless they lie in tar files.
    pub(crate) fn against_their_numbers(&self) -> Option<(&str, &str)> {
        let of_samples: BTreeSet<u32> = self.rows.iter().map(|(file, _)| *file).collect();
        let are_samples = of_samples.len() == self.rows.len();
        let part = |file: &String| match are_samples {
            true => file.find(TAR).map(|at| at + TAR.len() - 1),
            false => Some(file.len()),
        };
        let parts = self.files.iter();
        let parts: Vec<&str> = parts
            .filter_map(|file| Some(&file[..part(file)?]))
            .collect();
        let mut pairs = parts.windows(2);
        let pair = pairs.find(|pair| by_numbers(pair[0]) > by_numbers(pair[1]))?;
        Some((pair[0], pair[1]))
    }

    /// `count` samples in the order of the rows of one file.
    pub fn rows_of(file: impl Into<String>, count: usize) -> Self {
        Self {
            files: vec![file.into()],
            rows: (0..count as u64).map(|row| (0, row)).collect(),
            ..Self::default()
        }
    }

    /// The id of a sample in logs: its place among all that were read of its part, from 0, whichever of them
    /// were held out or left out since. Of a single table it is the row.
    pub fn sample_id(&self, sample: usize) -> usize {
        self.kept
            .as_ref()
            .map_or(sample, |kept| kept.places[sample])
    }

    /// The sample with this id.
    pub(crate) fn sample_of_id(&self, id: usize) -> Option<usize> {
        match &self.kept {
            None => (id < self.rows.len()).then_some(id),
            Some(kept) => kept.places.iter().position(|&place| place == id),
        }
    }

    /// The file of a sample, and its row there.
    pub fn place(&self, sample: usize) -> (PathBuf, u64) {
        let (file, row) = self.rows.get(sample).copied().unwrap_or_default();
        let file = self.files.get(file as usize);
        (file.map(PathBuf::from).unwrap_or_default(), row)
    }

    /// What a file of labels may call a sample: its name inside its file, or else that file.
    pub(crate) fn file_name(&self, sample: usize) -> String {
        let inside = self.names.get(sample).cloned();
        inside.unwrap_or_else(|| self.place(sample).0.display().to_string())
    }

    /// Puts the samples that were read next behind; those of the last file may go on.
    pub(crate) fn append(&mut self, next: Self) {
        let goes_on = next.files.len() == 1 && self.files.last() == next.files.first();
        let before = self.files.len() - usize::from(goes_on);
        self.files.truncate(before);
        self.files.extend(next.files);
        let before = before as u32;
        self.names.extend(next.names);
        self.rows.extend(
            next.rows
                .into_iter()
                .map(|(file, row)| (before + file, row)),
        );
        // Where some have none, the names of the others would be those of other samples.
        if self.names.len() != self.rows.len() {
            self.names.clear();
        }
        let both = self.own_ids.take().zip(next.own_ids);
        self.own_ids = both.and_then(|(own, next)| own.followed_by(next));
        let both = self.pictures.take().zip(next.pictures);
        self.pictures = both.map(|(own, next)| [own, next].concat());
    }

    pub(crate) fn select(&self, indices: &[usize]) -> Self {
        Self {
            files: self.files.clone(),
            rows: indices.iter().map(|&sample| self.rows[sample]).collect(),
            names: match self.names.is_empty() {
                true => Vec::new(),
                false => indices
                    .iter()
                    .map(|&sample| self.names[sample].clone())
                    .collect(),
            },
            kept: Some(match &self.kept {
                None => Kept {
                    places: indices.to_vec(),
                    of: self.rows.len(),
                },
                Some(kept) => Kept {
                    places: indices.iter().map(|&sample| kept.places[sample]).collect(),
                    of: kept.of,
                },
            }),
            own_ids: self.own_ids.as_ref().map(|own| own.select(indices)),
            pictures: self.pictures.as_ref().map(|pictures| {
                let selected = indices.iter().map(|&sample| Arc::clone(&pictures[sample]));
                selected.collect()
            }),
        }
    }
}

impl OwnIds {
    /// Which they are, for people.
    pub(crate) fn in_words(&self) -> String {
        let kind = match self.ids {
            SampleIds::Integers(_) => "whole numbers",
            SampleIds::Texts(_) => "texts",
        };
        format!("column {}, {kind}", self.column)
    }

    /// With those of the samples behind; `None` where these are of another kind.
    fn followed_by(mut self, next: Self) -> Option<Self> {
        match (&mut self.ids, next.ids) {
            (SampleIds::Integers(ids), SampleIds::Integers(next)) => ids.extend(next),
            (SampleIds::Texts(ids), SampleIds::Texts(next)) => ids.extend(next),
            _ => return None,
        }
        Some(self)
    }

    fn select(&self, indices: &[usize]) -> Self {
        Self {
            column: self.column.clone(),
            ids: match &self.ids {
                SampleIds::Integers(ids) => {
                    SampleIds::Integers(indices.iter().map(|&sample| ids[sample]).collect())
                }
                SampleIds::Texts(ids) => {
                    SampleIds::Texts(indices.iter().map(|&sample| ids[sample].clone()).collect())
                }
            },
        }
    }
}
/// The texts of a name, each with the number behind it.
fn by_numbers(name: &str) -> Vec<(&str, u64)> {
    let mut pieces = Vec::new();
    let mut rest = name;
    while !rest.is_empty() {
        let digits = rest
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or(rest.len());
        let (text, behind) = rest.split_at(digits);
        let end = behind
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(behind.len());
        pieces.push((text, behind[..end].parse().unwrap_or(u64::MAX)));
        rest = &behind[end..];
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The two of these files that are against their numbers, where each is a sample and the first is left out.
    fn against(files: &[&str]) -> Option<(String, String)> {
        let origins = Origins {
            files: files.iter().map(|&file| file.to_owned()).collect(),
            rows: (0..).take(files.len()).map(|file| (file, 0)).collect(),
            ..Origins::default()
        };
        let kept: Vec<usize> = (1..files.len()).collect();
        let origins = origins.select(&kept);
        let (first, second) = origins.against_their_numbers()?;
        Some((first.to_owned(), second.to_owned()))
    }

    #[test]
    fn images_are_against_their_numbers_by_the_tar_files_that_they_lie_in_alone() {
        let shards = [
            "s/t-1.tar/x9.png",
            "s/t-10.tar/a/x0.png",
            "s/t-2.tar/x1.png",
        ];
        let found = against(&shards);
        assert_eq!(
            found,
            Some(("s/t-10.tar".to_owned(), "s/t-2.tar".to_owned()))
        );
        assert_eq!(
            against(&["s/t-2.tar/x1.png", "s/t-2.tar/x0.png", "s/t-10.tar/x0.png"]),
            None
        );
        assert_eq!(against(&["s/cat/10.png", "s/cat/2.png"]), None);
    }
}
