//! `logs/<run>/heldout-<model>.parquet`: what a model says of samples that it was not trained on, as log
//! probabilities of every class. Evidence beside the log and no part of it: no AUM needs it, and
//! `logs/*.parquet` does not match it. The columns are those of a log. A model that was trained once says it in
//! one file, of pass and epoch 1; one that each pass trains anew, holding out other samples, in a file a pass and
//! epoch, whose model is called `<model>-p<pass>-e<epoch, four digits>`.

use std::path::{Path, PathBuf};

use crate::error::LogError;

/// The lowest log probability that is logged: of a class that a model has seen no sample of, and of any that it all
/// but excludes (e⁻³⁰ is 10⁻¹³). A logarithm of zero could not be logged.
pub const LOWEST_LOG_PROBABILITY: f64 = -30.0;

const PREFIX: &str = "heldout-";
const SUFFIX: &str = ".parquet";

/// Where the held-out logits of `model` lie, for logs of `run` in `folder`.
///
/// ```
/// # use std::path::Path;
/// let path = logformat::held_out_path(Path::new("logs"), "pets", "discriminant");
/// assert_eq!(path, Path::new("logs/pets/heldout-discriminant.parquet"));
/// ```
pub fn held_out_path(folder: &Path, run: &str, model: &str) -> PathBuf {
    folder.join(run).join(format!("{PREFIX}{model}{SUFFIX}"))
}

/// The model whose held-out logits a file of this name has; `None` for another file.
///
/// ```
/// use logformat::held_out_model;
/// assert_eq!(held_out_model("heldout-discriminant.parquet"), Some("discriminant"));
/// assert_eq!(held_out_model("samples.parquet"), None);
/// ```
pub fn held_out_model(file_name: &str) -> Option<&str> {
    let model = file_name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?;
    check_model_name(model).ok().map(|()| model)
}

/// What the held-out logits of `model` after an epoch of a pass go by.
///
/// ```
/// assert_eq!(logformat::held_out_epoch("network", 2, 7), "network-p2-e0007");
/// ```
pub fn held_out_epoch(model: &str, pass: u32, epoch: u32) -> String {
    format!("{model}-p{pass}-e{epoch:04}")
}

/// The model, the pass and the epoch where `model` goes by such a name.
///
/// ```
/// use logformat::parse_held_out_epoch;
/// assert_eq!(parse_held_out_epoch("network-p2-e0007"), Some(("network", 2, 7)));
/// assert_eq!(parse_held_out_epoch("network-p2"), None);
/// ```
pub fn parse_held_out_epoch(model: &str) -> Option<(&str, u32, u32)> {
    let (rest, epoch) = model.rsplit_once("-e")?;
    let (name, pass) = rest.rsplit_once("-p")?;
    let (pass, epoch) = (pass.parse().ok()?, epoch.parse().ok()?);
    (held_out_epoch(name, pass, epoch) == model).then_some((name, pass, epoch))
}

pub(crate) fn is_held_out_file(name: &str) -> bool {
    held_out_model(name).is_some()
}

/// Refuses a name that should not be in a file's.
pub(crate) fn check_model_name(model: &str) -> Result<(), LogError> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    match !model.is_empty() && model.len() <= 100 && model.chars().all(fits) {
        true => Ok(()),
        false => Err(LogError::ModelName(model.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_writers_own_names_are_those_of_held_out_logits() {
        assert!(is_held_out_file("heldout-discriminant.parquet"));
        for other in [
            "samples.parquet",
            "heldout-.parquet",
            "heldout-a.csv",
            "heldout-A b.parquet",
        ] {
            assert!(!is_held_out_file(other), "{other}");
        }
    }
}
