//! What is worth telling of images once all of them were seen: those that cannot be read, and those that are not seen
//! as their pixels are stored.

use crate::dataset::images::thumbnail::uncompressed_bytes;
use crate::embedding::computing::Embedder;
use crate::embedding::parts::{Counts, ranges};
use crate::error::embedding::EmbeddingError;

/// So many unreadable images are named; the rest is counted.
const MOST_NAMED: usize = 5;

/// What was seen of all images.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Summary {
    /// Those that have features.
    pub(crate) images: usize,
    pub(crate) unreadable: Vec<String>,
    pub(crate) counts: Counts,
    /// What small pictures of them take before they are compressed.
    pub(crate) picture_bytes: u64,
}

impl Summary {
    /// Of images that are embedded, of which one can be read at least.
    pub(crate) fn of(embedder: &Embedder) -> Result<Self, EmbeddingError> {
        let mut summary = Self::default();
        let count = embedder.photos.samples.len();
        for (part, samples) in ranges(count).enumerate() {
            let features = embedder.kept_part(part, samples.clone());
            let features = features.map_err(|source| EmbeddingError::Write {
                path: embedder.parts.folder.clone(),
                source,
            })?;
            summary.images += samples.len() - features.unreadable.len();
            summary.counts.add(features.counts);
            let pictures = features.pictures.iter().map(Vec::as_slice);
            summary.picture_bytes += uncompressed_bytes(pictures);
            let unreadable = features.unreadable.into_iter().map(|(_, why)| why);
            summary.unreadable.extend(unreadable);
        }
        match summary.images {
            0 => Err(EmbeddingError::NothingReadable {
                count,
                first: summary.unreadable.first().cloned().unwrap_or_default(),
            }),
            _ => Ok(summary),
        }
    }

    /// A line each.
    pub(crate) fn notes(&self) -> Vec<String> {
        let count = self.unreadable.len();
        let mut notes = Vec::new();
        if count > 0 {
            let images = if count == 1 { "image" } else { "images" };
            notes.push(format!("left out {count} {images} that cannot be read:"));
            let named = self.unreadable.iter().take(MOST_NAMED);
            notes.extend(named.map(|line| format!("  {line}")));
        }
        if count > MOST_NAMED {
            notes.push(format!("  and {} more", count - MOST_NAMED));
        }
        let Counts {
            gray,
            transparent,
            turned,
        } = self.counts;
        for (count, what) in [
            (
                gray,
                "are gray, and were shown to the network in all three colours",
            ),
            (
                transparent,
                "have transparent pixels and were laid on the background",
            ),
            (turned, "were turned or mirrored as their EXIF data say"),
        ] {
            if count > 0 {
                notes.push(format!("{count} of the images {what}"));
            }
        }
        notes
    }
}
