//! Where a command's results go: the text, JSON or CSV on stdout, the table of `-o` to its file, and
//! what is said beside them to stderr. The same for every command.

use std::io::Write;
use std::path::{Path, PathBuf};

use analyzer::{AnalyzerError, Report, ResultTable, TableFile};
use serde::Serialize;

use crate::cli::{OutputArgs, OutputFormat};

use super::remote_logs::named;

/// The results' way out.
pub(crate) struct Sink<'a> {
    args: &'a OutputArgs,
    logs: &'a [PathBuf],
}

impl<'a> Sink<'a> {
    /// Checks, before any work is done, that the file of `-o` can be written; `logs` are the files
    /// that are read.
    pub(crate) fn open(args: &'a OutputArgs, logs: &'a [PathBuf]) -> anyhow::Result<Self> {
        if let Some(table) = &args.output {
            table.check(logs, args.overwrite)?;
        }
        Ok(Self { args, logs })
    }

    /// Checks that the file of `-o` is not one that is read beside the logs, such as labels of experts.
    pub(crate) fn spare(&self, file: &Path) -> Result<(), AnalyzerError> {
        match &self.args.output {
            Some(table) => table.check(&[file.to_owned()], self.args.overwrite),
            None => Ok(()),
        }
    }

    /// Says what makes a result doubtful, unless asked to be quiet.
    pub(crate) fn warn(&self, warnings: impl IntoIterator<Item = String>) {
        if !self.args.quiet {
            for warning in warnings {
                program::warning(&named(&warning));
            }
        }
    }

    /// Prints reports in the format that was asked for, and writes their main table.
    pub(crate) fn reports(&self, reports: &[Report]) -> anyhow::Result<()> {
        let table = || Report::main_table(reports);
        let text = || {
            let texts: Vec<String> = reports.iter().map(Report::render).collect();
            texts.join("\n")
        };
        self.results(text, reports, table)
    }

    /// Prints results in the format that was asked for, and writes the table.
    pub(crate) fn results(
        &self,
        text: impl FnOnce() -> String,
        json: impl Serialize,
        table: impl FnOnce() -> ResultTable,
    ) -> anyhow::Result<()> {
        let as_csv = self.args.format == OutputFormat::Csv;
        let table = (as_csv || self.args.output.is_some()).then(table);
        if let Some(table) = &table {
            self.write(table)?;
        }
        let printed = match (self.args.format, &table) {
            (OutputFormat::Json, _) => serde_json::to_string_pretty(&json)?.into_bytes(),
            (OutputFormat::Csv, Some(table)) => table.to_csv()?,
            _ => text().into_bytes(),
        };
        let mut stdout = std::io::stdout().lock();
        stdout.write_all(&printed)?;
        if !printed.ends_with(b"\n") {
            stdout.write_all(b"\n")?;
        }
        stdout.flush()?;
        Ok(())
    }

    /// Writes the table to the file of `-o`, where it was asked for.
    fn write(&self, table: &ResultTable) -> anyhow::Result<()> {
        match &self.args.output {
            Some(file) => self.write_to(file, table),
            None => Ok(()),
        }
    }

    /// Writes a table to a file of its own, and says so.
    pub(crate) fn write_to(&self, file: &TableFile, table: &ResultTable) -> anyhow::Result<()> {
        file.write(table, self.args.overwrite)?;
        let path = file.path().display();
        if file.lies_among(self.logs) {
            self.warn([format!(
                "{path}: lies among the logs, where the next look at the whole folder will refuse it; keep tables elsewhere"
            )]);
        }
        if !self.args.quiet {
            program::note(&format!("wrote {path} ({} rows)", table.len()));
        }
        Ok(())
    }
}
