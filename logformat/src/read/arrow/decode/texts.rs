//! Texts of any layout: names of runs, of files, and of samples where these are no integers.

use std::sync::Arc;

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_schema::DataType;

use crate::read::arrow::decode::integers::integers;
use crate::read::arrow::decode::{Decoded, is_text, value_error, wrong_type};
use crate::read::repeated::RepeatedTexts;
use crate::schema::sample_id::SampleIds;

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

/// Texts that repeat.
pub(crate) fn repeated_texts(array: &dyn Array) -> Decoded<RepeatedTexts> {
    if let Some(dictionary) = array.as_any_dictionary_opt()
        && array.null_count() == 0
        && dictionary.values().null_count() == 0
    {
        let values = texts(dictionary.values())?;
        let keys = dictionary.normalized_keys().into_iter();
        return Ok(keys.map(|key| values[key].as_str()).collect());
    }
    Ok(texts(array)?.iter().map(String::as_str).collect())
}

/// Texts of any layout, those of a dictionary held once; null where the column is.
pub(crate) fn shared_texts(array: &dyn Array) -> Decoded<Vec<Option<Arc<str>>>> {
    let shared = |texts: Vec<Option<String>>| texts.into_iter().map(|text| text.map(Arc::from));
    let Some(dictionary) = array.as_any_dictionary_opt() else {
        return Ok(shared(nullable_texts(array)?).collect());
    };
    let values: Vec<Option<Arc<str>>> = shared(nullable_texts(dictionary.values())?).collect();
    let keys = dictionary.normalized_keys().into_iter().enumerate();
    let text = |(row, key): (usize, usize)| match array.is_null(row) {
        true => None,
        false => values.get(key).cloned().flatten(),
    };
    Ok(keys.map(text).collect())
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
