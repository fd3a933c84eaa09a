//! What the parts of a data set are called, by whoever: `train`, `Testing`, `val2017`.

use std::path::Path;

/// A part of a data set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PartName {
    /// For training.
    Train,
    /// For the test.
    Test,
    /// What is taken where there is none for the test.
    Validation,
}

impl PartName {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Train, Self::Test, Self::Validation];

    /// The words for it, in small letters, the usual first.
    pub const fn words(self) -> &'static [&'static str] {
        match self {
            Self::Train => &["train", "training", "trn"],
            Self::Test => &["test", "testing", "tst", "holdout"],
            Self::Validation => &[
                "validation",
                "val",
                "valid",
                "validate",
                "dev",
                "eval",
                "evaluation",
            ],
        }
    }

    /// The part that a word stands for, in whichever case and with a number or `set` behind it.
    ///
    /// ```
    /// use logformat::PartName;
    /// assert_eq!(PartName::of_word("Val2017"), Some(PartName::Validation));
    /// assert_eq!(PartName::of_word("trainval"), None);
    /// ```
    pub fn of_word(word: &str) -> Option<Self> {
        let word = word.to_lowercase();
        let word = word.trim_end_matches(|c: char| c.is_ascii_digit());
        let word = word.strip_suffix("set").unwrap_or(word);
        let mut parts = Self::ALL.into_iter();
        parts.find(|part| part.words().contains(&word))
    }

    /// What a cell says of the part that its row is of, as `train` in a column `phase` does, and true or false in one
    /// called `is_train`; `Some(None)` for another part, `None` where it says nothing.
    ///
    /// ```
    /// use logformat::PartName;
    /// assert_eq!(PartName::of_cell("phase", "val"), Some(Some(PartName::Validation)));
    /// assert_eq!(PartName::of_cell("is_train", "False"), Some(None));
    /// assert_eq!(PartName::of_cell("is_red", "true"), None);
    /// ```
    pub fn of_cell(column: &str, text: &str) -> Option<Option<Self>> {
        if let Some(part) = Self::of_word(text) {
            return Some(Some(part));
        }
        let is = match text.to_ascii_lowercase().as_str() {
            "true" | "1" => true,
            "false" | "0" => false,
            _ => return None,
        };
        let column = column.to_lowercase();
        let word = column.strip_prefix("is_").or(column.strip_prefix("in_"));
        // `valid` and `is_valid` are about other things.
        let part = Self::of_word(word.unwrap_or(&column))?;
        (part == Self::Train || word.is_some_and(|word| word != "valid"))
            .then(|| is.then_some(part))
    }

    /// The part that a file is in, by the words of its own name or else of the folders above it; `None` for one that is
    /// in none, or in two.
    ///
    /// ```
    /// use std::path::Path;
    /// use logformat::PartName;
    /// assert_eq!(PartName::of_path(Path::new("val/x_train-0.npy")), Some(PartName::Train));
    /// assert_eq!(PartName::of_path(Path::new("train/train_test.csv")), None);
    /// ```
    pub fn of_path(path: &Path) -> Option<Self> {
        path.iter().rev().find_map(|name| {
            let name = name.to_string_lossy();
            let stem = name.split('.').next().unwrap_or_default();
            let words = stem.split(|c: char| !c.is_alphanumeric());
            let mut parts = words.filter_map(Self::of_word);
            let first = parts.next()?;
            Some(parts.all(|part| part == first).then_some(first))
        })?
    }
}
