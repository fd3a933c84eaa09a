//! Names of classes that a Parquet file tells beside its labels, as the `datasets` library of Hugging Face writes
//! them: the labels of the column are indices among them, in an order of the file's own.

use std::collections::BTreeMap;

use serde_json::Value;

/// The key of a Parquet file's metadata that they stand under.
pub const HUB_KEY: &str = "huggingface";

/// The names of the classes of a column, in the order of its indices; `None` where `told`, what stands under [`HUB_KEY`],
/// has none for it.
pub fn hub_class_names(told: &str, column: &str) -> Option<Vec<String>> {
    let told: Value = serde_json::from_str(told).ok()?;
    let names = told["info"]["features"][column]["names"].as_array()?;
    let text = |name: &Value| name.as_str().map(str::to_owned);
    names.iter().map(text).collect()
}

/// What the labels of a column stand for whose file tells names.
pub struct HubNames(Vec<Option<String>>);

/// What a number of such a column is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HubLabel<'a> {
    /// The class of this name.
    Named(&'a str),
    /// Itself: no name stands for it alone.
    Number,
    /// The mark of a missing label.
    Missing,
}

impl HubNames {
    /// The names of a column as `told` has them; see [`hub_class_names`].
    pub fn of(told: &str, column: &str) -> Option<Self> {
        let names = hub_class_names(told, column)?;
        let mut counts = BTreeMap::<&str, usize>::new();
        names
            .iter()
            .for_each(|name| *counts.entry(name).or_default() += 1);
        // Where they give one name twice, it is the index that tells the two apart.
        let alone = |name: &String| (counts[name.as_str()] == 1).then(|| name.clone());
        Some(Self(names.iter().map(alone).collect()))
    }

    /// What a number stands for.
    pub fn label(&self, number: i128) -> HubLabel<'_> {
        let Ok(index) = usize::try_from(number) else {
            return match number < 0 {
                true => HubLabel::Missing,
                false => HubLabel::Number,
            };
        };
        let name = self.0.get(index).and_then(Option::as_deref);
        name.map_or(HubLabel::Number, HubLabel::Named)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_column_and_stand_for_indices() {
        let told = r#"{"info": {"features": {"label": {"names": ["owl", "cat", "owl"], "_type": "ClassLabel"}}}}"#;
        let names = hub_class_names(told, "label").unwrap();
        assert_eq!(names, ["owl", "cat", "owl"]);
        assert_eq!(hub_class_names(told, "other"), None);
        assert_eq!(hub_class_names("{", "label"), None);
        let labels = HubNames::of(told, "label").unwrap();
        assert_eq!(labels.label(1), HubLabel::Named("cat"));
        assert_eq!(labels.label(-1), HubLabel::Missing);
        for index in [0, 2, 3, i128::MAX] {
            assert_eq!(labels.label(index), HubLabel::Number, "{index}");
        }
    }
}
