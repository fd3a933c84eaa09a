//! `recorder data`: what is in a data set, for a person who suspects its labels, without any training.
//! Counts per class, sizes, ranges, equal samples under different labels, and a sheet of examples.

pub(crate) mod duplicates;
pub(crate) mod findings;
pub(crate) mod sheet;
pub(crate) mod subject;
#[cfg(test)]
mod tests;
pub(crate) mod text;
pub(crate) mod values;

pub use crate::overview::duplicates::{Duplicates, PairCount, Place};
pub use crate::overview::findings::{ClassCount, Overview};
pub use crate::overview::sheet::{Sheet, SheetError, SheetSettings};
pub use crate::overview::subject::Subject;
pub use crate::overview::values::{Sizes, Values};
