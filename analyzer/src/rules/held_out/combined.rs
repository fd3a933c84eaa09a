//! The combined verdict: samples are ranked by the mean of their ranks by the AUM and by the odds of being
//! mislabeled that held-out evidence gives, the latter weighing as much as it has models. For the two err in different
//! samples: a network that memorises gives wrong labels a high AUM late, held-out evidence is noisy. As many are flagged as the geometric mean of
//! two counts: the samples that are mislabeled with a probability of more than a half, which is too few where
//! wrong labels follow what is hard to tell, and those that confident learning flags, which is too many where
//! classes overlap.

use crate::rules::held_out::verdict::HeldOutVerdict;

/// `log_odds` are those of so many `models`, pooled; `counts` are how many samples with an AUM are mislabeled by either
/// way of counting.
pub(crate) fn combine(
    aums: &[Option<f64>],
    log_odds: &[f64],
    models: usize,
    counts: [usize; 2],
) -> HeldOutVerdict {
    let judged: Vec<usize> = (0..aums.len())
        .filter(|&sample| aums[sample].is_some())
        .collect();
    let of = |sample: usize| aums[sample].unwrap_or_default();
    let by_aum = ranks(&judged, of);
    let by_odds = ranks(&judged, |sample| -log_odds[sample]);
    let mut suspicions = vec![None; aums.len()];
    let most = ((1 + models) * judged.len()).max(1) as f64;
    for ((&sample, aum), odds) in judged.iter().zip(by_aum).zip(by_odds) {
        suspicions[sample] = Some(1.0 - (aum + models * odds) as f64 / most);
    }
    let [first, second] = counts.map(|count| count as f64);
    let count = (first * second).sqrt().round() as usize;
    let mut order = judged;
    order.sort_by(|&a, &b| {
        let suspicion = |sample: usize| suspicions[sample].unwrap_or_default();
        let by_suspicion = suspicion(b).total_cmp(&suspicion(a));
        by_suspicion.then(of(a).total_cmp(&of(b))).then(a.cmp(&b))
    });
    let mut flagged: Vec<Option<bool>> = aums.iter().map(|aum| aum.map(|_| false)).collect();
    order
        .iter()
        .take(count)
        .for_each(|&sample| flagged[sample] = Some(true));
    HeldOutVerdict {
        suspicions,
        flagged,
    }
}

/// The place of each of the `samples`, in their order, by ascending values; equal ones in the order of the log.
fn ranks(samples: &[usize], value: impl Fn(usize) -> f64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..samples.len()).collect();
    order.sort_by(|&a, &b| value(samples[a]).total_cmp(&value(samples[b])));
    let mut ranks = vec![0; samples.len()];
    for (rank, place) in order.into_iter().enumerate() {
        ranks[place] = rank;
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_ranked_by_both_and_as_many_flagged_as_the_counts_geometric_mean() {
        // Ranks by AUM 1, 0, 3, 2 and by odds 0, 2, 3, 1: sums 1, 2, 6, 3.
        let aums = [Some(-1.0), Some(-2.0), None, Some(5.0), Some(1.0)];
        let odds = [4.0, -1.0, 99.0, -6.0, 0.5];
        let found = combine(&aums, &odds, 1, [1, 4]);
        let suspicions = [Some(0.875), Some(0.75), None, Some(0.25), Some(0.625)];
        assert_eq!(found.suspicions, suspicions);
        let flagged = [Some(true), Some(true), None, Some(false), Some(false)];
        assert_eq!(found.flagged, flagged);
    }

    #[test]
    fn pooled_odds_weigh_as_much_as_they_have_models() {
        // Ranks by AUM 0, 1 and by odds 1, 0.
        let by = |models| combine(&[Some(-1.0), Some(1.0)], &[0.0, 1.0], models, [0, 0]).suspicions;
        assert_eq!(by(1), [Some(0.75), Some(0.75)]);
        assert_eq!(by(3), [Some(1.0 - 3.0 / 8.0), Some(1.0 - 1.0 / 8.0)]);
    }

    #[test]
    fn where_one_way_of_counting_finds_none_nothing_is_flagged() {
        let found = combine(&[Some(0.0), Some(1.0)], &[1.0, 0.0], 1, [0, 2]);
        assert_eq!(found.flagged, [Some(false); 2]);
    }
}
