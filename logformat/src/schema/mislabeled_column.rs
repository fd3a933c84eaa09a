//! A column that says of each label whether it is wrong, and not which one is right, as where people looked at pictures
//! and their labels (Food-101N): how its cells are read, by recorder and analyzer alike.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use crate::schema::class_labels::Label;

/// A column that says which labels are wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MislabeledColumn {
    /// Its name.
    pub name: String,
    /// What it holds where the label is wrong; `None` where its words say so themselves.
    pub wrong: Option<String>,
}

impl fmt::Display for MislabeledColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.wrong {
            None => f.write_str(&self.name),
            Some(wrong) => write!(f, "{}={wrong}", self.name),
        }
    }
}

impl FromStr for MislabeledColumn {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, wrong) = match text.rsplit_once('=') {
            Some((name, wrong)) => (name, Some(wrong.to_owned())),
            None => (text, None),
        };
        Ok(Self {
            name: name.to_owned(),
            wrong,
        })
    }
}

/// Words of a wrong label and of a right one that need no column's name to be understood.
const WRONG: [&str; 7] = [
    "wrong",
    "mislabeled",
    "mislabelled",
    "incorrect",
    "noisy",
    "bad",
    "error",
];
const RIGHT: [&str; 5] = ["right", "correct", "clean", "good", "ok"];
/// Words that say whether it is as the column is called.
const YES: [&str; 5] = ["1", "true", "yes", "y", "t"];
const NO: [&str; 5] = ["0", "false", "no", "n", "f"];
/// What columns are called in which yes may be a right label.
const SAYS_RIGHT: [&str; 6] = ["verif", "right", "correct", "clean", "valid", "good"];
const SAYS_WRONG: [&str; 7] = [
    "incorrect",
    "unclean",
    "invalid",
    "wrong",
    "mislabel",
    "noisy",
    "error",
];

impl MislabeledColumn {
    /// Whether each label of the column says that the given one is wrong; `None` where there is none. Numbers are
    /// alike however they are written: 1 and 1.0.
    ///
    /// # Errors
    /// The place of a label that does not say it, from 0, and the reason.
    pub fn marks<'l>(
        &self,
        labels: impl Iterator<Item = Option<Label<'l>>>,
    ) -> Result<Vec<Option<bool>>, (usize, String)> {
        let texts: Vec<Option<String>> = labels.map(text).collect();
        let found: BTreeSet<&String> = texts.iter().flatten().collect();
        if let Some(wrong) = &self.wrong {
            let others = found.iter().filter(|text| **text != wrong);
            return match (found.contains(wrong), others.count()) {
                (true, 0 | 1) => Ok(texts
                    .iter()
                    .map(|text| Some(text.as_ref()? == wrong))
                    .collect()),
                (false, _) => Err((
                    0,
                    format!("no row is {wrong}; the column has {}", named(&found)),
                )),
                (true, _) => Err((
                    0,
                    format!(
                        "beside {wrong} there are several values in the column, {}, so which say that a label is right cannot be told; leave cells empty where it is unknown",
                        named(&found)
                    ),
                )),
            };
        }
        let name = self.name.to_lowercase();
        let may_mean_right = SAYS_RIGHT.iter().any(|word| name.contains(word))
            && !SAYS_WRONG.iter().any(|word| name.contains(word));
        let mark = |(at, text): (usize, &Option<String>)| {
            let Some(text) = text else { return Ok(None) };
            let word = text.to_lowercase();
            let is_one_of = |words: &[&str]| words.contains(&word.as_str());
            match () {
                () if is_one_of(&WRONG) => Ok(Some(true)),
                () if is_one_of(&RIGHT) => Ok(Some(false)),
                () if !is_one_of(&YES) && !is_one_of(&NO) => Err((
                    at,
                    format!(
                        "{text} does not say whether the label is wrong; give the value that does, as {}=VALUE",
                        self.name
                    ),
                )),
                () if may_mean_right => Err((
                    at,
                    format!(
                        "by its name the column may say of {text} that the label is right; give the value of a wrong one, such as {}=0",
                        self.name
                    ),
                )),
                () => Ok(Some(is_one_of(&YES))),
            }
        };
        texts.iter().enumerate().map(mark).collect()
    }
}

fn text(label: Option<Label<'_>>) -> Option<String> {
    let text = label.map(|label| match label.number() {
        Some(number) => number.to_string(),
        None => label.name().into_owned(),
    });
    text.filter(|text| !text.is_empty())
}

fn named(found: &BTreeSet<&String>) -> String {
    const MOST: usize = 5;
    let shown: Vec<&str> = found.iter().take(MOST).map(|text| text.as_str()).collect();
    let more = if found.len() > MOST { ", …" } else { "" };
    match shown.is_empty() {
        true => "no values".to_owned(),
        false => format!("{}{more}", shown.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(column: &str, cells: &[&'static str]) -> Result<Vec<Option<bool>>, String> {
        let label = |text: &&'static str| Some(Label::Text(text)).filter(|_| !text.is_empty());
        let column: MislabeledColumn = column.parse().unwrap();
        column
            .marks(cells.iter().map(label))
            .map_err(|(_, reason)| reason)
    }

    #[test]
    fn words_and_numbers_say_whether_a_label_is_wrong() {
        let known = Ok(vec![Some(true), None, Some(false)]);
        assert_eq!(marks("mislabeled", &["1", "", "0"]), known);
        assert_eq!(marks("is_noisy", &["True", "", "False"]), known);
        assert_eq!(marks("verdict", &["wrong", "", "Correct"]), known);
        assert_eq!(marks("incorrect", &["yes", "", "no"]), known);
        assert_eq!(marks("verification_label=0", &["0", "", "1"]), known);
        assert_eq!(marks("a=b=x", &["x", "", "y"]), known);
    }

    #[test]
    fn what_may_mean_the_opposite_or_nothing_is_refused() {
        let refused = |column, cells: &[&'static str], part: &str| {
            let reason = marks(column, cells).unwrap_err();
            assert!(reason.contains(part), "{reason}");
        };
        refused(
            "verification_label",
            &["1", "0"],
            "such as verification_label=0",
        );
        refused("is_clean", &["true"], "such as is_clean=0");
        refused("verdict", &["maybe"], "verdict=VALUE");
        refused("verdict=2", &["0", "1"], "no row is 2; the column has 0, 1");
        refused("verdict=2", &["0", "1", "2"], "several values");
    }
}
