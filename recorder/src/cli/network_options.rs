//! The options that choose a network, and what only some networks have.

use std::num::NonZeroUsize;

use clap::Args;
use program::FromTyped;

use crate::cli::values::positive;
use crate::models::mlp::MLP;
use crate::models::settings::{NetworkKind, NetworkSettings};

#[derive(Debug, Args)]
pub(crate) struct Typed {
    /// The network [default: cnn; for features mlp]
    #[arg(long, value_enum, value_name = "NETWORK", help_heading = "Training")]
    model: Option<&'static NetworkKind>,

    /// Widths of the hidden layers of the mlp, such as 512,256; implies --model mlp [default: 128]
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

/// A network as far as it was chosen.
#[derive(Debug, Clone)]
pub(crate) struct NetworkOptions {
    kind: Option<&'static NetworkKind>,
    hidden_units: Option<Vec<usize>>,
    initial_stride: Option<usize>,
}

impl NetworkOptions {
    /// The settings, with a network for where none was chosen.
    pub(crate) fn settings(&self, default: &'static NetworkKind) -> NetworkSettings {
        NetworkSettings {
            kind: self.kind.unwrap_or(default),
            hidden_units: self.hidden_units.clone(),
            initial_stride: self.initial_stride,
        }
    }
}

impl FromTyped for NetworkOptions {
    type Typed = Typed;

    fn from_typed(typed: Typed) -> Result<Self, &'static str> {
        let widths = typed.hidden_units.iter().map(|units| units.get());
        let hidden_units = (!typed.hidden_units.is_empty()).then(|| widths.collect());
        let kind = match &hidden_units {
            Some(_) => typed.model.or(Some(&MLP)),
            None => typed.model,
        };
        if hidden_units.is_some() && kind != Some(&MLP) {
            return Err(
                "--hidden-units are those of the mlp; leave them out, or choose --model mlp",
            );
        }
        Ok(Self {
            kind,
            hidden_units,
            initial_stride: typed.initial_stride.map(NonZeroUsize::get),
        })
    }
}
