//! `analyzer report`: read, analyze, write the page.

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};

use analyzer::plots::{PlottedRun, RunView, sheet};
use analyzer::{
    AnalyzerError, Keep, ListedSamples, PageParts, RowParts, check_output_file, label_counts,
    report_page, run_record, write_output_file,
};
use anyhow::bail;
use clap::Args;
use program::{WrongUse, quoted};

use crate::commands::command::{Command, Needs};
use crate::commands::options::logs::LogArgs;
use crate::commands::options::output::{OutputArgs, Sink, is_stdout, print};
use crate::commands::options::verdict::{VerdictArgs, analyzed};

const EXAMPLES: &str = "\
Examples:
  Hand the suspicious labels of a run to the people who correct them:
    analyzer report logs --run my-run -o report.html

  Flag fewer samples, and show 100 of them as pictures:
    analyzer report logs --percentile 95 --count 100 -o report.html";

/// Write a page for the people who correct labels: one HTML file.
///
/// It has how much is flagged and how sure that is (precision and recall with intervals where the truth
/// is known, estimates where it is not), the plots, the most suspicious samples as pictures (where the
/// recorder kept a sample table), the systematic mistakes, the flagged samples as a worklist, with each
/// sample's picture, file and margins, and the commands that give all of this again. The list is searched,
/// sorted and filtered by class; each label is kept, corrected or its sample removed, by mouse or by
/// keyboard; the browser remembers the decisions, and saves them as CSV and loads them again. It needs no
/// network and no other file; images are linked where they lie, as seen from the page.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ReportArgs {
    #[command(flatten)]
    logs: LogArgs,

    /// The file to write, .html, or - for stdout
    #[arg(short, long, value_name = "FILE", default_value = "report.html")]
    output: PathBuf,

    /// Replace the file where it is there already
    #[arg(long)]
    overwrite: bool,

    /// How many of the lowest AUMs to show as pictures
    #[arg(long, value_name = "N", default_value_t = 48, value_parser = clap::value_parser!(u16).range(1..=400))]
    count: u16,

    /// Leave out warnings, and what is said beside the results
    #[arg(short, long)]
    quiet: bool,

    #[command(flatten)]
    verdict: VerdictArgs,

    /// The words of this command, the program first.
    #[arg(skip)]
    pub(crate) typed: Vec<OsString>,
}

impl Command for ReportArgs {
    fn run(&self) -> anyhow::Result<()> {
        let output = OutputArgs::none(self.quiet);
        let sink = Sink::open(&output, &self.logs.logs)?;
        let path = &self.output;
        if !is_stdout(path) {
            check_suffix(path)?;
            check_output_file(path, &sink.files, self.overwrite)?;
        }
        let logs = self.logs.read(Keep::Margins, &sink)?;
        let log = logs.only_run()?;
        let settings = self.verdict.settings();
        let analyses = analyzed(&logs, &settings, &sink)?;
        let analysis = &analyses[0].1;
        let view = RunView {
            log,
            analysis,
            settings: &settings,
        };
        let look = PlottedRun::new(&sink.files, view, usize::from(self.count));
        // They are of no use where every true label is known, and read the logits of every epoch.
        let counts = match analysis.evaluation.without_true_label {
            0 => None,
            _ => label_counts(&sink.files, &[(log, analysis)])?[0],
        };
        let record = run_record(&sink.files, log.run.as_deref());
        let parts = PageParts {
            listed: ListedSamples::read(&look, path),
            sheet: sheet(&look)?,
            suggestions: look.suggestions()?.to_vec(),
            scores: look.scores()?,
            counts,
            recorded_by: record.and_then(|record| typed(&record.command)),
            commands: again(&self.typed),
        };
        sink.warn(look.warning());
        let page = report_page(view, parts);
        if is_stdout(path) {
            return print(page.as_bytes());
        }
        write_output_file(path, self.overwrite, |file| {
            file.write_all(page.as_bytes())
                .map_err(|source| AnalyzerError::WriteTable {
                    path: path.clone(),
                    source,
                })
        })?;
        if !self.quiet {
            program::note(&format!(
                "wrote {} ({} kB); open it in a browser",
                path.display(),
                page.len().div_ceil(1000)
            ));
        }
        Ok(())
    }

    fn needs(&mut self) -> Option<Needs<'_>> {
        let of_logs = self.logs.needing(RowParts::Logits);
        Some(of_logs.with_pictures())
    }
}

fn check_suffix(path: &Path) -> anyhow::Result<()> {
    let suffix = path.extension().and_then(|suffix| suffix.to_str());
    if suffix.is_some_and(|suffix| ["html", "htm"].contains(&&*suffix.to_ascii_lowercase())) {
        return Ok(());
    }
    let path = path.display();
    bail!(WrongUse(format!(
        "{path}: a report is a web page; end the name in .html"
    )))
}

/// This command as it would be typed again; the program by its name, wherever it lies.
fn again(words: &[OsString]) -> String {
    let words = words.iter().skip(1);
    let words = words.map(|word| word.to_string_lossy().into_owned());
    let command = ["analyzer".to_owned()].into_iter().chain(words);
    typed(&command.collect::<Vec<_>>()).unwrap_or_default()
}

/// The words of a command as a shell takes them; `None` for no words.
fn typed(words: &[String]) -> Option<String> {
    let quoted: Vec<String> = words.iter().map(|word| quoted(word)).collect();
    (!quoted.is_empty()).then(|| quoted.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_for_a_shell_where_they_must() {
        let words = ["recorder", "run", "--name", "a b"].map(str::to_owned);
        assert_eq!(typed(&words).unwrap(), "recorder run --name 'a b'");
        assert_eq!(typed(&[]), None);
    }
}
