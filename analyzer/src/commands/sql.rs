//! `analyzer sql`: look at the columns of the logs, print the query.

use std::io::Write;
use std::path::Path;

use analyzer::{
    AumQuery, EpochRange, FirstEpoch, MarginSource, QueryColumns, default_epochs, log_files,
    query_source,
};

use crate::cli::SqlArgs;

pub(crate) fn run(args: &SqlArgs) -> anyhow::Result<()> {
    let source = if args.from_logits {
        MarginSource::Logits
    } else {
        MarginSource::Log
    };
    let are_remote = args.logs.iter().all(|log| is_remote(log));
    let (columns, drops) = if are_remote {
        let columns = QueryColumns {
            margin: !args.from_logits,
            ..QueryColumns::all()
        };
        (columns, Vec::new())
    } else {
        QueryColumns::of_files(&log_files(&args.logs)?, source)?
    };
    let query = AumQuery {
        sources: args.logs.iter().map(|log| query_source(log)).collect(),
        columns,
        epochs: epochs(args.window.epochs(), &drops),
        percentile: args.percentile,
    };
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(query.text(args.dialect.dialect()).as_bytes())?;
    stdout.flush()?;
    Ok(())
}

fn epochs(asked_for: Option<EpochRange>, drops: &[u32]) -> EpochRange {
    asked_for.unwrap_or_else(|| default_epochs(drops, FirstEpoch::LeftOut))
}

/// An address such as `s3://bucket/logs`, which this program does not read.
fn is_remote(path: &Path) -> bool {
    path.to_str().is_some_and(|path| path.contains("://"))
}
