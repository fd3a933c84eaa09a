//! Which columns of a table are features, and how one of them is called.

use std::path::Path;

use crate::dataset::reading_report::first_names;
use crate::error::dataset::DatasetError;

/// So many features are named; the rest is counted.
pub(crate) const MOST_NAMED: usize = 6;

/// The features of the files before, and where each of them lies.
pub(crate) type First<'a> = (&'a Columns, &'a [f64]);

/// The features of a file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Columns {
    /// How many there are.
    pub width: usize,
    pub names: Names,
}

/// How the features are called.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Names {
    /// Each by its column.
    Columns(Vec<String>),
    /// They are the elements of this column of lists.
    List(String),
    /// They are the columns of an array.
    Array,
}

impl Columns {
    /// Where a feature is, for people; elements and columns of arrays count from 0.
    pub(crate) fn place(&self, feature: usize) -> String {
        match &self.names {
            Names::Columns(names) => {
                let name = names.get(feature).map(String::as_str).unwrap_or_default();
                format!("column {name}")
            }
            Names::List(name) => format!("column {name}, element {feature}"),
            Names::Array => format!("column {feature}"),
        }
    }

    /// Without some of them.
    pub(crate) fn without(&self, features: &[usize]) -> Self {
        let names = match &self.names {
            Names::Columns(names) => {
                let kept = names
                    .iter()
                    .enumerate()
                    .filter(|(at, _)| !features.contains(at));
                Names::Columns(kept.map(|(_, name)| name.clone()).collect())
            }
            other => other.clone(),
        };
        Self {
            width: self.width - features.len(),
            names,
        }
    }

    /// How many there are and how the first are called, for people.
    pub(crate) fn in_words(&self) -> String {
        let count = self.width;
        match &self.names {
            Names::Columns(names) => {
                format!(
                    "{count}, {}",
                    first_names(names.iter().map(String::as_str), MOST_NAMED)
                )
            }
            Names::List(name) => format!("{count}, the elements of column {name}"),
            Names::Array => format!("{count}, the columns of an array"),
        }
    }

    /// Whether they are those of another file.
    pub(crate) fn check(&self, path: &Path, expected: &Columns) -> Result<(), DatasetError> {
        let reason = match (&self.names, &expected.names) {
            (Names::Columns(found), Names::Columns(expected)) if found.len() != expected.len() => {
                let lacking = |of: &[String], among: &[String]| {
                    let lacking = of.iter().find(|name| !among.contains(name));
                    lacking.map(|name| format!("column {name}"))
                };
                match (lacking(found, expected), lacking(expected, found)) {
                    (Some(more), _) => {
                        format!("its {more} is a feature, but none of the files before")
                    }
                    (None, less) => {
                        let less = less.unwrap_or_default();
                        format!("it has no feature in {less}, as the files before have")
                    }
                }
            }
            _ if self.width != expected.width => format!(
                "it has {} features a row, but the files before have {}",
                self.width, expected.width
            ),
            (Names::Columns(found), Names::Columns(expected)) if found != expected => {
                let differs = found.iter().zip(expected).find(|(a, b)| a != b);
                let (found, expected) = differs.map_or(("", ""), |(a, b)| (a, b));
                format!("it has a column {found} where the files before have {expected}")
            }
            _ => return Ok(()),
        };
        Err(DatasetError::OtherFeatures {
            path: path.to_owned(),
            reason,
        })
    }
}

/// The columns that `wanted` names, in the order of the file; a name that ends in `*` stands for all
/// that begin so. `Err` is a name that no column has.
pub(crate) fn columns_named<'a>(
    columns: &[&'a str],
    wanted: &[String],
) -> Result<Vec<&'a str>, String> {
    let fits = |column: &str, name: &String| match name.strip_suffix('*') {
        Some(beginning) => column.starts_with(beginning),
        None => column == name,
    };
    let is_there = |name: &&String| columns.iter().any(|column| fits(column, name));
    if let Some(missing) = wanted.iter().find(|name| !is_there(name)) {
        return Err(missing.clone());
    }
    let is_wanted = |column: &&str| wanted.iter().any(|name| fits(column, name));
    Ok(columns.iter().copied().filter(is_wanted).collect())
}
