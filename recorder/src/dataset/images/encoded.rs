//! Data sets of encoded images: read once, decoded in parallel, brought to one size, gray only where all
//! of them are, and kept in memory where they fit there.

use std::collections::BTreeSet;

use logformat::told_bytes;

use crate::dataset::files::classes::{StoredLabels, UNKNOWN_CLASS};
use crate::dataset::images::background::Background;
use crate::dataset::images::image_set::Images;
use crate::dataset::images::memory::memory_bytes;
use crate::dataset::images::reading::{Read, Reading};
use crate::dataset::images::source::EncodedSource;
use crate::dataset::images::stats::ImageStats;
use crate::dataset::reading_report::ReadingReport;
use crate::dataset::samples::dataset::Dataset;
use crate::dataset::samples::origins::Origins;
use crate::dataset::samples::sample_set::{Inputs, Samples};
use crate::dataset::samples::standardisation::Standardisation;
use crate::dataset::settings::DatasetSettings;
use crate::error::dataset::DatasetError;

/// So many unreadable images are named; the rest is counted.
const MOST_NAMED: usize = 5;

/// Some samples whose images are not read yet.
#[derive(Debug)]
pub(crate) struct EncodedSamples {
    pub images: EncodedSource,
    pub labels: StoredLabels,
    pub origins: Origins,
}

/// A data set of encoded images.
#[derive(Debug)]
pub(crate) struct EncodedSet {
    /// All of them, where there is no part for the test.
    pub train: EncodedSamples,
    pub test: Option<EncodedSamples>,
    /// `None` where the labels tell.
    pub class_names: Option<Vec<String>>,
    /// What was taken for what.
    pub report: ReadingReport,
}

impl EncodedSet {
    /// Reads and decodes it.
    pub(crate) fn decode(mut self, settings: &DatasetSettings) -> Result<Dataset, DatasetError> {
        let class_names = match self.class_names.take() {
            Some(names) => names,
            None => {
                self.train.labels = self.train.labels.into_names();
                self.test = self.test.map(|test| EncodedSamples {
                    labels: test.labels.into_names(),
                    ..test
                });
                match self.train.labels.class_names(&self.train.origins) {
                    // Nothing but the images is asked, which may have no labels, or one.
                    Err(_) if !settings.needs_labels => {
                        let parts = [Some(&mut self.train), self.test.as_mut()];
                        for part in parts.into_iter().flatten() {
                            part.labels = StoredLabels::Indices(vec![0; part.labels.len()]);
                        }
                        vec![UNKNOWN_CLASS.to_owned()]
                    }
                    names => names?,
                }
            }
        };
        self.train
            .labels
            .check_missing(settings.missing_is_a_class, &self.train.origins)?;
        if settings.decodes_later {
            return self.undecoded(class_names, settings);
        }
        let mut reading = Reading::new(memory_bytes(settings.memory), settings.disk.clone());
        reading.fit = settings.fit();
        reading.skips_unreadable = settings.skip_unreadable;
        reading.background = settings.background.unwrap_or_default();
        reading.keeps_originals = settings.crops_originals;
        let train = ReadPart::of(self.train, &class_names, &mut reading)?;
        train.check_classes(&class_names, &reading.unreadable)?;
        let in_training = reading.unreadable.len();
        reading.keeps_originals = false;
        let test = self
            .test
            .map(|test| ReadPart::of(test, &class_names, &mut reading));
        let test = test.transpose()?;
        let channels = [Some(&train), test.as_ref()].into_iter().flatten();
        let channels = channels.map(ReadPart::channels).max().unwrap_or(1);
        let Some([height, width]) = reading.size else {
            return Err(DatasetError::NoSamples {
                path: train.origins.place(0).0,
            });
        };
        let shape = [channels, height, width];
        let mut notes = notes_on_unreadable(&reading.unreadable, in_training);
        let parts = [Some(&train), test.as_ref()].into_iter().flatten();
        notes.extend(notes_on_memory(parts, shape, reading.memory_bytes));
        let parts = [Some(&train), test.as_ref()].into_iter().flatten();
        notes.extend(notes_on_decoding(parts, reading.background));
        notes.extend(train.note_on_equal_images(reading.background));
        let test = test.map(|test| test.into_samples(&reading, shape));
        // Where there is no test part, these are the samples of both.
        reading.keeps_originals = settings.crops_originals;
        let train = train.into_samples(&reading, shape);
        let test = test.unwrap_or_else(|| train.select(&[]));
        Ok(Dataset {
            name: settings.label(),
            class_names,
            sample_shape: shape,
            standardisation: Standardisation::measure(&train, shape[0]),
            validation: None,
            train,
            test,
            unreadable: reading.unreadable.len(),
            feature_offsets: Vec::new(),
            reading: self.report,
            notes,
        })
    }
}

