//! One pass as a mixture: its ordinary samples behave partly as mislabeled ones, of which the
//! threshold samples are a labelled sample, and partly as clean ones, of which nothing is known but
//! that low AUMs are rare among them.
//!
//! The noise rate is the largest share κ for which κ times the threshold samples' distribution fits
//! under that of the ordinary ones from the left: the minimum, over AUMs x, of F(x) / F_T(x), where F
//! and F_T are the shares of ordinary and threshold samples with an AUM of at most x. Source: mixture
//! proportion estimation, Blanchard, Lee and Scott, *Journal of Machine Learning Research* 11, 2010;
//! Scott, AISTATS 2015. x is held to the upper fifth of the threshold samples' AUMs: a ratio of small
//! counts fluctuates, and its minimum would be too low.
//!
//! The probability of being mislabeled at an AUM is κ·f_T / f. Its density ratio f_T / f falls as the
//! AUM rises, so it is the slope of the least concave majorant of F_T over F (Grenander 1956, by
//! pooling adjacent violators).

/// The AUM below which this share of the threshold samples lies is the lowest at which the noise
/// rate is looked for.
const LOWEST_THRESHOLD_SHARE: f64 = 0.8;
/// From this probability on a sample is flagged by [`ThresholdRule::Posterior`](crate::rules::threshold_rule::ThresholdRule).
pub const FLAGGED_FROM: f64 = 0.5;

/// The samples of a pass that have an AUM, ascending by it, equal AUMs together.
#[derive(Debug, Clone)]
pub(crate) struct PassMixture {
    aums: Vec<f64>,
    /// The number of the AUM that each sample has, and whether it is a threshold sample.
    members: Vec<Member>,
}

#[derive(Debug, Clone, Copy)]
struct Member {
    sample: u32,
    aum: u32,
    is_threshold_sample: bool,
}

/// How probably a sample with a given AUM is mislabeled: falls from step to step.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Posterior {
    /// The largest share of the threshold samples' distribution that fits, 0 to 1.
    pub(crate) noise_rate: f64,
    /// The last AUM of each step, ascending, and the probability on it.
    steps: Vec<(f64, f64)>,
}

impl PassMixture {
    /// The samples of a pass; both columns have the same length and order.
    pub(crate) fn new(aums: &[Option<f64>], is_threshold_sample: &[bool]) -> Self {
        let numbered = (0_u32..).zip(aums).zip(is_threshold_sample);
        let mut samples: Vec<(f64, u32, bool)> = numbered
            .filter_map(|((sample, aum), &is)| Some(((*aum)?, sample, is)))
            .collect();
        samples.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let mut mixture = Self {
            aums: Vec::new(),
            members: Vec::with_capacity(samples.len()),
        };
        for (aum, sample, is_threshold_sample) in samples {
            if mixture.aums.last() != Some(&aum) {
                mixture.aums.push(aum);
            }
            mixture.members.push(Member {
                sample,
                aum: u32::try_from(mixture.aums.len() - 1).expect("no more than samples"),
                is_threshold_sample,
            });
        }
        mixture
    }

    /// The fit where each sample counts as often as `weights` says; `None` where no threshold sample
    /// or no ordinary one counts.
    pub(crate) fn fit(&self, weights: &[u32]) -> Option<Posterior> {
        let (counts, all) = self.counts(weights);
        if all.ordinary == 0 || all.threshold == 0 {
            return None;
        }
        let tail = least_tail(&counts, all);
        let step = |block: Block| {
            let Counts {
                ordinary,
                threshold,
            } = block.counts;
            // κ·f_T / f: the totals cancel, and what is left is exact up to the division. The first
            // block can be of threshold samples alone: no ordinary sample is there.
            let probability = if ordinary > 0 {
                let fitting = tail.ordinary as f64 * threshold as f64;
                (fitting / (tail.threshold as f64 * ordinary as f64)).min(1.0)
            } else {
                1.0
            };
            (self.aums[block.last], probability)
        };
        Some(Posterior {
            noise_rate: tail.ratio(all),
            steps: majorant(&counts).into_iter().map(step).collect(),
        })
    }

