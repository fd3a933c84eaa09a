//! Prints how long it takes to read a Parquet file of images from the disk to pixels in memory, with
//! all that the recorder does meanwhile (it also measures means and splits off a test part): the
//! counterpart of `benchmarks/pytorch_side/decode_speed.py`.
//!
//! `cargo run --release -p recorder --example decode_speed -- train.parquet`
//!
//! Only ratios to something that ran in turns with it on the same machine mean anything;
//! `benchmarks/decode_speed.py` makes them.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::Result;
use clap::Parser;
use recorder::dataset::{Dataset, DatasetSettings, PARQUET};
use recorder::engine::join_pool;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Parser)]
struct Arguments {
    file: PathBuf,
}

fn main() -> Result<()> {
    let settings = DatasetSettings {
        data: Some(Arguments::parse().file),
        ..DatasetSettings::of(&PARQUET)
    };
    join_pool();
    let began = Instant::now();
    let data = Dataset::load(&settings, 0)?;
    let result = serde_json::json!({
        "seconds": began.elapsed().as_secs_f64(),
        "images": data.train.len() + data.test.len(),
        "means": data.standardisation.means,
    });
    #[allow(clippy::print_stdout, reason = "it is the result")]
    {
        println!("{result}");
    }
    Ok(())
}