impl EncodedSet {
    /// With images of which nothing is known yet but where they are: not even their size.
    fn undecoded(
        self,
        class_names: Vec<String>,
        settings: &DatasetSettings,
    ) -> Result<Dataset, DatasetError> {
        let background = settings.background.unwrap_or_default();
        let of_part = |part: EncodedSamples| -> Result<Samples, DatasetError> {
            Ok(Samples {
                labels: part.labels.class_indices(&class_names, &part.origins)?,
                inputs: Inputs::Images(Images::undecoded(part.images, background)),
                origins: part.origins,
            })
        };
        let train = of_part(self.train)?;
        let test = self.test.map(of_part).transpose()?;
        Ok(Dataset {
            name: settings.label(),
            sample_shape: [3, 1, 1],
            standardisation: Standardisation::measure(&train, 3),
            validation: None,
            test: test.unwrap_or_else(|| train.select(&[])),
            train,
            class_names,
            unreadable: 0,
            feature_offsets: Vec::new(),
            reading: self.report,
            notes: Vec::new(),
        })
    }
}

/// A part between reading and being brought to the shape of all.
#[derive(Debug)]
struct ReadPart {
    images: Read,
    /// One an image that can be read, as the origins.
    labels: Vec<u32>,
    all_labels: Vec<u32>,
    origins: Origins,
}

impl ReadPart {
    fn of(
        samples: EncodedSamples,
        class_names: &[String],
        reading: &mut Reading,
    ) -> Result<Self, DatasetError> {
        let all_labels = samples
            .labels
            .class_indices(class_names, &samples.origins)?;
        let images = reading.read(samples.images)?;
        let readable: Vec<usize> = images.rows.iter().map(|&row| row as usize).collect();
        Ok(Self {
            labels: readable.iter().map(|&row| all_labels[row]).collect(),
            origins: match readable.len() == all_labels.len() {
                true => samples.origins,
                false => samples.origins.select(&readable),
            },
            all_labels,
            images,
        })
    }

    /// Refuses to leave all images of a class out; `unreadable` says why each is that was.
    fn check_classes(
        &self,
        class_names: &[String],
        unreadable: &[String],
    ) -> Result<(), DatasetError> {
        let classes = |labels: &[u32]| labels.iter().copied().collect::<BTreeSet<u32>>();
        let (all, kept) = (classes(&self.all_labels), classes(&self.labels));
        match all.difference(&kept).next() {
            None => Ok(()),
            Some(&class) => {
                let mut kept = self.images.rows.iter().map(|&row| row as usize).peekable();
                let rows = 0..self.all_labels.len();
                let left_out = rows.filter(|row| kept.next_if_eq(row).is_none());
                let mut reasons = left_out.zip(unreadable);
                let of_class = reasons.find(|(row, _)| self.all_labels[*row] == class);
                Err(DatasetError::UnreadableClass {
                    first: of_class.map_or_else(String::new, |(_, reason)| reason.clone()),
                    class: class_names[class as usize].clone(),
                })
            }
        }
    }

    /// Of the images that can be read.
    fn stats(&self) -> impl Iterator<Item = &ImageStats> {
        let rows = self.images.rows.iter();
        rows.map(|&row| &self.images.stats[row as usize])
    }

    fn channels(&self) -> usize {
        let channels = self.stats().map(|image| image.channels);
        channels.max().unwrap_or(1).into()
    }

    /// Says so where no image differs from another: nothing can be learned from them.
    fn note_on_equal_images(&self, background: Background) -> Option<String> {
        let mut pixels = self.stats().map(|image| (image.crc32, image.byte_count));
        let first = pixels.next()?;
        let count = self.images.rows.len();
        let are_equal = count > 1 && pixels.all(|pixels| pixels == first);
        let way_out = match self.stats().any(|image| image.seen.is_transparent) {
            true => format!(
                "they are transparent and were laid on {background}: choose another `background`"
            ),
            false => "look at some of them, and at `image_size`".to_owned(),
        };
        are_equal.then(|| {
            format!(
                "all {count} images are equal, so that nothing can be learned from them; {way_out}"
            )
        })
    }

