//! Records of Argilla, as `dataset.records.from_json` reads them (docs.argilla.io, *Import and export
//! datasets*): the suggestion is the class that the network would rather have, its score the share of the
//! epochs that would. Fields are the cells of the sample's row where its table is at hand, else its file.

use serde_json::{Map, Value, json};

use crate::error::AnalyzerError;
use crate::exports::export_files::{ExportFiles, write_json_lines_in_array};
use crate::exports::exported_run::ExportedRun;
use crate::exports::format::ExportFormat;
use crate::exports::own_tables::OwnRows;
use crate::exports::scope::{Which, Writes};

pub(crate) const FORMAT: ExportFormat = ExportFormat {
    name: "argilla",
    about: "records of Argilla with suggestions, a .json",
    writes: Writes::File("json"),
    which: Which::Flagged,
    suggests: true,
    write,
};

fn write(run: &ExportedRun<'_>, files: &mut ExportFiles) -> Result<Vec<String>, AnalyzerError> {
    let (cells, mut notes) = OwnRows::cells_or_files(run, "Argilla")?;
    let label = &run.settings.label_name;
    let records = run.each().zip(cells).map(|((sample, origin), cells)| {
        let mut fields = Map::new();
        match cells {
            // Fields of Argilla are texts.
            Some(cells) => fields.extend(cells.into_iter().map(|(name, value)| {
                let text = value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned);
                (name, Value::from(text))
            })),
            None => {
                let address = run.address(origin).unwrap_or_default();
                fields.insert(run.settings.object_name.clone(), address.into());
            }
        }
        let mut suggestions = Map::new();
        if let Some(class) = run.class(sample.suggested_label) {
            let suggestion =
                json!({ "value": class, "score": sample.support, "agent": run.model() });
            suggestions.insert(label.clone(), suggestion);
        }
        json!({
            "id": run.id(sample).to_string(),
            "fields": fields,
            "metadata": run.facts(sample, origin),
            "suggestions": suggestions,
            "responses": {},
            "vectors": {},
        })
    });
    files.add("records.json", |file| {
        write_json_lines_in_array(file, records)
    })?;
    notes.push(format!(
        "the question for the label is called {label:?}, by `label_name`"
    ));
    Ok(notes)
}
