//! One figure a file: what is asked for, and how it is drawn. Each of logs is a line of [`PLOTS`].

pub(crate) mod comparison;
pub(crate) mod confusions;
pub(crate) mod contact_sheet;
pub(crate) mod histogram;
pub(crate) mod margins;
pub(crate) mod noise_sweep;
pub(crate) mod precision_recall;
pub(crate) mod sample_curves;
pub(crate) mod test_errors;
pub(crate) mod thresholds;

use crate::plots::plot::Plot;

/// Every kind of plot, in the order in which they are offered and drawn.
pub const PLOTS: &[Plot] = &[
    histogram::PLOT,
    margins::PLOT,
    precision_recall::PLOT,
    thresholds::PLOT,
    confusions::PLOT,
    comparison::PLOT,
    noise_sweep::PLOT,
    contact_sheet::PLOT,
];
