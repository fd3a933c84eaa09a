//! Losses that networks are trained by: cross-entropy, and those that were made for wrong labels, with the
//! constants of their papers. p is the softmax of the logits, y the label.
//!
//! - Generalised cross-entropy, (1 − p_y^q) / q: Zhang and Sabuncu, NeurIPS 2018, equation 6 and section 4 for q.
//! - Symmetric cross-entropy, α·CE + β·RCE with RCE = −Σ p_k log \[k = y\] and log 0 = A: Wang et al., ICCV 2019,
//!   equation 6, and section 4 for the constants, which are those for CIFAR-10.
//! - Bootstrapping, the cross-entropy of β·label + (1 − β)·prediction: Reed et al., ICLR 2015 workshop, section 3,
//!   with p as the prediction (soft) or the class of the largest logit (hard), which gradients do not go through.

use candle_core::{D, Result, Tensor};
use candle_nn::ops::log_softmax;

use crate::engine::operators::cross_entropy::{cross_entropy, of_rows, softmax};
use crate::engine::operators::values::has_kernels;

/// Keeps logarithms finite.
const LEAST_SHARE: f32 = f32::MIN_POSITIVE;

/// A loss, with its name on the command line and in records.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Loss {
    /// −log p_y.
    #[default]
    CrossEntropy,
    /// Generalised cross-entropy, with q above 0 and at most 1.
    Generalised(f32),
    /// Symmetric cross-entropy.
    Symmetric {
        /// The share of the cross-entropy.
        alpha: f32,
        /// That of the reverse cross-entropy.
        beta: f32,
        /// What stands for the logarithm of 0, below 0.
        log_of_zero: f32,
    },
    /// Bootstrapping by the softmax, with β from 0 to 1.
    BootstrapSoft(f32),
    /// The same by the class of the largest logit.
    BootstrapHard(f32),
}

/// All of them by name, with the constants of their papers.
pub static LOSSES: [(&str, Loss); 5] = [
    ("cross-entropy", Loss::CrossEntropy),
    ("gce", Loss::Generalised(0.7)),
    (
        "sce",
        Loss::Symmetric {
            alpha: 0.1,
            beta: 1.0,
            log_of_zero: -4.0,
        },
    ),
    ("bootstrap-soft", Loss::BootstrapSoft(0.95)),
    ("bootstrap-hard", Loss::BootstrapHard(0.8)),
];

impl Loss {
    /// The one of this name.
    pub fn by_name(name: &str) -> Option<Self> {
        let mut losses = LOSSES.iter();
        losses.find(|(of, _)| *of == name).map(|(_, loss)| *loss)
    }

    /// The same for so many classes. Of symmetric cross-entropy the share of cross-entropy grows with them, from that of
    /// CIFAR-10 to ten times as much from 100 classes on, without which hardly anything is learnt of as many: the paper
    /// has other constants for CIFAR-100, too.
    #[must_use]
    pub fn of_classes(self, classes: usize) -> Self {
        match self {
            Loss::Symmetric {
                alpha,
                beta,
                log_of_zero,
            } => Loss::Symmetric {
                alpha: alpha * (classes as f32 / 10.0).clamp(1.0, 10.0),
                beta,
                log_of_zero,
            },
            other => other,
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Loss::CrossEntropy => LOSSES[0].0,
            Loss::Generalised(_) => LOSSES[1].0,
            Loss::Symmetric { .. } => LOSSES[2].0,
            Loss::BootstrapSoft(_) => LOSSES[3].0,
            Loss::BootstrapHard(_) => LOSSES[4].0,
        }
    }

    /// The mean loss of samples × classes logits and one label (u32) a sample.
    ///
    /// # Errors
    /// Where a label is no class, or the counts differ.
    pub fn of(self, logits: &Tensor, labels: &Tensor) -> Result<Tensor> {
        match self {
            Loss::CrossEntropy => cross_entropy(logits, labels),
            _ if has_kernels(logits)? => {
                of_rows(logits, labels, |row, label| self.turn(row, label))
            }
            _ => self.composed(logits, labels),
        }
    }

