//! `estimate`: how many samples are mislabeled, and in which direction that can be wrong.

use tests::program::text;

use crate::questions::samples::{folder, mixture, report, sample, write};
use crate::setup::{assert_close, help, refusal, run, stdout_of};

#[test]
fn a_quarter_mislabeled_is_estimated_without_and_shown_beside_the_known_truth() {
    let (logs, word) = folder();
    write(logs.path(), "pets", 1, &mixture(1.0));
    let report = report(&["estimate", &word, "--percentile", "50"]);
    let rate = &report["noise_rate"][0];
    assert_close(&rate["noise_rate"], 0.25);
    // The known truth counts the threshold samples too: 100 of 500.
    assert_close(&rate["true_noise_rate"], 0.2);
    assert!(rate["noise_rate_low"].as_f64() < Some(0.25));
    assert!(rate["noise_rate_high"].as_f64() > Some(0.25));
    // The 51st largest of the threshold samples' AUMs has 50 mislabeled samples below it.
    let half = &report["rules"][0];
    assert_eq!(half["flagged"], 50);
    assert_close(&half["precision"], 1.0);
    assert_close(&half["recall"], 0.5);
    let posterior = &report["rules"][1];
    assert_eq!(posterior["rule"], "posterior");
    assert_eq!(posterior["flagged"], 100);
}

#[test]
fn passes_that_estimate_other_shares_are_named_and_the_mean_is_not_left_alone() {
    let (logs, word) = folder();
    write(logs.path(), "pets", 1, &mixture(1.0));
    // In pass 2 the clean samples lie as low as the threshold samples, as if it had underfitted.
    write(logs.path(), "pets", 2, &mixture(-2.001));
    let printed = text(&run(&["estimate", &word]).stdout);
    let note = printed
        .lines()
        .find(|line| line.contains("do not agree"))
        .unwrap_or_else(|| panic!("{printed}"));
    for part in ["25.0 % in pass 1", "in pass 2", "--pass"] {
        assert!(note.contains(part), "{part:?} is not in: {note}");
    }
    for pass in ["1", "2"] {
        let alone = run(&["estimate", &word, "--pass", pass]);
        assert!(!text(&alone.stdout).contains("do not agree"));
    }
}

#[test]
fn passes_that_agree_are_not_warned_of() {
    let (logs, word) = folder();
    for pass in [1, 2] {
        write(logs.path(), "pets", pass, &mixture(1.0));
    }
    let output = run(&["estimate", &word]);
    assert_eq!(text(&output.stderr), "");
    assert!(!text(&output.stdout).contains("agree"));
}

#[test]
fn noise_with_a_pattern_is_named_and_makes_the_estimate_a_lower_bound() {
    let (logs, word) = folder();
    // Of three classes each has one rival; the log says nothing of the noise.
    let mut samples = mixture(1.0);
    for (sample, given) in samples.iter_mut().zip((0..3).cycle()) {
        sample.given = given;
        sample.epochs[0].1 = (given + 1) % 3;
    }
    write(logs.path(), "pets", 1, &samples);
    // Once: among the notes, or on stderr beside a table that has none.
    let output = run(&["estimate", &word]);
    let (printed, warned) = (text(&output.stdout), text(&output.stderr));
    assert!(printed.contains("have one rival"), "{printed}");
    assert!(printed.contains("lower bounds"), "{printed}");
    assert_eq!(warned, "");
    let warned = text(&run(&["estimate", &word, "--format", "csv"]).stderr);
    assert!(
        warned.starts_with("analyzer: warning: run pets: most flagged samples"),
        "{warned}"
    );
    // A table of AUMs does not tell rivals, so nothing is said of a pattern.
    let table = logs.path().join("aum.csv");
    let table = table.to_str().unwrap();
    stdout_of(&["aum", &word, "-o", table]);
    let output = run(&["estimate", table, "-q"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(!text(&output.stdout).contains("one rival"));
}

#[test]
fn every_estimate_says_in_which_direction_it_can_be_wrong() {
    let (logs, word) = folder();
    write(logs.path(), "pets", 1, &mixture(1.0));
    let printed = stdout_of(&["estimate", &word]);
    assert!(
        printed.contains("too high where the network underfits"),
        "{printed}"
    );
    assert!(printed.contains("too low, a lower bound, where the noise has a pattern"));
    let help = help(&["estimate"]);
    for direction in ["Too high", "Too low"] {
        assert!(help.contains(direction), "{help}");
    }
}

#[test]
fn without_threshold_samples_there_is_no_estimate() {
    let (logs, word) = folder();
    write(logs.path(), "pets", 1, &[sample(0, 0, &[(1.0, 1)])]);
    let parts = ["run pets", "no threshold samples", "--run"];
    refusal(&["estimate", &word], 1, &parts);
}

#[test]
fn too_few_draws_and_percentiles_that_are_none_are_usage_errors() {
    let (_logs, word) = folder();
    let few = ["--resamples", "5", "20..=100000"];
    refusal(&["estimate", &word, few[0], few[1]], 2, &few);
    let none = ["--percentile", "101"];
    refusal(&["estimate", &word, none[0], none[1]], 2, &none);
}
