//! Noise that fits the classes of a data set, and how it is drawn.
//!
//! Each sample takes the same two numbers from the stream whatever the model and the outcome. So the
//! samples that are wrong at rate 0.2 are wrong at 0.4 too, with the same labels, `flip` makes the
//! same samples wrong as `uniform` does, and rates and models can be compared sample by sample.

use rand::RngExt;

use crate::labels::noise::matrix::NoiseMatrix;
use crate::labels::noise::rate::NoiseRate;
use crate::seeds::Stream;

/// Noise for a data set with at least two classes.
#[derive(Debug, Clone, PartialEq)]
pub struct NoiseModel {
    class_count: u32,
    rule: Rule,
}

#[derive(Debug, Clone, PartialEq)]
enum Rule {
    Uniform(NoiseRate),
    /// With this probability the class of the index becomes the class of the entry.
    Mapped(NoiseRate, Vec<u32>),
    Matrix(NoiseMatrix),
}

impl NoiseModel {
    /// With probability `rate` one of the other classes, each equally likely (Pleiss et al. 2020,
    /// section 4.1; there the label may also fall on the true class, here it never does, so that
    /// the rate is the expected share of wrong labels).
    pub(crate) fn uniform(rate: NoiseRate, class_count: u32) -> Self {
        let rule = Rule::Uniform(rate);
        Self { class_count, rule }
    }

    /// With probability `rate` the next class, and the first after the last (the asymmetric noise
    /// of the same section).
    pub(crate) fn flip(rate: NoiseRate, class_count: u32) -> Self {
        let next = (0..class_count).map(|class| (class + 1) % class_count);
        Self::mapped(rate, next.collect())
    }

    /// With probability `rate` the class that `targets` has for the class.
    pub(crate) fn mapped(rate: NoiseRate, targets: Vec<u32>) -> Self {
        Self {
            class_count: u32::try_from(targets.len()).unwrap_or(u32::MAX),
            rule: Rule::Mapped(rate, targets),
        }
    }

    /// Row k of `matrix` for a sample of class k.
    pub(crate) fn matrix(matrix: NoiseMatrix, class_count: u32) -> Self {
        let rule = Rule::Matrix(matrix);
        Self { class_count, rule }
    }

    /// The labels after noise; `labels` are below the class count.
    pub fn draw(&self, labels: &[u32], draws: &mut Stream) -> Vec<u32> {
        labels
            .iter()
            .map(|&label| {
                let share: f64 = draws.random();
                let offset = draws.random_range(1..self.class_count);
                self.given(label, share, offset)
            })
            .collect()
    }

    fn given(&self, label: u32, share: f64, offset: u32) -> u32 {
        match &self.rule {
            Rule::Uniform(rate) if share < rate.get() => (label + offset) % self.class_count,
            Rule::Mapped(rate, targets) if share < rate.get() => targets[label as usize],
            Rule::Uniform(_) | Rule::Mapped(..) => label,
            Rule::Matrix(matrix) => matrix.given(label, share),
        }
    }
}
