//! What a log says about the data that a run was trained on: enough to know them again after their
//! folder was moved, and to standardise other inputs alike.

use std::collections::BTreeMap;
use std::path::Path;

use logformat::configuration::TABLE_CRC32;
use logformat::file_crc32;
use serde_json::{Value, json};

use crate::dataset::own_ids::is_table;
use crate::dataset::reading_report::{ReadingReport, first_names};
use crate::dataset::samples::dataset::Dataset;
use crate::dataset::samples::sample_set::{Inputs, Samples};

/// The key of the checksum of training samples, inputs and labels.
pub const TRAINING_CHECKSUM: &str = "training_crc32";
/// Means and deviations are logged for so many channels. Every file of the log holds them: those of
/// images weigh nothing, those of embeddings some 10 kB.
const MOST_LOGGED_CHANNELS: usize = 4096;
/// The samples of so many classes are counted there.
const MOST_LOGGED_CLASSES: usize = 1000;
/// Features that the checksum takes at a time.
const VALUES_AT_ONCE: usize = 4096;

/// Files of a part that are named; the rest is counted.
const NAMED_FILES: usize = 3;
/// Classes whose samples are counted in a line.
const NAMED_CLASSES: usize = 8;

impl Dataset {
    /// What was taken for what, in lines for people: parts, classes, columns, and at most `listed` of what was
    /// left aside.
    pub fn reading_lines(&self, listed: usize) -> Vec<String> {
        let held_out = self.validation.as_ref();
        let parts = [
            Some((&self.train, "training")),
            held_out.map(|samples| (samples, "validation")),
            (!self.test.is_empty()).then_some((&self.test, "test")),
        ];
        let told = |(samples, part): (&Samples, &str)| {
            format!("{} {part} samples from {}", samples.len(), files(samples))
        };
        let parts: Vec<String> = parts.into_iter().flatten().map(told).collect();
        let read = format!("read {}", parts.join(", "));
        let classes = format!("classes: {}", self.classes_in_words());
        let reading = self.reading.lines(listed);
        [read, classes].into_iter().chain(reading).collect()
    }

    /// The same for the run's record.
    pub fn reading_record(&self) -> Value {
        let are_few = self.class_count() <= MOST_LOGGED_CLASSES;
        let ReadingReport {
            labels,
            truth,
            ids,
            features,
            remarks,
            left_aside,
            more_left_aside,
            feature_columns: _,
        } = &self.reading;
        json!({
            "training_files": logged_files(&self.train),
            "test_files": logged_files(&self.test),
            (TABLE_CRC32): table_checksums(&self.train),
            "class_counts": are_few.then(|| self.class_counts()),
            "labels": labels,
            "truth": truth,
            "ids": ids,
            "features": features,
            "remarks": remarks,
            "left_aside": left_aside,
            "more_left_aside": more_left_aside,
        })
    }

    /// The classes with the number of their training samples.
    fn classes_in_words(&self) -> String {
        let counts = self.class_counts();
        let pairs = || self.class_names.iter().zip(&counts);
        let of = |(name, count): (&String, &usize)| format!("{name} {count}");
        let told: Vec<String> = pairs().take(NAMED_CLASSES).map(of).collect();
        let told = told.join(", ");
        let empty: Vec<&str> = pairs()
            .filter(|(_, count)| **count == 0)
            .map(|(name, _)| name.as_str())
            .collect();
        let empty = match empty.len() {
            0 => String::new(),
            _ => format!(
                "; without training samples: {}",
                first_names(empty.iter().copied(), NAMED_CLASSES)
            ),
        };
        match counts.len().saturating_sub(NAMED_CLASSES) {
            0 => format!("{}, {told}{empty}", counts.len()),
            _ => format!(
                "{}, of {} to {} samples, {told}, …{empty}",
                counts.len(),
                counts.iter().min().unwrap_or(&0),
                counts.iter().max().unwrap_or(&0)
            ),
        }
    }

    /// In the units of the file.
    fn channel_means(&self) -> Vec<f64> {
        let offsets = self
            .feature_offsets
            .iter()
            .copied()
            .chain(std::iter::repeat(0.0));
        let means = self.standardisation.means.iter().zip(offsets);
        means.map(|(mean, offset)| mean + offset).collect()
    }