    /// How many ordinary and threshold samples there are at each AUM, and in all.
    fn counts(&self, weights: &[u32]) -> (Vec<Counts>, Counts) {
        let mut counts = vec![Counts::default(); self.aums.len()];
        let mut all = Counts::default();
        for member in &self.members {
            let weight = u64::from(weights[member.sample as usize]);
            for counts in [&mut counts[member.aum as usize], &mut all] {
                if member.is_threshold_sample {
                    counts.threshold += weight;
                } else {
                    counts.ordinary += weight;
                }
            }
        }
        (counts, all)
    }

    /// How many ordinary samples have an AUM.
    pub(crate) fn ordinary_count(&self) -> usize {
        let ordinary = |member: &&Member| !member.is_threshold_sample;
        self.members.iter().filter(ordinary).count()
    }

    /// The AUMs of the ordinary and of the threshold samples, each ascending.
    pub(crate) fn ordinary_and_threshold_aums(&self) -> (Vec<f64>, Vec<f64>) {
        let side = |is_threshold_sample: bool| {
            let of_side = self.members.iter();
            let of_side = of_side.filter(|m| m.is_threshold_sample == is_threshold_sample);
            of_side.map(|m| self.aums[m.aum as usize]).collect()
        };
        (side(false), side(true))
    }

    /// The AUM below which [`Posterior::at`] is [`FLAGGED_FROM`] or more: the next one that was
    /// observed.
    pub(crate) fn threshold(&self, posterior: &Posterior) -> Option<f64> {
        let flagged = |&&aum: &&f64| posterior.at(aum) >= FLAGGED_FROM;
        let last_flagged = self.aums.iter().rev().find(flagged);
        match last_flagged {
            None => self.aums.first().copied(),
            Some(&last) => {
                let next = self.aums.partition_point(|&aum| aum <= last);
                Some(self.aums.get(next).copied().unwrap_or(last.next_up()))
            }
        }
    }
}

impl Posterior {
    /// The probability of being mislabeled at an AUM, 0 to 1.
    pub(crate) fn at(&self, aum: f64) -> f64 {
        let step = self.steps.partition_point(|&(last, _)| last < aum);
        let step = self.steps.get(step).or(self.steps.last());
        step.map_or(0.0, |&(_, probability)| probability)
    }
}

/// How many ordinary and how many threshold samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Counts {
    ordinary: u64,
    threshold: u64,
}

impl Counts {
    /// F / F_T, where `all` are all samples.
    fn ratio(self, all: Counts) -> f64 {
        let share = self.ordinary as f64 * all.threshold as f64;
        share / (self.threshold as f64 * all.ordinary as f64)
    }

    fn add(&mut self, other: Counts) {
        self.ordinary += other.ordinary;
        self.threshold += other.threshold;
    }
}

/// What lies up to the AUM where F / F_T is least, of the AUMs with enough threshold samples below.
fn least_tail(counts: &[Counts], all: Counts) -> Counts {
    let mut below = Counts::default();
    let mut least = all;
    for &here in counts {
        below.add(here);
        // A minimum is at the AUM of a threshold sample: between two of them F only grows.
        let is_candidate = here.threshold > 0
            && below.threshold as f64 >= LOWEST_THRESHOLD_SHARE * all.threshold as f64;
        if is_candidate && below.ratio(all) < least.ratio(all) {
            least = below;
        }
    }
    least
}

/// Neighbouring AUMs with one density ratio.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Block {
    counts: Counts,
    /// The number of its last AUM.
    last: usize,
}

