//! How far two runs, or two passes, agree: the correlation of their AUM rankings, the overlap of what
//! they flag, and the samples on which they disagree most.
//!
//! Compared are the samples that both judge and that carry the same given label in both: an AUM is
//! that of a label, so the AUMs of two different labels say nothing about each other. They are known by the ids of
//! their owner, or else by those of the logs.

use std::collections::BTreeMap;

use logformat::{SampleId, SampleIds};

use crate::analysis::judgement::PassJudgement;
use crate::analysis::run_analysis::RunAnalysis;
use crate::logs::origins::ID;
use crate::logs::run_log::RunLog;
use crate::questions::comparison::correlation::{kendall, spearman};
use crate::rules::protocol::Join;
use crate::rules::verdict::{PassAums, Verdicts, verdicts};

/// One side of a comparison: the verdicts of a run, or of one of its passes.
#[derive(Debug, Clone)]
pub struct Ranking<'a> {
    /// What it is called: the run, or the run and the pass.
    pub name: String,
    pub(crate) log: &'a RunLog,
    verdicts: Verdicts,
}

/// What two rankings have in common.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Samples that both judge, with the same given label; all that follows is about these.
    pub compared: usize,
    /// Samples that only the first judges.
    pub only_first: usize,
    /// Samples that only the second judges.
    pub only_second: usize,
    /// Samples that both judge, but with another given label: left out.
    pub other_label: usize,
    /// Whether samples were paired by the ids of their owner where those of the logs differ.
    pub by_own_ids: bool,
    /// Spearman's correlation of the AUMs, −1 to 1.
    pub spearman: Option<f64>,
    /// Kendall's τ-b of the AUMs, −1 to 1.
    pub kendall: Option<f64>,
    /// How many the first flags; `None` where either has no threshold.
    pub flagged_first: Option<usize>,
    /// How many the second flags.
    pub flagged_second: Option<usize>,
    /// How many both flag.
    pub flagged_both: Option<usize>,
    /// The compared samples, those with the largest difference of ranks first; equal ones by id.
    pub samples: Vec<ComparedSample>,
}

/// A sample that both rankings have.
#[derive(Debug, Clone, PartialEq)]
pub struct ComparedSample {
    /// The sample.
    pub sample_id: SampleId,
    /// Its position in the log of the first.
    pub sample: usize,
    /// The class that the data set carries.
    pub given_label: Option<u32>,
    /// The class known to be right.
    pub true_label: Option<u32>,
    /// The AUM in each, in logit units.
    pub aums: [f64; 2],
    /// The rank by AUM in each, 1 for the lowest; equal AUMs by id.
    pub ranks: [u32; 2],
    /// Whether each flags it.
    pub flagged: [Option<bool>; 2],
}

impl Comparison {
    /// The overlap of the flagged samples: flagged by both of flagged by either, 0 to 1 (Jaccard);
    /// `None` where nothing is flagged.
    pub fn jaccard(&self) -> Option<f64> {
        let both = self.flagged_both?;
        let either = self.flagged_first? + self.flagged_second? - both;
        (either > 0).then(|| both as f64 / either as f64)
    }
}

impl ComparedSample {
    /// How many places lie between the two ranks.
    pub fn rank_difference(&self) -> u32 {
        self.ranks[0].abs_diff(self.ranks[1])
    }
}

impl<'a> Ranking<'a> {
    /// The verdicts of a run over all its passes.
    pub fn of_run(log: &'a RunLog, analysis: &RunAnalysis) -> Self {
        Self {
            name: log.title().to_owned(),
            verdicts: analysis.verdicts.clone(),
            log,
        }
    }

    /// The verdicts of each pass of a run by itself.
    pub fn of_passes(log: &'a RunLog, analysis: &RunAnalysis) -> Vec<Self> {
        let passes = analysis.aums.iter().zip(&analysis.passes);
        let ranking = |(aums, found): (&PassAums, &PassJudgement)| Self {
            name: format!("{}, pass {}", log.title(), aums.pass),
            verdicts: verdicts(&[(aums, found.threshold)], Join::Every),
            log,
        };
        passes.map(ranking).collect()
    }

    fn judges(&self, sample: usize) -> bool {
        self.verdicts.get(sample).aum.is_some()
    }
}

