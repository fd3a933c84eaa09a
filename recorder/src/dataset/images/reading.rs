//! Reads all images of a part once: checks that they can be decoded and are of one size, notes what
//! is known of each from then on, and keeps them in memory or on the disk, as far as they fit there.

use std::sync::mpsc::sync_channel;
use std::thread;

use rayon::prelude::*;

use crate::dataset::images::background::Background;
use crate::dataset::images::decoders;
use crate::dataset::images::decoders::Chunk;
use crate::dataset::images::decoding::Decoded;
use crate::dataset::images::held::Held;
use crate::dataset::images::picture::{Fit, Picture};
use crate::dataset::images::pixel_file::{DiskSpace, PixelFileWriter};
use crate::dataset::images::source::EncodedSource;
use crate::dataset::images::stats::ImageStats;
use crate::error::dataset::DatasetError;

/// How many images are decoded at a time: enough for every thread, and not more than memory has room for
/// where they are large.
const GROUP: usize = 32;

/// How images are read, and what was found out with those before.
#[derive(Debug)]
pub(crate) struct Reading {
    pub fit: Option<Fit>,
    /// Whether decoded images are kept at the size that they have, to be cropped anew in each epoch.
    pub keeps_originals: bool,
    pub skips_unreadable: bool,
    /// What transparent pixels show.
    pub background: Background,
    /// Height and width of all images, once one is known.
    pub size: Option<[usize; 2]>,
    /// What images may take in memory.
    pub memory_bytes: u64,
    used_bytes: u64,
    /// Where decoded images are put that memory has no room for.
    disk: Option<DiskSpace>,
    disk_bytes: u64,
    /// What could not be read, a line each.
    pub unreadable: Vec<String>,
}

/// The images of a part that was read.
#[derive(Debug)]
pub(crate) struct Read {
    pub source: EncodedSource,
    pub held: Held,
    /// The length of all of them as they are stored.
    pub encoded_bytes: u64,
    /// One a row of the source.
    pub stats: Vec<ImageStats>,
    /// The rows that can be decoded.
    pub rows: Vec<u32>,
}

impl Reading {
    pub(crate) fn new(memory_bytes: u64, disk: Option<DiskSpace>) -> Self {
        let disk_bytes = disk.as_ref().map_or(0, DiskSpace::bytes);
        Self {
            fit: None,
            keeps_originals: false,
            skips_unreadable: false,
            background: Background::default(),
            size: None,
            memory_bytes,
            used_bytes: 0,
            disk: disk.filter(|_| disk_bytes > 0),
            disk_bytes,
            unreadable: Vec::new(),
        }
    }

    /// Reads the images of a part, in order.
    pub(crate) fn read(&mut self, source: EncodedSource) -> Result<Read, DatasetError> {
        // What is decoded stays so, on the disk where memory is full: files are not kept in memory for it.
        let mut part = Part::new(source.len(), self.disk.is_none());
        thread::scope(|scope| {
            let (sender, chunks) = sync_channel(1);
            let source = &source;
            let reader = scope.spawn(move || source.send_all(&sender));
            for chunk in chunks {
                let mut chunk = chunk.into_iter();
                while chunk.len() > 0 {
                    self.add(&mut part, chunk.by_ref().take(GROUP).collect(), source)?;
                }
            }
            reader
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })?;
        let on_disk = part.on_disk.and_then(|file| {
            self.disk_bytes -= file.bytes();
            // Without room on the disk after all, each image is read anew.
            file.finish().ok()
        });
        let held = match (part.decoded, on_disk, part.encoded) {
            (Some(pictures), _, encoded) => {
                self.used_bytes -= encoded.map_or(0, |encoded| encoded.bytes);
                Held::Pictures(pictures.images)
            }
            (None, Some(file), _) => Held::OnDisk(file),
            (None, None, Some(encoded)) => Held::Encoded(encoded.images),
            (None, None, None) => Held::Nothing,
        };
        Ok(Read {
            source,
            held,
            encoded_bytes: part.encoded_bytes,
            stats: part.stats,
            rows: part.rows,
        })
    }

