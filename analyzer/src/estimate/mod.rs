//! What can be said without any known truth: the noise rate, how probably each sample is mislabeled,
//! and from these the precision and recall to be expected of each percentile.
//!
//! Every number rests on one assumption: mislabeled samples have the AUMs that threshold samples
//! have. It is wrong, and the numbers are biased, in two cases that the AUMs themselves show. Where
//! the network underfits, clean samples are as low as threshold samples and are counted as mislabeled
//! (too high). Where the noise is a pattern that the network learns, as when each class gets one
//! other label, mislabeled samples are higher than threshold samples and are missed (too low). In
//! both there is no gap between the threshold samples and the samples that would be clean:
//! [`PassEstimate::gap`]. The intervals tell how far chance goes, and nothing about this bias.

mod estimated;
mod mixture;

pub use self::estimated::Estimated;
pub use self::mixture::FLAGGED_FROM;
use self::mixture::PassMixture;
pub(crate) use self::mixture::Posterior;
use crate::bootstrap;
use crate::verdict::combine;
use crate::{AumThreshold, Cut, Join, PassAums, Percentile, RunAnalysis, RunLog, aum_threshold};

/// A smaller gap (see [`PassEstimate::gap`]) makes an estimate doubtful. A rule of thumb: it was chosen
/// on some recorded runs with known noise (digits and MNIST), where it told errors above 0.02 from
/// smaller ones, and was not tried on others since. A larger gap is no proof.
pub const SMALLEST_SOUND_GAP: f64 = 0.5;

/// Passes whose noise rates differ by more do not agree (see [`Estimate::disagreement`]). They judge
/// the same given labels but for those of the threshold samples, so that only chance, of some
/// hundredths with a hundred threshold samples, should lie between them; a choice, not a test.
pub const LARGEST_SOUND_DIFFERENCE: f64 = 0.1;

/// What is to be estimated, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct EstimateSettings {
    /// The percentiles to judge.
    pub percentiles: Vec<Percentile>,
    /// How many times the samples are drawn anew for the intervals.
    pub resamples: u32,
    /// The seed of these draws.
    pub seed: u64,
}

/// What is estimated of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate {
    /// The share of mislabeled samples, 0 to 1: the mean over the passes, each counting by its
    /// ordinary samples.
    pub noise_rate: Estimated,
    /// The passes with threshold samples, ascending.
    pub passes: Vec<PassEstimate>,
    /// How probably each sample is mislabeled, 0 to 1: the mean over the passes that judge it; in
    /// the order of the log.
    pub probabilities: Vec<Option<f64>>,
    /// What each rule would find: the percentiles in their order, then the rule by probability.
    pub rules: Vec<ExpectedQuality>,
}

impl Estimate {
    /// The passes with the lowest and the highest noise rate, where these are more than
    /// [`LARGEST_SOUND_DIFFERENCE`] apart: then at least one is wrong, and so is their mean.
    pub fn disagreement(&self) -> Option<[PassEstimate; 2]> {
        let by_rate = |a: &&PassEstimate, b: &&PassEstimate| a.noise_rate.total_cmp(&b.noise_rate);
        let lowest = *self.passes.iter().min_by(by_rate)?;
        let highest = *self.passes.iter().max_by(by_rate)?;
        let apart = highest.noise_rate - lowest.noise_rate > LARGEST_SOUND_DIFFERENCE;
        apart.then_some([lowest, highest])
    }
}

/// What is estimated of one pass.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PassEstimate {
    /// 1-based.
    pub pass: u32,
    /// The share of mislabeled samples, 0 to 1.
    pub noise_rate: f64,
    /// The AUM below which the probability of being mislabeled is [`FLAGGED_FROM`] or more.
    pub threshold: Option<f64>,
    /// How many threshold samples it rests on.
    pub threshold_samples: usize,
    /// How far nine in ten of the samples that would be clean lie above the 99th percentile of the
    /// threshold samples' AUMs, in interquartile ranges of these; negative for an overlap.
    pub gap: Option<f64>,
}

/// How good a rule is to be expected.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ExpectedQuality {
    /// The percentile; `None` for the rule that flags by probability.
    pub percentile: Option<Percentile>,
    /// How many samples are flagged.
    pub flagged: usize,
    /// The share of the flagged samples that are mislabeled: their mean probability.
    pub precision: Estimated,
    /// The share of the mislabeled samples that are flagged: the flagged part of all probabilities.
    pub recall: Estimated,
}

