//! The images of a part of a data set, to be seen once and in order: nothing of them stays in memory.

use std::fs;
use std::time::UNIX_EPOCH;

use crate::dataset::images::decoding::{Decoded, Seen};
use crate::dataset::images::picture::Picture;
use crate::dataset::samples::dataset::Dataset;
use crate::dataset::samples::sample_set::{Inputs, Samples};
use crate::error::dataset::DatasetError;

/// Images that are decoded when they are asked for.
pub(crate) struct Photos<'a> {
    pub(crate) samples: &'a Samples,
    /// Channels, height and width of plain pixels.
    shape: [usize; 3],
}

/// An image as it is stored.
pub(crate) enum Photo {
    Encoded(Vec<u8>),
    Plain(Picture),
}

impl Photo {
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Photo::Encoded(bytes) => bytes.len(),
            Photo::Plain(picture) => picture.values.len(),
        }
    }
}

impl<'a> Photos<'a> {
    /// Those of a part of `dataset`; `None` where its samples are no images.
    pub(crate) fn of(dataset: &Dataset, samples: &'a Samples) -> Option<Self> {
        (!matches!(samples.inputs, Inputs::Values(_))).then_some(Self {
            samples,
            shape: dataset.sample_shape,
        })
    }

    /// Reads the images of some samples.
    pub(crate) fn read(&self, samples: &[usize]) -> Vec<Result<Photo, DatasetError>> {
        match &self.samples.inputs {
            Inputs::Images(images) => images
                .read_one_by_one(samples)
                .into_iter()
                .map(|file| file.map(Photo::Encoded))
                .collect(),
            Inputs::Pixels(pixels) => {
                let size: usize = self.shape.iter().product();
                let picture = |&sample: &usize| {
                    let planes = &pixels[sample * size..(sample + 1) * size];
                    Ok(Photo::Plain(Picture::from_planes(planes, self.shape)))
                };
                samples.iter().map(picture).collect()
            }
            Inputs::Values(_) => Vec::new(),
        }
    }

    /// Decodes the image of a sample.
    pub(crate) fn decode(&self, sample: usize, photo: &Photo) -> Result<Decoded, DatasetError> {
        match (photo, &self.samples.inputs) {
            (Photo::Encoded(bytes), Inputs::Images(images)) => images.decode(sample, bytes),
            (Photo::Plain(picture), _) => Ok(Decoded {
                picture: picture.clone(),
                seen: Seen::default(),
            }),
            (Photo::Encoded(_), _) => Ok(Decoded {
                picture: Picture::default(),
                seen: Seen::default(),
            }),
        }
    }

    /// A checksum of which images some samples are: files with their sizes and times of change, and rows.
    pub(crate) fn fingerprint(&self, samples: std::ops::Range<usize>) -> u32 {
        let origins = &self.samples.origins;
        let mut checksum = crc32fast::Hasher::new();
        let mut last_file = None;
        for sample in samples {
            let (file, row) = origins.rows.get(sample).copied().unwrap_or_default();
            if last_file != Some(file) {
                last_file = Some(file);
                let path = &origins.files[file as usize];
                checksum.update(path.as_bytes());
                let metadata = fs::metadata(path).ok();
                let changed = metadata
                    .as_ref()
                    .and_then(|metadata| metadata.modified().ok());
                let changed = changed.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
                let length = metadata.map_or(0, |metadata| metadata.len());
                checksum.update(&length.to_le_bytes());
                checksum.update(&changed.map_or(0, |time| time.as_nanos()).to_le_bytes());
            }
            checksum.update(&row.to_le_bytes());
        }
        checksum.finalize()
    }
}
