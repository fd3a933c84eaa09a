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

mod analysis;
mod assembly;
mod aum;
mod aum_table;
mod aum_table_input;
mod bootstrap;
mod by_label;
mod compared_scores;
mod comparison;
mod confusions;
mod correlation;
mod doubts;
mod error;
mod estimate;
mod evaluated_score;
mod evaluation;
mod file_warnings;
mod inputs;
mod integrity;
mod interval;
mod judgement;
mod margin_sums;
mod notes;
#[cfg(feature = "object-storage")]
mod object_storage;
mod output_file;
mod page;
mod percentile;
pub mod plots;
mod precision_recall_curve;
mod protocol;
mod protocol_difference;
mod query;
mod ranking;
mod read;
mod report;
mod result_table;
mod run_aums;
mod run_log;
mod score_metrics;
mod scores;
mod second_look;
mod selection;
mod settings_used;
mod soundness;
mod summary;
mod summary_text;
mod table_file;
mod table_frame;
mod text_cells;
mod threshold;
mod threshold_sweep;
mod true_labels;
mod verdict;
mod window;

pub use analysis::{AumSettings, PassAnalysis, RunAnalysis, ThresholdRule, analyze};
pub use aum::{AumColumn, aum, pass_aums};
pub use aum_table::{AumTable, PassColumns};
pub use aum_table_input::{is_aum_table, read_aum_tables};
pub use by_label::{results_by_class, results_by_noise_pair};
pub use compared_scores::compared_scores_table;
pub use comparison::{ComparedSample, Comparison, Ranking, compare};
pub use confusions::{Confusion, Suggestion, confusions, suggestions, suggestions_for};
pub use correlation::{kendall, spearman};
pub use doubts::warnings;
pub use error::AnalyzerError;
pub use estimate::{
    Estimate, EstimateSettings, Estimated, ExpectedQuality, FLAGGED_FROM, LARGEST_SOUND_DIFFERENCE,
    PassEstimate, SMALLEST_SOUND_GAP, estimate, estimate_doubts, posterior_threshold,
};
pub use evaluated_score::{EvaluatedSamples, EvaluatedScore, metrics_table};
pub use evaluation::{Evaluation, evaluate};
pub use inputs::log_files;
pub use interval::{Interval, wilson_interval};
pub use judgement::{Judgement, PassJudgement, judge};
pub use logformat::{LogError, SampleId, SampleIds};
pub use margin_sums::MarginSums;
pub use notes::notes;
#[cfg(feature = "object-storage")]
pub use object_storage::{LogCopies, LogNeeds};
pub use output_file::{check_output_file, write_output_file};
pub use page::{PageParts, report_page};
pub use percentile::{Percentile, PercentileError};
pub use protocol::{Cut, FirstEpoch, Join, Protocol};
pub use protocol_difference::{ProtocolDifference, protocol_differences};
pub use query::{AumQuery, Dialect, QueryColumns, query_source};
pub use read::{Keep, Logs, MarginSource, ReadSettings, read_runs, read_runs_as};
pub use report::{Report, ReportTable, Setting, Subject};
pub use result_table::{Cells, Quantity, ResultColumn, ResultTable};
pub use run_aums::RunAums;
pub use run_log::{EpochMargins, PassLog, RunLog, UNNAMED_RUN};
pub use score_metrics::{
    RankedScores, RankingQuality, ScoreMetric, average_precision, score_metrics,
};
pub use scores::{Score, ScoreVector, auroc, sample_scores};
pub use selection::Selection;
pub use settings_used::{protocol_setting, settings_used, verdict_settings};
pub use soundness::{Problem, Soundness, check_logs};
pub use summary::{
    EpochSpan, EvaluationSummary, LowestSample, PassSummary, RunSummary, WindowSummary,
};
pub use summary_text::render_summaries;
pub use table_file::{TableFile, TableFileError, TableFormat};
pub use threshold::{AumThreshold, aum_threshold, threshold_rank};
pub use threshold_sweep::{
    SweepRow, best_f1, sweep_tables, threshold_sweep, threshold_sweep_without_intervals,
};
pub use true_labels::{TrueLabelSource, TrueLabels};
pub use verdict::{PassAums, SampleVerdict, Verdicts};
pub use window::{EpochRange, EpochRangeError, Window, WindowRule, choose_window, default_epochs};
