//! What several passes say together about each sample.
//!
//! A pass judges the samples that are ordinary in it (not its threshold samples) and have an AUM. A
//! sample's combined AUM is the mean over the passes that judge it. By default it is flagged when
//! every one of them flags it, as in the authors' replication code of Pleiss et al., NeurIPS 2020;
//! by [`Join::Any`] when any does. A pass without a threshold counts for the AUM and has no vote.

use std::ops::Range;

use crate::rules::aum::AumColumn;
use crate::rules::protocol::Join;
use crate::rules::threshold::AumThreshold;

/// The AUMs of one pass. The columns have the length and order of the run's samples.
#[derive(Debug, Clone, PartialEq)]
pub struct PassAums {
    /// 1-based.
    pub pass: u32,
    /// The AUM of each sample, threshold samples included; none where it has no margin.
    pub aums: AumColumn,
    /// Whether each sample serves as a threshold sample.
    pub is_threshold_sample: Vec<bool>,
}

/// What all passes say about one sample.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct SampleVerdict {
    /// How many passes judge it; 0 for a sample that is a threshold sample in every pass.
    pub judged_passes: u32,
    /// The mean AUM over those passes, in logit units.
    pub aum: Option<f64>,
    /// Whether all of them flag it; `None` where none judges it or has a threshold.
    pub flagged: Option<bool>,
}

/// The verdict on each sample of a run, in their order, column by column.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Verdicts {
    judged_passes: Vec<u32>,
    aums: AumColumn,
    flagged: Vec<Option<bool>>,
    judged_count: usize,
    flagged_count: Option<usize>,
}

impl Verdicts {
    /// The number of samples.
    pub fn len(&self) -> usize {
        self.flagged.len()
    }

    /// Whether there is no sample.
    pub fn is_empty(&self) -> bool {
        self.flagged.is_empty()
    }

    /// The verdict on a sample.
    ///
    /// # Panics
    /// Where there is no such sample.
    pub fn get(&self, sample: usize) -> SampleVerdict {
        SampleVerdict {
            judged_passes: self.judged_passes[sample],
            aum: self.aums.get(sample),
            flagged: self.flagged[sample],
        }
    }

    /// All verdicts in the order of the samples.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = SampleVerdict> {
        (0..self.len()).map(|sample| self.get(sample))
    }

    /// The mean AUM of each sample over the passes that judge it, in logit units.
    pub fn aums(&self) -> &AumColumn {
        &self.aums
    }

    /// Whether each sample is flagged; `None` where no pass judges it or has a threshold.
    pub fn flagged(&self) -> &[Option<bool>] {
        &self.flagged
    }

    /// How many samples at least one pass judges.
    pub fn judged_count(&self) -> usize {
        self.judged_count
    }

    /// How many samples are flagged; `None` where no pass has a threshold.
    pub fn flagged_count(&self) -> Option<usize> {
        self.flagged_count
    }
}

/// The verdict on each sample of a run; `thresholds` has one for each of `passes`, whose columns have
/// the same length and order.
pub(crate) fn combine(
    passes: &[&PassAums],
    thresholds: &[Option<AumThreshold>],
    join: Join,
) -> Verdicts {
    let samples = sample_count(passes);
    let mut judged_passes = Vec::with_capacity(samples);
    let mut aums = AumColumn::with_room(samples);
    let mut flagged = Vec::with_capacity(samples);
    hear(passes, thresholds, |voices| {
        judged_passes.extend_from_slice(voices.judged());
        aums.extend_by_means(voices.aums(), voices.judged());
        flagged.extend(voices.verdicts(join));
    });
    let has_threshold = thresholds.iter().any(Option::is_some);
    let count = || flagged.iter().filter(|&&is| is == Some(true)).count();
    Verdicts {
        judged_count: judged_passes.iter().filter(|&&passes| passes > 0).count(),
        flagged_count: has_threshold.then(count),
        judged_passes,
        aums,
        flagged,
    }
}

/// Whether each sample is flagged, as in [`combine`].
pub(crate) fn flagged(
    passes: &[&PassAums],
    thresholds: &[Option<AumThreshold>],
    join: Join,
) -> Vec<Option<bool>> {
    let mut flagged = Vec::with_capacity(sample_count(passes));
    hear(passes, thresholds, |voices| {
        flagged.extend(voices.verdicts(join))
    });
    flagged
}

fn sample_count(passes: &[&PassAums]) -> usize {
    passes.first().map_or(0, |pass| pass.aums.len())
}

/// How many samples are looked at at once.
const BLOCK: usize = 256;

