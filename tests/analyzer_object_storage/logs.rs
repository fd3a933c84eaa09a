//! Logs to be put into a bucket.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use logformat::{
    EpochLogits, ExistingRun, LogitsColumn, PassSamples, RunDescription, RunWriter, SampleEntry,
    SampleRow,
};

/// Of 16×16 pixels, each of its own colour.
fn picture(sample: u32) -> Vec<u8> {
    let side = 16;
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, side, side);
    encoder.set_color(png::ColorType::Rgb);
    let mut writer = encoder.write_header().unwrap();
    // Like noise, so that it takes as much as that of a photograph.
    let mixed = |at: u32| (sample ^ at.wrapping_mul(0x9e37_79b1)).wrapping_mul(0x85eb_ca77);
    let values = (0..3 * side * side).map(|at| (mixed(at) >> 24) as u8);
    writer
        .write_image_data(&values.collect::<Vec<_>>())
        .unwrap();
    writer.finish().unwrap();
    bytes
}

fn entry(sample: u32, given_label: u32) -> SampleEntry {
    SampleEntry {
        sample_id: sample.into(),
        file: Some(format!("pets/{}.parquet", sample / 1000)),
        row: Some(u64::from(sample % 1000)),
        id: Some(format!("pet-{sample}").as_str().into()),
        given_label,
        true_label: None,
        png: Some(picture(sample)),
    }
}

/// A run whose files are nearly all logits, with all that can lie beside them: a fifth of the samples mislabeled, one
/// in twelve serves as threshold sample.
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
    let entries = (0..samples).map(|sample| entry(sample, given(sample)));
    writer.write_sample_table([entries.collect()]).unwrap();
    let logit = |sample: u32, class: u32, number: u32| {
        let noise = (f64::from(sample * 131 + class * 17 + number) * 0.7).sin() as f32;
        noise + f32::from(u8::from(class == truth(sample))) * number as f32
    };
    let ordinary = (0..samples).map(|sample| SampleRow {
        sample_id: i64::from(sample).into(),
        assigned_label: given(sample),
        given_label: given(sample),
        true_label: None,
        is_threshold_sample: false,
    });
    let known = classes as usize - 1;
    let ordinary = PassSamples::new(ordinary.collect(), known).unwrap();
    let mut held_out = EpochLogits::new(Arc::new(ordinary), 1);
    for sample in 0..samples {
        let logits: Vec<f32> = (0..classes - 1)
            .map(|class| logit(sample, class, 3))
            .collect();
        let sum: f32 = logits.iter().map(|logit| logit.exp()).sum();
        let logs: Vec<f32> = logits.iter().map(|logit| logit - sum.ln()).collect();
        held_out.record(sample as usize, &logs).unwrap();
    }
    writer.write_held_out("discriminant", held_out).unwrap();
    for number in 1..=epochs {
        let mut epoch = EpochLogits::new(Arc::clone(&pass), number);
        for sample in 0..samples {
            let logits: Vec<f32> = (0..classes)
                .map(|class| logit(sample, class, number))
                .collect();
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
