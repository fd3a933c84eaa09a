//! Loads a data set of any kind, and what is done to all of them alike.

use std::collections::BTreeMap;

use logformat::look_of;

use crate::dataset::own_ids::own_ids;
use crate::dataset::samples::dataset::Dataset;
use crate::dataset::samples::origins::OwnIds;
use crate::dataset::settings::DatasetSettings;
use crate::error::dataset::DatasetError;
use crate::error::run::RecorderError;

impl Dataset {
    /// Loads a data set, and splits it by the data seed: where it comes in one part, and where samples
    /// are held out or only some are wanted.
    ///
    /// # Errors
    /// [`RecorderError::Data`] where the data cannot be read or are not what they should be.
    pub fn load(settings: &DatasetSettings, data_seed: u64) -> Result<Self, RecorderError> {
        let dataset = Self::unparted(settings, data_seed)?;
        dataset.check_class_sizes()?;
        dataset.parted(settings, data_seed)
    }

    /// Loads a data set as it comes: nothing is split off, held out or left out that comes with it.
    pub(crate) fn unparted(
        settings: &DatasetSettings,
        data_seed: u64,
    ) -> Result<Self, RecorderError> {
        settings.check()?;
        if let Some(file) = &settings.label_file {
            file.check_is_table()?;
        }
        let mut dataset = (settings.kind.load)(settings, data_seed)?;
        if let Some(file) = &settings.label_file {
            if !file.marks_own_labels() {
                dataset.reading.labels = Some(file.in_words());
            }
            let truth = file.truth.as_ref();
            dataset.reading.truth = truth.map(|truth| truth.in_words(&file.path));
        }
        if dataset.train.origins.own_ids.is_none() {
            dataset.train.origins.own_ids = own_ids(settings, &dataset.train.origins)?;
        }
        dataset.reading.ids = dataset.train.origins.own_ids.as_ref().map(OwnIds::in_words);
        let alike = names_alike(&dataset.class_names);
        dataset.notes.extend(alike);
        Ok(dataset)
    }

    /// Refuses labels that are most likely none: ids, or what a regression is about.
    fn check_class_sizes(&self) -> Result<(), DatasetError> {
        const FEW: usize = 20;
        let samples = self.train.len();
        let mut counts = vec![0usize; self.class_names.len()];
        for &class in &self.train.labels {
            counts[class as usize] += 1;
        }
        let alone = counts.iter().filter(|&&count| count == 1).count();
        match samples >= FEW && 2 * alone >= samples {
            false => Ok(()),
            true => Err(DatasetError::ClassesOfOne {
                path: self.train.origins.place(0).0,
                labels: self.reading.labels.clone().unwrap_or_default(),
                alone,
                samples,
            }),
        }
    }

    /// The parts of it that the settings ask for.
    pub(crate) fn parted(
        mut self,
        settings: &DatasetSettings,
        data_seed: u64,
    ) -> Result<Self, RecorderError> {
        self.split_off_test(settings, data_seed)?;
        self.divide(settings, data_seed)?;
        self.leave_out_removed(settings)?;
        settings.normalisation.apply(&mut self)?;
        Ok(self)
    }

    /// Leaves out what a report says is to be removed; after the splits, which stay as they were.
    fn leave_out_removed(&mut self, settings: &DatasetSettings) -> Result<(), RecorderError> {
        let Some(decisions) = &settings.decisions else {
            return Ok(());
        };
        let removed = decisions.removed(&self.train.origins)?;
        if !removed.is_empty() {
            let kept = (0..self.train.len()).filter(|sample| !removed.contains(sample));
            self.train = self.train.select(&kept.collect::<Vec<_>>());
            let (count, path) = (removed.len(), decisions.path.display());
            self.notes.push(format!(
                "{count} samples are left out, which {path} removes"
            ));
        }
        Ok(())
    }
}

/// Classes whose names look alike, or differ in capitals, spaces and dashes alone: most likely one, written in two
/// ways.
fn names_alike(names: &[String]) -> Option<String> {
    const MOST_TOLD: usize = 3;
    let mut by_letters: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for name in names {
        let mut letters = look_of(name);
        if letters.chars().any(char::is_alphabetic) {
            letters.retain(|c| !c.is_whitespace() && c != '_' && c != '-');
            letters = letters.to_lowercase();
        }
        by_letters.entry(letters).or_default().push(name);
    }
    let alike = by_letters.into_values().filter(|names| names.len() > 1);
    let alike: Vec<String> = alike.map(|names| names.join(" and ")).collect();
    let told = alike[..alike.len().min(MOST_TOLD)].join(", ");
    let more = if alike.len() > MOST_TOLD { ", …" } else { "" };
    (!alike.is_empty()).then(|| {
        format!("some classes are called alike, {told}{more}: if they are one, write them alike")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_that_are_called_alike_are_told() {
        let told = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
            names_alike(&names)
        };
        let expected = "some classes are called alike, Cat and cat, hot dog and hot_dog: if they are one, write them alike";
        let names = ["Cat", "cat", "hot dog", "hot_dog", "owl"];
        assert_eq!(told(&names).as_deref(), Some(expected));
        assert_eq!(told(&["cat", "cats", "1-0", "10", "10_", "1 0"]), None);
        for [one, other] in [
            ["cat", "cat\u{a0}"],
            ["cat", "cat\u{200b}"],
            ["1", "\u{ff11}"],
            ["1", "1 "],
        ] {
            assert!(told(&[one, other]).is_some(), "{other:?}");
        }
    }
}
