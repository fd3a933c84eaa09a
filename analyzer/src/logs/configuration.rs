//! What a run says of itself in its configuration, wherever it stands there.

use logformat::configuration::{
    DATASET, FOLDS, ID_COLUMN, LOSS, NOISE_RATE, NOISE_TYPE, SYMMETRIC_CROSS_ENTROPY,
};
use serde_json::Value;

/// A setting of the run, wherever its configuration has it.
fn find<'a>(configuration: &'a Value, key: &str) -> Option<&'a Value> {
    let settings = configuration.as_object()?;
    let nested = || settings.values().find_map(|value| find(value, key));
    settings.get(key).or_else(nested)
}

/// The type and the rate (0 to 1) of the noise that was injected, where the run's configuration says it.
pub(crate) fn logged_noise(configuration: &Value) -> Option<(&str, f64)> {
    let kind = find(configuration, NOISE_TYPE)?.as_str()?;
    Some((kind, find(configuration, NOISE_RATE)?.as_f64()?))
}

/// Whether each pass holds out samples of its own, as the run's configuration says.
pub(crate) fn holds_out_folds(configuration: &Value) -> bool {
    find(configuration, FOLDS).is_some_and(|folds| !folds.is_null())
}

/// Whether the network was trained by symmetric cross-entropy, as the run's configuration says.
pub(crate) fn is_by_symmetric_cross_entropy(configuration: &Value) -> bool {
    find(configuration, LOSS).is_some_and(|loss| loss == SYMMETRIC_CROSS_ENTROPY)
}

/// The column of its owner's ids that the run's configuration names.
pub(crate) fn own_id_column(configuration: &Value) -> Option<&str> {
    find(configuration, ID_COLUMN)?.as_str()
}

/// The data set that the run's configuration names.
pub(crate) fn logged_dataset(configuration: &Value) -> Option<&str> {
    find(configuration, DATASET)?.as_str()
}
