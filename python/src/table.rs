//! A table of results as Python takes it: Arrow's C stream in a capsule, which pandas, Polars, pyarrow and
//! DuckDB read without a copy of the numbers.

use analyzer::commands::Results;
use polars::prelude::{CompatLevel, DataFrame, SchemaExt};
use polars_arrow::array::{Array, StructArray};
use polars_arrow::datatypes::{ArrowDataType, Field};
use polars_arrow::ffi::{ArrowArrayStream, export_iterator};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

/// The results of a question.
#[pyclass(frozen, module = "aum_toolkit._core")]
pub(crate) struct Table {
    frame: DataFrame,
    /// What the command prints for people.
    #[pyo3(get)]
    text: String,
    /// What the command prints for programs.
    #[pyo3(get)]
    json: String,
}

impl Table {
    pub(crate) fn new(results: Results) -> Self {
        Self {
            frame: results.table.frame().clone(),
            text: results.text,
            json: results.json,
        }
    }
}

#[pymethods]
impl Table {
    fn __len__(&self) -> usize {
        self.frame.height()
    }

    /// The names of the columns.
    #[getter]
    fn columns(&self) -> Vec<String> {
        let names = self.frame.get_column_names().into_iter();
        names.map(ToString::to_string).collect()
    }

    /// Arrow's PyCapsule interface; a consumer that asks for another schema casts for itself.
    #[pyo3(signature = (requested_schema = None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        let _ = requested_schema;
        PyCapsule::new_with_value(py, stream_of(&self.frame), c"arrow_array_stream")
    }

    /// The rows whose column of this name is true.
    fn only(&self, column: &str) -> PyResult<Self> {
        let rows = self.frame.column(column);
        let kept = rows.and_then(|rows| self.frame.filter(rows.bool()?));
        Ok(Self {
            frame: kept.map_err(|error| PyValueError::new_err(error.to_string()))?,
            text: self.text.clone(),
            json: self.json.clone(),
        })
    }
}

/// The frame as a stream of struct arrays; texts with offsets, which every reader of Arrow knows.
fn stream_of(frame: &DataFrame) -> ArrowArrayStream {
    let level = CompatLevel::oldest();
    let mut frame = frame.clone();
    frame.rechunk_mut();
    let fields = frame.schema().to_arrow(level).into_iter_values().collect();
    let kind = ArrowDataType::Struct(fields);
    let row = Field::new("".into(), kind.clone(), false);
    let batches = frame.iter_chunks(level, false);
    let batches: Vec<_> = batches
        .map(|batch| {
            let (rows, columns) = (batch.len(), batch.into_arrays());
            StructArray::try_new(kind.clone(), rows, columns, None)
                .map(|array| Box::new(array) as Box<dyn Array>)
        })
        .collect();
    export_iterator(Box::new(batches.into_iter()), row)
}