/// The AUM below which a sample of a pass is mislabeled with a probability of [`FLAGGED_FROM`] or
/// more; `None` without threshold or without ordinary samples.
pub fn posterior_threshold(aums: &[Option<f64>], is_threshold_sample: &[bool]) -> Option<f64> {
    let mixture = PassMixture::new(aums, is_threshold_sample);
    let posterior = mixture.fit(&vec![1; aums.len()])?;
    mixture.threshold(&posterior)
}

/// Estimates what is asked for; `None` where no pass has both threshold and ordinary samples.
pub fn estimate(
    log: &RunLog,
    analysis: &RunAnalysis,
    settings: &EstimateSettings,
) -> Option<Estimate> {
    let passes = analysis.aums_of_passes(log).into_iter();
    let passes: Vec<Pass> = passes
        .map(|aums| Pass {
            mixture: PassMixture::new(&aums.aums, &aums.is_threshold_sample),
            aums,
        })
        .collect();
    let samples = log.sample_count();
    let fits = fit(&passes, &vec![1; samples]);
    let noise_rate = noise_rate(&passes, &fits)?;
    let probabilities = probabilities(&passes, &fits, samples);
    let flagged = flagged_by_each(&passes, &fits, &settings.percentiles);
    let quality = qualities(&probabilities, &flagged);
    let replicates = bootstrap::replicates(samples, settings.resamples, settings.seed, |weights| {
        replicate(&passes, &flagged, weights)
    });
    let rates = replicates.iter().map(|replicate| replicate.noise_rate);
    Some(Estimate {
        noise_rate: Estimated::new(Some(noise_rate), rates),
        passes: pass_estimates(&passes, &fits),
        rules: expected(&settings.percentiles, &flagged, &quality, &replicates),
        probabilities,
    })
}

struct Pass {
    mixture: PassMixture,
    aums: PassAums,
}

struct Replicate {
    noise_rate: Option<f64>,
    qualities: Vec<Quality>,
}

#[derive(Clone, Copy)]
struct Quality {
    precision: Option<f64>,
    recall: Option<f64>,
}

fn fit(passes: &[Pass], weights: &[u32]) -> Vec<Option<Posterior>> {
    let fits = passes.iter().map(|pass| pass.mixture.fit(weights));
    fits.collect()
}

/// The same samples, drawn anew: other probabilities for the same flagged samples.
fn replicate(passes: &[Pass], flagged: &[Vec<usize>], weights: &[u32]) -> Replicate {
    let fits = fit(passes, weights);
    let probabilities = probabilities(passes, &fits, weights.len());
    Replicate {
        noise_rate: noise_rate(passes, &fits),
        qualities: qualities(&probabilities, flagged),
    }
}

fn noise_rate(passes: &[Pass], fits: &[Option<Posterior>]) -> Option<f64> {
    let (mut sum, mut count) = (0.0, 0.0);
    for (pass, fit) in passes.iter().zip(fits) {
        if let Some(fit) = fit {
            let ordinary = pass.mixture.ordinary_count() as f64;
            sum += fit.noise_rate * ordinary;
            count += ordinary;
        }
    }
    (count > 0.0).then(|| sum / count)
}

fn probabilities(passes: &[Pass], fits: &[Option<Posterior>], samples: usize) -> Vec<Option<f64>> {
    let of_sample = |sample: usize| {
        let (mut sum, mut count) = (0.0, 0_u32);
        for (pass, fit) in passes.iter().zip(fits) {
            if let (Some(aum), Some(fit)) = (pass.aums.judged_aum(sample), fit) {
                sum += fit.at(aum);
                count += 1;
            }
        }
        (count > 0).then(|| sum / f64::from(count))
    };
    (0..samples).map(of_sample).collect()
}

