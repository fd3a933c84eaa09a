//! `recorder embed`: the story of an embedding, from images to a file of features.

use std::sync::atomic::AtomicBool;

use crate::dataset::samples::dataset::Dataset;
use crate::embedding::computing::Embedder;
use crate::embedding::output::{Format, Output};
use crate::embedding::parts::{Parts, hidden_beside, ranges};
use crate::embedding::photos::Photos;
use crate::embedding::progress::{Progress, Watch};
use crate::embedding::settings::{EmbeddingSettings, Part, undecoded};
use crate::embedding::summary::Summary;
use crate::error::embedding::EmbeddingError;
use crate::error::run::RecorderError;
use crate::pretrained::kind::PretrainedNetwork;
use crate::pretrained::weights::file::Weights;

/// So much of what was left aside is told.
const TOLD_ASIDE: usize = 5;

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
    let dataset = Dataset::load(&undecoded(&settings.dataset), settings.data_seed)?;
    let samples = match settings.part {
        Part::Train => &dataset.train,
        Part::Test if dataset.test.is_empty() => {
            let dataset = dataset.name.clone();
            return Err(EmbeddingError::NoTestPart { dataset }.into());
        }
        Part::Test => &dataset.test,
    };
    for line in dataset.reading_lines(TOLD_ASIDE) {
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
    let summary = Summary::of(&embedder)?;
    let fits = |bytes: &u64| *bytes <= settings.dataset.most_picture_bytes;
    let output = Output {
        dataset: &dataset,
        samples,
        network: &network,
        preprocessing: settings.preprocessing,
        picture_bytes: Some(summary.picture_bytes).filter(fits),
    };
    let parts = ranges(samples.len()).enumerate().map(|(part, samples)| {
        let features = embedder.kept_part(part, samples.clone());
        features.map(|features| (samples, features))
    });
    output
        .write(&settings.output, format, summary.images, parts)
        .map_err(unwritable)?;
    embedder.parts.delete().map_err(unwritable)?;
    summary.notes().iter().for_each(|line| progress.note(line));
    Ok(Embedded {
        images: summary.images,
        width: network.kind.width,
        has_labels: format == Format::Parquet,
    })
}
