//! The options that choose a network, and what only some networks have.

use std::num::NonZeroUsize;

use clap::Args;

use super::checked::FromTyped;
use super::positive;
use crate::models::{NetworkName, NetworkSettings};

#[derive(Debug, Args)]
pub(super) struct Typed {
    /// The network
    #[arg(
        long,
        value_enum,
        value_name = "NETWORK",
        default_value = "cnn",
        help_heading = "Training"
    )]
    model: NetworkName,

    /// Widths of the hidden layers of the mlp, such as 512,256 [default: 128]
    #[arg(
        long,
        value_name = "UNITS",
        value_delimiter = ',',
        value_parser = positive,
        help_heading = "Training"
    )]
    hidden_units: Vec<NonZeroUsize>,

    /// Pixels by which the first convolution of a residual network for small images moves; 2 for
    /// images of 64×64 [default: 1]
    #[arg(long, value_name = "PIXELS", value_parser = positive, help_heading = "Training")]
    initial_stride: Option<NonZeroUsize>,
}

impl FromTyped for NetworkSettings {
    type Typed = Typed;

    fn from_typed(typed: Typed) -> Result<Self, &'static str> {
        let widths = typed.hidden_units.iter().map(|units| units.get());
        let hidden_units = (!typed.hidden_units.is_empty()).then(|| widths.collect());
        if hidden_units.is_some() && typed.model != NetworkName::Mlp {
            return Err(
                "--hidden-units are those of the mlp; leave them out, or choose --model mlp",
            );
        }
        Ok(NetworkSettings {
            name: typed.model,
            hidden_units,
            initial_stride: typed.initial_stride.map(NonZeroUsize::get),
        })
    }
}
