//! A data set of images as the features that a frozen network finds in them: they are computed once, kept, and taken
//! from there in every run on the same images, whatever its labels, splits and seeds.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::dataset::samples::dataset::Dataset;
use crate::dataset::samples::origins::Origins;
use crate::dataset::samples::sample_set::{Inputs, Samples};
use crate::dataset::samples::standardisation::Standardisation;
use crate::dataset::settings::DatasetSettings;
use crate::embedding::computing::Embedder;
use crate::embedding::parts::{Parts, ranges};
use crate::embedding::photos::Photos;
use crate::embedding::progress::Watch;
use crate::embedding::settings::undecoded;
use crate::embedding::summary::Summary;
use crate::error::embedding::EmbeddingError;
use crate::error::run::RecorderError;
use crate::pretrained::kind::{PretrainedKind, PretrainedNetwork};
use crate::pretrained::preprocessing::Preprocessing;
use crate::pretrained::weights::file::Weights;

/// A frozen network whose features are trained on.
#[derive(Debug, Clone, PartialEq)]
pub struct Backbone {
    /// The network.
    pub network: &'static PretrainedKind,
    /// The file of its weights.
    pub weights: PathBuf,
    /// What the images become before the network sees them.
    pub preprocessing: Preprocessing,
    /// Where features are kept, in a folder for each network and data set.
    pub folder: PathBuf,
}

impl Backbone {
    /// Loads a data set as features, and splits it by the data seed.
    pub(crate) fn load(
        &self,
        settings: &DatasetSettings,
        data_seed: u64,
        watch: &mut dyn Watch,
        stop: &AtomicBool,
    ) -> Result<Dataset, RecorderError> {
        if !settings.kind.has_images {
            let dataset = settings.kind.name;
            return Err(EmbeddingError::NoImages { dataset }.into());
        }
        if !settings.normalisation.is_measured() {
            let network = self.network.name;
            return Err(EmbeddingError::OwnConstants { network }.into());
        }
        let weights = Weights::open(&self.weights)?;
        let network = PretrainedNetwork::build(self.network, &weights)?;
        drop(weights);
        watch.note(&format!("{}: {}", self.weights.display(), network.taken));
        let mut dataset = Dataset::unparted(&undecoded(settings), data_seed)?;
        let kept = |part: &str| Parts {
            folder: self.folder.join(self.key(settings, &network)).join(part),
        };
        let mut features_of = |samples: &Samples, part: &str| {
            let photos = Photos::of(&dataset, samples);
            let photos = photos.ok_or(EmbeddingError::NoImages {
                dataset: settings.kind.name,
            })?;
            let embedder = Embedder {
                photos,
                network: &network,
                preprocessing: self.preprocessing,
                skips_unreadable: settings.skip_unreadable,
                parts: kept(part),
                stop,
            };
            features(&embedder, settings.most_picture_bytes, watch)
        };
        let train = features_of(&dataset.train, "train")?;
        let test = match dataset.test.is_empty() {
            true => Samples::none(),
            false => features_of(&dataset.test, "test")?,
        };
        dataset.unreadable = dataset.train.len() + dataset.test.len() - train.len() - test.len();
        dataset.standardisation = Standardisation::measure(&train, self.network.width);
        dataset.sample_shape = [self.network.width, 1, 1];
        dataset.feature_offsets = vec![0.0; self.network.width];
        (dataset.train, dataset.test) = (train, test);
        dataset.parted(settings, data_seed)
    }

    /// The name of the folder of the features, which the parts in it are held against once more.
    fn key(&self, settings: &DatasetSettings, network: &PretrainedNetwork) -> String {
        let told = format!(
            "{:08x} {} {:?}",
            network.weights_crc32,
            self.preprocessing.in_words(),
            settings.source()
        );
        let checksum = crc32fast::hash(told.as_bytes());
        format!("{}-{}-{checksum:08x}", self.network.name, settings.label())
    }
}

/// The samples with features for inputs; those that cannot be read are left out.
fn features(
    embedder: &Embedder,
    most_picture_bytes: u64,
    watch: &mut dyn Watch,
) -> Result<Samples, RecorderError> {
    embedder.complete(watch)?;
    let summary = Summary::of(embedder)?;
    summary.notes().iter().for_each(|line| watch.note(line));
    let samples = embedder.photos.samples;
    let mut values = Vec::with_capacity(summary.images * embedder.network.kind.width);
    let mut readable = Vec::with_capacity(summary.images);
    let has_pictures = summary.picture_bytes <= most_picture_bytes;
    let mut pictures: Option<Vec<Arc<[u8]>>> = has_pictures.then(Vec::new);
    for (part, range) in ranges(samples.len()).enumerate() {
        let features = embedder.kept_part(part, range.clone());
        let features = features.map_err(|source| EmbeddingError::Write {
            path: embedder.parts.folder.clone(),
            source,
        })?;
        values.extend(features.values);
        if let Some(pictures) = &mut pictures {
            pictures.extend(features.pictures.into_iter().map(Arc::from));
        }
        let is_readable = |sample: &usize| {
            let place = sample - range.start;
            !features
                .unreadable
                .iter()
                .any(|(unreadable, _)| *unreadable == place)
        };
        readable.extend(range.clone().filter(is_readable));
    }
    let are_all = readable.len() == samples.len();
    let origins = match are_all {
        true => samples.origins.clone(),
        false => samples.origins.select(&readable),
    };
    Ok(Samples {
        inputs: Inputs::Values(values),
        labels: readable
            .iter()
            .map(|&sample| samples.labels[sample])
            .collect(),
        origins: Origins {
            pictures,
            ..origins
        },
    })
}
