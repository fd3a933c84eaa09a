//! The settings that a result about a run rests on, as every command tells them: what was read, which
//! epochs count and why, and where the threshold comes from.

use logformat::Repeats;
use serde_json::{Value, json};

use crate::analysis::settings::AumSettings;
use crate::logs::run_log::RunLog;
use crate::logs::true_labels::source::TrueLabelSource;
use crate::results::findings::{Setting, WINDOW};
use crate::results::text::{grouped, number};
use crate::rules::held_out::confident_learning::Pruning;
use crate::rules::mixture::FLAGGED_FROM;
use crate::rules::protocol::Protocol;
use crate::rules::threshold_rule::ThresholdRule;
use crate::rules::window::{Window, WindowRule};

/// What was read of a run, and the epochs that count; with `settings`, also what makes a
/// verdict.
pub fn settings_used(log: &RunLog, window: Window, settings: Option<&AumSettings>) -> Vec<Setting> {
    let mut used = vec![
        for_programs("files", json!(log.file_count)),
        for_programs("classes", json!(log.class_count())),
        samples(log),
        passes(log),
        epochs(log, window),
        for_programs(
            WINDOW,
            json!({ "first": window.first, "last": window.last, "rule": window.rule.name() }),
        ),
    ];
    used.extend(repeats(log));
    used.extend(log.true_labels_from.as_ref().map(true_labels));
    used.extend(settings.into_iter().flat_map(verdict_settings));
    used.extend(settings.filter(|settings| settings.moves_thresholds()).map(|_| {
        Setting {
            key: "threshold_by",
            value: json!("class"),
            label: "Thresholds",
            text: "by class: lower by ln(n / mean) for a class of n samples, fewer than classes have on average"
                .to_owned(),
        }
    }));
    used
}

/// A setting that programs alone read here: people read it elsewhere.
fn for_programs(key: &'static str, value: Value) -> Setting {
    Setting {
        key,
        value,
        label: "",
        text: String::new(),
    }
}

fn samples(log: &RunLog) -> Setting {
    let classes = log.class_count().map_or_else(String::new, |classes| {
        format!(" in {} classes", grouped(classes))
    });
    Setting {
        key: "samples",
        value: json!(log.sample_count()),
        label: "Samples",
        text: format!("{}{classes}", grouped(log.sample_count())),
    }
}

fn passes(log: &RunLog) -> Setting {
    let numbers: Vec<u32> = log.passes.iter().map(|pass| pass.pass).collect();
    let files = if log.file_count == 1 { "file" } else { "files" };
    Setting {
        key: "passes",
        label: "Passes",
        text: format!(
            "{}, from {} {files}",
            numbers.len(),
            grouped(log.file_count)
        ),
        value: json!(numbers),
    }
}

fn epochs(log: &RunLog, window: Window) -> Setting {
    if window.rule == WindowRule::AumTable {
        return Setting {
            key: "epochs",
            value: Value::Null,
            label: "Epochs",
            text: "those over which the AUM table was computed".to_owned(),
        };
    }
    let recorded = log.recorded_epochs();
    let (first, last) = (
        recorded.first().copied().unwrap_or(0),
        recorded.last().copied().unwrap_or(0),
    );
    let missing = if recorded.len() < (last - first + 1) as usize {
        format!(" ({} of them)", recorded.len())
    } else {
        String::new()
    };
    Setting {
        key: "epochs",
        value: json!({ "first": first, "last": last, "count": recorded.len() }),
        label: "Epochs",
        text: format!(
            "{} recorded{missing}, {} used ({})",
            span(first, last),
            span(window.first, window.last),
            reason(window.rule)
        ),
    }
}

fn repeats(log: &RunLog) -> Option<Setting> {
    let count = log.repeats.count();
    let (name, what) = match log.repeats.rule {
        Repeats::Refuse => return None, // there are none
        Repeats::First => ("first", "the first row of each counts"),
        Repeats::Mean => ("mean", "the mean of each counts"),
    };
    (count > 0).then(|| Setting {
        key: "repeated_rows",
        value: json!({ "count": count, "rule": name }),
        label: "Repeated",
        text: format!(
            "{} rows of samples that their epoch has already: {what}",
            grouped(count)
        ),
    })
}

fn true_labels(source: &TrueLabelSource) -> Setting {
    let first = source.first_not_in_run;
    let first = first.map_or_else(String::new, |row| format!(", the first in row {row}"));
    let others = format!("of its samples not in the run{first}");
    let told = [
        (source.not_in_file, "not in it"),
        (source.without_label, "without a label there"),
        (source.removed, "more wrong, since they are to be removed"),
        (source.not_in_run, others.as_str()),
    ];
    let told = told.into_iter().filter(|(count, _)| *count > 0);
    let told: Vec<String> = told
        .map(|(count, what)| format!("{} {what}", grouped(count)))
        .collect();
    let rest = match told.as_slice() {
        [] => String::new(),
        told => format!(" ({})", told.join(", ")),
    };
    Setting {
        key: "true_labels",
        value: json!(source),
        label: "True labels",
        text: format!(
            "{} from {}, joined by {}, in place of the log's{rest}",
            grouped(source.labels),
            source.file,
            source.joined_by
        ),
    }
}

