//! The protocol: for each network, noise and seed two passes and their verdicts, and then final trainings on the
//! same data by every method. Every piece is a command of the recorder that anybody can give alone.

use std::path::{Path, PathBuf};

use analyzer::{Pruning, ThresholdRule};
use anyhow::{Context, Result};
use logformat::configuration::SYMMETRIC_CROSS_ENTROPY;
use recorder::engine::operators::Loss;

use crate::pieces::{Outcome, Pieces, Stand};
use crate::plan::{Method, Noise, Passes, Plan, TrainedOn};
use crate::work::{Judgement, Says, parse, record_passes, tested, train_final};

/// One choice of network, noise and seed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Setting<'a> {
    pub(crate) network: &'a str,
    pub(crate) noise: &'a Noise,
    pub(crate) seed: u64,
}

impl Setting<'_> {
    pub(crate) fn name(&self) -> String {
        let noise = self.noise.to_string().replace(' ', "");
        format!("{}-{noise}-seed{}", self.network, self.seed)
    }
}

/// A finished piece of a table.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Finished<'a> {
    pub(crate) setting: Setting<'a>,
    /// `None` for the passes.
    pub(crate) method: Option<Method>,
    pub(crate) outcome: Outcome,
}

/// An experiment and the folder of what it leaves.
pub(crate) struct Protocol<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) out: &'a Path,
}

impl<'a> Protocol<'a> {
    /// All settings, the seeds innermost.
    pub(crate) fn settings(&self) -> Vec<Setting<'a>> {
        let plan = self.plan;
        let noise = plan.networks.iter().flat_map(|network| {
            let noise = plan.noise.iter();
            noise.map(move |noise| (network, noise))
        });
        noise
            .flat_map(|(network, noise)| {
                let seeds = plan.seeds.iter();
                seeds.map(move |&seed| Setting {
                    network,
                    noise,
                    seed,
                })
            })
            .collect()
    }

    /// The methods that can be done with such noise.
    pub(crate) fn methods(&self, noise: &Noise) -> Vec<Method> {
        let methods = self.plan.methods.iter().copied();
        let has_truth = *noise != Noise::None || self.knows_truth();
        methods
            .filter(|method| has_truth || !method.needs_truth())
            .collect()
    }

    fn knows_truth(&self) -> bool {
        let mut words = self.plan.data.iter();
        words.any(|word| word.starts_with("--true-label-column"))
    }

    /// Refuses options with values that their commands do not take, before anything begins.
    pub(crate) fn check(&self) -> Result<()> {
        for setting in self.settings() {
            parse(&self.passes_words(setting, Passes::Plain), "--overwrite")
                .context("data or passes")?;
            let words = self.final_words(setting, Method::ON_ALL, 0);
            parse(&words, "--overwrite").context("data or final")?;
        }
        Ok(())
    }

    /// How many pieces there are.
    pub(crate) fn count(&self) -> usize {
        let settings = self.settings().into_iter();
        settings
            .map(|setting| 1 + self.methods(setting.noise).len())
            .sum()
    }

    /// Does what is not done yet, and returns all.
    pub(crate) fn run(&self, tell: &mut dyn FnMut(&str)) -> Result<Vec<Finished<'a>>> {
        let (settings, count) = (self.settings(), self.count());
        let mut finished: Vec<Finished> = Vec::with_capacity(count);
        for setting in settings {
            let methods = self.methods(setting.noise).into_iter().map(Some);
            for method in [None].into_iter().chain(methods) {
                let is_new = matches!(
                    self.stand(setting, method, &finished),
                    Stand::New | Stand::Begun
                );
                let outcome = self.piece(setting, method, &finished)?;
                if is_new {
                    let number = finished.len() + 1;
                    tell(&format!(
                        "{number}/{count}  {}",
                        line(setting, method, &outcome)
                    ));
                }
                finished.push(Finished {
                    setting,
                    method,
                    outcome,
                });
            }
        }
        Ok(finished)
    }

    fn stand(&self, setting: Setting, method: Option<Method>, finished: &[Finished]) -> Stand {
        let commands = self.commands(setting, method, finished);
        Pieces::in_folder(self.out).stand(&piece_name(setting, method), &commands)
    }

    fn piece(
        &self,
        setting: Setting,
        method: Option<Method>,
        finished: &[Finished],
    ) -> Result<Outcome> {
        let passes = method.map_or(Passes::Plain, Method::passes);
        let recorded = self.passes(setting, passes)?;
        let Some(method) = method else {
            return Ok(recorded);
        };
        let name = piece_name(setting, Some(method));
        let commands = self.commands(setting, Some(method), finished);
        Pieces::in_folder(self.out).finish(&name, commands, |words, goes_on| {
            // Tables of what the passes flag were written with them.
            let table = self.flagged(setting, passes).table;
            let judgement = self.judgement(setting, method);
            if let Some(judgement) = judgement.filter(|judgement| judgement.table != table) {
                judgement.write()?;
            }
            tested(&train_final(words, goes_on)?)
        })
    }

    /// The passes that methods stand on.
    fn passes(&self, setting: Setting, passes: Passes) -> Result<Outcome> {
        let judgement = self.flagged(setting, passes);
        let commands = vec![self.passes_words(setting, passes)];
        Pieces::in_folder(self.out).finish(&judgement.run, commands, |words, goes_on| {
            record_passes(words, goes_on, &judgement)
        })
    }

    /// The commands that give a piece, those that it stands on first.
    fn commands(
        &self,
        setting: Setting,
        method: Option<Method>,
        finished: &[Finished],
    ) -> Vec<Vec<String>> {
        let Some(method) = method else {
            return vec![self.passes_words(setting, Passes::Plain)];
        };
        let of_passes = finished.iter().find(|done| done.setting == setting);
        let verdict = of_passes.and_then(|done| done.outcome.verdict);
        let flagged = verdict.map_or(0, |verdict| verdict.flagged);
        let trained = self.final_words(setting, method, flagged);
        vec![self.passes_words(setting, method.passes()), trained]
    }

    fn logs(&self) -> PathBuf {
        self.out.join("logs")
    }

    /// What passes flag: by the default rule, by confident learning or below 0.
    fn flagged(&self, setting: Setting, passes: Passes) -> Judgement {
        let run = run_name(setting, passes);
        Judgement {
            logs: self.logs(),
            rule: match passes {
                Passes::Plain => ThresholdRule::default(),
                Passes::WithFolds => ThresholdRule::ConfidentLearning(Pruning::ByNoiseRate),
                Passes::BySce => ThresholdRule::Given(0.0),
            },
            says: Says::Flagged,
            table: self.table(&run),
            run,
        }
    }

    /// What a method goes by.
    fn judgement(&self, setting: Setting, method: Method) -> Option<Judgement> {
        let flagged = self.flagged(setting, method.passes());
        match method.samples {
            TrainedOn::Cleaned | TrainedOn::ConfidentLearning | TrainedOn::CleanedBySce => {
                Some(flagged)
            }
            TrainedOn::CleanedCombined => Some(Judgement {
                rule: ThresholdRule::Combined,
                table: self.table(&format!("{}-combined", setting.name())),
                ..flagged
            }),
            TrainedOn::Relabelled | TrainedOn::RelabelledBySce => Some(Judgement {
                says: Says::Suggestions,
                table: self.table(&format!("{}-suggested", flagged.run)),
                ..flagged
            }),
            TrainedOn::All | TrainedOn::Oracle | TrainedOn::Random => None,
        }
    }

    fn table(&self, name: &str) -> PathBuf {
        self.out.join(format!("aum/{name}.csv"))
    }

    /// The words that record the passes of a setting.
    pub(crate) fn passes_words(&self, setting: Setting, passes: Passes) -> Vec<String> {
        let mut words: Vec<String> = ["recorder", "run", "--logits=none", "--pictures=0", AT_END]
            .map(str::to_owned)
            .to_vec();
        words.push(format!("--model={}", setting.network));
        words.extend(setting.noise.words());
        words.extend(self.plan.data.iter().chain(&self.plan.passes).cloned());
        words.push(format!("--seed={}", setting.seed));
        words.push(format!("--data-seed={}", setting.seed));
        words.push(format!("--out={}", self.logs().display()));
        match passes {
            Passes::Plain => {}
            Passes::WithFolds => {
                words.retain(|word| !word.starts_with("--passes="));
                words.push(format!("--folds={FOLDS}"));
            }
            Passes::BySce => words.push(format!("--loss={SYMMETRIC_CROSS_ENTROPY}")),
        }
        words.push(format!("--name={}", run_name(setting, passes)));
        words
    }

    /// The words that train the final network by a method, after passes that have flagged so many.
    fn final_words(&self, setting: Setting, method: Method, flagged: usize) -> Vec<String> {
        let like = self.logs().join(run_name(setting, method.passes()));
        let mut words = vec![
            "recorder".to_owned(),
            "train".to_owned(),
            format!("--like={}", like.display()),
            AT_END.to_owned(),
        ];
        words.extend(self.plan.training.iter().cloned());
        words.extend(self.judgement(setting, method).map(|judgement| {
            let option = match judgement.says {
                Says::Flagged => "drop",
                Says::Suggestions => "relabel",
            };
            format!("--{option}={}", judgement.table.display())
        }));
        words.extend(match method.samples {
            TrainedOn::Oracle => Some("--oracle".to_owned()),
            TrainedOn::Random => Some(format!("--drop-random={flagged}")),
            TrainedOn::All
            | TrainedOn::Cleaned
            | TrainedOn::CleanedCombined
            | TrainedOn::CleanedBySce
            | TrainedOn::Relabelled
            | TrainedOn::RelabelledBySce
            | TrainedOn::ConfidentLearning => None,
        });
        if method.loss != Loss::CrossEntropy {
            words.push(format!("--loss={}", method.loss.name()));
        }
        words.push(format!("--out={}", self.out.join("trained").display()));
        words.push(format!("--name={}", piece_name(setting, Some(method))));
        words
    }
}

