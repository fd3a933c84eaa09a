//! A table of true labels held against a run: whose label each row is, and which class.

use std::collections::BTreeMap;

use crate::error::AnalyzerError;
use crate::logs::run_log::RunLog;
use crate::logs::true_labels::classes::Classes;
use crate::logs::true_labels::keys::Keys;
use crate::logs::true_labels::source::TrueLabelSource;
use crate::logs::true_labels::table::TrueLabels;

/// What a table says of a sample.
struct Labelled<'a> {
    /// From 0, without a header.
    row: usize,
    /// Where the sample stands in the log, if it is there.
    at: Option<usize>,
    label: Option<&'a str>,
}

impl TrueLabels {
    /// Puts the labels in the place of all true labels of `log`, and notes in it where they are from.
    ///
    /// # Errors
    /// [`AnalyzerError::Table`] where nothing says which sample a row is about, where the ids are of another
    /// kind than those of the log, where no labelled sample is in the log, for a sample with two labels, and
    /// for a label that is no class of the log.
    pub fn replace_those_of(&self, log: &mut RunLog) -> Result<(), AnalyzerError> {
        let keys = Keys::of(self, log)?;
        let classes = Classes::of(self, log)?;
        let mut labels = vec![None; log.sample_count()];
        let mut source = TrueLabelSource::of(&self.path, keys.in_words());
        for found in self.by_sample(&keys, log)?.into_values() {
            let given = found.at.and_then(|sample| log.given_labels[sample]);
            let known = |text| classes.known(found.row, text, given);
            match (found.at, found.label.map(known).transpose()?.flatten()) {
                (None, _) => {
                    source.not_in_run += 1;
                    let first = source.first_not_in_run.get_or_insert(found.row);
                    *first = found.row.min(*first);
                }
                (Some(_), None) => source.without_label += 1,
                (Some(sample), label) => {
                    labels[sample] = label;
                    source.labels += 1;
                }
            }
        }
        if source.labels == 0 {
            return Err(self.nothing_in_common(&keys, log));
        }
        source.not_in_file = log.sample_count() - source.labels - source.without_label;
        log.true_labels = labels;
        log.true_labels_from = Some(source);
        Ok(())
    }

