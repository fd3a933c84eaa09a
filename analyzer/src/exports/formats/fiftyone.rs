//! A `FiftyOneImageClassificationDataset` of FiftyOne (docs.voxel51.com, *Importing datasets*): `data.json`
//! with the path of each image, and `labels.json` with its given label, and with AUM, verdict and the class
//! that the network would rather have as attributes.

use std::path::absolute;

use serde_json::{Map, Value, json};

use crate::error::AnalyzerError;
use crate::exports::export_files::ExportFiles;
use crate::exports::exported_run::{ExportedRun, Origin};
use crate::exports::format::ExportFormat;
use crate::exports::scope::{Which, Writes};

pub(crate) const FORMAT: ExportFormat = ExportFormat {
    name: "fiftyone",
    about: "a FiftyOneImageClassificationDataset: a folder with data.json and labels.json",
    writes: Writes::Folder,
    which: Which::All,
    suggests: true,
    write,
};

fn write(run: &ExportedRun<'_>, files: &mut ExportFiles) -> Result<Vec<String>, AnalyzerError> {
    run.need_files("FiftyOne")?;
    let (mut data, mut labels) = (Map::new(), Map::new());
    for (sample, origin) in run.each() {
        let id = run.id(sample).to_string();
        data.insert(id.clone(), path(run, origin).into());
        let mut attributes = run.facts(sample, origin);
        for known in ["file", "row", "given_label"] {
            attributes.remove(known);
        }
        let suggested = run.class(sample.suggested_label);
        attributes.extend(suggested.map(|class| ("suggested_label".to_owned(), class.into())));
        // An image without a label is one all the same.
        let label = run.class(run.given_label(sample));
        let label = label.map(|label| json!({ "label": label, "attributes": attributes }));
        labels.insert(id, label.unwrap_or(Value::Null));
    }
    let labels = json!({ "classes": null, "labels": labels });
    files.add("data.json", |file| Ok(serde_json::to_writer(file, &data)?))?;
    files.add("labels.json", |file| {
        Ok(serde_json::to_writer(file, &labels)?)
    })?;
    Ok(Vec::new())
}

/// As FiftyOne finds it from wherever it runs.
fn path(run: &ExportedRun<'_>, origin: &Origin) -> Option<String> {
    if !run.settings.file_prefix.is_empty() {
        return run.address(origin);
    }
    let path = run.path(origin.file.as_deref()?);
    let path = absolute(&path).unwrap_or(path);
    Some(path.to_string_lossy().into_owned())
}
