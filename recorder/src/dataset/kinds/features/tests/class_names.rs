//! Features whose files say which classes their labels are the indices of.

use std::sync::Arc;

use arrow_array::{ArrayRef, Float32Array, Int64Array};
use tests::parquet_file::write_hub_parquet;

use super::Set;

impl Set {
    fn hub(self, file: &str, names: &[&str], labels: &[i64]) -> Self {
        let x: Vec<f32> = (0..labels.len()).map(|row| row as f32 / 2.0).collect();
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("x", Arc::new(Float32Array::from(x))),
            ("label", Arc::new(Int64Array::from(labels.to_vec()))),
        ];
        write_hub_parquet(&self.path(file), columns, "label", names);
        self
    }
}

#[test]
fn each_file_is_read_by_its_own_names_of_classes() {
    let set = Set::new()
        .hub("train-0.parquet", &["cat", "dog", "owl"], &[0, 1, 2])
        .hub("train-1.parquet", &["owl", "cat", "dog"], &[0, 1, 2])
        .hub("test-0.parquet", &["dog", "emu", "cat"], &[0, 2]);
    let data = set.load();
    assert_eq!(data.class_names, ["cat", "dog", "owl", "emu"]);
    assert_eq!(data.train.labels, [0, 1, 2, 2, 0, 1]);
    assert_eq!(data.test.labels, [1, 0]);
    set.hub("train-1.parquet", &["owl", "cat"], &[0, 5])
        .refuse_all(&["train-1.parquet", "sample 1 has label 5"]);
}
