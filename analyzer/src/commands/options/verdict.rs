//! What makes a verdict, and the analyses of runs by it.

use analyzer::{AumSettings, Logs, RunAnalysis, RunLog, ThresholdRule, analyze, warnings};
use clap::Args;
use program::Checked;

use crate::commands::options::output::Sink;
use crate::commands::options::protocol::ProtocolArgs;
use crate::commands::options::threshold_rule::ChosenRule;
use crate::commands::options::window::WindowArgs;

/// What makes a verdict.
#[derive(Debug, Args)]
pub(crate) struct VerdictArgs {
    #[command(flatten)]
    rule: Checked<ChosenRule>,

    #[command(flatten)]
    window: WindowArgs,

    #[command(flatten)]
    protocol: ProtocolArgs,
}

impl VerdictArgs {
    pub(crate) fn settings(&self) -> AumSettings {
        AumSettings {
            threshold: self.rule.0.threshold,
            by_class: self.rule.0.by_class,
            epochs: self.window.epochs(),
            until_best: self.window.until_best(),
            protocol: self.protocol.protocol(),
        }
    }

    /// Whether the verdicts rest on held-out evidence beside the log.
    pub(crate) fn needs_held_out(&self) -> bool {
        self.rule.0.threshold.needs_held_out()
    }
}

/// Each run with its analysis, and a warning for what makes it doubtful.
pub(crate) fn analyzed<'a>(
    logs: &'a Logs,
    settings: &AumSettings,
    sink: &Sink<'_>,
) -> anyhow::Result<Vec<(&'a RunLog, RunAnalysis)>> {
    sink.warn(percentile_warning(settings));
    let mut analyses = Vec::new();
    for log in &logs.runs {
        let analysis = analyze(log, settings)?;
        sink.warn(warnings(log, &analysis, settings));
        analyses.push((log, analysis));
    }
    Ok(analyses)
}

/// Runs and analyses as the questions take them.
pub(crate) fn borrowed<'a>(
    analyses: &'a [(&'a RunLog, RunAnalysis)],
) -> Vec<(&'a RunLog, &'a RunAnalysis)> {
    analyses.iter().map(|(log, found)| (*log, found)).collect()
}

fn percentile_warning(settings: &AumSettings) -> Option<String> {
    match settings.threshold {
        ThresholdRule::Percentile(percentile) if percentile.looks_like_a_share() => Some(format!(
            "--percentile {percentile} is in percent, so nearly nothing is flagged; did you mean {}?",
            // Exact enough for a question: 0.99 becomes 99, not 99.00000000000001.
            (percentile.percent() * 1e4).round() / 100.0
        )),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use analyzer::{AumSettings, Join, Protocol};
    use clap::Parser;

    use crate::commands::{Cli, Commands};

    fn settings(words: &[&str]) -> AumSettings {
        let words = [&["analyzer", "aum", "logs"], words].concat();
        let Commands::Aum(args) = Cli::try_parse_from(words).unwrap().command else {
            panic!("the command is aum")
        };
        args.verdict.settings()
    }

    #[test]
    fn auto_asks_for_the_default_window() {
        assert_eq!(settings(&["--epochs", "auto"]).epochs, None);
        assert_eq!(settings(&[]).epochs, None);
        assert!(settings(&["--epochs", "best"]).until_best);
        let range = settings(&["--epochs", "..9"]).epochs;
        assert_eq!(range.map(|range| range.to_string()), Some("..9".to_owned()));
    }

    #[test]
    fn thresholds_are_of_all_classes_unless_by_class_is_asked_for() {
        assert!(!settings(&[]).by_class);
        assert!(!settings(&["--threshold-by", "all"]).by_class);
        assert!(settings(&["--percentile", "98", "--threshold-by", "class"]).by_class);
    }

    #[test]
    fn a_rule_given_alone_changes_the_protocol_at_that_place() {
        let protocol = |words: &[&str]| settings(words).protocol;
        assert_eq!(protocol(&[]), Protocol::AUTHORS_CODE);
        assert_eq!(protocol(&["--protocol", "paper"]), Protocol::PAPER);
        let words = ["--protocol", "paper", "--joined-by", "every"];
        let expected = Protocol {
            join: Join::Every,
            ..Protocol::PAPER
        };
        assert_eq!(protocol(&words), expected);
        let words = [
            "--cut",
            "percentile",
            "--first-epoch",
            "counted",
            "--joined-by",
            "any",
        ];
        assert_eq!(protocol(&words), Protocol::PAPER);
    }
}
