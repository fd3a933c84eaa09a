//! The decisions of a report as true labels: a kept label is the true one, a corrected one is it now. A sample
//! that is to be removed has no right label: its own is wrong, whatever would be right. Decisions
//! about samples that the run does not have, or that kept another label, are those of another run, and refused.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use logformat::{ClassLabels, DECISION_COLUMNS, Decided, Decision, Label};

use crate::error::AnalyzerError;
use crate::logs::origins::FILE;
use crate::logs::run_log::RunLog;
use crate::logs::table_frame::{Frame, is_table, refusal};
use crate::logs::true_labels::source::TrueLabelSource;
use crate::rules::evaluation::ANOTHER_CLASS;

/// The decisions of a file, row by row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecidedLabels {
    path: PathBuf,
    rows: Vec<Decided>,
}

impl DecidedLabels {
    /// Reads the file; `None` where it is no table of decisions by its columns.
    ///
    /// # Errors
    /// [`AnalyzerError::Table`] for a file that cannot be read, and for a row that is no decision.
    pub fn read(path: &Path) -> Result<Option<Self>, AnalyzerError> {
        if !is_table(path) || !path.is_file() {
            return Ok(None);
        }
        let table = Frame::read(path)?;
        if !Decided::has_columns(table.names().collect::<Vec<_>>().into_iter()) {
            return Ok(None);
        }
        let column = |name: &&str| Ok(table.texts(name)?.unwrap_or_default());
        let columns = DECISION_COLUMNS.iter().map(column);
        let columns = columns.collect::<Result<Vec<_>, AnalyzerError>>()?;
        let mut seen = BTreeMap::new();
        let mut row = |row: usize| {
            let cell = |column: usize| columns[column].get(row)?.as_deref();
            let cells = [0, 1, 2, 3, 4].map(|column| cell(column).unwrap_or_default());
            let refused = |reason| refusal(table.path(), format!("row {row}: {reason}"));
            let decided = Decided::new(cells).map_err(refused)?;
            match seen.insert(decided.sample_id.clone(), row) {
                None => Ok(decided),
                Some(first) => Err(refused(format!(
                    "sample {} was decided in row {first} already",
                    decided.sample_id
                ))),
            }
        };
        let rows = (0..table.len()).map(&mut row);
        Ok(Some(Self {
            path: table.path().to_owned(),
            rows: rows.collect::<Result<_, _>>()?,
        }))
    }

    /// Puts them in the place of all true labels of `log`, and notes in it where they are from.
    ///
    /// # Errors
    /// [`AnalyzerError::Table`] for a decision about a sample that the log does not have, a label that is no class
    /// of it, and one that was kept and is another there.
    pub fn replace_those_of(&self, log: &mut RunLog) -> Result<(), AnalyzerError> {
        let count = log.class_count().unwrap_or(0) as u32;
        let names: Vec<String> = (0..count).map(|class| log.class_name(class)).collect();
        let texts = self.rows.iter().map(|decided| decided.label.as_str());
        let texts = texts.filter(|label| !label.is_empty()).map(Label::Text);
        let classes =
            ClassLabels::of(texts, &names).map_err(|reason| refusal(&self.path, reason))?;
        let places: BTreeMap<String, usize> = (0..log.sample_count())
            .filter_map(|sample| Some((log.sample_ids.get(sample)?.to_string(), sample)))
            .collect();
        let mut labels = vec![None; log.sample_count()];
        let mut source = TrueLabelSource::of(&self.path, "sample_id".to_owned());
        let (files, rows) = (log.origins.texts(FILE), log.origins.rows());
        for (row, decided) in self.rows.iter().enumerate() {
            let refused = |reason| self.refused(row, reason);
            let sample = places.get(&decided.sample_id).copied();
            let sample = sample.ok_or_else(|| refused(unknown(decided, log)))?;
            let file = files.get(sample).and_then(Option::as_deref);
            let place = rows.get(sample).copied().flatten();
            let place = place.and_then(|row| u64::try_from(row).ok());
            let place = decided.check_place(file.unwrap_or_default(), place);
            place.map_err(refused)?;
            if decided.decision == Decision::Remove {
                source.removed += 1;
                labels[sample] = Some(ANOTHER_CLASS);
                continue;
            }
            let given = log.given_labels[sample];
            if decided.label.is_empty() {
                labels[sample] = given;
                source.labels += usize::from(given.is_some());
                continue;
            }
            let label = classes
                .class(Label::Text(&decided.label))
                .map_err(refused)?;
            let name = given.map_or_else(String::new, |given| log.class_name(given));
            let is_given = given.is_none_or(|given| given == label);
            decided.check_kept(is_given, &name).map_err(refused)?;
            labels[sample] = Some(label);
            source.labels += 1;
        }
        source.not_in_file = log.sample_count() - source.labels - source.removed;
        log.true_labels = labels;
        log.true_labels_from = Some(source);
        Ok(())
    }

