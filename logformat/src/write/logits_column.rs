//! How a log keeps its logits: as 32-bit floats, as 16-bit ones in half the space, or not at all. Margins and
//! rival labels are of 32 bits and of the logits before rounding, whatever is kept.

use std::sync::Arc;

use arrow_array::{ArrayRef, FixedSizeListArray, Float16Array, Float32Array};
use arrow_schema::{ArrowError, Field};
use half::f16;

use crate::error::LogError;
use crate::write::epoch_rows::EpochColumns;

/// Which logits a log keeps beside margins and rival labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogitsColumn {
    /// All, as 32-bit floats.
    #[default]
    Float32,
    /// All, as 16-bit floats of IEEE 754: half the size, and a margin of such logits is off by a thousandth of
    /// the largest at most. Spark does not read them.
    Float16,
    /// None: a thousandth of the size at a thousand classes, and all that AUM needs.
    Absent,
}

impl LogitsColumn {
    /// What a logit takes.
    pub fn bytes(self) -> usize {
        match self {
            Self::Float32 => 4,
            Self::Float16 => 2,
            Self::Absent => 0,
        }
    }

    /// The column of `logits` (row-major, `width` a row); `None` where none is kept.
    pub(crate) fn lists(
        self,
        logits: Vec<f32>,
        width: usize,
    ) -> Result<Option<ArrayRef>, ArrowError> {
        let values: ArrayRef = match self {
            Self::Float32 => Arc::new(Float32Array::from(logits)),
            Self::Float16 => {
                let halves = logits.into_iter().map(f16::from_f32);
                Arc::new(Float16Array::from_iter_values(halves))
            }
            Self::Absent => return Ok(None),
        };
        let item = Arc::new(Field::new("element", values.data_type().clone(), false));
        let length = i32::try_from(width)
            .map_err(|_| ArrowError::InvalidArgumentError(format!("{width} logits")))?;
        let lists = FixedSizeListArray::try_new(item, length, values, None)?;
        Ok(Some(Arc::new(lists)))
    }
}

/// Refuses logits that 16 bits cannot hold: they would become infinite.
pub(crate) fn check_range(columns: &EpochColumns) -> Result<(), LogError> {
    let logits = columns.logits.as_deref().unwrap_or_default();
    let beyond = logits
        .iter()
        .position(|&logit| f16::from_f32(logit).is_infinite());
    let Some(place) = beyond else {
        return Ok(());
    };
    let width = columns.samples.logit_count();
    let reason = format!(
        "the logit of class {} is {}, but 16-bit floats end at {}; keep logits as 32-bit floats, or none",
        place % width,
        logits[place],
        f16::MAX
    );
    Err(columns.samples.refuse(place / width, reason))
}
