//! `analyzer report`: read, analyze, write the page.

use std::io::Write;

use analyzer::plots::RunView;
use analyzer::{
    AnalyzerError, PageParts, check_output_file, log_files, report_page, write_output_file,
};
use anyhow::bail;

use crate::cli::{OutputArgs, ReportArgs};

use super::input;
use super::output::Sink;
use super::run_records::run_record;
use super::samples_shown::SecondLook;

pub(crate) fn run(args: &ReportArgs) -> anyhow::Result<()> {
    let files = log_files(&args.logs.logs)?;
    let path = &args.output;
    let suffix = path.extension().and_then(|suffix| suffix.to_str());
    if !suffix.is_some_and(|suffix| ["html", "htm"].contains(&&*suffix.to_ascii_lowercase())) {
        bail!(
            "{}: a report is a web page; end the name in .html",
            path.display()
        );
    }
    check_output_file(path, &files, args.overwrite)?;
    let output = OutputArgs::none(args.quiet);
    let sink = Sink::open(&output, &files)?;
    let logs = input::read(&args.logs, &files, &sink)?;
    let settings = args.verdict.settings();
    let analyses = input::analyzed(&logs, &settings, &sink)?;
    let [(log, analysis)] = &analyses[..] else {
        bail!(
            "the logs hold {} runs, such as {}, and a report is of one; name it with --run",
            analyses.len(),
            analyses
                .first()
                .map_or_else(String::new, |(log, _)| log.title().to_owned())
        );
    };
    let view = RunView {
        log,
        analysis,
        settings: &settings,
    };
    let look = SecondLook::new(&files, view, usize::from(args.count));
    let record = run_record(&files, log.run.as_deref());
    let parts = PageParts {
        sheet: look.sheet()?,
        suggestions: look.suggestions()?.to_vec(),
        scores: look.scores()?,
        recorded_by: record.and_then(|record| typed(&record.command)),
        commands: commands(),
    };
    let page = report_page(view, parts);
    write_output_file(path, args.overwrite, |file| {
        file.write_all(page.as_bytes())
            .map_err(|source| AnalyzerError::WriteTable {
                path: path.clone(),
                source,
            })
    })?;
    if !args.quiet {
        program::note(&format!(
            "wrote {} ({} kB); open it in a browser",
            path.display(),
            page.len().div_ceil(1000)
        ));
    }
    Ok(())
}

/// This command as it would be typed again.
fn commands() -> String {
    let words = std::env::args_os().skip(1);
    let words: Vec<String> = words
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    let command = ["analyzer".to_owned()].into_iter().chain(words);
    typed(&command.collect::<Vec<_>>()).unwrap_or_default()
}

/// The words of a command as a shell takes them; `None` for no words.
fn typed(words: &[String]) -> Option<String> {
    let quoted: Vec<String> = words.iter().map(|word| quoted(word)).collect();
    (!quoted.is_empty()).then(|| quoted.join(" "))
}

fn quoted(word: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./=,:".contains(letter);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_for_a_shell_where_they_must() {
        assert_eq!(quoted("logs/a.parquet"), "logs/a.parquet");
        assert_eq!(quoted("logs/*.parquet"), "'logs/*.parquet'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        let words = ["recorder", "run", "--name", "a b"].map(str::to_owned);
        assert_eq!(typed(&words).unwrap(), "recorder run --name 'a b'");
        assert_eq!(typed(&[]), None);
    }
}
