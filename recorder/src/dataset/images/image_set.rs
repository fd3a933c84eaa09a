//! Images that are decoded once and kept, in memory where they fit, or else on the disk; and where there is
//! no room either, anew each time that they are asked for: from their files in memory, or on the disk.

use rayon::prelude::*;
use std::borrow::Cow;
use std::sync::Arc;

use crate::dataset::images::background::Background;
use crate::dataset::images::decoding::{Decoded, Seen};
use crate::dataset::images::held::Held;
use crate::dataset::images::picture::{Fit, Picture};
use crate::dataset::images::random_resized_crop::CropDraw;
use crate::dataset::images::reading::{Read, Reading};
use crate::dataset::images::source::EncodedSource;
use crate::dataset::images::stats::{ImageStats, moments};
use crate::error::dataset::DatasetError;

/// Images are read together in windows of so many bytes, two at a time: one that is decoded, and the next.
const WINDOW_BYTES: std::ops::RangeInclusive<u64> = (16 << 20)..=(256 << 20);

/// How many images are read together where images may take so much memory: a large window spares pages
/// that would be decompressed in the next one again.
fn window(read: &Read, memory_bytes: u64) -> usize {
    let bytes = (memory_bytes / 4).clamp(*WINDOW_BYTES.start(), *WINDOW_BYTES.end());
    let mean_bytes = read.encoded_bytes / (read.rows.len() as u64).max(1);
    usize::try_from(bytes / mean_bytes.max(1)).map_or(usize::MAX, |count| count.max(1))
}

/// The images of some samples, each of the same shape once it was fitted or cropped.
#[derive(Debug, Clone)]
pub struct Images {
    part: Arc<Part>,
    /// The row of each sample in the part.
    rows: Vec<u32>,
    /// channels, height, width
    shape: [usize; 3],
}

#[derive(Debug)]
struct Part {
    source: EncodedSource,
    held: Held,
    stats: Vec<ImageStats>,
    /// So many images are read from the disk together; `None` where one by one is as well.
    window: Option<usize>,
    /// What transparent pixels show.
    background: Background,
    /// What is left to be done to images that are not cropped.
    fit: Option<Fit>,
}

/// The same images: of the same sizes and checksums, in the same order.
impl PartialEq for Images {
    fn eq(&self, other: &Self) -> bool {
        self.shape == other.shape && self.stats().eq(other.stats())
    }
}

impl Images {
    /// `shape` is that of the fitted images.
    pub(crate) fn new(read: Read, reading: &Reading, shape: [usize; 3]) -> Self {
        let is_done = read.held.is_decoded() && !reading.keeps_originals;
        let fit = reading.fit.filter(|_| !is_done);
        let is_read_together = read.held.is_nothing() && read.source.is_read_together();
        let window = is_read_together.then(|| window(&read, reading.memory_bytes));
        Self {
            rows: read.rows,
            part: Arc::new(Part {
                source: read.source,
                held: read.held,
                stats: read.stats,
                window,
                background: reading.background,
                fit,
            }),
            shape,
        }
    }

    /// Plain pixels, each of `shape` (channels × height × width), brought to a size; the pixels themselves
    /// are kept where they are to be cropped.
    pub(crate) fn of_pixels(
        pixels: &[u8],
        shape: [usize; 3],
        fit: Fit,
        keeps_originals: bool,
    ) -> Self {
        let [channels, height, width] = shape;
        let images = pixels.par_chunks_exact(channels * height * width);
        let (stats, pictures): (Vec<ImageStats>, Vec<Picture>) = images
            .map(|planes| {
                let original = Picture::from_planes(planes, shape);
                let kept = keeps_originals.then(|| original.clone());
                let fitted = original.fit(Some(fit));
                let size = [width as u32, height as u32];
                let stats = ImageStats::of(&[], size, Seen::default(), &fitted);
                (stats, kept.unwrap_or(fitted))
            })
            .unzip();
        let side = fit.side as usize;
        Self {
            rows: (0..).take(pictures.len()).collect(),
            part: Arc::new(Part {
                // Nothing is read a second time.
                source: EncodedSource::Files(Vec::new()),
                held: Held::Pictures(pictures),
                stats,
                window: None,
                background: Background::default(),
                fit: keeps_originals.then_some(fit),
            }),
            shape: [channels, side, side],
        }
    }

    /// Images that are neither read nor decoded: those of [`Images::read_one_by_one`] alone can be asked for.
    pub(crate) fn undecoded(source: EncodedSource, background: Background) -> Self {
        let count = source.len();
        Self {
            rows: (0..).take(count).collect(),
            part: Arc::new(Part {
                source,
                held: Held::Nothing,
                stats: vec![ImageStats::default(); count],
                window: None,
                background,
                fit: None,
            }),
            shape: [3, 1, 1],
        }
    }

