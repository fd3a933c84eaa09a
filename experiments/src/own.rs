//! Does removing help on data without any known truth? Some of the training samples are held out, the others are
//! judged by passes of their own, and two final networks are trained: on all of these, and without the flagged ones.
//! Whichever gives more of the held-out samples their *given* labels is better: wrong ones among them count against
//! both alike. This is done for several seeds, each with other samples held out.

use std::path::{Path, PathBuf};

use analyzer::ThresholdRule;
use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use logformat::RunRecord;
use recorder::cli::Command;
use recorder::dataset::{Dataset, TRAINING_CHECKSUM};
use recorder::final_training::prediction::{Part, PredictSettings, predict};
use recorder::run::settings::RunSettings;

use crate::paired::{Advice, Difference};
use crate::pieces::{Outcome, Pieces, Stand};
use crate::protocol::AT_END;
use crate::work::{Judgement, Says, fetch, parse, record_passes, train_final};

/// Options of `experiment own`.
#[derive(Debug, Args)]
pub(crate) struct OwnArguments {
    /// The recorded run whose data, labels and network are taken, such as logs/RUN
    #[arg(long, value_name = "RUN")]
    like: PathBuf,

    /// So many training samples are held out for each seed [default: a fifth]
    #[arg(long, value_name = "N")]
    held_out: Option<usize>,

    /// How many seeds
    #[arg(long, value_name = "N", default_value_t = 5)]
    seeds: u64,

    /// What flags the samples that one of the networks is trained without
    #[arg(long, value_enum, default_value = "percentile")]
    rule: FlaggingRule,

    /// Epochs of the final networks [default: that of recorder train]
    #[arg(long, value_name = "N")]
    epochs: Option<usize>,

    /// Folder of logs, networks and pieces [default: results/own-RUN]
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, ValueEnum)]
enum FlaggingRule {
    /// An AUM below the 99th percentile of the threshold samples' AUMs
    Percentile,
    /// AUM and held-out evidence together; of features
    Combined,
    /// An AUM below 0; of runs by --loss sce, of data that the network learns well
    BelowZero,
}

impl FlaggingRule {
    fn threshold(self) -> ThresholdRule {
        match self {
            Self::Percentile => ThresholdRule::default(),
            Self::Combined => ThresholdRule::Combined,
            Self::BelowZero => ThresholdRule::Given(0.0),
        }
    }

    /// Names of what stands on it; those of the default rule are without it.
    fn suffix(self) -> &'static str {
        match self {
            Self::Percentile => "",
            Self::Combined => "-combined",
            Self::BelowZero => "-below-zero",
        }
    }
}

/// The answer, in a sentence.
pub(crate) fn own(arguments: &OwnArguments, tell: &mut dyn FnMut(&str)) -> Result<String> {
    let name = arguments.like.file_name().unwrap_or_default();
    let folder = arguments.like.parent().unwrap_or(Path::new(""));
    let record = RunRecord::read(folder, &name.to_string_lossy())?
        .filter(|record| !record.command.is_empty())
        .with_context(|| {
            format!(
                "{}: there is no record of a run that has its command; record it anew by recorder run",
                arguments.like.display()
            )
        })?;
    let out = arguments
        .out
        .clone()
        .unwrap_or_else(|| Path::new("results").join(format!("own-{}", name.to_string_lossy())));
    let (held_out, data) = check(&record, arguments)?;
    let mut pairs = Vec::new();
    for seed in 0..arguments.seeds {
        let own = OwnSeed {
            command: &record.command,
            data: &data,
            held_out,
            epochs: arguments.epochs,
            rule: arguments.rule,
            seed,
            out: &out,
        };
        let of_seed = own.differences()?;
        let better = of_seed
            .iter()
            .map(|(_, difference)| difference)
            .sum::<f64>();
        tell(&format!(
            "seed {seed}: without the flagged ones {:+.2} points of error on {held_out} samples held out",
            0.0 - 100.0 * better / of_seed.len() as f64
        ));
        pairs.extend(of_seed);
    }
    let difference = Difference::of(pairs).context("too few samples are held out to compare")?;
    Ok(sentence(&difference))
}