/// The samples that each percentile flags, and last those that the probability does.
fn flagged_by_each(
    passes: &[Pass],
    fits: &[Option<Posterior>],
    percentiles: &[Percentile],
) -> Vec<Vec<usize>> {
    let threshold_aums: Vec<Vec<f64>> = passes.iter().map(|pass| pass.mixture.sides().1).collect();
    let by_percentile = |&percentile: &Percentile| {
        let thresholds = threshold_aums.iter();
        let thresholds = thresholds.map(|aums| aum_threshold(aums, percentile, Cut::BelowRank));
        flagged(passes, thresholds)
    };
    let mut all: Vec<Vec<usize>> = percentiles.iter().map(by_percentile).collect();
    let by_probability = passes.iter().zip(fits);
    all.push(flagged(
        passes,
        by_probability.map(|(pass, fit)| {
            let threshold = pass.mixture.threshold(fit.as_ref()?);
            threshold.map(AumThreshold::below)
        }),
    ));
    all
}

fn flagged(passes: &[Pass], thresholds: impl Iterator<Item = Option<AumThreshold>>) -> Vec<usize> {
    let aums: Vec<&PassAums> = passes.iter().map(|pass| &pass.aums).collect();
    let thresholds: Vec<Option<AumThreshold>> = thresholds.collect();
    let verdicts = combine(&aums, &thresholds, Join::Every);
    let verdicts = verdicts.into_iter().enumerate();
    let flagged = verdicts.filter(|(_, verdict)| verdict.flagged == Some(true));
    flagged.map(|(sample, _)| sample).collect()
}

fn qualities(probabilities: &[Option<f64>], flagged: &[Vec<usize>]) -> Vec<Quality> {
    let all: f64 = probabilities.iter().flatten().sum();
    let quality = |flagged: &Vec<usize>| {
        let found: f64 = flagged.iter().filter_map(|&at| probabilities[at]).sum();
        Quality {
            precision: (!flagged.is_empty()).then(|| found / flagged.len() as f64),
            recall: (all > 0.0).then(|| found / all),
        }
    };
    flagged.iter().map(quality).collect()
}

fn expected(
    percentiles: &[Percentile],
    flagged: &[Vec<usize>],
    qualities: &[Quality],
    replicates: &[Replicate],
) -> Vec<ExpectedQuality> {
    let names = percentiles.iter().copied().map(Some).chain([None]);
    let rules = names.zip(flagged).zip(qualities).enumerate();
    rules
        .map(|(rule, ((percentile, flagged), quality))| {
            let redrawn = || replicates.iter().map(|replicate| replicate.qualities[rule]);
            ExpectedQuality {
                percentile,
                flagged: flagged.len(),
                precision: Estimated::new(quality.precision, redrawn().map(|q| q.precision)),
                recall: Estimated::new(quality.recall, redrawn().map(|q| q.recall)),
            }
        })
        .collect()
}

fn pass_estimates(passes: &[Pass], fits: &[Option<Posterior>]) -> Vec<PassEstimate> {
    let estimate = |(pass, fit): (&Pass, &Option<Posterior>)| {
        let fit = fit.as_ref()?;
        let (ordinary, threshold) = pass.mixture.sides();
        Some(PassEstimate {
            pass: pass.aums.pass,
            noise_rate: fit.noise_rate,
            threshold: pass.mixture.threshold(fit),
            threshold_samples: threshold.len(),
            gap: gap(&ordinary, &threshold, fit.noise_rate),
        })
    };
    passes.iter().zip(fits).filter_map(estimate).collect()
}

/// See [`PassEstimate::gap`]; both slices ascend.
fn gap(ordinary: &[f64], threshold: &[f64], noise_rate: f64) -> Option<f64> {
    let clean = &ordinary[place(ordinary.len(), noise_rate)..];
    let clean = *clean.get(place(clean.len(), 0.1))?;
    let at = |share: f64| threshold.get(place(threshold.len(), share)).copied();
    let spread = at(0.75)? - at(0.25)?;
    (spread > 0.0).then_some((clean - at(0.99)?) / spread)
}

