//! The options of `recorder embed`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::cli::data::DataArgs;
use crate::dataset::settings::DatasetSettings;
use crate::embedding::settings::{EmbeddingSettings, Part};
use crate::hub::place::Access;
use crate::pretrained::kind::PretrainedKind;

/// Options of `recorder embed`.
#[derive(Debug, Args)]
pub struct EmbedArgs {
    #[command(flatten)]
    data: DataArgs,

    /// Column of the labels in the data set's own table [default: the only one that can be]
    #[arg(long, value_name = "NAME", help_heading = "Data")]
    label_column: Option<String>,

    /// Take labels such as "nan" and "None" for the names of classes; without it they are refused
    #[arg(long, help_heading = "Data")]
    missing_is_a_class: bool,

    /// Which part of the data set
    #[arg(long, value_enum, default_value = "train", help_heading = "Data")]
    part: DataPart,

    /// Seed of what --test-share, --validation and --subset draw
    #[arg(long, value_name = "SEED", default_value_t = 0, help_heading = "Data")]
    data_seed: u64,

    /// The pretrained network
    #[arg(long, value_enum, value_name = "NETWORK", help_heading = "Network")]
    model: &'static PretrainedKind,

    /// Its weights: a .safetensors file, a .pth file with a state dict, of which nothing is run, or hub:OWNER/NAME for
    /// those of a repository on the hub of Hugging Face, with what timm says there of the images
    #[arg(long, value_name = "FILE", help_heading = "Network")]
    weights: PathBuf,

    /// The file of the features: .parquet with file, row, label, id and a small picture of each image, or .npy
    #[arg(short, long, value_name = "FILE", value_parser = features_file, help_heading = "Output")]
    output: PathBuf,

    /// In .parquet, keep a small picture of each image, 64×64 at most, for the reports of runs on the features, where
    /// all of them take so many MiB uncompressed or less; 0 for none
    #[arg(
        long,
        value_name = "MIB",
        default_value_t = 256,
        help_heading = "Output"
    )]
    pictures: u32,

    /// Replace the output where it is there
    #[arg(long, help_heading = "Output")]
    overwrite: bool,

    /// Show no progress
    #[arg(short, long)]
    pub quiet: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum DataPart {
    /// What is trained on, and judged
    Train,
    /// What is tested on
    Test,
}

impl EmbedArgs {
    /// Whether the hub may be asked for data that are not here.
    pub fn access(&self) -> Access {
        self.data.access()
    }

    /// The settings that the options stand for.
    pub fn settings(&self) -> EmbeddingSettings {
        let dataset = DatasetSettings {
            missing_is_a_class: self.missing_is_a_class,
            most_picture_bytes: u64::from(self.pictures) << 20,
            ..self.data.settings(self.label_column.clone())
        };
        EmbeddingSettings {
            data_seed: self.data_seed,
            part: match self.part {
                DataPart::Train => Part::Train,
                DataPart::Test => Part::Test,
            },
            network: self.model,
            weights: self.weights.clone(),
            preprocessing: self
                .model
                .preprocessing
                .sized(dataset.image_size, dataset.resize),
            output: self.output.clone(),
            overwrites: self.overwrite,
            dataset,
        }
    }
}

fn features_file(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    let suffix = path.extension().unwrap_or_default().to_ascii_lowercase();
    match suffix.to_str() {
        Some("parquet" | "npy") => Ok(path),
        _ => Err("features are written to .parquet and .npy files".to_owned()),
    }
}
