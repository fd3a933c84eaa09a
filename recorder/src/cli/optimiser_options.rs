//! The options that choose an optimiser and its knobs.

use clap::{Args, ValueEnum};

use super::checked::FromTyped;
use super::{learning_rate, momentum, weight_decay};
use crate::engine::{AdamWSettings, OptimiserSettings, SgdSettings};

#[derive(Debug, Args)]
pub(super) struct Typed {
    /// How weights change
    #[arg(long, value_enum, default_value = "sgd", help_heading = "Training")]
    optimiser: OptimiserName,

    /// Learning rate [default: 0.05; for adamw 0.001]
    #[arg(long, value_name = "RATE", value_parser = learning_rate, help_heading = "Training")]
    lr: Option<f64>,

    /// Nesterov momentum, 0 to 1 [default: 0.9; adamw has its own]
    #[arg(long, value_name = "SHARE", value_parser = momentum, help_heading = "Training")]
    momentum: Option<f64>,

    /// Weight decay, 0 or more [default: 0.0001; for adamw 0.01]
    #[arg(long, value_name = "RATE", value_parser = weight_decay, help_heading = "Training")]
    weight_decay: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, ValueEnum)]
enum OptimiserName {
    /// Stochastic gradient descent with Nesterov momentum, as in the paper
    Sgd,
    /// Adam with decoupled weight decay, for features
    #[value(name = "adamw")]
    AdamW,
}

impl FromTyped for OptimiserSettings {
    type Typed = Typed;

    fn from_typed(typed: Typed) -> Result<Self, &'static str> {
        match typed.optimiser {
            OptimiserName::Sgd => {
                let default = SgdSettings::default();
                Ok(OptimiserSettings::NesterovSgd(SgdSettings {
                    learning_rate: typed.lr.unwrap_or(default.learning_rate),
                    momentum: typed.momentum.unwrap_or(default.momentum),
                    weight_decay: typed.weight_decay.unwrap_or(default.weight_decay),
                }))
            }
            OptimiserName::AdamW if typed.momentum.is_some() => {
                Err("--momentum is that of sgd; leave it out, or choose --optimiser sgd")
            }
            OptimiserName::AdamW => {
                let default = AdamWSettings::default();
                Ok(OptimiserSettings::AdamW(AdamWSettings {
                    learning_rate: typed.lr.unwrap_or(default.learning_rate),
                    weight_decay: typed.weight_decay.unwrap_or(default.weight_decay),
                }))
            }
        }
    }
}
