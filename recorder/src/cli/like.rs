//! `--like RUN`: the options of the command that recorded a run, put before those that are typed now, so that
//! nobody types ten of them twice and each is understood as it was then.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use anyhow::{Context, anyhow, bail};
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command};
use logformat::{RUN_RECORD_NAME, RunRecord};
use serde_json::Value;

use crate::final_training::settings::LikeRun;
use crate::run::settings::TUNED_FROM;

/// What a final training decides itself: how long and in which steps it trains, and what it leaves where.
const OWN: [&str; 11] = [
    "epochs",
    "batch_size",
    "loss",
    "lr_drops",
    "lr_cosine",
    "test_at_end",
    "out",
    "name",
    "overwrite",
    "resume",
    "quiet",
];
/// Options in place of others, which then do not count any more.
const IN_PLACE_OF: [(&str, &[&str]); 9] = [
    (
        "noise",
        &[
            "noise_matrix",
            "labels",
            "label_column",
            "true_label_column",
        ],
    ),
    (
        "noise_type",
        &[
            "noise_matrix",
            "labels",
            "label_column",
            "true_label_column",
        ],
    ),
    (
        "noise_matrix",
        &[
            "noise",
            "noise_type",
            "labels",
            "label_column",
            "true_label_column",
        ],
    ),
    (
        "labels",
        &[
            "noise",
            "noise_type",
            "noise_matrix",
            "label_column",
            "true_label_column",
        ],
    ),
    ("model", &["hidden_units", "initial_stride"]),
    ("hidden_units", &["model", "initial_stride"]),
    ("optimiser", &["lr", "momentum", "weight_decay"]),
    ("crop_padding", &["random_resized_crop"]),
    ("random_resized_crop", &["crop_padding"]),
];
/// Options whose values short runs find, and where the run's record has them.
const TUNED: [(&str, &str); 3] = [
    ("lr", "learning_rate"),
    ("weight_decay", "weight_decay"),
    ("hidden_units", "hidden_units"),
];
/// Options about the data that change no label.
const SAME_LABELS: [&str; 7] = [
    "like",
    "data",
    "root",
    "offline",
    "memory",
    "disk",
    "normalisation",
];

/// The `words` that were typed (the program first, then `train`) with what the run adds, and that run; `cli` is
/// the whole command line.
pub(crate) fn words_like(
    cli: &Command,
    run: &Path,
    words: Vec<OsString>,
) -> anyhow::Result<(Vec<OsString>, LikeRun)> {
    let record = record(run)?;
    let recorded = recorded_options(cli, run, &record)?;
    let typed = parse(cli, &words)?;
    let Some(("train", typed)) = typed.subcommand() else {
        bail!("--like is an option of recorder train");
    };
    let options = |name| {
        let found = cli.find_subcommand(name).into_iter();
        found.flat_map(Command::get_arguments)
    };
    let is_typed = |id: &str| typed.value_source(id) == Some(ValueSource::CommandLine);
    let is_replaced = |id: &str| {
        let mut pairs = IN_PLACE_OF.iter();
        pairs.any(|(by, replaced)| is_typed(by) && replaced.contains(&id))
    };
    let mut all: Vec<OsString> = words.iter().take(2).cloned().collect();
    for option in options("run") {
        let id = option.get_id().as_str();
        let is_known = options("train").any(|own| own.get_id() == option.get_id());
        if is_known && !OWN.contains(&id) && !is_typed(id) && !is_replaced(id) {
            let found = found_word(option, &record.configuration);
            all.extend(found.map_or_else(|| words_of(option, &recorded), |word| vec![word]));
        }
    }
    all.extend(words.iter().skip(2).cloned());
    let has_same_labels = !options("train").any(|option| {
        let id = option.get_id().as_str();
        let heading = option.get_help_heading();
        matches!(heading, Some("Data" | "Labels")) && !SAME_LABELS.contains(&id) && is_typed(id)
    });
    let hash = record.configuration["given_labels_hash"].as_str();
    let like = LikeRun {
        given_hash: hash.filter(|_| has_same_labels).map(str::to_owned),
        name: record.run,
    };
    Ok((all, like))
}

/// What the words stand for; what is wrong with them in a line.
fn parse<Word: AsRef<OsStr>>(cli: &Command, words: &[Word]) -> anyhow::Result<ArgMatches> {
    cli.clone()
        .try_get_matches_from(words.iter().map(AsRef::as_ref))
        .map_err(|error| {
            let text = error.to_string();
            let line = text.lines().next().unwrap_or_default();
            anyhow!("{}", line.trim_start_matches("error: "))
        })
}

fn record(run: &Path) -> anyhow::Result<RunRecord> {
    let name = run.file_name().and_then(|name| name.to_str());
    let folder = run.parent().unwrap_or(Path::new(""));
    let record = name.map(|name| RunRecord::read(folder, name)).transpose()?;
    record.flatten().with_context(|| {
        format!(
            "{}: it is not there; --like takes the folder of a recorded run, such as logs/RUN",
            run.join(RUN_RECORD_NAME).display()
        )
    })
}

/// The options of `recorder run` that the run was recorded with.
fn recorded_options(cli: &Command, run: &Path, record: &RunRecord) -> anyhow::Result<ArgMatches> {
    if record.command.is_empty() {
        bail!(
            "{}: its record does not have the command that began it, since it is of an older version or of another recorder; give its options yourself in place of --like",
            run.display()
        );
    }
    let options = parse(cli, &record.command);
    let mut options = options.with_context(|| {
        format!(
            "{}: the command that began it is not understood by this version; give its options yourself in place of --like",
            run.display()
        )
    })?;
    match options.remove_subcommand() {
        Some((name, options)) if name == "run" => Ok(options),
        _ => bail!("{}: it was not recorded by recorder run", run.display()),
    }
}

/// An option whose value short runs found, if it is one.
fn found_word(option: &Arg, configuration: &Value) -> Option<OsString> {
    configuration.get(TUNED_FROM)?;
    let (id, long) = (option.get_id().as_str(), option.get_long()?);
    let (_, key) = TUNED.iter().find(|(tuned, _)| *tuned == id)?;
    let value = match &configuration[key] {
        Value::Null => return None,
        value => value.to_string(),
    };
    let value = value.trim_matches(['[', ']']);
    Some(format!("--{long}={value}").into())
}

/// An option as it was typed, if it was.
fn words_of(option: &Arg, typed: &ArgMatches) -> Vec<OsString> {
    let id = option.get_id().as_str();
    let (Some(ValueSource::CommandLine), Some(long)) = (typed.value_source(id), option.get_long())
    else {
        return Vec::new();
    };
    let name = OsString::from(format!("--{long}"));
    match option.get_action() {
        ArgAction::SetTrue => vec![name],
        _ => {
            let values = typed.get_raw(id).into_iter().flatten();
            values
                .flat_map(|value| {
                    let mut word = name.clone();
                    word.push("=");
                    word.push(value);
                    [word]
                })
                .collect()
        }
    }
}
