//! The options that choose an optimiser and its knobs.

use clap::{Args, ValueEnum};
use program::FromTyped;

use crate::cli::values::{learning_rate, momentum, weight_decay};
use crate::engine::optimiser::adamw::AdamWSettings;
use crate::engine::optimiser::settings::OptimiserSettings;
use crate::engine::optimiser::sgd::SgdSettings;

/// The learning rate of SGD for a network that others have trained.
const TUNING_RATE: f64 = 0.01;

#[derive(Debug, Args)]
pub(crate) struct Typed {
    /// How weights change [default: sgd; adamw where those of --weights are trained on]
    #[arg(long, value_enum, help_heading = "Training")]
    optimiser: Option<OptimiserName>,

    /// Learning rate [default: 0.05; for lenet 0.01, in a final training 0.03; where --weights are trained on 0.01; for
    /// adamw 0.001]
    #[arg(long, value_name = "RATE", value_parser = learning_rate, help_heading = "Training")]
    lr: Option<f64>,

    /// Nesterov momentum of sgd, 0 to 1 [default: 0.9; adamw has its own]
    #[arg(long, value_name = "SHARE", value_parser = momentum, help_heading = "Training")]
    momentum: Option<f64>,

    /// Weight decay, 0 or more [default: 0.0001; for features 0.02; for adamw 0.01]
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

/// What suits a network and its data.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OptimiserDefaults {
    name: OptimiserName,
    sgd: SgdSettings,
}

impl OptimiserDefaults {
    /// For a network that begins with random weights.
    pub(crate) fn from_scratch(sgd: SgdSettings) -> Self {
        Self {
            name: OptimiserName::Sgd,
            sgd,
        }
    }

    /// For one that begins with weights that others have trained. SGD at the rate of a new network lets the new
    /// output layer spoil them; AdamW is ahead of it at every rate that was tried (`benchmarks/README.md`).
    pub(crate) fn tuning() -> Self {
        Self {
            name: OptimiserName::AdamW,
            sgd: SgdSettings {
                learning_rate: TUNING_RATE,
                ..SgdSettings::DEFAULT
            },
        }
    }
}

/// An optimiser as far as it was chosen.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OptimiserOptions {
    name: Option<OptimiserName>,
    learning_rate: Option<f64>,
    momentum: Option<f64>,
    weight_decay: Option<f64>,
}

impl OptimiserOptions {
    /// The settings: what was chosen, else the `defaults`.
    pub(crate) fn settings(self, defaults: OptimiserDefaults) -> OptimiserSettings {
        match self.name.unwrap_or(defaults.name) {
            OptimiserName::Sgd => OptimiserSettings::NesterovSgd(SgdSettings {
                learning_rate: self.learning_rate.unwrap_or(defaults.sgd.learning_rate),
                momentum: self.momentum.unwrap_or(defaults.sgd.momentum),
                weight_decay: self.weight_decay.unwrap_or(defaults.sgd.weight_decay),
            }),
            OptimiserName::AdamW => {
                let default = AdamWSettings::default();
                OptimiserSettings::AdamW(AdamWSettings {
                    learning_rate: self.learning_rate.unwrap_or(default.learning_rate),
                    weight_decay: self.weight_decay.unwrap_or(default.weight_decay),
                })
            }
        }
    }
}

impl FromTyped for OptimiserOptions {
    type Typed = Typed;

    fn from_typed(typed: Typed) -> Result<Self, &'static str> {
        let name = match (typed.optimiser, typed.momentum) {
            (Some(OptimiserName::AdamW), Some(_)) => {
                return Err("--momentum is that of sgd; leave it out, or choose --optimiser sgd");
            }
            (None, Some(_)) => Some(OptimiserName::Sgd),
            (name, _) => name,
        };
        Ok(Self {
            name,
            learning_rate: typed.lr,
            momentum: typed.momentum,
            weight_decay: typed.weight_decay,
        })
    }
}
