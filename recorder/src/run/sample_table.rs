//! The rows of a run's sample table: where each training sample came from, its labels and, for images,
//! a small picture.

use std::sync::Arc;

use logformat::SampleEntry;
use rayon::prelude::*;

use crate::dataset::images::picture::Picture;
use crate::dataset::images::thumbnail::{thumbnail, thumbnail_bytes, uncompressed_bytes};
use crate::dataset::samples::dataset::Dataset;
use crate::dataset::samples::sample_set::{Inputs, Samples};
use crate::labels::training_labels::TrainingLabels;

/// Encoded in parallel and held in memory at once.
const SAMPLES_PER_BATCH: usize = 1024;

/// A row without its picture: ids, labels, and the place, of which files are told once.
const BYTES_A_ROW: u64 = 64;

/// The samples in the order of their ids, in batches. There are pictures where the samples are images, or the features
/// of images that came with pictures of them, and all pictures take `most_picture_bytes` or less before they are
/// compressed.
pub fn sample_table<'a>(
    dataset: &'a Dataset,
    labels: &'a TrainingLabels,
    most_picture_bytes: u64,
) -> impl Iterator<Item = Vec<SampleEntry>> + 'a {
    let samples = dataset.train.len();
    let pictures = Pictures::kept(dataset, most_picture_bytes);
    let came_along = came_along(dataset, most_picture_bytes);
    (0..samples).step_by(SAMPLES_PER_BATCH).map(move |first| {
        let batch: Vec<usize> = (first..samples.min(first + SAMPLES_PER_BATCH)).collect();
        let encoded = pictures.as_ref().and_then(|pictures| pictures.read(&batch));
        let entries = batch.par_iter().map(|&sample| SampleEntry {
            png: match &pictures {
                Some(pictures) => {
                    let encoded = encoded
                        .as_ref()
                        .map(|files| files[sample - first].as_slice());
                    pictures.png(sample, encoded)
                }
                None => came_along.map(|pictures| pictures[sample].to_vec()),
            },
            ..entry(dataset, labels, sample)
        });
        entries.collect()
    })
}

/// Pictures of the images that features were made of, where all of them are wanted.
fn came_along(dataset: &Dataset, most_bytes: u64) -> Option<&[Arc<[u8]>]> {
    let files = dataset.train.origins.pictures.as_deref()?;
    let bytes = uncompressed_bytes(files.iter().map(AsRef::as_ref));
    (bytes <= most_bytes).then_some(files)
}

/// What the file of the table takes at most.
pub(crate) fn most_table_bytes(dataset: &Dataset, most_picture_bytes: u64) -> u64 {
    let samples = dataset.train.len() as u64;
    let pictures = match Pictures::kept(dataset, most_picture_bytes) {
        Some(kept) => samples * kept.bytes_a_picture(),
        None => came_along(dataset, most_picture_bytes)
            .map_or(0, |files| files.iter().map(|file| file.len() as u64).sum()),
    };
    samples * BYTES_A_ROW + pictures
}

fn entry(dataset: &Dataset, labels: &TrainingLabels, sample: usize) -> SampleEntry {
    let origins = &dataset.train.origins;
    let origin = origins.rows.get(sample);
    SampleEntry {
        sample_id: labels.sample_ids[sample],
        file: origin.and_then(|&(file, _)| origins.files.get(file as usize).cloned()),
        row: origin.map(|&(_, row)| row),
        id: origins.own_ids.as_ref().and_then(|own| own.ids.get(sample)),
        given_label: labels.given[sample],
        true_label: labels.truth.as_ref().and_then(|truth| truth[sample]),
        png: None,
    }
}

/// The training images.
struct Pictures<'a> {
    samples: &'a Samples,
    /// channels, height, width
    shape: [usize; 3],
    /// The greatest value of all. Where it is below 255 (the digits count to 16), pictures are made as
    /// much brighter.
    brightest: u8,
}

impl<'a> Pictures<'a> {
    /// `None` where the samples are no images, gray or of three colours.
    fn of(dataset: &'a Dataset) -> Option<Self> {
        let shape = dataset.sample_shape;
        let brightest = match &dataset.train.inputs {
            Inputs::Values(_) => return None,
            Inputs::Pixels(pixels) => pixels.par_iter().copied().max().unwrap_or(0).max(1),
            Inputs::Images(_) => u8::MAX,
        };
        matches!(shape[0], 1 | 3).then_some(Self {
            samples: &dataset.train,
            shape,
            brightest,
        })
    }

    /// `None` also where all of them would take more.
    fn kept(dataset: &'a Dataset, most_bytes: u64) -> Option<Self> {
        let pictures = Self::of(dataset)?;
        let bytes = pictures.bytes_a_picture() * dataset.train.len() as u64;
        (bytes <= most_bytes).then_some(pictures)
    }

