//! What a command found, said once: which run, the settings that were used, tables, and what one
//! has to know beside the numbers. From it come the text for people, the JSON and the CSV.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::logs::run_log::UNNAMED_RUN;
use crate::results::tables::ResultTable;
use crate::results::tables::text::render_table;
use crate::results::text::{INDENT, columns, printable};

/// What was found about one run, or about several together.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// What it is about.
    pub subject: Subject,
    /// The settings that were used.
    pub settings: Vec<Setting>,
    /// What was found; the first table is the one that `-o` and CSV have.
    pub tables: Vec<ReportTable>,
    /// What one has to know beside the numbers, a line each.
    pub notes: Vec<String>,
    /// The names of the classes by their index; empty where unknown.
    pub class_names: Vec<String>,
}

/// What a report is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A run; `None` for the unnamed one.
    Run(Option<String>),
    /// Something else, with the heading that says what.
    Other(String),
}

/// One of the settings that were used.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// Its name for programs.
    pub key: &'static str,
    /// Its value for programs.
    pub value: Value,
    /// Its name for people; empty for one that people are told elsewhere.
    pub label: &'static str,
    /// Its value for people.
    pub text: String,
}

/// A table of a report.
#[derive(Debug, Clone, PartialEq)]
pub struct ReportTable {
    /// Its name for programs.
    pub name: &'static str,
    /// The line above it for people, such as `By class:`; empty for none.
    pub caption: String,
    /// The results.
    pub table: ResultTable,
}

impl ReportTable {
    /// A table under its caption.
    pub fn new(name: &'static str, caption: impl Into<String>, table: ResultTable) -> Self {
        Self {
            name,
            caption: caption.into(),
            table,
        }
    }
}

impl Report {
    /// The text for people, each line ended.
    pub fn render(&self) -> String {
        let heading = match &self.subject {
            Subject::Run(run) => format!("Run {}", run.as_deref().unwrap_or(UNNAMED_RUN)),
            Subject::Other(heading) => heading.clone(),
        };
        let mut blocks = vec![printable(&heading) + "\n"];
        let settings = render_settings(&self.settings);
        blocks.extend((!settings.is_empty()).then_some(settings));
        for table in self.tables.iter().filter(|table| !table.table.is_empty()) {
            if !table.caption.is_empty() {
                blocks.push(format!("{INDENT}{}\n", printable(&table.caption)));
            }
            blocks.push(render_table(&table.table, &self.class_names));
        }
        let notes = self.notes.iter();
        blocks.extend(notes.map(|note| format!("{INDENT}Note: {}\n", printable(note))));
        blocks.join("\n")
    }

    /// The first tables of some reports one below the other: what `-o` and CSV have. A column `run`
    /// says which run a row belongs to.
    pub fn main_table(reports: &[Report]) -> ResultTable {
        let mut all = ResultTable::new();
        for report in reports {
            let Some(first) = report.tables.first() else {
                continue;
            };
            let table = first.table.clone().with_class_names(&report.class_names);
            all.append(match &report.subject {
                Subject::Run(run) => ResultTable::of_named([(run.as_deref(), table)]),
                Subject::Other(_) => table,
            });
        }
        all
    }
}

/// The settings that people are told, a line each, indented and aligned.
pub(crate) fn render_settings(settings: &[Setting]) -> String {
    let told = settings.iter().filter(|setting| !setting.label.is_empty());
    let rows: Vec<Vec<String>> = told
        .map(|setting| vec![setting.label.to_owned(), printable(&setting.text)])
        .collect();
    columns(&rows, &[])
}

impl Serialize for Report {
    /// An object with the keys `run` (where it is about a run), `settings`, `window` (where epochs count),
    /// `class_names` (where there are classes), one for each table, and `notes`.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let is_of_run = match &self.subject {
            Subject::Run(run) => {
                map.serialize_entry("run", run)?;
                true
            }
            Subject::Other(_) => false,
        };
        map.serialize_entry("settings", &Settings(&self.settings))?;
        let window = self.settings.iter().find(|setting| setting.key == WINDOW);
        if let Some(window) = window {
            map.serialize_entry(WINDOW, &window.value)?;
        }
        if is_of_run || !self.class_names.is_empty() {
            map.serialize_entry("class_names", &self.class_names)?;
        }
        for table in &self.tables {
            let named = table.table.clone().with_class_names(&self.class_names);
            map.serialize_entry(table.name, &named)?;
        }
        map.serialize_entry("notes", &self.notes)?;
        map.end()
    }
}

/// The setting that is a key of its own in JSON: the epochs that count.
pub(crate) const WINDOW: &str = "window";

/// The settings as one object.
struct Settings<'a>(&'a [Setting]);

impl Serialize for Settings<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize_settings(self.0, serializer)
    }
}

/// The settings as one object, in every JSON the same.
pub(crate) fn serialize_settings<S: Serializer>(
    settings: &[Setting],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let own = settings.iter().filter(|setting| setting.key != WINDOW);
    serializer.collect_map(own.map(|setting| (setting.key, &setting.value)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn report(run: Option<&str>) -> Report {
        let setting = |key, label, text: &str, value| Setting {
            key,
            value,
            label,
            text: text.to_owned(),
        };
        Report {
            subject: Subject::Run(run.map(str::to_owned)),
            settings: vec![
                setting("percentile", "Percentile", "99 of 130 AUMs", json!(99.0)),
                setting("seed", "", "", json!(3)),
                setting(WINDOW, "", "", json!({ "first": 2 })),
            ],
            tables: vec![ReportTable {
                name: "classes",
                caption: "By class:".to_owned(),
                table: ResultTable::new()
                    .classes("given_label", "Given label", [Some(1)])
                    .counts("flagged", "Flagged", [Some(12)]),
            }],
            notes: vec!["one class has no samples".to_owned()],
            class_names: vec!["cat".to_owned(), "dog".to_owned()],
        }
    }

    #[test]
    fn people_read_headings_settings_tables_and_notes() {
        let expected = "\
Run pets

  Percentile  99 of 130 AUMs

  By class:

  Given label  Flagged
  dog               12

  Note: one class has no samples
";
        assert_eq!(report(Some("pets")).render(), expected);
    }

    #[test]
    fn programs_read_an_object_in_the_same_order() {
        assert_eq!(
            serde_json::to_string(&report(None)).unwrap(),
            r#"{"run":null,"settings":{"percentile":99.0,"seed":3},"window":{"first":2},"class_names":["cat","dog"],"classes":[{"given_label":1,"given_class":"dog","flagged":12}],"notes":["one class has no samples"]}"#
        );
    }

    #[test]
    fn the_main_table_of_several_runs_says_which_run_a_row_is_of() {
        let main = Report::main_table(&[report(Some("pets")), report(None)]);
        let expected = json!([
            {"run": "pets", "given_label": 1, "given_class": "dog", "flagged": 12},
            {"run": null, "given_label": 1, "given_class": "dog", "flagged": 12},
        ]);
        assert_eq!(serde_json::to_value(&main).unwrap(), expected);
    }
}
