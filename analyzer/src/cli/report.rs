//! The words of `analyzer report`.

use std::path::PathBuf;

use clap::Args;

use super::shared::{LogArgs, VerdictArgs};

const EXAMPLES: &str = "\
Examples:
  Hand the suspicious labels of a run to the people who correct them:
    analyzer report logs --run my-run -o report.html

  Flag fewer samples, and show 100 of them as pictures:
    analyzer report logs --percentile 95 --count 100 -o report.html";

/// Write a page for the people who correct labels: one HTML file.
///
/// It has how much is flagged and how sure that is (precision and recall with intervals where the truth
/// is known, estimates where it is not), the plots, the most suspicious samples as pictures (where the
/// recorder kept a sample table), the systematic mistakes, the flagged samples as a list that can be
/// searched, sorted and saved as CSV, with each sample's margins, and the commands that give all of this
/// again. It needs no network and no other file.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ReportArgs {
    #[command(flatten)]
    pub(crate) logs: LogArgs,

    /// The file to write, .html
    #[arg(short, long, value_name = "FILE", default_value = "report.html")]
    pub(crate) output: PathBuf,

    /// Replace the file where it is there already
    #[arg(long)]
    pub(crate) overwrite: bool,

    /// How many of the lowest AUMs to show as pictures
    #[arg(long, value_name = "N", default_value_t = 48, value_parser = clap::value_parser!(u16).range(1..=400))]
    pub(crate) count: u16,

    /// Leave out warnings, and what is said beside the results
    #[arg(short, long)]
    pub(crate) quiet: bool,

    #[command(flatten)]
    pub(crate) verdict: VerdictArgs,
}