fn sentence(difference: &Difference) -> String {
    let points = |share: f64| format!("{:.2}", 100.0 * share);
    let Difference {
        samples,
        mean,
        low,
        high,
    } = *difference;
    let (size, low, high, direction) = match mean < 0.0 {
        true => (-mean, -high, -low, "higher"),
        false => (mean, low, high, "lower"),
    };
    let found = format!(
        "without them the error on {samples} held-out given labels is {} points {direction}",
        points(size)
    );
    let interval = format!("95 % interval {} to {}", points(low), points(high));
    match difference.advice() {
        Advice::Remove => format!("Remove the flagged samples: {found} ({interval}).\n"),
        Advice::DoNotRemove => {
            format!("Do not remove the flagged samples: {found} ({interval}).\n")
        }
        Advice::CannotTell => format!(
            "Cannot tell whether to remove the flagged samples: {found}, but zero lies in the {interval}.\n"
        ),
    }
}

/// How many are to be held out, and what the data are known by; refuses data that are no longer those of the run, and a
/// run whose held-out samples would have other labels than given ones.
fn check(record: &RunRecord, arguments: &OwnArguments) -> Result<(usize, String)> {
    let settings = run_settings(&plain(&record.command))?;
    let dataset = Dataset::load(&settings.dataset, settings.data_seed)?;
    let data = &dataset.describe()[TRAINING_CHECKSUM];
    // Features of a backbone have another checksum than their images.
    let is_other = record.configuration[TRAINING_CHECKSUM] != *data;
    if is_other && settings.backbone.is_none() {
        bail!(
            "{}: its data were changed since it was recorded; record it anew by recorder run --overwrite",
            arguments.like.display()
        );
    }
    let is_of_images = settings.dataset.kind.has_images && settings.backbone.is_none();
    if arguments.rule == FlaggingRule::Combined && is_of_images {
        bail!(
            "{}: it is trained on images, and held-out evidence is of features alone; leave --rule combined out",
            arguments.like.display()
        );
    }
    let labels = settings.labels.labels(
        &dataset.train.labels,
        &dataset.train.origins,
        &dataset.class_names,
        settings.data_seed,
    )?;
    if labels.given != dataset.train.labels {
        bail!(
            "{}: its given labels are not those of the data (noise, or a file of labels), which held-out samples have; a file of an experiment, with the truth, is for that",
            arguments.like.display()
        );
    }
    let samples = dataset.train.len() + dataset.validation.map_or(0, |held| held.len());
    let held_out = arguments.held_out.unwrap_or(samples / 5);
    match held_out >= 2 {
        true => Ok((held_out, data.to_string())),
        false => bail!("{held_out} samples held out are too few; raise --held-out"),
    }
}

/// The words of a command without those that say what to do with a run that is there.
fn plain(command: &[String]) -> Vec<String> {
    let words = command
        .iter()
        .filter(|word| *word != "--resume" && *word != "--overwrite");
    words.cloned().collect()
}

fn run_settings(words: &[String]) -> Result<RunSettings> {
    let Command::Run(arguments) = parse(words, "--overwrite")? else {
        bail!("the run was not recorded by recorder run");
    };
    let mut settings = arguments.settings();
    fetch(&mut settings.dataset, arguments.access())?;
    Ok(settings)
}

/// What is done for a seed.
struct OwnSeed<'a> {
    command: &'a [String],
    data: &'a str,
    held_out: usize,
    epochs: Option<usize>,
    rule: FlaggingRule,
    seed: u64,
    out: &'a Path,
}

