//! Which column of a table holds the labels, by what columns are called, and which others look as if they did:
//! those are never trained on unasked.

use crate::dataset::files::text_table::is_digits;

/// What label columns are called, in whichever case, the preferred first.
const LABEL_NAMES: [&str; 4] = ["label", "labels", "target", "class"];
/// Words that say of a column that it holds classes, together with each other or with those of [`KINDS`].
const WHOSE: [&str; 12] = [
    "class", "clean", "correct", "expert", "given", "gold", "ground", "gt", "noisy", "observed",
    "original", "true",
];
/// Those of them that say so alone, too; others may be about anything.
const ALONE: [&str; 5] = ["class", "given", "gt", "noisy", "true"];
/// What a class may be told by.
const KINDS: [&str; 5] = ["id", "idx", "index", "name", "y"];
/// Words that say that a column holds labels.
const LABELS: [&str; 13] = [
    "annotated",
    "annotation",
    "annotator",
    "groundtruth",
    "label",
    "labels",
    "pred",
    "prediction",
    "predictions",
    "preds",
    "target",
    "targets",
    "truth",
];

/// The column that is called as columns of labels are.
pub(crate) fn called_label<'a>(columns: &[&'a str]) -> Option<&'a str> {
    let called = |name: &str| {
        columns
            .iter()
            .find(|column| column.eq_ignore_ascii_case(name))
    };
    LABEL_NAMES.iter().find_map(|name| called(name).copied())
}

/// Whether a column is called as if it held labels: `true_label`, `noisyLabel`, `label2`, `class`, `y_true`.
pub(crate) fn looks_like_labels(column: &str) -> bool {
    let words = words(column);
    let is_in = |list: &[&str], word: &String| list.contains(&word.as_str());
    let ends_so = [words.first(), words.last()];
    ends_so
        .into_iter()
        .flatten()
        .any(|word| is_in(&LABELS, word))
        || (words.len() > 1 || words.first().is_some_and(|word| is_in(&ALONE, word)))
            && words.iter().any(|word| is_in(&WHOSE, word))
            && words
                .iter()
                .all(|word| is_in(&WHOSE, word) || is_in(&KINDS, word))
}

/// Whether a column is called as if it said which labels are wrong.
fn says_mislabeled(column: &str) -> bool {
    let words = words(column);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let says = |word: &&str| *word == "mislabeled" || *word == "mislabelled";
    words.iter().any(says)
        || matches!(
            words[..],
            ["is", "correct" | "incorrect" | "noisy" | "right" | "wrong"]
        )
}

/// The last words of columns that divide rows into parts.
const PARTS: [&str; 9] = [
    "fold",
    "folds",
    "kfold",
    "kfolds",
    "cvfold",
    "split",
    "splits",
    "partition",
    "subset",
];

/// Whether a column is called as those that divide rows into parts are: it is no feature.
pub(crate) fn is_called_part(column: &str) -> bool {
    let words = words(column);
    let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
    let numbers = ["id", "no", "nr", "num", "number", "idx", "index"];
    words.pop_if(|last| numbers.contains(last));
    match words[..] {
        [
            "is" | "in",
            "train" | "training" | "val" | "validation" | "valid" | "test",
        ] => true,
        ["cv"] | ["cv", "set" | "group" | "part"] => true,
        [.., last] => PARTS.contains(&last),
        [] => false,
    }
}

/// In small letters, without the digits behind them.
fn words(column: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_small = false;
    for c in column.chars() {
        if !c.is_alphanumeric() || (c.is_uppercase() && was_small) {
            words.push(String::new());
        }
        if let (true, Some(word)) = (c.is_alphabetic(), words.last_mut()) {
            word.extend(c.to_lowercase());
        }
        was_small = c.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Refuses to train on columns that look like labels: `taken` are those that nobody asked for.
pub(crate) fn check_features(taken: &[&str], label: Option<&str>) -> Result<(), String> {
    let suspicious: Vec<&str> = taken
        .iter()
        .copied()
        .filter(|column| looks_like_labels(column) || says_mislabeled(column))
        .collect();
    match (suspicious.is_empty(), label) {
        (true, _) => Ok(()),
        (false, label) => Err(format!(
            "{} beside {} would be trained on as a feature, but may hold labels: say which are the labels by `label_column`, which are known to be right by `true_label_column` or wrong by `mislabeled_column`, and name the features by `feature_column`",
            suspicious.join(", "),
            label.map_or("the labels".to_owned(), |label| format!(
                "the labels in {label}"
            )),
        )),
    }
}

/// Why a column is not read beside samples whose labels another one has.
pub(crate) fn why_unread<'a>(column: &str, otherwise: &'a str) -> &'a str {
    match () {
        () if looks_like_labels(column) => {
            "it may hold labels, too; `label_column` takes them, and `true_label_column` those known to be right"
        }
        () if is_called_part(column) => {
            "it is called as columns are that divide the rows into parts, all of which are taken"
        }
        () => otherwise,
    }
}

