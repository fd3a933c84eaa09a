//! What a pretrained network is to the rest of the program.

use crate::engine::operators::frozen_maps::Maps;
use crate::error::weights::WeightsError;
use crate::pretrained::preprocessing::Preprocessing;
use crate::pretrained::weights::file::Weights;

/// The layers of a network up to its feature vector.
pub(crate) trait Features: Send + Sync {
    /// Images (channels × samples × height × width) → samples × features.
    fn forward(&self, images: Maps) -> candle_core::Result<Vec<f32>>;
}

/// Makes a network of the weights of a file.
pub(crate) type Build = fn(&PretrainedKind, &Weights) -> Result<Box<dyn Features>, WeightsError>;

/// A pretrained network that the recorder knows by name.
#[derive(Debug)]
pub struct PretrainedKind {
    /// The name on the command line.
    pub name: &'static str,
    /// What the help says of it.
    pub help: &'static str,
    /// Features of an image.
    pub width: usize,
    /// What images are brought to where nothing else is said.
    pub(crate) preprocessing: Preprocessing,
    /// The name of its last layer, which tells the classes that it was trained on.
    pub(crate) classifier: &'static str,
    pub(crate) build: Build,
}

/// By name: each has one of its own.
impl PartialEq for PretrainedKind {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for PretrainedKind {}

/// A network with its weights.
pub struct PretrainedNetwork {
    /// Which network it is.
    pub kind: &'static PretrainedKind,
    features: Box<dyn Features>,
    classifier: Option<Classifier>,
    /// A checksum of the file of the weights.
    pub(crate) weights_crc32: u32,
    /// What was taken of the file and what was not, for people.
    pub(crate) taken: String,
}

struct Classifier {
    weight: Vec<f32>,
    bias: Vec<f32>,
}

impl PretrainedNetwork {
    /// Makes a network of the weights of a file.
    ///
    /// # Errors
    /// [`WeightsError`] naming the first parameter that does not fit.
    pub fn build(kind: &'static PretrainedKind, weights: &Weights) -> Result<Self, WeightsError> {
        let features = (kind.build)(kind, weights)?;
        let (taken, left) = weights.left_over();
        let names = [
            format!("{}.weight", kind.classifier),
            format!("{}.bias", kind.classifier),
        ];
        let others: Vec<&str> = left
            .iter()
            .filter(|name| !names.contains(name))
            .map(String::as_str)
            .collect();
        let has_classifier = left.len() > others.len();
        Ok(Self {
            kind,
            features,
            classifier: classifier(kind, weights, &names)?,
            weights_crc32: weights.crc32(),
            taken: in_words(taken, has_classifier, &others),
        })
    }

    /// The features of images (samples × channels × height × width): samples × `kind.width`.
    ///
    /// # Errors
    /// Where the images are too small for the network.
    pub fn features(&self, images: &[f32], shape: [usize; 4]) -> candle_core::Result<Vec<f32>> {
        let [samples, channels, height, width] = shape;
        let mut maps = Maps::new(channels, samples, [height, width]);
        let planes = images.chunks_exact(height * width);
        for (index, plane) in planes.take(samples * channels).enumerate() {
            let (sample, channel) = (index / channels, index % channels);
            maps.planes_mut(channel, &(sample..sample + 1))
                .copy_from_slice(plane);
        }
        self.features.forward(maps)
    }

    /// The logits of the classes that it was trained on, by its features; `None` where the file has no classifier.
    pub fn logits(&self, features: &[f32]) -> Option<Vec<f32>> {
        let Classifier { weight, bias } = self.classifier.as_ref()?;
        let of_class = |features: &[f32], class: usize| {
            let row = &weight[class * self.kind.width..(class + 1) * self.kind.width];
            let product = |(x, w): (&f32, &f32)| f64::from(*x) * f64::from(*w);
            let sum: f64 = features.iter().zip(row).map(product).sum();
            (sum + f64::from(bias[class])) as f32
        };
        let samples = features.chunks_exact(self.kind.width);
        Some(
            samples
                .flat_map(|one| (0..bias.len()).map(move |class| of_class(one, class)))
                .collect(),
        )
    }
}

fn classifier(
    kind: &PretrainedKind,
    weights: &Weights,
    [weight, bias]: &[String; 2],
) -> Result<Option<Classifier>, WeightsError> {
    let Some(&[classes]) = weights.shape(bias) else {
        return Ok(None);
    };
    Ok(Some(Classifier {
        weight: weights.take(kind.name, weight, &[classes, kind.width])?,
        bias: weights.take(kind.name, bias, &[classes])?,
    }))
}

pub(crate) fn in_words(taken: usize, has_classifier: bool, others: &[&str]) -> String {
    /// So many that are left over are named.
    const NAMED: usize = 3;
    let classifier = match has_classifier {
        true => "; its classifier is left out",
        false => "",
    };
    let rest = others.len().saturating_sub(NAMED);
    let more = if rest > 0 {
        format!(" and {rest} more")
    } else {
        String::new()
    };
    let others = match others {
        [] => String::new(),
        others => format!(
            "; not of this network: {}{more}",
            others[..others.len().min(NAMED)].join(", ")
        ),
    };
    format!("{taken} parameters taken{classifier}{others}")
}
