//! The command line: every default in one place, everything parsed before anything begins.

pub(crate) mod backbone_options;
mod choices;
pub(crate) mod command_line;
pub(crate) mod data;
pub(crate) mod embed;
pub(crate) mod label_options;
pub(crate) mod like;
pub(crate) mod network_options;
pub(crate) mod optimiser_options;
pub(crate) mod overview;
pub(crate) mod predict;
pub(crate) mod run;
#[cfg(test)]
mod tests;
pub(crate) mod train;
pub(crate) mod training;
pub(crate) mod values;
pub(crate) mod way_out;

pub use crate::cli::command_line::{Cli, Command};
pub use crate::cli::data::DataArgs;
pub use crate::cli::embed::EmbedArgs;
pub use crate::cli::overview::{Format, OverviewArgs};
pub use crate::cli::predict::PredictArgs;
pub use crate::cli::run::RunArgs;
pub use crate::cli::train::TrainArgs;
pub use crate::cli::way_out::with_way_out;