    /// What there is of each sample; refuses two labels of one.
    fn by_sample(
        &self,
        keys: &Keys<'_>,
        log: &RunLog,
    ) -> Result<BTreeMap<String, Labelled<'_>>, AnalyzerError> {
        let mut found = BTreeMap::<String, Labelled<'_>>::new();
        for (row, label) in self.labels.iter().enumerate() {
            let (key, at) = keys.at(self, log, row)?;
            let label = label.as_deref();
            let entry = found.entry(key).or_insert(Labelled {
                row,
                at,
                label: None,
            });
            match (entry.label, label) {
                (Some(known), Some(label)) if known != label => {
                    return Err(self.refused(format!(
                        "row {row}: the column {} is {label:?}, but {known:?} in row {} for the same sample; leave one of the two out",
                        self.column, entry.row
                    )));
                }
                (None, Some(_)) => *entry = Labelled { row, at, label },
                _ => {}
            }
        }
        Ok(found)
    }

    fn nothing_in_common(&self, keys: &Keys<'_>, log: &RunLog) -> AnalyzerError {
        let columns = match keys {
            Keys::Place(..) => format!("its {} are other ones", keys.in_words()),
            _ => format!("its column {} has other ids", keys.in_words()),
        };
        let first = (!self.labels.is_empty()).then(|| keys.at(self, log, 0));
        let first = first.and_then(|found| Some(found.ok()?.0));
        let example =
            |of: Option<String>| of.map_or_else(String::new, |of| format!(", such as {of}"));
        AnalyzerError::NoCommonSamples {
            path: self.path.clone(),
            reason: format!(
                "has no label for any of the samples of run {}{}; {columns}{}, so give them as the log has them",
                log.title(),
                example(log.sample_ids.get(0).map(|id| id.to_string())),
                example(first),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use logformat::SampleIds;

    use super::*;
    use crate::logs::origins::Origins;
    use crate::logs::two_passes::two_passes;
    use crate::rules::evaluation::ANOTHER_CLASS;

    /// Writes the table, and replaces the labels of a log of the samples 0 to 3 with two classes.
    fn replaced(csv: &str) -> Result<RunLog, String> {
        replaced_in(two_passes(), csv)
    }

    fn replaced_in(mut log: RunLog, csv: &str) -> Result<RunLog, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("experts.csv");
        std::fs::write(&path, csv).unwrap();
        let labels = TrueLabels::read(&path, None);
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
        assert_eq!(source.first_not_in_run, Some(3));
    }

    #[test]
    fn a_table_may_only_say_which_labels_are_wrong() {
        for marks in [
            ["yes", "no"],
            ["1", "0"],
            ["True", "False"],
            ["wrong", "right"],
        ] {
            let [wrong, right] = marks;
            let table = format!("sample_id,is_mislabeled\n0,{wrong}\n1,{right}\n3,\n");
            let log = replaced(&table).unwrap();
            assert_eq!(
                log.true_labels,
                [Some(ANOTHER_CLASS), log.given_labels[1], None, None]
            );
            let source = log.true_labels_from.unwrap();
            assert_eq!(
                (source.labels, source.without_label, source.not_in_file),
                (2, 1, 1)
            );
        }
        // Where classes are known, they say more.
        let log = replaced("sample_id,is_mislabeled,true_label\n0,1,1\n").unwrap();
        assert_eq!(log.true_labels[0], Some(1));
        let said = replaced("sample_id,is_mislabeled\n0,1\n1,perhaps\n").unwrap_err();
        assert!(
            said.starts_with(
                "experts.csv: row 1: the column is_mislabeled: perhaps does not say whether"
            ),
            "{said}"
        );
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

    fn of_customers(id_column: &str) -> RunLog {
        let mut log = two_passes();
        let files = ["a/x.csv", "a/x.csv", "b/x.csv", "b/x.csv"].map(|file| Some(Arc::from(file)));
        let own = SampleIds::Texts(["c7", "c8", "c9", "0"].map(str::to_owned).to_vec());
        let rows = [5, 6, 5, 6].map(Some);
        log.origins = Origins::new(&log.sample_ids, &files, &rows, Some(&own));
        log.configuration = serde_json::json!({ "id_column": id_column });
        log
    }

    #[test]
    fn rows_are_joined_by_what_the_table_has() {
        for (csv, joined_by) in [
            ("sample_id,true_label\n2,1\n", "sample_id"),
            ("id,true_label\nc9,1\n", "id"),
            ("customer,true_label\nc9,1\n", "customer"),
            ("file,row,true_label\nb/x.csv,5,1\n", "file and row"),
            (
                "file,row,true_label\n/home/me/b/x.csv,5.0,1\n",
                "file and row",
            ),
            // Of all that a table of results has, the id in the log.
            (
                "sample_id,file,row,id,true_label\n2,b/x.csv,5,c9,1\n",
                "sample_id",
            ),
        ] {
            let log = replaced_in(of_customers("customer"), csv).unwrap();
            assert_eq!(log.true_labels, [None, None, Some(1), None], "{csv}");
            assert_eq!(log.true_labels_from.unwrap().joined_by, joined_by);
        }
    }

    #[test]
    fn ids_in_the_log_that_say_something_else_than_the_users_own_are_refused() {
        for (csv, part) in [
            (
                "sample_id,customer,true_label\n2,c9,1\n1,c7,1\n",
                "row 1: sample_id 1 and customer c7 are not the same sample of run two-passes",
            ),
            (
                "sample_id,customer,true_label\n2,c10,1\n",
                "row 0: sample_id 2 and customer c10 are not",
            ),
            (
                "sample_id,file,row,true_label\n2,b/x.csv,6,1\n",
                "row 0: sample_id 2 and file and row b/x.csv, row 6 are not",
            ),
        ] {
            let said = replaced_in(of_customers("customer"), csv).unwrap_err();
            assert!(said.contains(part), "{part:?} is not in: {said}");
        }
        // Files may have been moved, and a cell left empty.
        for csv in [
            "sample_id,customer,true_label\n2,,1\n",
            "sample_id,file,row,true_label\n2,c/z.csv,6,1\n",
        ] {
            let log = replaced_in(of_customers("customer"), csv).unwrap();
            assert_eq!(log.true_labels, [None, None, Some(1), None], "{csv}");
        }
    }

    #[test]
    fn names_of_classes_beside_their_indices_say_which_these_are() {
        let digits = || {
            let mut log = two_passes();
            log.class_names = ["1", "0"].map(str::to_owned).to_vec();
            log
        };
        for csv in [
            "sample_id,true_label,true_class\n2,1,0\n",
            "sample_id,true_class\n2,0\n",
            "sample_id,true_label,true_class\n2,,0\n",
            // Somebody wrote the name in both.
            "sample_id,true_label,true_class\n2,0,0\n",
        ] {
            let log = replaced_in(digits(), csv).unwrap();
            assert_eq!(log.true_labels, [None, None, Some(1), None], "{csv}");
        }
        let mut pets = two_passes();
        pets.class_names = ["cat", "dog"].map(str::to_owned).to_vec();
        let said = replaced_in(pets, "sample_id,true_label,true_class\n2,1,cat\n").unwrap_err();
        assert_eq!(
            said,
            "experts.csv: row 0: true_label is 1 and true_class \"cat\", which are two classes; correct both, or leave one column out"
        );
    }

    #[test]
    fn ids_that_are_called_sample_id_are_the_users_own() {
        let users = replaced_in(of_customers("sample_id"), "sample_id,true_label\n0,1\n").unwrap();
        assert_eq!(users.true_labels, [None, None, None, Some(1)]);
        // One of our own tables has both.
        let ours = "sample_id,id,true_label\n2,c9,1\n";
        let ours = replaced_in(of_customers("sample_id"), ours).unwrap();
        assert_eq!(ours.true_labels, [None, None, Some(1), None]);
    }

    #[test]
    fn places_that_are_no_places_are_refused_with_their_row() {
        for (csv, part) in [
            (
                "file,row,true_label\nx.csv,5,1\n",
                "row 0: the file x.csv may be a/x.csv or b/x.csv; name it with its folders",
            ),
            (
                "file,row,true_label\nb/x.csv,last,1\n",
                "row 0: the column row is \"last\", which is no row of a file",
            ),
            (
                "file,row,true_label\nb/x.csv,5,1\nb/x.csv,5,0\n",
                "row 1: the column true_label is \"0\", but \"1\" in row 0 for the same sample",
            ),
            (
                "file,true_label\nb/x.csv,1\n",
                "there is no column sample_id, id, or file and row, but file, true_label",
            ),
            (
                "file,row,true_label\nc/y.csv,5,1\n",
                "its file and row are other ones, such as c/y.csv, row 5",
            ),
        ] {
            let said = replaced_in(of_customers("customer"), csv).unwrap_err();
            assert!(said.contains(part), "{part:?} is not in: {said}");
        }
    }
}