    fn add(
        &mut self,
        part: &mut Part,
        chunk: Chunk,
        source: &EncodedSource,
    ) -> Result<(), DatasetError> {
        let keeps = part.decoded.is_some() || part.on_disk.is_some();
        let images: Vec<Option<Result<Image, String>>> = decoders::run(|| {
            let images = chunk.par_iter().map(|image| image.as_ref().ok());
            images
                .map(|bytes| bytes.map(|bytes| self.decode(bytes, keeps)))
                .collect()
        });
        // One by one from here on: the error shall be that of the first image.
        for (bytes, image) in chunk.into_iter().zip(images) {
            let row = part.stats.len();
            let unreadable = |reason| DatasetError::Image {
                place: source.place(row),
                reason,
            };
            let image = match (bytes, image) {
                (Ok(bytes), Some(image)) => image.map(|image| (bytes, image)).map_err(unreadable),
                (Err(error), _) => Err(error),
                (Ok(_), None) => Err(unreadable("it was not decoded".to_owned())),
            };
            match image {
                Ok((bytes, image)) => {
                    self.check_size(image.size, source, row)?;
                    part.rows.push(row as u32);
                    self.keep(part, bytes, image);
                }
                Err(error) if self.skips_unreadable => {
                    self.unreadable.push(with_cause(&error));
                    self.keep(part, Vec::new(), Image::default());
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// What is done to one image on whichever thread is free.
    fn decode(&self, bytes: &[u8], keeps: bool) -> Result<Image, String> {
        let decoded = Picture::decode(bytes, self.background)?;
        let Decoded {
            picture: original,
            seen,
        } = decoded;
        let unchanged = (keeps && self.keeps_originals).then(|| original.clone());
        let original_size = [original.size[1] as u32, original.size[0] as u32];
        let fitted = original.fit(self.fit);
        Ok(Image {
            stats: ImageStats::of(bytes, original_size, seen, &fitted),
            size: fitted.size,
            picture: unchanged.unwrap_or(fitted),
        })
    }

    /// As long as they fit, decoded images are kept in memory, and then on the disk. Without a place there,
    /// decoded and encoded ones are, since it is not known how much is to come; then the encoded alone,
    /// and then none.
    fn keep(&mut self, part: &mut Part, bytes: Vec<u8>, image: Image) {
        part.stats.push(image.stats);
        let (picture_size, encoded_size) = (image.picture.values.len(), bytes.len());
        part.encoded_bytes += encoded_size as u64;
        if let Some(decoded) = &mut part.decoded {
            self.used_bytes += decoded.push(image.picture, picture_size);
        } else if let Some(file) = part.on_disk.take() {
            part.on_disk = self.put_on_disk(file, &[image.picture]);
        }
        if let Some(encoded) = &mut part.encoded {
            self.used_bytes += encoded.push(bytes, encoded_size);
        }
        self.make_room(part);
    }

    /// Where there are too many images in memory, puts the decoded ones on the disk or lets go of them; then
    /// the encoded ones.
    fn make_room(&mut self, part: &mut Part) {
        if self.used_bytes > self.memory_bytes
            && let Some(decoded) = part.decoded.take()
        {
            self.used_bytes -= decoded.bytes;
            let file = self.disk.as_ref().map(PixelFileWriter::create);
            let file = file.and_then(Result::ok);
            part.on_disk = file.and_then(|file| self.put_on_disk(file, &decoded.images));
        }
        if self.used_bytes > self.memory_bytes
            && let Some(encoded) = part.encoded.take()
        {
            self.used_bytes -= encoded.bytes;
        }
    }

    /// `None` once there is no room.
    fn put_on_disk(
        &self,
        mut file: PixelFileWriter,
        pictures: &[Picture],
    ) -> Option<PixelFileWriter> {
        for picture in pictures {
            let bytes = file.bytes() + picture.values.len() as u64;
            if bytes > self.disk_bytes || file.push(picture).is_err() {
                return None;
            }
        }
        Some(file)
    }

    fn check_size(
        &mut self,
        found: [usize; 2],
        source: &EncodedSource,
        row: usize,
    ) -> Result<(), DatasetError> {
        let first = *self.size.get_or_insert(found);
        match found == first {
            true => Ok(()),
            false => Err(DatasetError::UnequalImages {
                place: source.place(row),
                found,
                first,
            }),
        }
    }
}

/// A part as far as it was read.
struct Part {
    /// `None` once they do not fit.
    decoded: Option<Kept<Picture>>,
    /// Those that did not fit into memory; `None` where they do not fit here either.
    on_disk: Option<PixelFileWriter>,
    encoded: Option<Kept<Vec<u8>>>,
    encoded_bytes: u64,
    stats: Vec<ImageStats>,
    rows: Vec<u32>,
}

impl Part {
    fn new(count: usize, keeps_encoded: bool) -> Self {
        Self {
            decoded: Some(Kept::default()),
            on_disk: None,
            encoded: keeps_encoded.then(Kept::default),
            encoded_bytes: 0,
            stats: Vec::with_capacity(count),
            rows: Vec::with_capacity(count),
        }
    }
}

/// One image; nothing, where it cannot be read.
#[derive(Default)]
struct Image {
    stats: ImageStats,
    size: [usize; 2],
    picture: Picture,
}

/// Images in memory, one a row of the source.
struct Kept<T> {
    images: Vec<T>,
    bytes: u64,
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self {
            images: Vec::new(),
            bytes: 0,
        }
    }
}

impl<T> Kept<T> {
    /// Returns the bytes by which it has grown.
    fn push(&mut self, image: T, size: usize) -> u64 {
        let grown = (size + size_of::<T>()) as u64;
        self.images.push(image);
        self.bytes += grown;
        grown
    }
}

fn with_cause(error: &DatasetError) -> String {
    match std::error::Error::source(error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}
