//! Reads arbitrary and damaged files for some seconds: no panic, no endless loop, no more than 1 GB.
//!
//! `cargo run --release -p logformat --example fuzz_reader -- SECONDS [SEED] [FILES…]`
//!
//! Starts from a log that our writer makes and from FILES, such as logs by others. Each case follows
//! from its number alone. Where one goes wrong its bytes are kept, and the program fails; a file that
//! ends the process is `fuzz-case.parquet` in the folder for temporary files.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use logformat::{
    EpochLogits, EpochReader, ExistingRun, LogError, LogitsColumn, PassSamples, RowBatches,
    RunDescription, RunWriter, SampleRow,
};

#[path = "../../tests/damage.rs"]
mod damage;

use damage::{Numbers, damaged};

const MOST_SECONDS: Duration = Duration::from_secs(10);
const MOST_KIB: u64 = 1 << 20;

fn our_log(folder: &Path) -> Result<Vec<u8>, Box<dyn Error>> {
    let rows = (0..200_i64).map(|sample_id| SampleRow {
        sample_id: sample_id.into(),
        assigned_label: (sample_id % 5) as u32,
        given_label: (sample_id % 4) as u32,
        true_label: (sample_id % 3 == 0).then_some(1),
        is_threshold_sample: sample_id % 5 == 4,
    });
    let samples = Arc::new(PassSamples::new(rows.collect(), 5)?);
    let mut epoch = EpochLogits::new(samples, 1);
    for sample in 0..200 {
        epoch.record(sample, &[0.5, 1.0, -3.0, sample as f32, 2.0])?;
    }
    let (about, keep) = (RunDescription::default(), LogitsColumn::Float32);
    let mut log = RunWriter::create(folder, "fuzz", about, keep, ExistingRun::Refuse)?;
    log.write(1, epoch, BTreeMap::new())?;
    Ok(fs::read(log.finish()?.remove(0))?)
}

/// Reads a file in every way; how many of them end without a refusal.
fn read(path: &Path) -> usize {
    type Way = fn(EpochReader) -> Result<RowBatches, LogError>;
    let ways: [Way; 3] = [
        EpochReader::margins,
        |reader| reader.from_logits().margins(),
        EpochReader::rows,
    ];
    let ends_well = |way: &&Way| {
        let batches = EpochReader::open(path).and_then(**way);
        batches.is_ok_and(|mut batches| batches.all(|batch| batch.is_ok()))
    };
    ways.iter().filter(ends_well).count()
}

/// The most memory that this process has held, in KiB; 0 where the system does not tell.
fn peak_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = peak.and_then(|text| text.split_whitespace().next());
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

#[expect(clippy::print_stdout, reason = "its purpose")]
fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [seconds, others @ ..] = &words[..] else {
        return Err("give SECONDS [SEED] [FILES…]".into());
    };
    let limit = Duration::from_secs(seconds.parse()?);
    let seed: u64 = others.first().map_or(Ok(0), |seed| seed.parse())?;
    let folder = tempfile::tempdir()?;
    let mut seeds = vec![our_log(folder.path())?];
    for file in others.iter().skip(1) {
        seeds.push(fs::read(file)?);
    }
    // The decoder's own panics are caught by the reader; one that is not ends this program.
    std::panic::set_hook(Box::new(|_| {}));
    let path = std::env::temp_dir().join("fuzz-case.parquet");
    let (begun, mut cases, mut sound) = (Instant::now(), 0_u64, 0);
    let mut slowest = Duration::ZERO;
    while begun.elapsed() < limit {
        let mut numbers = Numbers(seed.wrapping_add(cases.wrapping_mul(0x1_0000_0001)));
        let at = numbers.below(seeds.len());
        fs::write(&path, damaged(&seeds[at], &mut numbers))?;
        let start = Instant::now();
        sound += usize::from(read(&path) == 3);
        slowest = slowest.max(start.elapsed());
        if start.elapsed() > MOST_SECONDS || peak_kib() > MOST_KIB {
            let kept = format!("fuzz-{seed}-{cases}.parquet");
            fs::copy(&path, &kept)?;
            return Err(format!("{kept}: {:?}, {} KiB", start.elapsed(), peak_kib()).into());
        }
        cases += 1;
    }
    fs::remove_file(&path)?;
    println!(
        "{cases} files, {sound} of them read without a refusal; slowest {:.3} s, peak memory {} MiB",
        slowest.as_secs_f64(),
        peak_kib() >> 10
    );
    Ok(())
}