/// Pools neighbours until the ratio threshold / ordinary falls from block to block.
fn majorant(counts: &[Counts]) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    for (last, &counts) in counts.iter().enumerate() {
        let mut block = Block { counts, last };
        while let Some(before) = blocks.last()
            && before.counts.threshold * block.counts.ordinary
                <= block.counts.threshold * before.counts.ordinary
        {
            block.counts.add(before.counts);
            blocks.pop();
        }
        blocks.push(block);
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    /// AUMs 1, 2, 3, … of samples: `t` a threshold sample, `o` an ordinary one.
    fn mixture(kinds: &str) -> PassMixture {
        let aums: Vec<Option<f64>> = (1_u32..)
            .take(kinds.len())
            .map(|n| Some(n.into()))
            .collect();
        let marks: Vec<bool> = kinds.chars().map(|kind| kind == 't').collect();
        PassMixture::new(&aums, &marks)
    }

    fn fit(kinds: &str) -> Posterior {
        mixture(kinds).fit(&vec![1; kinds.len()]).unwrap()
    }

    #[test]
    fn the_noise_rate_is_the_share_that_fits_under_the_ordinary_samples() {
        // Below the last threshold sample lie 2 of 8 ordinary ones, and all threshold samples.
        assert_eq!(fit("otototttoooooo").noise_rate, 3.0 / 9.0);
        assert_eq!(fit("ototttttoooooo").noise_rate, 0.25);
        // All ordinary samples lie below the threshold samples; none does.
        assert_eq!(fit("ooottt").noise_rate, 1.0);
        assert_eq!(fit("tttooo").noise_rate, 0.0);
    }

    #[test]
    fn the_posterior_falls_and_can_be_computed_by_hand() {
        // t o o t | o o o o: F_T = 1 and F = 2/6 at the last threshold sample, so κ = 1/3. The first
        // block, t alone, has ratio 1/2 : 0; then o o t with 1/2 : 1/3, the probability 1/2; then 0.
        let posterior = fit("tootoooo");
        assert_eq!(posterior.noise_rate, 1.0 / 3.0);
        let probabilities: Vec<f64> = (1_u32..=8).map(|aum| posterior.at(aum.into())).collect();
        let expected = [1.0, 0.5, 0.5, 0.5, 0.0, 0.0, 0.0, 0.0];
        for (found, expected) in probabilities.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-12, "{probabilities:?}");
        }
        assert_eq!(mixture("tootoooo").threshold(&posterior), Some(5.0));
    }

    #[test]
    fn ordinary_samples_below_every_threshold_sample_are_surely_mislabeled() {
        let posterior = fit("oottoooooo");
        assert_eq!((posterior.noise_rate, posterior.at(1.0)), (0.25, 1.0));
        assert_eq!(posterior.at(-100.0), 1.0);
        assert_eq!(posterior.at(100.0), 0.0);
    }

    #[test]
    fn equal_aums_have_one_probability_whatever_the_order_of_samples() {
        let aums = [1.0, 1.0, 2.0, 2.0].map(Some);
        let fits = [[true, false, false, false], [false, true, false, false]]
            .map(|marks| PassMixture::new(&aums, &marks).fit(&[1; 4]).unwrap());
        assert_eq!(fits[0], fits[1]);
        assert!((fits[0].at(1.0) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_sample_that_counts_twice_is_as_good_as_two() {
        let weighted = mixture("otooo").fit(&[1, 1, 2, 1, 1]).unwrap();
        assert!((weighted.noise_rate - fit("otoooo").noise_rate).abs() < 1e-12);
    }

    #[test]
    fn nothing_flagged_puts_the_threshold_below_all() {
        let clean = mixture("tttooo");
        let posterior = clean.fit(&[1; 6]).unwrap();
        // The first block has no ordinary sample; it does not matter that it counts as mislabeled.
        assert_eq!(clean.threshold(&posterior), Some(4.0));
    }

    #[test]
    fn without_threshold_or_ordinary_samples_there_is_no_fit() {
        assert_eq!(mixture("ooo").fit(&[1; 3]), None);
        assert_eq!(mixture("ttt").fit(&[1; 3]), None);
        assert_eq!(mixture("to").fit(&[0, 1]), None);
    }
}
