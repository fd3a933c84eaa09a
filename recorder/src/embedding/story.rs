//! `recorder embed`: the story of an embedding, from images to a file of features.

use std::sync::atomic::AtomicBool;

use crate::dataset::samples::dataset::Dataset;
use crate::dataset::settings::DatasetSettings;
use crate::embedding::computing::Embedder;
use crate::embedding::output::{Format, Output};
use crate::embedding::parts::{Counts, PartFeatures, Parts, hidden_beside, ranges};
use crate::embedding::photos::Photos;
use crate::embedding::progress::Progress;
use crate::embedding::settings::{EmbeddingSettings, Part};
use crate::error::embedding::EmbeddingError;
use crate::error::run::RecorderError;
use crate::pretrained::kind::PretrainedNetwork;
use crate::pretrained::weights::file::Weights;

/// So many unreadable images are named; the rest is counted.
const MOST_NAMED: usize = 5;

/// What an embedding left behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Embedded {
    /// Images with features.
    pub images: usize,
    /// Features of each.
    pub width: usize,
    /// Whether the labels and the names of the files are with them.
    pub has_labels: bool,
}

/// Writes the features of the images of a data set. What is done when it ends early, by `stop` or an error, is
/// kept for the next time.
///
/// # Errors
/// [`RecorderError`] where the images or the weights cannot be read, or the features not be written.
pub fn embed(
    settings: &EmbeddingSettings,
    progress: &mut Progress,
    stop: &AtomicBool,
) -> Result<Embedded, RecorderError> {
    let kind = settings.dataset.kind;
    if !kind.has_images {
        return Err(EmbeddingError::NoImages { dataset: kind.name }.into());
    }
    let path = || settings.output.clone();
    let format =
        Format::of(&settings.output).ok_or_else(|| EmbeddingError::Suffix { path: path() })?;
    if !settings.dataset.normalisation.is_measured() {
        let network = settings.network.name;
        return Err(EmbeddingError::OwnConstants { network }.into());
    }
    if settings.output.exists() && !settings.overwrites {
        return Err(EmbeddingError::Exists { path: path() }.into());
    }
    let weights = Weights::open(&settings.weights)?;
    let network = PretrainedNetwork::build(settings.network, &weights)?;
    drop(weights);
    progress.note(&format!(
        "{}: {}",
        settings.weights.display(),
        network.taken
    ));
    let dataset = Dataset::load(&later(&settings.dataset), settings.data_seed)?;
    let samples = match settings.part {
        Part::Train => &dataset.train,
        Part::Test if dataset.test.is_empty() => {
            let dataset = dataset.name.clone();
            return Err(EmbeddingError::NoTestPart { dataset }.into());
        }
        Part::Test => &dataset.test,
    };
    for line in dataset.reading_lines(MOST_NAMED) {
        progress.note(&line);
    }
    let photos = Photos::of(&dataset, samples);
    let photos = photos.ok_or(EmbeddingError::NoImages { dataset: kind.name })?;
    let embedder = Embedder {
        photos,
        network: &network,
        preprocessing: settings.preprocessing,
        skips_unreadable: settings.dataset.skip_unreadable,
        parts: Parts {
            folder: hidden_beside(&settings.output),
        },
        stop,
    };
    embedder.complete(progress)?;
    let unwritable = |source| EmbeddingError::Write {
        path: path(),
        source,
    };
    let output = Output {
        dataset: &dataset,
        samples,
        network: &network,
        preprocessing: settings.preprocessing,
    };
    let mut told = Told::default();
    let images = count_readable(&embedder, &mut told);
    if images == 0 {
        let first = told.unreadable.first().cloned().unwrap_or_default();
        let count = samples.len();
        return Err(EmbeddingError::NothingReadable { count, first }.into());
    }
    let parts = ranges(samples.len()).enumerate().map(|(part, samples)| {
        let features = kept_part(&embedder, part);
        features.map(|features| (samples, features))
    });
    output
        .write(&settings.output, format, images, parts)
        .map_err(unwritable)?;
    embedder.parts.delete().map_err(unwritable)?;
    told.notes().iter().for_each(|line| progress.note(line));
    Ok(Embedded {
        images,
        width: network.kind.width,
        has_labels: format == Format::Parquet,
    })
}

/// The images are seen once, and brought to their size here.
fn later(settings: &DatasetSettings) -> DatasetSettings {
    DatasetSettings {
        decodes_later: true,
        image_size: None,
        resize: None,
        ..settings.clone()
    }
}

/// A part that was just completed.
fn kept_part(embedder: &Embedder, part: usize) -> std::io::Result<PartFeatures> {
    let samples = ranges(embedder.photos.samples.len())
        .nth(part)
        .unwrap_or_default();
    let features = embedder.parts.read(part, &embedder.key(samples));
    features.ok_or_else(|| {
        std::io::Error::other("images or kept features have changed meanwhile; begin it once more")
    })
}

/// What is worth telling once all is done.
#[derive(Default)]
struct Told {
    unreadable: Vec<String>,
    counts: Counts,
}

fn count_readable(embedder: &Embedder, told: &mut Told) -> usize {
    let mut images = 0;
    for (part, samples) in ranges(embedder.photos.samples.len()).enumerate() {
        let Ok(features) = kept_part(embedder, part) else {
            continue;
        };
        images += samples.len() - features.unreadable.len();
        told.counts.add(features.counts);
        told.unreadable
            .extend(features.unreadable.into_iter().map(|(_, why)| why));
    }
    images
}

impl Told {
    fn notes(&self) -> Vec<String> {
        let count = self.unreadable.len();
        let mut notes = Vec::new();
        if count > 0 {
            notes.push(format!("left out {count} images that cannot be read:"));
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
