//! The formats, a file each.

mod argilla;
mod aum;
mod cleanlab;
mod csv;
mod cvat;
mod data_maps;
mod fiftyone;
mod huggingface;
mod label_studio;
mod npy;

use crate::exports::format::ExportFormat;

/// All of them, as they are listed.
pub const FORMATS: &[&ExportFormat] = &[
    &argilla::FORMAT,
    &aum::FORMAT,
    &cleanlab::FORMAT,
    &csv::FORMAT,
    &cvat::FORMAT,
    &data_maps::FORMAT,
    &fiftyone::FORMAT,
    &huggingface::FORMAT,
    &label_studio::FORMAT,
];