    fn bytes_a_picture(&self) -> u64 {
        let [channels, height, width] = self.shape;
        thumbnail_bytes([height, width], channels)
    }

    /// The files of some samples, where they are not in memory and are best read together.
    fn read(&self, samples: &[usize]) -> Option<Vec<Vec<u8>>> {
        // Those that cannot be read any more will be refused when they are to be trained on.
        self.samples.read_together(samples).ok().flatten()
    }

    /// A whole PNG file, 64×64 pixels at most.
    fn png(&self, sample: usize, encoded: Option<&[u8]>) -> Option<Vec<u8>> {
        let [channels, height, width] = self.shape;
        let plane = height * width;
        // As above.
        let planes = self.samples.pixels_of(sample, encoded, channels * plane);
        let planes = planes.ok()??;
        let mut picture = Picture::from_planes(&planes, self.shape);
        let brighter = |value: u8| {
            let value = u32::from(value) * 255 / u32::from(self.brightest);
            u8::try_from(value).unwrap_or(u8::MAX)
        };
        picture
            .values
            .iter_mut()
            .for_each(|value| *value = brighter(*value));
        Some(thumbnail(picture))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::label_file::file::GivenLabels;
    use crate::dataset::reading_report::ReadingReport;
    use crate::dataset::samples::origins::Origins;
    use crate::dataset::samples::standardisation::Standardisation;

    fn dataset(inputs: Inputs, sample_shape: [usize; 3]) -> Dataset {
        let train = Samples {
            inputs,
            labels: vec![0, 1],
            origins: Origins::rows_of("a.parquet", 3),
        };
        let train = Samples {
            origins: train.origins.select(&[2, 0]),
            ..train
        };
        Dataset {
            name: "test".to_owned(),
            class_names: vec!["0".to_owned(), "1".to_owned()],
            sample_shape,
            standardisation: Standardisation {
                means: Vec::new(),
                deviations: Vec::new(),
            },
            test: train.select(&[]),
            train,
            validation: None,
            unreadable: 0,
            feature_offsets: Vec::new(),
            reading: ReadingReport::default(),
            notes: Vec::new(),
        }
    }

    fn table(dataset: &Dataset, most_picture_bytes: u64) -> Vec<SampleEntry> {
        let given = GivenLabels {
            given: vec![1, 1],
            truth: Some(vec![Some(0), Some(1)]),
            mislabeled: None,
            notes: Vec::new(),
        };
        let labels = TrainingLabels::draw(given, 2, 0, 1, 0).unwrap();
        sample_table(dataset, &labels, most_picture_bytes)
            .flatten()
            .collect()
    }

    #[test]
    fn a_row_says_where_a_sample_came_from_and_shows_it() {
        // Two images of 2×1 pixels in three planes; the brightest value is 51, a fifth of 255.
        let pixels = vec![0, 51, 10, 20, 30, 40, 1, 2, 3, 4, 5, 6];
        let table = table(&dataset(Inputs::Pixels(pixels), [3, 1, 2]), 12);
        assert_eq!(table.len(), 2);
        assert_eq!((table[0].row, table[1].row), (Some(2), Some(0)));
        assert_eq!(table[0].file.as_deref(), Some("a.parquet"));
        assert_eq!((table[0].given_label, table[0].true_label), (1, Some(0)));
        let png = table[0].png.as_ref().unwrap();
        let image = image::load_from_memory(png).unwrap().into_rgb8();
        assert_eq!(image.into_raw(), [0, 50, 150, 255, 100, 200]);
    }

    #[test]
    fn there_are_no_pictures_beyond_the_limit_or_of_features() {
        let images = dataset(Inputs::Pixels(vec![1; 12]), [3, 1, 2]);
        assert_eq!(table(&images, 11)[0].png, None);
        let features = dataset(Inputs::Values(vec![1.0; 6]), [3, 1, 1]);
        assert_eq!(table(&features, 1000)[0].png, None);
    }

    #[test]
    fn pictures_that_came_with_features_stay_with_their_samples() {
        let mut features = dataset(Inputs::Values(vec![1.0; 6]), [3, 1, 1]);
        let pictures = [b"a", b"b"].map(|bytes| bytes[..].into());
        features.train.origins.pictures = Some(pictures.to_vec());
        let table = table(&features, 0);
        assert_eq!(table[1].png.as_deref(), Some(&b"b"[..]));
        let turned = features.train.select(&[1]).origins.pictures.unwrap();
        assert_eq!(&*turned[0], b"b");
    }

    #[test]
    fn a_picture_is_64_pixels_a_side_at_most() {
        let images = dataset(Inputs::Pixels(vec![9; 2 * 128 * 256]), [1, 128, 256]);
        let png = table(&images, 1 << 20)[0].png.clone().unwrap();
        let image = image::load_from_memory(&png).unwrap();
        assert_eq!((image.width(), image.height()), (64, 32));
    }
}