fn blocks(samples: usize) -> impl Iterator<Item = Range<usize>> {
    let starts = (0..samples).step_by(BLOCK);
    starts.map(move |start| start..samples.min(start + BLOCK))
}

/// What the passes say about some samples, added up column by column: the loops over them are plain ones.
struct Voices {
    samples: usize,
    /// How many passes judge each.
    judged: [u32; BLOCK],
    /// How many of these have a threshold.
    votes: [u32; BLOCK],
    /// How many of these flag it.
    flags: [u32; BLOCK],
    /// The sum of the AUMs in those that judge it.
    aums: [f64; BLOCK],
}

/// Adds up what the passes say, and hands it to `listen` for some samples after the other.
fn hear(
    passes: &[&PassAums],
    thresholds: &[Option<AumThreshold>],
    mut listen: impl FnMut(&Voices),
) {
    for samples in blocks(sample_count(passes)) {
        let mut voices = Voices {
            samples: samples.len(),
            judged: [0; BLOCK],
            votes: [0; BLOCK],
            flags: [0; BLOCK],
            aums: [0.0; BLOCK],
        };
        for (pass, threshold) in passes.iter().zip(thresholds) {
            voices.add(&pass.judged_or_nan(samples.clone()), *threshold);
        }
        listen(&voices);
    }
}

impl Voices {
    /// Adds what a pass says; `aums` are NaN where it does not judge.
    fn add(&mut self, aums: &[f64; BLOCK], threshold: Option<AumThreshold>) {
        for (sample, &aum) in aums.iter().enumerate() {
            let judges = !aum.is_nan();
            self.judged[sample] += u32::from(judges);
            self.aums[sample] += if judges { aum } else { 0.0 };
        }
        if let Some(threshold) = threshold {
            for (sample, &aum) in aums.iter().enumerate() {
                self.votes[sample] += u32::from(!aum.is_nan());
                self.flags[sample] += u32::from(threshold.flags(aum));
            }
        }
    }

    fn judged(&self) -> &[u32] {
        &self.judged[..self.samples]
    }

    fn aums(&self) -> &[f64] {
        &self.aums[..self.samples]
    }

    fn verdicts(&self, join: Join) -> impl Iterator<Item = Option<bool>> {
        let voices = self.votes.iter().zip(&self.flags).take(self.samples);
        voices.map(move |(&votes, &flags)| {
            let is_flagged = match join {
                Join::Every => flags == votes,
                Join::Any => flags > 0,
            };
            (votes > 0).then_some(is_flagged)
        })
    }
}

impl PassAums {
    /// The AUM of a sample that this pass judges; `None` for one that it does not.
    pub fn judged_aum(&self, sample: usize) -> Option<f64> {
        let aum = self.aums.get(sample);
        aum.filter(|_| !self.is_threshold_sample[sample])
    }

    /// How many of the samples that this pass judges have such an AUM.
    pub(crate) fn count_judged(&self, is_one: impl Fn(f64) -> bool) -> usize {
        let blocks = blocks(self.aums.len()).map(|samples| {
            let aums = self.judged_or_nan(samples);
            let counted = aums.iter().filter(|aum| !aum.is_nan() & is_one(**aum));
            counted.count()
        });
        blocks.sum()
    }

    /// The AUMs of some samples that this pass judges; NaN for the others, and behind them.
    fn judged_or_nan(&self, samples: Range<usize>) -> [f64; BLOCK] {
        let mut aums = [f64::NAN; BLOCK];
        aums[..samples.len()].copy_from_slice(&self.aums.or_nan()[samples.clone()]);
        for sample in marked(&self.is_threshold_sample[samples]) {
            aums[sample] = f64::NAN;
        }
        aums
    }

    /// The AUMs of its threshold samples, in the order of the samples.
    pub fn threshold_aums(&self) -> Vec<f64> {
        let samples = marked(&self.is_threshold_sample);
        samples.filter_map(|sample| self.aums.get(sample)).collect()
    }
}

/// The places of the marks. Few samples are threshold samples, so that those between them are skipped
/// several at a time.
fn marked(marks: &[bool]) -> impl Iterator<Item = usize> {
    const AT_ONCE: usize = 16;
    let parts = (0..).step_by(AT_ONCE).zip(marks.chunks(AT_ONCE));
    let with_marks = parts.filter(|(_, part)| part.iter().fold(false, |any, &is| any | is));
    with_marks.flat_map(|(start, part)| {
        let places = (start..).zip(part);
        places.filter(|&(_, &is)| is).map(|(place, _)| place)
    })
}

