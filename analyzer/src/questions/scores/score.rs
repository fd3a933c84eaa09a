//! What a score is: its names, its suspicious side, and what it is computed from.

use crate::analysis::combined::HeldOutEvidence;
use crate::questions::scores::logit_row::LogitRow;
use crate::questions::scores::over_epochs::EachSample;

/// One of the statistics.
#[derive(Debug, Clone, Copy)]
pub struct Score {
    /// Its name in files and JSON.
    pub name: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// Whether a low value is the sign of a mislabeled sample, rather than a high one.
    pub is_low_for_mislabeled: bool,
    /// Whether it is drawn beside the AUM; one that is a weak sign alone is not.
    pub is_drawn: bool,
    /// What it is computed from.
    pub(crate) from: Source,
}

/// What a score is computed from.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Source {
    /// The verdicts, which have it already.
    Aums,
    /// The margin in each epoch: positive where the given label has the largest logit.
    Margins(fn(usize) -> Box<dyn EachSample>),
    /// A number that the logits give in each epoch.
    Logits(fn(&LogitRow<'_>) -> f64, fn(usize) -> Box<dyn EachSample>),
    /// The held-out logits beside the log, where they have it.
    HeldOut(fn(&HeldOutEvidence) -> Option<&[Option<f64>]>),
}

impl Score {
    pub(crate) fn needs_logits(&self) -> bool {
        matches!(self.from, Source::Logits(..))
    }
}

impl PartialEq for Score {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

/// The titles of some scores as they stand in a sentence, such as `confidence, EL2N and mean loss`.
pub(crate) fn named(scores: impl Iterator<Item = &'static Score>) -> String {
    let names: Vec<String> = scores.map(|score| in_sentence(score.title)).collect();
    match &names[..] {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// A word begins small, an abbreviation does not.
fn in_sentence(title: &str) -> String {
    let mut letters = title.chars();
    match (letters.next(), letters.next()) {
        (Some(first), Some(second)) if second.is_lowercase() => first
            .to_lowercase()
            .chain([second])
            .chain(letters)
            .collect(),
        _ => title.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::questions::scores::SCORES;

    #[test]
    fn scores_are_named_in_a_sentence() {
        let of_logits = SCORES.iter().filter(|score| score.needs_logits());
        let expected = "confidence, variability, EL2N and mean loss";
        assert_eq!(named(of_logits), expected);
        assert_eq!(named(SCORES.iter().take(1)), "AUM");
    }
}
