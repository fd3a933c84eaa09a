//! What the log says of the training: the settings of the run that are single values.

use serde_json::Value;

use crate::page::labelled::{Labelled, labelled};

/// A longer list, such as a noise matrix, is no setting that anyone reads.
const LONGEST: usize = 200;

/// The settings by name; empty where the log has none.
pub(crate) fn rows(configuration: &Value) -> Vec<Labelled> {
    let settings = configuration.as_object().into_iter().flatten();
    settings
        .filter_map(|(key, value)| {
            let text = match value {
                Value::Null => return None,
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            (text.len() <= LONGEST).then(|| labelled(&key.replace('_', " "), text))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_values_are_told_and_long_tables_are_not() {
        let configuration = serde_json::json!({
            "batch_size": 64, "data": "digits", "hidden_units": null, "matrix": vec![vec![1; 100]; 100],
        });
        let rows = rows(&configuration);
        let told: Vec<(&str, &str)> = rows
            .iter()
            .map(|row| (row.label.as_str(), row.value.as_str()))
            .collect();
        assert_eq!(told, [("batch size", "64"), ("data", "digits")]);
        assert!(super::rows(&Value::Null).is_empty());
    }
}
