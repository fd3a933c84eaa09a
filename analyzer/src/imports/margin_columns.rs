//! Which columns of a table give the margin of a measurement: one of margins, the two logits whose difference
//! it is, or the logits of all classes, which give its rival too.

use logformat::{Column, wide_margin};

use crate::imports::measurements::Measurement;

pub(crate) const MARGIN: &str = Column::Margin.name();
pub(crate) const LOGITS: [&str; 2] = ["assigned_logit", "other_logit"];

/// Where the margins stand.
pub(crate) enum MarginAt {
    Column(usize),
    /// The logit of the label, and the largest other one.
    Logits(usize, usize),
    /// All logits, by class.
    AllLogits(Vec<usize>),
}

impl MarginAt {
    /// Where the numbers stand that it comes from, and what each is.
    pub(crate) fn columns(&self) -> Vec<(usize, &'static str)> {
        match self {
            Self::Column(at) => vec![(*at, MARGIN)],
            Self::Logits(own, other) => vec![(*own, LOGITS[0]), (*other, LOGITS[1])],
            Self::AllLogits(all) => all.iter().map(|&at| (at, "a logit")).collect(),
        }
    }

    /// A measurement by its `numbers`, those of the columns.
    pub(crate) fn of<'m>(
        &self,
        numbers: &[f64],
        row: Measurement<'m>,
    ) -> Result<Measurement<'m>, String> {
        let (margin, rival_label) = match (self, numbers) {
            (Self::AllLogits(_), logits) => {
                let (label, count) = (row.assigned_label, logits.len());
                let is_finite = logits.iter().all(|logit| logit.is_finite());
                let margin = wide_margin(logits, label).filter(|_| is_finite);
                let margin = margin.ok_or_else(|| match is_finite {
                    true => format!("has label {label}, but only {count} logits"),
                    false => {
                        "has a logit that is no finite number; leave out what is no measurement"
                            .to_owned()
                    }
                })?;
                (margin.value, Some(margin.rival_label))
            }
            (Self::Logits(..), [own, other]) => ((own - other) as f32, row.rival_label),
            (Self::Column(_) | Self::Logits(..), numbers) => {
                (numbers.iter().sum::<f64>() as f32, row.rival_label)
            }
        };
        Ok(Measurement {
            margin,
            rival_label,
            ..row
        })
    }

    /// The same where margins are not asked for: its rival may be any class.
    pub(crate) fn unmeasured<'m>(&self, row: Measurement<'m>) -> Measurement<'m> {
        match self {
            Self::Column(_) | Self::Logits(..) => row,
            Self::AllLogits(all) => Measurement {
                rival_label: u32::try_from(all.len() - 1).ok(),
                ..row
            },
        }
    }
}
