//! Computes features: images are read ahead by a thread of their own, in windows of so many bytes, and decoded, made
//! ready and sent through the network a few at a time on every core. What is in memory does not depend on how many
//! images there are.

use std::io;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use rayon::prelude::*;

use crate::dataset::images::picture::Picture;
use crate::dataset::images::thumbnail::thumbnail;
use crate::embedding::parts::{PartFeatures, Parts, SAMPLES_A_PART, ranges};
use crate::embedding::photos::{Photo, Photos};
use crate::embedding::progress::Watch;
use crate::error::dataset::DatasetError;
use crate::error::embedding::EmbeddingError;
use crate::error::run::RecorderError;
use crate::pretrained::kind::PretrainedNetwork;
use crate::pretrained::preprocessing::Preprocessing;

/// Images that go through the network together: enough for its last layers, whose maps are small, and few enough for
/// the caches.
const TOGETHER: usize = 4;
/// What images that are read ahead may take, encoded; two windows of it are in memory.
const WINDOW_BYTES: usize = 32 << 20;
/// Images of the first window, before it is known how large they are.
const FIRST_WINDOW: usize = 64;

/// All that features depend on.
pub(crate) struct Embedder<'a> {
    pub(crate) photos: Photos<'a>,
    pub(crate) network: &'a PretrainedNetwork,
    pub(crate) preprocessing: Preprocessing,
    pub(crate) skips_unreadable: bool,
    pub(crate) parts: Parts,
    pub(crate) stop: &'a AtomicBool,
}

/// Images that were read, from this sample on.
struct Window {
    first: usize,
    photos: Vec<Result<Photo, DatasetError>>,
}

/// What became of one image.
struct Seen {
    features: Result<Vec<f32>, DatasetError>,
    picture: Vec<u8>,
    is_gray: bool,
    is_transparent: bool,
    is_turned: bool,
}

