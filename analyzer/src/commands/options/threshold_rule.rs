//! What decides below which AUM a sample is flagged: a percentile of the threshold samples' AUMs, an
//! AUM as given, or the probability of being mislabeled. Each excludes the others.

use analyzer::{Percentile, Pruning, ThresholdRule};
use clap::{Args, ValueEnum};
use program::FromTyped;

/// The options as they are typed.
#[derive(Debug, Args)]
pub(crate) struct Typed {
    /// What flags a sample
    #[arg(long, value_enum, default_value_t = RuleWord::Percentile, conflicts_with = "threshold")]
    rule: RuleWord,

    /// Percentile of the threshold samples' AUMs below which a sample is flagged, in percent: above
    /// 0, up to 100 [default: 99]
    #[arg(long, value_name = "P", allow_negative_numbers = true)]
    percentile: Option<Percentile>,

    /// An AUM below which a sample is flagged, instead of the percentile
    #[arg(
        long,
        value_name = "VALUE",
        conflicts_with = "percentile",
        allow_negative_numbers = true,
        value_parser = finite
    )]
    threshold: Option<f64>,

    /// Whether the percentile's threshold holds for all given classes, or is lower for rare ones
    #[arg(long, value_enum, default_value_t = ThresholdBy::All, value_name = "ALL|CLASS", conflicts_with = "threshold")]
    threshold_by: ThresholdBy,
}

#[derive(Debug, Clone, Copy, PartialEq, ValueEnum)]
enum ThresholdBy {
    /// One for all
    All,
    /// Lower by ln(n / mean n) for a class of n samples, fewer than classes have on average: rare classes have low
    /// AUMs for being rare
    Class,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum RuleWord {
    /// An AUM below the percentile of the threshold samples' AUMs
    Percentile,
    /// A probability of 0.5 or more of being mislabeled, as estimate has it: where it says that it is
    /// biased, these verdicts are too
    Posterior,
    /// AUM and held-out evidence together, where the log has the latter, as of features: the samples that
    /// are lowest by both, as many as the model of noise and confident learning count (geometric mean)
    Combined,
    /// Confident learning (Northcutt, Jiang and Chuang 2021) on held-out probabilities, where the log has them:
    /// of each pair of classes as many as it counts, those most probably of the other one. The probabilities are
    /// those of the model that gives most samples their given labels
    PruneByNoiseRate,
    /// The same, of each given label those least probably of it
    PruneByClass,
    /// Those that both of these flag
    PruneByBoth,
}

/// The one rule that the options stand for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ChosenRule {
    pub(crate) threshold: ThresholdRule,
    pub(crate) by_class: bool,
}

impl FromTyped for ChosenRule {
    type Typed = Typed;

    fn from_typed(typed: Typed) -> Result<Self, &'static str> {
        let by_class = typed.threshold_by == ThresholdBy::Class;
        if by_class && !matches!(typed.rule, RuleWord::Percentile) {
            return Err(
                "--threshold-by class moves the percentile's threshold, which this --rule has not; leave one of the two out",
            );
        }
        let confident = ThresholdRule::ConfidentLearning;
        let threshold = match (typed.rule, typed.threshold, typed.percentile) {
            (RuleWord::Posterior, _, Some(_)) => {
                return Err(
                    "--percentile says nothing to --rule posterior, which flags by probability; leave one of the two out",
                );
            }
            (RuleWord::Combined, _, Some(_)) => {
                return Err(
                    "--percentile says nothing to --rule combined, which counts by held-out evidence; leave one of the two out",
                );
            }
            (
                RuleWord::PruneByNoiseRate | RuleWord::PruneByClass | RuleWord::PruneByBoth,
                _,
                Some(_),
            ) => {
                return Err(
                    "--percentile says nothing to --rule prune-by-…, which counts by held-out probabilities; leave one of the two out",
                );
            }
            (RuleWord::PruneByNoiseRate, ..) => confident(Pruning::ByNoiseRate),
            (RuleWord::PruneByClass, ..) => confident(Pruning::ByClass),
            (RuleWord::PruneByBoth, ..) => confident(Pruning::ByBoth),
            (RuleWord::Posterior, ..) => ThresholdRule::Posterior,
            (RuleWord::Combined, ..) => ThresholdRule::Combined,
            (RuleWord::Percentile, Some(threshold), _) => ThresholdRule::Given(threshold),
            (RuleWord::Percentile, None, percentile) => {
                ThresholdRule::Percentile(percentile.unwrap_or_default())
            }
        };
        Ok(Self {
            threshold,
            by_class,
        })
    }
}

fn finite(text: &str) -> Result<f64, &'static str> {
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(value),
        _ => Err("not a finite number; give an AUM in logit units, such as -0.5"),
    }
}

#[cfg(test)]
mod tests {
    use analyzer::{Percentile, Pruning, ThresholdRule};
    use clap::Parser;

    use crate::commands::{Cli, Commands};

    fn rule(words: &[&str]) -> Result<ThresholdRule, clap::Error> {
        let words = [&["analyzer", "aum", "logs"], words].concat();
        let Commands::Aum(args) = Cli::try_parse_from(words)?.command else {
            panic!("the command is aum")
        };
        Ok(args.verdict.settings().threshold)
    }

    #[test]
    fn a_threshold_may_be_negative() {
        let given = rule(&["--threshold", "-0.5"]).unwrap();
        assert_eq!(given, ThresholdRule::Given(-0.5));
    }

    #[test]
    fn the_99th_percentile_is_the_default_and_posterior_a_choice() {
        let default = ThresholdRule::Percentile(Percentile::new(99.0).unwrap());
        assert_eq!(rule(&[]).unwrap(), default);
        assert_eq!(rule(&["--rule", "percentile"]).unwrap(), default);
        let posterior = rule(&["--rule", "posterior"]).unwrap();
        assert_eq!(posterior, ThresholdRule::Posterior);
        let combined = rule(&["--rule", "combined"]).unwrap();
        assert_eq!(combined, ThresholdRule::Combined);
        let both = rule(&["--rule", "prune-by-both"]).unwrap();
        assert_eq!(both, ThresholdRule::ConfidentLearning(Pruning::ByBoth));
    }

    #[test]
    fn two_rules_at_once_are_refused() {
        for words in [
            ["--rule", "posterior", "--percentile", "99"],
            ["--rule", "combined", "--percentile", "99"],
            ["--rule", "prune-by-class", "--percentile", "99"],
            ["--rule", "posterior", "--threshold", "0"],
            ["--percentile", "99", "--threshold", "0"],
            ["--rule", "posterior", "--threshold-by", "class"],
            ["--rule", "combined", "--threshold-by", "class"],
            ["--threshold", "0", "--threshold-by", "class"],
        ] {
            let kind = rule(&words).unwrap_err().kind();
            assert_eq!(kind, clap::error::ErrorKind::ArgumentConflict, "{words:?}");
        }
    }
}
