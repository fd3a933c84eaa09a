//! The options of `recorder predict`.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::cli::data::DataArgs;
use crate::final_training::prediction::{Part, PredictSettings};
use crate::hub::place::Access;
use crate::training::device::DeviceChoice;

/// Options of `recorder predict`.
#[derive(Debug, Args)]
pub struct PredictArgs {
    /// The network: model.safetensors of recorder train
    #[arg(value_name = "NETWORK")]
    model: PathBuf,

    #[command(flatten)]
    data: DataArgs,

    /// Column of the labels in the data set's own table
    #[arg(long, value_name = "NAME", help_heading = "Data")]
    label_column: Option<String>,

    /// Seed of the split
    #[arg(long, value_name = "SEED", default_value_t = 0, help_heading = "Data")]
    data_seed: u64,

    /// Which samples it is applied to
    #[arg(long, value_enum, default_value = "training", help_heading = "Data")]
    part: AskedPart,

    /// What computes: auto, cpu, cuda, cuda:N or metal
    #[arg(long, default_value = "auto", help_heading = "Output")]
    device: DeviceChoice,

    /// CSV or Parquet file, by its suffix [default: CSV to the standard output]
    #[arg(short, long, value_name = "FILE", value_parser = table, help_heading = "Output")]
    output: Option<PathBuf>,

    /// Replace the file
    #[arg(long, help_heading = "Output")]
    overwrite: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum AskedPart {
    /// The training samples: all of a set in one part
    Training,
    /// Those of --validation
    Validation,
    /// The test samples
    Test,
}

fn table(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    match path.extension().and_then(|suffix| suffix.to_str()) {
        Some("csv" | "parquet") => Ok(path),
        _ => Err("the suffix chooses the format: end the name in .csv or .parquet".to_owned()),
    }
}

impl PredictArgs {
    /// Whether the hub may be asked for data that are not here.
    pub fn access(&self) -> Access {
        self.data.access()
    }

    /// Where the table goes; `None` for the standard output.
    pub fn output(&self) -> Option<&Path> {
        self.output.as_deref()
    }

    /// Whether a file that is there is replaced.
    pub fn overwrites(&self) -> bool {
        self.overwrite
    }

    /// The settings that the options stand for.
    pub fn settings(&self) -> PredictSettings {
        PredictSettings {
            model: self.model.clone(),
            dataset: self.data.settings(self.label_column.clone()),
            part: match self.part {
                AskedPart::Training => Part::Training,
                AskedPart::Validation => Part::Validation,
                AskedPart::Test => Part::Test,
            },
            data_seed: self.data_seed,
            device: self.device,
        }
    }
}