    /// Makes a row of logits the derivative of the loss by them; returns the loss.
    fn turn(self, row: &mut [f32], label: usize) -> f64 {
        let largest = argmax(row);
        let cross_entropy = softmax(row, label);
        let share = row[label];
        // The derivative of −log p_k by the logits is p − [k]; those of the losses are made of it.
        match self {
            Loss::CrossEntropy => {
                row[label] -= 1.0;
                cross_entropy
            }
            Loss::Generalised(q) => {
                let power = (-f64::from(q) * cross_entropy).exp();
                row[label] -= 1.0;
                scale(row, power as f32);
                (1.0 - power) / f64::from(q)
            }
            Loss::Symmetric {
                alpha,
                beta,
                log_of_zero,
            } => {
                let rest: f32 = 1.0 - share;
                row[label] -= 1.0;
                scale(row, alpha - beta * log_of_zero * share);
                f64::from(alpha) * cross_entropy - f64::from(beta * log_of_zero * rest)
            }
            Loss::BootstrapSoft(beta) => {
                let entropy: f32 = row.iter().map(|&p| -p * p.max(LEAST_SHARE).ln()).sum();
                for (class, p) in row.iter_mut().enumerate() {
                    let of_entropy = -*p * (p.max(LEAST_SHARE).ln() + entropy);
                    let of_label = *p - f32::from(u8::from(class == label));
                    *p = beta * of_label + (1.0 - beta) * of_entropy;
                }
                f64::from(beta) * cross_entropy + f64::from((1.0 - beta) * entropy)
            }
            Loss::BootstrapHard(beta) => {
                let of_largest = -f64::from(row[largest].max(LEAST_SHARE)).ln();
                row[label] -= beta;
                row[largest] -= 1.0 - beta;
                f64::from(beta) * cross_entropy + f64::from(1.0 - beta) * of_largest
            }
        }
    }

    /// The same of candle's operations, for other devices.
    pub(crate) fn composed(self, logits: &Tensor, labels: &Tensor) -> Result<Tensor> {
        let logs = log_softmax(logits, D::Minus1)?;
        let at = |classes: &Tensor| logs.gather(&classes.unsqueeze(1)?, 1)?.squeeze(1);
        let of_label = at(labels)?;
        let each = match self {
            Loss::CrossEntropy => of_label.neg()?,
            Loss::Generalised(q) => {
                let q = f64::from(q);
                ((1.0 - (&of_label * q)?.exp()?)? / q)?
            }
            Loss::Symmetric {
                alpha,
                beta,
                log_of_zero,
            } => {
                let reverse = ((1.0 - of_label.exp()?)? * f64::from(-beta * log_of_zero))?;
                (reverse - (of_label * f64::from(alpha))?)?
            }
            Loss::BootstrapSoft(beta) => {
                let expected = (logs.exp()? * &logs)?.sum(D::Minus1)?;
                let labels = (of_label * f64::from(-beta))?;
                (labels - (expected * f64::from(1.0 - beta))?)?
            }
            Loss::BootstrapHard(beta) => {
                let of_largest = at(&logits.argmax(D::Minus1)?.detach())?;
                let labels = (of_label * f64::from(-beta))?;
                (labels - (of_largest * f64::from(1.0 - beta))?)?
            }
        };
        each.mean_all()
    }
}

fn scale(row: &mut [f32], by: f32) {
    row.iter_mut().for_each(|value| *value *= by);
}

/// The class of the largest, the first of equal ones.
fn argmax(row: &[f32]) -> usize {
    let mut best = 0;
    for (class, value) in row.iter().enumerate() {
        if *value > row[best] {
            best = class;
        }
    }
    best
}
