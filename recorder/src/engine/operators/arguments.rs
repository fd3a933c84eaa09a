//! What operators are told beside the tensors that they work on, and what a normalisation tells in return.

use candle_core::Tensor;

/// What an operator does with its result before it hands it on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activation {
    /// Nothing.
    Identity,
    /// max(0, ·)
    Relu,
    /// min(6, max(0, ·))
    Relu6,
}

/// What a batch is normalised with.
#[derive(Debug, Clone, Copy)]
pub struct BatchNormParameters<'a> {
    /// γ, one a channel.
    pub weight: &'a Tensor,
    /// β, one a channel.
    pub bias: &'a Tensor,
    /// Added to the variance.
    pub epsilon: f64,
    /// Running mean and variance, in evaluation; without them, the batch's own are used, as in
    /// training.
    pub running: Option<(&'a Tensor, &'a Tensor)>,
}

/// Mean and biased variance of a batch, one a channel, and how many values each is made of.
#[derive(Debug, Clone)]
pub struct BatchStatistics {
    /// The means.
    pub mean: Tensor,
    /// The variances, of the batch as a whole population.
    pub variance: Tensor,
    /// Values of a channel.
    pub count: usize,
}

/// An operator's output and, in training, what the running statistics are to learn.
pub type Normalized = (Tensor, Option<BatchStatistics>);
