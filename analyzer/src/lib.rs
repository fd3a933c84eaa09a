//! Finds mislabeled samples in training logs: reads logs of the format that `logformat` describes,
//! computes each sample's area under the margin (AUM), derives a threshold from the threshold
//! samples, and flags the samples below it.
//!
//! Source of the method: Pleiss, Zhang, Elenberg, Weinberger, *Identifying Mislabeled Data using
//! the Area Under the Margin Ranking*, NeurIPS 2020 (arXiv 2001.10528).
//!
//! Words: a sample is *mislabeled* when its given label is not its true label, which is a fact; it
//! is *flagged* when its AUM is below the threshold, which is a verdict.
//!
//! ```no_run
//! # fn main() -> Result<(), analyzer::AnalyzerError> {
//! use analyzer::*;
//! let logs = read_runs(&log_files(&["logs".into()])?)?;
//! for log in &logs.runs {
//!     let analysis = analyze(log, &AumSettings::default())?;
//!     let flagged = analysis.verdicts.iter().filter(|verdict| verdict.flagged == Some(true));
//!     println!("{}: {} samples flagged", log.title(), flagged.count());
//! }
//! # Ok(())
//! # }
//! ```

// The commands name what they use of the library as any other program does.
extern crate self as analyzer;

mod allocator;
mod analysis;
pub mod commands;
mod error;
mod exports;
mod imports;
mod logs;
mod page;
pub mod plots;
mod questions;
mod results;
mod rules;

pub use crate::analysis::aum_table::aum_table;
pub use crate::analysis::judgement::{PassJudgement, judge};
pub use crate::analysis::notes::notes;
pub use crate::analysis::pass_aums::pass_aums;
pub use crate::analysis::protocol_difference::{ProtocolDifference, protocol_differences};
pub use crate::analysis::run_analysis::{RunAnalysis, analyze};
pub use crate::analysis::run_aums::RunAums;
pub use crate::analysis::settings::AumSettings;
pub use crate::analysis::settings_used::{protocol_setting, settings_used, verdict_settings};
pub use crate::error::AnalyzerError;
pub use crate::exports::export::{Exported, export};
pub use crate::exports::format::ExportFormat;
pub use crate::exports::formats::FORMATS as EXPORT_FORMATS;
pub use crate::exports::scope::{Which, Writes};
pub use crate::exports::settings::ExportSettings;
pub use crate::imports::format::ImportFormat;
pub use crate::imports::formats::FORMATS as IMPORT_FORMATS;
pub use crate::imports::import::{Imported, format_of, import};
pub use crate::imports::settings::{ArrayLayout, ImportSettings};
pub use crate::logs::aum_tables::{are_aum_tables, read_aum_tables};
pub use crate::logs::files::log_files;
pub use crate::logs::margin_sums::MarginSums;
pub use crate::logs::needs::{BesideNeeds, LogNeeds, RowParts, TableNeeds};
#[cfg(feature = "object-storage")]
pub use crate::logs::object_storage::LogCopies;
pub use crate::logs::origins::Origins;
pub use crate::logs::read::{Logs, read_runs, read_runs_as};
pub use crate::logs::read_settings::{Keep, MarginSource, ReadSettings};
pub use crate::logs::repeats::RepeatedRows;
pub use crate::logs::run_list::{ListedRun, list_runs};
pub use crate::logs::run_log::{EpochMargins, PassLog, RunLog, UNNAMED_RUN};
pub use crate::logs::run_records::run_record;
pub use crate::logs::selection::Selection;
pub use crate::logs::soundness::{Problem, Soundness, check_logs};
pub use crate::logs::true_labels::decisions::DecidedLabels;
pub use crate::logs::true_labels::source::TrueLabelSource;
pub use crate::logs::true_labels::table::TrueLabels;
pub use crate::page::listed::ListedSamples;
pub use crate::page::{PageParts, report_page};
pub use crate::questions::comparison::agreement::{ComparedSample, Comparison, Ranking, compare};
pub use crate::questions::comparison::correlation::{kendall, spearman};
pub use crate::questions::comparison::report::comparison_report;
pub use crate::questions::confusions::report::{confusions_report, suggestion_table};
pub use crate::questions::confusions::{
    Confusion, Suggestion, confusions, suggestions, suggestions_for,
};
pub use crate::questions::doubts::warnings::{log_doubts, warnings};
pub use crate::questions::estimate::bias::estimate_doubts;
pub use crate::questions::estimate::estimated::Estimated;
pub use crate::questions::estimate::expected::ExpectedQuality;
pub use crate::questions::estimate::label_counts::{LabelCounts, label_counts};
pub use crate::questions::estimate::passes::{PassEstimate, SMALLEST_SOUND_GAP};
pub use crate::questions::estimate::report::{estimate_report, probability_table};
pub use crate::questions::estimate::{
    Estimate, EstimateSettings, LARGEST_SOUND_DIFFERENCE, estimate,
};
pub use crate::questions::evaluation::by_label::{results_by_class, results_by_noise_pair};
pub use crate::questions::evaluation::compared_scores::compared_scores_table;
pub use crate::questions::evaluation::evaluated_score::{
    EvaluatedSamples, EvaluatedScore, metrics_table,
};
pub use crate::questions::evaluation::report::{EvaluationSettings, evaluation_report};
pub use crate::questions::evaluation::score_metrics::{
    RankedScores, RankingQuality, ScoreMetric, average_precision, score_metrics,
};
pub use crate::questions::evaluation::sweep_report::sweep_report;
pub use crate::questions::evaluation::threshold_sweep::{
    SweepRow, best_f1, threshold_sweep, threshold_sweep_without_intervals,
};
pub use crate::questions::query::asked::AumQuery;
pub use crate::questions::query::columns::QueryColumns;
pub use crate::questions::query::{Dialect, query_source};
pub use crate::questions::run_list_report::run_list_report;
pub use crate::questions::scores::SCORES;
pub use crate::questions::scores::combined::{ScoreVector, auroc, sample_scores};
pub use crate::questions::scores::report::{scores_report, scores_table};
pub use crate::questions::scores::score::Score;
pub use crate::questions::soundness_report::soundness_report;
pub use crate::questions::summary::run_summary::{EvaluationSummary, RunSummary, WindowSummary};
pub use crate::questions::summary::text::render_summaries;
pub use crate::questions::uncertainty::interval::{Interval, wilson_interval};
pub use crate::results::findings::{Report, ReportTable, Setting, Subject};
pub use crate::results::output_file::{check_output_file, write_output_file, write_output_files};
pub use crate::results::table_file::{TableFile, TableFileError, TableFormat};
pub use crate::results::tables::ResultTable;
pub use crate::rules::aum::aum;
pub use crate::rules::evaluation::{ANOTHER_CLASS, Evaluation, evaluate, is_mislabeled};
pub use crate::rules::held_out::confident_learning::Pruning;
pub use crate::rules::held_out::verdict::HeldOutVerdict;
pub use crate::rules::mixture::FLAGGED_FROM;
pub use crate::rules::percentile::{Percentile, PercentileError};
pub use crate::rules::posterior::posterior_threshold;
pub use crate::rules::protocol::{Cut, FirstEpoch, Join, Protocol};
pub use crate::rules::threshold::{AumThreshold, aum_threshold, threshold_rank};
pub use crate::rules::threshold_rule::ThresholdRule;
pub use crate::rules::verdict::{PassAums, SampleVerdict, Verdicts};
pub use crate::rules::window::{
    EpochRange, EpochRangeError, Window, WindowRule, choose_window, default_epochs,
};
pub use logformat::{LogError, Repeats, SampleId, SampleIds};
