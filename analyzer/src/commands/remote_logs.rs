//! Logs in object storage: copies take the place of addresses before a command runs.

use crate::commands::command::Command;

/// Without the feature, addresses are refused where logs are looked for.
#[cfg(not(feature = "object-storage"))]
pub(crate) fn copied(_: &mut dyn Command) -> anyhow::Result<Option<()>> {
    Ok(None)
}

/// Copies what the command needs of logs at addresses, and gives it the copies; they are gone with
/// what this returns.
#[cfg(feature = "object-storage")]
pub(crate) fn copied(command: &mut dyn Command) -> anyhow::Result<Option<analyzer::LogCopies>> {
    use crate::commands::options::addresses::ADDRESSES;

    if let Some(output) = command.output() {
        output.check(&[])?;
    }
    let Some(needs) = command.needs() else {
        return Ok(None);
    };
    let copies = analyzer::LogCopies::of(needs.logs, needs.of_logs, needs.beside)?;
    if let Some(copies) = &copies {
        needs.logs.clone_from(&copies.logs);
        ADDRESSES.get_or_init(|| Box::new(copies.named_by_addresses()));
    }
    Ok(copies)
}
