//! Tasks of Label Studio with predictions to be confirmed or corrected, as *Import data* takes them
//! (labelstud.io/guide/predictions). The prediction is the class that the network would rather have, its score
//! the share of the epochs that would; the given label stands in `data`.
//!
//! The names are those of the labeling configuration: `<Image name="image" value="$image"/>` and `<Choices
//! name="label" toName="image">`. Where samples are rows of a table that is at hand, `data` has their cells.

use serde_json::{Map, Value, json};

use crate::error::AnalyzerError;
use crate::exports::export_files::{ExportFiles, write_json_lines_in_array};
use crate::exports::exported_run::{ExportedRun, ExportedSample};
use crate::exports::format::ExportFormat;
use crate::exports::own_tables::OwnRows;
use crate::exports::scope::{Which, Writes};

pub(crate) const FORMAT: ExportFormat = ExportFormat {
    name: "label-studio",
    about: "tasks of Label Studio with predictions, a .json",
    writes: Writes::File("json"),
    which: Which::Flagged,
    suggests: true,
    write,
};

fn write(run: &ExportedRun<'_>, files: &mut ExportFiles) -> Result<Vec<String>, AnalyzerError> {
    let (cells, mut notes) = OwnRows::cells_or_files(run, "Label Studio")?;
    let tasks = run.each().zip(cells).map(|((sample, origin), cells)| {
        let mut data = cells.unwrap_or_else(|| {
            let address = run.address(origin).unwrap_or_default();
            Map::from_iter([(run.settings.object_name.clone(), address.into())])
        });
        for (name, value) in run.facts(sample, origin) {
            data.entry(name).or_insert(value);
        }
        json!({ "data": data, "predictions": predictions(run, sample) })
    });
    files.add("tasks.json", |file| write_json_lines_in_array(file, tasks))?;
    let names = &run.settings;
    notes.push(format!(
        "in the labeling configuration, the choices are <Choices name={:?} toName={:?}>, and each class is a <Choice>",
        names.label_name, names.object_name
    ));
    Ok(notes)
}

fn predictions(run: &ExportedRun<'_>, sample: &ExportedSample) -> Vec<Value> {
    let suggested = run.class(sample.suggested_label);
    let prediction = suggested.map(|class| {
        json!({
            "model_version": run.model(),
            "score": sample.support,
            "result": [{
                "from_name": run.settings.label_name,
                "to_name": run.settings.object_name,
                "type": "choices",
                "value": { "choices": [class] },
            }],
        })
    });
    prediction.into_iter().collect()
}
