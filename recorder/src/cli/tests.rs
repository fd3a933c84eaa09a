use clap::CommandFactory;

use clap::Parser;

use crate::cli::*;
use crate::engine::optimiser::settings::OptimiserSettings;
use crate::run::settings::RunSettings;

fn settings(arguments: &[&str]) -> RunSettings {
    let arguments = ["recorder", "run"].iter().chain(arguments);
    match Cli::try_parse_from(arguments).unwrap().command {
        Command::Run(run) => run.settings(),
        _ => panic!("run is the command"),
    }
}

#[test]
fn the_command_line_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn the_default_name_tells_runs_of_a_sweep_apart() {
    let name = |arguments: &[&str]| settings(arguments).run_name();
    assert_eq!(name(&["--noise", "0.4"]), "digits-cnn-noise0.4-seed0-data0");
    assert_eq!(
        name(&["--model", "mlp", "--seed", "2", "--data-seed", "3"]),
        "digits-mlp-noise0-seed2-data3"
    );
    assert_eq!(name(&["--name", "mine"]), "mine");
}

#[test]
fn the_learning_rate_drops_after_shares_of_the_training() {
    let settings = settings(&["--epochs", "8", "--lr", "0.1", "--lr-drops", "0.75,0.5"]);
    assert_eq!(settings.drop_epochs(), [5, 7]);
    for (epoch, rate) in [
        (1, 0.1),
        (4, 0.1),
        (5, 0.01),
        (6, 0.01),
        (7, 0.001),
        (8, 0.001),
    ] {
        assert!(
            (settings.learning_rate_at(epoch) - rate).abs() < 1e-12,
            "{epoch}"
        );
    }
}

#[test]
fn by_a_cosine_the_learning_rate_is_half_in_the_middle_and_has_no_drops() {
    let settings = settings(&["--epochs", "8", "--lr", "0.1", "--lr-cosine"]);
    assert!(settings.drop_epochs().is_empty());
    assert_eq!(settings.learning_rate_at(1), 0.1);
    assert!((settings.learning_rate_at(5) - 0.05).abs() < 1e-12);
}

#[test]
fn the_learning_rate_does_not_rise_for_longer_than_there_are_epochs() {
    assert!(
        settings(&["--epochs", "2", "--lr-warmup", "2"])
            .check()
            .is_ok()
    );
    let refused = settings(&["--epochs", "2", "--lr-warmup", "3"])
        .check()
        .unwrap_err();
    assert_eq!(
        refused.to_string(),
        "`lr_warmup` is 3 epochs, but there are 2 in all; let it be 2 at most"
    );
}

#[test]
fn lenet_learns_at_a_fifth_of_the_rate_of_the_others() {
    let rate = |arguments: &[&str]| settings(arguments).optimiser.learning_rate();
    for (model, expected) in [
        ("cnn", 0.05),
        ("resnet20", 0.05),
        ("lenet", 0.01),
        ("mlp", 0.05),
    ] {
        assert_eq!(rate(&["--model", model]), expected, "{model}");
        assert_eq!(rate(&["--model", model, "--lr", "0.3"]), 0.3);
        assert_eq!(rate(&["--model", model, "--optimiser", "adamw"]), 0.001);
    }
    assert_eq!(rate(&[]), 0.05);
    assert_eq!(rate(&["--hidden-units", "64"]), 0.05);
}

#[test]
fn weights_of_others_are_tuned_by_adamw_at_one_rate_unless_another_is_chosen() {
    let tuned = |arguments: &[&str]| {
        let all = [&["--model=resnet18", "--weights=w.pth"], arguments].concat();
        let settings = settings(&all);
        let is_adamw = matches!(settings.optimiser, OptimiserSettings::AdamW(_));
        let of_taken = settings.tuning.unwrap().learning_rate;
        (is_adamw, settings.optimiser.learning_rate(), of_taken)
    };
    assert_eq!(tuned(&[]), (true, 0.001, 0.001));
    assert_eq!(tuned(&["--weights-lr=0.1"]), (true, 0.001, 0.1));
    assert_eq!(tuned(&["--optimiser=sgd"]), (false, 0.01, 0.01));
    assert_eq!(tuned(&["--momentum=0.8"]), (false, 0.01, 0.01));
    assert_eq!(tuned(&["--lr=0.02"]), (true, 0.02, 0.02));
}

#[test]
fn options_of_something_else_are_refused_with_a_way_out() {
    for (arguments, way_out) in [
        (
            ["--optimiser=adamw", "--momentum=0.9"],
            "choose --optimiser sgd",
        ),
        (["--model=lenet", "--hidden-units=8"], "choose --model mlp"),
    ] {
        let arguments = ["recorder", "run"].iter().chain(&arguments);
        let error = Cli::try_parse_from(arguments).unwrap_err();
        assert_eq!(error.exit_code(), 2);
        assert!(error.to_string().contains(way_out), "{error}");
    }
}

#[test]
fn numbers_out_of_range_are_refused_with_the_range() {
    for (option, value, reason) in [
        ("--noise", "1.5", "between 0 and 1"),
        ("--noise", "half", "it is no number"),
        ("--noise-type", "asymmetric", "cifar10-pairs"),
        ("--epochs", "0", "1 or more"),
        ("--passes", "-1", "1 or more"),
        ("--batch-size", "2.5", "1 or more"),
        ("--lr", "0", "above 0"),
        ("--momentum", "1", "between 0 and 1"),
        ("--lr-drops", "0.5,1", "between 0 and 1"),
        ("--weight-decay", "-1", "0 or more"),
        ("--hidden-units", "64,0", "1 or more"),
        ("--initial-stride", "0", "1 or more"),
        ("--crop-padding", "2000", "0..=1024"),
        ("--memory", "much", "such as 4GiB"),
        ("--resize", "256", "--image-size"),
        ("--name", "../x", "letters, digits"),
        ("--threshold-count", "half", "paper or authors-code"),
    ] {
        let argument = format!("{option}={value}");
        let error = Cli::try_parse_from(["recorder", "run", &argument]).unwrap_err();
        assert_eq!(error.exit_code(), 2);
        assert!(error.to_string().contains(reason), "{option}: {error}");
    }
}

/// The lines of the examples of a help, each with its continuation.
fn examples(help: &str) -> Vec<String> {
    let joined = help.replace("\\\n", " ");
    let lines = joined.lines().filter_map(|line| line.strip_prefix("    "));
    let lines = lines.flat_map(|line| line.split("; ").flat_map(|line| line.split(" | ")));
    let lines = lines.map(|line| line.trim_start_matches("do ").trim().to_owned());
    lines.filter(|line| line.starts_with("recorder ")).collect()
}

#[test]
fn every_help_has_two_examples_and_all_are_taken() {
    let cli = Cli::command();
    for command in cli.get_subcommands().chain([&cli]) {
        let help = command.get_after_help().map(ToString::to_string);
        let examples = examples(&help.unwrap_or_default());
        assert!(examples.len() >= 2, "{}: {examples:?}", command.get_name());
        for example in examples {
            let typed = example.split(" > ").next().unwrap().replace("$rate", "0.1");
            let parsed = Cli::try_parse_from(typed.split_whitespace());
            assert!(parsed.is_ok(), "{example}: {}", parsed.unwrap_err());
        }
    }
}
