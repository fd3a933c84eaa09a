//! Data sets whose files hold plain pixels of images of one size, channel by channel: IDX files and those
//! of CIFAR. They need no decoding, and stay in memory.

use crate::dataset::images::image_set::Images;
use crate::dataset::reading_report::ReadingReport;
use crate::dataset::samples::dataset::Dataset;
use crate::dataset::samples::sample_set::{Inputs, Samples};
use crate::dataset::samples::standardisation::Standardisation;
use crate::dataset::settings::DatasetSettings;

/// Such a data set as it was read.
pub(crate) struct PlainPixels {
    pub class_names: Vec<String>,
    /// channels, height, width
    pub shape: [usize; 3],
    pub train: Samples,
    pub test: Samples,
}

impl PlainPixels {
    /// The data set, its images brought to the size that was asked for.
    pub(crate) fn into_dataset(self, settings: &DatasetSettings) -> Dataset {
        let train = fitted(self.train, self.shape, settings, settings.crops_originals);
        let test = fitted(self.test, self.shape, settings, false);
        let [channels, height, width] = self.shape;
        let side = settings.image_size.map(|side| side as usize);
        Dataset {
            name: settings.label(),
            class_names: self.class_names,
            sample_shape: [channels, side.unwrap_or(height), side.unwrap_or(width)],
            standardisation: Standardisation::measure(&train, channels),
            validation: None,
            train,
            test,
            unreadable: 0,
            feature_offsets: Vec::new(),
            reading: ReadingReport::default(),
            notes: Vec::new(),
        }
    }
}

fn fitted(
    samples: Samples,
    shape: [usize; 3],
    settings: &DatasetSettings,
    keeps_originals: bool,
) -> Samples {
    let inputs = match (samples.inputs, settings.fit()) {
        (Inputs::Pixels(pixels), Some(fit)) if !fit.keeps([shape[1], shape[2]]) => {
            Inputs::Images(Images::of_pixels(&pixels, shape, fit, keeps_originals))
        }
        (inputs, _) => inputs,
    };
    Samples { inputs, ..samples }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::kinds::mnist::MNIST;
    use crate::dataset::samples::origins::Origins;

    fn samples(pixels: &[u8]) -> Samples {
        Samples {
            inputs: Inputs::Pixels(pixels.to_vec()),
            labels: vec![0; pixels.len() / 8],
            origins: Origins::rows_of("test", pixels.len() / 8),
        }
    }

    /// Images of 4×2 pixels: of 10, of 30, and to test on one whose columns are 0, 50, 50, 0.
    fn dataset(settings: &DatasetSettings) -> Dataset {
        let set = PlainPixels {
            class_names: vec!["0".to_owned()],
            shape: [1, 2, 4],
            train: samples(&[[10; 8], [30; 8]].concat()),
            test: samples(&[0, 50, 50, 0, 0, 50, 50, 0]),
        };
        set.into_dataset(settings)
    }

    #[test]
    fn the_middle_square_is_brought_to_its_size_before_anything_is_measured() {
        let square = DatasetSettings {
            image_size: Some(2),
            ..DatasetSettings::of(&MNIST)
        };
        let data = dataset(&square);
        assert_eq!(data.sample_shape, [1, 2, 2]);
        assert_eq!(data.test.pixels(0, 4).unwrap().unwrap(), [50; 4]);
        assert_eq!(data.train.pixels(1, 4).unwrap().unwrap(), [30; 4]);
        // Of 10 and 30.
        assert_eq!(data.standardisation.means, [20.0]);
        assert_eq!(data.standardisation.deviations, [10.0]);
        let large = DatasetSettings {
            image_size: Some(6),
            ..square
        };
        assert_eq!(
            dataset(&large).train.pixels(0, 36).unwrap().unwrap(),
            [10; 36]
        );
    }

    #[test]
    fn images_keep_their_size_where_none_is_asked_for() {
        let data = dataset(&DatasetSettings::of(&MNIST));
        assert_eq!(data.sample_shape, [1, 2, 4]);
        assert!(matches!(data.train.inputs, Inputs::Pixels(_)));
    }
}
