//! What a log says about the data that a run was trained on: enough to know them again after their
//! folder was moved, and to standardise other inputs alike.

use serde_json::{Value, json};

use crate::dataset::samples::dataset::Dataset;
use crate::dataset::samples::sample_set::{Inputs, Samples};

/// Means and deviations are logged for so many channels. Every file of the log holds them: those of
/// images weigh nothing, those of embeddings some 10 kB.
const MOST_LOGGED_CHANNELS: usize = 4096;
/// Features that the checksum takes at a time.
const VALUES_AT_ONCE: usize = 4096;

impl Dataset {
    /// Counts, standardisation and a checksum of the training samples.
    pub fn describe(&self) -> Value {
        let standardisation = &self.standardisation;
        let is_logged = standardisation.means.len() <= MOST_LOGGED_CHANNELS;
        let rounded = |numbers: &[f64]| -> Vec<f64> { numbers.iter().map(six_digits).collect() };
        json!({
            "training_samples": self.train.len(),
            "test_samples": self.test.len(),
            "unreadable_images": self.unreadable,
            "validation_samples": self.validation.as_ref().map(Samples::len),
            "classes": self.class_count(),
            "training_crc32": crc32(&self.train),
            "channel_means": is_logged.then(|| rounded(&standardisation.means)),
            "channel_deviations": is_logged.then(|| rounded(&standardisation.deviations)),
        })
    }
}

/// Six significant digits come back from JSON as they went in; of more, the last one may not, and
/// a resumed run would seem to have other settings.
fn six_digits(number: &f64) -> f64 {
    format!("{number:.5e}").parse().unwrap_or(*number)
}

fn crc32(samples: &Samples) -> u32 {
    let mut crc = crc32fast::Hasher::new();
    match &samples.inputs {
        Inputs::Pixels(pixels) => crc.update(pixels),
        Inputs::Values(values) => {
            // Many at a time: of four bytes the checksum takes ten times as long a byte.
            let mut bytes = Vec::with_capacity(size_of::<f32>() * VALUES_AT_ONCE);
            for values in values.chunks(VALUES_AT_ONCE) {
                bytes.clear();
                bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
                crc.update(&bytes);
            }
        }
        Inputs::Images(images) => images.stats().for_each(|image| {
            let length = u64::from(image.byte_count);
            crc.combine(&crc32fast::Hasher::new_with_initial_len(
                image.crc32,
                length,
            ));
        }),
    }
    samples
        .labels
        .iter()
        .for_each(|label| crc.update(&label.to_le_bytes()));
    crc.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_digits_survive_json() {
        for number in [1.0 / 3.0, 33.318_421_234, 6.02e23, 0.0, -1.5e-9] {
            let rounded = six_digits(&number);
            let text = serde_json::to_string(&rounded).unwrap();
            assert_eq!(serde_json::from_str::<f64>(&text).unwrap(), rounded);
            assert!((rounded - number).abs() <= 1e-5 * number.abs());
        }
    }
}