impl OwnSeed<'_> {
    /// Of each sample held out, its id and how much more often the network of all samples is wrong.
    fn differences(&self) -> Result<Vec<(i64, f64)>> {
        let pieces = Pieces::in_folder(self.out);
        let name = format!("seed{}", self.seed);
        let passes = self.passes(&name);
        let suffix = self.rule.suffix();
        let table = self.out.join(format!("aum/{name}{suffix}.csv"));
        let judged = format!("{name}{suffix}");
        let judgement = Judgement {
            logs: self.out.join("logs"),
            run: name.clone(),
            rule: self.rule.threshold(),
            says: Says::Flagged,
            table: table.clone(),
        };
        // Other data give other pieces by the same commands.
        let data = vec![format!("{TRAINING_CHECKSUM}={}", self.data)];
        let commands = vec![data.clone(), passes.clone()];
        // The passes are the same by every rule.
        let mut rules = FlaggingRule::value_variants().iter();
        let are_recorded = rules.any(|rule| {
            let judged = format!("{name}{}", rule.suffix());
            matches!(pieces.stand(&judged, &commands), Stand::Done(_))
        });
        pieces.finish(&judged, commands, |words, goes_on| {
            let goes_on = if are_recorded { "--resume" } else { goes_on };
            record_passes(words, goes_on, &judgement)
        })?;
        let drop = format!("--drop={}", table.display());
        let mut wrong = Vec::new();
        let cleaned = format!("cleaned{suffix}");
        for (method, further) in [("all", None), (cleaned.as_str(), Some(drop))] {
            let trained = format!("{name}-{method}");
            let words = self.training(&name, &trained, further);
            pieces.finish(
                &trained,
                vec![data.clone(), passes.clone(), words],
                |words, goes_on| {
                    let result = train_final(words, goes_on)?.result;
                    Ok(Outcome {
                        seconds: result.map_or(0.0, |result| result.seconds),
                        verdict: None,
                        trained: None,
                    })
                },
            )?;
            wrong.push(self.wrong(&passes, &trained)?);
        }
        let pairs = wrong[0].iter().zip(&wrong[1]);
        Ok(pairs
            .map(|((id, all), (_, cleaned))| {
                (
                    *id,
                    f64::from(u8::from(*all)) - f64::from(u8::from(*cleaned)),
                )
            })
            .collect())
    }

    fn passes(&self, name: &str) -> Vec<String> {
        let mut words = plain(self.command);
        words.extend(["--logits=none", "--pictures=0", AT_END].map(str::to_owned));
        words.push(format!("--validation={}", self.held_out));
        words.push(format!("--seed={}", self.seed));
        words.push(format!("--data-seed={}", self.seed));
        words.push(format!("--out={}", self.out.join("logs").display()));
        words.push(format!("--name={name}"));
        words
    }

    fn training(&self, name: &str, trained: &str, further: Option<String>) -> Vec<String> {
        let like = self.out.join("logs").join(name);
        let mut words = vec![
            "recorder".to_owned(),
            "train".to_owned(),
            format!("--like={}", like.display()),
            AT_END.to_owned(),
        ];
        words.extend(self.epochs.map(|epochs| format!("--epochs={epochs}")));
        words.extend(further);
        words.push(format!("--out={}", self.out.join("trained").display()));
        words.push(format!("--name={trained}"));
        words
    }

    /// Of each sample held out, its id and whether the network is wrong about its given label.
    fn wrong(&self, passes: &[String], trained: &str) -> Result<Vec<(i64, bool)>> {
        let settings = run_settings(passes)?;
        let model = self
            .out
            .join("trained")
            .join(trained)
            .join("model.safetensors");
        let said = predict(&PredictSettings {
            model,
            dataset: settings.dataset,
            part: Part::Validation,
            data_seed: settings.data_seed,
            device: settings.device,
        })?;
        let samples = 0..said.labels.len();
        Ok(samples
            .map(|sample| {
                let is_wrong = said.class(sample) != said.labels[sample] as usize;
                (said.sample_ids[sample], is_wrong)
            })
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_says_in_which_direction_the_error_goes() {
        let of = |mean, low, high| {
            sentence(&Difference {
                samples: 500,
                mean,
                low,
                high,
            })
        };
        for (difference, said) in [
            (
                of(0.02, 0.01, 0.03),
                "Remove the flagged samples: without them the error on 500 held-out given labels is 2.00 points lower (95 % interval 1.00 to 3.00).",
            ),
            (
                of(-0.02, -0.03, -0.01),
                "Do not remove the flagged samples: without them the error on 500 held-out given labels is 2.00 points higher (95 % interval 1.00 to 3.00).",
            ),
            (
                of(-0.02, -0.05, 0.01),
                "Cannot tell whether to remove the flagged samples: without them the error on 500 held-out given labels is 2.00 points higher, but zero lies in the 95 % interval -1.00 to 5.00.",
            ),
        ] {
            assert_eq!(difference.trim_end(), said);
        }
    }
}
