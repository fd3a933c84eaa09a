//! One figure a file: what is asked for, and how it is drawn.

pub(crate) mod comparison;
pub(crate) mod confusions;
pub(crate) mod contact_sheet;
pub(crate) mod histogram;
pub(crate) mod margins;
pub(crate) mod noise_sweep;
pub(crate) mod precision_recall;
pub(crate) mod sample_curves;
pub(crate) mod thresholds;
