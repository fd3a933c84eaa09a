//! Which means and deviations standardise the images: measured ones, or published constants, so that a
//! network sees what others of its kind have seen.

use crate::dataset::samples::dataset::Dataset;
use crate::dataset::samples::sample_set::Inputs;
use crate::dataset::samples::standardisation::Standardisation;
use crate::error::dataset::DatasetError;

/// Means and deviations are published for pixels from 0 to 1.
const WHITE: f64 = 255.0;

/// Where means and deviations come from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Normalisation {
    /// The name on the command line and in logs.
    pub name: &'static str,
    /// What the help says of it.
    pub help: &'static str,
    /// Means and deviations of each channel, of pixels from 0 to 1; `None` for measured ones.
    constants: Option<(&'static [f64], &'static [f64])>,
}

/// Measured ones, and the published ones that are known by name.
pub(crate) static NORMALISATIONS: [&Normalisation; 7] = [
    &Normalisation {
        name: "measured",
        help: "Measured on the training samples",
        constants: None,
    },
    &Normalisation {
        name: "mnist",
        help: "0.1307 and 0.3081, as in PyTorch's MNIST example",
        constants: Some((&[0.1307], &[0.3081])),
    },
    &Normalisation {
        name: "fashion-mnist",
        help: "0.2860 and 0.3530, as commonly used",
        constants: Some((&[0.2860], &[0.3530])),
    },
    &Normalisation {
        name: "cifar10",
        help: "0.4914, 0.4822, 0.4465 and 0.2470, 0.2435, 0.2616, of the training images",
        constants: Some((&[0.4914, 0.4822, 0.4465], &[0.2470, 0.2435, 0.2616])),
    },
    &Normalisation {
        name: "cifar100",
        help: "0.5071, 0.4865, 0.4409 and 0.2673, 0.2564, 0.2762, of the training images",
        constants: Some((&[0.5071, 0.4865, 0.4409], &[0.2673, 0.2564, 0.2762])),
    },
    &Normalisation {
        name: "imagenet",
        help: "0.485, 0.456, 0.406 and 0.229, 0.224, 0.225, as torchvision's networks expect",
        constants: Some((&[0.485, 0.456, 0.406], &[0.229, 0.224, 0.225])),
    },
    &Normalisation {
        name: "efficientnet-lite",
        help: "127 and 128 of 255, as EfficientNet-Lites expect",
        constants: Some((&[127.0 / WHITE; 3], &[128.0 / WHITE; 3])),
    },
];

impl Default for &Normalisation {
    fn default() -> Self {
        NORMALISATIONS[0]
    }
}

impl Normalisation {
    /// Whether it is by what the training samples have.
    pub(crate) const fn is_measured(&self) -> bool {
        self.constants.is_none()
    }

    /// Replaces the measured constants of a data set.
    pub(crate) fn apply(&self, dataset: &mut Dataset) -> Result<(), DatasetError> {
        let Some((means, deviations)) = self.constants else {
            return Ok(());
        };
        let are_images = !matches!(dataset.train.inputs, Inputs::Values(_));
        let found = are_images.then_some(dataset.sample_shape[0]);
        if found != Some(means.len()) {
            return Err(DatasetError::NormalisationDoesNotFit {
                normalisation: self.name,
                expected: means.len(),
                dataset: dataset.name.clone(),
                found,
            });
        }
        let in_bytes = |constants: &[f64]| constants.iter().map(|value| value * WHITE).collect();
        dataset.standardisation = Standardisation {
            means: in_bytes(means),
            deviations: in_bytes(deviations),
        };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::kinds::digits::DIGITS;
    use crate::dataset::settings::DatasetSettings;

    fn digits(normalisation: &str) -> Result<Dataset, crate::error::run::RecorderError> {
        let mut known = NORMALISATIONS.into_iter();
        let settings = DatasetSettings {
            normalisation: known.find(|known| known.name == normalisation).unwrap(),
            ..DatasetSettings::of(&DIGITS)
        };
        Dataset::load(&settings, 0)
    }

    #[test]
    fn published_constants_are_in_units_of_bytes() {
        let standardisation = digits("mnist").unwrap().standardisation;
        assert!((standardisation.means[0] - 33.3285).abs() < 1e-9);
        assert!((standardisation.deviations[0] - 78.5655).abs() < 1e-9);
    }

    #[test]
    fn constants_for_colours_are_refused_for_gray_images() {
        let reason = digits("imagenet").unwrap_err().to_string();
        assert!(
            reason.contains("images of 3 channels, but digits has 1"),
            "{reason}"
        );
    }
}
