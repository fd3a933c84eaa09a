//! The options of `recorder data`.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use program::Checked;

use crate::cli::data::DataArgs;
use crate::cli::label_options::LabelOptions;
use crate::cli::values::positive;
use crate::dataset::settings::DatasetSettings;
use crate::hub::place::Access;
use crate::labels::source::LabelSource;
use crate::overview::sheet::SheetSettings;

/// Options of `recorder data`.
#[derive(Debug, Args)]
pub struct OverviewArgs {
    #[command(flatten)]
    data: DataArgs,

    #[command(flatten)]
    labels: Checked<LabelOptions>,

    /// Seed of the split, of the noise and of the examples on the sheet
    #[arg(long, value_name = "SEED", default_value_t = 0, help_heading = "Data")]
    pub data_seed: u64,

    /// How the overview is printed
    #[arg(long, value_enum, default_value = "table", help_heading = "Output")]
    pub format: Format,

    /// List so many pairs of classes, and so many groups of equal samples under different labels; JSON has
    /// all of them
    #[arg(long, value_name = "N", default_value_t = 10, help_heading = "Output")]
    pub list: usize,

    /// Draw images of each class, with their sample ids, to a PNG file; - draws them to stdout, in place of all that
    /// would be printed
    #[arg(long, value_name = "FILE.png", value_parser = png_file, help_heading = "Output")]
    pub sheet: Option<PathBuf>,

    /// Images a row of the sheet
    #[arg(long, value_name = "N", default_value = "10", value_parser = positive, requires = "sheet", help_heading = "Output")]
    examples: NonZeroUsize,

    /// Draw this class alone, by name or index; may be given several times
    #[arg(
        long,
        value_name = "CLASS",
        requires = "sheet",
        help_heading = "Output"
    )]
    class: Vec<String>,

    /// Draw these training samples, such as those that an analysis flagged: 391,569
    #[arg(
        long,
        value_name = "IDS",
        value_delimiter = ',',
        requires = "sheet",
        conflicts_with = "class",
        help_heading = "Output"
    )]
    samples: Vec<usize>,

    /// Replace a sheet that is there
    #[arg(long, requires = "sheet", help_heading = "Output")]
    pub overwrite: bool,
}

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Lines for people
    Table,
    /// One JSON object for programs
    Json,
}

impl OverviewArgs {
    /// Which data set is read, and how.
    pub fn dataset(&self) -> DatasetSettings {
        DatasetSettings {
            label_file: self.labels().file().cloned(),
            decisions: self.labels().decisions().cloned(),
            missing_is_a_class: self.labels.0.missing_is_a_class,
            ..self.data.settings(self.labels.0.data_column.clone())
        }
    }

    /// Where the labels under suspicion come from.
    pub fn labels(&self) -> LabelSource {
        self.labels.0.source(self.data.path())
    }

    /// Whether the hub may be asked for data that are not here.
    pub fn access(&self) -> Access {
        self.data.access()
    }

    /// Whether the sheet goes to stdout.
    pub fn draws_to_stdout(&self) -> bool {
        self.sheet.as_deref() == Some(Path::new(STDOUT))
    }

    /// What the sheet shows.
    pub fn sheet_settings(&self) -> SheetSettings {
        SheetSettings {
            examples: self.examples.get(),
            classes: self.class.clone(),
            samples: self.samples.clone(),
            data_seed: self.data_seed,
        }
    }
}

/// The name that stands for stdout.
const STDOUT: &str = "-";

fn png_file(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    match path.extension() {
        None if text == STDOUT => Ok(path),
        Some(extension) if extension.eq_ignore_ascii_case("png") => Ok(path),
        _ => Err("a sheet is a PNG file; give it a name that ends in .png".to_owned()),
    }
}
