//! The rules of the paper, and, in [`held_out`] alone, what goes beyond it: from margins to AUMs, thresholds and verdicts, and how good
//! verdicts are where the truth is known. They work on slices and plain structs; they open no file and know
//! no log.
//!
//! Source: Pleiss et al., *Identifying Mislabeled Data using the Area Under the Margin Ranking*, NeurIPS 2020,
//! and the authors' `aum` 1.0.2 where [`protocol`] says so.

pub(crate) mod aum;
pub(crate) mod class_thresholds;
pub(crate) mod epoch_numbers;
pub(crate) mod evaluation;
pub(crate) mod held_out;
pub(crate) mod mixture;
pub(crate) mod percentile;
pub(crate) mod posterior;
pub(crate) mod protocol;
pub(crate) mod ranking;
pub(crate) mod threshold;
pub(crate) mod threshold_rule;
pub(crate) mod verdict;
pub(crate) mod window;
