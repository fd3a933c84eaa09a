//! Which options say nothing beside which others.

use program::{Ignored, Values};

const GIVEN: &str = "an AUM is given to compare with, so nothing is cut";
const AS_A_TABLE: &str = "the table that it prints has the same rows and columns without it";

const fn ignored(
    option: &'static str,
    beside: &'static str,
    values: Values,
    why: &'static str,
) -> Ignored {
    Ignored {
        option,
        beside,
        values,
        why,
    }
}

/// Every such pair of all commands.
pub(crate) const IGNORED: [Ignored; 16] = [
    ignored("cut", "threshold", Values::Any, GIVEN),
    ignored(
        "cut",
        "rule",
        Values::But(&["percentile"]),
        "no percentile is taken, so nothing is cut",
    ),
    ignored(
        "joined_by",
        "rule",
        Values::Of(&["combined"]),
        "it judges by all passes together",
    ),
    ignored(
        "first_epoch",
        "epochs",
        Values::But(&["auto"]),
        "these are the epochs, whichever is the first",
    ),
    ignored(
        "samples",
        "kind",
        Values::But(&["margins", "all"]),
        "margins alone draws single samples",
    ),
    ignored(
        "per_pass",
        "kind",
        Values::But(&["histogram", "all"]),
        "histogram alone has panels",
    ),
    ignored(
        "count",
        "kind",
        Values::But(&["lowest", "all"]),
        "lowest alone shows so many samples",
    ),
    ignored(
        "format",
        "output",
        Values::Of(&["-"]),
        "it prints the table as CSV",
    ),
    ignored("bottom", "format", Values::Of(&["csv"]), AS_A_TABLE),
    ignored("per_class", "format", Values::Of(&["csv"]), AS_A_TABLE),
    ignored("disagreements", "format", Values::Of(&["csv"]), AS_A_TABLE),
    ignored("resamples", "format", Values::Of(&["csv"]), AS_A_TABLE),
    ignored("bottom", "output", Values::Of(&["-"]), AS_A_TABLE),
    ignored("per_class", "output", Values::Of(&["-"]), AS_A_TABLE),
    ignored("disagreements", "output", Values::Of(&["-"]), AS_A_TABLE),
    ignored("resamples", "output", Values::Of(&["-"]), AS_A_TABLE),
];
