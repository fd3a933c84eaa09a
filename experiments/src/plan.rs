//! What an experiment does, from its file: which data, networks, noise, seeds and methods, and the options of
//! recorder run and recorder train that are not their defaults. All is parsed before anything begins.

use std::fmt;
use std::path::Path;

use anyhow::{Context, Result, bail};
use clap::CommandFactory;
use logformat::read_regular;
use recorder::cli::Cli;
use recorder::engine::operators::{LOSSES, Loss};
use toml::{Table, Value};

use crate::spelling::unknown;

/// What the file may take where nothing else is set.
const USUAL_BYTES: u64 = 1 << 20;
const KEYS: [&str; 8] = [
    "name", "networks", "noise", "seeds", "methods", "data", "passes", "final",
];
/// Options that the experiment gives itself.
const OWN: [&str; 19] = [
    "model",
    "noise",
    "noise-type",
    "noise-matrix",
    "seed",
    "data-seed",
    "out",
    "name",
    "overwrite",
    "resume",
    "quiet",
    "like",
    "drop",
    "keep-fraction",
    "relabel",
    "oracle",
    "drop-random",
    "loss",
    "test-at-end",
];
const NOISE_KINDS: [&str; 3] = ["uniform", "flip", "cifar10-pairs"];

/// An experiment.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Plan {
    pub(crate) name: String,
    pub(crate) networks: Vec<String>,
    pub(crate) noise: Vec<Noise>,
    pub(crate) seeds: Vec<u64>,
    pub(crate) methods: Vec<Method>,
    /// Options of both commands.
    pub(crate) data: Vec<String>,
    /// Options of recorder run.
    pub(crate) passes: Vec<String>,
    /// Options of recorder train.
    pub(crate) training: Vec<String>,
}

/// What is put into the labels.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Noise {
    /// The data's own labels.
    None,
    /// A kind, at a rate from 0 to 1.
    Of(&'static str, f64),
}

/// How the final network is trained.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Method {
    pub(crate) samples: TrainedOn,
    pub(crate) loss: Loss,
}

/// Which samples the final network is trained on, and by which labels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum TrainedOn {
    /// On all samples.
    All,
    /// Without the flagged ones, by the default rule.
    Cleaned,
    /// Without those that the AUM and held-out evidence flag together; of features alone.
    CleanedCombined,
    /// Without those whose AUM is below 0 in passes by symmetric cross-entropy.
    CleanedBySce,
    /// On all, the flagged ones by the labels that the network suggests.
    Relabelled,
    /// The same, by the AUMs below 0 in passes by symmetric cross-entropy.
    RelabelledBySce,
    /// Without those that confident learning flags by networks that were not trained on them: the multi-stage
    /// method of Northcutt, Jiang and Chuang, JAIR 2021.
    ConfidentLearning,
    /// Without exactly the mislabeled ones.
    Oracle,
    /// Without as many as are flagged, drawn at random.
    Random,
}

/// The passes that a method stands on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Passes {
    /// Those of every setting, as the paper has them.
    Plain,
    /// Those that hold folds out.
    WithFolds,
    /// Those by symmetric cross-entropy.
    BySce,
}

const TRAINED_ON: [(&str, TrainedOn); 9] = [
    ("all", TrainedOn::All),
    ("cleaned", TrainedOn::Cleaned),
    ("cleaned-combined", TrainedOn::CleanedCombined),
    ("cleaned-by-sce", TrainedOn::CleanedBySce),
    ("relabelled", TrainedOn::Relabelled),
    ("relabelled-by-sce", TrainedOn::RelabelledBySce),
    ("confident-learning", TrainedOn::ConfidentLearning),
    ("oracle", TrainedOn::Oracle),
    ("random", TrainedOn::Random),
];

