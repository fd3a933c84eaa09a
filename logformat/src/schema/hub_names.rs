//! Names of classes that a Parquet file tells beside its labels, as the `datasets` library of Hugging Face writes
//! them: the labels of the column are indices among them, in an order of the file's own.

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

/// The name that an index among `names` stands for; none where they give one name twice, so that it is the index that
/// tells them apart.
pub fn named_by_hub(index: i128, names: &[String]) -> Option<&str> {
    let name = names.get(usize::try_from(index).ok()?)?;
    let is_twice = names.iter().filter(|other| *other == name).count() > 1;
    (!is_twice).then_some(name)
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
        assert_eq!(named_by_hub(1, &names), Some("cat"));
        for index in [-1, 0, 2, 3] {
            assert_eq!(named_by_hub(index, &names), None, "{index}");
        }
    }
}
