//! Errors as Python has them: of a kind that `except` can name, with the one line that the library says. No
//! panic goes on into Python.

use std::io;
use std::panic::AssertUnwindSafe;

use analyzer::AnalyzerError;
use logformat::LogError;
use pyo3::exceptions::{
    PyFileExistsError, PyFileNotFoundError, PyOSError, PyPermissionError, PyRuntimeError,
    PyTimeoutError, PyTypeError, PyValueError,
};
use pyo3::prelude::*;

/// Does `work` while other threads of Python run.
///
/// # Errors
/// Those of `work`; `RuntimeError` where it panics, which is a bug.
pub(crate) fn guarded<T: Send>(
    py: Python<'_>,
    work: impl FnOnce() -> PyResult<T> + Send,
) -> PyResult<T> {
    let done = py.detach(|| program::guarded(AssertUnwindSafe(work)));
    done.unwrap_or_else(|panic| Err(PyRuntimeError::new_err(panic)))
}

/// What kept a command of the analyzer from its results.
pub(crate) fn analyzer_error(error: &anyhow::Error) -> PyErr {
    let text = format!("{error:#}");
    if error.is::<program::WrongUse>() {
        let is_unknown = text.starts_with("unexpected argument");
        return if is_unknown {
            PyTypeError::new_err(text)
        } else {
            PyValueError::new_err(text)
        };
    }
    if let Some(
        AnalyzerError::NoSuchPath { .. }
        | AnalyzerError::NoLogsInFolder { .. }
        | AnalyzerError::LogsBelow { .. },
    ) = error.downcast_ref()
    {
        return PyFileNotFoundError::new_err(text);
    }
    let cause = error.chain().find_map(|cause| cause.downcast_ref());
    of_kind(cause, text)
}

/// What kept a log from being written.
pub(crate) fn log_error(error: LogError) -> PyErr {
    type Raise = fn(String) -> PyErr;
    let (way_out, raise): (&str, Option<Raise>) = match &error {
        LogError::RunExists { .. } => (" (overwrite=True)", Some(PyFileExistsError::new_err)),
        LogError::FileExists { .. } => ("", Some(PyFileExistsError::new_err)),
        LogError::RanksMissing { has_died, .. } => match has_died {
            true => ("", Some(PyRuntimeError::new_err)),
            false => (
                "; wait_seconds= waits longer",
                Some(PyTimeoutError::new_err),
            ),
        },
        _ => ("", None),
    };
    let error = anyhow::Error::from(error);
    let text = format!("{error:#}{way_out}");
    match raise {
        Some(raise) => raise(text),
        None => of_kind(error.chain().find_map(|cause| cause.downcast_ref()), text),
    }
}

/// A fault of the system by its kind, and else one of the values.
fn of_kind(cause: Option<&io::Error>, text: String) -> PyErr {
    match cause.map(io::Error::kind) {
        Some(io::ErrorKind::NotFound) => PyFileNotFoundError::new_err(text),
        Some(io::ErrorKind::PermissionDenied) => PyPermissionError::new_err(text),
        Some(_) => PyOSError::new_err(text),
        None => PyValueError::new_err(text),
    }
}