impl Plan {
    /// Reads the file.
    ///
    /// # Errors
    /// With the file, the key and the way out.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let cannot = || format!("{}: the experiment cannot be read", path.display());
        let text = read_regular(path, USUAL_BYTES).with_context(cannot)?;
        Self::parse(str::from_utf8(&text).with_context(cannot)?)
            .with_context(|| path.display().to_string())
    }

    fn parse(text: &str) -> Result<Self> {
        let table: Table = text.parse().map_err(|error: toml::de::Error| {
            let line = error
                .span()
                .map_or(0, |span| text[..span.start].lines().count().max(1));
            anyhow::anyhow!("line {line}: {}", error.message())
        })?;
        if let Some(key) = table.keys().find(|key| !KEYS.contains(&key.as_str())) {
            bail!(unknown("key", key, &KEYS));
        }
        let plan = Self {
            name: match table.get("name") {
                Some(Value::String(name)) => name.clone(),
                _ => bail!("name must be a text; results are kept under it"),
            },
            networks: list(&table, "networks", text_of)?,
            noise: list(&table, "noise", |value| Noise::parse(&text_of(value)?))?,
            seeds: list(&table, "seeds", |value| {
                let seed = value.as_integer().and_then(|seed| u64::try_from(seed).ok());
                seed.context("a seed is a whole number, 0 or more")
            })?,
            methods: list(&table, "methods", |value| Method::parse(&text_of(value)?))?,
            data: options(&table, "data", &["run", "train"])?,
            passes: options(&table, "passes", &["run"])?,
            training: options(&table, "final", &["train"])?,
        };
        logformat::validate_run_name(&plan.name)?;
        Ok(plan)
    }
}

fn list<T>(table: &Table, key: &str, parse: impl Fn(&Value) -> Result<T>) -> Result<Vec<T>> {
    let values = match table.get(key) {
        Some(Value::Array(values)) if !values.is_empty() => values,
        _ => bail!("{key} must be a list with one value or more, in brackets"),
    };
    let parsed = values.iter().map(parse).collect::<Result<Vec<T>>>();
    parsed.with_context(|| key.to_owned())
}

fn text_of(value: &Value) -> Result<String> {
    let text = value.as_str().map(str::to_owned);
    text.with_context(|| format!("{value:?} is no text; put it in quotation marks"))
}

/// The options in a section as words of a command line, which all of `commands` know.
fn options(table: &Table, section: &str, commands: &[&str]) -> Result<Vec<String>> {
    let options = match table.get(section) {
        None => return Ok(Vec::new()),
        Some(Value::Table(options)) => options,
        Some(_) => bail!("{section} must be a section, [{section}], with an option a line"),
    };
    let known = known_options(commands);
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let mut words = Vec::new();
    for (key, value) in options {
        if OWN.contains(&key.as_str()) {
            bail!(
                "{section}: {key} is decided by networks, noise, seeds and methods; leave it out"
            );
        }
        if !known.contains(&key.as_str()) {
            bail!("{section}: {}", unknown("option", key, &known));
        }
        let value = match value {
            Value::Boolean(true) => None,
            Value::Boolean(false) => continue,
            Value::Array(values) => {
                let values: Vec<String> = values.iter().map(plain).collect::<Result<_>>()?;
                Some(values.join(","))
            }
            value => Some(plain(value)?),
        };
        let value = value.map_or_else(String::new, |value| format!("={value}"));
        words.push(format!("--{key}{value}"));
    }
    Ok(words)
}

fn plain(value: &Value) -> Result<String> {
    Ok(match value {
        Value::String(text) => text.clone(),
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        other => bail!("{other:?} is no value of an option; give a text or a number"),
    })
}

fn known_options(commands: &[&str]) -> Vec<String> {
    let cli = Cli::command();
    let of = |command: &str| -> Vec<String> {
        let found = cli.find_subcommand(command).into_iter();
        let arguments = found.flat_map(clap::Command::get_arguments);
        arguments
            .filter_map(|argument| argument.get_long().map(str::to_owned))
            .filter(|long| !OWN.contains(&long.as_str()))
            .collect()
    };
    let mut known = of(commands[0]);
    known.retain(|option| commands.iter().all(|command| of(command).contains(option)));
    known
}

impl Noise {
    fn parse(text: &str) -> Result<Self> {
        if text == "none" {
            return Ok(Noise::None);
        }
        let (kind, rate) = text.split_once(' ').unwrap_or((text, ""));
        let Some(kind) = NOISE_KINDS.into_iter().find(|known| *known == kind) else {
            let known = [&["none"], &NOISE_KINDS[..]].concat();
            bail!("{}", unknown("kind of noise", kind, &known));
        };
        match rate.trim().parse() {
            Ok(rate) if rate > 0.0 && rate <= 1.0 => Ok(Noise::Of(kind, rate)),
            _ => bail!("{text:?} has no rate above 0 and up to 1; write such as \"{kind} 0.4\""),
        }
    }

    /// The words that put it in.
    pub(crate) fn words(&self) -> Vec<String> {
        match self {
            Noise::None => Vec::new(),
            Noise::Of(kind, rate) => {
                vec![format!("--noise={rate}"), format!("--noise-type={kind}")]
            }
        }
    }
}

impl fmt::Display for Noise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Noise::None => write!(f, "none"),
            Noise::Of(kind, rate) => write!(f, "{kind} {rate}"),
        }
    }
}

