//! A verdict that does not rest on the AUM alone.

/// Suspicion of each sample (0 to 1, higher for more suspicious) and whether it is flagged.
#[derive(Debug, Clone, PartialEq)]
pub struct HeldOutVerdict {
    /// `None` for a sample without an AUM.
    pub suspicions: Vec<Option<f64>>,
    /// `None` for a sample without an AUM.
    pub flagged: Vec<Option<bool>>,
}
