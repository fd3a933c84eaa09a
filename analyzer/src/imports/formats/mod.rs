//! The formats, a file each.

mod aum_details;
pub(crate) mod aum_records;
mod aum_values;
mod data_maps;
mod numpy;
mod table;

use crate::imports::format::ImportFormat;

/// All of them, as they are listed and tried.
pub const FORMATS: &[&ImportFormat] = &[
    &aum_records::FORMAT,
    &aum_values::FORMAT,
    &aum_details::FORMAT,
    &data_maps::FORMAT,
    &numpy::FORMAT,
    &table::FORMAT,
];
