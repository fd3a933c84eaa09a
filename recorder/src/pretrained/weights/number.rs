//! The kinds of numbers that weights are stored as; all of them become 32-bit floats.

use half::{bf16, f16};

/// A kind of number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Number {
    Float16,
    Brain16,
    Float32,
    Float64,
}

impl Number {
    pub(crate) const fn bytes(self) -> usize {
        match self {
            Number::Float16 | Number::Brain16 => 2,
            Number::Float32 => 4,
            Number::Float64 => 8,
        }
    }

    /// The numbers in little-endian bytes.
    pub(crate) fn floats(self, bytes: &[u8]) -> Vec<f32> {
        match self {
            Number::Float16 => each(bytes, |bytes| f16::from_le_bytes(bytes).to_f32()),
            Number::Brain16 => each(bytes, |bytes| bf16::from_le_bytes(bytes).to_f32()),
            Number::Float32 => each(bytes, f32::from_le_bytes),
            Number::Float64 => each(bytes, |bytes| f64::from_le_bytes(bytes) as f32),
        }
    }
}

fn each<const BYTES: usize>(bytes: &[u8], float: impl Fn([u8; BYTES]) -> f32) -> Vec<f32> {
    let (numbers, _) = bytes.as_chunks::<BYTES>();
    numbers.iter().map(|&number| float(number)).collect()
}