/// Where the test samples are many, predicting them after every epoch takes longer than training.
pub(crate) const AT_END: &str = "--test-at-end";
/// Into so many folds samples are dealt for confident learning, as by cleanlab's default.
pub(crate) const FOLDS: usize = 5;

fn run_name(setting: Setting, passes: Passes) -> String {
    let name = setting.name();
    match passes {
        Passes::Plain => name,
        Passes::WithFolds => format!("{name}-folds"),
        Passes::BySce => format!("{name}-by-sce"),
    }
}

pub(crate) fn piece_name(setting: Setting, method: Option<Method>) -> String {
    match method {
        None => setting.name(),
        Some(method) => format!("{}-{}", setting.name(), method.name()),
    }
}

fn line(setting: Setting, method: Option<Method>, outcome: &Outcome) -> String {
    let what = match (outcome.verdict, outcome.trained) {
        (Some(verdict), _) => {
            let f1 = verdict
                .f1
                .map_or_else(String::new, |f1| format!(", F1 {f1:.3}"));
            format!("flagged {}{f1}", verdict.flagged)
        }
        (_, Some(trained)) => format!("test error {:.2} %", 100.0 * trained.test_error),
        _ => String::new(),
    };
    format!(
        "{}  {}  {what}  ({:.1} s)",
        setting.name(),
        method.map_or("passes".to_owned(), Method::name),
        outcome.seconds
    )
}
