//! What the commands of a piece do, with the recorder and the analyzer as libraries.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use analyzer::{
    AumSettings, RunAnalysis, TableFile, ThresholdRule, analyze, aum_table, log_files, read_runs,
    suggestion_table, suggestions,
};
use anyhow::{Context, Result, anyhow, bail};
use recorder::cli::{Cli, Command, with_way_out};
use recorder::dataset::DatasetSettings;
use recorder::final_training::record::TrainRecord;
use recorder::final_training::training::train;
use recorder::hub::{self, Access};
use recorder::run::progress::Silent;
use recorder::run::recording::run;

use crate::pieces::{Outcome, Trained, Verdict};

fn verdict(analysis: &RunAnalysis) -> Verdict {
    let flagged = analysis.verdicts.flagged();
    let evaluation = &analysis.evaluation;
    Verdict {
        flagged: flagged.filter(|flagged| *flagged == Some(true)).count(),
        precision: evaluation.precision(),
        recall: evaluation.recall(),
        f1: evaluation.f1(),
    }
}

/// What is to be said of the samples of a recorded run, and where.
pub(crate) struct Judgement {
    pub(crate) logs: PathBuf,
    pub(crate) run: String,
    pub(crate) rule: ThresholdRule,
    pub(crate) says: Says,
    pub(crate) table: PathBuf,
}

/// Which table is written.
#[derive(Clone, Copy)]
pub(crate) enum Says {
    /// The AUM table, with what is flagged.
    Flagged,
    /// The labels that the network suggests for flagged samples.
    Suggestions,
}

impl Judgement {
    /// Writes the table, from the log.
    pub(crate) fn write(&self) -> Result<Verdict> {
        let files = log_files(&[self.logs.join(format!("{}-p*.parquet", self.run))])?;
        let logs = read_runs(&files)?;
        let log = logs.runs.first().context("the run left no log")?;
        let settings = AumSettings {
            threshold: self.rule,
            ..AumSettings::default()
        };
        let analysis = analyze(log, &settings)?;
        let runs = [(log, &analysis)];
        let table = match self.says {
            Says::Flagged => aum_table(&runs),
            Says::Suggestions => {
                let [suggested] = &suggestions(&files, &runs)?[..] else {
                    bail!("{}: there is more than one log of it", self.run)
                };
                suggestion_table(log, &analysis, suggested)
            }
        };
        let folder = self.table.parent().unwrap_or(Path::new(""));
        fs::create_dir_all(folder)
            .with_context(|| format!("{}: it cannot be made", folder.display()))?;
        let file: TableFile = self.table.display().to_string().parse()?;
        file.write(&table, true)?;
        Ok(verdict(&analysis))
    }
}

/// Does what a command of `recorder run` does, and judges what it recorded.
pub(crate) fn record_passes(
    words: &[String],
    goes_on: &str,
    judgement: &Judgement,
) -> Result<Outcome> {
    let began = Instant::now();
    let Command::Run(arguments) = parse(words, goes_on)? else {
        bail!("this is no recorder run");
    };
    let mut settings = arguments.settings();
    settings.command = words.to_vec();
    fetch(&mut settings.dataset, arguments.access())?;
    let ran = run(&settings, &mut Silent, &AtomicBool::new(false));
    ran.map_err(|error| with_way_out(error.into()))?;
    Ok(Outcome {
        seconds: began.elapsed().as_secs_f64(),
        verdict: Some(judgement.write()?),
        trained: None,
    })
}

/// The errors of a final training on test samples.
pub(crate) fn tested(record: &TrainRecord) -> Result<Outcome> {
    let result = record.result.as_ref();
    let result = result.context("the training has no result")?;
    let best = result.best_on_validation.as_ref();
    let test_error = result.last.test_error;
    Ok(Outcome {
        seconds: result.seconds,
        verdict: None,
        trained: Some(Trained {
            left_out: record.samples.left_out,
            test_error: test_error
                .context("there are no test samples; split some off by test-share")?,
            best_test_error: best.and_then(|best| best.test_error),
            test_top5_error: result.last.test_top5_error,
        }),
    })
}

/// Does what a command of `recorder train` does.
pub(crate) fn train_final(words: &[String], goes_on: &str) -> Result<TrainRecord> {
    let Command::Train(arguments) = parse(words, goes_on)? else {
        bail!("this is no recorder train");
    };
    let typed = words.iter().map(OsString::from);
    let typed = typed.chain([goes_on.into()]).collect();
    let (arguments, like) = Cli::followed(*arguments, typed)?;
    let mut settings = arguments.settings(like);
    settings.training.command = words.to_vec();
    fetch(&mut settings.training.dataset, arguments.access())?;
    let outcome = train(&settings, &mut Silent, &AtomicBool::new(false));
    Ok(outcome.map_err(|error| with_way_out(error.into()))?.record)
}

/// The command that words stand for.
pub(crate) fn parse(words: &[String], goes_on: &str) -> Result<Command> {
    let words = words.iter().map(OsString::from);
    let words: Vec<OsString> = words.chain([goes_on.into()]).collect();
    // The fault is that of the experiment's file, and not of the command line.
    let cli = program::parsed::<Cli>(&words).map_err(|wrong| anyhow!("{wrong}"))?;
    Ok(cli.command)
}

/// Gets a data set from the hub or its cache, where the plan does not say where it lies.
pub(crate) fn fetch(dataset: &mut DatasetSettings, access: Access) -> Result<()> {
    dataset.hub = hub::fetch(dataset, access, false, &mut program::note)
        .map_err(|error| with_way_out(error.into()))?;
    Ok(())
}