impl Embedder<'_> {
    fn len(&self) -> usize {
        self.photos.samples.len()
    }

    /// What a part is kept under.
    pub(crate) fn key(&self, samples: Range<usize>) -> String {
        let count = samples.len();
        format!(
            "{} {:08x}; {}; {count} images {:08x}",
            self.network.kind.name,
            self.network.weights_crc32,
            self.preprocessing.in_words(),
            self.photos.fingerprint(samples)
        )
    }

    /// A part that was completed.
    pub(crate) fn kept_part(&self, part: usize, samples: Range<usize>) -> io::Result<PartFeatures> {
        self.parts.read(part, &self.key(samples)).ok_or_else(|| {
            io::Error::other("images or kept features have changed meanwhile; begin it once more")
        })
    }

    /// Computes the parts that are not kept, and returns how many images are in those that were.
    pub(crate) fn complete(&self, watch: &mut dyn Watch) -> Result<usize, RecorderError> {
        let (mut missing, mut kept, mut stale) = (Vec::new(), 0, 0);
        for (part, samples) in ranges(self.len()).enumerate() {
            match self.parts.read(part, &self.key(samples.clone())) {
                Some(_) => kept += samples.len(),
                None => {
                    stale += usize::from(self.parts.has(part));
                    missing.push(part);
                }
            }
        }
        if stale > 0 {
            let parts = if stale == 1 { "part" } else { "parts" };
            watch.note(&format!(
                "kept features of {stale} {parts} are of other images, weights or sizes, or damaged, and are computed anew"
            ));
        }
        if kept > 0 {
            watch.note(&format!(
                "features of {kept} of {} images are kept",
                self.len()
            ));
        }
        if !missing.is_empty() {
            watch.begin(self.len(), kept);
            self.compute(&missing, kept, watch)?;
            watch.end();
        }
        Ok(kept)
    }

    fn compute(
        &self,
        missing: &[usize],
        kept: usize,
        watch: &mut dyn Watch,
    ) -> Result<(), RecorderError> {
        let wanted = |part: &usize| {
            let first = part * SAMPLES_A_PART;
            first..self.len().min(first + SAMPLES_A_PART)
        };
        thread::scope(|scope| {
            let (sender, windows) = sync_channel(1);
            let parts: Vec<Range<usize>> = missing.iter().map(wanted).collect();
            let photos = &self.photos;
            let for_reader = parts.clone();
            scope.spawn(move || read_ahead(photos, &for_reader, &sender));
            let mut done = kept;
            for (&part, samples) in missing.iter().zip(parts) {
                let features = self.part(samples.clone(), &windows, &mut done, watch)?;
                let key = self.key(samples);
                let written = self.parts.write(part, &key, &features);
                written.map_err(|source| EmbeddingError::Write {
                    path: self.parts.folder.clone(),
                    source,
                })?;
            }
            Ok(())
        })
    }

    fn part(
        &self,
        samples: Range<usize>,
        windows: &Receiver<Window>,
        done: &mut usize,
        watch: &mut dyn Watch,
    ) -> Result<PartFeatures, RecorderError> {
        let mut part = PartFeatures::default();
        let mut next = samples.start;
        while next < samples.end {
            if self.stop.load(Ordering::Relaxed) {
                let done = *done - (next - samples.start);
                let of = self.len();
                return Err(EmbeddingError::Interrupted { done, of }.into());
            }
            let Ok(window) = windows.recv() else {
                break;
            };
            for (sample, seen) in (next..).zip(self.window(&window)?) {
                part.counts.gray += usize::from(seen.is_gray);
                part.counts.transparent += usize::from(seen.is_transparent);
                part.counts.turned += usize::from(seen.is_turned);
                match seen.features {
                    Ok(features) => {
                        part.values.extend(features);
                        part.pictures.push(seen.picture);
                    }
                    Err(error) if self.skips_unreadable => {
                        part.unreadable
                            .push((sample - samples.start, with_cause(&error)));
                    }
                    Err(error) => return Err(error.into()),
                }
            }
            next += window.photos.len();
            *done += window.photos.len();
            watch.advanced(*done, self.len());
        }
        Ok(part)
    }

    fn window(&self, window: &Window) -> Result<Vec<Seen>, RecorderError> {
        let groups = window.photos.par_chunks(TOGETHER).enumerate();
        let groups: Vec<Result<Vec<Seen>, RecorderError>> = groups
            .map(|(group, photos)| self.group(window.first + group * TOGETHER, photos))
            .collect();
        let mut seen = Vec::with_capacity(window.photos.len());
        for group in groups {
            seen.extend(group?);
        }
        Ok(seen)
    }

    /// A few images from this sample on.
    fn group(
        &self,
        first: usize,
        photos: &[Result<Photo, DatasetError>],
    ) -> Result<Vec<Seen>, RecorderError> {
        let side = self.preprocessing.side as usize;
        let size = 3 * side * side;
        let mut planes = vec![0.0; photos.len() * size];
        let mut readable = 0;
        let mut group = Vec::with_capacity(photos.len());
        for (sample, photo) in (first..).zip(photos) {
            let decoded = match photo {
                Ok(photo) => self.photos.decode(sample, photo),
                Err(error) => Err(again(&self.photos, sample, error)),
            };
            group.push(decoded.map(|decoded| {
                let is_gray = decoded.picture.channels == 1;
                let (small, square) = self.shown_and_seen(decoded.picture);
                let planes = &mut planes[readable * size..(readable + 1) * size];
                self.preprocessing.standardise(&square, planes);
                readable += 1;
                (small, is_gray, decoded.seen)
            }));
        }
        let features = match readable {
            0 => Vec::new(),
            _ => self
                .network
                .features(&planes[..readable * size], [readable, 3, side, side])?,
        };
        let mut rows = features.chunks_exact(self.network.kind.width);
        let seen = group.into_iter().map(|decoded| match decoded {
            Ok((small, is_gray, seen)) => Seen {
                features: Ok(rows.next().unwrap_or_default().to_vec()),
                picture: small,
                is_gray,
                is_transparent: seen.is_transparent,
                is_turned: seen.is_turned,
            },
            Err(error) => Seen {
                features: Err(error),
                picture: Vec::new(),
                is_gray: false,
                is_transparent: false,
                is_turned: false,
            },
        });
        Ok(seen.collect())
    }

    /// What people are shown of an image, and what the network sees.
    fn shown_and_seen(&self, picture: Picture) -> (Vec<u8>, Picture) {
        let short = picture.size[0].min(picture.size[1]);
        let is_enlarged = short < self.preprocessing.resize as usize;
        let small = is_enlarged.then(|| thumbnail(picture.clone()));
        let resized = self.preprocessing.resized(picture);
        let small = small.unwrap_or_else(|| thumbnail(resized.clone()));
        (small, self.preprocessing.square(resized))
    }
}

/// The error of an image that could not be read, which is another's own: it is read once more.
fn again(photos: &Photos, sample: usize, error: &DatasetError) -> DatasetError {
    match photos.read(&[sample]).pop() {
        Some(Err(error)) => error,
        _ => DatasetError::Damaged {
            path: photos.samples.origins.place(sample).0,
            reason: with_cause(error),
        },
    }
}

fn with_cause(error: &DatasetError) -> String {
    match std::error::Error::source(error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

/// Reads the images of these parts, in order, until nobody wants any more.
fn read_ahead(photos: &Photos, parts: &[Range<usize>], windows: &SyncSender<Window>) {
    let mut count = FIRST_WINDOW;
    for part in parts {
        let mut next = part.start;
        while next < part.end {
            let samples: Vec<usize> = (next..part.end.min(next + count)).collect();
            let first = next;
            next += samples.len();
            let photos = photos.read(&samples);
            let bytes: usize = photos.iter().flatten().map(Photo::bytes).sum();
            let mean = bytes / samples.len().max(1);
            count = (WINDOW_BYTES / mean.max(1)).clamp(TOGETHER, SAMPLES_A_PART);
            if windows.send(Window { first, photos }).is_err() {
                return;
            }
        }
    }
}
