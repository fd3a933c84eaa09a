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
    /// assert_eq!(PartName::of_cell("phase", "val_loader"), Some(Some(PartName::Validation)));
    /// assert_eq!(PartName::of_cell("is_train", "False"), Some(None));
    /// assert_eq!(PartName::of_cell("is_red", "true"), None);
    /// ```
    pub fn of_cell(column: &str, text: &str) -> Option<Option<Self>> {
        let part = match is_called_part(column) {
            true => Self::of_words(text, |word| match word {
                // As Lightning calls its stages.
                "fit" => Some(Self::Train),
                "sanity" => Some(Self::Validation),
                word => Self::of_word(word),
            })
            .flatten(),
            false => Self::of_word(text),
        };
        if let Some(part) = part {
            return Some(Some(part));
        }
        let is = match text.to_ascii_lowercase().as_str() {
            "true" | "t" | "yes" | "y" | "1" | "1.0" => true,
            "false" | "f" | "no" | "n" | "0" | "0.0" => false,
            _ => return None,
        };
        let column = column.to_lowercase();
        let word = column.strip_prefix("is_").or(column.strip_prefix("in_"));
        // `valid` and `is_valid` are about other things.
        let part = Self::of_word(word.unwrap_or(&column))?;
        (part == Self::Train || word.is_some_and(|word| word != "valid"))
            .then(|| is.then_some(part))
    }

    /// The part that a file is in, by the words of its own name or else of the folders above it, which may be those of
    /// a column, as `is_train=False` is; `None` for one that is in none, or in two.
    ///
    /// ```
    /// use std::path::Path;
    /// use logformat::PartName;
    /// assert_eq!(PartName::of_path(Path::new("val/x_train-0.npy")), Some(PartName::Train));
    /// assert_eq!(PartName::of_path(Path::new("train/train_test.csv")), None);
    /// assert_eq!(PartName::of_path(Path::new("is_train=False/0.parquet")), Some(PartName::Test));
    /// ```
    pub fn of_path(path: &Path) -> Option<Self> {
        path.iter().rev().find_map(|name| {
            let name = name.to_string_lossy();
            if let Some((column, value)) = name.split_once('=') {
                return Some(match Self::of_cell(column, value)? {
                    // No part for training is as good as one for the test.
                    None if Self::of_cell(column, "1") == Some(Some(Self::Train)) => {
                        Some(Self::Test)
                    }
                    part => part,
                });
            }
            Self::of_words(name.split('.').next()?, Self::of_word)
        })?
    }

    /// Whether of two files one is for training and the other is not, as they are called.
    pub fn are_two(one: &Path, other: &Path) -> bool {
        let parts = [one, other].map(Self::of_path);
        parts[0] != parts[1] && parts.contains(&Some(Self::Train)) && !parts.contains(&None)
    }

    /// The part that words of a name stand for; `Some(None)` where they stand for two.
    fn of_words(name: &str, of_word: impl Fn(&str) -> Option<Self>) -> Option<Option<Self>> {
        let name = name.to_lowercase();
        let words = name.split(|c: char| !c.is_alphanumeric());
        let mut parts = words.filter_map(of_word);
        let first = parts.next()?;
        Some(parts.all(|part| part == first).then_some(first))
    }
}

/// Whether a column is called as those are that say of which part a row is.
pub(crate) fn is_called_part(column: &str) -> bool {
    const CALLED: [&str; 12] = [
        "dataloader",
        "dataset",
        "loader",
        "mode",
        "part",
        "partition",
        "phase",
        "set",
        "split",
        "splits",
        "stage",
        "subset",
    ];
    let column = column.to_lowercase();
    let last = column.rsplit(|c: char| !c.is_alphanumeric()).next();
    last.is_some_and(|word| CALLED.contains(&word))
}

/// What the cells of a column say, one after the other, of the parts that their rows are of.
///
/// ```
/// use logformat::{PartCells, PartName};
/// let mut cells = PartCells::of("stage");
/// assert!(cells.see("fit") && cells.see("warmup") && !cells.see("val"));
/// assert_eq!(cells.contradiction(), Some(["fit", "val"]));
/// ```
#[derive(Debug)]
pub struct PartCells<'a> {
    column: &'a str,
    /// The first that said something, and what.
    known: Option<(String, Option<PartName>)>,
    /// The first that said nothing.
    other: Option<String>,
    second: Option<String>,
}

impl<'a> PartCells<'a> {
    /// Those of a column that is called so.
    pub const fn of(column: &'a str) -> Self {
        Self {
            column,
            known: None,
            other: None,
            second: None,
        }
    }

    /// What the column is called.
    pub const fn column(&self) -> &'a str {
        self.column
    }

    /// Takes the next cell; whether more may change what is known of the column.
    pub fn see(&mut self, text: &str) -> bool {
        if text.is_empty() {
            return true;
        }
        let said = PartName::of_cell(self.column, text);
        if said.is_none() && !is_called_part(self.column) {
            // What the cells before said, they said of something else.
            (self.known, self.other) = (None, Some(text.to_owned()));
            return false;
        }
        let differs = match (&self.known, &self.other, said) {
            (Some((_, known)), _, Some(said)) => *known != said,
            // Other rows, such as those of a warm-up, may be trained on as well.
            (Some((_, known)), _, None) => *known != Some(PartName::Train),
            (None, Some(_), Some(said)) => said != Some(PartName::Train),
            (None, _, _) => false,
        };
        match said {
            _ if differs => self.second = Some(text.to_owned()),
            Some(said) => {
                self.known.get_or_insert_with(|| (text.to_owned(), said));
            }
            None => {
                self.other.get_or_insert_with(|| text.to_owned());
            }
        }
        !differs
    }

    /// Two cells, the first of them first, of rows that are not of one part.
    pub fn contradiction(&self) -> Option<[&str; 2]> {
        let known = self.known.as_ref().map(|(text, _)| text.as_str());
        Some([known.or(self.other.as_deref())?, self.second.as_deref()?])
    }

    /// The part that all rows are of.
    pub fn part(&self) -> Option<PartName> {
        match (&self.known, &self.other) {
            (Some((_, part)), None) => *part,
            _ => None,
        }
    }
}
