//! Writes a log of a given shape, with the writer that the recorder uses: made-up logits, in which the
//! assigned class wins more and more, but for threshold samples and a tenth of the others, which are
//! mislabeled.
//!
//! `cargo run --release -p logformat --example synthetic_log -- FOLDER SAMPLES LOGITS EPOCHS`
//!
//! One pass; the last of the LOGITS classes is the extra one, and one sample in LOGITS is assigned to
//! it. Prints `{"files": …, "bytes": …}`.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use logformat::{
    EpochLogits, ExistingRun, LogitsColumn, PassSamples, RunDescription, RunWriter, SampleRow,
};

/// Numbers that look random enough: SplitMix64 (Steele, Lea, Flood, *Fast Splittable Pseudorandom
/// Number Generators*, OOPSLA 2014).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// −2 to 2.
    fn logit(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1_u32 << 22) as f32 - 2.0
    }
}

/// A sample's given label, and whether it serves as a threshold sample.
fn labels(count: usize, logits: u32) -> Vec<(u32, bool)> {
    let mut numbers = Numbers(1);
    let mut below = |end: u32| (numbers.next() % u64::from(end)) as u32;
    (0..count)
        .map(|_| (below(logits - 1), below(logits) == 0))
        .collect()
}

/// One sample in ten: its class does not win either.
fn is_mislabeled(sample: i64) -> bool {
    sample % 10 == 0
}

fn write(
    folder: &Path,
    count: usize,
    logits: u32,
    epochs: u32,
) -> Result<(u64, usize), Box<dyn Error>> {
    let labels = labels(count, logits);
    let rows = (0_i64..).zip(&labels);
    let rows = rows.map(
        |(sample_id, &(given_label, is_threshold_sample))| SampleRow {
            sample_id: sample_id.into(),
            assigned_label: if is_threshold_sample {
                logits - 1
            } else {
                given_label
            },
            given_label,
            true_label: Some(if is_mislabeled(sample_id) {
                (given_label + 1) % (logits - 1)
            } else {
                given_label
            }),
            is_threshold_sample,
        },
    );
    let samples = Arc::new(PassSamples::new(rows.collect(), logits as usize)?);
    let mut log = RunWriter::create(
        folder,
        "synthetic",
        RunDescription::default(),
        LogitsColumn::Float32,
        ExistingRun::Refuse,
    )?;
    let mut numbers = Numbers(2);
    let mut row = vec![0.0; logits as usize];
    for number in 1..=epochs {
        let mut epoch = EpochLogits::new(Arc::clone(&samples), number);
        for (sample, &(label, is_threshold_sample)) in labels.iter().enumerate() {
            row.fill_with(|| numbers.logit());
            if !is_threshold_sample && !is_mislabeled(sample as i64) {
                row[label as usize] += 4.0 * number as f32 / epochs as f32;
            }
            epoch.record(sample, &row)?;
        }
        log.write(1, epoch, BTreeMap::new())?;
    }
    let files = log.finish()?;
    let bytes = files.iter().map(|file| Ok(file.metadata()?.len()));
    let bytes = bytes.sum::<std::io::Result<u64>>()?;
    Ok((bytes, files.len()))
}

#[expect(clippy::print_stdout, reason = "its purpose")]
fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [folder, samples, logits, epochs] = &words[..] else {
        return Err("give FOLDER SAMPLES LOGITS EPOCHS".into());
    };
    let logits: u32 = logits.parse()?;
    if logits < 2 {
        return Err("LOGITS: two at least".into());
    }
    let (bytes, files) = write(Path::new(folder), samples.parse()?, logits, epochs.parse()?)?;
    println!("{{\"files\": {files}, \"bytes\": {bytes}}}");
    Ok(())
}
