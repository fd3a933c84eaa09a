//! Values of options, parsed: outside of their ranges they are refused with the reason.

use std::num::NonZeroUsize;

use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::dataset::settings::TestShare;
use crate::engine::operators::losses::{LOSSES, Loss};
use crate::labels::noise::rate::NoiseRate;

fn number(text: &str) -> Result<f64, String> {
    text.parse().map_err(|_| "it is no number".to_owned())
}

pub(crate) fn noise_rate(text: &str) -> Result<NoiseRate, String> {
    NoiseRate::new(number(text)?).map_err(|error| error.to_string())
}

pub(crate) fn positive(text: &str) -> Result<NonZeroUsize, String> {
    text.parse()
        .map_err(|_| "it must be a whole number, 1 or more".to_owned())
}

pub(crate) fn fold_count(text: &str) -> Result<NonZeroUsize, String> {
    let folds = text.parse().ok();
    folds
        .filter(|folds: &NonZeroUsize| folds.get() > 1)
        .ok_or_else(|| "it must be a whole number, 2 or more".to_owned())
}

pub(crate) fn loss() -> impl TypedValueParser<Value = Loss> {
    PossibleValuesParser::new(LOSSES.map(|(name, _)| name))
        .map(|name| Loss::by_name(&name).unwrap_or_default())
}

pub(crate) fn learning_rate(text: &str) -> Result<f64, String> {
    match number(text)? {
        rate if rate > 0.0 && rate.is_finite() => Ok(rate),
        _ => Err("a learning rate is above 0".to_owned()),
    }
}

pub(crate) fn share_of_training(text: &str) -> Result<f64, String> {
    match number(text)? {
        share if share > 0.0 && share < 1.0 => Ok(share),
        _ => Err("a drop comes after a share of the training between 0 and 1".to_owned()),
    }
}

pub(crate) fn kept_share(text: &str) -> Result<f64, String> {
    match number(text)? {
        share if share > 0.0 && share <= 1.0 => Ok(share),
        _ => Err("a share of the samples to keep lies above 0 and is 1 at most".to_owned()),
    }
}

pub(crate) fn test_share(text: &str) -> Result<TestShare, String> {
    let share = TestShare::new(number(text)?);
    share.ok_or_else(|| "a share lies between 0 and 1, both left out".to_owned())
}

pub(crate) fn momentum(text: &str) -> Result<f64, String> {
    match number(text)? {
        momentum if (0.0..1.0).contains(&momentum) => Ok(momentum),
        _ => Err("momentum lies between 0 and 1, 1 left out".to_owned()),
    }
}

pub(crate) fn weight_decay(text: &str) -> Result<f64, String> {
    match number(text)? {
        decay if decay >= 0.0 && decay.is_finite() => Ok(decay),
        _ => Err("weight decay is 0 or more".to_owned()),
    }
}

pub(crate) fn run_name(text: &str) -> Result<String, String> {
    logformat::validate_run_name(text)
        .map(|()| text.to_owned())
        .map_err(|error| error.to_string())
}
