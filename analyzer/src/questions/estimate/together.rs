//! What the counts of wrong labels say together: one share, and a range that holds it whether labels are wrong at
//! random, by a table of classes, or where they are hard to tell.

use crate::questions::estimate::estimated::Estimated;
use crate::questions::estimate::label_counts::LabelCounts;
use crate::questions::uncertainty::interval::Interval;

/// Of labels that would be right, models that know the classes agree with more. A choice: networks that had
/// hardly learned came to 0.36 and less, the hardest data of others (small photos) to 0.77.
pub(crate) const LEAST_AGREEMENT: f64 = 2.0 / 3.0;
/// Without a pattern the table counts more than what is wrong at random by this much at most, on embeddings of photos,
/// whose classes overlap. A choice.
const CLEAR_PATTERN: f64 = 0.02;
/// A range that is longer says no more than that some labels are wrong. A choice.
pub(crate) const LONGEST_RANGE: f64 = 0.3;

/// Whether the models know enough of the classes to tell a wrong label from one that was not learned.
pub(crate) fn knows_the_classes(counts: &LabelCounts) -> bool {
    let share = |of: Estimated| of.estimate.unwrap_or(1.0);
    let (at_random, disagreeing) = (share(counts.at_random), share(counts.disagreeing));
    at_random <= 0.5 && (1.0 - disagreeing) / (1.0 - at_random) >= LEAST_AGREEMENT
}

/// The share of wrong labels by the AUMs and by all counts; without a number where they do not tell one.
pub(crate) fn together(by_aums: Estimated, counts: &LabelCounts) -> Estimated {
    let ends = |of: Estimated| {
        let middle = of.estimate.unwrap_or_default();
        let (low, high) = of
            .interval
            .map_or((middle, middle), |ends| (ends.low, ends.high));
        (low, middle, high)
    };
    let (random_low, at_random, random_high) = ends(counts.at_random);
    let (table_low, by_table, _) = ends(counts.by_table);
    let (confident_low, confident, _) = ends(counts.confident);
    let (.., disagreeing_high) = ends(counts.disagreeing);
    if !knows_the_classes(counts) {
        return Estimated {
            estimate: None,
            interval: Some(Interval {
                low: 0.0,
                high: disagreeing_high.max(random_high),
            }),
        };
    }
    let has_pattern = table_low > random_high && by_table - at_random > CLEAR_PATTERN;
    let (share, low) = if has_pattern {
        let lower = table_low.min(confident_low);
        (f64::midpoint(by_table, confident), lower.max(random_low))
    } else {
        // Threshold samples are few; where they do not contradict it, the AUMs of all samples say it more exactly.
        let by_aums = by_aums
            .estimate
            .filter(|share| !counts.are_all && (random_low..=random_high).contains(share));
        (by_aums.unwrap_or(at_random), random_low)
    };
    let high = disagreeing_high.max(share);
    let high = if has_pattern {
        high
    } else {
        high.max(random_high)
    };
    Estimated {
        estimate: Some(share).filter(|_| high - low <= LONGEST_RANGE),
        interval: Some(Interval { low, high }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn within(estimate: f64, low: f64, high: f64) -> Estimated {
        Estimated {
            estimate: Some(estimate),
            interval: Some(Interval { low, high }),
        }
    }

    fn counts() -> LabelCounts {
        LabelCounts {
            samples: 1000,
            are_all: false,
            at_random: within(0.2, 0.17, 0.23),
            by_table: within(0.21, 0.19, 0.23),
            confident: within(0.22, 0.2, 0.24),
            disagreeing: within(0.25, 0.23, 0.27),
        }
    }

    fn said(aums: f64, counts: &LabelCounts) -> (Option<f64>, f64, f64) {
        let found = together(within(aums, aums, aums), counts);
        let range = found.interval.unwrap();
        (found.estimate, range.low, range.high)
    }

    #[test]
    fn few_threshold_samples_give_way_to_aums_that_they_do_not_contradict() {
        assert_eq!(said(0.19, &counts()), (Some(0.19), 0.17, 0.27));
        assert_eq!(said(0.35, &counts()), (Some(0.2), 0.17, 0.27));
        let held_out = LabelCounts {
            are_all: true,
            ..counts()
        };
        assert_eq!(said(0.19, &held_out), (Some(0.2), 0.17, 0.27));
    }

    #[test]
    fn a_table_that_is_above_what_is_wrong_at_random_shows_a_pattern() {
        let flip = LabelCounts {
            at_random: within(0.01, 0.0, 0.02),
            ..counts()
        };
        let (share, low, high) = said(0.05, &flip);
        assert!((share.unwrap() - 0.215).abs() < 1e-12);
        assert_eq!((low, high), (0.19, 0.27));
    }

    #[test]
    fn no_number_is_told_where_little_was_learned_or_the_range_is_long() {
        let disagreeing = within(0.8, 0.77, 0.83);
        let little = LabelCounts {
            disagreeing,
            ..counts()
        };
        assert_eq!(said(0.2, &little), (None, 0.0, 0.83));
        let half = LabelCounts {
            at_random: within(0.6, 0.55, 0.65),
            ..counts()
        };
        assert_eq!(said(0.2, &half).0, None);
        let disagreeing = within(0.45, 0.43, 0.48);
        let long = LabelCounts {
            disagreeing,
            ..counts()
        };
        assert_eq!(said(0.2, &long), (None, 0.17, 0.48));
    }
}
