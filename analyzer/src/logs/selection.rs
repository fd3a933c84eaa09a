//! Which runs and passes of the logs a user asks for, by name and number.

use crate::error::AnalyzerError;
use crate::logs::read::Logs;
use crate::logs::run_log::RunLog;

/// A part of some logs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Selection {
    /// The names of the runs; none for all. The unnamed run is `` or `(unnamed run)`.
    pub runs: Vec<String>,
    /// The numbers of the passes, 1-based; none for all.
    pub passes: Vec<u32>,
}

impl Logs {
    /// Leaves the selected runs and passes only.
    ///
    /// # Errors
    /// [`AnalyzerError::NoSuchRun`] and [`AnalyzerError::NoSuchPass`] where the logs have no run of
    /// a name, or one of the runs no pass of a number.
    pub fn select(&mut self, selection: &Selection) -> Result<(), AnalyzerError> {
        if let Some(missing) = selection
            .runs
            .iter()
            .find(|name| !self.runs.iter().any(|log| is_called(log, name)))
        {
            return Err(AnalyzerError::NoSuchRun {
                run: missing.clone(),
                found: list(self.runs.iter().map(RunLog::title)),
            });
        }
        if !selection.runs.is_empty() {
            let is_selected = |log: &RunLog| selection.runs.iter().any(|run| is_called(log, run));
            self.runs.retain(is_selected);
        }
        let select = |log| select_passes(log, &selection.passes);
        self.runs.iter_mut().try_for_each(select)
    }

    /// The run, for what is of one run.
    ///
    /// # Errors
    /// [`AnalyzerError::SeveralRuns`] where there are others.
    pub fn only_run(&self) -> Result<&RunLog, AnalyzerError> {
        match &self.runs[..] {
            [run] => Ok(run),
            runs => Err(AnalyzerError::SeveralRuns {
                count: runs.len(),
                found: list(runs.iter().map(RunLog::title)),
            }),
        }
    }
}

fn is_called(log: &RunLog, name: &str) -> bool {
    log.title() == name || (log.run.is_none() && name.is_empty())
}

fn select_passes(log: &mut RunLog, passes: &[u32]) -> Result<(), AnalyzerError> {
    let has = |number: u32| log.passes.iter().any(|pass| pass.pass == number);
    if let Some(&missing) = passes.iter().find(|&&number| !has(number)) {
        let found = log.passes.iter().map(|pass| pass.pass.to_string());
        return Err(AnalyzerError::NoSuchPass {
            run: log.title().to_owned(),
            pass: missing,
            found: list(found),
        });
    }
    if !passes.is_empty() {
        log.passes.retain(|pass| passes.contains(&pass.pass));
    }
    Ok(())
}

/// The first few, and how many more there are.
fn list<T: AsRef<str>>(names: impl ExactSizeIterator<Item = T>) -> String {
    const SHOWN: usize = 5;
    let more = names.len().saturating_sub(SHOWN);
    let shown: Vec<String> = names.take(SHOWN).map(|n| n.as_ref().to_owned()).collect();
    let shown = shown.join(", ");
    match more {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logs::two_passes::two_passes;

    fn logs(names: &[Option<&str>]) -> Logs {
        let log = |name: &Option<&str>| RunLog {
            run: name.map(str::to_owned),
            ..two_passes()
        };
        Logs {
            runs: names.iter().map(log).collect(),
            warnings: Vec::new(),
        }
    }

    fn selected(runs: &[&str], passes: &[u32]) -> Result<Vec<(String, Vec<u32>)>, String> {
        let mut logs = logs(&[None, Some("a"), Some("b")]);
        logs.select(&Selection {
            runs: runs.iter().map(|&run| run.to_owned()).collect(),
            passes: passes.to_vec(),
        })
        .map_err(|error| error.to_string())?;
        let numbers = |log: &RunLog| log.passes.iter().map(|pass| pass.pass).collect();
        let runs = logs.runs.iter();
        Ok(runs
            .map(|log| (log.title().to_owned(), numbers(log)))
            .collect())
    }

    #[test]
    fn what_is_asked_for_is_left() {
        let b = ("b".to_owned(), vec![2]);
        assert_eq!(selected(&["b"], &[2]), Ok(vec![b]));
        let unnamed = ("(unnamed run)".to_owned(), vec![1, 2]);
        assert_eq!(selected(&[""], &[]), Ok(vec![unnamed.clone()]));
        assert_eq!(selected(&["(unnamed run)"], &[]), Ok(vec![unnamed]));
        assert_eq!(selected(&[], &[]).unwrap().len(), 3);
    }

    #[test]
    fn what_is_not_there_is_refused_with_what_there_is() {
        assert_eq!(
            selected(&["c"], &[]).unwrap_err(),
            "there is no run c in the logs; they have (unnamed run), a, b"
        );
        assert_eq!(
            selected(&["a"], &[3]).unwrap_err(),
            "run a: there is no pass 3; it has 1, 2"
        );
    }

    #[test]
    fn of_several_runs_all_are_named() {
        let error = logs(&[None, Some("a")]).only_run().unwrap_err();
        assert_eq!(
            error.to_string(),
            "the logs hold 2 runs, (unnamed run), a, and this is of one"
        );
        let one = logs(&[Some("a")]);
        assert_eq!(one.only_run().unwrap().title(), "a");
    }

    #[test]
    fn a_long_list_is_cut() {
        let names: Vec<String> = (1..=7).map(|n| n.to_string()).collect();
        assert_eq!(list(names.iter()), "1, 2, 3, 4, 5 and 2 more");
    }
}
