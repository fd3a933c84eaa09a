//! The options that choose an optimiser and its knobs.

use clap::{Args, ValueEnum};
use program::FromTyped;

use crate::cli::values::{learning_rate, momentum, weight_decay};
use crate::engine::optimiser::adamw::AdamWSettings;
use crate::engine::optimiser::settings::OptimiserSettings;
use crate::engine::optimiser::sgd::SgdSettings;
use crate::models::settings::NetworkKind;

#[derive(Debug, Args)]
pub(crate) struct Typed {
    /// How weights change
    #[arg(long, value_enum, default_value = "sgd", help_heading = "Training")]
    optimiser: OptimiserName,

    /// Learning rate [default: 0.05; for lenet and mlp, which have no batch normalisation, 0.01; for adamw
    /// 0.001]
    #[arg(long, value_name = "RATE", value_parser = learning_rate, help_heading = "Training")]
    lr: Option<f64>,

    /// Nesterov momentum, 0 to 1 [default: 0.9; adamw has its own]
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

/// An optimiser as far as it was chosen.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OptimiserOptions {
    name: OptimiserName,
    learning_rate: Option<f64>,
    momentum: Option<f64>,
    weight_decay: Option<f64>,
}

impl OptimiserOptions {
    /// The settings, with what suits `network` and the data where nothing was chosen.
    pub(crate) fn settings(self, network: &NetworkKind, sgd_decay: f64) -> OptimiserSettings {
        match self.name {
            OptimiserName::Sgd => {
                let default = SgdSettings::default();
                let learning_rate = self.learning_rate;
                OptimiserSettings::NesterovSgd(SgdSettings {
                    learning_rate: learning_rate.unwrap_or(network.learning_rate),
                    momentum: self.momentum.unwrap_or(default.momentum),
                    weight_decay: self.weight_decay.unwrap_or(sgd_decay),
                })
            }
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
        if typed.optimiser == OptimiserName::AdamW && typed.momentum.is_some() {
            return Err("--momentum is that of sgd; leave it out, or choose --optimiser sgd");
        }
        Ok(Self {
            name: typed.optimiser,
            learning_rate: typed.lr,
            momentum: typed.momentum,
            weight_decay: typed.weight_decay,
        })
    }
}