    fn into_samples(self, reading: &Reading, shape: [usize; 3]) -> Samples {
        Samples {
            inputs: Inputs::Images(Images::new(self.images, reading, shape)),
            labels: self.labels,
            origins: self.origins,
        }
    }
}

/// Says how many images were not taken as their pixels are stored.
fn notes_on_decoding<'a>(
    parts: impl Iterator<Item = &'a ReadPart>,
    background: Background,
) -> Vec<String> {
    let seen = parts.flat_map(|part| part.stats().map(|image| image.seen));
    let (mut transparent, mut turned, mut dim, mut animated) = (0, 0, 0, 0);
    for seen in seen {
        transparent += usize::from(seen.is_transparent);
        turned += usize::from(seen.is_turned);
        dim += usize::from(seen.is_dim);
        animated += usize::from(seen.is_animated);
    }
    let transparent = (transparent > 0).then(|| {
        format!(
            "{transparent} of the images have transparent pixels and were laid on {background}; `background` chooses another colour"
        )
    });
    let turned = (turned > 0)
        .then(|| format!("{turned} of the images were turned or mirrored as their EXIF data say"));
    let dim = (dim > 0).then(|| {
        format!("{dim} of the images have 16 bits a value and use the lower 13 or fewer, of which 5 or fewer are left in the 8 that are trained on; let them use all 16 first, as by dividing each by the largest value")
    });
    let animated = (animated > 0).then(|| {
        format!("{animated} of the images are animations, of which the first picture is taken; where another one shows the class, make a PNG of that")
    });
    let notes = [transparent, turned, dim, animated];
    notes.into_iter().flatten().collect()
}

fn notes_on_unreadable(unreadable: &[String], in_training: usize) -> Vec<String> {
    if unreadable.is_empty() {
        return Vec::new();
    }
    let count = unreadable.len();
    let images = if count == 1 { "image" } else { "images" };
    let first = format!(
        "left out {count} {images} that cannot be read ({in_training} for training, {} for the test):",
        count - in_training
    );
    let named = unreadable.iter().take(MOST_NAMED);
    let named = named.map(|line| format!("  {}", line.split(';').next().unwrap_or(line)));
    let rest = (count > MOST_NAMED).then(|| format!("  and {} more", count - MOST_NAMED));
    [first].into_iter().chain(named).chain(rest).collect()
}

/// Says so where images are kept on the disk, or are read or decoded anew in each epoch.
fn notes_on_memory<'a>(
    parts: impl Iterator<Item = &'a ReadPart>,
    shape: [usize; 3],
    memory_bytes: u64,
) -> Vec<String> {
    let parts = parts.map(|part| &part.images);
    let (decoded, streamed): (Vec<&Read>, Vec<&Read>) =
        parts.partition(|images| images.held.is_decoded());
    let count = |parts: &[&Read]| -> usize { parts.iter().map(|part| part.rows.len()).sum() };
    let memory = told_bytes(memory_bytes);
    let on_disk: Vec<&Read> = decoded
        .into_iter()
        .filter(|images| images.held.bytes_on_disk() > 0)
        .collect();
    let kept = (!on_disk.is_empty()).then(|| {
        let bytes = on_disk.iter().map(|images| images.held.bytes_on_disk());
        format!(
            "{} images of {} do not fit into `memory` {memory} and are kept on the disk, decoded, until the run ends",
            count(&on_disk),
            told_bytes(bytes.sum())
        )
    });
    let anew = (!streamed.is_empty()).then(|| {
        let (what, from) = match streamed.iter().any(|images| images.held.is_nothing()) {
            true => ("read and decoded", "the disk"),
            false => ("decoded", "their files in memory"),
        };
        let count = count(&streamed);
        let size = told_bytes((count * shape.iter().product::<usize>()) as u64);
        format!(
            "{count} images of {size} do not fit into `memory` {memory} and are {what} anew in each epoch, from {from}"
        )
    });
    kept.into_iter().chain(anew).collect()
}
