//! Logs to be put into a bucket.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use logformat::{
    EpochLogits, ExistingRun, LogitsColumn, PassSamples, RunDescription, RunWriter, SampleRow,
};

/// A run whose files are nearly all logits: a fifth of the samples mislabeled, one in twelve serves as
/// threshold sample.
fn record(folder: &Path, run: &str, samples: u32, classes: u32, epochs: u32) {
    let given = |sample: u32| sample % (classes - 1);
    let serves = |sample: u32| sample % 12 == 5;
    let truth = |sample: u32| (given(sample) + u32::from(sample.is_multiple_of(5))) % (classes - 1);
    let rows = (0..samples).map(|sample| SampleRow {
        sample_id: i64::from(sample).into(),
        assigned_label: if serves(sample) {
            classes - 1
        } else {
            given(sample)
        },
        given_label: given(sample),
        true_label: Some(truth(sample)),
        is_threshold_sample: serves(sample),
    });
    let pass = Arc::new(PassSamples::new(rows.collect(), classes as usize).unwrap());
    let mut writer = RunWriter::create(
        folder,
        run,
        RunDescription::default(),
        LogitsColumn::Float32,
        ExistingRun::Refuse,
    )
    .unwrap();
    for number in 1..=epochs {
        let mut epoch = EpochLogits::new(Arc::clone(&pass), number);
        for sample in 0..samples {
            let logit = |class: u32| {
                let noise = (f64::from(sample * 131 + class * 17 + number) * 0.7).sin() as f32;
                noise + f32::from(u8::from(class == truth(sample))) * number as f32
            };
            let logits: Vec<f32> = (0..classes).map(logit).collect();
            epoch.record(sample as usize, &logits).unwrap();
        }
        writer.write(1, epoch, BTreeMap::new()).unwrap();
    }
    writer.finish().unwrap();
}

/// Three files of 1.4 MB, of which margins and labels are little.
pub(crate) fn large_log(folder: &Path) {
    record(folder, "large", 3000, 120, 3);
}

pub(crate) fn small_log(folder: &Path) {
    record(folder, "small", 60, 5, 4);
}