    /// The files of samples that were not looked at before, each of which may be unreadable by itself.
    pub(crate) fn read_one_by_one(&self, samples: &[usize]) -> Vec<Result<Vec<u8>, DatasetError>> {
        let source = &self.part.source;
        let rows: Vec<usize> = samples
            .iter()
            .map(|&sample| self.rows[sample] as usize)
            .collect();
        match source.read(&rows) {
            Ok(files) => files.into_iter().map(Ok).collect(),
            Err(_) => {
                let mut one = |row: &usize| {
                    source
                        .read(&[*row])?
                        .pop()
                        .map_or_else(|| Ok(Vec::new()), Ok)
                };
                rows.iter().map(&mut one).collect()
            }
        }
    }

    /// Decodes the file of a sample, as the programs do that networks are trained with.
    pub(crate) fn decode(&self, sample: usize, encoded: &[u8]) -> Result<Decoded, DatasetError> {
        let unreadable = |reason| DatasetError::Image {
            place: self.part.source.place(self.rows[sample] as usize),
            reason,
        };
        Picture::decode_as_libjpeg(encoded, self.part.background).map_err(unreadable)
    }

    /// Whether all of them are decoded, at whatever size, in memory or on the disk.
    pub fn are_decoded(&self) -> bool {
        self.part.held.is_decoded()
    }

    /// Width and height of each image as it is stored.
    pub fn original_sizes(&self) -> impl Iterator<Item = [usize; 2]> {
        let sizes = self.stats().map(|stats| stats.original_size);
        sizes.map(|size| size.map(|length| length as usize))
    }

    /// How many samples are worth reading from the disk together; `None` where they are read as well one
    /// by one, or are in memory.
    pub fn window(&self) -> Option<usize> {
        self.part.window
    }

    /// What the windows take at most that are read ahead: one that is decoded, and the next.
    pub(crate) fn most_window_bytes(&self) -> u64 {
        self.part.window.map_or(0, |_| 2 * WINDOW_BYTES.end())
    }

    /// Reads the files of samples from the disk, whatever is in memory.
    ///
    /// # Errors
    /// Where they cannot be read any more, or are others now.
    pub fn read(&self, samples: &[usize]) -> Result<Vec<Vec<u8>>, DatasetError> {
        let part = &self.part;
        let row = |&sample: &usize| self.rows[sample] as usize;
        let rows: Vec<usize> = samples.iter().map(row).collect();
        let images = part.source.read(&rows)?;
        for (image, row) in images.iter().zip(rows) {
            if crc32fast::hash(image) != part.stats[row].encoded_crc32 {
                let place = part.source.place(row);
                return Err(DatasetError::ImageChanged { place });
            }
        }
        Ok(images)
    }

    /// Writes the image of a sample to `planes` (channels × height × width): fitted, or a random part of
    /// the original. `encoded` is its file, where that was read before.
    ///
    /// # Errors
    /// Where its file cannot be read any more, or is another one now.
    pub fn write_planes(
        &self,
        sample: usize,
        encoded: Option<&[u8]>,
        crop: Option<CropDraw>,
        planes: &mut [u8],
    ) -> Result<(), DatasetError> {
        let picture = self.picture(sample, encoded)?;
        match (crop, self.part.fit) {
            (Some(crop), _) => {
                let [_, height, width] = self.shape;
                let part = crop.part(picture.size);
                let picture = picture.into_owned();
                picture
                    .crop_resized(part, [height, width])
                    .write_planes(planes);
            }
            (None, None) => picture.write_planes(planes),
            (None, fit) => picture.into_owned().fit(fit).write_planes(planes),
        }
        Ok(())
    }

    pub(crate) fn stats(&self) -> impl Iterator<Item = &ImageStats> {
        self.rows.iter().map(|&row| &self.part.stats[row as usize])
    }

    pub(crate) fn select(&self, indices: &[usize]) -> Self {
        Self {
            part: Arc::clone(&self.part),
            rows: indices.iter().map(|&sample| self.rows[sample]).collect(),
            shape: self.shape,
        }
    }

    /// Mean and variance of one channel.
    pub(crate) fn moments(&self, channel: usize) -> (f64, f64) {
        moments(self.stats(), channel)
    }

    fn picture(
        &self,
        sample: usize,
        encoded: Option<&[u8]>,
    ) -> Result<Cow<'_, Picture>, DatasetError> {
        let row = self.rows[sample] as usize;
        let part = &self.part;
        let read;
        let bytes = match (&part.held, encoded) {
            (Held::Pictures(pictures), _) => return Ok(Cow::Borrowed(&pictures[row])),
            (Held::OnDisk(file), _) => {
                let picture = file.read(row).map(Cow::Owned);
                return picture.map_err(|source| DatasetError::PixelFile { source });
            }
            (Held::Encoded(encoded), _) => &encoded[row],
            (Held::Nothing, Some(encoded)) => encoded,
            (Held::Nothing, None) => {
                read = self.read(&[sample])?.pop().unwrap_or_default();
                &read
            }
        };
        let unreadable = |reason| DatasetError::Image {
            place: part.source.place(row),
            reason,
        };
        let decoded = Picture::decode(bytes, part.background).map_err(unreadable)?;
        Ok(Cow::Owned(decoded.picture))
    }
}
