//! Logs in object storage: copies take the place of addresses before a command runs, and what is said of the
//! copies is said of the addresses.

use std::sync::OnceLock;

use anyhow::anyhow;

type Names = Box<dyn Fn(&str) -> String + Send + Sync>;

/// Set where there are copies.
static NAMES: OnceLock<Names> = OnceLock::new();

/// A text about files, with addresses in place of the paths of copies.
pub(crate) fn named(text: &str) -> String {
    NAMES
        .get()
        .map_or_else(|| text.to_owned(), |names| names(text))
}

/// The same for what kept a command from its results.
pub(crate) fn named_in(error: anyhow::Error) -> anyhow::Error {
    let text = format!("{error:#}");
    let named = named(&text);
    if named == text { error } else { anyhow!(named) }
}

/// Without the feature, addresses are refused where logs are looked for.
#[cfg(not(feature = "object-storage"))]
pub(crate) fn copied(_: &mut crate::cli::Command) -> anyhow::Result<Option<()>> {
    Ok(None)
}

#[cfg(feature = "object-storage")]
pub(crate) use self::copies::copied;

#[cfg(feature = "object-storage")]
mod copies {
    use std::path::PathBuf;

    use analyzer::{LogCopies, LogNeeds};
    use logformat::WantedColumns;

    use super::NAMES;
    use crate::cli::{Command, LogArgs, OutputArgs, PlotArgs, PlotKind};
    use crate::commands::output::Sink;

    /// Copies what the command needs of logs at addresses, and gives it the copies; they are gone with
    /// what this returns.
    pub(crate) fn copied(command: &mut Command) -> anyhow::Result<Option<LogCopies>> {
        if let Some(output) = output(command) {
            Sink::open(output, &[])?; // before anything is copied
        }
        let with_sample_tables = match command {
            Command::Report(_) => true,
            Command::Plot(args) => matches!(args.kind, PlotKind::Lowest | PlotKind::All),
            _ => false,
        };
        let Some((logs, needs)) = logs(command) else {
            return Ok(None);
        };
        let copies = LogCopies::of(logs, needs, with_sample_tables)?;
        if let Some(copies) = &copies {
            logs.clone_from(&copies.logs);
            NAMES.get_or_init(|| Box::new(copies.named_by_addresses()));
        }
        Ok(copies)
    }

    fn output(command: &Command) -> Option<&OutputArgs> {
        match command {
            Command::Aum(args) => Some(&args.output),
            Command::Check(args) => Some(&args.output),
            Command::Compare(args) => Some(&args.output),
            Command::Confusions(args) => Some(&args.output),
            Command::Estimate(args) => Some(&args.output),
            Command::Evaluate(args) => Some(&args.output),
            Command::Scores(args) => Some(&args.output),
            Command::Thresholds(args) => Some(&args.output),
            Command::Plot(_) | Command::Report(_) | Command::Sql(_) => None,
        }
    }

    /// The logs of a command, and what it needs of them; `None` where it reads none.
    fn logs(command: &mut Command) -> Option<(&mut Vec<PathBuf>, LogNeeds)> {
        let margins = WantedColumns::default();
        let rival_labels = WantedColumns {
            rival_labels: true,
            ..margins
        };
        let logits = WantedColumns {
            logits: true,
            ..rival_labels
        };
        Some(match command {
            Command::Sql(_) => return None,
            Command::Check(args) => (&mut args.logs, LogNeeds::Everything),
            Command::Aum(args) => with(&mut args.logs, margins),
            Command::Compare(args) => with(&mut args.logs, margins),
            Command::Confusions(args) => with(&mut args.logs, rival_labels),
            Command::Estimate(args) => with(&mut args.logs, rival_labels),
            Command::Evaluate(args) => {
                let wanted = if args.scores { logits } else { margins };
                with(&mut args.logs, wanted)
            }
            Command::Plot(args) => {
                let wanted = match args.kind {
                    PlotKind::Margins if !args.samples.is_empty() => logits,
                    PlotKind::PrecisionRecall | PlotKind::All => logits,
                    PlotKind::Confusions | PlotKind::Lowest => rival_labels,
                    _ => margins,
                };
                let PlotArgs { logs, .. } = args;
                with(logs, wanted)
            }
            Command::Report(args) => with(&mut args.logs, logits),
            Command::Scores(args) => with(&mut args.logs, logits),
            Command::Thresholds(args) => with(&mut args.logs, margins),
        })
    }

    fn with(args: &mut LogArgs, wanted: WantedColumns) -> (&mut Vec<PathBuf>, LogNeeds) {
        let wanted = WantedColumns {
            margins_from_logits: args.from_logits,
            ..wanted
        };
        (&mut args.logs, LogNeeds::Columns(wanted))
    }
}
