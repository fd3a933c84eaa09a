//! Which columns a log has: their names, what they hold, and which must be there.
//! This table is the contract of `FORMAT.md` in code; everything else asks it.

/// One column of the log format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    /// `run`: the name of the run.
    Run,
    /// `pass`: 1-based index of the training with one set of threshold samples.
    Pass,
    /// `epoch`: from 0 or 1 on, or any numbers that increase.
    Epoch,
    /// `sample_id`: integer or text, stable over epochs and passes.
    SampleId,
    /// `assigned_label`: the class that the network was trained on.
    AssignedLabel,
    /// `given_label`: the class that the data set carries.
    GivenLabel,
    /// `true_label`: the class known to be right; null where unknown.
    TrueLabel,
    /// `is_mislabeled`: whether the given label is known to be wrong; null where that is unknown, or the true
    /// label says it.
    IsMislabeled,
    /// `is_threshold_sample`: whether the sample serves as one in this pass.
    IsThresholdSample,
    /// `margin`: assigned logit minus the largest other logit.
    Margin,
    /// `rival_label`: the class of that largest other logit.
    RivalLabel,
    /// `logits`: all of the network's outputs for the sample.
    Logits,
}

/// Every column, in the order in which the writer puts them.
pub const COLUMNS: [Column; 12] = [
    Column::Run,
    Column::Pass,
    Column::Epoch,
    Column::SampleId,
    Column::AssignedLabel,
    Column::GivenLabel,
    Column::TrueLabel,
    Column::IsMislabeled,
    Column::IsThresholdSample,
    Column::Margin,
    Column::RivalLabel,
    Column::Logits,
];

impl Column {
    /// The column's name in the Parquet schema.
    pub const fn name(self) -> &'static str {
        match self {
            Column::Run => "run",
            Column::Pass => "pass",
            Column::Epoch => "epoch",
            Column::SampleId => "sample_id",
            Column::AssignedLabel => "assigned_label",
            Column::GivenLabel => "given_label",
            Column::TrueLabel => "true_label",
            Column::IsMislabeled => "is_mislabeled",
            Column::IsThresholdSample => "is_threshold_sample",
            Column::Margin => "margin",
            Column::RivalLabel => "rival_label",
            Column::Logits => "logits",
        }
    }

    /// The types that a reader accepts, in words, for error messages.
    pub const fn expected_type(self) -> &'static str {
        match self {
            Column::Run => "a string column",
            Column::SampleId => "an integer or string column",
            Column::IsMislabeled | Column::IsThresholdSample => "a boolean column",
            Column::Margin => "a float column",
            Column::Logits => "a list of floats",
            _ => "an integer column",
        }
    }

    /// Whether every log must have the column.
    pub const fn is_required(self) -> bool {
        matches!(
            self,
            Column::Epoch | Column::SampleId | Column::AssignedLabel
        )
    }
}

impl std::fmt::Display for Column {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
