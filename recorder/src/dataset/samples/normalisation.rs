//! Which means and deviations standardise the images: measured ones, or published constants, so that a
//! network sees what others of its kind have seen.

use crate::dataset::samples::dataset::Dataset;
use crate::dataset::samples::sample_set::Inputs;
use crate::dataset::samples::standardisation::Standardisation;
use crate::error::dataset::DatasetError;

/// Means and deviations are published for pixels from 0 to 1.
const WHITE: f64 = 255.0;

/// Where means and deviations come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Normalisation {
    /// Measured on the training samples
    #[default]
    Measured,
    /// 0.1307 and 0.3081, as in PyTorch's MNIST example
    Mnist,
    /// 0.2860 and 0.3530, as commonly used
    FashionMnist,
    /// 0.4914, 0.4822, 0.4465 and 0.2470, 0.2435, 0.2616, of the training images
    Cifar10,
    /// 0.5071, 0.4865, 0.4409 and 0.2673, 0.2564, 0.2762, of the training images
    Cifar100,
    /// 0.485, 0.456, 0.406 and 0.229, 0.224, 0.225, as torchvision's networks expect
    Imagenet,
}

impl Normalisation {
    /// The name as on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Normalisation::Measured => "measured",
            Normalisation::Mnist => "mnist",
            Normalisation::FashionMnist => "fashion-mnist",
            Normalisation::Cifar10 => "cifar10",
            Normalisation::Cifar100 => "cifar100",
            Normalisation::Imagenet => "imagenet",
        }
    }

    /// Means and deviations of each channel, of pixels from 0 to 1.
    const fn constants(self) -> Option<(&'static [f64], &'static [f64])> {
        match self {
            Normalisation::Measured => None,
            Normalisation::Mnist => Some((&[0.1307], &[0.3081])),
            Normalisation::FashionMnist => Some((&[0.2860], &[0.3530])),
            Normalisation::Cifar10 => Some((&[0.4914, 0.4822, 0.4465], &[0.2470, 0.2435, 0.2616])),
            Normalisation::Cifar100 => Some((&[0.5071, 0.4865, 0.4409], &[0.2673, 0.2564, 0.2762])),
            Normalisation::Imagenet => Some((&[0.485, 0.456, 0.406], &[0.229, 0.224, 0.225])),
        }
    }

    /// Replaces the measured constants of a data set.
    pub(crate) fn apply(self, dataset: &mut Dataset) -> Result<(), DatasetError> {
        let Some((means, deviations)) = self.constants() else {
            return Ok(());
        };
        let are_images = !matches!(dataset.train.inputs, Inputs::Values(_));
        let found = are_images.then_some(dataset.sample_shape[0]);
        if found != Some(means.len()) {
            return Err(DatasetError::NormalisationDoesNotFit {
                normalisation: self.as_str(),
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

    fn digits(normalisation: Normalisation) -> Result<Dataset, crate::error::run::RecorderError> {
        let settings = DatasetSettings {
            normalisation,
            ..DatasetSettings::of(&DIGITS)
        };
        Dataset::load(&settings, 0)
    }

    #[test]
    fn published_constants_are_in_units_of_bytes() {
        let standardisation = digits(Normalisation::Mnist).unwrap().standardisation;
        assert!((standardisation.means[0] - 33.3285).abs() < 1e-9);
        assert!((standardisation.deviations[0] - 78.5655).abs() < 1e-9);
    }

    #[test]
    fn constants_for_colours_are_refused_for_gray_images() {
        let reason = digits(Normalisation::Imagenet).unwrap_err().to_string();
        assert!(
            reason.contains("images of 3 channels, but digits has 1"),
            "{reason}"
        );
    }
}