    fn refused(&self, row: usize, reason: String) -> AnalyzerError {
        refusal(&self.path, format!("row {row}: {reason}"))
    }
}

fn unknown(decided: &Decided, log: &RunLog) -> String {
    format!(
        "run {} has no sample {}; these are decisions of another run",
        log.title(),
        decided.sample_id
    )
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::logs::origins::Origins;
    use crate::logs::two_passes::two_passes;

    /// A log of the samples 0 to 3 in the rows of a.csv, all given class 0 of two, after these decisions.
    fn decided(rows: &str) -> Result<RunLog, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("decisions.csv");
        std::fs::write(&path, format!("{}\n{rows}", DECISION_COLUMNS.join(","))).unwrap();
        let mut log = two_passes();
        log.class_names = ["cat", "dog"].map(str::to_owned).to_vec();
        let files = [(); 4].map(|()| Some(Arc::from("a.csv")));
        let rows = [0, 1, 2, 3].map(Some);
        log.origins = Origins::new(&log.sample_ids, &files, &rows, None);
        let read = DecidedLabels::read(&path).map(|found| found.expect("it has the columns"));
        let replaced = read.and_then(|found| found.replace_those_of(&mut log));
        replaced.map(|()| log).map_err(|error| {
            let text = error.to_string();
            text[text.find("decisions.csv").unwrap()..].to_owned()
        })
    }

    #[test]
    fn kept_and_corrected_labels_are_true_and_those_of_removed_samples_wrong() {
        let log = decided("0,data/a.csv,0,keep,cat\n1,,,correct,dog\n2,,,remove,\n").unwrap();
        let unnamed = decided("0,data/a.csv,0,keep,\n").unwrap();
        assert_eq!(unnamed.true_labels, [Some(0), None, None, None]);
        assert_eq!(
            log.true_labels,
            [Some(0), Some(1), Some(ANOTHER_CLASS), None]
        );
        let source = log.true_labels_from.unwrap();
        assert_eq!(
            (source.labels, source.removed, source.not_in_file),
            (2, 1, 1)
        );
    }

    #[test]
    fn decisions_of_another_run_are_refused() {
        for (rows, reason) in [
            (
                "0,,,keep,cat\n9,,,remove,\n",
                "decisions.csv: row 1: run two-passes has no sample 9",
            ),
            (
                "0,a.csv,7,remove,\n",
                "decisions.csv: row 0: sample 0 is row 7 of a.csv there, but row 0 of a.csv here",
            ),
            (
                "0,,,keep,dog\n",
                "decisions.csv: row 0: sample 0 is kept as \"dog\", but its given label is \"cat\" here",
            ),
            (
                "0,,,correct,owl\n",
                "decisions.csv: row 0: the label \"owl\" is neither",
            ),
            (
                "0,,,drop,\n",
                "decisions.csv: row 0: the decision of sample 0 is \"drop\"",
            ),
            (
                "0,,,remove,\n0,,,keep,cat\n",
                "decisions.csv: row 1: sample 0 was decided in row 0 already",
            ),
        ] {
            let said = decided(rows).unwrap_err();
            assert!(said.starts_with(reason), "{said}");
        }
    }
}
