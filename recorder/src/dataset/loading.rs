//! Loads a data set of any kind, and what is done to all of them alike.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use logformat::{Label, look_of};

use crate::dataset::own_ids::{check_shared_columns, own_ids};
use crate::dataset::reading_report::first_names;
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
        let origins = &dataset.train.origins;
        if let Some(file) = &settings.label_file
            // Those of features were joined, and are refused, where these are read.
            && settings.kind.has_images
            && !file.is_of_data
            && file.is_taken_in_order(origins)?
        {
            let files: Vec<PathBuf> = origins.files.iter().map(PathBuf::from).collect();
            check_shared_columns(&files, file)?;
        }
        let names = &dataset.class_names;
        let notes = [
            names_alike(names),
            names_of_several(names),
            names_of_none(names),
        ];
        dataset.notes.extend(notes.into_iter().flatten());
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

/// So many names, or groups of them, are told.
const MOST_TOLD: usize = 3;

fn told(names: &[String]) -> String {
    first_names(names.iter().map(String::as_str), MOST_TOLD)
}

/// Classes whose names look alike, or differ in capitals, spaces, dashes and marks at their ends alone: most likely
/// one, written in two ways.
fn names_alike(names: &[String]) -> Option<String> {
    let mut by_letters: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for name in names {
        let mut letters = look_of(name);
        if letters.chars().any(char::is_alphabetic) {
            letters.retain(|c| !c.is_whitespace() && c != '_' && c != '-');
            letters = letters.to_lowercase();
            let ends = ['.', ',', ';', ':', '\'', '"'];
            letters = letters.trim_matches(ends).to_owned();
        } else if letters.bytes().all(|byte| byte.is_ascii_digit()) {
            // A spreadsheet makes 1 of 001.
            letters = letters.trim_start_matches('0').to_owned();
        }
        by_letters.entry(letters).or_default().push(name);
    }
    let alike = by_letters.into_values().filter(|names| names.len() > 1);
    let alike: Vec<String> = alike.map(|names| names.join(" and ")).collect();
    (!alike.is_empty()).then(|| {
        let told = told(&alike);
        format!("some classes are called alike, {told}: if they are one, write them alike")
    })
}

/// Classes whose names put those of others together, as labels of several classes are written: `cat;dog`, `[0, 1]`.
fn names_of_several(names: &[String]) -> Option<String> {
    let marks = |c: char| c.is_whitespace() || "[](){}'\"".contains(c);
    let single: BTreeSet<&str> = names.iter().map(|name| name.trim_matches(marks)).collect();
    let is_several = |name: &&String| {
        let name = name.trim_matches(marks);
        ";|,/+& "
            .chars()
            .filter(|mark| name.contains(*mark))
            .any(|mark| {
                let mut parts = name.split(mark).map(|part| part.trim_matches(marks));
                parts.all(|part| single.contains(part))
            })
    };
    let several: Vec<String> = names.iter().filter(is_several).cloned().collect();
    (!several.is_empty()).then(|| {
        let (count, told) = (several.len(), told(&several));
        format!("{count} of the classes put others together, {told}: where samples have several labels, each such set of them is a class of its own here; give each sample one label, or leave these samples out")
    })
}

/// Classes that are called as samples without a label are. Programs write other words for a missing label, which are
/// refused.
fn names_of_none(names: &[String]) -> Option<String> {
    const NONE: [&str; 13] = [
        "?",
        "-",
        "--",
        ".",
        "(none)",
        "nil",
        "missing",
        "no label",
        "not labeled",
        "unannotated",
        "undefined",
        "unlabeled",
        "unlabelled",
    ];
    // Of signs, these are some; and of two classes, -1 may be one.
    let signs = names.iter().filter(|name| name.chars().nth(1).is_none());
    let (are_signs, are_two) = (2 * signs.count() > names.len(), names.len() == 2);
    let is_none = |name: &&String| {
        let name = name.trim().to_lowercase().replace('_', " ");
        let is_negative = || Label::Text(&name).number().is_some_and(|number| number < 0);
        !are_signs && NONE.contains(&name.as_str()) || !are_two && is_negative()
    };
    let none: Vec<String> = names.iter().filter(is_none).cloned().collect();
    (!none.is_empty()).then(|| {
        let told = told(&none);
        format!("the data have a class {told}: where samples without a label are called so, leave them out, for each of them would be judged as one of that class")
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
            ["<=50K", "<=50K."],
            ["cat", "'cat'"],
            ["01", "1"],
        ] {
            assert!(told(&[one, other]).is_some(), "{other:?}");
        }
    }

    #[test]
    fn classes_of_several_labels_are_told() {
        let told = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
            names_of_several(&names).map(|told| told.split(':').next().unwrap().to_owned())
        };
        for [first, second, both] in [
            ["cat", "dog", "cat;dog"],
            ["cat", "hot dog", "hot dog|cat"],
            ["[0]", "[1]", "[0, 1]"],
            ["['cat']", "['dog']", "['cat', 'dog']"],
            ["haze", "primary", "haze primary"],
        ] {
            let expected = format!("1 of the classes put others together, {both}");
            assert_eq!(told(&[first, second, both]), Some(expected));
        }
        assert_eq!(
            told(&[
                "cat",
                "hot dog",
                "A+",
                "A",
                "1,000",
                "1",
                "and/or",
                "2020-01-01"
            ]),
            None
        );
    }

    #[test]
    fn classes_of_samples_without_a_label_are_told() {
        let told = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
            names_of_none(&names)
        };
        for name in ["?", "-", "Unlabeled", "no_label"] {
            let said = told(&["cat", "dog", name]).unwrap();
            assert!(
                said.starts_with(&format!("the data have a class {name}: ")),
                "{said}"
            );
        }
        assert!(told(&["2019", "2020", "-1"]).is_some());
        assert_eq!(told(&["-1", "1"]), None);
        // Signs, and what may be a class.
        assert_eq!(told(&["a", "b", "?", "-"]), None);
        assert_eq!(
            told(&["cat", "none", "other", "unknown", "NA", "background"]),
            None
        );
    }
}