/// Whether a column without a name is the row numbers that pandas writes.
pub(crate) fn has_no_name(column: &str) -> bool {
    column.is_empty()
        || column == "__index_level_0__"
        || column.strip_prefix("Unnamed: ").is_some_and(is_digits)
}

/// Whether a column is called as numbers of rows are.
pub(crate) fn is_called_id(column: &str) -> bool {
    let words = words(column);
    let is_one = |word: &String| {
        ["id", "idx", "index", "row", "sample", "rownum", "number"].contains(&word.as_str())
    };
    !words.is_empty() && words.iter().all(is_one)
}

/// What ids are of whose names are written as one word, as `userid` is; others, such as `acid`, are no ids.
const OF_IDS: [&str; 18] = [
    "account", "case", "client", "customer", "device", "employee", "file", "image", "item",
    "order", "patient", "person", "product", "record", "row", "sample", "subject", "user",
];

/// Whether a column is called as ids are, of whatever: `id`, `customer_id`, `userID`, `id_patient`.
pub(crate) fn is_called_as_ids(column: &str) -> bool {
    let words = words(column);
    let is_one = |word: &String| {
        ["id", "ids", "idx", "uid", "uuid", "guid"].contains(&word.as_str())
            || word
                .strip_suffix("id")
                .is_some_and(|of| OF_IDS.contains(&of))
    };
    [words.first(), words.last()]
        .into_iter()
        .flatten()
        .any(is_one)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_known_by_name_in_whichever_case() {
        assert_eq!(called_label(&["a", "Class", "LABEL"]), Some("LABEL"));
        assert_eq!(called_label(&["a", "target"]), Some("target"));
        assert_eq!(called_label(&["fold", "kind"]), None);
    }

    #[test]
    fn columns_that_may_be_labels_are_known_by_their_words() {
        for column in [
            "true_label",
            "label_true",
            "trueLabel",
            "label2",
            "noisy-label",
            "target",
            "class",
            "class_id",
            "y_true",
            "ground_truth",
            "gt_class",
            "y_pred",
            "prediction",
            "Label",
            "gt",
            "GroundTruth",
            "annotator1",
        ] {
            assert!(looks_like_labels(column), "{column}");
        }
        for column in [
            "x",
            "y",
            "Pclass",
            "passenger_class",
            "labelled_at",
            "id",
            "true_north",
            "f1",
        ] {
            assert!(!looks_like_labels(column), "{column}");
        }
        let reason = check_features(&["a", "true_label"], Some("label")).unwrap_err();
        assert!(
            reason.starts_with("true_label beside the labels in label would be trained on"),
            "{reason}"
        );
        assert_eq!(check_features(&["a", "b"], None), Ok(()));
    }

    #[test]
    fn columns_that_are_no_features_are_known_by_their_words() {
        for column in [
            "fold",
            "cv_fold",
            "kfold",
            "Split",
            "fold1",
            "cv",
            "CV5",
            "cv_group",
            "fold_id",
            "foldNo",
            "fold_number",
            "kFolds",
            "cvfold",
            "split_idx",
            "partition_id",
            "subset",
            "is_train",
            "in_test",
        ] {
            assert!(is_called_part(column), "{column}");
        }
        for column in [
            "manifold",
            "split_ratio",
            "cv_mean",
            "number",
            "train",
            "is_red",
        ] {
            assert!(!is_called_part(column), "{column}");
        }
        for column in ["is_mislabeled", "is_correct", "isWrong"] {
            assert!(
                check_features(&["a", column], Some("label")).is_err(),
                "{column}"
            );
        }
    }

    #[test]
    fn row_numbers_are_known_by_their_missing_name_or_by_it() {
        for column in ["", "Unnamed: 0", "__index_level_0__"] {
            assert!(has_no_name(column), "{column:?}");
        }
        assert!(!has_no_name("Unnamed: a"));
        assert!(is_called_id("sample_id") && is_called_id("Index") && is_called_id("ID"));
        assert!(!is_called_id("price_index") && !is_called_id("x"));
        for column in [
            "id",
            "customer_id",
            "userID",
            "CustomerId",
            "id_patient",
            "row id",
            "userid",
            "RowID",
        ] {
            assert!(is_called_as_ids(column), "{column}");
        }
        for column in ["index", "humidity", "Pclass", "acid_level", "grid"] {
            assert!(!is_called_as_ids(column), "{column}");
        }
    }
}