    /// How many training samples each class has by the labels of the data set.
    pub(crate) fn class_counts(&self) -> Vec<usize> {
        let mut counts = vec![0; self.class_count()];
        for &label in &self.train.labels {
            counts[label as usize] += 1;
        }
        counts
    }

    /// Counts, standardisation and a checksum of the training samples.
    pub fn describe(&self) -> Value {
        let standardisation = &self.standardisation;
        let is_logged = standardisation.means.len() <= MOST_LOGGED_CHANNELS;
        let rounded = |numbers: &[f64]| -> Vec<f64> { numbers.iter().map(six_digits).collect() };
        json!({
            "training_samples": self.train.len(),
            "test_samples": self.test.len(),
            "unreadable_images": self.unreadable,
            "validation_samples": self.validation.as_ref().map(Samples::len),
            "classes": self.class_count(),
            (TRAINING_CHECKSUM): crc32(&self.train),
            "channel_means": is_logged.then(|| rounded(&self.channel_means())),
            "channel_deviations": is_logged.then(|| rounded(&standardisation.deviations)),
        })
    }
}

/// The files of some samples: the first of them, and how many more.
fn files(samples: &Samples) -> String {
    let files = samples.origins.files.iter().map(String::as_str);
    first_names(files, NAMED_FILES)
}

/// Files of images are many, and the sample table has them all.
fn logged_files(samples: &Samples) -> Value {
    const MOST: usize = 20;
    let files = &samples.origins.files;
    json!({ "count": files.len(), "first": files[..files.len().min(MOST)] })
}

/// What the tables are that samples are rows of, so that rows are looked for in no others. Those of many large images
/// would be read a second time for it, and have none.
fn table_checksums(samples: &Samples) -> BTreeMap<&str, String> {
    const MOST_BYTES: u64 = 4 << 30;
    let files = samples.origins.files.iter().map(String::as_str);
    let tables: Vec<&str> = files.filter(|file| is_table(Path::new(file))).collect();
    let bytes = |file: &&str| Path::new(file).metadata().map_or(0, |file| file.len());
    if tables.iter().map(bytes).sum::<u64>() > MOST_BYTES {
        return BTreeMap::new();
    }
    let checksum = |file: &str| file_crc32(Path::new(file)).ok();
    let pairs = tables.into_iter();
    pairs
        .filter_map(|file| Some((file, checksum(file)?)))
        .collect()
}

/// Six significant digits come back from JSON as they went in; of more, the last one may not, and
/// a resumed run would seem to have other settings.
fn six_digits(number: &f64) -> f64 {
    format!("{number:.5e}").parse().unwrap_or(*number)
}

fn crc32(samples: &Samples) -> u32 {
    let mut crc = crc32fast::Hasher::new();
    match &samples.inputs {
        Inputs::Pixels(pixels) => crc.update(pixels),
        Inputs::Values(values) => {
            // Many at a time: of four bytes the checksum takes ten times as long a byte.
            let mut bytes = Vec::with_capacity(size_of::<f32>() * VALUES_AT_ONCE);
            for values in values.chunks(VALUES_AT_ONCE) {
                bytes.clear();
                bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
                crc.update(&bytes);
            }
        }
        Inputs::Images(images) => images.stats().for_each(|image| {
            let length = u64::from(image.byte_count);
            crc.combine(&crc32fast::Hasher::new_with_initial_len(
                image.crc32,
                length,
            ));
        }),
    }
    samples
        .labels
        .iter()
        .for_each(|label| crc.update(&label.to_le_bytes()));
    crc.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_digits_survive_json() {
        for number in [1.0 / 3.0, 33.318_421_234, 6.02e23, 0.0, -1.5e-9] {
            let rounded = six_digits(&number);
            let text = serde_json::to_string(&rounded).unwrap();
            assert_eq!(serde_json::from_str::<f64>(&text).unwrap(), rounded);
            assert!((rounded - number).abs() <= 1e-5 * number.abs());
        }
    }
}
