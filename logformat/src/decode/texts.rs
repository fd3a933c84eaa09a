//! Texts of any layout: names of runs, and of samples where these are no integers.

use std::sync::Arc;

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_schema::DataType;

use super::{Decoded, integers, is_text, value_error, wrong_type};
use crate::SampleIds;

pub(crate) fn sample_ids(array: &dyn Array) -> Decoded<SampleIds> {
    if is_text(array.data_type()) {
        return Ok(SampleIds::Texts(texts(array)?));
    }
    Ok(SampleIds::Integers(integers(array)?))
}

fn texts(array: &dyn Array) -> Decoded<Vec<String>> {
    nullable_texts(array)?
        .into_iter()
        .enumerate()
        .map(|(row, text)| match text {
            Some(text) => Ok(text),
            None => value_error(row, "is null; every row needs a value"),
        })
        .collect()
}

/// Texts that repeat: equal neighbours share one allocation.
pub(crate) fn repeated_texts(array: &dyn Array) -> Decoded<Vec<Arc<str>>> {
    if let Some(dictionary) = array.as_any_dictionary_opt()
        && array.null_count() == 0
        && dictionary.values().null_count() == 0
    {
        let values: Vec<Arc<str>> = texts(dictionary.values())?
            .into_iter()
            .map(Arc::from)
            .collect();
        let keys = dictionary.normalized_keys();
        return Ok(keys
            .into_iter()
            .map(|key| Arc::clone(&values[key]))
            .collect());
    }
    let mut shared: Vec<Arc<str>> = Vec::with_capacity(array.len());
    for text in texts(array)? {
        let same = shared.last().filter(|last| ***last == *text).cloned();
        shared.push(same.unwrap_or_else(|| Arc::from(text)));
    }
    Ok(shared)
}

/// Texts of any layout; null where the column is.
pub(crate) fn nullable_texts(array: &dyn Array) -> Decoded<Vec<Option<String>>> {
    Ok(match array.data_type() {
        DataType::Dictionary(_, _) => {
            let dictionary = array.as_any_dictionary();
            let values = nullable_texts(dictionary.values())?;
            let keys = dictionary.normalized_keys();
            let text = |row: usize| values.get(keys[row]).cloned().flatten();
            (0..array.len())
                .map(|row| if array.is_null(row) { None } else { text(row) })
                .collect()
        }
        DataType::Null => vec![None; array.len()],
        DataType::Utf8 => owned(array.as_string::<i32>().iter()),
        DataType::LargeUtf8 => owned(array.as_string::<i64>().iter()),
        DataType::Utf8View => owned(array.as_string_view().iter()),
        _ => return wrong_type(array),
    })
}

fn owned<'a>(texts: impl Iterator<Item = Option<&'a str>>) -> Vec<Option<String>> {
    texts.map(|text| text.map(str::to_owned)).collect()
}
