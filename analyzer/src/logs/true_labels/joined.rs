//! A table of true labels held against a run: whose label each row is, and which class.

use logformat::SampleIds;

use crate::error::AnalyzerError;
use crate::logs::run_log::RunLog;
use crate::logs::true_labels::classes::Classes;
use crate::logs::true_labels::source::TrueLabelSource;
use crate::logs::true_labels::table::{IdKind, TrueLabels};

impl TrueLabels {
    /// Puts the labels in the place of all true labels of `log`, and notes in it where they are from.
    ///
    /// # Errors
    /// [`AnalyzerError::Table`] where the ids are of another kind than those of the log, where no labelled
    /// sample is in the log, and for a label that is no class of it.
    pub fn replace_those_of(&self, log: &mut RunLog) -> Result<(), AnalyzerError> {
        let classes = Classes::of(self, log)?;
        let mut labels = vec![None; log.sample_count()];
        let mut source = TrueLabelSource::of(&self.path);
        for (id, entry) in &self.labels {
            let label = entry
                .label
                .as_deref()
                .map(|text| classes.label(entry.row, text));
            let label = label.transpose()?;
            match (self.position(log, id, entry.row)?, label) {
                (None, _) => source.not_in_run += 1,
                (Some(_), None) => source.without_label += 1,
                (Some(sample), label) => {
                    labels[sample] = label;
                    source.labels += 1;
                }
            }
        }
        if source.labels == 0 {
            return Err(self.nothing_in_common(log));
        }
        source.not_in_file = log.sample_count() - source.labels - source.without_label;
        log.true_labels = labels;
        log.true_labels_from = Some(source);
        Ok(())
    }

    /// Where a sample stands in the log.
    fn position(&self, log: &RunLog, id: &str, row: usize) -> Result<Option<usize>, AnalyzerError> {
        match (&log.sample_ids, self.id_kind) {
            (SampleIds::Texts(all), IdKind::Texts | IdKind::Unknown) => {
                Ok(all.binary_search_by(|other| other.as_str().cmp(id)).ok())
            }
            (SampleIds::Integers(all), IdKind::Integers | IdKind::Unknown) => {
                let number = id
                    .parse::<i64>()
                    .ok()
                    .filter(|number| number.to_string() == id);
                let number = number.ok_or_else(|| self.other_ids(log, row, id, "integers"))?;
                Ok(all.binary_search(&number).ok())
            }
            (SampleIds::Integers(_), IdKind::Texts) => {
                Err(self.other_ids(log, row, id, "integers"))
            }
            (SampleIds::Texts(_), IdKind::Integers) => Err(self.other_ids(log, row, id, "texts")),
        }
    }

    fn other_ids(&self, log: &RunLog, row: usize, id: &str, kind: &str) -> AnalyzerError {
        let found = if kind == "texts" {
            "an integer"
        } else {
            "a text"
        };
        self.refused(format!(
            "row {row}: the sample id {id:?} is {found}, but the ids of run {} are {kind}; give the ids as the log has them",
            log.title()
        ))
    }

    fn nothing_in_common(&self, log: &RunLog) -> AnalyzerError {
        let example =
            |id: Option<String>| id.map_or_else(String::new, |id| format!(", such as {id}"));
        AnalyzerError::NoCommonSamples {
            path: self.path.clone(),
            reason: format!(
                "has no label for any of the samples of run {}{}; its column sample_id has other ids{}, so give the ids as the log has them",
                log.title(),
                example(log.sample_ids.get(0).map(|id| id.to_string())),
                example(self.labels.keys().next().cloned()),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logs::two_passes::two_passes;

    /// Writes the table, and replaces the labels of a log of the samples 0 to 3 with two classes.
    fn replaced(csv: &str) -> Result<RunLog, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("experts.csv");
        std::fs::write(&path, csv).unwrap();
        let mut log = two_passes();
        let labels = TrueLabels::read(&path);
        let replaced = labels.and_then(|labels| labels.replace_those_of(&mut log));
        replaced.map(|()| log).map_err(|error| {
            let text = error.to_string();
            text[text.find("experts.csv").unwrap()..].to_owned()
        })
    }

    #[test]
    fn the_table_replaces_all_labels_of_the_log_and_counts_the_rest() {
        // The log knows 0 to 2. The order of rows and other columns do not matter.
        let log =
            replaced("true_label,by,sample_id\n1,ann,3\n0,bob,0\n,bob,1\n1,ann,77\n").unwrap();
        assert_eq!(log.true_labels, [Some(0), None, None, Some(1)]);
        let source = log.true_labels_from.unwrap();
        assert_eq!((source.labels, source.without_label), (2, 1));
        assert_eq!((source.not_in_file, source.not_in_run), (1, 1));
    }

    #[test]
    fn whole_numbers_may_have_a_decimal_point_and_nan_is_none() {
        let log = replaced("sample_id,true_label\n0,1.0\n1,NaN\n2,0.0\n").unwrap();
        assert_eq!(log.true_labels, [Some(1), None, Some(0), None]);
    }

    #[test]
    fn a_sample_may_be_there_twice_as_long_as_its_labels_do_not_differ() {
        let log = replaced("sample_id,true_label\n0,1\n0,1\n0,\n").unwrap();
        assert_eq!(log.true_labels[0], Some(1));
        assert_eq!(log.true_labels_from.unwrap().labels, 1);
        let said = replaced("sample_id,true_label\n0,1\n1,0\n0,0\n").unwrap_err();
        assert_eq!(
            said,
            "experts.csv: row 2: the column true_label is \"0\", but \"1\" in row 0 for the same sample; leave one of the two out"
        );
    }

    #[test]
    fn what_does_not_fit_the_log_is_refused_with_its_place() {
        for (csv, part) in [
            (
                "sample_id,label\n0,1\n",
                "there is no column true_label, but sample_id, label",
            ),
            (
                "id,true_label\n0,1\n",
                "there is no column sample_id, but id, true_label",
            ),
            (
                "sample_id,true_label\n,1\n",
                "row 0: the column sample_id is empty",
            ),
            (
                "sample_id,true_label\n0,1\na,0\n",
                "row 1: the sample id \"a\" is a text",
            ),
            (
                "sample_id,true_label\n9,1\n",
                "no label for any of the samples of run two-passes",
            ),
            (
                "sample_id,true_label\n0,\n",
                "no label for any of the samples of run two-passes",
            ),
            (
                "sample_id,true_label\n0,2\n",
                "row 0: the true label 2 is no class of run two-passes",
            ),
            (
                "sample_id,true_label\n0,-1\n",
                "row 0: the true label -1 is no class",
            ),
            (
                "sample_id,true_label\n0,cat\n",
                "row 0: the true label \"cat\" is no class",
            ),
        ] {
            let said = replaced(csv).unwrap_err();
            assert!(said.contains(part), "{part:?} is not in: {said}");
        }
    }
}
