//! The option that says how much memory one file may take.

use clap::Args;

/// How much memory one file may take.
#[derive(Debug, Args)]
pub struct FileMemoryArgs {
    /// Let one file take so many GiB of memory, and none more. Without it each kind of file has a limit: half of the
    /// machine's memory for data, 8 GiB for logs and tables, 4 for networks and checkpoints, less for what is small
    #[arg(
        long,
        global = true,
        value_name = "GIB",
        value_parser = gibibytes,
        hide_short_help = true,
        display_order = 999
    )]
    file_memory: Option<u64>,
}

impl FileMemoryArgs {
    /// In bytes, where it was given.
    pub fn bytes(&self) -> Option<u64> {
        self.file_memory
    }
}

fn gibibytes(text: &str) -> Result<u64, String> {
    const GIB: f64 = (1_u64 << 30) as f64;
    let bytes = text.parse::<f64>().ok().map(|number| number * GIB);
    match bytes.filter(|bytes| (1.0..u64::MAX as f64).contains(bytes)) {
        Some(bytes) => Ok(bytes as u64),
        None => Err("it must be a number of GiB above 0, such as 16 or 0.5".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gibibytes_are_positive_and_may_have_a_fraction() {
        assert_eq!(gibibytes("16"), Ok(16 << 30));
        assert_eq!(gibibytes("0.5"), Ok(1 << 29));
        for text in ["0", "-1", "nan", "inf", "1e40", "8GiB", ""] {
            assert!(gibibytes(text).is_err(), "{text}");
        }
    }
}