impl Method {
    pub(crate) const ON_ALL: Self = Self {
        samples: TrainedOn::All,
        loss: Loss::CrossEntropy,
    };

    /// Such as "cleaned", "sce" (on all samples) or "cleaned+sce".
    fn parse(text: &str) -> Result<Self> {
        let (samples, loss) = match text.split_once('+') {
            Some((samples, loss)) => (samples, Some(loss)),
            None if robust(text).is_some() => ("all", Some(text)),
            None => (text, None),
        };
        let by_name = TRAINED_ON.iter().find(|(name, _)| *name == samples);
        let loss = loss.map_or(Some(Loss::CrossEntropy), robust);
        let (Some((_, samples)), Some(loss)) = (by_name, loss) else {
            let names = TRAINED_ON.iter().map(|(name, _)| *name);
            let losses = LOSSES.iter().skip(1).map(|(name, _)| *name);
            let known: Vec<&str> = names.chain(losses).collect();
            bail!(
                "{}; a loss goes with samples as in \"cleaned+sce\"",
                unknown("method", text, &known)
            );
        };
        let samples = *samples;
        Ok(Self { samples, loss })
    }

    pub(crate) fn name(self) -> String {
        let known = TRAINED_ON.iter().find(|(_, known)| *known == self.samples);
        let samples = known.map_or("", |(name, _)| name);
        match (self.samples, self.loss) {
            (_, Loss::CrossEntropy) => samples.to_owned(),
            (TrainedOn::All, loss) => loss.name().to_owned(),
            (_, loss) => format!("{samples}+{}", loss.name()),
        }
    }

    /// The passes that it stands on.
    pub(crate) fn passes(self) -> Passes {
        match self.samples {
            TrainedOn::ConfidentLearning => Passes::WithFolds,
            TrainedOn::CleanedBySce | TrainedOn::RelabelledBySce => Passes::BySce,
            TrainedOn::All
            | TrainedOn::Cleaned
            | TrainedOn::CleanedCombined
            | TrainedOn::Relabelled
            | TrainedOn::Oracle
            | TrainedOn::Random => Passes::Plain,
        }
    }

    /// Whether nothing can be done by it without any known truth.
    pub(crate) fn needs_truth(self) -> bool {
        self.samples == TrainedOn::Oracle
    }
}

/// A loss made for wrong labels.
fn robust(name: &str) -> Option<Loss> {
    Loss::by_name(name).filter(|loss| *loss != Loss::CrossEntropy)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGITS: &str = r#"
name = "digits"
networks = ["cnn"]
noise = ["none", "uniform 0.4"]
seeds = [0, 1]
methods = ["all", "cleaned", "gce", "relabelled+sce"]
[data]
validation = 100
[passes]
lr-drops = [0.5, 0.75]
flip = true
"#;

    #[test]
    fn a_file_becomes_words_of_the_command_line() {
        let plan = Plan::parse(DIGITS).unwrap();
        assert_eq!(plan.data, ["--validation=100"]);
        assert_eq!(plan.passes, ["--flip", "--lr-drops=0.5,0.75"]);
        assert_eq!(
            plan.noise[1].words(),
            ["--noise=0.4", "--noise-type=uniform"]
        );
        let names: Vec<String> = plan.methods.iter().map(|method| method.name()).collect();
        assert_eq!(names, ["all", "cleaned", "gce", "relabelled+sce"]);
    }

    #[test]
    fn what_is_not_known_is_refused_with_the_nearest_that_is() {
        for (from, to, reason) in [
            (
                "seeds",
                "seed",
                "there is no key \"seed\"; is \"seeds\" meant?",
            ),
            ("uniform", "unifrom", "is \"uniform\" meant?"),
            ("\"gce\"", "\"gec\"", "is \"gce\" meant?"),
            ("+sce", "+mse", "there is no method \"relabelled+mse\""),
            (
                "validation",
                "validatoin",
                "data: there is no option \"validatoin\"; is \"validation\" meant?",
            ),
            ("flip", "seed", "passes: seed is decided by"),
            ("uniform 0.4", "uniform", "such as \"uniform 0.4\""),
            ("[0, 1]", "[]", "seeds must be a list"),
            ("name = \"digits\"", "name = \"di gits\"", "di gits"),
            ("[data]", "[data", "line "),
        ] {
            let error = Plan::parse(&DIGITS.replacen(from, to, 1)).unwrap_err();
            let error = format!("{error:#}");
            assert!(error.contains(reason), "{error} has not {reason}");
        }
    }
}