#[cfg(test)]
impl FromIterator<SampleVerdict> for Verdicts {
    fn from_iter<I: IntoIterator<Item = SampleVerdict>>(verdicts: I) -> Self {
        let all: Vec<SampleVerdict> = verdicts.into_iter().collect();
        let flagged: Vec<Option<bool>> = all.iter().map(|verdict| verdict.flagged).collect();
        let has_threshold = flagged.iter().any(Option::is_some);
        let count = flagged.iter().filter(|&&is| is == Some(true)).count();
        Self {
            judged_passes: all.iter().map(|verdict| verdict.judged_passes).collect(),
            aums: all.iter().map(|verdict| verdict.aum).collect(),
            judged_count: all.iter().filter(|verdict| verdict.aum.is_some()).count(),
            flagged_count: has_threshold.then_some(count),
            flagged,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(join: Join, passes: &[(Option<f64>, bool, Option<f64>)]) -> SampleVerdict {
        let columns: Vec<PassAums> = (1..)
            .zip(passes)
            .map(|(pass, &(aum, is_threshold_sample, _))| PassAums {
                pass,
                aums: [aum].into_iter().collect(),
                is_threshold_sample: vec![is_threshold_sample],
            })
            .collect();
        let columns: Vec<&PassAums> = columns.iter().collect();
        let thresholds = passes.iter().map(|pass| pass.2.map(AumThreshold::below));
        let thresholds: Vec<Option<AumThreshold>> = thresholds.collect();
        let verdicts = combine(&columns, &thresholds, join);
        let verdict = verdicts.get(0);
        assert_eq!(flagged(&columns, &thresholds, join), [verdict.flagged]);
        assert_eq!(verdicts.judged_count(), usize::from(verdict.aum.is_some()));
        let has_threshold = thresholds.iter().any(Option::is_some);
        let count = usize::from(verdict.flagged == Some(true));
        assert_eq!(verdicts.flagged_count(), has_threshold.then_some(count));
        verdict
    }

    fn verdict(passes: &[(Option<f64>, bool, Option<f64>)]) -> SampleVerdict {
        joined(Join::Every, passes)
    }

    fn expected(judged_passes: u32, aum: Option<f64>, flagged: Option<bool>) -> SampleVerdict {
        SampleVerdict {
            judged_passes,
            aum,
            flagged,
        }
    }

    #[test]
    fn a_sample_is_flagged_when_every_pass_that_judges_it_flags_it() {
        let both = verdict(&[
            (Some(-2.0), false, Some(0.0)),
            (Some(-1.0), false, Some(0.0)),
        ]);
        assert_eq!(both, expected(2, Some(-1.5), Some(true)));
        let one = verdict(&[
            (Some(-2.0), false, Some(0.0)),
            (Some(1.0), false, Some(0.0)),
        ]);
        assert_eq!(one, expected(2, Some(-0.5), Some(false)));
    }

    #[test]
    fn by_any_one_pass_is_enough() {
        let one = [
            (Some(-2.0), false, Some(0.0)),
            (Some(1.0), false, Some(0.0)),
        ];
        assert_eq!(joined(Join::Any, &one), expected(2, Some(-0.5), Some(true)));
        let none = [(Some(2.0), false, Some(0.0)), (Some(1.0), false, Some(0.0))];
        assert_eq!(joined(Join::Any, &none).flagged, Some(false));
    }

    #[test]
    fn a_pass_does_not_judge_its_own_threshold_samples() {
        let other = verdict(&[(Some(-9.0), true, Some(0.0)), (Some(1.0), false, Some(0.0))]);
        assert_eq!(other, expected(1, Some(1.0), Some(false)));
        let never = verdict(&[(Some(-9.0), true, Some(0.0))]);
        assert_eq!(never, expected(0, None, None));
    }

    #[test]
    fn a_pass_without_the_sample_does_not_judge_it() {
        let one = verdict(&[(None, false, Some(0.0)), (Some(-1.0), false, Some(0.0))]);
        assert_eq!(one, expected(1, Some(-1.0), Some(true)));
    }

    #[test]
    fn without_a_threshold_there_is_an_aum_and_no_verdict() {
        let none = verdict(&[(Some(3.0), false, None)]);
        assert_eq!(none, expected(1, Some(3.0), None));
        let no_vote = verdict(&[(Some(3.0), false, None), (Some(-1.0), false, Some(0.0))]);
        assert_eq!(no_vote, expected(2, Some(1.0), Some(true)));
    }
}
