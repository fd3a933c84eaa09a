//! The 1,797 handwritten digits of 8×8 pixels: real, small, and shipped inside the program by the
//! `smartcore` crate, so that the first run needs no download.
//!
//! Source: Alpaydin and Kaynak, *Optical Recognition of Handwritten Digits*, UCI Machine Learning
//! Repository, 1998 (its test part, as scikit-learn ships it). Pixels count set bits, 0 to 16.

use rand::seq::SliceRandom;

use crate::dataset::reading_report::ReadingReport;
use crate::dataset::samples::dataset::Dataset;
use crate::dataset::samples::origins::Origins;
use crate::dataset::samples::sample_set::{Inputs, Samples};
use crate::dataset::samples::standardisation::Standardisation;
use crate::dataset::settings::DatasetKind;
use crate::error::run::RecorderError;
use crate::seeds::stream;

pub(crate) static DIGITS: DatasetKind = DatasetKind {
    name: "digits",
    help: "1,797 handwritten digits of 8×8 pixels (UCI, as in scikit-learn); in the program itself",
    is_format: false,
    has_images: true,
    may_be_plain_pixels: false,
    hub_repository: None,
    options: &[],
    unused_reason: "its digits are in the program itself, as they are",
    load: |_, data_seed| load(data_seed),
};

const SAMPLES: usize = 1797;
/// The share for the test.
const TEST_SHARE: f64 = 0.2;
const SIDE: usize = 8;
const CLASSES: u32 = 10;

pub(crate) fn load(data_seed: u64) -> Result<Dataset, RecorderError> {
    let digits = smartcore::dataset::digits::load_dataset();
    let samples = Samples {
        inputs: Inputs::Pixels(digits.data.iter().map(|&value| value as u8).collect()),
        labels: digits.target.iter().map(|&class| class as u32).collect(),
        origins: Origins::rows_of("digits", SAMPLES),
    };
    let is_as_published = samples.len() == SAMPLES
        && digits.data.len() == SAMPLES * SIDE * SIDE
        && samples.labels.iter().all(|&label| label < CLASSES);
    if !is_as_published {
        return Err(RecorderError::Dataset {
            dataset: "digits".to_owned(),
            reason: "the embedded copy is damaged; build the recorder again".to_owned(),
        });
    }
    let (train, test) = split(samples, data_seed);
    Ok(Dataset {
        name: "digits".to_owned(),
        class_names: (0..CLASSES).map(|class| class.to_string()).collect(),
        sample_shape: [1, SIDE, SIDE],
        standardisation: Standardisation::measure(&train, 1),
        validation: None,
        train,
        test,
        unreadable: 0,
        feature_offsets: Vec::new(),
        reading: ReadingReport::default(),
        notes: Vec::new(),
    })
}

/// The digits have had this split from the first, whose ids are places in its training part.
fn split(samples: Samples, data_seed: u64) -> (Samples, Samples) {
    let mut order: Vec<usize> = (0..SAMPLES).collect();
    order.shuffle(&mut stream(data_seed, "split"));
    let test_count = (SAMPLES as f64 * TEST_SHARE).round() as usize;
    let (mut test, mut train) = samples.part(&order, test_count);
    (train.origins.kept, test.origins.kept) = (None, None);
    (train, test)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_set_is_the_published_one() {
        let digits = load(0).unwrap();
        assert_eq!((digits.train.len(), digits.test.len()), (1438, 359));
        let all = [digits.train.labels, digits.test.labels].concat();
        let count = |class| all.iter().filter(|&&label| label == class).count();
        // Counts per class as scikit-learn's documentation of `load_digits` gives them (about 180).
        let counts: Vec<usize> = (0..CLASSES).map(count).collect();
        assert_eq!(counts, [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
        let Inputs::Pixels(pixels) = &digits.train.inputs else {
            panic!("the digits are images");
        };
        assert!(pixels.iter().all(|&pixel| pixel <= 16));
    }
}