/// Compares two rankings.
pub fn compare(first: &Ranking<'_>, second: &Ranking<'_>) -> Comparison {
    let paired = paired(first, second);
    let aums: [Vec<f64>; 2] = [0, 1].map(|side| {
        let aums = paired.samples.iter().map(|sample| sample.aums[side]);
        aums.collect()
    });
    let mut samples = paired.samples;
    for side in 0..2 {
        rank(&mut samples, side);
    }
    let count = |flagged: &dyn Fn(&ComparedSample) -> Option<bool>| -> Option<usize> {
        let verdicts: Option<Vec<bool>> = samples.iter().map(flagged).collect();
        verdicts.map(|all| all.into_iter().filter(|&flagged| flagged).count())
    };
    let mut comparison = Comparison {
        compared: samples.len(),
        only_first: paired.only_first,
        only_second: paired.only_second,
        other_label: paired.other_label,
        by_own_ids: paired.by_own_ids,
        spearman: spearman(&aums[0], &aums[1]),
        kendall: kendall(&aums[0], &aums[1]),
        flagged_first: count(&|sample| sample.flagged[0]),
        flagged_second: count(&|sample| sample.flagged[1]),
        flagged_both: count(&|sample| Some(sample.flagged[0]? && sample.flagged[1]?)),
        samples: Vec::new(),
    };
    // They are in the order of their ids, in which a stable sort leaves equal differences.
    samples.sort_by_key(|sample| std::cmp::Reverse(sample.rank_difference()));
    comparison.samples = samples;
    comparison
}

struct Paired {
    samples: Vec<ComparedSample>,
    only_first: usize,
    only_second: usize,
    other_label: usize,
    by_own_ids: bool,
}

fn paired(first: &Ranking<'_>, second: &Ranking<'_>) -> Paired {
    let mut paired = Paired {
        samples: Vec::new(),
        only_first: 0,
        only_second: 0,
        other_label: 0,
        by_own_ids: false,
    };
    let mut is_alone = vec![true; second.log.sample_count()];
    for (a, partner) in partners(first.log, second.log).into_iter().enumerate() {
        match partner {
            Some(b) => {
                is_alone[b] = false;
                paired.by_own_ids |= first.log.sample_ids.get(a) != second.log.sample_ids.get(b);
                paired.add(first, a, second, b);
            }
            None => paired.only_first += usize::from(first.judges(a)),
        }
    }
    let alone = (0..is_alone.len()).filter(|&b| is_alone[b] && second.judges(b));
    paired.only_second += alone.count();
    paired
}

/// Where each sample of the first stands in the second: by the ids of their owner where both have them, since those of
/// the log may count the rows of two tables.
fn partners(first: &RunLog, second: &RunLog) -> Vec<Option<usize>> {
    if let (Some(ids), Some(others)) = (own_ids(first), own_ids(second)) {
        let others = others.into_iter().zip(0..);
        let places: BTreeMap<String, usize> = others.collect();
        return ids.iter().map(|id| places.get(id).copied()).collect();
    }
    let ids = 0..first.sample_count();
    let place = |at| match (first.sample_ids.get(at)?, &second.sample_ids) {
        (SampleId::Integer(id), SampleIds::Integers(all)) => all.binary_search(&id).ok(),
        (SampleId::Text(id), SampleIds::Texts(all)) => all.binary_search(&id).ok(),
        // Ids of different kinds are never equal.
        _ => None,
    };
    ids.map(place).collect()
}

fn own_ids(log: &RunLog) -> Option<Vec<String>> {
    log.origins.column(ID)?;
    log.origins.texts(ID).into_iter().collect()
}

impl Paired {
    fn add(&mut self, first: &Ranking<'_>, a: usize, second: &Ranking<'_>, b: usize) {
        let verdicts = [first.verdicts.get(a), second.verdicts.get(b)];
        let (Some(aum), Some(other_aum)) = (verdicts[0].aum, verdicts[1].aum) else {
            self.only_first += usize::from(first.judges(a));
            self.only_second += usize::from(second.judges(b));
            return;
        };
        let given_label = first.log.given_labels[a];
        if given_label != second.log.given_labels[b] {
            self.other_label += 1;
            return;
        }
        let Some(sample_id) = first.log.sample_ids.get(a) else {
            return;
        };
        self.samples.push(ComparedSample {
            sample_id,
            sample: a,
            given_label,
            true_label: first.log.true_labels[a].or(second.log.true_labels[b]),
            aums: [aum, other_aum],
            ranks: [0, 0],
            flagged: verdicts.map(|verdict| verdict.flagged),
        });
    }
}