/// The place below which a share of some samples lies.
fn place(count: usize, share: f64) -> usize {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share is 0 to 1"
    )]
    let place = (share * count as f64) as usize;
    place.min(count.saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AumSettings, EpochMargins, PassLog, analyze};
    use logformat::SampleIds;

    /// One pass, one epoch: `mislabeled` ordinary and as many threshold samples with AUMs from −2 to
    /// −1, and `clean` ordinary samples from `clean_from` to one more.
    fn log(mislabeled: u32, clean: u32, clean_from: f32) -> RunLog {
        let spread =
            |count: u32, from: f32| (0..count).map(move |at| from + at as f32 / count as f32);
        let threshold = mislabeled.max(40);
        let margins: Vec<Option<f32>> = spread(threshold, -2.0)
            .chain(spread(mislabeled, -2.001))
            .chain(spread(clean, clean_from))
            .map(Some)
            .collect();
        let samples = margins.len();
        let is_threshold_sample: Vec<bool> = (0..samples).map(|s| s < threshold as usize).collect();
        RunLog {
            run: None,
            sample_ids: SampleIds::Integers((0..).take(samples).collect()),
            given_labels: vec![Some(0); samples],
            true_labels: vec![None; samples],
            passes: vec![PassLog {
                pass: 1,
                assigned_labels: vec![Some(0); samples],
                is_threshold_sample,
                epochs: vec![EpochMargins::new(2, &margins)],
                sums: None,
            }],
            class_names: Vec::new(),
            learning_rate_drops: Vec::new(),
            configuration: serde_json::Value::Null,
            file_count: 1,
        }
    }

    fn estimated(log: &RunLog) -> Option<Estimate> {
        let settings = EstimateSettings {
            percentiles: vec![Percentile::new(50.0).unwrap(), Percentile::default()],
            resamples: 50,
            seed: 0,
        };
        estimate(
            log,
            &analyze(log, &AumSettings::default()).unwrap(),
            &settings,
        )
    }

    #[test]
    fn a_clear_mixture_is_taken_apart() {
        // 100 of 400 ordinary samples are mislabeled, and there is a gap before the clean ones.
        let log = log(100, 300, 1.0);
        let found = estimated(&log).unwrap();
        assert_eq!(found.noise_rate.estimate, Some(0.25));
        let interval = found.noise_rate.interval.unwrap();
        assert!(interval.low < 0.25 && interval.high > 0.25);
        assert_eq!(found.probabilities[..100], [None; 100]);
        assert_eq!(found.probabilities[100..200], [Some(1.0); 100]);
        assert_eq!(found.probabilities[200..], [Some(0.0); 300]);
        // Clean: 1.1 is at a tenth. Threshold samples: -1.01, and quartiles -1.75 and -1.25.
        assert!((found.passes[0].gap.unwrap() - 2.11 / 0.5).abs() < 1e-5);
    }

    #[test]
    fn half_the_percentile_finds_half_of_them_and_the_posterior_all() {
        let found = estimated(&log(100, 300, 1.0)).unwrap();
        let [half, nearly_all, posterior] = &found.rules[..] else {
            panic!("two percentiles and the posterior")
        };
        // The 51st largest of 100 threshold AUMs is the threshold: 50 ordinary samples are below.
        assert_eq!(half.flagged, 50);
        assert_eq!(
            (half.precision.estimate, half.recall.estimate),
            (Some(1.0), Some(0.5))
        );
        assert_eq!(nearly_all.flagged, 99);
        assert_eq!((posterior.percentile, posterior.flagged), (None, 100));
        assert_eq!(posterior.recall.estimate, Some(1.0));
    }

    #[test]
    fn without_noise_nothing_is_found() {
        let found = estimated(&log(0, 200, 1.0)).unwrap();
        assert_eq!(found.noise_rate.estimate, Some(0.0));
        assert_eq!(found.rules[1].precision.estimate, None);
        assert_eq!(found.rules[1].recall.estimate, None);
    }

    #[test]
    fn clean_samples_among_the_threshold_samples_leave_no_gap() {
        let gap = estimated(&log(100, 300, -1.6)).unwrap().passes[0].gap;
        assert!(gap.unwrap() < SMALLEST_SOUND_GAP, "{gap:?}");
    }

    #[test]
    fn the_same_seed_gives_the_same_bits() {
        let log = log(30, 90, 0.0);
        assert_eq!(estimated(&log), estimated(&log));
    }

    #[test]
    fn without_threshold_samples_there_is_nothing_to_compare_with() {
        let mut log = log(10, 20, 1.0);
        log.passes[0].is_threshold_sample.fill(false);
        assert_eq!(estimated(&log), None);
    }
}