fn reason(rule: WindowRule) -> String {
    match rule {
        WindowRule::Requested => "as asked".to_owned(),
        WindowRule::FromSecond => "the default: all but the first".to_owned(),
        WindowRule::FromFirst => "the default, with the first".to_owned(),
        WindowRule::BeforeDrop(epoch) => {
            format!("the default: before the learning rate drops at {epoch}")
        }
        WindowRule::EveryEpoch => "all there are".to_owned(),
        WindowRule::UntilBest => "up to the highest accuracy on held-out given labels".to_owned(),
        WindowRule::AumTable => "as in the AUM table".to_owned(),
    }
}

fn span(first: u32, last: u32) -> String {
    if first == last {
        return first.to_string();
    }
    format!("{first} to {last}")
}

/// What makes a verdict: where the threshold comes from, and the rules of the protocol.
pub fn verdict_settings(settings: &AumSettings) -> [Setting; 3] {
    [
        for_programs("rule", json!(settings.threshold.name())),
        threshold_setting(settings.threshold),
        match settings.threshold {
            ThresholdRule::Percentile(_) => protocol_setting(settings.protocol),
            ThresholdRule::Given(_)
            | ThresholdRule::Posterior
            | ThresholdRule::Combined
            | ThresholdRule::ConfidentLearning(_) => Setting {
                text: settings.protocol.in_words_without_cut(),
                ..protocol_setting(settings.protocol)
            },
        },
    ]
}

/// The rules of the protocol.
pub fn protocol_setting(protocol: Protocol) -> Setting {
    Setting {
        key: "protocol",
        value: json!({
            "preset": protocol.name(),
            "cut": protocol.cut.name(),
            "first_epoch": protocol.first_epoch.name(),
            "joined_by": protocol.join.name(),
        }),
        label: "Protocol",
        text: protocol.in_words(),
    }
}

fn threshold_setting(threshold: ThresholdRule) -> Setting {
    match threshold {
        ThresholdRule::Percentile(percentile) => Setting {
            key: "percentile",
            value: json!(percentile.percent()),
            label: "Percentile",
            text: format!("{percentile} of the threshold samples' AUMs"),
        },
        ThresholdRule::Given(threshold) => Setting {
            key: "given_threshold",
            value: json!(threshold),
            label: "Threshold",
            text: format!("{} as given", number(Some(threshold))),
        },
        ThresholdRule::Posterior => Setting {
            key: "flagged_from",
            value: json!(FLAGGED_FROM),
            label: "Rule",
            text: format!(
                "posterior: flagged from a probability of {FLAGGED_FROM} of being mislabeled"
            ),
        },
        ThresholdRule::Combined => Setting {
            key: "rule",
            value: json!("combined"),
            label: "Rule",
            text: "combined: lowest by AUM and held-out evidence together, as many as the latter counts"
                .to_owned(),
        },
        ThresholdRule::ConfidentLearning(pruning) => Setting {
            key: "rule",
            value: json!(threshold.name()),
            label: "Rule",
            text: format!(
                "confident learning on held-out probabilities, pruned by {}",
                match pruning {
                    Pruning::ByNoiseRate => "noise rate",
                    Pruning::ByClass => "class",
                    Pruning::ByBoth => "noise rate and by class",
                }
            ),
        },
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::logs::two_passes::two_passes;

    #[test]
    fn programs_are_told_every_setting() {
        let window = Window {
            first: 2,
            last: 3,
            rule: WindowRule::BeforeDrop(4),
        };
        let used = settings_used(
            &two_passes(),
            window,
            Some(&AumSettings {
                threshold: ThresholdRule::Given(-0.5),
                ..AumSettings::default()
            }),
        );
        let told: Vec<String> = used
            .iter()
            .map(|setting| format!("{} {}", setting.key, setting.value))
            .collect();
        let epochs = r#"epochs {"count":3,"first":1,"last":3}"#;
        let window_told = r#"window {"first":2,"last":3,"rule":"before_learning_rate_drop"}"#;
        let protocol = r#"protocol {"cut":"rank","first_epoch":"left-out","joined_by":"every","preset":"authors-code"}"#;
        let expected = [
            "files 6",
            "classes 2",
            "samples 4",
            "passes [1,2]",
            epochs,
            window_told,
            "rule \"given\"",
            "given_threshold -0.5",
            protocol,
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn people_are_told_the_rule_by_probability_and_no_cut() {
        let [_, rule, protocol] = verdict_settings(&AumSettings {
            threshold: ThresholdRule::Posterior,
            ..AumSettings::default()
        });
        assert_eq!((rule.label, rule.key), ("Rule", "flagged_from"));
        assert!(rule.text.contains("probability of 0.5"), "{}", rule.text);
        assert!(!protocol.text.contains("percentile"), "{}", protocol.text);
        assert!(protocol.text.contains("every judging pass"));
    }

    #[test]
    fn what_is_left_out_is_told_and_what_is_not_is_not() {
        let all = TrueLabelSource {
            labels: 1234,
            ..TrueLabelSource::of(Path::new("experts.csv"), "id".to_owned())
        };
        assert_eq!(
            true_labels(&all).text,
            "1,234 from experts.csv, joined by id, in place of the log's"
        );
        let part = TrueLabelSource {
            not_in_file: 2000,
            not_in_run: 3,
            first_not_in_run: Some(7),
            ..all
        };
        let expected = "1,234 from experts.csv, joined by id, in place of the log's (2,000 not in it, 3 of its samples not in the run, the first in row 7)";
        assert_eq!(true_labels(&part).text, expected);
    }
}