fn rank(samples: &mut [ComparedSample], side: usize) {
    let mut order: Vec<usize> = (0..samples.len()).collect();
    order.sort_by(|&a, &b| samples[a].aums[side].total_cmp(&samples[b].aums[side]));
    for (rank, at) in (1..).zip(order) {
        samples[at].ranks[side] = rank;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::run_analysis::analyze;
    use crate::analysis::settings::AumSettings;
    use crate::logs::origins::Origins;
    use crate::logs::two_passes::two_passes;

    fn compared(first: &RunLog, second: &RunLog) -> (Comparison, [RunAnalysis; 2]) {
        let settings = AumSettings::default();
        let [one, two] = [first, second].map(|log| analyze(log, &settings).unwrap());
        let rankings = [Ranking::of_run(first, &one), Ranking::of_run(second, &two)];
        (compare(&rankings[0], &rankings[1]), [one, two])
    }

    #[test]
    fn two_passes_are_compared_as_by_hand() {
        let log = two_passes();
        let analysis = analyze(&log, &AumSettings::default()).unwrap();
        let passes = Ranking::of_passes(&log, &analysis);
        let found = compare(&passes[0], &passes[1]);
        // Pass 1 judges 0, 1, 2 and pass 2 judges 0, 1, 3: AUMs 3, -2.5 and 1.5, -1.5.
        assert_eq!(
            (found.compared, found.only_first, found.only_second),
            (2, 1, 1)
        );
        assert_eq!((found.spearman, found.kendall), (Some(1.0), Some(1.0)));
        assert_eq!(found.flagged_both, Some(1));
        assert_eq!(found.jaccard(), Some(1.0));
        assert_eq!(found.samples[0].aums, [3.0, 1.5]);
        assert_eq!(found.samples[0].ranks, [2, 2]);
    }

    #[test]
    fn the_largest_difference_of_ranks_comes_first_and_other_labels_are_left_out() {
        let first = two_passes();
        let mut second = two_passes();
        second.given_labels[3] = Some(1);
        let settings = AumSettings::default();
        let [one, mut two] = [&first, &second].map(|log| analyze(log, &settings).unwrap());
        // First: 2.25, -2, 1.5; second: -3, -2, 1.5. Ranks 3 1 2 and 1 2 3.
        let mut verdicts: Vec<_> = two.verdicts.iter().collect();
        verdicts[0].aum = Some(-3.0);
        verdicts[0].flagged = Some(true);
        two.verdicts = verdicts.into_iter().collect();
        let found = compare(
            &Ranking::of_run(&first, &one),
            &Ranking::of_run(&second, &two),
        );
        assert_eq!((found.compared, found.other_label), (3, 1));
        assert_eq!(found.samples[0].sample_id, 0.into());
        assert_eq!(found.samples[0].rank_difference(), 2);
        assert_eq!(found.samples[1].sample_id, 1.into());
        assert_eq!(found.spearman, Some(-0.5));
        assert_eq!(
            (found.flagged_first, found.flagged_second),
            (Some(1), Some(2))
        );
        assert_eq!(found.jaccard(), Some(0.5));
    }

    /// The rows of a table in another order have other ids in the log.
    #[test]
    fn samples_are_paired_by_the_ids_of_their_owner() {
        let owned = |own: [&str; 4]| {
            let mut log = two_passes();
            let ids = SampleIds::Texts(own.map(str::to_owned).to_vec());
            log.origins = Origins::new(&log.sample_ids, &vec![None; 4], &[None; 4], Some(&ids));
            log
        };
        let [first, second] = [["a", "b", "c", "d"], ["d", "c", "b", "e"]].map(owned);
        let (found, [one, two]) = compared(&first, &second);
        assert_eq!(
            (found.compared, found.only_first, found.only_second),
            (3, 1, 1)
        );
        assert!(found.by_own_ids);
        // b is sample 1 of the first and 2 of the second.
        let b = found
            .samples
            .iter()
            .find(|sample| sample.sample == 1)
            .unwrap();
        let aum = |analysis: &RunAnalysis, at| analysis.verdicts.get(at).aum.unwrap();
        assert_eq!(b.aums, [aum(&one, 1), aum(&two, 2)]);
        assert_ne!(b.aums[0], b.aums[1]);
    }

    #[test]
    fn ids_of_different_kinds_have_nothing_in_common() {
        let first = two_passes();
        let mut second = two_passes();
        second.sample_ids = SampleIds::Texts(["0", "1", "2", "3"].map(str::to_owned).to_vec());
        let (found, _) = compared(&first, &second);
        assert_eq!(
            (found.compared, found.only_first, found.only_second),
            (0, 4, 4)
        );
        assert_eq!((found.spearman, found.jaccard()), (None, None));
    }
}
