//! A made-up run, the same on every machine: whole sixty-fourths, added and compared, but nothing that
//! rounds. A tenth of its samples are mislabeled, and are told apart from most others.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use logformat::{
    EpochLogits, ExistingRun, LogitsColumn, PassSamples, RunDescription, RunWriter, SampleRow,
};
use serde_json::json;

const CLASSES: [&str; 3] = ["cat", "dog", "bird"];
const EXTRA_CLASS: u32 = 3;
const EPOCHS: u32 = 5;
/// Of so many samples, one is mislabeled, and one a threshold sample in each pass.
const EVERY: u32 = 10;

/// What is recorded.
pub(crate) struct Synthetic {
    pub(crate) run: &'static str,
    pub(crate) samples: u32,
    pub(crate) seed: u32,
}

/// A sample in one pass.
struct Sample {
    number: u32,
    truth: u32,
    given: u32,
    assigned: u32,
}

impl Sample {
    fn new(number: u32, pass: u32) -> Self {
        let truth = number % 3;
        let is_mislabeled = number % EVERY == 3;
        let given = if is_mislabeled {
            (truth + 1) % 3
        } else {
            truth
        };
        // 5 and 7 of ten in pass 1 and 2: neither is mislabeled.
        let is_threshold_sample = number % EVERY == 3 + 2 * pass;
        Self {
            number,
            truth,
            given,
            assigned: if is_threshold_sample {
                EXTRA_CLASS
            } else {
                given
            },
        }
    }

    fn row(&self) -> SampleRow {
        SampleRow {
            sample_id: i64::from(self.number).into(),
            assigned_label: self.assigned,
            given_label: self.given,
            true_label: Some(self.truth),
            is_threshold_sample: self.assigned == EXTRA_CLASS,
        }
    }

    /// The true class wins from the start, the assigned one catches up slowly.
    fn logits(&self, epoch: u32, noise: impl Fn(u32) -> f32) -> [f32; 4] {
        let epoch = epoch as f32;
        let mut logits = [0, 1, 2, 3].map(noise);
        logits[self.truth as usize] += 0.5 + 0.25 * epoch;
        if self.assigned != self.truth {
            logits[self.assigned as usize] += 0.25 * epoch;
        }
        logits
    }
}

/// Between −1.5 and 1.5, in sixty-fourths; the finaliser of MurmurHash3 (Appleby, 2011) mixes its bits.
fn noise(place: [u32; 4]) -> f32 {
    let number = place.into_iter().fold(0, |number: u32, part| {
        let mut hash = number
            .wrapping_mul(31)
            .wrapping_add(part)
            .wrapping_add(0x9e37_79b9);
        hash = (hash ^ (hash >> 16)).wrapping_mul(0x85eb_ca6b);
        hash = (hash ^ (hash >> 13)).wrapping_mul(0xc2b2_ae35);
        hash ^ (hash >> 16)
    });
    (number % 193) as f32 / 64.0 - 1.5
}

impl Synthetic {
    /// Records two passes of five epochs, with logits, as the recorder would.
    pub(crate) fn record(&self, folder: &Path) {
        let description = RunDescription {
            class_names: CLASSES.map(str::to_owned).to_vec(),
            configuration: json!({"seed": self.seed}),
        };
        let logits = LogitsColumn::Float32;
        let mut log =
            RunWriter::create(folder, self.run, description, logits, ExistingRun::Refuse).unwrap();
        for pass in 1..=2 {
            let samples: Vec<Sample> = (0..self.samples).map(|n| Sample::new(n, pass)).collect();
            let rows = samples.iter().map(Sample::row).collect();
            let rows = Arc::new(PassSamples::new(rows, 4).unwrap());
            for epoch in 1..=EPOCHS {
                let mut recorded = EpochLogits::new(Arc::clone(&rows), epoch);
                for (at, sample) in samples.iter().enumerate() {
                    let place = |class| [self.seed * 2 + pass, epoch, sample.number, class];
                    let logits = sample.logits(epoch, |class| noise(place(class)));
                    recorded.record(at, &logits).unwrap();
                }
                log.write(pass, recorded, BTreeMap::new()).unwrap();
            }
        }
        log.finish().unwrap();
    }
}
