//! The Rust side of the Python package: logs what a Python training loop hands over, and gives the tables of
//! the analyzer to Python. It has no logic of its own: logs are written by `logformat`, and every question is
//! a command of the analyzer, asked by the words of its command line.

mod error;
mod log;
mod rank;
mod table;

use std::ffi::OsString;

use draws::threshold_samples::{ThresholdCount, threshold_sets};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::error::{analyzer_error, guarded};
use crate::table::Table;

/// What Python imports.
#[pymodule]
mod _core {
    #[pymodule_export]
    use super::{analyzer_main, analyzer_results, threshold_samples};
    #[pymodule_export]
    use crate::log::Log;
    #[pymodule_export]
    use crate::table::Table;
}

/// The table of a command of the analyzer, `None` where its results are files, and its warnings.
#[pyfunction]
fn analyzer_results(
    py: Python<'_>,
    words: Vec<OsString>,
) -> PyResult<(Option<Table>, Vec<String>)> {
    let asked = || analyzer::commands::results(words);
    let (found, warnings) = guarded(py, || Ok(program::with_warnings_kept(asked)))?;
    let found = found.map_err(|error| analyzer_error(&error))?;
    Ok((found.map(Table::new), warnings))
}

/// The positions of each pass's threshold samples; `count` is a number or the word of a rule.
#[pyfunction]
fn threshold_samples(
    samples: usize,
    class_count: usize,
    passes: usize,
    seed: u64,
    count: Option<&str>,
) -> PyResult<Vec<Vec<usize>>> {
    let wrong = |what: &str| PyValueError::new_err(what.to_owned());
    let rule: ThresholdCount = match count {
        None => ThresholdCount::default(),
        Some(count) => count
            .parse()
            .map_err(|reason| wrong(&format!("count is {count}: {reason}")))?,
    };
    threshold_sets(samples, rule.of(samples, class_count), passes, seed)
        .map_err(|error| wrong(&format!("{error}; lower passes= or count=")))
}

/// The program `analyzer`; returns its exit status.
#[pyfunction]
fn analyzer_main(py: Python<'_>, words: Vec<OsString>) -> u8 {
    py.detach(|| analyzer::commands::main(words))
}
